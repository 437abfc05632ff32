//! A run folder read back. It may come from a stranger: nothing of it is trusted, everything is checked.
//!
//! | code | finding |
//! |---|---|
//! | `E0640` | a folder is no run, or a file of it cannot be read |

use super::folder::UNSEALED;
use super::record::{Record, Timing};
use crate::base::{Diagnostic, Hash, World, hash_bytes, hash_of};
use crate::expr::Expr;
use crate::plan::{DataPlan, DataSource, DistillSource, NetworkPlan, NodeModel, Plan, Stage, StageKind, SystemPlan};
use std::collections::BTreeMap;
use std::path::Path;

/// Bodies, widths, runs, epochs that a plan may have.
const LARGEST: usize = 100_000_000;

/// What a run folder says.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The record.
    pub record: Record,
    /// Times, where they are kept.
    pub timing: Option<Timing>,
    /// The script's text.
    pub script: String,
}

/// Reads a run folder.
pub fn stored(world: &dyn World, path: &Path) -> Result<Stored, Diagnostic> {
    let unread = |name: &str, why: String| {
        let headline = format!("`{}` is not a run that can be read", path.display());
        Err(Diagnostic::new("E0640", headline)
            .note(format!("{name}: {why}"))
            .help("give a folder that `sdl run` made, such as `runs/springs-…`"))
    };
    let content = match world.read(&path.join("record.json")) {
        Ok(content) => content,
        Err(error) => return unread("record.json", error.to_string()),
    };
    let record: Record = match serde_json::from_slice(&content) {
        Ok(record) => record,
        Err(error) => return unread("record.json", error.to_string()),
    };
    if record.plan_hash != hash_of(&record.plan) {
        return unread("record.json", "its plan is not the one whose hash it names".into());
    }
    if let Some(part) = missing_part(&record) {
        return unread("record.json", format!("`{part}` is named in it and not there"));
    }
    if let Some(what) = out_of_bounds(&record.plan) {
        return unread("record.json", format!("{what} of its plan is out of bounds"));
    }
    let timing = world.read(&path.join("timing.json")).ok();
    let timing = timing.and_then(|content| serde_json::from_slice(&content).ok());
    let script = match world.read(&path.join("script.sdl")) {
        Ok(content) => String::from_utf8_lossy(&content).into_owned(),
        Err(error) => return unread("script.sdl", error.to_string()),
    };
    Ok(Stored { record, timing, script })
}

/// Files of a run folder that are not what `files.json` says they were, each with what is wrong.
pub fn changed_files(world: &dyn World, path: &Path) -> Result<Vec<String>, Diagnostic> {
    let listed = world.read(&path.join("files.json")).map_err(|error| error.to_string()).and_then(|content| {
        serde_json::from_slice::<BTreeMap<String, Hash>>(&content).map_err(|error| error.to_string())
    });
    let listed = listed.map_err(|why| {
        Diagnostic::new("E0640", format!("`{}` has no list of its files", path.display()))
            .note(format!("files.json: {why}"))
            .help("only a finished run has one; `sdl run` with `--resume` finishes it")
    })?;
    let mut found = vec![];
    for (name, hash) in &listed {
        // A list from a stranger may name anything; only files of the folder itself are read.
        if !super::bundle::is_plain(name) || UNSEALED.contains(&name.as_str()) {
            found.push(format!("{}: no name of a file of a run", name.escape_debug()));
            continue;
        }
        match world.read(&path.join(name)) {
            Ok(content) if hash_bytes(&content) == *hash => {}
            Ok(_) => found.push(format!("{name}: changed since the run")),
            Err(error) => found.push(format!("{name}: {error}")),
        }
    }
    Ok(found)
}

/// The first item that a record names and lacks.
fn missing_part(record: &Record) -> Option<String> {
    let plan = &record.plan;
    let has = |stage: &Stage| match stage.kind {
        StageKind::Data => plan.data.contains_key(&stage.name),
        StageKind::Train => plan.trains.contains_key(&stage.name),
        StageKind::Distill => plan.distills.contains_key(&stage.name),
    };
    let stage = record.stages.iter().map(|stage| &stage.stage).find(|stage| !has(stage));
    let law = record.laws.keys().chain(record.relations.keys()).find(|law| !plan.distills.contains_key(*law));
    let within = missing_in_plan(plan);
    stage.map(|stage| stage.name.to_string()).or(law.map(ToString::to_string)).or(within)
}

/// What is out of all bounds: nothing of the kind comes out of a script, and what is shown must not grow with it.
fn out_of_bounds(plan: &Plan) -> Option<&'static str> {
    let within = |value: usize, most: usize| (1..=most).contains(&value);
    let vectors = |system: &SystemPlan| {
        let whole = |vector: &[Expr]| vector.is_empty() || vector.len() == system.space;
        system.position.len() == system.space
            && system.velocity.len() == system.space
            && whole(&system.pair_force)
            && whole(&system.body_force)
    };
    let systems = || plan.systems.values();
    let networks = || plan.trains.values().map(|train| &train.network);
    let layers = |network: &NetworkPlan| {
        let node: &[usize] = if let NodeModel::Mlp(widths) = &network.node { widths } else { &[] };
        network.edge.iter().chain(node).chain([&network.message]).all(|&width| within(width, LARGEST))
    };
    let rows = |data: &DataPlan| data.runs <= LARGEST && data.steps <= LARGEST;
    let columns = |data: &DataPlan| match &data.from {
        DataSource::File(file) => file.columns.iter().all(|column| within(column.components.len(), 3)),
        DataSource::System(_) => true,
    };
    let trains = || plan.trains.values();
    match () {
        () if !systems().all(|system| within(system.space, 3) && within(system.particles, LARGEST)) => Some("a size"),
        () if !systems().all(vectors) => Some("the number of components of a vector"),
        () if !networks().all(layers) => Some("the width of a layer"),
        () if !plan.data.values().all(rows) => Some("the number of runs"),
        () if !plan.data.values().all(columns) => Some("the number of components of a column"),
        () if !trains().all(|train| within(train.batch, LARGEST) && train.epochs <= LARGEST) => Some("a batch"),
        () => None,
    }
}

fn missing_in_plan(plan: &Plan) -> Option<String> {
    let systems = plan.data.values().filter_map(|data| match &data.from {
        DataSource::System(system) => Some(system),
        DataSource::File(_) => None,
    });
    let fits = plan.distills.values().filter_map(|distill| match &distill.of {
        DistillSource::Fit(fit) => Some(fit),
        DistillSource::Column { .. } => None,
    });
    let columns = plan.distills.values().filter_map(|distill| match &distill.of {
        DistillSource::Column { data, .. } => Some(data),
        DistillSource::Fit(_) => None,
    });
    let data = plan.trains.values().map(|train| &train.data).chain(columns);
    let missing = systems.into_iter().find(|name| !plan.systems.contains_key(*name));
    let missing = missing.or_else(|| fits.into_iter().find(|name| !plan.trains.contains_key(*name)));
    missing.or_else(|| data.into_iter().find(|name| !plan.data.contains_key(*name))).map(ToString::to_string)
}
