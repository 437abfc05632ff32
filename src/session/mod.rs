//! One interactive state: input in, outcome out. Definitions and results are a value that is replaced as a whole: a line
//! with an error changes nothing, and `:undo` walks back. Terminals know this room; it knows no terminal.

mod command;
mod complete;
mod plot;
mod run;
mod save;
mod show;
mod tokens;

pub use command::{COMMANDS, Command};
pub use complete::{Candidate, complete};
pub use show::{Form, shown};
pub use tokens::{Class, classes, is_unfinished};

use crate::base::{Diagnostic, SourceId, Sources, World};
use crate::expr::Step;
use crate::expr::print::greek::letter;
use crate::language::prompt::{Answer, Reply, evaluate};
use crate::language::tree::{Item, UseSource};
use crate::language::{self, parse};
use std::collections::BTreeMap;
use std::path::Path;

/// A session: what was defined, what came out, and the way back.
#[derive(Clone, Debug, Default)]
pub struct Session {
    state: State,
    past: Vec<State>,
    future: Vec<State>,
}

/// What a session holds.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    definitions: Vec<Definition>,
    /// Lines with their answers, in order.
    results: Vec<(String, Answer)>,
    /// What an opened run left, by name.
    opened: BTreeMap<String, Answer>,
    /// Its fronts as tables.
    fronts: Vec<String>,
    /// What the last simplification did.
    why: Vec<Step>,
}

/// An item of the language that was entered.
#[derive(Clone, Debug, PartialEq)]
struct Definition {
    /// The name it defines; empty for `use`.
    name: String,
    text: String,
}

/// What came of an input.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing was asked.
    Nothing,
    /// A value, with its number: it is `_` now and stays `_1`, `_2` ….
    Value(usize, Reply),
    /// A name was defined.
    Defined(String),
    /// What a command says.
    Said(String),
    /// The session shall end.
    Quit,
}

/// An outcome with all findings and the texts that they point into. With an error there is no outcome, and the session is
/// as it was.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
    /// The texts.
    pub sources: Sources,
}

impl Evaluation {
    fn of(outcome: Outcome) -> Evaluation {
        Evaluation { outcome: Some(outcome), ..Evaluation::default() }
    }

    fn failed(finding: Diagnostic) -> Evaluation {
        Evaluation { findings: vec![finding], ..Evaluation::default() }
    }
}

impl Session {
    /// An empty session.
    pub fn new() -> Session {
        Session::default()
    }

    /// Evaluates one input: a command (`:help`), an item of the language (`f(x) = x^2`), or an expression. Files are read
    /// below the current folder of `world` only.
    pub fn eval(&mut self, text: &str, world: &dyn World) -> Evaluation {
        let text = lettered(text);
        let trimmed = text.trim();
        match trimmed.strip_prefix(':') {
            Some(command) => command::run(self, command, world),
            None if blank(trimmed) => Evaluation::of(Outcome::Nothing),
            None => self.enter(trimmed, world),
        }
    }

    /// The answer of the result with this number, from 1.
    pub fn result(&self, number: usize) -> Option<&Answer> {
        self.state.results.get(number.checked_sub(1)?).map(|(_, answer)| answer)
    }

    /// An item or an expression.
    fn enter(&mut self, text: &str, world: &dyn World) -> Evaluation {
        let (script, findings) = parse(SourceId(0), text);
        let is_item = !findings.iter().any(Diagnostic::is_error) && !script.items.is_empty();
        if !is_item && !looks_like_item(text) {
            return self.express(text, world);
        }
        if !is_item {
            let mut sources = Sources::new();
            sources.add("prompt", text);
            return Evaluation { outcome: None, findings, sources };
        }
        self.define(text, &script.items, world)
    }

    fn express(&mut self, text: &str, world: &dyn World) -> Evaluation {
        let (reply, findings, sources) = evaluate(&self.script(), text, &self.names(), &reader(world));
        let outcome = reply.map(|reply| {
            let mut next = self.state.clone();
            next.results.push((text.to_owned(), reply.answer.clone()));
            if !reply.steps.is_empty() {
                next.why = reply.steps.clone();
            }
            let number = next.results.len();
            self.replace(next);
            Outcome::Value(number, reply)
        });
        Evaluation { outcome, findings, sources: texts(sources) }
    }

