//! Tokens to tree. Total: every text gives a tree and diagnostics. Items and fields are read here, with recovery: a
//! statement (an item's head or one line of a block) gives at most one diagnostic, then reading goes on after it.
//! Expressions are in `expression`, what went wrong in `mistake`, its wording in `explain`.
//!
//! Where braces do not balance, the layout says which block was left open: a line that begins an item in the first
//! column ends it. Texts whose braces balance are never judged by layout.

mod cursor;
mod expected;
mod explain;
mod expression;
mod mistake;
mod recovery;

pub(super) use cursor::normal;
pub use expected::Expected;

use nom::Parser as _;
use nom::combinator::opt;

use super::foreign;
use super::lexer::{Lexed, TOLD, Token, TokenKind, lex, parse_number, parse_text};
use super::tree::*;
use crate::base::{Diagnostic, SourceId, Span};
use cursor::{Cursor, DEEPEST, Failure, Parsed, Tokens};
use expression::{body, comma, expr, list, path, unit};
use mistake::Mistake;

/// The words that begin a block.
pub const BLOCK_KINDS: &[&str] =
    &["system", "network", "prior", "operators", "data", "train", "distill", "experiment", "sweep", "table"];

/// Reads a script: always a tree, and all that was wrong with the text, in its order.
pub fn parse(source: SourceId, text: &str) -> (Script, Vec<Diagnostic>) {
    let Some((tokens, lexed)) = read(source, text) else {
        return (Script::default(), vec![too_large(source)]);
    };
    let mut parser = Parser::new(&tokens, lexed.diagnostics, lexed.places);
    let (version, items) = parser.script();
    let script = Script { version, items, comments: comments(source, text, &lexed.tokens) };
    (script, parser.finish())
}

/// Reads one expression, as it stands on a prompt line.
pub fn parse_expression(source: SourceId, text: &str) -> (Term, Vec<Diagnostic>) {
    let nothing = Term { span: Span::new(source, 0, 0), kind: TermKind::Error };
    let Some((tokens, lexed)) = read(source, text) else { return (nothing, vec![too_large(source)]) };
    let mut parser = Parser::new(&tokens, lexed.diagnostics, lexed.places);
    parser.skip_lines();
    let term = parser.value(expr).unwrap_or(Term { span: Span::new(source, 0, text.len()), kind: TermKind::Error });
    parser.skip_lines();
    if parser.kind() != TokenKind::End {
        parser.fail(parser.cursor().failure(&[Expected::Operator, Expected::LineEnd]));
    }
    (term, parser.finish())
}

/// The tokens for the parser and all that the lexer found; `None` where places do not fit 32 bits.
fn read(source: SourceId, text: &str) -> Option<(Tokens<'_>, Lexed)> {
    u32::try_from(text.len()).ok()?;
    let lexed = lex(source, text);
    let list = recovery::significant(&lexed.tokens);
    Some((Tokens { text, source, list }, lexed))
}

fn too_large(source: SourceId) -> Diagnostic {
    Diagnostic::new("E0109", "this text is larger than 4 GB")
        .at(Span::new(source, 0, 0), "")
        .help("a script is a page of text; data belongs into a data file")
}

fn comments(source: SourceId, text: &str, tokens: &[Token]) -> Vec<Comment> {
    let mut alone = true;
    let mut comments = vec![];
    for token in tokens {
        let span = Span { source, start: token.start, end: token.end };
        match token.kind {
            TokenKind::LineEnd => alone = true,
            TokenKind::Comment => comments.push(Comment { text: text[span.range(text.len())].into(), span, alone }),
            _ => alone = false,
        }
    }
    comments
}

struct Parser<'a> {
    tokens: &'a Tokens<'a>,
    at: usize,
    depth: u32,
    diagnostics: Vec<Diagnostic>,
    /// How many diagnostics may be there before the rest is only counted, and the count.
    told_until: usize,
    untold: usize,
    /// First bytes of what the lexer complained about, in order.
    lexical: Vec<u32>,
    /// Index of the token with which the present statement began.
    statement: usize,
    /// Whether the present statement has had its diagnostic.
    told: bool,
    /// Whether the present statement is known to end here, though no line end follows.
    ended: bool,
    /// Whether opening and closing braces are not equal in number or order.
    unbalanced: bool,
}

