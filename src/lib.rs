//! SDL, the symbolic distillation language: from a one-page script to a proven law of physics.
//!
//! The rooms, in the order in which data flows; a room imports only from rooms above it.

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

pub mod shell;
