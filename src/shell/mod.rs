//! The fronts: command line, terminal, progress.
