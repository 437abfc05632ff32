//! How reading goes on after a mistake: what a statement is, where the next begins, and which braces belong together.

use nom::Parser as _;

use super::cursor::{Cursor, Failure, Parsed};
use super::explain::explain;
use super::mistake::{Mistake, understand};
use super::{BLOCK_KINDS, Expected, Parser};
use crate::base::Span;
use crate::language::lexer::{Token, TokenKind};
use crate::language::tree::{Term, TermKind};

/// The tokens that the grammar speaks of: no comments, and no line ends within brackets that are closed.
pub(super) fn significant(all: &[Token]) -> Vec<Token> {
    let mut open: Vec<usize> = vec![];
    let mut change = vec![0i32; all.len()];
    for (at, token) in all.iter().enumerate() {
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket => open.push(at),
            TokenKind::CloseParen | TokenKind::CloseBracket => {
                let opening = match token.kind {
                    TokenKind::CloseParen => TokenKind::OpenParen,
                    _ => TokenKind::OpenBracket,
                };
                if let Some(start) = open.pop_if(|start| all[*start].kind == opening) {
                    change[start] += 1;
                    change[at] -= 1;
                }
            }
            TokenKind::OpenBrace | TokenKind::CloseBrace | TokenKind::Tilde | TokenKind::In => open.clear(),
            TokenKind::Equals if begins_statement(&all[..at]) => open.clear(),
            _ => {}
        }
    }
    let mut depth = 0;
    let mut kept = Vec::with_capacity(all.len());
    for (token, change) in all.iter().zip(change) {
        depth += change;
        match token.kind {
            TokenKind::Comment => {}
            TokenKind::LineEnd if depth > 0 => {}
            _ => kept.push(*token),
        }
    }
    kept
}

/// Whether the tokens before an `=` say that it belongs to a new line of a block, not to an argument's name: a name
/// that begins its line, with no comma and no bracket before it.
fn begins_statement(before: &[Token]) -> bool {
    use TokenKind::*;
    let [outer @ .., line, name] = before else { return false };
    let value = outer.iter().rev().find(|token| !matches!(token.kind, LineEnd | Comment));
    let within = value.is_some_and(|token| matches!(token.kind, Comma | OpenParen | OpenBracket));
    name.kind == Name && line.kind == LineEnd && !within
}

/// Whether some brace has no partner.
pub(super) fn unbalanced(tokens: &[Token]) -> bool {
    let mut depth = 0i64;
    for token in tokens {
        depth += match token.kind {
            TokenKind::OpenBrace => 1,
            TokenKind::CloseBrace => -1,
            _ => 0,
        };
        if depth < 0 {
            return true;
        }
    }
    depth != 0
}

/// What stands for a value that could not be read.
pub(super) trait Missing {
    fn missing(span: Span) -> Self;
}

impl Missing for Term {
    fn missing(span: Span) -> Term {
        Term { span, kind: TermKind::Error }
    }
}

impl Missing for Vec<Term> {
    fn missing(span: Span) -> Vec<Term> {
        vec![Term::missing(span)]
    }
}

impl<'a> Parser<'a> {
    pub(super) fn kind(&self) -> TokenKind {
        self.tokens.get(self.at).kind
    }

    pub(super) fn ahead(&self, n: usize) -> TokenKind {
        self.tokens.get(self.at + n).kind
    }

    pub(super) fn word(&self, word: &str) -> bool {
        self.kind() == TokenKind::Name && self.tokens.written(self.at) == word
    }

