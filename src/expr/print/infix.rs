//! The language's own form: what is printed parses back to an equal expression.

use crate::expr::{Expr, Fixity, Node, Op};
use std::fmt;

/// The expression in the language's own syntax, with as few parentheses as it allows.
pub fn infix(expr: &Expr) -> String {
    let mut out = String::new();
    write(expr, 0, &mut out);
    out
}

/// A number as the language writes it: the shortest digits that read back to the same bits.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && size.is_finite() && !(1e-5..1e16).contains(&size) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

/// Writes `expr` so that it can stand where a binding strength of at least `strength` is needed.
fn write(expr: &Expr, strength: u8, out: &mut String) {
    match expr.node() {
        Node::Number(value) if value.is_sign_negative() && strength > 8 => {
            out.push('(');
            out.push_str(&number(*value));
            out.push(')');
        }
        Node::Number(value) => out.push_str(&number(*value)),
        Node::Symbol(name) => out.push_str(name),
        Node::Call(Op::If, args) => parenthesised(strength > 0, out, |out| {
            for (word, arg) in ["if ", " then ", " else "].iter().zip(args) {
                out.push_str(word);
                write(arg, 0, out);
            }
        }),
        Node::Call(op, args) => match op.info().fixity {
            None => {
                out.push_str(op.info().name);
                out.push('(');
                for (index, arg) in args.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    write(arg, 0, out);
                }
                out.push(')');
            }
            Some(Fixity::Prefix(own)) => parenthesised(strength > own, out, |out| {
                out.push_str(op.info().name);
                if *op == Op::Not {
                    out.push(' ');
                }
                write(&args[0], own, out);
            }),
            Some(fixity) => {
                let (own, left, right) = match fixity {
                    Fixity::Left(own) => (own, own, own + 1),
                    // An exponent may carry a sign: 2^-1.
                    Fixity::Right(own) => (own, own + 1, own - 1),
                    Fixity::None(own) | Fixity::Prefix(own) => (own, own + 1, own + 1),
                };
                parenthesised(strength > own, out, |out| {
                    write(&args[0], left, out);
                    let name = op.info().name;
                    out.push_str(&if *op == Op::Pow { name.to_owned() } else { format!(" {name} ") });
                    write(&args[1], right, out);
                });
            }
        },
    }
}

fn parenthesised(needed: bool, out: &mut String, inner: impl FnOnce(&mut String)) {
    if needed {
        out.push('(');
    }
    inner(out);
    if needed {
        out.push(')');
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&infix(self))
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_stand_only_where_needed() {
        let (a, b, c) = (Expr::symbol("a"), Expr::symbol("b"), Expr::symbol("c"));
        let n = Expr::number;
        for (expr, text) in [
            ((a.clone() + b.clone()) * c.clone(), "(a + b) * c"),
            (a.clone() - (b.clone() - c.clone()), "a - (b - c)"),
            (a.clone() / (b.clone() * c.clone()), "a / (b * c)"),
            (-a.clone().pow(2.0), "-a^2"),
            ((-a.clone()).pow(2.0), "(-a)^2"),
            (a.clone().pow(b.clone().pow(c.clone())), "a^b^c"),
            (a.clone().pow(b.clone()).pow(c.clone()), "(a^b)^c"),
            (a.clone().pow(-2.0), "a^-2"),
            (n(-2.0).pow(a.clone()), "(-2)^a"),
            (n(-2.0) * a.clone(), "-2 * a"),
            (a.clone() * n(-2.0), "a * -2"),
            (a.clone() + n(1e-9), "a + 1e-9"),
            (a.clone().apply(Op::Sin) + b.clone(), "sin(a) + b"),
            (Expr::call(Op::If, vec![a.clone(), b.clone(), c.clone()]) + b.clone(), "(if a then b else c) + b"),
        ] {
            assert_eq!(infix(&expr), text);
        }
    }
}
