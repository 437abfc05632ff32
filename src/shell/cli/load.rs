//! Script files to plans, and what is found on the way.

use super::ScriptArguments;
use super::watch::Form;
use crate::base::{Diagnostic, Severity, SourceId, Sources, World, read_below};
use crate::engine::{self, Event, FileFault, Lock};
use crate::language::{self, Checked, Origin, Override};
use crate::plan::Plan;
use crate::shell::terminal;
use std::path::Path;

/// Exit status of a script that does not check.
pub const UNSOUND: u8 = 2;

/// Bytes of a text that a script uses, at most.
const LONGEST: u64 = 10_000_000;

/// A script that was read and checked.
pub struct Loaded {
    plan: Option<Plan>,
    findings: Vec<Diagnostic>,
    cannot_run: Vec<Diagnostic>,
    origin: Origin,
    sources: Sources,
}

/// Reads a script and every file it uses, all below its own folder, and checks it. `--strict` makes errors of warnings.
pub fn load(arguments: &ScriptArguments, world: &dyn World) -> Loaded {
    let bytes = match world.read(&arguments.file) {
        Ok(bytes) => bytes,
        Err(error) => return Loaded::nothing(unreadable(&arguments.file, &error)),
    };
    let (text, mut findings) = language::read_text(SourceId(0), bytes);
    let mut overrides = vec![];
    for one in &arguments.set {
        match Override::parse(one) {
            Ok(one) => overrides.push(one),
            Err(finding) => findings.push(*finding),
        }
    }
    let folder = arguments.file.parent().unwrap_or(Path::new(""));
    let read = |path: &str| text_below(folder, path, world);
    let Checked { plan, diagnostics, cannot_run, origin, sources, .. } =
        language::check(&arguments.file.display().to_string(), &text, &read, &overrides, arguments.seed);
    findings.extend(diagnostics);
    if let Some(plan) = &plan {
        findings.extend(costs(plan, world.memory()));
        findings.extend(engine::check_files(plan, world, folder).into_iter().map(|fault| placed(&origin, fault)));
    }
    if arguments.strict {
        findings.iter_mut().for_each(|finding| finding.severity = Severity::Error);
    }
    let mut texts = Sources::new();
    for source in sources {
        texts.add(source.name, source.text);
    }
    Loaded { plan, findings, cannot_run, origin, sources: texts }
}

/// The finding of a data file at the line of the script that asked for it.
fn placed(origin: &Origin, fault: FileFault) -> Diagnostic {
    match origin.place(&fault.data, &fault.field) {
        Some(span) => fault.diagnostic.at(span, "asked for here"),
        None => fault.diagnostic,
    }
}

/// Warnings about what a plan will take.
fn costs(plan: &Plan, free: Option<u64>) -> Vec<Diagnostic> {
    // The pool of threads is set up later: asking it now would start it.
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
    let summary = engine::estimate(plan, &engine::stages(plan), threads);
    engine::cost_warnings(plan, &summary, threads, free)
}

impl Loaded {
    fn nothing(finding: Diagnostic) -> Loaded {
        Loaded {
            plan: None,
            findings: vec![finding],
            cannot_run: vec![],
            origin: Origin::default(),
            sources: Sources::new(),
        }
    }

    /// The plan, if nothing speaks against it.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref().filter(|_| !self.findings.iter().any(Diagnostic::is_error))
    }

    /// As [`Loaded::plan`], but nothing either if the plan asks for what this version cannot run, which is shown.
    pub fn plan_to_run(&self, form: Form) -> Option<&Plan> {
        show(&self.sources, &self.cannot_run, form);
        self.plan().filter(|_| self.cannot_run.is_empty())
    }

    /// The plan with what its data files hold now; the finding if one cannot be read.
    pub fn bound(&self, plan: &Plan, folder: &Path, world: &dyn World) -> Result<Plan, Diagnostic> {
        let mut plan = plan.clone();
        match engine::bind_files(&mut plan, world, folder) {
            Ok(()) => Ok(plan),
            Err(fault) => Err(placed(&self.origin, *fault)),
        }
    }

    /// Texts that places point into.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The script's own text.
    pub fn text(&self) -> &str {
        self.sources.get(SourceId(0)).map_or("", |source| source.text())
    }

    /// The hashes of the script and of all it reads.
    pub fn lock(&self, plan: &Plan) -> Lock {
        let texts = (1..).map_while(|index| self.sources.get(SourceId(index)));
        Lock::new(self.text(), texts.map(|source| (source.name(), source.text())), plan)
    }

    /// All findings.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// Shows all findings.
    pub fn show(&self, form: Form) {
        show(&self.sources, &self.findings, form);
    }

    /// The event with the line of the script that a failed stage came from.
    pub fn placed(&self, event: Event) -> Event {
        match event {
            Event::Failed { stage: Some(stage), field, mut diagnostic } if diagnostic.labels.is_empty() => {
                let place = self.origin.place(&stage.name, field.as_deref().unwrap_or(""));
                if let Some(span) = place {
                    diagnostic = diagnostic.at(span, "asked for here");
                }
                Event::Failed { stage: Some(stage), field, diagnostic }
            }
            other => other,
        }
    }
}

/// Shows findings: drawn for people, or as one line of JSON each.
pub fn show(sources: &Sources, findings: &[Diagnostic], form: Form) {
    match form {
        Form::Json => {
            for finding in terminal::render_json(findings, sources).lines() {
                terminal::say(&format!(r#"{{"event":"finding","diagnostic":{finding}}}"#));
            }
        }
        Form::Text(_) | Form::Quiet => terminal::show(sources, findings),
    }
}

/// Shows a finding of a command that needs no script, and says the exit status.
pub fn refuse(finding: &Diagnostic) -> u8 {
    terminal::show(&Sources::new(), std::slice::from_ref(finding));
    UNSOUND
}

/// A file that cannot be read.
pub fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new("E0607", format!("`{}` cannot be read", path.display()))
        .note(error.to_string())
        .help("give the path of a script, such as `examples/springs.sdl`")
}

/// A file that cannot be written.
pub fn unwritable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new("E0602", format!("`{}` cannot be written", path.display())).note(error.to_string())
}

/// The text of a file that a script uses.
pub fn text_below(folder: &Path, path: &str, world: &dyn World) -> Result<String, String> {
    String::from_utf8(read_below(world, folder, path, LONGEST)?).map_err(|_| "it is not UTF-8 text".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::MemoryWorld;

    #[test]
    fn only_files_below_the_script_are_read() {
        let world = MemoryWorld::with_files(&[("home/a/b.sdl", "text"), ("home/secret", "x")]);
        let read = |path| text_below(Path::new("home/a"), path, &world);
        assert_eq!(read("b.sdl").as_deref(), Ok("text"));
        assert_eq!(read("./b.sdl").as_deref(), Ok("text"));
        for path in ["../secret", "/home/secret", "b.sdl/../../secret", "c.sdl"] {
            assert!(read(path).is_err(), "{path}");
        }
    }
}
