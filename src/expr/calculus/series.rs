//! Power series, poles included: coefficients by recurrence, term by term.

use super::NoAnswer;
use crate::base::Name;
use crate::expr::algebra::Ratio;
use crate::expr::{Equality, Expr, Node, Op, equal, simplest};
use std::collections::BTreeMap;

/// Most terms of a series.
const HIGHEST: usize = 24;
/// Highest power of the variable that is looked at.
pub(super) const STEEPEST: f64 = 1e5;

/// The series of `expr` in `symbol` around `at`, with all powers up to `order`. `Err` where there is none.
pub fn series(expr: &Expr, symbol: &str, at: &Expr, order: usize) -> Result<Expr, NoAnswer> {
    if order > HIGHEST {
        return Err(NoAnswer(format!("a series has at most order {HIGHEST}")));
    }
    let found = around(expr, symbol, at, order)?;
    if found.lowest + found.terms.len() as i32 <= order as i32 {
        return Err(none("a pole of so high an order is not expanded"));
    }
    let step = match at.as_number() {
        Some(0.0) => Expr::symbol(symbol),
        Some(value) if value < 0.0 => Expr::symbol(symbol) + Expr::number(-value),
        _ => Expr::symbol(symbol) - at.clone(),
    };
    let mut total = Expr::number(0.0);
    for (index, coefficient) in found.terms.iter().enumerate() {
        let power = found.lowest + index as i32;
        if coefficient.is_zero() || power > order as i32 {
            continue;
        }
        total = plus(total, term(coefficient, &step, power));
    }
    Ok(total)
}

/// The series around a point, at least up to `order`; more terms are taken where a pole eats some.
pub(super) fn around(expr: &Expr, symbol: &str, at: &Expr, order: usize) -> Result<Series, NoAnswer> {
    let shifted = match at.as_number() {
        Some(0.0) => expr.clone(),
        _ => expr.substitute(&BTreeMap::from([(Name::new(symbol), Expr::symbol(symbol) + at.clone())])),
    };
    let mut length = order + 1;
    loop {
        let found = Around { symbol, length, logarithm: None }.series(&shifted)?;
        let reached = found.lowest + found.terms.len() as i32;
        if reached > order as i32 || length > 2 * HIGHEST {
            return Ok(found);
        }
        // A pole asks for as many terms more as its order, which may be any.
        length = (length + (order as i32 + 1 - reached) as usize).min(2 * HIGHEST + 1);
    }
}

/// `coefficient * step ^ power`, with the sign in front and whole divisors below.
fn term(coefficient: &Term, step: &Expr, power: i32) -> Expr {
    let n = |value: i128| Expr::number(value as f64);
    let raised = match power.abs() {
        0 => match coefficient {
            Term::Exact(value) if !value.is_short_decimal() => {
                return Expr::call(Op::Div, vec![n(value.above()), n(value.below())]);
            }
            _ => return coefficient.expr(),
        },
        1 => step.clone(),
        whole => Expr::call(Op::Pow, vec![step.clone(), n(i128::from(whole))]),
    };
    match (power > 0, coefficient) {
        (false, Term::Exact(value)) if !value.is_short_decimal() => n(value.above()) / (n(value.below()) * raised),
        (false, _) => coefficient.expr() / raised,
        (true, Term::Exact(value)) if !value.is_whole() => n(value.above()) * raised / n(value.below()),
        (true, _) => match coefficient.expr() {
            found if matches!(found.node(), Node::Call(Op::Div, _)) => {
                found.args()[0].clone() * raised / found.args()[1].clone()
            }
            found => found * raised,
        },
    }
}

fn plus(total: Expr, term: Expr) -> Expr {
    match term.node() {
        _ if total.as_number() == Some(0.0) => term,
        Node::Call(Op::Neg, args) => total - args[0].clone(),
        Node::Number(value) if *value < 0.0 => total - Expr::number(-value),
        Node::Call(op @ (Op::Mul | Op::Div), args) => match leading_sign(&args[0]) {
            Some(positive) => total - Expr::call(*op, vec![positive, args[1].clone()]),
            None => total + term,
        },
        _ => total + term,
    }
}

/// The expression without a minus in its first factor.
fn leading_sign(expr: &Expr) -> Option<Expr> {
    match expr.node() {
        Node::Number(value) if *value < 0.0 => Some(Expr::number(-value)),
        Node::Call(Op::Neg, args) => Some(args[0].clone()),
        Node::Call(op @ (Op::Mul | Op::Div), args) => {
            let first = leading_sign(&args[0])?;
            let one = first.as_number() == Some(1.0) && *op == Op::Mul;
            Some(if one { args[1].clone() } else { Expr::call(*op, vec![first, args[1].clone()]) })
        }
        _ => None,
    }
}

