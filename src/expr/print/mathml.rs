//! Typeset in MathML Core, for pages: what is inside of a `math` element. Numbers are rounded to six digits; use
//! [`super::infix`] where the value must survive.

use super::typeset::short_number;
use crate::expr::{Expr, Fixity, Node, Op};

/// The expression as the content of a `math` element.
pub fn mathml(expr: &Expr) -> String {
    let mut out = String::new();
    write(expr, 0, &mut out);
    out
}

/// A symbol: `i.mass` as m with the index i, `distance` as r, `displacement.x` as Δx.
pub fn symbol(name: &str) -> String {
    let index = |base: String, index: &str| format!("<msub>{base}<mi>{index}</mi></msub>");
    match name.split_once('.') {
        _ if name == "distance" => identifier("r"),
        Some(("displacement", component)) => format!("<mrow><mi>Δ</mi>{}</mrow>", identifier(component)),
        Some((who @ ("i" | "j"), attribute)) => match attribute.split_once('.') {
            Some(("position", component)) => index(identifier(component), who),
            Some((vector, component)) => {
                format!("<msub>{}<mrow><mi>{who}</mi><mi>{component}</mi></mrow></msub>", identifier(&vector[..1]))
            }
            None if attribute == "mass" => index(identifier("m"), who),
            None if attribute == "charge" => index(identifier("q"), who),
            None => index(identifier(attribute), who),
        },
        _ => identifier(name),
    }
}

/// A number to six significant digits.
pub fn number(value: f64) -> String {
    let text = short_number(value.abs());
    let sign = if value.is_sign_negative() { "<mo form=\"prefix\">−</mo>" } else { "" };
    match text.split_once("·10") {
        Some((mantissa, power)) => {
            let power: String = power.chars().map(plain).collect();
            format!("<mrow>{sign}<mn>{mantissa}</mn><mo>·</mo><msup><mn>10</mn><mn>{power}</mn></msup></mrow>")
        }
        None if sign.is_empty() => format!("<mn>{text}</mn>"),
        None => format!("<mrow>{sign}<mn>{text}</mn></mrow>"),
    }
}

/// A superscript digit as a plain one.
fn plain(c: char) -> char {
    "⁰¹²³⁴⁵⁶⁷⁸⁹"
        .chars()
        .zip('0'..='9')
        .find(|(raised, _)| *raised == c)
        .map_or(if c == '⁻' { '−' } else { c }, |(_, digit)| digit)
}

fn identifier(name: &str) -> String {
    let escaped = name.replace('&', "&amp;").replace('<', "&lt;");
    format!("<mi>{escaped}</mi>")
}

fn write(expr: &Expr, strength: u8, out: &mut String) {
    let (op, args) = match expr.node() {
        Node::Number(value) => {
            return fenced(value.is_sign_negative() && strength > 7, out, |out| out.push_str(&number(*value)));
        }
        Node::Symbol(name) => return out.push_str(&symbol(name)),
        Node::Call(op, args) => (*op, args),
    };
    match (op, op.info().fixity) {
        (Op::Div, _) => wrap("mfrac", out, |out| args.iter().for_each(|arg| row(arg, 0, out))),
        (Op::Pow, _) => wrap("msup", out, |out| {
            wrap("mrow", out, |out| write(&args[0], 10, out));
            row(&args[1], 0, out);
        }),
        (Op::Sqrt, _) => wrap("msqrt", out, |out| write(&args[0], 0, out)),
        (Op::Abs, _) => wrap("mrow", out, |out| {
            out.push_str("<mo form=\"prefix\" stretchy=\"true\">|</mo>");
            write(&args[0], 0, out);
            out.push_str("<mo form=\"postfix\" stretchy=\"true\">|</mo>");
        }),
        (Op::If, _) => fenced(strength > 0, out, |out| cases(expr, out)),
        (_, None) => wrap("mrow", out, |out| {
            out.push_str(&format!("<mi>{}</mi><mo>&#x2061;</mo>", op.info().name));
            fenced(true, out, |out| {
                for (index, arg) in args.iter().enumerate() {
                    out.push_str(if index > 0 { "<mo>,</mo>" } else { "" });
                    write(arg, 0, out);
                }
            });
        }),
        (_, Some(Fixity::Prefix(own))) => fenced(strength > own, out, |out| {
            out.push_str(if op == Op::Not { "<mo>¬</mo>" } else { "<mo form=\"prefix\">−</mo>" });
            write(&args[0], own, out);
        }),
        (_, Some(Fixity::Left(own) | Fixity::Right(own) | Fixity::None(own))) => {
            fenced(strength > own, out, |out| {
                write(&args[0], own, out);
                out.push_str(&sign(op, args));
                write(&args[1], own + 1, out);
            });
        }
    }
}

