//! Antiderivatives of the elementary cases: sums, a table of functions of linear arguments, rational functions,
//! substitution, and parts. Every answer is differentiated and compared before it is given.

use super::NoAnswer;
use super::rational;
use super::waves;
use crate::base::{Name, Seed};
use crate::expr::algebra::{self, coefficients};
use crate::expr::{Expr, Need, Node, Op, needs, simplest};
use std::collections::BTreeMap;

/// Most nested attempts.
const DEEPEST: usize = 8;

/// An antiderivative of `expr` in `symbol`, without a constant. `Err` where this finds none, which does not mean that there
/// is none.
pub fn integrate(expr: &Expr, symbol: &str) -> Result<Expr, NoAnswer> {
    let found = find(&simplest(expr), symbol, DEEPEST).map(|found| tidy(&found));
    match found {
        Some(found) if confirmed(&found, expr, symbol) => Ok(found),
        _ => Err(NoAnswer(format!("no antiderivative of `{expr}` in {symbol} was found"))),
    }
}

/// Whether the derivative agrees with the integrand at points where both are defined.
fn confirmed(found: &Expr, expr: &Expr, symbol: &str) -> bool {
    let slope = found.derivative(symbol);
    let mut stream = Seed::root(0).child("integrate").stream();
    let mut agreed = 0;
    for trial in 0..60 {
        let mut value =
            || libm::exp(0.8 * stream.normal()) * if trial % 3 == 2 && stream.uniform() < 0.5 { -1.0 } else { 1.0 };
        let at: BTreeMap<Name, f64> = expr.symbols().into_iter().map(|name| (name, value())).collect();
        let eval = |e: &Expr| e.eval(&|name| at.get(name).copied()).unwrap_or(f64::NAN);
        let (a, b) = (eval(&slope), eval(expr));
        if a.is_finite() && b.is_finite() && b.abs() < 1e8 {
            if (a - b).abs() > 1e-6 * (1.0 + b.abs()) {
                return false;
            }
            agreed += 1;
        }
    }
    agreed >= 5
}

/// The smallest form with exact fractions kept, and without `abs` of what is evidently positive.
fn tidy(found: &Expr) -> Expr {
    let is_positive = |e: &Expr| !needs(&e.clone().apply(Op::Log)).iter().any(|need| matches!(need, Need::Positive(_)));
    let found = found.rebuild(&mut |e| match e.node() {
        Node::Call(Op::Abs, args) if is_positive(&args[0]) => args[0].clone(),
        Node::Call(Op::Log, args) if matches!(args[0].node(), Node::Call(Op::Exp, _)) => args[0].args()[0].clone(),
        _ => e,
    });
    let short = simplest(&found);
    let together = algebra::together(&found);
    if together.size() < short.size() { together } else { short }
}

pub(super) fn has(expr: &Expr, symbol: &str) -> bool {
    expr.symbols().iter().any(|name| name.as_str() == symbol)
}

fn find(expr: &Expr, x: &str, depth: usize) -> Option<Expr> {
    if !has(expr, x) {
        return Some(expr.clone() * Expr::symbol(x));
    }
    let depth = depth.checked_sub(1)?;
    if let Node::Call(op @ (Op::Add | Op::Sub), args) = expr.node() {
        // A sum is no deeper than its terms.
        let parts = (find(&args[0], x, depth + 1), find(&args[1], x, depth + 1));
        if let (Some(a), Some(b)) = parts {
            return Some(if *op == Op::Add { a + b } else { a - b });
        }
        return by_substitution(expr, x, depth);
    }
    if let Node::Call(Op::Neg, args) = expr.node() {
        return find(&args[0], x, depth).map(|found| -found);
    }
    let mut factors = vec![];
    flatten(expr, false, &mut factors);
    let (inside, outside): (Vec<Expr>, Vec<Expr>) = factors.into_iter().partition(|factor| has(factor, x));
    let product = |factors: Vec<Expr>| factors.into_iter().fold(Expr::number(1.0), |product, factor| product * factor);
    if !outside.is_empty() {
        return find(&product(inside), x, depth).map(|found| simplest(&product(outside)) * found);
    }
    if let [single] = &inside[..]
        && let Some(found) = table(single, x)
    {
        return Some(found);
    }
    rational::integrate(expr, x)
        .or_else(|| by_substitution(expr, x, depth))
        .or_else(|| waves::damped(&inside, x))
        .or_else(|| find(&waves::summed(&inside, x)?, x, depth))
        .or_else(|| waves::by_half_angle(expr, x))
        .or_else(|| by_parts(&inside, x, depth))
        .or_else(|| {
            let expanded = algebra::expand(expr);
            let is_sum = matches!(expanded.node(), Node::Call(Op::Add | Op::Sub, _));
            (is_sum && expanded != *expr).then(|| find(&expanded, x, depth))?
        })
}

