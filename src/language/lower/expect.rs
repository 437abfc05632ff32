//! `expect`: a condition over results.

use super::Lowering;
use crate::base::{Diagnostic, Name, Span};
use crate::language::tree::{Binary, Expect, Term, TermKind};
use crate::language::value::{Place, Scope, Value};
use crate::plan::{ExpectPlan, Recovers};

impl<'a> Lowering<'a> {
    /// Adds an expectation with what it speaks of to the plan.
    pub fn expect(&mut self, expect: &'a Expect, module: usize) {
        let scope = Scope { module, locals: Default::default(), place: Place::Results };
        self.checker.recoveries.clear();
        if let Some(finding) = self.compared(&expect.condition, &scope) {
            self.checker.report(finding);
            return;
        }
        let value = self.checker.eval(&expect.condition, &scope);
        let Some(q) = self.checker.scalar(value, expect.condition.span) else { return };
        let claims = std::mem::take(&mut self.checker.recoveries);
        if q.expr.symbols().is_empty() {
            self.checker.report(
                Diagnostic::new("E0217", "this speaks of no result")
                    .at(expect.condition.span, "always the same")
                    .help("name one: `fit.contributions.r2 > 0.99`, or `law recovers springs`"),
            );
            return;
        }
        let mut recovers = vec![];
        for (symbol, law, system) in claims {
            if let Some(lowered) = self.system(&system) {
                self.warn_operators(&lowered.plan, &law, expect);
                self.plan.systems.insert(lowered.plan.name.clone(), lowered.plan.clone());
                recovers.push(Recovers { symbol, law, system: lowered.plan.name.clone() });
            }
        }
        let source = &self.checker.modules.sources[module].text;
        let text = &source[expect.condition.span.range(source.len())];
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.origin.expects.push(expect.span);
        self.plan.expects.push(ExpectPlan { text, condition: q.expr, recovers });
    }

    /// The finding that a law and a system are compared as if they were numbers.
    fn compared(&mut self, condition: &'a Term, scope: &Scope<'a>) -> Option<Diagnostic> {
        let TermKind::Binary(Binary::Eq, left, right) = &condition.kind else { return None };
        let named = |term: &Term| matches!(term.kind, TermKind::Name(_) | TermKind::Member(..));
        if !named(left) || !named(right) {
            return None;
        }
        let (law, system) = (self.checker.eval(left, scope), self.checker.eval(right, scope));
        let Value::Result("distill", _, path) = &law else { return None };
        let Value::Item(system) = &system else { return None };
        let between = Span::new(left.span.source, left.span.end as usize, right.span.start as usize);
        (path.is_empty() && system.block.kind.text == "system").then(|| {
            Diagnostic::new("E0206", "a law and a system are compared by `recovers`")
                .at(condition.span, "")
                .note("it asks for equality up to what the data cannot tell apart")
                .fix("write `recovers`", between, " recovers ")
        })
    }

    /// Warns where the operators of a distillation cannot build the law it is asked to recover.
    fn warn_operators(&mut self, system: &crate::plan::SystemPlan, law: &Name, expect: &Expect) {
        let Some(distill) = self.plan.distills.get(law) else { return };
        let missing = crate::language::physics::missing_operators(system, &distill.operators);
        if let [first, ..] = missing.as_slice() {
            let names: Vec<&str> = missing.iter().map(|op| op.info().name).collect();
            let note = format!("the law of `{}` needs {}", system.name, names.join(", "));
            let help = format!("add `allow {}` to its operators", first.info().name);
            let mut finding =
                Diagnostic::new("W0502", format!("`{law}` cannot recover `{}` with its operators", system.name))
                    .at(expect.span, "asked for here");
            if let Some(place) = self.origin.place(law, "with") {
                finding = finding.at(place, "these operators");
            }
            self.checker.report(finding.note(note).help(help));
        }
    }
}
