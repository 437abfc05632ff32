//! A trained network: plain facts, weights and functions that can be called on any configurations.

use super::batch::{Choice, Disturb, Source, needs_reverse};
use super::design::{Design, NodeForm};
use super::fused::shard::{Model, Shard};
use super::fused::shard_size;
use super::fused::weights::{Transposed, Weights};
use super::learn::{Learned, with_unknowns};
use super::scaling::Scaling;
use crate::base::Name;
use crate::plan::Combine;
use crate::simulate::{Snapshots, Trajectories};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Losses after one pass over the training rows, in the units of the data: sum over components, mean over bodies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Mean of the prediction loss over the epoch's steps.
    pub train: f64,
    /// Mean of the priors on messages over the epoch's steps.
    pub penalty: f64,
    /// Prediction loss on validation rows after the epoch; NaN without any.
    pub validation: f64,
    /// Message components in use.
    pub active: usize,
}

/// What is known of a trained network besides its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Sizes and forms.
    pub design: Design,
    /// Units of inputs and outputs.
    pub scaling: Scaling,
    /// Which message components were not pruned.
    pub active: Vec<bool>,
    /// One entry for each finished epoch.
    pub history: Vec<Epoch>,
    /// Optimiser steps taken.
    pub steps: u64,
    /// Rows trained on, watched and tested.
    pub rows: [usize; 3],
    /// Prediction loss on the test rows; NaN without any.
    pub test: f64,
    /// The same loss of predicting zero on the test rows.
    pub baseline: f64,
    /// Variance of each message component over validation (or training) edges.
    pub message_variance: Vec<f64>,
    /// What was learned of bodies.
    pub learned: Learned,
}

/// A trained network.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// What is known of it.
    pub facts: Facts,
    /// The other networks of its ensemble: predictions and contributions are means over all. Messages of different networks
    /// have nothing in common; they are this one's.
    pub others: Vec<Trained>,
    pub(super) weights: Weights,
    transposed: Transposed,
    pub(super) factors: Vec<f32>,
}

/// Messages of some configurations, edges grouped by configuration, then receiver, then sender.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Messages {
    /// Components of a message.
    pub width: usize,
    /// The configuration of each edge.
    pub snapshot: Vec<u32>,
    /// Its receiving body.
    pub receiver: Vec<u32>,
    /// Its sending body.
    pub sender: Vec<u32>,
    /// [edges, width]; means where messages are sampled in training.
    pub values: Vec<f32>,
}

impl Trained {
    /// A network from its facts and weights in plain order (layer by layer, weights [inputs, outputs], then biases).
    /// `weights` must have as many numbers as [`Design::parameter_count`] says.
    pub fn new(facts: Facts, weights: &[f32]) -> Trained {
        Trained::assemble(Weights::from_flat(&facts.design.layers(), weights), facts)
    }

    pub(super) fn assemble(weights: Weights, facts: Facts) -> Trained {
        let unit = facts.scaling.message as f32;
        let factors = facts.active.iter().map(|&active| if active { unit } else { 0.0 }).collect();
        Trained { facts, others: vec![], transposed: Transposed::of(&weights), weights, factors }
    }

