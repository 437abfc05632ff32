//! `sdl verify`: whether a run folder is as it was sealed, and whether running its plan again gives the same.

use super::VerifyArguments;
use super::load::{UNSOUND, refuse};
use super::runs::both;
use crate::base::Diagnostic;
use crate::engine::{self, Difference, Event, Options, Record, Status, Stored};
use crate::shell::interrupt;
use crate::shell::terminal::{self, remark};
use crate::shell::world::Machine;
use std::path::PathBuf;

/// Differences that are shown; the rest is counted.
const SHOWN: usize = 12;

/// Checks a run and says the exit status: 0 identical or equal within tolerance, 1 different.
pub fn verify(arguments: &VerifyArguments, machine: &Machine) -> u8 {
    let (stored, changed) =
        match (engine::stored(machine, &arguments.run), engine::changed_files(machine, &arguments.run)) {
            (Ok(stored), Ok(changed)) => (stored, changed),
            (Err(finding), _) | (_, Err(finding)) => return refuse(&finding),
        };
    if !changed.is_empty() {
        terminal::say("different: files are not as the run left them");
        changed.iter().for_each(|line| terminal::say(&format!("  {line}")));
        return 1;
    }
    if arguments.quick {
        terminal::say("all files are as the run left them; nothing was run");
        return 0;
    }
    match again(&stored, machine) {
        Ok(record) => judge(&stored.record, &record, arguments.tolerance),
        Err(status) => status,
    }
}

/// The record of the same plan run anew, without the store; the exit status if it does not come to its end.
fn again(stored: &Stored, machine: &Machine) -> Result<Record, u8> {
    let was = &stored.record;
    let options = Options {
        script: was.script.clone(),
        folder: stored.timing.as_ref().map_or(PathBuf::new(), |timing| timing.folder.clone()),
        build: machine.build(),
        threads: rayon::current_num_threads(),
        ..Options::default()
    };
    let sink = |event: Event| match event {
        Event::StageStarted { stage, index, of } => remark(&format!("[{index}/{of}] {} again", stage.name)),
        Event::Failed { diagnostic, .. } => {
            refuse(&diagnostic);
        }
        _ => {}
    };
    let cancel = interrupt::flag();
    let outcome = engine::run(&was.plan, &options, machine, None, &sink, &cancel);
    match outcome.status {
        Status::Holds | Status::Fails => Ok(outcome.record),
        status => Err(status.exit()),
    }
}

fn judge(was: &Record, is: &Record, tolerance: f64) -> u8 {
    let found = engine::differences(was, is);
    if found.is_empty() {
        terminal::say("identical: the same record, bit for bit");
        return 0;
    }
    let close = |found: &&Difference| match (&found.one, &found.other) {
        (Some(one), Some(other)) => engine::close(one, other, tolerance),
        _ => false,
    };
    let apart: Vec<&Difference> = found.iter().filter(|found| !close(found)).collect();
    if apart.is_empty() {
        let few = if found.len() == 1 { "1 number differs".into() } else { format!("{} numbers differ", found.len()) };
        terminal::say(&format!("equal within {tolerance:e}: {few} by less"));
        return 0;
    }
    terminal::say(&format!("different at {} place{}", apart.len(), if apart.len() == 1 { "" } else { "s" }));
    for found in apart.iter().take(SHOWN) {
        let [was, is] = both(found);
        terminal::say(&format!("  {}: was {was}, is {is}", found.place));
    }
    if was.version != is.version {
        let finding = Diagnostic::new("E0640", format!("the run is of sdl {}, this is {}", was.version, is.version));
        refuse(&finding.help("compare with the version that made it"));
        return UNSOUND;
    }
    1
}
