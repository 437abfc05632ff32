//! Time and size of simplification on random expressions of 10 to 40 nodes as symbolic search breeds them: exact algebra,
//! exact algebra with the identities of the library, and an equality graph of the `egg` crate with the same identities.
//! `cargo bench --bench simplify` prints a line for each; `-- --list FILE` writes the expressions and our results as well.

#![allow(dead_code)] // the shared sample holds more than is used here

use sdl::base;
use sdl::expr::{Expr, Fixity, Node, OPERATORS, Op, simplest, simplify_by};
use sdl::language::rules;
use std::time::Instant;

#[path = "egg.rs"]
mod peer;
#[path = "../../src/expr/tests/mod.rs"]
mod sample;

const COUNT: u64 = 1_000;
/// Points at which a result is compared with its input.
const POINTS: usize = 12;

/// What one way of simplifying made of all expressions.
struct Done {
    name: &'static str,
    times: Vec<f64>,
    results: Vec<Expr>,
    /// Whether a result has the value of its input at all points that were looked at.
    sound: Vec<bool>,
    /// Results that have another value somewhere, and those that have none where the input has one.
    wrong: usize,
    undefined: usize,
}

fn main() {
    let exprs: Vec<Expr> = (0..COUNT)
        .map(|index| {
            let mut stream = base::Seed::root(0).child("bench").nth(index).stream();
            let size = 10 + stream.below(31);
            sample::random(&mut stream, size)
        })
        .collect();
    let library = rules();
    let all = peer::rules(&library);
    let unconditional = peer::rules(library.iter().filter(|rule| rule.conditions.is_empty()));
    let ways = [
        done("algebra", &exprs, &simplest),
        done("algebra and identities", &exprs, &|expr| simplify_by(expr, &library).expr),
        done("egg", &exprs, &|expr| peer::simplified(expr, &all)),
        done("egg, no conditional rules", &exprs, &|expr| peer::simplified(expr, &unconditional)),
    ];
    let mean = |sizes: &mut dyn Iterator<Item = usize>| sizes.sum::<usize>() as f64 / COUNT as f64;
    println!("simplify  {COUNT} expressions, mean size {:.2} nodes", mean(&mut exprs.iter().map(Expr::size)));
    for way in &ways {
        let mut times = way.times.clone();
        times.sort_by(f64::total_cmp);
        println!(
            "{:26}mean size {:.2}; median {:.3} ms, mean {:.3} ms, worst {:.2} ms; another value {}, undefined {}",
            way.name,
            mean(&mut way.results.iter().map(Expr::size)),
            times[times.len() / 2],
            times.iter().sum::<f64>() / COUNT as f64,
            times[times.len() - 1],
            way.wrong,
            way.undefined,
        );
    }
    let [_, ours, peers @ ..] = &ways;
    for theirs in peers {
        let size = |way: &Done, k: usize| way.results[k].size();
        let smaller = (0..exprs.len()).filter(|k| size(ours, *k) < size(theirs, *k)).count();
        let larger: Vec<usize> = (0..exprs.len()).filter(|k| size(ours, *k) > size(theirs, *k)).collect();
        let right = larger.iter().filter(|k| theirs.sound[**k]).count();
        println!(
            "beside {}: smaller by ours {smaller}, by theirs {}, of these right {right}",
            theirs.name,
            larger.len()
        );
    }
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--list")
        && let Some(path) = arguments.get(at + 1)
    {
        let line = |k: usize| {
            let (expr, simple) = (&exprs[k], &ways[0].results[k]);
            let mut line = format!("{}\t{}\t{expr}\t{simple}", expr.size(), simple.size());
            for way in &ways[1..] {
                line += &format!("\t{}\t{}\t{}", way.results[k].size(), way.sound[k], way.results[k]);
            }
            line + "\n"
        };
        std::fs::write(path, (0..exprs.len()).map(line).collect::<String>()).expect("the list can be written");
    }
}

fn done(name: &'static str, exprs: &[Expr], simplify: &dyn Fn(&Expr) -> Expr) -> Done {
    let mut done = Done { name, times: vec![], results: vec![], sound: vec![], wrong: 0, undefined: 0 };
    for (index, expr) in exprs.iter().enumerate() {
        let start = Instant::now();
        let simple = simplify(expr);
        done.times.push(start.elapsed().as_secs_f64() * 1e3);
        let mut stream = base::Seed::root(1).child("points").nth(index as u64).stream();
        let (mut wrong, mut undefined) = (false, false);
        for point in 0..POINTS {
            let at = sample::point(expr, &mut stream, point % 2 == 1);
            let Some((before, scale)) = sample::value(expr, &at).filter(|value| value.1 < 1e6) else { continue };
            let after = simple.eval(&|name| at.get(name).copied()).unwrap_or(f64::NAN);
            wrong |= after.is_finite() && (before - after).abs() > 1e-7 * scale.max(1.0);
            undefined |= !after.is_finite();
        }
        done.wrong += usize::from(wrong);
        done.undefined += usize::from(undefined);
        done.sound.push(!wrong && !undefined);
        done.results.push(simple);
    }
    done
}
