//! From fractions back to expressions: written out, factored, or as short as factoring out by and by makes them.

use super::factor::factor;
use super::fraction::{Field, Fraction};
use super::polynomial::{Monomial, Polynomial};
use super::ratio::Ratio;
use crate::expr::{Expr, Node, Op};
use std::collections::BTreeMap;

/// A term of a sum: a coefficient and powers of atoms of either sign.
#[derive(Clone, Debug)]
struct Term {
    value: Ratio,
    powers: BTreeMap<u16, i32>,
}

/// The fraction in few nodes: common factors taken out again and again.
pub(crate) fn quotient(field: &Field, fraction: &Fraction) -> Expr {
    let (scale, below) = nicest(&fraction.below);
    let above = terms(&fraction.above.scaled(reciprocal(scale)).unwrap_or_else(|| fraction.above.clone()));
    match below.leading() {
        Some((monomial, value)) if below.0.len() == 1 => compact(field, divided(above, monomial, value)),
        _ => over(compact(field, above), compact(field, terms(&below))),
    }
}

/// The same on one fraction bar.
pub(crate) fn one_bar(field: &Field, fraction: &Fraction) -> Expr {
    let (scale, below) = nicest(&fraction.below);
    let above = fraction.above.scaled(reciprocal(scale)).unwrap_or_else(|| fraction.above.clone());
    over(compact(field, terms(&above)), compact(field, terms(&below)))
}

/// The fraction with its numerator written out as a sum of terms.
pub(crate) fn expanded(field: &Field, fraction: &Fraction) -> Expr {
    let (scale, below) = nicest(&fraction.below);
    let above = terms(&fraction.above.scaled(reciprocal(scale)).unwrap_or_else(|| fraction.above.clone()));
    match below.leading() {
        Some((monomial, value)) if below.0.len() == 1 => plain(field, &divided(above, monomial, value)),
        _ => {
            let below = plain(field, &terms(&below));
            let parts = above.iter().map(|term| {
                let sign = term.value.is_negative();
                (sign, over(monomial(field, &Term { value: term.value.abs(), ..term.clone() }), below.clone()))
            });
            sum(parts.collect())
        }
    }
}

/// The fraction as one sum over one sum.
pub(crate) fn together(field: &Field, fraction: &Fraction) -> Expr {
    let (scale, below) = nicest(&fraction.below);
    let above = fraction.above.scaled(reciprocal(scale)).unwrap_or_else(|| fraction.above.clone());
    over(plain(field, &terms(&above)), plain(field, &terms(&below)))
}

/// Numerator and denominator as products of irreducible factors, see [`factor`], each scaled by `scaling`; `None` where
/// numbers grow too large.
pub(crate) fn factored(field: &Field, fraction: &Fraction, highest: usize, scaling: Scaling) -> Option<Expr> {
    let mut content = Ratio::ONE;
    let mut sides = [vec![], vec![]];
    for (side, polynomial) in sides.iter_mut().zip([&fraction.above, &fraction.below]) {
        let (mut number, factors) = factor(polynomial, highest)?;
        let mut singles: BTreeMap<u16, i32> = BTreeMap::new();
        for (part, power) in factors {
            if let Some((monomial, value)) = part.leading().filter(|_| part.0.len() == 1) {
                number = number.times(value.power(power)?)?;
                monomial
                    .0
                    .iter()
                    .for_each(|(atom, own)| *singles.entry(*atom).or_insert(0) += i32::from(*own) * power as i32);
                continue;
            }
            let (scale, part) = scaling(&part);
            number = number.times(scale.power(power)?)?;
            side.push((compact(field, terms(&part)), power));
        }
        let whole = Term { value: Ratio::ONE, powers: singles };
        if !whole.powers.is_empty() {
            side.insert(0, (monomial(field, &whole), 1));
        }
        content = if std::ptr::eq(polynomial, &fraction.above) { number } else { content.over(number)? };
    }
    let [above, below] = sides.map(|side| {
        let raised = |(base, power): (Expr, u32)| if power == 1 { base } else { raised(base, f64::from(power)) };
        side.into_iter().map(raised).reduce(|a, b| Expr::call(Op::Mul, vec![a, b]))
    });
    Some(weighted(content, above, below))
}

/// A polynomial as a number times another.
pub(crate) type Scaling = fn(&Polynomial) -> (Ratio, Polynomial);

