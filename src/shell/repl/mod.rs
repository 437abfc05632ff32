//! The prompt: a session with a line editor on a terminal, or fed from a file.

mod editor;

use super::interrupt::quiet_flag;
use super::terminal::{self, Characters, Colour, Style, render};
use super::world::Machine;
use crate::base::World;
use crate::session::{Evaluation, Form, Outcome, Session, is_unfinished, shown};
use editor::{Editor, Line};
use std::cell::RefCell;
use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Exit status of input from a file that holds a mistake.
const UNSOUND: u8 = 2;
/// Stack of an evaluation: deep nests of functions.
const STACK: usize = 256 << 20;

/// Runs the prompt until its end and says the exit status. `load` names a script whose definitions are taken first.
pub fn repl(load: Option<&Path>, machine: Machine) -> u8 {
    let world = Arc::new(machine);
    let mut session = Session::new();
    if let Some(path) = load {
        let done = session.eval(&format!(":load {}", path.display()), &*world);
        tell(&done, Form::Plain);
        if done.outcome.is_none() {
            return UNSOUND;
        }
    }
    match std::io::stdin().is_terminal() {
        true => watched(session, world),
        false => fed(session, &*world),
    }
}

/// A person at a terminal.
fn watched(session: Session, world: Arc<Machine>) -> u8 {
    let session = Rc::new(RefCell::new(session));
    let colour = colours();
    let Some(mut editor) = Editor::new(session.clone(), world.clone(), history(&*world), colour == Colour::On) else {
        return fed(session.take(), &*world);
    };
    let flag = quiet_flag();
    let mut form = Form::Typeset;
    terminal::say(concat!("SDL ", env!("CARGO_PKG_VERSION"), "   :help lists what can be asked, Ctrl-D leaves"));
    loop {
        let text = match editor.read() {
            Line::Text(text) => text,
            Line::Interrupted => continue,
            Line::End => break,
        };
        if text.trim() == ":ascii" {
            form = if form == Form::Plain { Form::Typeset } else { Form::Plain };
            continue;
        }
        let before = session.borrow().clone();
        match evaluated(before, text, world.clone(), &flag) {
            Some((after, done)) => {
                session.replace(after);
                tell(&done, form);
                if matches!(done.outcome, Some(Outcome::Quit)) {
                    break;
                }
            }
            None => terminal::remark("stopped; nothing was changed"),
        }
    }
    editor.save();
    0
}

/// An evaluation on a thread of its own, so that Ctrl-C ends the wait for it; `None` then. What was left behind ends by its
/// own limits and changes nothing.
fn evaluated(
    mut session: Session,
    text: String,
    world: Arc<Machine>,
    flag: &AtomicBool,
) -> Option<(Session, Evaluation)> {
    let (sender, receiver): (mpsc::Sender<(Session, Evaluation)>, _) = channel();
    flag.store(false, Ordering::SeqCst);
    let work = move || {
        let done = session.eval(&text, &*world);
        // Nobody waits any more after Ctrl-C.
        sender.send((session, done)).ok();
    };
    std::thread::Builder::new().stack_size(STACK).spawn(work).ok()?;
    loop {
        match receiver.recv_timeout(Duration::from_millis(20)) {
            Ok(done) => return Some(done),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) if flag.load(Ordering::SeqCst) => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Lines from a file or a pipe; the first mistake ends nothing, but the status.
fn fed(mut session: Session, world: &dyn World) -> u8 {
    let mut status = 0;
    let mut text = String::new();
    let lines = std::io::stdin().lock().lines().map_while(Result::ok).map(Some).chain([None]);
    for line in lines {
        let end = line.is_none();
        if let Some(line) = line {
            text += &line;
            text.push('\n');
        }
        if !end && is_unfinished(&text) {
            continue;
        }
        let done = session.eval(&std::mem::take(&mut text), world);
        tell(&done, Form::Plain);
        match done.outcome {
            Some(Outcome::Quit) => break,
            Some(_) => {}
            None => status = UNSOUND,
        }
    }
    status
}

fn tell(done: &Evaluation, form: Form) {
    if !done.findings.is_empty() {
        let drawn = render(&done.findings, &done.sources, Style { colour: colours(), characters: Characters::Unicode });
        terminal::remark(drawn.trim_end());
    }
    if let Some(outcome) = &done.outcome {
        let text = shown(outcome, form);
        if !text.is_empty() {
            let indented = if form == Form::Typeset {
                text.lines().map(|line| format!("  {line}\n")).collect()
            } else {
                text + "\n"
            };
            terminal::say(indented.trim_end_matches('\n'));
        }
    }
}

/// Colours where somebody watches and `NO_COLOR` is not set.
fn colours() -> Colour {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if std::io::stdout().is_terminal() && !plain { Colour::On } else { Colour::Off }
}

/// Where lines are kept from one session to the next.
fn history(world: &dyn World) -> Option<std::path::PathBuf> {
    let folder = match world.variable("XDG_STATE_HOME") {
        Some(folder) => Path::new(&folder).join("sdl"),
        None => Path::new(&world.variable("HOME")?).join(".local/state/sdl"),
    };
    world.create_folder(&folder).ok()?;
    Some(folder.join("history"))
}
