//! Losses and message statistics of a network on rows of data, in slices of bounded memory.

use super::fused::shard::pointwise;
use super::scaling::Scaling;
use super::trained::{Facts, Trained};
use crate::plan::Loss;
use crate::simulate::{Snapshots, Trajectories, Values};

/// Rows computed at a time.
const SLICE: usize = 4_096;

/// How well accelerations are predicted, in the units of the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Mean over bodies of the sum over components of absolute errors; NaN without rows.
    pub mae: f64,
    /// The same of predicting zero.
    pub zero_mae: f64,
    /// Share of the components' variance that is predicted.
    pub r2: f64,
}

/// Scores a network on configurations, which must exist.
pub fn score(network: &Trained, data: &Trajectories, rows: &[usize]) -> Score {
    let mae =
        |predict: &dyn Fn(&Snapshots) -> Vec<f64>| mean_loss((Loss::Mae, &network.facts.scaling), data, rows, predict);
    let (mut count, mut mean, mut spread, mut residual) = (0.0, 0.0, 0.0, 0.0);
    for rows in rows.chunks(SLICE) {
        let snapshots = data.snapshots(rows);
        for (predicted, &truth) in network.predict(&snapshots).into_iter().zip(&snapshots.acceleration) {
            count += 1.0;
            let apart = truth - mean;
            mean += apart / count;
            spread += apart * (truth - mean);
            residual += (predicted - truth).powi(2);
        }
    }
    Score {
        mae: mae(&|snapshots| network.predict(snapshots)),
        zero_mae: mae(&|snapshots| vec![0.0; snapshots.acceleration.len()]),
        r2: 1.0 - residual / spread,
    }
}

/// The loss of the network on rows of data: sum over components, mean over bodies.
pub fn prediction_loss(network: &Trained, data: &Trajectories, rows: &[usize]) -> f64 {
    let Facts { design, scaling, .. } = &network.facts;
    mean_loss((design.loss, scaling), data, rows, |snapshots| network.predict(snapshots))
}

/// The same loss of predicting zero.
pub fn baseline(network: &Trained, data: &Trajectories, rows: &[usize]) -> f64 {
    let Facts { design, scaling, .. } = &network.facts;
    mean_loss((design.loss, scaling), data, rows, |snapshots| vec![0.0; snapshots.acceleration.len()])
}

/// Variance of each message component over the edges of rows of data.
pub fn message_variance(network: &Trained, data: &Trajectories, rows: &[usize]) -> Vec<f64> {
    let width = network.facts.design.message;
    let (mut count, mut mean, mut squares) = (0.0, vec![0.0; width], vec![0.0; width]);
    for rows in rows.chunks(SLICE) {
        let messages = network.messages(&data.snapshots(rows));
        for message in messages.values.chunks(width) {
            count += 1.0;
            for ((mean, squares), &value) in mean.iter_mut().zip(&mut squares).zip(message) {
                let apart = value as f64 - *mean;
                *mean += apart / count;
                *squares += apart * (value as f64 - *mean);
            }
        }
    }
    squares.iter().map(|squares| if count > 0.0 { squares / count } else { 0.0 }).collect()
}

fn mean_loss(
    (loss, scaling): (Loss, &Scaling),
    data: &Trajectories,
    rows: &[usize],
    predict: impl Fn(&Snapshots) -> Vec<f64>,
) -> f64 {
    let (mut sum, mut bodies) = (0.0, 0);
    for rows in rows.chunks(SLICE) {
        let snapshots = data.snapshots(rows);
        let predicted = predict(&snapshots);
        for (predicted, truth) in predicted.chunks(data.space).zip(snapshots.acceleration.chunks(data.space)) {
            let errors = predicted.iter().zip(truth).map(|(p, t)| (p - t) as f32);
            let loss_of_body = errors.map(|error| pointwise(loss, error).0 as f64).sum::<f64>();
            sum += scaling.weight(loss, Values::Double(truth)) * loss_of_body;
        }
        bodies += snapshots.count * snapshots.particles;
    }
    sum / bodies as f64
}