/// A coefficient: an exact number of moderate size, or an expression.
#[derive(Clone, Debug)]
pub(super) enum Term {
    Exact(Ratio),
    Formula(Expr),
}

/// Numbers with larger denominators are measured ones.
const LARGEST_DENOMINATOR: i128 = 1 << 40;
/// What floats leave of a sum that cancels.
const ROUNDING: f64 = 1e-14;

impl Term {
    const ZERO: Term = Term::Exact(Ratio::ZERO);
    const ONE: Term = Term::Exact(Ratio::ONE);

    fn of(expr: Expr) -> Term {
        let exact = expr.as_number().and_then(Ratio::from_float);
        exact.filter(|ratio| ratio.below() < LARGEST_DENOMINATOR).map_or(Term::Formula(expr), Term::Exact)
    }

    fn whole(value: i32) -> Term {
        Term::Exact(Ratio::whole(i128::from(value)))
    }

    pub fn expr(&self) -> Expr {
        match self {
            Term::Exact(value) => Expr::number(value.to_float()),
            Term::Formula(expr) => expr.clone(),
        }
    }

    pub fn is_zero(&self) -> bool {
        match self {
            Term::Exact(value) => value.is_zero(),
            Term::Formula(expr) => is_zero(expr),
        }
    }

    /// Whether it is a number that is no real one.
    fn is_undefined(&self) -> bool {
        matches!(self, Term::Formula(expr) if expr.as_number().is_some_and(|value| !value.is_finite()))
    }

    fn times(&self, other: &Term) -> Term {
        match (self, other) {
            (Term::Exact(a), Term::Exact(b)) => {
                a.times(*b).map_or_else(|| Term::Formula(self.expr() * other.expr()), Term::Exact)
            }
            _ => Term::Formula(self.expr() * other.expr()),
        }
    }

    fn over(&self, other: &Term) -> Term {
        match (self, other) {
            (Term::Exact(a), Term::Exact(b)) if !b.is_zero() => {
                a.over(*b).map_or_else(|| Term::Formula(self.expr() / other.expr()), Term::Exact)
            }
            _ => Term::Formula(simplest(&(self.expr() / other.expr()))),
        }
    }

    /// The sum, with exact numbers kept exact; floats that cancel up to their rounding are zero.
    fn sum(terms: impl IntoIterator<Item = Term>) -> Term {
        let (mut exact, mut rest, mut largest) = (Ratio::ZERO, Expr::number(0.0), 0.0f64);
        for term in terms {
            largest = largest.max(term.expr().as_number().map_or(0.0, f64::abs));
            match &term {
                Term::Exact(value) => match exact.plus(*value) {
                    Some(sum) => exact = sum,
                    None => rest = rest + term.expr(),
                },
                Term::Formula(expr) => rest = rest + expr.clone(),
            }
        }
        if rest.as_number() == Some(0.0) {
            return Term::Exact(exact);
        }
        let total = simplest(&(rest + Term::Exact(exact).expr()));
        match total.as_number() {
            Some(value) if value.abs() <= ROUNDING * largest => Term::ZERO,
            Some(_) => Term::Formula(total),
            None => Term::of(total),
        }
    }
}

/// `Σ terms[k] t^(lowest + k)`, cut off after its terms. The first is not zero, unless all are.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub lowest: i32,
    pub terms: Vec<Term>,
}

/// Whether a coefficient is zero: shown, or equal to zero wherever it was tried.
pub(super) fn is_zero(expr: &Expr) -> bool {
    match expr.as_number() {
        Some(value) => value == 0.0,
        None => !matches!(equal(expr, &Expr::number(0.0), 1e-9), Equality::Refuted { .. }),
    }
}

/// Where a series is made: in which symbol around 0, and how many terms at most.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub symbol: &'a str,
    pub length: usize,
    /// What the logarithm of the symbol is, where it is known to be positive: then its powers need not be analytic.
    pub logarithm: Option<&'a Expr>,
}

fn none(what: &str) -> NoAnswer {
    NoAnswer(what.into())
}

