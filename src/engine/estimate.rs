//! What a plan will cost, before anything is allocated.
//!
//! Memory is counted: arrays of trajectories while they are made and trained on, weights with their gradients and moments,
//! activations of a batch. Time is a guess from operation counts at rates measured on one core of a common machine; it says
//! minutes or hours, not seconds.

use crate::base::{Diagnostic, Name};
use crate::network::{self, Graph};
use crate::plan::{Budget, DataPlan, DataSource, Plan, Stage, StageKind};
use crate::simulate;
use serde::Serialize;
use std::collections::BTreeMap;

/// Flops per second and thread that training reaches.
const TRAIN_RATE: f64 = 4e10;
/// Pair forces per second and thread that the integrator reaches, its several evaluations for each stored time included.
const PAIR_RATE: f64 = 1e7;
/// Candidates per second and thread that a search reaches, constants fitted.
const SEARCH_RATE: f64 = 3e4;
/// Seconds of a search without a count of its own.
const SEARCH_SECONDS: f64 = 30.0;

/// Bytes of a number in a file, and bodies of a run that is not read yet.
const BYTES: usize = 8;
const BODIES: usize = 4;

/// What a plan will take.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Snapshots by data set, all runs together.
    pub snapshots: BTreeMap<Name, u64>,
    /// Weights by training, one network of an ensemble.
    pub parameters: BTreeMap<Name, u64>,
    /// Optimiser steps by training, the ensemble together; of data from files they are not known before.
    pub steps: BTreeMap<Name, u64>,
    /// Largest memory at one time, in bytes.
    pub memory: u64,
    /// About so many seconds.
    pub seconds: f64,
}

/// What the stages of a plan will take on so many threads.
pub fn estimate(plan: &Plan, stages: &[Stage], threads: usize) -> Summary {
    let mut summary = Summary::default();
    let mut work = 0.0;
    for Stage { kind, name } in stages {
        let bytes = match kind {
            StageKind::Data => {
                let data = &plan.data[name];
                if let DataSource::System(_) = &data.from {
                    summary.snapshots.insert(name.clone(), snapshots(data));
                    let shape = Shape::of(plan, data);
                    work += data.runs as f64 * data.steps as f64 * shape.edges() / PAIR_RATE;
                }
                data_memory(plan, data)
            }
            StageKind::Train => {
                let train = &plan.trains[name];
                let data = &plan.data[&train.data];
                let shape = Shape::of(plan, data);
                let kept = (shape.snapshots * data.split.train).max(1.0);
                // A last batch that is not full is left out.
                let batch = kept.min(train.batch.max(1) as f64);
                let steps = (kept / batch).floor() * train.epochs as f64 * train.seeds as f64;
                // A design with a mistake in it fails before it costs anything.
                let weights =
                    network::parameter_count(train, shape.graph, shape.space, &shape.attributes).unwrap_or(0) as u64;
                let flops =
                    network::flops_per_step(train, shape.particles, shape.space, &shape.attributes).unwrap_or(0.0);
                summary.parameters.insert(name.clone(), weights);
                if let DataSource::System(_) = &data.from {
                    summary.steps.insert(name.clone(), steps as u64);
                }
                work += flops * steps / TRAIN_RATE;
                let widest =
                    train.network.edge.iter().chain([&train.network.message]).copied().max().unwrap_or(0) as f64;
                let layers = train.network.edge.len() as f64 + 1.0;
                // Values and slopes of every layer over the edges of a batch, in single precision.
                let activations = 8.0 * widest * layers * shape.edges() * train.batch as f64;
                data_memory(plan, data).saturating_add(weights.saturating_mul(16)).saturating_add(activations as u64)
            }
            StageKind::Distill => {
                work += match plan.distills[name].budget {
                    Budget::Evaluations(count) => count as f64 / SEARCH_RATE,
                    Budget::Seconds(_) => 0.0,
                };
                summary.seconds += match plan.distills[name].budget {
                    Budget::Evaluations(_) => 0.0,
                    Budget::Seconds(seconds) if seconds.is_finite() => seconds,
                    Budget::Seconds(_) => SEARCH_SECONDS,
                };
                0
            }
        };
        summary.memory = summary.memory.max(bytes);
    }
    summary.seconds += work / threads.max(1) as f64;
    summary
}

