//! Power series, poles included: coefficients by recurrence, term by term.

use super::NoAnswer;
use crate::base::Name;
use crate::expr::{Equality, Expr, Node, Op, equal, simplest};
use std::collections::BTreeMap;

/// Most terms of a series.
const HIGHEST: usize = 24;

/// The series of `expr` in `symbol` around `at`, with all powers up to `order`. `Err` where there is none.
pub fn series(expr: &Expr, symbol: &str, at: &Expr, order: usize) -> Result<Expr, NoAnswer> {
    if order > HIGHEST {
        return Err(NoAnswer(format!("a series has at most order {HIGHEST}")));
    }
    let found = around(expr, symbol, at, order)?;
    let step = match at.as_number() {
        Some(0.0) => Expr::symbol(symbol),
        Some(value) if value < 0.0 => Expr::symbol(symbol) + Expr::number(-value),
        _ => Expr::symbol(symbol) - at.clone(),
    };
    let mut total = Expr::number(0.0);
    for (index, coefficient) in found.terms.iter().enumerate() {
        let power = found.lowest + index as i32;
        if is_zero(coefficient) || power > order as i32 {
            continue;
        }
        total = plus(total, term(coefficient.clone(), &step, power));
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
        let found = Series::of(&shifted, symbol, length)?;
        let reached = found.lowest + found.terms.len() as i32;
        if reached > order as i32 || length > 2 * HIGHEST {
            return Ok(found);
        }
        length += (order as i32 + 1 - reached) as usize;
    }
}

/// `coefficient * step ^ power`, with the sign in front and whole divisors below.
fn term(coefficient: Expr, step: &Expr, power: i32) -> Expr {
    let raised = match power.abs() {
        0 => return coefficient,
        1 => step.clone(),
        n => Expr::call(Op::Pow, vec![step.clone(), Expr::number(f64::from(n))]),
    };
    let exact = coefficient.as_number().and_then(crate::expr::algebra::as_fraction);
    match (power > 0, exact) {
        (false, _) => coefficient / raised,
        (true, Some((above, below))) if below != 1.0 => Expr::number(above) * raised / Expr::number(below),
        _ => match coefficient.node() {
            Node::Call(Op::Div, args) => args[0].clone() * raised / args[1].clone(),
            _ => coefficient * raised,
        },
    }
}

