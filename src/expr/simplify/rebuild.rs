//! From the normal form back to an expression.

use super::form::{Power, Product, Sum, normal};
use crate::expr::{Expr, Node, Op};
use std::collections::BTreeMap;

/// The expression of a sum, common factors and, beside them, the leading coefficient taken out.
pub(super) fn sum(form: &Sum) -> Expr {
    if form.terms.len() + usize::from(form.constant != 0.0) < 2 {
        return plain_sum(form);
    }
    let (common, rest) = common_factor(form.clone());
    if common.0.is_empty() {
        return plain_sum(form);
    }
    let mut factored = common;
    if let Some((product, coefficient)) = single(&rest) {
        for (base, power) in product.0 {
            factored.multiply(base, power.0);
        }
        return monomial(coefficient, &factored);
    }
    let inner = plain_sum(&rest);
    factored.multiply(inner, 1.0);
    monomial(1.0, &factored)
}

fn single(form: &Sum) -> Option<(Product, f64)> {
    (form.constant == 0.0 && form.terms.len() == 1).then(|| form.terms.iter().next().map(|(p, c)| (p.clone(), *c)))?
}

/// The bases that every term has, each with the smallest power of one sign, and the sum without them.
pub(super) fn common_factor(form: Sum) -> (Product, Sum) {
    let mut terms = form.terms.keys();
    let Some(first) = terms.next().filter(|_| form.constant == 0.0) else { return (Product::default(), form) };
    let mut common: BTreeMap<Expr, Power> = first.0.clone();
    for product in terms {
        common = common
            .into_iter()
            .filter_map(|(base, a)| {
                let b = product.0.get(&base)?;
                let least = if a.0.abs() < b.0.abs() { a } else { *b };
                (a.0 * b.0 > 0.0).then_some((base, least))
            })
            .collect();
    }
    if common.is_empty() {
        return (Product::default(), form);
    }
    let mut rest = Sum { constant: 0.0, terms: BTreeMap::new() };
    for (mut product, coefficient) in form.terms {
        for (base, power) in &common {
            product.multiply(base.clone(), -power.0);
        }
        if product.0.is_empty() {
            rest.constant += coefficient;
        } else {
            rest.terms.insert(product, coefficient);
        }
    }
    (Product(common), rest)
}

/// The terms one after another: those with a positive coefficient first, the constant last.
pub(super) fn plain_sum(form: &Sum) -> Expr {
    let (mut positive, mut negative): (Vec<_>, Vec<_>) = form.terms.iter().partition(|(_, c)| **c > 0.0);
    let mut total: Option<Expr> = None;
    for (product, coefficient) in positive.drain(..) {
        let term = monomial(*coefficient, product);
        total = Some(match total {
            None => term,
            Some(sum) => Expr::call(Op::Add, vec![sum, term]),
        });
    }
    if form.constant > 0.0 || form.terms.is_empty() || form.constant.is_nan() {
        let term = Expr::number(form.constant);
        total = Some(match total {
            None => term,
            Some(sum) => Expr::call(Op::Add, vec![sum, term]),
        });
    }
    for (product, coefficient) in negative.drain(..) {
        total = Some(match total {
            None => monomial(*coefficient, product),
            Some(sum) => Expr::call(Op::Sub, vec![sum, monomial(-coefficient, product)]),
        });
    }
    let total = total.expect("a sum has a term or a constant");
    if form.constant < 0.0 && !form.terms.is_empty() {
        return Expr::call(Op::Sub, vec![total, Expr::number(-form.constant)]);
    }
    total
}

/// A product with its coefficient, which goes into one of its sums where that is shorter: `(2 * x + 1)^2`, not
/// `4 * (x + 0.5)^2` with longer numbers.
fn monomial(coefficient: f64, product: &Product) -> Expr {
    let mut best = fraction(coefficient, product);
    if coefficient.abs() == 1.0 || !coefficient.is_finite() {
        return best;
    }
    let sums = product.0.iter().filter(|(base, _)| matches!(base.node(), Node::Call(Op::Add | Op::Sub, _)));
    for (base, Power(power)) in sums {
        let odd = power % 2.0 != 0.0 && *power == power.trunc();
        let size = short(libm::pow(coefficient.abs(), 1.0 / power));
        let (factor, sign) = if odd { (size.copysign(coefficient), 1.0) } else { (size, coefficient.signum()) };
        if !factor.is_finite() || factor == 0.0 || short(libm::pow(size, *power)) != short(coefficient.abs()) {
            continue;
        }
        let mut whole = normal(base);
        whole.constant = short(whole.constant * factor);
        whole.terms.values_mut().for_each(|value| *value = short(*value * factor));
        let mut others = product.clone();
        others.0.remove(base);
        others.multiply(plain_sum(&whole), *power);
        let candidate = fraction(sign, &others);
        if candidate.size() < best.size() {
            best = candidate;
        }
    }
    best
}

/// The number with 15 digits, which is what rounding on the way leaves of it.
fn short(value: f64) -> f64 {
    format!("{value:.14e}").parse().unwrap_or(value)
}

/// A product with its coefficient, as a fraction: positive powers above, negative ones below.
fn fraction(coefficient: f64, product: &Product) -> Expr {
    let side = |sign: f64| {
        let factors = product.0.iter().filter(|(_, power)| power.0 * sign > 0.0);
        factors.map(|(base, power)| raised(base.clone(), power.0 * sign)).reduce(|a, b| Expr::call(Op::Mul, vec![a, b]))
    };
    let (above, below) = (side(1.0), side(-1.0));
    let numerator = match (above, coefficient) {
        (None, c) => Expr::number(c),
        (Some(above), 1.0) => above,
        (Some(above), -1.0) => negated(above),
        (Some(above), c) => scaled(c, above),
    };
    match below {
        Some(below) => Expr::call(Op::Div, vec![numerator, below]),
        None => numerator,
    }
}

/// `c * (a * b)` as `(c * a) * b`, so that it prints without parentheses.
fn scaled(coefficient: f64, product: Expr) -> Expr {
    match product.node() {
        Node::Call(Op::Mul, args) => Expr::call(Op::Mul, vec![scaled(coefficient, args[0].clone()), args[1].clone()]),
        _ => Expr::call(Op::Mul, vec![Expr::number(coefficient), product]),
    }
}

fn negated(product: Expr) -> Expr {
    Expr::call(Op::Neg, vec![product])
}

fn raised(base: Expr, power: f64) -> Expr {
    match power {
        1.0 => base,
        0.5 => Expr::call(Op::Sqrt, vec![base]),
        _ => Expr::call(Op::Pow, vec![base, Expr::number(power)]),
    }
}
