//! A candidate rewritten by algebra: its simplest form, as a candidate of the same space.

use super::genome::{Gene, Genome};
use super::monomial::Powers;
use super::space::Space;
use crate::expr::{Expr, Node, Op, simplest};

/// Digits to which numbers are rounded before algebra: what a fit in double precision leaves behind them is no news.
const DIGITS: i32 = 12;

/// The simplest form of a candidate that is less complex; `None` where there is none, or the space cannot write it.
pub(crate) fn simpler(space: &Space, powers: &Powers, genome: &Genome) -> Option<Genome> {
    let written = space.expr(genome).rebuild(&mut |e| match e.as_number() {
        Some(value) => Expr::number(rounded(value)),
        None => e,
    });
    let found = space.tidy(&candidate(space, powers, &simplest(&written))?);
    (space.complexity(&found) < space.complexity(genome) && space.contains(&found)).then_some(found)
}

fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let unit = libm::pow(10.0, f64::from(DIGITS - 1) - libm::floor(libm::log10(value.abs())));
    let near = (value * unit).round() / unit;
    if near.is_finite() { near } else { value }
}

/// The candidate with its constants `a` and `b` of one size, rewritten so that the size stands once; `None` where algebra
/// cannot join them.
pub(crate) fn tied(space: &Space, powers: &Powers, genome: &Genome, a: usize, b: usize) -> Option<Genome> {
    let mut equal = genome.clone();
    // Few digits: the two must be one number again after rounding.
    equal.constants[a] = format!("{:.4e}", genome.constants[a]).parse().ok()?;
    equal.constants[b] = equal.constants[a].abs().copysign(genome.constants[b]);
    let found = simpler(space, powers, &equal)?;
    (found.constants.len() < genome.constants.len()).then_some(found)
}

/// An expression as a candidate: whole numbers stand, others are free constants.
fn candidate(space: &Space, powers: &Powers, expr: &Expr) -> Option<Genome> {
    let of = |expr: &Expr| candidate(space, powers, expr);
    match expr.node() {
        Node::Number(_) if space.constants.is_none() => None,
        Node::Number(value) if value.fract() == 0.0 => Some(Genome::leaf(Gene::Number(*value))),
        Node::Number(value) => Some(Genome::constant(*value)),
        Node::Symbol(name) => space.input(name).map(|input| Genome::leaf(Gene::Input(input))),
        Node::Call(Op::Pow, args) => match args[1].as_number() {
            Some(exponent) => powers.power(space, &of(&args[0])?, exponent),
            None => space.gene(Op::Pow).and_then(|pow| Some(Genome::call(pow, &[&of(&args[0])?, &of(&args[1])?]))),
        },
        Node::Call(Op::Sqrt, args) => powers.power(space, &of(&args[0])?, 0.5),
        Node::Call(Op::Neg, args) => {
            let inner = of(&args[0])?;
            let minus = Genome::leaf(Gene::Number(-1.0));
            let negated = space.gene(Op::Neg).map(|neg| Genome::call(neg, &[&inner]));
            negated.or_else(|| space.gene(Op::Mul).map(|mul| Genome::call(mul, &[&minus, &inner])))
        }
        Node::Call(op, args) => {
            let gene = space.gene(*op)?;
            let args: Vec<Genome> = args.iter().map(of).collect::<Option<_>>()?;
            Some(Genome::call(gene, &args.iter().collect::<Vec<_>>()))
        }
    }
}
