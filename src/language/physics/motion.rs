//! How fast the bodies of a system move, for steps that are too long.

use super::configuration::Configuration;
use super::draws;
use super::forces::Forces;
use crate::plan::SystemPlan;

/// Relative size of the displacements by which slopes are measured.
const NUDGE: f64 = 1e-4;

/// The shortest time in which a body swings once, or its velocity dies away: the median over drawn configurations of
/// the fastest body's. `None` where nothing pulls back or damps.
///
/// From the slopes of accelerations over the body's own position (a square of an angular rate) and velocity (a rate).
pub fn fastest_period(plan: &SystemPlan) -> Option<f64> {
    let forces = Forces::of(plan);
    let mut rates: Vec<f64> = draws(plan).iter().map(|at| fastest_rate(&forces, at, plan.space)).collect();
    rates.retain(|rate| rate.is_finite());
    rates.sort_by(f64::total_cmp);
    let rate = *rates.get(rates.len() / 2)?;
    (rate > 0.0).then(|| std::f64::consts::TAU / rate)
}

fn fastest_rate(forces: &Forces, at: &Configuration, space: usize) -> f64 {
    let size =
        |vectors: &[Vec<f64>]| vectors.iter().flatten().map(|x| x.abs()).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let (far, fast) = (NUDGE * size(&at.position), NUDGE * size(&at.velocity));
    let mut rate: f64 = 0.0;
    for body in 0..at.particles {
        let before = forces.on_body(at, body);
        for k in 0..space {
            let mut moved = at.clone();
            moved.position[body][k] += far;
            rate = rate.max(libm::sqrt(slope(forces, &before, &moved, body, far)));
            let mut faster = at.clone();
            faster.velocity[body][k] += fast;
            rate = rate.max(slope(forces, &before, &faster, body, fast));
        }
    }
    rate
}

/// The largest change of the body's acceleration per change of its state.
fn slope(forces: &Forces, before: &[f64], at: &Configuration, body: usize, change: f64) -> f64 {
    let after = forces.on_body(at, body);
    let steepest = before.iter().zip(after).map(|(x, y)| (y - x).abs()).fold(0.0, f64::max);
    steepest / change / at.mass(body)
}
