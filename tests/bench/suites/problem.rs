//! A problem of a suite: a truth, where its inputs are drawn from, and what may be searched with.

use sdl::base::{Name, Seed, Stream};
use sdl::expr::{Expr, Op};
use sdl::plan::{Allowed, DefinedOperator, OperatorsPlan, SearchLoss};
use sdl::search::{Dimensions, Table};

/// Draws a point; the second argument says how far beyond the range of the data it may lie (1 for within).
pub type Draw = Box<dyn Fn(&mut Stream, f64) -> Vec<f64>>;

/// How noise enters the target.
#[derive(Clone, Copy, PartialEq)]
pub enum Noise {
    /// With this share of the target's root mean square, as SRBench adds it.
    OfSize(f64),
    /// With this share of each value.
    OfValue(f64),
}

/// A law to be found.
pub struct Problem {
    /// Its name in the suite.
    pub name: String,
    /// Names of its inputs.
    pub inputs: Vec<Name>,
    /// The law; symbols that are no inputs are its free constants.
    pub truth: Expr,
    /// Free constants with their values in the data.
    pub constants: Vec<(Name, f64)>,
    /// Rows that are given; else they are drawn.
    pub rows: Vec<(Vec<f64>, f64)>,
    /// Where inputs come from.
    pub draw: Draw,
    /// Rows drawn.
    pub count: usize,
    /// Noise of the target.
    pub noise: Noise,
    /// What the search minimises; without it what suits the target.
    pub loss: Option<SearchLoss>,
    /// Dimensions, where the search is told.
    pub dimensions: Option<Dimensions>,
    /// What formulas are made of.
    pub operators: OperatorsPlan,
}

impl Problem {
    /// The law's value at a point.
    pub fn value(&self, point: &[f64]) -> f64 {
        evaluate(&self.truth, &self.inputs, point, &self.constants)
    }

    /// The data of one seed.
    pub fn table(&self, seed: Seed) -> Table {
        let mut stream = seed.stream();
        let mut rows = self.rows.clone();
        let drawn = if rows.is_empty() { self.count } else { 0 };
        while rows.len() < drawn {
            let point = (self.draw)(&mut stream, 1.0);
            let value = self.value(&point);
            if value.is_finite() {
                rows.push((point, value));
            }
        }
        let size = (rows.iter().map(|row| row.1 * row.1).sum::<f64>() / rows.len() as f64).sqrt();
        for (_, value) in rows.iter_mut().take(drawn) {
            *value += match self.noise {
                Noise::OfSize(share) => share * size * stream.normal(),
                Noise::OfValue(share) => share * *value * stream.normal(),
            };
        }
        Table {
            inputs: self.inputs.clone(),
            columns: (0..self.inputs.len()).map(|k| rows.iter().map(|row| row.0[k]).collect()).collect(),
            target: rows.iter().map(|row| row.1).collect(),
            dimensions: self.dimensions.clone(),
            ..Table::default()
        }
    }
}

/// An expression's value at a point.
pub fn evaluate(expr: &Expr, inputs: &[Name], point: &[f64], constants: &[(Name, f64)]) -> f64 {
    let input = |name: &str| inputs.iter().position(|input| input.as_str() == name).map(|k| point[k]);
    let constant = |name: &str| constants.iter().find(|(other, _)| other.as_str() == name).map(|(_, value)| *value);
    expr.eval(&|name| input(name).or_else(|| constant(name))).unwrap_or(f64::NAN)
}

/// A formula in the language.
pub fn formula(text: &str) -> Expr {
    sdl::language::formula(text).unwrap_or_else(|found| panic!("{text}: {found:?}"))
}

/// Operators of equal cost, with the square as a function of one argument.
pub fn operators(functions: &[Op]) -> OperatorsPlan {
    let arithmetic = [Op::Add, Op::Sub, Op::Mul, Op::Div];
    let body = Expr::symbol("x").pow(2.0);
    OperatorsPlan {
        allow: arithmetic.iter().chain(functions).map(|op| Allowed { op: *op, cost: 1.0 }).collect(),
        define: vec![DefinedOperator { name: "square".into(), parameters: vec!["x".into()], body, cost: 1.0 }],
        never: vec![],
        require: vec![],
        size: 30,
        depth: 10,
        constants: Some((-1e6, 1e6)),
    }
}

/// Inputs drawn evenly between bounds; beyond them the middle stays and the width grows, without a change of sign.
pub fn uniform(ranges: Vec<(f64, f64)>) -> Draw {
    Box::new(move |stream, reach| {
        let draw = |&(low, high): &(f64, f64)| {
            let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
            let (from, to) = (middle - reach * half, middle + reach * half);
            let from = if low >= 0.0 { from.max(low / reach) } else { from };
            from + (to - from) * stream.uniform()
        };
        ranges.iter().map(draw).collect()
    })
}
