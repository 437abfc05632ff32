//! Networks, priors and trainings.

use crate::base::Name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A training of one network on one data set under one prior.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainPlan {
    /// The data set of the plan.
    pub data: Name,
    /// The network.
    pub network: NetworkPlan,
    /// The prior.
    pub prior: PriorPlan,
    /// Passes over the kept training snapshots.
    pub epochs: usize,
    /// Snapshots per optimiser step.
    pub batch: usize,
    /// The optimiser.
    pub optimizer: Optimizer,
    /// Peak learning rate of the one-cycle schedule (Smith and Topin 2018).
    pub rate: f64,
    /// Standard deviation of the random translation of each batch; 0 for none.
    pub augment: f64,
    /// What is minimised.
    pub loss: Loss,
    /// Gradients are scaled down to this global norm; 0 for no clipping.
    pub clip: f64,
    /// Training ends early when the validation loss has not fallen for this many epochs; 0 for never.
    pub stop: usize,
    /// The resolved seed number of its streams.
    pub seed: u64,
    /// Number of networks of the ensemble.
    pub seeds: usize,
    /// Arithmetic.
    pub precision: Precision,
    /// Where it runs.
    pub device: Device,
}

/// A graph network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkPlan {
    /// What a node's output is.
    pub predict: Predict,
    /// What the network sees of each body, in order; vectors have `space` components.
    pub sees: Vec<Feature>,
    /// Attributes that are unknown numbers per body, trained with the law.
    pub learns: Vec<Name>,
    /// Widths of the hidden layers of the message function.
    pub edge: Vec<usize>,
    /// The update function.
    pub node: NodeModel,
    /// Number of message components.
    pub message: usize,
    /// How messages meet at a node.
    pub combine: Combine,
    /// The non-linearity of hidden layers.
    pub activation: Activation,
    /// Inductive biases.
    pub bias: BTreeSet<Bias>,
    /// What the outputs mean in time.
    pub dynamics: Dynamics,
}

/// What a node predicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predict {
    /// The acceleration: `space` components.
    Acceleration,
    /// The target column of a table.
    Target,
}

/// What a network sees of a body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// `space` components.
    Position,
    /// `space` components.
    Velocity,
    /// A scalar attribute.
    Attribute(Name),
}

/// The update function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeModel {
    /// A network with hidden layers of these widths.
    Mlp(Vec<usize>),
    /// The summed message over the body's own mass.
    Newton,
    /// The summed message itself.
    None,
}

/// How messages meet at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Combine {
    Sum,
    Mean,
    Max,
}

/// The non-linearity of hidden layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Activation {
    Relu,
    Silu,
    Softplus,
    Tanh,
}

/// An inductive bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bias {
    /// The edge sees `x_j - x_i` in place of both positions; the node sees no position.
    Translation,
    /// The edge sees invariants under rotation only.
    Rotation,
    /// The node's output is W(receiver) · summed message + c(receiver).
    Superposition,
    /// The message of j to i is minus the message of i to j.
    ThirdLaw,
}

/// What the outputs mean in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dynamics {
    /// Outputs are the prediction.
    Direct,
    /// Outputs are energies; the prediction comes from Hamilton's equations.
    Hamiltonian,
}

/// Priors on messages and weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriorPlan {
    /// On messages.
    pub messages: MessagePrior,
    /// Weight of the sum of squared weights (Adam weight decay as the paper's code).
    pub weights_l2: f64,
    /// Weight of the mean violation of Newton's third law by messages; 0 for none.
    pub third_law: f64,
}

/// A prior on messages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant's own words tell its fields")]
pub enum MessagePrior {
    /// None: the paper's Standard.
    None,
    /// Weight of the mean over edges of the sum over components of |message|.
    L1(f64),
    /// Weight of the KL divergence from a standard normal; messages are sampled.
    Kl(f64),
    /// The number of message components: the paper's Bottleneck.
    Width(usize),
    /// Components of least variance are masked until `to` are left, at the share `by` of training.
    Prune { to: usize, by: f64, schedule: PruneSchedule },
}

/// How fast components are pruned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum PruneSchedule {
    Linear,
    Cosine,
    Exponential,
}

/// An optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    /// Adam (Kingma and Ba 2014).
    Adam,
}

/// What is minimised over bodies: the sum over components of …
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// absolute errors.
    Mae,
    /// squared errors.
    Mse,
    /// squared errors, linear beyond this size.
    Huber(f64),
    /// absolute errors over the size of the body's own acceleration, at least a tenth of the middle size: for heavy tails.
    Relative,
}

/// Arithmetic of training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Precision {
    F32,
}

/// Where training runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// The fused CPU kernels.
    Cpu,
    /// Burn's `flex` back end on the CPU.
    Flex,
    /// Burn's `ndarray` back end on the CPU.
    Ndarray,
}
