//! Trained functions to laws: contributions measured, searched, composed, refitted, verified.

mod oracle;
mod query;
mod scene;
mod structure;

pub use oracle::{Arena, Oracle};
