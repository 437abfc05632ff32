//! Mechanics against closed solutions, and what must not depend on lanes, batches and threads.

use super::*;
use crate::base::{Name, Progress, Seed, Silent, Watch};
use crate::expr::{Expr, Op};
use crate::plan::{
    Attribute, Boundary, DataPlan, DataSource, Distribution, Draw, Links, Noise, Split, SystemPlan, all_measured,
    symbols,
};

const SPLIT: Split = Split { train: 0.7, validation: 0.1, test: 0.2 };

fn number(value: f64) -> Expr {
    value.into()
}

fn distance() -> Expr {
    symbols::DISTANCE.into()
}

fn fixed(value: Expr) -> Draw {
    Draw { value, draws: vec![] }
}

fn drawn(distribution: Distribution) -> Draw {
    Draw { value: "$0".into(), draws: vec![distribution] }
}

fn normal() -> Draw {
    drawn(Distribution::Normal { mean: 0.0, deviation: 1.0 })
}

/// Random positions and velocities, log-normal masses, no forces.
fn free(particles: usize, space: usize) -> SystemPlan {
    let mass = Attribute { name: "mass".into(), draw: drawn(Distribution::LogNormal { mu: 0.0, sigma: 1.0 }) };
    SystemPlan {
        name: "test".into(),
        space,
        particles,
        links: Links::All,
        boundary: Boundary::Open,
        attributes: vec![mass],
        position: (0..space).map(|_| normal()).collect(),
        velocity: (0..space).map(|_| normal()).collect(),
        pair_energy: None,
        body_energy: None,
        pair_force: vec![],
        body_force: vec![],
        conserves: vec![],
        dt: None,
    }
}

fn springs(particles: usize, space: usize) -> SystemPlan {
    SystemPlan { pair_energy: Some((distance() - 0.99.into()).pow(2.0)), ..free(particles, space) }
}

fn gravity(particles: usize, space: usize, softening: f64) -> SystemPlan {
    let masses = Expr::symbol("i.mass") * Expr::symbol("j.mass");
    SystemPlan { pair_energy: Some(-masses / (distance() + softening.into())), ..free(particles, space) }
}

/// One or two bodies of mass 1 on the x axis, at `apart * (index - 1.5)`, with such velocities along the last axis.
fn on_axis(system: SystemPlan, apart: f64, speed: f64) -> SystemPlan {
    let spread = |by: f64| fixed((Expr::symbol("i.index") - 1.5.into()) * number(by));
    let last = system.space - 1;
    SystemPlan {
        attributes: vec![Attribute { name: "mass".into(), draw: fixed(1.0.into()) }],
        position: (0..=last).map(|k| spread(if k == 0 { apart } else { 0.0 })).collect(),
        velocity: (0..=last).map(|k| spread(if k == last { speed } else { 0.0 })).collect(),
        ..system
    }
}

fn data(runs: usize, steps: usize, dt: f64) -> DataPlan {
    DataPlan {
        from: DataSource::System("test".into()),
        runs,
        steps,
        dt,
        keep: 1,
        noise: Noise::None,
        measured: all_measured(),
        split: SPLIT,
        trim: 0.0,
        tolerance: 1e-10,
        hold_out: None,
        seed: 7,
    }
}

fn run(system: &SystemPlan, data: &DataPlan) -> Trajectories {
    simulate(system, data, &Silent).unwrap()
}

