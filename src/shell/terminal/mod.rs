//! What people see in a terminal.

pub mod diagnostics;

pub use diagnostics::{Characters, Colour, Style, render, render_json, render_short};
