//! The end of a search: full convergence of the archive's best, numbers that a description gets shorter with,
//! constants that earn nothing removed, the simplest forms by algebra, and the front.

use super::archive::{Archive, Entry};
use super::choose::{choose, description_length, score, uncertainties};
use super::fit::fit;
use super::front::{Formula, Front};
use super::genome::{Gene, Genome};
use super::monomial::Powers;
use super::normal;
use super::rewrite::{simpler, tied as tied_constants, unsquared};
use super::sample::Sample;
use super::space::Space;
use crate::expr::{Expr, Node, Op};
use crate::plan::Choose;
use rayon::prelude::*;
use std::f64::consts::{E, PI, SQRT_2};

/// Steps of a last fit.
const FULL: usize = 100;
/// Steps of a fit after a constant became a number.
const REFIT: usize = 20;
/// Formulas near the front that are looked at beside it.
const NEIGHBOURS: usize = 40;
/// Share of their size by which constants may differ that are taken for one.
const ALIKE: f64 = 0.1;
/// Rounds in which formulas are rewritten.
const ROUNDS: usize = 2;
/// Formulas, those of the shortest descriptions, whose constants are tried as numbers.
const SNAPPED: usize = 12;

/// The front of an archive, fully fitted, with numbers snapped, scored and chosen from.
pub(crate) fn finish(space: &Space, archive: &Archive, sample: &Sample, rule: Choose) -> Front {
    let mut candidates: Vec<&Entry> = archive.front();
    // The neighbours of the front come along: a second best may become the best once its constants are gone.
    let near = |entry: &&Entry| entry.loss <= 1.5 * archive.worth(entry.complexity + 1.0).min(f64::MAX);
    candidates.extend(archive.entries().filter(near).take(NEIGHBOURS));
    candidates.sort_by_key(|entry| (entry.key, entry.complexity.to_bits(), entry.loss.to_bits()));
    candidates.dedup_by_key(|entry| entry.key);
    let mut described: Vec<(f64, Entry)> = candidates
        .par_iter()
        .map(|entry| {
            let entry = fitted(space, &entry.genome, sample, FULL);
            (description_length(space, &entry.genome, entry.loss, sample), entry)
        })
        .collect();
    described.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.key.cmp(&b.1.key)));
    let snapped: Vec<(f64, Entry)> =
        described.par_iter().take(SNAPPED).map(|(bits, entry)| snap(space, *bits, entry, sample)).collect();
    described.extend(snapped);
    described.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.key.cmp(&b.1.key)));
    let powers = Powers::new(space);
    // What algebra made may be rewritten in another way again.
    for _ in 0..ROUNDS {
        let rewritten: Vec<(f64, Entry)> = described
            .par_iter()
            .take(SNAPPED)
            .flat_map_iter(|(_, entry)| {
                let tied = pairs_alike(space, &entry.genome, sample);
                let tied = tied.into_iter().filter_map(|(a, b)| tied_constants(space, &powers, &entry.genome, a, b));
                let simpler = simpler(space, &powers, &entry.genome);
                tied.chain(simpler).chain(unsquared(space, &powers, &entry.genome)).collect::<Vec<_>>()
            })
            .map(|genome| {
                let entry = fitted(space, &genome, sample, FULL);
                let bits = description_length(space, &entry.genome, entry.loss, sample);
                snap(space, bits, &entry, sample)
            })
            .collect();
        described.extend(rewritten);
        described.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.key.cmp(&b.1.key)));
        described.dedup_by(|a, b| a.1.genome == b.1.genome);
    }
    described.retain(|(_, entry)| space.admits(&entry.genome) && entry.loss.is_finite());
    // Of fits that the data cannot tell apart the shortest description stands for all.
    let alike = 1.0 + 2.0 / sample.rows() as f64;
    let told: Vec<(f64, f64)> = described.iter().map(|(bits, entry)| (*bits, entry.loss.max(sample.exact))).collect();
    described.retain(|(bits, entry)| {
        let loss = entry.loss.max(sample.exact);
        told.iter().all(|(shorter, other)| shorter >= bits || *other > alike * loss || loss > alike * other)
    });
    // Of one complexity the shortest description: a snapped constant fits a little worse than a free one.
    described.sort_by(|a, b| a.1.complexity.total_cmp(&b.1.complexity).then(a.0.total_cmp(&b.0)));
    described.dedup_by_key(|(_, entry)| entry.complexity);
    let mut least = f64::INFINITY;
    described.retain(|(_, entry)| {
        let better = entry.loss < least;
        least = least.min(entry.loss);
        better
    });
    let mut formulas: Vec<Formula> = described
        .iter()
        .map(|(bits, entry)| Formula {
            expr: signed(space, space.expr(&entry.genome)),
            complexity: entry.complexity,
            loss: entry.loss * sample.unit,
            score: 0.0,
            description_length: *bits,
        })
        .collect();
    score(&mut formulas, sample.exact * sample.unit);
    let chosen = choose(&formulas, rule);
    Front { formulas, chosen, evaluations: 0, rows: sample.rows(), exact: false }
}

