//! Ctrl-C: the first stops the run at its next safe point, the second ends the program at once.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit status of an interrupted program.
pub const INTERRUPTED: u8 = 130;

/// A flag that the first Ctrl-C (or a request of the system to end) raises. Where no handler can be set, Ctrl-C ends the
/// program as it always does.
pub fn flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let raised = flag.clone();
    let handler = move || {
        if raised.swap(true, Ordering::SeqCst) {
            std::process::exit(INTERRUPTED.into());
        }
        // Nobody may be there to read it.
        writeln!(std::io::stderr(), "\nstopping; what is finished is kept (Ctrl-C again ends at once)").ok();
    };
    ctrlc::set_handler(handler).ok();
    flag
}

/// Raises the flag too when `q` is typed and Enter, where somebody can type.
pub fn listen(flag: Arc<AtomicBool>) {
    if std::io::stdin().is_terminal() {
        std::thread::spawn(move || {
            let quit = |line: String| line.trim().eq_ignore_ascii_case("q");
            if std::io::stdin().lines().map_while(Result::ok).any(quit) {
                flag.store(true, Ordering::SeqCst);
            }
        });
    }
}

/// A flag that every Ctrl-C raises, and nothing else: the prompt lowers it again.
pub fn quiet_flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let raised = flag.clone();
    ctrlc::set_handler(move || raised.store(true, Ordering::SeqCst)).ok();
    flag
}
