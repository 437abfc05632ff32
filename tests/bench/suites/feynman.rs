//! The Feynman problems (Udrescu and Tegmark 2020): 100 laws of the lectures and 20 further ones, inputs drawn evenly
//! from the published ranges.

use super::problem::{Noise, Problem, formula, operators, uniform};
use sdl::base::Name;
use sdl::expr::Op;
use sdl::plan::SearchLoss;
use sdl::search::Dimensions;

const LAWS: &str = include_str!("feynman.csv");

/// All of them, with noise of this share of the target's size.
pub fn problems(noise: f64, units: bool) -> Vec<Problem> {
    LAWS.lines()
        .skip(1)
        .map(|line| {
            let [name, law, unit, variables] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let variables: Vec<Vec<&str>> =
                variables.split(' ').map(|variable| variable.split(':').collect()).collect();
            let number = |text: &str| text.parse::<f64>().expect("bounds are numbers");
            let mut operators =
                operators(&[Op::Sqrt, Op::Exp, Op::Log, Op::Sin, Op::Cos, Op::Tanh, Op::Asin, Op::Acos]);
            // Some of the laws are of this size.
            (operators.size, operators.depth) = (40, 12);
            Problem {
                name: name.into(),
                inputs: variables.iter().map(|variable| Name::new(variable[0])).collect(),
                truth: formula(law),
                constants: vec![],
                rows: vec![],
                draw: uniform(variables.iter().map(|variable| (number(variable[1]), number(variable[2]))).collect()),
                count: 1_000,
                noise: Noise::OfSize(noise),
                loss: Some(SearchLoss::Mse),
                dimensions: units.then(|| Dimensions {
                    inputs: variables.iter().map(|variable| dimension(variable[3])).collect(),
                    target: dimension(unit),
                }),
                operators,
            }
        })
        .collect()
}

/// Exponents of metre, second, kilogram, kelvin and volt.
fn dimension(unit: &str) -> Vec<f64> {
    let mut out = vec![0.0; 5];
    for part in unit.split('*').filter(|part| *part != "1") {
        let (base, exponent) = part.split_once('^').unwrap_or((part, "1"));
        let at = ["m", "s", "kg", "T", "V"].iter().position(|known| *known == base).expect("a base unit");
        out[at] += exponent.parse::<f64>().expect("exponents are numbers");
    }
    out
}
