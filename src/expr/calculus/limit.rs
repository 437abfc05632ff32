//! Limits: by the first term of a power series, or by the value where the expression is continuous.

use super::NoAnswer;
use super::series::{around, is_zero};
use crate::base::Name;
use crate::expr::{Expr, Node, Op, needs, simplest};
use std::collections::BTreeMap;

/// Terms looked at before a limit is given up.
const ORDER: usize = 8;

/// The limit of `expr` as `symbol` goes to `at`, which may be infinite; from both sides, unless they agree in no limit.
/// Infinite limits are the numbers `inf` and `-inf`.
pub fn limit(expr: &Expr, symbol: &str, at: &Expr) -> Result<Expr, NoAnswer> {
    if at.as_number().is_some_and(f64::is_infinite) {
        return at_infinity(expr, symbol, at.as_number().is_some_and(|value| value < 0.0));
    }
    let found = match around(expr, symbol, at, ORDER) {
        Ok(found) => found,
        Err(why) => return continuous(expr, symbol, at).ok_or(why),
    };
    let first = (0..found.terms.len()).find(|k| !is_zero(&found.terms[*k]));
    match first.map(|k| (found.lowest + k as i32, found.terms[k].clone())) {
        None => Ok(Expr::number(0.0)),
        Some((1.., _)) => Ok(Expr::number(0.0)),
        Some((0, value)) => Ok(simplest(&value)),
        Some((power, value)) => match value.as_number() {
            Some(value) if power % 2 == 0 => Ok(Expr::number(value.signum() * f64::INFINITY)),
            Some(_) => Err(NoAnswer("it grows without bound, with different signs on the two sides".into())),
            None => Err(NoAnswer("it grows without bound, with a sign that is not known".into())),
        },
    }
}

/// With 1/x in place of x, from above or below; exponentials win over powers, powers over logarithms.
fn at_infinity(expr: &Expr, symbol: &str, negative: bool) -> Result<Expr, NoAnswer> {
    let sign = if negative { -1.0 } else { 1.0 };
    let turned = Expr::number(sign) / Expr::symbol(symbol);
    let inner = simplest(&expr.substitute(&BTreeMap::from([(Name::new(symbol), turned.clone())])));
    if let Ok(found) = around(&inner, symbol, &Expr::number(0.0), ORDER) {
        let first = (0..found.terms.len()).find(|k| !is_zero(&found.terms[*k]));
        return match first.map(|k| (found.lowest + k as i32, found.terms[k].clone())) {
            None | Some((1.., _)) => Ok(Expr::number(0.0)),
            Some((0, value)) => Ok(simplest(&value)),
            Some((_, value)) => match value.as_number() {
                Some(value) => Ok(Expr::number(value.signum() * f64::INFINITY)),
                None => Err(NoAnswer("it grows without bound, with a sign that is not known".into())),
            },
        };
    }
    growth(expr, symbol, negative)
}

/// The limit at infinity of sums, products and functions of what has one; indefinite forms have no answer.
fn growth(expr: &Expr, symbol: &str, negative: bool) -> Result<Expr, NoAnswer> {
    let unclear = || NoAnswer(format!("`{expr}` has a form that this cannot decide"));
    if !expr.symbols().iter().any(|name| name.as_str() == symbol) {
        return Ok(expr.clone());
    }
    let (op, args) = match expr.node() {
        Node::Call(op, args) => (*op, args),
        _ => return Ok(Expr::number(if negative { f64::NEG_INFINITY } else { f64::INFINITY })),
    };
    let parts = args
        .iter()
        .map(|arg| limit(arg, symbol, &Expr::number(if negative { f64::NEG_INFINITY } else { f64::INFINITY })));
    let parts: Vec<Expr> = parts.collect::<Result<_, _>>()?;
    match parts.iter().map(Expr::as_number).collect::<Option<Vec<f64>>>() {
        Some(values) => {
            let bounded = matches!(op, Op::Sin | Op::Cos | Op::Tan) && values.iter().any(|value| value.is_infinite());
            let zero_over_zero = op == Op::Div && values == [0.0, 0.0];
            let value = op.apply(&values);
            if value.is_nan() || bounded || zero_over_zero { Err(unclear()) } else { Ok(Expr::number(value)) }
        }
        None if parts.iter().any(|part| part.as_number().is_some_and(f64::is_infinite)) => Err(unclear()),
        None => Ok(simplest(&Expr::call(op, parts))),
    }
}

/// The value at the point, if all that the expression needs to be defined holds there with room.
fn continuous(expr: &Expr, symbol: &str, at: &Expr) -> Option<Expr> {
    let jumps = |op: Op| {
        matches!(op, Op::Sign | Op::Floor | Op::Ceil | Op::If | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne)
    };
    let mut smooth = true;
    expr.visit(&mut |e| smooth &= !matches!(e.node(), Node::Call(op, _) if jumps(*op)));
    let value = at.as_number()?;
    let holds = needs(expr).iter().all(|need| {
        let at = need.expr().eval(&|name| (name == symbol).then_some(value)).ok();
        at.is_some_and(|at| at.is_finite() && at != 0.0)
    });
    (smooth && holds).then(|| simplest(&expr.substitute(&BTreeMap::from([(Name::new(symbol), at.clone())]))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::parse;

    #[test]
    fn known_limits() {
        let infinity = f64::INFINITY;
        for (text, at, expected) in [
            ("sin(x) / x", 0.0, "1"),
            ("(1 - cos(x)) / x^2", 0.0, "0.5"),
            ("(x^2 - 1) / (x - 1)", 1.0, "2"),
            ("1 / x^2", 0.0, "inf"),
            ("(2 * x + 1) / (x - 3)", infinity, "2"),
            ("exp(-x)", infinity, "0"),
            ("exp(a * x) / exp(a * x) + 1 / x", infinity, "1"),
            ("(exp(a * x) - 1) / x", 0.0, "a"),
            ("atan(x)", infinity, "1.5707963267948966"),
        ] {
            let found = limit(&parse(text), "x", &Expr::number(at));
            assert_eq!(found.map(|found| found.to_string()).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_has_no_limit_is_not_guessed() {
        for (text, at) in [("1 / x", 0.0), ("sin(x)", f64::INFINITY), ("sign(x)", 0.0), ("exp(1 / x)", 0.0)] {
            assert!(limit(&parse(text), "x", &Expr::number(at)).is_err(), "{text}");
        }
    }
}
