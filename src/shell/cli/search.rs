//! `sdl search`: formulas for a column of a table.

use super::SearchArguments;
use super::course::{Folder, formulas};
use super::load::{refuse, unreadable};
use crate::base::{Diagnostic, Name, Progress, Seed, Watch, World};
use crate::expr::Expr;
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

/// Searches for each target, prints the fronts, and says the exit status.
pub fn search(arguments: &SearchArguments, world: &dyn World) -> u8 {
    let prepared = operators(&arguments.with).and_then(|operators| {
        let columns = Columned::read(arguments, world)?;
        let from = arguments.from.as_ref().map_or(Ok(vec![]), |path| formulas(path, world))?;
        Ok((operators, columns, from))
    });
    let (operators, columns, from) = match prepared {
        Ok(prepared) => prepared,
        Err(finding) => return refuse(&finding),
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads.unwrap_or(0).into()).build();
    let Ok(pool) = pool else {
        return refuse(&Diagnostic::new("E0606", "threads cannot be started").help("ask for fewer with `--threads`"));
    };
    let stop = interrupt::flag();
    if !arguments.json {
        interrupt::listen(stop.clone());
    }
    let job = Job { arguments, world, operators, from, pool, stop: &stop };
    for (index, target) in arguments.target.iter().enumerate() {
        if index > 0 && !arguments.json {
            say("");
        }
        match columns.table(target, arguments).and_then(|table| job.explain(target, &table)) {
            Ok(0) => {}
            Ok(status) => return status,
            Err(finding) => return refuse(&finding),
        }
    }
    0
}

/// What the searches of all targets share.
struct Job<'a> {
    arguments: &'a SearchArguments,
    world: &'a dyn World,
    operators: OperatorsPlan,
    from: Vec<Expr>,
    pool: rayon::ThreadPool,
    stop: &'a AtomicBool,
}

impl Job<'_> {
    /// Searches for one target, tells what was found, and says the exit status.
    fn explain(&self, target: &str, table: &Table) -> Result<u8, Diagnostic> {
        let Job { arguments, world, .. } = *self;
        let several = arguments.target.len() > 1;
        let path = arguments.out.as_ref().map(|path| if several { path.join(file_name(target)) } else { path.clone() });
        let folder = path.as_ref().map(|path| Folder::new(path, world)).transpose()?;
        let checkpoint = folder.as_ref().filter(|_| arguments.resume).map(Folder::checkpoint).transpose()?;
        let clock = || world.seconds();
        let settings = Settings {
            loss: arguments.loss.map_or_else(|| suited_loss(&table.target), SearchLoss::from),
            budget: arguments.evaluations.map_or(Budget::Seconds(arguments.time), Budget::Evaluations),
            choose: arguments.choose.into(),
            seed: Seed::root(arguments.seed),
            clock: Some(&clock),
        };
        let style = match () {
            () if arguments.json => Style::Nothing,
            () if terminal::watched() => Style::Bar,
            () => Style::Lines,
        };
        let meter = Meter::start(style, format!("search {target}"));
        let teller = Teller { meter: Mutex::new(meter), stop: self.stop, json: arguments.json };
        let started = world.seconds();
        let keep = |bytes: &dyn Fn() -> Vec<u8>| folder.iter().for_each(|folder| folder.keep(bytes));
        let keep: &Keep = &keep;
        let keep = folder.as_ref().map(|_| keep);
        let course = Course { from: &self.from, resume: checkpoint.as_deref(), keep };
        if !arguments.json {
            unused(table).iter().for_each(|line| say(line));
        }
        let found = self.pool.install(|| search_along(table, &self.operators, &settings, &course, &teller));
        let seconds = world.seconds() - started;
        teller.meter.into_inner().map(Meter::finish).ok();
        let (front, status) = match found {
            Ok(front) => (front, 0),
            Err(SearchError::Cancelled(front)) => (*front, INTERRUPTED),
            Err(error) => return Err(Diagnostic::new("E0630", error.to_string())),
        };
        let summary = summary(target, &front, status, seconds);
        folder.as_ref().map_or(Ok(()), |folder| folder.write(&front, target, &summary))?;
        match arguments.json {
            true => say(&summary.to_string()),
            false => tell(&front, table.target.len(), target, arguments.choose, seconds),
        }
        Ok(status)
    }
}

