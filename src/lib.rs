//! SDL, the symbolic distillation language: from a one-page script to a proven law of physics.
//!
//! The rooms, in the order in which data flows; a room imports only from rooms above it.

// Coefficients carry all digits of their derivation; kernels index several arrays alike; a closure's type is its document.
#![allow(clippy::excessive_precision, clippy::needless_range_loop, clippy::type_complexity)]

pub mod base;
pub mod expr;
pub mod plan;

pub mod language;

pub mod simulate;

pub mod network;

pub mod search;

pub mod distill;

pub mod engine;

pub mod report;

pub mod session;

pub mod shell;

pub use engine::run;
pub use language::check;
pub use session::Session;
