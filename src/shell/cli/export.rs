//! `sdl export`: the tracks of a data set as a table, simulated or read.

use super::ExportArguments;
use super::load::{self, UNSOUND};
use super::watch::Form;
use crate::base::{Diagnostic, Name, World};
use crate::engine;
use crate::report;
use crate::shell::terminal;
use crate::shell::world::Machine;
use std::path::Path;

/// Exit status of a data set that cannot be made.
const FAILED: u8 = 3;

/// Writes the table and says the exit status.
pub fn export(arguments: &ExportArguments, machine: &Machine) -> u8 {
    let loaded = load::load(&arguments.script, machine);
    loaded.show(Form::Quiet);
    let Some(plan) = loaded.plan() else { return UNSOUND };
    let home = arguments.script.file.parent().unwrap_or(Path::new(""));
    let refuse = |finding: Diagnostic, status| {
        load::show(loaded.sources(), &[finding], Form::Quiet);
        status
    };
    let plan = match loaded.bound(plan, home, machine) {
        Ok(plan) => plan,
        Err(finding) => return refuse(finding, UNSOUND),
    };
    let name = Name::from(arguments.data.as_str());
    if !plan.data.contains_key(&name) {
        let known: Vec<&str> = plan.data.keys().map(Name::as_str).collect();
        let finding = Diagnostic::new("E0217", format!("the script has no data set `{name}`"));
        return refuse(finding.help(format!("it has {}", known.join(", "))), UNSOUND);
    }
    let data = match engine::trajectories(&plan, &name, (machine, home)) {
        Ok(data) => data,
        Err(finding) => return refuse(finding, FAILED),
    };
    let sheet = match report::tracks(&name, &data, &arguments.columns) {
        Ok(sheet) => sheet,
        Err(known) => {
            let finding = Diagnostic::new("E0613", format!("`{name}` has no such column"));
            return refuse(finding.help(format!("its columns are {}", known.join(", "))), UNSOUND);
        }
    };
    let path = &arguments.out;
    let content = if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet")) {
        match report::parquet(&sheet) {
            Ok(content) => content,
            Err(error) => {
                let finding = Diagnostic::new("E0608", format!("the table `{name}` cannot be written as a file"));
                return refuse(finding.note(error.to_string()), FAILED);
            }
        }
    } else {
        report::csv(&sheet, arguments.digits.map(usize::from)).into_bytes()
    };
    if let Err(error) = machine.write(path, &content) {
        return refuse(load::unwritable(path, &error), FAILED);
    }
    terminal::say(&format!(
        "{}: {} rows, {}",
        path.display(),
        sheet.rows(),
        engine::estimate::bytes(content.len() as u64)
    ));
    0
}
