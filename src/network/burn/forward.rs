//! Forward pass and loss in tensors.

use crate::network::batch::Batch;
use crate::network::design::{Design, Frame, NodeForm, PairForm, Seen};
use crate::network::scaling::Scaling;
use crate::plan::{Activation, Combine, Loss, MessagePrior};
use ::burn::tensor::activation::{relu, sigmoid, silu, softplus, tanh};
use ::burn::tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData};

/// A dense layer: weights [inputs, outputs] and bias [1, outputs].
pub struct Layer {
    /// [inputs, outputs]
    pub weights: Tensor<2>,
    /// [1, outputs]
    pub bias: Tensor<2>,
}

/// A batch in tensors.
pub struct Inputs {
    nodes: usize,
    edges: usize,
    edge: Tensor<2>,
    node: Option<Tensor<2>>,
    /// [edges, 1, space] and [nodes, space] where the design is invariant.
    direction: Option<Tensor<3>>,
    velocity: Option<Tensor<2>>,
    inverse_mass: Tensor<2>,
    target: Tensor<2>,
    weight: Tensor<2>,
    noise: Option<Tensor<2>>,
    /// The receiving and the sending node of each edge.
    receiver: Tensor<1, Int>,
    sender: Tensor<1, Int>,
    reverse: Option<Tensor<1, Int>>,
    /// Edges of each node up to the largest number, the first repeated, for maxima.
    slots: Option<(Tensor<1, Int>, usize)>,
    /// 1 / number of senders of each node; 0 for none.
    share: Tensor<2>,
    factors: Tensor<2>,
    output: f64,
}

impl Inputs {
    /// The tensors of a batch on a device.
    pub fn new(design: &Design, scaling: &Scaling, factors: &[f32], batch: &Batch, device: &Device) -> Inputs {
        let matrix = |values: Vec<f32>, columns: usize| {
            let rows = values.len() / columns.max(1);
            Tensor::<2>::from_data(TensorData::new(values, [rows, columns]), device)
        };
        let list = |values: Vec<i64>| {
            let count = values.len();
            Tensor::<1, Int>::from_data(TensorData::new(values, [count]), device)
        };
        let (nodes, own) = (batch.nodes(), design.own_inputs());
        let senders = |node: usize| batch.edges_of(node).len();
        let receiver = (0..nodes).flat_map(|node| vec![node as i64; senders(node)]).collect();
        // Whoever sends is a receiver too: all bodies are.
        let sending = |node: usize| {
            let first = node / batch.receivers.max(1) * batch.receivers;
            batch.edges_of(node).map(move |edge| (first + batch.sender[edge] as usize) as i64)
        };
        let most = (0..nodes).map(senders).max().unwrap_or(0);
        let slot = |node: usize, k: usize| {
            let edges = batch.edges_of(node);
            if k < edges.len() { edges.start + k } else { edges.start.min(batch.edges().saturating_sub(1)) }
        };
        let slots = (0..nodes).flat_map(|node| (0..most).map(move |k| slot(node, k) as i64));
        let share = |node: usize| if senders(node) == 0 { 0.0 } else { 1.0 / senders(node) as f32 };
        Inputs {
            nodes,
            edges: batch.edges(),
            edge: matrix(batch.edge.clone(), design.edge[0]),
            node: (own > 0).then(|| matrix(batch.node.clone(), own)),
            direction: (!batch.direction.is_empty())
                .then(|| matrix(batch.direction.clone(), design.space).reshape([batch.edges(), 1, design.space])),
            velocity: (!batch.velocity.is_empty()).then(|| matrix(batch.velocity.clone(), design.space)),
            inverse_mass: matrix(batch.inverse_mass.clone(), 1),
            target: matrix(batch.target.clone(), design.space),
            weight: matrix(batch.weight.clone(), 1),
            noise: (!batch.noise.is_empty()).then(|| matrix(batch.noise.clone(), design.message)),
            receiver: list(receiver),
            sender: list((0..nodes).flat_map(sending).collect()),
            reverse: (!batch.reverse.is_empty()).then(|| list(batch.reverse.iter().map(|&edge| edge as i64).collect())),
            slots: (design.combine == Combine::Max).then(|| (list(slots.collect()), most)),
            share: matrix((0..nodes).map(share).collect(), 1),
            factors: matrix(factors.to_vec(), factors.len()),
            output: scaling.output,
        }
    }
}