fn plain(numbers: &Numbers) -> Vec<f64> {
    numbers.values().to_vec()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn two_bodies_keep_to_the_ellipse_as_closely_as_asked() {
    // Relative motion about a centre of strength 2, from the far end of an ellipse: a = 1 / (2 - v²/2).
    let speed: f64 = 0.9;
    let axis = 1.0 / (2.0 - speed * speed / 2.0);
    let eccentricity = 1.0 / axis - 1.0;
    let rate = (2.0 / axis.powi(3)).sqrt();
    let system = on_axis(gravity(2, 2, 0.0), 1.0, speed);
    let mut errors = vec![];
    for tolerance in [1e-6, 1e-8, 1e-10, 1e-12] {
        let out = run(&system, &DataPlan { tolerance, ..data(1, 400, 0.05) });
        let mut worst = 0.0f64;
        for (t, position) in out.times.iter().zip(out.position.values().to_vec().chunks_exact(4)) {
            let mean = rate * t + std::f64::consts::PI;
            let mut anomaly = mean;
            for _ in 0..50 {
                anomaly -= (anomaly - eccentricity * anomaly.sin() - mean) / (1.0 - eccentricity * anomaly.cos());
            }
            let x = -axis * (anomaly.cos() - eccentricity);
            let y = -axis * (1.0 - eccentricity * eccentricity).sqrt() * anomaly.sin();
            worst = worst.max((position[2] - position[0] - x).hypot(position[3] - position[1] - y));
        }
        assert!(out.drift[0] < 30.0 * tolerance, "drift {} at {tolerance}", out.drift[0]);
        errors.push(worst);
    }
    assert!(errors[2] < 1e-7 && errors[3] < 1e-9, "{errors:?}");
    assert!(errors.windows(2).all(|pair| pair[1] < 0.2 * pair[0]), "{errors:?}");
}

#[test]
fn an_oscillator_and_a_damped_body_follow_their_closed_forms() {
    let x = || Expr::symbol("i.position.x");
    let oscillator = SystemPlan { body_energy: Some(x().pow(2.0) * 4.5.into()), ..on_axis(free(1, 1), -2.0, -6.0) };
    let out = run(&oscillator, &data(1, 300, 0.1));
    for ((t, x), v) in out.times.iter().zip(out.position.values().iter()).zip(out.velocity.values().iter()) {
        // From x = 1, v = 3 with frequency 3.
        assert!((x - (3.0 * t).cos() - (3.0 * t).sin()).abs() < 3e-8, "x({t}) = {x}");
        assert!((v - 3.0 * (3.0 * t).cos() + 3.0 * (3.0 * t).sin()).abs() < 1e-7, "v({t}) = {v}");
    }
    assert!(out.drift[0] < 1e-9);

    let heavy = Attribute { name: "mass".into(), draw: fixed(2.0.into()) };
    let damped = SystemPlan {
        body_force: vec![Expr::symbol("i.velocity.x") * number(-0.6)],
        attributes: vec![heavy],
        ..on_axis(free(1, 1), 0.0, -2.0)
    };
    let out = run(&damped, &data(1, 100, 0.1));
    for ((t, v), a) in out.times.iter().zip(out.velocity.values().iter()).zip(out.acceleration.values().iter()) {
        assert!((v - (-0.3 * t).exp()).abs() < 1e-9, "v({t}) = {v}");
        assert!((a + 0.3 * v).abs() < 1e-15);
    }
    assert!(out.drift[0].is_nan(), "a force without energy has no drift");
}

#[test]
fn momentum_and_energy_stay() {
    for system in [springs(5, 3), gravity(4, 2, 0.01), gravity(3, 3, 0.01)] {
        let out = run(&system, &data(40, 50, 0.02));
        let (bodies, space) = (out.particles, out.space);
        let momentum = |run: usize, time: usize, k: usize| -> f64 {
            let at = (run * out.times.len() + time) * bodies;
            (0..bodies).map(|b| out.attribute[run * bodies + b] * out.velocity.values().at((at + b) * space + k)).sum()
        };
        for run in 0..out.runs {
            for k in 0..space {
                let change = (momentum(run, 49, k) - momentum(run, 0, k)).abs();
                assert!(change < 1e-10 * (1.0 + momentum(run, 0, k).abs()), "run {run}: {change}");
            }
            assert!(out.drift[run] < 1e-6, "run {run}: {}", out.drift[run]);
        }
        let mut drift = out.drift.clone();
        drift.sort_by(f64::total_cmp);
        assert!(drift[20] < 2e-9, "middle drift {}", drift[20]);
    }
}

#[test]
fn a_run_is_the_same_bits_in_any_company() {
    let system = gravity(4, 2, 0.01);
    let plan = |runs| DataPlan { noise: Noise::Relative(0.01), ..data(runs, 40, 0.05) };
    let in_pool = |threads: usize, runs: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&system, &plan(runs)))
    };
    let all = in_pool(1, 150);
    for (threads, runs) in [(2, 150), (3, 150), (1, 1), (1, 9), (2, 33), (1, 64)] {
        let some = in_pool(threads, runs);
        for (of_some, of_all) in [
            (&plain(&some.position), &plain(&all.position)),
            (&plain(&some.velocity), &plain(&all.velocity)),
            (&plain(&some.acceleration), &plain(&all.acceleration)),
            (&some.attribute, &all.attribute),
            (&some.drift, &all.drift),
        ] {
            assert_eq!(bits(of_some), bits(&of_all[..of_some.len()]), "{runs} runs, {threads} threads");
        }
    }
}

