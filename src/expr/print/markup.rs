//! Expressions in markup: LaTeX and MathML, written by one walk from two sets of marks.

use super::greek;
use super::typeset::{short_number, symbol};
use crate::expr::{Expr, Fixity, Node, Op};

/// The expression in LaTeX, for mathematics mode.
pub fn latex(expr: &Expr) -> String {
    write(expr, 0, &LATEX)
}

/// The expression as one MathML `math` element.
pub fn mathml(expr: &Expr) -> String {
    format!("<math xmlns=\"http://www.w3.org/1998/Math/MathML\">{}</math>", mathml_content(expr))
}

/// What is inside of that element.
pub fn mathml_content(expr: &Expr) -> String {
    write(expr, 0, &MATHML)
}

struct Marks {
    number: fn(&str) -> String,
    /// A symbol: letters, and an index which may be empty.
    symbol: fn(&str, &str) -> String,
    operator: fn(&str) -> String,
    function: fn(&str) -> String,
    fraction: fn(&str, &str) -> String,
    power: fn(&str, &str) -> String,
    /// A root of what stands under it, and its order where it is not 2.
    root: fn(&str, &str) -> String,
    brackets: fn(&str, &str, &str) -> String,
    cases: fn(&str, &str, &str) -> String,
    row: fn(&[String]) -> String,
}

const LATEX: Marks = Marks {
    number: |text| text.replace('−', "-"),
    symbol: |name, index| {
        let letters: String =
            name.chars().map(|c| greek::spelled(c).map_or(c.to_string(), |word| format!("\\{word} "))).collect();
        let letters = letters.trim_end().replace('_', "\\_");
        let name = if name.chars().count() > 1 && !letters.starts_with('\\') {
            format!("\\mathrm{{{letters}}}")
        } else {
            letters
        };
        if index.is_empty() { name } else { format!("{name}_{{{index}}}") }
    },
    operator: |sign| match sign {
        "·" => " \\cdot ".into(),
        "<=" => " \\le ".into(),
        ">=" => " \\ge ".into(),
        "==" => " = ".into(),
        "!=" => " \\ne ".into(),
        "and" => " \\land ".into(),
        "or" => " \\lor ".into(),
        "not" => "\\lnot ".into(),
        "−" => " - ".into(),
        "negative" => "-".into(),
        ", " => ", ".into(),
        other => format!(" {other} "),
    },
    function: |name| match name {
        "sin" | "cos" | "tan" | "exp" | "log" | "sinh" | "cosh" | "tanh" | "min" | "max" => format!("\\{name}"),
        "asin" | "acos" | "atan" => format!("\\arc{}", &name[1..]),
        other => format!("\\operatorname{{{other}}}"),
    },
    fraction: |above, below| format!("\\frac{{{above}}}{{{below}}}"),
    power: |base, exponent| format!("{base}^{{{exponent}}}"),
    root: |inner, order| match order {
        "" => format!("\\sqrt{{{inner}}}"),
        _ => format!("\\sqrt[{order}]{{{inner}}}"),
    },
    brackets: |open, inner, close| format!("\\left{open}{inner}\\right{close}"),
    cases: |condition, then, other| {
        format!("\\begin{{cases}}{then} & \\text{{if }} {condition} \\\\ {other} & \\text{{otherwise}}\\end{{cases}}")
    },
    row: |parts| parts.concat(),
};

const MATHML: Marks = Marks {
    number: |text| format!("<mn>{text}</mn>"),
    symbol: |name, index| match index {
        "" => format!("<mi>{}</mi>", escaped(name)),
        _ => format!("<msub><mi>{}</mi><mi>{index}</mi></msub>", escaped(name)),
    },
    operator: |sign| {
        let sign = match sign {
            "<=" => "≤",
            ">=" => "≥",
            "==" => "=",
            "!=" => "≠",
            "and" => "∧",
            "or" => "∨",
            "not" => "¬",
            "negative" => "−",
            ", " => ",",
            other => other,
        };
        format!("<mo>{}</mo>", escaped(sign))
    },
    function: |name| format!("<mi>{name}</mi><mo>&#x2061;</mo>"),
    fraction: |above, below| format!("<mfrac>{}{}</mfrac>", grouped(above), grouped(below)),
    power: |base, exponent| format!("<msup>{}{}</msup>", grouped(base), grouped(exponent)),
    root: |inner, order| match order {
        "" => format!("<msqrt>{inner}</msqrt>"),
        _ => format!("<mroot>{}<mn>{order}</mn></mroot>", grouped(inner)),
    },
    brackets: |open, inner, close| format!("<mrow><mo>{open}</mo>{inner}<mo>{close}</mo></mrow>"),
    cases: |condition, then, other| {
        let row = |value: &str, when: &str| format!("<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>");
        let when = format!("<mtext>if </mtext>{condition}");
        let rows = row(then, &when) + &row(other, "<mtext>otherwise</mtext>");
        format!("<mrow><mo>{{</mo><mtable>{rows}</mtable></mrow>")
    },
    row: |parts| parts.concat(),
};

