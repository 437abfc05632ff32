//! Events of a run, told as they come: as text for people or as JSON for programs.

use crate::base::{Diagnostic, Progress, Sources};
use crate::engine::{Event, Status};
use crate::plan::{Plan, Stage};
use crate::report;
use crate::shell::terminal::progress::{Meter, Style, duration};
use crate::shell::terminal::{self, remark, say};
use std::sync::Mutex;

/// In which form a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text, with progress in this style.
    Text(Style),
    /// Nothing but what went wrong.
    Quiet,
    /// One JSON object per line.
    Json,
}

/// Tells the events of one run.
pub struct Teller<'a> {
    form: Form,
    plan: &'a Plan,
    sources: &'a Sources,
    meter: Mutex<Option<Meter>>,
    /// The last epoch in words, for the meter.
    epoch: Mutex<String>,
}

impl<'a> Teller<'a> {
    /// A teller in this form; `sources` are the texts that findings point into.
    pub fn new(form: Form, plan: &'a Plan, sources: &'a Sources) -> Teller<'a> {
        Teller { form, plan, sources, meter: Mutex::new(None), epoch: Mutex::default() }
    }

    /// Tells one event.
    pub fn tell(&self, event: &Event) {
        match self.form {
            Form::Json => say(&serde_json::to_string(event).expect("events have no non-string keys")),
            Form::Quiet => self.tell_mistakes(event),
            Form::Text(style) => self.tell_people(event, style),
        }
    }

    /// Shows a finding of the run.
    pub fn find(&self, finding: &Diagnostic) {
        terminal::show(self.sources, std::slice::from_ref(finding));
    }

    fn title(&self, stage: &Stage) -> String {
        format!("{} {}", self.plan.verb(stage), stage.name)
    }

    fn tell_mistakes(&self, event: &Event) {
        match event {
            Event::Warning { diagnostic } | Event::Failed { diagnostic, .. } => self.find(diagnostic),
            Event::Expect { expectation, .. } if !expectation.holds => remark(&report::expect_line(expectation)),
            _ => {}
        }
    }

    fn tell_people(&self, event: &Event, style: Style) {
        let mut meter = self.meter.lock().expect("no holder of the lock panics");
        // Lines and a moving bar do not share a place.
        if !matches!(event, Event::Progress { .. } | Event::Epoch { .. })
            && let Some(meter) = meter.take()
        {
            meter.finish();
        }
        match event {
            Event::Plan { summary, .. } => say_all(&report::overview(self.plan, summary)),
            Event::StageStarted { stage, index, of } => {
                self.epoch.lock().map(|mut epoch| epoch.clear()).ok();
                *meter = Some(Meter::start(style, format!("[{index}/{of}] {}", self.title(stage))));
            }
            Event::Progress { progress, .. } => {
                if let Some(meter) = meter.as_mut() {
                    let epoch = self.epoch.lock().map(|epoch| epoch.clone()).unwrap_or_default();
                    meter.tell(&Progress { note: format!("{}{epoch}", progress.note), ..progress.clone() });
                }
            }
            Event::Epoch { validation, active, .. } => {
                if let Ok(mut said) = self.epoch.lock() {
                    let loss = report::short(*validation, 3);
                    *said = format!(", {loss} on validation, {active} messages in use");
                }
            }
            Event::StageFinished { stage, cached, seconds } => {
                let time = if *cached { "kept from before".into() } else { duration(*seconds) };
                say("");
                say(&format!("{}  ({time})", self.title(stage)));
            }
            Event::Metrics { stage, results } => say_all(&report::metric_lines(self.plan, stage, results)),
            Event::Front { front, .. } => {
                say("");
                say_all(&report::front_lines(front));
            }
            Event::Law { distill, finding, .. } => {
                say("");
                say_all(&report::law_lines(self.plan, distill, finding));
            }
            Event::Relation { distill, relation, .. } => {
                say("");
                say_all(&report::relation_lines(self.plan, distill, relation));
            }
            Event::Warning { diagnostic } | Event::Failed { diagnostic, .. } => self.find(diagnostic),
            Event::Expect { expectation, .. } => say(&report::expect_line(expectation)),
            Event::Table { table } => {
                say("");
                say_all(&report::table_lines(table));
            }
            Event::Summary { status, folder, seconds, .. } => {
                say("");
                let how = match status {
                    Status::Holds => "done in",
                    Status::Fails => "done, but not everything expected came out, in",
                    Status::Failed => "failed after",
                    Status::Interrupted => "interrupted (what is finished is kept, the same command goes on) after",
                };
                let folder = folder.as_ref().map_or(String::new(), |folder| format!("  →  {folder}"));
                say(&format!("{how} {}{folder}", duration(*seconds)));
            }
        }
    }
}

fn say_all(lines: &[String]) {
    lines.iter().for_each(|line| say(line));
}
