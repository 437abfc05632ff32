//! The course of a search: rows and space prepared, islands through epochs with an archive between them, the finish.
//!
//! Work is counted in evaluations and checked against the budget at fixed points only, so a search stopped by the
//! clock is repeated exactly by a search with the evaluations it reached as its budget.

use super::archive::Archive;
use super::assemble::{SHAPES, assemble};
use super::evolve::Island;
use super::finish::finish;
use super::fit::{Scorer, entries, freedom, strip};
use super::front::{Front, SearchError, Settings, Table};
use super::genome::{Gene, Genome};
use super::library::Library;
use super::monomial::{Powers, power_law};
use super::sample::Sample;
use super::space::Space;
use crate::base::{Progress, Watch};
use crate::expr::print::infix;
use crate::plan::{Budget, OperatorsPlan};
use rayon::prelude::*;
use std::collections::HashMap;

/// Rows that candidates are screened on.
const SCREEN: usize = 256;
/// Rows that constants are fitted on during the search; at its end all are used.
const FITTED: usize = 20_000;
/// Islands.
const ISLANDS: usize = 16;
/// Births on an island in an epoch.
const EVENTS: usize = 400;
/// Formulas kept of each complexity.
const SHELF: usize = 4;
/// How often one normal form with constants is fitted from different starts; one without them is fitted once.
const STARTS: u8 = 3;
/// Epochs without a better front after which a front at the noise floor is final.
const PATIENCE: u64 = 6;

/// Searches formulas for a table's target over its inputs.
///
/// Deterministic for one seed and any number of threads (those of the current rayon pool). Rows that are not finite
/// and inputs that are constant or equal another are left out. Ends with the budget, or before it when a formula
/// fits to machine precision, or when the front stands still at the table's noise.
pub fn search(
    table: &Table,
    operators: &OperatorsPlan,
    settings: &Settings,
    watch: &dyn Watch,
) -> Result<Front, SearchError> {
    let all = Sample::new(table, settings.loss)?;
    let space = Space::new(operators, &table.inputs, useful_inputs(&all))?;
    if matches!(settings.budget, Budget::Seconds(_)) && settings.clock.is_none() {
        return Err(SearchError::NoClock);
    }
    if space.inputs.is_empty() && space.constants.is_none() {
        return Err(SearchError::NothingAllowed);
    }
    let started = settings.clock.map_or(0.0, |clock| clock());
    let sample = all.subset(FITTED, &mut settings.seed.child("rows").stream());
    let mut run = Run {
        screen: sample.subset(SCREEN, &mut settings.seed.child("screen").stream()),
        archive: Archive::new(space.size, SHELF),
        fitted: HashMap::new(),
        evaluations: 0,
        space,
        sample,
    };
    let spent = |evaluations: u64| match settings.budget {
        Budget::Evaluations(most) => evaluations >= most,
        Budget::Seconds(most) => settings.clock.is_some_and(|clock| clock() - started >= most),
    };
    let total = match settings.budget {
        Budget::Evaluations(most) => most,
        Budget::Seconds(_) => 0,
    };
    run.begin(&spent, total, watch);
    let seed = settings.seed.child("islands");
    let mut islands: Vec<Island> =
        (0..ISLANDS).map(|index| Island::new(&run.space, seed.nth(index as u64), index)).collect();
    let mut stream = settings.seed.child("migration").stream();
    let mut epoch = 0;
    let mut quiet = 0;
    let mut cancelled = false;
    let mut exact = run.exact();
    while !spent(run.evaluations) && !exact {
        cancelled = watch.cancelled();
        if cancelled {
            break;
        }
        let visitors = run.visitors(&mut stream);
        islands.par_iter_mut().zip(&visitors).for_each(|(island, visitors)| {
            island.epoch(&run.space, &run.screen, epoch, EVENTS, visitors);
        });
        let better = run.gather(&mut islands);
        epoch += 1;
        quiet = if better { 0 } else { quiet + 1 };
        watch.progress(run.progress(total));
        exact = run.exact();
        if exact || (run.at_the_floor() && quiet >= PATIENCE) {
            break;
        }
    }
    let mut front = finish(&run.space, &run.archive, &all, settings.choose);
    front.evaluations = run.evaluations;
    front.exact = exact;
    match (front.formulas.is_empty(), cancelled) {
        (_, true) => Err(SearchError::Cancelled(Box::new(front))),
        (true, _) => Err(SearchError::NothingAllowed),
        _ => Ok(front),
    }
}

struct Run {
    space: Space,
    sample: Sample,
    screen: Sample,
    archive: Archive,
    /// How often a normal form, up to an affine map, was fitted, and in which complexity.
    fitted: HashMap<u64, (u8, f64)>,
    evaluations: u64,
}

impl Run {
    /// Leaves, the power law, and short sums of a library of small formulas: what can be had without luck.
    fn begin(&mut self, stop: &dyn Fn(u64) -> bool, total: u64, watch: &dyn Watch) {
        let mut seeds: Vec<Genome> = self.space.inputs.iter().map(|input| Genome::leaf(Gene::Input(*input))).collect();
        if self.space.constants.is_some() {
            let mut sorted = self.sample.target.clone();
            sorted.sort_by(f64::total_cmp);
            seeds.push(Genome::constant(sorted[sorted.len() / 2]));
        }
        let powers = Powers::new(&self.space);
        if let Some(fitted) = power_law(&self.sample, &self.space.inputs) {
            for steps in [1.0, 2.0] {
                let rounded: Vec<(u16, f64)> =
                    fitted.iter().map(|(input, e)| (*input, (e * steps).round() / steps)).collect();
                seeds.extend(powers.monomial(&self.space, &rounded));
            }
        }
        self.admit(seeds);
        if self.exact() || stop(self.evaluations) {
            return;
        }
        let library = Library::new(&self.space, &powers, &self.screen);
        self.evaluations += library.evaluations;
        let singles = self.best_features(&library);
        self.admit(singles);
        for shape in SHAPES {
            if self.exact() || stop(self.evaluations) || watch.cancelled() {
                return;
            }
            let sums = assemble(&self.space, &powers, &library, &self.screen, shape);
            self.admit(sums);
            watch.progress(self.progress(total));
        }
    }

