//! `sdl run`: check, run, report.

use super::RunArguments;
use super::load::{self, Loaded};
use super::watch::{Form, Teller};
use crate::base::{Diagnostic, World};
use crate::engine::{self, Cache, Event, Existing, Folder, Live, Options, Outcome, Status};
use crate::plan::Plan;
use crate::report::{self, Parts};
use crate::shell::colour;
use crate::shell::interrupt;
use crate::shell::tensorboard::Log;
use crate::shell::terminal::{self, progress::Style};
use crate::shell::world::Machine;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Runs a script and says the exit status.
pub fn run(arguments: &RunArguments, machine: &Machine) -> u8 {
    let form = match () {
        () if arguments.json => Form::Json,
        () if arguments.quiet => Form::Quiet,
        () if terminal::watched() => Form::Text(Style::Bar),
        () => Form::Text(Style::Lines),
    };
    let loaded = load::load(&arguments.script, machine);
    loaded.show(form);
    let Some(plan) = loaded.plan_to_run(form) else { return load::UNSOUND };
    let home = arguments.script.file.parent().map_or(PathBuf::new(), PathBuf::from);
    let plan = &match loaded.bound(plan, &home, machine) {
        Ok(plan) => plan,
        Err(finding) => return refuse(&loaded, form, &finding),
    };
    let threads = match threads(arguments.threads) {
        Ok(threads) => threads,
        Err(finding) => return refuse(&loaded, form, &finding),
    };
    let script = arguments.script.file.file_stem().map_or("script".into(), |stem| stem.to_string_lossy().into_owned());
    let path = arguments.out.clone().unwrap_or_else(|| Folder::default_path(&script, &crate::base::hash_of(plan)));
    let summary = engine::estimate(plan, &engine::stages(plan), threads);
    if let Err(finding) = engine::check_memory(&summary, arguments.max_memory.or_else(|| machine.memory())) {
        return refuse(&loaded, form, &finding);
    }
    let existing = if arguments.resume { Existing::Resume } else { Existing::Refuse };
    let folder = match Folder::open(machine, &path, plan, loaded.text(), existing) {
        Ok(folder) => folder,
        Err(finding) => return refuse(&loaded, form, &finding),
    };
    if let Err(finding) = folder.write_lock(&loaded.lock(plan)) {
        return refuse(&loaded, form, &finding);
    }
    let options = Options {
        script,
        folder: home,
        cache: Cache::default_folder(machine),
        build: machine.build(),
        max_memory: arguments.max_memory,
        max_seconds: arguments.max_time,
        threads,
    };
    let log = match arguments.tensorboard.then(|| Log::create(&path.join("tensorboard"))).transpose() {
        Ok(log) => log,
        Err(error) => return refuse(&loaded, form, &load::unwritable(&path.join("tensorboard"), &error)),
    };
    conduct(&loaded, plan, &options, machine, (&folder, log), form)
}

/// Runs a sound plan in an open folder, reports, and says the exit status.
fn conduct(
    loaded: &Loaded,
    plan: &Plan,
    options: &Options,
    machine: &Machine,
    (folder, log): (&Folder, Option<Log>),
    form: Form,
) -> u8 {
    let cancel = interrupt::flag();
    let teller = Teller::new(form, plan, loaded.sources());
    let live = Mutex::new(Tracked::default());
    let sink = |event: Event| {
        log.iter().for_each(|log| log.tell(&event));
        if let Ok(mut live) = live.lock() {
            live.tell(&event, folder.path(), machine);
        }
        teller.tell(&loaded.placed(event));
    };
    let mut outcome = engine::run(plan, options, machine, Some(folder), &sink, &cancel);
    if let Ok(mut live) = live.lock() {
        live.end(folder.path(), machine);
    }
    outcome.timing.machine = machine.facts();
    if let Form::Text(_) = form {
        terminal::say("");
        report::summary(&outcome.record, &outcome.sheets, terminal::WIDTH).iter().for_each(|line| terminal::say(line));
    }
    if let Err(finding) = write_reports(folder, &outcome, loaded.text()) {
        sink(Event::Failed { stage: None, field: None, diagnostic: finding });
        outcome.status = Status::Failed;
    }
    let Outcome { record, timing, status, .. } = outcome;
    sink(Event::Summary {
        status,
        exit: status.exit(),
        folder: Some(folder.path().display().to_string()),
        seconds: timing.seconds,
        results: record.results,
        expects: record.expects,
    });
    status.exit()
}

/// What the folder tells of a run under way.
#[derive(Default)]
struct Tracked {
    live: Option<Live>,
    /// When it was last written.
    written: f64,
}

impl Tracked {
    /// Takes an event in; the file is written once a second at most.
    fn tell(&mut self, event: &Event, folder: &Path, machine: &Machine) {
        if let Event::StageStarted { stage, .. } = event {
            self.live = Some(Live::begin(stage));
        }
        let Some(live) = &mut self.live else { return };
        live.take(event);
        let now = machine.seconds();
        if now - self.written >= 1.0 || matches!(event, Event::StageStarted { .. }) {
            self.written = now;
            let text = serde_json::to_vec(live).expect("plain data");
            // Who looks from outside sees less then; the run itself goes on.
            machine.write(&Live::path(folder), &text).ok();
        }
    }

    /// The file goes with the run: what is said after its end is not of its stages.
    fn end(&mut self, folder: &Path, machine: &Machine) {
        self.live = None;
        machine.remove(&Live::path(folder)).ok();
    }
}

/// Writes everything that can be shown of a run, finished or not.
fn write_reports(folder: &Folder, outcome: &Outcome, script: &str) -> Result<(), Diagnostic> {
    folder.write_record(&outcome.record)?;
    folder.write_timing(&outcome.timing)?;
    for (name, content) in report::files(&outcome.record, &outcome.sheets)? {
        folder.write(&name, &content)?;
    }
    let script = colour::pieces(script);
    let Outcome { record, sheets, timing, .. } = outcome;
    let page = report::page(&Parts { record, sheets, timing: Some(timing), script: &script });
    folder.write("report.html", page.as_bytes())?;
    folder.seal()
}

fn refuse(loaded: &Loaded, form: Form, finding: &Diagnostic) -> u8 {
    load::show(loaded.sources(), std::slice::from_ref(finding), form);
    Status::Failed.exit()
}

/// Sets up the one pool of threads, and says how many there are.
fn threads(wanted: Option<u16>) -> Result<usize, Diagnostic> {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(wanted.unwrap_or(0).into());
    builder
        .build_global()
        .map_err(|error| Diagnostic::new("E0606", "no threads can be started").note(error.to_string()))?;
    Ok(rayon::current_num_threads())
}
