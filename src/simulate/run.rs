//! From a plan to trajectories: runs are drawn, advanced in lanes, sampled at the stored times and trimmed.
//!
//! A run's numbers depend on the plan and the run alone, not on the lane, the batch or the thread it is in.

use super::aligned::Aligned;
use super::draw::{add_noise, draw_runs};
use super::forces::{Forces, fitting_rows};
use super::geometry;
use super::kernels::{self, Motion, Times};
use super::lanes::{Control, Lanes, Verdict};
use super::law::Accelerations;
use super::numbers::{LARGE, Numbers, Piece, Storage, keep_rows};
use super::{SimulateError, Snapshots, Trajectories, fits, memory};
use crate::base::{Progress, Seed, Watch};
use crate::plan::{Boundary, DataPlan, Noise, SystemPlan};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Collocation nodes of a step.
const NODES: usize = 8;
/// Runs side by side.
const LANES: usize = 32;
/// Lanes are a multiple of this.
const VECTOR: usize = 8;
/// Stored configurations that are evaluated together.
const SAMPLES: usize = 128;
/// Most runs of a batch.
const LARGEST_BATCH: usize = 1024;

/// Simulates `data.runs` runs of a system and keeps every `data.keep`-th of `data.steps` equally spaced times, the
/// start included, with exact accelerations. Runs with the largest accelerations (the share `data.trim`) are left
/// out. The drift of a run is the largest |E - E(0)| over its stored times, relative to the kinetic energy plus the
/// size of the potential energy at the start; NaN where forces are declared that have no energy. Noise is added
/// last: accelerations and drift are those of the true motion. Trajectories that would take more than [`LARGE`] bytes are
/// kept in single precision, with the accelerations at the rounded positions. What the plan does not measure is then
/// estimated from the rest. `Err` names what cannot be simulated.
pub fn simulate(system: &SystemPlan, data: &DataPlan, watch: &dyn Watch) -> Result<Trajectories, SimulateError> {
    simulate_keeping(system, data, storage(system, data), watch)
}

/// Simulates with numbers kept in a precision.
pub(super) fn simulate_keeping(
    system: &SystemPlan,
    data: &DataPlan,
    storage: Storage,
    watch: &dyn Watch,
) -> Result<Trajectories, SimulateError> {
    check(system, data)?;
    check_memory(system, data, isize::MAX as u64)?;
    let law = Accelerations::compile(system)?;
    let times: Vec<f64> = (0..data.steps).step_by(data.keep).map(|k| k as f64 * data.dt).collect();
    let (vector, scalar) = (system.particles * system.space, system.particles * system.attributes.len());
    let too_large = || SimulateError::TooLarge { bytes: memory_estimate(system, data), available: 0 };
    let length = |per_run: usize| data.runs.checked_mul(per_run).ok_or_else(too_large);
    let room = |per_run: usize| memory::zeros(length(per_run)?).ok_or_else(too_large);
    let numbers = |per_run: usize| Numbers::zeros(length(per_run)?, storage).ok_or_else(too_large);
    let mut out = Trajectories {
        runs: data.runs,
        particles: system.particles,
        space: system.space,
        attributes: system.attributes.iter().map(|attribute| attribute.name.clone()).collect(),
        position: numbers(times.len() * vector)?,
        velocity: numbers(times.len() * vector)?,
        acceleration: numbers(times.len() * vector)?,
        attribute: room(scalar)?,
        drift: room(1)?,
        dropped: 0,
        times,
        ..Trajectories::default()
    };
    let mut largest: Vec<f64> = room(1)?;
    let threads = rayon::current_num_threads();
    let largest_batch = if storage == Storage::Single { LANES } else { LARGEST_BATCH };
    let batch = (data.runs / (4 * threads)).clamp(LANES, largest_batch);
    let done = AtomicU64::new(0);
    let job = Job { system, data, law: &law, times: &out.times, done: &done, watch };
    let stored = batch * out.times.len() * vector;
    let attributes = out.attribute.chunks_mut((batch * scalar).max(1)).map(Some).chain(std::iter::repeat_with(|| None));
    let batches: Vec<Place> = (out.position.pieces(stored).into_iter())
        .zip(out.velocity.pieces(stored))
        .zip(out.acceleration.pieces(stored))
        .zip(out.drift.chunks_mut(batch).zip(largest.chunks_mut(batch)))
        .zip(attributes)
        .enumerate()
        .map(|(index, ((((position, velocity), acceleration), (drift, largest)), attribute))| Place {
            first: index * batch,
            vectors: [position, velocity, acceleration],
            attribute: attribute.unwrap_or_default(),
            drift,
            largest,
        })
        .collect();
    let ends: Vec<Result<(), SimulateError>> = batches.into_par_iter().map(|place| place.fill(&job)).collect();
    ends.into_iter().collect::<Result<(), _>>()?;
    trim(&mut out, &largest, (data.trim * data.runs as f64) as usize);
    fits::estimate(&mut out, &data.measured, system.boundary)?;
    Ok(out)
}

