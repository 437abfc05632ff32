//! A network plan made concrete: sizes of all layers, what each function sees and what its outputs mean.

use super::graph::Graph;
use crate::base::Name;
use crate::plan::{
    Activation, Bias, Combine, Device, Dynamics, Feature, Links, Loss, MessagePrior, NodeModel, Predict, TrainPlan,
};
use serde::{Deserialize, Serialize};

/// How a node turns its summed message into its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeForm {
    /// An MLP of summed message and own features.
    Mlp,
    /// W · summed message + c, where W and c are an MLP of own features (Cranmer et al. 2020, appendix A.3: a node function
    /// that holds for any number of bodies is linear in the summed message).
    Superposition,
    /// Summed message over own mass: messages are forces.
    Newton,
    /// The summed message: messages are accelerations.
    Sum,
    /// Messages are energies of ordered pairs, the node's MLP is the energy of a body; accelerations follow from Hamilton's
    /// equations (the flattened Hamiltonian network of Cranmer et al. 2020).
    Energy,
}

/// A network plan with all sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// Space dimensions; also the number of outputs of a node.
    pub space: usize,
    /// Which pairs exchange messages, and in which space.
    pub graph: Graph,
    /// Whether it sees positions.
    pub sees_position: Seen,
    /// Whether it sees velocities.
    pub sees_velocity: Seen,
    /// Columns of the attributes it sees, in the order of the plan.
    pub attributes: Vec<usize>,
    /// Columns of the attributes that are learned, among those it sees.
    pub learned: Vec<usize>,
    /// Names of all attributes of its data, in their order.
    pub attribute_names: Vec<Name>,
    /// The column of the mass, for [`NodeForm::Newton`]; masses are 1 without.
    pub mass: Option<usize>,
    /// Message components.
    pub message: usize,
    /// Widths of the edge function: inputs, hidden layers, outputs. Outputs are messages, or means and log-variances.
    pub edge: Vec<usize>,
    /// Widths of the node's MLP; empty where it has none.
    pub node: Vec<usize>,
    /// What a node does.
    pub form: NodeForm,
    /// Non-linearity of hidden layers.
    pub activation: Activation,
    /// How messages meet.
    pub combine: Combine,
    /// How messages of a pair are tied.
    pub pair: PairForm,
    /// In which form vectors enter and leave.
    pub frame: Frame,
    /// The loss over nodes.
    pub loss: Loss,
    /// The prior on messages.
    pub prior: MessagePrior,
    /// Weight of the penalty on violations of the third law.
    pub third_law: f64,
    /// Weight decay.
    pub weights_l2: f64,
}

/// In which form a network sees positions or velocities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Not at all.
    No,
    /// As they are, of receiver and sender, and by the node.
    Absolute,
    /// The sender's less the receiver's, by the edge only.
    Relative,
}

/// How the message of j to i and that of i to j are tied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairForm {
    /// Not at all.
    Free,
    /// One is minus the other: half the difference of the edge function's two values.
    Antisymmetric,
}

/// In which form vectors enter and leave the functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frame {
    /// By component.
    Components,
    /// The functions see lengths and scalar products only. A message is made of scalars times the direction to the sender,
    /// and a node's output of scalars times the summed message and, where it sees velocities, its own velocity: whatever is
    /// learned turns with the system.
    Invariants,
}

