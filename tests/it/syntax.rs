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
        let mut sources = sdl::base::Sources::new();
        sources.add("bad.sdl", fixture.text);
        use sdl::shell::terminal::*;
        print!("{}", render(&diagnostics, &sources, Style { colour: Colour::Off, characters: Characters::Unicode }));
        print!("{}", render_short(&diagnostics, &sources));
        print!("{}", render_json(&diagnostics[..2], &sources));
    }
}