/// Bytes that the trajectories of a plan take; saturates.
pub fn memory_estimate(system: &SystemPlan, data: &DataPlan) -> u64 {
    let bytes = in_double_precision(system, data);
    if storage(system, data) == Storage::Single { bytes / 2 } else { bytes }
}

/// The precision in which the trajectories of a plan are kept.
pub fn storage(system: &SystemPlan, data: &DataPlan) -> Storage {
    if in_double_precision(system, data) > LARGE { Storage::Single } else { Storage::Double }
}

fn in_double_precision(system: &SystemPlan, data: &DataPlan) -> u64 {
    let kept = data.steps.div_ceil(data.keep.max(1)) as u64;
    let vectors = kept.saturating_mul(3 * system.space as u64).saturating_add(system.attributes.len() as u64);
    let per_run = vectors.saturating_mul(system.particles as u64).saturating_add(2);
    per_run.saturating_mul(data.runs as u64).saturating_mul(8)
}

/// The bytes a plan takes, or an error where they are more than `available`.
pub fn check_memory(system: &SystemPlan, data: &DataPlan, available: u64) -> Result<u64, SimulateError> {
    match memory_estimate(system, data) {
        bytes if bytes > available => Err(SimulateError::TooLarge { bytes, available }),
        bytes => Ok(bytes),
    }
}

fn check(system: &SystemPlan, data: &DataPlan) -> Result<(), SimulateError> {
    let side = if let Boundary::Periodic(side) = system.boundary { side } else { 1.0 };
    let noise = match data.noise {
        Noise::None => 0.0,
        Noise::Relative(size) | Noise::Absolute(size) => size,
    };
    let number = |field, value: f64, fits: bool| match fits {
        true => Ok(()),
        false => Err(SimulateError::OutOfRange { field, value }),
    };
    number("space", system.space as f64, (1..=3).contains(&system.space))?;
    number("particles", system.particles as f64, system.particles > 0)?;
    number("runs", data.runs as f64, data.runs > 0)?;
    number("steps", data.steps as f64, data.steps > 0)?;
    number("keep", data.keep as f64, data.keep > 0)?;
    number("dt", data.dt, data.dt > 0.0 && data.dt.is_finite())?;
    number("tolerance", data.tolerance, (1e-14..=1e-2).contains(&data.tolerance))?;
    number("trim", data.trim, (0.0..1.0).contains(&data.trim))?;
    number("noise", noise, noise >= 0.0 && noise.is_finite())?;
    number("box", side, side > 0.0 && side.is_finite())?;
    number("position", system.position.len() as f64, system.position.len() == system.space)?;
    number("velocity", system.velocity.len() as f64, system.velocity.len() == system.space)
}

/// Leaves out the runs with the largest accelerations.
fn trim(out: &mut Trajectories, largest: &[f64], count: usize) {
    let mut order: Vec<usize> = (0..out.runs).collect();
    order.sort_by(|&a, &b| largest[b].total_cmp(&largest[a]).then(a.cmp(&b)));
    let mut kept = order.split_off(count.min(out.runs - 1));
    kept.sort_unstable();
    for series in [&mut out.position, &mut out.velocity, &mut out.acceleration] {
        series.keep_rows(&kept, series.len() / out.runs);
    }
    for values in [&mut out.attribute, &mut out.drift] {
        let width = values.len() / out.runs;
        keep_rows(values, &kept, width);
    }
    out.dropped = out.runs - kept.len();
    out.runs = kept.len();
}