fn plus(total: Expr, term: Expr) -> Expr {
    match term.node() {
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

/// `Σ terms[k] t^(lowest + k)`, cut off after its terms. The first is not zero, unless all are.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub lowest: i32,
    pub terms: Vec<Expr>,
}

/// Whether a coefficient is zero: shown, or equal to zero wherever it was tried.
pub(super) fn is_zero(expr: &Expr) -> bool {
    match expr.as_number() {
        Some(value) => value == 0.0,
        None => !matches!(equal(expr, &Expr::number(0.0), 1e-9), Equality::Refuted { .. }),
    }
}

impl Series {
    fn constant(value: Expr, length: usize) -> Series {
        let mut terms = vec![Expr::number(0.0); length];
        terms[0] = value;
        Series { lowest: 0, terms }
    }

    /// The series in `symbol` around 0 with `length` terms at most.
    fn of(expr: &Expr, symbol: &str, length: usize) -> Result<Series, NoAnswer> {
        if !expr.symbols().iter().any(|name| name.as_str() == symbol) {
            return Ok(Series::constant(expr.clone(), length));
        }
        let (op, args) = match expr.node() {
            Node::Call(op, args) => (*op, args),
            _ => {
                let mut terms = vec![Expr::number(0.0); length];
                terms[0] = Expr::number(1.0);
                return Ok(Series { lowest: 1, terms });
            }
        };
        let arg = |k: usize| Series::of(&args[k], symbol, length);
        match op {
            Op::Add => Ok(arg(0)?.plus(&arg(1)?)),
            Op::Sub => Ok(arg(0)?.plus(&arg(1)?.scaled(-1.0))),
            Op::Neg => Ok(arg(0)?.scaled(-1.0)),
            Op::Mul => Ok(arg(0)?.times(&arg(1)?)),
            Op::Div => arg(0)?.over(&arg(1)?),
            Op::Sqrt => arg(0)?.power(0.5),
            Op::Cbrt => arg(0)?.power(1.0 / 3.0),
            Op::Pow => match args[1].as_number() {
                Some(power) => arg(0)?.power(power),
                None => (arg(1)?.times(&arg(0)?.logarithm()?)).exponential(),
            },
            Op::Exp => arg(0)?.exponential(),
            Op::Log => arg(0)?.logarithm(),
            Op::Sin => Ok(arg(0)?.circular(-1.0)?.0),
            Op::Cos => Ok(arg(0)?.circular(-1.0)?.1),
            Op::Sinh => Ok(arg(0)?.circular(1.0)?.0),
            Op::Cosh => Ok(arg(0)?.circular(1.0)?.1),
            Op::Tan => arg(0)?.circular(-1.0).and_then(|(sine, cosine)| sine.over(&cosine)),
            Op::Tanh => arg(0)?.circular(1.0).and_then(|(sine, cosine)| sine.over(&cosine)),
            Op::Atan => {
                let inner = arg(0)?;
                let below = Series::constant(Expr::number(1.0), length).plus(&inner.times(&inner));
                inner.integrated(&inner.slope().over(&below)?, Op::Atan)
            }
            Op::Asin | Op::Acos => {
                let inner = arg(0)?;
                let below = Series::constant(Expr::number(1.0), length).plus(&inner.times(&inner).scaled(-1.0));
                let slope = inner.slope().over(&below.power(0.5)?)?;
                inner.integrated(&if op == Op::Acos { slope.scaled(-1.0) } else { slope }, op)
            }
            Op::Abs => {
                let inner = arg(0)?.trimmed();
                match inner.terms[0].as_number() {
                    Some(first) if inner.lowest % 2 == 0 => Ok(inner.scaled(first.signum())),
                    _ => Err(NoAnswer(format!("`{}` has no power series here", expr))),
                }
            }
            _ => Err(NoAnswer(format!("`{}` has no power series here", op.info().name))),
        }
    }

    /// Without zeros in front; the length shrinks with them.
    fn trimmed(mut self) -> Series {
        while self.terms.len() > 1 && is_zero(&self.terms[0]) {
            self.terms.remove(0);
            self.lowest += 1;
        }
        self
    }

    fn scaled(mut self, factor: f64) -> Series {
        self.terms.iter_mut().for_each(|term| *term = simplest(&(Expr::number(factor) * term.clone())));
        self
    }

    fn at(&self, power: i32) -> Expr {
        let index = usize::try_from(power - self.lowest).ok();
        index.and_then(|index| self.terms.get(index).cloned()).unwrap_or_else(|| Expr::number(0.0))
    }

    fn plus(&self, other: &Series) -> Series {
        let lowest = self.lowest.min(other.lowest);
        let end = (self.lowest + self.terms.len() as i32).min(other.lowest + other.terms.len() as i32).max(lowest + 1);
        let terms = (lowest..end).map(|power| simplest(&(self.at(power) + other.at(power)))).collect();
        Series { lowest, terms }
    }

    fn times(&self, other: &Series) -> Series {
        let length = self.terms.len().min(other.terms.len());
        let term = |k: usize| {
            let products = (0..=k).map(|i| self.terms[i].clone() * other.terms[k - i].clone());
            simplest(&products.fold(Expr::number(0.0), |sum, product| sum + product))
        };
        Series { lowest: self.lowest + other.lowest, terms: (0..length).map(term).collect() }
    }

    fn over(&self, other: &Series) -> Result<Series, NoAnswer> {
        let other = other.clone().trimmed();
        if is_zero(&other.terms[0]) {
            return Err(NoAnswer("a divisor is zero to every order that was looked at".into()));
        }
        let length = self.terms.len().min(other.terms.len());
        let mut terms: Vec<Expr> = vec![];
        for k in 0..length {
            let known = (0..k).map(|i| terms[i].clone() * other.terms[k - i].clone());
            let rest = known.fold(self.terms[k].clone(), |rest, product| rest - product);
            terms.push(simplest(&(rest / other.terms[0].clone())));
        }
        Ok(Series { lowest: self.lowest - other.lowest, terms })
    }

    /// A constant power, by `k a_0 b_k = Σ (power i − k + i) a_i b_(k−i)` (Miller).
    fn power(&self, power: f64) -> Result<Series, NoAnswer> {
        let own = self.clone().trimmed();
        if is_zero(&own.terms[0]) {
            return Err(NoAnswer("a power of what is zero to every order that was looked at".into()));
        }
        let lowest = f64::from(own.lowest) * power;
        if lowest != lowest.trunc() {
            return Err(NoAnswer("there is a branch point, where no power series exists".into()));
        }
        let first = simplest(&own.terms[0].clone().pow(power));
        if first.as_number().is_some_and(|value| !value.is_finite()) {
            return Err(NoAnswer("the value at the point is not a real number".into()));
        }
        let mut terms = vec![first];
        for k in 1..own.terms.len() {
            let parts = (1..=k).map(|i| {
                let weight = power * i as f64 - (k - i) as f64;
                Expr::number(weight) * own.terms[i].clone() * terms[k - i].clone()
            });
            let sum = parts.fold(Expr::number(0.0), |sum, part| sum + part);
            terms.push(simplest(&(sum / (Expr::number(k as f64) * own.terms[0].clone()))));
        }
        Ok(Series { lowest: lowest as i32, terms })
    }

    /// The derivative times t: coefficient k times k.
    fn slope(&self) -> Series {
        let terms = self.terms.iter().enumerate();
        let terms = terms.map(|(k, term)| Expr::number(f64::from(self.lowest + k as i32)) * term.clone()).collect();
        Series { lowest: self.lowest, terms }
    }

    fn constant_term(&self) -> Result<Expr, NoAnswer> {
        match self.clone().trimmed() {
            own if own.lowest < 0 => Err(NoAnswer("a function of what grows without bound has no power series".into())),
            own => Ok(own.at(0)),
        }
    }

    /// `f(self)`, from t times its derivative.
    fn integrated(&self, slope: &Series, op: Op) -> Result<Series, NoAnswer> {
        let first = simplest(&self.constant_term()?.apply(op));
        let mut terms = vec![first];
        for k in 1..self.terms.len() {
            terms.push(simplest(&(slope.at(k as i32) / Expr::number(k as f64))));
        }
        Ok(Series { lowest: 0, terms })
    }

    fn logarithm(&self) -> Result<Series, NoAnswer> {
        let own = self.clone().trimmed();
        if own.lowest != 0 || is_zero(&own.terms[0]) {
            return Err(NoAnswer("the logarithm of zero has no power series".into()));
        }
        own.integrated(&own.slope().over(&own)?, Op::Log)
    }

    /// By `k b_k = Σ i a_i b_(k−i)`.
    fn exponential(&self) -> Result<Series, NoAnswer> {
        let mut terms = vec![simplest(&self.constant_term()?.apply(Op::Exp))];
        for k in 1..self.terms.len() {
            let parts = (1..=k).map(|i| Expr::number(i as f64) * self.at(i as i32) * terms[k - i].clone());
            let sum = parts.fold(Expr::number(0.0), |sum, part| sum + part);
            terms.push(simplest(&(sum / Expr::number(k as f64))));
        }
        Ok(Series { lowest: 0, terms })
    }

    /// Sine and cosine, or with `sign` 1 their hyperbolic kin.
    fn circular(&self, sign: f64) -> Result<(Series, Series), NoAnswer> {
        let first = self.constant_term()?;
        let ops = if sign < 0.0 { (Op::Sin, Op::Cos) } else { (Op::Sinh, Op::Cosh) };
        let (mut sine, mut cosine) = (vec![simplest(&first.clone().apply(ops.0))], vec![simplest(&first.apply(ops.1))]);
        for k in 1..self.terms.len() {
            let weighted = |other: &[Expr], factor: f64| {
                let parts = (1..=k).map(|i| Expr::number(factor * i as f64) * self.at(i as i32) * other[k - i].clone());
                let sum = parts.fold(Expr::number(0.0), |sum, part| sum + part);
                simplest(&(sum / Expr::number(k as f64)))
            };
            let (s, c) = (weighted(&cosine, 1.0), weighted(&sine, sign));
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
        ] {
            let found = series(&parse(text), "x", &Expr::number(at), order).unwrap();
            assert_eq!(found.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn where_there_is_none_it_says_so() {
        for text in ["sqrt(x)", "log(x)", "exp(1 / x)", "floor(x)"] {
            assert!(series(&parse(text), "x", &Expr::number(0.0), 3).is_err(), "{text}");
        }
    }
}
