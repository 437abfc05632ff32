//! Attributes that nobody measured: one number for each body, the same in all runs, trained with the network.
//!
//! A number of the name `mass` is positive and moves by its logarithm; any other may have both signs. What is learned has no
//! unit of its own: a common factor is taken up by the network, so logarithms are kept at a mean of zero.

use super::design::Design;
use super::fused::weights::Adam;
use crate::base::{Name, Seed};
use crate::simulate::Trajectories;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How much faster these few numbers move than weights.
const PACE: f64 = 10.0;

/// What is learned of bodies, with the state of its optimiser. Lists are [particles, learned attributes]; empty where nothing
/// is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// Attributes.
    pub values: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Learned {
    /// Masses of 1, and other numbers near 1 that differ, so that no symmetry holds them together.
    pub fn start(design: &Design, data: &Trajectories, seed: Seed) -> Learned {
        let mut stream = seed.child("learned").stream();
        let values: Vec<f64> = (0..data.particles)
            .flat_map(|_| design.learned.iter())
            .map(|column| if positive(design, *column) { 1.0 } else { stream.normal() })
            .collect();
        let zeros = vec![0.0; values.len()];
        Learned { values, first: zeros.clone(), second: zeros }
    }

    /// A step of Adam against the slopes of the loss by the numbers that the network sees.
    pub fn step(&mut self, design: &Design, slopes: &[f64], step: u64, rate: f64) {
        let power = |beta: f64| libm::pow(beta, step as f64);
        let (rise, size) = (1.0 - power(Adam::BETA1), 1.0 - power(Adam::BETA2));
        let width = design.learned.len();
        for (at, slope) in slopes.iter().enumerate() {
            let (m, v) = (&mut self.first[at], &mut self.second[at]);
            *m = Adam::BETA1 * *m + (1.0 - Adam::BETA1) * slope;
            *v = Adam::BETA2 * *v + (1.0 - Adam::BETA2) * slope * slope;
            let change = PACE * rate * (*m / rise) / ((*v / size).sqrt() + 1e-8);
            let value = &mut self.values[at];
            *value = if positive(design, design.learned[at % width]) {
                *value * libm::exp(-change)
            } else {
                *value - change
            };
        }
        for k in (0..width).filter(|k| positive(design, design.learned[*k])) {
            let own = || (k..slopes.len()).step_by(width);
            let mean = own().map(|at| libm::log(self.values[at])).sum::<f64>() / own().len().max(1) as f64;
            own().for_each(|at| self.values[at] *= libm::exp(-mean));
        }
    }

    /// Puts what is learned in the place of what was measured; `attribute` is [any, particles, attributes].
    pub fn write(&self, design: &Design, attribute: &mut [f64]) {
        let (width, all) = (design.learned.len(), design.attribute_names.len());
        for (body, attributes) in attribute.chunks_mut(all.max(1)).enumerate() {
            let own = &self.values[body * width % self.values.len()..][..width];
            design.learned.iter().zip(own).for_each(|(&column, value)| attributes[column] = *value);
        }
    }
}

/// Whether an attribute is a positive number.
pub fn positive(design: &Design, column: usize) -> bool {
    design.mass == Some(column)
}

/// The data with a column for every attribute that is to be learned; what they have under these names is not looked at.
pub fn with_unknowns<'a>(data: &'a Trajectories, names: &[Name]) -> Cow<'a, Trajectories> {
    if names.is_empty() {
        return Cow::Borrowed(data);
    }
    let mut out = data.clone();
    for name in names {
        let width = out.attributes.len();
        match out.attribute_index(name) {
            Some(column) => out.attribute.iter_mut().skip(column).step_by(width).for_each(|value| *value = 1.0),
            None => {
                let bodies = out.runs * out.particles;
                let own = |body: usize| out.attribute[body * width..(body + 1) * width].iter().copied();
                let attribute = (0..bodies).flat_map(|body| own(body).chain([1.0])).collect();
                out.attribute = attribute;
                out.attributes.push(name.clone());
            }
        }
    }
    Cow::Owned(out)
}
