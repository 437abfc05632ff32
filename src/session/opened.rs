//! What is open at the prompt: a run, finished or going on, by the names of its script, and tables from files.

use super::{Evaluation, Outcome, Session};
use crate::base::{Diagnostic, World};
use crate::engine::{self, Column, Live, Sheet, Stored};
use crate::expr::Expr;
use crate::language::prompt::Answer;
use crate::report::{front_lines, run_sheets, short};
use crate::simulate::{Columns, read_table};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A run and tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Opened {
    /// Laws, numbers and columns by name.
    pub answers: BTreeMap<String, Answer>,
    /// The run's fronts as tables.
    pub fronts: Vec<String>,
    /// Tables of the run, such as `law.profile`.
    run: Vec<Sheet>,
    /// Tables of files.
    files: Vec<Sheet>,
    /// Where the run is, while it goes on.
    running: Option<PathBuf>,
}

/// Opens a run folder (`law.edge`, `law.front[4]`, `fit.test.mae`) or a table of numbers (`decay.y`).
pub(super) fn open(session: &mut Session, path: &str, world: &dyn World) -> Evaluation {
    let path = Path::new(path.trim_matches('"'));
    if path.as_os_str().is_empty() {
        let finding = Diagnostic::new("E0224", "a run or a table must be named");
        return Evaluation::failed(finding.help("write `:open runs/springs-1a2b3c4d` or `:open decay.csv`"));
    }
    let old = &session.state.opened;
    let opened = match world.locate(path) {
        Ok(_) => old.with_file(path, world),
        Err(_) => old.with_run(path, world),
    };
    match opened {
        Ok((opened, said)) => {
            let mut next = (*session.state).clone();
            next.opened = Arc::new(opened);
            session.replace(next);
            Evaluation::of(Outcome::Said(said))
        }
        Err(finding) => Evaluation::failed(finding),
    }
}

impl Opened {
    /// Whether the run was going on when it was read.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// The same as it is now; as it was, where the run cannot be read.
    pub fn now(&self, world: &dyn World) -> Opened {
        let again = self.running.as_deref().and_then(|path| self.with_run(path, world).ok());
        again.map_or_else(|| self.clone(), |(opened, _)| opened)
    }

