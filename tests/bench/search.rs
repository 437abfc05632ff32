//! Time to solution of the search: laws of distillation with one percent of noise, and the ten noise-free laws of
//! the comparison with other engines. One JSON line for each law and seed, then one with the medians of each law.
//!
//! `solved` is judged on fresh rows, never on those searched: for noise-free laws a relative squared error below
//! 1e-12 (also beyond the range of the inputs), for noisy ones an error of the chosen formula well below the noise.

use sdl::base::{Name, Seed, Silent, Stream};
use sdl::expr::{Expr, Op, print::infix};
use sdl::plan::{Allowed, Budget, Choose, DefinedOperator, OperatorsPlan, SearchLoss};
use sdl::search::{Settings, Table, search};
use std::time::Instant;

struct Law {
    name: &'static str,
    inputs: &'static [&'static str],
    draw: fn(&mut Stream) -> Vec<f64>,
    truth: fn(&[f64]) -> f64,
    noise: f64,
    loss: SearchLoss,
    functions: bool,
    seconds: f64,
}

fn main() {
    let only = std::env::var("LAW").ok();
    let seeds: u64 = std::env::var("SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    for law in laws().iter().filter(|law| only.as_ref().is_none_or(|only| law.name.contains(only.as_str()))) {
        let mut times = vec![];
        for seed in 0..seeds {
            if let Some(time) = measure(law, seed) {
                times.push(time);
            }
        }
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied();
        let threads = rayon::current_num_threads();
        println!(
            r#"{{"bench":"search","case":"{}","impl":"sdl","threads":{threads},"metric":"solved","value":{},"unit":"of {seeds}"}}"#,
            law.name,
            times.len()
        );
        if let Some(median) = median {
            println!(
                r#"{{"bench":"search","case":"{}","impl":"sdl","threads":{threads},"metric":"median time to solution","value":{median:.4},"unit":"s"}}"#,
                law.name
            );
        }
    }
}

