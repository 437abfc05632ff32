//! What a run tells while it goes on. With `--json` each event is one line, an object whose field `event` names its kind;
//! `examples/events.md` shows all of them.
//!
//! | `event` | fields |
//! |---|---|
//! | `plan` | `script`, `hash`, `summary`: what will run, see [`Summary`] |
//! | `stage_started` | `stage` {`kind`, `name`}, `index` from 1, `of` |
//! | `progress` | `stage`, `done`, `total`, `unit`, `note` |
//! | `epoch` | `stage`, `epoch` from 1, `train`, `penalty` and `validation` losses, `active` message components |
//! | `stage_finished` | `stage`, `cached`, `seconds` |
//! | `metrics` | `stage`, `results`: numbers by full name; a number that JSON lacks is text (`"NaN"`) |
//! | `front` | `distill`, `formulas` [{`formula`, `complexity`, `loss`, `score`, `description_length`}], `chosen` from 0 |
//! | `law` | `distill`, `pair` (acceleration of i along the direction to j) and `body` (by component) as text, `finding` {`law`, `recovery`, `comparison`}: the same and all that is known of it, expressions as trees |
//! | `relation` | `distill`, `formula` as text, `relation` {`target`, `expr`, `constants`, `front`, `notes`}: what was found for a column of a table |
//! | `warning` | `diagnostic` {`code`, `headline`, `notes`, `help`, …} |
//! | `failed` | `stage` or null, `field` of its item or null, `diagnostic` |
//! | `expect` | `index` from 0, `text`, `value`, `holds`, `reason` or null |
//! | `table` | `table`: `name`, labels of `rows` and `columns`, `cells` by row: `count` of values, `mean`, `deviation` |
//! | `summary` | last line: `status` (`holds`, `fails`, `failed`, `interrupted`), `exit`, `folder`, `seconds`, `results`, `expects` |

use super::estimate::Summary;
use super::record::{Expectation, LawFinding, TableFinding};
use crate::base::json::{number, numbers};
use crate::base::{Diagnostic, Hash, Name, Progress};
use crate::distill::Relation;
use crate::plan::Stage;
use crate::search::Front;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// One thing told. See the module for the form in JSON.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the module's table has every field")]
pub enum Event {
    /// What will run; the first event.
    Plan { script: String, hash: Hash, summary: Summary },
    /// A stage begins.
    StageStarted { stage: Stage, index: usize, of: usize },
    /// A stage goes on.
    Progress {
        stage: Stage,
        #[serde(flatten)]
        progress: Progress,
    },
    /// A training finished an epoch.
    Epoch {
        stage: Stage,
        epoch: usize,
        #[serde(with = "number")]
        train: f64,
        #[serde(with = "number")]
        penalty: f64,
        #[serde(with = "number")]
        validation: f64,
        active: usize,
    },
    /// A stage is done.
    StageFinished { stage: Stage, cached: bool, seconds: f64 },
    /// Numbers that a stage found.
    Metrics {
        stage: Stage,
        #[serde(with = "numbers")]
        results: BTreeMap<String, f64>,
    },
    /// Formulas that a distillation found.
    Front {
        distill: Name,
        #[serde(rename = "formulas", serialize_with = "formulas")]
        front: Front,
        chosen: usize,
    },
    /// The law that a distillation composed.
    Law { distill: Name, pair: String, body: Vec<String>, finding: Box<LawFinding> },
    /// The formula that a distillation found for a column of a table.
    Relation { distill: Name, formula: String, relation: Box<Relation> },
    /// Something the user should know; the run goes on.
    Warning { diagnostic: Diagnostic },
    /// A stage failed.
    Failed { stage: Option<Stage>, field: Option<String>, diagnostic: Diagnostic },
    /// An expectation was judged.
    Expect {
        index: usize,
        #[serde(flatten)]
        expectation: Expectation,
    },
    /// A table of a sweep is filled.
    Table { table: TableFinding },
    /// The run is over; the last event, with everything that must be known.
    Summary {
        status: Status,
        exit: u8,
        folder: Option<String>,
        seconds: f64,
        #[serde(with = "numbers")]
        results: BTreeMap<String, f64>,
        expects: Vec<Expectation>,
    },
}

/// The formulas of a front, written in the language.
fn formulas<S: Serializer>(front: &Front, s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(front.formulas.iter().map(|formula| {
        serde_json::json!({
            "formula": formula.expr.to_string(),
            "complexity": formula.complexity,
            "loss": formula.loss,
            "score": formula.score,
            "description_length": formula.description_length,
        })
    }))
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All stages are done and every expectation holds.
    Holds,
    /// All stages are done and an expectation fails.
    Fails,
    /// A stage failed.
    Failed,
    /// It was interrupted.
    Interrupted,
}

impl Status {
    /// The exit status of the program.
    pub fn exit(self) -> u8 {
        match self {
            Status::Holds => 0,
            Status::Fails => 1,
            Status::Failed => 3,
            Status::Interrupted => 130,
        }
    }
}
