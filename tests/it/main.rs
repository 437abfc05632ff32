//! The integration tests: one binary, one module per subject, fixtures under `tests/`.

mod fixtures;
mod syntax;
mod tidy;
