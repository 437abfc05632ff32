//! Some configurations of a batch on their way through the network and back, on one thread.

use super::energy::Energy;
use super::messages::{combine, compose, decompose, penalise, penalise_divergence, sign, spread};
use super::panels::Panels;
use super::stack::Stack;
use super::superposition::{superpose, superpose_backward};
use super::weights::{Transposed, Weights};
use crate::network::batch::Batch;
use crate::network::design::{Design, NodeForm};
use crate::network::scaling::Scaling;
use crate::plan::Loss;

/// A network's parts as the kernels need them.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    /// Sizes and forms.
    pub design: &'a Design,
    /// Units.
    pub scaling: &'a Scaling,
    /// Weights of all layers.
    pub weights: &'a Weights,
    /// The same, transposed.
    pub transposed: &'a Transposed,
    /// What each message component is multiplied by: the unit of messages, or 0 where pruned.
    pub factors: &'a [f32],
}

/// Workspace of one shard. Keeps its memory between batches.
#[derive(Clone, Debug, Default)]
pub struct Shard {
    /// Its configurations.
    pub batch: Batch,
    /// The edge function over its edges.
    pub edge: Stack,
    /// The node function over its nodes.
    pub node: Stack,
    /// The pair energy over its edges, under Hamilton's equations.
    pub pair: Energy,
    /// The energy of a body over its nodes, under Hamilton's equations.
    pub own: Energy,
    /// Messages, [edges, message]: pair energies under Hamilton's equations.
    pub messages: Panels,
    /// Messages met at nodes, [nodes, message].
    pub totals: Panels,
    /// Accelerations, [nodes, space].
    pub output: Vec<f32>,
    /// For each configuration: the loss summed over its nodes, and its share of the priors' mean.
    pub losses: Vec<(f64, f64)>,
    /// Slopes of the loss by what is learned of bodies, [configurations, receivers, learned attributes].
    pub learned_slopes: Vec<f64>,
    pub(super) message_deltas: Panels,
    total_deltas: Panels,
    pub(super) output_deltas: Vec<f32>,
    pub(super) penalties: Vec<f64>,
    input_deltas: Panels,
    row: Vec<f32>,
    total: Vec<f32>,
}

impl Shard {
    /// Computes messages, totals and output.
    pub fn forward(&mut self, model: Model) {
        if model.design.form == NodeForm::Energy {
            return self.forward_energy(model);
        }
        self.forward_messages(model);
        combine(model.design, &self.batch, &self.messages, &mut self.totals);
        self.forward_node(model);
    }

    /// Computes messages only.
    pub fn forward_messages(&mut self, model: Model) {
        let Model { design, .. } = model;
        if design.form == NodeForm::Energy {
            return self.forward_energy(model);
        }
        self.edge.input.assign_rows(self.batch.edges(), design.edge[0], &self.batch.edge);
        self.edge.forward(model.weights, 0..design.edge_layers(), design.activation);
        compose(design, &self.batch, model.factors, self.edge.output(), &mut self.messages);
    }

    /// Computes the output of nodes that no message reaches.
    pub fn forward_alone(&mut self, model: Model) {
        if model.design.form == NodeForm::Energy {
            self.forward_energy(model);
            return self.forward_own(model);
        }
        self.totals.reshape(self.batch.nodes(), model.design.message);
        self.totals.fill(0.0);
        self.forward_node(model);
    }

    /// Computes the output from totals.
    pub fn forward_node(&mut self, model: Model) {
        let Model { design, .. } = model;
        if design.form == NodeForm::Superposition {
            let layers = design.edge_layers()..design.layers().len();
            self.node.input.assign_rows(self.batch.nodes(), design.own_inputs(), &self.batch.node);
            self.node.forward(model.weights, layers, design.activation);
        }
        self.forward_totals(model);
    }

