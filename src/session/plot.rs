//! `:plot`: a curve and columns of tables in the terminal, the same text on every machine.

use super::{Evaluation, Outcome, Session};
use crate::base::{Diagnostic, Name, World};
use crate::engine::Sheet;
use crate::expr::print::typeset::{line, symbol};
use crate::expr::{Expr, Scratch, Tape};
use crate::language::prompt::Answer;
use crate::report::{Axis, Chart, Mark, Series, large_text};
use std::collections::BTreeMap;

const USAGE: &str =
    "write `:plot a * sin(x) / x over x = 0..10, a = 2`, or `:plot decay.y` for a column of an opened table";
/// Values of a curve.
const FINE: usize = 512;

/// What stands after `over`.
#[derive(Default)]
struct Range {
    /// The variable with its bounds.
    axis: Option<(Name, f64, f64)>,
    /// Values of other symbols.
    values: BTreeMap<Name, Expr>,
}

/// `:plot EXPR [over x = a..b, c = d] [with TABLE.COLUMN, …]`, and `:plot TABLE.COLUMN`.
pub(super) fn run(session: &Session, text: &str, world: &dyn World) -> Evaluation {
    match drawn(session, text, world) {
        Ok(text) => Evaluation::of(Outcome::Said(text)),
        Err(done) => *done,
    }
}

type Drawn<T> = Result<T, Box<Evaluation>>;

fn refused<T>(finding: Diagnostic) -> Drawn<T> {
    Err(Box::new(Evaluation::failed(finding)))
}

fn drawn(session: &Session, text: &str, world: &dyn World) -> Drawn<String> {
    if text.trim().is_empty() {
        return refused(Diagnostic::new("E0224", "a formula or a column must stand here").help(USAGE));
    }
    let (text, with) = match text.rsplit_once(" with ") {
        Some((text, with)) => (text, with.split(',').map(str::trim).collect()),
        None => (text, vec![]),
    };
    let (body, range) = text.rsplit_once(" over ").map_or((text, ""), |(body, range)| (body, range));
    let range = ranges(session, range, world)?;
    let variable = |range: &Range| range.axis.as_ref().map(|(name, ..)| name.clone());
    if let Ok(points) = columns(session, body.trim(), variable(&range).as_ref()) {
        let more = with.iter().map(|name| columns(session, name, variable(&range).as_ref()));
        let more = more.collect::<Result<Vec<_>, _>>().or_else(refused)?;
        let label = points.x.clone();
        return told(
            body.trim(),
            &label,
            std::iter::once(points).chain(more).flat_map(|points| points.series).collect(),
        );
    }
    let expr = value(session, body, world)?.substitute(&range.values);
    let symbols: Vec<Name> = expr.symbols().into_iter().collect();
    let named = range.axis.as_ref().map(|(name, ..)| name).or(match &symbols[..] {
        [name] => Some(name),
        _ => None,
    });
    let points = with.iter().map(|name| columns(session, name, named));
    let points = points.collect::<Result<Vec<_>, _>>().or_else(refused)?;
    let Some(name) = named.cloned() else {
        let list = symbols.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
        let what = if symbols.is_empty() { "this has none".into() } else { format!("this has {list}") };
        return refused(Diagnostic::new("E0208", format!("a curve has one variable; {what}")).help(USAGE));
    };
    if let Some(other) = symbols.iter().find(|symbol| **symbol != name) {
        let finding = Diagnostic::new("E0208", format!("`{other}` has no value"));
        return refused(finding.help(format!("write `… over {name} = 0..1, {other} = 1`")));
    }
    let (low, high) = match range.axis {
        Some((_, low, high)) => (low, high),
        None => extent(&points).unwrap_or((-5.0, 5.0)),
    };
    let mut series = curve(&expr, &name, low, high);
    series.extend(points.into_iter().flat_map(|points| points.series));
    told(&line(&expr), &symbol(&name), series)
}

fn told(title: &str, x: &str, series: Vec<Series>) -> Drawn<String> {
    let chart = Chart { title: title.into(), x: Axis::linear(x), y: Axis::linear(""), series };
    let lines = large_text(&chart);
    if lines.is_empty() {
        return refused(Diagnostic::new("E0207", "there is no finite value between these bounds").help(USAGE));
    }
    Ok(lines.iter().map(|line| line.trim_end_matches(['\u{2800}', ' '])).collect::<Vec<_>>().join("\n"))
}

/// A formula, or a function of the session with its parameters as symbols.
fn value(session: &Session, text: &str, world: &dyn World) -> Drawn<Expr> {
    let done = session.aside().express(text.trim(), world);
    match &done.outcome {
        Some(Outcome::Value(_, reply)) => match &reply.answer {
            Answer::Formula(expr, _) | Answer::Function(_, expr) => Ok(expr.clone()),
            _ => refused(Diagnostic::new("E0206", "a formula must stand here").help(USAGE)),
        },
        _ => Err(Box::new(done)),
    }
}

