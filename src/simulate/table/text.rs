//! Tables as text: comma, semicolon, tab or blanks between columns, a header or none, both inferred from the first lines.
//! Pieces of some MiB are cut at line ends and parsed on all threads.
//!
//! Limits: a cell does not go on over a line's end, quoted or not.

use super::{File, Head, PLACE, Rows, TableError, Words};
use rayon::prelude::*;
use std::io::Read;

/// Bytes of a piece.
const PIECE: usize = 8 << 20;
/// Bytes of a part of a piece, parsed by one thread.
const PART: usize = 256 << 10;
/// Bytes of a line, at most.
const LONGEST: usize = 64 << 20;
/// Characters of a cell that a message shows.
const SHOWN: usize = 40;

/// Words for a missing value.
const MISSING: [&str; 6] = ["", "NA", "N/A", "nan", "NaN", "null"];

/// A table in a text.
pub struct Text {
    file: File,
    head: Head,
    /// What is between cells; `None` for blanks.
    separator: Option<char>,
    /// Bytes read and not yet given: from the first row on.
    buffer: Vec<u8>,
    /// Lines before the buffer.
    lines: usize,
    ended: bool,
    empty: bool,
    /// Words met so far, by column.
    words: Vec<Words>,
}

impl Text {
    /// Reads the first lines. The separator is the first of comma, semicolon and tab that the first line has, else
    /// blanks. The first line is a header where one of its cells is no number; else the last line of the comments (`#`)
    /// before it where that has as many cells.
    pub fn begin(file: File) -> Result<Text, TableError> {
        let mut text = Text {
            file,
            head: Head::default(),
            separator: None,
            buffer: vec![],
            lines: 0,
            ended: false,
            empty: true,
            words: vec![],
        };
        let mut comment = String::new();
        let (first, line) = loop {
            match text.line()? {
                None => return Err(TableError::Empty),
                Some((line, _)) if line.starts_with('#') => comment = line,
                Some((line, _)) if line.trim().is_empty() => {}
                Some(found) => break found,
            }
        };
        let separator = [',', ';', '\t'].into_iter().find(|separator| first.contains(*separator));
        text.separator = separator;
        let cells = |line: &str| -> Vec<String> {
            let mut all = vec![];
            each_cell(line, separator, &mut |_, cell| all.push(cell.to_owned()));
            all
        };
        let is_header = |cells: &[String]| cells.iter().any(|cell| number(cell).is_none());
        let head = cells(&first);
        let above = cells(comment.trim_start_matches('#'));
        let names = match is_header(&head) {
            true => head.clone(),
            false if above.len() == head.len() && is_header(&above) => above,
            false => (1..=head.len()).map(|k| format!("x{k}")).collect(),
        };
        let mut words = vec![false; names.len()];
        if is_header(&head) {
            let next = loop {
                match text.line()? {
                    None => return Err(TableError::NoRows),
                    Some((line, _)) if line.trim().is_empty() || line.starts_with('#') => {}
                    Some(found) => break found,
                }
            };
            let cells = cells(&next.0);
            words = cells.iter().map(|cell| number(cell).is_none()).collect();
            words.resize(names.len(), false);
            text.back(next);
        } else {
            text.back((first, line));
        }
        text.head = Head { names, words }.distinct()?;
        text.words = vec![Words::default(); text.head.names.len()];
        Ok(text)
    }

    /// The next line of the head without its end, and its bytes as they were.
    fn line(&mut self) -> Result<Option<(String, Vec<u8>)>, TableError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let bytes: Vec<u8> = self.buffer.drain(..=end).collect();
                return self.text(bytes).map(Some);
            }
            if self.ended {
                let bytes = std::mem::take(&mut self.buffer);
                return if bytes.is_empty() { Ok(None) } else { self.text(bytes).map(Some) };
            }
            self.fill(64 << 10)?;
        }
    }

    fn text(&mut self, bytes: Vec<u8>) -> Result<(String, Vec<u8>), TableError> {
        self.lines += 1;
        let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = if self.lines == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        match std::str::from_utf8(line) {
            Ok(text) => Ok((text.to_owned(), bytes)),
            Err(_) => Err(TableError::NotText { line: self.lines }),
        }
    }

    /// Puts a line back, to be read as a row.
    fn back(&mut self, (line, bytes): (String, Vec<u8>)) {
        self.lines -= 1;
        let end: &[u8] = if bytes.ends_with(b"\n") { b"\n" } else { b"" };
        self.buffer.splice(0..0, [line.as_bytes(), end].concat());
    }

    /// Reads some bytes more.
    fn fill(&mut self, bytes: usize) -> Result<(), TableError> {
        if self.buffer.len() > LONGEST {
            return Err(TableError::Endless { line: self.lines + 1 });
        }
        let read = self.file.by_ref().take(bytes as u64).read_to_end(&mut self.buffer)?;
        self.ended = read < bytes;
        Ok(())
    }

    /// The bytes of the next whole lines.
    fn piece(&mut self) -> Result<Vec<u8>, TableError> {
        while !self.ended && (self.buffer.len() < PIECE || !self.buffer.contains(&b'\n')) {
            self.fill(PIECE)?;
        }
        let end = match self.ended {
            true => self.buffer.len(),
            false => self.buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1),
        };
        let rest = self.buffer.split_off(end);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }
}

impl Rows for Text {
    fn head(&self) -> &Head {
        &self.head
    }

