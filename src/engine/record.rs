//! What a run leaves: numbers by name, fronts, laws, expectations. The same plan and program leave the same record, bit for
//! bit; times and the machine go to [`Timing`].

use crate::base::json::{list, number, numbers};
use crate::base::{Hash, Name};
pub use crate::distill::Relation;
use crate::distill::{Comparison, Law, Recovery};
use crate::plan::{Plan, Stage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A run as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of this form.
    pub format: u32,
    /// Version of the program.
    pub version: String,
    /// Name of the script without its ending.
    pub script: String,
    /// Hash of the plan.
    pub plan_hash: Hash,
    /// The plan with all defaults.
    pub plan: Plan,
    /// The stages in the order in which they ran.
    pub stages: Vec<StageRecord>,
    /// All numbers that came out, by name: `fit.test.mae`. NaN where a number could not be computed.
    #[serde(with = "numbers")]
    pub results: BTreeMap<String, f64>,
    /// Laws with their fronts, by distillation.
    pub laws: BTreeMap<Name, LawFinding>,
    /// Formulas for columns of tables with their fronts, by distillation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub relations: BTreeMap<Name, Relation>,
    /// Expectations in the order of the script; empty until all stages are done.
    pub expects: Vec<Expectation>,
    /// Tables of sweeps, in the order of the script; empty until all stages are done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableFinding>,
    /// Whether all stages are done.
    pub finished: bool,
}

/// A law with what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LawFinding {
    /// The law.
    pub law: Law,
    /// Whether it is the system that made the data, where one did.
    pub recovery: Option<Recovery>,
    /// Law and network side by side, where the truth is known.
    pub comparison: Option<Comparison>,
}

/// A table of a sweep, filled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableFinding {
    /// Its name.
    pub name: Name,
    /// Labels of its rows.
    pub rows: Vec<String>,
    /// Labels of its columns.
    pub columns: Vec<String>,
    /// By row, then column.
    pub cells: Vec<Vec<CellFinding>>,
}

/// A cell: what its repetitions have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CellFinding {
    /// How many values there are; repetitions without one do not count.
    pub count: usize,
    /// Their mean; NaN where there is none.
    #[serde(with = "number")]
    pub mean: f64,
    /// Their standard deviation; 0 for a single one.
    #[serde(with = "number")]
    pub deviation: f64,
}

/// What became of a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageRecord {
    /// The stage.
    pub stage: Stage,
    /// The hash of all that it was made from.
    pub hash: Hash,
    /// What became of it.
    pub state: StageState,
}

/// What became of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// It is done.
    Done,
    /// It failed.
    Failed,
    /// It was interrupted, or it waits for one that was.
    Open,
}

/// An `expect` with what came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// The condition as written.
    pub text: String,
    /// The value that decided: the side of a comparison that was measured, else the condition's own value.
    #[serde(with = "number")]
    pub value: f64,
    /// Whether it holds.
    pub holds: bool,
    /// Why not, where the value alone does not say it: a missing result, NaN, terms a law lacks.
    pub reason: Option<String>,
}

/// A small table of numbers made by a stage, for plots and Parquet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its name without the stage's: `history`, `predictions`.
    pub name: String,
    /// Columns of equal length.
    pub columns: Vec<Column>,
}

/// A column of a [`Sheet`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its numbers.
    #[serde(with = "list")]
    pub values: Vec<f64>,
}

impl Sheet {
    /// A table with these columns.
    pub fn new(name: &str, columns: Vec<(&str, Vec<f64>)>) -> Sheet {
        let columns = columns.into_iter().map(|(name, values)| Column { name: name.into(), values }).collect();
        Sheet { name: name.into(), columns }
    }

    /// The numbers of the column called `name`.
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.values[..])
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }
}

/// How long a run took and where: what may differ between two runs of one plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Seconds of the whole run.
    pub seconds: f64,
    /// Threads used.
    pub threads: usize,
    /// Where it ran; empty where that is not known.
    #[serde(default)]
    pub machine: Machine,
    /// The folder of the script, below which its data files lie.
    #[serde(default)]
    pub folder: PathBuf,
    /// Each stage, in order.
    pub stages: Vec<StageTiming>,
}

/// The machine that a run ran on, and what it took of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Operating system and processor family: `linux x86_64`.
    pub system: String,
    /// The processor's name.
    pub processor: String,
    /// Processors that the system has.
    pub processors: usize,
    /// Bytes of memory that the system has.
    pub memory: Option<u64>,
    /// Most bytes that the program held.
    pub peak_memory: Option<u64>,
    /// The build of the program: the short hash of its executable.
    pub build: String,
}

/// How long a stage took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageTiming {
    /// The stage.
    pub stage: Stage,
    /// Seconds, loading included.
    pub seconds: f64,
    /// Whether it came from the store of finished stages.
    pub cached: bool,
}