#[test]
fn links_choose_who_feels_whom() {
    // Energy of half the squared distance: every linked body pulls with its displacement.
    let energy = distance().pow(2.0) * 0.5.into();
    let pull: Vec<Expr> = (0..2).map(|k| Expr::symbol(symbols::displacement(k))).collect();
    for (links, boundary) in [
        (Links::All, Boundary::Open),
        (Links::Chain, Boundary::Open),
        (Links::Ring, Boundary::Open),
        (Links::Within(1.2), Boundary::Open),
        (Links::Nearest(2), Boundary::Open),
        (Links::All, Boundary::Periodic(1.5)),
        (Links::Within(0.6), Boundary::Periodic(1.5)),
    ] {
        let base = SystemPlan { links, boundary, attributes: vec![], ..free(6, 2) };
        let by_energy = SystemPlan { pair_energy: Some(energy.clone()), ..base.clone() };
        let by_force = SystemPlan { pair_force: pull.clone(), ..base };
        let start = draw(&by_energy, 20, Seed::root(3)).unwrap();
        let given = Accelerations::compile(&by_energy).unwrap().eval(&start);
        assert!(
            Accelerations::compile(&by_force)
                .unwrap()
                .eval(&start)
                .iter()
                .zip(&given)
                .all(|(a, b)| (a - b).abs() < 1e-12)
        );
        for (own, given) in start.position.chunks_exact(12).zip(given.chunks_exact(12)) {
            let apart = |i: usize, j: usize| -> [f64; 2] {
                std::array::from_fn(|k| match (own[2 * j + k] - own[2 * i + k], boundary) {
                    (d, Boundary::Open) => d,
                    (d, Boundary::Periodic(side)) => d - side * (d / side).round(),
                })
            };
            let far = |i: usize, j: usize| apart(i, j)[0].hypot(apart(i, j)[1]);
            for i in 0..6usize {
                let mut expected = [0.0; 2];
                for j in (0..6).filter(|&j| j != i) {
                    let linked = match links {
                        Links::All => true,
                        Links::Chain => i.abs_diff(j) == 1,
                        Links::Ring => [1, 5].contains(&i.abs_diff(j)),
                        Links::Within(reach) => far(i, j) < reach,
                        Links::Nearest(count) => {
                            (0..6).filter(|&other| other != i && far(i, other) < far(i, j)).count() < count
                        }
                    };
                    if linked {
                        expected[0] += apart(i, j)[0];
                        expected[1] += apart(i, j)[1];
                    }
                }
                for k in 0..2 {
                    assert!((given[2 * i + k] - expected[k]).abs() < 1e-12, "{links:?} {boundary:?} body {i}");
                }
            }
        }
    }
}

