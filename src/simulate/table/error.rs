//! Why a file is no table, as data. Lines and columns count from 1.

use std::fmt;

/// Why a file is no table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableError {
    /// It cannot be read at all.
    Unreadable {
        /// What the system says.
        why: String,
    },
    /// It is of a kind that is not read.
    Refused {
        /// What it is.
        what: &'static str,
        /// What to do about it.
        help: &'static str,
    },
    /// It is not what its first bytes say, or cut short.
    Unsound {
        /// Of which kind it claims to be.
        kind: &'static str,
        /// What is wrong.
        why: String,
    },
    /// Nothing but blank lines and comments.
    Empty,
    /// A header and nothing below.
    NoRows,
    /// Not UTF-8 text.
    NotText {
        /// The line.
        line: usize,
    },
    /// A line longer than any table has.
    Endless {
        /// The line.
        line: usize,
    },
    /// A cell that is no number.
    Cell {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The column's name.
        name: String,
        /// What the cell holds.
        text: String,
    },
    /// A line with another number of cells than the lines before.
    Width {
        /// The line.
        line: usize,
        /// Cells that the lines before have.
        expected: usize,
        /// Cells that it has.
        found: usize,
    },
    /// A header that stands twice.
    Twice {
        /// The header.
        name: String,
    },
}

impl TableError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            TableError::Refused { help, .. } => help,
            TableError::Unreadable { .. } => "give the path of a file that can be read",
            TableError::Unsound { .. } => "the file may be cut short: copy or write it again",
            _ => "a table has one row a line, numbers between commas, tabs or blanks, and headers in its first line",
        }
    }
}

impl From<std::io::Error> for TableError {
    fn from(error: std::io::Error) -> TableError {
        TableError::Unreadable { why: error.to_string() }
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            TableError::Unreadable { why } => f.write_str(why),
            TableError::Refused { what, .. } => write!(f, "it is {what}, which is not read"),
            TableError::Unsound { kind, why } => write!(f, "it is no sound {kind}: {why}"),
            TableError::Empty => f.write_str("the file holds no table"),
            TableError::NoRows => f.write_str("the file holds a header and no rows"),
            TableError::NotText { line } => write!(f, "line {line} is not UTF-8 text"),
            TableError::Endless { line } => write!(f, "line {line} goes on for more than 64 MiB"),
            TableError::Cell { line, column, name, text } => {
                write!(f, "line {line}, column {column} (`{name}`): `{text}` is not a number")
            }
            TableError::Width { line, expected, found } => {
                write!(f, "line {line} has {found} cells where {expected} are expected")
            }
            TableError::Twice { name } => write!(f, "the column `{name}` stands twice in the header"),
        }
    }
}

impl std::error::Error for TableError {}
