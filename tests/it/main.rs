//! The integration tests: one binary, one module per subject, fixtures under `tests/`.

#![allow(clippy::type_complexity)] // a closure's type is its document

mod browser;
mod check;
mod cli;
mod engine;
mod fixtures;
mod grammar;
mod syntax;
mod terminal;
mod tidy;
mod trust;