#[test]
fn every_symbol_of_a_pair_enters_the_force() {
    // Derivatives of an energy with all kinds of symbols, against differences of the energy.
    let symbol = |name: &str| Expr::symbol(name);
    let energy = (symbol("i.mass") + symbol("j.mass")) * distance().apply(Op::Exp)
        + symbol("displacement.x") * symbol("displacement.y") / symbol("particles")
        + symbol("i.position.x") * symbol("j.position.x") * (symbol("i.index") * symbol("j.index"));
    let system = SystemPlan {
        pair_energy: Some(energy),
        body_energy: Some(symbol("i.position.y").apply(Op::Sin) * symbol("i.index")),
        ..free(3, 2)
    };
    let law = Accelerations::compile(&system).unwrap();
    let start = draw(&system, 5, Seed::root(1)).unwrap();
    let given = law.eval(&start);
    for at in 0..6 {
        let step = 1e-5;
        let energies = |by: f64| {
            let mut moved = start.clone();
            moved.position.chunks_exact_mut(6).for_each(|own| own[at] += by);
            law.energy(&moved)
        };
        let (more, less) = (energies(step), energies(-step));
        for run in 0..5 {
            let force = (less[run] - more[run]) / (2.0 * step);
            let expected = force / start.attribute[run * 3 + at / 2];
            let given = given[run * 6 + at];
            assert!((given - expected).abs() < 1e-6 * (1.0 + expected.abs()), "{given} {expected}");
        }
    }
}

#[test]
fn jumps_are_crossed_with_honest_drift() {
    // A force that jumps at distance 2 under a continuous energy: energy stays.
    let outside = |energy: Expr, inside: Expr| {
        Expr::call(Op::If, vec![Expr::call(Op::Lt, vec![distance(), 2.0.into()]), inside, energy])
    };
    let kink = SystemPlan { pair_energy: Some(outside(distance() * 3.0.into(), 6.0.into())), ..free(4, 2) };
    let out = run(&kink, &data(20, 200, 0.05));
    assert!(out.drift.iter().all(|&drift| drift < 1e-6), "{:?}", out.drift);
    // An energy that jumps by 1: a body that crosses loses or gains it, and the drift says so.
    let step = SystemPlan { pair_energy: Some(outside((distance() - 1.0.into()).pow(2.0), 0.0.into())), ..free(2, 2) };
    let start = on_axis(step, 1.0, 6.0);
    let out = run(&start, &data(1, 100, 0.05));
    assert!((out.drift[0] - 1.0 / 9.0).abs() < 1e-6, "{}", out.drift[0]);
}

#[test]
fn noise_is_on_what_is_measured() {
    let system = springs(3, 2);
    let clean = run(&system, &data(50, 20, 0.05));
    for (noise, relative) in [(Noise::Absolute(0.1), false), (Noise::Relative(0.1), true)] {
        let noisy = run(&system, &DataPlan { noise, ..data(50, 20, 0.05) });
        assert_eq!(bits(&plain(&noisy.acceleration)), bits(&plain(&clean.acceleration)));
        for (noisy, clean) in [(&noisy.position, &clean.position), (&noisy.velocity, &clean.velocity)] {
            let (noisy, clean) = (plain(noisy), plain(clean));
            let scaled = noisy.iter().zip(&clean).map(|(n, c)| (n - c) / if relative { *c } else { 1.0 });
            let squares: f64 = scaled.map(|e| e * e).sum::<f64>() / clean.len() as f64;
            assert!((squares.sqrt() - 0.1).abs() < 0.005, "{}", squares.sqrt());
        }
    }
}

