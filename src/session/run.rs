//! Runs at the prompt: the laws, fronts and numbers of a run folder, finished or running, by the names of its script.

use super::{Evaluation, Outcome, Session};
use crate::base::{Diagnostic, World};
use crate::engine::Record;
use crate::expr::Expr;
use crate::language::prompt::Answer;
use crate::report::front_lines;
use std::collections::BTreeMap;
use std::path::Path;

/// Opens a run folder: `law.edge`, `law.front[4]`, `fit.test.mae`.
pub(super) fn open(session: &mut Session, path: &str, world: &dyn World) -> Evaluation {
    let file = Path::new(path).join("record.json");
    let bytes = match world.read(&file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let finding =
                Diagnostic::new("E0607", format!("`{}` cannot be read", file.display())).note(error.to_string());
            return Evaluation::failed(finding.help("give the folder of a run, such as `runs/springs-1a2b3c4d`"));
        }
    };
    let record: Record = match serde_json::from_slice(&bytes) {
        Ok(record) => record,
        Err(error) => {
            let finding = Diagnostic::new("E0607", format!("`{}` is no record of a run", file.display()));
            return Evaluation::failed(finding.note(error.to_string()).help("it may be of another version of sdl"));
        }
    };
    let mut next = session.state.clone();
    next.opened.clear();
    next.fronts.clear();
    for (name, value) in &record.results {
        put(&mut next.opened, name, Answer::Formula(Expr::number(*value), None));
    }
    for (name, finding) in &record.laws {
        let law = &finding.law;
        let has_mass = law.pair.symbols().iter().any(|symbol| symbol.as_str() == "i.mass");
        let formula = |expr: Expr| Answer::Formula(expr, None);
        put(&mut next.opened, &format!("{name}.edge"), formula(law.radial_force(has_mass)));
        put(&mut next.opened, &format!("{name}.pair"), formula(law.pair.clone()));
        put(&mut next.opened, &format!("{name}.node"), Answer::Vector(law.body.clone(), None));
        let front = law.front.formulas.iter().map(|formula| formula.expr.clone()).collect();
        put(&mut next.opened, &format!("{name}.front"), Answer::List(front));
        put(&mut next.opened, &format!("{name}.text"), Answer::Text(law.radial_force(has_mass).to_string()));
        let mut lines = vec![name.to_string()];
        lines.extend(front_lines(&law.front));
        next.fronts.push(lines.join("\n"));
    }
    for (name, relation) in &record.relations {
        let formula = Answer::Formula(relation.expr.clone(), None);
        put(&mut next.opened, &format!("{name}.formula"), formula);
        let front = relation.front.formulas.iter().map(|formula| formula.expr.clone()).collect();
        put(&mut next.opened, &format!("{name}.front"), Answer::List(front));
        put(&mut next.opened, &format!("{name}.text"), Answer::Text(relation.expr.to_string()));
        for part in relation.parts.iter().filter(|part| !part.name.contains('[')) {
            let plain = part.name.split('(').next().unwrap_or(&part.name);
            let found = Answer::Formula(part.expr.clone(), None);
            put(&mut next.opened, &format!("{name}.{plain}"), found);
        }
        let mut lines = vec![name.to_string()];
        lines.extend(front_lines(&relation.front));
        next.fronts.push(lines.join("\n"));
    }
    let done = record.stages.iter().filter(|stage| stage.state == crate::engine::StageState::Done).count();
    let state =
        if record.finished { "finished".into() } else { format!("{done} of {} stages done", record.stages.len()) };
    let names = next.opened.keys().cloned().collect::<Vec<_>>().join(", ");
    session.replace(next);
    Evaluation::of(Outcome::Said(format!("{}, {state}: {names}", record.script)))
}

/// Puts an answer under a dotted name.
fn put(fields: &mut BTreeMap<String, Answer>, name: &str, answer: Answer) {
    match name.split_once('.') {
        None => {
            fields.insert(name.into(), answer);
        }
        Some((head, rest)) => {
            let inner = fields.entry(head.into()).or_insert_with(|| Answer::Fields(BTreeMap::new()));
            if !matches!(inner, Answer::Fields(_)) {
                *inner = Answer::Fields(BTreeMap::new());
            }
            if let Answer::Fields(fields) = inner {
                put(fields, rest, answer);
            }
        }
    }
}