    fn define(&mut self, text: &str, items: &[Item], world: &dyn World) -> Evaluation {
        let mut next = self.state.clone();
        let mut names = vec![];
        for item in items {
            let (name, span) = match item {
                Item::Definition(definition) => (definition.name.text.clone(), definition.span),
                Item::Block(block) => (block.name.text.clone(), block.span),
                Item::Use(used) => (String::new(), used.span),
                Item::Expect(expect) => {
                    let mut sources = Sources::new();
                    sources.add("prompt", text);
                    let finding = Diagnostic::new("E0206", "`expect` is judged when a script runs")
                        .at(expect.span, "")
                        .help("write the condition alone to see its value");
                    return Evaluation { outcome: None, findings: vec![finding], sources };
                }
            };
            let text = text[span.range(text.len())].to_owned();
            if !name.is_empty() {
                next.definitions.retain(|old| old.name != name);
                next.opened.remove(&name);
            }
            names.push(if name.is_empty() { used_name(item) } else { name.clone() });
            next.definitions.push(Definition { name, text });
        }
        let (findings, sources) = judged(&next, items, world);
        if findings.iter().any(Diagnostic::is_error) {
            return Evaluation { outcome: None, findings, sources };
        }
        self.replace(next);
        Evaluation { outcome: Some(Outcome::Defined(names.join(", "))), findings, sources }
    }

    fn replace(&mut self, next: State) {
        self.past.push(std::mem::replace(&mut self.state, next));
        self.future.clear();
    }

    fn undo(&mut self) -> bool {
        let Some(before) = self.past.pop() else { return false };
        self.future.push(std::mem::replace(&mut self.state, before));
        true
    }

    fn redo(&mut self) -> bool {
        let Some(after) = self.future.pop() else { return false };
        self.past.push(std::mem::replace(&mut self.state, after));
        true
    }

    fn script(&self) -> String {
        self.state.script()
    }

    /// Results and what a run left, by name.
    fn names(&self) -> BTreeMap<String, Answer> {
        let mut names = self.state.opened.clone();
        for (index, (_, answer)) in self.state.results.iter().enumerate() {
            names.insert(format!("_{}", index + 1), answer.clone());
            names.insert("_".into(), answer.clone());
        }
        names
    }
}

impl State {
    /// All definitions as one text.
    fn script(&self) -> String {
        self.definitions.iter().map(|definition| definition.text.clone() + "\n").collect()
    }
}

/// `\alpha` as α, for letters that have a name.
fn lettered(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(part.len());
        match letter(&part[..end]) {
            Some(letter) => out.extend([&letter.to_string(), &part[end..]]),
            None => out.extend(["\\", part]),
        }
    }
    out
}

fn blank(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

/// Whether a text that does not parse was meant as an item: then the finding of the item is the one to tell.
fn looks_like_item(text: &str) -> bool {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let rest = text[word.len()..].trim_start();
    let block = language::schema::kind(&word).is_some() && rest.starts_with(|c: char| c.is_alphabetic());
    let used = matches!(word.as_str(), "use" | "expect") && !rest.is_empty();
    block || used || rest.starts_with('=') && !rest.starts_with("==")
}

fn used_name(item: &Item) -> String {
    match item {
        Item::Use(used) if !used.names.is_empty() => {
            used.names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", ")
        }
        Item::Use(used) => match &used.source {
            UseSource::Path(path) => path.last().map_or(String::new(), |name| name.text.clone()),
            UseSource::File(file) => file.text.clone(),
        },
        _ => String::new(),
    }
}

/// Findings about new items: definitions are evaluated, blocks are checked as in a script.
fn judged(state: &State, items: &[Item], world: &dyn World) -> (Vec<Diagnostic>, Sources) {
    let script = state.script();
    let read = reader(world);
    for item in items {
        match item {
            Item::Definition(definition) => {
                let (_, findings, sources) = evaluate(&script, &definition.name.text, &state.opened, &read);
                if findings.iter().any(Diagnostic::is_error) {
                    return (findings, texts(sources));
                }
            }
            Item::Use(_) => {
                let (_, findings, sources) = evaluate(&script, "0", &state.opened, &read);
                if findings.iter().any(Diagnostic::is_error) {
                    return (findings, texts(sources));
                }
            }
            Item::Block(_) | Item::Expect(_) => {
                let checked = language::check("session", &script, &read, &[], None);
                // New items stand at the end of the text.
                let added = state.definitions.iter().rev().take(items.len());
                let start = script.len() - added.map(|definition| definition.text.len() + 1).sum::<usize>();
                let new = |finding: &Diagnostic| {
                    finding
                        .labels
                        .first()
                        .is_some_and(|label| label.span.source == SourceId(0) && label.span.start as usize >= start)
                };
                let findings: Vec<Diagnostic> =
                    checked.diagnostics.into_iter().filter(|f| f.is_error() && new(f)).collect();
                if !findings.is_empty() {
                    return (findings, texts(checked.sources));
                }
            }
        }
    }
    (vec![], Sources::new())
}

fn texts(sources: Vec<language::Source>) -> Sources {
    let mut out = Sources::new();
    for source in sources {
        out.add(source.name, source.text);
    }
    out
}

/// Reads files below the current folder.
fn reader(world: &dyn World) -> impl Fn(&str) -> Result<String, String> {
    move |path| {
        let bytes = world.read(Path::new(path)).map_err(|error| error.to_string())?;
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".into())
    }
}

#[cfg(test)]
mod tests;
