//! `sdl search`: formulas for a column of a table.

use super::SearchArguments;
use super::course::{Folder, formulas};
use super::load::{refuse, unreadable};
use crate::base::{Diagnostic, Name, Progress, Seed, Watch, World};
use crate::expr::print::{code, latex, typeset};
use crate::language;
use crate::plan::{Budget, Choose, DistillSource, OperatorsPlan, SearchLoss};
use crate::report::{front_lines, grouped};
use crate::search::{Course, Formula, Front, Keep, SearchError, Settings, Table, search_along, suited_loss};
use crate::shell::interrupt::{self, INTERRUPTED};
use crate::shell::terminal::progress::{Meter, Style};
use crate::shell::terminal::{self, say};
use crate::simulate::{Columns, read_table};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows below which a table is told to be small.
const FEW: usize = 10;

/// Searches, prints the front, and says the exit status.
pub fn search(arguments: &SearchArguments, world: &dyn World) -> u8 {
    let prepared = operators(&arguments.with).and_then(|operators| {
        let table = table(arguments, world)?;
        let from = arguments.from.as_ref().map_or(Ok(vec![]), |path| formulas(path, world))?;
        let folder = arguments.out.as_ref().map(|path| Folder::new(path, world)).transpose()?;
        let checkpoint = folder.as_ref().filter(|_| arguments.resume).map(Folder::checkpoint).transpose()?;
        Ok((table, operators, from, folder, checkpoint))
    });
    let (table, operators, from, folder, checkpoint) = match prepared {
        Ok(prepared) => prepared,
        Err(finding) => return refuse(&finding),
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads.unwrap_or(0).into()).build();
    let Ok(pool) = pool else {
        return refuse(&Diagnostic::new("E0606", "threads cannot be started").help("ask for fewer with `--threads`"));
    };
    let clock = || world.seconds();
    let budget = match arguments.evaluations {
        Some(count) => Budget::Evaluations(count),
        None => Budget::Seconds(arguments.time),
    };
    let settings = Settings {
        loss: arguments.loss.map_or_else(|| suited_loss(&table.target), SearchLoss::from),
        budget,
        choose: Choose::DescriptionLength,
        seed: Seed::root(arguments.seed),
        clock: Some(&clock),
    };
    let style = match () {
        () if arguments.json => Style::Nothing,
        () if terminal::watched() => Style::Bar,
        () => Style::Lines,
    };
    let meter = Meter::start(style, format!("search {}", arguments.target));
    let stop = interrupt::flag();
    let teller = Teller { meter: Mutex::new(meter), stop: &stop, json: arguments.json };
    let started = world.seconds();
    let keep = |bytes: &dyn Fn() -> Vec<u8>| folder.iter().for_each(|folder| folder.keep(bytes));
    let keep: &Keep = &keep;
    let course = Course { from: &from, resume: checkpoint.as_deref(), keep: folder.as_ref().map(|_| keep) };
    if !arguments.json {
        unused(&table).iter().for_each(|line| say(line));
        interrupt::listen(stop.clone());
    }
    let found = pool.install(|| search_along(&table, &operators, &settings, &course, &teller));
    let seconds = world.seconds() - started;
    teller.meter.into_inner().map(Meter::finish).ok();
    let (front, status) = match found {
        Ok(front) => (front, 0),
        Err(SearchError::Cancelled(front)) => (*front, INTERRUPTED),
        Err(error) => return refuse(&Diagnostic::new("E0630", error.to_string())),
    };
    let summary = summary(&front, status, seconds);
    let written = folder.as_ref().map_or(Ok(()), |folder| folder.write(&front, &arguments.target, &summary));
    if let Err(finding) = written {
        return refuse(&finding);
    }
    if arguments.json {
        say(&summary.to_string());
    } else {
        tell(&front, table.target.len(), &arguments.target, seconds);
    }
    status
}

/// What a search is told of, for people or as events.
struct Teller<'a> {
    meter: Mutex<Meter>,
    stop: &'a AtomicBool,
    json: bool,
}

