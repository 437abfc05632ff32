//! What distillation asks of a trained network, and what is known of the arena before any law is.

use crate::base::Name;
use crate::network::{NodeForm, PairForm, Seen, Trained};
use crate::plan::{Boundary, Feature, Links};
use crate::simulate::{Snapshots, Trajectories};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A trained function that can be questioned at any configuration. Everything after the training talks to this trait,
/// so a known law with noise can stand in for a network in tests.
pub trait Oracle: Sync {
    /// What it sees of each body.
    fn sees(&self) -> Vec<Feature>;

    /// Attributes that it learned, one number for each body.
    fn learned(&self) -> Vec<Name> {
        vec![]
    }

    /// Whether its forces are equal and opposite by construction.
    fn reciprocal(&self) -> bool {
        false
    }

    /// The data with what it learned of their bodies in place of what was measured.
    fn seen<'a>(&self, data: &'a Trajectories) -> Cow<'a, Trajectories> {
        Cow::Borrowed(data)
    }

    /// Predicted accelerations, [count, particles, space].
    fn predict(&self, snapshots: &Snapshots) -> Vec<f64>;

    /// What sender `pairs[k].1` does to receiver `pairs[k].0` in configuration k: the receiver's output with the message
    /// less its output without it, [count, space].
    fn contributions(&self, snapshots: &Snapshots, pairs: &[(usize, usize)]) -> Vec<f64>;
}

impl Oracle for Trained {
    fn sees(&self) -> Vec<Feature> {
        let design = &self.facts.design;
        let mut out = vec![];
        if design.sees_position != Seen::No {
            out.push(Feature::Position);
        }
        if design.sees_velocity != Seen::No {
            out.push(Feature::Velocity);
        }
        out.extend(design.attributes.iter().map(|&column| Feature::Attribute(design.attribute_names[column].clone())));
        out
    }

    fn learned(&self) -> Vec<Name> {
        let design = &self.facts.design;
        design.learned.iter().map(|&column| design.attribute_names[column].clone()).collect()
    }

    fn reciprocal(&self) -> bool {
        let design = &self.facts.design;
        design.pair == PairForm::Antisymmetric && design.form == NodeForm::Newton && design.mass.is_some()
    }

    fn seen<'a>(&self, data: &'a Trajectories) -> Cow<'a, Trajectories> {
        Trained::seen(self, data)
    }

    fn predict(&self, snapshots: &Snapshots) -> Vec<f64> {
        Trained::predict(self, snapshots)
    }

    fn contributions(&self, snapshots: &Snapshots, pairs: &[(usize, usize)]) -> Vec<f64> {
        // The network answers one pair for many configurations: group them.
        let mut groups: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (at, &pair) in pairs.iter().enumerate() {
            groups.entry(pair).or_default().push(at);
        }
        let space = snapshots.space;
        let mut out = vec![0.0; pairs.len() * space];
        for (pair, places) in groups {
            let told = Trained::contributions(self, &pick(snapshots, &places), &[pair]);
            for (values, at) in told.chunks(space).zip(places) {
                out[at * space..][..space].copy_from_slice(values);
            }
        }
        out
    }
}

/// The configurations at these places.
pub(super) fn pick(s: &Snapshots, places: &[usize]) -> Snapshots {
    let take = |from: &[f64], width: usize| -> Vec<f64> {
        if from.is_empty() {
            return vec![];
        }
        places.iter().flat_map(|&at| from[at * width..][..width].iter().copied()).collect()
    };
    Snapshots {
        count: places.len(),
        particles: s.particles,
        space: s.space,
        attributes: s.attributes,
        position: take(&s.position, s.particles * s.space),
        velocity: take(&s.velocity, s.particles * s.space),
        attribute: take(&s.attribute, s.particles * s.attributes),
        acceleration: take(&s.acceleration, s.particles * s.space),
    }
}

/// What is known before any law: who may act on whom, in what space, and what bodies carry.
#[derive(Clone, Debug, PartialEq)]
pub struct Arena {
    /// Which pairs act on each other.
    pub links: Links,
    /// Open space or a periodic box.
    pub boundary: Boundary,
    /// Names of the scalar attributes, in the order of the data.
    pub attributes: Vec<Name>,
}

impl Arena {
    /// The vector from body i to body j of configuration `at`, by minimum image in a box; unused components are 0.
    pub fn displacement(&self, s: &Snapshots, at: usize, i: usize, j: usize) -> [f64; 3] {
        let mut out = [0.0; 3];
        let base = at * s.particles;
        for (k, value) in out.iter_mut().enumerate().take(s.space) {
            let d = s.position[(base + j) * s.space + k] - s.position[(base + i) * s.space + k];
            *value = match self.boundary {
                Boundary::Periodic(side) if side > 0.0 => d - side * (d / side).round(),
                _ => d,
            };
        }
        out
    }

    /// The senders of body i in configuration `at`, in index order.
    pub fn senders(&self, s: &Snapshots, at: usize, i: usize) -> Vec<usize> {
        let n = s.particles;
        let others = (0..n).filter(|&j| j != i);
        let distance = |j: usize| norm(&self.displacement(s, at, i, j));
        match self.links {
            Links::All => others.collect(),
            Links::Chain => others.filter(|&j| i.abs_diff(j) == 1).collect(),
            Links::Ring => others.filter(|&j| (i + 1) % n == j || (j + 1) % n == i).collect(),
            Links::Within(reach) => others.filter(|&j| distance(j) < reach).collect(),
            Links::Nearest(count) => {
                let mut near: Vec<(f64, usize)> = others.map(|j| (distance(j), j)).collect();
                near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                near.truncate(count);
                let mut near: Vec<usize> = near.into_iter().map(|(_, j)| j).collect();
                near.sort_unstable();
                near
            }
        }
    }
}

/// Euclidean length.
pub(super) fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}
