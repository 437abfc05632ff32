//! From a formula that explains a network to the law of the data: refit, change the structure a little, refit, keep
//! what shortens the description of the validation data, until nothing does. Simulated accelerations are exact, so
//! the true form stands out by orders of magnitude once it is a few changes away.
//!
//! Never knows the truth. A beam of candidates is kept; every step is deterministic for any number of threads.

use super::describe::{RESOLUTION, complexity, formula_bits, residual_bits};
use super::learned::Learned;
use super::model::{Model, quick_fit};
use super::scene::Scene;
use super::vary::variants;
use crate::base::{Cancelled, Name, Progress, Watch};
use crate::expr::{Expr, print::infix, simplify};
use crate::plan::OperatorsPlan;
use crate::search::FitSettings;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Candidates kept from round to round.
const BEAM: usize = 5;
/// Changed models of a round that are fitted in full.
const PROMISING: usize = 24;
/// Rounds at most.
const ROUNDS: usize = 10;
/// Smallest sizes relative to which a law may grow: its formula may hold this much more than the largest allowed.
const ROOM: f64 = 6.0;

/// A refitted, judged candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The law.
    pub model: Model,
    /// Standard deviations of its free constants.
    pub spread: Vec<f64>,
    /// Mean absolute relative residual on validation data.
    pub misfit: f64,
    /// Description length in bits on validation data.
    pub bits: f64,
    /// Complexity of all its formulas.
    pub complexity: f64,
}

/// What candidates are fitted to and judged by.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// A few configurations on which many candidates are compared first.
    pub screen: &'a Scene,
    /// Fitted to.
    pub train: &'a Scene,
    /// Judged by.
    pub validation: &'a Scene,
    /// What formulas are made of.
    pub operators: &'a OperatorsPlan,
    /// Symbols that may enter the pair's formula.
    pub symbols: &'a [Name],
    /// What is learned of bodies and fitted with every law.
    pub learned: &'a [Learned],
}

impl Bench<'_> {
    /// Fits and judges a model; `None` where it has no finite value.
    pub fn judge(&self, model: Model, settings: &FitSettings) -> Option<Candidate> {
        let mut model = model;
        let fitted = model.fit(self.train, settings)?;
        if !fitted.loss.is_finite() {
            return None;
        }
        let spread: Vec<f64> = (0..model.names.len()).map(|k| fitted.uncertainty(k)).collect();
        self.score(model, spread)
    }

    /// Judges a model as it is.
    pub fn score(&self, model: Model, spread: Vec<f64>) -> Option<Candidate> {
        let misfit = model.misfit(self.validation);
        let bits = formula_bits(&model, &spread) + residual_bits(misfit, self.validation);
        let complexity =
            std::iter::once(&model.pair).chain(&model.body).map(|e| complexity(e, self.operators)).sum::<f64>();
        bits.is_finite().then_some(Candidate { model, spread, misfit, bits, complexity })
    }

    /// The models that come closest to the screening data after a short fit, by description length.
    fn promising(&self, models: Vec<Model>) -> Vec<Model> {
        let short = FitSettings { iterations: 12, tolerance: 1e-3, ..quick_fit() };
        let screened: Vec<Option<(f64, Model)>> = models
            .into_par_iter()
            .map(|mut model| {
                let fitted = model.fit(self.screen, &short)?;
                let misfit = fitted.loss.sqrt();
                let bits = formula_bits(&model, &[]) + residual_bits(misfit, self.validation);
                bits.is_finite().then_some((bits, model))
            })
            .collect();
        let mut screened: Vec<(f64, Model)> = screened.into_iter().flatten().collect();
        screened.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| key(&a.1).cmp(&key(&b.1))));
        screened.truncate(PROMISING);
        screened.into_iter().map(|(_, model)| model).collect()
    }

    /// The same law in simpler words, constants merged and rounded where the description gets shorter.
    pub fn tidy(&self, candidate: Candidate) -> Candidate {
        let merged = simpler(&candidate.model);
        let mut best = candidate;
        if merged != best.model {
            best = self.judge(merged, &quick_fit()).filter(|next| next.bits <= best.bits).unwrap_or(best);
        }
        loop {
            let next = (0..best.model.names.len())
                .flat_map(|k| rounded(best.model.values[k], best.spread[k]).into_iter().map(move |value| (k, value)))
                .filter_map(|(k, value)| {
                    let name = best.model.names[k].clone();
                    let fixed = [(name, Expr::number(value))].into();
                    let model = Model {
                        pair: best.model.pair.substitute(&fixed),
                        body: best.model.body.iter().map(|e| e.substitute(&fixed)).collect(),
                        ..best.model.clone()
                    };
                    self.judge(model.prune(), &quick_fit())
                })
                .fold(None::<Candidate>, |a, b| if a.as_ref().is_some_and(|a| a.bits <= b.bits) { a } else { Some(b) });
            match next {
                Some(next) if next.bits < best.bits => best = next,
                _ => break,
            }
        }
        best
    }
}

