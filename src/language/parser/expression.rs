//! Expressions, by nom over tokens: operators by precedence climbing, the rest by descent. A token is looked at a
//! bounded number of times, nesting is bounded by [`DEEPEST`] and the height of the tree by [`TALLEST`], so that
//! nobody who walks the tree runs out of stack.

use nom::combinator::{cut, opt};
use nom::sequence::{delimited, preceded};
use nom::{Err, Parser};

use super::cursor::{Cursor, DEEPEST, Parsed, lines, name, normal, token};
use super::expected::Expected;
use crate::base::Span;
use crate::language::lexer::{TokenKind, parse_number, parse_text};
use crate::language::tree::{Argument, Binary, Ident, Term, TermKind, Unary, UnitTerm};

/// The greatest height of an expression's tree: so many operators can stand in a row.
pub const TALLEST: u32 = 1000;

/// A term with the height of its tree.
pub struct Tall {
    term: Term,
    height: u32,
}

/// `expr = choice { [NLS] "|>" skip path [args] }`.
pub fn expr(input: Cursor) -> Parsed<Term> {
    let (rest, tall) = pipeline(input)?;
    Ok((rest, tall.term))
}

/// `list = expr { comma expr }`.
pub fn list(input: Cursor) -> Parsed<Vec<Term>> {
    let (mut rest, first) = expr(input)?;
    let mut values = vec![first];
    while let (after, Some(_)) = opt(comma).parse(rest)? {
        if after.begins_statement() || after.sets() {
            break;
        }
        let (after, value) = cut(expr).parse(after)?;
        values.push(value);
        rest = after;
    }
    Ok((rest, values))
}

/// `body = expr [ [NLS] "where" skip NAME "=" expr { comma NAME "=" expr } ]`.
pub fn body(input: Cursor) -> Parsed<Term> {
    let (mut rest, value) = expr(input)?;
    let Ok((after, _)) = preceded(lines, token(TokenKind::Where, &[])).parse(rest) else { return Ok((rest, value)) };
    let mut bindings = vec![];
    let mut next = after.past_lines();
    if next.at > after.at && next.ahead(1) != TokenKind::Equals {
        return Err(Err::Failure(after.failure(&[Expected::Name])));
    }
    loop {
        let (after, name) = cut(name).parse(next)?;
        let (after, _) = cut(token(TokenKind::Equals, &[Expected::Equals])).parse(after)?;
        let (after, bound) = cut(expr).parse(after)?;
        bindings.push((name, bound));
        rest = after;
        match opt(comma).parse(rest)? {
            (after, Some(_)) => next = after,
            (_, None) => break,
        }
    }
    let span = value.span.to(bindings.last().map_or(value.span, |(_, bound)| bound.span));
    Ok((rest, Term { span, kind: TermKind::Where(Box::new(value), bindings) }))
}

/// `comma = "," skip`.
pub fn comma(input: Cursor) -> Parsed<()> {
    let (rest, _) = token(TokenKind::Comma, &[Expected::Comma])(input)?;
    lines(rest)
}

/// `path = NAME { "." NAME }`.
pub fn path(input: Cursor) -> Parsed<Vec<Ident>> {
    let (mut rest, first) = name(input)?;
    let mut parts = vec![first];
    while rest.kind() == TokenKind::Dot && rest.ahead(1) != TokenKind::OpenBrace {
        let (after, part) = cut(name).parse(rest.next())?;
        parts.push(part);
        rest = after;
    }
    Ok((rest, parts))
}

/// `unit = ":" [NUMBER] UNIT`.
pub fn unit(input: Cursor) -> Parsed<UnitTerm> {
    let (rest, colon) = token(TokenKind::Colon, &[])(input)?;
    let (rest, number) = opt(token(TokenKind::Number, &[])).parse(rest)?;
    let (rest, at) = cut(token(TokenKind::Unit, &[Expected::Unit])).parse(rest)?;
    let mut unit = unit_term(input, at);
    unit.factor = number.map_or(1.0, |number| parse_number(input.tokens.written(number)));
    unit.span = input.tokens.span(number.unwrap_or(colon + 1)).to(unit.span);
    Ok((rest, unit))
}

