//! What the tests of this room share: reading expressions, and random ones.

use super::{Expr, Fixity, Node, OPERATORS, Op};
use crate::base::{Name, Stream};
use std::collections::BTreeMap;

/// Reads the language's own form, for tests of a room that knows no language.
pub fn parse(text: &str) -> Expr {
    let mut words = vec![];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '.' || c == '_';
        let length = match first {
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            '<' | '>' | '=' | '!' if rest[1..].starts_with('=') => 2,
            _ => first.len_utf8(),
        };
        words.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    words.reverse();
    let expr = read(&mut words, 0);
    assert!(words.is_empty(), "{text}: {words:?} is left");
    expr
}

fn read(words: &mut Vec<&str>, strength: u8) -> Expr {
    let word = words.pop().expect("an operand");
    let mut left = if word == "(" {
        let inner = read(words, 0);
        assert_eq!(words.pop(), Some(")"));
        inner
    } else if word == "-" {
        -read(words, 8)
    } else if let Ok(number) = word.parse() {
        Expr::number(number)
    } else if words.last() == Some(&"(") {
        words.pop();
        let mut args = vec![read(words, 0)];
        while words.last() == Some(&",") {
            words.pop();
            args.push(read(words, 0));
        }
        assert_eq!(words.pop(), Some(")"));
        Expr::call(Op::named(word, args.len()).expect(word), args)
    } else {
        Expr::symbol(word)
    };
    while let Some(row) = words.last().and_then(|word| OPERATORS.iter().find(|row| row.name == *word && row.arity == 2))
    {
        let (own, right) = match row.fixity {
            Some(Fixity::Left(own) | Fixity::None(own)) => (own, own + 1),
            Some(Fixity::Right(own)) => (own, own),
            _ => break,
        };
        if own < strength {
            break;
        }
        words.pop();
        left = Expr::call(row.op, vec![left, read(words, right)]);
    }
    left
}

/// A random expression of about `size` nodes as symbolic search breeds them: former parts come again, some constants are
/// whole, no sin, cos, exp or log inside one another.
pub fn random(stream: &mut Stream, size: usize) -> Expr {
    grow(stream, size, &mut vec![], false).0
}

fn grow(stream: &mut Stream, size: usize, pool: &mut Vec<(Expr, bool)>, inside: bool) -> (Expr, bool) {
    if size <= 1 {
        let leaf = match stream.uniform() {
            u if u < 0.65 => Expr::symbol(format!("x{}", stream.below(4))),
            u if u < 0.79 => Expr::number((1 + stream.below(4)) as f64),
            _ => Expr::number((stream.uniform() * 6000.0 - 3000.0).round() / 1000.0),
        };
        return (leaf, false);
    }
    if stream.uniform() < 0.2 {
        let fit: Vec<usize> =
            (0..pool.len()).filter(|k| pool[*k].0.size() <= size && !(inside && pool[*k].1)).collect();
        if !fit.is_empty() {
            return pool[fit[stream.below(fit.len())]].clone();
        }
    }
    let grown = if size == 2 || stream.uniform() < 0.2 {
        let ops = [Op::Sqrt, Op::Pow, Op::Sin, Op::Cos, Op::Exp, Op::Log];
        let op = ops[stream.below(if inside { 2 } else { 6 })];
        let deep = inside || !matches!(op, Op::Sqrt | Op::Pow);
        let (part, heavy) = grow(stream, size - 1, pool, deep);
        if part.symbols().is_empty() {
            return (part, heavy);
        }
        match op {
            Op::Pow => (Expr::call(op, vec![part, Expr::number(2.0)]), heavy),
            _ => (Expr::call(op, vec![part]), heavy || deep),
        }
    } else {
        let left = 1 + stream.below(size - 2);
        let (a, heavy_a) = grow(stream, left, pool, inside);
        let (b, heavy_b) = grow(stream, size - 1 - left, pool, inside);
        let op = [Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Add, Op::Sub, Op::Mul][stream.below(7)];
        (Expr::call(op, vec![a, b]), heavy_a || heavy_b)
    };
    pool.push(grown.clone());
    grown
}

/// Values at a random point; symbols get sizes near 1, of both signs if asked.
pub fn point(expr: &Expr, stream: &mut Stream, both_signs: bool) -> BTreeMap<Name, f64> {
    let mut value = || {
        let size = libm::exp(0.7 * stream.normal());
        if both_signs && stream.uniform() < 0.5 { -size } else { size }
    };
    expr.symbols().into_iter().map(|name| (name, value())).collect()
}

/// The value there, and the largest absolute value on the way: rounding errors are relative to it. `None` where something on
/// the way is not finite, or where a difference is little but rounding.
pub fn value(expr: &Expr, at: &BTreeMap<Name, f64>) -> Option<(f64, f64)> {
    let (op, args) = match expr.node() {
        Node::Number(value) => return Some((*value, value.abs())),
        Node::Symbol(name) => return at.get(name).map(|value| (*value, value.abs())),
        Node::Call(op, args) => (*op, args),
    };
    let parts: Vec<(f64, f64)> = args.iter().map(|arg| value(arg, at)).collect::<Option<_>>()?;
    let own = op.apply(&parts.iter().map(|part| part.0).collect::<Vec<_>>());
    let largest = parts.iter().fold(0.0f64, |size, part| size.max(part.0.abs()));
    let lost = matches!(op, Op::Add | Op::Sub) && own.abs() < 1e-6 * largest;
    (own.is_finite() && !lost).then(|| (own, parts.iter().fold(own.abs(), |size, part| size.max(part.1))))
}
