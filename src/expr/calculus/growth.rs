//! Limits at infinity by the order of growth (Gruntz): all that grows or falls like the fastest exponential is written as a
//! power of one small quantity w, and the first term of the series in w is the answer, or a slower problem.

use super::NoAnswer;
use super::series::{Around, is_zero};
use crate::base::Name;
use crate::expr::{Expr, Node, Op, simplest};
use std::collections::BTreeMap;

/// Most problems within problems.
const DEEPEST: usize = 40;
/// Terms of a series, tried one after another.
const LENGTHS: [usize; 3] = [3, 6, 12];
/// Powers of w that stand for one power of the fastest exponential: roots need them.
const ROOTS: [i32; 4] = [1, 2, 6, 12];
/// The small quantity.
const SMALL: &str = "$w";
/// Begins the name of what stays between two bounds without a limit.
const WAVE: &str = "$wave ";

/// The limit of `expr` as `symbol` goes to infinity.
pub(super) fn limit(expr: &Expr, symbol: &str) -> Result<Expr, NoAnswer> {
    let x = Growth { symbol };
    let mut plain = x.plain(&simplest(expr), DEEPEST)?;
    if below_a_bar(&plain)
        && let Some(steady) = x.steadied(&plain)?
    {
        plain = steady;
    }
    if below_a_bar(&plain) {
        return Err(NoAnswer("a part of it swings without end, where this cannot decide what follows".into()));
    }
    let found = x.limit(&plain, DEEPEST)?;
    if has_wave(&found) { Err(swings()) } else { Ok(found) }
}

/// Whether something that swings stands where its zeros or its sign matter.
fn below_a_bar(expr: &Expr) -> bool {
    let Node::Call(op, args) = expr.node() else { return false };
    let kept = match op {
        Op::Add | Op::Sub | Op::Mul | Op::Neg => args.len(),
        Op::Div => 1,
        _ => 0,
    };
    args[..kept].iter().any(below_a_bar) || args[kept..].iter().any(has_wave)
}

fn has_wave(expr: &Expr) -> bool {
    expr.symbols().iter().any(|name| name.as_str().starts_with(WAVE))
}

/// What grows fastest in an expression.
enum Fastest {
    /// Nothing grows.
    Nothing,
    /// The variable itself.
    Variable,
    /// The exponential of this.
    Exponential(Expr),
}

struct Growth<'a> {
    symbol: &'a str,
}

fn swings() -> NoAnswer {
    NoAnswer("it swings without end".into())
}

fn too_deep() -> NoAnswer {
    NoAnswer("it has a form that this cannot decide".into())
}