impl Watch for Teller<'_> {
    fn progress(&self, progress: Progress) {
        if self.json {
            let Progress { done, total, unit, note } = &progress;
            say(&json!({"event": "progress", "done": done, "total": total, "unit": unit, "note": note}).to_string());
        } else if let Ok(mut meter) = self.meter.lock() {
            meter.tell(&progress);
        }
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// The table with its target and inputs.
fn table(arguments: &SearchArguments, world: &dyn World) -> Result<Table, Diagnostic> {
    let file = world.open(&arguments.file).map_err(|error| unreadable(&arguments.file, &error))?;
    let path = arguments.file.to_string_lossy();
    let Columns { names, mut values, words } = read_table(&path, file).map_err(|error| {
        Diagnostic::new("E0612", format!("`{path}` is no table of numbers")).note(error.to_string()).help(error.help())
    })?;
    let place = |name: &str| {
        if words.iter().any(|known| known == name) {
            return Err(Diagnostic::new("E0612", format!("the column `{name}` holds words, not numbers")));
        }
        names.iter().position(|known| known == name).ok_or_else(|| {
            let known = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let finding = Diagnostic::new("E0612", format!("there is no column `{name}`"));
            match names.iter().min_by_key(|known| strsim::damerau_levenshtein(known, name)) {
                Some(near) => finding.note(format!("the columns are {known}")).help(format!("did you mean `{near}`?")),
                None => finding,
            }
        })
    };
    let target = place(&arguments.target)?;
    let weights = arguments.weights.as_ref().map(|name| place(name)).transpose()?;
    let chosen: Vec<usize> = match arguments.inputs.is_empty() {
        true => (0..names.len()).filter(|at| *at != target && Some(*at) != weights).collect(),
        false => arguments.inputs.iter().map(|name| place(name)).collect::<Result<_, _>>()?,
    };
    if chosen.contains(&target) {
        return Err(Diagnostic::new("E0612", format!("the target `{}` is one of the inputs", arguments.target))
            .help("leave it out of `--inputs`: it would explain itself"));
    }
    Ok(Table {
        inputs: chosen.iter().map(|at| Name::new(&names[*at])).collect(),
        columns: chosen.iter().map(|at| values[*at].clone()).collect(),
        weights: weights.map(|at| values[at].clone()).unwrap_or_default(),
        target: std::mem::take(&mut values[target]),
        noise: arguments.noise,
        ..Table::default()
    })
}

/// What of a table says nothing, in words.
fn unused(table: &Table) -> Vec<String> {
    let mut lines = vec![];
    let rows = table.target.len();
    if rows < FEW {
        lines.push(format!("  {rows} rows say little: many formulas fit so few"));
    }
    for (at, column) in table.columns.iter().enumerate() {
        let name = &table.inputs[at];
        if column.iter().all(|value| *value == column[0]) {
            lines.push(format!("  `{name}` is constant and left out"));
        } else if let Some(same) = table.columns[..at].iter().position(|other| other == column) {
            lines.push(format!("  `{name}` equals `{}` and is left out", table.inputs[same]));
        } else if *column == table.target {
            lines.push(format!("  `{name}` equals the target"));
        }
    }
    lines
}

/// The operators of a library item, or of a list such as `+, -, *, sin`.
fn operators(with: &str) -> Result<OperatorsPlan, Diagnostic> {
    let (used, name) = match with.strip_prefix("std.operators.") {
        Some(name) => (format!("use {with}"), name.to_owned()),
        None => (format!("operators own {{\n  allow {with}\n}}"), "own".into()),
    };
    // The language's own checker reads it: one way to say what formulas are made of.
    let script = format!(
        "sdl 1\n{used}\ndata table {{\n  from = \"table.csv\"\n  column y = y\n}}\ndistill law {{\n  of = table.y\n  with = {name}\n}}\n"
    );
    let checked = language::check("--with", &script, &|_| Err("no files here".into()), &[], None);
    let plan = checked.plan.and_then(|mut plan| plan.distills.remove("law"));
    match plan {
        Some(plan) if matches!(plan.of, DistillSource::Column { .. }) => Ok(plan.operators),
        _ => {
            let why = checked.diagnostics.iter().find(|finding| finding.is_error());
            let finding = Diagnostic::new("E0216", format!("`{with}` names no operators"));
            Err(why
                .map_or(finding.clone(), |why| finding.note(why.headline.clone()))
                .help("give a set of the library such as `std.operators.scientific`, or a list such as `+, -, *, sin`"))
        }
    }
}

/// The front for people.
fn tell(front: &Front, rows: usize, target: &str, seconds: f64) {
    front_lines(front).iter().for_each(|line| say(line));
    let Some(best) = front.formulas.get(front.chosen) else { return };
    say("");
    say(&format!("  {target} = {}", typeset::line(&best.expr)));
    if front.rows < rows {
        say(&format!(
            "  {} of {} rows left out: a value is missing or not finite",
            rows - front.rows,
            grouped(rows as u64)
        ));
    }
    let how = if front.exact { "exact to the precision of numbers" } else { "the shortest description" };
    say(&format!("  {how}; {} evaluations in {seconds:.1} s", grouped(front.evaluations)));
}

/// The last event.
fn summary(front: &Front, status: u8, seconds: f64) -> Value {
    let formulas: Vec<Value> = front.formulas.iter().map(written).collect();
    json!({
        "event": "summary",
        "status": if status == 0 { "found" } else { "interrupted" },
        "exit": status,
        "seconds": seconds,
        "evaluations": front.evaluations,
        "rows": front.rows,
        "exact": front.exact,
        "best": formulas.get(front.chosen),
        "front": formulas,
    })
}

/// A formula in all its spellings.
fn written(formula: &Formula) -> Value {
    let in_code = |name: &str| code::dialect(name).map(|dialect| dialect.write(&formula.expr));
    json!({
        "sdl": formula.expr.to_string(),
        "numpy": in_code("numpy").or_else(|| in_code("python")),
        "latex": latex(&formula.expr),
        "sympy": in_code("sympy"),
        "jax": in_code("jax"),
        "torch": in_code("torch"),
        "rust": in_code("rust"),
        "c": in_code("c"),
        "complexity": formula.complexity,
        "loss": formula.loss,
        "score": formula.score,
        "description_length": formula.description_length,
    })
}

/// Losses by the names of the language.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Loss {
    /// Mean squared error
    Mse,
    /// Mean absolute error
    Mae,
    /// Mean squared error relative to each value
    Relative,
    /// Mean squared error of the logarithm, for targets of one sign
    Log,
}

impl From<Loss> for SearchLoss {
    fn from(loss: Loss) -> SearchLoss {
        match loss {
            Loss::Mse => SearchLoss::Mse,
            Loss::Mae => SearchLoss::Mae,
            Loss::Relative => SearchLoss::Relative,
            Loss::Log => SearchLoss::Log,
        }
    }
}
