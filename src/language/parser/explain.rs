//! A mistake in the user's words with a next step. Only the wording lives here; what the grammar allows is the parsers'
//! matter, and which mistake it is that of `mistake`.

use super::cursor::{DEEPEST, Tokens};
use super::expected::Expected;
use super::expression::TALLEST;
use super::mistake::{Mistake, closing_of, last_before};
use crate::base::{Diagnostic, Span};
use crate::expr::OPERATORS;
use crate::language::foreign;
use crate::language::lexer::TokenKind;

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
