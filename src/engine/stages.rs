//! What each kind of stage does, in terms of the rooms that do it, and what their errors mean to the user.
//!
//! | code | finding |
//! |---|---|
//! | `E0610` | a system cannot be simulated |
//! | `E0611`, `E0613`, `E0614` | data cannot be read, see [`super::files`] |
//! | `E0620` | a network cannot be trained |
//! | `E0621` | a training broke down |
//! | `E0630` | a network cannot be distilled |

use super::files;
use super::film::Camera;
use super::measure::{measure_data, measure_law, measure_network};
use super::motion::motion;
use super::pairs::{PairLaw, arena};
use super::record::LawFinding;
use super::relation::{measure_relation, measure_table};
use super::run::Findings;
use crate::base::{Diagnostic, Name, Seed, Silent, Watch, World};
use crate::distill::{self, Arena, DistillError, Material, Recovery, Verdict};
use crate::network::{self, Checkpoint, DesignError, Graph, TrainError, Trained};
use crate::plan::{DataPlan, DataSource, DistillSource, Plan, Recovers, SystemPlan};
use crate::simulate::{self, Parts, ReadError, SimulateError, Table, Trajectories, split_table, split_trajectories};
use std::path::Path;

/// Why a stage did not finish.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// It was told to stop.
    Cancelled,
    /// It failed.
    Failed {
        /// The field of its item that is to blame, if one is.
        field: Option<String>,
        /// What went wrong.
        diagnostic: Box<Diagnostic>,
        /// The last good state of a training that broke down.
        last_good: Option<Box<Trained>>,
    },
}

impl Stop {
    fn failed(diagnostic: Diagnostic) -> Stop {
        Stop::Failed { field: None, diagnostic: Box::new(diagnostic), last_good: None }
    }

    fn blaming(field: &str, diagnostic: Diagnostic) -> Stop {
        Stop::Failed { field: Some(field.into()), diagnostic: Box::new(diagnostic), last_good: None }
    }
}

/// Simulates a data set.
pub fn simulate(plan: &Plan, name: &Name, watch: &dyn Watch) -> Result<Trajectories, Stop> {
    let data = &plan.data[name];
    let DataSource::System(system) = &data.from else {
        return Err(Stop::blaming("from", Diagnostic::new("E0611", format!("`{name}` is read, not simulated"))));
    };
    simulate::simulate(&plan.systems[system], data, watch).map_err(|error| match error {
        SimulateError::Cancelled => Stop::Cancelled,
        SimulateError::FewTimes { most, needed } => {
            let headline = format!("`{name}` has too few snapshots for local fits");
            Stop::blaming("measured", files::few_times(Diagnostic::new("E0610", headline), most, needed))
        }
        error => Stop::failed(Diagnostic::new("E0610", format!("`{name}` cannot be simulated: {error}"))),
    })
}

/// The tracks in a table.
pub fn tracks(plan: &Plan, name: &Name, table: &Table) -> Result<Trajectories, Stop> {
    let data = &plan.data[name];
    let DataSource::File(file) = &data.from else {
        return Err(Stop::blaming("from", Diagnostic::new("E0611", format!("`{name}` is simulated, not read"))));
    };
    if !file.holds_tracks() {
        let headline = format!("the rows of `{name}` are no tracks: `time` or `column position` is missing");
        return Err(Stop::blaming("from", Diagnostic::new("E0614", headline)));
    }
    simulate::tracks(table, data, file).map_err(|error| {
        let (field, finding) = files::track_fault(name, file, &error);
        Stop::blaming(&field, finding)
    })
}

/// The trajectories of a data set, simulated or read; nothing is kept.
pub fn trajectories(
    plan: &Plan,
    name: &Name,
    (world, folder): (&dyn World, &Path),
) -> Result<Trajectories, Diagnostic> {
    let made = match &plan.data[name].from {
        DataSource::System(_) => simulate(plan, name, &Silent),
        DataSource::File(_) => read(plan, name, (world, folder), &Silent).and_then(|table| tracks(plan, name, &table)),
    };
    made.map_err(|stop| match stop {
        Stop::Failed { diagnostic, .. } => *diagnostic,
        Stop::Cancelled => Diagnostic::new("E0610", format!("`{name}` was stopped")),
    })
}

