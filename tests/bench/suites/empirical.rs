//! EmpiricalBench (Cranmer 2023): nine laws as they were found, on their historical data or on data like them. Exact means
//! equal structure; constants are free.

use super::problem::{Noise, Problem, formula, operators};
use sdl::base::{Name, Stream};
use sdl::expr::Op;

const HUBBLE: [(f64, f64); 32] = [
    (0.03235, -17.679),
    (0.03699, 30.546),
    (0.03268, 56.881),
    (0.20959, 38.561),
    (0.25813, 7.646),
    (0.27123, -31.885),
    (0.27546, -75.763),
    (0.27086, -115.217),
    (0.67492, 203.187),
    (0.90506, 215.335),
    (0.90454, 96.916),
    (0.50343, 445.167),
    (0.50327, 410.080),
    (0.45012, 397.155),
    (0.61379, 387.665),
    (0.63560, 317.394),
    (0.80401, 378.059),
    (0.90601, 430.243),
    (0.90640, 517.961),
    (0.90675, 596.907),
    (1.10573, 565.332),
    (1.10643, 723.224),
    (1.05343, 745.386),
    (1.00955, 828.912),
    (1.40305, 761.396),
    (1.40239, 612.277),
    (1.63300, 729.686),
    (1.70520, 1045.159),
    (2.00637, 1109.628),
    (2.00078, 846.494),
    (2.00503, 807.002),
    (1.99936, 526.325),
];

const LEAVITT: [(f64, f64); 26] = [
    (0.10552, 14.7993),
    (0.22686, 14.8000),
    (0.24796, 14.8001),
    (0.28489, 15.1071),
    (0.32182, 14.8006),
    (0.34293, 14.6984),
    (0.46427, 14.4052),
    (0.54341, 14.6996),
    (0.64365, 14.5852),
    (0.67002, 14.3042),
    (0.71223, 14.3044),
    (0.72806, 14.4068),
    (0.73333, 14.3045),
    (0.80192, 13.8065),
    (0.82830, 14.1006),
    (0.88106, 13.9987),
    (0.92326, 13.9095),
    (1.00767, 13.6033),
    (1.07626, 13.4120),
    (1.09209, 13.8082),
    (1.12374, 13.4122),
    (1.14484, 13.4124),
    (1.22398, 13.0039),
    (1.50360, 12.2132),
    (1.82014, 11.4099),
    (2.10504, 11.2199),
];

const KEPLER: [(f64, f64); 6] =
    [(0.389, 87.77), (0.724, 224.70), (1.0, 365.25), (1.524, 686.95), (5.20, 4332.62), (9.510, 10759.2)];

const BODE: [(f64, f64); 8] =
    [(-1000.0, 0.39), (0.0, 0.72), (1.0, 1.0), (2.0, 1.52), (3.0, 2.77), (4.0, 5.20), (5.0, 9.58), (6.0, 19.22)];

/// All nine.
pub fn problems() -> Vec<Problem> {
    let column = |data: &[(f64, f64)]| data.iter().map(|&(x, y)| (vec![x], y)).collect::<Vec<_>>();
    let given = |name, inputs, law, constants: &[(&str, f64)], rows, draw: fn(&mut Stream, f64) -> Vec<f64>| Problem {
        rows,
        ..problem(name, inputs, law, constants, draw, 0, 0.0)
    };
    vec![
        given("hubble", "D", "H*D", &[("H", 420.0)], column(&HUBBLE), |s, reach| vec![reach * between(s, 0.01, 2.0)]),
        given("kepler", "a", "sqrt(k*a^3)", &[("k", 133_000.0)], column(&KEPLER), |s, reach| {
            vec![reach * log_between(s, 0.38, 9.6)]
        }),
        problem(
            "newton",
            "m1 m2 r",
            "G*m1*m2/r^2",
            &[("G", 6.674e-11)],
            |s, reach| {
                let mass = |s: &mut Stream| reach * log_between(s, 1.3e22, 2e30);
                vec![mass(s), mass(s), reach * log_between(s, 3.7e8, 7.37593e12)]
            },
            30,
            0.1,
        ),
        problem(
            "planck",
            "nu T",
            "a*nu^3/(exp(b*nu/T) - 1)",
            &[("a", 2.0 * 6.62607e-34 / 2.99792458e8 / 2.99792458e8), ("b", 6.62607e-34 / 1.380649e-23)],
            |s, reach| {
                // Beyond some hundred e-folds the law is below the smallest number.
                loop {
                    let (nu, t) = (log_between(s, 1e9, 1e16), reach * log_between(s, 100.0, 6000.0));
                    if nu / t < 1.4e13 {
                        return vec![nu, t];
                    }
                }
            },
            100,
            0.1,
        ),
        // The data give the logarithm; the input is the period.
        given(
            "leavitt",
            "P",
            "alpha*log(P) + delta",
            &[("alpha", -2.084 / std::f64::consts::LN_10), ("delta", 15.65)],
            LEAVITT.map(|(log, magnitude)| (vec![libm::pow(10.0, log)], magnitude)).to_vec(),
            |s, reach| vec![log_between(s, 1.25, 128.0 * reach)],
        ),
        problem(
            "schechter",
            "L",
            "phi*L^alpha*exp(-L/S)",
            &[("phi", 0.002 / 2.5e8 / libm::pow(2.5e8, -1.2)), ("alpha", -1.2), ("S", 2.5e8)],
            |s, reach| vec![reach * log_between(s, 1e6, 3e9)],
            27,
            0.2,
        ),
        given("bode", "n", "a + b*2^n", &[("a", 0.4), ("b", 0.3)], column(&BODE), |s, reach| {
            vec![reach * between(s, -3.0, 6.0)]
        }),
        problem(
            "ideal_gas",
            "n T V",
            "R*n*T/V",
            &[("R", 8.314)],
            |s, reach| vec![reach * between(s, 1.0, 100.0), reach * between(s, 300.0, 400.0), between(s, 1.0, 100.0)],
            30,
            0.1,
        ),
        problem(
            "rydberg",
            "n1 n2",
            "1/(R*(1/n1^2 - 1/n2^2))",
            &[("R", 1.097e7)],
            |s, reach| {
                let n1 = 1 + s.below((6.0 * reach) as usize);
                vec![n1 as f64, (n1 + 1 + s.below(((7.0 * reach) as usize).saturating_sub(n1).max(1))) as f64]
            },
            50,
            0.01,
        ),
    ]
}

fn problem(
    name: &str,
    inputs: &str,
    law: &str,
    constants: &[(&str, f64)],
    draw: fn(&mut Stream, f64) -> Vec<f64>,
    count: usize,
    noise: f64,
) -> Problem {
    let mut plan = operators(&[Op::Pow, Op::Exp, Op::Log, Op::Sqrt]);
    plan.constants = Some((-1e60, 1e60));
    Problem {
        name: name.into(),
        inputs: inputs.split(' ').map(Name::new).collect(),
        truth: formula(law),
        constants: constants.iter().map(|&(name, value)| (Name::new(name), value)).collect(),
        rows: vec![],
        draw: Box::new(draw),
        count,
        noise: Noise::OfValue(noise),
        loss: None,
        dimensions: None,
        operators: plan,
    }
}

fn between(stream: &mut Stream, low: f64, high: f64) -> f64 {
    low + (high - low) * stream.uniform()
}

fn log_between(stream: &mut Stream, low: f64, high: f64) -> f64 {
    libm::exp(between(stream, libm::log(low), libm::log(high)))
}
