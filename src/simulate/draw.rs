//! Initial configurations and measurement noise, each number from a stream of its own run and quantity.

use super::{SimulateError, Snapshots};
use crate::base::{Seed, Stream};
use crate::plan::{Distribution, Draw, Noise, SystemPlan};

/// Draws `count` initial configurations; run r comes from `seed.nth(r)` alone. `Err` where a draw uses an unknown
/// symbol or is not finite.
pub fn draw(system: &SystemPlan, count: usize, seed: Seed) -> Result<Snapshots, SimulateError> {
    draw_runs(system, 0..count, seed)
}

/// The configurations of some of the runs.
pub(super) fn draw_runs(
    system: &SystemPlan,
    runs: std::ops::Range<usize>,
    seed: Seed,
) -> Result<Snapshots, SimulateError> {
    let mut drawn = Snapshots {
        count: runs.len(),
        particles: system.particles,
        space: system.space,
        attributes: system.attributes.len(),
        ..Snapshots::default()
    };
    for run in runs {
        let seed = seed.nth(run as u64);
        draw_bodies(&system.position, system.particles, run, seed.child("position"), &mut drawn.position)?;
        draw_bodies(&system.velocity, system.particles, run, seed.child("velocity"), &mut drawn.velocity)?;
        let mut streams: Vec<Stream> =
            system.attributes.iter().map(|attribute| seed.child(&attribute.name).stream()).collect();
        for body in 0..system.particles {
            for (attribute, stream) in system.attributes.iter().zip(&mut streams) {
                drawn.attribute.push(sample(&attribute.draw, body, system.particles, run, stream)?);
            }
        }
    }
    Ok(drawn)
}

/// Adds measurement noise to the values of one run.
pub(super) fn add_noise(noise: Noise, values: &mut [f64], stream: &mut Stream) {
    match noise {
        Noise::None => {}
        Noise::Relative(share) => values.iter_mut().for_each(|value| *value *= 1.0 + share * stream.normal()),
        Noise::Absolute(deviation) => values.iter_mut().for_each(|value| *value += deviation * stream.normal()),
    }
}

fn draw_bodies(
    draws: &[Draw],
    bodies: usize,
    run: usize,
    seed: Seed,
    values: &mut Vec<f64>,
) -> Result<(), SimulateError> {
    let mut stream = seed.stream();
    for body in 0..bodies {
        for draw in draws {
            values.push(sample(draw, body, bodies, run, &mut stream)?);
        }
    }
    Ok(())
}

fn sample(draw: &Draw, body: usize, bodies: usize, run: usize, stream: &mut Stream) -> Result<f64, SimulateError> {
    let drawn: Vec<f64> = draw.draws.iter().map(|distribution| number(distribution, stream)).collect();
    let lookup = |symbol: &str| match symbol {
        "i.index" => Some((body + 1) as f64),
        "particles" => Some(bodies as f64),
        _ => drawn.get(symbol.strip_prefix('$')?.parse::<usize>().ok()?).copied(),
    };
    let value = draw.value.eval(&lookup).map_err(|name| SimulateError::UnknownSymbol { name })?;
    if !value.is_finite() {
        let expression = crate::expr::print::infix(&draw.value);
        return Err(SimulateError::NotFinite { run, body, sender: None, expression });
    }
    Ok(value)
}

fn number(distribution: &Distribution, stream: &mut Stream) -> f64 {
    match distribution {
        Distribution::Normal { mean, deviation } => mean + deviation * stream.normal(),
        Distribution::LogNormal { mu, sigma } => libm::exp(mu + sigma * stream.normal()),
        Distribution::Uniform { low, high } => low + (high - low) * stream.uniform(),
        Distribution::LogUniform { low, high } => {
            libm::exp(libm::log(*low) + (libm::log(*high) - libm::log(*low)) * stream.uniform())
        }
        Distribution::Choice(values) if values.is_empty() => f64::NAN,
        Distribution::Choice(values) => values[stream.below(values.len())],
    }
}