/// What all batches share.
struct Job<'a> {
    system: &'a SystemPlan,
    data: &'a DataPlan,
    law: &'a Accelerations,
    times: &'a [f64],
    done: &'a AtomicU64,
    watch: &'a dyn Watch,
}

/// Where the results of consecutive runs go.
struct Place<'a> {
    first: usize,
    vectors: [Piece<'a>; 3],
    attribute: &'a mut [f64],
    drift: &'a mut [f64],
    largest: &'a mut [f64],
}

impl Place<'_> {
    fn fill(mut self, job: &Job) -> Result<(), SimulateError> {
        let rounds = matches!(self.vectors, [Piece::Single(..), ..]);
        let [position, velocity, acceleration] = self.vectors.each_mut().map(Piece::wide);
        let Place { first, attribute, drift, largest, .. } = self;
        Batch { first, rounds, position, velocity, acceleration, attribute, drift, largest }.run(job)?;
        self.vectors.into_iter().for_each(Piece::settle);
        Ok(())
    }
}

/// Consecutive runs while they are made.
struct Batch<'a> {
    first: usize,
    /// Whether positions and velocities are kept in single precision.
    rounds: bool,
    position: &'a mut [f64],
    velocity: &'a mut [f64],
    acceleration: &'a mut [f64],
    attribute: &'a mut [f64],
    drift: &'a mut [f64],
    largest: &'a mut [f64],
}

