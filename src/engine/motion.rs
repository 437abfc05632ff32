//! Truth, network and law rolled out from the same starts, as a table to draw from.

use super::record::{Column, Sheet};
use crate::base::Watch;
use crate::distill::{Arena, Formulas, Law, Material};
use crate::network::Trained;
use crate::plan::SystemPlan;
use crate::plan::symbols::COMPONENTS;
use crate::simulate::{Accelerations, SimulateError, Snapshots, Trajectories, rollout, stretches};

/// Stretches of test runs that are rolled out.
const RUNS: usize = 4;
/// Times of each, the start included.
const FRAMES: usize = 121;
/// Time steps of the data that a rollout is long, as in the paper.
const STEPS: f64 = 300.0;
/// Relative tolerance for a function of single precision, and for a law.
const TOLERANCE: (f64, f64) = (1e-6, 1e-10);

/// The table `motion`: `run`, `time`, `body`, then the position by truth, network and law. Rows go by run, time, body; a
/// rollout that broke off goes on as NaN. `None` without runs. `dt` is the time step of the data.
pub fn motion(
    law: &Law,
    trained: &Trained,
    system: &SystemPlan,
    material: &Material,
    dt: f64,
    watch: &dyn Watch,
) -> Result<Option<Sheet>, SimulateError> {
    let Material { data, parts, arena } = *material;
    let every = data.times.len();
    let starts: Vec<usize> = stretches(parts.shown(), every).into_iter().take(RUNS).map(|rows| rows.start).collect();
    let Some(&end) = data.times.last() else { return Ok(None) };
    let length = (STEPS * dt).min(end - data.times[0]);
    if starts.is_empty() || length <= 0.0 {
        return Ok(None);
    }
    let runs: Vec<usize> = starts.iter().map(|row| row / every).collect();
    let times: Vec<f64> = (0..FRAMES).map(|k| length * k as f64 / (FRAMES - 1) as f64).collect();
    let (truth, formulas) = (Accelerations::compile(system)?, Formulas::of(law, data.space));
    let roll = |data: &Trajectories, accelerate: &mut dyn FnMut(&Snapshots) -> Vec<f64>, tolerance| {
        rollout(&data.snapshots(&starts), &data.attributes, &times, accelerate, tolerance, watch)
    };
    let (by_network, by_law) = (trained.seen(data), law.seen(data));
    let of_law = Arena { attributes: by_law.attributes.clone(), ..arena.clone() };
    let sides = [
        ("truth", roll(data, &mut |s| truth.eval(s), TOLERANCE.1)?),
        ("network", roll(&by_network, &mut |s| trained.predict(s), TOLERANCE.0)?),
        ("law", roll(&by_law, &mut |s| formulas.accelerations(s, &of_law), TOLERANCE.1)?),
    ];
    Ok(Some(table(&sides, &runs)))
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
