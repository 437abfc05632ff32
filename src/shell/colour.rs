//! A script in pieces by what they are, for pages that show it in colours.

use crate::base::SourceId;
use crate::language::lexer::{TokenKind, lex};
use crate::report::Class;

/// The pieces of a text, in order; together they are the text.
pub fn pieces(text: &str) -> Vec<(Class, &str)> {
    let tokens = lex(SourceId(0), text).tokens;
    let mut out = vec![];
    let (mut at, mut depth, mut first) = (0, 0_usize, true);
    for token in tokens {
        let (start, end) = (token.start as usize, token.end as usize);
        let (Some(before), Some(piece)) = (text.get(at..start), text.get(start..end)) else { continue };
        out.extend((!before.is_empty()).then_some((Class::Plain, before)));
        let class = match token.kind {
            TokenKind::Comment => Class::Comment,
            TokenKind::Number | TokenKind::Unit => Class::Number,
            TokenKind::Text => Class::Text,
            // What begins a line is an item at the top, a field within one.
            TokenKind::Name if first => match depth {
                0 => Class::Keyword,
                _ => Class::Name,
            },
            kind if kind.is_reserved() => Class::Keyword,
            kind if kind.is_operator() => Class::Operator,
            TokenKind::Equals | TokenKind::Tilde => Class::Operator,
            _ => Class::Plain,
        };
        match token.kind {
            TokenKind::OpenBrace => depth += 1,
            TokenKind::CloseBrace => depth = depth.saturating_sub(1),
            _ => {}
        }
        first = matches!(token.kind, TokenKind::LineEnd | TokenKind::Semicolon | TokenKind::OpenBrace)
            || (first && token.kind == TokenKind::Comment);
        out.extend((!piece.is_empty()).then_some((class, piece)));
        at = end;
    }
    out.extend(text.get(at..).filter(|rest| !rest.is_empty()).map(|rest| (Class::Plain, rest)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_text() {
        for text in
            ["", "sdl 1\n\ndata d { runs = 3 # many\n}\n", "system \u{fc} {{{ \"open\n é = 1e3 km/s", "}}} ;; §§"]
        {
            let joined: String = pieces(text).iter().map(|piece| piece.1).collect();
            assert_eq!(joined, text);
        }
        let found = pieces("data d {\n  runs = 3 # many\n}");
        for wanted in
            [(Class::Keyword, "data"), (Class::Name, "runs"), (Class::Number, "3"), (Class::Comment, "# many")]
        {
            assert!(found.contains(&wanted), "{found:?}");
        }
    }
}
