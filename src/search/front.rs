//! What a search takes and gives.

use crate::base::Name;
use crate::expr::Expr;
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
}

/// One formula of a front.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Formula {
    /// The formula over the table's inputs, constants filled in.
    pub expr: Expr,
    /// Sum of the costs of its operators plus 1 for each constant and variable.
    pub complexity: f64,
    /// The loss of the search on the table.
    pub loss: f64,
    /// Fall of the log loss per complexity from the next simpler formula of the front (Cranmer et al. 2020, section 4); 0 for the first.
    pub score: f64,
    /// Bits to describe formula, constants and residuals.
    pub description_length: f64,
}

/// Formulas none of which is both simpler and better than another, by rising complexity, and which one was chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Front {
    /// By rising complexity and falling loss.
    pub formulas: Vec<Formula>,
    /// Index of the chosen formula.
    pub chosen: usize,
    /// Candidates evaluated.
    pub evaluations: u64,
}
