//! The integration tests: one binary, one module per subject, fixtures under `tests/`.

mod check;
mod cli;
mod engine;
mod fixtures;
mod grammar;
mod syntax;
mod terminal;
mod tidy;
