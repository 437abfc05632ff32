//! What is trained on: rows of tables, and configurations of trajectories.

use super::{Trajectories, Values};
use crate::base::{Name, Seed};
use crate::expr::{Expr, Scratch, Tape};
use crate::plan::symbols::COMPONENTS;
use crate::plan::{DataPlan, DataSource, Split};
use std::ops::Range;

/// Rows by what is done with them, each list in ascending order. Rows of trajectories are configurations: the number of
/// the run times the number of stored times, plus the number of the time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Trained on.
    pub train: Vec<usize>,
    /// Watched while training.
    pub validation: Vec<usize>,
    /// Scored once at the end.
    pub test: Vec<usize>,
    /// Never trained on and scored apart.
    pub held_out: Vec<usize>,
}

impl Parts {
    /// Shares of a split, and what is held out.
    pub fn new([train, validation, test]: [Vec<usize>; 3], held_out: Vec<usize>) -> Parts {
        Parts { train, validation, test, held_out }
    }

    /// What candidates are judged by: validation rows, or training rows where there are none.
    pub fn judged(&self) -> &[usize] {
        if self.validation.is_empty() { &self.train } else { &self.validation }
    }

    /// What is scored and shown: test rows, or training rows where there are none.
    pub fn shown(&self) -> &[usize] {
        if self.test.is_empty() { &self.train } else { &self.test }
    }
}

/// The runs for training, validation and test, each in ascending order: shares of a random order of all runs. A share
/// above 0 gets a run as long as there are enough; rounding is to the nearest run.
pub fn split_runs(runs: usize, split: Split, seed: Seed) -> [Vec<usize>; 3] {
    let mut order: Vec<usize> = (0..runs).collect();
    seed.child("split").stream().shuffle(&mut order);
    let mut order = order.into_iter();
    sizes(runs, split).map(|size| {
        let mut part: Vec<usize> = order.by_ref().take(size).collect();
        part.sort_unstable();
        part
    })
}

/// How many of `count` fall to training, validation and test.
pub fn sizes(count: usize, split: Split) -> [usize; 3] {
    let share = |share: f64, left: usize| match (share * count as f64).round() as usize {
        0 if share > 0.0 => 1.min(left.saturating_sub(1)),
        size => size.min(left),
    };
    let test = share(split.test, count);
    let validation = share(split.validation, count - test);
    let train = if split.train > 0.0 { count - test - validation } else { 0 };
    [train, validation, test]
}

/// Divides the configurations of trajectories: whole runs at random, or, where there are fewer runs than parts, every run
/// in time, the earliest to training. Configurations in which the condition of `hold_out` holds for any body belong to
/// no share.
pub fn split_trajectories(data: &Trajectories, plan: &DataPlan, seed: Seed) -> Parts {
    let times = data.times.len();
    let parts = [plan.split.train, plan.split.validation, plan.split.test].iter().filter(|share| **share > 0.0).count();
    let mut shares = if data.runs >= parts {
        split_runs(data.runs, plan.split, seed)
            .map(|runs| runs.into_iter().flat_map(|run| run * times..(run + 1) * times).collect())
    } else {
        let [train, validation, _] = sizes(times, plan.split);
        let part = |within: Range<usize>| -> Vec<usize> {
            (0..data.runs).flat_map(|run| within.clone().map(move |time| run * times + time)).collect()
        };
        [part(0..train), part(train..train + validation), part(train + validation..times)]
    };
    let mut held_out = data.held_out.clone();
    if let (Some(condition), DataSource::System(_)) = (&plan.hold_out, &plan.from) {
        let held = holds(data, condition);
        held_out.extend((0..data.len()).filter(|row| held[*row]));
    }
    let within = |rows: &[usize], row: &usize| rows.binary_search(row).is_ok();
    shares.iter_mut().for_each(|share: &mut Vec<usize>| {
        share.retain(|row| !within(&held_out, row) && !within(&data.left_out, row));
    });
    held_out.retain(|row| !within(&data.left_out, row));
    Parts::new(shares, held_out)
}

/// Whether a condition holds for any body, by configuration. Its symbols are `time`, attributes, and `position` and
/// `velocity` by component; one that is none of these holds nowhere.
fn holds(data: &Trajectories, condition: &Expr) -> Vec<bool> {
    let names: Vec<Name> = condition.symbols().into_iter().collect();
    let Ok(tape) = Tape::compile(std::slice::from_ref(condition), &names, &[]) else { return vec![false; data.len()] };
    let (bodies, times) = (data.particles, data.times.len());
    let mut scratch = Scratch::default();
    let mut out = Vec::with_capacity(data.len());
    // A run at a time bounds the memory.
    for run in 0..data.runs {
        let columns: Vec<Vec<f64>> = names.iter().map(|name| column(data, run, name)).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let mut value = vec![0.0; times * bodies];
        tape.eval(&columns, &[], &mut [&mut value], &mut scratch);
        out.extend((0..times).map(|time| value[time * bodies..][..bodies].contains(&1.0)));
    }
    out
}

/// A quantity of the bodies of a run, [times, particles]; NaN where there is no such quantity.
fn column(data: &Trajectories, run: usize, name: &Name) -> Vec<f64> {
    let (bodies, times, space) = (data.particles, data.times.len(), data.space);
    let each = |value: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        (0..times).flat_map(|time| (0..bodies).map(move |body| value(time, body))).collect()
    };
    let vector = |of: Values, component: &str| match COMPONENTS[..space].iter().position(|known| *known == component) {
        Some(k) => each(&|time, body| of.at(((run * times + time) * bodies + body) * space + k)),
        None => vec![f64::NAN; times * bodies],
    };
    match name.as_str().split_once('.') {
        None if name.as_str() == "time" => each(&|time, _| data.times[time]),
        None => match data.attribute_index(name) {
            Some(k) => each(&|_, body| data.attribute[(run * bodies + body) * data.attributes.len() + k]),
            None => vec![f64::NAN; times * bodies],
        },
        Some(("position", component)) => vector(data.position.values(), component),
        Some(("velocity", component)) => vector(data.velocity.values(), component),
        Some(_) => vec![f64::NAN; times * bodies],
    }
}

/// Stretches of configurations that follow each other in time within one run.
pub fn stretches(rows: &[usize], times: usize) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = vec![];
    for &row in rows {
        match out.last_mut() {
            Some(last) if last.end == row && row % times != 0 => last.end += 1,
            _ => out.push(row..row + 1),
        }
    }
    out
}
