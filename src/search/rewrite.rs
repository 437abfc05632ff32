//! A candidate rewritten by algebra: its simplest form, as a candidate of the same space.

use super::genome::{Gene, Genome};
use super::monomial::Powers;
use super::space::Space;
use crate::expr::{Expr, Node, Op, simplest};

/// Digits to which numbers are rounded before algebra: what a fit in double precision leaves behind them is no news.
const DIGITS: i32 = 12;

/// The simplest form of a candidate that is less complex; `None` where there is none, or the space cannot write it.
pub(crate) fn simpler(space: &Space, powers: &Powers, genome: &Genome) -> Option<Genome> {
    let found = rewritten(space, powers, &space.expr(genome))?;
    (space.complexity(&found) < space.complexity(genome)).then_some(found)
}

/// A formula of somebody else as a candidate, as it stands.
pub(crate) fn foreign(space: &Space, powers: &Powers, expr: &Expr) -> Option<Genome> {
    let found = space.tidy(&candidate(space, powers, expr)?);
    space.contains(&found).then_some(found)
}

/// The simplest form of an expression as a candidate.
fn rewritten(space: &Space, powers: &Powers, expr: &Expr) -> Option<Genome> {
    let written = expr.rebuild(&mut |e| match e.as_number() {
        Some(value) => Expr::number(rounded(value)),
        None => e,
    });
    let found = space.tidy(&candidate(space, powers, &simplest(&written))?);
    space.contains(&found).then_some(found)
}

/// The candidate with √(A²B) as ±A·√B wherever a root has such a factor. Neither is equal to it everywhere, but where A
/// has one sign on the data one of them is on the data, and it is the simpler law.
pub(crate) fn unsquared(space: &Space, powers: &Powers, genome: &Genome) -> Vec<Genome> {
    let expr = space.expr(genome);
    let of = |sign: f64| {
        let mut found = false;
        let out = expr.rebuild(&mut |e| match e.node() {
            Node::Call(Op::Sqrt, args) => match root(&args[0], sign) {
                Some(root) => {
                    found = true;
                    root
                }
                None => e,
            },
            _ => e,
        });
        // As it stands and in its simplest form: either may be the shorter one.
        let out = found.then_some(out);
        let ways = out.map(|out| [foreign(space, powers, &out), rewritten(space, powers, &out)]);
        ways.into_iter().flatten().flatten()
    };
    let mut out: Vec<Genome> = [1.0, -1.0].into_iter().flat_map(of).collect();
    out.dedup();
    out
}

/// `sign` · √expr with the even powers among its factors taken out; `None` where there are none of anything but numbers.
fn root(expr: &Expr, sign: f64) -> Option<Expr> {
    let mut factors: Vec<(Expr, f64)> = vec![];
    collect(expr, 1.0, &mut factors);
    let even = |(base, exponent): &(Expr, f64)| base.as_number().is_none() && (exponent / 2.0).fract() == 0.0;
    let (mut outside, inside): (Vec<_>, Vec<_>) = factors.into_iter().partition(even);
    if outside.is_empty() {
        return None;
    }
    // The sign turns a difference around, where there is one.
    let mut sign = sign;
    let odd = |(base, exponent): &&mut (Expr, f64)| {
        matches!(base.node(), Node::Call(Op::Sub, _)) && (exponent / 4.0).fract() != 0.0
    };
    if sign < 0.0
        && let Some((base, _)) = outside.iter_mut().find(odd)
        && let Node::Call(Op::Sub, args) = base.node()
    {
        *base = args[1].clone() - args[0].clone();
        sign = 1.0;
    }
    let product = |factors: &[(Expr, f64)], side: f64, share: f64| {
        let there = factors.iter().filter(|(_, exponent)| exponent * side > 0.0);
        let powers = there.map(|(base, exponent)| base.clone().pow(exponent * side * share));
        powers.reduce(|product, factor| product * factor)
    };
    let both = |side: f64| match (product(&outside, side, 0.5), product(&inside, side, 1.0)) {
        (Some(plain), Some(rooted)) => Some(plain * rooted.apply(Op::Sqrt)),
        (None, Some(rooted)) => Some(rooted.apply(Op::Sqrt)),
        (plain, None) => plain,
    };
    let quotient = match (both(1.0), both(-1.0)) {
        (Some(above), Some(below)) => above / below,
        (Some(above), None) => above,
        (None, Some(below)) => Expr::number(1.0) / below,
        (None, None) => Expr::number(1.0),
    };
    Some(if sign < 0.0 { Expr::number(sign) * quotient } else { quotient })
}

/// The factors of a product of quotients and powers with their exponents, equal ones joined.
fn collect(expr: &Expr, exponent: f64, out: &mut Vec<(Expr, f64)>) {
    match expr.node() {
        Node::Call(Op::Mul, args) => args.iter().for_each(|arg| collect(arg, exponent, out)),
        Node::Call(Op::Div, args) => {
            collect(&args[0], exponent, out);
            collect(&args[1], -exponent, out);
        }
        Node::Call(Op::Pow, args) if args[1].as_number().is_some_and(|k| k.fract() == 0.0) => {
            collect(&args[0], exponent * args[1].as_number().unwrap_or(1.0), out);
        }
        _ => match out.iter_mut().find(|(base, _)| base == expr) {
            Some((_, sum)) => *sum += exponent,
            None => out.push((expr.clone(), exponent)),
        },
    }
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
    let found = rewritten(space, powers, &space.expr(&equal))?;
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
