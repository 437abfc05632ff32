//! Which mistake a failure is: looks at the tokens around the place. The words for it are in `explain`.

use super::BLOCK_KINDS;
use super::cursor::{Failure, Tokens};
use super::expected::Expected;
use crate::language::lexer::TokenKind;

/// A syntax mistake; places are token indices.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mistake {
    /// Something stands where something else is expected.
    Unexpected { at: usize, expected: &'static [Expected], open: Option<usize> },
    /// A bracket without its partner; at `at` it is missed.
    Unclosed { open: usize, at: usize },
    /// `(a]`.
    WrongBracket { open: usize, at: usize },
    /// `a)`.
    StrayBracket { at: usize },
    /// `}` of no block.
    StrayBrace { at: usize },
    /// A block without its `}`.
    OpenBlock { head: usize, brace: usize, at: usize },
    /// A block's head without `{`.
    NoBrace { head: usize, at: usize },
    /// `{` on the line after the head.
    BraceOnNextLine { at: usize },
    /// `system { … }`.
    NamelessBlock { kind: usize, at: usize },
    /// A reserved word where a name must be.
    Reserved { at: usize },
    /// `a, b,`.
    TrailingComma { comma: usize },
    /// `a +` and nothing more.
    Dangling { operator: usize },
    /// `runs =` and nothing more.
    NoValue { after: usize },
    /// `a < b < c`.
    Chained { at: usize },
    /// `1 + if …`, `a * not b`.
    NeedsParens { at: usize },
    /// `x if c else y`.
    TrailingIf { at: usize },
    /// `if c` without `then` or `else`.
    HalfIf { at: usize, missing: Expected },
    /// `runs 5`.
    NoEquals { key: usize },
    /// `runs == 5`.
    EqualityForSetting { at: usize },
    /// `expect a = b`.
    SettingForEquality { at: usize },
    /// `a = 1 b = 2`.
    NoSeparator { at: usize },
    /// `a = 1, b = 2`.
    CommaSeparator { comma: usize },
    /// `2 (x)`, `a b`.
    NoOperator { at: usize },
    /// `[1, 2]`.
    ListInBrackets { open: usize },
    /// `where` after something that is no definition.
    StrayWhere { at: usize },
    /// `mass ~ …` outside of a block.
    StrayDraw { at: usize },
    /// `mass: kg = 3` in a block.
    UnitBeforeValue { at: usize },
    /// `km / s` after a colon.
    SpacedUnit { at: usize },
    /// `def f(x)`.
    ForeignWord { at: usize },
    /// `sdl 1` after the first item.
    LateVersion { at: usize },
    /// `3,5` for 3.5.
    DecimalComma { comma: usize },
    /// `3 [m]`.
    UnitInBrackets { open: usize },
    /// `7 % 2`.
    Remainder { sign: usize },
    /// `1:10`.
    ColonRange { at: usize },
    /// `r^{2}`.
    Braces { open: usize },
    /// `from: springs` for `from = springs`.
    ColonForSetting { colon: usize },
    /// `"from": springs`.
    QuotedKey { at: usize },
    /// A text where an item or a field must be.
    LooseText { at: usize },
    /// `"+"` in `allow`.
    QuotedOperator { at: usize },
    /// `springs.particles = 5`.
    DottedSetting { at: usize },
    /// Nesting beyond [`DEEPEST`].
    TooDeep { at: usize },
    /// More operators than [`TALLEST`].
    TooTall { at: usize },
}

/// How many tokens back the beginning of a line is looked for.
const LOOK_BACK: usize = 16;

