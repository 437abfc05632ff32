//! Typeset in Unicode: `line` for one line (2·(r − 0.99)/mᵢ), `block` with fraction bars over several lines.
//! Numbers are rounded to six digits; use [`super::infix`] where the value must survive.

use crate::expr::{Expr, Fixity, Node, Op};

/// One line of text.
pub fn line(expr: &Expr) -> String {
    block_of(expr, 0, Fractions::Slash).rows.concat()
}

/// Lines of equal width, fractions one above the other.
pub fn block(expr: &Expr) -> Vec<String> {
    block_of(expr, 0, Fractions::Stacked).rows
}

/// A symbol as it is typeset: `i.mass` as mᵢ, `distance` as r, `displacement.x` as Δx.
pub fn symbol(name: &str) -> String {
    let short = |attribute: &str| match attribute {
        "mass" => "m".to_owned(),
        "charge" => "q".to_owned(),
        "velocity.x" | "velocity.y" | "velocity.z" => format!("v{}", &attribute[9..]),
        "position.x" | "position.y" | "position.z" => attribute[9..].to_owned(),
        other => other.to_owned(),
    };
    match name.split_once('.') {
        _ if name == "distance" => "r".to_owned(),
        Some(("displacement", component)) => format!("Δ{component}"),
        Some(("i", attribute)) => format!("{}ᵢ", short(attribute)),
        Some(("j", attribute)) => format!("{}ⱼ", short(attribute)),
        _ => name.to_owned(),
    }
}

/// A number to six significant digits, without trailing zeros.
pub fn short_number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let size = value.abs().log10().floor();
    if (-4.0..6.0).contains(&size) {
        let text = format!("{value:.*}", (5.0 - size) as usize);
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        return text.replace('-', "−");
    }
    let text = format!("{value:.5e}");
    let (mantissa, exponent) = text.split_once('e').expect("exponent form");
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    format!("{mantissa}·10{}", superscript(exponent)).replace('-', "−")
}

fn superscript(text: &str) -> String {
    let form = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0'..='9' => char::from_u32('⁰' as u32 + c as u32 - '0' as u32).expect("a superscript digit"),
        other => other,
    };
    text.chars().map(form).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Fractions {
    Slash,
    Stacked,
}

/// Rows of equal width with the row on which operators stand.
struct Block {
    rows: Vec<String>,
    base: usize,
}

impl Block {
    fn text(text: impl Into<String>) -> Block {
        Block { rows: vec![text.into()], base: 0 }
    }

    fn width(&self) -> usize {
        self.rows[0].chars().count()
    }

    /// Side by side, base rows aligned.
    fn beside(self, right: Block) -> Block {
        let above = self.base.max(right.base);
        let below = (self.rows.len() - self.base).max(right.rows.len() - right.base);
        let row = |block: &Block, index: usize| {
            let at = (index + block.base).checked_sub(above);
            at.and_then(|at| block.rows.get(at).cloned()).unwrap_or_else(|| " ".repeat(block.width()))
        };
        let rows = (0..above + below).map(|index| row(&self, index) + &row(&right, index)).collect();
        Block { rows, base: above }
    }

    fn above(self, below: Block) -> Block {
        let width = self.width().max(below.width()) + 2;
        let centred = |row: &String| {
            let free = width - row.chars().count();
            format!("{}{row}{}", " ".repeat(free / 2), " ".repeat(free - free / 2))
        };
        let base = self.rows.len();
        let bar = std::iter::once("─".repeat(width));
        let rows = self.rows.iter().map(centred).chain(bar).chain(below.rows.iter().map(centred)).collect();
        Block { rows, base }
    }

    fn parenthesised(self) -> Block {
        let side = |one: char, [top, middle, bottom]: [char; 3]| {
            let last = self.rows.len() - 1;
            let row = |index| match index {
                _ if last == 0 => one,
                0 => top,
                index if index == last => bottom,
                _ => middle,
            };
            Block { rows: (0..=last).map(|index| row(index).to_string()).collect(), base: self.base }
        };
        let (left, right) = (side('(', ['⎛', '⎜', '⎝']), side(')', ['⎞', '⎟', '⎠']));
        left.beside(self).beside(right)
    }
}

