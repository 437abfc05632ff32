//! Integrals of rational functions with rational coefficients, by partial fractions.

use crate::expr::algebra::{self, Field, Fraction, Polynomial, Ratio};
use crate::expr::{Expr, Op};

/// Largest degree of a denominator.
const HIGHEST: u16 = 8;

/// An antiderivative in `symbol`; `None` where the expression is no such function, or a factor of its denominator has a
/// degree above two.
pub(super) fn integrate(expr: &Expr, symbol: &str) -> Option<Expr> {
    let standard = |e: &Expr| e.clone();
    let mut field = Field::of(expr, &standard);
    let whole = field.fraction(expr)?;
    let atom = field.find(&Expr::symbol(symbol))?;
    let own = |p: &Polynomial| p.atoms().iter().all(|other| *other == atom);
    if !own(&whole.above) || !own(&whole.below) || whole.below.degree(atom) > HIGHEST {
        return None;
    }
    let show = |p: Polynomial| algebra::quotient(&field, &Fraction::whole(p));
    let (quotient, rest) = divide(&whole.above, &whole.below, atom)?;
    let mut total = show(antiderivative(&quotient, atom)?);
    if rest.is_zero() {
        return Some(total);
    }
    let (content, factors) = algebra::factor_polynomial(&whole.below)?;
    let rest = rest.scaled(Ratio::ONE.over(content)?)?;
    let below = whole.below.scaled(Ratio::ONE.over(content)?)?;
    for part in partial_fractions(&rest, &below, &factors, atom)? {
        total = total + integral(&part, atom, &show)?;
    }
    Some(total)
}

/// `above / base ^ power`.
struct Part {
    above: Polynomial,
    base: Polynomial,
    power: u32,
}

/// Polynomial division in one atom.
fn divide(a: &Polynomial, b: &Polynomial, atom: u16) -> Option<(Polynomial, Polynomial)> {
    let (mut quotient, mut rest) = (Polynomial::default(), a.clone());
    let degree = b.degree(atom);
    let lead = b.by_power(atom).pop()?.as_number()?;
    while !rest.is_zero() && rest.degree(atom) >= degree {
        let top = rest.by_power(atom).pop()?.as_number()?;
        let term = Polynomial::atom(atom, rest.degree(atom) - degree).scaled(top.over(lead)?)?;
        rest = rest.minus(&b.times(&term)?)?;
        quotient = quotient.plus(&term)?;
    }
    Some((quotient, rest))
}

fn antiderivative(p: &Polynomial, atom: u16) -> Option<Polynomial> {
    let mut out = Polynomial::default();
    for (power, coefficient) in p.by_power(atom).into_iter().enumerate() {
        let value = coefficient.as_number()?.over(Ratio::whole(power as i128 + 1))?;
        out = out.plus(&Polynomial::atom(atom, power as u16 + 1).scaled(value)?)?;
    }
    Some(out)
}

/// Numerators over powers of the factors, from one linear system.
fn partial_fractions(
    above: &Polynomial,
    below: &Polynomial,
    factors: &[(Polynomial, u32)],
    atom: u16,
) -> Option<Vec<Part>> {
    let size = usize::from(below.degree(atom));
    let mut unknowns: Vec<(usize, u32, u16)> = vec![];
    let mut columns: Vec<Polynomial> = vec![];
    for (index, (base, highest)) in factors.iter().enumerate() {
        for power in 1..=*highest {
            let cofactor = below.divided(&base.power(power)?)?;
            for degree in 0..base.degree(atom) {
                unknowns.push((index, power, degree));
                columns.push(cofactor.times(&Polynomial::atom(atom, degree))?);
            }
        }
    }
    let coefficient =
        |p: &Polynomial, row: usize| p.by_power(atom).get(row).map_or(Some(Ratio::ZERO), Polynomial::as_number);
    let mut rows: Vec<Vec<Ratio>> = vec![];
    for row in 0..size {
        let mut line: Vec<Ratio> = columns.iter().map(|column| coefficient(column, row)).collect::<Option<_>>()?;
        line.push(coefficient(above, row)?);
        rows.push(line);
    }
    let values = solved(rows)?;
    let mut parts: Vec<Part> = vec![];
    for ((index, power, degree), value) in unknowns.into_iter().zip(values) {
        let term = Polynomial::atom(atom, degree).scaled(value)?;
        let base = &factors[index].0;
        match parts.iter_mut().find(|part| part.power == power && part.base == *base) {
            Some(part) => part.above = part.above.plus(&term)?,
            None => parts.push(Part { above: term, base: base.clone(), power }),
        }
    }
    parts.retain(|part| !part.above.is_zero());
    Some(parts)
}

