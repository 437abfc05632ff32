//! Truth, network and law rolled out from the same starts, as a table to draw from. Where no system is declared, what was
//! measured stands in the place of the truth.

use super::record::{Column, Sheet};
use crate::base::Watch;
use crate::distill::{Arena, Formulas, Law, Material};
use crate::network::Trained;
use crate::plan::SystemPlan;
use crate::plan::symbols::COMPONENTS;
use crate::simulate::{Accelerations, SimulateError, Snapshots, Trajectories, rollout, stretches};
use std::ops::Range;

/// Stretches of test runs that are rolled out.
const RUNS: usize = 4;
/// Times of each, the start included.
const FRAMES: usize = 121;
/// Time steps of the data that a rollout is long, as in the paper.
const STEPS: f64 = 300.0;
/// Relative tolerance for a function of single precision, and for a law.
const TOLERANCE: (f64, f64) = (1e-6, 1e-10);

/// The table `motion`: `run`, `time`, `body`, then the position by truth (`data` where none is declared), network and law.
/// Rows go by run, time, body; a rollout that broke off goes on as NaN. `None` without runs. `dt` is the time step of the data.
pub fn motion(
    law: &Law,
    trained: &Trained,
    system: Option<&SystemPlan>,
    material: &Material,
    dt: f64,
    watch: &dyn Watch,
) -> Result<Option<Sheet>, SimulateError> {
    let Material { data, parts, arena } = *material;
    let every = data.times.len();
    let chosen: Vec<Range<usize>> = stretches(parts.shown(), every).into_iter().take(RUNS).collect();
    // The longest one sets the time, and the times at which anything was measured.
    let Some(stretch) = chosen.iter().rev().max_by_key(|rows| rows.len()).cloned() else { return Ok(None) };
    let starts: Vec<usize> = chosen.iter().map(|rows| rows.start).collect();
    let times = &data.times_of(stretch.start / every)[stretch.start % every..];
    let end = match system {
        Some(_) => data.times[every - 1] - data.times[0],
        None => times[stretch.len() - 1] - times[0],
    };
    let length = (STEPS * dt).min(end);
    if length <= 0.0 {
        return Ok(None);
    }
    let runs: Vec<usize> = starts.iter().map(|row| row / every).collect();
    let times: Vec<f64> = match system {
        Some(_) => (0..FRAMES).map(|k| length * k as f64 / (FRAMES - 1) as f64).collect(),
        None => stored(data, &stretch, length),
    };
    let formulas = Formulas::of(law, data.space);
    let roll = |data: &Trajectories, accelerate: &mut dyn FnMut(&Snapshots) -> Vec<f64>, tolerance| {
        rollout(&data.snapshots(&starts), &data.attributes, &times, accelerate, tolerance, watch)
    };
    let truth = match system {
        Some(system) => {
            let truth = Accelerations::compile(system)?;
            ("truth", roll(data, &mut |s| truth.eval(s), TOLERANCE.1)?)
        }
        None => ("data", measured(data, &starts, times.clone())),
    };
    let (by_network, by_law) = (trained.seen(data), law.seen(data));
    let of_law = Arena { attributes: by_law.attributes.clone(), ..arena.clone() };
    let sides = [
        truth,
        ("network", roll(&by_network, &mut |s| trained.predict(s), TOLERANCE.0)?),
        ("law", roll(&by_law, &mut |s| formulas.accelerations(s, &of_law), TOLERANCE.1)?),
    ];
    Ok(Some(table(&sides, &runs)))
}

/// The times since the start of these configurations at which data are stored.
fn stored(data: &Trajectories, stretch: &Range<usize>, length: f64) -> Vec<f64> {
    let (run, first) = (stretch.start / data.times.len(), stretch.start % data.times.len());
    let times = &data.times_of(run)[first..][..stretch.len()];
    let times: Vec<f64> = times.iter().map(|time| time - times[0]).take_while(|time| *time <= length).collect();
    let kept = times.len().min(FRAMES);
    (0..kept).map(|k| times[k * (times.len() - 1) / (kept - 1).max(1)]).collect()
}

/// What was measured from these configurations on, at the nearest stored times.
fn measured(data: &Trajectories, starts: &[usize], times: Vec<f64>) -> Trajectories {
    let (every, width) = (data.times.len(), data.particles * data.space);
    let mut position = vec![];
    for start in starts {
        let (run, first) = (start / every, start % every);
        let all = &data.times_of(run)[first..];
        for time in &times {
            let nearest = (0..all.len()).min_by(|a, b| {
                let apart = |at: &usize| (all[*at] - all[0] - time).abs();
                apart(a).total_cmp(&apart(b))
            });
            position.extend(data.position.row(start + nearest.unwrap_or(0), width).iter());
        }
    }
    let (particles, space) = (data.particles, data.space);
    Trajectories { runs: starts.len(), times, particles, space, position: position.into(), ..Trajectories::default() }
}

fn table(sides: &[(&str, Trajectories)], runs: &[usize]) -> Sheet {
    let one = &sides[0].1;
    let (times, bodies, space) = (one.times.len(), one.particles, one.space);
    let each = |value: &dyn Fn(usize) -> f64| (0..one.len() * bodies).map(value).collect::<Vec<f64>>();
    let mut sheet = Sheet::new(
        "motion",
        vec![
            ("run", each(&|row| runs[row / (times * bodies)] as f64)),
            ("time", each(&|row| one.times[row / bodies % times])),
            ("body", each(&|row| (row % bodies + 1) as f64)),
        ],
    );
    for (name, side) in sides {
        for (k, component) in COMPONENTS.iter().enumerate().take(space) {
            let values = each(&|row| side.position.values().at(row * space + k));
            sheet.columns.push(Column { name: format!("{name}.{component}"), values });
        }
    }
    sheet
}
