//! Law and trained function side by side against the declared system: on test runs, where positions spread wider, with
//! four times the bodies that were trained on, and in rollouts; without a declared system on test runs and in rollouts
//! alone. Scores only; nothing here steers a search.

use super::Material;
use super::law::Law;
use super::oracle::{Arena, Oracle};
use super::scene::{Scene, median};
use crate::base::{Seed, Watch};
use crate::expr::Expr;
use crate::plan::{Boundary, SystemPlan, symbols};
use crate::simulate::{Accelerations, SimulateError, Snapshots, draw, rollout};
use serde::{Deserialize, Serialize};

/// Configurations of each score.
const CONFIGURATIONS: usize = 500;
/// How much wider positions spread out of distribution.
const WIDER: f64 = 1.5;
/// How many times the bodies, and on how many configurations.
const MORE: (usize, usize) = (4, 200);
/// Runs of a rollout.
const ROLLOUTS: usize = 20;
/// Time steps of a rollout, as long as in the paper.
const STEPS: usize = 300;
/// Relative tolerance of a rollout for a function of single precision, and for a law.
const TOLERANCE: (f64, f64) = (1e-6, 1e-10);

/// One side of the comparison. Errors are means over bodies of the sum over components.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// On test runs.
    pub test: f64,
    /// The middle relative error of test accelerations.
    pub test_relative: f64,
    /// With positions spread 1.5 times as wide; NaN where no system is declared.
    pub wider: f64,
    /// With four times the bodies; NaN where no system is declared.
    pub more_bodies: f64,
    /// Middle over test runs of the mean distance from the true positions in a rollout; NaN without runs.
    pub rollout: f64,
    /// Middle over test runs of the largest relative change of the declared energy in the rollout; NaN where none is
    /// declared.
    pub energy_drift: f64,
}

/// Law and network side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The law.
    pub law: Side,
    /// The trained function.
    pub network: Side,
    /// Predicting zero: the errors to beat. Its rollout moves on straight lines.
    pub zero: Side,
    /// Steps of the rollout.
    pub rollout_steps: usize,
}

/// Compares a law and an oracle with the data and, where there is one, a declared system. `Err` where the system cannot be drawn from or the watcher
/// stops it. `dt` is the time step of the data, of which only some are stored.
pub fn verify(
    law: &Law,
    oracle: &dyn Oracle,
    system: Option<&SystemPlan>,
    material: &Material,
    dt: f64,
    seed: Seed,
    watch: &dyn Watch,
) -> Result<Comparison, SimulateError> {
    let Material { data, split, arena } = *material;
    let formulas = Formulas::of(law, data.space);
    let declared = system.map(|system| Truth::of(system, seed)).transpose()?;
    let runs = if split[2].is_empty() { &split[0] } else { &split[2] };
    let mut stream = seed.child("test").stream();
    let indices: Vec<usize> = (0..CONFIGURATIONS)
        .filter(|_| !runs.is_empty())
        .map(|_| runs[stream.below(runs.len())] * data.times.len() + stream.below(data.times.len()))
        .collect();
    let test = data.snapshots(&indices);
    let first = &runs[..runs.len().min(ROLLOUTS)];
    let within = data.times.iter().take_while(|time| **time <= data.times[0] + (STEPS as f64 + 0.5) * dt).count();

    let side = |accelerate: &mut dyn FnMut(&Snapshots) -> Vec<f64>, tolerance: f64| -> Result<Side, SimulateError> {
        let mut error = |s: &Snapshots, truth: &[f64]| errors(&accelerate(s), truth, s.space);
        let on_test = error(&test, &test.acceleration);
        let drawn = declared.as_ref().map(|truth| [&truth.wide, &truth.more].map(|s| error(s, &truth.law.eval(s)).0));
        let [wider, more_bodies] = drawn.unwrap_or([f64::NAN; 2]);
        let truth = declared.as_ref().map(|truth| &truth.law);
        let (rollout, energy_drift) = rolled(accelerate, truth, material, (first, within), tolerance, watch)?;
        Ok(Side { test: on_test.0, test_relative: on_test.1, wider, more_bodies, rollout, energy_drift })
    };
    Ok(Comparison {
        law: side(&mut |s| formulas.accelerations(s, arena), TOLERANCE.1)?,
        network: side(&mut |s| oracle.predict(s), TOLERANCE.0)?,
        zero: side(&mut |s| vec![0.0; s.position.len()], TOLERANCE.1)?,
        rollout_steps: ((data.times[within.max(1) - 1] - data.times[0]) / dt).round() as usize,
    })
}

/// A declared law, and configurations beyond the data.
struct Truth {
    law: Accelerations,
    wide: Snapshots,
    more: Snapshots,
}

