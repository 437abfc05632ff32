//! The course of a search: rows and space prepared, islands through epochs with an archive between them, the finish.
//!
//! Work is counted in evaluations and checked against the budget at fixed points only, so a search stopped by the
//! clock is repeated exactly by a search with the evaluations it reached as its budget.

use super::archive::{Archive, Entry};
use super::assemble::{Form, assemble};
use super::course::{Course, from_bytes, mark, to_bytes};
use super::evolve::Island;
use super::finish::finish;
use super::fit::{Scorer, entries, freedom, strip};
use super::front::{Dimensions, Front, SearchError, Settings, Table};
use super::genome::{Gene, Genome};
use super::library::Library;
use super::monomial::{Powers, power_law};
use super::rational::quotients;
use super::reduce::{self, Reduction};
use super::rewrite::foreign;
use super::sample::Sample;
use super::shape::{SHAPES, Shape};
use super::space::Space;
use crate::base::{Name, Progress, Seed, Watch};
use crate::expr::Expr;
use crate::expr::print::infix;
use crate::plan::{Budget, OperatorsPlan};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Rows that candidates are screened on.
const SCREEN: usize = 256;
/// Rows that constants are fitted on during the search.
const FITTED: usize = 20_000;
/// Rows of the last fits: they bound the memory, some 10 MB for each constant.
const LAST: usize = 1_000_000;
/// Islands, and those of a problem with fewer variables.
const ISLANDS: usize = 16;
const SMALL_ISLANDS: usize = 8;
/// Complexity up to which an exact formula ends the search at once, and epochs that follow a larger one.
const SMALL: f64 = 10.0;
const EPILOGUE: usize = 4;
/// Problems with fewer variables that are searched.
const REDUCTIONS: usize = 3;
/// Births on an island in an epoch.
const EVENTS: usize = 400;
/// Formulas kept of each complexity.
const SHELF: usize = 4;
/// How often one normal form with constants is fitted from different starts; one without them is fitted once.
const STARTS: u8 = 3;
/// Epochs without a better front after which a front at the noise floor is final.
const PATIENCE: u64 = 6;
/// Formulas of the front that a watcher is told of.
const SHOWN: usize = 8;

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
    search_along(table, operators, settings, &Course::default(), watch)
}

/// Searches as [`search`] does, from formulas or from a checkpoint, and leaving checkpoints.
///
/// # Errors
/// Those of [`search`], and what is wrong with a checkpoint.
pub fn search_along(
    table: &Table,
    operators: &OperatorsPlan,
    settings: &Settings,
    course: &Course,
    watch: &dyn Watch,
) -> Result<Front, SearchError> {
    let mark = mark(table, operators, settings, course.from);
    let all = Sample::new(table, settings.loss)?;
    let space = Space::new(operators, &table.inputs, useful_inputs(&all))?;
    if matches!(settings.budget, Budget::Seconds(_)) && settings.clock.is_none() {
        return Err(SearchError::NoClock);
    }
    if space.inputs.is_empty() && space.constants.is_none() {
        return Err(SearchError::NothingAllowed);
    }
    let saved: Option<Saved> = course.resume.map(|bytes| from_bytes(mark, bytes)).transpose()?;
    // Seconds of earlier sittings count.
    let started = settings.clock.map_or(0.0, |clock| clock()) - saved.as_ref().map_or(0.0, |saved| saved.seconds);
    let spent = |evaluations: u64| match settings.budget {
        Budget::Evaluations(most) => evaluations >= most,
        Budget::Seconds(most) => settings.clock.is_some_and(|clock| clock() - started >= most),
    };
    let total = match settings.budget {
        Budget::Evaluations(most) => most,
        Budget::Seconds(_) => 0,
    };
    let sample = all.subset(FITTED, &mut settings.seed.child("rows").stream());
    let mut run = Run::new(space, sample, settings.seed, ISLANDS);
    let (mut smaller, mut quiet, mut after) = match saved {
        Some(saved) => run.resume(saved, operators, settings.seed)?,
        None => {
            run.welcome(course.from);
            run.begin(&spent, total, watch);
            let smaller = match run.exact() || spent(run.evaluations) || watch.cancelled() {
                true => vec![],
                false => run.smaller(operators, table.dimensions.as_ref(), settings.seed, &spent, watch),
            };
            (smaller, 0, 0)
        }
    };
    let mut cancelled = false;
    while !spent(run.evaluations) && after < run.rest() && !(run.at_the_floor() && quiet >= PATIENCE) {
        cancelled = watch.cancelled();
        if cancelled {
            break;
        }
        after += usize::from(run.exact());
        let mut better = run.epoch();
        for small in &mut smaller {
            small.run.epoch();
            better |= run.take(small);
        }
        quiet = if better { 0 } else { quiet + 1 };
        watch.progress(Progress { note: left(settings, started) + &run.progress(total).note, ..run.progress(total) });
        if let Some(keep) = course.keep {
            let seconds = settings.clock.map_or(0.0, |clock| clock() - started);
            keep(&|| {
                to_bytes(
                    mark,
                    Saving {
                        seconds,
                        quiet,
                        after,
                        run: run.saving(),
                        smaller: smaller.iter().map(Smaller::saving).collect(),
                    },
                )
            });
        }
    }
    let exact = run.exact();
    let last = all.subset(LAST, &mut settings.seed.child("last").stream());
    let mut front = finish(&run.space, &run.archive, &last, settings.choose);
    front.rows = all.rows();
    front.evaluations = run.evaluations;
    front.exact = exact;
    match (front.formulas.is_empty(), cancelled) {
        (_, true) => Err(SearchError::Cancelled(Box::new(front))),
        (true, _) => Err(SearchError::NothingAllowed),
        _ => Ok(front),
    }
}

