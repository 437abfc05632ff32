//! What must hold for an expression to be defined, and what a simplification lost of it.

use super::simplest::simplest;
use crate::expr::algebra;
use crate::expr::{Expr, Node, Op, print::infix};
use std::collections::BTreeSet;
use std::fmt;

/// Degree of what is taken apart into factors.
const IMAGES: usize = 16;

/// A condition for an expression to be defined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// It must not be zero: a divisor.
    NonZero(Expr),
    /// It must not be negative: under a root.
    NonNegative(Expr),
    /// It must be positive: in a logarithm.
    Positive(Expr),
}

impl Need {
    /// The expression that the condition is about.
    pub fn expr(&self) -> &Expr {
        match self {
            Need::NonZero(expr) | Need::NonNegative(expr) | Need::Positive(expr) => expr,
        }
    }

    /// Whether it holds with these values of the symbols; `None` where it has no value.
    pub fn holds(&self, lookup: &dyn Fn(&str) -> Option<f64>) -> Option<bool> {
        let value = self.expr().eval(lookup).ok().filter(|value| value.is_finite())?;
        Some(match self {
            Need::NonZero(_) => value != 0.0,
            Need::NonNegative(_) => value >= 0.0,
            Need::Positive(_) => value > 0.0,
        })
    }
}

/// `r ≠ -1`, `x > 0`.
impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (sign, flipped) = match self {
            Need::NonZero(_) => ("≠", "≠"),
            Need::NonNegative(_) => ("≥", "≤"),
            Need::Positive(_) => (">", "<"),
        };
        match against(self.expr()) {
            Some((left, right, false)) => write!(f, "{} {sign} {}", infix(&left), infix(&right)),
            Some((left, right, true)) => write!(f, "{} {flipped} {}", infix(&left), infix(&right)),
            None => write!(f, "{} {sign} 0", infix(self.expr())),
        }
    }
}

/// `u + c` as u against −c, `c - u` as u against c the other way round.
fn against(expr: &Expr) -> Option<(Expr, Expr, bool)> {
    let Node::Call(op @ (Op::Add | Op::Sub), args) = expr.node() else { return None };
    match (op, args[0].as_number(), args[1].as_number()) {
        (Op::Add, _, Some(c)) => Some((args[0].clone(), Expr::number(-c), false)),
        (Op::Sub, _, Some(c)) => Some((args[0].clone(), Expr::number(c), false)),
        (Op::Sub, Some(c), _) => Some((args[1].clone(), Expr::number(c), true)),
        (Op::Add, Some(c), _) => Some((args[1].clone(), Expr::number(-c), false)),
        (Op::Sub, ..) => Some((args[0].clone(), args[1].clone(), false)),
        _ => None,
    }
}

/// All conditions for an expression to be defined that are not evident.
pub fn needs(expr: &Expr) -> BTreeSet<Need> {
    let mut found = BTreeSet::new();
    gather(expr, &mut found);
    found
}

/// Conditions of `before` that `after` does not have: the two are equal where these hold.
pub fn lost(before: &Expr, after: &Expr) -> Vec<Need> {
    let kept = needs(after);
    needs(before).into_iter().filter(|need| !follows(need, &kept)).collect()
}

/// Whether a condition follows from others.
pub(super) fn follows(need: &Need, known: &BTreeSet<Need>) -> bool {
    if known.contains(need) {
        return true;
    }
    match need {
        Need::NonZero(e) => {
            known.contains(&Need::Positive(e.clone()))
                || sign(e, known) >= Some(Sign::Positive)
                || range(e).is_some_and(|(_, most)| most < 0.0)
        }
        Need::NonNegative(e) => known.contains(&Need::Positive(e.clone())) || sign(e, known).is_some(),
        Need::Positive(e) => {
            let both = known.contains(&Need::NonNegative(e.clone())) && known.contains(&Need::NonZero(e.clone()));
            both || sign(e, known) >= Some(Sign::Positive)
        }
    }
}

fn gather(expr: &Expr, found: &mut BTreeSet<Need>) {
    let Node::Call(op, args) = expr.node() else { return };
    args.iter().for_each(|arg| gather(arg, found));
    match op {
        Op::Div => non_zero(&args[1], found),
        Op::Sqrt => add(Need::NonNegative(simplest(&args[0])), found),
        Op::Log => add(Need::Positive(simplest(&args[0])), found),
        Op::Pow => match args[1].as_number() {
            Some(power) if power == power.trunc() && power >= 0.0 => {}
            Some(power) if power == power.trunc() => non_zero(&args[0], found),
            Some(power) if power >= 0.0 => add(Need::NonNegative(simplest(&args[0])), found),
            _ => add(Need::Positive(simplest(&args[0])), found),
        },
        Op::Asin | Op::Acos => {
            let inside = Expr::number(1.0) - args[0].clone().pow(2.0);
            add(Need::NonNegative(simplest(&inside)), found);
        }
        Op::Tan => add(Need::NonZero(Expr::call(Op::Cos, vec![simplest(&args[0])])), found),
        _ => {}
    }
}

