//! Law and trained function side by side against the declared system: on test runs, where positions spread wider, with
//! more bodies than were trained on, and in rollouts. Scores only; nothing here steers a search.
//!
//! Rollouts use the classical Runge–Kutta method with fixed steps, the same for both: its own error is part of both.

use super::Material;
use super::declared::Declared;
use super::law::Law;
use super::oracle::{Arena, Oracle};
use super::scene::{Scene, evaluate, median};
use crate::base::{Seed, Watch};
use crate::expr::Expr;
use crate::plan::{SystemPlan, symbols};
use crate::simulate::{SimulateError, Snapshots, draw};
use serde::{Deserialize, Serialize};

/// Configurations of each score.
const CONFIGURATIONS: usize = 500;
/// How much wider positions spread out of distribution.
const WIDER: f64 = 1.5;
/// How many bodies more.
const MORE: usize = 2;
/// Runs of a rollout, its stored steps, and integration steps between them.
const ROLLOUT: (usize, usize, usize) = (20, 300, 2);

/// One side of the comparison. Errors are means over bodies of the sum over components.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// On test runs.
    pub test: f64,
    /// The middle relative error of test accelerations.
    pub test_relative: f64,
    /// With positions spread 1.5 times as wide.
    pub wider: f64,
    /// With two bodies more.
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

