//! Places of the protocol (line and UTF-16 column from 0) and of texts (bytes).

use crate::base::Span;
use serde_json::{Value, json};

/// A text with the beginnings of its lines.
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// The lines of a text.
    pub fn of(text: &'t str) -> Lines<'t> {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Lines { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The byte of a position; places outside of the text are moved into it.
    pub fn byte(&self, position: &Value) -> usize {
        let number = |key: &str| position[key].as_u64().unwrap_or(0) as usize;
        let line = number("line");
        let Some(&start) = self.starts.get(line) else { return self.text.len() };
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let mut left = number("character");
        for (at, c) in self.text[start..end].char_indices() {
            if left < c.len_utf16() {
                return start + at;
            }
            left -= c.len_utf16();
        }
        end
    }

    /// The position of a byte.
    pub fn position(&self, byte: usize) -> Value {
        let byte = self.text.floor_char_boundary(byte);
        let line = self.starts.partition_point(|start| *start <= byte) - 1;
        let character: usize = self.text[self.starts[line]..byte].chars().map(char::len_utf16).sum();
        json!({ "line": line, "character": character })
    }

    /// The range of a span.
    pub fn range(&self, span: Span) -> Value {
        json!({ "start": self.position(span.start as usize), "end": self.position(span.end as usize) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_utf16_units() {
        let text = "α = 1\n😀 x\n";
        let lines = Lines::of(text);
        for (line, character, byte) in
            [(0, 0, 0), (0, 1, 2), (0, 99, 6), (1, 2, 11), (1, 3, 12), (2, 0, 14), (9, 0, 14)]
        {
            assert_eq!(lines.byte(&json!({ "line": line, "character": character })), byte, "{line}:{character}");
        }
        assert_eq!(lines.position(12), json!({ "line": 1, "character": 3 }));
    }
}