/// What is found of a data set.
pub fn findings_of_data(data: &Trajectories) -> Findings {
    Findings { results: measure_data(data), ..Findings::default() }
}

/// What is found of tracks, and of the table that holds them.
pub fn findings_of_tracks(table: &Table, data: &Trajectories) -> Findings {
    let mut results = measure_data(data);
    results.insert("rows".into(), table.rows() as f64);
    results.insert("rows.left_out".into(), (table.read - table.rows()) as f64);
    Findings { results, ..Findings::default() }
}

/// Trains a network, from a checkpoint where there is one.
pub fn train(
    plan: &Plan,
    name: &Name,
    data: &Trajectories,
    checkpoint: Option<&Checkpoint>,
    at_epoch: &mut dyn FnMut(&Checkpoint),
    watch: &dyn Watch,
) -> Result<Trained, Stop> {
    let train = &plan.trains[name];
    let source = &plan.data[&train.data];
    let parts = parts_of(data, source);
    let Arena { links, boundary, .. } = arena_of(plan, source);
    let graph = Graph { links, boundary };
    network::train_from(train, graph, data, &parts, checkpoint, at_epoch, watch)
        .map_err(|error| train_stop(name, error))
}

/// Looks at the messages of a network in training, on test runs where there are any.
pub fn camera(plan: &Plan, name: &Name, data: &Trajectories) -> Camera {
    let train = &plan.trains[name];
    let parts = parts_of(data, &plan.data[&train.data]);
    Camera::new(data, parts.shown(), &train.network.learns, declared(plan, &train.data), train.epochs)
}

/// The pair law that data were made from, where it is known.
fn declared(plan: &Plan, data: &Name) -> Option<PairLaw> {
    match &plan.data[data].from {
        DataSource::System(system) => Some(PairLaw::declared(&plan.systems[system])),
        DataSource::File(_) => None,
    }
}

/// What is found of a trained network.
pub fn findings_of_training(plan: &Plan, name: &Name, trained: &Trained, data: &Trajectories) -> Findings {
    let train = &plan.trains[name];
    let source = &plan.data[&train.data];
    let truth = declared(plan, &train.data);
    let seed = Seed::root(train.seed).child("measure");
    let (results, sheets) = measure_network(trained, data, &parts_of(data, source), truth.as_ref(), seed);
    Findings { results, sheets, ..Findings::default() }
}

/// The configurations that are trained on, watched, tested and held out.
pub fn parts_of(data: &Trajectories, plan: &DataPlan) -> Parts {
    split_trajectories(data, plan, Seed::root(plan.seed))
}

/// What is known of the bodies of a data set before any law.
fn arena_of(plan: &Plan, data: &DataPlan) -> Arena {
    match &data.from {
        DataSource::System(system) => arena(&plan.systems[system]),
        DataSource::File(file) => Arena { links: file.links, boundary: file.boundary, attributes: file.attributes() },
    }
}

/// The system that made a data set, where one did.
fn system_of<'a>(plan: &'a Plan, data: &DataPlan) -> Option<&'a SystemPlan> {
    match &data.from {
        DataSource::System(system) => Some(&plan.systems[system]),
        DataSource::File(_) => None,
    }
}

/// The time between two snapshots: that of the plan, or the middle one of what was measured.
fn step_of(plan: &DataPlan, data: &Trajectories) -> f64 {
    match &plan.from {
        DataSource::System(_) => plan.dt,
        DataSource::File(_) => {
            let mut steps: Vec<f64> = data.times.windows(2).map(|pair| pair[1] - pair[0]).collect();
            steps.retain(|step| !step.is_nan());
            steps.sort_by(f64::total_cmp);
            steps.get(steps.len() / 2).copied().unwrap_or(1.0)
        }
    }
}

