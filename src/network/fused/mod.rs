//! Training on the CPU by hand-written kernels, without an autodiff graph.
//!
//! A step has three parts. Forward and backward: the batch is cut by configurations into shards of about two hundred
//! edges, each computed on one thread. Update: each chunk of sixteen outputs of a layer sums its gradient over all rows in
//! order and takes its step of Adam at once. Every number is one chain of operations in an order that neither shards nor
//! threads change, so results are equal to the bit for any number of threads. Nothing is allocated once
//! the workspaces have their size.

pub mod activation;
mod dispatch;
mod energy;
mod hamilton;
pub mod messages;
pub mod panels;
pub mod product;
pub mod shard;
mod stack;
mod superposition;
pub mod weights;

use super::batch::{Choice, Disturb, Source};
use super::design::{Design, NodeForm};
use super::scaling::Scaling;
use crate::plan::Links;
use panels::{Lane, WIDTH};
use product::accumulate_transposed;
use rayon::prelude::*;
use shard::{Model, Shard};
use weights::{Adam, Chunk, Transposed, Weights, transpose};

/// Edges (or nodes, if there are more) of a shard: enough to feed the kernels, few enough to stay in the second-level cache.
const SHARD: usize = 192;

/// Chunks whose gradients are summed together, so that a shard's inputs are read from near memory for all of them.
const GROUP: usize = 5;

/// The loss of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepLoss {
    /// Mean over nodes of the sum over components.
    pub prediction: f64,
    /// The priors on messages.
    pub penalty: f64,
}

/// What an optimiser step needs besides the batch.
#[derive(Clone, Copy, Debug)]
pub struct StepSettings {
    /// Its number, from 1.
    pub step: u64,
    /// Learning rate.
    pub rate: f64,
    /// Largest global norm of the gradient; 0 for no limit.
    pub clip: f64,
}

/// A network in training, with the state of Adam.
pub struct Fused {
    design: Design,
    scaling: Scaling,
    weights: Weights,
    factors: Vec<f32>,
    gradient: Vec<Lane>,
    first: Vec<Lane>,
    second: Vec<Lane>,
    transposed: Transposed,
    shards: Vec<Shard>,
    receivers: Vec<usize>,
}

impl Fused {
    /// A network with these weights and fresh moments.
    pub fn new(design: &Design, scaling: &Scaling, weights: Weights) -> Fused {
        let zeros = vec![Lane::default(); weights.chunks().iter().map(|chunk| chunk.lanes).sum()];
        Fused {
            factors: vec![scaling.message as f32; design.message],
            transposed: Transposed::of(&weights),
            gradient: zeros.clone(),
            first: zeros.clone(),
            second: zeros,
            shards: vec![],
            receivers: vec![],
            design: design.clone(),
            scaling: scaling.clone(),
            weights,
        }
    }

    /// The weights.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// What each message component is multiplied by.
    pub fn factors(&self) -> &[f32] {
        &self.factors
    }

    /// The moments of Adam in the plain order of weights.
    pub fn moments(&self) -> [Vec<f32>; 2] {
        [&self.first, &self.second].map(|lanes| weights::flatten(self.weights.layers(), lanes))
    }

    /// Takes moments in the plain order of weights.
    pub fn set_moments(&mut self, [first, second]: [&[f32]; 2]) {
        weights::unflatten(self.weights.layers(), first, &mut self.first);
        weights::unflatten(self.weights.layers(), second, &mut self.second);
    }

    /// Keeps only these message components.
    pub fn set_active(&mut self, active: &[bool]) {
        let unit = self.scaling.message as f32;
        self.factors = active.iter().map(|&active| if active { unit } else { 0.0 }).collect();
    }

    /// One step on the configurations `rows`. Weights stay as they are where the loss is not finite.
    pub fn step(&mut self, source: &Source, rows: &[usize], disturb: &Disturb, settings: StepSettings) -> StepLoss {
        let loss = self.losses(source, rows, disturb);
        if !(loss.prediction + loss.penalty).is_finite() {
            return loss;
        }
        if settings.clip > 0.0 {
            self.update(None);
            self.descend(settings);
        } else {
            self.update(Some(self.adam(settings, 1.0)));
        }
        loss
    }