    fn next(&mut self, wanted: &[usize]) -> Result<Option<Vec<Vec<f64>>>, TableError> {
        let piece = self.piece()?;
        if piece.is_empty() {
            return if self.empty { Err(TableError::NoRows) } else { Ok(None) };
        }
        let parts: Vec<&[u8]> = parts(&piece);
        let parsed: Vec<Parsed> =
            parts.par_iter().map(|part| parse(part, self.separator, &self.head, wanted)).collect();
        let mut columns = vec![vec![]; wanted.len()];
        for part in parsed {
            if let Some(fault) = part.fault {
                return Err(at_line(fault, self.lines));
            }
            // Words have numbers of their part, places lines of it.
            let whole: Vec<Vec<f64>> = (part.words.iter().zip(&mut self.words))
                .map(|(part, words)| part.list.iter().map(|word| words.number(word)).collect())
                .collect();
            for ((column, values), at) in columns.iter_mut().zip(part.columns).zip(wanted) {
                match *at {
                    PLACE => column.extend(values.iter().map(|line| line + self.lines as f64)),
                    at if self.head.words[at] => {
                        column.extend(values.iter().map(|word| whole[at].get(*word as usize).unwrap_or(word)));
                    }
                    _ => column.extend(values),
                }
            }
            self.lines += part.lines;
            self.empty &= part.rows == 0;
        }
        Ok(Some(columns))
    }

    fn words(&self, column: usize) -> &[String] {
        &self.words[column].list
    }

    fn has_lines(&self) -> bool {
        true
    }
}

/// Whole lines of about equal length together.
fn parts(piece: &[u8]) -> Vec<&[u8]> {
    let mut out = vec![];
    let mut rest = piece;
    while rest.len() > PART {
        let Some(end) = rest[PART..].iter().position(|byte| *byte == b'\n') else { break };
        let (part, after) = rest.split_at(PART + end + 1);
        out.push(part);
        rest = after;
    }
    if !rest.is_empty() {
        out.push(rest);
    }
    out
}

/// What was parsed of some lines.
struct Parsed {
    columns: Vec<Vec<f64>>,
    /// Words by column, numbered within these lines.
    words: Vec<Words>,
    lines: usize,
    rows: usize,
    /// The first mistake, its line counted from the first of these.
    fault: Option<TableError>,
}

fn parse(part: &[u8], separator: Option<char>, head: &Head, wanted: &[usize]) -> Parsed {
    let words = vec![Words::default(); head.names.len()];
    let mut out = Parsed { columns: vec![vec![]; wanted.len()], words, lines: 0, rows: 0, fault: None };
    let mut places = vec![vec![]; head.names.len()];
    let slots = || wanted.iter().enumerate();
    slots().filter(|(_, at)| **at != PLACE).for_each(|(slot, at)| places[*at].push(slot));
    let lines: Vec<usize> = slots().filter(|(_, at)| **at == PLACE).map(|(slot, _)| slot).collect();
    for line in part.strip_suffix(b"\n").unwrap_or(part).split(|byte| *byte == b'\n') {
        out.lines += 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(text) = std::str::from_utf8(line) else {
            out.fault = Some(TableError::NotText { line: out.lines });
            return out;
        };
        if text.trim().is_empty() || text.starts_with('#') {
            continue;
        }
        let mut wrong = None;
        let found = each_cell(text, separator, &mut |column, cell| {
            let Some(slots) = places.get(column).filter(|slots| !slots.is_empty()) else { return };
            let value = match head.words[column] {
                true if MISSING.contains(&cell) => Some(f64::NAN),
                true => Some(out.words[column].number(cell)),
                false => number(cell),
            };
            match value {
                Some(value) => slots.iter().for_each(|slot| out.columns[*slot].push(value)),
                None => {
                    wrong.get_or_insert((column, cell.chars().take(SHOWN).collect::<String>()));
                }
            }
        });
        if found != head.names.len() {
            out.fault = Some(TableError::Width { line: out.lines, expected: head.names.len(), found });
            return out;
        }
        if let Some((column, text)) = wrong {
            let name = head.names[column].clone();
            out.fault = Some(TableError::Cell { line: out.lines, column: column + 1, name, text });
            return out;
        }
        lines.iter().for_each(|slot| out.columns[*slot].push(out.lines as f64));
        out.rows += 1;
    }
    out
}

/// The fault with its line counted from the file's first.
fn at_line(fault: TableError, before: usize) -> TableError {
    match fault {
        TableError::NotText { line } => TableError::NotText { line: line + before },
        TableError::Width { line, expected, found } => TableError::Width { line: line + before, expected, found },
        TableError::Cell { line, column, name, text } => TableError::Cell { line: line + before, column, name, text },
        other => other,
    }
}

/// A cell as a number; NaN where it is missing. Exponents may be written as Fortran has them, `1.5D+03`.
fn number(cell: &str) -> Option<f64> {
    if let Ok(value) = cell.parse() {
        return Some(value);
    }
    if MISSING.contains(&cell) {
        return Some(f64::NAN);
    }
    let digits = cell.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    if digits && cell.contains(['d', 'D']) { cell.replace(['d', 'D'], "e").parse().ok() } else { None }
}

/// Gives each cell of a line with its place, and says how many there are. A cell in quotes may hold the separator, and
/// two quotes for one.
fn each_cell(line: &str, separator: Option<char>, take: &mut dyn FnMut(usize, &str)) -> usize {
    let mut count = 0;
    match separator {
        None => line.split_whitespace().for_each(|cell| {
            take(count, cell);
            count += 1;
        }),
        Some(separator) if !line.contains('"') => line.split(separator).for_each(|cell| {
            take(count, cell.trim());
            count += 1;
        }),
        Some(separator) => quoted(line, separator).iter().for_each(|cell| {
            take(count, cell.trim());
            count += 1;
        }),
    }
    count
}

fn quoted(text: &str, separator: char) -> Vec<String> {
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
    cells
}
