//! Lexer, parser, formatter.

use crate::fixtures::fixtures;
use sdl::base::{Diagnostic, Seed, SourceId, Sources, Span, Stream};
use sdl::language::lexer::lex;
use sdl::language::{self, codes};
use sdl::shell::terminal::{Characters, Colour, Style, render};
use std::collections::BTreeSet;

#[test]
fn good_scripts_have_no_syntax_errors() {
    for fixture in fixtures("syntax/ok", "sdl") {
        let (_, diagnostics) = language::parse(SourceId(0), &fixture.text);
        assert!(diagnostics.is_empty(), "{}: {diagnostics:#?}", fixture.path.display());
    }
}

#[test]
fn deep_nesting_is_told_and_survived() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("f(", ")"), ("-", ""), ("not ", ""), ("2^", ""), ("if a then b else ", "")]
    {
        for close in [close, ""] {
            let text = format!("a = x{}1{}", open.repeat(100_000), close.repeat(100_000));
            let (_, diagnostics) = language::parse(SourceId(0), &text);
            assert_eq!(diagnostics.len(), 1, "{open}: {diagnostics:?}");
        }
    }
    for end in ["", "system a }\n", "system }\n}\n"] {
        let blocks = "system a {\n".repeat(100_000) + end;
        let (_, diagnostics) = language::parse(SourceId(0), &blocks);
        assert!(!diagnostics.is_empty());
    }
}

/// Diagnostics as the `.expected` files have them: place, code and headline on a line, help and fix below it.
fn listed(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let place = |span: Span| {
        let source = sources.get(span.source).expect("a loaded text");
        let (start, end) = (source.position(span.start), source.position(span.end));
        format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out += &format!("{} {} {}\n", place(diagnostic.labels[0].span), diagnostic.code, diagnostic.headline);
        for label in diagnostic.labels.iter().filter(|label| !label.text.is_empty()) {
            out += &format!("  at {} {}\n", place(label.span), label.text);
        }
        if let Some(help) = &diagnostic.help {
            out += &format!("  help: {help}\n");
        }
        if let Some(fix) = &diagnostic.fix {
            out += &format!("  fix {} {:?}: {}\n", place(fix.span), fix.replacement, fix.text);
        }
    }
    out
}

/// The bad programs and the exact set of what is said about them. `UPDATE_EXPECTED=1` writes the files anew, to be
/// read before they are committed.
#[test]
fn bad_scripts_have_exactly_these_diagnostics() {
    let mut codes = BTreeSet::new();
    for fixture in fixtures("syntax/err", "sdl") {
        let (_, diagnostics) = language::parse(SourceId(0), &fixture.text);
        let mut sources = Sources::new();
        sources.add("bad.sdl", &*fixture.text);
        let found = listed(&diagnostics, &sources);
        let path = fixture.path.with_extension("expected");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&path, &found).expect("writable folder");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, expected, "{}", fixture.path.display());
        codes.extend(diagnostics.into_iter().map(|diagnostic| diagnostic.code));
    }
    // Told by other tests: bytes, size, depth, height, number.
    let elsewhere = ["E0107", "E0109", "E0119", "E0120", "E0132"];
    for (code, title) in codes::CODES.iter().filter(|(code, _)| code.starts_with("E01")) {
        assert!(codes.contains(*code) || elsewhere.contains(code), "no bad script gives {code}, {title}");
    }
}

/// The tree without places: what formatting must keep.
fn shape(text: &str) -> String {
    let (script, diagnostics) = language::parse(SourceId(0), text);
    assert!(diagnostics.is_empty(), "{text}\n{diagnostics:#?}");
    let printed = format!("{script:?}");
    let mut pieces = printed.split("Span {");
    let mut out = pieces.next().unwrap_or("").to_string();
    out.extend(pieces.map(|piece| piece.split_once('}').expect("a span's end").1));
    out.replace("alone: true", "").replace("alone: false", "")
}

