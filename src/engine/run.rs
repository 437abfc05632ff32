//! The run: stages in order, each from the store if it is there, else made and kept. What is finished stays, whatever
//! happens to the rest.
//!
//! Limits: stages run one after another, each on all threads; the first failure ends the run.

use super::cache::{Cache, Lookup, Part};
use super::codec;
use super::estimate;
use super::event::{Event, Status};
use super::expect;
use super::film::{self, Film};
use super::folder::Folder;
use super::graph;
use super::record::{LawFinding, Record, Sheet, StageRecord, StageState, StageTiming, Timing};
use super::stages::{self, Stop};
use super::table;
use crate::base::json::numbers;
use crate::base::{Diagnostic, Name, Progress, Watch, World, hash_of};
use crate::distill::Relation;
use crate::network::{Checkpoint, Epoch, Trained};
use crate::plan::{DataSource, DistillSource, FilePlan, Plan, Recovers, Stage, StageKind};
use crate::simulate::{Table, Trajectories};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Version of the record's form.
const FORMAT: u32 = 1;

/// Share of the time that checkpoints of a training may take.
const FOR_CHECKPOINTS: f64 = 0.01;
/// Seconds between checkpoints of a training, at least.
const BETWEEN_CHECKPOINTS: f64 = 0.2;

/// How to run, apart from what.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Name of the script without its ending.
    pub script: String,
    /// Folder of the script, below which its data files lie.
    pub folder: PathBuf,
    /// Folder of the store of finished stages; `None` for no store.
    pub cache: Option<PathBuf>,
    /// What tells this build of the program from any other: stages of another build are made anew.
    pub build: String,
    /// Bytes of memory that may be taken; `None` for what the world has.
    pub max_memory: Option<u64>,
    /// Seconds after which the run is stopped as if interrupted; `None` for no end.
    pub max_seconds: Option<f64>,
    /// Threads, for the estimate of time.
    pub threads: usize,
}

/// What a run leaves.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Everything that came out; with all that was finished if the run was cut short.
    pub record: Record,
    /// Small tables by stage, named `fit.history`.
    pub sheets: Vec<Sheet>,
    /// Times.
    pub timing: Timing,
    /// How it ended.
    pub status: Status,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The stage; `None` where no stage is to blame.
    pub stage: Option<Stage>,
    /// The field of the stage's item that is to blame, if one is.
    pub field: Option<String>,
    /// What went wrong.
    pub diagnostic: Diagnostic,
}

/// What a stage found, apart from what later stages need.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Numbers by name within the stage: `test.mae`.
    #[serde(with = "numbers")]
    pub results: BTreeMap<String, f64>,
    /// Small tables.
    pub sheets: Vec<Sheet>,
    /// The law of a distillation, with its front.
    pub law: Option<LawFinding>,
    /// The formula of a distillation for a column, with its front.
    #[serde(default)]
    pub relation: Option<Relation>,
}

