//! Time and size of simplification on random expressions of 10 to 40 nodes as symbolic search breeds them.
//! `cargo bench --bench simplify` prints one line; `-- --list FILE` writes the expressions and their results as well.

#![allow(dead_code)] // the shared sample holds more than is used here

use sdl::base;
use sdl::expr::{Expr, Fixity, Node, OPERATORS, Op, simplest};
use std::time::Instant;

#[path = "../../src/expr/tests/mod.rs"]
mod sample;

const COUNT: u64 = 2_000;

fn main() {
    let mut times = vec![];
    let (mut before, mut after) = (0, 0);
    let mut lines = vec![];
    for index in 0..COUNT {
        let mut stream = base::Seed::root(0).child("bench").nth(index).stream();
        let size = 10 + stream.below(31);
        let expr = sample::random(&mut stream, size);
        let start = Instant::now();
        let simple = simplest(&expr);
        times.push((start.elapsed().as_secs_f64() * 1e3, expr.to_string()));
        before += expr.size();
        after += simple.size();
        lines.push(format!("{}\t{}\t{expr}\t{simple}", expr.size(), simple.size()));
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mean = times.iter().map(|time| time.0).sum::<f64>() / COUNT as f64;
    println!(
        "simplify  {COUNT} expressions: median {:.3} ms, mean {mean:.3} ms, worst {:.2} ms; mean size {:.2} → {:.2} nodes",
        times[times.len() / 2].0,
        times[times.len() - 1].0,
        before as f64 / COUNT as f64,
        after as f64 / COUNT as f64,
    );
    println!("          worst: {}", times[times.len() - 1].1);
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--list")
        && let Some(path) = arguments.get(at + 1)
    {
        std::fs::write(path, lines.join("\n") + "\n").expect("the list can be written");
    }
}
