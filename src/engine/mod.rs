//! Plan to record: the stage graph, the store of finished stages, events, cancel, the run folder.

mod cache;
mod codec;
pub mod estimate;
pub mod event;
mod expect;
mod folder;
mod graph;
mod measure;
mod pairs;
pub mod record;
mod run;
mod score;
mod stages;
mod table;

pub use cache::{Cache, Lookup, Part};
pub use estimate::{Summary, check_memory, cost_warnings, estimate};
pub use event::{Event, Status};
pub use folder::{Existing, Folder};
pub use graph::stages;
pub use record::{
    CellFinding, Column, Expectation, LawFinding, Record, Sheet, StageRecord, StageState, StageTiming, TableFinding,
    Timing,
};
pub use run::{Failure, Findings, Options, Outcome, run};
