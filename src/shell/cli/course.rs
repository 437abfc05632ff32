//! Where a search of a table begins and what it leaves: formulas from files, checkpoints, and the folder of its front.

use super::load::{unreadable, unwritable};
use crate::base::{Diagnostic, Name, World};
use crate::expr::Expr;
use crate::language;
use crate::report::{front_csv, front_latex, front_markdown};
use crate::search::Front;
use serde_json::Value;
use std::path::Path;
use std::sync::Mutex;

/// Share of the time that checkpoints may take.
const SHARE: f64 = 0.02;
/// The checkpoint's name in the folder.
const CHECKPOINT: &str = "search.checkpoint";

/// The formulas of a file: a front as JSON or CSV that a search or a run wrote, their folder, or one formula a line.
pub fn formulas(path: &Path, world: &dyn World) -> Result<Vec<Expr>, Diagnostic> {
    let inside = ["front.json", "front.csv"].map(|name| path.join(name));
    let path = inside.iter().find(|path| world.exists(path)).map_or(path, |path| path);
    let bytes = world.read(path).map_err(|error| {
        unreadable(path, &error)
            .help("give a file with one formula a line, or the `front.json` or `front.csv` of a search")
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<String> = match path.extension().and_then(|ending| ending.to_str()) {
        Some("json") => in_json(&text),
        Some("csv") => in_csv(&bytes),
        _ => text.lines().map(|line| line.split('#').next().unwrap_or("").trim().to_owned()).collect(),
    };
    let read = |line: &String| {
        language::formula(line).map_err(|found| {
            let finding = Diagnostic::new("E0630", format!("`{line}` in `{}` is no formula", path.display()));
            let why = found.into_iter().find(Diagnostic::is_error);
            why.map_or(finding.clone(), |why| finding.note(why.headline))
                .help("write formulas as in a script, over the names of the columns, one a line")
        })
    };
    let found: Vec<Expr> = lines.iter().filter(|line| !line.is_empty()).map(read).collect::<Result<_, _>>()?;
    match found.is_empty() {
        true => Err(Diagnostic::new("E0630", format!("there is no formula in `{}`", path.display()))
            .help("give a file with one formula a line, or the `front.json` or `front.csv` of a search")),
        false => Ok(found),
    }
}

fn in_json(text: &str) -> Vec<String> {
    let last = text.lines().rev().find_map(|line| serde_json::from_str::<Value>(line).ok());
    let value = serde_json::from_str(text).ok().or(last).unwrap_or(Value::Null);
    let front = value["front"].as_array().cloned().unwrap_or_default();
    front.iter().filter_map(|formula| formula["sdl"].as_str().map(String::from)).collect()
}

fn in_csv(bytes: &[u8]) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(bytes);
    let column = reader.headers().ok().and_then(|headers| headers.iter().position(|name| name == "formula"));
    let records = reader.records().flatten();
    records.filter_map(|record| record.get(column?).map(String::from)).collect()
}

/// The folder of a search, where it has one.
pub struct Folder<'a> {
    path: &'a Path,
    world: &'a dyn World,
    /// When the last checkpoint was written and what it took, in seconds.
    kept: Mutex<(f64, f64)>,
}

impl<'a> Folder<'a> {
    /// The folder, made where it is missing.
    pub fn new(path: &'a Path, world: &'a dyn World) -> Result<Folder<'a>, Diagnostic> {
        world.create_folder(path).map_err(|error| unwritable(path, &error))?;
        Ok(Folder { path, world, kept: Mutex::new((f64::NEG_INFINITY, 0.0)) })
    }

    /// Writes a checkpoint where that costs little of the time. One that cannot be written costs time after a crash,
    /// nothing else.
    pub fn keep(&self, bytes: &dyn Fn() -> Vec<u8>) {
        let Ok(mut kept) = self.kept.lock() else { return };
        let now = self.world.seconds();
        if now - kept.0 >= kept.1 / SHARE {
            self.world.write(&self.path.join(CHECKPOINT), &bytes()).ok();
            let end = self.world.seconds();
            *kept = (end, end - now);
        }
    }

    /// The checkpoint of an earlier search.
    pub fn checkpoint(&self) -> Result<Vec<u8>, Diagnostic> {
        let path = self.path.join(CHECKPOINT);
        self.world.read(&path).map_err(|error| {
            unreadable(&path, &error)
                .help("`--resume` goes on from the folder that an earlier search had as its `--out`")
        })
    }

    /// Writes the front: all spellings as JSON, tables as CSV, Markdown and LaTeX.
    pub fn write(&self, front: &Front, target: &str, summary: &Value) -> Result<(), Diagnostic> {
        let csv = front_csv([(&Name::new(target), front)]).unwrap_or_default();
        let json = serde_json::to_string_pretty(summary).unwrap_or_default() + "\n";
        let files = [
            ("front.json", json.into_bytes()),
            ("front.csv", csv),
            ("front.md", front_markdown(front, target).into_bytes()),
            ("front.tex", front_latex(front, target).into_bytes()),
        ];
        files.iter().try_for_each(|(name, content)| {
            let path = self.path.join(name);
            self.world.write(&path, content).map_err(|error| unwritable(&path, &error))
        })
    }
}
