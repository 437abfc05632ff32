//! The training loop: Adam under a one-cycle learning rate over shuffled batches.

use super::batch::{Disturb, Source};
use super::design::{Design, DesignError};
use super::device::Descent;
use super::fused::weights::Weights;
use super::fused::{StepLoss, StepSettings};
use super::graph::Graph;
use super::learn::{Learned, with_unknowns};
use super::scaling::{SAMPLE, Scaling};
use super::score::{baseline, message_variance, prediction_loss};
use super::trained::{Epoch, Facts, Trained};
use crate::base::{Name, Progress, Seed, Watch};
use crate::plan::{Device, MessagePrior, PruneSchedule, TrainPlan};
use crate::simulate::{Parts, Trajectories};
use std::borrow::Cow;

/// Validation rows watched after every epoch, at most.
const WATCHED: usize = 2_048;

/// Why a training ended without a finished network.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant's own words tell its fields")]
pub enum TrainError {
    /// The plan makes no network for these data.
    Design(DesignError),
    /// No rows to train on.
    NoRows,
    /// A configuration named in the split does not exist.
    NoSuchRow { row: usize, rows: usize },
    /// A number of the data is not finite.
    DataNotFinite { run: usize, time: usize },
    /// The loss stopped being a number. `last_good` is the network after the last finished epoch (or as drawn). A smaller
    /// `rate`, a positive `clip` or a `trim` of the data's most extreme runs may help.
    NotFinite { step: u64, epoch: usize, last_good: Box<Trained> },
    /// Stopped on request. `so_far` is the network after the last finished epoch.
    Cancelled { so_far: Option<Box<Trained>> },
    /// The checkpoint is of another network.
    OtherCheckpoint,
    /// The device was not compiled in; the cargo feature that has it.
    NoDevice { device: Device, feature: &'static str },
}

impl From<DesignError> for TrainError {
    fn from(error: DesignError) -> TrainError {
        TrainError::Design(error)
    }
}

/// Everything a training needs to go on after an epoch, equal to the bit.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The network so far.
    pub network: Trained,
    /// First and second moments of Adam in the plain order of weights.
    pub moments: [Vec<f32>; 2],
}

/// Number of weights of the network of `plan`.
pub fn parameter_count(
    plan: &TrainPlan,
    graph: Graph,
    space: usize,
    attributes: &[Name],
) -> Result<usize, DesignError> {
    Ok(Design::new(plan, graph, space, attributes)?.parameter_count())
}

/// Floating-point operations of one optimiser step on configurations of `particles` bodies that are all linked.
pub fn flops_per_step(
    plan: &TrainPlan,
    particles: usize,
    space: usize,
    attributes: &[Name],
) -> Result<f64, DesignError> {
    let design = Design::new(plan, Graph::complete(), space, attributes)?;
    Ok(design.flops_per_step(plan.batch * particles, plan.batch * particles * particles.saturating_sub(1)))
}

/// Trains one network on the training configurations, watches it on those for validation and tests it on those for the test.
///
/// Rows are shuffled anew in every epoch and those that fill no batch sit out. Losses are in the units of the data. Same
/// plan, same data, same bits, for any number of threads.
pub fn train(
    plan: &TrainPlan,
    graph: Graph,
    data: &Trajectories,
    parts: &Parts,
    watch: &dyn Watch,
) -> Result<Trained, TrainError> {
    train_from(plan, graph, data, parts, None, &mut |_| {}, watch)
}

/// As [`train`], from a checkpoint where there is one, telling of every finished epoch. A checkpoint must come from the same
/// plan and data.
pub fn train_from(
    plan: &TrainPlan,
    graph: Graph,
    data: &Trajectories,
    parts: &Parts,
    checkpoint: Option<&Checkpoint>,
    at_epoch: &mut dyn FnMut(&Checkpoint),
    watch: &dyn Watch,
) -> Result<Trained, TrainError> {
    let data = &*with_unknowns(data, &plan.network.learns);
    let design = Design::new(plan, graph, data.space, &data.attributes)?;
    check_rows(data, parts)?;
    let Parts { train: rows, validation: watched, test: tested, .. } = parts;
    if rows.is_empty() {
        return Err(TrainError::NoRows);
    }
    if checkpoint.is_some_and(|checkpoint| checkpoint.network.facts.design != design) {
        return Err(TrainError::OtherCheckpoint);
    }
    let counts = [rows.len(), watched.len(), tested.len()];
    let measured = sample(parts.judged(), WATCHED);
    let ground = Ground { plan, data, design: &design, rows, counts, measured: &measured, tested };
    let (mut done, mut started) = match checkpoint.cloned() {
        Some(Checkpoint { mut network, moments }) => {
            let others = std::mem::take(&mut network.others);
            (others, Some(Checkpoint { network, moments }))
        }
        None => (vec![], None),
    };
    loop {
        let network = ground.train(&done, started.take(), at_epoch, watch)?;
        if done.len() + 1 == plan.seeds.max(1) {
            return Ok(finish(&network.among(done), data, &measured, tested));
        }
        done.push(network);
    }
}

