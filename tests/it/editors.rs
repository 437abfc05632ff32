//! Words, operators and functions that editors colour come from the language's own tables: `grammar/tokens.json` and the
//! TextMate grammar are made here, and `SDL_BLESS=1` writes them anew. The tree-sitter grammar reads the former.

use crate::fixtures::fixtures;
use sdl::base::Seed;
use sdl::expr::{Fixity, OPERATORS};
use sdl::language::lexer::RESERVED;
use sdl::language::parser::BLOCK_KINDS;
use sdl::language::{reference, schema};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;

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
    let shipped = |path: &str| {
        std::fs::read_to_string(format!("{root}/grammar/tree-sitter-sdl/{path}"))
            .unwrap_or_else(|why| panic!("{path}: {why}"))
    };
    let tree_sitter = shipped("grammar.js");
    for table in ["tokens.kinds", "tokens.operators", "tokens.binary", "require(\"../tokens.json\")"] {
        assert!(tree_sitter.contains(table), "{table}");
    }
    for word in ENTRY_WORDS.iter().chain(&["where", "in", "cost", "not", "if", "then", "else", "true", "false"]) {
        assert!(tree_sitter.contains(&format!("\"{word}\"")), "{word}");
    }
    // The generated parser is of these words, and its scanner knows the reserved ones.
    let (made, scanner) = (shipped("src/grammar.json"), shipped("src/scanner.c"));
    for word in BLOCK_KINDS
        .iter()
        .chain(&ENTRY_WORDS)
        .copied()
        .chain(OPERATORS.iter().filter_map(|row| row.fixity.map(|_| row.name)))
    {
        assert!(
            made.contains(&format!("\"value\": \"{word}\"")),
            "{word}; `tree-sitter generate` makes the parser anew"
        );
    }
    for (word, _) in RESERVED {
        assert!(scanner.contains(&format!("\"{word}\"")), "{word}");
    }
}

/// Every script that the language's parser takes has a tree without an error; of those it refuses most have none.
#[test]
#[ignore = "needs cc and Python with tree_sitter"]
fn tree_sitter_reads_what_the_parser_reads() {
    let mut texts: Vec<String> = ["syntax/ok", "syntax/err", "check/ok", "../examples", "../stdlib"]
        .iter()
        .flat_map(|folder| fixtures(folder, "sdl"))
        .map(|fixture| fixture.text)
        .collect();
    let whole = texts.len();
    for round in 0..1500 {
        let mut stream = Seed::root(4).child("tree-sitter").nth(round).stream();
        let (text, other) = (&texts[stream.below(whole)], &texts[stream.below(whole)]);
        texts.push(crate::syntax::mutated(text, other, &mut stream));
    }
    let folder = std::env::temp_dir().join(format!("sdl-tree-sitter-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let paths: Vec<_> = (0..texts.len()).map(|index| folder.join(format!("{index}.sdl"))).collect();
    paths.iter().zip(&texts).for_each(|(path, text)| std::fs::write(path, text).expect("a file"));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/grammar/tree-sitter-sdl/test/parses.py");
    let output = Command::new("python3").arg(script).args(&paths).output().expect("Python");
    std::fs::remove_dir_all(&folder).ok();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (mut good, mut bad, mut lenient) = (0, 0, 0);
    for (text, line) in texts.iter().zip(told.lines()) {
        let taken = line.contains("\tgood\t");
        if crate::grammar::parsed(text) {
            assert!(taken, "{line}\n{text}");
            good += 1;
        } else if taken {
            lenient += 1;
        } else {
            bad += 1;
        }
    }
    assert_eq!(told.lines().count(), texts.len());
    assert!(
        good > 100 && bad > 4 * lenient,
        "{good} good, {bad} refused by both, {lenient} taken by tree-sitter alone"
    );
}

/// The extension starts the server that the language has, and every file that its manifest names is there.
#[test]
#[ignore = "needs node"]
fn the_extension_starts_the_server() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/grammar/vscode");
    let output = Command::new("node").arg("check.js").current_dir(folder).output().expect("node");
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told[0]["server"], json!({ "command": "sdl", "args": ["lsp"] }));
    assert_eq!((&told[1], &told[2]), (&json!("started"), &json!("stopped")));
    let text = std::fs::read_to_string(format!("{folder}/package.json")).expect("shipped");
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    let [language, grammar] = ["languages", "grammars"].map(|part| &manifest["contributes"][part][0]);
    for file in [&manifest["main"], &language["configuration"], &grammar["path"]] {
        let path = format!("{folder}/{}", file.as_str().expect("a path"));
        assert!(std::path::Path::new(&path).is_file(), "{path}");
    }
    assert_eq!((&language["extensions"], &language["id"]), (&json!([".sdl"]), &grammar["language"]));
}
