//! The facade: a script to a plan with all findings of all its files.

use super::expression::Checker;
use super::lower::{Lowering, Origin};
use super::resolve::{self, Source};
use super::set::{self, Override};
use crate::base::{Diagnostic, Label, Span};
use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};

/// What checking a script gives.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The plan; `None` when there are errors.
    pub plan: Option<Plan>,
    /// All findings, by place; a code and a primary place occur once.
    pub diagnostics: Vec<Diagnostic>,
    /// What checks, but cannot be run by this version: one finding for each; a run must not start while there is one.
    pub cannot_run: Vec<Diagnostic>,
    /// Where plan parts stand in the script.
    pub origin: Origin,
    /// Units that follow from values where none is written: the place of the name, the unit.
    pub inferred: Vec<(Span, String)>,
    /// The texts that places point into, by [`crate::base::SourceId`].
    pub sources: Vec<Source>,
}

impl Checked {
    /// Whether there are no errors; warnings do not count.
    pub fn is_sound(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Checks a script and lowers it to a plan. `load` gives the text of a file by its path relative to the script, or says
/// why it cannot; `overrides` are applied first; `seed` takes the place of the script's own.
pub fn check(
    name: &str,
    text: &str,
    load: &dyn Fn(&str) -> Result<String, String>,
    overrides: &[Override],
    seed: Option<u64>,
) -> Checked {
    let mut found = vec![];
    let mut modules = resolve::load(name, text, load, &mut found);
    set::apply(&mut modules, overrides, &mut found);
    let checker = Checker::new(&modules);
    let mut lowering = Lowering::new(checker, 0);
    let own = lowering.script_seed();
    lowering.plan.seed = seed.or(own).unwrap_or(0);
    lowering.script();
    let Lowering { checker, plan, origin, mut cannot_run, .. } = lowering;
    let inferred = checker.inferred;
    found.extend(checker.found);
    let syntax = |finding: &Diagnostic| finding.code.starts_with("E01");
    found.retain(|finding| {
        let place = finding.labels.first().map(|label| label.span);
        syntax(finding) || !place.is_some_and(|place| modules.is_on_broken_line(place))
    });
    let broken = modules.words_of_broken_lines();
    found.retain(|finding| match finding.labels.first() {
        Some(label) if finding.code == "E0201" => {
            let text = modules.sources.get(label.span.source.0 as usize).map_or("", |source| &source.text);
            !broken.contains(&text[label.span.range(text.len())])
        }
        _ => true,
    });
    tidy(&mut found);
    tidy(&mut cannot_run);
    let plan = (!found.iter().any(Diagnostic::is_error)).then_some(plan);
    Checked { plan, diagnostics: found, cannot_run, origin, inferred, sources: modules.sources }
}

/// By place; an error about the same place once, whatever its words: an item may be checked with several arguments.
fn tidy(found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    found.retain(|finding| {
        let place = finding.labels.first().map(|label| label.span);
        let words = if finding.is_error() && place.is_some() { "" } else { &finding.headline };
        seen.insert((finding.code.clone(), place, words.to_owned()))
    });
    found.sort_by_key(|finding| finding.labels.first().map(|label| label.span));
    gather(found);
}

/// One missing name is one mistake, wherever it is used: later findings become labels of the first. Findings with a
/// replacement stay: each has its own place to mend.
fn gather(found: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut kept: Vec<Diagnostic> = vec![];
    for finding in found.drain(..) {
        let gathers = matches!(finding.code.as_str(), "E0201" | "E0213") && finding.fix.is_none();
        let key = (finding.code.clone(), finding.headline.clone());
        match first.get(&key).filter(|_| gathers) {
            Some(&position) => {
                let places = finding.labels.into_iter().take(1);
                kept[position].labels.extend(places.map(|label| Label { text: "and here".into(), ..label }));
            }
            None => {
                if gathers {
                    first.insert(key, kept.len());
                }
                kept.push(finding);
            }
        }
    }
    *found = kept;
}