    /// The data as this network sees them: with what it learned of their bodies in place of what was measured.
    pub fn seen<'a>(&self, data: &'a Trajectories) -> Cow<'a, Trajectories> {
        let design = &self.facts.design;
        let names: Vec<Name> = design.learned.iter().map(|&column| design.attribute_names[column].clone()).collect();
        let mut seen = with_unknowns(data, &names);
        if !names.is_empty() {
            self.write_learned(&mut seen.to_mut().attribute);
        }
        seen
    }

    /// Puts what it learned of bodies in the place of what was measured; `attribute` is [any, particles, attributes].
    pub fn write_learned(&self, attribute: &mut [f64]) {
        if !self.facts.learned.values.is_empty() {
            self.facts.learned.write(&self.facts.design, attribute);
        }
    }

    /// The same network with these others in its ensemble.
    pub fn among(self, others: Vec<Trained>) -> Trained {
        Trained { others, ..self }
    }

    /// Weights in plain order.
    pub fn weights(&self) -> Vec<f32> {
        self.weights.to_flat()
    }

    /// Number of weights and biases.
    pub fn parameter_count(&self) -> usize {
        self.facts.design.parameter_count()
    }

    /// The mean over the ensemble.
    fn mean(&self, of: impl Fn(&Trained) -> Vec<f64>) -> Vec<f64> {
        let mut mean = of(self);
        for other in &self.others {
            mean.iter_mut().zip(of(other)).for_each(|(sum, value)| *sum += value);
        }
        let count = (self.others.len() + 1) as f64;
        mean.iter_mut().for_each(|value| *value /= count);
        mean
    }

    /// Accelerations, [count, particles, space].
    pub fn predict(&self, snapshots: &Snapshots) -> Vec<f64> {
        self.mean(|network| network.predict_alone(snapshots))
    }

    fn predict_alone(&self, snapshots: &Snapshots) -> Vec<f64> {
        let everyone: Vec<usize> = (0..snapshots.particles).collect();
        self.by_shards(snapshots, &everyone, |shard, _| {
            shard.forward(self.model());
            shard.output.iter().map(|&value| value as f64).collect()
        })
    }

    /// Messages of all links.
    pub fn messages(&self, snapshots: &Snapshots) -> Messages {
        let everyone: Vec<usize> = (0..snapshots.particles).collect();
        let width = self.facts.design.message;
        let parts = self.by_shards(snapshots, &everyone, |shard, first| {
            shard.forward_messages(self.model());
            let batch = &shard.batch;
            let mut part = Messages { width, values: vec![0.0; batch.edges() * width], ..Messages::default() };
            for (edge, values) in part.values.chunks_mut(width).enumerate() {
                shard.messages.read_row(edge, values);
            }
            for snapshot in 0..batch.snapshots {
                let nodes = snapshot * batch.receivers..(snapshot + 1) * batch.receivers;
                let edges = batch.start[nodes.start]..batch.start[nodes.end];
                part.snapshot.extend(edges.map(|_| (first + snapshot) as u32));
            }
            part.receiver.clone_from(&batch.receiver);
            part.sender.clone_from(&batch.sender);
            vec![part]
        });
        let mut all = Messages { width, ..Messages::default() };
        for part in parts {
            all.snapshot.extend(part.snapshot);
            all.receiver.extend(part.receiver);
            all.sender.extend(part.sender);
            all.values.extend(part.values);
        }
        all
    }

    /// What the sender of each pair (receiver, sender) does to the receiver within each configuration: the node's output
    /// with its message less the output without it, [count, pairs, space]. Zero for a pair without a link, and for bodies
    /// that do not exist.
    pub fn contributions(&self, snapshots: &Snapshots, pairs: &[(usize, usize)]) -> Vec<f64> {
        self.mean(|network| network.contributions_alone(snapshots, pairs))
    }

    fn contributions_alone(&self, snapshots: &Snapshots, pairs: &[(usize, usize)]) -> Vec<f64> {
        let design = &self.facts.design;
        let mut receivers: Vec<usize> = pairs.iter().map(|pair| pair.0).filter(|&r| r < snapshots.particles).collect();
        receivers.sort_unstable();
        receivers.dedup();
        if needs_reverse(design) || design.form == NodeForm::Energy {
            receivers = (0..snapshots.particles).collect();
        }
        let place = |receiver: usize| receivers.binary_search(&receiver).ok();
        let places: Vec<Option<usize>> = pairs.iter().map(|pair| place(pair.0)).collect();
        let space = design.space;
        self.by_shards(snapshots, &receivers, |shard, _| {
            shard.forward(self.model());
            if design.form == NodeForm::Energy {
                return self.pair_accelerations(shard, pairs);
            }
            let with = shard.output.clone();
            let totals = shard.totals.clone();
            let mut found = vec![0.0; shard.batch.snapshots * pairs.len() * space];
            for (at, (&(_, sender), place)) in pairs.iter().zip(&places).enumerate() {
                let Some(place) = place else { continue };
                let (count, stride) = (shard.batch.snapshots, shard.batch.receivers);
                let nodes = (0..count).map(|snapshot| snapshot * stride + place);
                for node in nodes.clone() {
                    self.total_without(shard, node, sender);
                }
                shard.forward_totals(self.model());
                for (snapshot, node) in nodes.enumerate() {
                    for k in 0..space {
                        found[(snapshot * pairs.len() + at) * space + k] =
                            (with[node * space + k] - shard.output[node * space + k]) as f64;
                    }
                }
                shard.totals.clone_from(&totals);
            }
            found
        })
    }

    fn pair_accelerations(&self, shard: &Shard, pairs: &[(usize, usize)]) -> Vec<f64> {
        let (space, particles) = (self.facts.design.space, shard.batch.receivers);
        let mut found = vec![0.0; shard.batch.snapshots * pairs.len() * space];
        for (at, out) in found.chunks_mut(space).enumerate() {
            let (snapshot, (receiver, sender)) = (at / pairs.len(), pairs[at % pairs.len()]);
            if receiver < particles && sender < particles {
                shard.pair_acceleration(self.model(), snapshot * particles + receiver, sender, out);
            }
        }
        found
    }

    /// The node's output with zero summed message, [count, particles, space]: what acts on a body that nobody sends to.
    pub fn node_alone(&self, snapshots: &Snapshots) -> Vec<f64> {
        let everyone: Vec<usize> = (0..snapshots.particles).collect();
        self.mean(|network| {
            network.by_shards(snapshots, &everyone, |shard, _| {
                shard.forward_alone(network.model());
                shard.output.iter().map(|&value| value as f64).collect()
            })
        })
    }

    /// The smallest number of message components that together carry this share of the messages' variance.
    pub fn components_carrying(&self, share: f64) -> usize {
        let mut variance = self.facts.message_variance.clone();
        variance.sort_by(|a, b| b.total_cmp(a));
        let wanted = share * variance.iter().sum::<f64>();
        let mut sum = 0.0;
        let enough = variance.iter().position(|value| {
            sum += value;
            sum >= wanted
        });
        enough.map_or(variance.len(), |place| place + 1)
    }

    fn model(&self) -> Model<'_> {
        let Facts { design, scaling, .. } = &self.facts;
        Model { design, scaling, weights: &self.weights, transposed: &self.transposed, factors: &self.factors }
    }

    /// Takes the message of `sender` out of what meets at `node`.
    fn total_without(&self, shard: &mut Shard, node: usize, sender: usize) {
        let design = &self.facts.design;
        let edges = shard.batch.edges_of(node);
        let Some(gone) = edges.clone().find(|&edge| shard.batch.sender[edge] as usize == sender) else { return };
        for k in 0..design.message {
            let rest = edges.clone().filter(|&edge| edge != gone).map(|edge| shard.messages.at(edge, k));
            let left = (edges.len() - 1).max(1) as f32;
            *shard.totals.at_mut(node, k) = match design.combine {
                Combine::Sum => rest.sum(),
                Combine::Mean => rest.sum::<f32>() / left,
                Combine::Max => rest.reduce(f32::max).unwrap_or(0.0),
            };
        }
    }

    /// Runs `work` over shards of the configurations in parallel and joins what it gives in order. `work` gets a gathered
    /// shard and the number of its first configuration.
    fn by_shards<T: Send>(
        &self,
        snapshots: &Snapshots,
        receivers: &[usize],
        work: impl Fn(&mut Shard, usize) -> Vec<T> + Sync,
    ) -> Vec<T> {
        let Facts { design, scaling, .. } = &self.facts;
        let source = Source::snapshots(snapshots);
        let size = shard_size(design, snapshots.particles, receivers.len(), snapshots.count);
        let disturb = Disturb::default();
        let parts: Vec<Vec<T>> = (0..snapshots.count.div_ceil(size))
            .into_par_iter()
            .map_init(Shard::default, |shard, part| {
                let rows: Vec<usize> = (part * size..snapshots.count.min((part + 1) * size)).collect();
                let choice = Choice { rows: &rows, receivers, disturb: &disturb, first: 0 };
                shard.batch.gather(design, scaling, &source, choice);
                work(shard, part * size)
            })
            .collect();
        parts.into_iter().flatten().collect()
    }
}