#[test]
fn kept_times_and_trimmed_runs() {
    let system = gravity(3, 2, 0.01);
    let full = run(&system, &data(20, 31, 0.02));
    let kept = run(&system, &DataPlan { keep: 10, ..data(20, 31, 0.02) });
    assert_eq!(kept.times, [0.0, 0.2, 0.4, 0.6]);
    let every_tenth: Vec<usize> = (0..20 * 31).filter(|index| index % 31 % 10 == 0).collect();
    assert_eq!(bits(&full.snapshots(&every_tenth).position), bits(&plain(&kept.position)));
    let trimmed = run(&system, &DataPlan { trim: 0.25, ..data(20, 31, 0.02) });
    assert_eq!((trimmed.runs, trimmed.dropped), (15, 5));
    let largest = |out: &Trajectories, run: usize| {
        let width = out.acceleration.len() / out.runs;
        out.acceleration.row(run, width).iter().fold(0.0f64, |a, b| a.max(b.abs()))
    };
    let mut all: Vec<f64> = (0..20).map(|run| largest(&full, run)).collect();
    all.sort_by(f64::total_cmp);
    assert!((0..15).all(|run| largest(&trimmed, run) <= all[14]));
    let single = run(&system, &data(3, 1, 0.1));
    assert_eq!(bits(&plain(&single.position)), bits(&draw(&system, 3, Seed::root(7)).unwrap().position));
}

#[test]
fn laws_and_rollouts_agree_with_the_simulation() {
    let system = springs(4, 2);
    let out = run(&system, &data(6, 60, 0.05));
    let law = Accelerations::compile(&system).unwrap();
    let everything = out.snapshots(&(0..out.len()).collect::<Vec<_>>());
    assert_eq!(bits(&law.eval(&everything)), bits(&plain(&out.acceleration)));
    let energy = law.energy(&everything);
    assert!(energy.chunks_exact(60).all(|run| run.iter().all(|e| (e - run[0]).abs() < 1e-7 * run[0].abs().max(1.0))));

    let starts = out.snapshots(&(0..6).map(|run| run * 60).collect::<Vec<_>>());
    let rolled = rollout(&starts, &out.attributes, &out.times, &mut |s| law.eval(s), 1e-8, &Silent).unwrap();
    assert!(rolled.position.values().iter().zip(out.position.values().iter()).all(|(a, b)| (a - b).abs() < 1e-4));
    assert_eq!(rolled.times, out.times);

    // What blows up is lost from then on, the other runs are not.
    let mut blow = |s: &Snapshots| -> Vec<f64> {
        s.position
            .chunks_exact(8)
            .flat_map(|p| if p[0] == starts.position[0] { [f64::NAN; 8] } else { [0.0; 8] })
            .collect()
    };
    let rolled = rollout(&starts, &out.attributes, &out.times, &mut blow, 1e-6, &Silent).unwrap();
    let width = 60 * 8;
    assert!(rolled.position.values().part(8..width).iter().all(|x| x.is_nan()));
    assert!(rolled.position.values().iter().skip(width).all(|x| x.is_finite()));
}

#[test]
fn draws_are_of_their_distributions() {
    let spread = |value: Expr, draws: Vec<Distribution>| Draw { value, draws };
    let system = SystemPlan {
        attributes: vec![
            Attribute { name: "charge".into(), draw: drawn(Distribution::Choice(vec![-1.0, 1.0])) },
            Attribute { name: "size".into(), draw: drawn(Distribution::LogUniform { low: 0.1, high: 10.0 }) },
        ],
        position: vec![spread(
            Expr::symbol("i.index") + Expr::symbol("$0") * Expr::symbol("$1"),
            vec![Distribution::Uniform { low: 0.0, high: 0.5 }, Distribution::Uniform { low: 0.0, high: 1.0 }],
        )],
        ..free(3, 1)
    };
    let drawn = draw(&system, 2_000, Seed::root(5)).unwrap();
    assert!(drawn.position.iter().enumerate().all(|(at, x)| (0.0..0.5).contains(&(x - (at % 3 + 1) as f64))));
    let mean = drawn.position.iter().sum::<f64>() / 6_000.0;
    assert!((mean - 2.125).abs() < 0.05, "{mean}");
    let charges = drawn.attribute.chunks_exact(2).map(|own| own[0]);
    assert!(charges.clone().all(|q| q.abs() == 1.0) && charges.sum::<f64>().abs() < 300.0);
    let logs = drawn.attribute.chunks_exact(2).map(|own| own[1].log10());
    assert!(logs.clone().all(|l| (-1.0..=1.0).contains(&l)) && logs.sum::<f64>().abs() < 200.0);
    assert_eq!(bits(&draw(&system, 10, Seed::root(5)).unwrap().velocity), bits(&drawn.velocity[..30]));
}

