//! `data`: a simulated system, or a file.

use super::{Lowered, Lowering};
use crate::base::{Diagnostic, Name};
use crate::expr::Expr;
use crate::expr::print::number;
use crate::language::fields::Fields;
use crate::language::physics;
use crate::language::tree::Entry;
use crate::language::value::{Item, Place, Scope, Value};
use crate::plan::{ColumnPlan, DataPlan, DataSource, FilePlan, Noise, Split};
use std::rc::Rc;

/// Fewest snapshots within a swing of the fastest body; fewer do not show that it swings.
const SWING: f64 = 4.0;
/// Snapshots within a swing that follow it well.
const GOOD_SWING: f64 = 20.0;

/// A data set that was lowered, with the system behind it.
#[derive(Clone, Debug)]
pub struct LoweredData {
    /// Its name in the plan.
    pub name: Name,
    /// The plan's part.
    pub plan: DataPlan,
    /// The system; `None` for a file.
    pub system: Option<Rc<Lowered>>,
}

impl<'a> Lowering<'a> {
    /// The data set that an item is; `None` if it has mistakes.
    pub fn data(&mut self, item: &Item<'a>) -> Option<LoweredData> {
        let name = self.name(item);
        let mut fields = self.checker.fields(item)?;
        let (from, system) = self.data_source(item, &fields)?;
        if let Some(system) = &system {
            (fields.time, fields.length) = (system.time, system.length);
        }
        let runs = self.checker.count(&fields, "runs")? as usize;
        let steps = self.checker.count(&fields, "steps")? as usize;
        let keep = self.checker.count(&fields, "keep")? as usize;
        let tolerance = self.checker.number(&fields, "tolerance")?;
        let trim = self.checker.number(&fields, "trim")?;
        let noise = self.checker.form(&fields, "noise")?;
        let noise = match noise.name {
            "relative" => Noise::Relative(noise.numbers[0]),
            "absolute" => Noise::Absolute(noise.numbers[0]),
            _ => Noise::None,
        };
        let shares = self.checker.shares(&fields, "split");
        let split = Split { train: shares[0], validation: shares[1], test: shares[2] };
        let hold_out = fields.given("hold_out").map(|field| field.span);
        if let Some(span) = hold_out {
            self.not_yet("`hold_out`", span);
        }
        let own = fields.given("dt").map(|_| self.checker.number(&fields, "dt"));
        let suggested = system.as_ref().and_then(|system| system.plan.dt);
        let dt = match (own, &system) {
            (Some(dt), _) => dt?,
            (None, Some(system)) => match suggested {
                Some(dt) => dt,
                None => {
                    self.checker.report(
                        Diagnostic::new("E0208", format!("data `{}` needs `dt`", item.block.name.text))
                            .at(item.block.name.span, "`dt` is missing")
                            .note(format!("the system `{}` suggests none", system.plan.name))
                            .help("add `dt = 0.01`, here or to the system"),
                    );
                    return None;
                }
            },
            (None, None) => 1.0,
        };
        if keep > steps {
            self.checker.report(
                Diagnostic::new("E0207", "`keep` is larger than `steps`: one snapshot of each run would be left")
                    .at(fields.span("keep"), format!("every {keep}th of {steps}")),
            );
            return None;
        }
        if let Some(system) = &system {
            self.step(&name, system, dt, &fields);
        }
        let seed = self.seed(&fields, &name);
        let plan = DataPlan { from, runs, steps, dt, keep, noise, split, trim, tolerance, hold_out: None, seed };
        Some(LoweredData { name, plan, system })
    }