/// The polynomial as it is: factors have whole coefficients without a common divisor.
pub(crate) fn whole(p: &Polynomial) -> (Ratio, Polynomial) {
    (Ratio::ONE, p.clone())
}

/// The polynomial times a number that makes most coefficients 1, with the number taken out.
pub(crate) fn nicest(p: &Polynomial) -> (Ratio, Polynomial) {
    let mut best = (Ratio::ONE, p.clone(), numeric_cost(p.0.iter().map(|(m, c)| (m.0.is_empty(), *c))));
    let mut tried: Vec<Ratio> = vec![];
    // The last in lexical order leads: it is tried first and wins ties.
    for value in p.0.iter().rev().filter(|(m, _)| !m.0.is_empty() || p.0.len() == 1).map(|(_, value)| *value).take(6) {
        let size =
            if p.leading().is_some_and(|(_, lead)| lead.is_negative()) { value.abs().negated() } else { value.abs() };
        if tried.contains(&size) {
            continue;
        }
        tried.push(size);
        if let Some(scaled) = p.scaled(reciprocal(size)) {
            let cost = numeric_cost(scaled.0.iter().map(|(m, c)| (m.0.is_empty(), *c)));
            if cost < best.2 {
                best = (size, scaled, cost);
            }
        }
    }
    (best.0, best.1)
}

/// Nodes that coefficients need beside their terms; a constant term is a node anyway.
fn numeric_cost(coefficients: impl Iterator<Item = (bool, Ratio)>) -> usize {
    let cost = |(constant, value): (bool, Ratio)| {
        let unit = value.abs() == Ratio::ONE;
        let plain = value.is_short_decimal() || value.above().abs() == 1 && value.below() < 1000;
        match (constant, unit, plain) {
            (_, true, _) => 0,
            (true, _, _) if value.is_short_decimal() => 0,
            (true, ..) => {
                if value.is_decimal() {
                    1
                } else {
                    4
                }
            }
            (false, _, true) => 2,
            (false, ..) => 4,
        }
    };
    coefficients.map(cost).sum()
}

fn reciprocal(value: Ratio) -> Ratio {
    Ratio::ONE.over(value).unwrap_or(Ratio::ONE)
}

/// Terms in descending order.
fn terms(p: &Polynomial) -> Vec<Term> {
    let powers = |monomial: &Monomial| monomial.0.iter().map(|(atom, power)| (*atom, i32::from(*power))).collect();
    p.0.iter().rev().map(|(monomial, value)| Term { value: *value, powers: powers(monomial) }).collect()
}

fn divided(mut above: Vec<Term>, by: &Monomial, value: Ratio) -> Vec<Term> {
    for term in &mut above {
        term.value = term.value.over(value).unwrap_or(term.value);
        for (atom, power) in &by.0 {
            shift(&mut term.powers, *atom, -i32::from(*power));
        }
    }
    above
}

fn shift(powers: &mut BTreeMap<u16, i32>, atom: u16, by: i32) {
    let power = powers.entry(atom).or_insert(0);
    *power += by;
    if *power == 0 {
        powers.remove(&atom);
    }
}

/// A sum in few nodes.
fn compact(field: &Field, mut terms: Vec<Term>) -> Expr {
    match terms.len() {
        0 => return Expr::number(0.0),
        1 => return monomial(field, &terms[0]),
        _ => {}
    }
    let common = common_powers(&terms);
    if !common.is_empty() {
        for term in &mut terms {
            common.iter().for_each(|(atom, power)| shift(&mut term.powers, *atom, -power));
        }
        let inner = compact(field, terms);
        let inverse: BTreeMap<u16, i32> =
            common.iter().filter(|(_, power)| **power < 0).map(|(a, p)| (*a, *p)).collect();
        let direct: BTreeMap<u16, i32> = common.into_iter().filter(|(_, power)| *power > 0).collect();
        let above = match direct.is_empty() {
            true => inner,
            false => times(monomial(field, &Term { value: Ratio::ONE, powers: direct }), inner),
        };
        return match inverse.is_empty() {
            true => above,
            false => over(
                above,
                monomial(
                    field,
                    &Term { value: Ratio::ONE, powers: inverse.into_iter().map(|(a, p)| (a, -p)).collect() },
                ),
            ),
        };
    }
    if let Some((factor, scaled)) = common_number(&terms) {
        return weighted(factor, Some(compact(field, scaled)), None);
    }
    match most_shared(field, &terms) {
        Some((atom, sign)) => {
            let has = |term: &Term| term.powers.get(&atom).is_some_and(|power| power.signum() == sign);
            let (group, rest): (Vec<Term>, Vec<Term>) = terms.into_iter().partition(has);
            if rest.is_empty() {
                return plain(field, &group);
            }
            // A sum in brackets stands first; signs of single terms are the sum's.
            let mut parts = vec![signed(compact(field, group))];
            if rest.len() == 1 || most_shared(field, &rest).is_none() {
                parts.extend(rest.iter().map(|term| signed_term(field, term)));
            } else {
                parts.push(signed(compact(field, rest)));
            }
            sum(parts)
        }
        None => plain(field, &terms),
    }
}

