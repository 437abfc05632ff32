//! The integrator: many runs side by side, each lane with its own time and step size.
//!
//! A step is a collocation polynomial at `N` Lobatto nodes, found by a fixed number of Gauss–Seidel sweeps from what
//! the polynomial of the step before foretells. The fixed number keeps all lanes in the same phase, so that no lane
//! computes in vain but for rejected steps; the step size is chosen so that the sweeps converge. Compared with the
//! explicit Runge–Kutta pair of order 8 (DOP853) it needs fewer evaluations at the same energy drift on the systems
//! here, has its dense output for nothing, and without velocities in the law moves positions only.
//!
//! Errors are velocities, relative to the largest speed in the lane. Two are watched: the last coefficient of the
//! polynomial (interpolation) and what the last sweep still changed (convergence). Where a step is rejected twice in
//! a row the law is taken to be rough (a jump or a kink): there the tolerance itself bounds both.

use super::aligned::Aligned;
use super::collocation::Collocation;
use super::kernels::{self, End, Motion, Start};

/// Gauss–Seidel sweeps of a step.
const SWEEPS: usize = 2;
/// A step is chosen so much smaller than its error would allow.
const SAFETY: f64 = 0.85;
/// Least and greatest change of the step size.
const SMALLEST_FACTOR: f64 = 0.15;
const LARGEST_FACTOR: f64 = 2.0;
/// No step is smaller: a run that needs one cannot go on, nor one whose steps no longer move its time.
const SMALLEST_STEP: f64 = 1e-290;
/// Tries of steps after which a run is given up.
const MOST_TRIES: u32 = 20_000_000;

/// What is integrated: accelerations of all lanes at once, arrays as [component][lane].
pub trait Field {
    /// Whether the velocities given to `accelerations` are read.
    fn uses_velocity(&self) -> bool;
    /// Writes the accelerations.
    fn accelerations(&mut self, position: &[f64], velocity: &[f64], out: &mut [f64]);
}

/// Bounds on the two error measures of a step.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    series: f64,
    change: f64,
    rough: f64,
}

impl Control {
    /// The bounds that keep errors of a step near `tolerance`. The measures are larger than the errors they stand
    /// for: with N nodes the last coefficient is of order N in the step against the N + 1 that is neglected, and a
    /// further sweep would change the square of the step times as much as the last one did. The factors were set so
    /// that the energy drift of the systems of the bench `simulate` stays a few times the tolerance.
    pub fn new<const N: usize>(tolerance: f64) -> Control {
        let n = N as f64;
        let ease = (1u64 << (N - 3)) as f64;
        let series = 1.5 * ease * libm::pow(tolerance, n / (n + 1.0));
        let change = 0.6 * ease * libm::pow(tolerance, (n + 3.0) / (n + 5.0));
        Control { series, change, rough: tolerance }
    }
}

/// What became of a lane's step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The lane holds no run.
    Idle,
    /// The step is to be tried again, smaller.
    Rejected,
    /// The step stands.
    Accepted,
    /// The step size has collapsed: the run cannot go on.
    Collapsed,
}

/// The state of all lanes. Vectors are [component][lane].
pub struct Lanes<const N: usize> {
    table: Collocation<N>,
    width: usize,
    /// Time at the start of the step.
    pub time: Aligned,
    /// Step size of the step last tried.
    pub step: Aligned,
    /// What became of it.
    pub verdict: Vec<Verdict>,
    next_step: Aligned,
    /// Error of the step accepted last; 0 before the first.
    error_before: Aligned,
    /// Tries in all, and rejected ones since the step accepted last.
    tries: Vec<u32>,
    rejections: Vec<u32>,
    position: Aligned,
    velocity: Aligned,
    nodes: [Aligned; N],
    /// Of the step last accepted, whose size is `series_step`.
    series: [Aligned; N],
    series_step: Aligned,
    trial: Trial<N>,
}

/// What a step not yet accepted has found, and room to work.
struct Trial<const N: usize> {
    position: Aligned,
    velocity: Aligned,
    series: [Aligned; N],
    fresh: Aligned,
    ratio: Aligned,
    accepted: Aligned,
    change: Aligned,
    last: Aligned,
    speed: Aligned,
}

