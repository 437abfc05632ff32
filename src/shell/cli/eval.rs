//! `sdl eval`: expressions on the command line.

use super::EvalArguments;
use super::load::{UNSOUND, show};
use super::watch::Form as Findings;
use crate::base::World;
use crate::expr::{Expr, Need};
use crate::language::prompt::{Answer, Reply};
use crate::session::{Form, Outcome, Session, shown};
use crate::shell::terminal;
use serde_json::{Value, json};

/// Evaluates each input in one session, prints each value on a line, and says the exit status.
pub fn eval(arguments: &EvalArguments, world: &dyn World) -> u8 {
    let mut session = Session::new();
    let mut status = 0;
    for input in &arguments.inputs {
        let done = session.eval(input, world);
        match &done.outcome {
            Some(outcome) if arguments.json => terminal::say(&json_of(input, outcome).to_string()),
            Some(outcome) => {
                let text = shown(outcome, Form::Plain);
                if !text.is_empty() {
                    terminal::say(&text);
                }
            }
            None => status = UNSOUND,
        }
        show(&done.sources, &done.findings, if arguments.json { Findings::Json } else { Findings::Quiet });
        if matches!(done.outcome, Some(Outcome::Quit)) {
            break;
        }
    }
    status
}

/// An outcome as JSON: `input`, and `value`, `kind`, `number`, `unit`, `conditions`, `steps` where they are, or `text`.
fn json_of(input: &str, outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Value(_, reply) => {
            let mut out = value_of(reply);
            out["event"] = json!("value");
            out["input"] = json!(input);
            out
        }
        Outcome::Defined(name) => json!({ "event": "defined", "input": input, "name": name }),
        other => json!({ "event": "said", "input": input, "text": shown(other, Form::Plain) }),
    }
}

fn value_of(reply: &Reply) -> Value {
    let (kind, number, unit) = match &reply.answer {
        Answer::Formula(expr, dimension) => {
            let unit = dimension.filter(|dimension| !dimension.is_none()).map(|dimension| dimension.to_string());
            (if expr.as_number().is_some() { "number" } else { "formula" }, expr.as_number(), unit)
        }
        Answer::Vector(..) => ("vector", None, None),
        Answer::List(_) => ("list", None, None),
        Answer::Text(_) => ("text", None, None),
        Answer::Verdict(_) => ("verdict", None, None),
        Answer::Function(..) => ("function", None, None),
        Answer::Fields(_) | Answer::Thing(_) => ("thing", None, None),
    };
    let mut out = json!({ "value": reply.answer.to_string(), "kind": kind });
    if let Some(number) = number {
        out["number"] = json!(number);
    }
    if let Some(unit) = unit {
        out["unit"] = json!(unit);
    }
    if let Answer::List(parts) | Answer::Vector(parts, _) = &reply.answer {
        out["parts"] = json!(parts.iter().map(Expr::to_string).collect::<Vec<_>>());
    }
    if !reply.conditions.is_empty() {
        out["conditions"] = json!(reply.conditions.iter().map(Need::to_string).collect::<Vec<_>>());
    }
    if !reply.steps.is_empty() {
        let step = |step: &crate::expr::Step| json!({ "rule": step.rule, "before": step.before.to_string(), "after": step.after.to_string() });
        out["steps"] = json!(reply.steps.iter().map(step).collect::<Vec<_>>());
    }
    out
}
