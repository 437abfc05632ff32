//! The network and its loss written down as their definitions say, in double precision.

use crate::network::{Batch, Design, Frame, NodeForm, PairForm, Scaling, Seen};
use crate::plan::{Activation, Combine, Loss, MessagePrior};

/// Prediction loss plus priors on messages, for weights in plain order.
pub fn loss(design: &Design, scaling: &Scaling, active: &[bool], weights: &[f64], batch: &Batch) -> f64 {
    let layers = design.layers();
    let (edge_layers, node_layers) = layers.split_at(design.edge_layers());
    let edge_weights: usize = edge_layers.iter().map(|(i, o)| (i + 1) * o).sum();
    let (edge_weights, node_weights) = weights.split_at(edge_weights);
    let (width, edges, nodes) = (design.message, batch.edges(), batch.nodes());
    let rows = |flat: &[f32], width: usize, row: usize| -> Vec<f64> {
        flat[row * width..][..width].iter().map(|&value| value as f64).collect()
    };
    let raw: Vec<Vec<f64>> = (0..edges)
        .map(|edge| mlp(edge_layers, edge_weights, design.activation, rows(&batch.edge, design.edge[0], edge)))
        .collect();
    let sampled = |edge: usize, k: usize| match design.prior {
        _ if design.frame == Frame::Invariants => {
            raw[edge][k / design.space] * batch.direction[edge * design.space + k % design.space] as f64
        }
        MessagePrior::Kl(_) => raw[edge][k] + (raw[edge][width + k] / 2.0).exp() * batch.noise[edge * width + k] as f64,
        _ => raw[edge][k],
    };
    let tied = |edge: usize, k: usize| match design.pair {
        PairForm::Free => sampled(edge, k),
        PairForm::Antisymmetric => (sampled(edge, k) - sampled(batch.reverse[edge] as usize, k)) / 2.0,
    };
    let message = |edge: usize, k: usize| if active[k] { tied(edge, k) * scaling.message } else { 0.0 };
    let messages: Vec<Vec<f64>> = (0..edges).map(|edge| (0..width).map(|k| message(edge, k)).collect()).collect();
    let mut forces = vec![vec![0.0; design.space]; nodes];
    for node in (0..nodes).filter(|_| design.form == NodeForm::Energy) {
        let own = design.own_inputs();
        for k in 0..design.space {
            for edge in batch.edges_of(node) {
                let sender = node / batch.receivers * batch.receivers + batch.sender[edge] as usize;
                let input = rows(&batch.edge, design.edge[0], edge);
                let slope = |column: usize| slope(edge_layers, edge_weights, design.activation, &input, column);
                let relative = design.sees_position == Seen::Relative;
                forces[node][k] += if relative { slope(k) } else { -slope(k) };
                forces[sender][k] -= if relative { slope(k) } else { slope(own + k) };
            }
            if !node_layers.is_empty() {
                let input = rows(&batch.node, own, node);
                forces[node][k] -= slope(node_layers, node_weights, design.activation, &input, k);
            }
        }
    }
    let mut sum = 0.0;
    for node in 0..nodes {
        let into = batch.edges_of(node);
        let total: Vec<f64> = (0..width)
            .map(|k| {
                let values = into.clone().map(|edge| messages[edge][k]);
                match design.combine {
                    Combine::Sum => values.sum(),
                    Combine::Mean => values.sum::<f64>() / into.len().max(1) as f64,
                    Combine::Max => values.reduce(f64::max).unwrap_or(0.0),
                }
            })
            .collect();
        let own = rows(&batch.node, design.own_inputs(), node);
        let output: Vec<f64> = match design.form {
            NodeForm::Mlp => mlp(node_layers, node_weights, design.activation, [total, own].concat()),
            NodeForm::Superposition => {
                let out = mlp(node_layers, node_weights, design.activation, own);
                if design.frame == Frame::Invariants {
                    let channels = width / design.space;
                    let vector = |d: usize| -> f64 {
                        let messages: f64 = (0..channels).map(|c| out[c] * total[c * design.space + d]).sum();
                        messages + out[channels] * batch.velocity[node * design.space + d] as f64
                    };
                    (0..design.space).map(vector).collect()
                } else {
                    let linear = |d: usize| (0..width).map(|k| out[d * width + k] * total[k]).sum::<f64>();
                    (0..design.space).map(|d| linear(d) + out[design.space * width + d]).collect()
                }
            }
            NodeForm::Newton => total.iter().map(|value| value * batch.inverse_mass[node] as f64).collect(),
            NodeForm::Sum => total,
            NodeForm::Energy => forces[node].iter().map(|force| force * batch.inverse_mass[node] as f64).collect(),
        };
        for (d, value) in output.iter().enumerate() {
            let error = (value * scaling.output - batch.target[node * design.space + d] as f64).abs();
            let each = match design.loss {
                Loss::Mae | Loss::Relative => error,
                Loss::Mse => error * error,
                Loss::Huber(size) if error <= size => error * error,
                Loss::Huber(size) => 2.0 * size * error - size * size,
            };
            sum += each * batch.weight[node] as f64;
        }
    }
    let mean = |of: &dyn Fn(usize) -> f64| (0..edges).map(of).sum::<f64>() / edges.max(1) as f64;
    let prior = match design.prior {
        MessagePrior::L1(weight) => weight * mean(&|edge| messages[edge].iter().map(|m| m.abs()).sum()),
        MessagePrior::Kl(weight) => {
            let divergence = |mean: f64, spread: f64| (mean * mean + spread.exp() - spread - 1.0) / 2.0;
            weight * mean(&|edge| (0..width).map(|k| divergence(raw[edge][k], raw[edge][width + k])).sum())
        }
        _ => 0.0,
    };
    let violation = |edge: usize| -> f64 {
        let back = &messages[batch.reverse[edge] as usize];
        messages[edge].iter().zip(back).map(|(there, back)| (there + back).abs()).sum()
    };
    let third_law = if design.third_law > 0.0 { design.third_law * mean(&violation) } else { 0.0 };
    sum / nodes as f64 + prior + third_law
}

