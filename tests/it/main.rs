//! The integration tests: one binary, one module per subject, fixtures under `tests/`.

#![allow(clippy::type_complexity)] // a closure's type is its document

use sdl::base; // the shared sample of expressions names it from the root

mod browser;
mod check;
mod cli;
mod editors;
mod engine;
mod explain;
mod fixtures;
mod fuzz;
mod gallery;
mod grammar;
mod lsp;
mod printers;
mod prompt;
mod proofs;
mod search;
mod syntax;
mod tables;
mod terminal;
mod tidy;
mod tracks;
mod trust;