#[test]
fn splits_are_whole_disjoint_and_repeatable() {
    for runs in [0, 1, 2, 3, 10, 1000] {
        let parts = split_runs(runs, SPLIT, Seed::root(1));
        let mut all: Vec<usize> = parts.concat();
        all.sort_unstable();
        assert_eq!(all, (0..runs).collect::<Vec<_>>(), "{runs}");
        assert_eq!(parts, split_runs(runs, SPLIT, Seed::root(1)));
    }
    let parts = split_runs(1000, SPLIT, Seed::root(1));
    assert_eq!(parts.each_ref().map(Vec::len), [700, 100, 200]);
    assert_ne!(parts[2], split_runs(1000, SPLIT, Seed::root(2))[2]);
}

#[test]
fn configurations_are_split_by_runs_or_in_time_and_held_out() {
    let run = |runs: usize, hold_out: Option<Expr>| {
        let (system, mut plan) = (springs(3, 2), data(runs, 40, 0.05));
        plan.hold_out = hold_out;
        let data = simulate(&system, &plan, &Silent).unwrap();
        let parts = split_trajectories(&data, &plan, Seed::root(1));
        let mut all = [&parts.train[..], &parts.validation, &parts.test, &parts.held_out].concat();
        all.sort_unstable();
        assert_eq!(all, (0..runs * 40).collect::<Vec<_>>());
        (data, parts)
    };
    let (_, whole) = run(10, None);
    assert!(whole.train.iter().all(|row| whole.test.iter().all(|other| row / 40 != other / 40)));
    assert_eq!(stretches(&whole.test, 40).len(), 2);
    let (_, timed) = run(2, None);
    assert_eq!([&timed.train, &timed.validation, &timed.test].map(Vec::len), [56, 8, 16]);
    assert_eq!(stretches(&timed.test, 40), [32..40, 72..80]);
    let condition = |name: &str, least: f64| Expr::call(Op::Gt, vec![Expr::symbol(name), Expr::number(least)]);
    let (_, late) = run(10, Some(condition("time", 1.475)));
    assert_eq!(late.held_out, (0..400).filter(|row| row % 40 >= 30).collect::<Vec<_>>());
    let (moved, far) = run(10, Some(condition("position.x", 1.0)));
    let beyond = |row: usize| moved.position.row(row, 2 * moved.particles).iter().step_by(2).any(|x| x > 1.0);
    assert!(far.held_out.len() > 20 && far.held_out.len() < 380);
    assert_eq!(far.held_out, (0..400).filter(|row| beyond(*row)).collect::<Vec<_>>());
    let (_, heavy) = run(10, Some(condition("mass", 1e9)));
    assert!(heavy.held_out.is_empty());
    let (_, unknown) = run(10, Some(condition("colour", 0.0)));
    assert!(unknown.held_out.is_empty());
}

