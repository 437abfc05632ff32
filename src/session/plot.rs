//! Curves in the terminal: dots of Braille, the same text on every machine.

use super::{Evaluation, Outcome, Session};
use crate::base::{Diagnostic, Name, World};
use crate::expr::print::typeset::{short_number, symbol};
use crate::expr::{Expr, Scratch, Tape};
use crate::language::prompt::Answer;

/// Size of the canvas in characters; each holds two by four dots.
const WIDTH: usize = 64;
const HEIGHT: usize = 16;
/// Values per column of dots.
const FINE: usize = 4;

/// `:plot EXPR [over x = a..b]`.
pub(super) fn run(session: &Session, text: &str, world: &dyn World) -> Evaluation {
    let (body, range) = match text.rsplit_once(" over ") {
        Some((body, range)) => (body, Some(range)),
        None => (text, None),
    };
    let mut copy = session.clone();
    let done = copy.express(body, world);
    let Some(Outcome::Value(_, reply)) = &done.outcome else { return done };
    let expr = match &reply.answer {
        Answer::Formula(expr, _) | Answer::Function(_, expr) => expr.clone(),
        _ => return Evaluation::failed(Diagnostic::new("E0206", "a formula must stand here").help(USAGE)),
    };
    let symbols: Vec<Name> = expr.symbols().into_iter().collect();
    let (name, low, high) = match range.map(parsed) {
        Some(Some(range)) => range,
        Some(None) => return Evaluation::failed(Diagnostic::new("E0207", "this range cannot be read").help(USAGE)),
        None => match &symbols[..] {
            [name] => (name.clone(), -5.0, 5.0),
            _ => {
                let finding = Diagnostic::new("E0208", format!("a curve has one variable; this has {}", symbols.len()));
                return Evaluation::failed(finding.help(USAGE));
            }
        },
    };
    if let Some(other) = symbols.iter().find(|symbol| **symbol != name) {
        let finding = Diagnostic::new("E0208", format!("`{other}` has no value"));
        return Evaluation::failed(
            finding.help(format!("write `:plot subs(…, {other} = 1) over {name} = {low}..{high}`")),
        );
    }
    match curve(&expr, &name, low, high) {
        Some(text) => Evaluation::of(Outcome::Said(text)),
        None => Evaluation::failed(Diagnostic::new("E0207", "there is no finite value between these bounds")),
    }
}

const USAGE: &str = "write `:plot sin(x) / x over x = 0..10`";

/// `x = a..b`.
fn parsed(text: &str) -> Option<(Name, f64, f64)> {
    let (name, range) = text.split_once('=')?;
    let (low, high) = range.split_once("..")?;
    let (low, high): (f64, f64) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    (low.is_finite() && high.is_finite() && low < high).then(|| (Name::new(name.trim()), low, high))
}

/// The curve with its frame; `None` where no value is finite.
fn curve(expr: &Expr, name: &Name, low: f64, high: f64) -> Option<String> {
    let count = 2 * WIDTH * FINE;
    let xs: Vec<f64> = (0..count).map(|k| low + (high - low) * k as f64 / (count - 1) as f64).collect();
    let tape = Tape::compile(std::slice::from_ref(expr), std::slice::from_ref(name), &[]).ok()?;
    let mut ys = vec![0.0; count];
    tape.eval(&[&xs], &[], &mut [&mut ys], &mut Scratch::new());
    let mut finite: Vec<f64> = ys.iter().copied().filter(|y| y.is_finite()).collect();
    finite.sort_by(f64::total_cmp);
    let (first, last) = (*finite.first()?, *finite.last()?);
    // A pole must not flatten the rest: the frame holds the middle 96 % with some room.
    let at = |share: f64| finite[((finite.len() - 1) as f64 * share) as usize];
    let (inner_low, inner_high) = (at(0.02), at(0.98));
    let room = 2.0 * (inner_high - inner_low);
    let (mut bottom, mut top) = (first.max(inner_low - room), last.min(inner_high + room));
    if top - bottom <= 1e-12 * top.abs().max(1e-300) {
        (bottom, top) = (bottom - 1.0, top + 1.0);
    }
    let mut cells = vec![[0u8; WIDTH]; HEIGHT];
    let rows = 4 * HEIGHT;
    let mut before: Option<usize> = None;
    for (k, y) in ys.iter().enumerate() {
        let inside = y.is_finite() && *y >= bottom && *y <= top;
        let row = inside.then(|| (((top - y) / (top - bottom)) * (rows - 1) as f64).round() as usize);
        if let Some(row) = row {
            let column = k / FINE;
            // Steep parts are drawn through, jumps are not.
            let from = before.filter(|from| from.abs_diff(row) < rows / 2).unwrap_or(row);
            for row in from.min(row)..=from.max(row) {
                const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
                cells[row / 4][column / 2] |= DOTS[row % 4][column % 2];
            }
        }
        before = row;
    }
    let labels = [short_number(top), short_number(bottom)];
    let margin = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for (index, row) in cells.iter().enumerate() {
        let label = match index {
            0 => &labels[0],
            _ if index == HEIGHT - 1 => &labels[1],
            _ => "",
        };
        let dots: String = row.iter().map(|bits| char::from_u32(0x2800 + u32::from(*bits)).unwrap_or(' ')).collect();
        out += format!("{label:>margin$} │{}", dots.trim_end_matches('\u{2800}')).trim_end();
        out.push('\n');
    }
    let (left, right) = (short_number(low), short_number(high));
    out += &format!("{:>margin$} └{}\n", "", "─".repeat(WIDTH));
    let middle = symbol(name);
    let blanks = WIDTH.saturating_sub(left.chars().count() + right.chars().count() + middle.chars().count());
    out +=
        &format!("{:>margin$}  {left}{}{middle}{}{right}", "", " ".repeat(blanks / 2), " ".repeat(blanks - blanks / 2));
    Some(out)
}
