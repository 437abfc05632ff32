//! The language server: a thin front of `language::editor`. The only room that knows the protocol (LSP 3.17) and its
//! transport; messages are JSON as the protocol writes it, without a crate of types.

mod answers;
mod positions;

use crate::base::World;
use crate::language::editor::Document;
use lsp_server::{Connection, ErrorCode, Message, Notification, Response};
use positions::Lines;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Serves one editor on standard input and output until it says goodbye; the exit status.
pub fn serve(world: &dyn World) -> u8 {
    let (connection, threads) = Connection::stdio();
    let status = match conversation(&connection, world) {
        Ok(()) => 0,
        Err(_) => 3,
    };
    drop(connection);
    // An editor that went away closes the pipes its own way.
    threads.join().map_or(3, |()| status)
}

/// Greets, answers, and ends.
fn conversation(connection: &Connection, world: &dyn World) -> Result<(), lsp_server::ProtocolError> {
    connection.initialize(capabilities())?;
    let mut server = Server::new(world);
    for message in &connection.receiver {
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request)? {
                    return Ok(());
                }
                let answer = match server.answer(&request.method, &request.params) {
                    Ok(result) => Response::new_ok(request.id, result),
                    Err(Refusal::Unknown) => {
                        let words = format!("`{}` is not known here", request.method);
                        Response::new_err(request.id, ErrorCode::MethodNotFound as i32, words)
                    }
                    Err(Refusal::Words(words)) => {
                        Response::new_err(request.id, ErrorCode::InvalidRequest as i32, words)
                    }
                };
                connection.sender.send(answer.into()).ok();
            }
            Message::Notification(note) => {
                for (method, params) in server.take(&note.method, &note.params) {
                    connection.sender.send(Notification::new(method.into(), params).into()).ok();
                }
            }
            Message::Response(_) => {}
        }
    }
    Ok(())
}

/// What the server can do, as `initialize` asks.
pub fn capabilities() -> Value {
    json!({
        "textDocumentSync": { "openClose": true, "change": 1 },
        "hoverProvider": true,
        "completionProvider": { "triggerCharacters": [".", "=", "~", " "] },
        "definitionProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "renameProvider": true,
        "documentFormattingProvider": true,
        "documentSymbolProvider": true,
        "codeActionProvider": { "codeActionKinds": ["quickfix"] },
        "inlayHintProvider": true,
    })
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The server does not know the method.
    Unknown,
    /// A word to the user.
    Words(String),
}

/// Open documents, and answers about them.
pub struct Server<'w> {
    world: &'w dyn World,
    documents: BTreeMap<String, Document>,
}

impl<'w> Server<'w> {
    /// A server without documents.
    pub fn new(world: &'w dyn World) -> Server<'w> {
        Server { world, documents: BTreeMap::new() }
    }

    /// Takes a notification and gives those that follow: method and parameters.
    pub fn take(&mut self, method: &str, params: &Value) -> Vec<(&'static str, Value)> {
        let uri = params["textDocument"]["uri"].as_str().unwrap_or("").to_owned();
        let text = match method {
            "textDocument/didOpen" => params["textDocument"]["text"].as_str(),
            // Whole texts: a script is a page.
            "textDocument/didChange" => {
                params["contentChanges"].as_array().and_then(|changes| changes.last()?["text"].as_str())
            }
            "textDocument/didClose" => {
                self.documents.remove(&uri);
                return vec![answers::published(&uri, vec![])];
            }
            _ => None,
        };
        let Some(text) = text else { return vec![] };
        let document = self.read(&uri, text);
        let findings = answers::findings(&document, &uri);
        self.documents.insert(uri.clone(), document);
        vec![answers::published(&uri, findings)]
    }

    /// The document of a text; files that it uses are read below its folder.
    fn read(&self, uri: &str, text: &str) -> Document {
        let path = PathBuf::from(path_of(uri));
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        let load = |name: &str| crate::shell::cli::text_below(&folder, name, self.world);
        let name = path.file_name().map_or("script.sdl".into(), |name| name.to_string_lossy().into_owned());
        Document::new(&name, text, &load)
    }

    /// Answers a request.
    ///
    /// # Errors
    /// That the method is unknown, or a word to the user.
    pub fn answer(&self, method: &str, params: &Value) -> Result<Value, Refusal> {
        let uri = params["textDocument"]["uri"].as_str().unwrap_or("");
        let known = [
            "hover",
            "completion",
            "definition",
            "references",
            "documentHighlight",
            "rename",
            "formatting",
            "documentSymbol",
            "codeAction",
            "inlayHint",
        ];
        let asked =
            method.strip_prefix("textDocument/").filter(|asked| known.contains(asked)).ok_or(Refusal::Unknown)?;
        let Some(document) = self.documents.get(uri) else { return Ok(Value::Null) };
        let lines = Lines::of(document.text());
        let byte = lines.byte(&params["position"]);
        match asked {
            "hover" => Ok(answers::hover(document, &lines, byte)),
            "completion" => Ok(answers::completion(document, byte)),
            "definition" => Ok(answers::definition(document, uri, byte)),
            "references" => Ok(answers::references(document, uri, byte)),
            "documentHighlight" => Ok(answers::highlights(document, byte)),
            "rename" => {
                let to = params["newName"].as_str().unwrap_or("");
                answers::rename(document, uri, byte, to).map_err(Refusal::Words)
            }
            "formatting" => Ok(answers::formatting(document)),
            "documentSymbol" => Ok(answers::symbols(document)),
            "codeAction" => Ok(answers::actions(document, uri, &params["range"])),
            _ => Ok(answers::hints(document, &params["range"])),
        }
    }
}

/// The path of a `file:` URI, `%XX` read.
fn path_of(uri: &str) -> String {
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    let mut bytes = vec![];
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        match code.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