/// Formatting keeps the tree and is done after one time.
pub fn check_format(text: &str) {
    let formatted = language::format(text).expect("a script without mistakes");
    assert_eq!(shape(text), shape(&formatted), "{text}\n---\n{formatted}");
    assert_eq!(language::format(&formatted).as_deref(), Ok(&*formatted), "not idempotent:\n{text}");
}

#[test]
fn formatting_keeps_the_tree() {
    for fixture in fixtures("syntax/ok", "sdl") {
        check_format(&fixture.text);
    }
}

/// Scripts whose canonical layout stands beside them.
#[test]
fn formatting_gives_the_canonical_layout() {
    for fixture in fixtures("syntax/ok", "sdl") {
        let formatted = language::format(&fixture.text).expect("a script without mistakes");
        let path = fixture.path.with_extension("formatted");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&path, &formatted).expect("writable folder");
        }
        assert_eq!(formatted, std::fs::read_to_string(&path).unwrap_or_default(), "{}", fixture.path.display());
    }
}

/// All fixture texts, as material for mutations.
fn corpus() -> Vec<String> {
    let mut texts: Vec<String> = fixtures("syntax/ok", "sdl").into_iter().map(|fixture| fixture.text).collect();
    texts.extend(fixtures("syntax/err", "sdl").into_iter().map(|fixture| fixture.text));
    texts
}

/// A text with a few of its tokens left out, doubled, swapped, or replaced by tokens of another text.
pub fn mutated(text: &str, other: &str, stream: &mut Stream) -> String {
    let pieces = |text: &str| -> Vec<String> {
        let tokens = lex(SourceId(0), text).tokens;
        let starts = tokens.iter().map(|token| token.start as usize);
        let ends = tokens.iter().skip(1).map(|token| token.start as usize).chain([text.len()]);
        starts.zip(ends).map(|(start, end)| text[start..end].to_string()).collect()
    };
    let (mut mine, others) = (pieces(text), pieces(other));
    for _ in 0..1 + stream.below(4) {
        let (at, with) = (stream.below(mine.len()), stream.below(mine.len()));
        match stream.below(4) {
            0 => mine[at] = String::new(),
            1 => mine.swap(at, with),
            2 => mine[at] = format!("{0} {0}", mine[at]),
            _ => mine[at] = others[stream.below(others.len())].clone(),
        }
    }
    mine.concat()
}

/// Every place lies in the text and on whole characters, and the drawing survives.
fn check_diagnostics(text: &str, diagnostics: &[Diagnostic]) {
    let mut sources = Sources::new();
    sources.add("some.sdl", text);
    for diagnostic in diagnostics {
        assert!(codes::title(&diagnostic.code).is_some(), "{}", diagnostic.code);
        let fix = diagnostic.fix.iter().map(|fix| fix.span);
        for span in diagnostic.labels.iter().map(|label| label.span).chain(fix) {
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{text:?} {diagnostic:?}");
        }
    }
    let style = Style { colour: Colour::On, characters: Characters::Ascii };
    assert!(diagnostics.is_empty() || !render(diagnostics, &sources, style).is_empty());
}

#[test]
fn mutated_scripts_are_read_and_formatted() {
    let corpus = corpus();
    let mut good = 0;
    for round in 0..4000 {
        let mut stream = Seed::root(1).child("mutations").nth(round).stream();
        let (text, other) = (&corpus[stream.below(corpus.len())], &corpus[stream.below(corpus.len())]);
        let text = mutated(text, other, &mut stream);
        let (_, diagnostics) = language::parse(SourceId(0), &text);
        check_diagnostics(&text, &diagnostics);
        if diagnostics.is_empty() {
            good += 1;
            check_format(&text);
        }
    }
    assert!(good > 100, "only {good} mutations were good scripts");
}