/// Runs a plan. Events go to `sink` as they happen; `cancel` stops the run at its next safe point. With a `folder` the
/// record there is renewed after each stage.
pub fn run(
    plan: &Plan,
    options: &Options,
    world: &dyn World,
    folder: Option<&Folder>,
    sink: &(dyn Fn(Event) + Sync),
    cancel: &AtomicBool,
) -> Outcome {
    let order = graph::stages(plan);
    let hashes = order.iter().map(|stage| plan.stage_hash(stage));
    let stages: Vec<StageRecord> = order
        .iter()
        .zip(hashes)
        .map(|(stage, hash)| StageRecord { stage: stage.clone(), hash, state: StageState::Open })
        .collect();
    let record = Record {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        script: options.script.clone(),
        plan_hash: hash_of(plan),
        plan: plan.clone(),
        stages,
        results: BTreeMap::new(),
        laws: BTreeMap::new(),
        relations: BTreeMap::new(),
        expects: vec![],
        tables: vec![],
        finished: false,
    };
    let cache = options.cache.clone().map(|path| Cache::new(world, path, options.build.clone()));
    let timing = Timing { threads: options.threads, folder: options.folder.clone(), ..Timing::default() };
    let start = world.seconds();
    let mut run = Run {
        plan,
        world,
        sink,
        cancel,
        end: options.max_seconds.map_or(f64::INFINITY, |seconds| start + seconds),
        cache,
        folder: &options.folder,
        data: BTreeMap::new(),
        tables: BTreeMap::new(),
        trained: BTreeMap::new(),
        record,
        sheets: vec![],
        timing,
    };
    let summary = estimate::estimate(plan, &order, options.threads);
    sink(Event::Plan { script: options.script.clone(), hash: run.record.plan_hash.clone(), summary: summary.clone() });
    let available = options.max_memory.or_else(|| world.memory());
    let ended = match estimate::check_memory(&summary, available) {
        Ok(()) => run.all(folder),
        Err(diagnostic) => Err(Cut::Failed(Failure { stage: None, field: None, diagnostic })),
    };
    run.timing.seconds = world.seconds() - start;
    let (status, failure) = match ended {
        Ok(()) if run.record.expects.iter().all(|expect| expect.holds) => (Status::Holds, None),
        Ok(()) => (Status::Fails, None),
        Err(Cut::Interrupted) => (Status::Interrupted, None),
        Err(Cut::Failed(failure)) => {
            sink(Event::Failed {
                stage: failure.stage.clone(),
                field: failure.field.clone(),
                diagnostic: failure.diagnostic.clone(),
            });
            (Status::Failed, Some(failure))
        }
    };
    Outcome { record: run.record, sheets: run.sheets, timing: run.timing, status, failure }
}

/// Why a run was cut short.
enum Cut {
    Interrupted,
    Failed(Failure),
}

struct Run<'a> {
    plan: &'a Plan,
    world: &'a dyn World,
    sink: &'a (dyn Fn(Event) + Sync),
    cancel: &'a AtomicBool,
    /// When the time allowed is over.
    end: f64,
    cache: Option<Cache<'a>>,
    /// Where data files lie.
    folder: &'a Path,
    data: BTreeMap<Name, Arc<Trajectories>>,
    tables: BTreeMap<Name, Arc<Table>>,
    trained: BTreeMap<Name, Arc<(Trained, Film)>>,
    record: Record,
    sheets: Vec<Sheet>,
    timing: Timing,
}

