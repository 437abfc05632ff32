//! The language server from recorded transcripts, and as a process.
//!
//! A transcript is a document after `=== open`, then requests `=== METHOD PARAMETERS` with their answers below: one JSON
//! value per line, the parts of a list each on their own. `SDL_BLESS=1` writes the answers anew.

use crate::fixtures::fixtures;
use sdl::base::MemoryWorld;
use sdl::shell::lsp::{Refusal, Server};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

const URI: &str = "file:///home/study.sdl";

fn lines(value: &Value) -> String {
    match value {
        Value::Array(parts) => parts.iter().map(|part| format!("{part}\n")).collect(),
        other => format!("{other}\n"),
    }
}

#[test]
fn transcripts_are_repeated() {
    let world = MemoryWorld::with_files(&[("/home/laws.sdl", "## The law.\nstiffness = 2\n")]);
    for fixture in fixtures("lsp", "txt") {
        let mut server = Server::new(&world);
        let mut out = String::new();
        for part in fixture.text.split("=== ").skip(1) {
            let (head, body) = part.split_once('\n').expect("a request");
            if head == "open" {
                let text = body.split("\n---\n").next().expect("a text");
                let params = json!({ "textDocument": { "uri": URI, "text": format!("{text}\n") } });
                let notes = server.take("textDocument/didOpen", &params);
                let told: String = notes.iter().map(|(_, params)| lines(&params["diagnostics"])).collect();
                out += &format!("=== open\n{text}\n---\n{told}");
                continue;
            }
            let (method, params) = head.split_once(' ').expect("parameters");
            let mut params: Value = serde_json::from_str(params).expect("JSON");
            params["textDocument"] = json!({ "uri": URI });
            let told = match server.answer(method, &params) {
                Ok(answer) => lines(&answer),
                Err(Refusal::Unknown) => "unknown\n".into(),
                Err(Refusal::Words(words)) => format!("refused: {words}\n"),
            };
            out += &format!("=== {head}\n{told}");
        }
        if std::env::var_os("SDL_BLESS").is_some() {
            std::fs::write(&fixture.path, &out).expect("writable folder");
        }
        let expected = std::fs::read_to_string(&fixture.path).expect("readable");
        assert_eq!(expected, out, "{}", fixture.path.display());
    }
}

/// Every edit of every completion and fix leaves a document that the server still reads, wherever the cursor is.
#[test]
fn every_place_of_every_example_has_answers() {
    let world = MemoryWorld::with_files(&[]);
    for fixture in fixtures("../examples", "sdl").into_iter().take(2).chain(fixtures("check/err", "sdl")) {
        let mut server = Server::new(&world);
        server.take("textDocument/didOpen", &json!({ "textDocument": { "uri": URI, "text": fixture.text } }));
        for (line, text) in fixture.text.lines().enumerate().step_by(3) {
            for character in (0..=text.chars().count()).step_by(4) {
                let params =
                    json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } });
                for method in ["hover", "completion", "definition", "references"] {
                    server.answer(&format!("textDocument/{method}"), &params).expect("an answer");
                }
            }
        }
    }
}

#[test]
fn the_process_greets_answers_and_leaves() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sdl"))
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut input = child.stdin.take().expect("piped");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let mut send = |message: Value| {
        let text = message.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("a listener");
        input.flush().expect("a listener");
    };
    let mut receive = || -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            output.read_line(&mut line).expect("a speaker");
            match line.trim().split_once(": ") {
                Some(("Content-Length", number)) => length = number.parse().expect("a number"),
                _ => break,
            }
        }
        let mut body = vec![0; length];
        output.read_exact(&mut body).expect("a body");
        serde_json::from_slice(&body).expect("JSON")
    };
    send(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
    assert_eq!(receive()["result"]["capabilities"]["hoverProvider"], true);
    send(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let document = json!({ "uri": "file:///nowhere/a.sdl", "text": "a = 2 ** 3\n" });
    send(json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }));
    assert_eq!(receive()["params"]["diagnostics"][0]["code"], "E0106");
    send(json!({ "jsonrpc": "2.0", "id": 2, "method": "workspace/nonsense", "params": {} }));
    assert_eq!(receive()["error"]["code"], -32601);
    send(json!({ "jsonrpc": "2.0", "id": 3, "method": "shutdown" }));
    assert_eq!(receive()["id"], 3);
    send(json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert_eq!(child.wait().expect("an end").code(), Some(0));
}