#[test]
fn any_bytes_are_read() {
    let alphabet: Vec<char> =
        "ab1_. \n\t\r;,=~:+-*/^<>!(){}[]\"'#%|&?\\@\u{e9}\u{3b1}\u{2264}\u{200b}\u{301}\u{1f600}\0".chars().collect();
    for round in 0..4000 {
        let mut stream = Seed::root(1).child("bytes").nth(round).stream();
        let length = stream.below(60);
        let text: String = if round % 2 == 0 {
            (0..length).map(|_| alphabet[stream.below(alphabet.len())]).collect()
        } else {
            let bytes = (0..length).map(|_| stream.bits() as u8).collect();
            language::read_text(SourceId(0), bytes).0
        };
        let (_, diagnostics) = language::parse(SourceId(0), &text);
        check_diagnostics(&text, &diagnostics);
        let (_, diagnostics) = language::parse_expression(SourceId(0), &text);
        check_diagnostics(&text, &diagnostics);
    }
}

/// Long texts of one kind: read in linear time (in quadratic time this would take minutes) and without many words.
#[test]
fn hostile_texts_are_read() {
    type Make = fn(usize) -> String;
    let shapes: &[(&str, Make)] = &[
        ("opens", |n| "(".repeat(n)),
        ("lines of opens", |n| "a = (\n".repeat(n / 6)),
        ("blocks", |n| "system a {\n".repeat(n / 11)),
        ("close braces", |n| "}\n".repeat(n / 2)),
        ("closes", |n| ")".repeat(n)),
        ("sum", |n| format!("a = {}1", "1 + ".repeat(n / 4))),
        ("list", |n| format!("a {{ a = {}1\n}}", "1, ".repeat(n / 3))),
        ("args", |n| format!("a = f({}1)", "b = 1, ".repeat(n / 7))),
        ("calls", |n| format!("a = f{}", "(1)".repeat(n / 3))),
        ("digits", |n| format!("a = {}", "1".repeat(n))),
        ("names", |n| "a".repeat(n)),
        ("semicolons", |n| ";".repeat(n)),
        ("stray", |n| "@".repeat(n)),
        ("stray lines", |n| "@\n".repeat(n / 2)),
        ("lines", |n| format!("a = 1 +{}", "\n".repeat(n))),
        ("expects", |n| format!("system a {{ {}", "expect a;".repeat(n / 9))),
        ("quotes", |n| "\"".repeat(n)),
        ("unclosed texts", |n| "a = \"\n".repeat(n / 6)),
        ("commas", |n| ",".repeat(n)),
        ("pipes", |n| format!("a = f {}", "|> g ".repeat(n / 5))),
        ("ifs", |n| "if ".repeat(n / 3)),
        ("ifs lines", |n| "a = if a then b\n".repeat(n / 16)),
        ("brackets", |n| "[1,".repeat(n / 3)),
        ("comments", |n| "# a\n".repeat(n / 4)),
        ("one comment line", |n| "/*".repeat(n / 2)),
        ("where", |n| format!("f(x) = x where {}a = 1", "a = 1, ".repeat(n / 7))),
        ("units", |n| format!("a = 1 {}m", "m*".repeat(n / 2))),
        ("backslashes", |n| "\\".repeat(n)),
        ("escapes", |n| format!("a = \"{}\"", "\\a".repeat(n / 2))),
        ("use", |n| "use a.{ ".repeat(n / 8)),
        ("heads", |n| "system a(\n".repeat(n / 10)),
        ("heads no brace", |n| format!("}}\n{}", "system a\n".repeat(n / 9))),
    ];
    for (name, make) in shapes {
        let text = make(200_000);
        let (_, diagnostics) = language::parse(SourceId(0), &text);
        assert!(diagnostics.len() <= 201, "{name}");
        let formatted = language::format(&text);
        assert_eq!(formatted.is_ok(), diagnostics.is_empty(), "{name}");
    }
}
