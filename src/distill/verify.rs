//! Law and trained function side by side against the declared system: on test runs, where positions spread wider, with
//! four times the bodies that were trained on, and in rollouts; without a declared system on test runs and in rollouts
//! alone. Scores only; nothing here steers a search.

use super::Material;
use super::law::Law;
use super::oracle::{Arena, Oracle};
use super::scene::{Scene, median};
use crate::base::{Seed, Watch, json};
use crate::expr::Expr;
use crate::plan::{Boundary, SystemPlan, symbols};
use crate::simulate::{Accelerations, SimulateError, Snapshots, Trajectories, draw, rollout, stretches};
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// On test runs.
    #[serde(with = "json::number")]
    pub test: f64,
    /// The middle relative error of test accelerations.
    #[serde(with = "json::number")]
    pub test_relative: f64,
    /// On configurations held out; NaN without any.
    #[serde(with = "json::number")]
    pub held_out: f64,
    /// With positions spread 1.5 times as wide; NaN where no system is declared.
    #[serde(with = "json::number")]
    pub wider: f64,
    /// With four times the bodies; NaN where no system is declared.
    #[serde(with = "json::number")]
    pub more_bodies: f64,
    /// Middle over test runs of the mean distance from the true positions in a rollout; NaN without runs.
    #[serde(with = "json::number")]
    pub rollout: f64,
    /// Middle over test runs of the largest relative change of the declared energy in the rollout; NaN where none is
    /// declared.
    #[serde(with = "json::number")]
    pub energy_drift: f64,
}

/// Law and network side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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

/// Accelerations of configurations, [count, particles, space].
type Accelerate<'a> = &'a mut dyn FnMut(&Snapshots) -> Vec<f64>;