/// The derivative of a function with one output by one of its inputs, carried along from the input up.
fn slope(layers: &[(usize, usize)], weights: &[f64], activation: Activation, input: &[f64], column: usize) -> f64 {
    let (mut values, mut slopes) = (input.to_vec(), vec![0.0; input.len()]);
    slopes[column] = 1.0;
    let mut rest = weights;
    for (at, &(inputs, outputs)) in layers.iter().enumerate() {
        let (own, after) = rest.split_at((inputs + 1) * outputs);
        rest = after;
        let through = |from: &[f64], o: usize| (0..inputs).map(|i| from[i] * own[i * outputs + o]).sum::<f64>();
        let sums: Vec<f64> = (0..outputs).map(|o| through(&values, o) + own[inputs * outputs + o]).collect();
        let tangents: Vec<f64> = (0..outputs).map(|o| through(&slopes, o)).collect();
        let last = at + 1 == layers.len();
        let sigma = |x: f64| 1.0 / (1.0 + (-x).exp());
        let both = |x: f64| match activation {
            _ if last => (x, 1.0),
            Activation::Relu => (x.max(0.0), if x > 0.0 { 1.0 } else { 0.0 }),
            Activation::Silu => (x * sigma(x), sigma(x) * (1.0 + x * (1.0 - sigma(x)))),
            Activation::Softplus => (x.max(0.0) + (-x.abs()).exp().ln_1p(), sigma(x)),
            Activation::Tanh => (x.tanh(), 1.0 - x.tanh().powi(2)),
        };
        values = sums.iter().map(|&x| both(x).0).collect();
        slopes = sums.iter().zip(&tangents).map(|(&x, t)| both(x).1 * t).collect();
    }
    slopes[0]
}

fn mlp(layers: &[(usize, usize)], weights: &[f64], activation: Activation, mut values: Vec<f64>) -> Vec<f64> {
    let mut rest = weights;
    for (at, &(inputs, outputs)) in layers.iter().enumerate() {
        let (own, after) = rest.split_at((inputs + 1) * outputs);
        rest = after;
        let linear =
            |o: usize| (0..inputs).map(|i| values[i] * own[i * outputs + o]).sum::<f64>() + own[inputs * outputs + o];
        let hidden = |x: f64| match activation {
            Activation::Relu => x.max(0.0),
            Activation::Silu => x / (1.0 + (-x).exp()),
            Activation::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Activation::Tanh => x.tanh(),
        };
        values = (0..outputs).map(|o| if at + 1 < layers.len() { hidden(linear(o)) } else { linear(o) }).collect();
    }
    values
}
