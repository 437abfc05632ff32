//! One interactive state: input in, outcome out. Definitions and results are a value that is replaced as a whole: a line
//! with an error changes nothing, and `:undo` walks back. Terminals know this room; it knows no terminal.

mod command;
mod complete;
mod fit;
mod opened;
mod plot;
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
use crate::language::lexer::{TokenKind, lex};
use crate::language::prompt::{Answer, Reply, evaluate};
use crate::language::tree::{Item, UseSource};
use crate::language::{self, parse};
use opened::Opened;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// States that `:undo` walks back at most.
const PAST: usize = 200;

/// A session: what was defined, what came out, and the way back. A copy costs next to nothing: states are shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    state: Arc<State>,
    past: Vec<Arc<State>>,
    future: Vec<Arc<State>>,
}

/// What a session holds.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    definitions: Vec<Arc<Definition>>,
    /// Lines with their answers, in order.
    results: Vec<Arc<(String, Answer)>>,
    /// Runs and tables.
    opened: Arc<Opened>,
    /// What the last simplification did.
    why: Arc<Vec<Step>>,
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
        if self.state.opened.is_running() {
            self.state = Arc::new(State { opened: Arc::new(self.state.opened.now(world)), ..(*self.state).clone() });
        }
        match trimmed.strip_prefix(':') {
            Some(command) => command::run(self, command, world),
            None if blank(trimmed) => Evaluation::of(Outcome::Nothing),
            None => self.enter(trimmed, world),
        }
    }

    /// The answer of the result with this number, from 1.
    pub fn result(&self, number: usize) -> Option<&Answer> {
        self.state.results.get(number.checked_sub(1)?).map(|result| &result.1)
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
        let (reply, mut findings, sources) = evaluate(&self.script(), text, &self.named(text), &reader(world));
        findings.iter_mut().for_each(command::pointed_out);
        let outcome = reply.map(|reply| {
            let number = self.keep(text, &reply);
            Outcome::Value(number, reply)
        });
        Evaluation { outcome, findings, sources: texts(sources) }
    }

    /// Keeps a result and gives its number.
    fn keep(&mut self, text: &str, reply: &Reply) -> usize {
        let mut next = (*self.state).clone();
        next.results.push(Arc::new((text.to_owned(), reply.answer.clone())));
        if !reply.steps.is_empty() {
            next.why = Arc::new(reply.steps.clone());
        }
        let number = next.results.len();
        self.replace(next);
        number
    }

    fn define(&mut self, text: &str, items: &[Item], world: &dyn World) -> Evaluation {
        let mut next = (*self.state).clone();
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
            let text = self.spelled(&text[span.range(text.len())]);
            if !name.is_empty() {
                next.definitions.retain(|old| old.name != name);
                if next.opened.answers.contains_key(&name) {
                    Arc::make_mut(&mut next.opened).answers.remove(&name);
                }
            }
            names.push(if name.is_empty() { used_name(item) } else { name.clone() });
            next.definitions.push(Arc::new(Definition { name, text }));
        }
        let (findings, sources) = judged(&next, items, world);
        if findings.iter().any(Diagnostic::is_error) {
            return Evaluation { outcome: None, findings, sources };
        }
        self.replace(next);
        Evaluation { outcome: Some(Outcome::Defined(names.join(", "))), findings, sources }
    }

    fn replace(&mut self, next: State) {
        self.past.push(std::mem::replace(&mut self.state, Arc::new(next)));
        if self.past.len() > PAST {
            self.past.remove(0);
        }
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

    /// A session with the same state and no way back, for what shall change nothing.
    fn aside(&self) -> Session {
        Session { state: self.state.clone(), ..Session::default() }
    }

    fn script(&self) -> String {
        self.state.script()
    }

    /// Results that a text names, and what was opened.
    fn named(&self, text: &str) -> BTreeMap<String, Answer> {
        let mut names = self.state.opened.answers.clone();
        let words = lex(SourceId(0), text).tokens.into_iter().filter(|token| token.kind == TokenKind::Name);
        for word in words.map(|token| &text[token.start as usize..token.end as usize]) {
            if let Some(answer) = self.result_named(word) {
                names.insert(word.to_owned(), answer.clone());
            }
        }
        names
    }

    /// The result that `_` or `_2` stands for.
    fn result_named(&self, word: &str) -> Option<&Answer> {
        match word.strip_prefix('_')? {
            "" => self.state.results.last().map(|result| &result.1),
            number => self.result(number.parse().ok()?),
        }
    }

    /// A definition with the results that it names written out: it must mean the same tomorrow, and in a file.
    fn spelled(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for token in lex(SourceId(0), text).tokens.iter().filter(|token| token.kind == TokenKind::Name) {
            let range = token.start as usize..token.end as usize;
            if let Some(Answer::Formula(..) | Answer::Vector(..)) = self.result_named(&text[range.clone()])
                && let Some(answer) = self.result_named(&text[range.clone()])
            {
                out += &text[at..range.start];
                out += &format!("({answer})");
                at = range.end;
            }
        }
        out + &text[at..]
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
                let (_, findings, sources) = evaluate(&script, &definition.name.text, &state.opened.answers, &read);
                if findings.iter().any(Diagnostic::is_error) {
                    return (findings, texts(sources));
                }
            }
            Item::Use(_) => {
                let (_, findings, sources) = evaluate(&script, "0", &state.opened.answers, &read);
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