impl Truth {
    fn of(system: &SystemPlan, seed: Seed) -> Result<Truth, SimulateError> {
        let mut wide = draw(system, CONFIGURATIONS, seed.child("wider"))?;
        wide.position.iter_mut().for_each(|x| *x *= WIDER);
        let more = SystemPlan { particles: system.particles * MORE.0, ..system.clone() };
        let more = draw(&more, MORE.1, seed.child("more bodies"))?;
        Ok(Truth { law: Accelerations::compile(system)?, wide, more })
    }
}

/// Accelerations as formulas by component.
pub struct Formulas {
    /// On i due to j, by component.
    pub pair: Vec<Expr>,
    /// On i alone, by component.
    pub body: Vec<Expr>,
}

impl Formulas {
    /// Those of a law.
    pub fn of(law: &Law, space: usize) -> Formulas {
        let direction = |k: usize| Expr::symbol(symbols::displacement(k)) / Expr::symbol(symbols::DISTANCE);
        Formulas { pair: (0..space).map(|k| law.pair.clone() * direction(k)).collect(), body: law.body.clone() }
    }

    /// [count, particles, space]; NaN where a formula uses an unknown symbol.
    pub fn accelerations(&self, s: &Snapshots, arena: &Arena) -> Vec<f64> {
        let scene = Scene::new(s, &vec![0.0; s.position.len()], arena);
        match scene.accelerations(&self.pair, &self.body) {
            Some(columns) => (0..scene.receivers).flat_map(|r| columns.iter().map(move |column| column[r])).collect(),
            None => vec![f64::NAN; s.position.len()],
        }
    }
}

/// Mean over bodies of the summed absolute error, and the middle relative error.
fn errors(told: &[f64], truth: &[f64], space: usize) -> (f64, f64) {
    let rows = || told.chunks(space).zip(truth.chunks(space));
    let size = |d: &mut dyn Iterator<Item = f64>| d.map(|x| x * x).sum::<f64>().sqrt();
    let total: f64 = told.iter().zip(truth).map(|(p, a)| (p - a).abs()).sum();
    let relative: Vec<f64> = rows()
        .map(|(p, a)| {
            size(&mut p.iter().zip(a).map(|(p, a)| p - a)) / size(&mut a.iter().copied()).max(f64::MIN_POSITIVE)
        })
        .collect();
    (total / rows().len() as f64, median(&relative))
}

/// Middle error of positions and middle drift of the declared energy over rollouts from the start of runs, over their
/// first stored times.
fn rolled(
    accelerate: &mut dyn FnMut(&Snapshots) -> Vec<f64>,
    truth: Option<&Accelerations>,
    material: &Material,
    (runs, within): (&[usize], usize),
    tolerance: f64,
    watch: &dyn Watch,
) -> Result<(f64, f64), SimulateError> {
    let data = material.data;
    if runs.is_empty() || within < 2 {
        return Ok((f64::NAN, f64::NAN));
    }
    let times = data.times.len();
    let start = data.snapshots(&runs.iter().map(|run| run * times).collect::<Vec<_>>());
    let told = rollout(&start, &data.attributes, &data.times[..within], accelerate, tolerance, watch)?;
    let width = data.particles * data.space;
    let apart = runs.iter().enumerate().map(|(k, run)| {
        let told = told.position.row(k, within * width).to_vec();
        let truth = data.position.values().part(run * times * width..(run * times + within) * width).to_vec();
        let bodies = told.chunks(data.space).zip(truth.chunks(data.space));
        let nearest = |d: f64| match material.arena.boundary {
            Boundary::Periodic(side) => d - side * (d / side).round(),
            Boundary::Open => d,
        };
        let sum: f64 =
            bodies.map(|(x, y)| x.iter().zip(y).map(|(x, y)| nearest(x - y).powi(2)).sum::<f64>().sqrt()).sum();
        sum / ((within - 1) * data.particles) as f64
    });
    let Some(truth) = truth else { return Ok((median(&apart.map(bounded).collect::<Vec<_>>()), f64::NAN)) };
    let energies = truth.energy(&told.snapshots(&(0..told.len()).collect::<Vec<_>>()));
    let kinetic = truth.kinetic(&start);
    let drift = energies.chunks(within).zip(&kinetic).map(|(energy, kinetic)| {
        let scale = kinetic + (energy[0] - kinetic).abs();
        energy
            .iter()
            .map(|now| (now - energy[0]).abs() / scale)
            .fold(0.0, |a: f64, b| if b.is_nan() { b } else { a.max(b) })
    });
    let drift = if energies.iter().all(|energy| energy.is_nan()) {
        f64::NAN
    } else {
        median(&drift.map(bounded).collect::<Vec<_>>())
    };
    Ok((median(&apart.map(bounded).collect::<Vec<_>>()), drift))
}

/// A rollout that broke off is infinitely far away.
fn bounded(error: f64) -> f64 {
    if error.is_nan() { f64::INFINITY } else { error }
}
