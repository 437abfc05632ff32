//! Data sets: simulated from a system or read from a file.

use super::symbols::COMPONENTS;
use super::{Boundary, Links};
use crate::base::{Hash, Name};
use crate::expr::Expr;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// What is measured of the motion of bodies; the rest is estimated from it by local fits over time.
    #[serde(default = "all_measured")]
    pub measured: BTreeSet<Measured>,
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

/// What may be known of the motion of a body at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Measured {
    Position,
    Velocity,
    Acceleration,
}

impl Measured {
    /// As the language writes it, and as the column is called.
    pub fn word(self) -> &'static str {
        match self {
            Measured::Position => "position",
            Measured::Velocity => "velocity",
            Measured::Acceleration => "acceleration",
        }
    }
}

/// All that may be known of a motion.
pub fn all_measured() -> BTreeSet<Measured> {
    BTreeSet::from([Measured::Position, Measured::Velocity, Measured::Acceleration])
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
    /// The column with the time of each row: rows are bodies at a time.
    #[serde(default)]
    pub time: Option<Name>,
    /// The column that tells the bodies of a run apart.
    #[serde(default)]
    pub particle: Option<Name>,
    /// Which bodies may act on each other.
    #[serde(default = "all_links")]
    pub links: Links,
    /// The space that the bodies move in.
    #[serde(default = "open_space")]
    pub boundary: Boundary,
}

fn all_links() -> Links {
    Links::All
}

fn open_space() -> Boundary {
    Boundary::Open
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
    /// Whether its rows are bodies at a time, so that a network can be trained on their motion.
    pub fn holds_tracks(&self) -> bool {
        self.time.is_some() && self.space() > 0
    }

    /// The declared column of what is measured of a motion.
    pub fn motion(&self, of: Measured) -> Option<&ColumnPlan> {
        self.columns.iter().find(|column| column.name.as_str() == of.word())
    }

    /// Space dimensions: components of `position`; 0 where there is no such column.
    pub fn space(&self) -> usize {
        self.motion(Measured::Position).map_or(0, |column| column.components.len())
    }

    /// Scalar attributes of bodies: declared columns of one component that play no other part.
    pub fn attributes(&self) -> Vec<Name> {
        let parts = [&self.target, &self.weight, &self.run, &self.order, &self.time, &self.particle];
        let motion = [Measured::Position, Measured::Velocity, Measured::Acceleration].map(Measured::word);
        let free = |column: &&ColumnPlan| {
            column.components.len() == 1
                && !motion.contains(&column.name.as_str())
                && !parts.iter().any(|part| part.as_ref() == Some(&column.name))
        };
        self.columns.iter().filter(free).map(|column| column.name.clone()).collect()
    }

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