/// A column's name as the name of a folder.
fn file_name(column: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "_-.".contains(c) { c } else { '_' };
    let name: String = column.chars().map(plain).collect();
    name.trim_start_matches('.').to_owned()
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

/// The columns of a file, and which of them are looked at.
struct Columned {
    columns: Columns,
    inputs: Vec<usize>,
    weights: Option<usize>,
}

impl Columned {
    /// Reads the table; targets, inputs and weights must be columns of numbers.
    fn read(arguments: &SearchArguments, world: &dyn World) -> Result<Columned, Diagnostic> {
        let file = world.open(&arguments.file).map_err(|error| unreadable(&arguments.file, &error))?;
        let path = arguments.file.to_string_lossy();
        let columns = read_table(&path, file).map_err(|error| {
            Diagnostic::new("E0612", format!("`{path}` is no table of numbers"))
                .note(error.to_string())
                .help(error.help())
        })?;
        let targets: Vec<usize> =
            arguments.target.iter().map(|name| place(&columns, name)).collect::<Result<_, _>>()?;
        let weights = arguments.weights.as_ref().map(|name| place(&columns, name)).transpose()?;
        let inputs: Vec<usize> = match arguments.inputs.is_empty() {
            true => (0..columns.names.len()).filter(|at| !targets.contains(at) && Some(*at) != weights).collect(),
            false => arguments.inputs.iter().map(|name| place(&columns, name)).collect::<Result<_, _>>()?,
        };
        if let Some(target) = targets.iter().find(|target| inputs.contains(target)) {
            let what = format!("the target `{}` is one of the inputs", columns.names[*target]);
            return Err(Diagnostic::new("E0612", what).help("leave it out of `--inputs`: it would explain itself"));
        }
        Ok(Columned { columns, inputs, weights })
    }

    /// The table of one target.
    fn table(&self, target: &str, arguments: &SearchArguments) -> Result<Table, Diagnostic> {
        let Columns { names, values, .. } = &self.columns;
        Ok(Table {
            inputs: self.inputs.iter().map(|at| Name::new(&names[*at])).collect(),
            columns: self.inputs.iter().map(|at| values[*at].clone()).collect(),
            weights: self.weights.map(|at| values[at].clone()).unwrap_or_default(),
            target: values[place(&self.columns, target)?].clone(),
            noise: arguments.noise,
            ..Table::default()
        })
    }
}

/// Where a column of numbers is.
fn place(Columns { names, words, .. }: &Columns, name: &str) -> Result<usize, Diagnostic> {
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
fn tell(front: &Front, rows: usize, target: &str, rule: Rule, seconds: f64) {
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
    let how = match rule {
        _ if front.exact => "exact to the precision of numbers",
        Rule::Description => "the shortest description",
        Rule::Score => "the steepest fall of the log loss",
        Rule::Accuracy => "the smallest loss",
    };
    say(&format!("  {how}; {} evaluations in {seconds:.1} s", grouped(front.evaluations)));
}

/// The last event.
fn summary(target: &str, front: &Front, status: u8, seconds: f64) -> Value {
    let formulas: Vec<Value> = front.formulas.iter().map(written).collect();
    json!({
        "event": "summary",
        "target": target,
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

/// How one formula of a front is chosen.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Rule {
    /// Shortest description of formula and residuals
    Description,
    /// Steepest fall of the log loss per complexity
    Score,
    /// Smallest loss
    Accuracy,
}

impl From<Rule> for Choose {
    fn from(rule: Rule) -> Choose {
        match rule {
            Rule::Description => Choose::DescriptionLength,
            Rule::Score => Choose::Score,
            Rule::Accuracy => Choose::Accuracy,
        }
    }
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