fn pipeline(input: Cursor) -> Parsed<Tall> {
    let (mut rest, mut left) = choice(input)?;
    while let (after, Some(_)) = opt(preceded(lines, token(TokenKind::Pipe, &[]))).parse(rest)? {
        let (after, path) = cut(path).parse(after.past_lines())?;
        let (after, arguments) = opt(arguments).parse(after)?;
        let (arguments, inner) = arguments.map_or((None, 0), |(arguments, height)| (Some(arguments), height));
        let span = left.term.span.to(last_span(after));
        let height = left.height.max(inner);
        left = grown(rest, span, height, TermKind::Pipe(Box::new(left.term), path, arguments))?;
        rest = after;
    }
    Ok((rest, left))
}

/// `choice = "if" skip expr [NLS] "then" skip expr [NLS] "else" skip choice | either`.
fn choice(input: Cursor) -> Parsed<Tall> {
    let (rest, Some(start)) = opt(token(TokenKind::If, &[])).parse(input)? else { return climb(input, OR) };
    let inner = deeper(rest)?.past_lines();
    let (rest, condition) = cut(pipeline).parse(inner)?;
    let (rest, _) = cut(preceded(lines, token(TokenKind::Then, &[Expected::Then]))).parse(rest)?;
    let (rest, yes) = cut(pipeline).parse(rest.past_lines())?;
    let (rest, _) = cut(preceded(lines, token(TokenKind::Else, &[Expected::Else]))).parse(rest)?;
    let (rest, no) = cut(choice).parse(rest.past_lines())?;
    let span = input.tokens.span(start).to(no.term.span);
    let height = condition.height.max(yes.height).max(no.height);
    let kind = TermKind::If(Box::new(condition.term), Box::new(yes.term), Box::new(no.term));
    Ok((Cursor { depth: input.depth, ..rest }, grown(input, span, height, kind)?))
}

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const RELATION: u8 = 4;
const RANGE: u8 = 5;
const SUM: u8 = 6;
const PRODUCT: u8 = 7;

/// Operators between values with their levels; those of `RELATION` and `RANGE` do not chain.
fn operator(kind: TokenKind) -> Option<(Binary, u8)> {
    Some(match kind {
        TokenKind::Or => (Binary::Or, OR),
        TokenKind::And => (Binary::And, AND),
        TokenKind::Less => (Binary::Lt, RELATION),
        TokenKind::LessEqual => (Binary::Le, RELATION),
        TokenKind::Greater => (Binary::Gt, RELATION),
        TokenKind::GreaterEqual => (Binary::Ge, RELATION),
        TokenKind::EqualEqual => (Binary::Eq, RELATION),
        TokenKind::NotEqual => (Binary::Ne, RELATION),
        TokenKind::Recovers => (Binary::Recovers, RELATION),
        TokenKind::DotDot => (Binary::Range, RANGE),
        TokenKind::Plus => (Binary::Add, SUM),
        TokenKind::Minus => (Binary::Sub, SUM),
        TokenKind::Star => (Binary::Mul, PRODUCT),
        TokenKind::Slash => (Binary::Div, PRODUCT),
        _ => return None,
    })
}

/// The rules from `either` to `product`: operators of at least this level.
fn climb(input: Cursor, level: u8) -> Parsed<Tall> {
    let (mut rest, mut left, mut highest) = match input.kind() {
        TokenKind::Not if level <= NOT => {
            let (rest, argument) = cut(|input| climb(input, NOT)).parse(deeper(input.next())?)?;
            let rest = Cursor { depth: input.depth, ..rest };
            (rest, unary(input, Unary::Not, argument)?, AND)
        }
        _ => {
            let (rest, operand) = sign(input)?;
            (rest, operand, PRODUCT)
        }
    };
    while let Some((binary, of)) = operator(rest.kind()).filter(|(_, of)| (level..=highest).contains(of)) {
        let next = rest.next().past_lines();
        if next.begins_statement() {
            return Err(Err::Failure(next.failure(&[Expected::Value])));
        }
        let (after, right) = cut(|input| climb(input, of + 1)).parse(next)?;
        let (span, height) = (left.term.span.to(right.term.span), left.height.max(right.height));
        left = grown(rest, span, height, TermKind::Binary(binary, Box::new(left.term), Box::new(right.term)))?;
        rest = after;
        highest = if matches!(of, RELATION | RANGE) { of - 1 } else { of };
    }
    Ok((rest, left))
}

