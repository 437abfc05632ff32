//! Data sets: simulated from a system or read from a file.

use crate::base::{Hash, Name};
use crate::expr::Expr;
use serde::{Deserialize, Serialize};

/// A data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataPlan {
    /// Where it comes from.
    pub from: DataSource,
    /// Number of independent simulations.
    pub runs: usize,
    /// Number of equally spaced times of each run, the start included.
    pub steps: usize,
    /// Time between them.
    pub dt: f64,
    /// Every `keep`-th snapshot is trained on.
    pub keep: usize,
    /// Measurement noise on positions and velocities.
    pub noise: Noise,
    /// How runs are divided.
    pub split: Split,
    /// Share of the most extreme runs by largest acceleration that is left out of training; 0 for none.
    pub trim: f64,
    /// Relative tolerance of the integrator.
    pub tolerance: f64,
    /// Rows or bodies where this holds are never trained on and scored apart.
    pub hold_out: Option<Expr>,
    /// The resolved seed number of its streams.
    pub seed: u64,
}

/// Where data come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataSource {
    /// A system of the plan, simulated.
    System(Name),
    /// A file.
    File(FilePlan),
}

/// A table file below the script's folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilePlan {
    /// The path as written, relative to the script.
    pub path: String,
    /// The hash of its content, where it could be read.
    pub content: Option<Hash>,
    /// Declared columns.
    pub columns: Vec<ColumnPlan>,
    /// The column to be explained.
    pub target: Option<Name>,
}

/// A declared column: one expression over header names for a scalar, one per component for a vector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnPlan {
    /// Its name.
    pub name: Name,
    /// Its components.
    pub components: Vec<Expr>,
}

/// Measurement noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// None.
    None,
    /// Normal, with a standard deviation of this share of each value.
    Relative(f64),
    /// Normal, with this standard deviation.
    Absolute(f64),
}

/// Shares of the runs used for training, validation and test; they add to 1. Whole runs go one way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// Trained on.
    pub train: f64,
    /// Watched while training.
    pub validation: f64,
    /// Scored once at the end.
    pub test: f64,
}
