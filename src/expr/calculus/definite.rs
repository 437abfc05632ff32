//! Integrals between bounds: antiderivatives, taken from one place at which something breaks to the next.

use super::NoAnswer;
use super::integrate::{has, integrate, slope};
use super::{limit, one_sided, solve};
use crate::base::Name;
use crate::expr::{Expr, Node, Op, needs, simplest};
use std::collections::BTreeMap;
use std::f64::consts::PI;

/// Most breaks that are stepped over.
const BREAKS: usize = 64;
/// Places at which what cannot be solved is looked at.
const LOOKS: usize = 2_000;

/// The integral of `expr` from `low` to `high`, which may be infinite: poles and jumps between numbers are stepped over by
/// limits from both sides, and an integral that does not exist is said so.
pub fn integral(expr: &Expr, symbol: &str, low: &Expr, high: &Expr) -> Result<Expr, NoAnswer> {
    let found = integrate(expr, symbol)?;
    let (Some(from), Some(to)) = (low.as_number(), high.as_number()) else {
        let at = |place: &Expr| found.substitute(&BTreeMap::from([(Name::new(symbol), place.clone())]));
        return Ok(simplest(&(at(high) - at(low))));
    };
    if from > to {
        return integral(expr, symbol, high, low).map(|found| simplest(&-found));
    }
    let mut places = vec![from];
    places.extend(breaks(expr, &found, symbol, from, to)?);
    places.push(to);
    let mut total = Expr::number(0.0);
    for ends in places.windows(2).filter(|ends| ends[0] < ends[1]) {
        let at = |place: f64, above: bool| match place.is_infinite() {
            true => limit(&found, symbol, &Expr::number(place)),
            false => one_sided(&found, symbol, &Expr::number(place), above),
        };
        total = total + (at(ends[1], false)? - at(ends[0], true)?);
    }
    match simplest(&total) {
        total if total.as_number().is_some_and(f64::is_nan) => {
            Err(NoAnswer(format!("the integral of `{expr}` from {low} to {high} does not exist")))
        }
        total => Ok(total),
    }
}

/// Places between the bounds where integrand or antiderivative may not be defined, in order.
fn breaks(expr: &Expr, found: &Expr, symbol: &str, from: f64, to: f64) -> Result<Vec<f64>, NoAnswer> {
    let mut places = vec![];
    for need in needs(expr).union(&needs(found)).map(|need| need.expr()).filter(|need| has(need, symbol)) {
        let zeros = match solve(need, symbol) {
            Ok(zeros) => zeros.iter().filter_map(Expr::as_number).collect(),
            Err(_) => crossings(need, symbol, from, to),
        };
        let repeated = match zeros.is_empty() {
            true => vec![],
            false => half_periods(need, symbol)?,
        };
        places.extend_from_slice(&zeros);
        for period in repeated {
            if (to - from) / period > BREAKS as f64 {
                return Err(NoAnswer(format!("`{expr}` has too many poles from {from} to {to}")));
            }
            for zero in &zeros {
                let first = ((from - zero) / period).ceil();
                places.extend((0..=BREAKS).map(|k| zero + (first + k as f64) * period));
            }
        }
    }
    places.retain(|place| from < *place && *place < to);
    places.sort_by(f64::total_cmp);
    places.dedup_by(|a, b| (*a - *b).abs() < 1e-12 * a.abs());
    Ok(places)
}

/// Half the periods of the waves in an expression, each once: its zeros come again after some of them.
fn half_periods(expr: &Expr, symbol: &str) -> Result<Vec<f64>, NoAnswer> {
    let mut found: Vec<f64> = vec![];
    let mut bent = false;
    expr.visit(&mut |e| {
        let Node::Call(Op::Sin | Op::Cos | Op::Tan, args) = e.node() else { return };
        if !has(&args[0], symbol) {
            return;
        }
        match slope(&args[0], symbol).and_then(|rate| rate.as_number()) {
            Some(rate) if !found.contains(&(PI / rate.abs())) => found.push(PI / rate.abs()),
            Some(_) => {}
            None => bent = true,
        }
    });
    match bent {
        true => Err(NoAnswer(format!("the zeros of `{expr}` cannot be listed"))),
        false => Ok(found),
    }
}

/// Places where a function changes its sign, as far as a walk in small steps meets them.
fn crossings(expr: &Expr, symbol: &str, from: f64, to: f64) -> Vec<f64> {
    let value = |x: f64| expr.eval(&|name| (name == symbol).then_some(x)).unwrap_or(f64::NAN);
    // An infinite end is walked to in growing steps.
    let place = |k: usize| {
        let share = k as f64 / LOOKS as f64;
        match (from.is_finite(), to.is_finite()) {
            (true, true) => from + share * (to - from),
            (true, false) => from + share / (1.0 - share),
            (false, true) => to - (1.0 - share) / share,
            (false, false) => libm::tan(PI * (share - 0.5)),
        }
    };
    let mut found = vec![];
    for k in 1..LOOKS {
        let (mut a, mut b) = (place(k - 1), place(k));
        let side = value(a);
        if side * value(b) <= 0.0 {
            for _ in 0..60 {
                let middle = 0.5 * (a + b);
                if side * value(middle) <= 0.0 { b = middle } else { a = middle }
            }
            found.push(b);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::parse;

    #[test]
    fn integrals_between_bounds() {
        let inf = f64::INFINITY;
        for (text, low, high, expected) in [
            ("x^2", 0.0, 3.0, Some(9.0)),
            ("x^2", 3.0, 0.0, Some(-9.0)),
            ("1 / x^2", 1.0, inf, Some(1.0)),
            ("1 / x^2", -1.0, 1.0, Some(inf)),
            ("1 / x", 0.0, 1.0, Some(inf)),
            ("1 / x", -1.0, 1.0, None),
            ("1 / sqrt(x)", 0.0, 4.0, Some(4.0)),
            ("log(x)", 0.0, 1.0, Some(-1.0)),
            ("exp(-x)", 0.0, inf, Some(1.0)),
            ("x * exp(-x)", 0.0, inf, Some(1.0)),
            ("1 / (1 + x^2)", -inf, inf, Some(std::f64::consts::PI)),
            ("abs(x)", -1.0, 1.0, Some(1.0)),
            ("sin(x)", 0.0, inf, None),
            ("1 / cos(x)^2", 2.0, 6.0, Some(inf)),
            ("1 / cos(x)^2", 5.0, 7.0, Some(libm::tan(7.0) - libm::tan(5.0))),
            ("tan(x)", 4.0, 6.0, None),
            ("1 / (2 + cos(x))", 0.0, 20.0 * std::f64::consts::PI, Some(20.0 * std::f64::consts::PI / 3f64.sqrt())),
            ("1 / sin(x)^2", 1.0, inf, None),
            ("1 / cos(x^2)^2 * x", 2.0, 6.0, None),
        ] {
            let found = integral(&parse(text), "x", &Expr::number(low), &Expr::number(high));
            let found = found.ok().map(|found| found.as_number().expect("a number"));
            let close = match (found, expected) {
                (Some(a), Some(b)) => a == b || (a - b).abs() < 1e-12,
                (a, b) => a == b,
            };
            assert!(close, "{text}: {found:?}");
        }
    }
}
