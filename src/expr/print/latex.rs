//! LaTeX for papers, in math mode. Numbers are rounded to six digits; use [`super::infix`] where the value must survive.

use super::typeset::short_number;
use crate::expr::{Expr, Fixity, Node, Op};

/// The expression as LaTeX.
pub fn latex(expr: &Expr) -> String {
    write(expr, 0)
}

/// A symbol: `i.mass` as `m_i`, `distance` as `r`, `displacement.x` as `\Delta x`.
pub fn symbol(name: &str) -> String {
    let word = |text: &str| match text.chars().count() {
        1 => text.to_owned(),
        _ => format!("\\mathrm{{{}}}", text.replace('_', "\\_")),
    };
    match name.split_once('.') {
        _ if name == "distance" => "r".into(),
        Some(("displacement", component)) => format!("\\Delta {component}"),
        Some((who @ ("i" | "j"), attribute)) => match attribute.split_once('.') {
            Some(("position", component)) => format!("{component}_{who}"),
            Some((vector, component)) => format!("{}_{{{who} {component}}}", &vector[..1]),
            None if attribute == "mass" => format!("m_{who}"),
            None if attribute == "charge" => format!("q_{who}"),
            None => format!("{}_{who}", word(attribute)),
        },
        _ => word(name),
    }
}

/// A number to six significant digits.
pub fn number(value: f64) -> String {
    let text = short_number(value).replace('−', "-");
    let plain = |c: char| {
        let digit = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().zip('0'..='9').find(|(raised, _)| *raised == c);
        digit.map_or(if c == '⁻' { '-' } else { c }, |(_, digit)| digit)
    };
    match text.split_once("·10") {
        Some((mantissa, power)) => format!("{mantissa} \\cdot 10^{{{}}}", power.chars().map(plain).collect::<String>()),
        None => text,
    }
}

fn write(expr: &Expr, strength: u8) -> String {
    let (op, args) = match expr.node() {
        Node::Number(value) => return fenced(value.is_sign_negative() && strength > 7, number(*value)),
        Node::Symbol(name) => return symbol(name),
        Node::Call(op, args) => (*op, args),
    };
    let part = |k: usize, strength: u8| write(&args[k], strength);
    match (op, op.info().fixity) {
        (Op::Div, _) => format!("\\frac{{{}}}{{{}}}", part(0, 0), part(1, 0)),
        (Op::Pow, _) => format!("{}^{{{}}}", part(0, 10), part(1, 0)),
        (Op::Sqrt, _) => format!("\\sqrt{{{}}}", part(0, 0)),
        (Op::Abs, _) => format!("\\left|{}\\right|", part(0, 0)),
        (Op::If, _) => format!(
            "\\begin{{cases}} {} & \\text{{if }} {} \\\\ {} & \\text{{otherwise}} \\end{{cases}}",
            part(1, 0),
            part(0, 0),
            part(2, 0)
        ),
        (_, None) => {
            let arguments: Vec<String> = (0..args.len()).map(|k| part(k, 0)).collect();
            let name = match op {
                Op::Exp
                | Op::Log
                | Op::Sin
                | Op::Cos
                | Op::Tan
                | Op::Sinh
                | Op::Cosh
                | Op::Tanh
                | Op::Min
                | Op::Max => {
                    format!("\\{}", op.info().name)
                }
                _ => format!("\\operatorname{{{}}}", op.info().name),
            };
            format!("{name}\\left({}\\right)", arguments.join(", "))
        }
        (_, Some(Fixity::Prefix(own))) => {
            let sign = if op == Op::Not { "\\lnot " } else { "-" };
            fenced(strength > own, format!("{sign}{}", part(0, own)))
        }
        (_, Some(Fixity::Left(own) | Fixity::Right(own) | Fixity::None(own))) => {
            let sign = match op {
                Op::Mul if starts_with_number(&args[1]) => " \\cdot ",
                Op::Mul => " \\, ",
                Op::Le => " \\le ",
                Op::Ge => " \\ge ",
                Op::Eq => " = ",
                Op::Ne => " \\ne ",
                Op::And => " \\land ",
                Op::Or => " \\lor ",
                other => &format!(" {} ", other.info().name),
            };
            fenced(strength > own, format!("{}{sign}{}", part(0, own), part(1, own + 1)))
        }
    }
}

fn starts_with_number(expr: &Expr) -> bool {
    match expr.node() {
        Node::Number(_) => true,
        Node::Call(Op::Mul | Op::Pow, args) => starts_with_number(&args[0]),
        _ => false,
    }
}

fn fenced(needed: bool, inner: String) -> String {
    if needed { format!("\\left({inner}\\right)") } else { inner }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laws_are_typeset() {
        let (r, m) = (Expr::symbol("distance"), Expr::symbol("i.mass"));
        for (expr, text) in [
            (
                Expr::number(2.0) * (r.clone() - Expr::number(0.99)) / m.clone(),
                "\\frac{2 \\, \\left(r - 0.99\\right)}{m_i}",
            ),
            ((r.clone() + Expr::number(0.01)).pow(-2.0), "\\left(r + 0.01\\right)^{-2}"),
            (Expr::number(-1.5e-9) * m.clone(), "-1.5 \\cdot 10^{-9} \\, m_i"),
            (m.clone() * Expr::number(3.0), "m_i \\cdot 3"),
            (Expr::symbol("j.velocity.x").apply(Op::Sin), "\\sin\\left(v_{j x}\\right)"),
            (Expr::symbol("half_life"), "\\mathrm{half\\_life}"),
        ] {
            assert_eq!(latex(&expr), text);
        }
    }
}
