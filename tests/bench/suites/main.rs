//! Recovery of known laws: suites of problems regenerated from their formulas, one JSON line for each problem and seed,
//! then the table.
//!
//! `cargo bench --bench suites -- --suite feynman [--only I_6] [--seconds 30] [--seeds 1] [--noise 0.01] [--units]
//! [--log FILE]`. With a log, finished problems are taken from it and new ones are added: a suite can be interrupted.
//!
//! All problems of a suite are searched with the same operators and defaults. Whether a law is exact is judged by fresh
//! points within and beyond the range of the data, and by symbolic equality (see `judge`), never by training error.

mod empirical;
mod feynman;
mod identity;
mod judge;
mod problem;
mod strogatz;
mod ten;

use judge::{Form, judge};
use problem::Problem;
use sdl::base::{Seed, Silent};
use sdl::expr::print::infix;
use sdl::plan::{Budget, Choose};
use sdl::search::{Formula, Settings, search, suited_loss};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        Some(arguments.get(at + 1).cloned().unwrap_or_default())
    };
    let number = |name: &str, default: f64| given(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let seconds = number("--seconds", 30.0);
    let noise = number("--noise", 0.0);
    let suite = given("--suite").unwrap_or_else(|| "ten".into());
    let problems = match suite.as_str() {
        "feynman" => feynman::problems(noise, arguments.iter().any(|argument| argument == "--units")),
        "strogatz" => strogatz::problems(noise),
        "empirical" => empirical::problems(),
        "ten" => ten::problems(),
        other => return eprintln!("there is no suite `{other}`: feynman, strogatz, empirical, ten"),
    };
    let only = given("--only").unwrap_or_default();
    let log = given("--log");
    let known: Vec<Value> = log
        .as_ref()
        .and_then(|path| std::fs::read_to_string(path).ok())
        .map(|text| text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
        .unwrap_or_default();
    let mut rows = vec![];
    for problem in problems.iter().filter(|problem| problem.name.contains(&only)) {
        for seed in 0..number("--seeds", 1.0) as u64 {
            let done = known.iter().find(|row| row["problem"] == problem.name.as_str() && row["seed"] == seed);
            let row = done.cloned().unwrap_or_else(|| {
                let row = run(problem, seed, seconds);
                if let Some(path) = &log {
                    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
                    file.and_then(|mut file| writeln!(file, "{row}")).expect("the log can be written");
                }
                row
            });
            println!("{row}");
            rows.push(row);
        }
    }
    table(&suite, &rows);
}

/// Searches one problem and judges what was chosen.
fn run(problem: &Problem, seed: u64, seconds: f64) -> Value {
    let table = problem.table(Seed::root(seed).child(&problem.name));
    let started = Instant::now();
    let clock = || started.elapsed().as_secs_f64();
    let settings = Settings {
        loss: problem.loss.unwrap_or_else(|| suited_loss(&table.target)),
        budget: Budget::Seconds(seconds),
        choose: Choose::DescriptionLength,
        seed: Seed::root(seed),
        clock: Some(&clock),
    };
    let front = match search(&table, &problem.operators, &settings, &Silent) {
        Ok(front) => front,
        Err(error) => return json!({"problem": problem.name, "seed": seed, "error": error.to_string()}),
    };
    let time = clock();
    let chosen = &front.formulas[front.chosen];
    let verdict = judge(problem, &chosen.expr, Seed::root(seed).child("fresh"));
    // Where the law is in the front, but was not chosen from it.
    let exact = |formula: &&Formula| judge(problem, &formula.expr, Seed::root(seed).child("fresh")).exact();
    let listed = if verdict.exact() { Some(chosen) } else { front.formulas.iter().find(exact) };
    if std::env::var("FRONT").is_ok() {
        for f in &front.formulas {
            eprintln!("    {:4} {:.4e} {:10.1} {}", f.complexity, f.loss, f.description_length, infix(&f.expr));
        }
    }
    json!({
        "problem": problem.name,
        "seed": seed,
        "seconds": (time * 1e3).round() / 1e3,
        "threads": rayon::current_num_threads(),
        "evaluations": front.evaluations,
        "exact": verdict.exact(),
        "proved": verdict.form == Form::Proved,
        "in_front": listed.map(|formula| infix(&formula.expr)),
        "fit": verdict.fit,
        "beyond": verdict.beyond,
        "complexity": chosen.complexity,
        "formula": infix(&chosen.expr),
        "truth": infix(&problem.truth),
    })
}

/// Exact ones by problem, and the failures by name.
fn table(suite: &str, rows: &[Value]) {
    let mut problems: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for row in rows {
        problems.entry(row["problem"].as_str().unwrap_or("?")).or_default().push(row);
    }
    let exact = |rows: &[&Value]| rows.iter().filter(|row| row["exact"] == true).count();
    println!("\n{:<16} {:>6} {:>7} {:>9}  chosen", suite, "exact", "proved", "median s");
    for (name, rows) in &problems {
        let mut times: Vec<f64> = rows.iter().filter_map(|row| row["seconds"].as_f64()).collect();
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied().unwrap_or(f64::NAN);
        let proved = rows.iter().filter(|row| row["proved"] == true).count();
        let shown = rows.iter().find(|row| row["exact"] != true).unwrap_or(&rows[0]);
        let formula = shown["formula"].as_str().unwrap_or("-");
        println!("{name:<16} {:>3}/{:<2} {:>7} {median:>9.2}  {formula}", exact(rows), rows.len(), proved);
    }
    let all: Vec<&Value> = rows.iter().collect();
    let share = 100.0 * exact(&all) as f64 / rows.len().max(1) as f64;
    println!("{} of {} exact ({share:.1} %)", exact(&all), rows.len());
    let listed = rows.iter().filter(|row| !row["in_front"].is_null()).count();
    println!("{listed} of {} in the front", rows.len());
    let missed: Vec<&str> =
        problems.iter().filter(|(_, rows)| exact(rows) < rows.len()).map(|(name, _)| *name).collect();
    println!("not always: {}", if missed.is_empty() { "none".into() } else { missed.join(", ") });
}
