//! `:fit decay.y = a * exp(-b * t)`: constants of a formula from a table.

use super::{Evaluation, Outcome, Session};
use crate::base::{Diagnostic, Name, Seed, World};
use crate::expr::{Expr, Tape};
use crate::language::prompt::{Answer, Reply};
use crate::report::short;
use crate::search::{FitSettings, Fitted, fit_constants};
use std::collections::BTreeMap;

const USAGE: &str = "open a table with `:open decay.csv`, then write `:fit decay.y = a * exp(-b * t)`";
/// Starting points; the best end counts.
const STARTS: u64 = 24;

/// Fits what is no column of the table, keeps the formula as a result, and tells the constants.
pub(super) fn run(session: &mut Session, text: &str, world: &dyn World) -> Evaluation {
    let split = text.split_once('=').filter(|(_, formula)| !formula.starts_with('='));
    let Some((target, formula)) = split else {
        return Evaluation::failed(Diagnostic::new("E0224", "a column and a formula must stand here").help(USAGE));
    };
    let (table, column) = target.trim().rsplit_once('.').unwrap_or(("", target.trim()));
    let Some(sheet) = session.state.opened.sheet(table).cloned() else {
        let headline = match table {
            "" => format!("`{column}` must be named with its table"),
            _ => format!("no table `{table}` is open"),
        };
        return Evaluation::failed(Diagnostic::new("E0201", headline).help(USAGE));
    };
    let Some(target) = sheet.column(column) else {
        let names: Vec<&str> = sheet.columns.iter().map(|column| column.name.as_str()).collect();
        let finding = Diagnostic::new("E0201", format!("`{table}` has no column `{column}`"));
        return Evaluation::failed(finding.help(format!("it has {}", names.join(", "))));
    };
    let done = session.aside().express(formula.trim(), world);
    let Some(Outcome::Value(_, reply)) = &done.outcome else { return done };
    let (Answer::Formula(expr, _) | Answer::Function(_, expr)) = &reply.answer else {
        return Evaluation::failed(Diagnostic::new("E0206", "a formula must stand here").help(USAGE));
    };
    let is_column = |name: &Name| sheet.column(name.as_str()).is_some() && name.as_str() != column;
    let (inputs, constants): (Vec<Name>, Vec<Name>) = expr.symbols().into_iter().partition(is_column);
    if constants.is_empty() {
        let finding = Diagnostic::new("E0208", "there is nothing to fit: every name of the formula is a column");
        return Evaluation::failed(finding.help(USAGE));
    }
    let columns: Vec<&[f64]> = inputs.iter().filter_map(|name| sheet.column(name.as_str())).collect();
    let whole: Vec<usize> = (0..target.len())
        .filter(|&row| target[row].is_finite() && columns.iter().all(|column| column[row].is_finite()))
        .collect();
    let kept = |column: &[f64]| whole.iter().map(|&row| column[row]).collect::<Vec<f64>>();
    let (columns, target) = (columns.iter().map(|column| kept(column)).collect::<Vec<_>>(), kept(target));
    if target.len() < constants.len() {
        let headline = format!("{} rows cannot tell {} constants", target.len(), constants.len());
        return Evaluation::failed(Diagnostic::new("E0208", headline));
    }
    let fitted = fitted(expr, &inputs, &constants, &columns, &target).filter(|fitted| fitted.loss.is_finite());
    let Some(fitted) = fitted else {
        let finding = Diagnostic::new("E0223", "no constants were found with which the formula is finite on every row");
        return Evaluation::failed(
            finding.help("look at the columns with `:plot`, or write the formula in another way"),
        );
    };
    let values: BTreeMap<Name, Expr> =
        constants.iter().cloned().zip(fitted.constants.iter().map(|value| Expr::number(*value))).collect();
    let answer = Answer::Formula(expr.substitute(&values), None);
    let number = session.keep(formula.trim(), &Reply { answer, conditions: vec![], steps: vec![] });
    Evaluation::of(Outcome::Said(told(&constants, &fitted, &target, number)))
}

fn fitted(expr: &Expr, inputs: &[Name], constants: &[Name], columns: &[Vec<f64>], target: &[f64]) -> Option<Fitted> {
    let tape = Tape::compile(std::slice::from_ref(expr), inputs, constants).ok()?;
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let from = |index: u64| {
        let mut stream = Seed::root(0).child("fit").nth(index).stream();
        let start: Vec<f64> = constants.iter().map(|_| if index == 0 { 1.0 } else { 3.0 * stream.normal() }).collect();
        fit_constants(&tape, &columns, target, &[], &start, &FitSettings::default())
    };
    (0..STARTS).map(from).min_by(|a, b| a.loss.total_cmp(&b.loss))
}

/// A constant a line with its standard deviation, and how well the formula fits.
fn told(constants: &[Name], fitted: &Fitted, target: &[f64], number: usize) -> String {
    let width = constants.iter().map(|name| name.as_str().chars().count()).max().unwrap_or(0);
    let mut lines: Vec<String> = (0..constants.len())
        .map(|index| {
            let about = match fitted.uncertainty(index) {
                deviation if deviation.is_finite() => format!("± {}", short(deviation, 2)),
                _ => "not told by the data".into(),
            };
            format!("{:<width$} = {} {about}", constants[index].as_str(), short(fitted.constants[index], 6))
        })
        .collect();
    let mean = target.iter().sum::<f64>() / target.len() as f64;
    let variance = target.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / target.len() as f64;
    let share =
        if variance > 0.0 { format!("R² = {}, ", short(1.0 - fitted.loss / variance, 6)) } else { String::new() };
    lines.push(format!("{share}{} rows; the formula is _{number}", target.len()));
    lines.join("\n")
}
