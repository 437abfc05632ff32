//! The fronts: command line, terminal, progress.

pub mod terminal;
