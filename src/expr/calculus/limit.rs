//! Limits: by the first term of a power series, or from one side by the order of growth.

use super::NoAnswer;
use super::growth;
use super::series::{STEEPEST, around, is_zero};
use crate::base::Name;
use crate::expr::{Expr, Node, Op, simplest};
use std::collections::BTreeMap;

/// Terms looked at before a series is given up.
const ORDER: usize = 8;

/// The limit of `expr` as `symbol` goes to `at`, which may be infinite; from both sides where the expression is defined on
/// both. Infinite limits are the numbers `inf` and `-inf`.
pub fn limit(expr: &Expr, symbol: &str, at: &Expr) -> Result<Expr, NoAnswer> {
    let mut steep = false;
    expr.visit(&mut |e| {
        if let Node::Call(Op::Pow, args) = e.node() {
            steep |= args[1].as_number().is_some_and(|power| power.abs() > STEEPEST);
        }
    });
    if steep {
        return Err(NoAnswer("powers this high are not looked at".into()));
    }
    if let Some(value) = at.as_number().filter(|value| value.is_infinite()) {
        return growth::limit(&turned(expr, symbol, &Expr::number(0.0), value.signum(), false), symbol);
    }
    if let Ok(found) = around(expr, symbol, at, ORDER)
        && let Some((power, value)) = found.first()
    {
        match (power, value.as_number()) {
            (0, _) => return Ok(simplest(&value)),
            (1.., _) => return Ok(Expr::number(0.0)),
            (_, Some(value)) if power % 2 == 0 => return Ok(Expr::number(value.signum() * f64::INFINITY)),
            _ => {}
        }
    }
    match [false, true].map(|above| is_defined(expr, symbol, at, above).then(|| one_sided(expr, symbol, at, above))) {
        [Some(below), Some(above)] => match (below?, above?) {
            (below, above) if is_zero(&(below.clone() - above.clone())) || below == above => Ok(above),
            (below, above) => Err(NoAnswer(format!("from below it goes to {below}, from above to {above}"))),
        },
        [Some(one), None] | [None, Some(one)] => one,
        [None, None] => Err(NoAnswer(format!("`{expr}` is no real number near {symbol} = {at}"))),
    }
}

/// The limit from above or from below only.
pub fn one_sided(expr: &Expr, symbol: &str, at: &Expr, above: bool) -> Result<Expr, NoAnswer> {
    growth::limit(&turned(expr, symbol, at, if above { 1.0 } else { -1.0 }, true), symbol)
}

/// With `at ± x` or `at ± 1/x` in place of x, so that x goes to infinity.
fn turned(expr: &Expr, symbol: &str, at: &Expr, sign: f64, inverse: bool) -> Expr {
    let x = Expr::symbol(symbol);
    let step = if inverse { Expr::number(1.0) / x } else { x };
    let place = if sign < 0.0 { at.clone() - step } else { at.clone() + step };
    expr.substitute(&BTreeMap::from([(Name::new(symbol), place)]))
}

