//! What is written where: results to standard output, progress and findings to standard error.

pub mod progress;

use crate::base::Diagnostic;
use crate::language::Source;
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

/// Shows findings on standard error, each with its place in the text.
pub fn show(sources: &[Source], findings: &[Diagnostic]) {
    for finding in findings {
        remark(&short(sources, finding));
        for note in finding.notes.iter().chain(&finding.help) {
            remark(&format!("  {note}"));
        }
    }
}

/// A finding on one line: `springs.sdl:3:5: error[E0203]: …`.
pub fn short(sources: &[Source], finding: &Diagnostic) -> String {
    let place = finding.labels.first().and_then(|label| {
        let source = sources.get(label.span.source.0 as usize)?;
        let before = &source.text.as_bytes()[..label.span.range(source.text.len()).start];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        Some(format!("{}:{line}:{column}: ", source.name))
    });
    let severity = if finding.is_error() { "error" } else { "warning" };
    format!("{}{severity}[{}]: {}", place.unwrap_or_default(), finding.code, finding.headline)
}
