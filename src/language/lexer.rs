//! Text to tokens, with nom. Every byte of the text is a blank or lies in one token; what is no token of the language
//! becomes the token it was meant as, or `Bad`, and a diagnostic says so. One pass, linear in the text.
//!
//! Two things depend on what stands before: a unit is read only after a number or a colon, and a line end within
//! round or square brackets is a blank (the parser leaves it out, once it knows which brackets are closed).

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{not, opt, peek, recognize, verify};
use nom::multi::many0_count;
use nom::sequence::{pair, preceded};
use nom::{IResult, Parser};

use super::foreign;
use crate::base::{Diagnostic, SourceId, Span};

/// The kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TokenKind {
    Name,
    Number,
    /// `km/s`, only after a number or a colon.
    Unit,
    Text,
    Comment,
    LineEnd,
    /// `;`, which ends a field as a line end does.
    Semicolon,
    Plus,
    Minus,
    Star,
    Slash,
    Caret,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    EqualEqual,
    NotEqual,
    Equals,
    Tilde,
    Comma,
    Dot,
    DotDot,
    Colon,
    Pipe,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    And,
    Or,
    Not,
    If,
    Then,
    Else,
    Where,
    In,
    Cost,
    Over,
    With,
    Recovers,
    True,
    False,
    /// Not of the language; a diagnostic was given.
    Bad,
    /// The end of the text.
    End,
}

/// A token: its kind and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// The tokens of a text, comments and line ends among them, `End` last; and what was wrong.
pub struct Lexed {
    /// All tokens.
    pub tokens: Vec<Token>,
    /// The first mistakes, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// First bytes of all mistakes.
    pub places: Vec<u32>,
}

/// How many mistakes of a text are told; the rest is only counted.
pub const TOLD: usize = 200;

/// Symbols, longest first.
pub const SYMBOLS: &[(&str, TokenKind)] = &[
    ("<=", TokenKind::LessEqual),
    (">=", TokenKind::GreaterEqual),
    ("==", TokenKind::EqualEqual),
    ("!=", TokenKind::NotEqual),
    ("..", TokenKind::DotDot),
    ("|>", TokenKind::Pipe),
    ("+", TokenKind::Plus),
    ("-", TokenKind::Minus),
    ("*", TokenKind::Star),
    ("/", TokenKind::Slash),
    ("^", TokenKind::Caret),
    ("<", TokenKind::Less),
    (">", TokenKind::Greater),
    ("=", TokenKind::Equals),
    ("~", TokenKind::Tilde),
    (",", TokenKind::Comma),
    (".", TokenKind::Dot),
    (":", TokenKind::Colon),
    (";", TokenKind::Semicolon),
    ("(", TokenKind::OpenParen),
    (")", TokenKind::CloseParen),
    ("[", TokenKind::OpenBracket),
    ("]", TokenKind::CloseBracket),
    ("{", TokenKind::OpenBrace),
    ("}", TokenKind::CloseBrace),
];

/// Reserved words.
pub const RESERVED: &[(&str, TokenKind)] = &[
    ("and", TokenKind::And),
    ("or", TokenKind::Or),
    ("not", TokenKind::Not),
    ("if", TokenKind::If),
    ("then", TokenKind::Then),
    ("else", TokenKind::Else),
    ("where", TokenKind::Where),
    ("in", TokenKind::In),
    ("cost", TokenKind::Cost),
    ("over", TokenKind::Over),
    ("with", TokenKind::With),
    ("recovers", TokenKind::Recovers),
    ("true", TokenKind::True),
    ("false", TokenKind::False),
];

impl TokenKind {
    /// Whether it is a reserved word.
    pub fn is_reserved(self) -> bool {
        RESERVED.iter().any(|(_, kind)| *kind == self)
    }

    /// Whether it ends a line: a line end or `;`.
    pub fn ends_line(self) -> bool {
        matches!(self, TokenKind::LineEnd | TokenKind::Semicolon)
    }

    /// Whether a value can end with it.
    pub fn ends_value(self) -> bool {
        use TokenKind::*;
        matches!(self, Name | Number | Unit | Text | CloseParen | CloseBracket | True | False)
    }