/// The solution of a square linear system, its right side last in each row (Gauss).
fn solved(mut rows: Vec<Vec<Ratio>>) -> Option<Vec<Ratio>> {
    let size = rows.len();
    for column in 0..size {
        let pivot = (column..size).find(|row| !rows[*row][column].is_zero())?;
        rows.swap(column, pivot);
        let lead = rows[column][column];
        for value in &mut rows[column] {
            *value = value.over(lead)?;
        }
        for row in (0..size).filter(|row| *row != column) {
            let factor = rows[row][column];
            for k in column..=size {
                let product = rows[column][k].times(factor)?;
                rows[row][k] = rows[row][k].plus(product.negated())?;
            }
        }
    }
    Some(rows.into_iter().map(|row| row[size]).collect())
}

fn integral(part: &Part, atom: u16, show: &dyn Fn(Polynomial) -> Expr) -> Option<Expr> {
    let coefficients =
        |p: &Polynomial| p.by_power(atom).iter().map(Polynomial::as_number).collect::<Option<Vec<Ratio>>>();
    let base = coefficients(&part.base)?;
    let above = coefficients(&part.above)?;
    let u = show(part.base.clone());
    let number = |value: Ratio| Expr::number(value.to_float());
    let logarithm = |u: Expr| u.apply(Op::Abs).apply(Op::Log);
    match (base.len(), part.power) {
        (2, 1) => Some(weighted(above[0].over(base[1])?, logarithm(u))),
        (2, power) => {
            let value = above[0].over(base[1])?.over(Ratio::whole(1 - i128::from(power)))?;
            Some(weighted(value, Expr::number(1.0) / u.pow(f64::from(power - 1))))
        }
        (3, 1) => {
            let (a, b, c) = (base[2], base[1], base[0]);
            let slope = above.get(1).copied().unwrap_or(Ratio::ZERO).over(a.times(Ratio::whole(2))?)?;
            let rest = above[0].plus(slope.times(b)?.negated())?;
            // 4ac − b²: positive without real roots.
            let bend = a.times(c)?.times(Ratio::whole(4))?.plus(b.times(b)?.negated())?;
            let inner = show(part.base.derivative(atom)?);
            let logarithm = if bend.is_negative() { logarithm(u) } else { u.apply(Op::Log) };
            let mut total = if slope.is_zero() { Expr::number(0.0) } else { weighted(slope, logarithm) };
            if !rest.is_zero() {
                let root = match bend.abs().square_root() {
                    Some(root) => number(root),
                    None => Expr::call(Op::Sqrt, vec![number(bend.abs())]),
                };
                total = total
                    + match bend.is_negative() {
                        false => number(rest.times(Ratio::whole(2))?) * (inner / root.clone()).apply(Op::Atan) / root,
                        true => {
                            let quotient = (inner.clone() - root.clone()) / (inner + root.clone());
                            number(rest) * quotient.apply(Op::Abs).apply(Op::Log) / root
                        }
                    };
            }
            Some(total)
        }
        (3, power) => {
            let (a, b, c) = (base[2], base[1], base[0]);
            let less = Ratio::whole(i128::from(power) - 1);
            let slope = above.get(1).copied().unwrap_or(Ratio::ZERO).over(a.times(Ratio::whole(2))?)?;
            let rest = above[0].plus(slope.times(b)?.negated())?;
            let bend = a.times(c)?.times(Ratio::whole(4))?.plus(b.times(b)?.negated())?;
            let below = u.pow(f64::from(power - 1));
            let share = rest.over(less.times(bend)?)?;
            let scale = share.times(a.times(Ratio::whole(4 * i128::from(power) - 6))?)?;
            let lower = Part { above: Polynomial::one().scaled(scale)?, base: part.base.clone(), power: power - 1 };
            let own = weighted(slope.over(less)?.negated(), Expr::number(1.0) / below.clone())
                + weighted(share, show(part.base.derivative(atom)?) / below);
            if scale.is_zero() { Some(own) } else { Some(own + integral(&lower, atom, show)?) }
        }
        _ => None,
    }
}

/// A number times an expression, whole divisors below.
fn weighted(value: Ratio, expr: Expr) -> Expr {
    match value.is_whole() || value.is_short_decimal() && value.above().abs() != 1 {
        true => Expr::number(value.to_float()) * expr,
        false => Expr::number(value.above() as f64) * expr / Expr::number(value.below() as f64),
    }
}
