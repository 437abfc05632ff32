//! Which formula of a front to choose.
//!
//! Description length in bits (Rissanen 1978; for formulas Bartlett et al. 2022, arXiv 2211.11461):
//!
//! - structure: complexity · log2(number of symbols that formulas are written with);
//! - the free constants c: a bit each for the sign, and ½ log2 det(1 + C H C) with C = diag |c| and H what the data say of
//!   them (`levenberg`): their digits down to their uncertainty, those that only occur together counted once; at most
//!   53 for each direction;
//! - each fixed number p/q: 1 + log2(1 + |p|) + log2(q), at most 53;
//! - residuals: n/2 · log2(max(MSE, floor) / baseline), or n · log2(max(MAE, floor) / baseline) for absolute deviations, with
//!   the loss of the noise as floor: below it a better fit earns nothing.

use super::fit::fit;
use super::front::Formula;
use super::genome::{Gene, Genome};
use super::levenberg::{Fitted, Norm};
use super::sample::Sample;
use super::space::Space;
use crate::plan::Choose;
use nalgebra::{DMatrix, SymmetricEigen};

/// Bits of a number in double precision.
const DIGITS: f64 = 53.0;

/// Bits of a formula's structure and constants, which a fit without steps gives the information of.
fn formula_bits(space: &Space, genome: &Genome, fitted: &Fitted) -> f64 {
    let structure = space.complexity(genome) * libm::log2(space.symbols().max(2) as f64);
    let numbers: f64 = genome
        .genes
        .iter()
        .map(|gene| match gene {
            Gene::Number(value) => number_bits(*value),
            _ => 0.0,
        })
        .sum();
    let count = genome.constants.len();
    let size = |k: usize| genome.constants[k].abs();
    let scaled = DMatrix::from_fn(count, count, |a, b| size(a) * fitted.information[a * count + b] * size(b));
    // Without residuals there is no uncertainty.
    let most = DIGITS * count as f64;
    let digits = match count > 0 && scaled.iter().all(|value| value.is_finite()) {
        true => SymmetricEigen::try_new(scaled, 1e-12, 1_000).map_or(most, |found| {
            found.eigenvalues.iter().map(|of| (0.5 * libm::log2(1.0 + of.max(0.0))).min(DIGITS)).sum()
        }),
        false => most,
    };
    structure + numbers + count as f64 + digits
}

/// Bits of the residuals, up to a constant of the table.
pub(crate) fn residual_bits(sample: &Sample, loss: f64) -> f64 {
    let ratio = loss.max(sample.floor) / sample.baseline;
    let rows = sample.rows() as f64;
    match sample.norm {
        Norm::Squares | Norm::Logs => 0.5 * rows * libm::log2(ratio),
        Norm::Absolute => rows * libm::log2(ratio),
    }
}

/// The description length of a fitted formula.
pub(crate) fn description_length(space: &Space, genome: &Genome, loss: f64, sample: &Sample) -> f64 {
    formula_bits(space, genome, &fit(space, genome, sample, 0)) + residual_bits(sample, loss)
}

/// Standard deviations of the free constants of a fitted formula.
pub(crate) fn uncertainties(space: &Space, genome: &Genome, sample: &Sample) -> Vec<f64> {
    if genome.constants.is_empty() {
        return vec![];
    }
    let fitted = fit(space, genome, sample, 0);
    (0..genome.constants.len()).map(|k| fitted.uncertainty(k)).collect()
}

fn number_bits(value: f64) -> f64 {
    for q in 1..=12 {
        let p = value * f64::from(q);
        if (p - p.round()).abs() <= 1e-12 * p.abs() {
            return (1.0 + libm::log2(1.0 + p.abs()) + libm::log2(f64::from(q))).min(53.0);
        }
    }
    // A named number such as π times a small one; see the finish, which makes no others.
    12.0
}

/// Fills in the scores of a front (Cranmer et al. 2020, section 4).
pub(crate) fn score(formulas: &mut [Formula], exact: f64) {
    for at in 1..formulas.len() {
        let (before, here) = (&formulas[at - 1], &formulas[at]);
        let fall = libm::log(before.loss.max(exact) / here.loss.max(exact));
        formulas[at].score = fall / (here.complexity - before.complexity).max(1e-9);
    }
}

/// The index of the chosen formula of a front that has one.
pub(crate) fn choose(formulas: &[Formula], rule: Choose) -> usize {
    let least = formulas.iter().map(|formula| formula.loss).fold(f64::INFINITY, f64::min);
    let cost = |formula: &Formula| match rule {
        Choose::DescriptionLength => formula.description_length,
        Choose::Accuracy => formula.loss,
        // As PySR: the steepest fall among those whose loss is within half of the least.
        Choose::Score if formula.loss <= 1.5 * least => -formula.score,
        Choose::Score => f64::INFINITY,
    };
    let mut best = 0;
    for at in 1..formulas.len() {
        if cost(&formulas[at]) < cost(&formulas[best]) {
            best = at;
        }
    }
    best
}
