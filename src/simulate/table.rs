//! Tables from text files: comma, semicolon, tab or blanks between columns, a header or none, both inferred.

use std::fmt;

/// A table of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Headers, or `x1`, `x2`, … where the file has none.
    pub names: Vec<String>,
    /// Values by column; what is missing is NaN.
    pub values: Vec<Vec<f64>>,
}

/// Why a text is no table. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant's own words tell its fields")]
pub enum TableError {
    /// Nothing but blank lines and comments.
    Empty,
    /// A header and nothing below.
    NoRows,
    /// Not UTF-8 text.
    NotText { line: usize },
    /// A cell that is no number.
    Cell { line: usize, column: usize, name: String, text: String },
    /// A line with another number of cells than the lines before.
    Width { line: usize, expected: usize, found: usize },
    /// A header that stands twice.
    Twice { name: String },
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            TableError::Empty => f.write_str("the file holds no table"),
            TableError::NoRows => f.write_str("the file holds a header and no rows"),
            TableError::NotText { line } => write!(f, "line {line} is not UTF-8 text"),
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

/// Words for a missing value.
const MISSING: [&str; 6] = ["", "NA", "N/A", "nan", "NaN", "null"];

/// The table of a file's bytes. The separator is the first of comma, semicolon and tab that the first line has, else
/// blanks. The first line is a header where one of its cells is no number. Lines that begin with `#` are comments.
pub fn read_table(bytes: &[u8]) -> Result<Columns, TableError> {
    let mut lines = bytes.split(|byte| *byte == b'\n').enumerate().filter_map(|(index, line)| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = if index == 0 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        match std::str::from_utf8(line) {
            Ok(text) if text.trim().is_empty() || text.starts_with('#') => None,
            Ok(text) => Some(Ok((index + 1, text))),
            Err(_) => Some(Err(TableError::NotText { line: index + 1 })),
        }
    });
    let (first_line, first) = lines.next().ok_or(TableError::Empty)??;
    let separator = [',', ';', '\t'].into_iter().find(|separator| first.contains(*separator));
    let cells = |text: &str| -> Vec<String> {
        match separator {
            Some(separator) => split(text, separator),
            None => text.split_whitespace().map(String::from).collect(),
        }
    };
    let head = cells(first);
    let is_header = head.iter().any(|cell| number(cell).is_none());
    let names: Vec<String> = match is_header {
        true => head.clone(),
        false => (1..=head.len()).map(|k| format!("x{k}")).collect(),
    };
    if let Some(name) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)).map(|(_, name)| name) {
        return Err(TableError::Twice { name: name.clone() });
    }
    let mut table = Columns { values: vec![vec![]; names.len()], names };
    let mut add = |line: usize, cells: Vec<String>| {
        if cells.len() != table.names.len() {
            return Err(TableError::Width { line, expected: table.names.len(), found: cells.len() });
        }
        for (column, cell) in cells.into_iter().enumerate() {
            let Some(value) = number(&cell) else {
                let name = table.names[column].clone();
                return Err(TableError::Cell { line, column: column + 1, name, text: cell });
            };
            table.values[column].push(value);
        }
        Ok(())
    };
    if !is_header {
        add(first_line, head)?;
    }
    for line in lines {
        let (line, text) = line?;
        add(line, cells(text))?;
    }
    match table.values.first().is_some_and(|column| !column.is_empty()) {
        true => Ok(table),
        false => Err(TableError::NoRows),
    }
}

/// A cell as a number; NaN where it is missing.
fn number(cell: &str) -> Option<f64> {
    if MISSING.contains(&cell) { Some(f64::NAN) } else { cell.parse().ok() }
}

/// The cells of a line; a cell in quotes may hold the separator, and two quotes for one.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut().expect("there is always one");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            _ if letter == separator && !quoted => cells.push(String::new()),
            _ => cell.push(letter),
        }
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_every_make_are_read() {
        let expected = Columns { names: vec!["a".into(), "b".into()], values: vec![vec![1.0, 3.0], vec![2.0, -4e3]] };
        for text in [
            "a,b\n1,2\n3,-4e3\n",
            "a;b\r\n1;2\r\n\r\n3;-4e3",
            "# of a friend\na\tb\n1\t2\n3\t-4e3\n",
            "a  b\n 1   2\n3 -4e3",
            "\u{feff}\"a\",b\n1,\"2\"\n3 ,-4e3\n",
        ] {
            assert_eq!(read_table(text.as_bytes()).as_ref(), Ok(&expected), "{text}");
        }
        let bare = read_table(b"1,2\n3,\n").unwrap();
        assert_eq!(bare.names, ["x1", "x2"]);
        assert!(bare.values[1][1].is_nan() && bare.values[0] == [1.0, 3.0]);
        assert_eq!(read_table(b"\"x, y\",z\n1,2").unwrap().names, ["x, y", "z"]);
    }

    #[test]
    fn what_is_no_table_is_said_with_its_place() {
        for (text, told) in [
            (&b""[..], "the file holds no table"),
            (b"a,b\n", "the file holds a header and no rows"),
            (b"a,b\n1,2\n1,x\n", "line 3, column 2 (`b`): `x` is not a number"),
            (b"a,b\n1,2,3\n", "line 2 has 3 cells where 2 are expected"),
            (b"a,a\n1,2\n", "the column `a` stands twice in the header"),
            (b"a,b\n1,\xff\n", "line 2 is not UTF-8 text"),
        ] {
            assert_eq!(read_table(text).unwrap_err().to_string(), told);
        }
    }
}