/// What stands between two operands; nothing visible between factors that are told apart without.
fn sign(op: Op, args: &[Expr]) -> String {
    let text = match op {
        Op::Mul if starts_with_number(&args[1]) => "·",
        Op::Mul => "&#x2062;",
        Op::Sub => "−",
        Op::Le => "≤",
        Op::Ge => "≥",
        Op::Eq => "=",
        Op::Ne => "≠",
        Op::Lt => "&lt;",
        Op::Gt => "&gt;",
        Op::And => "∧",
        Op::Or => "∨",
        other => other.info().name,
    };
    format!("<mo>{text}</mo>")
}

fn starts_with_number(expr: &Expr) -> bool {
    match expr.node() {
        Node::Number(_) => true,
        Node::Symbol(_) => false,
        Node::Call(Op::Mul | Op::Pow, args) => starts_with_number(&args[0]),
        Node::Call(..) => false,
    }
}

/// Nested conditions as the rows of one brace.
fn cases(expr: &Expr, out: &mut String) {
    wrap("mrow", out, |out| {
        out.push_str("<mo form=\"prefix\" stretchy=\"true\">{</mo>");
        wrap("mtable", out, |out| {
            let mut rest = expr;
            loop {
                let (value, condition, next) = match rest.node() {
                    Node::Call(Op::If, args) => (&args[1], Some(&args[0]), Some(&args[2])),
                    _ => (rest, None, None),
                };
                wrap("mtr", out, |out| {
                    wrap("mtd", out, |out| write(value, 0, out));
                    wrap("mtd", out, |out| match condition {
                        Some(condition) => {
                            out.push_str("<mtext>if&#xa0;</mtext>");
                            write(condition, 0, out);
                        }
                        None => out.push_str("<mtext>otherwise</mtext>"),
                    });
                });
                match next {
                    Some(next) => rest = next,
                    None => break,
                }
            }
        });
    });
}

fn row(expr: &Expr, strength: u8, out: &mut String) {
    wrap("mrow", out, |out| write(expr, strength, out));
}

fn wrap(tag: &str, out: &mut String, inner: impl FnOnce(&mut String)) {
    out.push_str(&format!("<{tag}>"));
    inner(out);
    out.push_str(&format!("</{tag}>"));
}

fn fenced(needed: bool, out: &mut String, inner: impl FnOnce(&mut String)) {
    if !needed {
        return inner(out);
    }
    wrap("mrow", out, |out| {
        out.push_str("<mo form=\"prefix\" stretchy=\"true\">(</mo>");
        inner(out);
        out.push_str("<mo form=\"postfix\" stretchy=\"true\">)</mo>");
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(expr: &Expr) -> String {
        // Tags away: what a reader hears.
        let mut out = String::new();
        let mut within = false;
        for c in mathml(expr).chars() {
            match c {
                '<' => within = true,
                '>' => within = false,
                c if !within => out.push(c),
                _ => {}
            }
        }
        out
    }

    #[test]
    fn laws_are_typeset() {
        let (r, m) = (Expr::symbol("distance"), Expr::symbol("i.mass"));
        let spring = Expr::number(2.0) * (r.clone() - Expr::number(0.99)) / m.clone();
        assert_eq!(
            mathml(&spring),
            "<mfrac><mrow><mn>2</mn><mo>&#x2062;</mo><mrow><mo form=\"prefix\" stretchy=\"true\">(</mo><mi>r</mi><mo>−</mo>\
             <mn>0.99</mn><mo form=\"postfix\" stretchy=\"true\">)</mo></mrow></mrow><mrow><msub><mi>m</mi><mi>i</mi></msub>\
             </mrow></mfrac>"
        );
        for (expr, heard) in [
            (m.clone() * Expr::number(3.0), "mi·3"),
            (Expr::number(-1.5e-9), "−1.5·10−9"),
            ((-m.clone()).pow(2.0), "(−mi)2"),
            (r.clone() - (m.clone() - r.clone()), "r−(mi−r)"),
            (Expr::symbol("a<b"), "a&lt;b"),
            (Expr::symbol("j.velocity.x"), "vjx"),
            (
                Expr::call(Op::If, vec![Expr::call(Op::Lt, vec![r.clone(), m.clone()]), r.clone(), m.clone()]),
                "{rif&#xa0;r&lt;mimiotherwise",
            ),
        ] {
            assert_eq!(text(&expr), heard);
        }
    }
}
