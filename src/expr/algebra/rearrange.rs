//! Expressions in other shapes: written out, factored, sorted by powers, on one fraction bar.

use super::compact;
use super::factor::HIGHEST;
use super::fraction::{Field, Fraction};
use super::polynomial::{Monomial, Polynomial};
use super::ratio::Ratio;
use crate::expr::{Expr, Node, Op};

/// Products and whole powers of sums written out as sums; inside functions too.
pub fn expand(expr: &Expr) -> Expr {
    shaped(expr, &expand, &|field, fraction| Some(compact::expanded(field, fraction)))
}

/// Numerator and denominator as products of irreducible factors over the rational numbers, with whole coefficients; measured
/// numbers such as 1.98 stay decimals.
pub fn factor(expr: &Expr) -> Expr {
    shaped(expr, &factor, &|field, fraction| {
        let measured = [&fraction.above, &fraction.below].into_iter().flat_map(|side| side.0.values()).any(is_measured);
        compact::factored(field, fraction, HIGHEST, if measured { compact::nicest } else { compact::whole })
    })
}

/// Whether a number is more likely written with a decimal point than as a fraction.
fn is_measured(value: &Ratio) -> bool {
    value.is_short_decimal() && value.below() > 8
}

/// One fraction in lowest terms, both sides written out.
pub fn cancel(expr: &Expr) -> Expr {
    shaped(expr, &cancel, &|field, fraction| Some(compact::together(field, fraction)))
}

/// One fraction in lowest terms, both sides as short as can be.
pub fn together(expr: &Expr) -> Expr {
    shaped(expr, &together, &|field, fraction| Some(compact::one_bar(field, fraction)))
}

/// A sum by powers of `symbol`, highest first, each with one coefficient.
pub fn collect(expr: &Expr, symbol: &str) -> Expr {
    let standard = |e: &Expr| e.clone();
    let mut field = Field::of(expr, &standard);
    let Some(whole) = field.fraction(expr) else { return expr.clone() };
    let Some(atom) = field.find(&Expr::symbol(symbol)) else { return expr.clone() };
    if whole.below.degree(atom) > 0 {
        return expr.clone();
    }
    let mut parts = vec![];
    for (power, coefficient) in whole.above.by_power(atom).into_iter().enumerate().rev() {
        if coefficient.is_zero() {
            continue;
        }
        let coefficient = Fraction { above: coefficient, below: whole.below.clone() };
        let coefficient = coefficient.cancelled().unwrap_or(coefficient);
        let monomial = Polynomial::atom(atom, power as u16);
        let short = coefficient.above.0.len() == 1 && coefficient.below.0.len() == 1;
        parts.push(match (power, short) {
            (0, _) => compact::quotient(&field, &coefficient),
            (_, true) => {
                let term = coefficient.times(&Fraction::whole(monomial)).unwrap_or(coefficient);
                compact::quotient(&field, &term)
            }
            _ => {
                let base = compact::quotient(&field, &Fraction::whole(monomial));
                Expr::call(Op::Mul, vec![compact::quotient(&field, &coefficient), base])
            }
        });
    }
    added(parts)
}

/// Parts as one sum; a part with a minus before it is subtracted.
fn added(parts: Vec<Expr>) -> Expr {
    let join = |sum: Expr, part: Expr| match part.node() {
        Node::Call(Op::Neg, args) => Expr::call(Op::Sub, vec![sum, args[0].clone()]),
        Node::Number(value) if *value < 0.0 => Expr::call(Op::Sub, vec![sum, Expr::number(-value)]),
        _ => Expr::call(Op::Add, vec![sum, part]),
    };
    parts.into_iter().reduce(join).unwrap_or_else(|| Expr::number(0.0))
}

/// An expression through its fraction; where there is none, its parts are shaped one by one.
fn shaped(expr: &Expr, standard: &dyn Fn(&Expr) -> Expr, shape: &dyn Fn(&Field, &Fraction) -> Option<Expr>) -> Expr {
    let mut field = Field::of(expr, standard);
    let found = field.fraction(expr).and_then(|fraction| shape(&field, &fraction));
    match (found, expr.node()) {
        (Some(found), _) => found,
        (None, Node::Call(op, args)) => Expr::call(*op, args.iter().map(standard).collect()),
        (None, _) => expr.clone(),
    }
}

/// The irreducible factors of the numerator, each once, numbers left out. `highest` bounds the degree of what is factored, and
/// with it the time; what is beyond it stays whole.
pub fn factors(expr: &Expr, highest: usize) -> Option<Vec<Expr>> {
    let standard = |e: &Expr| e.clone();
    let mut field = Field::of(expr, &standard);
    let whole = field.fraction(expr)?;
    let (_, parts) = super::factor::factor(&whole.above, highest)?;
    let plain = |part: Polynomial| compact::quotient(&field, &Fraction::whole(compact::nicest(&part).1));
    Some(parts.into_iter().map(|(part, _)| plain(part)).collect())
}

/// Numerator and denominator of the fraction that a float was meant to be: 1/3 for the float next to it.
pub fn as_fraction(value: f64) -> Option<(f64, f64)> {
    let ratio = Ratio::from_float(value).filter(|ratio| ratio.below() <= 10_000)?;
    Some((ratio.above() as f64, ratio.below() as f64))
}

/// A number and irreducible factors with their powers.
pub(crate) fn factor_polynomial(p: &Polynomial) -> Option<(Ratio, Vec<(Polynomial, u32)>)> {
    super::factor::factor(p, HIGHEST)
}

/// Powers of one atom with their coefficients, if the expression is a polynomial in it with no other function of it.
pub(crate) fn coefficients(expr: &Expr, symbol: &str) -> Option<Vec<Expr>> {
    let standard = |e: &Expr| e.clone();
    let mut field = Field::of(expr, &standard);
    let whole = field.fraction(expr)?;
    let Some(atom) = field.find(&Expr::symbol(symbol)) else { return Some(vec![expr.clone()]) };
    let inside = |other: u16| other != atom && field.expr(other).symbols().iter().any(|name| name.as_str() == symbol);
    let in_use = |monomial: &Monomial| monomial.0.iter().any(|factor| inside(factor.0));
    if whole.below.degree(atom) > 0 || whole.above.0.keys().chain(whole.below.0.keys()).any(in_use) {
        return None;
    }
    let part = |above: Polynomial| {
        let part = Fraction { above, below: whole.below.clone() };
        let part = part.cancelled()?;
        Some(compact::quotient(&field, &part))
    };
    whole.above.by_power(atom).into_iter().map(part).collect()
}
