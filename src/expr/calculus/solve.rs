//! Equations in one unknown: polynomials by their factors, the rest by undoing one function after another.

use super::NoAnswer;
use crate::expr::algebra::{self, coefficients};
use crate::expr::{Expr, Node, Op, lost, simplest};

/// Degree of what is taken apart into factors.
const HIGHEST: usize = 32;
/// Most functions undone one within another.
const DEEPEST: usize = 12;

/// Real solutions of `equation` for `symbol`: an equation `a == b`, or what shall be zero. Of periodic functions the
/// principal ones. `Err` says why there is no answer; no solution is an empty list.
pub fn solve(equation: &Expr, symbol: &str) -> Result<Vec<Expr>, NoAnswer> {
    let zero = match equation.node() {
        Node::Call(Op::Eq, args) => args[0].clone() - args[1].clone(),
        _ => equation.clone(),
    };
    if !has(&zero, symbol) {
        return Err(NoAnswer(format!("there is no {symbol} in the equation")));
    }
    if simplest(&zero).as_number() == Some(0.0) {
        return Err(NoAnswer(format!("every {symbol} solves the equation")));
    }
    let mut found = vec![];
    zeros(&zero, symbol, DEEPEST, &mut found)?;
    found.retain(|solution| fits(&zero, symbol, solution));
    // Zero has no sign.
    let unsigned = |e: Expr| if e.as_number() == Some(0.0) { Expr::number(0.0) } else { e };
    let mut numbers: Vec<Expr> = found.into_iter().map(unsigned).collect();
    numbers.sort_by(|a, b| match (a.as_number(), b.as_number()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => std::cmp::Ordering::Equal,
    });
    numbers.dedup();
    Ok(numbers)
}

fn has(expr: &Expr, symbol: &str) -> bool {
    expr.symbols().iter().any(|name| name.as_str() == symbol)
}

/// Whether a solution without symbols is real and makes the equation hold; others are taken as they are.
fn fits(zero: &Expr, symbol: &str, solution: &Expr) -> bool {
    let nothing = |_: &str| None;
    let Ok(value) = solution.eval(&nothing) else { return true };
    let others = zero.symbols().iter().any(|name| name.as_str() != symbol);
    if others {
        return value.is_finite();
    }
    let mut size = 1.0f64;
    zero.visit(&mut |e| {
        let part = e.eval(&|name| (name == symbol).then_some(value)).unwrap_or(f64::NAN).abs();
        size = if part.is_finite() { size.max(part) } else { size };
    });
    let rest = zero.eval(&|name| (name == symbol).then_some(value)).unwrap_or(f64::NAN);
    value.is_finite() && rest.abs() <= 1e-7 * size
}

fn zeros(expr: &Expr, x: &str, depth: usize, found: &mut Vec<Expr>) -> Result<(), NoAnswer> {
    let depth = depth.checked_sub(1).ok_or_else(|| NoAnswer("the equation is nested too deep".into()))?;
    // A fraction is zero where its numerator is.
    let factors = algebra::factors(expr, HIGHEST).unwrap_or_else(|| vec![expr.clone()]);
    for factor in factors.into_iter().filter(|factor| has(factor, x)) {
        match coefficients(&factor, x) {
            Some(parts) => polynomial(&parts, x, found)?,
            None => transcendental(&factor, x, depth, found)?,
        }
    }
    Ok(())
}

fn polynomial(parts: &[Expr], x: &str, found: &mut Vec<Expr>) -> Result<(), NoAnswer> {
    match parts {
        [b, a] => found.push(shown(&(-b.clone() / a.clone()))),
        [c, b, a] => {
            let inside = simplest(&(b.clone().pow(2.0) - Expr::number(4.0) * a.clone() * c.clone()));
            let negative = inside.as_number().is_some_and(|value| value < 0.0);
            let root = simplest(&inside.apply(Op::Sqrt));
            for sign in [-1.0, 1.0] {
                if !negative {
                    found.push(shown(
                        &((Expr::number(sign) * root.clone() - b.clone()) / (Expr::number(2.0) * a.clone())),
                    ));
                }
            }
        }
        // a x^n + c: one root, or two of even order; a x^2n + b x^n + c: a quadratic of the power.
        _ => {
            let zero = |e: &Expr| e.as_number() == Some(0.0);
            let used: Vec<usize> = (0..parts.len()).filter(|k| !zero(&parts[*k])).collect();
            match used[..] {
                [0, n] => roots(&shown(&(-parts[0].clone() / parts[n].clone())), n, found),
                [0, m, n] if n == 2 * m => {
                    let mut powers = vec![];
                    polynomial(&[parts[0].clone(), parts[m].clone(), parts[n].clone()], x, &mut powers)?;
                    powers.iter().for_each(|power| roots(power, m, found));
                }
                _ => {
                    return Err(NoAnswer(format!(
                        "a polynomial of degree {} in {x} that has no factors",
                        parts.len() - 1
                    )));
                }
            }
        }
    }
    Ok(())
}