impl Around<'_> {
    fn constant(&self, value: Term) -> Series {
        let mut terms = vec![Term::ZERO; self.length];
        terms[0] = value;
        Series { lowest: 0, terms }
    }

    pub fn series(&self, expr: &Expr) -> Result<Series, NoAnswer> {
        let found = self.unchecked(expr)?;
        if found.terms.iter().any(Term::is_undefined) {
            return Err(NoAnswer(format!("`{expr}` is no real number there")));
        }
        Ok(found)
    }

    fn unchecked(&self, expr: &Expr) -> Result<Series, NoAnswer> {
        if !expr.symbols().iter().any(|name| name.as_str() == self.symbol) {
            return Ok(self.constant(Term::of(expr.clone())));
        }
        let (op, args) = match expr.node() {
            Node::Call(op, args) => (*op, args),
            _ => return Ok(Series { lowest: 1, ..self.constant(Term::ONE) }),
        };
        let arg = |k: usize| self.series(&args[k]);
        let one = || self.constant(Term::ONE);
        match op {
            Op::Add => Ok(arg(0)?.plus(&arg(1)?)),
            Op::Sub => Ok(arg(0)?.plus(&arg(1)?.scaled(-1))),
            Op::Neg => Ok(arg(0)?.scaled(-1)),
            Op::Mul => Ok(arg(0)?.times(&arg(1)?)),
            Op::Div => arg(0)?.over(&arg(1)?),
            Op::Sqrt => self.power(&arg(0)?, 0.5, Op::Pow),
            Op::Cbrt => self.power(&arg(0)?, 1.0 / 3.0, Op::Cbrt),
            Op::Pow => match args[1].as_number() {
                Some(power) => self.power(&arg(0)?, power, Op::Pow),
                None => (arg(1)?.times(&self.logarithm(&arg(0)?)?)).exponential(),
            },
            Op::Exp => arg(0)?.exponential(),
            Op::Log => self.logarithm(&arg(0)?),
            Op::Sin => Ok(arg(0)?.circular(-1)?.0),
            Op::Cos => Ok(arg(0)?.circular(-1)?.1),
            Op::Sinh => Ok(arg(0)?.circular(1)?.0),
            Op::Cosh => Ok(arg(0)?.circular(1)?.1),
            Op::Tan => arg(0)?.circular(-1).and_then(|(sine, cosine)| sine.over(&cosine)),
            Op::Tanh => arg(0)?.circular(1).and_then(|(sine, cosine)| sine.over(&cosine)),
            Op::Atan => {
                let inner = arg(0)?;
                let below = one().plus(&inner.times(&inner));
                inner.integrated(&inner.slope().over(&below)?, Op::Atan)
            }
            Op::Asin | Op::Acos => {
                let inner = arg(0)?;
                let below = one().plus(&inner.times(&inner).scaled(-1));
                let slope = inner.slope().over(&self.power(&below, 0.5, Op::Pow)?)?;
                inner.integrated(&if op == Op::Acos { slope.scaled(-1) } else { slope }, op)
            }
            Op::Abs => {
                let inner = arg(0)?.trimmed();
                match inner.terms[0].expr().as_number() {
                    Some(first) if inner.lowest % 2 == 0 => Ok(inner.scaled(if first < 0.0 { -1 } else { 1 })),
                    _ => Err(NoAnswer(format!("`{}` has no power series here", expr))),
                }
            }
            _ => Err(NoAnswer(format!("`{}` has no power series here", op.info().name))),
        }
    }

    /// A constant power, by `k a_0 b_k = Σ (power i − k + i) a_i b_(k−i)` (Miller). `root` is how it is written: a cube root
    /// has negative arguments.
    fn power(&self, series: &Series, power: f64, root: Op) -> Result<Series, NoAnswer> {
        let own = series.clone().trimmed();
        if own.terms[0].is_zero() {
            return Err(none("a power of what is zero to every order that was looked at"));
        }
        let lowest = f64::from(own.lowest) * power;
        if lowest.abs() > STEEPEST {
            return Err(none("a power this high is not expanded"));
        }
        // `(t²)^(1/2)` is |t|.
        let bent = root == Op::Pow && power != power.trunc() && (own.lowest % 2 != 0 || lowest % 2.0 != 0.0);
        if lowest != lowest.round() || own.lowest != 0 && bent && self.logarithm.is_none() {
            return Err(none("there is a branch point, where no power series exists"));
        }
        let first = match (&own.terms[0], root) {
            (Term::Exact(value), Op::Pow) if power == power.trunc() && power.abs() < 64.0 => {
                let raised = value.power(power.abs() as u32);
                let raised = if power < 0.0 { raised.and_then(|raised| Ratio::ONE.over(raised)) } else { raised };
                raised.map_or_else(|| Term::of(own.terms[0].expr().pow(power)), Term::Exact)
            }
            (first, Op::Cbrt) => Term::of(simplest(&first.expr().apply(Op::Cbrt))),
            (first, _) => Term::of(simplest(&first.expr().pow(power))),
        };
        let exponent = Term::of(Expr::number(power));
        let mut terms = vec![first];
        for k in 1..own.terms.len() as i32 {
            let parts = (1..=k).map(|i| {
                let weight = Term::sum([exponent.times(&Term::whole(i)), Term::whole(i - k)]);
                weight.times(&own.terms[i as usize]).times(&terms[(k - i) as usize])
            });
            let sum = Term::sum(parts);
            terms.push(sum.over(&Term::whole(k).times(&own.terms[0])));
        }
        Ok(Series { lowest: lowest as i32, terms })
    }

    fn logarithm(&self, series: &Series) -> Result<Series, NoAnswer> {
        let own = series.clone().trimmed();
        if own.terms[0].is_zero() {
            return Err(none("the logarithm of what is zero to every order that was looked at"));
        }
        let below = Series { lowest: 0, terms: own.terms.clone() };
        let mut found = below.integrated(&below.slope().over(&below)?, Op::Log)?;
        match (own.lowest, self.logarithm) {
            (0, _) => {}
            (_, None) => return Err(none("the logarithm of zero has no power series")),
            (lowest, Some(logarithm)) => {
                let more = Term::whole(lowest).times(&Term::of(logarithm.clone()));
                found.terms[0] = Term::sum([found.terms[0].clone(), more]);
            }
        }
        Ok(found)
    }
}

