//! The course of a search: rows and space prepared, islands through epochs with an archive between them, the finish.
//!
//! Work is counted in evaluations and checked against the budget at fixed points only, so a search stopped by the
//! clock is repeated exactly by a search with the evaluations it reached as its budget.

use super::archive::Archive;
use super::evolve::Island;
use super::finish::finish;
use super::fit::{Scorer, entries, strip};
use super::front::{Front, SearchError, Settings, Table};
use super::genome::{Gene, Genome};
use super::sample::Sample;
use super::space::Space;
use crate::base::{Progress, Watch};
use crate::expr::print::infix;
use crate::plan::{Budget, OperatorsPlan};
use rayon::prelude::*;

/// Rows that candidates are screened on.
const SCREEN: usize = 256;
/// Islands.
const ISLANDS: usize = 16;
/// Births on an island in an epoch.
const EVENTS: usize = 400;
/// Formulas kept of each complexity.
const SHELF: usize = 4;
/// Steps of the fit of a formula that may enter the archive.
const ENTRY_STEPS: usize = 20;
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
    let sample = Sample::new(table, settings.loss)?;
    let space = Space::new(operators, &table.inputs, useful_inputs(&sample))?;
    if matches!(settings.budget, Budget::Seconds(_)) && settings.clock.is_none() {
        return Err(SearchError::NoClock);
    }
    let started = settings.clock.map_or(0.0, |clock| clock());
    let mut run = Run {
        screen: sample.subset(SCREEN, &mut settings.seed.child("screen").stream()),
        archive: Archive::new(space.size, SHELF),
        scorer: Scorer::default(),
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
    run.begin();
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
    let mut front = finish(&run.space, &run.archive, &run.sample, settings.choose);
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
    scorer: Scorer,
    evaluations: u64,
}

impl Run {
    /// Leaves and what an affine map makes of them.
    fn begin(&mut self) {
        let mut seeds: Vec<Genome> = self.space.inputs.iter().map(|input| Genome::leaf(Gene::Input(*input))).collect();
        if self.space.constants.is_some() {
            let mut sorted = self.sample.target.clone();
            sorted.sort_by(f64::total_cmp);
            seeds.push(Genome::constant(sorted[sorted.len() / 2]));
        }
        for genome in seeds {
            self.admit(&genome);
        }
    }

    fn admit(&mut self, genome: &Genome) {
        let (found, used) = entries(&self.space, genome, &self.sample, ENTRY_STEPS, &mut self.scorer);
        self.evaluations += used;
        for entry in found {
            self.archive.insert(entry);
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
        let freedom = super::fit::freedom(&self.space);
        let room = 2.0 * (f64::from(u8::from(freedom.scale)) + f64::from(u8::from(freedom.shift)));
        // A form with its factor and summand must at least come near what the archive has of its complexity.
        candidates.retain(|member| {
            let full = (member.complexity + room).min(self.space.size);
            member.loss <= 1.1 * self.archive.bar(full)
        });
        candidates.sort_by(|a, b| (a.key, a.loss).partial_cmp(&(b.key, b.loss)).expect("finite"));
        candidates.dedup_by_key(|member| member.key);
        let (space, sample) = (&self.space, &self.sample);
        let fitted: Vec<_> = candidates
            .par_iter()
            .map_init(Scorer::default, |scorer, member| entries(space, &member.genome, sample, ENTRY_STEPS, scorer))
            .collect();
        for (found, used) in fitted {
            self.evaluations += used;
            for entry in found {
                self.archive.insert(entry);
            }
        }
        self.front_mark() != before
    }

    /// What changes when the front gets better by more than a thousandth of a loss.
    fn front_mark(&self) -> Vec<(u64, i64)> {
        let scaled = |loss: f64| (1e3 * loss.max(self.sample.floor).ln()) as i64;
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