impl Run<'_> {
    fn all(&mut self, folder: Option<&Folder>) -> Result<(), Cut> {
        let order: Vec<Stage> = self.record.stages.iter().map(|stage| stage.stage.clone()).collect();
        for (index, stage) in order.iter().enumerate() {
            let start = self.world.seconds();
            (self.sink)(Event::StageStarted { stage: stage.clone(), index: index + 1, of: order.len() });
            let made = match self.watcher(stage).cancelled() {
                true => Err(Stop::Cancelled),
                false => self.findings(stage),
            };
            let (findings, cached) = match made {
                Ok(found) => found,
                Err(Stop::Cancelled) => {
                    self.tell_time_over();
                    return Err(Cut::Interrupted);
                }
                Err(Stop::Failed { field, diagnostic, last_good }) => {
                    self.record.stages[index].state = StageState::Failed;
                    if let Some(network) = last_good {
                        self.keep(stage, &network, folder)?;
                    }
                    self.save(folder)?;
                    return Err(Cut::Failed(Failure { stage: Some(stage.clone()), field, diagnostic: *diagnostic }));
                }
            };
            let seconds = self.world.seconds() - start;
            (self.sink)(Event::StageFinished { stage: stage.clone(), cached, seconds });
            self.timing.stages.push(StageTiming { stage: stage.clone(), seconds, cached });
            self.record.stages[index].state = StageState::Done;
            self.take(stage, findings);
            self.forget(&order[index + 1..]);
            self.save(folder)?;
        }
        self.judge()?;
        self.record.finished = true;
        self.save(folder)
    }

    /// Keeps the last good state of a training that broke down: its scores, and itself in the run folder.
    fn keep(&mut self, stage: &Stage, network: &Trained, folder: Option<&Folder>) -> Result<(), Cut> {
        let failed = |diagnostic| Cut::Failed(Failure { stage: Some(stage.clone()), field: None, diagnostic });
        if let Ok(data) = self.data(&self.plan.trains[&stage.name].data) {
            let findings = stages::findings_of_training(self.plan, &stage.name, network, &data);
            self.take(stage, findings);
        }
        let name = format!("{}-last-good.network", stage.name);
        folder.map_or(Ok(()), |folder| folder.write(&name, &network.to_bytes())).map_err(failed)
    }

    fn save(&self, folder: Option<&Folder>) -> Result<(), Cut> {
        let written = folder.map_or(Ok(()), |folder| folder.write_record(&self.record));
        written.map_err(|diagnostic| Cut::Failed(Failure { stage: None, field: None, diagnostic }))
    }

    /// What a stage found, and whether it was in the store.
    fn findings(&mut self, stage: &Stage) -> Result<(Findings, bool), Stop> {
        // Files are their own store.
        let has_product =
            stage.kind == StageKind::Distill || self.file(stage).is_some() || self.has(stage, Part::Product);
        if has_product
            && let Some(bytes) = self.load(stage, Part::Findings)
            && let Ok(findings) = ciborium::from_reader(&bytes[..])
        {
            return Ok((findings, true));
        }
        let name = &stage.name;
        let findings = match stage.kind {
            StageKind::Data if self.file(stage).is_some() => {
                let table = self.table(name)?;
                match self.file(stage).is_some_and(FilePlan::holds_tracks) {
                    true => stages::findings_of_tracks(&table, &*self.data(name)?),
                    false => stages::findings_of_table(self.plan, name, &table),
                }
            }
            StageKind::Data => {
                let data = self.data(name)?;
                stages::findings_of_data(&data)
            }
            StageKind::Train => {
                let data = self.data(&self.plan.trains[name].data)?;
                let (trained, film) = &*self.trained(name)?;
                let mut findings = stages::findings_of_training(self.plan, name, trained, &data);
                findings.sheets.extend(film.iter().cloned());
                findings
            }
            StageKind::Distill => match &self.plan.distills[name].of {
                DistillSource::Fit(fit) => {
                    let (trained, data) = (self.trained(fit)?, self.data(&self.plan.trains[fit].data)?);
                    stages::distill(self.plan, name, &trained.0, &data, self.world, &self.watcher(stage))?
                }
                DistillSource::Column { data, column } => {
                    let table = self.table(data)?;
                    stages::relate(self.plan, name, (data, column), &table, self.world, &self.watcher(stage))?
                }
            },
        };
        let mut bytes = vec![];
        ciborium::into_writer(&findings, &mut bytes).expect("writing into memory cannot fail");
        self.store(stage, Part::Findings, &bytes);
        Ok((findings, false))
    }

    /// Trajectories, from memory, from the store, or made.
    fn data(&mut self, name: &Name) -> Result<Arc<Trajectories>, Stop> {
        if let Some(data) = self.data.get(name) {
            return Ok(data.clone());
        }
        let stage = Stage { kind: StageKind::Data, name: name.clone() };
        if self.file(&stage).is_some() {
            let table = self.table(name)?;
            let data = stages::tracks(self.plan, name, &table)?;
            return Ok(self.data.entry(name.clone()).or_insert(Arc::new(data)).clone());
        }
        let stored = self.load(&stage, Part::Product).and_then(|bytes| codec::decode(&bytes));
        let data = match stored {
            Some(data) => data,
            None => {
                let data = stages::simulate(self.plan, name, &self.watcher(&stage))?;
                if let Some(bytes) = codec::encode(&data) {
                    self.store(&stage, Part::Product, &bytes);
                }
                data
            }
        };
        Ok(self.data.entry(name.clone()).or_insert(Arc::new(data)).clone())
    }

    /// The files that a stage reads, if it reads any.
    fn file(&self, stage: &Stage) -> Option<&FilePlan> {
        match &self.plan.data.get(&stage.name).filter(|_| stage.kind == StageKind::Data)?.from {
            DataSource::File(file) => Some(file),
            DataSource::System(_) => None,
        }
    }

    /// A table, from memory or read.
    fn table(&mut self, name: &Name) -> Result<Arc<Table>, Stop> {
        if let Some(table) = self.tables.get(name) {
            return Ok(table.clone());
        }
        let stage = Stage { kind: StageKind::Data, name: name.clone() };
        let table = stages::read(self.plan, name, (self.world, self.folder), &self.watcher(&stage))?;
        Ok(self.tables.entry(name.clone()).or_insert(Arc::new(table)).clone())
    }

    /// A trained network with its film, from memory, from the store, or made.
    fn trained(&mut self, name: &Name) -> Result<Arc<(Trained, Film)>, Stop> {
        if let Some(trained) = self.trained.get(name) {
            return Ok(trained.clone());
        }
        let stage = Stage { kind: StageKind::Train, name: name.clone() };
        let stored = self.load(&stage, Part::Product).and_then(|bytes| {
            let (network, film) = with_film(&bytes)?;
            Some((Trained::from_bytes(network).ok()?, film))
        });
        let trained = match stored {
            Some(trained) => trained,
            None => {
                let data = self.data(&self.plan.trains[name].data)?;
                let trained = self.train(&stage, &data)?;
                self.store(&stage, Part::Product, &codec::join(&trained.0.to_bytes(), &film_bytes(&trained.1)));
                self.drop_checkpoint(&stage);
                trained
            }
        };
        Ok(self.trained.entry(name.clone()).or_insert(Arc::new(trained)).clone())
    }

    /// Trains, from the last checkpoint of an earlier run if there is one, and leaves checkpoints on the way.
    fn train(&self, stage: &Stage, data: &Trajectories) -> Result<(Trained, Film), Stop> {
        let stored = self.load(stage, Part::Checkpoint).and_then(|bytes| {
            let (checkpoint, film) = with_film(&bytes)?;
            Some((Checkpoint::from_bytes(checkpoint).ok()?, film))
        });
        let (checkpoint, mut film) =
            stored.map_or((None, film::empty()), |(checkpoint, film)| (Some(checkpoint), film));
        let keep = |checkpoint: &Checkpoint, film: &Film| {
            if let Some(cache) = &self.cache {
                let entry = codec::join(&checkpoint.to_bytes(), &film_bytes(film));
                // A checkpoint that cannot be kept costs time after a crash, nothing else.
                cache.store(&self.hash(stage), Part::Checkpoint, &self.about(stage), &entry).ok();
            }
        };
        let camera = stages::camera(self.plan, &stage.name, data);
        let (mut kept_at, mut cost) = (self.world.seconds(), 0.0_f64);
        let mut latest = None;
        let mut at_epoch = |checkpoint: &Checkpoint| {
            camera.shoot(&checkpoint.network, &mut film);
            self.tell_epoch(stage, &checkpoint.network);
            let now = self.world.seconds();
            if now - kept_at > BETWEEN_CHECKPOINTS.max(cost / FOR_CHECKPOINTS) {
                latest = None;
                keep(checkpoint, &film);
                kept_at = self.world.seconds();
                cost = kept_at - now;
            } else {
                latest = Some(checkpoint.clone());
            }
        };
        let trained =
            stages::train(self.plan, &stage.name, data, checkpoint.as_ref(), &mut at_epoch, &self.watcher(stage));
        if let (Err(Stop::Cancelled), Some(latest)) = (&trained, &latest) {
            keep(latest, &film);
        }
        let trained = trained?;
        camera.close(&trained, &mut film);
        Ok((trained, film))
    }

    fn tell_epoch(&self, stage: &Stage, network: &Trained) {
        let history = &network.facts.history;
        if let Some(&Epoch { train, penalty, validation, active }) = history.last() {
            (self.sink)(Event::Epoch {
                stage: stage.clone(),
                epoch: history.len(),
                train,
                penalty,
                validation,
                active,
            });
        }
    }

    fn drop_checkpoint(&self, stage: &Stage) {
        if let Some(cache) = &self.cache {
            cache.remove(&self.hash(stage), Part::Checkpoint);
        }
    }

    /// Drops what no later stage can need.
    fn forget(&mut self, later: &[Stage]) {
        let direct: Vec<Stage> = later.iter().flat_map(|stage| self.plan.needs(stage)).collect();
        let indirect: Vec<Stage> = direct.iter().flat_map(|stage| self.plan.needs(stage)).collect();
        let needed =
            |kind, name: &Name| direct.iter().chain(&indirect).any(|stage| stage.kind == kind && stage.name == *name);
        self.data.retain(|name, _| needed(StageKind::Data, name));
        self.tables.retain(|name, _| needed(StageKind::Data, name));
        self.trained.retain(|name, _| needed(StageKind::Train, name));
    }

    /// Puts what a stage found into the record, and tells it.
    fn take(&mut self, stage: &Stage, findings: Findings) {
        let name = &stage.name;
        let results: BTreeMap<String, f64> =
            findings.results.into_iter().map(|(result, value)| (format!("{name}.{result}"), value)).collect();
        (self.sink)(Event::Metrics { stage: stage.clone(), results: results.clone() });
        self.record.results.extend(results);
        let filled = findings.sheets.into_iter().filter(|sheet| sheet.rows() > 0);
        self.sheets.extend(filled.map(|sheet| Sheet { name: format!("{name}.{}", sheet.name), ..sheet }));
        if let Some(finding) = findings.law {
            let (front, law) = (&finding.law.front, &finding.law);
            (self.sink)(Event::Front { distill: name.clone(), front: front.clone(), chosen: front.chosen });
            let (pair, body) = (law.pair.to_string(), law.body.iter().map(ToString::to_string).collect());
            (self.sink)(Event::Law { distill: name.clone(), pair, body, finding: Box::new(finding.clone()) });
            self.record.laws.insert(name.clone(), finding);
        }
        if let Some(relation) = findings.relation {
            let front = &relation.front;
            (self.sink)(Event::Front { distill: name.clone(), front: front.clone(), chosen: front.chosen });
            let formula = relation.expr.to_string();
            (self.sink)(Event::Relation { distill: name.clone(), formula, relation: Box::new(relation.clone()) });
            self.record.relations.insert(name.clone(), relation);
        }
    }

    fn judge(&mut self) -> Result<(), Cut> {
        for (index, expect) in self.plan.expects.iter().enumerate() {
            let mut recovered = BTreeMap::new();
            for claim in &expect.recovers {
                recovered.insert(claim.symbol.clone(), self.recovers(claim)?);
            }
            let expectation = expect::judge(expect, &self.record.results, &recovered);
            (self.sink)(Event::Expect { index, expectation: expectation.clone() });
            self.record.expects.push(expectation);
        }
        for plan in &self.plan.tables {
            let mut values = Vec::with_capacity(plan.cells.len());
            for cell in &plan.cells {
                let mut recovered = BTreeMap::new();
                for claim in &cell.value.recovers {
                    recovered.insert(claim.symbol.clone(), self.recovers(claim)?);
                }
                values.push(expect::value(&cell.value, &self.record.results, &recovered));
            }
            let table = table::fill(plan, &values);
            (self.sink)(Event::Table { table: table.clone() });
            self.record.tables.push(table);
        }
        Ok(())
    }

    fn recovers(&mut self, claim: &Recovers) -> Result<Result<(), String>, Cut> {
        if self.record.relations.contains_key(&claim.law) {
            return Ok(Err(format!("`{}` is a formula of a table, not of forces", claim.law)));
        }
        let Some(finding) = self.record.laws.get(&claim.law).cloned() else {
            return Ok(Err(format!("there is no law `{}`", claim.law)));
        };
        let source = stages::source_of(self.plan, &claim.law);
        let own = matches!(&source.from, DataSource::System(system) if *system == claim.system);
        // The answer for the system that made the data is among the findings; no data are needed for it.
        if own && let Some(recovery) = &finding.recovery {
            return Ok(stages::verdict(recovery));
        }
        let DistillSource::Fit(fit) = &self.plan.distills[&claim.law].of else {
            return Ok(Err(format!("`{}` was distilled from no network", claim.law)));
        };
        let data = match self.data(&self.plan.trains[fit].data) {
            Ok(data) => data,
            Err(Stop::Cancelled) => return Err(Cut::Interrupted),
            Err(Stop::Failed { diagnostic, .. }) => return Ok(Err(diagnostic.headline)),
        };
        Ok(stages::recovers(self.plan, claim, &finding, &data))
    }

    fn watcher<'b>(&'b self, stage: &'b Stage) -> Watcher<'b> {
        Watcher { stage, sink: self.sink, cancel: self.cancel, world: self.world, end: self.end }
    }

    fn tell_time_over(&self) {
        if self.world.seconds() >= self.end {
            let finding = Diagnostic::new("W0606", "the time allowed is over; what is finished is kept");
            self.warn(finding.help("run the same command again to go on, with more `--max-time`"));
        }
    }

    /// A stage in words for people.
    fn about(&self, stage: &Stage) -> String {
        format!("{} {}", self.plan.verb(stage), stage.name)
    }

    fn hash(&self, stage: &Stage) -> crate::base::Hash {
        self.plan.stage_hash(stage)
    }

    fn has(&self, stage: &Stage, part: Part) -> bool {
        self.cache.as_ref().is_some_and(|cache| cache.has(&self.hash(stage), part))
    }

    fn load(&self, stage: &Stage, part: Part) -> Option<Vec<u8>> {
        match self.cache.as_ref()?.load(&self.hash(stage), part) {
            Lookup::Hit(bytes) => Some(bytes),
            Lookup::Miss => None,
            Lookup::Corrupt(why) => {
                let headline = format!("the stored result of `{}` is damaged; it is made anew", stage.name);
                self.warn(Diagnostic::new("W0604", headline).note(why));
                None
            }
        }
    }

    fn store(&mut self, stage: &Stage, part: Part, content: &[u8]) {
        let Some(cache) = &self.cache else { return };
        if let Err(error) = cache.store(&self.hash(stage), part, &self.about(stage), content) {
            let headline = "finished stages cannot be kept; the next run makes them anew";
            self.warn(
                Diagnostic::new("W0605", headline)
                    .note(error.to_string())
                    .help("make room there, or set `SDL_CACHE` to a folder that can be written"),
            );
            // Once is enough.
            self.cache = None;
        }
    }

    fn warn(&self, diagnostic: Diagnostic) {
        (self.sink)(Event::Warning { diagnostic });
    }
}

fn film_bytes(film: &Film) -> Vec<u8> {
    let mut bytes = vec![];
    ciborium::into_writer(film, &mut bytes).expect("writing into memory cannot fail");
    bytes
}

/// What stands before a film, and the film.
fn with_film(bytes: &[u8]) -> Option<(&[u8], Film)> {
    let (content, film) = codec::part(bytes)?;
    Some((content, ciborium::from_reader(film).ok()?))
}

/// Passes a stage's progress on as events.
struct Watcher<'a> {
    stage: &'a Stage,
    sink: &'a (dyn Fn(Event) + Sync),
    cancel: &'a AtomicBool,
    world: &'a dyn World,
    end: f64,
}

impl Watch for Watcher<'_> {
    fn progress(&self, progress: Progress) {
        (self.sink)(Event::Progress { stage: self.stage.clone(), progress });
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::SeqCst) || self.world.seconds() >= self.end
    }
}
