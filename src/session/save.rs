//! What the last result needs, as a script that checks.

use super::{Definition, Session};
use crate::base::SourceId;
use crate::expr::Expr;
use crate::language::lexer::{TokenKind, lex};
use crate::language::prompt::Answer;
use crate::language::{check, format};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The definitions that the last line needs, and its answer as `result`, a function of its symbols if it has any.
pub(super) fn script(session: &Session) -> String {
    let state = &session.state;
    let last = state.results.last().map(|result| &**result);
    let mut wanted: BTreeSet<String> = last.map_or_else(BTreeSet::new, |(line, _)| names(line));
    if last.is_none() {
        wanted.extend(state.definitions.last().map(|definition| definition.name.clone()));
    }
    // Earlier results that the line names need their own names.
    let mut lines: Vec<usize> = state.results.len().checked_sub(1).into_iter().collect();
    while let Some(index) = lines.pop() {
        let own = names(&state.results[index].0);
        lines.extend(own.iter().filter_map(|name| earlier(name, index)));
        wanted.extend(own);
    }
    loop {
        let before = wanted.len();
        let used = state.definitions.iter().filter(|definition| wanted.contains(&definition.name));
        let more: Vec<String> = used.flat_map(|definition| names(&definition.text)).collect();
        wanted.extend(more);
        if wanted.len() == before {
            break;
        }
    }
    let needed = |definition: &&Arc<Definition>| definition.name.is_empty() || wanted.contains(&definition.name);
    let mut kept: Vec<&str> = state.definitions.iter().filter(needed).map(|definition| &definition.text[..]).collect();
    let nothing = |_: &str| Err("no files".to_owned());
    // What has free symbols is no constant of a file: the answer holds it written out.
    loop {
        let text = kept.join("\n");
        let checked = check("saved", &text, &nothing, &[], None);
        let wrong =
            checked.diagnostics.iter().find(|finding| finding.is_error()).and_then(|finding| finding.labels.first());
        let Some(label) = wrong.filter(|label| label.span.source == SourceId(0)) else { break };
        let mut start = 0;
        let at = kept.iter().position(|text| {
            start += text.len() + 1;
            (label.span.start as usize) < start
        });
        match at {
            Some(at) => kept.remove(at),
            None => break,
        };
    }
    let mut text = String::from("sdl 1\n\n");
    for item in kept {
        text += item;
        text += "\n";
    }
    if let Some((line, answer)) = last {
        text += &format!("\n## {}\n", line.replace('\n', " "));
        text += &match answer {
            Answer::Formula(expr, _) => defined("result", expr),
            Answer::Function(_, expr) => defined("result", expr),
            Answer::Vector(parts, _) | Answer::List(parts) => {
                let one = |(index, part): (usize, &Expr)| defined(&format!("result_{}", index + 1), part);
                parts.iter().enumerate().map(one).collect::<Vec<_>>().join("")
            }
            other => other.to_string().lines().map(|line| format!("# {line}\n")).collect(),
        };
    }
    format(&text).unwrap_or(text)
}

/// The index of the result that `_` or `_2` stands for in the line with this index.
fn earlier(name: &str, index: usize) -> Option<usize> {
    let before = match name.strip_prefix('_')? {
        "" => index.checked_sub(1),
        number => number.parse::<usize>().ok()?.checked_sub(1),
    };
    before.filter(|before| *before < index)
}

/// `name(x, y) = …` with the symbols as parameters; `i.mass` becomes `i_mass`.
fn defined(name: &str, expr: &Expr) -> String {
    let renamed: BTreeMap<_, _> =
        expr.symbols().into_iter().map(|symbol| (symbol.clone(), Expr::symbol(symbol.replace('.', "_")))).collect();
    let parameters: Vec<String> = renamed.values().map(ToString::to_string).collect();
    let list = if parameters.is_empty() { String::new() } else { format!("({})", parameters.join(", ")) };
    format!("{name}{list} = {}\n", expr.substitute(&renamed))
}

/// The names in a text.
fn names(text: &str) -> BTreeSet<String> {
    let lexed = lex(SourceId(0), text);
    let words = lexed.tokens.iter().filter(|token| token.kind == TokenKind::Name);
    words.map(|token| text[token.start as usize..token.end as usize].to_owned()).collect()
}
