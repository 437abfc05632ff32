//! Rows, one per statement or comment, and how those of a group are aligned.

use super::spacing::{Place, Style};
use super::{Column, Formatter};

/// A statement or a comment that stands alone, as a range of tokens, the last one included.
pub(super) struct Row {
    pub first: usize,
    pub last: usize,
    pub shape: Shape,
    /// Whether a blank line stands before it.
    pub blank_before: bool,
    /// The comment after it on its last line.
    pub trailing: Option<usize>,
}

pub(super) enum Shape {
    Comment,
    Line(Style),
    /// With the token of its sign.
    Field(usize, Column),
    /// A block on one line, with the token of its brace.
    Inline(usize, Vec<Row>),
    /// A block on several lines, with the token of its brace and the comment after that.
    Open(usize, Option<usize>, Vec<Row>),
}

impl Row {
    pub(super) fn new(first: usize, last: usize, shape: Shape) -> Row {
        Row { first, last, shape, blank_before: false, trailing: None }
    }
}

/// The widths to which the parts of a group's rows are filled.
#[derive(Default)]
struct Widths {
    field: usize,
    column: usize,
    kind: usize,
    name: usize,
}

impl Formatter<'_> {
    /// Writes rows at this indentation.
    pub(super) fn emit(&self, rows: &[Row], indent: usize, out: &mut String) {
        let mut rest = rows;
        while let Some(first) = rest.first() {
            if first.blank_before {
                out.push('\n');
            }
            let single = |row: &Row| !matches!(row.shape, Shape::Open(..));
            let group = match single(first) {
                true => 1 + rest[1..].iter().take_while(|row| single(row) && !row.blank_before).count(),
                false => 1,
            };
            self.emit_group(&rest[..group], indent, out);
            rest = &rest[group..];
        }
    }

    fn emit_group(&self, rows: &[Row], indent: usize, out: &mut String) {
        let widths = self.widths(rows);
        let texts: Vec<String> = rows.iter().map(|row| self.text(row, indent, &widths)).collect();
        let commented = rows.iter().zip(&texts).filter(|(row, text)| row.trailing.is_some() && !text.contains('\n'));
        let column = commented.map(|(_, text)| indent + length(text)).max().unwrap_or(0) + 2;
        for (row, text) in rows.iter().zip(texts) {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(&text);
            if let Some(comment) = row.trailing {
                let end = indent + length(&text);
                out.extend(std::iter::repeat_n(' ', if text.contains('\n') { 2 } else { column - end }));
                out.push_str(self.written(comment));
            }
            out.push('\n');
        }
    }

    fn widths(&self, rows: &[Row]) -> Widths {
        let mut widths = Widths::default();
        for row in rows {
            match &row.shape {
                Shape::Field(sign, Column::No) => widths.field = widths.field.max(length(&self.head(row.first, *sign))),
                Shape::Field(sign, Column::Yes) => {
                    widths.column = widths.column.max(length(&self.head(row.first, *sign)))
                }
                Shape::Inline(brace, _) => {
                    widths.kind = widths.kind.max(length(self.written(row.first)));
                    widths.name = widths.name.max(length(&self.head(row.first + 1, *brace)));
                }
                _ => {}
            }
        }
        widths
    }

    /// A row's text without its first indentation and its comment.
    fn text(&self, row: &Row, indent: usize, widths: &Widths) -> String {
        let place = Place { column: indent, hang: indent, indent };
        match &row.shape {
            Shape::Comment => self.written(row.first).to_string(),
            Shape::Line(style) => {
                let hang = indent + length(self.written(row.first)) + 1;
                self.render(row.first, row.last, Place { hang, ..place }, *style)
            }
            Shape::Field(sign, kind) => {
                let width = if *kind == Column::Yes { widths.column } else { widths.field };
                let head = format!("{} {}", filled(&self.head(row.first, *sign), width), self.written(*sign));
                let column = indent + length(&head) + 1;
                format!(
                    "{head} {}",
                    self.render(sign + 1, row.last, Place { column, hang: column, indent }, Style::Expression)
                )
            }
            Shape::Inline(brace, rows) => {
                let kind = filled(self.written(row.first), widths.kind);
                let name = filled(&self.head(row.first + 1, *brace), widths.name);
                format!("{kind} {name} {}", self.inline(rows))
            }
            Shape::Open(brace, comment, rows) => {
                let mut out = self.render(row.first, brace - 1, place, Style::Expression);
                out.push_str(" {");
                if let Some(comment) = comment {
                    out.push_str("  ");
                    out.push_str(self.written(*comment));
                }
                out.push('\n');
                self.emit(rows, indent + 2, &mut out);
                out.extend(std::iter::repeat_n(' ', indent));
                out.push('}');
                out
            }
        }
    }

    /// `{ a = 1; b = 2 }`.
    fn inline(&self, rows: &[Row]) -> String {
        if rows.is_empty() {
            return "{}".to_string();
        }
        let text = |row: &Row| self.text(row, 0, &self.widths(std::slice::from_ref(row)));
        let texts: Vec<String> = rows.iter().map(text).collect();
        format!("{{ {} }}", texts.join("; "))
    }

    /// What stands before a sign or a brace, on one line.
    fn head(&self, first: usize, end: usize) -> String {
        self.render(first, end - 1, Place { column: 0, hang: 0, indent: 0 }, Style::Expression)
    }
}

fn filled(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(length(text));
    format!("{text}{}", " ".repeat(missing))
}

fn length(text: &str) -> usize {
    text.chars().count()
}
