//! Words, operators and functions that editors colour come from the language's own tables: `grammar/tokens.json` and the
//! TextMate grammar are made here, and `SDL_BLESS=1` writes them anew. The tree-sitter grammar reads the former.

use sdl::expr::{Fixity, OPERATORS};
use sdl::language::lexer::RESERVED;
use sdl::language::parser::BLOCK_KINDS;
use sdl::language::{reference, schema};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ENTRY_WORDS: [&str; 6] = ["use", "expect", "allow", "never", "column", "sdl"];

fn tokens() -> Value {
    let infix: Vec<Value> = OPERATORS
        .iter()
        .filter_map(|row| {
            let (strength, side) = match row.fixity? {
                Fixity::Left(strength) => (strength, "left"),
                Fixity::Right(strength) => (strength, "right"),
                Fixity::None(strength) => (strength, "left"),
                Fixity::Prefix(_) => return None,
            };
            Some(json!([row.name, strength, side]))
        })
        .chain([json!(["recovers", 4, "left"]), json!(["..", 5, "left"]), json!(["|>", 0, "left"])])
        .collect();
    let symbols: BTreeSet<&str> = OPERATORS.iter().filter(|row| row.fixity.is_some()).map(|row| row.name).collect();
    json!({
        "kinds": BLOCK_KINDS,
        "reserved": RESERVED.iter().map(|(word, _)| *word).collect::<Vec<_>>(),
        "words": ENTRY_WORDS,
        "operators": symbols,
        "binary": infix,
        "functions": functions(),
        "fields": fields(),
    })
}

fn functions() -> BTreeSet<String> {
    reference::entries().into_iter().filter(|entry| entry.kind == "function").map(|entry| entry.name).collect()
}

fn fields() -> BTreeSet<&'static str> {
    schema::KINDS.iter().flat_map(|kind| kind.fields).map(|field| field.key).collect()
}

fn any<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().collect::<Vec<_>>().join("|")
}

fn textmate() -> Value {
    let rule = |name: &str, pattern: String| json!({ "name": name, "match": pattern });
    let word = r"[\p{L}_][\p{L}\p{N}_]*";
    let unit = format!(r"{word}(?:\^-?\d+)?(?:[*/]{word}(?:\^-?\d+)?)*");
    let reserved: Vec<&str> =
        RESERVED.iter().map(|(word, _)| *word).filter(|word| !["true", "false"].contains(word)).collect();
    let functions = functions();
    json!({
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "SDL",
        "scopeName": "source.sdl",
        "fileTypes": ["sdl"],
        "patterns": [
            rule("comment.block.documentation.sdl", "##.*$".into()),
            rule("comment.line.number-sign.sdl", "#.*$".into()),
            rule("string.quoted.double.sdl", r#""(?:[^"\\]|\\.)*""#.into()),
            {
                "match": format!(r"^\s*({})\s+({word})(?=\s*[\({{])", any(BLOCK_KINDS.iter().copied())),
                "captures": { "1": { "name": "keyword.control.sdl" }, "2": { "name": "entity.name.type.sdl" } },
            },
            rule("keyword.other.sdl", format!(r"^\s*(?:{})\b(?!\s*[=~(:])", any(ENTRY_WORDS))),
            {
                "match": format!(r"\b(\d(?:_?\d)*(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d+)?)(?:\s*({unit}|%)(?!\s*[=~(\[.]))?"),
                "captures": { "1": { "name": "constant.numeric.sdl" }, "2": { "name": "storage.type.unit.sdl" } },
            },
            {
                "match": format!(r":\s*({unit})"),
                "captures": { "1": { "name": "storage.type.unit.sdl" } },
            },
            rule("constant.language.sdl", r"\b(?:true|false|pi)\b".into()),
            rule("keyword.operator.word.sdl", format!(r"\b(?:{})\b", any(reserved))),
            {
                "match": format!(r"(?:^|[;{{])\s*({})(?=\s*=[^=])", any(fields())),
                "captures": { "1": { "name": "variable.parameter.sdl" } },
            },
            rule("support.function.sdl", format!(r"\b(?:{})(?=\s*\()", any(functions.iter().map(String::as_str)))),
            rule("keyword.operator.sdl", r"\|>|\.\.|<=|>=|==|!=|[-+*/^<>=~]".into()),
        ],
    })
}

#[test]
fn grammars_of_editors_follow_the_tables() {
    let root = env!("CARGO_MANIFEST_DIR");
    for (path, value) in
        [("grammar/tokens.json", tokens()), ("grammar/vscode/syntaxes/sdl.tmLanguage.json", textmate())]
    {
        let text = serde_json::to_string_pretty(&value).expect("JSON") + "\n";
        let path = format!("{root}/{path}");
        if std::env::var_os("SDL_BLESS").is_some() {
            std::fs::write(&path, &text).expect("writable folder");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "{path}; SDL_BLESS=1 makes it anew");
    }
    let tree_sitter = std::fs::read_to_string(format!("{root}/grammar/tree-sitter-sdl/grammar.js")).expect("shipped");
    for table in ["tokens.kinds", "tokens.operators", "tokens.binary", "require(\"../tokens.json\")"] {
        assert!(tree_sitter.contains(table), "{table}");
    }
    for word in ENTRY_WORDS.iter().chain(&["where", "in", "cost", "not", "if", "then", "else", "true", "false"]) {
        assert!(tree_sitter.contains(&format!("\"{word}\"")), "{word}");
    }
}
