//! The table of a plan: declared columns made of what files hold, rows chosen, piece by piece.

use super::{Head, PLACE, TableError, Words, open};
use crate::base::{Cancelled, Name, Progress, Watch};
use crate::expr::{Expr, Scratch, Tape};
use crate::plan::{ColumnPlan, DataPlan, FilePlan};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// Columns of numbers with what is known of their rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names: those of declared columns, vectors by component (`velocity.x`), or of headers.
    pub names: Vec<Name>,
    /// Values by column in base units; what is missing is NaN.
    pub columns: Vec<Vec<f64>>,
    /// Which rows are never trained on and scored apart.
    pub held_out: Vec<bool>,
    /// Rows that the files have, those left out included.
    pub read: usize,
    /// The words of columns that tell runs or bodies apart by words, in alphabetical order: their values are places in it.
    pub words: BTreeMap<Name, Vec<String>>,
    /// The place of each row in its file; empty where rows are not bodies at a time.
    pub places: Vec<f64>,
    /// The files, each with the number of rows up to its end, and whether places in it are lines.
    pub files: Vec<(String, usize, bool)>,
}

impl Table {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.held_out.len()
    }

    /// The values of a column.
    pub fn column(&self, name: &Name) -> Option<&[f64]> {
        self.names.iter().position(|known| known == name).map(|at| &self.columns[at][..])
    }

    /// Where a row stands: `tracks.csv, line 12`.
    pub fn place(&self, row: usize) -> String {
        let file = self.files.iter().find(|(_, end, _)| row < *end);
        match (file, self.places.get(row)) {
            (Some((path, _, lines)), Some(place)) => format!("{path}, {} {place}", if *lines { "line" } else { "row" }),
            (Some((path, ..)), None) => path.clone(),
            (None, _) => format!("row {}", row + 1),
        }
    }

    /// A value of a column as people know it: a word, or a number.
    pub fn told(&self, name: &Name, value: f64) -> String {
        let word = self.words.get(name).and_then(|words| words.get(value as usize));
        word.cloned().unwrap_or_else(|| crate::expr::print::number(value))
    }
}

/// What a mistake in a file belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The file itself.
    From,
    /// A declared column, by name.
    Column(Name),
    /// Another field of the data set: `rows`, `target` …
    Field(&'static str),
}

/// Why a plan's table cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadError {
    /// A file is no table.
    File {
        /// Its path.
        path: String,
        /// Why.
        why: TableError,
    },
    /// A header that the plan names and a file lacks.
    NoColumn {
        /// The file's path.
        path: String,
        /// The header.
        name: Name,
        /// What names it.
        origin: Origin,
        /// The headers that the file has.
        known: Vec<String>,
    },
    /// A column of words where numbers are needed.
    Words {
        /// The file's path.
        path: String,
        /// The header.
        name: Name,
        /// What names it.
        origin: Origin,
    },
    /// A column that holds words in one file and numbers in another.
    Mixed {
        /// The other file's path.
        path: String,
        /// The header.
        name: Name,
        /// What names it.
        origin: Origin,
    },
    /// No row is left.
    NoRows {
        /// Rows that the files have.
        read: usize,
    },
    /// Stopped on request.
    Cancelled,
}

impl From<Cancelled> for ReadError {
    fn from(_: Cancelled) -> ReadError {
        ReadError::Cancelled
    }
}

/// Headers that a plan needs, each with what names it first.
fn needed(file: &FilePlan, hold_out: Option<&Expr>) -> Vec<(Name, Origin)> {
    let mut out: Vec<(Name, Origin)> = vec![];
    let mut add = |names: BTreeSet<Name>, origin: Origin| {
        for name in names {
            if out.iter().all(|(known, _)| *known != name) {
                out.push((name, origin.clone()));
            }
        }
    };
    for column in &file.columns {
        for component in &column.components {
            add(component.symbols(), Origin::Column(column.name.clone()));
        }
    }
    file.rows.iter().for_each(|rows| add(rows.symbols(), Origin::Field("rows")));
    hold_out.iter().for_each(|held| add(held.symbols(), Origin::Field("hold_out")));
    for (name, field) in undeclared(file) {
        add(BTreeSet::from([name.clone()]), Origin::Field(field));
    }
    out
}

