//! Blanks between the tokens of one statement, and the columns of the lines it goes on with.

use super::Formatter;
use crate::language::lexer::TokenKind;
use crate::language::parser::normal;

/// Whether operators are what stands between values or the elements of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Expression,
    Symbols,
}

/// Where text is put: the column at which it begins, that at which its further lines begin, and the indentation of the
/// statement it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub column: usize,
    pub hang: usize,
    pub indent: usize,
}

/// An open bracket: where lines within it begin, and where its own line begins.
struct Open {
    inner: usize,
    outer: usize,
}

impl Formatter<'_> {
    /// The tokens from `first` to `last`, with line ends and comments where they are.
    pub(super) fn render(&self, first: usize, last: usize, place: Place, style: Style) -> String {
        let mut out = String::new();
        let mut column = place.column;
        let mut line_indent = place.indent;
        let mut open: Vec<Open> = vec![];
        let mut before: Option<(TokenKind, Unary)> = None;
        let mut new_line = false;
        for at in first..=last {
            let kind = self.tokens[at].kind;
            match kind {
                TokenKind::Semicolon => continue,
                TokenKind::LineEnd => {
                    new_line = true;
                    continue;
                }
                _ => {}
            }
            let closes = matches!(kind, TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace);
            let closed = if closes { open.pop() } else { None };
            if new_line {
                line_indent = match (&closed, open.last()) {
                    (Some(closed), _) => closed.outer,
                    (None, Some(open)) => open.inner,
                    (None, None) => place.hang,
                };
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', line_indent));
                column = line_indent;
            } else if let Some(before) = before {
                let gap = if kind == TokenKind::Comment { "  " } else { gap(before, kind, style, self.written(at)) };
                out.push_str(gap);
                column += gap.len();
            }
            new_line = false;
            let written = self.written(at);
            match kind {
                TokenKind::Name | TokenKind::Unit => out.push_str(&normal(written)),
                _ => out.push_str(written),
            }
            column += written.chars().count();
            if matches!(kind, TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace) {
                let next = self.tokens[at + 1..].iter().find(|token| token.kind != TokenKind::Semicolon);
                let ends_line = next.is_some_and(|next| matches!(next.kind, TokenKind::LineEnd | TokenKind::Comment));
                let inner = if ends_line { line_indent + 2 } else { column };
                open.push(Open { inner, outer: if ends_line { line_indent } else { column - 1 } });
            }
            if kind != TokenKind::Comment {
                let sign = matches!(kind, TokenKind::Minus | TokenKind::Plus);
                let after_value = before.is_some_and(|(kind, _)| kind.ends_value());
                before = Some((kind, if sign && !after_value { Unary::Yes } else { Unary::No }));
            }
        }
        out
    }
}

/// Whether a sign belongs to the value after it alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unary {
    Yes,
    No,
}

fn gap((before, unary): (TokenKind, Unary), after: TokenKind, style: Style, written: &str) -> &'static str {
    use TokenKind::*;
    let tight = |kind| match kind {
        Dot | DotDot => true,
        Caret => style == Style::Expression,
        _ => false,
    };
    match (before, after) {
        (_, Where | Cost) => "  ",
        (_, Comma | CloseParen | CloseBracket | CloseBrace | Colon | OpenBracket) => "",
        (OpenParen | OpenBracket | OpenBrace, _) => "",
        (Number, Unit) if written.starts_with('%') => "",
        (Unit, Caret) => " ",
        (before, OpenParen) if before.ends_value() => "",
        (before, after) if tight(before) || tight(after) => "",
        (Minus | Plus, _) if unary == Unary::Yes && style == Style::Expression => "",
        _ => " ",
    }
}
