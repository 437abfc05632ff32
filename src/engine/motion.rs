//! Truth, network and law rolled out from the same starts, as a table to draw from.

use super::record::{Column, Sheet};
use crate::base::Watch;
use crate::distill::{Formulas, Law, Material};
use crate::network::Trained;
use crate::plan::SystemPlan;
use crate::plan::symbols::COMPONENTS;
use crate::simulate::{Accelerations, SimulateError, Snapshots, Trajectories, rollout};

/// Test runs that are rolled out.
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
    let Material { data, split, arena } = *material;
    let runs = if split[2].is_empty() { &split[0] } else { &split[2] };
    let runs = &runs[..runs.len().min(RUNS)];
    let Some(&end) = data.times.last() else { return Ok(None) };
    let length = (STEPS * dt).min(end - data.times[0]);
    if runs.is_empty() || length <= 0.0 {
        return Ok(None);
    }
    let start = data.snapshots(&runs.iter().map(|run| run * data.times.len()).collect::<Vec<_>>());
    let times: Vec<f64> = (0..FRAMES).map(|k| length * k as f64 / (FRAMES - 1) as f64).collect();
    let (truth, formulas) = (Accelerations::compile(system)?, Formulas::of(law, data.space));
    let roll = |accelerate: &mut dyn FnMut(&Snapshots) -> Vec<f64>, tolerance| {
        rollout(&start, &data.attributes, &times, accelerate, tolerance, watch)
    };
    let sides = [
        ("truth", roll(&mut |s| truth.eval(s), TOLERANCE.1)?),
        ("network", roll(&mut |s| trained.predict(s), TOLERANCE.0)?),
        ("law", roll(&mut |s| formulas.accelerations(s, arena), TOLERANCE.1)?),
    ];
    Ok(Some(table(&sides, runs)))
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