impl Series {
    /// Without zeros in front; the length shrinks with them.
    fn trimmed(mut self) -> Series {
        while self.terms.len() > 1 && self.terms[0].is_zero() {
            self.terms.remove(0);
            self.lowest += 1;
        }
        self
    }

    /// The first term that is not zero, with its power.
    pub fn first(&self) -> Option<(i32, Expr)> {
        let at = self.terms.iter().position(|term| !term.is_zero())?;
        Some((self.lowest + at as i32, self.terms[at].expr()))
    }

    fn scaled(mut self, factor: i32) -> Series {
        self.terms.iter_mut().for_each(|term| *term = Term::sum([Term::whole(factor).times(term)]));
        self
    }

    fn at(&self, power: i32) -> Term {
        let index = usize::try_from(power - self.lowest).ok();
        index.and_then(|index| self.terms.get(index).cloned()).unwrap_or(Term::ZERO)
    }

    fn plus(&self, other: &Series) -> Series {
        let lowest = self.lowest.min(other.lowest);
        let end = (self.lowest + self.terms.len() as i32).min(other.lowest + other.terms.len() as i32).max(lowest + 1);
        let terms = (lowest..end).map(|power| Term::sum([self.at(power), other.at(power)])).collect();
        Series { lowest, terms }
    }

    fn times(&self, other: &Series) -> Series {
        let length = self.terms.len().min(other.terms.len());
        let term = |k: usize| Term::sum((0..=k).map(|i| self.terms[i].times(&other.terms[k - i])));
        Series { lowest: self.lowest + other.lowest, terms: (0..length).map(term).collect() }
    }

    fn over(&self, other: &Series) -> Result<Series, NoAnswer> {
        let other = other.clone().trimmed();
        if other.terms[0].is_zero() {
            return Err(none("a divisor is zero to every order that was looked at"));
        }
        let length = self.terms.len().min(other.terms.len());
        let mut terms: Vec<Term> = vec![];
        for k in 0..length {
            let known = (0..k).map(|i| Term::whole(-1).times(&terms[i]).times(&other.terms[k - i]));
            terms.push(Term::sum(std::iter::once(self.terms[k].clone()).chain(known)).over(&other.terms[0]));
        }
        Ok(Series { lowest: self.lowest - other.lowest, terms })
    }

    /// The derivative times t: coefficient k times k.
    fn slope(&self) -> Series {
        let terms = self.terms.iter().zip(self.lowest..).map(|(term, power)| Term::whole(power).times(term)).collect();
        Series { lowest: self.lowest, terms }
    }

    fn constant_term(&self) -> Result<Expr, NoAnswer> {
        match self.clone().trimmed() {
            own if own.lowest < 0 => Err(none("a function of what grows without bound has no power series")),
            own => Ok(own.at(0).expr()),
        }
    }

