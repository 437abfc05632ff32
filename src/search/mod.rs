//! Symbolic regression: a table, operators and a budget to a Pareto front of formulas.

mod front;

pub use front::{Formula, Front, Table};
