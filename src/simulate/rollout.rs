//! Laws and networks asked about configurations, and integrated in place of the true law.

use super::forces::{Forces, fitting_rows};
use super::geometry;
use super::kernels::{self, Motion, Times};
use super::lanes::{Control, Field, Lanes, Verdict};
use super::law::Accelerations;
use super::{Numbers, SimulateError, Snapshots, Trajectories};
use crate::base::{Name, Watch};

/// Nodes of a step for accelerations that may be rough or of single precision: order 6.
const NODES: usize = 4;
/// Configurations evaluated together.
const ROWS: usize = 128;

impl Accelerations {
    /// Accelerations of configurations with any number of bodies, [count, particles, space].
    ///
    /// # Panics
    /// If the configurations have another space or other attributes than the system.
    pub fn eval(&self, snapshots: &Snapshots) -> Vec<f64> {
        let mut out = vec![0.0; snapshots.position.len()];
        self.blocks(snapshots, &mut |at, accelerations, _| {
            out[at..at + accelerations.len()].copy_from_slice(accelerations);
        });
        out
    }

    /// Total energies of configurations; NaN where forces are declared that have no energy.
    ///
    /// # Panics
    /// As [`Accelerations::eval`].
    pub fn energy(&self, snapshots: &Snapshots) -> Vec<f64> {
        let mut out = Vec::with_capacity(snapshots.count);
        let width = snapshots.particles * snapshots.space;
        self.blocks(snapshots, &mut |at, _, potential| {
            let attributes = &snapshots.attribute[at / width * snapshots.particles * snapshots.attributes..];
            let mass = |body: usize| self.mass.map_or(1.0, |m| attributes[body * snapshots.attributes + m]);
            let kinetic = geometry::kinetic(&snapshots.velocity[at..at + width], snapshots.space, mass);
            out.push(if self.has_energy { kinetic + potential } else { f64::NAN });
        });
        out.resize(snapshots.count, 0.0);
        out
    }

    /// Kinetic energies of configurations.
    pub fn kinetic(&self, snapshots: &Snapshots) -> Vec<f64> {
        let (bodies, width) = (snapshots.particles, snapshots.particles * snapshots.space);
        let each = |at: usize| {
            let mass = |body: usize| {
                self.mass.map_or(1.0, |m| snapshots.attribute[(at * bodies + body) * snapshots.attributes + m])
            };
            geometry::kinetic(&snapshots.velocity[at * width..][..width], snapshots.space, mass)
        };
        (0..snapshots.count).map(each).collect()
    }

    /// Calls `each` with every configuration's place in the arrays of vectors, its accelerations as [body][k] and its
    /// potential energy.
    fn blocks(&self, snapshots: &Snapshots, each: &mut dyn FnMut(usize, &[f64], f64)) {
        if snapshots.position.is_empty() {
            return;
        }
        assert_eq!(snapshots.space, self.space, "configurations in the space of the law");
        assert_eq!(snapshots.attributes, self.attributes.len(), "configurations with the attributes of the law");
        let (bodies, width) = (snapshots.particles, snapshots.particles * snapshots.space);
        let order = geometry::order(bodies, snapshots.space);
        let rows = fitting_rows(self, bodies, ROWS).min(snapshots.count);
        let mut forces = Forces::new(self, bodies, rows);
        let vector = || vec![0.0; width * rows];
        let (mut position, mut velocity, mut acceleration) = (vector(), vector(), vector());
        let (mut potential, mut own) = (vec![0.0; rows], vec![0.0; width]);
        for first in (0..snapshots.count).step_by(rows) {
            let block = first..(first + rows).min(snapshots.count);
            for (row, index) in block.clone().enumerate() {
                geometry::scatter(&order, &snapshots.position[index * width..][..width], rows, row, &mut position);
                geometry::scatter(&order, &snapshots.velocity[index * width..][..width], rows, row, &mut velocity);
                let attributes = bodies * snapshots.attributes;
                forces.set_attributes(row, 1, &snapshots.attribute[index * attributes..][..attributes]);
            }
            forces.evaluate(&position, &velocity, &mut acceleration, Some(&mut potential));
            for (row, index) in block.enumerate() {
                geometry::gather(&order, &acceleration, rows, row, &mut own);
                each(index * width, &own, potential[row]);
            }
        }
    }
}

