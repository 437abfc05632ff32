//! Ten laws for the time to the first exact formula: forces of particle systems and laws of Feynman's lectures.

use super::problem::{Draw, Noise, Problem, formula, operators, uniform};
use sdl::base::{Name, Stream};
use sdl::expr::Op;
use sdl::plan::SearchLoss;

/// All ten, 1,000 rows each, without noise.
pub fn problems() -> Vec<Problem> {
    let even = |ranges: &[(f64, f64)]| uniform(ranges.to_vec());
    vec![
        problem(
            "pysr_demo",
            "x0 x1 x2 x3 x4",
            "2.5382*cos(x3) + x0^2 - 0.5",
            Box::new(|s, reach| (0..5).map(|_| 2.0 * reach * s.normal()).collect()),
        ),
        problem("coulomb", "q1 q2 r", "q1*q2/r^2", even(&[(-2.0, 2.0), (-2.0, 2.0), (0.5, 3.0)])),
        problem("spring_force", "dx dy r", "(1 - 1/r)*dx", Box::new(|s, reach| pair(s, reach).to_vec())),
        problem(
            "gravity_force",
            "m1 m2 dx dy r",
            "m1*m2*dx/r^3",
            Box::new(|s, reach| [&[s.normal().exp(), s.normal().exp()][..], &pair(s, reach)].concat()),
        ),
        problem("I.6.2a", "theta", "exp(-theta^2/2)/sqrt(2*pi)", even(&[(1.0, 3.0)])),
        problem("I.8.14", "x1 x2 y1 y2", "sqrt((x2 - x1)^2 + (y2 - y1)^2)", even(&[(1.0, 5.0); 4])),
        problem("I.12.2", "q1 q2 eps r", "q1*q2/(4*pi*eps*r^2)", even(&[(1.0, 5.0); 4])),
        problem("I.15.10", "m0 v c", "m0*v/sqrt(1 - v^2/c^2)", even(&[(1.0, 5.0), (1.0, 2.0), (3.0, 10.0)])),
        problem("I.29.16", "x1 x2 t1 t2", "sqrt(x1^2 + x2^2 - 2*x1*x2*cos(t1 - t2))", even(&[(1.0, 5.0); 4])),
        problem(
            "II.11.27",
            "n alpha eps Ef",
            "n*alpha/(1 - n*alpha/3)*eps*Ef",
            even(&[(0.0, 1.0), (0.0, 1.0), (1.0, 2.0), (1.0, 2.0)]),
        ),
    ]
}

fn problem(name: &str, inputs: &str, law: &str, draw: Draw) -> Problem {
    Problem {
        name: name.into(),
        inputs: inputs.split(' ').map(Name::new).collect(),
        truth: formula(law),
        constants: vec![],
        rows: vec![],
        draw,
        count: 1_000,
        noise: Noise::OfSize(0.0),
        loss: Some(SearchLoss::Mse),
        dimensions: None,
        operators: operators(&[Op::Sqrt, Op::Exp, Op::Log, Op::Sin, Op::Cos]),
    }
}

/// Offset of a pair of bodies and its length, as in the simulations.
fn pair(stream: &mut Stream, reach: f64) -> [f64; 3] {
    loop {
        let [x, y] = [0, 1].map(|_| reach * 2f64.sqrt() * stream.normal());
        let r = x.hypot(y);
        if r > 0.2 {
            return [x, y, r];
        }
    }
}