    /// Warns of stored times so far apart that a swing of the fastest body falls between them.
    fn step(&mut self, data: &Name, system: &Lowered, dt: f64, fields: &Fields<'a>) {
        let plan = &system.plan;
        let Some(period) =
            system.period.get_or_init(|| physics::fastest_period(plan)).filter(|period| SWING * dt > *period)
        else {
            return;
        };
        let written = fields.given("dt").and_then(|field| field.values.first());
        let place = written.map(|value| value.span).or_else(|| self.origin.place(&plan.name, "dt"));
        let unit = if system.time.is_none() { String::new() } else { format!(" {}", system.time) };
        let (period, better) = (number(rounded(period)), number(rounded(period / GOOD_SWING)));
        let mut finding =
            Diagnostic::new("W0506", format!("`dt` is too long for the fastest motion of `{}`", plan.name))
                .at(place.unwrap_or(fields.block.name.span), format!("time between two snapshots of `{data}`"))
                .note(format!("where bodies start, the fastest swings or is damped within about {period}{unit}"))
                .help(format!("with `dt = {better}{unit}`, snapshots would follow it"));
        if let Some(value) = written {
            finding = finding.fix("a step that follows it", value.span, format!("{better}{unit}"));
        }
        self.checker.report(finding);
    }

    fn data_source(&mut self, item: &Item<'a>, fields: &Fields<'a>) -> Option<(DataSource, Option<Rc<Lowered>>)> {
        let [term] = self.checker.values(fields, "from") else { return None };
        match self.checker.eval(term, &fields.scope) {
            Value::Unknown => None,
            Value::Item(system) if system.block.kind.text == "system" => {
                for entry in &item.block.entries {
                    if let Entry::Column(column) = entry {
                        self.checker.report(
                            Diagnostic::new("E0204", "a simulated data set has no columns to declare")
                                .at(column.key.span, "")
                                .help("columns belong to data from a file"),
                        );
                    }
                }
                for key in ["target", "rows", "weight", "time", "run", "particle", "box", "links"] {
                    if let Some(field) = fields.given(key) {
                        self.checker.report(
                            Diagnostic::new("E0204", format!("`{key}` belongs to data from a file"))
                                .at(field.key.span, "these data are simulated"),
                        );
                    }
                }
                let lowered = self.system(&system)?;
                Some((DataSource::System(lowered.plan.name.clone()), Some(lowered)))
            }
            Value::Text(path) => {
                self.not_yet("data from a file", term.span);
                let columns = self.columns(item, fields);
                let target = self.checker.names(fields, "target").into_iter().next().map(|(name, _)| name.into());
                Some((DataSource::File(FilePlan { path: path.into(), content: None, columns, target }), None))
            }
            other => {
                let what = other.what();
                self.checker.report(
                    Diagnostic::new("E0215", format!("`from` needs a system or a file, not {what}"))
                        .at(term.span, what)
                        .help("`from = springs`, or `from = \"table.csv\"`"),
                );
                None
            }
        }
    }

    fn columns(&mut self, item: &Item<'a>, fields: &Fields<'a>) -> Vec<ColumnPlan> {
        let mut columns: Vec<ColumnPlan> = vec![];
        // Header names are not known before the file is read: any name stands for a column.
        let headers: Scope<'a> = fields.scope.at(Place::Columns);
        for entry in &item.block.entries {
            let Entry::Column(column) = entry else { continue };
            if columns.iter().any(|other| other.name.as_str() == column.key.text) {
                self.checker.report(
                    Diagnostic::new("E0203", format!("column `{}` is declared twice", column.key.text))
                        .at(column.key.span, "again here"),
                );
                continue;
            }
            let mut components: Vec<Expr> = vec![];
            for term in &column.values {
                let value = self.checker.eval(term, &headers);
                let value = self.checker.with_unit(value, column.unit.as_ref(), term.span);
                let value = match value {
                    Value::Text(header) => Value::Scalar(crate::language::value::Quantity::pure(Expr::symbol(header))),
                    value => value,
                };
                components.extend(self.checker.scalar(value, term.span).map(|q| q.expr));
            }
            columns.push(ColumnPlan { name: column.key.text.as_str().into(), components });
        }
        columns
    }
}

/// The number with two digits: 0.0314 becomes 0.031.
fn rounded(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}