/// `x = a..b, c = d`; bounds and values may be any expressions that are numbers.
fn ranges(session: &Session, text: &str, world: &dyn World) -> Drawn<Range> {
    let mut range = Range::default();
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let unread = || Diagnostic::new("E0207", format!("the range `{}` cannot be read", part.trim())).help(USAGE);
        let Some((name, values)) = part.split_once('=') else { return refused(unread()) };
        let name = Name::new(name.trim());
        let number = |text: &str| match value(session, text, world)?.as_number() {
            Some(number) if number.is_finite() => Ok(number),
            _ => refused(unread()),
        };
        match values.split_once("..") {
            Some((low, high)) => {
                let (low, high) = (number(low)?, number(high)?);
                if low >= high || range.axis.is_some() {
                    return refused(unread());
                }
                range.axis = Some((name, low, high));
            }
            None => _ = range.values.insert(name, Expr::number(number(values)?)),
        }
    }
    Ok(range)
}

/// Columns of a table as points.
struct Points {
    /// The column that lies on the horizontal axis.
    x: String,
    series: Vec<Series>,
}

/// The column of a name such as `law.profile.network`, or all of a table, over the column of the variable's name; over the
/// first where there is none.
fn columns(session: &Session, name: &str, variable: Option<&Name>) -> Result<Points, Diagnostic> {
    let opened = &session.state.opened;
    let (sheet, column): (&Sheet, Option<&str>) = match (opened.sheet(name), name.rsplit_once('.')) {
        (Some(sheet), _) => (sheet, None),
        (None, Some((table, column))) if opened.sheet(table).is_some_and(|sheet| sheet.column(column).is_some()) => {
            (opened.sheet(table).expect("it was just there"), Some(column))
        }
        _ => {
            let tables: Vec<&str> = opened.sheets().map(|sheet| sheet.name.as_str()).collect();
            let finding = Diagnostic::new("E0201", format!("there is no table or column `{name}`"));
            return Err(match tables.is_empty() {
                true => finding.help("open a run or a table with `:open`"),
                false => finding.help(format!("open are {}", tables.join(", "))),
            });
        }
    };
    let first = sheet.columns.first().map_or("", |column| column.name.as_str());
    let x = variable.map(Name::as_str).filter(|name| sheet.column(name).is_some()).unwrap_or(first).to_owned();
    let across = sheet.column(&x).unwrap_or(&[]);
    let wanted = sheet.columns.iter().filter(|own| match column {
        Some(column) => own.name == column,
        None => own.name != x,
    });
    let series = wanted.map(|column| Series {
        name: column.name.clone(),
        mark: Mark::Dots,
        points: across.iter().copied().zip(column.values.iter().copied()).collect(),
        notes: vec![],
    });
    Ok(Points { series: series.collect(), x })
}

fn extent(points: &[Points]) -> Option<(f64, f64)> {
    let all = || points.iter().flat_map(|points| &points.series).flat_map(|series| &series.points);
    let xs = || all().map(|point| point.0).filter(|x| x.is_finite());
    let (low, high) = (xs().reduce(f64::min)?, xs().reduce(f64::max)?);
    (low < high).then_some((low, high))
}

/// The curve in pieces: it is not drawn across poles and where it has no value.
fn curve(expr: &Expr, name: &Name, low: f64, high: f64) -> Vec<Series> {
    let xs: Vec<f64> = (0..FINE).map(|k| low + (high - low) * k as f64 / (FINE - 1) as f64).collect();
    let Ok(tape) = Tape::compile(std::slice::from_ref(expr), std::slice::from_ref(name), &[]) else { return vec![] };
    let mut ys = vec![0.0; FINE];
    tape.eval(&[&xs], &[], &mut [&mut ys], &mut Scratch::new());
    let mut finite: Vec<f64> = ys.iter().copied().filter(|y| y.is_finite()).collect();
    finite.sort_by(f64::total_cmp);
    let (Some(&first), Some(&last)) = (finite.first(), finite.last()) else { return vec![] };
    // A pole must not flatten the rest: the frame holds the middle 96 % with some room.
    let at = |share: f64| finite[((finite.len() - 1) as f64 * share) as usize];
    let (inner_low, inner_high) = (at(0.02), at(0.98));
    let room = 2.0 * (inner_high - inner_low);
    let (bottom, top) = (first.max(inner_low - room), last.min(inner_high + room));
    let points: Vec<(f64, f64)> = xs.into_iter().zip(ys).collect();
    let inside = |point: &(f64, f64)| (bottom..=top).contains(&point.1);
    let jumps = |a: &(f64, f64), b: &(f64, f64)| (a.1 - b.1).abs() > 0.5 * (top - bottom) && top > bottom;
    let pieces = points.chunk_by(|a, b| inside(a) && inside(b) && !jumps(a, b));
    let drawn = pieces.filter(|piece| inside(&piece[0]));
    drawn.map(|piece| Series { points: piece.to_vec(), ..Series::default() }).collect()
}
