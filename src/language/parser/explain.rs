//! From a failure to words: looks at the tokens around the place, finds out which mistake it is, and says it in the
//! user's words with a next step. Only the wording lives here; what the grammar allows is the parsers' matter.

use super::BLOCK_KINDS;
use super::cursor::{DEEPEST, Failure, Tokens};
use super::expected::Expected;
use super::expression::TALLEST;
use crate::base::{Diagnostic, Span};
use crate::expr::OPERATORS;
use crate::language::foreign;
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
fn last_before(tokens: &Tokens, at: usize) -> Option<usize> {
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

/// The diagnostic of a mistake.
pub(super) fn explain(tokens: &Tokens, mistake: Mistake) -> Diagnostic {
    let span = |at| match tokens.get(at).kind {
        TokenKind::LineEnd => Span { end: tokens.span(at).start, ..tokens.span(at) },
        _ => tokens.span(at),
    };
    let after = |at: usize| {
        let end = tokens.span(at).end as usize;
        Span::new(tokens.source, end, end)
    };
    let before = |at: usize| last_before(tokens, at).unwrap_or(at);
    let written = |at| tokens.written(at);
    match mistake {
        Mistake::Unexpected { at, expected, open } => {
            let found = found(tokens, at);
            let diagnostic = match expected {
                [] => Diagnostic::new("E0110", format!("{found} does not fit here")),
                _ => Diagnostic::new("E0110", format!("expected {}, found {found}", any_of(expected))),
            };
            let diagnostic = diagnostic.at(span(at), "");
            match open {
                Some(open) => diagnostic.at(span(open), "opened here"),
                None => diagnostic,
            }
        }
        Mistake::Unclosed { open, at } => {
            let close = closing_of(tokens, open);
            let place = after(before(at));
            Diagnostic::new("E0111", format!("this `{}` is never closed", written(open)))
                .at(span(open), "opened here")
                .at(place, format!("`{close}` is missing here"))
                .fix(format!("write `{close}`"), place, close)
        }
        Mistake::WrongBracket { open, at } => {
            let close = closing_of(tokens, open);
            Diagnostic::new("E0111", format!("`{}` is closed by `{}`", written(open), written(at)))
                .at(span(at), format!("`{close}` belongs here"))
                .at(span(open), "opened here")
                .fix(format!("write `{close}`"), span(at), close)
        }
        Mistake::StrayBracket { at } => Diagnostic::new("E0112", format!("this `{}` closes nothing", written(at)))
            .at(span(at), "")
            .fix("remove it", span(at), ""),
        Mistake::StrayBrace { at } => Diagnostic::new("E0114", "this `}` closes nothing")
            .at(span(at), "")
            .help("every block above is closed already: remove it, or look for a `}` that came too early")
            .fix("remove it", span(at), ""),
        Mistake::OpenBlock { head, brace, at } => {
            let name = if head + 1 < brace {
                format!("{} {}", written(head), written(head + 1))
            } else {
                written(head).into()
            };
            let start = span(at).start as usize;
            let line = tokens.text[..start].rfind('\n').map_or(0, |end| end + 1);
            let place = if tokens.get(at).kind == TokenKind::End { start } else { line };
            let fix = if tokens.text[..place].ends_with('\n') { "}\n" } else { "\n}" };
            Diagnostic::new("E0113", format!("the block `{name}` is never closed"))
                .at(span(brace), "opened here")
                .at(Span::new(tokens.source, place, place), "`}` is missing here or above")
                .fix("close it here", Span::new(tokens.source, place, place), fix)
        }
        Mistake::NoBrace { head, at } => {
            Diagnostic::new("E0122", format!("the block `{} {}` has no `{{`", written(head), written(head + 1)))
                .at(after(before(at)), "`{` belongs here")
                .fix("open the block", after(before(at)), " {")
        }
        Mistake::BraceOnNextLine { at } => {
            let gap = Span { start: span(before(at)).end, ..span(at) };
            Diagnostic::new("E0122", "`{` stands on the line of the block's name").at(span(at), "").fix(
                "move it up",
                gap,
                " {",
            )
        }
        Mistake::NamelessBlock { kind, at } => {
            let word = written(kind);
            let diagnostic = match tokens.get(at).kind {
                TokenKind::Text | TokenKind::Number => {
                    Diagnostic::new("E0122", format!("the name of a {word} is a plain word"))
                        .at(span(at), "this is not")
                }
                kind if kind.is_reserved() => return explain(tokens, Mistake::Reserved { at }),
                _ => Diagnostic::new("E0122", format!("this {word} has no name")).at(span(kind), ""),
            };
            diagnostic.help(format!("write `{word} some_name {{ … }}`"))
        }
        Mistake::Reserved { at } => {
            let word = written(at);
            Diagnostic::new("E0115", format!("`{word}` is a reserved word and cannot be a name"))
                .at(span(at), "")
                .help(format!("choose another name, such as `{word}_`"))
        }
        Mistake::TrailingComma { comma } => Diagnostic::new("E0116", "nothing follows this comma")
            .at(span(comma), "")
            .help("a list has no comma at its end")
            .fix("remove the comma", span(comma), ""),
        Mistake::Dangling { operator } => {
            Diagnostic::new("E0121", format!("`{}` has nothing on its right", written(operator))).at(span(operator), "")
        }
        Mistake::NoValue { after: sign } => {
            let owner = match sign.checked_sub(1).map(|key| (key, tokens.get(key).kind)) {
                Some((key, TokenKind::Name)) if tokens.get(sign).kind != TokenKind::Name => written(key),
                Some((_, TokenKind::CloseParen)) => "this definition",
                _ if tokens.get(sign).kind == TokenKind::Name => written(sign),
                _ => "this field",
            };
            Diagnostic::new(
                "E0121",
                format!("`{owner}` has no value")
                    .replace("`this definition`", "this definition")
                    .replace("`this field`", "this field"),
            )
            .at(after(sign), "a value belongs here, on this line")
        }
        Mistake::Chained { at } => {
            let kind = if written(at) == ".." { "ranges" } else { "comparisons" };
            let diagnostic = Diagnostic::new("E0117", format!("{kind} do not chain")).at(span(at), "a second one");
            match kind {
                "ranges" => diagnostic.help("a range has two ends: `0.1..4`"),
                _ => diagnostic.help("join two with `and`: `a < b and b < c`"),
            }
        }
        Mistake::NeedsParens { at } => {
            let word = written(at);
            Diagnostic::new("E0118", format!("`{word}` within a larger expression needs brackets"))
                .at(span(at), "")
                .help(if word == "if" { "write `(if c then a else b)`" } else { "write `(not …)`" })
        }
        Mistake::TrailingIf { at } => Diagnostic::new("E0118", "a condition stands before its values")
            .at(span(at), "")
            .help("write `if c then a else b`"),
        Mistake::HalfIf { at, missing } => Diagnostic::new("E0118", format!("this `if` has no {}", missing.words()))
            .at(after(before(at)), format!("expected {} here", missing.words()))
            .help("write `if c then a else b`; both values are needed"),
        Mistake::NoEquals { key } => Diagnostic::new("E0124", format!("`{}` is set with `=`", written(key)))
            .at(span(key + 1), "a `=` is missing before it")
            .fix("write `=`", after(key), " ="),
        Mistake::EqualityForSetting { at } => Diagnostic::new("E0124", "a value is set with `=`; `==` compares")
            .at(span(at), "")
            .fix("write `=`", span(at), "="),
        Mistake::SettingForEquality { at } => Diagnostic::new("E0124", "equality is written `==`; `=` sets a value")
            .at(span(at), "")
            .fix("write `==`", span(at), "=="),
        Mistake::NoSeparator { at } => {
            let place = after(at.saturating_sub(1));
            Diagnostic::new("E0123", format!("{} must begin on a new line or after `;`", found(tokens, at)))
                .at(span(at), "")
                .fix("write `;` before it", place, ";")
        }
        Mistake::CommaSeparator { comma } => {
            Diagnostic::new("E0123", "fields are separated by a new line or `;`, not by a comma")
                .at(span(comma), "")
                .fix("write `;`", span(comma), ";")
        }
        Mistake::NoOperator { at } => {
            let unit = tokens.get(at.saturating_sub(1)).kind == TokenKind::Unit;
            let (left, right) = if unit && at > 1 { (at - 2, at - 1) } else { (at.saturating_sub(1), at) };
            let headline = |what| format!("{what} is missing between `{}` and `{}`", written(left), written(right));
            if tokens.get(at).kind == TokenKind::OpenParen {
                let gap = Span { start: span(left).end, end: span(right).start, ..span(left) };
                return Diagnostic::new("E0131", headline("a `*`")).at(span(right), "").fix("write `*`", gap, " * ");
            }
            let function = OPERATORS.iter().any(|row| row.fixity.is_none() && row.name == written(left));
            Diagnostic::new("E0131", headline("an operator")).at(span(right), "").help(match function {
                true => format!("a function is written `{}({})`", written(left), written(right)),
                false => "a product is written `a * b`, a list `a, b`".into(),
            })
        }
        Mistake::ListInBrackets { open } => {
            let diagnostic = Diagnostic::new("E0128", "a list is written without brackets")
                .at(span(open), "")
                .help("write `a, b, c`; a vector is `vector(x, y)`");
            match closing(tokens, open) {
                Some(close) => {
                    let inner = span(open).end as usize..span(close).start as usize;
                    diagnostic.fix("remove the brackets", span(open).to(span(close)), tokens.text[inner].trim())
                }
                None => diagnostic,
            }
        }
        Mistake::StrayWhere { at } => Diagnostic::new("E0127", "`where` belongs to a definition")
            .at(span(at), "")
            .help("write it after `name(arguments) = …`, or define the name on a line of its own"),
        Mistake::StrayDraw { at } => Diagnostic::new("E0130", "values are drawn with `~` only within a `system`")
            .at(span(at), "")
            .help("set a constant with `name = value`"),
        Mistake::UnitBeforeValue { at } => Diagnostic::new("E0129", "the unit of a field stands after its value")
            .at(span(at), "")
            .help("write `name = 3 kg`; `name: kg` is for drawn values, columns and parameters"),
        Mistake::SpacedUnit { at } => Diagnostic::new("E0129", "a unit has no blanks inside")
            .at(span(at), "")
            .help("write it in one piece, as in `km/s`"),
        Mistake::ForeignWord { at } => {
            let remedy = foreign::leading_word(written(at)).unwrap_or("this language has no such word");
            let finding = Diagnostic::new("E0125", format!("`{}` is a word of another language", written(at)))
                .at(span(at), "")
                .help(remedy);
            match written(at) {
                "elif" | "elseif" => finding.fix("write `else if`", span(at), "else if"),
                "let" | "var" | "const" | "int" | "real" | "float" | "double" => {
                    finding.fix("leave it out", Span { end: span(at + 1).start, ..span(at) }, "")
                }
                _ => finding,
            }
        }
        Mistake::LateVersion { at } => {
            Diagnostic::new("E0126", "the version of the language stands on the first line, once")
                .at(span(at).to(span(at + 1)), "")
                .fix("remove it", span(at).to(span(at + 1)), "")
        }
        Mistake::DecimalComma { comma } => Diagnostic::new("E0103", "the decimal mark is a point")
            .at(span(comma), "")
            .fix("write `.`", span(comma), "."),
        Mistake::UnitInBrackets { open } => {
            let finding = Diagnostic::new("E0129", "a unit stands without brackets").at(span(open), "");
            match closing(tokens, open) {
                Some(close) => {
                    let inner = span(open).end as usize..span(close).start as usize;
                    let unit: String = tokens.text[inner].split_whitespace().collect();
                    finding.fix("remove the brackets", span(open).to(span(close)), unit)
                }
                None => finding,
            }
        }
        Mistake::Remainder { sign } => {
            Diagnostic::new("E0106", "there is no remainder operator: `%` after a number means per cent")
                .at(span(sign), "")
                .help("write `a - b * floor(a / b)`")
        }
        Mistake::ColonRange { at } => Diagnostic::new("E0106", "a range is written `1 .. 10`").at(span(at), "").fix(
            "write `..`",
            span(at),
            " .. ",
        ),
        Mistake::Braces { open } => Diagnostic::new("E0108", "braces group nothing in a formula")
            .at(span(open), "")
            .help("a longer exponent stands in parentheses: `x^(n + 1)`"),
        Mistake::ColonForSetting { colon } => Diagnostic::new("E0124", "a field is set with `=`, not with `:`")
            .at(span(colon), "")
            .fix("write `=`", span(colon), " ="),
        Mistake::QuotedKey { at } => {
            let place = span(at).to(span(at + 1));
            Diagnostic::new("E0124", "a key stands without quotes, and is set with `=`").at(place, "").fix(
                "write it so",
                place,
                format!("{} =", written(at).trim_matches('"')),
            )
        }
        Mistake::LooseText { at } => Diagnostic::new("E0110", "a text alone has no meaning here")
            .at(span(at), "")
            .help("a comment begins with `#`; `##` documents the item below"),
        Mistake::QuotedOperator { at } => {
            let bare = written(at).trim_matches('"');
            Diagnostic::new("E0110", "an operator stands without quotes").at(span(at), "").fix(
                format!("write `{bare}`"),
                span(at),
                bare,
            )
        }
        Mistake::DottedSetting { at } => {
            let place = span(at).to(span(at + 2));
            Diagnostic::new(
                "E0110",
                format!("`{}` cannot be set from outside", &tokens.text[place.range(tokens.text.len())]),
            )
            .at(place, "")
            .help(format!(
                "set `{}` within the block `{}`, or with `--set` when it is run",
                written(at + 2),
                written(at)
            ))
        }
        Mistake::TooDeep { at } => Diagnostic::new("E0119", format!("nested deeper than {DEEPEST}"))
            .at(span(at), "")
            .help("give parts names of their own"),
        Mistake::TooTall { at } => Diagnostic::new("E0120", format!("more than {TALLEST} operators in a row"))
            .at(span(at), "")
            .help("give parts names of their own"),
    }
}

/// What closes the bracket at `open`.
fn closing_of(tokens: &Tokens, open: usize) -> &'static str {
    match tokens.get(open).kind {
        TokenKind::OpenParen => ")",
        TokenKind::OpenBracket => "]",
        _ => "}",
    }
}

