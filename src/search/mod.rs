//! Symbolic regression: a table, operators and a budget to a Pareto front of formulas.

mod archive;
mod assemble;
mod choose;
mod evolve;
mod finish;
mod fit;
mod front;
mod genome;
mod levenberg;
mod library;
mod monomial;
mod normal;
mod run;
mod sample;
mod space;
mod vary;

pub use front::{Formula, Front, SearchError, Settings, Table};
pub use levenberg::{FitSettings, Fitted, Norm, fit_constants, levenberg_marquardt};
pub use run::search;
