//! Simulations per second of one thread with the energy drift: 1,000 steps, all stored, of the systems of Cranmer
//! et al. 2020 (distances softened by 0.01, masses log-normal, positions and velocities standard normal).

use sdl::base::{Name, Silent};
use sdl::expr::Expr;
use sdl::plan::{
    Attribute, Boundary, DataPlan, DataSource, Distribution, Draw, Links, Noise, Split, SystemPlan, all_measured,
    symbols,
};
use sdl::simulate::{Trajectories, simulate};
use std::time::Instant;

fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread can be started");
    for (case, energy, particles, space, dt, runs) in [
        ("spring_n4_2d", spring(), 4, 2, 0.01, 2_000),
        ("inverse_square_n4_2d", gravity(), 4, 2, 0.001, 2_000),
        ("inverse_square_n8_3d", gravity(), 8, 3, 0.001, 1_000),
    ] {
        let system = system(energy, particles, space);
        for tolerance in [1e-10] {
            let data = data(runs, dt, tolerance);
            // The first round warms caches and clocks up; the better of two more counts.
            let (mut best, mut best_cpu) = (f64::INFINITY, f64::INFINITY);
            let mut drift = vec![];
            for _ in 0..3 {
                let (start, cpu) = (Instant::now(), cpu_seconds());
                let out: Trajectories =
                    pool.install(|| simulate(&system, &data, &Silent)).expect("the systems of the bench are sound");
                best = best.min(start.elapsed().as_secs_f64());
                best_cpu = best_cpu.min(cpu_seconds() - cpu);
                drift = out.drift;
            }
            drift.sort_by(f64::total_cmp);
            let case = format!("{case}_tolerance_{tolerance:e}");
            for (metric, value, unit) in [
                ("rate", runs as f64 / best, "runs/s"),
                ("rate_of_cpu_time", runs as f64 / best_cpu, "runs/s"),
                ("drift_median", drift[runs / 2], "relative"),
                ("drift_worst", drift[runs - 1], "relative"),
            ] {
                println!(
                    r#"{{"bench":"simulate","case":"{case}","impl":"sdl","threads":1,"metric":"{metric}","value":{value:e},"unit":"{unit}"}}"#
                );
            }
        }
    }
}

/// Processor time of this process, in steps of 10 ms: what the rate would be on a machine with nothing else to do.
/// NaN where the system does not tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|text| text.parse::<f64>().ok()).unwrap_or(f64::NAN);
    (ticks(11) + ticks(12)) / 100.0
}

fn softened() -> Expr {
    Expr::symbol(symbols::DISTANCE) + 0.01.into()
}

fn spring() -> Expr {
    (softened() - 1.0.into()).pow(2.0)
}

fn gravity() -> Expr {
    -(Expr::symbol("i.mass") * Expr::symbol("j.mass")) / softened()
}

fn system(energy: Expr, particles: usize, space: usize) -> SystemPlan {
    let draw = |distribution| Draw { value: Expr::symbol("$0"), draws: vec![distribution] };
    let normal = || draw(Distribution::Normal { mean: 0.0, deviation: 1.0 });
    SystemPlan {
        name: Name::new("bench"),
        space,
        particles,
        links: Links::All,
        boundary: Boundary::Open,
        attributes: vec![Attribute {
            name: Name::new("mass"),
            draw: draw(Distribution::LogNormal { mu: 0.0, sigma: 1.0 }),
        }],
        position: (0..space).map(|_| normal()).collect(),
        velocity: (0..space).map(|_| normal()).collect(),
        pair_energy: Some(energy),
        body_energy: None,
        pair_force: vec![],
        body_force: vec![],
        conserves: vec![],
        dt: None,
    }
}

fn data(runs: usize, dt: f64, tolerance: f64) -> DataPlan {
    DataPlan {
        from: DataSource::System(Name::new("bench")),
        runs,
        steps: 1_000,
        dt,
        keep: 1,
        noise: Noise::None,
        measured: all_measured(),
        split: Split { train: 0.8, validation: 0.1, test: 0.1 },
        trim: 0.0,
        tolerance,
        hold_out: None,
        seed: 1,
    }
}