impl<'a> Parser<'a> {
    fn new(tokens: &'a Tokens<'a>, diagnostics: Vec<Diagnostic>, lexical: Vec<u32>) -> Parser<'a> {
        let unbalanced = recovery::unbalanced(&tokens.list);
        let untold = lexical.len() - diagnostics.len();
        Parser {
            tokens,
            at: 0,
            depth: 0,
            told_until: diagnostics.len() + TOLD,
            diagnostics,
            untold,
            lexical,
            statement: 0,
            told: false,
            ended: false,
            unbalanced,
        }
    }

    /// The first [`TOLD`] diagnostics in the order of the text, and how many there are besides.
    fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.labels.first().map_or(0, |label| label.span.start));
        let rest = self.diagnostics.split_off(TOLD.min(self.diagnostics.len()));
        let untold = self.untold + rest.len();
        if let Some(last) = self.diagnostics.last().filter(|_| untold > 0) {
            let place = last.labels.first().map_or(self.tokens.span(0), |label| label.span);
            let more = Diagnostic::new("E0132", format!("{untold} more mistakes are not listed"))
                .at(place, "the last one listed");
            self.diagnostics.push(more.help("is this a script?"));
        }
        self.diagnostics
    }

    /// `script = [ NLS ] [ version ] [ item { NLS item } ] [ NLS ]`.
    fn script(&mut self) -> (Option<(f64, Span)>, Vec<Item>) {
        self.skip_lines();
        let version = self.version();
        let mut items = vec![];
        loop {
            self.skip_lines();
            match self.kind() {
                TokenKind::End => return (version, items),
                TokenKind::CloseBrace => {
                    self.begin();
                    self.mistake(Mistake::StrayBrace { at: self.at });
                    self.at += 1;
                }
                _ => {
                    self.begin();
                    items.extend(self.item());
                    self.end_of_statement();
                }
            }
        }
    }

    /// `version = "sdl" NUMBER NLS`.
    fn version(&mut self) -> Option<(f64, Span)> {
        if !self.word("sdl") || matches!(self.ahead(1), TokenKind::Equals | TokenKind::Colon | TokenKind::OpenParen) {
            return None;
        }
        self.begin();
        let start = self.at;
        self.at += 1;
        if self.kind() != TokenKind::Number {
            self.fail(self.cursor().failure(&[Expected::VersionNumber]));
            self.end_of_statement();
            return None;
        }
        let number = parse_number(self.tokens.written(self.at));
        self.at += 1;
        self.end_of_statement();
        Some((number, self.tokens.span(start).to(self.tokens.span(start + 1))))
    }

    /// `item = use | expect | block | definition`.
    fn item(&mut self) -> Option<Item> {
        if self.word("sdl") && self.ahead(1) == TokenKind::Number {
            self.mistake(Mistake::LateVersion { at: self.at });
            return None;
        }
        if self.word("use") && matches!(self.ahead(1), TokenKind::Name | TokenKind::Text | TokenKind::LineEnd) {
            return self.import().map(Item::Use);
        }
        if self.starts_expect() {
            return self.expect().map(Item::Expect);
        }
        match self.statement_head()? {
            Head::Block => self.block().map(Item::Block),
            Head::Line if self.kind() == TokenKind::With => self.refuse(&[Expected::Item]),
            Head::Line => self.definition(&[Expected::Equals]).map(Item::Definition),
        }
    }

    /// Tells a block from a line by the tokens at its beginning; words of other languages get their answer here.
    fn statement_head(&mut self) -> Option<Head> {
        if self.kind() == TokenKind::With {
            return Some(Head::Line);
        }
        if self.kind() != TokenKind::Name {
            return self.refuse(if self.depth == 0 { &[Expected::Item] } else { &[Expected::Entry] });
        }
        let (word, next, third) = (self.tokens.written(self.at), self.ahead(1), self.ahead(2));
        let known = BLOCK_KINDS.contains(&word);
        let value_follows = matches!(next, TokenKind::Name | TokenKind::Number | TokenKind::Text);
        // `from s` in a block lacks a `=`; nothing is imported there.
        let is_field = self.depth > 0 && word == "from";
        let alone = word == "end" && (next.ends_line() || next == TokenKind::End);
        let foreign = alone || value_follows && third != TokenKind::OpenBrace;
        if !known && !is_field && foreign && foreign::leading_word(word).is_some() {
            self.mistake(Mistake::ForeignWord { at: self.at });
            return None;
        }
        let head = match next {
            TokenKind::OpenBrace => Head::Block,
            TokenKind::Name | TokenKind::Text if known => Head::Block,
            TokenKind::Name => match third {
                TokenKind::OpenBrace | TokenKind::OpenParen => Head::Block,
                _ => Head::Line,
            },
            _ if known && third == TokenKind::OpenBrace => Head::Block,
            _ => Head::Line,
        };
        Some(head)
    }

    /// `use = "use" ( STRING | path [ "." "{" skip NAME { comma NAME } [ comma ] skip "}" ] )`.
    fn import(&mut self) -> Option<Use> {
        let start = self.at;
        self.at += 1;
        if self.kind() == TokenKind::Text {
            let file = Ident { text: parse_text(self.tokens.written(self.at)), span: self.tokens.span(self.at) };
            self.at += 1;
            return Some(Use { span: self.since(start), source: UseSource::File(file), names: vec![] });
        }
        if self.kind() != TokenKind::Name {
            return self.refuse(&[Expected::UseSource]);
        }
        let path = self.value(path)?;
        let names = match self.kind() {
            TokenKind::Dot => {
                let names = self.value_before(imported, TokenKind::CloseBrace);
                if names.is_none() && self.kind() == TokenKind::CloseBrace {
                    self.at += 1;
                }
                names?
            }
            _ => vec![],
        };
        self.end_of_line(&[Expected::LineEnd]);
        Some(Use { span: self.since(start), source: UseSource::Path(path), names })
    }

    fn starts_expect(&self) -> bool {
        use TokenKind::*;
        self.word("expect") && !matches!(self.ahead(1), Equals | EqualEqual | Colon | Tilde | OpenBrace | In)
    }

    /// `expect = "expect" expr`.
    fn expect(&mut self) -> Option<Expect> {
        let start = self.at;
        self.at += 1;
        let condition = self.value_or_error(expr);
        Some(Expect { span: self.since(start), condition })
    }

    /// `definition = NAME [ params ] [ unit ] "=" body`; also a draw, with `~`, where `signs` has it.
    fn definition(&mut self, signs: &'static [Expected]) -> Option<Definition> {
        let start = self.at;
        let name = self.tokens.ident(self.at);
        self.at += 1;
        let params = match self.kind() {
            TokenKind::OpenParen => Some(self.value(params)?),
            _ => None,
        };
        let unit = match self.kind() {
            TokenKind::Colon => Some(self.value(unit)?),
            _ => None,
        };
        self.sign(TokenKind::Equals, signs)?;
        let value = self.value_or_error(body);
        Some(Definition { span: self.since(start), name, params, unit, value })
    }

    /// The sign before a value; `==` is taken for `=`, with a diagnostic.
    fn sign(&mut self, kind: TokenKind, expected: &'static [Expected]) -> Option<()> {
        if self.kind() == TokenKind::EqualEqual && kind == TokenKind::Equals {
            self.mistake(Mistake::EqualityForSetting { at: self.at });
        } else if self.kind() != kind {
            return self.refuse(expected);
        }
        self.at += 1;
        Some(())
    }

    /// `block = kind NAME [ params ] "{" [ NLS ] [ entry { NLS entry } ] [ NLS ] "}"`.
    fn block(&mut self) -> Option<Block> {
        let start = self.at;
        let kind = self.tokens.ident(self.at);
        self.at += 1;
        let name = match self.kind() {
            TokenKind::Name => self.tokens.ident(self.at),
            _ => {
                self.mistake(Mistake::NamelessBlock { kind: start, at: self.at });
                Ident { text: String::new(), span: self.tokens.span(start) }
            }
        };
        if self.kind() != TokenKind::OpenBrace {
            self.at += 1;
        }
        let params = match self.kind() {
            TokenKind::OpenParen => self.value_before(params, TokenKind::OpenBrace).unwrap_or_default(),
            _ => vec![],
        };
        let brace = self.cursor().past_lines();
        if self.kind() != TokenKind::OpenBrace {
            match brace.kind() {
                TokenKind::OpenBrace => self.mistake(Mistake::BraceOnNextLine { at: brace.at }),
                _ if self.kind().ends_line() => {
                    self.mistake(Mistake::NoBrace { head: start, at: self.at });
                    if !self.unbalanced {
                        return None;
                    }
                }
                _ => return self.refuse(&[Expected::OpenBrace]),
            }
            self.at = brace.at;
        }
        if self.depth >= DEEPEST {
            self.fail(self.cursor().failure(&[Expected::Shallower]));
            self.skip_braces();
            return None;
        }
        let entries = self.entries(start);
        let block = Block { span: self.since(start), kind, name, params, entries };
        (!block.name.text.is_empty()).then_some(block)
    }

    /// The entries between `{`, which is next, and `}`.
    fn entries(&mut self, head: usize) -> Vec<Entry> {
        let opened = self.at;
        self.depth += 1;
        if self.kind() == TokenKind::OpenBrace {
            self.at += 1;
        }
        self.told = false;
        let mut entries = vec![];
        let mut unclosed = false;
        loop {
            self.skip_lines();
            if self.kind() == TokenKind::CloseBrace {
                self.at += 1;
                break;
            }
            if self.kind() == TokenKind::End || self.ends_open_block(head) {
                unclosed = true;
                if self.tokens.get(opened).kind == TokenKind::OpenBrace {
                    self.statement = opened;
                    self.told = false;
                    self.mistake(Mistake::OpenBlock { head, brace: opened, at: self.at });
                }
                break;
            }
            self.begin();
            entries.extend(self.entry());
            self.end_of_statement();
        }
        self.depth -= 1;
        self.statement = self.at - 1;
        self.told = false;
        self.ended = unclosed;
        entries
    }

    /// `entry`: see `grammar/sdl.ebnf`.
    fn entry(&mut self) -> Option<Entry> {
        use TokenKind::*;
        let next = self.ahead(1);
        if self.starts_expect() {
            return self.expect().map(Entry::Expect);
        }
        if self.word("allow") && !matches!(next, Equals | Tilde | Colon | OpenParen | In | OpenBrace) {
            return self.allow();
        }
        if self.word("never") && !matches!(next, Equals | EqualEqual | Tilde | Colon | In | OpenBrace) {
            let start = self.at;
            self.at += 1;
            let patterns = self.value_or_error(list);
            return Some(Entry::Never(patterns, self.since(start)));
        }
        if self.word("column") && next == Name && self.ahead(2) != OpenBrace {
            return self.column().map(Entry::Column);
        }
        if self.kind() == Name && next == In {
            return Some(Entry::Grid(self.field(2)));
        }
        match self.statement_head()? {
            Head::Block => self.block().map(Entry::Block),
            Head::Line => self.line(),
        }
    }

    /// A draw, a definition with parameters or a field.
    fn line(&mut self) -> Option<Entry> {
        let start = self.at;
        match self.ahead(1) {
            TokenKind::OpenParen => self.definition(&[Expected::Equals]).map(Entry::Definition),
            TokenKind::Tilde | TokenKind::Colon if self.kind() == TokenKind::Name => {
                let name = self.tokens.ident(self.at);
                self.at += 1;
                let unit = match self.kind() {
                    TokenKind::Colon => Some(self.value(unit)?),
                    _ => None,
                };
                if self.kind() != TokenKind::Tilde {
                    return self.refuse(&[Expected::Tilde]);
                }
                self.at += 1;
                let value = self.value_or_error(expr);
                Some(Entry::Draw(Definition { span: self.since(start), name, params: None, unit, value }))
            }
            TokenKind::EqualEqual => {
                self.mistake(Mistake::EqualityForSetting { at: self.at + 1 });
                Some(Entry::Field(self.field(2)))
            }
            TokenKind::Equals => Some(Entry::Field(self.field(2))),
            TokenKind::Number | TokenKind::Text | TokenKind::Name | TokenKind::Minus => {
                self.mistake(Mistake::NoEquals { key: self.at });
                Some(Entry::Field(self.field(1)))
            }
            _ => {
                self.at += 1;
                self.refuse(&[Expected::Equals, Expected::Tilde, Expected::In, Expected::Parameters])
            }
        }
    }

    /// A key and its values, which begin after `values` tokens.
    fn field(&mut self, values: usize) -> Field {
        let start = self.at;
        let key = self.tokens.ident(self.at);
        self.at += values;
        let values = self.value_or_error(list);
        Field { span: self.since(start), key, unit: None, values }
    }

    /// `"column" NAME [ unit ] "=" list`.
    fn column(&mut self) -> Option<Field> {
        let start = self.at;
        let key = self.tokens.ident(self.at + 1);
        self.at += 2;
        let unit = match self.kind() {
            TokenKind::Colon => Some(self.value(unit)?),
            _ => None,
        };
        self.sign(TokenKind::Equals, &[Expected::Equals])?;
        let values = self.value_or_error(list);
        Some(Field { span: self.since(start), key, unit, values })
    }

    /// `"allow" ( definition | symbol { comma symbol } ) [ "cost" NUMBER ]`.
    fn allow(&mut self) -> Option<Entry> {
        use TokenKind::*;
        let start = self.at;
        self.at += 1;
        if self.kind() == Name && matches!(self.ahead(1), OpenParen | Equals | Colon) {
            let definition = self.definition(&[Expected::Equals])?;
            let cost = self.cost();
            return Some(Entry::AllowDefinition(definition, cost));
        }
        let symbols = self.value(symbols)?;
        let cost = self.cost();
        self.end_of_line(if cost.is_some() {
            &[Expected::LineEnd]
        } else {
            &[Expected::Comma, Expected::Cost, Expected::LineEnd]
        });
        Some(Entry::Allow(Allow { span: self.since(start), symbols, cost }))
    }

    fn cost(&mut self) -> Option<(f64, Span)> {
        if self.kind() != TokenKind::Cost {
            return None;
        }
        self.at += 1;
        if self.kind() != TokenKind::Number {
            return self.refuse(&[Expected::Number]);
        }
        self.at += 1;
        let place = self.at - 1;
        Some((parse_number(self.tokens.written(place)), self.tokens.span(place)))
    }
}