    /// Computes the output from other totals of the same nodes.
    pub fn forward_totals(&mut self, model: Model) {
        let Model { design, scaling, .. } = model;
        let (nodes, own, message) = (self.batch.nodes(), design.own_inputs(), design.message);
        if design.form == NodeForm::Mlp {
            let layers = design.edge_layers()..design.layers().len();
            self.node.input.reshape(nodes, message + own);
            self.row.resize(message + own, 0.0);
            for node in 0..nodes {
                self.totals.read_row(node, &mut self.row[..message]);
                self.row[message..].copy_from_slice(&self.batch.node[node * own..][..own]);
                self.node.input.write_row(node, &self.row);
            }
            self.node.forward(model.weights, layers, design.activation);
        }
        self.output.resize(nodes * design.space, 0.0);
        self.row.resize(design.node.last().copied().unwrap_or(design.space), 0.0);
        self.total.resize(message, 0.0);
        let unit = scaling.output as f32;
        for (node, out) in self.output.chunks_mut(design.space).enumerate() {
            match design.form {
                NodeForm::Mlp => self.node.output().read_row(node, out),
                NodeForm::Superposition => {
                    self.node.output().read_row(node, &mut self.row);
                    self.totals.read_row(node, &mut self.total);
                    superpose(design, &self.row, &self.total, self.batch.velocity_of(node, design.space), out);
                }
                NodeForm::Newton => {
                    self.totals.read_row(node, out);
                    out.iter_mut().for_each(|value| *value *= self.batch.inverse_mass[node]);
                }
                NodeForm::Sum => self.totals.read_row(node, out),
                NodeForm::Energy => unreachable!("energies have no totals"),
            }
            out.iter_mut().for_each(|value| *value *= unit);
        }
    }

    /// Computes losses and the derivatives of every layer after [`Shard::forward`], for means over so many nodes and edges.
    pub fn backward(&mut self, model: Model, nodes: usize, edges: usize) {
        let Model { design, transposed, .. } = model;
        self.score(design.loss, nodes, design.space);
        self.penalties.clear();
        self.penalties.resize(self.batch.snapshots, 0.0);
        if design.form == NodeForm::Energy {
            self.backward_energy(model, edges);
        } else {
            self.backward_messages(model, transposed, edges);
        }
        for (loss, penalty) in self.losses.iter_mut().zip(&self.penalties) {
            loss.1 = *penalty;
        }
    }

    fn backward_messages(&mut self, model: Model, transposed: &Transposed, edges: usize) {
        let Model { design, .. } = model;
        self.backward_node(model, transposed);
        spread(design, &self.batch, &self.messages, &self.totals, &self.total_deltas, &mut self.message_deltas);
        penalise(design, &self.batch, edges, &self.messages, &mut self.message_deltas, &mut self.penalties);
        self.edge.output_delta();
        let depth = self.edge.values.len();
        let (raw, delta) = (&self.edge.values[depth - 1], &mut self.edge.deltas[depth - 1]);
        decompose(design, &self.batch, model.factors, &mut self.message_deltas, raw, delta);
        penalise_divergence(design, &self.batch, edges, raw, delta, &mut self.penalties);
        self.edge.backward(model.weights, transposed, 0..design.edge_layers());
        if !design.learned.is_empty() {
            self.learned_slopes(model, transposed);
        }
    }

    /// Adds up what each learned number does through edges and nodes; what it does as a mass is there already.
    fn learned_slopes(&mut self, model: Model, transposed: &Transposed) {
        let Model { design, weights, .. } = model;
        let (own, width, bodies) = (design.own_inputs(), design.learned.len(), self.batch.receivers);
        let between = design.edge[0] - 2 * own;
        self.input_deltas.reshape(self.batch.edges(), design.edge[0]);
        self.edge.input_delta(weights, transposed, 0, &mut self.input_deltas);
        for node in 0..self.batch.nodes() {
            let first = node / bodies * bodies;
            for edge in self.batch.edges_of(node) {
                let ends = [(self.batch.receiver[edge], 0), (self.batch.sender[edge], own)];
                for ((body, shift), (k, column)) in
                    ends.into_iter().flat_map(|end| design.learned.iter().enumerate().map(move |one| (end, one)))
                {
                    let slope = self.input_deltas.at(edge, between + shift + design.place_of(*column));
                    self.learned_slopes[(first + body as usize) * width + k] += slope as f64;
                }
            }
        }
        if design.node.is_empty() {
            return;
        }
        self.input_deltas.reshape(self.batch.nodes(), design.node[0]);
        self.node.input_delta(weights, transposed, design.edge_layers(), &mut self.input_deltas);
        for node in 0..self.batch.nodes() {
            for (k, column) in design.learned.iter().enumerate() {
                let slope = self.input_deltas.at(node, design.node[0] - own + design.place_of(*column));
                self.learned_slopes[node * width + k] += slope as f64;
            }
        }
    }

