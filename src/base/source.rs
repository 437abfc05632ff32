//! The texts that diagnostics point into.

use super::diagnostic::{SourceId, Span};

/// All loaded texts; a [`SourceId`] is an index into them.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// A text with its name.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    /// First byte of every line.
    lines: Vec<u32>,
}

/// A place as people count: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Sources {
    /// No texts yet.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Adds a text under a name, such as the path it was read from.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let text = text.into();
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        self.files.push(Source { name: name.into(), text, lines });
        SourceId(self.files.len() as u32 - 1)
    }

    /// The id that the next text will get.
    pub fn next_id(&self) -> SourceId {
        SourceId(self.files.len() as u32)
    }

    /// A text by its id.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// The text of a span, cut to what exists.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).map_or("", |source| source.slice(span))
    }
}

impl Source {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of a span, cut to the text, in order and on boundaries of characters.
    pub fn range(&self, span: Span) -> std::ops::Range<usize> {
        let floor = |byte: u32| self.text.floor_char_boundary(byte as usize);
        let start = floor(span.start);
        start..floor(span.end).max(start)
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[self.range(span)]
    }

    /// Line and column of a byte; of the text's end for bytes beyond it.
    pub fn position(&self, byte: u32) -> Position {
        let byte = self.text.floor_char_boundary(byte as usize);
        let line = self.lines.partition_point(|start| *start as usize <= byte);
        let start = self.lines[line - 1] as usize;
        Position { line, column: self.text[start..byte].chars().count() + 1 }
    }

    /// A line by its number from 1, without its end.
    pub fn line(&self, number: usize) -> Option<&str> {
        let start = *self.lines.get(number.checked_sub(1)?)? as usize;
        let end = self.lines.get(number).map_or(self.text.len(), |next| *next as usize);
        Some(self.text[start..end].trim_end_matches(['\n', '\r']))
    }
}