fn grouped(inner: &str) -> String {
    format!("<mrow>{inner}</mrow>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn write(expr: &Expr, strength: u8, marks: &Marks) -> String {
    let (op, args) = match expr.node() {
        Node::Number(value) => return number(*value, strength, marks),
        Node::Symbol(name) => return named(name, marks),
        Node::Call(op, args) => (*op, args),
    };
    let part = |k: usize, strength: u8| write(&args[k], strength, marks);
    let closed = |own: u8, text: String| if strength > own { (marks.brackets)("(", &text, ")") } else { text };
    match (op, op.info().fixity) {
        (Op::Div, _) => (marks.fraction)(&part(0, 0), &part(1, 0)),
        (Op::Pow, _) => (marks.power)(&part(0, 10), &part(1, 0)),
        (Op::Sqrt, _) => (marks.root)(&part(0, 0), ""),
        (Op::Cbrt, _) => (marks.root)(&part(0, 0), "3"),
        (Op::Abs, _) => (marks.brackets)("|", &part(0, 0), "|"),
        (Op::Exp, _) => (marks.power)(&(marks.symbol)("e", ""), &part(0, 0)),
        (Op::If, _) => (marks.cases)(&part(0, 0), &part(1, 0), &part(2, 0)),
        (_, None) => {
            let mut inner = vec![part(0, 0)];
            for k in 1..args.len() {
                inner.extend([(marks.operator)(", "), part(k, 0)]);
            }
            (marks.function)(op.info().name) + &(marks.brackets)("(", &(marks.row)(&inner), ")")
        }
        (_, Some(Fixity::Prefix(own))) => {
            let sign = if op == Op::Not { "not" } else { "negative" };
            closed(own, (marks.row)(&[(marks.operator)(sign), part(0, own)]))
        }
        (_, Some(Fixity::Left(own) | Fixity::Right(own) | Fixity::None(own))) => {
            let sign = match op {
                Op::Mul => "·",
                Op::Sub => "−",
                other => other.info().name,
            };
            closed(own, (marks.row)(&[part(0, own), (marks.operator)(sign), part(1, own + 1)]))
        }
    }
}

fn number(value: f64, strength: u8, marks: &Marks) -> String {
    let text = short_number(value);
    let plain = match text.split_once('·') {
        None => (marks.number)(&text),
        Some((mantissa, _)) => {
            let exponent = format!("{value:.5e}").split_once('e').map_or(String::new(), |(_, power)| power.to_owned());
            let ten = (marks.power)(&(marks.number)("10"), &(marks.number)(&exponent.replace('-', "−")));
            (marks.row)(&[(marks.number)(mantissa), (marks.operator)("·"), ten])
        }
    };
    if value.is_sign_negative() && strength > 7 { (marks.brackets)("(", &plain, ")") } else { plain }
}

/// `i.mass` as m with the index i; what is typeset shorter is shorter here too.
fn named(name: &str, marks: &Marks) -> String {
    let text = symbol(name);
    let index = text.chars().last().and_then(|last| match last {
        'ᵢ' => Some("i"),
        'ⱼ' => Some("j"),
        _ => None,
    });
    match index {
        Some(index) => (marks.symbol)(text.trim_end_matches(['ᵢ', 'ⱼ']), index),
        None => match text.split_once('_') {
            Some((letters, index)) if !letters.is_empty() && !index.contains('_') => (marks.symbol)(letters, index),
            _ => (marks.symbol)(&text, ""),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::parse;

    #[test]
    fn laws_in_latex() {
        for (text, expected) in [
            ("2 * (distance - 0.99) / i.mass", "\\frac{2 \\cdot \\left(r - 0.99\\right)}{m_{i}}"),
            ("sqrt(x^2 + 1)", "\\sqrt{x^{2} + 1}"),
            ("exp(-α * x)", "e^{-\\alpha \\cdot x}"),
            ("(-x)^2", "\\left(-x\\right)^{2}"),
            ("sin(omega_0 * t)", "\\sin\\left(\\mathrm{omega}_{0} \\cdot t\\right)"),
        ] {
            assert_eq!(latex(&parse(text)), expected, "{text}");
        }
    }

    #[test]
    fn laws_in_mathml() {
        assert_eq!(
            mathml(&parse("x^2 / i.mass")),
            "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><mfrac><mrow><msup><mrow><mi>x</mi></mrow>\
             <mrow><mn>2</mn></mrow></msup></mrow><mrow><msub><mi>m</mi><mi>i</mi></msub></mrow></mfrac></math>"
        );
    }
}