/// Real roots of `x ^ n = value`.
fn roots(value: &Expr, n: usize, found: &mut Vec<Expr>) {
    let root = |value: Expr| match n {
        2 => shown(&value.apply(Op::Sqrt)),
        3 => shown(&value.apply(Op::Cbrt)),
        _ => shown(&value.pow(1.0 / n as f64)),
    };
    let negative = value.as_number().is_some_and(|value| value < 0.0);
    match (n % 2, negative) {
        (0, true) => {}
        (0, false) => {
            let positive = root(value.clone());
            found.push(shown(&-positive.clone()));
            found.push(positive);
        }
        (_, true) => found.push(shown(&-root(-value.clone()))),
        (_, false) => found.push(root(value.clone())),
    }
}

fn shown(expr: &Expr) -> Expr {
    let (short, plain) = (simplest(expr), algebra::together(expr));
    if plain.size() < short.size() && lost(&plain, expr).is_empty() { plain } else { short }
}

/// A sum in which x occurs within one part that is no polynomial of it: that part is solved for, then undone.
fn transcendental(expr: &Expr, x: &str, depth: usize, found: &mut Vec<Expr>) -> Result<(), NoAnswer> {
    let mut parts: Vec<Expr> = vec![];
    functions(expr, x, &mut parts);
    let give_up = || NoAnswer(format!("`{expr}` = 0 was not solved for {x}"));
    let fresh = "$u";
    for part in &parts {
        let replaced = expr.rebuild(&mut |e| if e == *part { Expr::symbol(fresh) } else { e });
        if has(&replaced, x) {
            continue;
        }
        let mut values = vec![];
        zeros(&replaced, fresh, depth, &mut values)?;
        for value in values {
            undo(part, &value, x, depth, found)?;
        }
        return Ok(());
    }
    // log(a) + log(b) = c and the like: one logarithm, then powers of e.
    if let Some(joined) = one_logarithm(expr, x)
        && joined != *expr
    {
        return zeros(&joined, x, depth, found);
    }
    // sqrt(a) = b is squared; wrong solutions fail the test at the end.
    if let Some(squared) = squared(expr, x) {
        return zeros(&squared, x, depth, found);
    }
    Err(give_up())
}

/// The parts that hold x and are no sums or products, outermost first, then those within.
fn functions(expr: &Expr, x: &str, found: &mut Vec<Expr>) {
    let Node::Call(op, args) = expr.node() else { return };
    let whole_power = *op == Op::Pow && args[1].as_number().is_some_and(|n| n == n.trunc());
    if !matches!(op, Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Neg)
        && !whole_power
        && has(expr, x)
        && !found.contains(expr)
    {
        found.push(expr.clone());
    }
    args.iter().for_each(|arg| functions(arg, x, found));
}

/// Solutions of `part = value`.
fn undo(part: &Expr, value: &Expr, x: &str, depth: usize, found: &mut Vec<Expr>) -> Result<(), NoAnswer> {
    let (op, args) = match part.node() {
        Node::Call(op, args) => (*op, args),
        _ => {
            found.push(value.clone());
            return Ok(());
        }
    };
    let inverse = |op: Op| vec![value.clone().apply(op)];
    let pi = Expr::number(std::f64::consts::PI);
    let outside = |low: f64, high: f64| value.as_number().is_some_and(|value| value < low || value > high);
    let inner = match op {
        Op::Exp if outside(f64::MIN_POSITIVE, f64::MAX) => vec![],
        Op::Exp => inverse(Op::Log),
        Op::Log => inverse(Op::Exp),
        Op::Sqrt if outside(0.0, f64::MAX) => vec![],
        Op::Sqrt => vec![value.clone().pow(2.0)],
        Op::Cbrt => vec![value.clone().pow(3.0)],
        Op::Abs if outside(0.0, f64::MAX) => vec![],
        Op::Abs => vec![-value.clone(), value.clone()],
        Op::Sin | Op::Cos if outside(-1.0, 1.0) => vec![],
        Op::Sin => vec![value.clone().apply(Op::Asin), pi - value.clone().apply(Op::Asin)],
        Op::Cos => vec![value.clone().apply(Op::Acos), -value.clone().apply(Op::Acos)],
        Op::Tan => inverse(Op::Atan),
        Op::Asin => inverse(Op::Sin),
        Op::Acos => inverse(Op::Cos),
        Op::Atan => inverse(Op::Tan),
        Op::Sinh => {
            let root = (value.clone().pow(2.0) + Expr::number(1.0)).apply(Op::Sqrt);
            vec![(value.clone() + root).apply(Op::Log)]
        }
        Op::Cosh => {
            let root = (value.clone().pow(2.0) - Expr::number(1.0)).apply(Op::Sqrt);
            let found = (value.clone() + root).apply(Op::Log);
            vec![-found.clone(), found]
        }
        Op::Tanh => {
            let one = Expr::number(1.0);
            vec![((one.clone() + value.clone()) / (one - value.clone())).apply(Op::Log) / Expr::number(2.0)]
        }
        Op::Pow if !has(&args[1], x) => vec![value.clone().pow(Expr::number(1.0) / args[1].clone())],
        Op::Pow if !has(&args[0], x) => {
            let exponent = value.clone().apply(Op::Log) / args[0].clone().apply(Op::Log);
            return zeros(&(args[1].clone() - shown(&exponent)), x, depth, found);
        }
        _ => return Err(NoAnswer(format!("`{}` cannot be undone", op.info().name))),
    };
    for value in inner {
        zeros(&(args[0].clone() - shown(&value)), x, depth, found)?;
    }
    Ok(())
}

