//! Trained functions to laws: contributions measured, searched, composed, refitted, verified.

mod describe;
mod model;
mod oracle;
mod polish;
mod query;
mod scene;
mod structure;
mod vary;

pub use oracle::{Arena, Oracle};
