//! Operators between values: dimensions, and vectors by component.

use super::expression::Checker;
use super::tree::Binary;
use super::units::Dimension;
use super::value::{Quantity, Value};
use crate::base::{Diagnostic, Span};
use crate::expr::{Expr, Op};

/// What a label says of a quantity without a unit.
const PURE: &str = "a pure number";

impl<'a> Checker<'a> {
    /// A scalar, or a finding.
    pub fn scalar(&mut self, value: Value<'a>, span: Span) -> Option<Quantity> {
        match value {
            Value::Scalar(q) => Some(q),
            Value::Unknown => None,
            Value::Result(kind, stage, path) => match super::results::known(kind, &stage, &path) {
                Ok(()) => Some(Quantity::pure(Expr::symbol(format!("{stage}.{path}")))),
                Err(help) => {
                    let name = if path.is_empty() { stage.to_string() } else { format!("{stage}.{path}") };
                    let headline = if path.is_empty() {
                        format!("`{stage}` is no number: one of its results must stand here")
                    } else {
                        format!("there is no result `{name}`")
                    };
                    self.report(Diagnostic::new("E0217", headline).at(span, "").help(help));
                    None
                }
            },
            Value::Vector(parts) => {
                self.report(
                    Diagnostic::new("E0214", "a number must stand here, not a vector")
                        .at(span, format!("has {} components", parts.len()))
                        .help("take `norm(…)`, `dot(…, …)` or a component such as `.x`"),
                );
                None
            }
            other => {
                let what = other.what();
                self.report(Diagnostic::new("E0206", format!("a number must stand here, not {what}")).at(span, ""));
                None
            }
        }
    }

    /// A value with a function applied to each component.
    pub fn each(&mut self, value: Value<'a>, span: Span, mut f: impl FnMut(Quantity) -> Quantity) -> Value<'a> {
        match value {
            Value::Vector(parts) => Value::Vector(parts.into_iter().map(f).collect()),
            other => match self.scalar(other, span) {
                Some(q) => Value::Scalar(f(q)),
                None => Value::Unknown,
            },
        }
    }

    /// An operator between two values, by component where they are vectors.
    pub fn binary(&mut self, op: Binary, a: (Value<'a>, Span), b: (Value<'a>, Span), span: Span) -> Value<'a> {
        if matches!(a.0, Value::Unknown) || matches!(b.0, Value::Unknown) {
            return Value::Unknown;
        }
        let op = match op {
            Binary::Add => Op::Add,
            Binary::Sub => Op::Sub,
            Binary::Mul => Op::Mul,
            Binary::Div => Op::Div,
            Binary::Pow => Op::Pow,
            Binary::Lt => Op::Lt,
            Binary::Le => Op::Le,
            Binary::Gt => Op::Gt,
            Binary::Ge => Op::Ge,
            Binary::Eq => Op::Eq,
            Binary::Ne => Op::Ne,
            Binary::And => Op::And,
            Binary::Or => Op::Or,
            Binary::Range | Binary::Recovers => unreachable!("read before"),
        };
        match (a, b, op) {
            ((Value::Vector(x), p), (Value::Vector(y), q), Op::Add | Op::Sub) => {
                if x.len() != y.len() {
                    return self.fail(
                        Diagnostic::new("E0214", "these vectors have different numbers of components")
                            .at(p, format!("{} components", x.len()))
                            .at(q, format!("{} components", y.len())),
                    );
                }
                let mut parts = vec![];
                for (x, y) in x.into_iter().zip(y) {
                    match self.operator(op, vec![(Value::Scalar(x), p), (Value::Scalar(y), q)], span) {
                        Value::Scalar(part) => parts.push(part),
                        _ => return Value::Unknown,
                    }
                }
                Value::Vector(parts)
            }
            ((Value::Vector(_), _), (Value::Vector(_), _), Op::Mul) => self.fail(
                Diagnostic::new("E0214", "the product of two vectors is not defined")
                    .at(span, "both are vectors")
                    .help("write `dot(a, b)` or `cross(a, b)`"),
            ),
            ((Value::Vector(x), p), (other, q), Op::Mul | Op::Div) => self.scale(op, x, p, other, q, span),
            ((other, p), (Value::Vector(y), q), Op::Mul) => self.scale(op, y, q, other, p, span),
            (a, b, op) => self.operator(op, vec![a, b], span),
        }
    }