/// What all networks of an ensemble are trained on.
struct Ground<'a> {
    plan: &'a TrainPlan,
    data: &'a Trajectories,
    design: &'a Design,
    rows: &'a [usize],
    counts: [usize; 3],
    measured: &'a [usize],
    tested: &'a [usize],
}

impl Ground<'_> {
    /// Trains the network that follows those `done`, from where a checkpoint of it left off.
    fn train(
        &self,
        done: &[Trained],
        started: Option<Checkpoint>,
        at_epoch: &mut dyn FnMut(&Checkpoint),
        watch: &dyn Watch,
    ) -> Result<Trained, TrainError> {
        let Ground { plan, data, design, rows, measured, tested, .. } = *self;
        let seed = match done.len() {
            0 => Seed::root(plan.seed),
            other => Seed::root(plan.seed).child("ensemble").nth(other as u64),
        };
        let moments = started.as_ref().map(|checkpoint| checkpoint.moments.clone());
        let mut network = match started {
            Some(checkpoint) => checkpoint.network,
            None => start(plan, design, data, rows, self.counts, seed),
        };
        let mut descent = Descent::new(plan.device, design, &network.facts.scaling, network.weights.clone())?;
        if let Some([first, second]) = &moments {
            descent.fused.set_moments([first, second]);
        }
        descent.fused.set_active(&network.facts.active);
        let whole = |network: &Trained| network.clone().among(done.to_vec());
        let finish = |network: &Trained| Box::new(finish(&whole(network), self.data, measured, tested));
        let mut data = Cow::Borrowed(data);
        if !design.learned.is_empty() {
            network.facts.learned.write(design, &mut data.to_mut().attribute);
        }
        let batch = plan.batch.min(rows.len());
        let per_epoch = (rows.len() / batch) as u64;
        let total = per_epoch * plan.epochs as u64;
        for epoch in network.facts.history.len()..plan.epochs {
            if plan.stop > 0 && epochs_since_best(&network.facts.history) >= plan.stop {
                break;
            }
            let mut order = rows.to_vec();
            seed.child("shuffle").nth(epoch as u64).stream().shuffle(&mut order);
            let mut sums = StepLoss { prediction: 0.0, penalty: 0.0 };
            for (chosen, step) in order.chunks_exact(batch).zip(network.facts.steps..) {
                if watch.cancelled() {
                    let so_far = (epoch > 0).then(|| finish(&network));
                    return Err(TrainError::Cancelled { so_far });
                }
                let settings =
                    StepSettings { step: step + 1, rate: one_cycle(plan.rate, step, total), clip: plan.clip };
                let loss = descent.step(
                    &Source::trajectories(&data),
                    chosen,
                    &disturbance(plan, data.space, seed, step),
                    settings,
                );
                if !(loss.prediction + loss.penalty).is_finite() {
                    let last_good = finish(&network);
                    return Err(TrainError::NotFinite { step: step + 1, epoch: epoch + 1, last_good });
                }
                if !design.learned.is_empty() {
                    network.facts.learned.step(design, &descent.fused.learned_slopes(), step + 1, settings.rate);
                    network.facts.learned.write(design, &mut data.to_mut().attribute);
                }
                sums.prediction += loss.prediction;
                sums.penalty += loss.penalty;
                if (step + 1) % 16 == 0 || step + 1 == total {
                    let note = format!("loss {:.4}", loss.prediction);
                    let (before, all) = (total * done.len() as u64, total * plan.seeds.max(1) as u64);
                    watch.progress(Progress { done: before + step + 1, total: all, unit: "steps", note });
                }
            }
            if !descent.fused.weights().all_finite() {
                let last_good = finish(&network);
                let step = network.facts.steps + per_epoch;
                return Err(TrainError::NotFinite { step, epoch: epoch + 1, last_good });
            }
            network = Trained::assemble(descent.fused.weights().clone(), network.facts);
            network.facts.steps += per_epoch;
            network = prune(plan, network, &data, measured, epoch + 1);
            descent.fused.set_active(&network.facts.active);
            let watched = self.counts[1] > 0;
            let validation = if watched { prediction_loss(&network, &data, measured) } else { f64::NAN };
            network.facts.history.push(Epoch {
                train: sums.prediction / per_epoch as f64,
                penalty: sums.penalty / per_epoch as f64,
                validation,
                active: network.facts.active.iter().filter(|&&active| active).count(),
            });
            at_epoch(&Checkpoint { network: whole(&network), moments: descent.fused.moments() });
        }
        Ok(network)
    }
}

