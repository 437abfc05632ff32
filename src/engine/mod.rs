//! Plan to record: the stage graph, the store of finished stages, events, cancel, the run folder.

mod cache;
mod codec;
mod estimate;
pub mod event;
mod expect;
mod folder;
mod graph;
pub mod record;

pub use cache::{Cache, Lookup, Part};
pub use event::{Event, Status};
pub use folder::{Existing, Folder};
pub use graph::stages;
pub use record::{Column, Expectation, Record, Sheet, StageRecord, StageState, StageTiming, Timing};

/// A law that a distillation found.
pub type Law = serde_json::Value;
