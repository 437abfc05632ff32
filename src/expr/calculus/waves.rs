//! Antiderivatives of sines and cosines: powers, products, with an exponential, and below a fraction bar.

use super::integrate::{has, slope, table};
use super::rational;
use crate::base::Name;
use crate::expr::algebra::coefficients;
use crate::expr::{Expr, Node, Op, simplest};
use std::collections::{BTreeMap, BTreeSet};

/// Most waves of a product, powers counted.
const MOST: usize = 6;

/// A whole power of a sine, cosine or tangent of a linear argument: two less at a time, or one over it.
pub(super) fn power(wave: &Expr, power: Option<f64>, x: &str) -> Option<Expr> {
    let n = Expr::number;
    let power = power.filter(|power| (-2.0..=32.0).contains(power) && *power == power.trunc())?;
    let Node::Call(op @ (Op::Sin | Op::Cos | Op::Tan), args) = wave.node() else { return None };
    let (angle, by) = (args[0].clone(), slope(&args[0], x)?);
    let other = angle.clone().apply(if *op == Op::Sin { Op::Cos } else { Op::Sin });
    let less = || if power == 2.0 { Some(Expr::symbol(x)) } else { table(&wave.clone().pow(power - 2.0), x) };
    let log_of = |e: Expr| e.apply(Op::Abs).apply(Op::Log);
    Some(match (op, power) {
        (Op::Tan, 2.0..) => wave.clone().pow(power - 1.0) / (n(power - 1.0) * by) - less()?,
        (Op::Sin, 2.0..) => (n(power - 1.0) * less()? - wave.clone().pow(power - 1.0) * other / by) / n(power),
        (Op::Cos, 2.0..) => (n(power - 1.0) * less()? + wave.clone().pow(power - 1.0) * other / by) / n(power),
        (Op::Tan, -1.0) => log_of(other) / by,
        (Op::Sin, -1.0) => log_of((angle / n(2.0)).apply(Op::Tan)) / by,
        (Op::Cos, -1.0) => log_of((n(1.0) + other) / wave.clone()) / by,
        (Op::Sin, -2.0) => -other / (wave.clone() * by),
        (Op::Cos, -2.0) => angle.apply(Op::Tan) / by,
        _ => return None,
    })
}

/// `exp(a x + c) sin(b x + d)` and its kin.
pub(super) fn damped(factors: &[Expr], x: &str) -> Option<Expr> {
    let [first, second] = factors else { return None };
    let (growth, wave) = if matches!(first.node(), Node::Call(Op::Exp, _)) { (first, second) } else { (second, first) };
    let (Node::Call(Op::Exp, _), Node::Call(op @ (Op::Sin | Op::Cos), _)) = (growth.node(), wave.node()) else {
        return None;
    };
    let (a, b) = (slope(&growth.args()[0], x)?, slope(&wave.args()[0], x)?);
    let angle = wave.args()[0].clone();
    let (sine, cosine) = (angle.clone().apply(Op::Sin), angle.apply(Op::Cos));
    let sum = match op {
        Op::Sin => a.clone() * sine - b.clone() * cosine,
        _ => a.clone() * cosine + b.clone() * sine,
    };
    Some(growth.clone() * sum / (a.pow(2.0) + b.pow(2.0)))
}

/// A product with several waves of linear arguments as a sum of products with one.
pub(super) fn summed(factors: &[Expr], x: &str) -> Option<Expr> {
    let n = Expr::number;
    let mut parts = vec![];
    factors.iter().for_each(|factor| spread(factor, 1.0, &mut parts));
    let mut waves = vec![];
    let mut rest = n(1.0);
    for (base, power) in parts {
        match base.node() {
            Node::Call(op @ (Op::Sin | Op::Cos), args)
                if (1.0..=MOST as f64).contains(&power) && slope(&args[0], x).is_some() =>
            {
                waves.extend(std::iter::repeat_n((*op, args[0].clone()), power as usize));
            }
            _ => rest = rest * base.pow(power),
        }
    }
    if !(2..=MOST).contains(&waves.len()) {
        return None;
    }
    let mut terms: Vec<(f64, Op, Expr)> = vec![];
    for (op, angle) in waves {
        terms = match &terms[..] {
            [] => vec![(1.0, op, angle)],
            _ => terms.iter().flat_map(|term| pair(term, op, &angle)).collect(),
        };
    }
    let of = |(value, op, angle): (f64, Op, Expr)| simplest(&(n(value) * angle.apply(op) * rest.clone()));
    terms.into_iter().map(of).reduce(|sum, term| sum + term)
}

