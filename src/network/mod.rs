//! Trajectories, a network and a prior to trained functions that can be called anywhere. Burn lives here only.

mod batch;
#[cfg(feature = "burn")]
pub mod burn;
mod bytes;
mod design;
mod device;
pub mod fused;
mod graph;
mod scaling;
mod score;
mod train;
mod trained;

pub use batch::{Batch, Choice, Disturb, Source};
pub use bytes::DecodeError;
pub use design::{Design, DesignError, Frame, NodeForm, PairForm, Seen};
pub use graph::Graph;
pub use scaling::Scaling;
pub use score::{Score, score};
pub use train::{Checkpoint, TrainError, flops_per_step, one_cycle, parameter_count, train, train_from};
pub use trained::{Epoch, Facts, Messages, Trained};

#[cfg(test)]
mod tests;
