//! What a simulation leaves: plain arrays, and batches of single configurations taken from them.

use super::fits::Fit;
use super::numbers::{Numbers, Values};
use crate::base::Name;
use serde::{Deserialize, Serialize};

/// Many runs of one system, simulated or measured. Arrays are row-major with the shapes given; lengths are in base units.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trajectories {
    /// Number of runs.
    pub runs: usize,
    /// Stored times of each run, of the first one where they have their own.
    pub times: Vec<f64>,
    /// The times of every run where they have their own, [runs, times], NaN after the last; empty where all have `times`.
    pub own_times: Vec<f64>,
    /// Bodies.
    pub particles: usize,
    /// Space dimensions.
    pub space: usize,
    /// Names of the scalar attributes.
    pub attributes: Vec<Name>,
    /// [runs, times, particles, space]
    pub position: Numbers,
    /// [runs, times, particles, space]
    pub velocity: Numbers,
    /// Accelerations from the declared law, as measured, or by local fits; [runs, times, particles, space].
    pub acceleration: Numbers,
    /// [runs, particles, attributes]
    pub attribute: Vec<f64>,
    /// Largest relative drift of the total energy of each run; NaN where the system has no energy.
    pub drift: Vec<f64>,
    /// Runs that were simulated and left out for their large accelerations.
    pub dropped: usize,
    /// Snapshots of a file in which a body is missing: they are not stored.
    pub incomplete: usize,
    /// Configurations that are stored and belong to no share, in ascending order: after the end of a run that is shorter than
    /// the longest, or without a good local fit.
    pub left_out: Vec<usize>,
    /// Configurations of a file that are never trained on and scored apart, in ascending order.
    pub held_out: Vec<usize>,
    /// What was estimated by local fits.
    pub fits: Vec<Fit>,
}

/// Single configurations, taken from runs or made up to question a network. Row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshots {
    /// Number of configurations.
    pub count: usize,
    /// Bodies in each.
    pub particles: usize,
    /// Space dimensions.
    pub space: usize,
    /// Number of scalar attributes of each body.
    pub attributes: usize,
    /// [count, particles, space]
    pub position: Vec<f64>,
    /// [count, particles, space]
    pub velocity: Vec<f64>,
    /// [count, particles, attributes]
    pub attribute: Vec<f64>,
    /// True accelerations where known, else empty; [count, particles, space].
    pub acceleration: Vec<f64>,
}

impl Trajectories {
    /// Number of stored configurations: runs times times.
    pub fn len(&self) -> usize {
        self.runs * self.times.len()
    }

    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The stored times of a run; NaN after its last.
    pub fn times_of(&self, run: usize) -> &[f64] {
        match self.own_times.is_empty() {
            true => &self.times,
            false => &self.own_times[run * self.times.len()..][..self.times.len()],
        }
    }

    /// The column of an attribute.
    pub fn attribute_index(&self, name: &str) -> Option<usize> {
        self.attributes.iter().position(|attribute| attribute.as_str() == name)
    }

    /// Whether all numbers of a configuration are finite, those of its bodies' attributes left aside.
    pub fn is_finite_at(&self, index: usize) -> bool {
        let width = self.particles * self.space;
        let mut all = [&self.position, &self.velocity, &self.acceleration].into_iter();
        all.all(|series| series.row(index, width).iter().all(f64::is_finite))
    }

    /// The configurations at `indices`, each `run * times + time`.
    pub fn snapshots(&self, indices: &[usize]) -> Snapshots {
        let (vector, scalar) = (self.particles * self.space, self.particles * self.attributes.len());
        let pick = |from: Values, width: usize, row: &dyn Fn(usize) -> usize| -> Vec<f64> {
            indices.iter().flat_map(|&index| from.row(row(index), width).iter()).collect()
        };
        Snapshots {
            count: indices.len(),
            particles: self.particles,
            space: self.space,
            attributes: self.attributes.len(),
            position: pick(self.position.values(), vector, &|index| index),
            velocity: pick(self.velocity.values(), vector, &|index| index),
            attribute: pick(Values::Double(&self.attribute), scalar, &|index| index / self.times.len()),
            acceleration: pick(self.acceleration.values(), vector, &|index| index),
        }
    }
}