    /// Begins the slopes with what a learned mass does to the output of its own node.
    fn learned_mass_slopes(&mut self, design: &Design) {
        let (width, space) = (design.learned.len(), design.space);
        self.learned_slopes.clear();
        self.learned_slopes.resize(self.batch.nodes() * width, 0.0);
        let mass = design.learned.iter().position(|column| design.mass == Some(*column));
        let Some(mass) = mass.filter(|_| design.form == NodeForm::Newton) else { return };
        for (node, slopes) in self.learned_slopes.chunks_mut(width).enumerate() {
            let own = node * space..(node + 1) * space;
            let slope: f32 =
                self.output_deltas[own.clone()].iter().zip(&self.output[own]).map(|(d, out)| d * out).sum();
            slopes[mass] = -slope as f64;
        }
    }

    /// Loss of each configuration and its derivatives by outputs.
    fn score(&mut self, loss: Loss, nodes: usize, space: usize) {
        let share = 1.0 / nodes as f32;
        self.output_deltas.resize(self.output.len(), 0.0);
        self.losses.clear();
        self.losses.resize(self.batch.snapshots, (0.0, 0.0));
        let rows = self.output.iter().zip(&self.batch.target).zip(&mut self.output_deltas);
        for (at, ((&output, &target), delta)) in rows.enumerate() {
            let weight = self.batch.weight[at / space];
            let (value, slope) = pointwise(loss, output - target);
            *delta = slope * share * weight;
            self.losses[at / (self.batch.receivers * space)].0 += (value * weight) as f64;
        }
    }

    fn backward_node(&mut self, model: Model, transposed: &Transposed) {
        let Model { design, scaling, weights, .. } = model;
        let (space, message, nodes) = (design.space, design.message, self.batch.nodes());
        let first = design.edge_layers();
        let layers = first..first + design.node.len().saturating_sub(1);
        if !design.learned.is_empty() {
            self.learned_mass_slopes(design);
        }
        let unit = scaling.output as f32;
        self.output_deltas.iter_mut().for_each(|delta| *delta *= unit);
        self.total_deltas.reshape(nodes, message);
        if matches!(design.form, NodeForm::Newton | NodeForm::Sum) {
            self.total_deltas.fill(0.0);
        }
        for node in 0..nodes {
            let delta = &mut self.output_deltas[node * space..][..space];
            match design.form {
                NodeForm::Mlp => self.node.output_delta().write_row(node, delta),
                NodeForm::Superposition => {
                    self.node.output().read_row(node, &mut self.row);
                    self.totals.read_row(node, &mut self.total);
                    let velocity = self.batch.velocity_of(node, space);
                    superpose_backward(design, delta, &mut self.row, &mut self.total, velocity);
                    self.total_deltas.write_row(node, &self.total);
                    self.node.output_delta().write_row(node, &self.row);
                }
                NodeForm::Newton => {
                    delta.iter_mut().for_each(|delta| *delta *= self.batch.inverse_mass[node]);
                    self.total_deltas.write_row(node, delta);
                }
                NodeForm::Sum => self.total_deltas.write_row(node, delta),
                NodeForm::Energy => unreachable!("energies have no totals"),
            }
        }
        if !layers.is_empty() {
            self.node.output_delta().clear_padding();
            self.node.backward(weights, transposed, layers);
        }
        if design.form == NodeForm::Mlp {
            self.node.input_delta(weights, transposed, first, &mut self.total_deltas);
        }
    }
}

/// Value and derivative of the loss of one component, before the weight of its node.
pub fn pointwise(loss: Loss, error: f32) -> (f32, f32) {
    match loss {
        Loss::Mae | Loss::Relative => (error.abs(), sign(error)),
        Loss::Mse => (error * error, 2.0 * error),
        Loss::Huber(size) => {
            let size = size as f32;
            if error.abs() <= size {
                (error * error, 2.0 * error)
            } else {
                (size * (2.0 * error.abs() - size), 2.0 * size * sign(error))
            }
        }
    }
}
