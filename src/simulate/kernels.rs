//! The loops over lanes. An array of vectors is [component][lane] with `width` lanes; per-lane scalars are [lane].

#![allow(clippy::needless_range_loop)] // one index for many arrays: the plainest form for the compiler's vectors

use super::aligned::Aligned;
use super::collocation::Collocation;
use super::widest::widest;

/// What moves in a step of all lanes; see the fields of [`super::lanes::Lanes`].
pub struct Start<'a> {
    /// Positions at the start of the step.
    pub position: &'a [f64],
    /// Velocities at the start of the step.
    pub velocity: &'a [f64],
    /// Step sizes.
    pub step: &'a [f64],
}

/// Where the results of a whole step go.
pub struct End<'a, const N: usize> {
    /// Positions at the end.
    pub position: &'a mut [f64],
    /// Velocities at the end.
    pub velocity: &'a mut [f64],
    /// Coefficients of the acceleration.
    pub series: &'a mut [Aligned; N],
    /// Largest component of the last coefficient.
    pub last: &'a mut [f64],
    /// Largest component of the velocity, at either end.
    pub speed: &'a mut [f64],
}

widest! {
    /// Accelerations at the nodes after the first, foretold by the polynomial of the step before; `ratio` is twice the
    /// new step over the old.
    pub fn foretell<const N: usize>(
        table: &Collocation<N>, series: &[Aligned; N], ratio: &[f64], nodes: &mut [Aligned; N],
    ) {
        let width = ratio.len();
        let series = series.each_ref().map(|series| &series[..]);
        let nodes = nodes.each_mut().map(|node| &mut node[..]);
        for at in (0..nodes[0].len()).step_by(width) {
            let series: [&[f64]; N] = std::array::from_fn(|p| &series[p][at..at + width]);
            for n in 1..N {
                let out = &mut nodes[n][at..at + width];
                for lane in 0..width {
                    let u = ratio[lane].mul_add(table.nodes[n], 1.0);
                    let mut value = series[N - 1][lane];
                    for p in (0..N - 1).rev() {
                        value = value.mul_add(u, series[p][lane]);
                    }
                    out[lane] = value;
                }
            }
        }
    }

    /// Positions at node `n`.
    pub fn position_at<const N: usize>(
        table: &Collocation<N>, n: usize, start: &Start, nodes: &[Aligned; N], out: &mut [f64],
    ) {
        let width = start.step.len();
        let (row, share) = (&table.to_position[n], table.nodes[n]);
        let nodes = nodes.each_ref().map(|node| &node[..]);
        for at in (0..out.len()).step_by(width) {
            let nodes: [&[f64]; N] = std::array::from_fn(|k| &nodes[k][at..at + width]);
            let position = &start.position[at..at + width];
            let velocity = &start.velocity[at..at + width];
            let out = &mut out[at..at + width];
            let step = &start.step[..width];
            for lane in 0..width {
                let mut sum = row[0] * nodes[0][lane];
                for k in 1..N {
                    sum = row[k].mul_add(nodes[k][lane], sum);
                }
                let h = step[lane];
                out[lane] = h.mul_add(h.mul_add(sum, share * velocity[lane]), position[lane]);
            }
        }
    }

    /// Velocities at node `n`.
    pub fn velocity_at<const N: usize>(
        table: &Collocation<N>, n: usize, start: &Start, nodes: &[Aligned; N], out: &mut [f64],
    ) {
        let width = start.step.len();
        let row = &table.to_velocity[n];
        let nodes = nodes.each_ref().map(|node| &node[..]);
        for at in (0..out.len()).step_by(width) {
            let nodes: [&[f64]; N] = std::array::from_fn(|k| &nodes[k][at..at + width]);
            let velocity = &start.velocity[at..at + width];
            let out = &mut out[at..at + width];
            let step = &start.step[..width];
            for lane in 0..width {
                let mut sum = row[0] * nodes[0][lane];
                for k in 1..N {
                    sum = row[k].mul_add(nodes[k][lane], sum);
                }
                out[lane] = step[lane].mul_add(sum, velocity[lane]);
            }
        }
    }

    /// Largest component of the difference of two vectors, or of what was there before.
    pub fn largest_change(a: &[f64], b: &[f64], largest: &mut [f64]) {
        let width = largest.len();
        for (a, b) in a.chunks_exact(width).zip(b.chunks_exact(width)) {
            for lane in 0..width {
                largest[lane] = larger((a[lane] - b[lane]).abs(), largest[lane]);
            }
        }
    }

    /// Everything that a finished step leaves.
    pub fn finish<const N: usize>(
        table: &Collocation<N>, start: &Start, nodes: &[Aligned; N], end: End<N>,
    ) {
        let width = start.step.len();
        let step = &start.step[..width];
        let (last, speed) = (&mut end.last[..width], &mut end.speed[..width]);
        let nodes = nodes.each_ref().map(|node| &node[..]);
        let all_series = end.series.each_mut().map(|series| &mut series[..]);
        last.fill(0.0);
        speed.fill(0.0);
        for at in (0..start.position.len()).step_by(width) {
            let nodes: [&[f64]; N] = std::array::from_fn(|k| &nodes[k][at..at + width]);
            for p in 0..N {
                let out = &mut all_series[p][at..at + width];
                let row = &table.series[p];
                for lane in 0..width {
                    let mut sum = row[0] * nodes[0][lane];
                    for k in 1..N {
                        sum = row[k].mul_add(nodes[k][lane], sum);
                    }
                    out[lane] = sum;
                }
            }
            let series = &all_series[N - 1][at..at + width];
            let (position, velocity) = (&start.position[at..at + width], &start.velocity[at..at + width]);
            let (to_position, to_velocity) = (&table.to_position[N - 1], &table.to_velocity[N - 1]);
            let end_position = &mut end.position[at..at + width];
            let end_velocity = &mut end.velocity[at..at + width];
            for lane in 0..width {
                let (mut x, mut v) = (to_position[0] * nodes[0][lane], to_velocity[0] * nodes[0][lane]);
                for k in 1..N {
                    x = to_position[k].mul_add(nodes[k][lane], x);
                    v = to_velocity[k].mul_add(nodes[k][lane], v);
                }
                let h = step[lane];
                end_position[lane] = h.mul_add(h.mul_add(x, velocity[lane]), position[lane]);
                let v = h.mul_add(v, velocity[lane]);
                end_velocity[lane] = v;
                speed[lane] = larger(larger(v.abs(), velocity[lane].abs()), speed[lane]);
                last[lane] = larger(series[lane].abs(), last[lane]);
            }
        }
    }

    /// Copies the lanes where `accepted` is not 0.
    pub fn copy_accepted(accepted: &[f64], from: &[f64], to: &mut [f64]) {
        let width = accepted.len();
        for (from, to) in from.chunks_exact(width).zip(to.chunks_exact_mut(width)) {
            for lane in 0..width {
                to[lane] = if accepted[lane] != 0.0 { from[lane] } else { to[lane] };
            }
        }
    }

    /// A motion at the shares of its step in `times[rows]`; `position` and `velocity` are [row][component].
    pub fn between<const N: usize>(
        motion: &Motion, times: &Times<N>, rows: std::ops::Range<usize>, position: &mut [f64], velocity: &mut [f64],
    ) {
        let (count, h) = (motion.values.len() / (N + 3), motion.step);
        let [x0, v0, rate] = std::array::from_fn(|part| &motion.values[part * count..][..count]);
        let series: [&[f64]; N] = std::array::from_fn(|p| &motion.values[(p + 3) * count..][..count]);
        let outputs = position.chunks_exact_mut(count).zip(velocity.chunks_exact_mut(count));
        for (row, (position, velocity)) in rows.zip(outputs) {
            let share = times.shares[row];
            let x_weights: [f64; N] = std::array::from_fn(|p| times.position[p][row]);
            let v_weights: [f64; N] = std::array::from_fn(|p| times.velocity[p][row]);
            for c in 0..count {
                let (mut x, mut v) = (0.0, v0[c]);
                for p in 0..N {
                    x = x_weights[p].mul_add(series[p][c], x);
                    v = v_weights[p].mul_add(series[p][c], v);
                }
                position[c] = h.mul_add(x, share.mul_add(rate[c], x0[c]));
                velocity[c] = v;
            }
        }
    }

    /// Computes the weights that belong to the shares: those with which the coefficient of u^p enters position (times
    /// step²) and velocity (times step).
    pub fn weigh<const N: usize>(times: &mut Times<N>) {
        let rows = times.shares.len();
        times.power.clear();
        times.power.resize(rows, 1.0);
        let (shares, power) = (&times.shares[..rows], &mut times.power[..rows]);
        let mut sign = -1.0; // (-1)^(p+1)
        for p in 0..N {
            let (next, after) = (0.5 / (p + 1) as f64, 0.5 / (p + 2) as f64);
            times.position[p].resize(rows, 0.0);
            times.velocity[p].resize(rows, 0.0);
            let position = &mut times.position[p][..rows];
            let velocity = &mut times.velocity[p][..rows];
            for row in 0..rows {
                let u = 2.0 * shares[row] - 1.0;
                power[row] *= u;
                velocity[row] = next * (power[row] - sign);
                position[row] = next * (after * (power[row] * u + sign) - sign * shares[row]);
            }
            sign = -sign;
        }
    }
}

/// A step of one lane as [part][component]: position and velocity at the start, velocity times step, and the
/// coefficients of the acceleration times step.
#[derive(Clone, Debug, Default)]
pub struct Motion {
    /// The step size.
    pub step: f64,
    /// The parts.
    pub values: Vec<f64>,
}

/// Shares of steps with their weights; see [`weigh`].
#[derive(Clone, Debug)]
pub struct Times<const N: usize> {
    /// Shares of the step, from 0 to 1.
    pub shares: Vec<f64>,
    position: [Vec<f64>; N],
    velocity: [Vec<f64>; N],
    power: Vec<f64>,
}

impl<const N: usize> Times<N> {
    /// No shares yet.
    pub fn new() -> Times<N> {
        let none = || std::array::from_fn(|_| vec![]);
        Times { shares: vec![], position: none(), velocity: none(), power: vec![] }
    }
}

/// The larger of two; NaN where one is NaN.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}