/// `sign = ("-" | "+") sign | power`.
fn sign(input: Cursor) -> Parsed<Tall> {
    let of = match input.kind() {
        TokenKind::Minus => Unary::Minus,
        TokenKind::Plus => Unary::Plus,
        _ => return power(input),
    };
    let (rest, argument) = cut(sign).parse(deeper(input.next())?)?;
    Ok((Cursor { depth: input.depth, ..rest }, unary(input, of, argument)?))
}

/// `power = postfix ["^" skip sign]`.
fn power(input: Cursor) -> Parsed<Tall> {
    let (rest, base) = postfix(input)?;
    if rest.kind() != TokenKind::Caret {
        return Ok((rest, base));
    }
    let (after, exponent) = cut(sign).parse(deeper(rest.next())?.past_lines())?;
    let (span, height) = (base.term.span.to(exponent.term.span), base.height.max(exponent.height));
    let kind = TermKind::Binary(Binary::Pow, Box::new(base.term), Box::new(exponent.term));
    Ok((Cursor { depth: input.depth, ..after }, grown(rest, span, height, kind)?))
}

/// `postfix = number | primary { "." NAME | "[" expr "]" | args }`.
fn postfix(input: Cursor) -> Parsed<Tall> {
    if input.kind() == TokenKind::Number {
        return number(input);
    }
    let (mut rest, mut left) = primary(input)?;
    loop {
        let (after, kind, height) = match rest.kind() {
            TokenKind::Dot => {
                let (after, member) = cut(name).parse(rest.next())?;
                (after, TermKind::Member(Box::new(left.term), member), left.height)
            }
            TokenKind::OpenBracket => {
                let (after, index) =
                    bracketed(rest, TokenKind::CloseBracket, &[Expected::Operator, Expected::CloseBracket], pipeline)?;
                (after, TermKind::Index(Box::new(left.term), Box::new(index.term)), left.height.max(index.height))
            }
            TokenKind::OpenParen => {
                let (after, (arguments, height)) = arguments(rest)?;
                (after, TermKind::Call(Box::new(left.term), arguments), left.height.max(height))
            }
            _ => return Ok((rest, left)),
        };
        left = grown(rest, input.span().to(last_span(after)), height, kind)?;
        rest = after;
    }
}

/// `primary = STRING | "true" | "false" | "(" expr ")" | NAME`.
fn primary(input: Cursor) -> Parsed<Tall> {
    let kind = match input.kind() {
        TokenKind::Name => TermKind::Name(normal(input.tokens.written(input.at))),
        TokenKind::Text => TermKind::Text(parse_text(input.tokens.written(input.at))),
        TokenKind::True => TermKind::Bool(true),
        TokenKind::False => TermKind::Bool(false),
        TokenKind::OpenParen => {
            let (rest, inner) =
                bracketed(input, TokenKind::CloseParen, &[Expected::Operator, Expected::CloseParen], pipeline)?;
            let span = input.span().to(last_span(rest));
            return Ok((rest, grown(input, span, inner.height, TermKind::Group(Box::new(inner.term)))?));
        }
        _ => return Err(Err::Error(input.failure(&[Expected::Value]))),
    };
    Ok((input.next(), Tall { term: Term { span: input.span(), kind }, height: 1 }))
}

/// `number = NUMBER [UNIT]`.
fn number(input: Cursor) -> Parsed<Tall> {
    let text = input.tokens.written(input.at).to_string();
    let value = parse_number(&text);
    let (rest, unit) = opt(token(TokenKind::Unit, &[])).parse(input.next())?;
    let unit = unit.map(|at| unit_term(input, at));
    let span = input.span().to(last_span(rest));
    Ok((rest, Tall { term: Term { span, kind: TermKind::Number { value, text, unit } }, height: 1 }))
}

