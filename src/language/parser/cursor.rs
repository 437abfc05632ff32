//! The input of the token parsers: a place in the token list. nom's combinators work over it as they do over text.

use nom::IResult;
use nom::error::{ErrorKind, ParseError};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::expected::Expected;
use crate::base::{SourceId, Span};
use crate::language::lexer::{Token, TokenKind};
use crate::language::tree::Ident;

/// How deep brackets, conditions, signs, powers and blocks may nest.
pub const DEEPEST: u32 = 200;

/// The tokens of one text, without comments and without line ends within brackets.
pub struct Tokens<'a> {
    /// The text.
    pub text: &'a str,
    /// Which text it is.
    pub source: SourceId,
    /// Its tokens, `End` last.
    pub list: Vec<Token>,
}

impl<'a> Tokens<'a> {
    /// The token at an index; `End` for ever after the last.
    pub fn get(&self, at: usize) -> Token {
        let last = self.list.len() - 1;
        self.list[at.min(last)]
    }

    /// The place of the token at an index.
    pub fn span(&self, at: usize) -> Span {
        let token = self.get(at);
        Span { source: self.source, start: token.start, end: token.end }
    }

    /// The text of the token at an index.
    pub fn written(&self, at: usize) -> &'a str {
        let token = self.get(at);
        &self.text[token.start as usize..token.end as usize]
    }

    /// The name at an index, in normal form C.
    pub fn ident(&self, at: usize) -> Ident {
        Ident { text: normal(self.written(at)), span: self.span(at) }
    }
}

/// A text in Unicode normal form C.
pub fn normal(text: &str) -> String {
    if text.is_ascii() || is_nfc(text) { text.to_string() } else { text.nfc().collect() }
}

/// A place among the tokens, with the depth of nesting there.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    /// All tokens.
    pub tokens: &'a Tokens<'a>,
    /// Index of the next token.
    pub at: usize,
    /// Brackets and the like around it.
    pub depth: u32,
}

impl<'a> Cursor<'a> {
    /// The kind of the next token.
    pub fn kind(&self) -> TokenKind {
        self.tokens.get(self.at).kind
    }

    /// The kind of the token after `n` more.
    pub fn ahead(&self, n: usize) -> TokenKind {
        self.tokens.get(self.at + n).kind
    }

    /// The place of the next token.
    pub fn span(&self) -> Span {
        self.tokens.span(self.at)
    }

    /// After the next token.
    pub fn next(self) -> Cursor<'a> {
        Cursor { at: self.at + 1, ..self }
    }

    /// After any line ends.
    pub fn past_lines(mut self) -> Cursor<'a> {
        while self.kind().ends_line() {
            self.at += 1;
        }
        self
    }

    /// Whether a new line begins here that no value goes on with: `name =`, `name ~`, `name:`, `name in`, `name name`.
    pub fn begins_statement(&self) -> bool {
        use TokenKind::*;
        self.at > 0
            && self.tokens.get(self.at - 1).kind.ends_line()
            && matches!(self.kind(), Name | With)
            && matches!(self.ahead(1), Equals | Tilde | Colon | In | Name)
    }

    /// Whether a name is set here: `epochs = …`.
    pub fn sets(&self) -> bool {
        self.kind() == TokenKind::Name && self.ahead(1) == TokenKind::Equals
    }

    /// The failure to find any of these here.
    pub fn failure(&self, expected: &'static [Expected]) -> Failure {
        Failure { at: self.at, expected, open: None }
    }
}

/// Where reading stopped, and what could have stood there. Which words that makes is decided in `explain`.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// Index of the token that does not fit.
    pub at: usize,
    /// What could have stood there.
    pub expected: &'static [Expected],
    /// Index of the bracket that is open there.
    pub open: Option<usize>,
}

impl ParseError<Cursor<'_>> for Failure {
    fn from_error_kind(input: Cursor, _: ErrorKind) -> Failure {
        input.failure(&[])
    }

    fn append(_: Cursor, _: ErrorKind, other: Failure) -> Failure {
        other
    }
}

/// The result of a token parser.
pub type Parsed<'a, T> = IResult<Cursor<'a>, T, Failure>;

/// A token of this kind.
pub fn token<'a>(kind: TokenKind, expected: &'static [Expected]) -> impl Fn(Cursor<'a>) -> Parsed<'a, usize> {
    move |input| match input.kind() == kind {
        true => Ok((input.next(), input.at)),
        false => Err(nom::Err::Error(input.failure(expected))),
    }
}

/// A name.
pub fn name(input: Cursor) -> Parsed<Ident> {
    let (rest, at) = token(TokenKind::Name, &[Expected::Name])(input)?;
    Ok((rest, input.tokens.ident(at)))
}

/// Any line ends.
pub fn lines(input: Cursor) -> Parsed<()> {
    Ok((input.past_lines(), ()))
}