fn train_stop(name: &Name, error: TrainError) -> Stop {
    let cannot = |why: String| Diagnostic::new("E0620", format!("`{name}` cannot be trained: {why}"));
    match error {
        TrainError::Cancelled { .. } => Stop::Cancelled,
        TrainError::Design(error) => Stop::blaming("network", cannot(design_fault(&error))),
        TrainError::NoRows => Stop::blaming(
            "data",
            cannot("no snapshot is left to train on".into())
                .help("raise `runs`, or the share of `split` that is trained on"),
        ),
        TrainError::NoSuchRow { row, rows } => {
            Stop::failed(cannot(format!("the split names snapshot {row}, but there are {rows}")))
        }
        TrainError::DataNotFinite { run, time } => Stop::blaming(
            "data",
            cannot(format!("run {run} is not finite at snapshot {time}"))
                .note("bodies may have come too close for the law as it is written")
                .help("soften the law, or leave the most extreme runs out with `trim`"),
        ),
        TrainError::NotFinite { step, epoch, last_good } => Stop::Failed {
            field: Some("rate".into()),
            diagnostic: Box::new(
                Diagnostic::new("E0621", format!("training `{name}` broke down: the loss stopped being a number"))
                    .note(format!("at step {step}, in epoch {epoch}; the network after the epoch before it is kept"))
                    .help("lower `rate`, set `clip = 1`, or leave extreme runs out with `trim` in the data"),
            ),
            last_good: Some(last_good),
        },
        TrainError::OtherCheckpoint => {
            Stop::failed(cannot("the checkpoint of an earlier run is of another network".into()))
        }
        TrainError::NoDevice { device, feature } => Stop::blaming(
            "device",
            cannot(format!("the device `{device:?}` was not compiled in"))
                .help(format!("build with `--features {feature}`")),
        ),
    }
}

fn design_fault(error: &DesignError) -> String {
    match error {
        DesignError::UnknownAttribute { attribute, known } => {
            let known: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
            format!("the data have no attribute `{attribute}`, only {}", known.join(", "))
        }
        DesignError::SeesNothing => "its network sees nothing; give `sees`".into(),
        DesignError::MessageWidth { node, message, space } => {
            format!("`node = {node}` takes messages of {space} components, not {message}; write `message = space`")
        }
        DesignError::Zero { what } => format!("`{what}` must be positive"),
        DesignError::OutOfRange { what, value } => format!("`{what}` cannot be {value}"),
        DesignError::Conflict { one, other } => format!("{one} and {other} cannot be had together"),
        DesignError::Unsupported { what } => format!("{what} is not built yet"),
    }
}

/// Distils a network, and measures the law beside network and truth.
pub fn distill(
    plan: &Plan,
    name: &Name,
    trained: &Trained,
    data: &Trajectories,
    world: &dyn World,
    watch: &dyn Watch,
) -> Result<Findings, Stop> {
    let distill = &plan.distills[name];
    let source = source_of(plan, name);
    let system = system_of(plan, source);
    let (arena, parts) = (arena_of(plan, source), parts_of(data, source));
    let material = Material { data, parts: &parts, arena: &arena };
    let clock = || world.seconds();
    let law = distill::distill(distill, trained, &material, Some(&clock), watch)
        .map_err(|error| distill_stop(name, error))?;
    let scored = |error: SimulateError| match error {
        SimulateError::Cancelled => Stop::Cancelled,
        error => Stop::failed(Diagnostic::new("E0630", format!("the law `{name}` cannot be compared: {error}"))),
    };
    let seed = Seed::root(distill.seed).child("verify");
    let dt = step_of(source, data);
    let comparison = distill::verify(&law, trained, system, &material, dt, seed, watch).map_err(scored)?;
    let recovery = system.map(|system| distill::recovers(&law, system, &material)).transpose().map_err(scored)?;
    let (results, mut sheets) = measure_law(&law, trained, &material, system, &comparison, recovery.as_ref(), seed);
    sheets.extend(motion(&law, trained, system, &material, dt, watch).map_err(scored)?);
    let finding = LawFinding { law, recovery, comparison: Some(comparison) };
    Ok(Findings { results, sheets, law: Some(finding), relation: None })
}

