//! Ordinary differential equations of Strogatz' textbook (La Cava et al. 2016): the right-hand side as a function of the
//! state, on states along four trajectories.

use super::problem::{Noise, Problem, formula, operators, uniform};
use sdl::base::{Name, Seed};
use sdl::expr::{Expr, Op};
use sdl::plan::SearchLoss;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

/// A system with the ranges of its initial states.
struct System {
    name: &'static str,
    laws: [&'static str; 2],
    start: Start,
}

enum Start {
    /// Even between bounds.
    Between([(f64, f64); 2]),
    /// Unit normal about a point.
    About([f64; 2]),
    /// These four.
    At([[f64; 2]; 4]),
}

const SYSTEMS: [System; 7] = [
    System {
        name: "bacres",
        laws: ["20 - x - x*y/(1 + 0.5*x^2)", "10 - x*y/(1 + 0.5*x^2)"],
        start: Start::About([5.0, 10.0]),
    },
    System {
        name: "barmag",
        laws: ["0.5*sin(x - y) - sin(x)", "0.5*sin(y - x) - sin(y)"],
        start: Start::Between([(0.0, TAU); 2]),
    },
    System { name: "glider", laws: ["-0.05*x^2 - sin(y)", "x - cos(y)/x"], start: Start::About([5.0, 0.0]) },
    System {
        name: "lv",
        laws: ["3*x - 2*x*y - x^2", "2*y - x*y - y^2"],
        start: Start::At([[1.0, 3.0], [4.0, 1.0], [8.0, 2.0], [3.0, 3.0]]),
    },
    System {
        name: "predprey",
        laws: ["x*(4 - x - y/(1 + x))", "y*(x/(1 + x) - 0.075*y)"],
        start: Start::About([5.0, 10.0]),
    },
    System {
        name: "shearflow",
        laws: ["cos(y)/sin(y)*cos(x)", "(cos(y)^2 + 0.1*sin(y)^2)*sin(x)"],
        start: Start::Between([(-PI, PI), (-FRAC_PI_2, FRAC_PI_2)]),
    },
    System { name: "vdp", laws: ["10*(y - (1/3)*(x^3 - x))", "-(1/10)*x"], start: Start::Between([(0.0, 1.0); 2]) },
];

/// Points of a trajectory, their distance in time, and steps of the integrator between two.
const TRAJECTORY: (usize, f64, usize) = (100, 0.1, 100);

/// All fourteen right-hand sides.
pub fn problems(noise: f64) -> Vec<Problem> {
    SYSTEMS.iter().flat_map(|system| system.problems(noise)).collect()
}

impl System {
    fn problems(&self, noise: f64) -> Vec<Problem> {
        let laws = self.laws.map(formula);
        let states = self.states(&laws);
        let extent = |k: usize| {
            states.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), s| (low.min(s[k]), high.max(s[k])))
        };
        let problem = |index: usize| Problem {
            name: format!("{}{}", self.name, index + 1),
            inputs: vec![Name::new("x"), Name::new("y")],
            truth: laws[index].clone(),
            constants: vec![],
            rows: noisy(&laws[index], &states, noise, index),
            draw: uniform(vec![extent(0), extent(1)]),
            count: 0,
            noise: Noise::OfSize(0.0),
            loss: Some(SearchLoss::Mse),
            dimensions: None,
            operators: operators(&[Op::Sqrt, Op::Exp, Op::Log, Op::Sin, Op::Cos]),
        };
        vec![problem(0), problem(1)]
    }

    /// States along the four trajectories.
    fn states(&self, laws: &[Expr; 2]) -> Vec<[f64; 2]> {
        let mut stream = Seed::root(1).child(self.name).stream();
        let mut states = vec![];
        let mut number = 0;
        while number < 4 {
            let start = match &self.start {
                Start::Between(bounds) => bounds.map(|(low, high)| low + (high - low) * stream.uniform()),
                Start::About(middle) => middle.map(|middle| middle + stream.normal()),
                Start::At(points) => points[number],
            };
            let path = trajectory(laws, start);
            // A start near a pole leaves for infinity: another one is drawn.
            if path.iter().flatten().all(|value| value.is_finite() && value.abs() < 100.0) {
                states.extend(path);
                number += 1;
            }
        }
        states
    }
}

/// By the classical Runge–Kutta rule in small steps.
fn trajectory(laws: &[Expr; 2], start: [f64; 2]) -> Vec<[f64; 2]> {
    let (points, apart, steps) = TRAJECTORY;
    let h = apart / steps as f64;
    let slope = |s: [f64; 2]| [0, 1].map(|k| value(&laws[k], s));
    let along = |s: [f64; 2], d: [f64; 2], h: f64| [s[0] + h * d[0], s[1] + h * d[1]];
    let mut state = start;
    let mut path = vec![];
    for _ in 0..points {
        path.push(state);
        for _ in 0..steps {
            let a = slope(state);
            let b = slope(along(state, a, 0.5 * h));
            let c = slope(along(state, b, 0.5 * h));
            let d = slope(along(state, c, h));
            state = [0, 1].map(|k| state[k] + h / 6.0 * (a[k] + 2.0 * b[k] + 2.0 * c[k] + d[k]));
        }
    }
    path
}

fn value(law: &Expr, state: [f64; 2]) -> f64 {
    super::problem::evaluate(law, &["x".into(), "y".into()], &state, &[])
}

fn noisy(law: &Expr, states: &[[f64; 2]], noise: f64, index: usize) -> Vec<(Vec<f64>, f64)> {
    let mut stream = Seed::root(2).nth(index as u64).stream();
    let targets: Vec<f64> = states.iter().map(|state| value(law, *state)).collect();
    let size = (targets.iter().map(|y| y * y).sum::<f64>() / targets.len() as f64).sqrt();
    states.iter().zip(targets).map(|(state, y)| (state.to_vec(), y + noise * size * stream.normal())).collect()
}