/// Pairs of free constants of one size as far as their uncertainties tell.
fn pairs_alike(space: &Space, genome: &Genome, sample: &Sample) -> Vec<(usize, usize)> {
    let deviations = uncertainties(space, genome, sample);
    let size = |k: usize| genome.constants[k].abs();
    let alike = |a: usize, b: usize| {
        let apart = (size(a) - size(b)).abs();
        apart <= 5.0 * deviations[a].hypot(deviations[b]) && apart <= ALIKE * size(a).max(size(b))
    };
    let count = genome.constants.len();
    (0..count).flat_map(|b| (0..b).map(move |a| (a, b))).filter(|&(a, b)| alike(a, b)).collect()
}

/// The formula with differences in place of sums with negative numbers.
fn signed(space: &Space, expr: Expr) -> Expr {
    if space.gene(Op::Sub).is_none() {
        return expr;
    }
    let positive = |e: &Expr| match e.node() {
        Node::Number(value) if *value < 0.0 => Some(Expr::number(-value)),
        Node::Call(Op::Mul, args) => match args[0].as_number() {
            Some(-1.0) => Some(args[1].clone()),
            Some(value) if value < 0.0 => Some(Expr::call(Op::Mul, vec![Expr::number(-value), args[1].clone()])),
            _ => None,
        },
        _ => None,
    };
    expr.rebuild(&mut |e| match e.node() {
        Node::Call(Op::Add, args) => match (positive(&args[0]), positive(&args[1])) {
            (_, Some(right)) => Expr::call(Op::Sub, vec![args[0].clone(), right]),
            (Some(left), None) => Expr::call(Op::Sub, vec![args[1].clone(), left]),
            (None, None) => e,
        },
        Node::Call(Op::Sub, args) => match positive(&args[1]) {
            Some(right) => Expr::call(Op::Add, vec![args[0].clone(), right]),
            None => e,
        },
        _ => e,
    })
}

/// A converged formula with numbers for those of its constants where that makes the description shorter: one
/// constant at a time, the one that saves most first.
fn snap(space: &Space, bits: f64, converged: &Entry, sample: &Sample) -> (f64, Entry) {
    let (mut bits, mut best) = (bits, converged.clone());
    loop {
        let deviations = uncertainties(space, &best.genome, sample);
        let mut found: Option<(f64, Entry)> = None;
        for (k, deviation) in deviations.iter().enumerate() {
            for number in numbers(best.genome.constants[k], *deviation) {
                let trial = fitted(space, &space.tidy(&fixed(&best.genome, k, number)), sample, REFIT);
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
            None => return (bits, best),
        }
    }
}

fn fitted(space: &Space, genome: &Genome, sample: &Sample, steps: usize) -> Entry {
    let fit = fit(space, genome, sample, steps);
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