/// Prediction loss and priors on messages.
pub fn losses(design: &Design, layers: &[Layer], inputs: &Inputs) -> (Tensor<1>, Tensor<1>) {
    let (edge, node) = layers.split_at(design.edge_layers());
    let device = inputs.edge.device();
    let mut totals = Tensor::<2>::zeros([inputs.nodes, design.message], &device);
    let mut penalty = Tensor::<1>::zeros([1], &device);
    if design.form == NodeForm::Energy {
        let (output, energies) = hamiltonian(design, edge, node, inputs);
        penalty = penalty + penalties(design, inputs, &energies, &(energies.clone() * inputs.factors.clone()));
        return (prediction(design, inputs, output), penalty);
    }
    if inputs.edges > 0 {
        let raw = mlp(edge, design.activation, inputs.edge.clone());
        let messages = messages(design, inputs, &raw);
        penalty = penalty + penalties(design, inputs, &raw, &messages);
        totals = combine(design, inputs, messages, totals);
    }
    (prediction(design, inputs, nodes(design, node, inputs, totals)), penalty)
}

fn prediction(design: &Design, inputs: &Inputs, output: Tensor<2>) -> Tensor<1> {
    let error = (output.mul_scalar(inputs.output) - inputs.target.clone()).abs();
    let each = match design.loss {
        Loss::Mae | Loss::Relative => error,
        Loss::Mse => error.square(),
        Loss::Huber(size) => {
            let small = error.clone().lower_equal_elem(size);
            let linear = error.clone().mul_scalar(2.0 * size).sub_scalar(size * size);
            linear.mask_where(small, error.square())
        }
    };
    (each * inputs.weight.clone()).sum().div_scalar(inputs.nodes as f64)
}

/// Accelerations and energies of pairs: minus the slope of all energies by positions, over masses.
fn hamiltonian(design: &Design, edge: &[Layer], node: &[Layer], inputs: &Inputs) -> (Tensor<2>, Tensor<2>) {
    let (space, own) = (design.space, design.own_inputs());
    let mut force = Tensor::<2>::zeros([inputs.nodes, space], &inputs.edge.device());
    let (energies, slope) = energy(edge, design.activation, inputs.edge.clone());
    let columns = |slope: &Tensor<2>, first: usize| slope.clone().slice([0..slope.dims()[0], first..first + space]);
    let (on_receiver, on_sender) = match design.sees_position {
        Seen::Relative => (columns(&slope, 0), -columns(&slope, 0)),
        _ => (-columns(&slope, 0), -columns(&slope, own)),
    };
    force = force.select_assign(0, inputs.receiver.clone(), on_receiver, IndexingUpdateOp::Add);
    force = force.select_assign(0, inputs.sender.clone(), on_sender, IndexingUpdateOp::Add);
    if let (false, Some(state)) = (node.is_empty(), &inputs.node) {
        let (_, slope) = energy(node, design.activation, state.clone());
        force = force - columns(&slope, 0);
    }
    (force * inputs.inverse_mass.clone(), energies)
}

/// An energy and its slope by all inputs, the way down the layers written out so that it can be differentiated again.
fn energy(layers: &[Layer], activation: Activation, input: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let mut sums = vec![];
    let mut values = input;
    for (at, layer) in layers.iter().enumerate() {
        values = values.matmul(layer.weights.clone()) + layer.bias.clone();
        if at + 1 < layers.len() {
            sums.push(values.clone());
            values = activate(activation, values);
        }
    }
    let mut slope = values.ones_like();
    for (at, layer) in layers.iter().enumerate().rev() {
        slope = slope.matmul(layer.weights.clone().transpose());
        if at > 0 {
            slope = slope * activation_slope(activation, sums[at - 1].clone());
        }
    }
    (values, slope)
}

fn activation_slope(activation: Activation, sums: Tensor<2>) -> Tensor<2> {
    match activation {
        Activation::Relu => sums.greater_elem(0.0).float(),
        Activation::Silu => {
            let p = sigmoid(sums.clone());
            p.clone() + sums * p.clone() * (p.ones_like() - p)
        }
        Activation::Softplus => sigmoid(sums),
        Activation::Tanh => sums.ones_like() - tanh(sums).square(),
    }
}

fn mlp(layers: &[Layer], activation: Activation, mut values: Tensor<2>) -> Tensor<2> {
    for (at, layer) in layers.iter().enumerate() {
        values = values.matmul(layer.weights.clone()) + layer.bias.clone();
        if at + 1 < layers.len() {
            values = activate(activation, values);
        }
    }
    values
}

fn activate(activation: Activation, values: Tensor<2>) -> Tensor<2> {
    match activation {
        Activation::Relu => relu(values),
        Activation::Silu => silu(values),
        Activation::Softplus => softplus(values, 1.0),
        Activation::Tanh => tanh(values),
    }
}