/// Refuses a plan that takes more memory than there is; `E0603` says both numbers.
pub fn check_memory(summary: &Summary, available: Option<u64>) -> Result<(), Diagnostic> {
    match available {
        Some(available) if summary.memory > available => Err(Diagnostic::new(
            "E0603",
            format!("this needs {} of memory, but only {} may be taken", bytes(summary.memory), bytes(available)),
        )
        .note("nothing was allocated")
        .help("lower `runs`, `steps` or `particles`, raise `keep`, or allow more with `--max-memory`")),
        _ => Ok(()),
    }
}

/// Seconds from which a run takes long.
const LONG: f64 = 3600.0;

/// Warnings about what a plan will take on this many threads, with this much memory free.
pub fn cost_warnings(plan: &Plan, summary: &Summary, threads: usize, free: Option<u64>) -> Vec<Diagnostic> {
    let mut found = vec![];
    if summary.seconds > LONG {
        let hours = (summary.seconds / 3600.0).round();
        let time = if hours > 48.0 { format!("{} days", (hours / 24.0).round()) } else { format!("{hours} hours") };
        let threads = if threads == 1 { "one thread".into() } else { format!("{threads} threads") };
        let steps: u64 = summary.steps.values().sum();
        let shares = format!("{:.0e} steps of training and {} searches", steps as f64, plan.distills.len());
        found.push(
            Diagnostic::new("W0601", format!("this run takes about {time} on {threads}"))
                .note(format!("it is {shares}"))
                .help("lower `runs`, `epochs` or `budget`, or raise `keep` or `batch`"),
        );
    }
    if let Some(free) = free.filter(|free| summary.memory > *free) {
        found.push(
            Diagnostic::new(
                "W0602",
                format!("this run takes {} of memory, but only {} are free here", bytes(summary.memory), bytes(free)),
            )
            .help("lower `runs`, `steps` or `particles`, or raise `keep`"),
        );
    }
    found
}

/// A number of bytes for people: `1.2 GB`.
pub fn bytes(count: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{count} B"),
        _ if value < 9.95 => format!("{value:.1} {}", units[unit]),
        _ => format!("{value:.0} {}", units[unit]),
    }
}

fn snapshots(data: &DataPlan) -> u64 {
    (data.runs as u64).saturating_mul(data.steps.div_ceil(data.keep.max(1)) as u64)
}

fn data_memory(plan: &Plan, data: &DataPlan) -> u64 {
    match &data.from {
        DataSource::System(name) => simulate::memory_estimate(&plan.systems[name], data),
        // Numbers in memory are about as long as in files, and columns that nothing names are not kept.
        DataSource::File(file) => file.content.values().map(|content| content.bytes).sum(),
    }
}

/// Sizes of one configuration.
struct Shape {
    /// How many configurations there are.
    snapshots: f64,
    particles: usize,
    space: usize,
    attributes: Vec<Name>,
    graph: Graph,
}

impl Shape {
    fn of(plan: &Plan, data: &DataPlan) -> Shape {
        match &data.from {
            DataSource::System(name) => {
                let system = &plan.systems[name];
                Shape {
                    snapshots: snapshots(data) as f64,
                    particles: system.particles,
                    space: system.space,
                    attributes: system.attributes.iter().map(|attribute| attribute.name.clone()).collect(),
                    graph: Graph { links: system.links, boundary: system.boundary },
                }
            }
            // How many bodies there are is not known before the file is read: a guess.
            DataSource::File(file) => {
                let bytes: u64 = file.content.values().map(|content| content.bytes).sum();
                let columns: usize = file.columns.iter().map(|column| column.components.len()).sum();
                Shape {
                    snapshots: bytes as f64 / (BYTES * (columns + 2) * BODIES) as f64,
                    particles: BODIES,
                    space: file.space().max(1),
                    attributes: file.attributes(),
                    graph: Graph { links: file.links, boundary: file.boundary },
                }
            }
        }
    }

    fn edges(&self) -> f64 {
        self.particles as f64 * (self.particles as f64 - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_for_people() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (12_345_678, "12 MB"),
            (999_999, "1.0 MB"),
            (u64::MAX, "18 EB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn more_than_there_is_is_refused_with_both_numbers() {
        let summary = Summary { memory: 3_000_000_000, ..Summary::default() };
        assert_eq!(check_memory(&summary, None), Ok(()));
        assert_eq!(check_memory(&summary, Some(3_000_000_000)), Ok(()));
        let refused = check_memory(&summary, Some(2_000_000_000)).unwrap_err();
        assert_eq!(refused.headline, "this needs 3.0 GB of memory, but only 2.0 GB may be taken");
    }
}
