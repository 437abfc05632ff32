//! What is written where: results to standard output, progress and findings to standard error.

pub mod diagnostics;
pub mod progress;

pub use diagnostics::{Characters, Colour, Style, render, render_json, render_short};

use crate::base::{Diagnostic, Sources};
use std::io::{IsTerminal, Write};

/// Columns that plots may take.
pub const WIDTH: usize = 100;

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

/// Draws findings on standard error, each into its text; in colour where somebody watches and `NO_COLOR` is not set.
pub fn show(sources: &Sources, findings: &[Diagnostic]) {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = if watched() && !plain { Colour::On } else { Colour::Off };
    let drawn = render(findings, sources, Style { colour, characters: Characters::Unicode });
    write!(std::io::stderr().lock(), "{drawn}").ok();
}