fn messages(design: &Design, inputs: &Inputs, raw: &Tensor<2>) -> Tensor<2> {
    let width = design.message;
    let mut messages = match (&inputs.noise, design.prior) {
        (Some(noise), MessagePrior::Kl(_)) => {
            let spread = raw.clone().slice([0..inputs.edges, width..2 * width]);
            raw.clone().slice([0..inputs.edges, 0..width]) + spread.mul_scalar(0.5).exp() * noise.clone()
        }
        (None, MessagePrior::Kl(_)) => raw.clone().slice([0..inputs.edges, 0..width]),
        _ => raw.clone(),
    };
    if let Some(direction) = &inputs.direction {
        let scalars = messages.reshape([inputs.edges, width / design.space, 1]);
        messages = scalars.matmul(direction.clone()).reshape([inputs.edges, width]);
    }
    if let (PairForm::Antisymmetric, Some(reverse)) = (design.pair, &inputs.reverse) {
        messages = (messages.clone() - messages.select(0, reverse.clone())).mul_scalar(0.5);
    }
    messages * inputs.factors.clone()
}

fn penalties(design: &Design, inputs: &Inputs, raw: &Tensor<2>, messages: &Tensor<2>) -> Tensor<1> {
    let share = 1.0 / inputs.edges as f64;
    let width = design.message;
    let mut penalty = match design.prior {
        MessagePrior::L1(weight) => messages.clone().abs().sum().mul_scalar(weight * share),
        MessagePrior::Kl(weight) => {
            let mean = raw.clone().slice([0..inputs.edges, 0..width]);
            let spread = raw.clone().slice([0..inputs.edges, width..2 * width]);
            let divergence = mean.square() + spread.clone().exp() - spread;
            divergence.sub_scalar(1.0).sum().mul_scalar(0.5 * weight * share)
        }
        _ => Tensor::zeros([1], &messages.device()),
    };
    if let (true, Some(reverse)) = (design.third_law > 0.0, &inputs.reverse) {
        let together = messages.clone() + messages.clone().select(0, reverse.clone());
        penalty = penalty + together.abs().sum().mul_scalar(design.third_law * share);
    }
    penalty
}

fn combine(design: &Design, inputs: &Inputs, messages: Tensor<2>, zeros: Tensor<2>) -> Tensor<2> {
    let sum = |messages| zeros.select_assign(0, inputs.receiver.clone(), messages, IndexingUpdateOp::Add);
    match (design.combine, &inputs.slots) {
        (Combine::Max, Some((slots, most))) => {
            let spread = messages.select(0, slots.clone()).reshape([inputs.nodes, *most, design.message]);
            let has_senders = inputs.share.clone().greater_elem(0.0).float();
            spread.max_dim(1).reshape([inputs.nodes, design.message]) * has_senders
        }
        (Combine::Mean, _) => sum(messages) * inputs.share.clone(),
        _ => sum(messages),
    }
}

fn nodes(design: &Design, layers: &[Layer], inputs: &Inputs, totals: Tensor<2>) -> Tensor<2> {
    let (nodes, width, space) = (inputs.nodes, design.message, design.space);
    match design.form {
        NodeForm::Mlp => {
            let parts = [Some(totals), inputs.node.clone()].into_iter().flatten().collect();
            mlp(layers, design.activation, Tensor::cat(parts, 1))
        }
        NodeForm::Superposition => {
            let out = match &inputs.node {
                Some(own) => mlp(layers, design.activation, own.clone()),
                None => mlp(&layers[1..], design.activation, constant(design, layers, nodes)),
            };
            if design.frame == Frame::Invariants {
                let channels = width / space;
                let weights = out.clone().slice([0..nodes, 0..channels]).reshape([nodes, 1, channels]);
                let vectors = totals.reshape([nodes, channels, space]);
                let sum = weights.matmul(vectors).reshape([nodes, space]);
                return match &inputs.velocity {
                    Some(velocity) => sum + out.slice([0..nodes, channels..channels + 1]) * velocity.clone(),
                    None => sum,
                };
            }
            let linear = out.clone().slice([0..nodes, 0..space * width]).reshape([nodes, space, width]);
            let total = totals.reshape([nodes, width, 1]);
            linear.matmul(total).reshape([nodes, space]) + out.slice([0..nodes, space * width..space * width + space])
        }
        NodeForm::Newton => totals * inputs.inverse_mass.clone(),
        NodeForm::Sum => totals,
        NodeForm::Energy => unreachable!("energies have no totals"),
    }
}

/// The first layer of a node function that sees nothing of its own: its bias, in every row.
fn constant(design: &Design, layers: &[Layer], nodes: usize) -> Tensor<2> {
    let bias = layers[0].bias.clone().repeat_dim(0, nodes);
    if layers.len() > 1 { activate(design.activation, bias) } else { bias }
}