impl Growth<'_> {
    fn is_variable(&self, expr: &Expr) -> bool {
        expr.as_symbol().is_some_and(|name| name.as_str() == self.symbol)
    }

    fn has(&self, expr: &Expr) -> bool {
        expr.symbols().iter().any(|name| name.as_str() == self.symbol)
    }

    fn replaced(&self, expr: &Expr, by: Expr) -> Expr {
        expr.substitute(&BTreeMap::from([(Name::new(self.symbol), by)]))
    }

    /// The limit of an expression without jumps.
    fn limit(&self, expr: &Expr, depth: usize) -> Result<Expr, NoAnswer> {
        if self.is_variable(expr) {
            return Ok(Expr::number(f64::INFINITY));
        }
        match self.first(expr, depth)? {
            None => Ok(Expr::number(0.0)),
            Some((0, value)) if !self.has(&value) => Ok(simplest(&value)),
            Some((0, value)) => self.limit(&value, depth.checked_sub(1).ok_or_else(too_deep)?),
            Some((1.., _)) => Ok(Expr::number(0.0)),
            Some((_, value)) => Ok(Expr::number(self.sign(&value, depth)? * f64::INFINITY)),
        }
    }

    /// A quotient whose divisor is without its waves where these vanish beside the rest of it: `x - sin(x)` goes like x.
    fn steadied(&self, plain: &Expr) -> Result<Option<Expr>, NoAnswer> {
        let Node::Call(Op::Div, args) = plain.node() else { return Ok(None) };
        let still = |e: Expr| if has_wave(&e) && e.as_symbol().is_some() { Expr::number(0.0) } else { e };
        let steady = simplest(&args[1].rebuild(&mut { still }));
        if steady.as_number() == Some(0.0) || below_a_bar(&args[1]) {
            return Ok(None);
        }
        let share = self.limit(&simplest(&((args[1].clone() - steady.clone()) / steady.clone())), DEEPEST)?;
        Ok((share.as_number() == Some(0.0)).then(|| args[0].clone() / steady))
    }

    /// The sign in the end: -1, 0 or 1.
    fn sign(&self, expr: &Expr, depth: usize) -> Result<f64, NoAnswer> {
        if let Some(value) = expr.as_number().filter(|value| !value.is_nan()) {
            return Ok(Op::Sign.apply(&[value]));
        }
        if !self.has(expr) {
            let told = simplest(expr);
            return match told.node() {
                Node::Number(value) if !value.is_nan() => Ok(Op::Sign.apply(&[*value])),
                Node::Call(Op::Exp | Op::Cosh, _) => Ok(1.0),
                _ if has_wave(&told) => Err(swings()),
                _ => Err(NoAnswer(format!("it depends on the sign of `{told}`"))),
            };
        }
        if self.is_variable(expr) {
            return Ok(1.0);
        }
        let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
        self.first(expr, depth)?.map_or(Ok(0.0), |(_, value)| self.sign(&value, depth))
    }

    /// The first term that is not zero of the series in w: its power, and its coefficient, which grows slower.
    fn first(&self, expr: &Expr, depth: usize) -> Result<Option<(i32, Expr)>, NoAnswer> {
        let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
        if !self.has(expr) {
            let value = simplest(expr);
            return Ok((!is_zero(&value)).then_some((0, value)));
        }
        let (expr, exponent) = match self.fastest(expr, depth)? {
            Fastest::Nothing => return Err(too_deep()),
            Fastest::Exponential(exponent) => (expr.clone(), exponent),
            // With exp(x) for x everything grows by one step, and the logarithm of w is −x.
            Fastest::Variable => {
                (self.replaced(expr, Expr::symbol(self.symbol).apply(Op::Exp)), Expr::symbol(self.symbol))
            }
        };
        let rises = self.limit(&exponent, depth)?.as_number() > Some(0.0);
        let exponent = if rises { exponent } else { simplest(&-exponent) };
        let mut why = too_deep();
        for root in ROOTS {
            let logarithm = simplest(&(-exponent.clone() / Expr::number(f64::from(root))));
            let Some(written) = self.written(&expr, &exponent, root, depth)? else { continue };
            for length in LENGTHS {
                match (Around { symbol: SMALL, length, logarithm: Some(&logarithm) }).series(&written) {
                    Ok(found) => match found.first() {
                        Some(first) => return Ok(Some(first)),
                        None => why = too_deep(),
                    },
                    Err(other) => why = other,
                }
            }
        }
        if is_zero(&expr) { Ok(None) } else { Err(why) }
    }

    /// With powers of w for what grows or falls like `exp(exponent)`, which is `w^-root`. `None` where a power of w would not
    /// be whole.
    fn written(&self, expr: &Expr, exponent: &Expr, root: i32, depth: usize) -> Result<Option<Expr>, NoAnswer> {
        let Node::Call(op, args) = expr.node() else { return Ok(Some(expr.clone())) };
        if !self.has(expr) {
            return Ok(Some(expr.clone()));
        }
        if *op == Op::Exp && self.limit(&args[0], depth)?.as_number().is_some_and(f64::is_infinite) {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            let times = self.limit(&simplest(&(args[0].clone() / exponent.clone())), depth)?;
            let Some(times) = times.as_number() else { return Err(too_deep()) };
            if times != 0.0 {
                let power = -times * f64::from(root);
                let rest = simplest(&(args[0].clone() - Expr::number(times) * exponent.clone()));
                let rest = self.written(&rest, exponent, root, depth)?;
                let small = Expr::call(Op::Pow, vec![Expr::symbol(SMALL), Expr::number(power)]);
                return Ok(rest.filter(|_| power == power.round()).map(|rest| rest.apply(Op::Exp) * small));
            }
        }
        let mut parts = vec![];
        for arg in args {
            let Some(part) = self.written(arg, exponent, root, depth)? else { return Ok(None) };
            parts.push(part);
        }
        Ok(Some(Expr::call(*op, parts)))
    }

    fn fastest(&self, expr: &Expr, depth: usize) -> Result<Fastest, NoAnswer> {
        let Node::Call(op, args) = expr.node() else {
            return Ok(if self.has(expr) { Fastest::Variable } else { Fastest::Nothing });
        };
        let mut found = Fastest::Nothing;
        for arg in args {
            let other = self.fastest(arg, depth)?;
            found = self.faster(found, other, depth)?;
        }
        if *op == Op::Exp
            && self.has(expr)
            && self
                .limit(&args[0], depth.checked_sub(1).ok_or_else(too_deep)?)?
                .as_number()
                .is_some_and(f64::is_infinite)
        {
            found = self.faster(found, Fastest::Exponential(args[0].clone()), depth)?;
        }
        Ok(found)
    }

    /// The one whose logarithm is greater in the end; of two alike the shorter.
    fn faster(&self, one: Fastest, other: Fastest, depth: usize) -> Result<Fastest, NoAnswer> {
        let logarithm = |fastest: &Fastest| match fastest {
            Fastest::Nothing => None,
            Fastest::Variable => Some(Expr::symbol(self.symbol).apply(Op::Log)),
            Fastest::Exponential(exponent) => Some(exponent.clone()),
        };
        let (a, b) = match (logarithm(&one), logarithm(&other)) {
            (None, _) => return Ok(other),
            (_, None) => return Ok(one),
            (Some(a), Some(b)) if a == b => return Ok(one),
            (Some(a), Some(b)) => (a, b),
        };
        let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
        Ok(match self.limit(&simplest(&(a.clone() / b.clone())), depth)?.as_number() {
            Some(0.0) => other,
            Some(ratio) if ratio.is_infinite() => one,
            Some(_) if b.size() < a.size() => other,
            Some(_) => one,
            None => return Err(too_deep()),
        })
    }

    /// The expression without jumps, turns and swings, as it is in the end: `abs(x)` is x.
    fn plain(&self, expr: &Expr, depth: usize) -> Result<Expr, NoAnswer> {
        let Node::Call(op, args) = expr.node() else { return Ok(expr.clone()) };
        if !self.has(expr) {
            return Ok(expr.clone());
        }
        let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
        if *op == Op::If {
            let holds = self.plain(&args[0], depth)?;
            let Some(holds) = holds.as_number() else { return Err(NoAnswer("it depends on a condition".into())) };
            return self.plain(&args[if holds != 0.0 { 1 } else { 2 }], depth);
        }
        let args = args.iter().map(|arg| self.plain(arg, depth)).collect::<Result<Vec<_>, _>>()?;
        let (n, first) = (Expr::number, || args[0].clone());
        let gap = || self.sign(&simplest(&(args[0].clone() - args[1].clone())), depth);
        let infinite = |found: &Expr| found.as_number().is_some_and(f64::is_infinite);
        let wave = |op: Op| Expr::symbol(format!("{WAVE}{}", Expr::call(op, vec![first()])));
        Ok(match op {
            Op::Abs | Op::Sign => {
                let sign = self.sign(&simplest(&first()), depth)?;
                if *op == Op::Sign { n(sign) } else { n(sign) * first() }
            }
            Op::Floor | Op::Ceil => {
                let end = self.limit(&first(), depth)?;
                match end.as_number() {
                    Some(end) if end.is_finite() && (end - end.round()).abs() < 1e-12 => {
                        let side = self.sign(&simplest(&(first() - n(end))), depth)?;
                        n(end.round() + if *op == Op::Floor { side.min(0.0) } else { side.max(0.0) })
                    }
                    Some(end) if end.is_finite() => n(op.apply(&[end])),
                    Some(_) => first() + wave(*op),
                    None => return Err(too_deep()),
                }
            }
            Op::Min | Op::Max => {
                let first_one = (gap()? < 0.0) == (*op == Op::Min);
                args[if first_one { 0 } else { 1 }].clone()
            }
            Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne => n(op.apply(&[gap()?, 0.0])),
            Op::Sin | Op::Cos | Op::Tan | Op::Sinh | Op::Cosh | Op::Tanh | Op::Atan
                if infinite(&self.limit(&first(), depth)?) =>
            {
                let (up, down) = (first().apply(Op::Exp), (-first()).apply(Op::Exp));
                match op {
                    Op::Sin | Op::Cos => wave(*op),
                    Op::Sinh => (up - down) / n(2.0),
                    Op::Cosh => (up + down) / n(2.0),
                    Op::Tanh => (up.clone() - down.clone()) / (up + down),
                    Op::Atan => {
                        let quarter = n(self.sign(&first(), depth)? * std::f64::consts::FRAC_PI_2);
                        quarter - (n(1.0) / first()).apply(Op::Atan)
                    }
                    _ => return Err(swings()),
                }
            }
            Op::Atan2 if self.sign(&args[1], depth)? > 0.0 => (first() / args[1].clone()).apply(Op::Atan),
            Op::Pow if args[1].as_number().is_none() => (args[1].clone() * first().apply(Op::Log)).apply(Op::Exp),
            Op::Cbrt if self.sign(&first(), depth)? < 0.0 => -Expr::call(Op::Cbrt, vec![-first()]),
            Op::And | Op::Or | Op::Not | Op::If | Op::Atan2 => {
                let values = args.iter().map(Expr::as_number).collect::<Option<Vec<f64>>>().ok_or_else(too_deep)?;
                n(op.apply(&values))
            }
            _ => Expr::call(*op, args),
        })
    }
}