    pub(super) fn cursor(&self) -> Cursor<'a> {
        Cursor { tokens: self.tokens, at: self.at, depth: self.depth }
    }

    pub(super) fn skip_lines(&mut self) {
        self.at = self.cursor().past_lines().at;
    }

    /// From the token `start` to the last one read.
    pub(super) fn since(&self, start: usize) -> Span {
        self.tokens.span(start).to(self.tokens.span(self.at.saturating_sub(1).max(start)))
    }

    /// A statement begins: it may give one diagnostic.
    pub(super) fn begin(&mut self) {
        self.statement = self.at;
        self.told = false;
        self.ended = false;
    }

    /// Runs a token parser here; after a failure nothing is read and a diagnostic is given.
    pub(super) fn value<T>(&mut self, mut read: impl FnMut(Cursor<'a>) -> Parsed<'a, T>) -> Option<T> {
        match read.parse(self.cursor()) {
            Ok((rest, value)) => {
                self.at = rest.at;
                Some(value)
            }
            Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => {
                self.fail(failure);
                None
            }
            Err(nom::Err::Incomplete(_)) => None,
        }
    }

    /// As [`Parser::value`]; after a failure reading goes on at the next token of this kind, if the statement has one.
    pub(super) fn value_before<T>(
        &mut self,
        mut read: impl FnMut(Cursor<'a>) -> Parsed<'a, T>,
        sign: TokenKind,
    ) -> Option<T> {
        let failure = match read.parse(self.cursor()) {
            Ok((rest, value)) => {
                self.at = rest.at;
                return Some(value);
            }
            Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => failure,
            Err(nom::Err::Incomplete(_)) => return None,
        };
        let ends = |kind: TokenKind| kind.ends_line() || matches!(kind, TokenKind::OpenBrace | TokenKind::CloseBrace);
        let next = (failure.at..self.tokens.list.len()).find(|at| ends(self.tokens.get(*at).kind));
        match next.filter(|at| self.tokens.get(*at).kind == sign) {
            Some(next) => {
                self.mistake(understand(self.tokens, self.statement, failure).0);
                self.at = next;
            }
            None => self.fail(failure),
        }
        None
    }

    /// As [`Parser::value`], with an error term in the place of what could not be read.
    pub(super) fn value_or_error<T: Missing>(&mut self, read: impl FnMut(Cursor<'a>) -> Parsed<'a, T>) -> T {
        let start = self.tokens.span(self.at);
        self.value(read).unwrap_or_else(|| T::missing(start))
    }

    /// Nothing of this stands here.
    pub(super) fn refuse<T>(&mut self, expected: &'static [Expected]) -> Option<T> {
        self.fail(self.cursor().failure(expected));
        None
    }

    /// Tells of a failure and goes to where the statement ends.
    pub(super) fn fail(&mut self, failure: Failure) {
        let (mistake, resume) = understand(self.tokens, self.statement, failure);
        self.mistake(mistake);
        self.at = resume.unwrap_or(failure.at.max(self.at)).max(self.statement + 1);
        match resume {
            Some(_) => self.ended = true,
            None => self.skip_statement(),
        }
    }

    /// Tells of a mistake, unless the statement has had its diagnostic, from here or from the lexer.
    pub(super) fn mistake(&mut self, mistake: Mistake) {
        if self.diagnostics.len() >= self.told_until {
            self.untold += usize::from(!self.told);
            self.told = true;
            return;
        }
        let diagnostic = explain(self.tokens, mistake);
        let from = self.tokens.get(self.statement).start;
        let to = diagnostic.labels.first().map_or(from, |label| label.span.end);
        let first = self.lexical.partition_point(|start| *start < from);
        let lexical = self.lexical.get(first).is_some_and(|start| *start <= to);
        if !self.told && !lexical {
            self.diagnostics.push(diagnostic);
        }
        self.told = true;
    }

    /// After a statement comes a line end, `}` or the end of the text; after an expression more could have come.
    pub(super) fn end_of_statement(&mut self) {
        self.end_of_line(&[Expected::Operator, Expected::Comma, Expected::LineEnd]);
    }

    /// Goes to the end of the statement; what stands before it is told to be none of `expected`.
    pub(super) fn end_of_line(&mut self, expected: &'static [Expected]) {
        let ended = |kind: TokenKind| kind.ends_line() || matches!(kind, TokenKind::CloseBrace | TokenKind::End);
        if self.ended || ended(self.kind()) {
            return;
        }
        if self.told {
            self.skip_statement();
        } else {
            self.fail(self.cursor().failure(expected));
        }
    }

    /// Goes to the end of the statement: the line end at which no value goes on. Braces are jumped over together with
    /// what they hold, if all have partners.
    pub(super) fn skip_statement(&mut self) {
        loop {
            match self.kind() {
                TokenKind::End | TokenKind::CloseBrace => return,
                TokenKind::OpenBrace => self.skip_braces(),
                kind if kind.ends_line() && !self.goes_on() => return,
                _ => self.at += 1,
            }
        }
    }

    /// Whether the line end here stands within a value: after an operator or a comma, or before a word that continues.
    fn goes_on(&self) -> bool {
        use TokenKind::*;
        let before = self.tokens.get(self.at.saturating_sub(1)).kind;
        let after = self.cursor().past_lines();
        let begins = match after.kind() {
            Name | With => matches!(after.ahead(1), Equals | EqualEqual | Tilde | Colon | OpenBrace | Name | In),
            CloseBrace | End => true,
            _ => false,
        };
        let continues = matches!(after.kind(), Where | Then | Else | Pipe);
        let operators = self.tokens.get(self.statement).kind == Name && self.tokens.written(self.statement) == "allow";
        continues || (!begins && (before == Comma || (before.is_operator() && !operators)))
    }

    /// Jumps over `{ … }`; over `{` alone where braces do not balance, and over nothing where none is opened here.
    pub(super) fn skip_braces(&mut self) {
        if self.kind() != TokenKind::OpenBrace {
            return;
        }
        let mut depth = 0usize;
        loop {
            match self.kind() {
                TokenKind::OpenBrace => depth += 1,
                TokenKind::CloseBrace => depth -= 1,
                TokenKind::End => return,
                _ => {}
            }
            self.at += 1;
            if depth == 0 || self.unbalanced {
                return;
            }
        }
    }

    /// Whether the token here begins an item outside of the block whose head begins with `head`, though no `}` came.
    pub(super) fn ends_open_block(&self, head: usize) -> bool {
        use TokenKind::*;
        if !self.unbalanced || self.kind() != Name || self.ahead(1) == Equals {
            return false;
        }
        let word = self.tokens.written(self.at);
        let block =
            BLOCK_KINDS.contains(&word) && self.ahead(1) == Name && matches!(self.ahead(2), OpenBrace | OpenParen);
        let outer =
            (word == "use" && matches!(self.ahead(1), Name | Text)) || (word == "expect" && self.starts_expect());
        let holds_blocks = matches!(self.tokens.written(head), "experiment" | "sweep");
        let outdented = self.begins_line();
        (block && (outdented || !holds_blocks)) || (outer && outdented)
    }

    /// Whether the token here stands in the first column.
    fn begins_line(&self) -> bool {
        let start = self.tokens.get(self.at).start as usize;
        start == 0 || self.tokens.text.as_bytes()[start - 1] == b'\n'
    }
}