    /// The library's formulas that fit best after an affine map, some of each complexity.
    fn best_features(&self, library: &Library) -> Vec<Genome> {
        let freedom = freedom(&self.space);
        let mut scored: Vec<(usize, f64, usize)> = library
            .features
            .par_iter()
            .enumerate()
            .map(|(at, feature)| {
                (feature.complexity.round() as usize, self.screen.affine(&feature.values, freedom).loss, at)
            })
            .collect();
        scored.sort_by(|a, b| a.partial_cmp(b).expect("losses are not NaN"));
        let mut out = vec![];
        let mut taken = (usize::MAX, 0);
        for (complexity, loss, at) in scored {
            taken = if taken.0 == complexity { (complexity, taken.1 + 1) } else { (complexity, 1) };
            if taken.1 <= SHELF && loss.is_finite() {
                out.push(library.features[at].genome.clone());
            }
        }
        out
    }

    /// Fits candidates in all their affine forms and keeps the best.
    fn admit(&mut self, candidates: Vec<Genome>) {
        let (space, archive) = (&self.space, &self.archive);
        let samples = (&self.screen, &self.sample);
        let worth = |complexity: f64| archive.worth(complexity);
        let fitted: Vec<_> = candidates
            .par_iter()
            .map_init(Scorer::default, |scorer, genome| entries(space, genome, samples, &worth, scorer))
            .collect();
        for (found, used) in fitted {
            self.evaluations += used;
            for entry in found {
                self.archive.insert(entry);
            }
        }
    }

    /// What each island is given from the archive.
    fn visitors(&self, stream: &mut crate::base::Stream) -> Vec<Vec<Genome>> {
        let front: Vec<Genome> = self.archive.front().iter().map(|e| strip(&self.space, &e.genome)).collect();
        let all: Vec<Genome> = self.archive.entries().map(|e| strip(&self.space, &e.genome)).collect();
        let mut draw = |from: &[Genome]| from.get(stream.below(from.len().max(1))).cloned();
        (0..ISLANDS).map(|_| [draw(&front), draw(&all)].into_iter().flatten().collect()).collect()
    }

    /// Fits what the islands found and lets it into the archive. Whether the front got better.
    fn gather(&mut self, islands: &mut [Island]) -> bool {
        let before = self.front_mark();
        let mut candidates = vec![];
        for island in islands.iter_mut() {
            self.evaluations += std::mem::take(&mut island.evaluations);
            candidates.extend(island.found.drain(..).flatten());
        }
        let freedom = freedom(&self.space);
        let room = 2.0 * (f64::from(u8::from(freedom.scale)) + f64::from(u8::from(freedom.shift)));
        // A form with its factor and summand must at least come near what the archive has of its complexity.
        candidates.retain(|member| {
            let full = (member.complexity + room).min(self.space.size);
            member.loss <= 1.2 * self.archive.worth(full)
        });
        candidates.sort_by(|a, b| (a.key, a.loss).partial_cmp(&(b.key, b.loss)).expect("finite"));
        candidates.dedup_by_key(|member| member.key);
        candidates.retain(|member| {
            let known = self.fitted.entry(member.key).or_insert((0, member.complexity));
            let most = if member.genome.constants.is_empty() { 1 } else { STARTS };
            if known.0 >= most && known.1 <= member.complexity {
                return false;
            }
            *known = (known.0.saturating_add(1), known.1.min(member.complexity));
            true
        });
        self.admit(candidates.into_iter().map(|member| member.genome).collect());
        self.front_mark() != before
    }

    /// What changes when the front gets better by more than a thousandth of a loss.
    fn front_mark(&self) -> Vec<(u64, i64)> {
        let scaled = |loss: f64| (1e3 * libm::log(loss.max(self.sample.floor))) as i64;
        self.archive.front().iter().map(|entry| (entry.complexity as u64, scaled(entry.loss))).collect()
    }

    fn exact(&self) -> bool {
        self.archive.entries().any(|entry| entry.loss <= self.sample.exact)
    }

    fn at_the_floor(&self) -> bool {
        self.archive.entries().any(|entry| entry.loss <= self.sample.floor)
    }

    fn progress(&self, total: u64) -> Progress {
        let note = self.archive.front().last().map_or(String::new(), |best| {
            format!("loss {:.3e}: {}", best.loss * self.sample.unit, infix(&self.space.expr(&best.genome)))
        });
        Progress { done: self.evaluations, total: total.max(self.evaluations), unit: "evaluations", note }
    }
}

/// Inputs that are neither constant nor equal to an earlier one.
fn useful_inputs(sample: &Sample) -> Vec<u16> {
    let mut useful: Vec<u16> = vec![];
    for (index, column) in sample.columns.iter().enumerate().take(u16::MAX as usize) {
        let varies = column.iter().any(|value| *value != column[0]) || sample.rows() == 1;
        if varies && useful.iter().all(|other| sample.columns[*other as usize] != *column) {
            useful.push(index as u16);
        }
    }
    useful
}
