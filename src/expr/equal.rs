//! Equality of expressions: proved by full expansion over a common denominator, refuted by a point, or unknown.

use super::simplify::{Product, Sum, normal};
use super::{Expr, Op};
use crate::base::{Name, Seed};
use std::collections::BTreeMap;

/// The answer of [`equal`].
#[derive(Clone, Debug, PartialEq)]
pub enum Equality {
    /// Equal wherever both are defined: the expanded difference is zero.
    Proved,
    /// Different at this point, with the two values.
    Refuted {
        /// Values of the symbols.
        point: BTreeMap<Name, f64>,
        /// The values there.
        values: (f64, f64),
    },
    /// Neither: equal at every point tried, yet the expansion did not show it.
    Unknown,
}

/// Whether two expressions are the same function of their symbols. Coefficients are compared to a relative `tolerance`
/// (rounding: 1e-9), values at points as well.
pub fn equal(a: &Expr, b: &Expr, tolerance: f64) -> Equality {
    if let Some(refuted) = refute(a, b, tolerance) {
        return refuted;
    }
    match (fraction(&normal(a)), fraction(&normal(b))) {
        (Some(a), Some(b)) => match (a.0.times(&b.1), b.0.times(&a.1)) {
            (Some(left), Some(right)) if left.agrees(&right, tolerance) => Equality::Proved,
            _ => Equality::Unknown,
        },
        _ => Equality::Unknown,
    }
}

/// A point where the two differ by more than rounding, among some with symbols of both signs and several sizes.
fn refute(a: &Expr, b: &Expr, tolerance: f64) -> Option<Equality> {
    let symbols: Vec<Name> = a.symbols().union(&b.symbols()).cloned().collect();
    let mut stream = Seed::root(0).child("equal").stream();
    for trial in 0..64 {
        let positive = trial % 2 == 0;
        let point: BTreeMap<Name, f64> = symbols
            .iter()
            .map(|name| {
                let size = libm::exp(1.5 * stream.normal());
                let sign = if positive || stream.uniform() < 0.5 { 1.0 } else { -1.0 };
                (name.clone(), sign * size)
            })
            .collect();
        let at = |e: &Expr| e.eval(&|name| point.get(name).copied()).expect("all symbols have values");
        let values = (at(a), at(b));
        let scale = largest(a, &point).max(largest(b, &point));
        let both = values.0.is_finite() && values.1.is_finite();
        if both && (values.0 - values.1).abs() > (tolerance.max(1e-9)) * scale {
            return Some(Equality::Refuted { point, values });
        }
    }
    None
}

/// The largest absolute value on the way to the result: rounding errors are relative to it.
fn largest(expr: &Expr, point: &BTreeMap<Name, f64>) -> f64 {
    let mut size = f64::MIN_POSITIVE;
    expr.visit(&mut |e| {
        let value = e.eval(&|name| point.get(name).copied()).expect("all symbols have values").abs();
        if value.is_finite() {
            size = size.max(value);
        }
    });
    size
}

/// A polynomial in atoms: expressions that are no sums, products or whole powers.
#[derive(Clone, Debug, Default)]
struct Polynomial(BTreeMap<BTreeMap<Expr, u32>, f64>);

/// Beyond this many terms an expansion is given up.
const MOST_TERMS: usize = 4000;

impl Polynomial {
    fn number(value: f64) -> Polynomial {
        Polynomial(BTreeMap::from([(BTreeMap::new(), value)]))
    }

    fn plus(mut self, other: &Polynomial) -> Polynomial {
        for (monomial, coefficient) in &other.0 {
            *self.0.entry(monomial.clone()).or_insert(0.0) += coefficient;
        }
        self
    }

    fn times(&self, other: &Polynomial) -> Option<Polynomial> {
        if self.0.len() * other.0.len() > MOST_TERMS {
            return None;
        }
        let mut product = Polynomial::default();
        for (a, x) in &self.0 {
            for (b, y) in &other.0 {
                let mut monomial = a.clone();
                for (atom, power) in b {
                    *monomial.entry(atom.clone()).or_insert(0) += power;
                }
                *product.0.entry(monomial).or_insert(0.0) += x * y;
            }
        }
        Some(product)
    }

