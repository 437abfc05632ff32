//! Hamilton's equations on one shard: accelerations are minus the slope of all energies by the position, over the mass.
//! Energies are those of ordered pairs, from the edge function, and of single bodies, from the node function.

use super::messages::penalise;
use super::shard::{Model, Shard};
use crate::network::design::{Design, Seen};

/// Where an edge's input holds the positions that its energy depends on: the first column, and the signs of the forces on
/// receiver and sender along its slope.
fn places(design: &Design) -> [(usize, f32, f32); 2] {
    match design.sees_position {
        Seen::Relative => [(0, 1.0, 0.0), (0, 0.0, -1.0)],
        _ => [(0, -1.0, 0.0), (design.own_inputs(), 0.0, -1.0)],
    }
}

impl Shard {
    /// Computes energies and accelerations.
    pub(super) fn forward_energy(&mut self, model: Model) {
        let Model { design, weights, transposed, factors, .. } = model;
        let (edges, nodes, first) = (self.batch.edges(), self.batch.nodes(), design.edge_layers());
        let columns = places(design)[1].0 + design.space;
        self.pair.input.assign_rows(edges, design.edge[0], &self.batch.edge);
        self.pair.forward(weights, transposed, 0..first, design.activation, columns);
        self.messages.reshape(edges, 1);
        for edge in 0..edges {
            *self.messages.at_mut(edge, 0) = self.pair.output().at(edge, 0) * factors[0];
        }
        if !design.node.is_empty() {
            let layers = first..design.layers().len();
            self.own.input.assign_rows(nodes, design.own_inputs(), &self.batch.node);
            self.own.forward(weights, transposed, layers, design.activation, design.space);
        }
        self.output.clear();
        self.output.resize(nodes * design.space, 0.0);
        let everyone = nodes / self.batch.snapshots.max(1);
        for node in 0..nodes {
            for edge in self.batch.edges_of(node) {
                let sender = node / everyone * everyone + self.batch.sender[edge] as usize;
                for (column, receives, sends) in places(design) {
                    for k in 0..design.space {
                        let slope = self.pair.slope.at(edge, column + k);
                        self.output[node * design.space + k] += receives * slope;
                        self.output[sender * design.space + k] += sends * slope;
                    }
                }
            }
        }
        self.add_own_force(model);
        self.accelerate(model);
    }

    /// Accelerations by the energies of single bodies alone, after [`Shard::forward_energy`].
    pub(super) fn forward_own(&mut self, model: Model) {
        self.output.fill(0.0);
        self.add_own_force(model);
        self.accelerate(model);
    }

    fn add_own_force(&mut self, Model { design, .. }: Model) {
        if !design.node.is_empty() {
            for (node, force) in self.output.chunks_mut(design.space).enumerate() {
                force.iter_mut().enumerate().for_each(|(k, force)| *force -= self.own.slope.at(node, k));
            }
        }
    }

    /// Forces in units of the network to accelerations.
    fn accelerate(&mut self, Model { design, scaling, .. }: Model) {
        for (out, inverse_mass) in self.output.chunks_mut(design.space).zip(&self.batch.inverse_mass) {
            out.iter_mut().for_each(|value| *value *= scaling.output as f32 * inverse_mass);
        }
    }

    /// What the energies of the pair of `node` and the body `sender` do to `node`; zero without a link.
    pub fn pair_acceleration(&self, model: Model, node: usize, sender: usize, out: &mut [f64]) {
        let Model { design, scaling, .. } = model;
        let receivers = self.batch.receivers;
        let other = node / receivers * receivers + sender;
        let edge_from = |to: usize, from: usize| {
            self.batch.edges_of(to).find(|&edge| self.batch.sender[edge] as usize == from % receivers)
        };
        for (column, receives, sends) in places(design) {
            for (edge, sign) in [(edge_from(node, other), receives), (edge_from(other, node), sends)] {
                let Some(edge) = edge else { continue };
                for (k, out) in out.iter_mut().enumerate() {
                    let slope = self.pair.slope.at(edge, column + k);
                    *out += (sign * slope * scaling.output as f32 * self.batch.inverse_mass[node]) as f64;
                }
            }
        }
    }

    /// Fills the errors of both functions from those of accelerations.
    pub(super) fn backward_energy(&mut self, model: Model, edges: usize) {
        let Model { design, scaling, weights, transposed, factors } = model;
        let (space, first, nodes) = (design.space, design.edge_layers(), self.batch.nodes());
        for (delta, inverse_mass) in self.output_deltas.chunks_mut(space).zip(&self.batch.inverse_mass) {
            delta.iter_mut().for_each(|delta| *delta *= scaling.output as f32 * inverse_mass);
        }
        let rows = self.batch.edges();
        self.pair.slope_delta.reshape(rows, design.edge[0]);
        self.pair.slope_delta.fill(0.0);
        let everyone = nodes / self.batch.snapshots.max(1);
        for node in 0..nodes {
            for edge in self.batch.edges_of(node) {
                let sender = node / everyone * everyone + self.batch.sender[edge] as usize;
                for (column, receives, sends) in places(design) {
                    for k in 0..space {
                        let (there, back) =
                            (self.output_deltas[node * space + k], self.output_deltas[sender * space + k]);
                        *self.pair.slope_delta.at_mut(edge, column + k) += receives * there + sends * back;
                    }
                }
            }
        }
        self.message_deltas.reshape(rows, 1);
        self.message_deltas.fill(0.0);
        penalise(design, &self.batch, edges, &self.messages, &mut self.message_deltas, &mut self.penalties);
        let energy_delta = self.pair.deltas.last_mut().expect("a stack has at least one layer");
        energy_delta.reshape(rows, 1);
        energy_delta.fill(0.0);
        for edge in 0..rows {
            *energy_delta.at_mut(edge, 0) = self.message_deltas.at(edge, 0) * factors[0];
        }
        self.pair.backward(weights, transposed, 0..first, design.activation);
        if !design.node.is_empty() {
            self.own.slope_delta.reshape(nodes, design.own_inputs());
            self.own.slope_delta.fill(0.0);
            for node in 0..nodes {
                for k in 0..space {
                    *self.own.slope_delta.at_mut(node, k) = -self.output_deltas[node * space + k];
                }
            }
            let energy_delta = self.own.deltas.last_mut().expect("a stack has at least one layer");
            energy_delta.reshape(nodes, 1);
            energy_delta.fill(0.0);
            self.own.backward(weights, transposed, first..design.layers().len(), design.activation);
        }
    }
}
