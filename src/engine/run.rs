//! The run: stages in order, each from the store if it is there, else made and kept. What is finished stays, whatever
//! happens to the rest.
//!
//! Limits: stages run one after another, each on all threads; the first failure ends the run.

use super::cache::{Cache, Lookup, Part};
use super::codec;
use super::estimate;
use super::event::{Event, Status};
use super::expect;
use super::folder::Folder;
use super::graph;
use super::record::{LawFinding, Record, Sheet, StageRecord, StageState, StageTiming, Timing, numbers};
use super::stages::{self, Stop};
use super::table;
use crate::base::{Diagnostic, Name, Progress, Watch, World, hash_of};
use crate::network::{Checkpoint, Trained};
use crate::plan::{DataSource, DistillSource, Plan, Recovers, Stage, StageKind};
use crate::simulate::Trajectories;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Version of the record's form.
const FORMAT: u32 = 1;

/// Seconds between checkpoints of a training, at least.
const BETWEEN_CHECKPOINTS: f64 = 5.0;

/// How to run, apart from what.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Name of the script without its ending.
    pub script: String,
    /// Folder of the store of finished stages; `None` for no store.
    pub cache: Option<PathBuf>,
    /// What tells this build of the program from any other: stages of another build are made anew.
    pub build: String,
    /// Bytes of memory that may be taken; `None` for what the world has.
    pub max_memory: Option<u64>,
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
    pub field: Option<&'static str>,
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
        expects: vec![],
        tables: vec![],
        finished: false,
    };
    let cache = options.cache.clone().map(|path| Cache::new(world, path, options.build.clone()));
    let timing = Timing { threads: options.threads, ..Timing::default() };
    let mut run = Run {
        plan,
        world,
        sink,
        cancel,
        cache,
        data: BTreeMap::new(),
        trained: BTreeMap::new(),
        record,
        sheets: vec![],
        timing,
    };
    let summary = estimate::estimate(plan, &order, options.threads);
    sink(Event::Plan { script: options.script.clone(), hash: run.record.plan_hash.clone(), summary: summary.clone() });
    let available = options.max_memory.or_else(|| world.memory());
    let start = world.seconds();
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
                field: failure.field.map(String::from),
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
    cache: Option<Cache<'a>>,
    data: BTreeMap<Name, Arc<Trajectories>>,
    trained: BTreeMap<Name, Arc<Trained>>,
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
            let made = match self.cancel.load(Ordering::SeqCst) {
                true => Err(Stop::Cancelled),
                false => self.findings(stage),
            };
            let (findings, cached) = match made {
                Ok(found) => found,
                Err(Stop::Cancelled) => return Err(Cut::Interrupted),
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
        let has_product = stage.kind == StageKind::Distill || self.has(stage, Part::Product);
        if has_product
            && let Some(bytes) = self.load(stage, Part::Findings)
            && let Ok(findings) = ciborium::from_reader(&bytes[..])
        {
            return Ok((findings, true));
        }
        let name = &stage.name;
        let findings = match stage.kind {
            StageKind::Data => {
                let data = self.data(name)?;
                stages::findings_of_data(&data)
            }
            StageKind::Train => {
                let data = self.data(&self.plan.trains[name].data)?;
                let trained = self.trained(name)?;
                stages::findings_of_training(self.plan, name, &trained, &data)
            }
            StageKind::Distill => {
                let DistillSource::Fit(fit) = &self.plan.distills[name].of else {
                    return Err(stages::no_columns(name));
                };
                let (trained, data) = (self.trained(fit)?, self.data(&self.plan.trains[fit].data)?);
                stages::distill(self.plan, name, &trained, &data, self.world, &self.watcher(stage))?
            }
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
        let stored = self.load(&stage, Part::Product).and_then(|bytes| codec::decode(&bytes));
        let data = match stored {
            Some(data) => data,
            None => {
                let data = stages::simulate(self.plan, name, &self.watcher(&stage))?;
                self.store(&stage, Part::Product, &codec::encode(&data));
                data
            }
        };
        Ok(self.data.entry(name.clone()).or_insert(Arc::new(data)).clone())
    }

    /// A trained network, from memory, from the store, or made.
    fn trained(&mut self, name: &Name) -> Result<Arc<Trained>, Stop> {
        if let Some(trained) = self.trained.get(name) {
            return Ok(trained.clone());
        }
        let stage = Stage { kind: StageKind::Train, name: name.clone() };
        let stored = self.load(&stage, Part::Product).and_then(|bytes| Trained::from_bytes(&bytes).ok());
        let trained = match stored {
            Some(trained) => trained,
            None => {
                let data = self.data(&self.plan.trains[name].data)?;
                let trained = self.train(&stage, &data)?;
                self.store(&stage, Part::Product, &trained.to_bytes());
                self.drop_checkpoint(&stage);
                trained
            }
        };
        Ok(self.trained.entry(name.clone()).or_insert(Arc::new(trained)).clone())
    }

    /// Trains, from the last checkpoint of an earlier run if there is one, and leaves checkpoints on the way.
    fn train(&self, stage: &Stage, data: &Trajectories) -> Result<Trained, Stop> {
        let checkpoint = self.load(stage, Part::Checkpoint).and_then(|bytes| Checkpoint::from_bytes(&bytes).ok());
        let keep = |checkpoint: &Checkpoint| {
            if let Some(cache) = &self.cache {
                // A checkpoint that cannot be kept costs time after a crash, nothing else.
                cache.store(&self.hash(stage), Part::Checkpoint, &checkpoint.to_bytes()).ok();
            }
        };
        let mut kept_at = self.world.seconds();
        let mut latest = None;
        let mut at_epoch = |checkpoint: &Checkpoint| {
            let now = self.world.seconds();
            if now - kept_at > BETWEEN_CHECKPOINTS {
                kept_at = now;
                latest = None;
                keep(checkpoint);
            } else {
                latest = Some(checkpoint.clone());
            }
        };
        let trained =
            stages::train(self.plan, &stage.name, data, checkpoint.as_ref(), &mut at_epoch, &self.watcher(stage));
        if let (Err(Stop::Cancelled), Some(latest)) = (&trained, &latest) {
            keep(latest);
        }
        trained
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
        self.trained.retain(|name, _| needed(StageKind::Train, name));
    }

    /// Puts what a stage found into the record, and tells it.
    fn take(&mut self, stage: &Stage, findings: Findings) {
        let name = &stage.name;
        let results: BTreeMap<String, f64> =
            findings.results.into_iter().map(|(result, value)| (format!("{name}.{result}"), value)).collect();
        (self.sink)(Event::Metrics { stage: stage.clone(), results: results.clone() });
        self.record.results.extend(results);
        self.sheets
            .extend(findings.sheets.into_iter().map(|sheet| Sheet { name: format!("{name}.{}", sheet.name), ..sheet }));
        if let Some(finding) = findings.law {
            let (front, law) = (&finding.law.front, &finding.law);
            (self.sink)(Event::Front { distill: name.clone(), front: front.clone(), chosen: front.chosen });
            let (pair, body) = (law.pair.to_string(), law.body.iter().map(ToString::to_string).collect());
            (self.sink)(Event::Law { distill: name.clone(), pair, body, finding: Box::new(finding.clone()) });
            self.record.laws.insert(name.clone(), finding);
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
            return Ok(Err("nothing was distilled".into()));
        };
        let data = match self.data(&self.plan.trains[fit].data) {
            Ok(data) => data,
            Err(Stop::Cancelled) => return Err(Cut::Interrupted),
            Err(Stop::Failed { diagnostic, .. }) => return Ok(Err(diagnostic.headline)),
        };
        Ok(stages::recovers(self.plan, claim, &finding, &data))
    }

    fn watcher<'b>(&'b self, stage: &'b Stage) -> Watcher<'b> {
        Watcher { stage, sink: self.sink, cancel: self.cancel }
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
        if let Err(error) = cache.store(&self.hash(stage), part, content) {
            let headline = "finished stages cannot be kept; the next run makes them anew";
            self.warn(
                Diagnostic::new("W0605", headline)
                    .note(error.to_string())
                    .help("set `SDL_CACHE` to a folder that can be written"),
            );
            // Once is enough.
            self.cache = None;
        }
    }

    fn warn(&self, diagnostic: Diagnostic) {
        (self.sink)(Event::Warning { diagnostic });
    }
}

/// Passes a stage's progress on as events.
struct Watcher<'a> {
    stage: &'a Stage,
    sink: &'a (dyn Fn(Event) + Sync),
    cancel: &'a AtomicBool,
}

impl Watch for Watcher<'_> {
    fn progress(&self, progress: Progress) {
        (self.sink)(Event::Progress { stage: self.stage.clone(), progress });
    }

    fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::SeqCst)
    }
}