/// `Σ log(a_i) + c` as `Π a_i − exp(−c)`.
fn one_logarithm(expr: &Expr, x: &str) -> Option<Expr> {
    let mut terms = vec![];
    summands(expr, 1.0, &mut terms);
    let (mut product, mut rest) = (Expr::number(1.0), Expr::number(0.0));
    let mut count = 0;
    for (sign, term) in terms {
        match term.node() {
            Node::Call(Op::Log, args) if has(&term, x) => {
                product = if sign > 0.0 { product * args[0].clone() } else { product / args[0].clone() };
                count += 1;
            }
            _ if has(&term, x) => return None,
            _ => rest = rest + Expr::number(sign) * term,
        }
    }
    (count > 1).then(|| product - (-rest).apply(Op::Exp))
}

/// `sqrt(a) + b` as `a − b²`, for one root with a factor that is a number.
fn squared(expr: &Expr, x: &str) -> Option<Expr> {
    let mut terms = vec![];
    summands(expr, 1.0, &mut terms);
    let at = terms.iter().position(|(_, term)| matches!(term.node(), Node::Call(Op::Sqrt, _)) && has(term, x))?;
    let (_, root) = terms.remove(at);
    let rest = terms.into_iter().fold(Expr::number(0.0), |sum, (sign, term)| sum + Expr::number(sign) * term);
    Some(root.args()[0].clone() - rest.pow(2.0))
}

fn summands(expr: &Expr, sign: f64, out: &mut Vec<(f64, Expr)>) {
    match expr.node() {
        Node::Call(Op::Add, args) => args.iter().for_each(|arg| summands(arg, sign, out)),
        Node::Call(Op::Sub, args) => {
            summands(&args[0], sign, out);
            summands(&args[1], -sign, out);
        }
        Node::Call(Op::Neg, args) => summands(&args[0], -sign, out),
        _ => out.push((sign, expr.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::parse;

    #[test]
    fn known_solutions() {
        for (text, expected) in [
            ("2 * x - 6", "3"),
            ("x^2 - 5 * x + 6", "2, 3"),
            ("a * x + b", "-b / a"),
            ("x^2 + 1", ""),
            ("x^3 - x", "-1, 0, 1"),
            ("x^4 - 5 * x^2 + 4", "-2, -1, 1, 2"),
            ("x^3 - 8", "2"),
            ("exp(2 * x) - 1", "0"),
            ("log(x) - 1", "2.7182818284590455"),
            ("sqrt(x) - 3", "9"),
            ("exp(2 * x) - 3 * exp(x) + 2", "0, 0.6931471805599453"),
            ("log(x) + log(x - 1) - log(6)", "3"),
            ("sqrt(x + 2) - x", "2"),
            ("2^x - 8", "3"),
            ("cosh(x) - 2", "-1.3169578969248166, 1.3169578969248166"),
            ("1 / (x - 1) - 2", "1.5"),
        ] {
            let found = solve(&parse(text), "x").unwrap_or_else(|why| panic!("{text}: {why:?}"));
            let expected: Vec<Expr> = expected.split(", ").filter(|part| !part.is_empty()).map(parse).collect();
            let close = |a: &Expr, b: &Expr| match (a.as_number(), b.as_number()) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-12,
                _ => a.to_string() == b.to_string(),
            };
            let same = found.len() == expected.len() && found.iter().zip(&expected).all(|(a, b)| close(a, b));
            assert!(same, "{text}: {found:?}");
        }
    }

    #[test]
    fn what_is_not_solved_is_said() {
        for text in ["x - cos(x)", "x^5 - x + 1", "y + 1", "x == x", "2 * (x + 1) - 2 * x - 2"] {
            assert!(solve(&parse(text), "x").is_err(), "{text}");
        }
    }
}