/// Which mistake a failure within the statement that begins at `statement` is, and the token at which to read on where
/// that is known.
pub(super) fn understand(tokens: &Tokens, statement: usize, failure: Failure) -> (Mistake, Option<usize>) {
    use TokenKind::*;
    let Failure { at, expected, open } = failure;
    let found = tokens.get(at).kind;
    let wants = |thing| expected.contains(&thing);
    let before = last_before(tokens, at);
    let before_kind = before.map_or(LineEnd, |before| tokens.get(before).kind);
    let ended = found.ends_line() || matches!(found, CloseBrace | End);
    let operand = wants(Expected::Value) || wants(Expected::Name) || wants(Expected::AllowedOperator);
    if wants(Expected::Shallower) {
        return (Mistake::TooDeep { at }, None);
    }
    if wants(Expected::FewerOperators) {
        return (Mistake::TooTall { at }, None);
    }
    if let Some((dangling, line)) =
        dangling_line(tokens, at).filter(|(dangling, _)| found != Bad && *dangling > statement)
    {
        return match tokens.get(dangling).kind {
            Comma => (Mistake::TrailingComma { comma: dangling }, Some(line)),
            _ => (Mistake::Dangling { operator: dangling }, Some(line)),
        };
    }
    let mistake = match found {
        CloseParen | CloseBracket | CloseBrace | End if operand && before_kind == Comma => {
            Mistake::TrailingComma { comma: at_or(before) }
        }
        LineEnd | Semicolon if operand && before_kind == Comma => Mistake::TrailingComma { comma: at_or(before) },
        If | Not if wants(Expected::Value) => Mistake::NeedsParens { at },
        kind if kind.is_reserved() && wants(Expected::Name) => Mistake::Reserved { at },
        kind if kind.is_reserved() && (wants(Expected::Item) || wants(Expected::Entry)) => Mistake::Reserved { at },
        In | Cost | Over | With if operand => Mistake::Reserved { at },
        Less | LessEqual | Greater | GreaterEqual | EqualEqual | NotEqual if wants(Expected::Then) => {
            Mistake::Chained { at }
        }
        Equals if wants(Expected::Then) => Mistake::SettingForEquality { at },
        // After a number it is read as a unit.
        _ if wants(Expected::Else) && ["elif", "elseif"].contains(&tokens.written(at.saturating_sub(1))) => {
            Mistake::ForeignWord { at: at - 1 }
        }
        Name if wants(Expected::Else) && is_word(tokens, Some(at), &["elif", "elseif"]) => Mistake::ForeignWord { at },
        OpenBrace if operand && before_kind == Caret => Mistake::Braces { open: at },
        Text if wants(Expected::Item) => Mistake::LooseText { at },
        Text if wants(Expected::Entry) && tokens.get(at + 1).kind == Colon => Mistake::QuotedKey { at },
        Text if wants(Expected::AllowedOperator) => Mistake::QuotedOperator { at },
        Dot if expected == [Expected::Equals] && at == statement + 1 => Mistake::DottedSetting { at: statement },
        _ if statement + 1 < at
            && tokens.get(statement + 1).kind == Colon
            && (expected == [Expected::Tilde] || wants(Expected::Unit)) =>
        {
            match found {
                Equals => Mistake::UnitBeforeValue { at },
                Star | Slash | Caret => Mistake::SpacedUnit { at },
                _ => Mistake::ColonForSetting { colon: statement + 1 },
            }
        }
        _ if wants(Expected::Then) || wants(Expected::Else) => {
            let line_end = before.map(|before| before + 1).filter(|next| tokens.get(*next).kind.ends_line());
            return (Mistake::HalfIf { at, missing: expected[0] }, line_end);
        }
        OpenBracket if wants(Expected::Value) => Mistake::ListInBrackets { open: at },
        CloseParen if before_kind.is_operator() && operand => Mistake::Dangling { operator: at_or(before) },
        CloseParen | CloseBracket => match open {
            Some(_) if operand && before_kind == Equals => Mistake::NoValue { after: at_or(before) },
            Some(open) if !operand && closing_of(tokens, open) != tokens.written(at) => {
                Mistake::WrongBracket { open, at }
            }
            Some(_) => Mistake::Unexpected { at, expected, open },
            None => Mistake::StrayBracket { at },
        },
        _ if ended && operand && matches!(before_kind, Equals | Tilde | In) => {
            Mistake::NoValue { after: at_or(before) }
        }
        _ if ended && operand && before_kind.is_operator() => Mistake::Dangling { operator: at_or(before) },
        OpenBrace if open.is_some() => Mistake::Unclosed { open: open.unwrap_or(at), at },
        _ if ended => match open {
            Some(open) if found == CloseBrace && tokens.get(open).kind == OpenBrace => {
                Mistake::Unexpected { at, expected, open: Some(open) }
            }
            Some(open) => Mistake::Unclosed { open, at },
            None if operand && is_word(tokens, before, &["expect", "never"]) => {
                Mistake::NoValue { after: at_or(before) }
            }
            None if is_word(tokens, before, BLOCK_KINDS) => Mistake::NamelessBlock { kind: at_or(before), at },
            None => Mistake::Unexpected { at, expected, open },
        },
        Tilde if expected == [Expected::Equals] => Mistake::StrayDraw { at },
        Equals if expected == [Expected::Tilde] => Mistake::UnitBeforeValue { at },
        Star | Slash | Caret if before_kind == Unit && !wants(Expected::Operator) => Mistake::SpacedUnit { at },
        _ if wants(Expected::Operator) || wants(Expected::Comma) => return after_value(tokens, failure),
        _ => Mistake::Unexpected { at, expected, open },
    };
    (mistake, None)
}

