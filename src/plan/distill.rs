//! Operators and distillations.

use super::template::Template;
use crate::base::Name;
use crate::expr::{Expr, Op};
use serde::{Deserialize, Serialize};

/// A distillation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DistillPlan {
    /// What is distilled.
    pub of: DistillSource,
    /// What formulas are made of.
    pub operators: OperatorsPlan,
    /// Names the formula may use; empty for all.
    pub inputs: Vec<Name>,
    /// The template of the formula for a column, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Template>,
    /// The loss of the search.
    pub loss: SearchLoss,
    /// How long the search goes on.
    pub budget: Budget,
    /// How one formula of the front is chosen.
    pub choose: Choose,
    /// Whether constants are refitted on the data after composing.
    pub refit: Refit,
    /// The resolved seed number of its streams.
    pub seed: u64,
}

/// What is distilled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant's own words tell its fields")]
pub enum DistillSource {
    /// The functions of a trained network.
    Fit(Name),
    /// A column of a table: plain symbolic regression.
    Column { data: Name, column: Name },
}

/// What formulas are made of and what they may not contain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperatorsPlan {
    /// Operators with their costs.
    pub allow: Vec<Allowed>,
    /// Operators defined in the script.
    pub define: Vec<DefinedOperator>,
    /// Patterns no formula may contain; the symbol `_` stands for anything.
    pub never: Vec<Expr>,
    /// Inputs every formula must contain.
    pub require: Vec<Name>,
    /// Largest complexity: costs of operators, plus 1 for each constant and variable.
    pub size: usize,
    /// Largest depth in nodes.
    pub depth: usize,
    /// Whether free constants are allowed, and within which bounds.
    pub constants: Option<(f64, f64)>,
}

/// An operator with its cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Allowed {
    /// The operator.
    pub op: Op,
    /// What it adds to a formula's complexity.
    pub cost: f64,
}

/// An operator defined in the script as an expression of its arguments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefinedOperator {
    /// Its name.
    pub name: Name,
    /// Its arguments' names.
    pub parameters: Vec<Name>,
    /// What it stands for.
    pub body: Expr,
    /// What it adds to a formula's complexity.
    pub cost: f64,
}

/// The loss of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchLoss {
    /// Mean squared error.
    Mse,
    /// Mean absolute error.
    Mae,
    /// Mean squared error, each row relative to the target's size: for heavy tails.
    Relative,
    /// Mean squared error of the logarithm, for targets of one sign: for orders of magnitude.
    Log,
}

/// How long a search goes on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// So many evaluated candidates.
    Evaluations(u64),
    /// So many seconds; recorded as the evaluations it reached.
    Seconds(f64),
}

/// How one formula of the front is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choose {
    /// Shortest description of formula and residuals.
    DescriptionLength,
    /// Steepest fall of the log loss per complexity (the paper's and PySR's score).
    Score,
    /// Smallest loss.
    Accuracy,
}

/// Whether constants are refitted on the data after composing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refit {
    /// On the training data.
    Data,
    /// Not: the network's constants stand.
    None,
}