/// Polishes candidates; gives all that were ever in the beam, the best first.
pub fn polish(start: Vec<Candidate>, bench: &Bench, watch: &dyn Watch) -> Result<Vec<Candidate>, Cancelled> {
    let room = start.iter().map(|c| c.complexity).fold(bench.operators.size as f64, f64::max) + ROOM;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut expanded: BTreeSet<String> = BTreeSet::new();
    let mut all: Vec<Candidate> = start;
    sort(&mut all);
    for round in 0..ROUNDS {
        let Some((best, exact)) = all.first().map(|c| (c.bits, c.misfit < RESOLUTION)) else { break };
        // An exact law can only get shorter.
        let (width, room) = if exact { (1, all[0].complexity) } else { (BEAM, room) };
        let beam: Vec<Candidate> = all.iter().take(width).filter(|c| expanded.insert(key(&c.model))).cloned().collect();
        if beam.is_empty() {
            break;
        }
        let mut fresh: Vec<Model> = vec![];
        for candidate in &beam {
            for model in variants(&open(&candidate.model), bench.symbols, bench.operators) {
                let size: f64 = complexity(&model.pair, bench.operators);
                if size <= room && seen.insert(key(&model)) {
                    fresh.push(model);
                }
            }
        }
        if watch.cancelled() {
            return Err(Cancelled);
        }
        watch.progress(Progress {
            done: round as u64,
            total: ROUNDS as u64,
            unit: "rounds",
            note: format!("residual {:.2e}", all[0].misfit),
        });
        let promising = bench.promising(fresh);
        let judged: Vec<Option<Candidate>> = promising.into_par_iter().map(|m| bench.judge(m, &quick_fit())).collect();
        let mut judged: Vec<Candidate> = judged.into_iter().flatten().collect();
        sort(&mut judged);
        judged.truncate(BEAM);
        let tidied: Vec<Candidate> = judged.into_par_iter().map(|candidate| bench.tidy(candidate)).collect();
        all.extend(tidied);
        sort(&mut all);
        all.dedup_by(|a, b| key(&a.model) == key(&b.model));
        let quiet = all[0].bits >= best - 1e-6;
        if quiet && (all[0].misfit < RESOLUTION || round > 3) {
            break;
        }
    }
    Ok(all)
}

/// Best first; ties by form, so that order never depends on threads.
pub fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| a.bits.total_cmp(&b.bits).then_with(|| key(&a.model).cmp(&key(&b.model))));
}

/// What tells models apart: their structure with constants numbered in the order in which they stand.
fn key(model: &Model) -> String {
    let mut count = 0;
    std::iter::once(&model.pair)
        .chain(&model.body)
        .map(|e| {
            let anonymous = e.rebuild(&mut |e| match e.as_symbol() {
                Some(name) if model.is_constant(name) => {
                    count += 1;
                    Expr::symbol(format!("C{count}"))
                }
                _ => e,
            });
            infix(&anonymous)
        })
        .collect::<Vec<_>>()
        .join(";")
}

/// All numbers free again: a change of structure may move constants that were rounded before.
fn open(model: &Model) -> Model {
    let (pair, body) = model.filled();
    Model::free(&pair, &body).knowing(&model.learned)
}

/// The simplified formulas, their numbers free.
fn simpler(model: &Model) -> Model {
    let (pair, body) = model.filled();
    let body: Vec<Expr> = body.iter().map(simplify).collect();
    Model::free(&simplify(&pair), &body).knowing(&model.learned)
}

/// Simple numbers near a value: whole numbers, simple fractions, decimals of few digits.
fn rounded(value: f64, spread: f64) -> Vec<f64> {
    let reach = (8.0 * spread).max(1e-4 * value.abs()).min(0.05 * value.abs().max(1e-3));
    let mut out: Vec<f64> = vec![];
    let decimals = (0..3).map(|digits| {
        let size = libm::pow(10.0, f64::from(digits) - libm::floor(libm::log10(value.abs().max(f64::MIN_POSITIVE))));
        if size.is_finite() && size >= 1.0 { (value * size).round() / size } else { value.round() }
    });
    let fractions = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0].into_iter().map(|q| (value * q).round() / q);
    for candidate in fractions.chain(decimals) {
        if (candidate - value).abs() <= reach && !out.contains(&candidate) {
            // A rounded -0.1 is no negative zero.
            out.push(candidate + 0.0);
        }
    }
    out.truncate(3);
    out
}