    fn agrees(&self, other: &Polynomial, tolerance: f64) -> bool {
        let size = self.0.values().chain(other.0.values()).fold(0.0f64, |size, c| size.max(c.abs()));
        let difference = other.0.iter().fold(self.clone(), |mut difference, (monomial, coefficient)| {
            *difference.0.entry(monomial.clone()).or_insert(0.0) -= coefficient;
            difference
        });
        difference.0.values().all(|c| c.abs() <= tolerance * size)
    }
}

type Fraction = (Polynomial, Polynomial);

/// Numerator and denominator of a sum; `None` where they grow too large.
fn fraction(sum: &Sum) -> Option<Fraction> {
    let mut total = (Polynomial::number(sum.constant), Polynomial::number(1.0));
    for (product, coefficient) in &sum.terms {
        let (above, below) = product_fraction(product, *coefficient)?;
        total = (total.0.times(&below)?.plus(&above.times(&total.1)?), total.1.times(&below)?);
    }
    Some(total)
}

fn product_fraction(product: &Product, coefficient: f64) -> Option<Fraction> {
    let (mut above, mut below) = (Polynomial::number(coefficient), Polynomial::number(1.0));
    for (base, power) in &product.0 {
        let whole = power.0.trunc();
        if whole.abs() > 12.0 {
            return None;
        }
        let (mut numerator, mut denominator) = (atom(base)?, Polynomial::number(1.0));
        if matches!(base.node(), super::Node::Call(Op::Add | Op::Sub, _)) {
            (numerator, denominator) = fraction(&normal(base))?;
        }
        if whole < 0.0 {
            std::mem::swap(&mut numerator, &mut denominator);
        }
        for _ in 0..whole.abs() as usize {
            above = above.times(&numerator)?;
            below = below.times(&denominator)?;
        }
        let part = power.0 - whole;
        if part != 0.0 {
            let root = atom(&Expr::call(Op::Pow, vec![base.clone(), Expr::number(part.abs())]))?;
            if part > 0.0 {
                above = above.times(&root)?;
            } else {
                below = below.times(&root)?;
            }
        }
    }
    Some((above, below))
}

fn atom(base: &Expr) -> Option<Polynomial> {
    Some(Polynomial(BTreeMap::from([(BTreeMap::from([(base.clone(), 1)]), 1.0)])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols() -> (Expr, Expr, Expr) {
        ("r".into(), "m".into(), 0.01.into())
    }

    #[test]
    fn rearranged_laws_are_equal() {
        let (r, m, c) = symbols();
        let law = m.clone() / (r.clone() + c.clone()).pow(2.0);
        let expanded = m.clone() / (r.clone().pow(2.0) + Expr::number(0.02) * r.clone() + Expr::number(1e-4));
        assert_eq!(equal(&law, &expanded, 1e-9), Equality::Proved);
        let split = Expr::number(2.0) / m.clone() * r.clone() - Expr::number(1.98) / m.clone();
        let joined = Expr::number(2.0) * (r.clone() - Expr::number(0.99)) / m.clone();
        assert_eq!(equal(&split, &joined, 1e-9), Equality::Proved);
    }

    #[test]
    fn different_laws_are_refuted_by_a_point() {
        let (r, m, c) = symbols();
        let law = m.clone() / (r.clone() + c).pow(2.0);
        let bare = m / r.pow(2.0);
        assert!(matches!(equal(&law, &bare, 1e-9), Equality::Refuted { .. }));
    }

    #[test]
    fn what_expansion_cannot_show_is_unknown() {
        let x = Expr::symbol("x");
        let one = x.clone().apply(Op::Sin).pow(2.0) + x.apply(Op::Cos).pow(2.0);
        assert_eq!(equal(&one, &Expr::number(1.0), 1e-9), Equality::Unknown);
    }
}
