//! Data files of a plan: which there are, what they hold, and reading them. They lie below the script's folder, and what
//! a run reads is what was hashed when it began.
//!
//! | code | finding |
//! |---|---|
//! | `E0611` | a data file cannot be read, or is no table |
//! | `E0613` | a column is missing in a file, or holds no numbers |
//! | `E0614` | the rows of a file are no tracks of bodies |

use crate::base::{Diagnostic, Hash, Hasher, Name, Watch, World, locate_below};
use crate::expr::print::number;
use crate::plan::{DataPlan, DataSource, FileContent, FilePlan, Plan};
use crate::simulate::{self, Origin, ReadError, Table, TableError, TrackError};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Bytes hashed at a time.
const PIECE: usize = 1 << 20;
/// Files that one path may name.
const MOST: usize = 100_000;

/// A mistake in a data file, with what asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFault {
    /// The data set.
    pub data: Name,
    /// The field of its item that is to blame: `from`, `rows`, `column mass`.
    pub field: String,
    /// What is wrong.
    pub diagnostic: Diagnostic,
}

/// Looks at the heads of a plan's files, and says what the plan cannot have of them.
pub fn check_files(plan: &Plan, world: &dyn World, folder: &Path) -> Vec<FileFault> {
    let mut found = vec![];
    for (name, data) in &plan.data {
        let DataSource::File(file) = &data.from else { continue };
        let checked = files(world, folder, &file.path).map_err(|why| unread(&file.path, why)).and_then(|paths| {
            paths.iter().try_for_each(|path| {
                let fault = |why| ReadError::File { path: path.clone(), why };
                let reader = open(world, folder, path).map_err(|why| fault(TableError::Unreadable { why }))?;
                let rows = simulate::open(path, reader).map_err(fault)?;
                simulate::check_head(path, rows.head(), data, file)
            })
        });
        found.extend(checked.err().map(|error| placed(name, &error)));
    }
    found
}

/// Notes in the plan which files there are and what they hold.
pub fn bind_files(plan: &mut Plan, world: &dyn World, folder: &Path) -> Result<(), Box<FileFault>> {
    for (name, data) in &mut plan.data {
        let DataSource::File(file) = &mut data.from else { continue };
        let bound = files(world, folder, &file.path).and_then(|paths| {
            let content = paths.into_iter().map(|path| Ok((path.clone(), content(world, folder, &path)?)));
            content.collect::<Result<BTreeMap<_, _>, String>>()
        });
        match bound {
            Ok(content) => file.content = content,
            Err(why) => return Err(Box::new(placed(name, &unread(&file.path, why)))),
        }
    }
    Ok(())
}

/// Reads the table of a data set. Every file must still be what the plan says.
pub fn read_table(
    data: &DataPlan,
    file: &FilePlan,
    world: &dyn World,
    folder: &Path,
    watch: &dyn Watch,
) -> Result<Table, ReadError> {
    let mut read: Vec<(String, Arc<Mutex<Hasher>>)> = vec![];
    let mut open_file = |path: &str| -> Result<Box<dyn Read + Send>, String> {
        let hasher = Arc::new(Mutex::new(Hasher::default()));
        read.push((path.to_owned(), hasher.clone()));
        Ok(Box::new(Hashed { file: open(world, folder, path)?, hasher }))
    };
    let table = simulate::read_files(data, file, &mut open_file, watch)?;
    for (path, hasher) in read {
        let hash = hasher.lock().map_or(Hash::default(), |hasher| hasher.hash());
        if file.content.get(&path).is_some_and(|content| content.hash != hash) {
            return Err(unread(
                &path,
                "it is not what it was when the run began, or when the run to repeat was made".into(),
            ));
        }
    }
    Ok(table)
}