/// `args = "(" [argument { comma argument }] ")"`, with the height of the tallest.
fn arguments(input: Cursor) -> Parsed<(Vec<Argument>, u32)> {
    token(TokenKind::OpenParen, &[Expected::Parameters])(input)?;
    let after = &[Expected::Operator, Expected::Comma, Expected::CloseParen];
    bracketed(input, TokenKind::CloseParen, after, |input| {
        let mut arguments = vec![];
        let mut height = 0;
        if input.kind() == TokenKind::CloseParen {
            return Ok((input, (arguments, height)));
        }
        let mut next = input;
        loop {
            let (after, (name, value)) = argument(next)?;
            height = height.max(value.height);
            arguments.push(Argument { name, value: value.term });
            match opt(comma).parse(after)? {
                (after, Some(_)) => next = after,
                (after, None) => return Ok((after, (arguments, height))),
            }
        }
    })
}

/// `argument = NAME "=" expr | expr`.
fn argument(input: Cursor) -> Parsed<(Option<Ident>, Tall)> {
    let named = input.kind() == TokenKind::Name && input.ahead(1) == TokenKind::Equals;
    let (rest, name) = if named { (input.next().next(), Some(input.tokens.ident(input.at))) } else { (input, None) };
    let (rest, value) = pipeline(rest)?;
    Ok((rest, (name, value)))
}

/// What stands between an opening bracket, which is next, and its closing one.
fn bracketed<'a, T>(
    input: Cursor<'a>,
    close: TokenKind,
    expected: &'static [Expected],
    inner: impl Fn(Cursor<'a>) -> Parsed<'a, T>,
) -> Parsed<'a, T> {
    let open = |input| Ok((input, ()));
    let opened = |failure: Err<super::cursor::Failure>| match failure {
        Err::Error(failure) | Err::Failure(failure) => {
            Err::Failure(super::cursor::Failure { open: failure.open.or(Some(input.at)), ..failure })
        }
        incomplete => incomplete,
    };
    let (rest, value) =
        delimited(open, cut(inner), cut(token(close, expected))).parse(deeper(input.next())?).map_err(opened)?;
    Ok((Cursor { depth: input.depth, ..rest }, value))
}

/// One level deeper, if that is allowed.
fn deeper(input: Cursor) -> Result<Cursor, Err<super::cursor::Failure>> {
    match input.depth < DEEPEST {
        true => Ok(Cursor { depth: input.depth + 1, ..input }),
        false => Err(Err::Failure(Cursor { at: input.at - 1, ..input }.failure(&[Expected::Shallower]))),
    }
}

fn unary(input: Cursor, of: Unary, argument: Tall) -> Result<Tall, Err<super::cursor::Failure>> {
    let span = input.span().to(argument.term.span);
    grown(input, span, argument.height, TermKind::Unary(of, Box::new(argument.term)))
}

/// A node over parts of at most this height; refused at `at` where the tree grows too tall.
fn grown(at: Cursor, span: Span, height: u32, kind: TermKind) -> Result<Tall, Err<super::cursor::Failure>> {
    match height < TALLEST {
        true => Ok(Tall { term: Term { span, kind }, height: height + 1 }),
        false => Err(Err::Failure(at.failure(&[Expected::FewerOperators]))),
    }
}

/// The place of the token before.
fn last_span(rest: Cursor) -> Span {
    rest.tokens.span(rest.at.saturating_sub(1))
}

/// A unit token taken apart; exponents of atoms after `/` are negative.
fn unit_term(input: Cursor, at: usize) -> UnitTerm {
    let (span, written) = (input.tokens.span(at), input.tokens.written(at));
    let mut atoms = vec![];
    let (mut start, mut sense) = (0, 1);
    while start < written.len() {
        let end = written[start..].find(['*', '/']).map_or(written.len(), |length| start + length);
        let (atom, exponent) = written[start..end].split_once('^').unwrap_or((&written[start..end], "1"));
        let place = span.start as usize + start;
        let ident = Ident { text: normal(atom), span: Span::new(span.source, place, place + atom.len()) };
        atoms.push((ident, sense * exponent.parse::<i32>().unwrap_or(1)));
        sense = if written[end..].starts_with('/') { -1 } else { 1 };
        start = end + 1;
    }
    UnitTerm { span, factor: 1.0, atoms }
}