    /// `f(self)`, from t times its derivative.
    fn integrated(&self, slope: &Series, op: Op) -> Result<Series, NoAnswer> {
        let first = simplest(&self.constant_term()?.apply(op));
        let rest = (1..self.reach()).map(|k| Term::sum([slope.at(k)]).over(&Term::whole(k)));
        Ok(Series { lowest: 0, terms: std::iter::once(Term::of(first)).chain(rest).collect() })
    }

    /// The first power that is not known; at least 1, for the constant term.
    fn reach(&self) -> i32 {
        (self.lowest + self.terms.len() as i32).max(1)
    }

    /// By `k b_k = Σ i a_i b_(k−i)`.
    fn exponential(&self) -> Result<Series, NoAnswer> {
        let mut terms = vec![Term::of(simplest(&self.constant_term()?.apply(Op::Exp)))];
        for k in 1..self.reach() {
            let parts = (1..=k).map(|i| Term::whole(i).times(&self.at(i)).times(&terms[(k - i) as usize]));
            terms.push(Term::sum(parts).over(&Term::whole(k)));
        }
        Ok(Series { lowest: 0, terms })
    }

    /// Sine and cosine, or with `sign` 1 their hyperbolic kin.
    fn circular(&self, sign: i32) -> Result<(Series, Series), NoAnswer> {
        let first = self.constant_term()?;
        let ops = if sign < 0 { (Op::Sin, Op::Cos) } else { (Op::Sinh, Op::Cosh) };
        // The cosine of the float next to π/2 is the rounding of π/2.
        let rounded = |value: f64| value.abs() < 4.0 * f64::EPSILON * first.as_number().map_or(0.0, f64::abs);
        let value = |op: Op| match simplest(&first.clone().apply(op)) {
            found if found.as_number().is_some_and(rounded) => Term::ZERO,
            found => Term::of(found),
        };
        let (mut sine, mut cosine) = (vec![value(ops.0)], vec![value(ops.1)]);
        for k in 1..self.reach() {
            let weighted = |other: &[Term], factor: i32| {
                let parts = (1..=k).map(|i| Term::whole(factor * i).times(&self.at(i)).times(&other[(k - i) as usize]));
                Term::sum(parts).over(&Term::whole(k))
            };
            let (s, c) = (weighted(&cosine, 1), weighted(&sine, sign));
            sine.push(s);
            cosine.push(c);
        }
        Ok((Series { lowest: 0, terms: sine }, Series { lowest: 0, terms: cosine }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::parse;

    #[test]
    fn known_series() {
        for (text, at, order, expected) in [
            ("sin(x)", 0.0, 5, "x - x^3 / 6 + x^5 / 120"),
            ("exp(x)", 0.0, 3, "1 + x + x^2 / 2 + x^3 / 6"),
            ("1 / (1 - x)", 0.0, 3, "1 + x + x^2 + x^3"),
            ("cos(x) / x", 0.0, 3, "1 / x - x / 2 + x^3 / 24"),
            ("log(x)", 1.0, 3, "x - 1 - (x - 1)^2 / 2 + (x - 1)^3 / 3"),
            ("sqrt(1 + a * x)", 0.0, 2, "1 + 0.5 * a * x - 0.125 * a^2 * x^2"),
            ("atan(x)", 0.0, 3, "x - x^3 / 3"),
            ("tan(x)", 0.0, 9, "x + x^3 / 3 + 2 * x^5 / 15 + 17 * x^7 / 315 + 62 * x^9 / 2835"),
            ("exp(x)", 0.0, 0, "1"),
            ("cbrt(x^3)", 0.0, 3, "x"),
            ("log(cos(x))", 0.0, 4, "-x^2 / 2 - x^4 / 12"),
            ("sin(x)^2 / x^4", 0.0, 2, "1 / x^2 - 1 / 3 + 2 * x^2 / 45"),
            ("tan(x) / (3 * x^2)", 0.0, 1, "1 / (3 * x) + x / 9"),
        ] {
            let found = series(&parse(text), "x", &Expr::number(at), order).unwrap();
            assert_eq!(found.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn where_there_is_none_it_says_so() {
        let high = ["x^(-2000000000)", "1 + 1 / x^2000000000", "x^(-2000000000) * x^(-2000000001)", "sin(x) / x^300"];
        let all = ["sqrt(x)", "log(x)", "exp(1 / x)", "floor(x)", "sqrt(x^2)", "log(x - 1)", "sqrt(x - 1)"];
        for text in all.into_iter().chain(high) {
            assert!(series(&parse(text), "x", &Expr::number(0.0), 3).is_err(), "{text}");
        }
    }
}
