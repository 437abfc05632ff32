//! Outcomes as text: plain, which the language reads back, or typeset in Unicode.

use super::Outcome;
use crate::expr::print::typeset;
use crate::expr::{Equality, Expr, Need};
use crate::language::prompt::{Answer, Reply};

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As the language has it.
    Plain,
    /// With fractions, powers, roots and Greek letters.
    Typeset,
}

/// An outcome as text without a line end; empty where there is nothing to say.
pub fn shown(outcome: &Outcome, form: Form) -> String {
    match outcome {
        Outcome::Nothing | Outcome::Quit => String::new(),
        Outcome::Defined(_) => String::new(),
        Outcome::Said(text) => text.clone(),
        Outcome::Value(_, reply) => value(reply, form),
    }
}

fn value(reply: &Reply, form: Form) -> String {
    let text = match (&reply.answer, form) {
        (Answer::Formula(expr, _), Form::Typeset) if expr.as_number().is_none() => block(expr),
        (Answer::Function(_, expr), Form::Typeset) => block(expr),
        (Answer::Vector(parts, _), Form::Typeset) => format!("({})", lines(parts)),
        (Answer::List(parts), Form::Typeset) if !parts.is_empty() => lines(parts),
        (Answer::Verdict(Equality::Proved), Form::Typeset) => "✓ proved equal".into(),
        (Answer::Verdict(Equality::Refuted { .. }), Form::Typeset) => format!("✗ {}", reply.answer),
        (answer, _) => answer.to_string(),
    };
    if reply.conditions.is_empty() {
        return text;
    }
    let holds = reply.conditions.iter().map(Need::to_string).collect::<Vec<_>>().join(", ");
    let rows: Vec<&str> = text.lines().collect();
    // Beside the fraction bar, or the only line.
    let middle = rows.len() / 2;
    let beside = |(index, row): (usize, &&str)| {
        if index == middle { format!("{row}    for {holds}") } else { (*row).to_owned() }
    };
    rows.iter().enumerate().map(beside).collect::<Vec<_>>().join("\n")
}

fn block(expr: &Expr) -> String {
    // Very wide formulas stay on one line, which a terminal folds.
    let rows = typeset::block(expr);
    let wide = rows.first().is_some_and(|row| row.chars().count() > 100);
    if wide { typeset::line(expr) } else { rows.iter().map(|row| row.trim_end()).collect::<Vec<_>>().join("\n") }
}

fn lines(parts: &[Expr]) -> String {
    parts.iter().map(typeset::line).collect::<Vec<_>>().join(", ")
}
