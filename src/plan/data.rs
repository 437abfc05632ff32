//! Data sets: simulated from a system or read from a file.

use super::symbols::COMPONENTS;
use crate::base::{Hash, Name};
use crate::expr::Expr;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// Tables below the script's folder, read one after another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilePlan {
    /// The path as written, relative to the script; `*` and `?` stand for parts of names.
    pub path: String,
    /// The files that it names, by path; empty until they are looked at.
    pub content: BTreeMap<String, FileContent>,
    /// Declared columns; none for all that the files have.
    pub columns: Vec<ColumnPlan>,
    /// The column to be explained.
    pub target: Option<Name>,
    /// The rows that are read, over header names; all where there is no condition.
    pub rows: Option<Expr>,
    /// The column with weights of rows.
    pub weight: Option<Name>,
    /// The column that tells runs apart: the split takes whole runs.
    pub run: Option<Name>,
    /// The column whose order the split follows: least to training, most to the test.
    pub order: Option<Name>,
}

/// What a file held when it was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileContent {
    /// The hash of its bytes.
    pub hash: Hash,
    /// How many there are.
    pub bytes: u64,
}

/// A declared column: one expression over header names for a scalar, one per component for a vector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnPlan {
    /// Its name.
    pub name: Name,
    /// One to three components in base units.
    pub components: Vec<Expr>,
    /// Exponents of metre, kilogram, second, ampere, kelvin, mole and candela; `None` for a pure number.
    pub dimension: Option<[f64; 7]>,
}

impl ColumnPlan {
    /// Names of its components: its own, or `velocity.x`, `velocity.y` …
    pub fn parts(&self) -> Vec<Name> {
        match self.components.len() {
            1 => vec![self.name.clone()],
            count => COMPONENTS[..count].iter().map(|k| Name::from(format!("{}.{k}", self.name))).collect(),
        }
    }
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

impl FilePlan {
    /// The base unit of a column, where the script gives it one.
    pub fn unit(&self, column: &Name) -> Option<String> {
        let declared = self.columns.iter().find(|declared| declared.parts().contains(column))?;
        declared.dimension.as_ref().map(unit_text)
    }
}

/// A dimension as a unit that can stand in a script: `kg*m^2/s^2`; `1` for a pure number. Exponents are those of
/// [`ColumnPlan::dimension`], told to the nearest twelfth.
pub fn unit_text(exponents: &[f64; 7]) -> String {
    const BASE: [&str; 7] = ["m", "kg", "s", "A", "K", "mol", "cd"];
    const PARTS: i64 = 12;
    let sizes = exponents.map(|exponent| (exponent * PARTS as f64).round() as i64);
    let part = |k: usize, size: i64| match (size / PARTS, size % PARTS) {
        (1, 0) => BASE[k].to_owned(),
        (whole, 0) => format!("{}^{whole}", BASE[k]),
        _ => format!("{}^({size}/{PARTS})", BASE[k]),
    };
    let above: Vec<String> = (0..7).filter(|&k| sizes[k] > 0).map(|k| part(k, sizes[k])).collect();
    let below: Vec<String> = (0..7).filter(|&k| sizes[k] < 0).map(|k| part(k, -sizes[k])).collect();
    match (above.is_empty(), below.is_empty()) {
        (true, true) => "1".into(),
        (false, true) => above.join("*"),
        (false, false) => format!("{}/{}", above.join("*"), below.join("/")),
        (true, false) => {
            let parts: Vec<String> = (0..7).filter(|&k| sizes[k] < 0).map(|k| part(k, sizes[k])).collect();
            parts.join("*")
        }
    }
}