#[test]
fn mistakes_are_named() {
    let out_of_range = |change: &dyn Fn(&mut SystemPlan, &mut DataPlan)| {
        let (mut system, mut plan) = (springs(3, 2), data(2, 5, 0.1));
        change(&mut system, &mut plan);
        match simulate(&system, &plan, &Silent) {
            Err(SimulateError::OutOfRange { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(out_of_range(&|s, _| s.particles = 0), "particles");
    assert_eq!(out_of_range(&|_, d| d.runs = 0), "runs");
    assert_eq!(out_of_range(&|_, d| d.steps = 0), "steps");
    assert_eq!(out_of_range(&|_, d| d.keep = 0), "keep");
    assert_eq!(out_of_range(&|_, d| d.dt = f64::NAN), "dt");
    assert_eq!(out_of_range(&|_, d| d.tolerance = 0.0), "tolerance");
    assert_eq!(out_of_range(&|_, d| d.trim = 1.0), "trim");
    assert_eq!(out_of_range(&|_, d| d.noise = Noise::Absolute(-1.0)), "noise");
    assert_eq!(out_of_range(&|s, _| s.boundary = Boundary::Periodic(0.0)), "box");
    assert_eq!(out_of_range(&|s, _| s.space = 4), "space");

    let unknown = SystemPlan { pair_energy: Some("k.mass".into()), ..free(2, 2) };
    let error = simulate(&unknown, &data(1, 5, 0.1), &Silent).unwrap_err();
    assert_eq!(error, SimulateError::UnknownSymbol { name: Name::new("k.mass") });

    // All bodies at one place: 1 / distance divides by zero at the start.
    let together = on_axis(gravity(2, 2, 0.0), 0.0, 1.0);
    match simulate(&together, &data(3, 5, 0.1), &Silent).unwrap_err() {
        SimulateError::NotFinite { run: 0, body: 0, sender: Some(1), expression } => {
            assert!(expression.contains("distance"), "{expression}");
        }
        other => panic!("{other:?}"),
    }

    // Two bodies at rest fall into each other after pi / 4.
    match simulate(&on_axis(gravity(2, 1, 0.0), 1.0, 0.0), &data(1, 20, 0.1), &Silent).unwrap_err() {
        SimulateError::Collapsed { run: 0, time } => {
            assert!((time - std::f64::consts::FRAC_PI_4).abs() < 1e-6, "{time}")
        }
        other => panic!("{other:?}"),
    }

    let (huge, plan) = (springs(1_000_000, 3), data(1_000_000, 1_000_000, 0.1));
    assert_eq!(memory_estimate(&springs(4, 2), &data(10, 100, 0.1)), (10 * (100 * 4 * 2 * 3 + 4 + 2)) * 8);
    assert!(matches!(check_memory(&huge, &plan, 1 << 40), Err(SimulateError::TooLarge { .. })));
    assert!(matches!(simulate(&huge, &plan, &Silent), Err(SimulateError::TooLarge { .. })));

    struct Impatient;
    impl Watch for Impatient {
        fn progress(&self, _: Progress) {}
        fn cancelled(&self) -> bool {
            true
        }
    }
    assert_eq!(simulate(&springs(3, 2), &data(5, 50, 0.1), &Impatient), Err(SimulateError::Cancelled));
}

#[test]
fn bodies_at_rest_without_forces_stay() {
    let still = on_axis(free(2, 2), 1.0, 0.0);
    let out = run(&still, &data(1, 10, 0.1));
    assert!(out.position.values().to_vec().chunks_exact(4).all(|own| own == [-0.5, 0.0, 0.5, 0.0]));
    assert_eq!(out.drift, [0.0]);
}

#[test]
fn large_studies_are_kept_in_single_precision() {
    let (system, plan) = (springs(4, 2), data(50, 20, 0.05));
    let double = run(&system, &plan);
    let single = super::run::simulate_keeping(&system, &plan, Storage::Single, &Silent).unwrap();
    for (single, double) in [(&single.position, &double.position), (&single.velocity, &double.velocity)] {
        assert!(matches!(single, Numbers::Single(_)));
        let mut pairs = single.values().iter().zip(double.values().iter());
        assert!(pairs.all(|(a, b)| (a - b).abs() <= 1e-6 * b.abs().max(0.1)), "rounded, and nothing else");
    }
    // Accelerations are those at the rounded positions.
    let all: Vec<usize> = (0..single.len()).collect();
    let there = Accelerations::compile(&system).unwrap().eval(&single.snapshots(&all));
    assert_eq!(single.acceleration, Numbers::Single(there.iter().map(|x| *x as f32).collect()));
    let long = DataPlan { runs: 10_000, steps: 1_000, ..plan };
    let large = SystemPlan { particles: 8, ..system };
    assert_eq!(storage(&large, &long), Storage::Single);
    assert!(memory_estimate(&large, &long) < 2_200_000_000);
}
