//! `sdl check`: all findings of a script, nothing run.

use super::CheckArguments;
use super::load::{self, UNSOUND};
use super::watch::Form;
use crate::base::World;
use crate::shell::terminal;

/// Shows what is found, and says the exit status.
pub fn check(arguments: &CheckArguments, world: &dyn World) -> u8 {
    let loaded = load::load(&arguments.script, world);
    match arguments.short {
        true => terminal::say(terminal::render_short(loaded.findings(), loaded.sources()).trim_end()),
        false => loaded.show(if arguments.json { Form::Json } else { Form::Quiet }),
    }
    match loaded.plan() {
        Some(_) => 0,
        None => UNSOUND,
    }
}