/// Whether a law is a system of the plan, and why not.
pub fn recovers(plan: &Plan, claim: &Recovers, finding: &LawFinding, data: &Trajectories) -> Result<(), String> {
    let source = source_of(plan, &claim.law);
    let system = &plan.systems[&claim.system];
    let (arena, parts) = (arena_of(plan, source), parts_of(data, source));
    let material = Material { data, parts: &parts, arena: &arena };
    verdict(&distill::recovers(&finding.law, system, &material).map_err(|error| error.to_string())?)
}

/// Whether the law is the system, and why not.
pub fn verdict(recovery: &Recovery) -> Result<(), String> {
    match recovery.verdict {
        Verdict::Recovered => Ok(()),
        Verdict::Equivalent | Verdict::Different => Err(recovery.clauses.join("; ")),
    }
}

/// The data set that a distillation's network was trained on.
pub fn source_of<'a>(plan: &'a Plan, distill: &Name) -> &'a DataPlan {
    match &plan.distills[distill].of {
        DistillSource::Fit(fit) => &plan.data[&plan.trains[fit].data],
        DistillSource::Column { data, .. } => &plan.data[data],
    }
}

/// Reads the table of a data set from its files.
pub fn read(plan: &Plan, name: &Name, (world, folder): (&dyn World, &Path), watch: &dyn Watch) -> Result<Table, Stop> {
    let data = &plan.data[name];
    let DataSource::File(file) = &data.from else {
        return Err(Stop::blaming("from", Diagnostic::new("E0611", format!("`{name}` is simulated, no table"))));
    };
    files::read_table(data, file, world, folder, watch).map_err(|error| match error {
        ReadError::Cancelled => Stop::Cancelled,
        error => {
            let (field, finding) = files::file_fault(name, &error);
            Stop::blaming(&field, finding)
        }
    })
}

/// What is found of a table.
pub fn findings_of_table(plan: &Plan, name: &Name, table: &Table) -> Findings {
    Findings { results: measure_table(table, &rows_of(table, &plan.data[name])), ..Findings::default() }
}

/// The rows of a table that are trained on, watched, tested and held out.
fn rows_of(table: &Table, data: &DataPlan) -> Parts {
    match &data.from {
        DataSource::File(file) => split_table(table, file, data.split, Seed::root(data.seed)),
        DataSource::System(_) => Parts::default(),
    }
}

/// Searches a formula for a column, and scores it.
pub fn relate(
    plan: &Plan,
    name: &Name,
    (data, column): (&Name, &Name),
    table: &Table,
    world: &dyn World,
    watch: &dyn Watch,
) -> Result<Findings, Stop> {
    let source = &plan.data[data];
    let DataSource::File(file) = &source.from else {
        return Err(Stop::blaming("of", Diagnostic::new("E0630", format!("`{data}` is simulated, no table"))));
    };
    let parts = rows_of(table, source);
    let clock = || world.seconds();
    // Validation rows have nothing to watch here: the search looks at them too, and the test decides.
    let mut rows = [&parts.train[..], &parts.validation].concat();
    rows.sort_unstable();
    let sheet = distill::Sheet { table, file, rows: &rows };
    let relation = distill::relate(&plan.distills[name], column, sheet, Some(&clock), watch)
        .map_err(|error| distill_stop(name, error))?;
    let (results, sheets) = measure_relation(&relation, table, &parts);
    Ok(Findings { results, sheets, law: None, relation: Some(relation) })
}

fn distill_stop(name: &Name, error: DistillError) -> Stop {
    match error {
        DistillError::Cancelled => Stop::Cancelled,
        DistillError::Search(error) => {
            Stop::blaming("with", Diagnostic::new("E0630", format!("`{name}` cannot be distilled: {error}")))
        }
        error @ DistillError::NoColumn { .. } => {
            Stop::blaming("of", Diagnostic::new("E0613", format!("`{name}` cannot be distilled: {error}")))
        }
        error => Stop::blaming("of", Diagnostic::new("E0630", format!("`{name}` cannot be distilled: {error}"))),
    }
}
