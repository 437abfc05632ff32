//! The engine in a world of memory: what is kept when a run is cut short, and that it goes on to the same bits.

use sdl::base::{MemoryWorld, Silent, World};
use sdl::engine::{self, Event, Existing, Folder, Options, Status};
use sdl::plan::{Plan, StageKind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

const SCRIPT: &str = "\
sdl 1
system springs {
  space = 2
  particles = 3
  mass ~ log_normal(0, 1)
  position ~ normal(0, 1)
  velocity ~ normal(0, 1)
  energy(i, j) = (distance(i, j) - 1)^2
}
data motion { from = springs; runs = 40; steps = 40; dt = 0.01; keep = 2 }
network messages { predict = acceleration; sees = position, velocity, mass; edge = mlp(8); node = mlp(8); message = 4 }
prior none_at_all { messages = none }
operators simple { allow +, -, *, / }
train fit { network = messages; data = motion; prior = none_at_all; epochs = 40; batch = 8 }
distill law { of = fit; with = simple; budget = 1000 }
expect fit.test.mae < 1e6
";

fn plan() -> Plan {
    let checked = sdl::language::check("study.sdl", SCRIPT, &|_| Err("no files here".into()), &[], None);
    checked.plan.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

fn options() -> Options {
    Options {
        script: "study".into(),
        cache: Some("store".into()),
        build: "test".into(),
        threads: 1,
        ..Options::default()
    }
}

/// Runs the study; raises the flag when `stop` says so.
fn run(world: &MemoryWorld, stop: &(dyn Fn(&Event) -> bool + Sync)) -> (engine::Outcome, Vec<u8>) {
    let plan = plan();
    let folder = Folder::open(world, Path::new("out"), &plan, SCRIPT, Existing::Refuse).unwrap();
    let cancel = AtomicBool::new(false);
    let sink = |event: Event| {
        if stop(&event) {
            cancel.store(true, Ordering::SeqCst);
        }
    };
    let outcome = engine::run(&plan, &options(), world, Some(&folder), &sink, &cancel);
    folder.write_record(&outcome.record).unwrap();
    let record = world.read(Path::new("out/record.json")).unwrap();
    (outcome, record)
}

/// The record and the other files of a finished run.
pub fn run_folder() -> Vec<engine::Entry> {
    let world = MemoryWorld::default();
    let (outcome, record) = run(&world, &|_| false);
    let files = sdl::report::files(&outcome.record, &outcome.sheets).expect("tables are sound");
    std::iter::once(("record.json".to_owned(), record)).chain(files).collect()
}

/// The study's network, hardly trained.
pub fn network() -> sdl::network::Trained {
    let plan = plan();
    let (data, train) = (&plan.data["motion"], &plan.trains["fit"]);
    let motion = sdl::simulate::simulate(&plan.systems["springs"], data, &Silent).expect("it moves");
    let rows =
        |runs: std::ops::Range<usize>| (runs.start * motion.times.len()..runs.end * motion.times.len()).collect();
    let parts = sdl::simulate::Parts::new([rows(0..30), rows(30..35), rows(35..40)], vec![]);
    let plan = sdl::plan::TrainPlan { epochs: 1, ..train.clone() };
    sdl::network::train(&plan, sdl::network::Graph::complete(), &motion, &parts, &Silent).expect("it learns")
}

#[test]
fn a_clock_that_leaps_changes_no_result() {
    let (_, record) = run(&MemoryWorld::default(), &|_| false);
    let mut leaping = MemoryWorld::default();
    leaping.clock = Some(|tick| if tick.is_multiple_of(2) { -1e6 } else { 1e9 + tick as f64 });
    let (outcome, again) = run(&leaping, &|_| false);
    assert_eq!(outcome.status, Status::Holds, "{:?}", outcome.failure);
    assert!(again == record);
}

#[test]
fn a_run_that_was_cut_short_anywhere_goes_on_to_the_same_bits() {
    let (whole, record) = run(&MemoryWorld::default(), &|_| false);
    assert_eq!(whole.status, Status::Holds, "{:?}", whole.failure);
    let half_trained = |event: &Event| match event {
        Event::Progress { stage, progress } => stage.kind == StageKind::Train && 2 * progress.done > progress.total,
        _ => false,
    };
    let started = |kind| move |event: &Event| matches!(event, Event::StageStarted { stage, .. } if stage.kind == kind);
    let stops: [(&(dyn Fn(&Event) -> bool + Sync), usize); 4] = [
        (&started(StageKind::Data), 0),
        (&started(StageKind::Train), 1),
        (&half_trained, 1),
        (&started(StageKind::Distill), 2),
    ];
    for (stop, done) in stops {
        let world = MemoryWorld::default();
        let (cut, _) = run(&world, stop);
        assert_eq!((cut.status, cut.timing.stages.len()), (Status::Interrupted, done));
        let (resumed, again) = run(&world, &|_| false);
        assert_eq!(resumed.status, Status::Holds);
        assert_eq!(resumed.timing.stages.iter().filter(|stage| stage.cached).count(), done);
        assert!(again == record, "{done} stages were done before");
    }
}

#[test]
fn a_store_that_cannot_be_written_is_told_once_and_the_run_goes_on() {
    let mut world = MemoryWorld::default();
    world.locked.insert("store".into());
    let warnings = std::sync::Mutex::new(vec![]);
    let (outcome, _) = run(&world, &|event| {
        if let Event::Warning { diagnostic } = event {
            warnings.lock().unwrap().push(diagnostic.code.clone());
        }
        false
    });
    assert_eq!((outcome.status, warnings.into_inner().unwrap()), (Status::Holds, vec!["W0605".to_owned()]));
}

#[test]
fn more_memory_than_there_is_is_never_asked_for() {
    let mut world = MemoryWorld::default();
    world.memory = Some(1000);
    let (outcome, _) = run(&world, &|_| false);
    assert_eq!(outcome.failure.map(|failure| failure.diagnostic.code).as_deref(), Some("E0603"));
    assert!(outcome.timing.stages.is_empty());
}

#[test]
fn a_full_disk_fails_the_run_and_keeps_what_was_finished() {
    let mut world = MemoryWorld::default();
    let (_, record) = run(&world, &|_| false);
    let mut full = MemoryWorld::default();
    full.capacity = Some(200_000);
    let plan = plan();
    let folder = Folder::open(&full, Path::new("out"), &plan, SCRIPT, Existing::Refuse).unwrap();
    let warnings = std::sync::Mutex::new(vec![]);
    let sink = |event: Event| {
        if let Event::Warning { diagnostic } = event {
            warnings.lock().unwrap().push(diagnostic.code);
        }
    };
    let outcome = engine::run(&plan, &options(), &full, Some(&folder), &sink, &AtomicBool::new(false));
    // A store that is full costs time later, nothing else; a folder that is full fails the run.
    assert_eq!(warnings.lock().unwrap().first().map(|code| code.to_string()).as_deref(), Some("W0605"));
    assert_eq!(outcome.status, Status::Holds, "{:?}", outcome.failure);
    drop(folder);
    full.capacity = Some(10);
    let refused = Folder::open(&full, Path::new("other"), &plan, SCRIPT, Existing::Refuse);
    assert_eq!(refused.err().map(|finding| finding.code).as_deref(), Some("E0602"));
    world.capacity = None;
    let (_, again) = run(&world, &|_| false);
    assert_eq!(record, again);
}
