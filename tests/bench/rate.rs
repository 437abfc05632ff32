//! Candidates evaluated per second, beside the crate `symbolic_regression` (PySR's engine in Rust) on the same table and
//! operators, with one thread and with two. Each case runs in a process of its own; one JSON line each.
//!
//! The table has 256 rows of five inputs: as many as a search here screens candidates on, so that a candidate costs both
//! engines the same rows. Its target has noise: neither engine ends early. Both count candidates and the evaluations
//! of their fits of constants.

use ndarray::{Array1, Array2};
use sdl::base::{Name, Seed, Silent};
use sdl::expr::Op;
use sdl::plan::{Allowed, Budget, Choose, OperatorsPlan, SearchLoss};
use sdl::search::{Settings, Table, search};
use std::process::Command;
use std::time::Instant;
use symbolic_regression::prelude::{BuiltinOpsF64, Dataset, Options, equation_search};

const ROWS: usize = 256;
const INPUTS: usize = 5;
/// Candidates of a run here, and of one of the peer.
const CANDIDATES: [u64; 2] = [2_000_000, 400_000];

fn main() {
    match std::env::var("RATE_OF").ok().as_deref() {
        Some("sdl") => measure("sdl", CANDIDATES[0], here),
        Some("symbolic_regression") => measure("symbolic_regression", CANDIDATES[1], peer),
        _ => {
            for threads in ["1", "2"] {
                for of in ["sdl", "symbolic_regression"] {
                    let program = std::env::current_exe().expect("a program knows where it is");
                    let child = Command::new(program).env("RATE_OF", of).env("RAYON_NUM_THREADS", threads).status();
                    assert!(child.is_ok_and(|status| status.success()), "{of} failed");
                }
            }
        }
    }
}

fn measure(of: &str, candidates: u64, run: fn(u64) -> u64) {
    let started = Instant::now();
    let evaluated = run(candidates);
    let seconds = started.elapsed().as_secs_f64();
    println!(
        r#"{{"bench":"rate","impl":"{of}","threads":{},"evaluations":{evaluated},"seconds":{seconds:.3},"metric":"candidates","value":{:.0},"unit":"1/s"}}"#,
        rayon::current_num_threads(),
        evaluated as f64 / seconds,
    );
}

/// Columns and target: 2 cos(x4) + x1² − 2 with five percent of noise.
fn data() -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut stream = Seed::root(3).stream();
    let mut draw = || (0..ROWS).map(|_| 6.0 * stream.uniform() - 3.0).collect::<Vec<f64>>();
    let columns: Vec<Vec<f64>> = (0..INPUTS).map(|_| draw()).collect();
    let law = |row: usize| 2.0 * columns[4][row].cos() + columns[1][row].powi(2) - 2.0;
    let target = (0..ROWS).map(|row| law(row) + 0.05 * stream.normal()).collect();
    (columns, target)
}

fn here(candidates: u64) -> u64 {
    let (columns, target) = data();
    let inputs = (0..INPUTS).map(|k| Name::new(&format!("x{k}"))).collect();
    let table = Table { inputs, columns, target, ..Table::default() };
    let operators = OperatorsPlan {
        allow: [Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Cos, Op::Exp, Op::Sin]
            .map(|op| Allowed { op, cost: 1.0 })
            .to_vec(),
        define: vec![],
        never: vec![],
        require: vec![],
        size: 30,
        depth: 30,
        constants: Some((f64::MIN, f64::MAX)),
    };
    let settings = Settings {
        loss: SearchLoss::Mse,
        budget: Budget::Evaluations(candidates),
        choose: Choose::DescriptionLength,
        seed: Seed::root(0),
        clock: None,
    };
    search(&table, &operators, &settings, &Silent).expect("a front").evaluations
}

fn peer(candidates: u64) -> u64 {
    let (columns, target) = data();
    let x = Array2::from_shape_fn((INPUTS, ROWS), |(k, row)| columns[k][row]);
    let dataset = Dataset::new(x, Array1::from(target));
    let options = Options::<f64, 3> {
        operators: BuiltinOpsF64::from_names(["cos", "exp", "sin", "+", "sub", "*", "/"]).expect("all are built in"),
        max_evals: candidates,
        niterations: 1_000_000,
        progress: false,
        ..Default::default()
    };
    equation_search::<_, BuiltinOpsF64, 3>(&dataset, &options);
    candidates
}
