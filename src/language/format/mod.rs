//! The canonical layout of a script. Tokens stay as they are, in their order, comments among them; only blanks and line
//! ends are set anew, so a formatted script parses to the same tree, and formatting it again changes nothing.
//!
//! Fields of one group (lines without a blank line between) are aligned on their signs, blocks of one line on name and
//! brace, comments after them on one column. Line ends within a value are the writer's; blank lines are kept, one at a
//! time.

mod layout;
mod spacing;

use super::lexer::{Token, TokenKind, lex};
use super::parser::parse;
use super::tree::{Block, Entry, Item};
use crate::base::{Diagnostic, SourceId, Span};
use layout::{Row, Shape};
use spacing::Style;

/// The script in its canonical layout.
///
/// # Errors
/// What is wrong with the syntax; a script with mistakes is not formatted.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (script, diagnostics) = parse(SourceId(0), text);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }
    let formatter = Formatter { text, tokens: lex(SourceId(0), text).tokens };
    let mut statements = vec![];
    statements.extend(script.version.map(|(_, span)| formatter.statement(span, Kind::Line(Style::Expression))));
    statements.extend(script.items.iter().map(|item| formatter.item(item)));
    let rows = formatter.rows(statements, 0, formatter.tokens.len() - 1);
    let mut out = String::with_capacity(text.len());
    formatter.emit(&rows, 0, &mut out);
    Ok(out)
}

struct Formatter<'a> {
    text: &'a str,
    /// All tokens, `End` last.
    tokens: Vec<Token>,
}

/// A statement as a range of tokens, the last one included.
struct Statement<'t> {
    first: usize,
    last: usize,
    kind: Kind<'t>,
}

enum Kind<'t> {
    Line(Style),
    /// A line with a sign; columns are aligned among themselves.
    Field(Column),
    Block(&'t Block),
}

/// Whether a field belongs to the columns of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Yes,
    No,
}