/// Compares a law and an oracle with a declared system. `Err` where the system cannot be drawn from or the watcher
/// stops it.
pub fn verify(
    law: &Law,
    oracle: &dyn Oracle,
    system: &SystemPlan,
    material: &Material,
    seed: Seed,
    watch: &dyn Watch,
) -> Result<Comparison, SimulateError> {
    let Material { data, split, arena } = *material;
    let truth = Declared::new(system);
    let formulas = Formulas::of(law, data.space);
    let declared = Formulas { pair: truth.pair, body: truth.body };
    let mut wide = draw(system, CONFIGURATIONS, seed.child("wider"))?;
    wide.position.iter_mut().for_each(|x| *x *= WIDER);
    let more = SystemPlan { particles: system.particles + MORE, ..system.clone() };
    let more = draw(&more, CONFIGURATIONS, seed.child("more bodies"))?;
    let runs = if split[2].is_empty() { &split[0] } else { &split[2] };
    let mut stream = seed.child("test").stream();
    let indices: Vec<usize> = (0..CONFIGURATIONS)
        .filter(|_| !runs.is_empty())
        .map(|_| runs[stream.below(runs.len())] * data.times.len() + stream.below(data.times.len()))
        .collect();
    let test = data.snapshots(&indices);
    let first = &runs[..runs.len().min(ROLLOUT.0)];
    let steps = data.times.len().saturating_sub(1).min(ROLLOUT.1);

    let side = |accelerate: &dyn Fn(&Snapshots) -> Vec<f64>| -> Result<Side, SimulateError> {
        let error = |s: &Snapshots, truth: &[f64]| errors(&accelerate(s), truth, s.space);
        let on_test = error(&test, &test.acceleration);
        let (rollout, energy_drift) = rollout(accelerate, system, material, first, steps, watch)?;
        Ok(Side {
            test: on_test.0,
            test_relative: on_test.1,
            wider: error(&wide, &declared.accelerations(&wide, arena)).0,
            more_bodies: error(&more, &declared.accelerations(&more, arena)).0,
            rollout,
            energy_drift,
        })
    };
    Ok(Comparison {
        law: side(&|s| formulas.accelerations(s, arena))?,
        network: side(&|s| oracle.predict(s))?,
        zero: side(&|s| vec![0.0; s.position.len()])?,
        rollout_steps: steps,
    })
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

/// Middle error of positions and middle drift of the declared energy over rollouts from the start of runs.
fn rollout(
    accelerate: &dyn Fn(&Snapshots) -> Vec<f64>,
    system: &SystemPlan,
    material: &Material,
    runs: &[usize],
    steps: usize,
    watch: &dyn Watch,
) -> Result<(f64, f64), SimulateError> {
    let data = material.data;
    let times = data.times.len();
    if runs.is_empty() || steps == 0 {
        return Ok((f64::NAN, f64::NAN));
    }
    let mut state = data.snapshots(&runs.iter().map(|run| run * times).collect::<Vec<_>>());
    let start = energies(system, &state, material.arena);
    let mut drift = vec![0.0_f64; runs.len()];
    let mut apart = vec![0.0; runs.len()];
    let width = data.particles * data.space;
    for step in 0..steps {
        if watch.cancelled() {
            return Err(SimulateError::Cancelled);
        }
        let dt = (data.times[step + 1] - data.times[step]) / ROLLOUT.2 as f64;
        for _ in 0..ROLLOUT.2 {
            advance(&mut state, dt, accelerate);
        }
        for (k, run) in runs.iter().enumerate() {
            let truth = &data.position[(run * times + step + 1) * width..][..width];
            let bodies = state.position[k * width..][..width].chunks(data.space).zip(truth.chunks(data.space));
            let sum: f64 = bodies.map(|(x, y)| x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()).sum();
            apart[k] += sum / (data.particles * steps) as f64;
        }
        if let (Some(start), Some(now)) = (&start, energies(system, &state, material.arena)) {
            for k in 0..runs.len() {
                let scale = start[k].0 + (start[k].1 - start[k].0).abs();
                let change = (now[k].1 - start[k].1).abs() / scale;
                drift[k] = if change.is_nan() { f64::INFINITY } else { drift[k].max(change) };
            }
        }
    }
    Ok((median(&apart), if start.is_some() { median(&drift) } else { f64::NAN }))
}

/// One classical Runge–Kutta step of all configurations (Kutta 1901).
fn advance(state: &mut Snapshots, dt: f64, accelerate: &dyn Fn(&Snapshots) -> Vec<f64>) {
    let (x, v) = (state.position.clone(), state.velocity.clone());
    let moved = |state: &mut Snapshots, dx: &[f64], dv: &[f64], h: f64| {
        for k in 0..x.len() {
            state.position[k] = x[k] + h * dx[k];
            state.velocity[k] = v[k] + h * dv[k];
        }
    };
    let a1 = accelerate(state);
    let v1 = v.clone();
    moved(state, &v1, &a1, 0.5 * dt);
    let (a2, v2) = (accelerate(state), state.velocity.clone());
    moved(state, &v2, &a2, 0.5 * dt);
    let (a3, v3) = (accelerate(state), state.velocity.clone());
    moved(state, &v3, &a3, dt);
    let (a4, v4) = (accelerate(state), state.velocity.clone());
    for k in 0..x.len() {
        state.position[k] = x[k] + dt / 6.0 * (v1[k] + 2.0 * (v2[k] + v3[k]) + v4[k]);
        state.velocity[k] = v[k] + dt / 6.0 * (a1[k] + 2.0 * (a2[k] + a3[k]) + a4[k]);
    }
}

/// Kinetic and total energy of each configuration by the declared system; `None` where forces have no energy.
fn energies(system: &SystemPlan, s: &Snapshots, arena: &Arena) -> Option<Vec<(f64, f64)>> {
    if !system.pair_force.is_empty() || !system.body_force.is_empty() {
        return None;
    }
    let scene = Scene::new(s, &vec![0.0; s.position.len()], arena);
    let pair = match &system.pair_energy {
        Some(energy) => evaluate(std::slice::from_ref(energy), &scene.pair, scene.rows())?.remove(0),
        None => vec![0.0; scene.rows()],
    };
    let body = match &system.body_energy {
        Some(energy) => evaluate(std::slice::from_ref(energy), &scene.body, scene.receivers)?.remove(0),
        None => vec![0.0; scene.receivers],
    };
    let mass = scene.body.get(&symbols::attribute("i", "mass"));
    let each = |at: usize| {
        let bodies = at * s.particles..(at + 1) * s.particles;
        let kinetic: f64 = bodies
            .clone()
            .map(|b| {
                let speed: f64 = s.velocity[b * s.space..(b + 1) * s.space].iter().map(|v| v * v).sum();
                0.5 * mass.map_or(1.0, |mass| mass[b]) * speed
            })
            .sum();
        // Every unordered pair stands in two rows.
        let pairs = scene.starts[bodies.start]..scene.starts[bodies.end];
        (kinetic, kinetic + 0.5 * pair[pairs].iter().sum::<f64>() + body[bodies].iter().sum::<f64>())
    };
    Some((0..s.count).map(each).collect())
}