/// The closing bracket of `open`, if only simple things stand between.
fn closing(tokens: &Tokens, open: usize) -> Option<usize> {
    let simple = |kind: TokenKind| {
        !kind.ends_line()
            && !matches!(kind, TokenKind::OpenBracket | TokenKind::OpenBrace | TokenKind::CloseBrace | TokenKind::End)
    };
    (open + 1..)
        .take_while(|at| simple(tokens.get(*at).kind))
        .find(|at| tokens.get(*at).kind == TokenKind::CloseBracket)
}

/// The token at `at` in words.
fn found(tokens: &Tokens, at: usize) -> String {
    let written = tokens.written(at);
    let short: String = written.chars().take(30).collect();
    let short = if short.len() < written.len() { format!("{short}…") } else { short };
    match tokens.get(at).kind {
        TokenKind::Name => format!("the name `{short}`"),
        TokenKind::Number => format!("the number `{short}`"),
        TokenKind::Unit => format!("the unit `{short}`"),
        TokenKind::Text => format!("the text {short}"),
        TokenKind::LineEnd => "the end of the line".into(),
        TokenKind::End => "the end of the text".into(),
        kind if kind.is_reserved() => format!("the word `{short}`"),
        _ => format!("`{short}`"),
    }
}

/// `a, b or c`.
fn any_of(expected: &[Expected]) -> String {
    let words: Vec<&str> = expected.iter().map(|thing| thing.words()).collect();
    match words.split_last() {
        Some((last, [])) => last.to_string(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
