//! Simplification to one normal form: a sum of products of powers, like terms collected, equal bases merged, numbers
//! folded. Common factors of a sum are taken out again when it is written back. Nothing is expanded, so the result is
//! never larger than the input; where it would be, the input stands.
//!
//! Not done here: polynomial division (see [`super::equal`] for a test of equality by full expansion).

mod form;
mod needs;
mod rebuild;
mod relations;
mod simplest;

use super::Expr;
pub(super) use form::{Product, Sum, normal};
pub use needs::{Need, lost, needs};
pub use relations::{Rule, Simplified, simplify_by};
pub use simplest::{Step, simplest};

/// An equal expression, at most as large. `x / x` becomes 1 and `x^0` becomes 1: equal where both sides are defined.
pub fn simplify(expr: &Expr) -> Expr {
    let normal = rebuild::sum(&form::normal(expr));
    if normal.size() <= expr.size() { normal } else { expr.clone() }
}

/// The expression of the normal form, even where it is larger than the input: equal normal forms, equal functions.
pub fn normalise(expr: &Expr) -> Expr {
    rebuild::sum(&form::normal(expr))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::expr::{Op, postfix};

    fn parse(postfix: &str) -> Expr {
        let mut stack: Vec<Expr> = vec![];
        for word in postfix.split(' ') {
            let binary = |stack: &mut Vec<Expr>, op| {
                let (b, a) = (stack.pop().unwrap(), stack.pop().unwrap());
                Expr::call(op, vec![a, b])
            };
            let value = match word {
                "+" => binary(&mut stack, Op::Add),
                "-" => binary(&mut stack, Op::Sub),
                "*" => binary(&mut stack, Op::Mul),
                "/" => binary(&mut stack, Op::Div),
                "^" => binary(&mut stack, Op::Pow),
                "neg" => Expr::call(Op::Neg, vec![stack.pop().unwrap()]),
                "sqrt" => Expr::call(Op::Sqrt, vec![stack.pop().unwrap()]),
                "exp" => Expr::call(Op::Exp, vec![stack.pop().unwrap()]),
                "log" => Expr::call(Op::Log, vec![stack.pop().unwrap()]),
                _ => word.parse().map_or_else(|_| Expr::symbol(word), Expr::number),
            };
            stack.push(value);
        }
        stack.pop().unwrap()
    }

    #[test]
    fn forms() {
        for (from, to) in [
            ("x x +", "2 * x"),
            ("x x *", "x^2"),
            ("x x /", "1"),
            ("x y * x /", "y"),
            ("2 x * 3 + 1 x * -", "x + 3"),
            ("1.5 r * 3 - m /", "1.5 * (r - 2) / m"),
            ("a r * b r * +", "r * (a + b)"),
            ("a b c / /", "a * c / b"),
            ("x neg y neg *", "x * y"),
            ("x 2 ^ sqrt", "abs(x)"),
            ("x sqrt x sqrt *", "x"),
            ("x log exp", "x"),
            ("r 1 + log -2 * exp", "1 / (r + 1)^2"),
            ("2 x log * y + exp", "x^2 * exp(y)"),
            ("x y - y x - +", "0"),
            ("a x / b x / +", "(a + b) / x"),
            ("1 x /", "1 / x"),
            ("x 2 / 2 *", "x"),
            ("m r 2 ^ / neg", "-m / r^2"),
        ] {
            assert_eq!(simplify(&parse(from)).to_string(), to, "{from}");
        }
    }

    #[test]
    fn random_expressions_keep_their_values() {
        let ops = [Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Neg, Op::Sqrt, Op::Exp, Op::Sin, Op::Abs, Op::Max];
        let names = ["x", "y", "z"].map(Into::into);
        let mut checked = 0;
        for index in 0..4000 {
            let mut stream = Seed::root(7).nth(index).stream();
            let mut program = vec![];
            let mut depth = 0;
            while program.len() < 12 || depth > 1 {
                let op = ops[stream.below(ops.len())];
                if depth >= op.arity() && (depth > 3 || stream.uniform() < 0.6) {
                    program.push(postfix::Token::Op(op));
                    depth = depth + 1 - op.arity();
                } else {
                    let small = (stream.below(7) as f64) - 3.0;
                    program.push(if stream.uniform() < 0.3 {
                        postfix::Token::Number(small)
                    } else {
                        postfix::Token::Input(stream.below(3) as u16)
                    });
                    depth += 1;
                }
            }
            let expr = postfix::to_expr(&program, &names, &[]);
            let simple = simplify(&expr);
            assert!(simple.size() <= expr.size(), "{expr} became {simple}");
            let point = [stream.uniform() + 0.3, stream.uniform() + 0.6, stream.uniform() + 1.1];
            let at =
                |e: &Expr| e.eval(&|name| names.iter().position(|n| n.as_str() == name).map(|k| point[k])).unwrap();
            // Signed zeros and infinities under way follow no algebra.
            let mut tame = true;
            expr.visit(&mut |e| tame &= at(e).is_finite());
            let (before, after) = (at(&expr), at(&simple));
            if tame && before.abs() < 1e8 {
                checked += 1;
                assert!(
                    (before - after).abs() <= 1e-6 * (1.0 + before.abs()),
                    "{expr} = {before} became {simple} = {after}"
                );
            }
        }
        assert!(checked > 2000, "{checked}");
    }
}
