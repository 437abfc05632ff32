//! The end of a search: full convergence of the archive's best, numbers that a description gets shorter with,
//! constants that earn nothing removed, and the front.

use super::archive::{Archive, Entry, pareto};
use super::choose::{choose, description_length, score, uncertainties};
use super::fit::fit;
use super::front::{Formula, Front};
use super::genome::{Gene, Genome};
use super::normal;
use super::sample::Sample;
use super::space::Space;
use crate::plan::Choose;
use rayon::prelude::*;
use std::f64::consts::{E, PI, SQRT_2};

/// Steps of a last fit.
const FULL: usize = 200;

/// The front of an archive, fully fitted, with numbers snapped, scored and chosen from.
pub(crate) fn finish(space: &Space, archive: &Archive, sample: &Sample, rule: Choose) -> Front {
    // The neighbours of the front come along: a second best may become the best once its constants are gone.
    let best = archive.front().last().map_or(f64::INFINITY, |entry| entry.loss);
    let mut candidates: Vec<&Entry> = archive.front();
    candidates.extend(archive.entries().filter(|entry| entry.loss <= 4.0 * best.max(sample.exact)));
    candidates
        .sort_by(|a, b| (a.key, a.complexity, a.loss).partial_cmp(&(b.key, b.complexity, b.loss)).expect("finite"));
    candidates.dedup_by_key(|entry| entry.key);
    let polished: Vec<Vec<Entry>> = candidates.par_iter().map(|entry| polish(space, entry, sample)).collect();
    let polished: Vec<Entry> = polished.into_iter().flatten().filter(|entry| space.admits(&entry.genome)).collect();
    let front = pareto(polished.iter().collect());
    let mut formulas: Vec<Formula> = front
        .par_iter()
        .map(|entry| Formula {
            expr: space.expr(&entry.genome),
            complexity: entry.complexity,
            loss: entry.loss * sample.unit,
            score: 0.0,
            description_length: description_length(space, &entry.genome, entry.loss, sample),
        })
        .collect();
    score(&mut formulas, sample.exact * sample.unit);
    let chosen = choose(&formulas, rule);
    Front { formulas, chosen, evaluations: 0, rows: sample.rows(), exact: false }
}

/// The formula fully fitted, and the same with numbers for constants where that is shorter.
fn polish(space: &Space, entry: &Entry, sample: &Sample) -> Vec<Entry> {
    let converged = fitted(space, &entry.genome, sample);
    let mut best = converged.clone();
    let mut bits = description_length(space, &best.genome, best.loss, sample);
    // One constant at a time, the one that saves most first.
    loop {
        let deviations = uncertainties(space, &best.genome, sample);
        let mut found: Option<(f64, Entry)> = None;
        for (k, deviation) in deviations.iter().enumerate() {
            for number in numbers(best.genome.constants[k], *deviation) {
                let trial = fitted(space, &space.tidy(&fixed(&best.genome, k, number)), sample);
                if !space.admits(&trial.genome) || !trial.loss.is_finite() {
                    continue;
                }
                let trial_bits = description_length(space, &trial.genome, trial.loss, sample);
                if trial_bits < found.as_ref().map_or(bits, |(bits, _)| *bits) {
                    found = Some((trial_bits, trial));
                }
            }
        }
        match found {
            Some((trial_bits, trial)) => (bits, best) = (trial_bits, trial),
            None => break,
        }
    }
    // The free form stays beside a snapped one that fits worse.
    if best.complexity < converged.complexity && best.loss > converged.loss {
        vec![best, converged]
    } else {
        vec![best]
    }
}

fn fitted(space: &Space, genome: &Genome, sample: &Sample) -> Entry {
    let fit = fit(space, genome, sample, FULL);
    let genome = Genome { constants: fit.constants, ..genome.clone() };
    let key = normal::key(&space.program(&genome)).full;
    Entry { complexity: space.complexity(&genome), loss: fit.loss, key, genome }
}

/// The candidate with its `k`-th constant as a fixed number.
fn fixed(genome: &Genome, k: usize, number: f64) -> Genome {
    let mut out = genome.clone();
    let parameters = (0..genome.genes.len()).filter(|at| genome.genes[*at] == Gene::Parameter);
    let at = parameters.into_iter().nth(k).expect("as many parameters as constants");
    out.genes[at] = Gene::Number(number);
    out.constants.remove(k);
    out
}

/// Numbers that a constant may stand for: zero, integers, small fractions, and these times π, e, √2 and their kin,
/// as far as its uncertainty allows; integers also when it is off by up to two percent.
fn numbers(value: f64, deviation: f64) -> Vec<f64> {
    let mut out: Vec<f64> = vec![];
    let near = 5.0 * deviation.min(f64::MAX) + 1e-12 * value.abs();
    let mut push = |number: f64, tolerance: f64| {
        if (number - value).abs() <= tolerance && !out.contains(&number) {
            out.push(number);
        }
    };
    push(0.0, near.max(1e-3));
    push(value.round(), near.max(0.02 * value.abs()));
    for q in [2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0] {
        push((value * q).round() / q, near.min(0.1 * value.abs()));
    }
    for unit in [PI, 1.0 / PI, E, SQRT_2, (2.0 * PI).sqrt(), 1.0 / (2.0 * PI).sqrt()] {
        for q in [1.0, 2.0, 3.0, 4.0] {
            let p = (value / unit * q).round();
            if p != 0.0 && p.abs() <= 12.0 {
                push(p / q * unit, near.min(1e-3 * value.abs()));
            }
        }
    }
    out
}