/// Integrates configurations under any acceleration function, from `times[0]` on through ascending times, all side by
/// side: `acceleration` gets configurations and gives [count, particles, space]. Errors of a step are near
/// `tolerance` relative to the largest speed; 1e-6 suits functions of single precision. Where a run cannot go on (the
/// accelerations are not finite, or the step size falls to nothing) its remaining times hold NaN. The drift is NaN:
/// such a function has no energy of its own.
pub fn rollout(
    start: &Snapshots,
    attributes: &[Name],
    times: &[f64],
    acceleration: &mut dyn FnMut(&Snapshots) -> Vec<f64>,
    tolerance: f64,
    watch: &dyn Watch,
) -> Result<Trajectories, SimulateError> {
    let (runs, width, stored) = (start.count, start.particles * start.space, times.len());
    let out_of_range = |field, value| Err(SimulateError::OutOfRange { field, value });
    if runs == 0 || width == 0 {
        return out_of_range("runs", runs as f64);
    }
    if let Some(pair) = times.windows(2).find(|pair| !(pair[0] < pair[1] && pair[1].is_finite())) {
        return out_of_range("times", pair[1]);
    }
    if stored == 0 {
        return out_of_range("steps", 0.0);
    }
    if !(1e-13..=1e-1).contains(&tolerance) {
        return out_of_range("tolerance", tolerance);
    }
    let nothing = || vec![f64::NAN; runs * stored * width];
    let mut out = Trajectories {
        runs,
        times: times.to_vec(),
        particles: start.particles,
        space: start.space,
        attributes: attributes.to_vec(),
        position: Numbers::default(),
        velocity: Numbers::default(),
        acceleration: Numbers::default(),
        attribute: start.attribute.clone(),
        drift: vec![f64::NAN; runs],
        dropped: 0,
        ..Trajectories::default()
    };
    let (mut positions, mut velocities) = (nothing(), nothing());
    let order = geometry::order(start.particles, start.space);
    let mut lanes: Lanes<NODES> = Lanes::new(width, runs);
    let mut field = Closure { snapshots: start.clone(), order: order.clone(), acceleration };
    let control = Control::new::<NODES>(tolerance);
    let (mut motion, mut within) = (Motion::default(), Times::<NODES>::new());
    let first = (field.acceleration)(start);
    for run in 0..runs {
        let (own, to) = (run * width..(run + 1) * width, run * stored * width);
        positions[to..to + width].copy_from_slice(&start.position[own.clone()]);
        velocities[to..to + width].copy_from_slice(&start.velocity[own.clone()]);
        let sound = first[own.clone()].iter().chain(&start.position[own.clone()]).all(|value| value.is_finite());
        let mut inverse = vec![0; width];
        order.iter().enumerate().for_each(|(at, &component)| inverse[component] = at);
        lanes.start(run, times[stored - 1] - times[0], |component| {
            let at = own.start + inverse[component];
            [start.position[at], start.velocity[at], first[at]]
        });
        if !sound || stored == 1 {
            lanes.stop(run);
        }
    }
    let mut next = vec![1; runs];
    while lanes.verdict.iter().any(|&verdict| verdict != Verdict::Idle) {
        if watch.cancelled() {
            return Err(SimulateError::Cancelled);
        }
        lanes.attempt(&mut field, &control);
        let mut finished = vec![];
        for run in 0..runs {
            if lanes.verdict[run] == Verdict::Accepted {
                let (time, step) = (times[0] + lanes.time[run], lanes.step[run]);
                within.shares.clear();
                within
                    .shares
                    .extend(times[next[run]..].iter().map(|t| (t - time) / step).take_while(|&share| share <= 1.0));
                kernels::weigh(&mut within);
                let reached = within.shares.len();
                let span = (run * stored + next[run]) * width..(run * stored + next[run] + reached) * width;
                lanes.read(run, &order, &mut motion);
                let (position, velocity) = (&mut positions[span.clone()], &mut velocities[span]);
                kernels::between(&motion, &within, 0..reached, position, velocity);
                next[run] += reached;
            }
            if next[run] == stored || lanes.verdict[run] == Verdict::Collapsed {
                finished.push(run);
            }
        }
        lanes.commit();
        finished.into_iter().for_each(|run| lanes.stop(run));
    }
    (out.position, out.velocity, out.acceleration) = (positions.into(), velocities.into(), nothing().into());
    let everything: Vec<usize> = (0..runs * stored).collect();
    out.acceleration = acceleration(&out.snapshots(&everything)).into();
    Ok(out)
}

/// An acceleration function of configurations as a field of lanes.
struct Closure<'a> {
    snapshots: Snapshots,
    order: Vec<usize>,
    acceleration: &'a mut dyn FnMut(&Snapshots) -> Vec<f64>,
}

impl Field for Closure<'_> {
    fn uses_velocity(&self) -> bool {
        true
    }

    fn accelerations(&mut self, position: &[f64], velocity: &[f64], out: &mut [f64]) {
        let (rows, width) = (self.snapshots.count, self.order.len());
        for row in 0..rows {
            let own = row * width..(row + 1) * width;
            geometry::gather(&self.order, position, rows, row, &mut self.snapshots.position[own.clone()]);
            geometry::gather(&self.order, velocity, rows, row, &mut self.snapshots.velocity[own]);
        }
        let values = (self.acceleration)(&self.snapshots);
        for row in 0..rows {
            geometry::scatter(&self.order, &values[row * width..][..width], rows, row, out);
        }
    }
}