/// The factors of a whole power, each with its own.
fn spread(expr: &Expr, power: f64, out: &mut Vec<(Expr, f64)>) {
    match expr.node() {
        Node::Call(Op::Mul, args) => args.iter().for_each(|arg| spread(arg, power, out)),
        Node::Call(Op::Pow, args) => match args[1].as_number() {
            Some(own) if own == own.trunc() => spread(&args[0], own * power, out),
            _ => out.push((expr.clone(), power)),
        },
        _ => out.push((expr.clone(), power)),
    }
}

/// The product of two waves as a sum of two.
fn pair((value, first, a): &(f64, Op, Expr), second: Op, b: &Expr) -> [(f64, Op, Expr); 2] {
    let (less, more) = (simplest(&(a.clone() - b.clone())), simplest(&(a.clone() + b.clone())));
    let half = value / 2.0;
    match (first, second) {
        (Op::Sin, Op::Sin) => [(half, Op::Cos, less), (-half, Op::Cos, more)],
        (Op::Cos, Op::Cos) => [(half, Op::Cos, less), (half, Op::Cos, more)],
        (Op::Sin, _) => [(half, Op::Sin, more), (half, Op::Sin, less)],
        (_, _) => [(half, Op::Sin, more), (-half, Op::Sin, less)],
    }
}

/// A rational function of the sine and cosine of one linear argument, by the tangent of half of it (Weierstrass). Arc
/// tangents are written so that they do not jump where that tangent does (Jeffrey and Rich 1994).
pub(super) fn by_half_angle(expr: &Expr, x: &str) -> Option<Expr> {
    const HALF: &str = "$t";
    let n = Expr::number;
    let mut angles = BTreeSet::new();
    expr.visit(&mut |e| {
        if let Node::Call(Op::Sin | Op::Cos | Op::Tan, args) = e.node()
            && has(e, x)
        {
            angles.insert(args[0].clone());
        }
    });
    let angle = angles.pop_first().filter(|_| angles.is_empty())?;
    let rate = slope(&angle, x)?;
    let t = Expr::symbol(HALF);
    let whole = n(1.0) + t.clone().pow(2.0);
    let replaced = expr.rebuild(&mut |e| match e.node() {
        Node::Call(Op::Sin, args) if args[0] == angle => n(2.0) * t.clone() / whole.clone(),
        Node::Call(Op::Cos, args) if args[0] == angle => (n(1.0) - t.clone().pow(2.0)) / whole.clone(),
        Node::Call(Op::Tan, args) if args[0] == angle => n(2.0) * t.clone() / (n(1.0) - t.clone().pow(2.0)),
        _ => e,
    });
    if has(&replaced, x) {
        return None;
    }
    let found = rational::integrate(&simplest(&(n(2.0) * replaced / whole)), HALF)?;
    let found = found.rebuild(&mut |e| match e.node() {
        Node::Call(Op::Atan, args) => smooth(&args[0], HALF, &angle).unwrap_or(e),
        _ => e,
    });
    let tangent = (angle / n(2.0)).apply(Op::Tan);
    Some(found.substitute(&BTreeMap::from([(Name::new(HALF), tangent)])) / rate)
}

/// `atan(p t + q)` with t the tangent of half an angle, without its jumps: half the angle, and the angle between
/// `1 + i (p t + q)` and `1 + i t`.
fn smooth(inside: &Expr, t: &str, angle: &Expr) -> Option<Expr> {
    let n = Expr::number;
    let [shift, steep] = &coefficients(inside, t)?[..] else { return None };
    let number = |e: &Expr| e.eval(&|_| None).ok();
    let (shift, steep) = (number(shift)?, number(steep)?);
    let sign = Op::Sign.apply(&[steep]);
    let (shift, steep) = (shift * sign, steep * sign);
    let (sine, cosine) = (angle.clone().apply(Op::Sin), angle.clone().apply(Op::Cos));
    let across = n(shift) + n(steep - 1.0) * sine.clone() + n(shift) * cosine.clone();
    let along = n(1.0 + steep) + n(shift) * sine + n(1.0 - steep) * cosine;
    // Without a shift the second is positive.
    let turned = match shift {
        0.0 => (across / along).apply(Op::Atan),
        _ => Expr::call(Op::Atan2, vec![across, along]),
    };
    Some(n(sign) * (angle.clone() / n(2.0) + turned))
}
