//! `data`: a simulated system, or a file.

use super::{Lowered, Lowering};
use crate::base::{Diagnostic, Name};
use crate::expr::{Expr, print::number};
use crate::language::fields::Fields;
use crate::language::physics;
use crate::language::tree::Entry;
use crate::language::units::Dimension;
use crate::language::value::{Item, Quantity, Scope, Value};
use crate::plan::symbols::COMPONENTS;
use crate::plan::{DataPlan, DataSource, FilePlan, Measured, Noise, Split};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Fewest snapshots within a swing of the fastest body; fewer do not show that it swings.
const SWING: f64 = 4.0;
/// Snapshots within a swing that follow it well.
const GOOD_SWING: f64 = 20.0;

/// Fields of simulated data only.
const SIMULATED: [&str; 8] = ["runs", "steps", "dt", "keep", "noise", "measured", "trim", "tolerance"];
/// Fields of data from files only.
const FROM_FILES: [&str; 9] = ["target", "rows", "weight", "time", "run", "particle", "order", "box", "links"];

/// A data set that was lowered, with the system behind it.
#[derive(Clone, Debug)]
pub struct LoweredData {
    /// Its name in the plan.
    pub name: Name,
    /// The plan's part.
    pub plan: DataPlan,
    /// The system; `None` for a file.
    pub system: Option<Rc<Lowered>>,
    /// The bodies that move in it; `None` for a table of anything else.
    pub bodies: Option<Bodies>,
}

/// What a data set tells of bodies before it is simulated or read.
#[derive(Clone, Debug)]
pub struct Bodies {
    /// Whose they are: the name of a system or a data set.
    pub of: Name,
    /// Space dimensions.
    pub space: usize,
    /// Scalar attributes.
    pub attributes: Vec<Name>,
    /// What times are measured in.
    pub time: Dimension,
    /// What lengths are measured in.
    pub length: Dimension,
}

impl Bodies {
    /// Those of a system.
    fn of_system(system: &Lowered) -> Bodies {
        let plan = &system.plan;
        Bodies {
            of: plan.name.clone(),
            space: plan.space,
            attributes: plan.attributes.iter().map(|attribute| attribute.name.clone()).collect(),
            time: system.time,
            length: system.length,
        }
    }

    /// Those of a file.
    fn of_file(name: &Name, file: &FilePlan) -> Option<Bodies> {
        let dimension = |column: Option<&crate::plan::ColumnPlan>| {
            column.and_then(|column| column.dimension).map_or(Dimension::NONE, Dimension::of)
        };
        let time = file.columns.iter().find(|column| Some(&column.name) == file.time.as_ref());
        file.holds_tracks().then(|| Bodies {
            of: name.clone(),
            space: file.space(),
            attributes: file.attributes(),
            time: dimension(time),
            length: dimension(file.motion(Measured::Position)),
        })
    }
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
        let measured = match &from {
            DataSource::System(_) => self.measured(&fields)?,
            DataSource::File(file) => {
                let all = [Measured::Position, Measured::Velocity, Measured::Acceleration];
                all.into_iter().filter(|of| file.motion(*of).is_some()).collect()
            }
        };
        let shares = self.checker.shares(&fields, "split");
        let split = Split { train: shares[0], validation: shares[1], test: shares[2] };
        let hold_out = match &from {
            DataSource::File(_) => self.condition(item, &fields, "hold_out"),
            DataSource::System(_) => {
                system.as_ref().and_then(|system| self.condition_at(&fields, "hold_out", &of_a_body(&fields, system)))
            }
        };
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
        let plan = DataPlan { from, runs, steps, dt, keep, noise, measured, split, trim, tolerance, hold_out, seed };
        let bodies = match (&system, &plan.from) {
            (Some(system), _) => Some(Bodies::of_system(system)),
            (None, DataSource::File(file)) => Bodies::of_file(&name, file),
            (None, DataSource::System(_)) => None,
        };
        Some(LoweredData { name, plan, system, bodies })
    }

    /// What is measured of a simulated motion.
    fn measured(&mut self, fields: &Fields<'a>) -> Option<BTreeSet<Measured>> {
        let words = self.checker.words(fields, "measured");
        let measured = words.into_iter().map(|word| match word {
            "position" => Measured::Position,
            "velocity" => Measured::Velocity,
            _ => Measured::Acceleration,
        });
        let measured: BTreeSet<Measured> = measured.collect();
        if !measured.contains(&Measured::Position) {
            self.checker.report(
                Diagnostic::new("E0206", "`measured` needs `position`: the rest is estimated from it")
                    .at(fields.span("measured"), "without `position`")
                    .help("`measured = position`, or with `velocity` or `acceleration`"),
            );
            return None;
        }
        Some(measured)
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
                for key in FROM_FILES {
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
                for key in SIMULATED {
                    if let Some(field) = fields.given(key) {
                        self.checker.report(
                            Diagnostic::new("E0204", format!("`{key}` belongs to simulated data"))
                                .at(field.key.span, "these data are from a file"),
                        );
                    }
                }
                Some((DataSource::File(self.file(item, fields, path)?), None))
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
}

/// What a condition on a body of simulated data may speak of: `time`, attributes, `position`, `velocity`.
fn of_a_body<'a>(fields: &Fields<'a>, system: &Lowered) -> Scope<'a> {
    let symbol = |name: String, dimension| Quantity::new(Expr::symbol(name), dimension);
    let vector = |name: &str, dimension| {
        let parts = COMPONENTS[..system.frame.space].iter().map(|k| symbol(format!("{name}.{k}"), dimension));
        (name.to_owned(), Value::Vector(parts.collect()))
    };
    let time = ("time".to_owned(), Value::Scalar(symbol("time".into(), system.time)));
    let attributes = system.frame.attributes.iter();
    let attributes =
        attributes.map(|(name, dimension)| (name.clone(), Value::Scalar(symbol(name.clone(), *dimension))));
    let vectors = [vector("position", system.frame.position), vector("velocity", system.frame.velocity)];
    fields.scope.with(std::iter::once(time).chain(attributes).chain(vectors))
}

/// The number with two digits: 0.0314 becomes 0.031.
fn rounded(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}