/// Compares a law and an oracle with the data and, where there is one, a declared system. `Err` where the system cannot be
/// drawn from or the watcher stops it. `dt` is the time step of the data, of which only some are stored.
pub fn verify(
    law: &Law,
    oracle: &dyn Oracle,
    system: Option<&SystemPlan>,
    material: &Material,
    dt: f64,
    seed: Seed,
    watch: &dyn Watch,
) -> Result<Comparison, SimulateError> {
    let Material { data: measured, parts, arena } = *material;
    let (by_law, by_network) = (law.seen(measured), oracle.seen(measured));
    let of_law = Arena { attributes: by_law.attributes.clone(), ..arena.clone() };
    let formulas = Formulas::of(law, measured.space);
    let declared = system.map(|system| Truth::of(system, seed)).transpose()?;
    let rows = parts.shown();
    let mut stream = seed.child("test").stream();
    let mut drawn = |rows: &[usize]| -> Vec<usize> {
        (0..CONFIGURATIONS).filter(|_| !rows.is_empty()).map(|_| rows[stream.below(rows.len())]).collect()
    };
    let (test, held_out) = (drawn(rows), drawn(&parts.held_out));
    // What was learned of some bodies says nothing about others.
    let of_others = law.learned.is_empty() && oracle.learned().is_empty();
    // Rollouts of one length, from the starts of the longest stretches.
    let every = measured.times.len();
    let stretches = stretches(rows, every);
    let soon = |rows: &std::ops::Range<usize>| {
        let times = &measured.times_of(rows.start / every)[rows.start % every..][..rows.len()];
        times.iter().take_while(|time| **time <= times[0] + (STEPS as f64 + 0.5) * dt).count()
    };
    let within = stretches.iter().map(soon).max().unwrap_or(0);
    let starts: Vec<usize> =
        stretches.iter().filter(|rows| rows.len() >= within).take(ROLLOUTS).map(|rows| rows.start).collect();

    let side = |data: &Trajectories, accelerate: Accelerate, tolerance: f64| -> Result<Side, SimulateError> {
        let mut error = |s: &Snapshots, truth: &[f64]| errors(&accelerate(s), truth, s.space);
        let mut on = |rows: &[usize]| {
            let asked = data.snapshots(rows);
            error(&asked, &asked.acceleration)
        };
        let (on_test, held_out) = (on(&test), on(&held_out).0);
        let beyond = declared.as_ref().filter(|_| of_others);
        let beyond = beyond.map(|truth| [&truth.wide, &truth.more].map(|s| error(s, &truth.law.eval(s)).0));
        let [wider, more_bodies] = beyond.unwrap_or([f64::NAN; 2]);
        let truth = declared.as_ref().map(|truth| &truth.law);
        let (rollout, energy_drift) =
            rolled(accelerate, truth, (measured, data, arena.boundary), (&starts, within), tolerance, watch)?;
        Ok(Side { test: on_test.0, test_relative: on_test.1, held_out, wider, more_bodies, rollout, energy_drift })
    };
    Ok(Comparison {
        law: side(&by_law, &mut |s| formulas.accelerations(s, &of_law), TOLERANCE.1)?,
        network: side(&by_network, &mut |s| oracle.predict(s), TOLERANCE.0)?,
        zero: side(measured, &mut |s| vec![0.0; s.position.len()], TOLERANCE.1)?,
        rollout_steps: starts.first().map_or(0, |start| {
            let times = &measured.times_of(start / every)[start % every..];
            ((times[within.max(1) - 1] - times[0]) / dt).round() as usize
        }),
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

/// Middle error of positions and middle drift of the declared energy over rollouts from these configurations, over so many
/// stored times; `data` are as `accelerate` sees them.
fn rolled(
    accelerate: Accelerate,
    truth: Option<&Accelerations>,
    (measured, data, boundary): (&Trajectories, &Trajectories, Boundary),
    (starts, within): (&[usize], usize),
    tolerance: f64,
    watch: &dyn Watch,
) -> Result<(f64, f64), SimulateError> {
    if starts.is_empty() || within < 2 {
        return Ok((f64::NAN, f64::NAN));
    }
    let every = data.times.len();
    let times_from = |start: &usize| -> Vec<f64> {
        let times = &data.times_of(start / every)[start % every..][..within];
        times.iter().map(|time| time - times[0]).collect()
    };
    // Starts with the same times to follow go together.
    let mut apart = vec![];
    let mut drifts = vec![];
    let mut left: Vec<usize> = starts.to_vec();
    while let Some(first) = left.first() {
        let times = times_from(first);
        let near = 1e-9 * times[within - 1];
        let same = |start: &usize| times_from(start).iter().zip(&times).all(|(a, b)| (a - b).abs() <= near);
        let (group, others): (Vec<usize>, Vec<usize>) = left.iter().partition(|start| same(start));
        left = others;
        let mut told = rollout(&data.snapshots(&group), &data.attributes, &times, accelerate, tolerance, watch)?;
        // The energy is that of the bodies as they are.
        let start = measured.snapshots(&group);
        (told.attributes, told.attribute) = (measured.attributes.clone(), start.attribute.clone());
        apart.extend(group.iter().enumerate().map(|(k, start)| distance(&told, k, data, *start, boundary)));
        if let Some(truth) = truth {
            drifts.extend(drift(&told, truth, &start));
        }
    }
    let drift = match drifts.iter().all(|drift| drift.is_nan()) {
        true => f64::NAN,
        false => median(&drifts.into_iter().map(bounded).collect::<Vec<_>>()),
    };
    Ok((median(&apart.into_iter().map(bounded).collect::<Vec<_>>()), drift))
}

/// The mean distance of a rollout from what was measured, from a configuration on; by the nearest image in a periodic box.
fn distance(told: &Trajectories, run: usize, data: &Trajectories, start: usize, boundary: Boundary) -> f64 {
    let (within, width) = (told.times.len(), data.particles * data.space);
    let told = told.position.row(run, within * width).to_vec();
    let truth = data.position.values().part(start * width..(start + within) * width).to_vec();
    let nearest = |d: f64| match boundary {
        Boundary::Periodic(side) => d - side * (d / side).round(),
        Boundary::Open => d,
    };
    let bodies = told.chunks(data.space).zip(truth.chunks(data.space));
    let sum: f64 = bodies.map(|(x, y)| x.iter().zip(y).map(|(x, y)| nearest(x - y).powi(2)).sum::<f64>().sqrt()).sum();
    sum / ((within - 1) * data.particles) as f64
}

/// The largest relative change of the declared energy in each rollout; NaN where none is declared.
fn drift(told: &Trajectories, truth: &Accelerations, start: &Snapshots) -> Vec<f64> {
    let energies = truth.energy(&told.snapshots(&(0..told.len()).collect::<Vec<_>>()));
    if energies.iter().all(|energy| energy.is_nan()) {
        return vec![f64::NAN; start.count];
    }
    let kinetic = truth.kinetic(start);
    let drift = energies.chunks(told.times.len()).zip(&kinetic).map(|(energy, kinetic)| {
        let scale = kinetic + (energy[0] - kinetic).abs();
        energy
            .iter()
            .map(|now| (now - energy[0]).abs() / scale)
            .fold(0.0, |a: f64, b| if b.is_nan() { b } else { a.max(b) })
    });
    drift.map(bounded).collect()
}

/// A rollout that broke off is infinitely far away.
fn bounded(error: f64) -> f64 {
    if error.is_nan() { f64::INFINITY } else { error }
}