impl Batch<'_> {
    fn run(mut self, job: &Job) -> Result<(), SimulateError> {
        let runs = self.drift.len();
        let root = Seed::root(job.data.seed);
        let start = draw_runs(job.system, self.first..self.first + runs, root)?;
        self.attribute.copy_from_slice(&start.attribute);
        let mut samples = Samples::new(job, runs);
        let width = start.particles * start.space;
        for run in 0..runs {
            let at = run * job.times.len() * width;
            self.position[at..at + width].copy_from_slice(&start.position[run * width..][..width]);
            self.velocity[at..at + width].copy_from_slice(&start.velocity[run * width..][..width]);
            self.round(at..at + width);
            samples.take(run, 0..1, &mut self, job);
        }
        samples.flush(&mut self, job);
        for run in 0..runs {
            self.check_start(run, &start, job)?;
        }
        self.advance(&start, &mut samples, job)?;
        samples.flush(&mut self, job);
        self.add_noise(root.child("noise"), job);
        Ok(())
    }

    /// Integrates all runs of the batch from the start to the last stored time.
    fn advance(&mut self, start: &Snapshots, samples: &mut Samples, job: &Job) -> Result<(), SimulateError> {
        let (runs, stored) = (self.drift.len(), job.times.len());
        let end = job.times[stored - 1];
        if stored == 1 {
            return Ok(());
        }
        let (bodies, space) = (start.particles, start.space);
        let components = bodies * space;
        let width = runs.next_multiple_of(VECTOR).min(fitting_rows(job.law, bodies, LANES));
        let mut lanes: Lanes<NODES> = Lanes::new(components, width);
        let mut forces = Forces::new(job.law, bodies, width);
        let control = Control::new::<NODES>(job.data.tolerance);
        let mut rides: Vec<Ride> = vec![];
        let order = geometry::order(bodies, space);
        let (mut wanted, mut finished): (Vec<Wanted>, Vec<usize>) = (vec![], vec![]);
        let (mut motion, mut within) = (Motion::default(), Times::<NODES>::new());
        let mut next = 0;
        let mut failed: Option<(usize, f64)> = None;
        loop {
            // Lanes are filled again in the order of runs.
            for lane in 0..lanes.width() {
                if lanes.verdict[lane] == Verdict::Idle && next < runs && failed.is_none() {
                    let (run, at) = (next, next * stored * components);
                    lanes.start(lane, end, |component| {
                        let from = run * components + component % bodies * space + component / bodies;
                        let acceleration = self.acceleration[at + component % bodies * space + component / bodies];
                        [start.position[from], start.velocity[from], acceleration]
                    });
                    forces.set_attributes(lane, 1, &self.attribute[self.attributes(run, job)]);
                    let ride = Ride { run, next: 1 };
                    if lane < rides.len() {
                        rides[lane] = ride;
                    } else {
                        rides.push(ride);
                    }
                    next += 1;
                }
            }
            let active: Vec<usize> = (0..lanes.width()).filter(|&lane| lanes.verdict[lane] != Verdict::Idle).collect();
            if active.is_empty() {
                break;
            }
            if lanes.width() > VECTOR && active.len() <= lanes.width() / 2 {
                lanes.narrow(&active, VECTOR);
                rides = active.iter().map(|&lane| rides[lane]).collect();
                forces = Forces::new(job.law, bodies, lanes.width());
                for (lane, ride) in rides.iter().enumerate() {
                    forces.set_attributes(lane, 1, &self.attribute[self.attributes(ride.run, job)]);
                }
            }
            if job.watch.cancelled() {
                return Err(SimulateError::Cancelled);
            }
            lanes.attempt(&mut forces, &control);
            wanted.clear();
            within.shares.clear();
            for lane in 0..rides.len() {
                let ride = &mut rides[lane];
                match lanes.verdict[lane] {
                    Verdict::Idle | Verdict::Rejected => {}
                    Verdict::Collapsed => {
                        let earlier = failed.is_none_or(|(run, _)| ride.run < run);
                        if earlier {
                            failed = Some((ride.run, lanes.time[lane]));
                        }
                        finished.push(lane);
                    }
                    Verdict::Accepted => {
                        let (time, step) = (lanes.time[lane], lanes.step[lane]);
                        let reached = job.times[ride.next..].iter().take_while(|&&t| t <= time + step).count();
                        let stored_times = ride.next..ride.next + reached;
                        let shares = job.times[stored_times.clone()].iter().map(|t| (t - time) / step);
                        within.shares.extend(shares);
                        ride.next += reached;
                        if reached > 0 {
                            wanted.push(Wanted { lane, run: ride.run, times: stored_times });
                        }
                        if ride.next == stored {
                            finished.push(lane);
                            job.count_run();
                        }
                    }
                }
            }
            kernels::weigh(&mut within);
            let mut row = 0;
            for Wanted { lane, run, times } in wanted.drain(..) {
                let span = (run * stored + times.start) * components..(run * stored + times.end) * components;
                let rows = row..row + times.len();
                row = rows.end;
                lanes.read(lane, &order, &mut motion);
                let kept = span.clone();
                let (position, velocity) = (&mut self.position[span.clone()], &mut self.velocity[span]);
                kernels::between(&motion, &within, rows, position, velocity);
                self.round(kept);
                samples.take(run, times, self, job);
            }
            lanes.commit();
            finished.drain(..).for_each(|lane| lanes.stop(lane));
        }
        match failed {
            Some((run, time)) => Err(SimulateError::Collapsed { run: self.first + run, time }),
            None => Ok(()),
        }
    }

    /// Positions and velocities as they are kept: accelerations are those at what is kept.
    fn round(&mut self, span: std::ops::Range<usize>) {
        if self.rounds {
            let values = self.position[span.clone()].iter_mut().chain(&mut self.velocity[span]);
            values.for_each(|value| *value = f64::from(*value as f32));
        }
    }

    /// Where the attributes of a run are.
    fn attributes(&self, run: usize, job: &Job) -> std::ops::Range<usize> {
        let width = job.system.particles * job.law.attributes.len();
        run * width..(run + 1) * width
    }

    fn check_start(&self, run: usize, start: &Snapshots, job: &Job) -> Result<(), SimulateError> {
        let (components, stored) = (start.particles * start.space, job.times.len());
        let accelerations = &self.acceleration[run * stored * components..][..components];
        match accelerations.iter().position(|a| !a.is_finite()) {
            None => Ok(()),
            Some(component) => {
                let body = component / start.space;
                let (sender, expression) = super::law::not_finite(job.system, start, run, body);
                Err(SimulateError::NotFinite { run: self.first + run, body, sender, expression })
            }
        }
    }

    fn add_noise(&mut self, seed: Seed, job: &Job) {
        let runs = self.drift.len();
        let width = self.position.len() / runs;
        for run in 0..runs {
            let seed = seed.nth((self.first + run) as u64);
            let span = run * width..(run + 1) * width;
            add_noise(job.data.noise, &mut self.position[span.clone()], &mut seed.child("position").stream());
            add_noise(job.data.noise, &mut self.velocity[span], &mut seed.child("velocity").stream());
        }
    }
}