fn block_of(expr: &Expr, strength: u8, fractions: Fractions) -> Block {
    let (op, args) = match expr.node() {
        Node::Number(value) => {
            let text = Block::text(short_number(*value));
            return if value.is_sign_negative() && strength > 7 { text.parenthesised() } else { text };
        }
        Node::Symbol(name) => return Block::text(symbol(name)),
        Node::Call(op, args) => (*op, args),
    };
    let part = |k: usize, strength: u8| block_of(&args[k], strength, fractions);
    let closed = |block: Block, own: u8| if strength > own { block.parenthesised() } else { block };
    match (op, op.info().fixity) {
        (Op::Div, _) if fractions == Fractions::Stacked => part(0, 0).above(part(1, 0)),
        (Op::Pow, _) => match args[1].as_number() {
            Some(power) if power == power.trunc() && power.abs() < 100.0 => {
                raise(part(0, 10), Block::text(superscript(&format!("{power}"))))
            }
            _ => closed(raise(part(0, 10), Block::text("^").beside(part(1, 8))), 9),
        },
        (Op::Sqrt, _) => match args[0].node() {
            Node::Call(..) => Block::text("√").beside(part(0, 0).parenthesised()),
            _ => Block::text("√").beside(part(0, 10)),
        },
        (Op::Abs, _) => Block::text("|").beside(part(0, 0)).beside(Block::text("|")),
        (Op::If, _) => {
            let word = |text: &str, block: Block| Block::text(text).beside(block);
            closed(word("if ", part(0, 0)).beside(word(" then ", part(1, 0))).beside(word(" else ", part(2, 0))), 0)
        }
        (_, None) => {
            let inner = (1..args.len()).fold(part(0, 0), |row, k| row.beside(Block::text(", ")).beside(part(k, 0)));
            Block::text(op.info().name).beside(inner.parenthesised())
        }
        (_, Some(Fixity::Prefix(own))) => {
            let sign = if op == Op::Not { "not " } else { "−" };
            closed(Block::text(sign).beside(part(0, own)), own)
        }
        (_, Some(Fixity::Left(own) | Fixity::Right(own) | Fixity::None(own))) => {
            let sign = match op {
                Op::Mul => "·",
                Op::Div => "/",
                Op::Sub => " − ",
                other => &format!(" {} ", other.info().name),
            };
            closed(part(0, own).beside(Block::text(sign)).beside(part(1, own + 1)), own)
        }
    }
}

/// An exponent at the upper right: beside a single row, on the top row of a taller block.
fn raise(base: Block, exponent: Block) -> Block {
    let lift = base.base;
    let exponent = Block { base: exponent.base + lift, rows: exponent.rows };
    if lift == 0 {
        return base.beside(exponent);
    }
    let height = base.rows.len();
    let blank = " ".repeat(exponent.width());
    let mut rows = exponent.rows;
    rows.resize(height.max(rows.len()), blank);
    base.beside(Block { rows, base: lift })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spring() -> Expr {
        Expr::number(2.0) * (Expr::symbol("distance") - Expr::number(0.99)) / Expr::symbol("i.mass")
    }

    #[test]
    fn laws_on_one_line() {
        assert_eq!(line(&spring()), "2·(r − 0.99)/mᵢ");
        let gravity = Expr::symbol("j.mass") / (Expr::symbol("distance") + Expr::number(0.01)).pow(2.0);
        assert_eq!(line(&gravity), "mⱼ/(r + 0.01)²");
        assert_eq!(line(&Expr::number(-1.5e-9)), "−1.5·10⁻⁹");
    }

    #[test]
    fn laws_with_fraction_bars() {
        assert_eq!(
            block(&spring()),
            [" 2·(r − 0.99) ", "──────────────", "      mᵢ      "].map(|row| row[..].to_owned())
        );
        let squared = spring().pow(2.0);
        assert_eq!(block(&squared).len(), 3);
    }
}