/// Whether the expression has values on that side, as near as numbers show it.
fn is_defined(expr: &Expr, symbol: &str, at: &Expr, above: bool) -> bool {
    (2..8).any(|digits| {
        let step = libm::pow(10.0, -f64::from(digits)) * if above { 1.0 } else { -1.0 };
        let near = expr.substitute(&BTreeMap::from([(Name::new(symbol), at.clone() + Expr::number(step))]));
        [0.7, 1.3, -0.9, -1.7].iter().any(|value| near.eval(&|_| Some(*value)).is_ok_and(|found| !found.is_nan()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::parse;

    const INF: f64 = f64::INFINITY;

    #[test]
    fn known_limits() {
        for (text, at, expected) in [
            ("sin(x) / x", 0.0, "1"),
            ("(1 - cos(x)) / x^2", 0.0, "0.5"),
            ("(x^2 - 1) / (x - 1)", 1.0, "2"),
            ("1 / x^2", 0.0, "inf"),
            ("(2 * x + 1) / (x - 3)", INF, "2"),
            ("exp(-x)", INF, "0"),
            ("exp(a * x) / exp(a * x) + 1 / x", INF, "1"),
            ("(exp(a * x) - 1) / x", 0.0, "a"),
            ("atan(x)", INF, "1.5707963267948966"),
            ("atan(x)", -INF, "-1.5707963267948966"),
            ("(tan(x) - x - x^3 / 3) / x^5", 0.0, "0.13333333333333333"),
            ("(tan(x) - 1) / (x - 0.7853981633974483)", std::f64::consts::FRAC_PI_4, "1.9999999999999998"),
            ("x * log(x)", 0.0, "0"),
            ("x^x", 0.0, "1"),
            ("log(x)", 0.0, "-inf"),
            ("sqrt(x)", 0.0, "0"),
            ("log(x) / x", INF, "0"),
            ("x^2 * exp(-x)", INF, "0"),
            ("exp(x) / x^10", INF, "inf"),
            ("log(log(x)) / log(x)", INF, "0"),
            ("exp(sqrt(log(x))) / x", INF, "0"),
            ("sqrt(x^2 + x) - x", INF, "0.5"),
            ("sqrt(x + sqrt(x)) - sqrt(x)", INF, "0.5"),
            ("x * (sqrt(x + 1) - sqrt(x)) / sqrt(x)", INF, "0.5"),
            ("(1 + 1 / x)^x", INF, "2.7182818284590455"),
            ("(1 + a / x)^x", INF, "exp(a)"),
            ("exp(x + exp(-x)) - exp(x)", INF, "1"),
            ("exp(-1 / x^2) / x^4", 0.0, "0"),
            ("tanh(x)", -INF, "-1"),
            ("(exp(x) - exp(-x)) / (exp(x) + exp(-x))", -INF, "-1"),
            ("sin(x) / x", INF, "0"),
            ("x + sin(x)", INF, "inf"),
            ("(x + sin(x)) / (x - sin(x))", INF, "1"),
            ("(2 * x^2 - cos(x)) / (x^2 + x * sin(x) + 3)", -INF, "2"),
            ("floor(x) / x", INF, "1"),
            ("floor(x)", 0.5, "0"),
            ("x * sin(1 / x)", 0.0, "0"),
            ("abs(x)", 0.0, "0"),
            ("min(x, 2) + max(1 / x, 1)", INF, "3"),
            ("cos(x) / (x - 1.5707963267948966)", std::f64::consts::FRAC_PI_2, "-1"),
            ("(x^3 + 1)^(1 / 3) - x", INF, "0"),
            ("cbrt(x^3 + x^2) - x", -INF, "0.3333333333333333"),
        ] {
            let found = limit(&parse(text), "x", &Expr::number(at));
            assert_eq!(found.map(|found| found.to_string()).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_has_no_limit_is_not_guessed() {
        for (text, at) in [
            ("1 / x", 0.0),
            ("sin(x)", INF),
            ("sign(x)", 0.0),
            ("exp(1 / x)", 0.0),
            ("abs(x) / x", 0.0),
            ("sqrt(x^2) / x", 0.0),
            ("floor(x)", 1.0),
            ("tan(x)", std::f64::consts::FRAC_PI_2),
            ("x * sin(x)", INF),
            ("1 / (x * sin(x))", INF),
            ("x / (x + x * sin(x))", INF),
            ("x / (sin(x) + cos(x))", INF),
            ("exp(a * x)", INF),
            ("log(-1 - x^2)", 0.0),
        ] {
            assert!(limit(&parse(text), "x", &Expr::number(at)).is_err(), "{text}");
        }
    }

    #[test]
    fn one_side_is_enough_where_it_is_asked() {
        for (text, above, expected) in [("1 / x", true, "inf"), ("1 / x", false, "-inf"), ("exp(1 / x)", false, "0")] {
            let found = one_sided(&parse(text), "x", &Expr::number(0.0), above);
            assert_eq!(found.map(|found| found.to_string()).as_deref(), Ok(expected), "{text}");
        }
    }
}
