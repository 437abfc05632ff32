//! How far a run is, in a hidden file of its folder while it goes on: for who looks at it from outside.

use super::event::Event;
use crate::base::World;
use crate::base::json::number;
use crate::plan::{Stage, StageKind};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a stage under way tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// The stage.
    pub stage: Stage,
    /// Units done.
    pub done: u64,
    /// Units in all, as far as known.
    pub total: u64,
    /// The unit, in the plural.
    pub unit: String,
    /// The last epoch of a training.
    pub epoch: Option<LiveEpoch>,
}

/// The last epoch of a training under way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveEpoch {
    /// Its number, from 1.
    pub epoch: usize,
    /// Loss on the training set.
    #[serde(with = "number")]
    pub train: f64,
    /// Loss on the validation set.
    #[serde(with = "number")]
    pub validation: f64,
}

impl Live {
    /// Where it lies in a run folder.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(".live.json")
    }

    /// What the run in this folder tells; `None` where none is under way.
    pub fn read(world: &dyn World, folder: &Path) -> Option<Live> {
        serde_json::from_slice(&world.read(&Live::path(folder)).ok()?).ok()
    }

    /// A stage that has just begun.
    pub fn begin(stage: &Stage) -> Live {
        Live { stage: stage.clone(), done: 0, total: 0, unit: String::new(), epoch: None }
    }

    /// Takes in what an event tells.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::StageStarted { stage, .. } => *self = Live::begin(stage),
            Event::Progress { progress, .. } => {
                (self.done, self.total, self.unit) = (progress.done, progress.total, progress.unit.into());
            }
            Event::Epoch { epoch, train, validation, .. } => {
                self.epoch = Some(LiveEpoch { epoch: *epoch, train: *train, validation: *validation });
            }
            _ => {}
        }
    }

    /// In words: `train fit at 1,200 of 16,410 steps`.
    pub fn told(&self) -> String {
        let verb = match self.stage.kind {
            StageKind::Data => "simulate",
            StageKind::Train => "train",
            StageKind::Distill => "distil",
        };
        format!("{verb} {} at {} of {} {}", self.stage.name, self.done, self.total, self.unit)
    }

    /// Numbers by name.
    pub fn values(&self) -> Vec<(&'static str, f64)> {
        let epoch = self.epoch.iter();
        epoch
            .flat_map(|e| [("epoch", e.epoch as f64), ("train.loss", e.train), ("validation.loss", e.validation)])
            .collect()
    }
}