/// A value has ended, and what follows fits nothing.
fn after_value(tokens: &Tokens, failure: Failure) -> (Mistake, Option<usize>) {
    use TokenKind::*;
    let Failure { at, expected, open } = failure;
    let found = tokens.get(at).kind;
    let before = tokens.get(at.saturating_sub(1)).kind;
    let sign_next = matches!(tokens.get(at + 1).kind, Equals | Tilde);
    let mistake = match found {
        Comma if open.is_none() && decimal_comma(tokens, at) => {
            return (Mistake::DecimalComma { comma: at }, Some(at + 2));
        }
        OpenBracket if before == Number && tokens.get(at + 1).kind == Name => Mistake::UnitInBrackets { open: at },
        Colon if before.ends_value() && matches!(tokens.get(at + 1).kind, Number | Name | Minus) => {
            Mistake::ColonRange { at }
        }
        Comma if open.is_none() && tokens.get(at + 1).kind == Name && tokens.get(at + 2).kind == Equals => {
            return (Mistake::CommaSeparator { comma: at }, Some(at + 1));
        }
        Comma if open.is_none() => return (Mistake::TrailingComma { comma: at }, Some(at + 1)),
        _ if before == CloseBrace => return (Mistake::NoSeparator { at }, Some(at)),
        Name | With if open.is_none() && sign_next => return (Mistake::NoSeparator { at }, Some(at)),
        Equals => Mistake::SettingForEquality { at },
        Name if is_word(tokens, at.checked_sub(1), &["lambda"]) => Mistake::ForeignWord { at: at - 1 },
        Less | LessEqual | Greater | GreaterEqual | EqualEqual | NotEqual | Recovers | DotDot => {
            Mistake::Chained { at }
        }
        Where => Mistake::StrayWhere { at },
        If => Mistake::TrailingIf { at },
        Not => Mistake::Unexpected { at, expected, open },
        Name | Number | OpenParen if before == Unit && tokens.written(at - 1) == "%" => {
            Mistake::Remainder { sign: at - 1 }
        }
        Name | Number | OpenParen | Text if before.ends_value() && expected.contains(&Expected::Operator) => {
            Mistake::NoOperator { at }
        }
        _ => Mistake::Unexpected { at, expected, open },
    };
    (mistake, None)
}

/// Whether the comma stands between two numbers without a blank: `3,5`.
fn decimal_comma(tokens: &Tokens, comma: usize) -> bool {
    let Some(left) = comma.checked_sub(1) else { return false };
    let number = |at: usize| tokens.get(at).kind == TokenKind::Number;
    let touch = |a: usize, b: usize| tokens.get(a).end == tokens.get(b).start;
    number(left) && number(comma + 1) && touch(left, comma) && touch(comma, comma + 1)
}

fn at_or(before: Option<usize>) -> usize {
    before.unwrap_or(0)
}

fn is_word(tokens: &Tokens, at: Option<usize>, words: &[&str]) -> bool {
    at.is_some_and(|at| tokens.get(at).kind == TokenKind::Name && words.contains(&tokens.written(at)))
}

/// The last token before `at` that is no line end.
pub(super) fn last_before(tokens: &Tokens, at: usize) -> Option<usize> {
    (0..at).rev().find(|before| !tokens.get(*before).kind.ends_line())
}

/// The comma or operator that ends the line before the line of `at`, and the first token of the latter, if that looks
/// like a statement of its own: then the value ended too early, not too late.
fn dangling_line(tokens: &Tokens, at: usize) -> Option<(usize, usize)> {
    use TokenKind::*;
    let line = (0..at).rev().take(LOOK_BACK).find(|before| tokens.get(*before).kind.ends_line())? + 1;
    let dangling = last_before(tokens, line)?;
    let kind = tokens.get(dangling).kind;
    let next = tokens.get(line + 1).kind;
    let statement = match tokens.get(line).kind {
        Name | With => matches!(next, Equals | EqualEqual | Tilde | Colon | In | Name) || tokens.get(at).kind == Equals,
        _ => false,
    };
    (statement && (kind == Comma || kind.is_operator())).then_some((dangling, line))
}

/// What closes the bracket at `open`.
pub(super) fn closing_of(tokens: &Tokens, open: usize) -> &'static str {
    match tokens.get(open).kind {
        TokenKind::OpenParen => ")",
        TokenKind::OpenBracket => "]",
        _ => "}",
    }
}