/// Why a plan makes no network.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant's own words tell its fields")]
pub enum DesignError {
    /// The data lack an attribute that the network sees.
    UnknownAttribute { attribute: Name, known: Vec<Name> },
    /// The network would see nothing.
    SeesNothing,
    /// Messages must have as many components as space has dimensions for this node model.
    MessageWidth { node: &'static str, message: usize, space: usize },
    /// A count that must be positive is zero: hidden width, message, batch, epochs.
    Zero { what: &'static str },
    /// A number of the plan is out of range, such as a negative weight or a rate that is not finite.
    OutOfRange { what: &'static str, value: f64 },
    /// Both cannot be had together.
    Conflict { one: &'static str, other: &'static str },
    /// Not built yet.
    Unsupported { what: String },
}

impl Design {
    /// The network of `plan` for data with `space` dimensions and these attributes.
    pub fn new(plan: &TrainPlan, graph: Graph, space: usize, attributes: &[Name]) -> Result<Design, DesignError> {
        check_numbers(plan)?;
        let network = &plan.network;
        check_supported(plan)?;
        let has = |bias| network.bias.contains(&bias);
        let column = |name: &Name| {
            attributes
                .iter()
                .position(|known| known == name)
                .ok_or_else(|| DesignError::UnknownAttribute { attribute: name.clone(), known: attributes.to_vec() })
        };
        let mut seen = vec![];
        for feature in &network.sees {
            if let Feature::Attribute(name) = feature {
                seen.push(column(name)?);
            }
        }
        let learned = network.learns.iter().map(column).collect::<Result<Vec<usize>, DesignError>>()?;
        seen.extend(learned.iter().filter(|column| !seen.contains(column)).copied().collect::<Vec<_>>());
        let frame = if has(Bias::Rotation) { Frame::Invariants } else { Frame::Components };
        let relative = if has(Bias::Translation) || has(Bias::Rotation) { Seen::Relative } else { Seen::Absolute };
        let sees = |feature, form| if network.sees.contains(&feature) { form } else { Seen::No };
        let (sees_position, sees_velocity) =
            (sees(Feature::Position, relative), sees(Feature::Velocity, Seen::Absolute));
        let hamiltonian = network.dynamics == Dynamics::Hamiltonian;
        let message = match plan.prior.messages {
            _ if hamiltonian => 1,
            MessagePrior::Width(width) => width,
            _ => network.message,
        };
        let form = match &network.node {
            _ if hamiltonian => NodeForm::Energy,
            NodeModel::Mlp(_) if has(Bias::Superposition) => NodeForm::Superposition,
            NodeModel::Mlp(_) => NodeForm::Mlp,
            NodeModel::Newton => NodeForm::Newton,
            NodeModel::None => NodeForm::Sum,
        };
        if matches!(form, NodeForm::Newton | NodeForm::Sum) && message != space {
            let node = if form == NodeForm::Newton { "newton" } else { "none" };
            return Err(DesignError::MessageWidth { node, message, space });
        }
        if hamiltonian {
            check_hamiltonian(plan, sees_position)?;
        }
        if has(Bias::Superposition) && network.combine == Combine::Max {
            return Err(DesignError::Conflict { one: "bias = superposition", other: "combine = max" });
        }
        let pair = if has(Bias::ThirdLaw) { PairForm::Antisymmetric } else { PairForm::Free };
        if let (Links::Nearest(_), true) = (graph.links, has(Bias::ThirdLaw) || plan.prior.third_law > 0.0) {
            return Err(DesignError::Conflict { one: "third_law", other: "links = nearest, which are not mutual" });
        }
        if frame == Frame::Invariants {
            check_rotation(plan, space, message, form, sees_position)?;
        }
        let own = own_inputs(frame, space, sees_position, sees_velocity) + seen.len();
        let between = match (frame, sees_position, sees_velocity) {
            (Frame::Components, Seen::Relative, _) => space,
            (Frame::Components, ..) => 0,
            // The distance; both velocities along the direction and their scalar product.
            (Frame::Invariants, _, velocity) => 1 + if velocity == Seen::No { 0 } else { 3 },
        };
        let edge_inputs = 2 * own + between;
        if edge_inputs == 0 {
            return Err(DesignError::SeesNothing);
        }
        let channels = if frame == Frame::Invariants { message / space } else { message };
        let outputs = if matches!(plan.prior.messages, MessagePrior::Kl(_)) { 2 * channels } else { channels };
        let stack = |input: usize, hidden: &[usize], output: usize| [&[input], hidden, &[output]].concat();
        let linear = match frame {
            Frame::Components => space * message + space,
            Frame::Invariants => channels + usize::from(sees_velocity != Seen::No),
        };
        let node = match (&network.node, form) {
            // An energy that knows no position moves nothing.
            (NodeModel::Mlp(hidden), NodeForm::Energy) if sees_position == Seen::Absolute => stack(own, hidden, 1),
            (_, NodeForm::Energy) => vec![],
            (NodeModel::Mlp(hidden), NodeForm::Superposition) => stack(own, hidden, linear),
            (NodeModel::Mlp(hidden), _) => stack(message + own, hidden, space),
            _ => vec![],
        };
        Ok(Design {
            space,
            graph,
            sees_position,
            sees_velocity,
            attributes: seen,
            learned,
            attribute_names: attributes.to_vec(),
            mass: attributes.iter().position(|name| name.as_str() == "mass"),
            message,
            edge: stack(edge_inputs, &network.edge, outputs),
            node,
            form,
            activation: network.activation,
            combine: network.combine,
            pair,
            frame,
            loss: plan.loss,
            prior: plan.prior.messages,
            third_law: plan.prior.third_law,
            weights_l2: plan.prior.weights_l2,
        })
    }

    /// Where a learned attribute stands among the features of one body.
    pub fn place_of(&self, learned: usize) -> usize {
        let own = self.own_inputs() - self.attributes.len();
        own + self.attributes.iter().position(|column| *column == learned).unwrap_or(0)
    }

    /// Features of one body that its own node function sees.
    pub fn own_inputs(&self) -> usize {
        own_inputs(self.frame, self.space, self.sees_position, self.sees_velocity) + self.attributes.len()
    }

    /// (inputs, outputs) of every dense layer, those of the edge function first.
    pub fn layers(&self) -> Vec<(usize, usize)> {
        let of = |widths: &[usize]| widths.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>();
        [of(&self.edge), of(&self.node)].concat()
    }

    /// Dense layers of the edge function.
    pub fn edge_layers(&self) -> usize {
        self.edge.len() - 1
    }

    /// Weights and biases of all layers.
    pub fn parameter_count(&self) -> usize {
        self.layers().iter().map(|&(inputs, outputs)| (inputs + 1) * outputs).sum()
    }

    /// Floating-point operations of the matrix products of one optimiser step: output, weight gradient and, except at
    /// the raw inputs, input gradient of every layer, two per multiply-add.
    pub fn flops_per_step(&self, nodes: usize, edges: usize) -> f64 {
        let stack = |widths: &[usize], rows: usize, input_gradient: usize| -> f64 {
            let layers = widths.windows(2).enumerate();
            layers
                .map(|(layer, w)| (2 * rows * w[0] * w[1] * if layer > 0 { 3 } else { 2 + input_gradient }) as f64)
                .sum()
        };
        // A loss of slopes goes through every layer twice in either direction.
        let passes = if self.form == NodeForm::Energy { 2.0 } else { 1.0 };
        passes * (stack(&self.edge, edges, 0) + stack(&self.node, nodes, usize::from(self.form == NodeForm::Mlp)))
    }
}

fn check_numbers(plan: &TrainPlan) -> Result<(), DesignError> {
    let network = &plan.network;
    let empty: &[usize] = &[];
    let node = if let NodeModel::Mlp(hidden) = &network.node { hidden } else { empty };
    let message = if let MessagePrior::Width(width) = plan.prior.messages { width } else { network.message };
    let counts = [
        ("hidden width", network.edge.iter().chain(node).copied().min().unwrap_or(1)),
        ("message", message),
        ("batch", plan.batch),
        ("epochs", plan.epochs),
    ];
    if let Some(&(what, _)) = counts.iter().find(|(_, count)| *count == 0) {
        return Err(DesignError::Zero { what });
    }
    let weight = match plan.prior.messages {
        MessagePrior::L1(weight) | MessagePrior::Kl(weight) => weight,
        MessagePrior::Prune { to: 0, .. } => return Err(DesignError::Zero { what: "to of prune" }),
        MessagePrior::Prune { by, .. } if !(by > 0.0 && by <= 1.0) => {
            return Err(DesignError::OutOfRange { what: "by of prune", value: by });
        }
        _ => 0.0,
    };
    let huber = if let Loss::Huber(size) = plan.loss { size } else { 1.0 };
    let numbers = [
        ("weight of the prior on messages", weight),
        ("weight of the prior on weights", plan.prior.weights_l2),
        ("weight of the third law", plan.prior.third_law),
        ("augment", plan.augment),
        ("clip", plan.clip),
        ("rate", plan.rate),
        ("size of huber", huber),
    ];
    match numbers.iter().find(|(_, value)| !(value.is_finite() && *value >= 0.0)) {
        Some(&(what, value)) => Err(DesignError::OutOfRange { what, value }),
        None if plan.rate == 0.0 => Err(DesignError::Zero { what: "rate" }),
        None => Ok(()),
    }
}

/// Features of one body that come from vectors.
fn own_inputs(frame: Frame, space: usize, position: Seen, velocity: Seen) -> usize {
    let width = if frame == Frame::Invariants { 1 } else { space };
    [position, velocity].iter().filter(|&&seen| seen == Seen::Absolute).count() * width
}

fn check_rotation(
    plan: &TrainPlan,
    space: usize,
    message: usize,
    form: NodeForm,
    position: Seen,
) -> Result<(), DesignError> {
    let conflict = |other| Err(DesignError::Conflict { one: "bias = rotation", other });
    if position == Seen::No {
        return conflict("a network that sees no positions");
    }
    if form == NodeForm::Mlp {
        return conflict("node = mlp without bias = superposition");
    }
    if !message.is_multiple_of(space) {
        return conflict("a number of message components that is no multiple of the space dimensions");
    }
    if matches!(plan.prior.messages, MessagePrior::Kl(_)) {
        return conflict("messages = kl, whose noise has a direction of its own");
    }
    if matches!(plan.prior.messages, MessagePrior::Prune { .. }) {
        return conflict("messages = prune, which takes single components");
    }
    if plan.network.combine == Combine::Max {
        return conflict("combine = max, which depends on the axes");
    }
    Ok(())
}

fn check_hamiltonian(plan: &TrainPlan, position: Seen) -> Result<(), DesignError> {
    let network = &plan.network;
    let conflict = |other| Err(DesignError::Conflict { one: "dynamics = hamiltonian", other });
    if position == Seen::No {
        return conflict("a network that sees no positions");
    }
    if !matches!(network.node, NodeModel::Mlp(_)) {
        return conflict("a fixed node: Hamilton's equations take its place");
    }
    if network.message != 1 {
        return conflict("more than one message component: the energy of a pair is one number");
    }
    if network.combine != Combine::Sum {
        return conflict("combine = mean or max: energies add up");
    }
    if network.bias.contains(&Bias::Rotation) {
        return conflict("bias = rotation");
    }
    if network.bias.contains(&Bias::ThirdLaw) || plan.prior.third_law > 0.0 {
        return conflict("third_law, which ties forces; relative positions have it already");
    }
    if matches!(plan.prior.messages, MessagePrior::Kl(_)) {
        return conflict("messages = kl: a sampled energy has no slope");
    }
    Ok(())
}

fn check_supported(plan: &TrainPlan) -> Result<(), DesignError> {
    let network = &plan.network;
    if network.predict != Predict::Acceleration {
        return Err(DesignError::Unsupported { what: "predict = target".into() });
    }
    let conflict = |other| Err(DesignError::Conflict { one: "`learns`", other });
    match () {
        _ if network.learns.is_empty() => Ok(()),
        _ if network.dynamics == Dynamics::Hamiltonian => conflict("dynamics = hamiltonian"),
        _ if plan.seeds > 1 => conflict("an ensemble, whose networks would each see other bodies"),
        _ if plan.device != Device::Cpu => conflict("another device than the CPU"),
        _ => Ok(()),
    }
}