/// Runs one search; the time if it solved the law.
fn measure(law: &Law, seed: u64) -> Option<f64> {
    let table = table(law, Seed::root(seed).child(law.name), 1000, 1.0);
    let started = Instant::now();
    let clock = || started.elapsed().as_secs_f64();
    let settings = Settings {
        loss: law.loss,
        budget: Budget::Seconds(law.seconds),
        choose: Choose::DescriptionLength,
        seed: Seed::root(seed),
        clock: Some(&clock),
    };
    let front = match search(&table, &operators(law.functions), &settings, &Silent) {
        Ok(front) => front,
        Err(error) => {
            println!(r#"{{"bench":"search","case":"{}","error":"{error}"}}"#, law.name);
            return None;
        }
    };
    let time = clock();
    let chosen = &front.formulas[front.chosen];
    let reach = if law.noise > 0.0 { 1.0 } else { 1.2 };
    let fresh = self::table(&Law { noise: 0.0, ..*law }, Seed::root(seed).child("fresh"), 1000, reach);
    let error = relative_error(&chosen.expr, &fresh, law.loss);
    let solved = error < if law.noise > 0.0 { (0.25 * law.noise).powi(2) } else { 1e-12 };
    println!(
        r#"{{"bench":"search","case":"{}","impl":"sdl","threads":{},"metric":"time","value":{time:.4},"unit":"s","seed":{seed},"solved":{solved},"evaluations":{},"rate":{:.0},"loss":{:e},"error":{error:.2e},"complexity":{},"formula":"{}"}}"#,
        law.name,
        rayon::current_num_threads(),
        front.evaluations,
        front.evaluations as f64 / time,
        chosen.loss,
        chosen.complexity,
        infix(&chosen.expr),
    );
    if std::env::var("FRONT").is_ok() {
        for f in &front.formulas {
            println!("    {:4} {:.4e} {:10.1} {}", f.complexity, f.loss, f.description_length, infix(&f.expr));
        }
    }
    solved.then_some(time)
}

/// Mean squared error over the target's, row by row where the loss is relative.
fn relative_error(expr: &Expr, table: &Table, loss: SearchLoss) -> f64 {
    let (mut errors, mut sizes) = (0.0, 0.0);
    for row in 0..table.target.len() {
        let value =
            |name: &str| table.inputs.iter().position(|input| input.as_str() == name).map(|at| table.columns[at][row]);
        let target = table.target[row];
        let found = expr.eval(&value).unwrap_or(f64::NAN);
        let scale = if loss == SearchLoss::Relative { target * target } else { 1.0 };
        errors += (found - target).powi(2) / scale;
        sizes += target * target / scale;
    }
    errors / sizes
}

fn table(law: &Law, seed: Seed, rows: usize, reach: f64) -> Table {
    let mut stream = seed.stream();
    let mut table = Table {
        inputs: law.inputs.iter().map(|name| Name::new(name)).collect(),
        columns: vec![vec![]; law.inputs.len()],
        ..Table::default()
    };
    while table.target.len() < rows {
        let x: Vec<f64> = (law.draw)(&mut stream).iter().map(|value| value * reach).collect();
        let y = (law.truth)(&x);
        // Beyond the range some laws have no value.
        if !y.is_finite() {
            continue;
        }
        table.columns.iter_mut().zip(&x).for_each(|(column, value)| column.push(*value));
        table.target.push(y);
    }
    let rms = (table.target.iter().map(|y| y * y).sum::<f64>() / rows as f64).sqrt();
    for y in &mut table.target {
        let size = if law.loss == SearchLoss::Relative { *y } else { rms };
        *y += law.noise * size * stream.normal();
    }
    table
}

fn operators(functions: bool) -> OperatorsPlan {
    let allow = |op, cost| Allowed { op, cost };
    let mut plan = OperatorsPlan {
        allow: vec![allow(Op::Add, 1.0), allow(Op::Sub, 1.0), allow(Op::Mul, 1.0), allow(Op::Div, 1.0)],
        define: vec![],
        never: vec![],
        require: vec![],
        size: 30,
        depth: 10,
        constants: Some((-1e6, 1e6)),
    };
    if functions {
        plan.allow.extend([Op::Sqrt, Op::Exp, Op::Log, Op::Sin, Op::Cos].map(|op| allow(op, 1.0)));
        let body = Expr::symbol("x").pow(2.0);
        plan.define = vec![DefinedOperator { name: "square".into(), parameters: vec!["x".into()], body, cost: 1.0 }];
    }
    plan
}

/// r, two masses, two charges: what a pair of bodies is described by.
fn pair_scalars(s: &mut Stream) -> Vec<f64> {
    let r = loop {
        let (x, y) = (s.normal() * 2f64.sqrt(), s.normal() * 2f64.sqrt());
        let r = (x * x + y * y).sqrt();
        if r > 0.1 {
            break r;
        }
    };
    vec![r, s.normal().exp(), s.normal().exp(), s.normal(), s.normal()]
}

fn pair(s: &mut Stream) -> Vec<f64> {
    loop {
        let (x, y) = (s.normal() * 2f64.sqrt(), s.normal() * 2f64.sqrt());
        let r = (x * x + y * y).sqrt();
        if r > 0.2 {
            return vec![x, y, r];
        }
    }
}

fn uniform<const N: usize>(s: &mut Stream, ranges: [(f64, f64); N]) -> Vec<f64> {
    ranges.iter().map(|(low, high)| low + (high - low) * s.uniform()).collect()
}

const PAIR: &[&str] = &["r", "m_i", "m_j", "q_i", "q_j"];

fn laws() -> Vec<Law> {
    let distilled = |name, truth, loss| Law {
        name,
        inputs: PAIR,
        draw: pair_scalars,
        truth,
        noise: 0.01,
        loss,
        functions: false,
        seconds: 4.0,
    };
    let exact = |name, inputs, draw, truth| Law {
        name,
        inputs,
        draw,
        truth,
        noise: 0.0,
        loss: SearchLoss::Mse,
        functions: true,
        seconds: 20.0,
    };
    use std::f64::consts::PI;
    vec![
        distilled("noisy spring", |x| 2.0 * (x[0] - 1.0), SearchLoss::Mse),
        distilled("noisy spring mae", |x| 2.0 * (x[0] - 0.99) / x[1], SearchLoss::Mae),
        distilled("noisy gravity", |x| x[2] / (x[0] * x[0]), SearchLoss::Relative),
        distilled("noisy gravity mse", |x| x[2] / (x[0] * x[0]), SearchLoss::Mse),
        distilled("noisy charges", |x| x[3] * x[4] / (x[1] * x[0] * x[0]), SearchLoss::Relative),
        distilled("noisy charges mae", |x| x[3] * x[4] / (x[1] * x[0] * x[0]), SearchLoss::Mae),
        distilled("noisy softened", |x| x[2] / (x[0] + 0.01).powi(2), SearchLoss::Relative),
        exact(
            "pysr_demo",
            &["x0", "x1", "x2", "x3", "x4"],
            |s| (0..5).map(|_| 2.0 * s.normal()).collect(),
            |x| 2.5382 * x[3].cos() + x[0] * x[0] - 0.5,
        ),
        exact(
            "coulomb",
            &["q1", "q2", "r"],
            |s| uniform(s, [(-2.0, 2.0), (-2.0, 2.0), (0.5, 3.0)]),
            |x| x[0] * x[1] / (x[2] * x[2]),
        ),
        exact("spring_force", &["dx", "dy", "r"], pair, |x| (1.0 - 1.0 / x[2]) * x[0]),
        exact(
            "gravity_force",
            &["m1", "m2", "dx", "dy", "r"],
            |s| {
                let mut out = vec![s.normal().exp(), s.normal().exp()];
                out.extend(pair(s));
                out
            },
            |x| x[0] * x[1] * x[2] / x[4].powi(3),
        ),
        exact("I.6.2a", &["theta"], |s| uniform(s, [(1.0, 3.0)]), |x| (-x[0] * x[0] / 2.0).exp() / (2.0 * PI).sqrt()),
        exact(
            "I.8.14",
            &["x1", "x2", "y1", "y2"],
            |s| uniform(s, [(1.0, 5.0); 4]),
            |x| ((x[1] - x[0]).powi(2) + (x[3] - x[2]).powi(2)).sqrt(),
        ),
        exact(
            "I.12.2",
            &["q1", "q2", "eps", "r"],
            |s| uniform(s, [(1.0, 5.0); 4]),
            |x| x[0] * x[1] / (4.0 * PI * x[2] * x[3] * x[3]),
        ),
        exact(
            "I.15.10",
            &["m0", "v", "c"],
            |s| uniform(s, [(1.0, 5.0), (1.0, 2.0), (3.0, 10.0)]),
            |x| x[0] * x[1] / (1.0 - x[1] * x[1] / (x[2] * x[2])).sqrt(),
        ),
        exact(
            "I.29.16",
            &["x1", "x2", "t1", "t2"],
            |s| uniform(s, [(1.0, 5.0); 4]),
            |x| (x[0] * x[0] + x[1] * x[1] - 2.0 * x[0] * x[1] * (x[2] - x[3]).cos()).sqrt(),
        ),
        exact(
            "II.11.27",
            &["n", "alpha", "eps", "Ef"],
            |s| uniform(s, [(0.0, 1.0), (0.0, 1.0), (1.0, 2.0), (1.0, 2.0)]),
            |x| x[0] * x[1] / (1.0 - x[0] * x[1] / 3.0) * x[2] * x[3],
        ),
    ]
}