impl Formatter<'_> {
    /// The first token that begins at or after a byte.
    fn token_at(&self, byte: u32) -> usize {
        self.tokens.partition_point(|token| token.start < byte)
    }

    fn statement<'t>(&self, span: Span, kind: Kind<'t>) -> Statement<'t> {
        Statement { first: self.token_at(span.start), last: self.token_at(span.end) - 1, kind }.trimmed(&self.tokens)
    }

    fn item<'t>(&self, item: &'t Item) -> Statement<'t> {
        match item {
            Item::Use(import) => self.statement(import.span, Kind::Line(Style::Expression)),
            Item::Expect(expect) => self.statement(expect.span, Kind::Line(Style::Expression)),
            Item::Block(block) => self.statement(block.span, Kind::Block(block)),
            Item::Definition(definition) => self.statement(definition.span, Kind::Field(Column::No)),
        }
    }

    fn entry<'t>(&self, entry: &'t Entry) -> Statement<'t> {
        match entry {
            Entry::Block(block) => self.statement(block.span, Kind::Block(block)),
            Entry::Expect(expect) => self.statement(expect.span, Kind::Line(Style::Expression)),
            Entry::Allow(allow) => self.statement(allow.span, Kind::Line(Style::Symbols)),
            Entry::AllowDefinition(definition, cost) => {
                let span = definition.span.to(cost.map_or(definition.span, |(_, span)| span));
                let statement = self.statement(span, Kind::Line(Style::Expression));
                let allow = (0..statement.first).rev().find(|at| self.tokens[*at].kind == TokenKind::Name);
                Statement { first: allow.unwrap_or(statement.first), ..statement }
            }
            Entry::Never(_, span) => self.statement(*span, Kind::Line(Style::Expression)),
            Entry::Column(field) => self.statement(field.span, Kind::Field(Column::Yes)),
            Entry::Grid(field) | Entry::Field(field) => self.statement(field.span, Kind::Field(Column::No)),
            Entry::Draw(definition) | Entry::Definition(definition) => {
                self.statement(definition.span, Kind::Field(Column::No))
            }
        }
    }

    /// Statements and the comments between them, from token `from` to before token `to`, as rows.
    fn rows(&self, statements: Vec<Statement>, from: usize, to: usize) -> Vec<Row> {
        let mut rows = vec![];
        let mut at = from;
        for statement in statements {
            self.comments(at, statement.first, &mut rows);
            at = statement.last + 1;
            rows.push(self.row(statement));
        }
        self.comments(at, to, &mut rows);
        if let Some(first) = rows.first_mut() {
            first.blank_before = false;
        }
        rows
    }

    /// The rows of comments that stand alone between two statements; a comment on the line of the row before joins it,
    /// and blank lines mark the row after them.
    fn comments(&self, from: usize, to: usize, rows: &mut Vec<Row>) {
        let mut same_line = from > 0 && !rows.is_empty();
        for at in from..to {
            match self.tokens[at].kind {
                TokenKind::LineEnd => same_line = false,
                TokenKind::Comment => match rows.last_mut().filter(|_| same_line) {
                    Some(row) => row.trailing = Some(at),
                    None => rows.push(Row { blank_before: self.blank_before(at), ..Row::new(at, at, Shape::Comment) }),
                },
                _ => {}
            }
        }
    }

    /// Whether a blank line stands before a token.
    fn blank_before(&self, at: usize) -> bool {
        let before = self.tokens[..at].iter().rev().filter(|token| token.kind != TokenKind::Semicolon);
        before.take_while(|token| token.kind == TokenKind::LineEnd).take(2).count() == 2
    }

    fn row(&self, statement: Statement) -> Row {
        let Statement { first, last, kind } = statement;
        let range = &self.tokens[first..=last];
        let whole = |kind: TokenKind| !matches!(kind, TokenKind::LineEnd | TokenKind::Comment);
        let shape = match kind {
            Kind::Line(style) => Shape::Line(style),
            Kind::Field(column) => match self.sign(first, last) {
                Some(sign) if self.tokens[first..sign].iter().all(|token| whole(token.kind)) => {
                    Shape::Field(sign, column)
                }
                _ => Shape::Line(Style::Expression),
            },
            Kind::Block(block) => {
                let brace = self.open_brace(first, last);
                let entries = block.entries.iter().map(|entry| self.entry(entry)).collect();
                let mut head = None;
                let from = match self.tokens[brace + 1].kind {
                    TokenKind::Comment => {
                        head = Some(brace + 1);
                        brace + 2
                    }
                    _ => brace + 1,
                };
                let rows = self.rows(entries, from, last);
                match range.iter().all(|token| whole(token.kind)) {
                    true => Shape::Inline(brace, rows),
                    false => Shape::Open(brace, head, rows),
                }
            }
        };
        Row { blank_before: self.blank_before(first), ..Row::new(first, last, shape) }
    }

    /// The sign of a field: the first `=`, `~` or `in` outside of brackets.
    fn sign(&self, first: usize, last: usize) -> Option<usize> {
        let mut depth = 0;
        (first..=last).find(|at| match self.tokens[*at].kind {
            TokenKind::OpenParen => {
                depth += 1;
                false
            }
            TokenKind::CloseParen => {
                depth -= 1;
                false
            }
            TokenKind::Equals | TokenKind::Tilde | TokenKind::In => depth == 0,
            _ => false,
        })
    }

    fn open_brace(&self, first: usize, last: usize) -> usize {
        let brace = (first..=last).find(|at| self.tokens[*at].kind == TokenKind::OpenBrace);
        brace.expect("a block without mistakes has a brace")
    }

    fn written(&self, at: usize) -> &str {
        let token = self.tokens[at];
        &self.text[token.start as usize..token.end as usize]
    }
}

impl<'t> Statement<'t> {
    /// Without line ends and comments at its end.
    fn trimmed(mut self, tokens: &[Token]) -> Statement<'t> {
        let loose = |kind: TokenKind| kind.ends_line() || kind == TokenKind::Comment;
        while self.last > self.first && loose(tokens[self.last].kind) {
            self.last -= 1;
        }
        self
    }
}
