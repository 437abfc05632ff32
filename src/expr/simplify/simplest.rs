//! The smallest of several equal forms: normal form, one fraction in lowest terms, factors; part by part from the leaves up,
//! until nothing gets smaller.

use super::simplify;
use crate::expr::algebra::{self, Field};
use crate::expr::{Expr, Node, Op};
use std::collections::HashMap;

/// Larger expressions get their normal form only.
const LARGEST: usize = 300;
/// Polynomials of more terms are not multiplied out.
const TERMS: usize = 60;
/// Polynomials of more terms are not factored.
const FACTORED: usize = 10;
/// Degree of images while factoring.
const IMAGES: usize = 16;
/// Most rounds over the whole expression.
const ROUNDS: usize = 3;

/// An equal expression in few nodes, never more than the input has. Common factors of fractions are cancelled:
/// `(x^2 - 1) / (x - 1)` becomes `x + 1`, equal where both are defined. Takes about a millisecond for forty nodes.
pub fn simplest(expr: &Expr) -> Expr {
    steps(expr, &mut vec![])
}

/// One step of a simplification: a part and what it became.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The name of the rule.
    pub rule: String,
    /// The part before.
    pub before: Expr,
    /// The part after.
    pub after: Expr,
}

/// As [`simplest`], with the steps put into `done`.
pub(super) fn steps(expr: &Expr, done: &mut Vec<Step>) -> Expr {
    let mut now = expr.clone();
    if expr.size() > LARGEST {
        return simplify(expr);
    }
    let mut known = HashMap::new();
    for _ in 0..ROUNDS {
        let next = part(&now, Within::Nothing, &mut known, done);
        // Of equally small forms the last stands: its terms and factors are in order.
        if next == now || rank(&next) > rank(&now) || next.size() > now.size() {
            break;
        }
        now = next;
    }
    now
}

/// What a part stands in: sums within sums and products within products are looked at once, from the outermost.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Sum,
    Product,
    Nothing,
}

/// The smallest form of a part. `known` holds what was found before.
fn part(expr: &Expr, within: Within, known: &mut HashMap<Expr, Expr>, done: &mut Vec<Step>) -> Expr {
    let Node::Call(op, args) = expr.node() else { return expr.clone() };
    let (own, inner) = match op {
        Op::Add | Op::Sub | Op::Neg => (Within::Sum, Within::Sum),
        Op::Mul => (Within::Product, Within::Product),
        _ => (Within::Nothing, Within::Nothing),
    };
    let rebuilt = Expr::call(*op, args.iter().map(|arg| part(arg, inner, known, done)).collect());
    if own != Within::Nothing && own == within {
        return rebuilt;
    }
    if let Some(found) = known.get(&rebuilt) {
        return found.clone();
    }
    let (found, rule) = smallest(rebuilt.clone());
    if found != rebuilt {
        done.push(Step { rule: rule.into(), before: rebuilt.clone(), after: found.clone() });
    }
    // What was found is as small as this finds it.
    known.insert(found.clone(), found.clone());
    known.insert(rebuilt, found.clone());
    found
}

/// The cheapest form of an expression whose parts are as small as they get, and the name of the way to it.
fn smallest(expr: Expr) -> (Expr, &'static str) {
    let normal = simplify(&expr);
    let mut best = if rank(&normal) <= rank(&expr) { normal } else { expr.clone() };
    let mut way = "like terms";
    if expr.size() < 4 {
        return (best, way);
    }
    let standard = |e: &Expr| e.clone();
    let mut field = Field::of(&expr, &standard).limited(TERMS);
    let Some(fraction) = field.fraction(&expr) else { return (best, way) };
    let mut candidates = vec![(algebra::quotient(&field, &fraction), "common factors")];
    if fraction.below.as_number().is_none() && fraction.below.0.len() == 1 {
        candidates.push((algebra::one_bar(&field, &fraction), "one fraction"));
    }
    let lengths = [fraction.above.0.len(), fraction.below.0.len()];
    // Two terms have no shorter factors.
    if lengths.iter().all(|length| *length <= FACTORED) && lengths.iter().any(|length| *length > 2) {
        candidates.extend(
            algebra::factored(&field, &fraction, IMAGES, algebra::nicest).map(|factored| (factored, "factors")),
        );
    }
    for (candidate, name) in candidates {
        if candidate.size() <= expr.size() && rank(&candidate) < rank(&best) {
            (best, way) = (candidate, name);
        }
    }
    (best, way)
}

/// What is smaller is simpler; of two equally small, the one with fewer fraction bars.
pub(super) fn rank(expr: &Expr) -> (usize, usize) {
    let mut bars = 0;
    expr.visit(&mut |e| bars += usize::from(matches!(e.node(), Node::Call(Op::Div, _))));
    (cost(expr), bars)
}

/// Nodes; numbers of many digits count as more than the three nodes of a fraction: 2 / 3 is shorter than 0.6666666666666666.
fn cost(expr: &Expr) -> usize {
    match expr.node() {
        Node::Number(value) if many_digits(*value) => 4,
        _ => 1 + expr.args().iter().map(cost).sum::<usize>(),
    }
}

fn many_digits(value: f64) -> bool {
    let scaled = value * 1e9;
    scaled != scaled.round() && (value * 1e-9) != (value * 1e-9).round() && format!("{value:e}").len() > 14
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::expr::tests::{parse, point, random, value};

    #[test]
    fn forms() {
        for (from, to) in [
            ("(x^2 - 1) / (x - 1)", "x + 1"),
            ("1 / (y / x + 0.25 * (1 / x))", "x / (y + 0.25)"),
            ("m * (r^2 - 1) / (r^3 + r^2)", "m * (r - 1) / r^2"),
            ("x / (x + 1) + 1 / (x + 1)", "1"),
            ("a * b + a * c + d", "a * (b + c) + d"),
            ("a * x + a * y + b * x + b * y", "(a + b) * (x + y)"),
            ("(x + 1)^2 - x^2 - 2 * x", "1"),
            ("x^2 + 2 * x + 1", "(x + 1)^2"),
            ("2 * x / 3", "2 * x / 3"),
            ("sin(-x) + sin(x)", "0"),
            ("exp(x) * exp(y) / exp(x)", "exp(y)"),
            ("1.5 * r / m - 1.485 / m", "(1.5 * r - 1.485) / m"),
            ("sqrt(x) * sqrt(x) + x", "2 * x"),
            ("1 / (1 / a + 1 / b)", "a * b / (a + b)"),
        ] {
            assert_eq!(simplest(&parse(from)).to_string(), to, "{from}");
        }
    }

    /// Tens of thousands of expressions: equal at points of the domain, and never larger.
    #[test]
    fn random_expressions_keep_their_values() {
        let mut checked = 0;
        for index in 0..4_000 {
            let mut stream = Seed::root(11).nth(index).stream();
            let size = 10 + stream.below(31);
            let expr = random(&mut stream, size);
            let simple = simplest(&expr);
            assert!(simple.size() <= expr.size(), "{expr} became {simple}");
            for both_signs in [false, true] {
                let at = point(&expr, &mut stream, both_signs);
                // Where the input is defined the result is too.
                let Some((before, scale)) = value(&expr, &at).filter(|v| v.1 < 1e6) else { continue };
                let after = simple.eval(&|name| at.get(name).copied()).unwrap_or(f64::NAN);
                checked += 1;
                let error = (before - after).abs();
                assert!(error <= 1e-7 * scale.max(1.0), "{expr} = {before} became {simple} = {after} at {at:?}");
            }
        }
        assert!(checked > 3_000, "{checked}");
    }
}