impl<const N: usize> Lanes<N> {
    /// `width` idle lanes of runs with so many components.
    pub fn new(components: usize, width: usize) -> Lanes<N> {
        let vector = || Aligned::zeros(components * width);
        let scalar = || Aligned::zeros(width);
        let many = || std::array::from_fn(|_| Aligned::zeros(components * width));
        Lanes {
            table: Collocation::new(),
            width,
            time: scalar(),
            step: scalar(),
            verdict: vec![Verdict::Idle; width],
            next_step: scalar(),
            error_before: scalar(),
            tries: vec![0; width],
            rejections: vec![0; width],
            position: vector(),
            velocity: vector(),
            nodes: many(),
            series: many(),
            series_step: std::iter::repeat_n(1.0, width).collect(),
            trial: Trial {
                position: vector(),
                velocity: vector(),
                series: many(),
                fresh: vector(),
                ratio: scalar(),
                accepted: scalar(),
                change: scalar(),
                last: scalar(),
                speed: scalar(),
            },
        }
    }

    /// Number of lanes.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Puts a run into a lane: from time 0 to `end`, with positions, velocities and accelerations by component.
    pub fn start(&mut self, lane: usize, end: f64, state: impl Fn(usize) -> [f64; 3]) {
        let (mut size, mut speed, mut pull) = (0.0f64, 0.0f64, 0.0f64);
        for component in 0..self.position.len() / self.width {
            let at = component * self.width + lane;
            let [position, velocity, acceleration] = state(component);
            self.position[at] = position;
            self.velocity[at] = velocity;
            self.nodes[0][at] = acceleration;
            self.series[0][at] = acceleration;
            for p in 1..N {
                self.series[p][at] = 0.0;
            }
            size = size.max(position.abs());
            speed = speed.max(velocity.abs());
            pull = pull.max(acceleration.abs());
        }
        // The time in which the law bends the motion, or moves what rests.
        let scale = match (speed > 0.0, pull > 0.0) {
            (true, true) => speed / pull,
            (false, true) => (size.max(f64::MIN_POSITIVE) / pull).sqrt(),
            _ => end,
        };
        self.time[lane] = 0.0;
        self.next_step[lane] = (0.02 * scale).min(end);
        self.series_step[lane] = end;
        self.error_before[lane] = 0.0;
        self.tries[lane] = 0;
        self.rejections[lane] = 0;
        self.verdict[lane] = Verdict::Rejected;
    }

    /// Makes a lane idle.
    pub fn stop(&mut self, lane: usize) {
        self.verdict[lane] = Verdict::Idle;
        self.next_step[lane] = 0.0;
    }

    /// Keeps only the given lanes, in this order, in so few more lanes that the width is a multiple of `multiple`.
    pub fn narrow(&mut self, keep: &[usize], multiple: usize) {
        let (old, new) = (self.width, keep.len().next_multiple_of(multiple).min(self.width));
        let from = |lane: usize| keep.get(lane).copied().unwrap_or(keep[0]);
        let pack = |array: &mut Aligned| {
            *array = (0..array.len() / old * new).map(|at| array[at / new * old + from(at % new)]).collect();
        };
        let trial = &mut self.trial;
        let scalars = [&mut self.time, &mut self.step, &mut self.next_step, &mut self.series_step];
        scalars.into_iter().chain([&mut self.error_before]).for_each(pack);
        [&mut self.position, &mut self.velocity].into_iter().for_each(pack);
        self.nodes.iter_mut().chain(&mut self.series).chain(&mut trial.series).for_each(pack);
        [&mut trial.position, &mut trial.velocity, &mut trial.fresh].into_iter().for_each(pack);
        [&mut trial.ratio, &mut trial.accepted, &mut trial.change, &mut trial.last, &mut trial.speed]
            .into_iter()
            .for_each(pack);
        self.tries = (0..new).map(|lane| self.tries[from(lane)]).collect();
        self.rejections = (0..new).map(|lane| self.rejections[from(lane)]).collect();
        self.verdict = (0..new).map(|lane| keep.get(lane).map_or(Verdict::Idle, |&lane| self.verdict[lane])).collect();
        self.width = new;
    }

    /// Tries one step of every lane and says in `verdict` what became of it. Between this and [`Lanes::commit`] the
    /// accepted steps can be read with [`Lanes::read`].
    pub fn attempt(&mut self, field: &mut impl Field, control: &Control) {
        let trial = &mut self.trial;
        self.step.copy_from_slice(&self.next_step);
        for lane in 0..self.width {
            trial.ratio[lane] = 2.0 * self.step[lane] / self.series_step[lane];
        }
        kernels::foretell(&self.table, &self.series, &trial.ratio, &mut self.nodes);
        let moves = field.uses_velocity();
        for sweep in 1..=SWEEPS {
            trial.change.fill(0.0);
            for n in 1..N {
                let start = Start { position: &self.position, velocity: &self.velocity, step: &self.step };
                kernels::position_at(&self.table, n, &start, &self.nodes, &mut trial.position);
                if moves {
                    kernels::velocity_at(&self.table, n, &start, &self.nodes, &mut trial.velocity);
                }
                field.accelerations(&trial.position, &trial.velocity, &mut trial.fresh);
                if sweep == SWEEPS {
                    kernels::largest_change(&trial.fresh, &self.nodes[n], &mut trial.change);
                }
                std::mem::swap(&mut trial.fresh, &mut self.nodes[n]);
            }
        }
        let start = Start { position: &self.position, velocity: &self.velocity, step: &self.step };
        let end = End {
            position: &mut trial.position,
            velocity: &mut trial.velocity,
            series: &mut trial.series,
            last: &mut trial.last,
            speed: &mut trial.speed,
        };
        kernels::finish(&self.table, &start, &self.nodes, end);
        for lane in 0..self.width {
            if self.verdict[lane] != Verdict::Idle {
                self.judge(lane, control);
            }
        }
    }

