//! Which runs are trained on.

use crate::base::Seed;
use crate::plan::Split;

/// The runs for training, validation and test, each in ascending order: shares of a random order of all runs. A share
/// above 0 gets a run as long as there are enough; rounding is to the nearest run.
pub fn split_runs(runs: usize, split: Split, seed: Seed) -> [Vec<usize>; 3] {
    let mut order: Vec<usize> = (0..runs).collect();
    seed.child("split").stream().shuffle(&mut order);
    let count = |share: f64, left: usize| match (share * runs as f64).round() as usize {
        0 if share > 0.0 => 1.min(left.saturating_sub(1)),
        count => count.min(left),
    };
    let test = count(split.test, runs);
    let validation = count(split.validation, runs - test);
    let train = if split.train > 0.0 { runs - test - validation } else { 0 };
    let mut parts = [order[..train].to_vec(), order[train..train + validation].to_vec(), vec![]];
    parts[2] = order[train + validation..train + validation + test].to_vec();
    parts.iter_mut().for_each(|part| part.sort_unstable());
    parts
}