/// The network before its first step: scaling measured on training rows, weights drawn.
fn start(
    plan: &TrainPlan,
    design: &Design,
    data: &Trajectories,
    rows: &[usize],
    counts: [usize; 3],
    seed: Seed,
) -> Trained {
    let facts = Facts {
        scaling: Scaling::measure(design, &data.snapshots(&sample(rows, SAMPLE)), plan.augment),
        active: vec![true; design.message],
        history: vec![],
        steps: 0,
        rows: counts,
        test: f64::NAN,
        baseline: f64::NAN,
        message_variance: vec![],
        learned: Learned::start(design, data, seed),
        design: design.clone(),
    };
    Trained::assemble(Weights::draw(&design.layers(), seed.child("weights")), facts)
}

/// The one-cycle rate (Smith and Topin 2018) as PyTorch's `OneCycleLR` of the paper's code: from peak/25 up along a cosine
/// during the first 30 % of the steps, then down along a cosine to 1/100,000 of the start.
pub fn one_cycle(peak: f64, step: u64, total: u64) -> f64 {
    let start = peak / 25.0;
    let end = start / 1e5;
    let last = total.saturating_sub(1) as f64;
    let turn = (0.3 * total as f64 - 1.0).max(0.0);
    let cosine =
        |from: f64, to: f64, share: f64| to + (from - to) / 2.0 * (1.0 + libm::cos(std::f64::consts::PI * share));
    let step = step as f64;
    if step <= turn && turn > 0.0 {
        cosine(start, peak, step / turn)
    } else {
        cosine(peak, end, ((step - turn) / (last - turn).max(1.0)).min(1.0))
    }
}

/// Finished epochs since the least validation loss.
fn epochs_since_best(history: &[Epoch]) -> usize {
    let best = history.iter().map(|epoch| epoch.validation).fold(f64::INFINITY, f64::min);
    history.iter().rev().position(|epoch| epoch.validation == best).unwrap_or(0)
}

/// Test loss, baseline and message variances of a network.
fn finish(network: &Trained, data: &Trajectories, measured: &[usize], tested: &[usize]) -> Trained {
    let mut network = network.clone();
    let data = &*network.seen(data);
    if !tested.is_empty() {
        network.facts.test = prediction_loss(&network, data, tested);
        network.facts.baseline = baseline(&network, data, tested);
    }
    network.facts.message_variance = message_variance(&network, data, measured);
    network
}

/// Masks the message components of least variance so that their number follows the schedule.
fn prune(plan: &TrainPlan, network: Trained, data: &Trajectories, measured: &[usize], finished: usize) -> Trained {
    let MessagePrior::Prune { to, by, schedule } = plan.prior.messages else { return network };
    let width = network.facts.design.message;
    let share = (finished as f64 / plan.epochs as f64 / by).min(1.0);
    let pruned = match schedule {
        PruneSchedule::Linear => share,
        PruneSchedule::Cosine => 0.5 * (1.0 - libm::cos(std::f64::consts::PI * share)),
        PruneSchedule::Exponential => (1.0 - libm::exp(-5.0 * share)) / (1.0 - libm::exp(-5.0)),
    };
    let keep = width - ((width.saturating_sub(to)) as f64 * pruned).round() as usize;
    let variance = message_variance(&network, data, measured);
    let Trained { mut facts, weights, .. } = network;
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|&a, &b| {
        facts.active[b].cmp(&facts.active[a]).then(variance[b].total_cmp(&variance[a])).then(a.cmp(&b))
    });
    for &component in &order[keep..] {
        facts.active[component] = false;
    }
    Trained::assemble(weights, facts)
}

fn disturbance(plan: &TrainPlan, space: usize, seed: Seed, step: u64) -> Disturb {
    let mut stream = seed.child("augment").nth(step).stream();
    let shift = if plan.augment > 0.0 { (0..space).map(|_| plan.augment * stream.normal()).collect() } else { vec![] };
    let noise = matches!(plan.prior.messages, MessagePrior::Kl(_)).then(|| seed.child("messages").nth(step));
    Disturb { shift, noise }
}

/// At most `count` of `rows`, evenly spaced.
fn sample(rows: &[usize], count: usize) -> Vec<usize> {
    let kept = rows.len().min(count);
    (0..kept).map(|k| rows[k * rows.len() / kept]).collect()
}

/// Every configuration must exist, and its numbers be finite.
fn check_rows(data: &Trajectories, parts: &Parts) -> Result<(), TrainError> {
    let times = data.times.len();
    let scalars = data.particles * data.attributes.len();
    for &row in [&parts.train, &parts.validation, &parts.test].into_iter().flatten() {
        if row >= data.len() {
            return Err(TrainError::NoSuchRow { row, rows: data.len() });
        }
        let run = row / times;
        if !data.attribute[run * scalars..][..scalars].iter().all(|value| value.is_finite()) {
            return Err(TrainError::DataNotFinite { run, time: 0 });
        }
        if !data.is_finite_at(row) {
            return Err(TrainError::DataNotFinite { run, time: row % times });
        }
    }
    Ok(())
}
