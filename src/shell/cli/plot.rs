//! `sdl plot`: the charts of a finished run, as text in the terminal or as files.

use super::PlotArguments;
use super::load::{self, refuse};
use crate::base::{Diagnostic, World};
use crate::engine;
use crate::report::{self, Chart};
use crate::shell::terminal;
use crate::shell::world::Machine;

/// Draws charts and says the exit status.
pub fn plot(arguments: &PlotArguments, machine: &Machine) -> u8 {
    match drawn(arguments, machine) {
        Ok(lines) => {
            lines.iter().for_each(|line| terminal::say(line));
            0
        }
        Err(finding) => refuse(&finding),
    }
}

fn drawn(arguments: &PlotArguments, machine: &Machine) -> Result<Vec<String>, Diagnostic> {
    let stored = engine::stored(machine, &arguments.run)?;
    let sheets = report::run_sheets(machine, &arguments.run)?;
    let charts = report::charts(&stored.record, &sheets);
    let names: Vec<&str> = charts.iter().map(|(name, _)| name.as_str()).collect();
    let wanted: Vec<&Chart> = match &arguments.chart {
        None => charts.iter().map(|(_, chart)| chart).collect(),
        // By its own name, or by that of its file.
        Some(wanted) => {
            let named = charts.iter().filter(|(name, _)| name == wanted || report::file_stem(name, '-') == *wanted);
            named.map(|(_, chart)| chart).collect()
        }
    };
    if wanted.is_empty() {
        let what = arguments.chart.as_deref().unwrap_or("any");
        return Err(Diagnostic::new("E0642", format!("the run has no chart `{what}`"))
            .help(format!("it has {}", names.join(", "))));
    }
    let Some(path) = &arguments.out else {
        let texts: Vec<Vec<String>> = wanted.into_iter().map(report::text).filter(|text| !text.is_empty()).collect();
        return Ok(report::beside(&texts, terminal::WIDTH));
    };
    let content = if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
        report::png(wanted[0])
    } else {
        report::svg(wanted[0]).map(String::into_bytes)
    };
    let content = content.ok_or_else(|| Diagnostic::new("E0642", "the chart has no finite point to draw"))?;
    machine.write(path, &content).map_err(|error| load::unwritable(path, &error))?;
    Ok(vec![path.display().to_string()])
}