    /// One step along a gradient from elsewhere, in the plain order of weights.
    pub fn step_along(&mut self, gradient: &[f32], settings: StepSettings) {
        weights::unflatten(self.weights.layers(), gradient, &mut self.gradient);
        self.descend(settings);
    }

    fn adam(&self, settings: StepSettings, scale: f64) -> Adam {
        Adam::new(settings.step, settings.rate, self.design.weights_l2, scale)
    }

    /// Loss and gradient on the configurations `rows`, the gradient in the plain order of weights.
    pub fn gradient(&mut self, source: &Source, rows: &[usize], disturb: &Disturb) -> (StepLoss, Vec<f32>) {
        let loss = self.losses(source, rows, disturb);
        self.update(None);
        (loss, weights::flatten(self.weights.layers(), &self.gradient))
    }

    /// Slopes of the last step's loss by what is learned of bodies, [particles, learned attributes].
    pub fn learned_slopes(&self) -> Vec<f64> {
        let mut slopes = vec![0.0; self.receivers.len() * self.design.learned.len()];
        for shard in &self.shards {
            for own in shard.learned_slopes.chunks(slopes.len().max(1)) {
                slopes.iter_mut().zip(own).for_each(|(sum, slope)| *sum += slope);
            }
        }
        slopes
    }

    /// Forward and backward.
    fn losses(&mut self, source: &Source, rows: &[usize], disturb: &Disturb) -> StepLoss {
        let Fused { design, scaling, weights, factors, transposed, shards, receivers, .. } = self;
        receivers.clear();
        receivers.extend(0..source.particles());
        let size = shard_size(design, source.particles(), source.particles(), rows.len());
        shards.resize_with(rows.len().div_ceil(size), Shard::default);
        shards.par_iter_mut().zip(rows.par_chunks(size)).enumerate().for_each(|(index, (shard, rows))| {
            let choice = Choice { rows, receivers, disturb, first: index * size };
            shard.batch.gather(design, scaling, source, choice);
        });
        let nodes = shards.iter().map(|shard| shard.batch.nodes()).sum();
        let edges = shards.iter().map(|shard| shard.batch.edges()).sum();
        let model = Model { design, scaling, weights, transposed, factors };
        shards.par_iter_mut().for_each(|shard| {
            shard.forward(model);
            shard.backward(model, nodes, edges);
        });
        let mut loss = StepLoss { prediction: 0.0, penalty: 0.0 };
        for (prediction, penalty) in shards.iter().flat_map(|shard| &shard.losses) {
            loss.prediction += prediction / nodes as f64;
            loss.penalty += penalty;
        }
        loss
    }

    /// Sums gradients; with `adam`, moves the weights too.
    fn update(&mut self, adam: Option<Adam>) {
        let Fused { design, weights, gradient, first, second, transposed, shards, .. } = self;
        let (chunks, lanes) = weights.cut();
        let parts = Parts { weights: lanes, gradient, first, second, transposed: transposed.lanes_mut() };
        for_each_group(chunks, parts, &|group, parts| {
            sum_gradient(design, shards, group, parts.gradient);
            if let Some(adam) = adam {
                move_weights(adam, group, parts);
            }
        });
    }

    /// Moves the weights by the gradient summed before, clipped.
    fn descend(&mut self, settings: StepSettings) {
        let norm = self.gradient.iter().flat_map(|lane| lane.0).map(|g| (g as f64).powi(2)).sum::<f64>().sqrt();
        let clip = settings.clip > 0.0 && norm > settings.clip;
        let adam = self.adam(settings, if clip { settings.clip / norm } else { 1.0 });
        let Fused { weights, gradient, first, second, transposed, .. } = self;
        let (chunks, lanes) = weights.cut();
        let parts = Parts { weights: lanes, gradient, first, second, transposed: transposed.lanes_mut() };
        for_each_group(chunks, parts, &|group, parts| move_weights(adam, group, parts));
    }
}