/// What a statement is by its first tokens.
enum Head {
    Block,
    Line,
}

/// `"." "{" skip NAME { comma NAME } [ comma ] skip "}"`.
fn imported(input: Cursor) -> Parsed<Vec<Ident>> {
    let (rest, open) =
        nom::combinator::cut(cursor::token(TokenKind::OpenBrace, &[Expected::OpenBrace])).parse(input.next())?;
    let opened = |failure: nom::Err<Failure>| failure.map(|failure| Failure { open: Some(open), ..failure });
    let mut names = vec![];
    let mut next = rest.past_lines();
    loop {
        let (after, name) = cursor::name(next).map_err(opened)?;
        names.push(name);
        let (after, more) = opt(comma).parse(after)?;
        let after = after.past_lines();
        if after.kind() == TokenKind::CloseBrace {
            return Ok((after.next(), names));
        }
        if more.is_none() {
            return Err(opened(nom::Err::Failure(after.failure(&[Expected::Comma, Expected::CloseBrace]))));
        }
        next = after;
    }
}

/// `params = "(" NAME [ unit ] [ "=" expr ] { comma NAME [ unit ] [ "=" expr ] } ")"`.
fn params(input: Cursor) -> Parsed<Vec<Param>> {
    let opened = |failure: nom::Err<Failure>| {
        failure.map(|failure| Failure { open: failure.open.or(Some(input.at)), ..failure })
    };
    let mut params = vec![];
    let mut next = input.next();
    loop {
        let (rest, name) = cursor::name(next).map_err(opened)?;
        let (rest, unit) = opt(unit).parse(rest).map_err(opened)?;
        let (rest, default) = match rest.kind() {
            TokenKind::Equals => expr(rest.next()).map(|(rest, value)| (rest, Some(value))).map_err(opened)?,
            _ => (rest, None),
        };
        params.push(Param { name, unit, default });
        match rest.kind() {
            TokenKind::CloseParen => return Ok((rest.next(), params)),
            TokenKind::Comma => next = rest.next().past_lines(),
            _ => return Err(opened(nom::Err::Failure(rest.failure(&[Expected::Comma, Expected::CloseParen])))),
        }
    }
}

/// `symbol { comma symbol }`, where a symbol is an operator, one of `if and or not`, or a name.
fn symbols(input: Cursor) -> Parsed<Vec<Ident>> {
    use TokenKind::*;
    let mut symbols = vec![];
    let mut next = input;
    loop {
        if !matches!(
            next.kind(),
            Plus | Minus
                | Star
                | Slash
                | Caret
                | Less
                | LessEqual
                | Greater
                | GreaterEqual
                | EqualEqual
                | NotEqual
                | If
                | And
                | Or
                | Not
                | Name
        ) {
            return Err(nom::Err::Failure(next.failure(&[Expected::AllowedOperator])));
        }
        symbols.push(next.tokens.ident(next.at));
        match opt(comma).parse(next.next())? {
            (after, Some(_)) => next = after,
            (after, None) => return Ok((after, symbols)),
        }
    }
}