/// Factors of a product; those below a fraction bar as powers with a negative exponent.
fn flatten(expr: &Expr, below: bool, out: &mut Vec<Expr>) {
    match expr.node() {
        Node::Call(Op::Mul, args) => args.iter().for_each(|arg| flatten(arg, below, out)),
        Node::Call(Op::Div, args) => {
            flatten(&args[0], below, out);
            flatten(&args[1], !below, out);
        }
        Node::Call(Op::Neg, args) => {
            out.push(Expr::number(-1.0));
            flatten(&args[0], below, out);
        }
        Node::Number(1.0) => {}
        _ if !below => out.push(expr.clone()),
        Node::Call(Op::Pow, args) if args[1].as_number().is_some() => {
            out.push(args[0].clone().pow(-args[1].as_number().unwrap_or(1.0)));
        }
        Node::Call(Op::Sqrt, args) => out.push(Expr::call(Op::Pow, vec![args[0].clone(), Expr::number(-0.5)])),
        Node::Call(Op::Exp, args) => out.push((-args[0].clone()).apply(Op::Exp)),
        _ => out.push(Expr::call(Op::Pow, vec![expr.clone(), Expr::number(-1.0)])),
    }
}

/// The slope of what is linear in x.
pub(super) fn slope(expr: &Expr, x: &str) -> Option<Expr> {
    match &coefficients(expr, x)?[..] {
        [_, slope] => Some(slope.clone()),
        _ => None,
    }
}

/// A function of a linear argument.
pub(super) fn table(expr: &Expr, x: &str) -> Option<Expr> {
    let n = Expr::number;
    let (op, args) = match expr.node() {
        Node::Call(op, args) => (*op, args),
        _ => return Some(Expr::symbol(x).pow(2.0) / n(2.0)),
    };
    let u = args[0].clone();
    if op == Op::Sqrt {
        return power_of(&u, 0.5, x);
    }
    if op == Op::Pow {
        if let Some(found) = waves::power(&u, args[1].as_number(), x) {
            return Some(found);
        }
        return match (args[1].as_number(), has(&args[1], x)) {
            (Some(power), _) => power_of(&u, power, x),
            (None, false) => {
                let next = args[1].clone() + n(1.0);
                Some(u.clone().pow(next.clone()) / (next * slope(&u, x)?))
            }
            (None, true) if !has(&u, x) => Some(expr.clone() / (u.apply(Op::Log) * slope(&args[1], x)?)),
            _ => None,
        };
    }
    let by = slope(&u, x)?;
    let f = |op: Op| u.clone().apply(op);
    Some(
        match op {
            Op::Exp => f(Op::Exp),
            Op::Sin => -f(Op::Cos),
            Op::Cos => f(Op::Sin),
            Op::Tan => -f(Op::Cos).apply(Op::Abs).apply(Op::Log),
            Op::Sinh => f(Op::Cosh),
            Op::Cosh => f(Op::Sinh),
            Op::Tanh => f(Op::Cosh).apply(Op::Log),
            Op::Log => u.clone() * f(Op::Log) - u.clone(),
            Op::Abs => u.clone() * f(Op::Abs) / n(2.0),
            Op::Atan => u.clone() * f(Op::Atan) - (u.clone().pow(2.0) + n(1.0)).apply(Op::Log) / n(2.0),
            Op::Asin => u.clone() * f(Op::Asin) + (n(1.0) - u.clone().pow(2.0)).apply(Op::Sqrt),
            Op::Acos => u.clone() * f(Op::Acos) - (n(1.0) - u.clone().pow(2.0)).apply(Op::Sqrt),
            _ => return None,
        } / by,
    )
}