/// Columns with a part to play that are headers, not declared, with the field that names them.
fn undeclared(file: &FilePlan) -> Vec<(&Name, &'static str)> {
    let roles = [
        (&file.target, "target"),
        (&file.weight, "weight"),
        (&file.run, "run"),
        (&file.order, "order"),
        (&file.time, "time"),
        (&file.particle, "particle"),
    ];
    let declared: Vec<Name> = file.columns.iter().flat_map(ColumnPlan::parts).collect();
    let mut out: Vec<(&Name, &'static str)> = vec![];
    for (role, field) in roles {
        if let Some(name) = role
            && !declared.contains(name)
            && out.iter().all(|(known, _)| *known != name)
        {
            out.push((name, field));
        }
    }
    out
}

/// Whether a file with this head has all that a plan needs.
pub fn check_head(path: &str, head: &Head, data: &DataPlan, file: &FilePlan) -> Result<(), ReadError> {
    places(path, head, &needed(file, data.hold_out.as_ref())).map(drop)
}

/// Whether a column may be of words: it only tells rows apart.
fn tells_apart(origin: &Origin) -> bool {
    matches!(origin, Origin::Field("run" | "particle"))
}

fn places(path: &str, head: &Head, needed: &[(Name, Origin)]) -> Result<Vec<usize>, ReadError> {
    let place = |(name, origin): &(Name, Origin)| {
        let (path, name, origin) = (path.to_owned(), name.clone(), origin.clone());
        match head.names.iter().position(|known| known == name.as_str()) {
            Some(at) if head.words[at] && !tells_apart(&origin) => Err(ReadError::Words { path, name, origin }),
            Some(at) => Ok(at),
            None => Err(ReadError::NoColumn { path, name, origin, known: head.names.clone() }),
        }
    };
    needed.iter().map(place).collect()
}

/// Opens the file at a path; why not, if it cannot be opened.
pub type Open<'a> = dyn FnMut(&str) -> Result<Box<dyn Read + Send>, String> + 'a;

/// Reads the files of a data set, in the order of their paths, into one table.
pub fn read_files(
    data: &DataPlan,
    file: &FilePlan,
    open_file: &mut Open,
    watch: &dyn Watch,
) -> Result<Table, ReadError> {
    let hold_out = data.hold_out.as_ref();
    let mut needed = needed(file, hold_out);
    let mut maker: Option<Maker> = None;
    let mut table = Table::default();
    let mut told: Vec<Option<Words>> = vec![];
    for path in file.content.keys() {
        let fault = |why: TableError| ReadError::File { path: path.clone(), why };
        let reader = open_file(path).map_err(|why| fault(TableError::Unreadable { why }))?;
        let mut rows = open(path, reader).map_err(fault)?;
        if maker.is_none() {
            if file.columns.is_empty() {
                // Without a declaration every column of numbers that the first file has is one.
                let head = rows.head();
                let numbers = head.names.iter().zip(&head.words).filter(|(_, words)| !**words);
                let names: Vec<Name> = numbers.map(|(name, _)| Name::from(name.as_str())).collect();
                let fresh = names.into_iter().filter(|name| needed.iter().all(|(known, _)| known != name));
                let fresh: Vec<Name> = fresh.collect();
                needed.extend(fresh.into_iter().map(|name| (name, Origin::From)));
            }
            maker = Some(Maker::new(file, hold_out, &needed));
        }
        let Some(maker) = maker.as_mut() else { continue };
        let mut wanted = places(path, rows.head(), &needed)?;
        let words: Vec<bool> = wanted.iter().map(|at| rows.head().words[*at]).collect();
        if told.is_empty() {
            told = words.iter().map(|words| words.then(Words::default)).collect();
        }
        if let Some(at) = (0..words.len()).find(|at| words[*at] != told[*at].is_some()) {
            let (name, origin) = needed[at].clone();
            return Err(ReadError::Mixed { path: path.clone(), name, origin });
        }
        if file.holds_tracks() {
            wanted.push(PLACE);
        }
        while let Some(mut piece) = rows.next(&wanted).map_err(fault)? {
            for ((column, told), at) in piece.iter_mut().zip(&mut told).zip(&wanted) {
                if let Some(told) = told {
                    renumber(column, rows.words(*at), told);
                }
            }
            let places = if file.holds_tracks() { piece.pop() } else { None };
            maker.add(&piece, places.as_deref(), &mut table);
            let note = String::new();
            watch.progress(Progress { done: table.read as u64, total: 0, unit: "rows", note });
            if watch.cancelled() {
                return Err(ReadError::Cancelled);
            }
        }
        table.files.push((path.clone(), table.rows(), rows.has_lines()));
    }
    table.names = maker.map_or(vec![], |maker| maker.names);
    for ((name, _), words) in needed.iter().zip(told) {
        if let Some(words) = words {
            sort_words(&mut table, name, words);
        }
    }
    match table.rows() {
        0 => Err(ReadError::NoRows { read: table.read }),
        _ => Ok(table),
    }
}

/// Gives words the numbers that they have in all files together.
fn renumber(column: &mut [f64], own: &[String], all: &mut Words) {
    let numbers: Vec<f64> = own.iter().map(|word| all.number(word)).collect();
    column.iter_mut().for_each(|value| *value = numbers.get(*value as usize).copied().unwrap_or(f64::NAN));
}

/// Numbers the words of a column in alphabetical order, whatever the order of rows.
fn sort_words(table: &mut Table, name: &Name, words: Words) {
    let Some(at) = table.names.iter().position(|known| known == name) else { return };
    let mut sorted = words.list.clone();
    sorted.sort();
    let ranks: Vec<f64> =
        words.list.iter().map(|word| sorted.binary_search(word).map_or(f64::NAN, |rank| rank as f64)).collect();
    let values = table.columns[at].iter_mut().filter(|value| !value.is_nan());
    values.for_each(|value| *value = ranks[*value as usize]);
    table.words.insert(name.clone(), sorted);
}

/// Makes rows of the table from rows of a file.
struct Maker {
    names: Vec<Name>,
    /// The columns, then the condition of `rows`, then that of `hold_out`.
    tape: Tape,
    chosen: Option<usize>,
    held: Option<usize>,
    scratch: Scratch<f64>,
}

impl Maker {
    fn new(file: &FilePlan, hold_out: Option<&Expr>, needed: &[(Name, Origin)]) -> Maker {
        let headers: Vec<Name> = needed.iter().map(|(name, _)| name.clone()).collect();
        let mut names: Vec<Name> = file.columns.iter().flat_map(ColumnPlan::parts).collect();
        let mut outputs: Vec<Expr> = file.columns.iter().flat_map(|column| column.components.clone()).collect();
        let bare: Vec<Name> = match file.columns.is_empty() {
            true => headers.clone(),
            false => undeclared(file).into_iter().map(|(name, _)| name.clone()).collect(),
        };
        outputs.extend(bare.iter().map(|name| Expr::symbol(name.clone())));
        names.extend(bare);
        let mut condition = |expr: Option<&Expr>| {
            expr.map(|expr| {
                outputs.push(expr.clone());
                outputs.len() - 1
            })
        };
        let (chosen, held) = (condition(file.rows.as_ref()), condition(hold_out));
        let tape = Tape::compile(&outputs, &headers, &[]).expect("every symbol of the plan is among the headers");
        Maker { names, tape, chosen, held, scratch: Scratch::new() }
    }

    fn add(&mut self, piece: &[Vec<f64>], at: Option<&[f64]>, table: &mut Table) {
        let rows = piece.first().map_or(0, Vec::len);
        let slices: Vec<&[f64]> = piece.iter().map(Vec::as_slice).collect();
        let mut made = vec![vec![0.0; rows]; self.tape.outputs()];
        let mut places: Vec<&mut [f64]> = made.iter_mut().map(Vec::as_mut_slice).collect();
        self.tape.eval(&slices, &[], &mut places, &mut self.scratch);
        let holds = |at: Option<usize>, row: usize| at.map(|at| made[at][row] != 0.0 && !made[at][row].is_nan());
        let kept: Vec<usize> = (0..rows).filter(|row| holds(self.chosen, *row) != Some(false)).collect();
        table.columns.resize(self.names.len(), vec![]);
        for (column, made) in table.columns.iter_mut().zip(&made) {
            column.extend(kept.iter().map(|row| made[*row]));
        }
        table.places.extend(at.into_iter().flat_map(|at| kept.iter().map(|row| at[*row])));
        table.held_out.extend(kept.iter().map(|row| holds(self.held, *row) == Some(true)));
        table.read += rows;
    }
}
