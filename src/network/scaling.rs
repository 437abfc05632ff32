//! Shifts and scales that bring inputs and outputs to order one. Medians and quartiles, since masses, charges and the
//! accelerations of close encounters have heavy tails.

use super::design::{Design, NodeForm, Seen};
use crate::plan::Loss;
use crate::simulate::{Snapshots, Values};
use serde::{Deserialize, Serialize};

/// How raw numbers enter and leave a network. Part of the network: whoever asks it speaks in raw numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// Subtracted from absolute positions, [space].
    pub centre: Vec<f64>,
    /// Positions are divided by this.
    pub position: f64,
    /// Relative positions are divided by this.
    pub displacement: f64,
    /// Velocities, or momenta under Hamilton's equations, are divided by this.
    pub velocity: f64,
    /// Of each attribute of the data.
    pub attributes: Vec<Scale>,
    /// Edge outputs are multiplied by this to give messages: forces or accelerations where the node only sums, else 1.
    pub message: f64,
    /// Node outputs are multiplied by this to give accelerations.
    pub output: f64,
    /// Accelerations smaller than this count as so large in relative errors: a tenth of the middle size.
    pub least: f64,
}

/// How one attribute enters: less its middle, over its spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant's own words tell its fields")]
pub enum Scale {
    /// As it is.
    Linear { middle: f64, spread: f64 },
    /// By its logarithm: an attribute of one sign whose sizes differ by factors, such as a mass. A power of it, 1/m above
    /// all, is then smooth over the whole range.
    Logarithm { middle: f64, spread: f64 },
}

/// Quotient of the quartiles of a positive attribute above which it enters by its logarithm; 2 for a flat distribution
/// from 1 to 5, 3.9 for the masses of the paper.
const FACTORS: f64 = 2.5;

impl Scale {
    fn measure(values: Vec<f64>) -> Scale {
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        let quartile = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
        if sorted.first().is_some_and(|least| *least > 0.0) && quartile(0.75) > FACTORS * quartile(0.25) {
            let (middle, spread) = middle_and_spread(sorted.iter().map(|value| libm::log(*value)).collect());
            Scale::Logarithm { middle, spread }
        } else {
            let (middle, spread) = middle_and_spread(sorted);
            Scale::Linear { middle, spread }
        }
    }

    /// The number that the network sees.
    pub fn apply(self, value: f64) -> f64 {
        match self {
            Scale::Linear { middle, spread } => (value - middle) / spread,
            Scale::Logarithm { middle, spread } => (libm::log(value.max(f64::MIN_POSITIVE)) - middle) / spread,
        }
    }
}

/// Snapshots a scaling is measured on, at most.
pub const SAMPLE: usize = 2_000;

impl Scaling {
    /// Measured on snapshots with true accelerations. `augment` is the deviation of the random shifts in training.
    pub fn measure(design: &Design, sample: &Snapshots, augment: f64) -> Scaling {
        let (space, particles) = (design.space, sample.particles);
        let coordinate = |k: usize| sample.position.iter().skip(k).step_by(space).copied().collect::<Vec<_>>();
        let spreads: Vec<(f64, f64)> = (0..space).map(|k| middle_and_spread(coordinate(k))).collect();
        let spread = spreads.iter().map(|&(_, spread)| spread).fold(0.0, f64::max);
        let attributes = (0..sample.attributes).map(|a| match (design.learned.contains(&a), design.mass == Some(a)) {
            (true, true) => Scale::Logarithm { middle: 0.0, spread: 1.0 },
            (true, false) => Scale::Linear { middle: 0.0, spread: 1.0 },
            (false, _) => Scale::measure(sample.attribute.iter().skip(a).step_by(sample.attributes).copied().collect()),
        });
        let mass = |body: usize| design.mass.map_or(1.0, |mass| sample.attribute[body * sample.attributes + mass]);
        let bodies = 0..sample.count * particles;
        let size = |of: &dyn Fn(usize) -> f64| {
            let component = |body: usize| (0..space).map(move |k| (body, body * space + k));
            trimmed_mean(
                bodies.clone().flat_map(component).map(|(body, at)| of(body) * sample.acceleration[at].abs()).collect(),
            )
        };
        let displacement = spread * std::f64::consts::SQRT_2;
        let momenta = design.form == NodeForm::Energy;
        let pace = |(at, velocity): (usize, &f64)| if momenta { mass(at / space) * velocity } else { *velocity };
        let velocity = sample.velocity.iter().enumerate().map(pace).collect();
        let (message, output) = match design.form {
            NodeForm::Mlp | NodeForm::Superposition => (1.0, size(&|_| 1.0)),
            NodeForm::Newton => (size(&|body| mass(body).abs()), 1.0),
            NodeForm::Energy => {
                let force = size(&|body| mass(body).abs());
                let length = if design.sees_position == Seen::Relative { displacement } else { spread.hypot(augment) };
                (force * length, force)
            }
            NodeForm::Sum => (size(&|_| 1.0), 1.0),
        };
        Scaling {
            centre: spreads.iter().map(|&(middle, _)| middle).collect(),
            position: spread.hypot(augment),
            displacement,
            velocity: middle_and_spread(velocity).1,
            attributes: attributes.collect(),
            message,
            output,
            least: least(sample),
        }
    }

    /// What the errors of a body with this acceleration are multiplied by in a loss.
    pub fn weight(&self, loss: Loss, acceleration: Values) -> f64 {
        match loss {
            Loss::Relative => 1.0 / size(acceleration.iter()).max(self.least),
            Loss::Mae | Loss::Mse | Loss::Huber(_) => 1.0,
        }
    }
}

fn size(vector: impl Iterator<Item = f64>) -> f64 {
    vector.map(|x| x * x).sum::<f64>().sqrt()
}

/// A tenth of the middle size of accelerations; 1 where that is zero.
fn least(sample: &Snapshots) -> f64 {
    let mut sizes: Vec<f64> =
        sample.acceleration.chunks(sample.space.max(1)).map(|a| size(a.iter().copied())).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).map(|middle| 0.1 * middle).filter(|least| *least > 0.0).unwrap_or(1.0)
}

/// Median and robust standard deviation; a spread of constants is their size, or 1 for zeros.
fn middle_and_spread(mut values: Vec<f64>) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 1.0);
    }
    values.sort_by(f64::total_cmp);
    let quantile = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
    let middle = quantile(0.5);
    let quartiles = (quantile(0.75) - quantile(0.25)) / 1.349;
    let range = values[values.len() - 1] - values[0];
    let spread = [quartiles, range, middle.abs(), 1.0].into_iter().find(|&spread| spread > 0.0);
    (middle, spread.unwrap_or(1.0))
}

/// Mean of non-negative numbers without the largest hundredth; 1 where that is zero.
fn trimmed_mean(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let kept = &values[..(values.len() as f64 * 0.99).ceil() as usize];
    let mean = kept.iter().sum::<f64>() / kept.len().max(1) as f64;
    if mean > 0.0 { mean } else { 1.0 }
}