fn common_powers(terms: &[Term]) -> BTreeMap<u16, i32> {
    let mut common = terms[0].powers.clone();
    for term in &terms[1..] {
        common = common
            .into_iter()
            .filter_map(|(atom, a)| {
                let b = *term.powers.get(&atom)?;
                (a.signum() == b.signum()).then_some((atom, if a.abs() < b.abs() { a } else { b }))
            })
            .collect();
    }
    common
}

/// A number that is worth taking out.
fn common_number(terms: &[Term]) -> Option<(Ratio, Vec<Term>)> {
    let cost = |terms: &[Term]| numeric_cost(terms.iter().map(|term| (term.powers.is_empty(), term.value)));
    let before = cost(terms);
    let mut tried: Vec<Ratio> = vec![];
    let mut best: Option<(Ratio, Vec<Term>, usize)> = None;
    let negative = terms.iter().all(|term| term.value.is_negative());
    for term in terms.iter().take(8) {
        let factor = if negative { term.value } else { term.value.abs() };
        if factor == Ratio::ONE || tried.contains(&factor) {
            continue;
        }
        tried.push(factor);
        let scaled = |term: &Term| Some(Term { value: term.value.over(factor)?, powers: term.powers.clone() });
        let Some(scaled) = terms.iter().map(scaled).collect::<Option<Vec<_>>>() else { continue };
        let own = if factor == Ratio::ONE.negated() { 0 } else { 2 };
        let after = cost(&scaled) + own;
        if after < best.as_ref().map_or(before, |best| best.2) {
            best = Some((factor, scaled, after));
        }
    }
    best.map(|(factor, scaled, _)| (factor, scaled))
}

/// The atom, with the sign of its power, whose taking out of some terms saves most nodes.
fn most_shared(field: &Field, terms: &[Term]) -> Option<(u16, i32)> {
    let mut gains: BTreeMap<(u16, i32), (usize, usize, usize)> = BTreeMap::new();
    for term in terms {
        for (atom, power) in &term.powers {
            let size = field.expr(*atom).size() + 1;
            let entry = gains.entry((*atom, power.signum())).or_insert((0, 0, size));
            entry.0 += 1;
            // What is left of a lone atom is the number 1.
            let lone = term.powers.len() == 1 && power.abs() == 1 && term.value.abs() == Ratio::ONE;
            entry.1 += if lone { 2 } else { 0 };
        }
    }
    let gain = |(count, lost, size): (usize, usize, usize)| ((count - 1) * size) as i64 - lost as i64;
    let best = gains.into_iter().filter(|(_, g)| g.0 > 1).max_by_key(|(key, g)| (gain(*g), std::cmp::Reverse(*key)))?;
    (gain(best.1) > 0).then_some(best.0)
}

/// A sum term by term.
fn plain(field: &Field, terms: &[Term]) -> Expr {
    sum(terms.iter().map(|term| signed_term(field, term)).collect())
}

fn signed_term(field: &Field, term: &Term) -> (bool, Expr) {
    (term.value.is_negative(), monomial(field, &Term { value: term.value.abs(), powers: term.powers.clone() }))
}

fn signed(expr: Expr) -> (bool, Expr) {
    match expr.node() {
        Node::Call(Op::Neg, args) => (true, args[0].clone()),
        _ => (false, expr),
    }
}

/// Parts with their signs as one sum; one that is not subtracted stands first, if there is one.
fn sum(mut parts: Vec<(bool, Expr)>) -> Expr {
    if let Some(first) = parts.iter().position(|part| !part.0) {
        let part = parts.remove(first);
        parts.insert(0, part);
    }
    let mut parts = parts.into_iter();
    let Some((negative, first)) = parts.next() else { return Expr::number(0.0) };
    let first = if negative { negated(first) } else { first };
    parts.fold(first, |total, (negative, part)| Expr::call(if negative { Op::Sub } else { Op::Add }, vec![total, part]))
}

