//! The experiment as plain data: every default filled in, every name resolved, every unit normalised to base
//! units, every seed a number. Everything before the plan is language, everything after it is numerics.
//!
//! Symbols of a system's expressions are fixed (see [`symbols`]); vectors are written out by component.

mod data;
mod distill;
pub mod symbols;
mod system;
mod template;
mod train;

pub use data::{
    ColumnPlan, DataPlan, DataSource, FileContent, FilePlan, Measured, Noise, Split, all_measured, unit_text,
};
pub use distill::{
    Allowed, Budget, Choose, DefinedOperator, DistillPlan, DistillSource, OperatorsPlan, Refit, SearchLoss,
};
pub use system::{Attribute, Boundary, Conserved, Distribution, Draw, Links, SystemPlan, vector_draw};
pub use template::{Template, UnknownCall, UnknownConstant, UnknownFunction};
pub use train::{
    Activation, Bias, Combine, Device, Dynamics, Feature, Loss, MessagePrior, NetworkPlan, NodeModel, Optimizer,
    Precision, Predict, PriorPlan, PruneSchedule, TrainPlan,
};

use crate::base::{Hash, Name, hash_of};
use crate::expr::Expr;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A whole experiment. References between parts are by name within the plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The seed number that every stream of random numbers comes from.
    pub seed: u64,
    /// Systems that a `data` simulates or an `expect … recovers` names.
    pub systems: BTreeMap<Name, SystemPlan>,
    /// Data sets.
    pub data: BTreeMap<Name, DataPlan>,
    /// Trainings.
    pub trains: BTreeMap<Name, TrainPlan>,
    /// Distillations.
    pub distills: BTreeMap<Name, DistillPlan>,
    /// What must come out, in the order of the script.
    pub expects: Vec<ExpectPlan>,
    /// Tables of sweeps, in the order of the script.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TablePlan>,
}

/// A table over the cells of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TablePlan {
    /// Its name.
    pub name: Name,
    /// Labels of its rows.
    pub rows: Vec<String>,
    /// Labels of its columns.
    pub columns: Vec<String>,
    /// What stands in it; repetitions of a cell have one row and column.
    pub cells: Vec<CellPlan>,
}

/// One repetition of one cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellPlan {
    /// The number of its row.
    pub row: usize,
    /// The number of its column.
    pub column: usize,
    /// Its value, an expression over results.
    pub value: ExpectPlan,
}

/// One `expect`: a condition over results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectPlan {
    /// The condition as written, formatted.
    pub text: String,
    /// An expression over result names such as `fit.contributions.r2`; it holds when its value is not 0. The symbol
    /// `law recovers springs` is 1 when the distillation `law` recovered the system `springs`.
    pub condition: Expr,
    /// Recoveries that the condition asks for, with the symbol each has in it.
    pub recovers: Vec<Recovers>,
}

/// The claim that a distillation recovered a declared system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovers {
    /// The symbol in the condition.
    pub symbol: Name,
    /// The distillation.
    pub law: Name,
    /// The system.
    pub system: Name,
}

/// The kinds of stage that a plan runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// Simulates or reads a data set.
    Data,
    /// Trains a network.
    Train,
    /// Distils a law.
    Distill,
}

/// One stage: a data set, a training or a distillation by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stage {
    /// What it does.
    pub kind: StageKind,
    /// Which one.
    pub name: Name,
}

impl Plan {
    /// What a stage needs to have run before it.
    pub fn needs(&self, stage: &Stage) -> Vec<Stage> {
        match stage.kind {
            StageKind::Data => vec![],
            StageKind::Train => vec![Stage { kind: StageKind::Data, name: self.trains[&stage.name].data.clone() }],
            StageKind::Distill => match &self.distills[&stage.name].of {
                DistillSource::Fit(fit) => vec![Stage { kind: StageKind::Train, name: fit.clone() }],
                DistillSource::Column { data, .. } => vec![Stage { kind: StageKind::Data, name: data.clone() }],
            },
        }
    }

    /// What a stage does, as a verb for people.
    pub fn verb(&self, stage: &Stage) -> &'static str {
        match stage.kind {
            StageKind::Data => match self.data.get(&stage.name).map(|data| &data.from) {
                Some(DataSource::File(_)) => "read",
                _ => "simulate",
            },
            StageKind::Train => "train",
            StageKind::Distill => "distil",
        }
    }

    /// The semantic hash of a stage: of its own resolved plan and of everything it needs. Comments, order, formatting
    /// and the names of items do not enter it; its resolved seed does.
    pub fn stage_hash(&self, stage: &Stage) -> Hash {
        let needs: Vec<Hash> = self.needs(stage).iter().map(|need| self.stage_hash(need)).collect();
        match stage.kind {
            StageKind::Data => {
                let data = &self.data[&stage.name];
                let system = match &data.from {
                    DataSource::System(name) => Some(&self.systems[name]),
                    DataSource::File(_) => None,
                };
                hash_of(&("data", system, data, needs))
            }
            StageKind::Train => hash_of(&("train", &self.trains[&stage.name], needs)),
            StageKind::Distill => hash_of(&("distill", &self.distills[&stage.name], needs)),
        }
    }
}
