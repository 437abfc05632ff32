//! Plan to record: the stage graph, the store of finished stages, events, cancel, the run folder.

mod bundle;
mod cache;
mod codec;
mod difference;
pub mod estimate;
pub mod event;
mod expect;
mod files;
mod film;
mod folder;
mod graph;
mod live;
mod measure;
mod motion;
mod pairs;
pub mod record;
mod relation;
mod run;
mod score;
mod stages;
mod stored;
mod table;

pub use bundle::{Entry, is_plain, pack, unpack};
pub use cache::{Cache, Item, Lookup, Part};
pub use difference::{Difference, close, differences};
pub use estimate::{Summary, check_memory, cost_warnings, estimate};
pub use event::{Event, Status};
pub use files::{FileFault, bind_files, check_files};
pub use folder::{Existing, Folder, Lock, UNSEALED};
pub use graph::stages;
pub use live::{Live, LiveEpoch};
pub use record::{
    CellFinding, Column, Expectation, LawFinding, Machine, Record, Relation, Sheet, StageRecord, StageState,
    StageTiming, TableFinding, Timing,
};
pub use run::{Failure, Findings, Options, Outcome, run};
pub use stages::trajectories;
pub use stored::{Stored, changed_files, stored};
