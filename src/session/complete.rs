//! Completion: names with their kind, dimension and one line of documentation.

use super::{COMMANDS, Session};
use crate::expr::OPERATORS;
use crate::expr::print::greek;
use crate::language::prompt::{Answer, FUNCTIONS};
use crate::language::schema::KINDS;

/// What may stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The text to put there.
    pub text: String,
    /// What it is: `function`, `command`, `result` ….
    pub kind: &'static str,
    /// How it is called, or its dimension.
    pub detail: String,
    /// One line of documentation.
    pub doc: String,
}

impl Candidate {
    fn new(text: &str, kind: &'static str, detail: &str, doc: &str) -> Candidate {
        Candidate { text: text.into(), kind, detail: detail.into(), doc: doc.into() }
    }
}

/// Candidates for the word that ends at byte `at` of `line`, and where that word begins. After a backslash these are Greek
/// letters, after a colon in front commands.
pub fn complete(session: &Session, line: &str, at: usize) -> (usize, Vec<Candidate>) {
    let before = &line[..line.floor_char_boundary(at)];
    let start = before
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = &before[start..];
    let prefix = before[..start].chars().last();
    let mut found = vec![];
    match prefix {
        Some('\\') => {
            for (letter, name) in greek::GREEK.iter().filter(|(_, name)| name.starts_with(word)) {
                found.push(Candidate::new(&letter.to_string(), "letter", &format!("\\{name}"), ""));
            }
            return (start - 1, found);
        }
        Some(':') if before[..start].trim() == ":" => {
            for command in COMMANDS.iter().filter(|command| command.name.starts_with(word)) {
                found.push(Candidate::new(command.name, "command", command.usage, command.doc));
            }
            return (start, found);
        }
        _ => {}
    }
    if word.is_empty() {
        return (start, found);
    }
    for (name, answer) in session.names() {
        let (detail, doc) = match &answer {
            Answer::Formula(expr, dimension) => {
                let unit = dimension.filter(|dimension| !dimension.is_none()).map_or(String::new(), |d| d.to_string());
                (unit, expr.to_string())
            }
            other => (String::new(), other.to_string()),
        };
        found.push(Candidate::new(&name, "result", &detail, &doc));
    }
    for definition in &session.state.definitions {
        let first = definition.text.lines().next().unwrap_or("");
        found.push(Candidate::new(&definition.name, "definition", "", first));
    }
    for function in &FUNCTIONS {
        found.push(Candidate::new(function.name, "function", function.usage, function.doc));
    }
    for row in OPERATORS.iter().filter(|row| row.name.chars().all(char::is_alphanumeric)) {
        found.push(Candidate::new(row.name, "operator", "", row.doc));
    }
    for kind in &KINDS {
        found.push(Candidate::new(kind.name, "block", "", kind.doc));
    }
    found.retain(|candidate| candidate.text.starts_with(word) && !candidate.text.is_empty());
    found.sort_by(|a, b| a.text.cmp(&b.text));
    found.dedup_by(|a, b| a.text == b.text);
    (start, found)
}