/// The state of a search between two epochs, as it is written.
#[derive(Serialize)]
struct Saving<'a> {
    seconds: f64,
    quiet: u64,
    after: usize,
    run: RunSaving<'a>,
    smaller: Vec<SmallerSaving<'a>>,
}

/// The same as it is read.
#[derive(Deserialize)]
struct Saved {
    seconds: f64,
    quiet: u64,
    after: usize,
    run: RunSaved,
    smaller: Vec<SmallerSaved>,
}

/// Archive, islands, epochs, fitted forms, evaluations.
type RunSaving<'a> = (&'a Archive, &'a [Island], u64, &'a BTreeMap<u64, (u8, f64)>, u64);
type RunSaved = (Archive, Vec<Island>, u64, BTreeMap<u64, (u8, f64)>, u64);
/// The search, what it is for, its place among the reductions, what was handed over.
type SmallerSaving<'a> = (RunSaving<'a>, &'a Reduction, u64, &'a BTreeSet<u64>);
type SmallerSaved = (RunSaved, Reduction, u64, BTreeSet<u64>);

/// A problem with fewer variables, searched beside the whole one.
struct Smaller {
    /// Its place among the reductions, which its random streams are named by.
    place: u64,
    run: Run,
    reduction: Reduction,
    /// What was handed over already.
    given: BTreeSet<u64>,
}

impl Smaller {
    fn saving(&self) -> SmallerSaving<'_> {
        (self.run.saving(), &self.reduction, self.place, &self.given)
    }
}

struct Run {
    space: Space,
    sample: Sample,
    screen: Sample,
    archive: Archive,
    islands: Vec<Island>,
    migration: Seed,
    epochs: u64,
    /// How often a normal form, up to an affine map, was fitted, and in which complexity.
    fitted: BTreeMap<u64, (u8, f64)>,
    evaluations: u64,
}

impl Run {
    fn new(space: Space, sample: Sample, seed: Seed, islands: usize) -> Run {
        let own = seed.child("islands");
        Run {
            screen: sample.subset(SCREEN, &mut seed.child("screen").stream()),
            archive: Archive::new(space.size, SHELF),
            islands: (0..islands).map(|index| Island::new(&space, own.nth(index as u64), index)).collect(),
            migration: seed.child("migration"),
            epochs: 0,
            fitted: BTreeMap::new(),
            evaluations: 0,
            space,
            sample,
        }
    }

