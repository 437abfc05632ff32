//! `sdl runs` and `sdl compare`: what was run, and how two runs differ.

use super::load::refuse;
use super::{CompareArguments, RunsArguments};
use crate::base::{Diagnostic, Name, World};
use crate::engine::{self, Difference, Stored};
use crate::expr::print::typeset;
use crate::report::{Align, grid, short};
use crate::shell::terminal::{self, progress::duration};
use crate::shell::world::Machine;
use serde_json::Value;

/// Lists the runs in a folder and says the exit status.
pub fn runs(arguments: &RunsArguments, machine: &Machine) -> u8 {
    let names = match machine.list(&arguments.folder) {
        Ok(names) => names,
        Err(error) => {
            let headline = format!("`{}` is no folder that can be read", arguments.folder.display());
            return refuse(&Diagnostic::new("E0640", headline).note(error.to_string()));
        }
    };
    let header = ["run", "state", "time", "law"].map(String::from).to_vec();
    let found =
        names.iter().filter_map(|name| Some((name, engine::stored(machine, &arguments.folder.join(name)).ok()?)));
    let rows: Vec<Vec<String>> = found.map(|(name, stored)| row(name, &stored)).collect();
    if rows.is_empty() {
        terminal::say(&format!("no runs in {}", arguments.folder.display()));
        return 0;
    }
    use Align::{Left, Right};
    let rows: Vec<Vec<String>> = [header].into_iter().chain(rows).collect();
    grid(&[Left, Left, Right, Left], &rows).iter().for_each(|line| terminal::say(line));
    0
}

fn row(name: &str, stored: &Stored) -> Vec<String> {
    let record = &stored.record;
    let failed = record.expects.iter().filter(|expect| !expect.holds).count();
    let state = match (record.finished, failed) {
        (false, _) => "unfinished".into(),
        (true, 0) => "holds".into(),
        (true, failed) => format!("{failed} of {} fail", record.expects.len()),
    };
    let law = |finding: &engine::LawFinding| typeset::line(&finding.law.pair);
    let relation = |one: &engine::Relation| format!("{} = {}", one.target, typeset::line(&one.expr));
    let laws: Vec<String> = record.laws.values().map(law).chain(record.relations.values().map(relation)).collect();
    let time = stored.timing.as_ref().map_or(String::new(), |timing| duration(timing.seconds));
    vec![name.to_owned(), state, time, laws.join("; ")]
}

/// Says how two runs differ and the exit status: 0 where they do not, 1 where they do.
pub fn compare(arguments: &CompareArguments, machine: &Machine) -> u8 {
    let (one, other) = match (engine::stored(machine, &arguments.one), engine::stored(machine, &arguments.other)) {
        (Ok(one), Ok(other)) => (one, other),
        (Err(finding), _) | (_, Err(finding)) => return refuse(&finding),
    };
    let found = engine::differences(&one.record, &other.record);
    if found.is_empty() {
        terminal::say("identical");
        return 0;
    }
    let mut shown = false;
    for (title, beginning) in [("settings", "plan."), ("results", "results."), ("expectations", "expects.")] {
        let part: Vec<&Difference> = found.iter().filter(|found| found.place.starts_with(beginning)).collect();
        if !part.is_empty() {
            let rows = part.iter().map(|found| {
                let place = found.place.trim_start_matches(beginning);
                let [one, other] = both(found);
                vec![place.to_owned(), one, other]
            });
            let header = vec![title.to_owned(), "one".into(), "other".into()];
            let rows: Vec<Vec<String>> = [header].into_iter().chain(rows).collect();
            grid(&[Align::Left, Align::Right, Align::Right], &rows).iter().for_each(|line| terminal::say(line));
            terminal::say("");
            shown = true;
        }
    }
    let formula = |run: &Stored, name: &Name| {
        let law = run.record.laws.get(name).map(|finding| &finding.law.pair);
        law.or(run.record.relations.get(name).map(|relation| &relation.expr)).map(typeset::line)
    };
    for name in one.record.laws.keys().chain(one.record.relations.keys()) {
        let (Some(first), Some(second)) = (formula(&one, name), formula(&other, name)) else { continue };
        let laws = [first, second];
        let line = if laws[0] == laws[1] {
            format!("{name}: {} in both", laws[0])
        } else {
            format!("{name}: {} and {}", laws[0], laws[1])
        };
        terminal::say(&line);
    }
    if !shown {
        terminal::say("the same settings and results; other details of the records differ");
    }
    1
}

/// Both values of a difference for people, with as many digits as tell them apart.
pub fn both(found: &Difference) -> [String; 2] {
    let with = |digits: usize| [&found.one, &found.other].map(|value| said(value.as_ref(), digits));
    [5, 9, 13].into_iter().map(with).find(|[one, other]| one != other).unwrap_or_else(|| with(17))
}

/// A value, cut where it is long.
fn said(value: Option<&Value>, digits: usize) -> String {
    match value {
        None => "–".into(),
        Some(Value::Number(number)) if number.is_f64() => {
            number.as_f64().map_or(number.to_string(), |number| short(number, digits))
        }
        Some(Value::String(text)) => text.chars().take(40).collect(),
        Some(value) => value.to_string().chars().take(40).collect(),
    }
}