    /// A vector times or over a scalar.
    fn scale(
        &mut self,
        op: Op,
        parts: Vec<Quantity>,
        place: Span,
        by: Value<'a>,
        by_place: Span,
        span: Span,
    ) -> Value<'a> {
        let mut result = vec![];
        for part in parts {
            match self.operator(op, vec![(Value::Scalar(part), place), (by.clone(), by_place)], span) {
                Value::Scalar(part) => result.push(part),
                _ => return Value::Unknown,
            }
        }
        Value::Vector(result)
    }

    /// The scalar product.
    pub fn dot(&mut self, a: (Value<'a>, Span), b: (Value<'a>, Span), span: Span) -> Value<'a> {
        match (a, b) {
            ((Value::Unknown, _), _) | (_, (Value::Unknown, _)) => Value::Unknown,
            ((Value::Vector(x), p), (Value::Vector(y), q)) if x.len() == y.len() => {
                let mut total = Value::Scalar(Quantity::zero());
                for (x, y) in x.into_iter().zip(y) {
                    let product = if x.expr == y.expr {
                        self.operator(Op::Pow, vec![(Value::Scalar(x), p), (Value::number(2.0), q)], span)
                    } else {
                        self.operator(Op::Mul, vec![(Value::Scalar(x), p), (Value::Scalar(y), q)], span)
                    };
                    total = self.operator(Op::Add, vec![(total, span), (product, span)], span);
                }
                total
            }
            ((x, p), (y, q)) => {
                let (x, y) = (x.what(), y.what());
                self.fail(
                    Diagnostic::new("E0214", "two vectors of one length must stand here")
                        .at(span, "")
                        .at(p, x)
                        .at(q, y),
                )
            }
        }
    }

    /// `if c then a else b`, by component where the branches are vectors.
    pub fn choice(
        &mut self,
        c: (Value<'a>, Span),
        a: (Value<'a>, Span),
        b: (Value<'a>, Span),
        span: Span,
    ) -> Value<'a> {
        match (a, b) {
            ((Value::Vector(x), p), (Value::Vector(y), q)) if x.len() == y.len() => {
                let mut parts = vec![];
                for (x, y) in x.into_iter().zip(y) {
                    match self.operator(Op::If, vec![c.clone(), (Value::Scalar(x), p), (Value::Scalar(y), q)], span) {
                        Value::Scalar(part) => parts.push(part),
                        _ => return Value::Unknown,
                    }
                }
                Value::Vector(parts)
            }
            (a, b) => self.operator(Op::If, vec![c, a, b], span),
        }
    }

    /// An operator on scalars, with its dimension rule.
    pub fn operator(&mut self, op: Op, args: Vec<(Value<'a>, Span)>, span: Span) -> Value<'a> {
        let mut parts = vec![];
        let mut known = true;
        for (value, place) in args {
            match self.scalar(value, place) {
                Some(q) => parts.push((q, place)),
                None => known = false,
            }
        }
        if !known {
            return Value::Unknown;
        }
        let dimension = match self.dimension(op, &parts, span) {
            Ok(dimension) => dimension,
            Err(finding) => {
                let finding = self.with_unit_fix(*finding);
                return self.fail(finding);
            }
        };
        let mut exprs = parts.iter().map(|(q, _)| q.expr.clone());
        let expr = match op {
            Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Pow => {
                let (a, b) = (exprs.next().expect("two"), exprs.next().expect("two"));
                match op {
                    Op::Add => a + b,
                    Op::Sub => a - b,
                    Op::Mul => a * b,
                    Op::Div => a / b,
                    _ => a.pow(b),
                }
            }
            _ => {
                let args: Vec<Expr> = exprs.collect();
                let numbers: Option<Vec<f64>> = args.iter().map(Expr::as_number).collect();
                match (op, numbers) {
                    (_, Some(numbers)) => Expr::number(op.apply(&numbers)),
                    (Op::If, None) if args[0].as_number().is_some() => {
                        args[if args[0].as_number() == Some(0.0) { 2 } else { 1 }].clone()
                    }
                    _ => Expr::call(op, args),
                }
            }
        };
        Value::Scalar(Quantity::made(expr, dimension, 1, parts.iter().map(|(q, _)| q)))
    }

    /// The dimension of an operator's result; `None` fits any.
    fn dimension(&self, op: Op, args: &[(Quantity, Span)], span: Span) -> Result<Option<Dimension>, Box<Diagnostic>> {
        let of = |k: usize| args[k].0.dimension;
        let pure = Some(Dimension::NONE);
        let what = match op {
            Op::Add => "the terms of this sum",
            Op::Sub => "the two sides of this difference",
            Op::If => "the two values of this choice",
            Op::Min | Op::Max | Op::Atan2 => "the arguments of this function",
            _ => "the two sides of this comparison",
        };
        let same = |a: usize, b: usize| match (of(a), of(b)) {
            (Some(x), Some(y)) if x != y => Err(Box::new(mismatch((x, args[a].1), (y, args[b].1), what))),
            (x, y) => Ok(x.or(y)),
        };
        match op {
            Op::Add | Op::Sub | Op::Min | Op::Max => same(0, 1),
            Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne | Op::Atan2 => same(0, 1).map(|_| pure),
            Op::If => same(1, 2),
            Op::Mul => Ok(of(0).zip(of(1)).map(|(x, y)| x.times(y))),
            Op::Div => Ok(of(0).zip(of(1)).map(|(x, y)| x.over(y))),
            Op::Neg | Op::Abs => Ok(of(0)),
            Op::Sqrt | Op::Cbrt => {
                let exponent = if op == Op::Sqrt { 0.5 } else { 1.0 / 3.0 };
                Ok(of(0).and_then(|dimension| dimension.power(exponent)))
            }
            Op::Pow => {
                need_pure(op, &args[1])?;
                match (of(0), args[1].0.expr.as_number()) {
                    (None, _) => Ok(None),
                    (Some(base), _) if base.is_none() => Ok(pure),
                    (Some(base), Some(exponent)) => base.power(exponent).map(Some).ok_or_else(|| {
                        Box::new(
                            Diagnostic::new("E0304", format!("{base} to the power {exponent} is no dimension"))
                                .at(span, ""),
                        )
                    }),
                    (Some(base), None) => Err(Box::new(
                        Diagnostic::new("E0304", "the exponent of a quantity with a unit must be a constant")
                            .at(args[1].1, "varies")
                            .at(args[0].1, format!("in {base}"))
                            .help("divide the base by a quantity of its unit first"),
                    )),
                }
            }
            Op::Sign => Ok(pure),
            _ => {
                for arg in args {
                    need_pure(op, arg)?;
                }
                Ok(pure)
            }
        }
    }

    /// A number without a unit where one is needed takes it by a fix.
    fn with_unit_fix(&self, finding: Diagnostic) -> Diagnostic {
        let [second, first, ..] = finding.labels.as_slice() else { return finding };
        let pure = [(second, first), (first, second)].into_iter().find(|(label, _)| label.text == PURE);
        let Some((number, unit)) =
            pure.and_then(|(pure, other)| Some((pure.span, other.text.strip_prefix("in ")?.to_owned())))
        else {
            return finding;
        };
        let text = self.modules.sources.get(number.source.0 as usize).map_or("", |source| source.text.as_str());
        let written = text.get(number.range(text.len())).unwrap_or("");
        if finding.code != "E0302" || unit.contains('(') || written.parse::<f64>().is_err() {
            return finding;
        }
        let replacement = format!("({written} {unit})");
        finding.fix(format!("write `{written} {unit}`"), number, replacement)
    }

    /// Reports that two dimensions differ.
    pub fn mismatch(&mut self, a: (Dimension, Span), b: (Dimension, Span), what: &str) -> Value<'a> {
        self.fail(mismatch(a, b, what))
    }
}

fn need_pure(op: Op, (q, span): &(Quantity, Span)) -> Result<(), Box<Diagnostic>> {
    match q.dimension {
        Some(dimension) if !dimension.is_none() => Err(Box::new(
            Diagnostic::new("E0303", format!("`{}` needs a pure number", op.info().name))
                .at(*span, format!("in {dimension}"))
                .help(format!("divide by a quantity in {dimension}")),
        )),
        _ => Ok(()),
    }
}

/// The finding that two dimensions differ, with the factor that is missing.
pub fn mismatch(a: (Dimension, Span), b: (Dimension, Span), what: &str) -> Diagnostic {
    let unit = |d: Dimension| if d.is_none() { PURE.to_owned() } else { format!("in {d}") };
    let short = |d: Dimension| if d.is_none() { "none".to_owned() } else { d.to_string() };
    Diagnostic::new("E0302", format!("{what} have different units: {} and {}", short(a.0), short(b.0)))
        .at(b.1, unit(b.0))
        .at(a.1, unit(a.0))
        .help(match (a.0.is_none(), b.0.is_none()) {
            (false, true) => format!("give the number a unit: {}", a.0),
            (true, false) => format!("give the number a unit: {}", b.0),
            _ => format!("multiply the second by a quantity in {}", a.0.over(b.0)),
        })
}
