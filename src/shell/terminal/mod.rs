//! What is written where: results to standard output, progress and findings to standard error.

pub mod progress;

use std::io::{IsTerminal, Write};

/// Writes a line to standard output. A reader that went away ends nothing: the run and its folder matter more.
pub fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").ok();
}

/// Writes a line to standard error.
pub fn remark(line: &str) {
    writeln!(std::io::stderr().lock(), "{line}").ok();
}

/// Whether somebody watches standard error.
pub fn watched() -> bool {
    std::io::stderr().is_terminal()
}
