//! Lexer, parser, formatter.

use crate::fixtures::fixtures;
use sdl::base::SourceId;
use sdl::language;

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
    let blocks = "system a {\n".repeat(100_000);
    let (_, diagnostics) = language::parse(SourceId(0), &blocks);
    assert!(!diagnostics.is_empty());
}
#[test]
fn dump() {
    for fixture in fixtures("syntax/err", "sdl") {
        let (_, diagnostics) = language::parse(SourceId(0), &fixture.text);
        for d in diagnostics {
            let start = d.labels[0].span.start as usize;
            let line = fixture.text[..start].matches('\n').count() + 1;
            println!(
                "{line}: {} {} | {:?} {:?}",
                d.code,
                d.headline,
                d.help,
                d.fix.map(|f| (f.replacement, f.span.start, f.span.end))
            );
        }
    }
}
#[test]
fn dump_format() {
    for fixture in fixtures("syntax/ok", "sdl") {
        let text = language::format(&fixture.text).expect("good script");
        std::fs::write(format!("/tmp/syn/{}", fixture.path.file_name().unwrap().to_str().unwrap()), text).unwrap();
    }
}