impl Job<'_> {
    fn count_run(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(16) || done == self.data.runs as u64 {
            self.watch.progress(Progress { done, total: self.data.runs as u64, unit: "runs", note: String::new() });
        }
    }
}

/// Stored times that a lane's step has passed.
struct Wanted {
    lane: usize,
    run: usize,
    times: std::ops::Range<usize>,
}

/// The run in a lane, and the stored time it comes to next.
#[derive(Clone, Copy, Debug)]
struct Ride {
    run: usize,
    next: usize,
}

/// Stored configurations that wait for their accelerations and energies, as [component][row].
struct Samples<'a> {
    forces: Forces<'a>,
    order: Vec<usize>,
    position: Aligned,
    velocity: Aligned,
    acceleration: Aligned,
    potential: Aligned,
    /// (run, time) of each row in use.
    rows: Vec<(usize, usize)>,
    /// Energy at the start of each run, and the scale of its drift.
    energy: Vec<(f64, f64)>,
}

impl<'a> Samples<'a> {
    fn new(job: &Job<'a>, runs: usize) -> Samples<'a> {
        let (bodies, space) = (job.system.particles, job.system.space);
        let rows = fitting_rows(job.law, bodies, SAMPLES);
        let vector = || Aligned::zeros(bodies * space * rows);
        Samples {
            forces: Forces::new(job.law, bodies, rows),
            order: geometry::order(bodies, space),
            position: vector(),
            velocity: if job.law.uses_velocity { vector() } else { Aligned::default() },
            acceleration: vector(),
            potential: Aligned::zeros(rows),
            rows: Vec::with_capacity(rows),
            energy: vec![(0.0, 0.0); runs],
        }
    }

    /// Takes configurations of a run that are stored in the batch.
    fn take(&mut self, run: usize, times: std::ops::Range<usize>, batch: &mut Batch, job: &Job) {
        let (components, attributes) = (self.order.len(), batch.attributes(run, job));
        let mut next = times.start;
        while next < times.end {
            if self.rows.len() == self.potential.len() {
                self.flush(batch, job);
            }
            let first = self.rows.len();
            let count = (times.end - next).min(self.potential.len() - first);
            self.forces.set_attributes(first, count, &batch.attribute[attributes.clone()]);
            for time in next..next + count {
                let (row, at) = (self.rows.len(), (run * job.times.len() + time) * components);
                let position = &batch.position[at..at + components];
                geometry::scatter(&self.order, position, self.potential.len(), row, &mut self.position);
                if job.law.uses_velocity {
                    let velocity = &batch.velocity[at..at + components];
                    geometry::scatter(&self.order, velocity, self.potential.len(), row, &mut self.velocity);
                }
                self.rows.push((run, time));
            }
            next += count;
        }
    }

    /// Evaluates the law on all rows and writes accelerations, drifts and largest accelerations into the batch.
    fn flush(&mut self, batch: &mut Batch, job: &Job) {
        let Samples { forces, order, position, velocity, acceleration, potential, rows, energy } = self;
        forces.evaluate(position, velocity, acceleration, Some(potential));
        let components = order.len();
        for (row, &(run, time)) in rows.iter().enumerate() {
            let at = (run * job.times.len() + time) * components;
            let out = &mut batch.acceleration[at..at + components];
            geometry::gather(order, acceleration, potential.len(), row, out);
            batch.largest[run] = out.iter().fold(batch.largest[run], |largest, a| largest.max(a.abs()));
            if !job.law.has_energy {
                batch.drift[run] = f64::NAN;
                continue;
            }
            let attributes = &batch.attribute[batch.attributes(run, job)];
            let mass = |body: usize| job.law.mass.map_or(1.0, |m| attributes[body * job.law.attributes.len() + m]);
            let kinetic = geometry::kinetic(&batch.velocity[at..at + components], job.system.space, mass);
            let total = kinetic + potential[row];
            if time == 0 {
                energy[run] = (total, kinetic + potential[row].abs());
            } else {
                let (at_start, scale) = energy[run];
                let change = (total - at_start).abs();
                batch.drift[run] = batch.drift[run].max(if change == 0.0 { 0.0 } else { change / scale });
            }
        }
        rows.clear();
    }
}