    /// Whether it stands between two values.
    pub fn is_operator(self) -> bool {
        use TokenKind::*;
        matches!(
            self,
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
                | DotDot
                | And
                | Or
                | Recovers
                | Pipe
        )
    }
}

/// Reads a text of at most 4 GB (the caller checks) into tokens.
pub fn lex(source: SourceId, text: &str) -> Lexed {
    let mut lexer = Lexer {
        source,
        text,
        at: 0,
        tokens: vec![],
        diagnostics: vec![],
        places: vec![],
        stray_line: usize::MAX,
        line: 0,
    };
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while lexer.step() {}
    lexer.push(TokenKind::End, text.len());
    Lexed { tokens: lexer.tokens, diagnostics: lexer.diagnostics, places: lexer.places }
}

type Read<'a> = IResult<&'a str, &'a str>;

fn begins_name(c: char) -> bool {
    c == '_' || unicode_ident::is_xid_start(c)
}

/// Letters: XID and `_`.
fn name(text: &str) -> Read<'_> {
    recognize(pair(
        verify(nom::character::complete::anychar, |c: &char| begins_name(*c)),
        take_while(unicode_ident::is_xid_continue),
    ))
    .parse(text)
}

/// Digits with single `_` between them.
fn digits(text: &str) -> Read<'_> {
    recognize(pair(digit1, many0_count(preceded(char('_'), digit1)))).parse(text)
}

fn number(text: &str) -> Read<'_> {
    let fraction = preceded(char('.'), digits);
    let exponent = (one_of("eE"), opt(one_of("+-")), digits);
    recognize((digits, opt(fraction), opt(exponent))).parse(text)
}

/// A name with an exponent, if it is no function and has no members.
fn unit_atom(text: &str) -> Read<'_> {
    let word = verify(name, |word: &str| reserved(word).is_none());
    let member = preceded(char('.'), not(char('.')));
    let follows = alt((tag("("), tag("["), recognize(member)));
    recognize((word, opt((char('^'), opt(char('-')), digit1)), not(follows))).parse(text)
}

fn unit(text: &str) -> Read<'_> {
    let atoms = pair(unit_atom, many0_count(pair(one_of("*/"), unit_atom)));
    alt((tag("%"), recognize(atoms))).parse(text)
}

fn blanks(text: &str) -> Read<'_> {
    take_while(|c: char| c != '\n' && c.is_whitespace())(text)
}

/// A text up to its quote; escapes skip a character. Fails where the line ends first.
fn quoted(quote: char) -> impl Fn(&str) -> Read<'_> {
    move |text| {
        let plain = move |c: char| c != quote && c != '\\' && c != '\n';
        let escape = recognize(pair(char('\\'), verify(nom::character::complete::anychar, |c| *c != '\n')));
        recognize((char(quote), many0_count(alt((take_while1(plain), escape))), char(quote))).parse(text)
    }
}

fn reserved(word: &str) -> Option<TokenKind> {
    RESERVED.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
}

fn symbol(text: &str) -> Option<(&'static str, TokenKind)> {
    SYMBOLS.iter().find(|(spelling, _)| text.starts_with(spelling)).copied()
}

fn length(read: Read) -> Option<usize> {
    read.ok().map(|(_, found)| found.len())
}

struct Lexer<'a> {
    source: SourceId,
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    diagnostics: Vec<Diagnostic>,
    places: Vec<u32>,
    /// The line that already has a complaint about a stray character: one is enough.
    stray_line: usize,
    line: usize,
}

impl<'a> Lexer<'a> {
    fn push(&mut self, kind: TokenKind, end: usize) {
        self.tokens.push(Token { kind, start: self.at as u32, end: end as u32 });
        self.at = end;
    }

