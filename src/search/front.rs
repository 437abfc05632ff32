//! What a search takes and gives.

use crate::base::{Name, Seed, json};
use crate::expr::Expr;
use crate::plan::{Budget, Choose, SearchLoss};
use serde::{Deserialize, Serialize};

/// A table to explain: columns of equal length, a target, and optional weights of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names of the inputs.
    pub inputs: Vec<Name>,
    /// One column for each input.
    pub columns: Vec<Vec<f64>>,
    /// The target.
    pub target: Vec<f64>,
    /// Non-negative weights of rows; empty for equal ones.
    pub weights: Vec<f64>,
    /// Standard deviation of the target's noise, where known: there the search may stop and description lengths begin
    /// to punish; 0 for exact data.
    pub noise: f64,
    /// Dimensions of inputs and target, where known: formulas that add unlike quantities are then not looked for. Free
    /// constants are pure numbers.
    pub dimensions: Option<Dimensions>,
}

/// Dimensions as exponents of any base, of equal length everywhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dimensions {
    /// Of each input.
    pub inputs: Vec<Vec<f64>>,
    /// Of the target.
    pub target: Vec<f64>,
}

/// How to search.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// What is minimised.
    pub loss: SearchLoss,
    /// How long the search goes on.
    pub budget: Budget,
    /// How one formula of the front is chosen.
    pub choose: Choose,
    /// The seed of all its random streams.
    pub seed: Seed,
    /// Seconds since any fixed moment, for [`Budget::Seconds`]: this room owns no clock. The evaluations reached are
    /// in [`Front::evaluations`]; a search with that number as its budget gives the same front.
    pub clock: Option<&'a (dyn Fn() -> f64 + Sync)>,
}

/// One formula of a front.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Formula {
    /// The formula over the table's inputs, constants filled in.
    pub expr: Expr,
    /// Sum of the costs of its operators plus 1 for each constant and variable.
    pub complexity: f64,
    /// The loss of the search on the table.
    #[serde(with = "json::number")]
    pub loss: f64,
    /// Fall of the log loss per complexity from the next simpler formula of the front (Cranmer et al. 2020, section 4); 0 for the first.
    #[serde(with = "json::number")]
    pub score: f64,
    /// Bits to describe formula, constants and residuals.
    #[serde(with = "json::number")]
    pub description_length: f64,
}

/// Formulas none of which is both simpler and better than another, by rising complexity, and which one was chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Front {
    /// By rising complexity and falling loss.
    pub formulas: Vec<Formula>,
    /// Index of the chosen formula.
    pub chosen: usize,
    /// Candidates looked at: evaluated, or found to be known.
    pub evaluations: u64,
    /// Rows searched on: those with finite values and a positive weight.
    pub rows: usize,
    /// Whether the search ended early because a formula fits to machine precision.
    pub exact: bool,
}

/// Why a search has no front to give.
#[derive(Clone, Debug, PartialEq)]
pub enum SearchError {
    /// The table's parts do not fit together.
    Shape {
        /// The column, or `target` or `weights`.
        column: Name,
        /// How many values it has.
        found: usize,
        /// How many rows the target has.
        expected: usize,
    },
    /// No row has finite values and a positive weight.
    NoRows {
        /// Rows in all.
        rows: usize,
    },
    /// A loss of logarithms for a target that is zero somewhere or changes its sign.
    Signs,
    /// A weight is negative or not a number.
    Weight {
        /// In which row.
        row: usize,
    },
    /// A name in `require`, in a pattern or in a defined operator that is neither input nor argument.
    UnknownName(Name),
    /// A cost, a size or a bound that no search can keep to.
    Operators(&'static str),
    /// A budget in seconds without a clock.
    NoClock,
    /// No formula keeps to the constraints.
    NothingAllowed,
    /// A checkpoint that cannot be read.
    BrokenCheckpoint,
    /// A checkpoint of a search of another table, or with other operators, loss or seed.
    OtherCheckpoint,
    /// Stopped on request; the best found so far.
    Cancelled(Box<Front>),
}

impl std::fmt::Display for SearchError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            SearchError::Shape { column, found, expected } => {
                write!(f, "`{column}` has {found} values, but the target has {expected} rows")
            }
            SearchError::NoRows { rows } => write!(f, "none of {rows} rows has finite values and a positive weight"),
            SearchError::Weight { row } => write!(f, "the weight of row {row} is negative or not a number"),
            SearchError::Signs => write!(f, "a loss of logarithms needs a target of one sign, without zeros"),
            SearchError::UnknownName(name) => write!(f, "`{name}` is neither an input of the search nor an argument"),
            SearchError::Operators(what) => write!(f, "{what}"),
            SearchError::NoClock => write!(f, "a budget in seconds needs a clock"),
            SearchError::BrokenCheckpoint => write!(f, "the checkpoint is damaged, or of another version"),
            SearchError::OtherCheckpoint => {
                write!(f, "the checkpoint is of another search: the table, the operators, the loss or the seed differ")
            }
            SearchError::NothingAllowed => write!(f, "no formula keeps to the constraints of the operators"),
            SearchError::Cancelled(front) => write!(f, "stopped after {} evaluations", front.evaluations),
        }
    }
}

impl std::error::Error for SearchError {}
