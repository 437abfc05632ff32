//! Trajectories, a network and a prior to trained functions that can be called anywhere.
//!
//! A graph network (Cranmer et al. 2020, section 3): a message for every link from an edge function of two bodies, messages
//! met at each receiver, and a node function from what met to the acceleration. [`train`] fits one by Adam under a one-cycle
//! rate; [`Trained`] answers for any number of bodies, by its prediction, its messages or the contribution of one sender.
//!
//! Steps run on hand-written CPU kernels ([`fused`]); Burn, in the folder `burn` only, computes the same gradients by
//! autodiff. Not built yet: targets other than accelerations.

mod batch;
#[cfg(feature = "burn")]
pub mod burn;
mod bytes;
mod design;
mod device;
pub mod fused;
mod graph;
mod learn;
mod scaling;
mod score;
mod train;
mod trained;

pub use batch::{Batch, Choice, Disturb, Source};
pub use bytes::DecodeError;
pub use design::{Design, DesignError, Frame, NodeForm, PairForm, Seen};
pub use graph::Graph;
pub use learn::{Learned, with_unknowns};
pub use scaling::{Scale, Scaling};
pub use score::{Score, score};
pub use train::{Checkpoint, TrainError, flops_per_step, one_cycle, parameter_count, train, train_from};
pub use trained::{Epoch, Facts, Messages, Trained};

#[cfg(test)]
mod tests;