    fn tell(&mut self, diagnostic: Diagnostic) {
        self.places.extend(diagnostic.labels.first().map(|label| label.span.start));
        if self.diagnostics.len() < TOLD {
            self.diagnostics.push(diagnostic);
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    fn last(&self) -> TokenKind {
        self.tokens.last().map_or(TokenKind::LineEnd, |token| token.kind)
    }

    /// Reads one token; false at the end of the text.
    fn step(&mut self) -> bool {
        let (text, at) = (self.text, self.at);
        self.at += length(blanks(&text[at..])).unwrap_or(0);
        let (at, rest) = (self.at, &text[self.at..]);
        let Some(first) = rest.chars().next() else { return false };
        if first == '\n' {
            self.line += 1;
            self.push(TokenKind::LineEnd, at + 1);
        } else if first == '#' {
            self.push(TokenKind::Comment, at + rest[..line_length(rest)].trim_end().len());
        } else if rest.starts_with("//") || rest.starts_with("/*") {
            self.foreign_comment(rest, 2);
        } else if first == '%' && self.last() == TokenKind::LineEnd {
            self.foreign_comment(rest, 1);
        } else if let Some(length) = self.unit_here(rest) {
            self.unit(length);
        } else if begins_name(first) {
            let length = length(name(rest)).unwrap_or(first.len_utf8());
            self.push(reserved(&rest[..length]).unwrap_or(TokenKind::Name), at + length);
        } else if first.is_ascii_digit() {
            self.number(length(number(rest)).unwrap_or(1));
        } else if first == '"' || first == '\'' {
            self.quoted(first, rest);
        } else if first == '.' && !self.after_value() && length(digits(&rest[1..])).is_some() {
            self.bare_fraction(rest);
        } else if first == '\\' {
            self.latex(rest);
        } else {
            self.symbol(first, rest);
        }
        true
    }

    fn after_value(&self) -> bool {
        self.tokens.last().is_some_and(|last| last.end as usize == self.at && last.kind.ends_value())
    }

    /// A unit's length, where a unit can stand: after a colon, or after a number, if what follows does not make it the
    /// name of a next field.
    fn unit_here(&self, rest: &str) -> Option<usize> {
        let after_number = self.last() == TokenKind::Number;
        if !after_number && self.last() != TokenKind::Colon {
            return None;
        }
        let length = length(unit(rest))?;
        let after = blanks(&rest[length..]).map_or("", |(after, _)| after);
        let next_field = after.starts_with('~') || (after.starts_with('=') && !after.starts_with("=="));
        let in_annotation = self.tokens.iter().rev().nth(1).is_some_and(|token| token.kind == TokenKind::Colon);
        (!(after_number && next_field) || in_annotation).then_some(length)
    }

    fn unit(&mut self, length: usize) {
        let written = &self.text[self.at..self.at + length];
        let exponents = written.split(['*', '/']).filter_map(|atom| atom.split_once('^')).map(|(_, exponent)| exponent);
        if exponents.into_iter().any(|exponent| exponent.len() > 4) {
            let span = self.span(self.at, self.at + length);
            self.tell(
                Diagnostic::new("E0129", "this exponent of a unit is too large")
                    .at(span, "")
                    .help("exponents of units have at most three digits"),
            );
        }
        self.push(TokenKind::Unit, self.at + length);
    }

    /// A number, and what people write after digits that is no number.
    fn number(&mut self, length: usize) {
        let (start, end) = (self.at, self.at + length);
        let (written, rest) = (&self.text[start..end], &self.text[end..]);
        let mut next = rest.chars();
        let (one, two) = (next.next(), next.next());
        let no_digits = "digits must follow the point of a number";
        let wrong = if one == Some('_') {
            let more = length_of(rest, |c| c == '_' || c.is_ascii_digit());
            let tidy: String = self.text[start..end + more].chars().filter(|c| *c != '_').collect();
            Some((more, "`_` in a number stands between two digits", Some(tidy)))
        } else if written == "0" && matches!(one, Some('x' | 'b' | 'o')) && two.is_some_and(|c| c.is_ascii_hexdigit()) {
            Some((length_of(rest, |c| c.is_ascii_alphanumeric()), "numbers are decimal", None))
        } else if one == Some('.') && written.contains('.') && two.is_some_and(|c| c.is_ascii_digit()) {
            Some((length_of(rest, |c| c == '.' || c.is_ascii_digit()), "a number has one point", None))
        } else if one == Some('.') && !written.contains('.') && is_bare_exponent(&rest[1..]) {
            let exponent = length_of(&rest[1..], |c| c.is_ascii_digit() || "eE+-".contains(c));
            Some((1 + exponent, no_digits, Some(format!("{written}.0{}", &rest[1..1 + exponent]))))
        } else if one == Some('.') && !two.is_some_and(|c| c == '.' || begins_name(c)) {
            Some((1, no_digits, Some(format!("{written}.0"))))
        } else {
            None
        };
        let more = wrong.as_ref().map_or(0, |(more, ..)| *more);
        let span = self.span(start, end + more);
        if let Some((_, headline, fix)) = wrong {
            let diagnostic = Diagnostic::new("E0103", headline).at(span, "");
            self.tell(match fix {
                Some(number) => diagnostic.fix(format!("write `{number}`"), span, number),
                None => diagnostic.help("digits, a point, digits, an exponent: `12`, `0.5`, `1e-3`, `1_000`"),
            });
        } else if parse_number(written).is_infinite() {
            self.tell(
                Diagnostic::new("E0104", "this number is too large")
                    .at(span, "")
                    .help("numbers are held in 64 bits: the largest is about 1.8e308"),
            );
        }
        self.push(TokenKind::Number, end + more);
    }

    fn bare_fraction(&mut self, rest: &str) {
        let length = 1 + length(number(&rest[1..])).unwrap_or(0);
        let (span, written) = (self.span(self.at, self.at + length), &rest[..length]);
        self.tell(Diagnostic::new("E0103", "a number begins with a digit").at(span, "").fix(
            format!("write `0{written}`"),
            span,
            format!("0{written}"),
        ));
        self.push(TokenKind::Number, self.at + length);
    }

    fn quoted(&mut self, quote: char, rest: &str) {
        let closed = length(quoted(quote)(rest));
        let length = closed.unwrap_or_else(|| {
            let line = rest[..line_length(rest)].trim_end();
            line.strip_suffix('}').unwrap_or(line).trim_end().len()
        });
        let span = self.span(self.at, self.at + length);
        let written = &rest[..length];
        if closed.is_none() {
            self.tell(
                Diagnostic::new("E0102", "this text has no closing quote")
                    .at(span, "it would go on to the end of the line")
                    .fix("close it", self.span(self.at + length, self.at + length), quote.to_string()),
            );
        } else if quote == '\'' {
            let inner = written[1..length - 1].replace('"', "\\\"");
            self.tell(Diagnostic::new("E0106", "a text stands between double quotes").at(span, "").fix(
                "use double quotes",
                span,
                format!("\"{inner}\""),
            ));
        }
        let mut characters = written.char_indices();
        while let Some((offset, c)) = characters.next() {
            if c != '\\' {
                continue;
            }
            if let Some((_, escaped)) = characters.next().filter(|(_, c)| !matches!(c, '"' | '\\' | '\'')) {
                let place = self.at + offset;
                let span = self.span(place, place + 1 + escaped.len_utf8());
                self.tell(
                    Diagnostic::new("E0105", format!("`\\{escaped}` is no escape"))
                        .at(span, "")
                        .help("there are two escapes, `\\\"` and `\\\\`")
                        .fix("write the backslash twice", self.span(place, place + 1), "\\\\"),
                );
            }
        }
        self.push(TokenKind::Text, self.at + length);
    }

    fn foreign_comment(&mut self, rest: &str, mark: usize) {
        let length = match rest.starts_with("/*") {
            true => block_comment_length(rest),
            false => line_length(rest),
        };
        let mark = self.span(self.at, self.at + mark);
        let finding = Diagnostic::new("E0106", "a comment begins with `#`").at(mark, "");
        self.tell(match self.last().ends_value() {
            true => finding.help("write `#`; a whole quotient is `floor(a / b)`"),
            false => finding.fix("write `#`", mark, "#"),
        });
        self.push(TokenKind::Comment, self.at + length);
    }

    fn latex(&mut self, rest: &str) {
        let length = 1 + length_of(&rest[1..], |c| c.is_ascii_alphabetic());
        let span = self.span(self.at, self.at + length);
        let command = &rest[1..length];
        let known = foreign::LATEX.iter().find(|(spelling, ..)| *spelling == command);
        let (kind, diagnostic) = match known {
            Some((_, kind, meant)) => (
                *kind,
                Diagnostic::new("E0108", format!("`\\{command}` is written `{meant}` here")).at(span, "").fix(
                    format!("write `{meant}`"),
                    span,
                    *meant,
                ),
            ),
            None => {
                let headline = match command {
                    "" => "a backslash means nothing here".to_string(),
                    _ => format!("`\\{command}` is LaTeX, which is not read here"),
                };
                let form = foreign::LATEX_FORMS.iter().find(|(spelling, _)| *spelling == command);
                let diagnostic = Diagnostic::new("E0108", headline).at(span, "");
                (TokenKind::Bad, form.iter().fold(diagnostic, |diagnostic, (_, remedy)| diagnostic.help(*remedy)))
            }
        };
        self.tell(diagnostic);
        self.push(kind, self.at + length);
    }

    fn symbol(&mut self, first: char, rest: &str) {
        let native = symbol(rest);
        let foreign = foreign::OPERATORS.iter().find(|foreign| rest.starts_with(foreign.spelling));
        let known = native.map_or(0, |(spelling, _)| spelling.len());
        if let Some(foreign) = foreign.filter(|foreign| foreign.spelling.len() > known) {
            let length = foreign.spelling.len();
            let span = self.span(self.at, self.at + length);
            let diagnostic = Diagnostic::new("E0106", foreign.headline).at(span, "");
            self.tell(match foreign.replacement {
                Some(replacement) => diagnostic.fix(format!("write `{}`", replacement.trim()), span, replacement),
                None => diagnostic,
            });
            self.push(foreign.meant, self.at + length);
        } else if let Some((spelling, kind)) = native {
            self.push(kind, self.at + spelling.len());
        } else {
            self.stray(first, rest);
        }
    }

    /// A run of characters of no use; one complaint per line.
    fn stray(&mut self, first: char, rest: &str) {
        let known = |c: char| {
            c.is_whitespace()
                || c == '#'
                || c == '"'
                || c.is_ascii_digit()
                || begins_name(c)
                || symbol(c.encode_utf8(&mut [0; 4])).is_some()
        };
        let length = length_of(rest, |c| !known(c)).max(first.len_utf8());
        if self.stray_line != self.line {
            self.stray_line = self.line;
            let span = self.span(self.at, self.at + length);
            let shown = match first.is_control() || invisible(first) {
                true => format!("the invisible character U+{:04X}", u32::from(first)),
                false => format!("the character `{first}`"),
            };
            let diagnostic = Diagnostic::new("E0101", format!("{shown} has no meaning here")).at(span, "");
            self.tell(match invisible(first) {
                true => diagnostic.fix("remove it", span, ""),
                false => diagnostic,
            });
        }
        self.push(TokenKind::Bad, self.at + length);
    }
}

/// The value of a number token; `_` is left out.
pub fn parse_number(written: &str) -> f64 {
    let tidy: String = written.chars().filter(|c| *c != '_').collect();
    let tidy = if tidy.starts_with('.') { format!("0{tidy}") } else { tidy };
    tidy.parse().unwrap_or(0.0)
}

/// The content of a text token: without quotes, escapes resolved.
pub fn parse_text(written: &str) -> String {
    let quote = written.chars().next().unwrap_or('"');
    let mut content = String::with_capacity(written.len());
    let mut characters = written.chars().skip(1);
    while let Some(c) = characters.next() {
        match c {
            '\\' => content.extend(characters.next()),
            c if c == quote => break,
            c => content.push(c),
        }
    }
    content
}

fn line_length(text: &str) -> usize {
    let line = text.find('\n').unwrap_or(text.len());
    if text[..line].ends_with('\r') { line - 1 } else { line }
}

/// From `/*` to `*/`, or to the line's end.
fn block_comment_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let end = (2..bytes.len()).find(|at| bytes[*at] == b'\n' || bytes[*at..].starts_with(b"*/"));
    end.map_or(text.len(), |end| if bytes[end] == b'\n' { end } else { end + 2 })
}

fn length_of(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Whether `e5` or `e-5` stands here: the tail of `1.e5`.
fn is_bare_exponent(text: &str) -> bool {
    let exponent: IResult<&str, _> = peek((one_of("eE"), opt(one_of("+-")), digit1)).parse(text);
    exponent.is_ok()
}

/// Characters of no width that come with copied text.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}