/// What is wrong with a file, and the field of the data set that asked for it.
pub fn file_fault(name: &Name, error: &ReadError) -> (String, Diagnostic) {
    let place = |origin: &Origin| match origin {
        Origin::From => "from".to_owned(),
        Origin::Column(column) => format!("column {column}"),
        Origin::Field(field) => (*field).to_owned(),
    };
    let unread = |path: &str| Diagnostic::new("E0611", format!("`{path}` cannot be read as data of `{name}`"));
    match error {
        ReadError::File { path, why } => ("from".into(), unread(path).note(why.to_string()).help(why.help())),
        ReadError::NoRows { read } => {
            let finding = Diagnostic::new("E0611", format!("no row is left in `{name}`"));
            ("rows".into(), finding.note(format!("the files have {read} rows")).help("loosen the condition of `rows`"))
        }
        ReadError::NoColumn { path, name: column, origin, known } => {
            let near = known.iter().min_by_key(|known| strsim::damerau_levenshtein(known, column));
            let listed = known.iter().take(30).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let finding = Diagnostic::new("E0613", format!("`{path}` has no column `{column}`"))
                .note(format!("its columns are {listed}"));
            let finding = match near.filter(|near| strsim::damerau_levenshtein(near, column) <= near.len() / 2) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("a column declared in the script can be used below its own line only"),
            };
            (place(origin), finding)
        }
        ReadError::Words { path, name: column, origin } => {
            let finding =
                Diagnostic::new("E0613", format!("the column `{column}` of `{path}` holds words, not numbers"));
            (place(origin), finding.help("leave it out, or write it as numbers; `run` and `particle` may be words"))
        }
        ReadError::Mixed { path, name: column, origin } => {
            let headline =
                format!("the column `{column}` is of words in one file of `{name}` and of numbers in another");
            let finding = Diagnostic::new("E0613", headline).note(format!("the other file is `{path}`"));
            (place(origin), finding.help("write it alike in all files"))
        }
        ReadError::Cancelled => ("from".into(), Diagnostic::new("E0611", "reading was stopped")),
    }
}

/// What is wrong with tracks, and the field of the data set that asked for it.
pub fn track_fault(name: &Name, file: &FilePlan, error: &TrackError) -> (String, Diagnostic) {
    let finding = |what: String| Diagnostic::new("E0614", what);
    let column = |column: &Name| {
        let roles = [("run", &file.run), ("time", &file.time), ("particle", &file.particle)];
        let role = roles.into_iter().find(|(_, role)| role.as_ref() == Some(column));
        // A component stands in its vector's line.
        let vector = column.split_once('.').map_or(column.as_str(), |(vector, _)| vector);
        role.map_or(format!("column {vector}"), |(field, _)| field.to_owned())
    };
    match error {
        TrackError::NotFinite { column: of, place } => {
            let finding = finding(format!("`{of}` is missing or infinite in `{name}`")).note(place.clone());
            (column(of), finding.help("leave such rows out by `rows`: a body without a row is missing at that time"))
        }
        TrackError::Twice { body: Some(body), time, places } => {
            let finding = finding(format!("the body `{body}` stands twice at the time {}", number(*time)))
                .note(format!("{}; again {}", places[0], places[1]));
            let help = match file.run {
                Some(_) => "a body has one row at each time of a run: take one of them out",
                None => "take one of them out, or name the column that tells runs apart: `run = run`",
            };
            ("particle".into(), finding.help(help))
        }
        TrackError::Twice { body: None, time, places } => {
            let finding = finding(format!("`{name}` has several rows of the time {}", number(*time)))
                .note(format!("{}; {}", places[0], places[1]));
            ("time".into(), finding.help("name the column that tells bodies apart: `particle = body`"))
        }
        TrackError::OneBody { run, place } => {
            let of = run.as_ref().map_or(format!("`{name}`"), |run| format!("the run `{run}` of `{name}`"));
            let finding = finding(format!("{of} has one body alone: nothing acts on it")).note(place.clone());
            ("particle".into(), finding.help("messages go between bodies: give the rows of all that act on each other"))
        }
        TrackError::Bodies { runs, bodies } => {
            let finding = finding(format!("runs of `{name}` have unequal numbers of bodies"))
                .note(format!("the run `{}` has {}, `{}` has {}", runs[0], bodies[0], runs[1], bodies[1]));
            ("particle".into(), finding.help("leave runs of another size out by `rows`, or make a data set of each"))
        }
        TrackError::Changes { column: of, values, places } => {
            let finding = finding(format!("`{of}` of a body changes with time"))
                .note(format!("{}: {}; {}: {}", places[0], number(values[0]), places[1], number(values[1])))
                .help("what bodies carry is constant in a run: take the column out, or write one value for all times");
            (column(of), finding)
        }
        TrackError::NoSnapshots { incomplete, bodies } => {
            let finding = finding(format!("at no time of `{name}` are all bodies of a run there"))
                .note(format!("{incomplete} times lack one of {bodies} bodies"));
            ("particle".into(), finding.help("leave bodies that come and go out by `rows`"))
        }
        TrackError::FewTimes { most, needed } => {
            let headline = format!("`{name}` has too few times for local fits");
            ("time".into(), few_times(finding(headline), *most, *needed))
        }
    }
}

