//! The fronts: command line, terminal, the real world.

mod cli;
mod colour;
mod interrupt;
pub mod lsp;
mod repl;
mod tensorboard;
pub mod terminal;
pub mod world;

use crate::base::{Diagnostic, Sources};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;

/// Exit status of a program that broke an assumption of its own.
const BROKEN: u8 = 3;

/// The program: reads its arguments, does what they ask, and says the exit status. A broken assumption anywhere becomes a
/// finding that asks for a report, never a bare crash.
pub fn main() -> u8 {
    static BROKE: Mutex<Option<String>> = Mutex::new(None);
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or(String::new(), |at| format!("{}:{}: ", at.file(), at.line()));
        let what = info.payload_as_str().unwrap_or("no message");
        if let Ok(mut broke) = BROKE.lock() {
            broke.get_or_insert(format!("{place}{what}"));
        }
    }));
    panic::catch_unwind(AssertUnwindSafe(cli::main)).unwrap_or_else(|_| {
        let what = BROKE.lock().ok().and_then(|mut broke| broke.take()).unwrap_or_default();
        let finding = Diagnostic::new("E0699", "internal error: the program broke an assumption of its own")
            .note(what)
            .note("finished stages are kept; this is no mistake of the script")
            .help("please report it with the script and the line above");
        terminal::show(&Sources::new(), &[finding]);
        BROKEN
    })
}