/// A power of a linear or quadratic argument.
fn power_of(u: &Expr, power: f64, x: &str) -> Option<Expr> {
    let n = Expr::number;
    match &coefficients(u, x)?[..] {
        [_, by] if power == -1.0 => Some(u.clone().apply(Op::Abs).apply(Op::Log) / by.clone()),
        [_, by] => Some(u.clone().pow(power + 1.0) / (n(power + 1.0) * by.clone())),
        // 1 / (c + a x²), 1 / sqrt(c − a x²), 1 / sqrt(c + a x²), for positive c and a.
        [c, b, a] if b.as_number() == Some(0.0) => {
            let positive = |e: &Expr| e.as_number().is_none_or(|value| value > 0.0);
            let root = |e: Expr| simplest(&e.apply(Op::Sqrt));
            let (steep, flat) = (root(a.clone()), root(c.clone()));
            let inner = Expr::symbol(x) * steep.clone() / flat.clone();
            match power {
                0.5 => {
                    let rest = power_of(u, -0.5, x)?;
                    Some((Expr::symbol(x) * u.clone().apply(Op::Sqrt) + c.clone() * rest) / n(2.0))
                }
                -1.5 => Some(Expr::symbol(x) / (c.clone() * u.clone().apply(Op::Sqrt))),
                -1.0 if positive(a) && positive(c) => Some(inner.apply(Op::Atan) / (steep * flat)),
                -0.5 if a.as_number().is_some_and(|a| a < 0.0) && positive(c) => {
                    let steep = root(-a.clone());
                    Some((Expr::symbol(x) * steep.clone() / root(c.clone())).apply(Op::Asin) / steep)
                }
                -0.5 if positive(a) => {
                    let sum = steep.clone() * Expr::symbol(x) + u.clone().apply(Op::Sqrt);
                    Some(sum.apply(Op::Abs).apply(Op::Log) / steep)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// `f(g(x)) g'(x)`: with u for g, no x is left.
fn by_substitution(expr: &Expr, x: &str, depth: usize) -> Option<Expr> {
    let mut inner: Vec<Expr> = vec![];
    expr.visit(&mut |e| {
        let Node::Call(op, args) = e.node() else { return };
        let own = matches!(op, Op::Add | Op::Sub | Op::Pow) || op.info().fixity.is_none();
        let parts = if own { args.iter().chain(std::iter::once(e)).collect::<Vec<_>>() } else { args.iter().collect() };
        for part in parts {
            if has(part, x) && part.as_symbol().is_none() && part != expr && !inner.contains(part) {
                inner.push(part.clone());
            }
        }
    });
    let fresh = Expr::symbol("$u");
    for g in inner.into_iter().take(12) {
        let rate = simplest(&g.derivative(x));
        if rate.as_number() == Some(0.0) || slope(&g, x).is_some() && g.size() > 9 {
            continue;
        }
        let replaced = |e: &Expr| e.rebuild(&mut |part| if part == g { fresh.clone() } else { part });
        // Before and after simplification: either may have lost the form of g.
        let whole = simplest(&(expr.clone() / rate));
        for candidate in
            [replaced(&whole), simplest(&replaced(&(replaced(expr) / replaced(&simplest(&g.derivative(x))))))]
        {
            if !has(&candidate, x)
                && let Some(found) = find(&candidate, "$u", depth.min(3))
            {
                return Some(found.substitute(&BTreeMap::from([(Name::new("$u"), g)])));
            }
        }
    }
    None
}

/// `∫ p f = p F − ∫ p' F`: logarithms and inverse functions are differentiated first, then powers of x.
fn by_parts(factors: &[Expr], x: &str, depth: usize) -> Option<Expr> {
    if factors.len() < 2 && !matches!(factors[0].node(), Node::Call(Op::Pow, _)) {
        return None;
    }
    let rank = |e: &Expr| match e.node() {
        Node::Call(Op::Log | Op::Asin | Op::Acos | Op::Atan, _) => 0,
        Node::Call(Op::Pow, args) if matches!(args[0].node(), Node::Call(Op::Log, _)) => 0,
        Node::Symbol(_) => 1,
        Node::Call(Op::Pow, args) if args[1].as_number().is_some_and(|n| n > 0.0 && n == n.trunc()) => 1,
        Node::Call(Op::Add | Op::Sub, _) => 1,
        _ => 2,
    };
    let at = (0..factors.len()).min_by_key(|k| rank(&factors[*k])).filter(|k| rank(&factors[*k]) < 2)?;
    let kept = &factors[at];
    let others = (0..factors.len()).filter(|k| *k != at).map(|k| factors[k].clone());
    let rest = others.fold(Expr::number(1.0), |product, factor| product * factor);
    let integrated = simplest(&find(&rest, x, depth)?);
    let next = simplest(&(kept.derivative(x) * integrated.clone()));
    if next.size() > 80 {
        return None;
    }
    Some(kept.clone() * integrated - find(&next, x, depth)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::parse;

    #[test]
    fn elementary_integrals() {
        for (text, expected) in [
            ("x^2", "x^3 / 3"),
            ("sin(2 * x + 1)", "-cos(2 * x + 1) / 2"),
            ("exp(-a * x)", "-exp(-a * x) / a"),
            ("1 / x", "log(abs(x))"),
            ("x * exp(x)", "(x - 1) * exp(x)"),
            ("x * exp(x^2)", "exp(x^2) / 2"),
            ("1 / (x^2 + 1)", "atan(x)"),
            ("1 / (1 + exp(x))", "x - log(exp(x) + 1)"),
        ] {
            let found = integrate(&parse(text), "x").unwrap_or_else(|_| panic!("{text}"));
            let same = simplest(&(found.clone() - parse(expected)));
            assert!(super::super::series::is_zero(&same), "{text}: {found}");
        }
    }

    /// The answer is differentiated before it is given, so that finding one is the test.
    #[test]
    fn many_integrals_are_found() {
        let mut missed = vec![];
        for text in [
            "3 * x^4 - 2 / x^3 + 1",
            "sqrt(2 * x + 1)",
            "(x^3 + 2 * x + 1) / (x^2 - 1)",
            "1 / (x^2 + 2 * x + 5)",
            "(x + 1) / (x^2 + 4)",
            "1 / (x^3 - x)",
            "1 / (x * (x + 1)^2)",
            "x * sin(x)",
            "x^2 * exp(-x)",
            "log(x)",
            "x * log(x)",
            "log(x)^2",
            "exp(x) * sin(2 * x)",
            "sin(x)^2 * cos(x)",
            "tan(x)",
            "x / sqrt(x^2 + 1)",
            "1 / sqrt(1 - x^2)",
            "1 / sqrt(x^2 + 4)",
            "atan(x)",
            "cos(x) / (1 + sin(x))",
            "exp(x) / (1 + exp(x))",
            "2^x",
            "m / (r + x)^2",
            "log(x) / x",
            "1 / (x * log(x))",
            "k * x / (x^2 + a^2)^2",
            "sin(x)^2",
            "cos(3 * x + 1)^4",
            "sin(x)^3",
            "sqrt(1 - x^2)",
            "sqrt(x^2 + 4)",
            "tan(2 * x)^3",
            "1 / sin(x)",
            "1 / cos(x)",
            "1 / cos(x)^2",
            "1 / sin(3 * x)^2",
            "1 / (r^2 + x^2)^1.5",
            "sin(2 * x) * sin(3 * x)",
            "sin(a * x) * cos(b * x + 1)",
            "x * sin(2 * x) * cos(x)",
            "sin(x)^2 * cos(3 * x)^2",
            "1 / (2 + cos(x))",
            "1 / (2 + sin(3 * x + 1))",
            "1 / (3 * sin(x) + 4 * cos(x))",
            "sin(x) / (1 + sin(x))",
            "1 / (2 + cos(x))^2",
        ] {
            if integrate(&parse(text), "x").is_err() {
                missed.push(text);
            }
        }
        assert!(missed.is_empty(), "{missed:?}");
    }

    #[test]
    fn what_has_no_elementary_integral_is_not_invented() {
        for text in ["exp(-x^2)", "sin(x) / x", "exp(x) / x", "sqrt(1 - k * sin(x)^2)"] {
            assert!(integrate(&parse(text), "x").is_err(), "{text}");
        }
    }
}