    fn saving(&self) -> RunSaving<'_> {
        (&self.archive, &self.islands, self.epochs, &self.fitted, self.evaluations)
    }

    fn restore(&mut self, saved: RunSaved) {
        (self.archive, self.islands, self.epochs, self.fitted, self.evaluations) = saved;
    }

    /// Takes up a search where it was saved: its smaller problems, quiet epochs, epochs after an exact formula.
    fn resume(
        &mut self,
        saved: Saved,
        operators: &OperatorsPlan,
        seed: Seed,
    ) -> Result<(Vec<Smaller>, u64, usize), SearchError> {
        self.restore(saved.run);
        let mut smaller = vec![];
        for (state, reduction, place, given) in saved.smaller {
            let run = self.reduced(operators, &reduction, seed.child("smaller").nth(place));
            let mut run = run.ok_or(SearchError::BrokenCheckpoint)?;
            run.restore(state);
            smaller.push(Smaller { place, run, reduction, given });
        }
        Ok((smaller, saved.quiet, saved.after))
    }

    /// Formulas of somebody else, as far as the space can write them.
    fn welcome(&mut self, formulas: &[Expr]) {
        let powers = Powers::new(&self.space);
        self.admit(formulas.iter().filter_map(|formula| foreign(&self.space, &powers, formula)).collect());
    }

    /// All islands through one epoch. Whether the front got better.
    fn epoch(&mut self) -> bool {
        let visitors = self.visitors(&mut self.migration.nth(self.epochs).stream());
        let Run { islands, space, screen, epochs, .. } = self;
        islands.par_iter_mut().zip(&visitors).for_each(|(island, visitors)| {
            island.epoch(space, screen, *epochs, EVENTS, visitors);
        });
        self.epochs += 1;
        self.gather()
    }

    /// Problems with fewer variables, begun; the furthest reduced ones first.
    fn smaller(
        &mut self,
        operators: &OperatorsPlan,
        dimensions: Option<&Dimensions>,
        seed: Seed,
        stop: &dyn Fn(u64) -> bool,
        watch: &dyn Watch,
    ) -> Vec<Smaller> {
        let powers = Powers::new(&self.space);
        let rows = self.sample.subset(reduce::ROWS, &mut seed.child("reductions").stream());
        let about = (self.space.inputs.len() * self.space.inputs.len()) as u64 * 20 * reduce::COST;
        if stop(self.evaluations + about) {
            return vec![];
        }
        let (mut reductions, judged) = reduce::reductions(&self.space, &powers, &rows, dimensions);
        self.evaluations += judged * reduce::COST;
        reductions.sort_by(|a, b| a.inputs.len().cmp(&b.inputs.len()).then(a.error.total_cmp(&b.error)));
        reductions.truncate(REDUCTIONS);
        let mut out = vec![];
        for (index, reduction) in reductions.into_iter().enumerate() {
            if self.exact() || stop(self.evaluations) || watch.cancelled() {
                break;
            }
            let place = index as u64;
            let Some(run) = self.reduced(operators, &reduction, seed.child("smaller").nth(place)) else {
                continue;
            };
            let mut small = Smaller { place, run, reduction, given: BTreeSet::new() };
            let before = self.evaluations;
            small.run.begin(&|evaluations| stop(before + evaluations), 0, watch);
            self.take(&mut small);
            out.push(small);
        }
        out
    }

    /// The search for the target of a reduction over its inputs.
    fn reduced(&self, operators: &OperatorsPlan, reduction: &Reduction, seed: Seed) -> Option<Run> {
        let mut scorer = Scorer::default();
        let slices = self.sample.slices();
        let mut values = |genome: &Genome| {
            scorer.values(&self.space.program(genome), &genome.constants, &slices, self.sample.rows()).to_vec()
        };
        let columns: Vec<Vec<f64>> = reduction.inputs.iter().map(&mut values).collect();
        let factor = reduction.factor.as_ref().map(&mut values);
        let sample = self.sample.divided(columns, factor.as_deref())?;
        let names: Vec<Name> = (0..reduction.inputs.len()).map(|k| Name::new(&format!("p{k}"))).collect();
        // Patterns and required inputs speak of the whole problem, where every formula is checked again.
        let operators = OperatorsPlan { never: vec![], require: vec![], ..operators.clone() };
        let space = Space::new(&operators, &names, useful_inputs(&sample)).ok()?;
        Some(Run::new(space, sample, seed, SMALL_ISLANDS))
    }

    /// Takes over what a smaller problem found. Whether the front got better.
    fn take(&mut self, small: &mut Smaller) -> bool {
        self.evaluations += std::mem::take(&mut small.run.evaluations);
        let before = self.front_mark();
        let Smaller { run, reduction, given, .. } = small;
        let fresh = run.archive.front().into_iter().filter(|entry| given.insert(entry.key));
        let found = fresh.filter_map(|entry| reduction.expand(&self.space, &entry.genome)).collect();
        self.admit(found);
        self.front_mark() != before
    }

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
        let quotients = quotients(&self.space, &powers, &self.screen);
        self.evaluations += quotients.len() as u64;
        self.admit(quotients);
        if self.exact() || stop(self.evaluations) {
            return;
        }
        let library = Library::new(&self.space, &powers, &self.screen);
        self.evaluations += library.evaluations;
        let singles = self.best_features(&library);
        self.admit(singles);
        let sums = SHAPES.map(|shape| (shape, Form::Sum));
        let shapes = [Shape::Plain, Shape::Square, Shape::Root];
        let quotients = [Form::Rational, Form::Quotient].into_iter().flat_map(|form| shapes.map(|shape| (shape, form)));
        let product = std::iter::once((Shape::Log, Form::Product));
        for (shape, form) in product.chain(sums).chain(quotients) {
            if self.exact() || stop(self.evaluations) || watch.cancelled() {
                return;
            }
            let sums = assemble(&self.space, &powers, &library, &self.screen, shape, form);
            self.admit(sums);
            watch.progress(self.progress(total));
        }
    }

    /// The library's formulas that fit best after an affine map, some of each complexity.
    fn best_features(&self, library: &Library) -> Vec<Genome> {
        let freedom = freedom(&self.space, self.sample.norm);
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
        let freedom = freedom(&self.space, self.sample.norm);
        let front: Vec<Genome> = self.archive.front().iter().map(|e| strip(&self.space, &e.genome, freedom)).collect();
        let all: Vec<Genome> = self.archive.entries().map(|e| strip(&self.space, &e.genome, freedom)).collect();
        let mut draw = |from: &[Genome]| from.get(stream.below(from.len().max(1))).cloned();
        self.islands.iter().map(|_| [draw(&front), draw(&all)].into_iter().flatten().collect()).collect()
    }

    /// Fits what the islands found and lets it into the archive. Whether the front got better.
    fn gather(&mut self) -> bool {
        let before = self.front_mark();
        let mut candidates = vec![];
        for island in &mut self.islands {
            self.evaluations += std::mem::take(&mut island.evaluations);
            candidates.extend(island.found.drain(..).flatten());
        }
        let freedom = freedom(&self.space, self.sample.norm);
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

    /// Epochs to go on for after a formula is exact: a small one stands, a large one may have a smaller equal.
    fn rest(&self) -> usize {
        let exact = self.archive.entries().filter(|entry| entry.loss <= self.sample.exact);
        let least = exact.map(|entry| entry.complexity).fold(f64::INFINITY, f64::min);
        match least {
            least if least <= SMALL => 0,
            f64::INFINITY => usize::MAX,
            _ => EPILOGUE,
        }
    }

    fn exact(&self) -> bool {
        self.archive.entries().any(|entry| entry.loss <= self.sample.exact)
    }

    fn at_the_floor(&self) -> bool {
        self.archive.entries().any(|entry| entry.loss <= self.sample.floor)
    }

    /// The best formula so far, and below it the front, a line each.
    fn progress(&self, total: u64) -> Progress {
        let front = self.archive.front();
        let told = |entry: &Entry| (entry.loss * self.sample.unit, infix(&self.space.expr(&entry.genome)));
        let mut note = front.last().map_or(String::new(), |best| {
            let (loss, formula) = told(best);
            format!("loss {loss:.3e}: {formula}")
        });
        for entry in front.iter().rev().take(SHOWN).rev() {
            let (loss, formula) = told(entry);
            note += &format!("\n{:>12}  {loss:.3e}  {formula}", entry.complexity);
        }
        Progress { done: self.evaluations, total: total.max(self.evaluations), unit: "evaluations", note }
    }
}

/// Time left, in words, where a time is the budget.
fn left(settings: &Settings, started: f64) -> String {
    match (settings.budget, settings.clock) {
        (Budget::Seconds(most), Some(clock)) => {
            format!("at most {:.0} s left, ", (most - (clock() - started)).max(0.0))
        }
        _ => String::new(),
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
