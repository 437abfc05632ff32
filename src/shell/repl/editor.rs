//! The line editor. The only file that knows rustyline.

use crate::base::MemoryWorld;
use crate::language::prompt::{Answer, FUNCTIONS};
use crate::session::{Class, Outcome, Session, classes, complete, is_unfinished};
use crate::shell::world::Machine;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Helper};
use std::borrow::Cow;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// Longer lines get no preview: a key press must stay quick.
const PREVIEWED: usize = 60;

/// A line editor with its history.
pub struct Editor {
    inner: rustyline::Editor<Assistant, DefaultHistory>,
    history: Option<PathBuf>,
}

/// What the editor read.
pub enum Line {
    /// An input, of several lines where it went on.
    Text(String),
    /// Ctrl-C on a line.
    Interrupted,
    /// Ctrl-D, or a terminal that went away.
    End,
}

impl Editor {
    /// An editor over a session; `None` where the terminal cannot be used.
    pub fn new(
        session: Rc<RefCell<Session>>,
        world: Arc<Machine>,
        history: Option<PathBuf>,
        coloured: bool,
    ) -> Option<Editor> {
        let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
        let mut inner = rustyline::Editor::with_config(config).ok()?;
        inner.set_helper(Some(Assistant { session, world, coloured }));
        if let Some(path) = &history {
            // The first session has none.
            inner.load_history(path).ok();
        }
        Some(Editor { inner, history })
    }

    /// Reads one input.
    pub fn read(&mut self) -> Line {
        match self.inner.readline("sdl> ") {
            Ok(text) => Line::Text(text),
            Err(ReadlineError::Interrupted) => Line::Interrupted,
            Err(_) => Line::End,
        }
    }

    /// Keeps the history for the next session.
    pub fn save(&mut self) {
        if let Some(path) = &self.history {
            // A history that cannot be kept is no reason to complain at the end.
            self.inner.save_history(path).ok();
        }
    }
}

struct Assistant {
    session: Rc<RefCell<Session>>,
    world: Arc<Machine>,
    coloured: bool,
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, found) = complete(&self.session.borrow(), line, at, &*self.world);
        let pair = |candidate: crate::session::Candidate| {
            let parts = [candidate.kind, &candidate.detail, &candidate.doc].map(str::to_owned);
            let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            Pair { display: format!("{}  {}", candidate.text, told.join("  ")), replacement: candidate.text }
        };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

impl Hinter for Assistant {
    type Hint = String;

    /// The value of a cheap line.
    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<String> {
        let cheap = line.len() <= PREVIEWED && at == line.len() && !line.trim_start().starts_with(':');
        let heavy = FUNCTIONS.iter().any(|function| line.contains(&format!("{}(", function.name)));
        if !cheap || heavy || line.trim().is_empty() || line.contains('=') || is_unfinished(line) {
            return None;
        }
        // Files are not for previews.
        let done = self.session.borrow().clone().eval(line, &MemoryWorld::default());
        match done.outcome {
            Some(Outcome::Value(_, reply)) => match &reply.answer {
                Answer::Formula(expr, _) if expr.as_number().is_some() && reply.answer.to_string() != line.trim() => {
                    Some(format!("   = {}", reply.answer))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.coloured {
            return Cow::Borrowed(line);
        }
        let mut out = String::with_capacity(2 * line.len());
        let mut at = 0;
        for (range, class) in classes(line) {
            let colour = match class {
                Class::Keyword | Class::Command => "35",
                Class::Number => "36",
                Class::Text => "32",
                Class::Comment => "90",
                Class::Function => "34",
                Class::Wrong => "31",
            };
            out += &line[at..range.start];
            out += &format!("\x1b[{colour}m{}\x1b[0m", &line[range.clone()]);
            at = range.end;
        }
        out += &line[at..];
        Cow::Owned(out)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.coloured { Cow::Owned(format!("\x1b[90m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.coloured && kind != CmdKind::MoveCursor
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        match is_unfinished(context.input()) {
            true => Ok(ValidationResult::Incomplete),
            false => Ok(ValidationResult::Valid(None)),
        }
    }
}