fn negated(expr: Expr) -> Expr {
    match expr.as_number() {
        Some(value) => Expr::number(-value),
        None => Expr::call(Op::Neg, vec![expr]),
    }
}

fn times(a: Expr, b: Expr) -> Expr {
    match b.node() {
        // A product reads from left to right.
        Node::Call(Op::Mul, args) => Expr::call(Op::Mul, vec![times(a, args[0].clone()), args[1].clone()]),
        Node::Call(Op::Div, args) => Expr::call(Op::Div, vec![times(a, args[0].clone()), args[1].clone()]),
        Node::Call(Op::Neg, args) => Expr::call(Op::Neg, vec![times(a, args[0].clone())]),
        Node::Number(1.0) => a,
        _ => Expr::call(Op::Mul, vec![a, b]),
    }
}

fn over(a: Expr, b: Expr) -> Expr {
    match (a.node(), b.as_number()) {
        (_, Some(1.0)) => a,
        (Node::Call(Op::Neg, args), _) => Expr::call(Op::Neg, vec![over(args[0].clone(), b)]),
        (Node::Call(Op::Div, args), _) => Expr::call(Op::Div, vec![args[0].clone(), times(args[1].clone(), b)]),
        _ => Expr::call(Op::Div, vec![a, b]),
    }
}

fn raised(base: Expr, power: f64) -> Expr {
    match power {
        1.0 => base,
        _ => Expr::call(Op::Pow, vec![base, Expr::number(power)]),
    }
}

fn monomial(field: &Field, term: &Term) -> Expr {
    let mut exponent: Option<Expr> = None;
    let (mut above, mut below): (Option<Expr>, Option<Expr>) = (None, None);
    let join = |side: &mut Option<Expr>, factor: Expr| {
        *side = Some(match side.take() {
            Some(product) => Expr::call(Op::Mul, vec![product, factor]),
            None => factor,
        });
    };
    for (atom, power) in &term.powers {
        let base = field.expr(*atom);
        match base.node() {
            // Exponentials are one exponential of a sum.
            Node::Call(Op::Exp, args) => {
                let part = match power.abs() {
                    1 => args[0].clone(),
                    n => times(Expr::number(f64::from(n)), args[0].clone()),
                };
                exponent = Some(match (exponent.take(), *power > 0) {
                    (None, true) => part,
                    (None, false) => negated(part),
                    (Some(sum), true) => Expr::call(Op::Add, vec![sum, part]),
                    (Some(sum), false) => Expr::call(Op::Sub, vec![sum, part]),
                });
            }
            _ => join(if *power > 0 { &mut above } else { &mut below }, power_of(base, power.abs())),
        }
    }
    if let Some(exponent) = exponent {
        join(&mut above, Expr::call(Op::Exp, vec![exponent]));
    }
    weighted(term.value, above, below)
}

/// A whole power of an atom; powers of a root are one power of what is under it.
fn power_of(base: &Expr, power: i32) -> Expr {
    raised(base.clone(), f64::from(power))
}

/// `value * above / below` with the number where it reads best.
fn weighted(value: Ratio, above: Option<Expr>, below: Option<Expr>) -> Expr {
    if value.is_negative() {
        return negated(weighted(value.abs(), above, below));
    }
    let unit_fraction = value.above() == 1 && value.below() < 1000;
    let split = !value.is_whole() && (!value.is_short_decimal() || unit_fraction && matches!(value.below(), 2..=9));
    let split = split && value.below() <= 10_000 && (above.is_some() || !value.is_short_decimal());
    let (number, divisor) = match split {
        true => (value.above() as f64, value.below() as f64),
        false => (value.to_float(), 1.0),
    };
    let numerator = match (above, number) {
        (None, number) => Expr::number(number),
        (Some(above), 1.0) => above,
        (Some(above), number) => times(Expr::number(number), above),
    };
    let denominator = match (below, divisor) {
        (below, 1.0) => below,
        (None, divisor) => Some(Expr::number(divisor)),
        (Some(below), divisor) => Some(times(Expr::number(divisor), below)),
    };
    match denominator {
        Some(denominator) => over(numerator, denominator),
        None => numerator,
    }
}