/// The finding that there are too few times to estimate accelerations.
pub fn few_times(finding: Diagnostic, most: usize, needed: usize) -> Diagnostic {
    finding
        .note(format!(
            "accelerations are estimated from {needed} or more times without a gap; a run has {most} at most"
        ))
        .help("give more snapshots, or measured accelerations")
}

fn placed(name: &Name, error: &ReadError) -> FileFault {
    let (field, diagnostic) = file_fault(name, error);
    FileFault { data: name.clone(), field, diagnostic }
}

fn unread(path: &str, why: String) -> ReadError {
    ReadError::File { path: path.into(), why: TableError::Unreadable { why } }
}

fn open(world: &dyn World, folder: &Path, path: &str) -> Result<Box<dyn Read + Send>, String> {
    let located = locate_below(world, folder, path)?;
    world.open(&located.path).map_err(|error| error.to_string())
}

fn content(world: &dyn World, folder: &Path, path: &str) -> Result<FileContent, String> {
    let mut file = open(world, folder, path)?;
    let (mut hasher, mut bytes, mut piece) = (Hasher::default(), 0, vec![0; PIECE]);
    loop {
        match file.read(&mut piece).map_err(|error| error.to_string())? {
            0 => return Ok(FileContent { hash: hasher.hash(), bytes }),
            count => {
                hasher.take(&piece[..count]);
                bytes += count as u64;
            }
        }
    }
}

/// A file whose bytes are hashed as they are read.
struct Hashed {
    file: Box<dyn Read + Send>,
    hasher: Arc<Mutex<Hasher>>,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        if let Ok(mut hasher) = self.hasher.lock() {
            hasher.take(&buffer[..count]);
        }
        Ok(count)
    }
}

/// The files that a path names, sorted: itself, or those whose names fit its `*` and `?`.
fn files(world: &dyn World, folder: &Path, path: &str) -> Result<Vec<String>, String> {
    if !path.contains(['*', '?']) {
        return Ok(vec![path.to_owned()]);
    }
    if path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Err("a script reads only files below its own folder".into());
    }
    let mut found = vec![String::new()];
    for part in path.split('/') {
        let mut next = vec![];
        for base in &found {
            let below = |name: &str| if base.is_empty() { name.to_owned() } else { format!("{base}/{name}") };
            if part.contains(['*', '?']) {
                let names = world.list(&folder.join(base)).unwrap_or_default();
                next.extend(names.iter().filter(|name| fits(part, name)).map(|name| below(name)));
            } else {
                next.push(below(part));
            }
        }
        found = next;
    }
    found.retain(|path| world.locate(&folder.join(path)).is_ok());
    found.sort();
    match found.len() {
        0 => Err("no file fits it".into()),
        count if count > MOST => Err(format!("{count} files fit it; {MOST} are read at most")),
        _ => Ok(found),
    }
}

/// Whether a name fits a pattern: `*` stands for any letters, `?` for one.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    if name.first() == Some(&'.') && pattern.first() != Some(&'.') {
        return false;
    }
    // After the last star, the name's letters that it took.
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some('?') => (p, n) = (p + 1, n + 1),
            Some(letter) if *letter == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    (p, n) = (at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::MemoryWorld;

    #[test]
    fn patterns_name_files_below_the_script() {
        for (pattern, name, fit) in [
            ("*.csv", "a.csv", true),
            ("*.csv", ".csv", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-d", false),
            ("run?.csv", "run1.csv", true),
            ("run?.csv", "run10.csv", false),
            ("*", "x", true),
        ] {
            assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
        }
        let world = MemoryWorld::with_files(&[
            ("home/d/b.csv", ""),
            ("home/d/a.csv", ""),
            ("home/d/c.txt", ""),
            ("home/e/a.csv", ""),
        ]);
        let named = |path| files(&world, Path::new("home"), path);
        assert_eq!(named("d/*.csv").unwrap(), ["d/a.csv", "d/b.csv"]);
        assert_eq!(named("*/a.csv").unwrap(), ["d/a.csv", "e/a.csv"]);
        assert_eq!(named("plain.csv").unwrap(), ["plain.csv"]);
        for path in ["../*.csv", "/home/d/*.csv", "d/*.npy"] {
            assert!(named(path).is_err(), "{path}");
        }
    }
}
