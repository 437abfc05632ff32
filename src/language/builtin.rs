//! Operators and built-in functions on values: dimensions, vectors, geometry of pairs, and distributions.

use super::bind::count_of;
use super::expression::Checker;
use super::units::Dimension;
use super::value::{Given, Place, Quantity, Scope, Value};
use crate::base::{Diagnostic, Span};
use crate::expr::{Expr, OPERATORS, Op};
use crate::plan::{Distribution, symbols};

/// Functions besides those of the operator table.
const FUNCTIONS: [&str; 12] = [
    "distance",
    "direction",
    "displacement",
    "norm",
    "dot",
    "cross",
    "vector",
    "normal",
    "log_normal",
    "uniform",
    "log_uniform",
    "choice",
];

/// Names of all built-in functions.
pub fn names() -> impl Iterator<Item = &'static str> {
    let operators = OPERATORS.iter().filter(|row| row.fixity.is_none() && row.op != Op::If);
    FUNCTIONS.into_iter().chain(operators.map(|row| row.name))
}

/// Whether a name is a built-in function.
pub fn is_builtin(name: &str) -> bool {
    names().any(|known| known == name)
}

/// A call of a built-in function.
pub fn call<'a>(
    checker: &mut Checker<'a>,
    name: &str,
    given: &[Given<'a>],
    span: Span,
    scope: &Scope<'a>,
) -> Value<'a> {
    if let Some(named) = given.iter().find_map(|argument| argument.name) {
        return checker.fail(
            Diagnostic::new("E0209", format!("arguments of `{name}` have no names"))
                .at(named.span, "leave the name out"),
        );
    }
    if given.iter().any(|argument| matches!(argument.value, Value::Unknown)) {
        return Value::Unknown;
    }
    let arity = OPERATORS.iter().find(|row| row.fixity.is_none() && row.name == name).map(|row| row.arity);
    let expected = match name {
        _ if arity.is_some() => arity,
        "vector" | "choice" => None,
        "norm" => Some(1),
        _ => Some(2),
    };
    if expected.is_some_and(|count| count != given.len()) || given.is_empty() {
        let count = count_of(expected.unwrap_or(1), "argument");
        let at_least = if expected.is_none() { "at least " } else { "" };
        return checker.fail(
            Diagnostic::new("E0209", format!("`{name}` takes {at_least}{count}"))
                .at(span, format!("{} given", given.len())),
        );
    }
    match name {
        "distance" | "direction" | "displacement" => pair(checker, name, given, span, scope),
        "vector" => vector(checker, given, span),
        "norm" => {
            let value = (given[0].value.clone(), given[0].span());
            match checker.dot(value.clone(), value, span) {
                Value::Scalar(square) => checker.operator(Op::Sqrt, vec![(Value::Scalar(square), span)], span),
                other => other,
            }
        }
        "dot" => {
            checker.dot((given[0].value.clone(), given[0].span()), (given[1].value.clone(), given[1].span()), span)
        }
        "cross" => cross(checker, given, span),
        "normal" | "log_normal" | "uniform" | "log_uniform" | "choice" => draw(checker, name, given, span, scope),
        _ => {
            let op = Op::named(name, given.len()).expect("the arity was checked above");
            let args = given.iter().map(|argument| (argument.value.clone(), argument.span())).collect();
            checker.operator(op, args, span)
        }
    }
}

/// `distance(i, j)`, `direction(i, j)`, `displacement(i, j)` of the two bodies of a law.
fn pair<'a>(checker: &mut Checker<'a>, name: &str, given: &[Given<'a>], span: Span, scope: &Scope<'a>) -> Value<'a> {
    let Place::Law(frame) = &scope.place else {
        return checker.fail(
            Diagnostic::new("E0220", format!("`{name}` is known in a law of two bodies only"))
                .at(span, "")
                .help("define it there: `energy(i, j) = …`"),
        );
    };
    let sign = match (&given[0].value, &given[1].value) {
        (Value::Body("i"), Value::Body("j")) => 1.0,
        (Value::Body("j"), Value::Body("i")) => -1.0,
        (Value::Body(_), Value::Body(_)) => {
            return checker.fail(
                Diagnostic::new("E0220", format!("`{name}` needs two different bodies"))
                    .at(span, "the same body twice"),
            );
        }
        (first, second) => {
            let (wrong, place) =
                if matches!(first, Value::Body(_)) { (second, given[1].span()) } else { (first, given[0].span()) };
            let what = wrong.what();
            return checker.fail(
                Diagnostic::new("E0206", format!("`{name}` needs two bodies, not {what}")).at(place, "not a body"),
            );
        }
    };
    let distance = Expr::symbol(symbols::DISTANCE);
    let component = |k| Expr::symbol(symbols::displacement(k)) * Expr::number(sign);
    match name {
        "distance" => Value::Scalar(Quantity::new(distance, frame.position)),
        "displacement" => {
            Value::Vector((0..frame.space).map(|k| Quantity::new(component(k), frame.position)).collect())
        }
        _ => Value::Vector((0..frame.space).map(|k| Quantity::pure(component(k) / distance.clone())).collect()),
    }
}

