//! What an editor asks of a text: classes of its tokens, and whether it goes on.

use crate::base::SourceId;
use crate::language::lexer::{TokenKind, lex};
use crate::language::prompt::function;
use crate::language::schema;
use std::ops::Range;

/// What a piece of text is, for colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A reserved word or the word that begins a block.
    Keyword,
    /// A number with its unit.
    Number,
    /// A text in quotes.
    Text,
    /// A comment.
    Comment,
    /// A function of the language or the prompt.
    Function,
    /// A command of the prompt.
    Command,
    /// What the language does not use.
    Wrong,
}

/// Pieces of a text that have a class, in order; what lies between has none.
pub fn classes(text: &str) -> Vec<(Range<usize>, Class)> {
    if text.trim_start().starts_with(':') {
        let start = text.len() - text.trim_start().len();
        let end = text[start..].find(char::is_whitespace).map_or(text.len(), |at| start + at);
        return vec![(start..end, Class::Command)];
    }
    let lexed = lex(SourceId(0), text);
    let mut found = vec![];
    for token in &lexed.tokens {
        let range = token.start as usize..token.end as usize;
        let word = &text[range.clone()];
        let class = match token.kind {
            TokenKind::Number | TokenKind::Unit => Class::Number,
            TokenKind::Text => Class::Text,
            TokenKind::Comment => Class::Comment,
            TokenKind::Bad => Class::Wrong,
            TokenKind::Name if schema::kind(word).is_some() || matches!(word, "use" | "expect" | "allow" | "never") => {
                Class::Keyword
            }
            TokenKind::Name if function(word).is_some() || is_function(word) => Class::Function,
            kind if kind.is_reserved() => Class::Keyword,
            _ => continue,
        };
        found.push((range, class));
    }
    found
}

/// Whether a name is a function of the language.
fn is_function(word: &str) -> bool {
    crate::expr::OPERATORS.iter().any(|row| row.fixity.is_none() && row.name == word)
        || matches!(word, "distance" | "direction" | "norm" | "dot" | "cross" | "vector")
}

/// Whether the text goes on in the next line: a bracket is open, or it ends where a value must follow.
pub fn is_unfinished(text: &str) -> bool {
    if text.trim_start().starts_with(':') {
        return false;
    }
    let lexed = lex(SourceId(0), text);
    let mut open = 0i32;
    let mut last = None;
    for token in &lexed.tokens {
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => open += 1,
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => open -= 1,
            _ => {}
        }
        let silent = token.kind.ends_line() || matches!(token.kind, TokenKind::Comment | TokenKind::End);
        if !silent {
            last = Some(token.kind);
        }
    }
    let waits = |kind: TokenKind| {
        let word =
            matches!(kind, TokenKind::If | TokenKind::Then | TokenKind::Else | TokenKind::Where | TokenKind::Not);
        word || kind.is_operator() || kind == TokenKind::Comma
    };
    open > 0 || last.is_some_and(waits)
}
