//! Completion: names with their kind, dimension and one line of documentation.

use super::{COMMANDS, Session, looks_like_item};
use crate::base::World;
use crate::expr::OPERATORS;
use crate::expr::print::greek;
use crate::language::codes::CODES;
use crate::language::editor::{CompletionKind, Document};
use crate::language::prompt::{Answer, FUNCTIONS};
use crate::language::reference;
use crate::language::schema::KINDS;
use std::path::Path;

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

/// Candidates for the word that ends at byte `at` of `line`, and where that word begins: Greek letters after a backslash,
/// commands after a colon in front and their arguments, parts of what has parts after a dot, fields and values in a block.
pub fn complete(session: &Session, line: &str, at: usize, world: &dyn World) -> (usize, Vec<Candidate>) {
    let before = &line[..line.floor_char_boundary(at)];
    let start = before
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = &before[start..];
    let prefix = before[..start].chars().last();
    if prefix == Some('\\') {
        let letters = greek::GREEK.iter().filter(|(_, name)| name.starts_with(word));
        let letter =
            |(letter, name): &(char, &str)| Candidate::new(&letter.to_string(), "letter", &format!("\\{name}"), "");
        return (start - 1, letters.map(letter).collect());
    }
    let command = before.trim_start().strip_prefix(':').map(|text| text.split_once(' ').unwrap_or((text, "\0")));
    let mut found = match command {
        Some((_, "\0")) => {
            let one = |command: &super::Command| Candidate::new(command.name, "command", command.usage, command.doc);
            COMMANDS.iter().map(one).collect()
        }
        Some(("open" | "load" | "save", path)) => return paths(path.trim_start(), before.len(), world),
        Some(("explain", _)) => CODES.iter().map(|(code, title)| Candidate::new(code, "code", "", title)).collect(),
        Some(("doc" | "help", name)) => return documented(name.trim_start(), before.len()),
        _ if looks_like_item(before.trim_start()) && !before.contains('=') || before.contains('{') => {
            return in_block(session, before, start);
        }
        _ if prefix == Some('.') => parts(session, &before[..start - 1]),
        _ if word.is_empty() => vec![],
        _ => names(session),
    };
    found.retain(|candidate| candidate.text.starts_with(word) && !candidate.text.is_empty());
    found.sort_by(|a, b| a.text.cmp(&b.text));
    found.dedup_by(|a, b| a.text == b.text);
    (start, found)
}

fn names(session: &Session) -> Vec<Candidate> {
    let mut found = vec![];
    for (name, answer) in &session.state.opened.answers {
        found.push(told(name, "opened", answer));
    }
    for (index, result) in session.state.results.iter().enumerate() {
        found.push(told(&format!("_{}", index + 1), "result", &result.1));
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
    found
}

fn told(name: &str, kind: &'static str, answer: &Answer) -> Candidate {
    let (detail, doc) = match answer {
        Answer::Formula(expr, dimension) => {
            let unit = dimension.filter(|dimension| !dimension.is_none()).map_or(String::new(), |d| d.to_string());
            (unit, expr.to_string())
        }
        other => (String::new(), other.to_string()),
    };
    let first = doc.lines().next().unwrap_or("");
    Candidate::new(name, kind, &detail, first)
}

/// Parts of what a dotted name before the cursor stands for.
fn parts(session: &Session, before: &str) -> Vec<Candidate> {
    let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
    let path = &before[start.map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8))..];
    let mut fields = &session.state.opened.answers;
    for name in path.split('.') {
        match fields.get(name) {
            Some(Answer::Fields(inner)) => fields = inner,
            _ => {
                let inside = format!("{path}.");
                let entries = reference::entries().into_iter().filter(|entry| entry.name.starts_with(&inside));
                let one = |entry: reference::Entry| {
                    let rest = entry.name[inside.len()..].split('.').next().unwrap_or("").to_owned();
                    Candidate::new(&rest, "library", &entry.form, entry.doc.lines().next().unwrap_or(""))
                };
                return entries.filter(|_| path.starts_with("std")).map(one).collect();
            }
        }
    }
    fields.iter().map(|(name, answer)| told(name, "opened", answer)).collect()
}

/// Names in the folder that a path begins with; folders end in a slash.
fn paths(path: &str, end: usize, world: &dyn World) -> (usize, Vec<Candidate>) {
    let (folder, word) = path.rsplit_once('/').map_or(("", path), |(folder, word)| (folder, word));
    let place = Path::new(if folder.is_empty() { "." } else { folder });
    let names = world.list(place).unwrap_or_default().into_iter();
    let shown = names.filter(|name| name.starts_with(word) && (!name.starts_with('.') || word.starts_with('.')));
    let candidate = |name: String| match world.locate(&place.join(&name)) {
        Ok(_) => Candidate::new(&name, "file", "", ""),
        Err(_) => Candidate::new(&format!("{name}/"), "folder", "", ""),
    };
    (end - word.len(), shown.map(candidate).collect())
}

/// What can be looked up, by its whole name.
fn documented(word: &str, end: usize) -> (usize, Vec<Candidate>) {
    let entry =
        |entry: reference::Entry| Candidate::new(&entry.name, entry.kind, "", entry.doc.lines().next().unwrap_or(""));
    let mut found: Vec<Candidate> = reference::entries().into_iter().map(entry).collect();
    found.retain(|candidate| candidate.text.starts_with(word));
    found.dedup_by(|a, b| a.text == b.text);
    (end - word.len(), found)
}

/// What may stand in a block or behind `use`, as an editor says it.
fn in_block(session: &Session, before: &str, start: usize) -> (usize, Vec<Candidate>) {
    let known = session.script();
    let text = known.clone() + before;
    let document = Document::new("prompt", &text, &|_| Err("no files".into()));
    let word = &before[start..];
    let kind = |kind: CompletionKind| match kind {
        CompletionKind::Keyword => "word",
        CompletionKind::Field => "field",
        CompletionKind::Value => "value",
        CompletionKind::Function => "function",
        CompletionKind::Item => "definition",
        CompletionKind::Module => "module",
        CompletionKind::Unit => "unit",
    };
    let all = document.completions(known.len() + before.len()).into_iter();
    let fitting = all.filter(|completion| completion.insert.starts_with(word));
    (start, fitting.map(|c| Candidate::new(c.insert.trim_end(), kind(c.kind), "", &c.detail)).collect())
}
