//! `sdl report`: the page of a finished run, made anew from its folder.

use super::ReportArguments;
use super::load;
use crate::base::{Diagnostic, Sources, World};
use crate::engine::{self, Sheet, Stored};
use crate::report::{self, Parts};
use crate::shell::colour;
use crate::shell::terminal;
use crate::shell::world::Machine;
use std::path::{Path, PathBuf};

/// Writes the page of a run and says the exit status.
pub fn report(arguments: &ReportArguments, machine: &Machine) -> u8 {
    match page(arguments, machine) {
        Ok(path) => {
            terminal::say(&path);
            0
        }
        Err(finding) => {
            terminal::show(&Sources::new(), &[finding]);
            load::UNSOUND
        }
    }
}

fn page(arguments: &ReportArguments, machine: &Machine) -> Result<String, Diagnostic> {
    let stored = |folder: &PathBuf| Ok((engine::stored(machine, folder)?, report::run_sheets(machine, folder)?));
    let runs: Vec<(Stored, Vec<Sheet>)> = arguments.runs.iter().map(stored).collect::<Result<_, Diagnostic>>()?;
    let scripts: Vec<_> = runs.iter().map(|(stored, _)| colour::pieces(&stored.script)).collect();
    let both = runs.iter().zip(&scripts);
    let parts: Vec<Parts> = both
        .map(|((Stored { record, timing, .. }, sheets), script)| Parts {
            record,
            sheets,
            timing: timing.as_ref(),
            script,
        })
        .collect();
    let (page, usual) = match (&parts[..], &arguments.runs[..]) {
        ([parts], [folder]) => (report::page(parts), folder.join("report.html")),
        (parts, folders) => {
            let names: Vec<String> = folders.iter().map(|folder| name_of(folder)).collect();
            let named: Vec<_> = names.iter().map(String::as_str).zip(parts.iter().copied()).collect();
            (report::several(&named), PathBuf::from("comparison.html"))
        }
    };
    let path = arguments.out.clone().unwrap_or(usual);
    machine.write(&path, page.as_bytes()).map_err(|error| load::unwritable(&path, &error))?;
    Ok(path.display().to_string())
}

fn name_of(folder: &Path) -> String {
    folder.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned())
}