    /// Accepts or rejects a lane's step and chooses the next step size, with a look at how the error grew from the step
    /// before (Gustafsson 1994): encounters are met with fewer rejections.
    fn judge(&mut self, lane: usize, control: &Control) {
        self.tries[lane] += 1;
        let h = self.step[lane];
        let speed = self.trial.speed[lane];
        let per_speed = if speed == 0.0 { 0.0 } else { h / speed };
        let rough = self.rejections[lane] >= 2;
        let (series, change) = if rough { (control.rough, control.rough) } else { (control.series, control.change) };
        // The last power on [-1, 1] is 2^(2-N) beyond what lower powers can give.
        let series = self.trial.last[lane] * per_speed / ((1u64 << (N - 2)) as f64 * series);
        let change = self.trial.change[lane] * per_speed / change;
        let error = if series > change || series.is_nan() { series } else { change };
        let trend = match self.error_before[lane] {
            before if before > 0.0 => (h / self.series_step[lane]) * shrink::<N>(error / before),
            _ => 1.0,
        };
        let factor = if error.is_finite() { SAFETY * shrink::<N>(error) * trend.min(1.0) } else { 0.0 };
        if error <= 1.0 {
            self.next_step[lane] = h * factor.clamp(SMALLEST_FACTOR, LARGEST_FACTOR);
            self.error_before[lane] = error.max(1e-4);
            self.rejections[lane] = 0;
            self.verdict[lane] = Verdict::Accepted;
        } else {
            self.next_step[lane] = h * factor.clamp(SMALLEST_FACTOR, 0.9);
            self.rejections[lane] += 1;
            let smallest = SMALLEST_STEP.max(f64::EPSILON * self.time[lane]);
            let hopeless = h <= smallest || self.tries[lane] >= MOST_TRIES;
            self.verdict[lane] = if hopeless { Verdict::Collapsed } else { Verdict::Rejected };
        }
    }

    /// The accepted step of a lane, ready to be evaluated within it; its component `c` is `order[c]` here.
    pub fn read(&self, lane: usize, order: &[usize], motion: &mut Motion) {
        let (h, width) = (self.step[lane], self.width);
        motion.step = h;
        motion.values.resize((N + 3) * order.len(), 0.0);
        let (start, series) = motion.values.split_at_mut(3 * order.len());
        for (c, &component) in order.iter().enumerate() {
            let at = component * width + lane;
            start[c] = self.position[at];
            start[order.len() + c] = self.velocity[at];
            start[2 * order.len() + c] = h * self.velocity[at];
            for p in 0..N {
                series[p * order.len() + c] = h * self.trial.series[p][at];
            }
        }
    }

    /// Moves all accepted lanes to the end of their steps.
    pub fn commit(&mut self) {
        let trial = &mut self.trial;
        for lane in 0..self.width {
            if self.verdict[lane] == Verdict::Accepted {
                trial.accepted[lane] = 1.0;
                self.time[lane] += self.step[lane];
                self.series_step[lane] = self.step[lane];
            } else {
                trial.accepted[lane] = 0.0;
            }
        }
        kernels::copy_accepted(&trial.accepted, &trial.position, &mut self.position);
        kernels::copy_accepted(&trial.accepted, &trial.velocity, &mut self.velocity);
        for (from, to) in trial.series.iter().zip(&mut self.series) {
            kernels::copy_accepted(&trial.accepted, from, to);
        }
        let (first, others) = self.nodes.split_at_mut(1);
        kernels::copy_accepted(&trial.accepted, &others[N - 2], &mut first[0]);
    }
}

/// error^(-1/p), where p is the power of two next to N: square roots give equal bits on every machine.
fn shrink<const N: usize>(error: f64) -> f64 {
    let mut root = error.max(1e-30);
    for _ in 0..N.ilog2() {
        root = root.sqrt();
    }
    1.0 / root
}