    /// The table of this name.
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets().find(|sheet| sheet.name == name)
    }

    /// All tables.
    pub fn sheets(&self) -> impl Iterator<Item = &Sheet> {
        self.files.iter().chain(&self.run)
    }

    fn with_run(&self, path: &Path, world: &dyn World) -> Result<(Opened, String), Diagnostic> {
        let Stored { record, .. } = engine::stored(world, path)?;
        let mut next = Opened { files: self.files.clone(), run: run_sheets(world, path)?, ..Opened::default() };
        next.run.iter_mut().for_each(|sheet| sheet.name = cell(&sheet.name));
        for (name, value) in &record.results {
            put(&mut next.answers, &cell(name), number(*value));
        }
        for (name, finding) in &record.laws {
            let law = &finding.law;
            let has_mass = law.pair.symbols().iter().any(|symbol| symbol.as_str() == "i.mass");
            let formula = |expr: Expr| Answer::Formula(expr, None);
            let name = cell(name);
            put(&mut next.answers, &format!("{name}.edge"), formula(law.radial_force(has_mass)));
            put(&mut next.answers, &format!("{name}.pair"), formula(law.pair.clone()));
            put(&mut next.answers, &format!("{name}.node"), Answer::Vector(law.body.clone(), None));
            let front = law.front.formulas.iter().map(|formula| formula.expr.clone()).collect();
            put(&mut next.answers, &format!("{name}.front"), Answer::List(front));
            put(&mut next.answers, &format!("{name}.text"), Answer::Text(law.radial_force(has_mass).to_string()));
            let mut lines = vec![name];
            lines.extend(front_lines(&law.front));
            next.fronts.push(lines.join("\n"));
        }
        for (name, relation) in &record.relations {
            let name = cell(name);
            let formula = |expr: &Expr| Answer::Formula(expr.clone(), None);
            put(&mut next.answers, &format!("{name}.formula"), formula(&relation.expr));
            let front = relation.front.formulas.iter().map(|formula| formula.expr.clone()).collect();
            put(&mut next.answers, &format!("{name}.front"), Answer::List(front));
            put(&mut next.answers, &format!("{name}.text"), Answer::Text(relation.expr.to_string()));
            for part in relation.parts.iter().filter(|part| !part.name.contains('[')) {
                let plain = part.name.split('(').next().unwrap_or(&part.name);
                put(&mut next.answers, &format!("{name}.{plain}"), formula(&part.expr));
            }
            let mut lines = vec![name];
            lines.extend(front_lines(&relation.front));
            next.fronts.push(lines.join("\n"));
        }
        let mut state = "finished".to_owned();
        if !record.finished {
            next.running = Some(path.into());
            let done = record.stages.iter().filter(|stage| stage.state == engine::StageState::Done).count();
            state = format!("{done} of {} stages done", record.stages.len());
            if let Some(live) = Live::read(world, path) {
                state += &format!(", {}", live.told());
                for (name, value) in live.values() {
                    put(&mut next.answers, &format!("{}.{name}", cell(&live.stage.name)), number(value));
                }
            }
        }
        next.name_columns();
        let names = next.answers.keys().cloned().collect::<Vec<_>>().join(", ");
        Ok((next, format!("{}, {state}: {names}", record.script)))
    }

    fn with_file(&self, path: &Path, world: &dyn World) -> Result<(Opened, String), Diagnostic> {
        let unread = |why: String| {
            let finding = Diagnostic::new("E0612", format!("`{}` is no table of numbers", path.display()));
            finding.note(why).help("a table has one row a line, numbers between commas, and headers in its first line")
        };
        let bytes = world.read(path).map_err(|error| {
            Diagnostic::new("E0607", format!("`{}` cannot be read", path.display())).note(error.to_string())
        })?;
        let file = Box::new(Cursor::new(bytes));
        let Columns { names, values, .. } =
            read_table(&path.display().to_string(), file).map_err(|error| unread(error.to_string()))?;
        let column = |(name, values)| Column { name, values };
        let columns = names.into_iter().zip(values).map(column).collect();
        let mut sheet = Sheet { name: String::new(), columns };
        let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        sheet.name = word(&stem);
        sheet.columns.iter_mut().for_each(|column| column.name = word(&column.name));
        let columns: Vec<&str> = sheet.columns.iter().map(|column| column.name.as_str()).collect();
        let said = format!("{}, {} rows: {}", sheet.name, sheet.rows(), columns.join(", "));
        let mut next = self.clone();
        next.files.retain(|old| old.name != sheet.name);
        next.files.push(sheet);
        next.name_columns();
        Ok((next, said))
    }

    /// Puts every column of every table under its name.
    fn name_columns(&mut self) {
        let mut columns = vec![];
        for sheet in self.sheets() {
            for column in &sheet.columns {
                let finite = || column.values.iter().copied().filter(|value| value.is_finite());
                let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
                let words = match low <= high {
                    true => format!("{} numbers from {} to {}", sheet.rows(), short(low, 4), short(high, 4)),
                    false => format!("{} numbers, none finite", sheet.rows()),
                };
                columns.push((format!("{}.{}", sheet.name, column.name), Answer::Thing(words)));
            }
        }
        for (name, answer) in columns {
            put(&mut self.answers, &name, answer);
        }
    }
}

fn number(value: f64) -> Answer {
    Answer::Formula(Expr::number(value), None)
}

/// `fit[spring, 2]#1.test.mae` as `fit_spring_2_1.test.mae`: what a cell of a sweep left has names that can be typed.
fn cell(name: &str) -> String {
    let name = &name.replace('#', "_");
    let Some((head, (values, rest))) =
        name.split_once('[').and_then(|(head, rest)| Some((head, rest.split_once(']')?)))
    else {
        return name.clone();
    };
    let words = values.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    format!("{head}_{}{rest}", words.join("_"))
}

/// A text as a name of the language.
fn word(text: &str) -> String {
    let kept: String = text.trim().chars().map(|c| if c.is_alphanumeric() || c == '.' { c } else { '_' }).collect();
    let kept = kept.trim_matches('.');
    if kept.starts_with(|c: char| c.is_numeric()) || kept.is_empty() { format!("x{kept}") } else { kept.into() }
}

/// Puts an answer under a dotted name.
fn put(fields: &mut BTreeMap<String, Answer>, name: &str, answer: Answer) {
    match name.split_once('.') {
        None => {
            fields.insert(name.into(), answer);
        }
        Some((head, rest)) => {
            let inner = fields.entry(head.into()).or_insert_with(|| Answer::Fields(BTreeMap::new()));
            if !matches!(inner, Answer::Fields(_)) {
                *inner = Answer::Fields(BTreeMap::new());
            }
            if let Answer::Fields(fields) = inner {
                put(fields, rest, answer);
            }
        }
    }
}