/// Every factor of a divisor must not be zero.
fn non_zero(divisor: &Expr, found: &mut BTreeSet<Need>) {
    match algebra::factors(divisor, IMAGES) {
        Some(factors) => factors.into_iter().for_each(|factor| {
            let (inner, need): (Expr, fn(Expr) -> Need) = match factor.node() {
                Node::Call(Op::Sqrt | Op::Cbrt | Op::Abs, args) => (args[0].clone(), Need::NonZero),
                Node::Call(Op::Pow, args) if args[1].as_number().is_some() => (args[0].clone(), Need::NonZero),
                _ => (factor.clone(), Need::NonZero),
            };
            add(need(inner), found);
        }),
        None => add(Need::NonZero(simplest(divisor)), found),
    }
}

fn add(need: Need, found: &mut BTreeSet<Need>) {
    if !follows(&need, &BTreeSet::new()) {
        found.insert(need);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    NotNegative,
    Positive,
}

/// The sign that is evident from the form, or from what is known of parts.
fn sign(expr: &Expr, known: &BTreeSet<Need>) -> Option<Sign> {
    use Sign::{NotNegative, Positive};
    if known.contains(&Need::Positive(expr.clone())) {
        return Some(Positive);
    }
    let (op, args) = match expr.node() {
        Node::Number(value) if *value > 0.0 => return Some(Positive),
        Node::Number(value) if *value == 0.0 => return Some(NotNegative),
        Node::Number(_) => return None,
        Node::Symbol(_) => return known.contains(&Need::NonNegative(expr.clone())).then_some(NotNegative),
        Node::Call(op, args) => (*op, args),
    };
    let of = |k: usize| sign(&args[k], known);
    match op {
        Op::Exp | Op::Cosh => Some(Positive),
        Op::Abs => Some(NotNegative),
        Op::Sqrt => Some(of(0).unwrap_or(NotNegative)),
        Op::Add | Op::Sub if range(expr).is_some_and(|(least, _)| least > 0.0) => Some(Positive),
        Op::Add => Some(of(0)?.max(of(1)?)),
        Op::Mul | Op::Div => Some(of(0)?.min(of(1)?)),
        Op::Pow => match args[1].as_number() {
            Some(power) if power % 2.0 == 0.0 && of(0) != Some(Positive) => Some(NotNegative),
            _ => of(0),
        },
        _ => known.contains(&Need::NonNegative(expr.clone())).then_some(NotNegative),
    }
}

/// Bounds of a sum of numbers and waves: `cos(x) + 2` lies between 1 and 3.
fn range(expr: &Expr) -> Option<(f64, f64)> {
    let (op, args) = match expr.node() {
        Node::Number(value) => return Some((*value, *value)),
        Node::Symbol(_) => return None,
        Node::Call(op, args) => (*op, args),
    };
    match op {
        Op::Sin | Op::Cos | Op::Tanh => Some((-1.0, 1.0)),
        Op::Neg => range(&args[0]).map(|(a, b)| (-b, -a)),
        Op::Add => range(&args[0]).zip(range(&args[1])).map(|((a, b), (c, d))| (a + c, b + d)),
        Op::Sub => range(&args[0]).zip(range(&args[1])).map(|((a, b), (c, d))| (a - d, b - c)),
        Op::Mul => {
            let factor = args[0].as_number()?;
            range(&args[1]).map(|(a, b)| if factor < 0.0 { (factor * b, factor * a) } else { (factor * a, factor * b) })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::parse;

    #[test]
    fn conditions_of_definition() {
        for (text, expected) in [
            ("m * (r^2 - 1) / (r^3 + r^2)", "r ≠ 0, r ≠ -1"),
            ("log(x) + sqrt(y - 1)", "y ≥ 1, x > 0"),
            ("1 / (x^2 + 1) + 1 / exp(x)", ""),
            ("1 / (x - y)", "x ≠ y"),
            ("1 / (cos(x) + 2) + log(3 - 2 * sin(y)) + 1 / (sin(x) - 2)", ""),
            ("1 / (cos(x) + 1)", "cos(x) ≠ -1"),
            ("x^0.5 / x", "x ≠ 0, x ≥ 0"),
        ] {
            let found: Vec<String> = needs(&parse(text)).iter().map(Need::to_string).collect();
            assert_eq!(found.join(", "), expected, "{text}");
        }
    }

    #[test]
    fn what_a_cancellation_loses() {
        let lost = |a: &str, b: &str| lost(&parse(a), &parse(b)).iter().map(Need::to_string).collect::<Vec<_>>();
        assert_eq!(lost("m * (r^2 - 1) / (r^3 + r^2)", "m * (r - 1) / r^2"), ["r ≠ -1"]);
        assert_eq!(lost("exp(log(x))", "x"), ["x > 0"]);
        assert!(lost("x / x^2", "1 / x").is_empty());
    }
}