fn vector<'a>(checker: &mut Checker<'a>, given: &[Given<'a>], span: Span) -> Value<'a> {
    let mut parts: Vec<Quantity> = vec![];
    for argument in given {
        let Some(part) = checker.scalar(argument.value.clone(), argument.span()) else { return Value::Unknown };
        parts.push(part);
    }
    if parts.len() > 3 {
        return checker.fail(Diagnostic::new("E0209", "a vector has at most 3 components").at(span, ""));
    }
    let dimension = parts.iter().find_map(|part| part.dimension);
    for (part, argument) in parts.iter_mut().zip(given) {
        match (part.dimension, dimension) {
            (Some(own), Some(first)) if own != first => {
                return checker.mismatch((first, given[0].span()), (own, argument.span()), "components of a vector");
            }
            _ => part.dimension = dimension,
        }
    }
    Value::Vector(parts)
}

fn cross<'a>(checker: &mut Checker<'a>, given: &[Given<'a>], span: Span) -> Value<'a> {
    let (Value::Vector(a), Value::Vector(b)) = (&given[0].value, &given[1].value) else {
        return checker.fail(Diagnostic::new("E0214", "`cross` needs two vectors").at(span, ""));
    };
    let dimension = match (a[0].dimension, b[0].dimension) {
        (Some(x), Some(y)) => Some(x.times(y)),
        _ => None,
    };
    let part = |x: usize, y: usize| {
        let expr = a[x].expr.clone() * b[y].expr.clone() - a[y].expr.clone() * b[x].expr.clone();
        Quantity::made(expr, dimension, 3, [&a[x], &a[y], &b[x], &b[y]])
    };
    match (a.len(), b.len()) {
        (3, 3) => Value::Vector(vec![part(1, 2), part(2, 0), part(0, 1)]),
        (2, 2) => Value::Scalar(part(0, 1)),
        _ => checker.fail(Diagnostic::new("E0214", "`cross` needs two vectors of 2 or 3 components").at(span, "")),
    }
}

/// A distribution: a symbol `$k` for the draw, or a formula of it where arguments are no constants.
fn draw<'a>(checker: &mut Checker<'a>, name: &str, given: &[Given<'a>], span: Span, scope: &Scope<'a>) -> Value<'a> {
    if !matches!(scope.place, Place::Draw) {
        return checker.fail(
            Diagnostic::new("E0220", format!("`{name}` can be drawn on the right of `~` only"))
                .at(span, "")
                .help("write `mass ~ log_normal(0, 1)` in the system"),
        );
    }
    let mut args = vec![];
    for argument in given {
        let Some(q) = checker.scalar(argument.value.clone(), argument.span()) else { return Value::Unknown };
        args.push(q);
    }
    let dimension = args.iter().find_map(|q| q.dimension.filter(|d| !d.is_none()));
    for (q, argument) in args.iter().zip(given) {
        if let (Some(own), Some(first)) = (q.dimension, dimension)
            && own != first
        {
            return checker.mismatch((first, span), (own, argument.span()), "arguments of a distribution");
        }
    }
    let index = checker.draws.len();
    let symbol = Expr::symbol(format!("${index}"));
    let numbers: Option<Vec<f64>> = args.iter().map(|q| q.expr.as_number()).collect();
    let (distribution, value) = match (name, &numbers) {
        ("choice", None) => {
            return checker.fail(Diagnostic::new("E0206", "`choice` is between constants").at(span, ""));
        }
        ("choice", Some(values)) => (Distribution::Choice(values.clone()), symbol),
        ("normal", Some(n)) => (Distribution::Normal { mean: n[0], deviation: n[1] }, symbol),
        ("log_normal", Some(n)) => (Distribution::LogNormal { mu: n[0], sigma: n[1] }, symbol),
        ("uniform", Some(n)) => (Distribution::Uniform { low: n[0], high: n[1] }, symbol),
        ("log_uniform", Some(n)) => (Distribution::LogUniform { low: n[0], high: n[1] }, symbol),
        (_, None) => {
            let (a, b) = (args[0].expr.clone(), args[1].expr.clone());
            match name {
                "normal" => (Distribution::Normal { mean: 0.0, deviation: 1.0 }, a + b * symbol),
                "log_normal" => (Distribution::Normal { mean: 0.0, deviation: 1.0 }, (a + b * symbol).apply(Op::Exp)),
                "uniform" => (Distribution::Uniform { low: 0.0, high: 1.0 }, a.clone() + (b - a) * symbol),
                _ => (Distribution::Uniform { low: 0.0, high: 1.0 }, a.clone() * (b / a).pow(symbol)),
            }
        }
        _ => unreachable!("only names of distributions come here"),
    };
    if let Some(wrong) = numbers.as_deref().and_then(|numbers| range_error(name, numbers)) {
        return checker.fail(Diagnostic::new("E0207", wrong).at(span, ""));
    }
    if name == "log_normal" && dimension.is_some() {
        return checker.fail(
            Diagnostic::new("E0303", "`log_normal` takes the mean and deviation of a logarithm: pure numbers")
                .at(span, "")
                .help("give the unit to the attribute: `mass: kg ~ log_normal(0, 1)`"),
        );
    }
    checker.draws.push(distribution);
    Value::Scalar(Quantity::made(value, Some(dimension.unwrap_or(Dimension::NONE)), 4, &args))
}

fn range_error(name: &str, n: &[f64]) -> Option<String> {
    if n.iter().any(|value| !value.is_finite()) {
        return Some(format!("`{name}` needs finite numbers"));
    }
    match name {
        "normal" | "log_normal" if n[1] < 0.0 => Some(format!("the deviation of `{name}` cannot be negative")),
        "uniform" if n[1] < n[0] => Some("`uniform` needs the lower bound first".into()),
        "log_uniform" if n[0] <= 0.0 || n[1] < n[0] => {
            Some("`log_uniform` needs two positive bounds, the lower first".into())
        }
        _ => None,
    }
}