/// Configurations of a shard, of which so many bodies receive messages. Free to choose: no result depends on it.
pub fn shard_size(design: &Design, particles: usize, receivers: usize, rows: usize) -> usize {
    let senders = match design.graph.links {
        Links::All => particles.saturating_sub(1),
        Links::Chain | Links::Ring => 2,
        Links::Within(_) => 8,
        Links::Nearest(count) => count,
    };
    let by_cache = SHARD / (receivers * senders.max(1)).max(1);
    by_cache.min(rows.div_ceil(rayon::current_num_threads())).max(1)
}

/// The lanes that belong to some chunks.
struct Parts<'a> {
    weights: &'a mut [Lane],
    gradient: &'a mut [Lane],
    first: &'a mut [Lane],
    second: &'a mut [Lane],
    transposed: &'a mut [Lane],
}

/// Calls `work` for groups of neighbouring chunks of one layer with their lanes, halving the list over threads.
fn for_each_group(chunks: &[Chunk], parts: Parts, work: &(impl Fn(&[Chunk], Parts) + Sync)) {
    match chunks {
        [] => {}
        [first, .., last] if chunks.len() > GROUP || first.layer != last.layer => {
            let (left, right) = chunks.split_at(chunks.len() / 2);
            let lanes = left.iter().map(|chunk| chunk.lanes).sum();
            let (weights, gradient) = (parts.weights.split_at_mut(lanes), parts.gradient.split_at_mut(lanes));
            let (first, second) = (parts.first.split_at_mut(lanes), parts.second.split_at_mut(lanes));
            let transposed = parts.transposed.split_at_mut(left.iter().map(|chunk| chunk.transposed).sum());
            let one = Parts {
                weights: weights.0,
                gradient: gradient.0,
                first: first.0,
                second: second.0,
                transposed: transposed.0,
            };
            let other = Parts {
                weights: weights.1,
                gradient: gradient.1,
                first: first.1,
                second: second.1,
                transposed: transposed.1,
            };
            rayon::join(|| for_each_group(left, one, work), || for_each_group(right, other, work));
        }
        group => work(group, parts),
    }
}

/// The gradient of some chunks of one layer over all shards.
fn sum_gradient(design: &Design, shards: &[Shard], group: &[Chunk], gradient: &mut [Lane]) {
    gradient.fill(Lane::default());
    let (layer, edge_layers) = (group[0].layer, design.edge_layers());
    let (of_edges, k) = if layer < edge_layers { (true, layer) } else { (false, layer - edge_layers) };
    for shard in shards {
        for (chunk, gradient) in group.iter().zip(gradient.chunks_mut(group[0].lanes)) {
            let (weights, bias) = gradient.split_at_mut(chunk.lanes - 1);
            let delta = if design.form == NodeForm::Energy {
                let energy = if of_edges { &shard.pair } else { &shard.own };
                let [(value, delta), (tangent, inner)] = energy.factors(k, chunk.panel);
                accumulate_transposed(value, delta, weights);
                accumulate_transposed(tangent, inner, weights);
                delta
            } else {
                let stack = if of_edges { &shard.edge } else { &shard.node };
                let delta = stack.deltas[k].panel(chunk.panel);
                accumulate_transposed(stack.input_of(k), delta, weights);
                delta
            };
            for lane in delta {
                for k in 0..WIDTH {
                    bias[0].0[k] += lane.0[k];
                }
            }
        }
    }
}

/// A step of Adam for some chunks, and their transposes.
fn move_weights(adam: Adam, group: &[Chunk], parts: Parts) {
    adam.apply(parts.weights, parts.gradient, parts.first, parts.second);
    let transposed = parts.transposed.chunks_mut(group[0].transposed);
    parts.weights.chunks(group[0].lanes).zip(transposed).for_each(|(weights, out)| transpose(weights, out));
}
