//! Tables from files: text of every make ([`text`]), NumPy arrays ([`numpy`]), Parquet ([`parquet`]), halo catalogues
//! ([`groups`]). A file is told by its first bytes and read piece by piece; [`derive`] makes the columns of a plan of it.
//!
//! Memory: a piece of text is 8 MiB and the numbers in it, a piece of Parquet a row group; Parquet and NumPy files lie in
//! memory while they are read. What is kept of a file is 8 bytes for each number of a column that the plan names.

mod derive;
mod error;
mod groups;
mod numpy;
mod parquet;
mod split;
#[cfg(test)]
mod tests;
mod text;

pub use self::parquet::{parquet_name, write_parquet};
pub use derive::{Open, Origin, ReadError, Table, check_head, read_files};
pub use error::TableError;
pub use split::split_table;

use std::collections::BTreeMap;
use std::io::{Chain, Cursor, Read};

/// A file that is read.
pub type File = Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>;

/// What the columns of a file are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// Names, or `x1`, `x2`, … where the file has none.
    pub names: Vec<String>,
    /// Which of them hold words in place of numbers.
    pub words: Vec<bool>,
}

impl Head {
    /// A head of columns of numbers; an error if a name stands twice.
    fn of_numbers(names: Vec<String>) -> Result<Head, TableError> {
        Head { words: vec![false; names.len()], names }.distinct()
    }

    fn distinct(self) -> Result<Head, TableError> {
        match self.names.iter().enumerate().find(|(at, name)| self.names[..*at].contains(name)) {
            Some((_, name)) => Err(TableError::Twice { name: name.clone() }),
            None => Ok(self),
        }
    }
}

/// Asked for in place of a column: the line of each row, or its number from 1 where a file has no lines.
pub const PLACE: usize = usize::MAX;

/// The rows of a file, piece by piece.
pub trait Rows {
    /// What its columns are.
    fn head(&self) -> &Head;

    /// The next rows of these columns, in this order; none at the end. What is missing is NaN. Words are told by number, see
    /// [`Rows::words`].
    fn next(&mut self, wanted: &[usize]) -> Result<Option<Vec<Vec<f64>>>, TableError>;

    /// The words that were met so far in a column of words, each at the number that stands for it.
    fn words(&self, _column: usize) -> &[String] {
        &[]
    }

    /// Whether places are lines, and not numbers of rows.
    fn has_lines(&self) -> bool {
        false
    }
}

/// Words by number, in the order in which they were met.
#[derive(Clone, Debug, Default)]
struct Words {
    list: Vec<String>,
    numbers: BTreeMap<String, usize>,
}

impl Words {
    /// The number of a word, a new one for a new word.
    fn number(&mut self, word: &str) -> f64 {
        if let Some(number) = self.numbers.get(word) {
            return *number as f64;
        }
        self.list.push(word.to_owned());
        self.numbers.insert(word.to_owned(), self.list.len() - 1);
        (self.list.len() - 1) as f64
    }
}

/// Begins to read a file. The path is used for its name only: halo catalogues have no mark in their first bytes.
pub fn open(path: &str, mut file: Box<dyn Read + Send>) -> Result<Box<dyn Rows>, TableError> {
    let mut first = vec![];
    file.by_ref().take(8).read_to_end(&mut first)?;
    let name = path.rsplit('/').next().unwrap_or(path);
    let begins = |mark: &[u8]| first.starts_with(mark);
    let refused = |what: &'static str, help: &'static str| Err(TableError::Refused { what, help });
    match () {
        () if begins(b"\x93NUMPY") => numpy::array(whole(first, file)?),
        () if begins(b"PK\x03\x04") => numpy::archive(whole(first, file)?),
        () if begins(b"PAR1") => self::parquet::rows(whole(first, file)?),
        () if name.contains("group_tab_") => groups::rows(whole(first, file)?),
        () if begins(b"ARROW1") => refused("an Arrow file", "write it as Parquet: `df.to_parquet(\"table.parquet\")`"),
        () if begins(b"\x89HDF") => {
            refused("an HDF5 file", "write its arrays as NPZ: `np.savez(\"table.npz\", x=f[\"x\"])`")
        }
        () if begins(b"\x1f\x8b") => refused("compressed by gzip", "unpack it first: `gunzip -k FILE`"),
        () if begins(b"\xd0\xcf\x11\xe0") => refused("a spreadsheet", "save it as CSV"),
        () => Ok(Box::new(text::Text::begin(Cursor::new(first).chain(file))?)),
    }
}

fn whole(mut first: Vec<u8>, mut rest: Box<dyn Read + Send>) -> Result<Vec<u8>, TableError> {
    rest.read_to_end(&mut first)?;
    Ok(first)
}

/// A table of numbers that lies in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Names of its columns.
    pub names: Vec<String>,
    /// Values by column; what is missing is NaN.
    pub values: Vec<Vec<f64>>,
    /// Columns of words, which are left out.
    pub words: Vec<String>,
}

/// All columns of numbers of a file.
pub fn read_table(path: &str, file: Box<dyn Read + Send>) -> Result<Columns, TableError> {
    let mut rows = open(path, file)?;
    let head = rows.head().clone();
    let wanted: Vec<usize> = (0..head.names.len()).filter(|at| !head.words[*at]).collect();
    let mut table = Columns {
        names: wanted.iter().map(|at| head.names[*at].clone()).collect(),
        values: vec![vec![]; wanted.len()],
        words: head.names.iter().zip(&head.words).filter(|(_, word)| **word).map(|(name, _)| name.clone()).collect(),
    };
    while let Some(piece) = rows.next(&wanted)? {
        table.values.iter_mut().zip(piece).for_each(|(column, piece)| column.extend(piece));
    }
    if table.values.first().is_none_or(Vec::is_empty) {
        return Err(TableError::NoRows);
    }
    Ok(table)
}

/// Columns that were read at once.
struct Whole {
    head: Head,
    columns: Vec<Vec<f64>>,
    given: bool,
}

impl Whole {
    fn rows(names: Vec<String>, columns: Vec<Vec<f64>>) -> Result<Box<dyn Rows>, TableError> {
        Ok(Box::new(Whole { head: Head::of_numbers(names)?, columns, given: false }))
    }
}

impl Rows for Whole {
    fn head(&self) -> &Head {
        &self.head
    }

    fn next(&mut self, wanted: &[usize]) -> Result<Option<Vec<Vec<f64>>>, TableError> {
        let fresh = !std::mem::replace(&mut self.given, true);
        let rows = self.columns.first().map_or(0, Vec::len);
        let column = |at: &usize| match *at {
            PLACE => (1..=rows).map(|row| row as f64).collect(),
            at => self.columns[at].clone(),
        };
        Ok(fresh.then(|| wanted.iter().map(column).collect()))
    }
}
