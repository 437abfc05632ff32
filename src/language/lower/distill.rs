//! `distill` and `operators`.

use super::Lowering;
use crate::base::{Diagnostic, Name, Span};
use crate::expr::{Expr, OPERATORS};
use crate::language::fields::Fields;
use crate::language::foreign;
use crate::language::help;
use crate::language::read::path;
use crate::language::schema::{Quantity as Measure, Shape};
use crate::language::tree::{Allow, Definition, Entry, Term, TermKind};
use crate::language::units::SECOND;
use crate::language::value::{Item, Place, Quantity, Value};
use crate::plan::{
    Allowed, Budget, Choose, DefinedOperator, DistillPlan, DistillSource, OperatorsPlan, Refit, SearchLoss,
};

impl<'a> Lowering<'a> {
    /// Adds a distillation with what it needs to the plan, and gives its name there; `None` if it has mistakes.
    pub fn distill(&mut self, item: &Item<'a>) -> Option<Name> {
        let name = self.name(item);
        if self.plan.distills.contains_key(&name) {
            return Some(name);
        }
        let fields = self.checker.fields(item)?;
        let of = self.distill_source(&fields);
        let operators = self.checker.item(&fields, "with");
        let operators = operators.and_then(|operators| self.operators(&operators));
        let inputs = self.checker.names(&fields, "inputs").into_iter().map(|(name, _)| name.into()).collect();
        for entry in &item.block.entries {
            if let Entry::Definition(form) = entry {
                self.not_yet("a template `form`", form.span);
            }
        }
        if fields.given("unknown").is_some() {
            self.checker.names_or_calls(&fields, "unknown");
            let bodies = item.block.entries.iter().any(|entry| matches!(entry, Entry::Definition(_)));
            if !bodies && fields.given("form").is_none() {
                self.checker.report(
                    Diagnostic::new("E0208", "`unknown` needs a template `form = …`").at(fields.span("unknown"), ""),
                );
            }
        }
        let loss = match self.checker.form(&fields, "loss")?.name {
            "mae" => SearchLoss::Mae,
            "relative" => SearchLoss::Relative,
            "log" => SearchLoss::Log,
            _ => SearchLoss::Mse,
        };
        let budget = self.budget(&fields)?;
        let choose = match self.checker.form(&fields, "choose")?.name {
            "score" => Choose::Score,
            "accuracy" => Choose::Accuracy,
            _ => Choose::DescriptionLength,
        };
        let refit = match self.checker.form(&fields, "refit")?.name {
            "none" => Refit::None,
            _ => Refit::Data,
        };
        let seed = self.seed(&fields, &name);
        let form = match (fields.given("form"), &of) {
            (Some(_), Some(of)) => Some(self.template(&fields, of)?),
            _ => None,
        };
        let plan = DistillPlan { of: of?, operators: operators?, inputs, form, loss, budget, choose, refit, seed };
        if !item.complete {
            return None;
        }
        self.plan.distills.insert(name.clone(), plan);
        Some(name)
    }

    fn distill_source(&mut self, fields: &Fields<'a>) -> Option<DistillSource> {
        let [term] = self.checker.values(fields, "of") else { return None };
        let (mut head, mut members) = (term, vec![]);
        while let TermKind::Member(inner, name) = &head.kind {
            members.insert(0, name.text.as_str());
            head = inner;
        }
        if !members.is_empty()
            && let Value::Item(data) = self.checker.eval(head, &fields.scope)
            && data.block.kind.text == "data"
        {
            let lowered = self.data(&data)?;
            let column = members.join(".");
            if !self.known_column(&lowered.plan.from, &lowered.name, &column, term.span) {
                return None;
            }
            for (input, span) in self.checker.names(fields, "inputs") {
                self.known_input(&lowered, &column, &input, span);
            }
            let source = DistillSource::Column { data: lowered.name.clone(), column: column.into() };
            self.add_data(lowered);
            return Some(source);
        }
        if let Value::Item(data) = self.checker.eval(term, &fields.scope)
            && data.block.kind.text == "data"
        {
            self.checker.report(
                Diagnostic::new(
                    "E0215",
                    format!("`of` needs a training or a column, not {}", Value::Item(data).what()),
                )
                .at(term.span, "")
                .help("a column is written `table.mass`; a training is a block `train fit { … }`"),
            );
            return None;
        }
        let fit = self.checker.item_of(term, &["train"], &fields.scope, "of")?;
        self.train(&fit).map(DistillSource::Fit)
    }

    fn budget(&mut self, fields: &Fields<'a>) -> Option<Budget> {
        if let [term] = self.checker.values(fields, "budget")
            && matches!(&term.kind, TermKind::Number { unit: Some(_), .. })
        {
            let mut timed = fields.clone();
            timed.time = SECOND;
            let positive = Shape::Number(f64::MIN_POSITIVE, f64::MAX, Measure::Time);
            return self.checker.number_of(term, positive, &timed, "budget").map(Budget::Seconds);
        }
        match self.checker.values(fields, "budget") {
            [term] => {
                let evaluations = Shape::Count(1, 1 << 50);
                self.checker.number_of(term, evaluations, fields, "budget").map(|n| Budget::Evaluations(n as u64))
            }
            _ => {
                self.checker.report(
                    Diagnostic::new("E0206", "`budget` has one value, not a list").at(fields.span("budget"), ""),
                );
                None
            }
        }
    }

    /// The operators that an item is.
    pub fn operators(&mut self, item: &Item<'a>) -> Option<OperatorsPlan> {
        self.name(item);
        let fields = self.checker.fields(item)?;
        let mut plan = OperatorsPlan {
            allow: vec![],
            define: vec![],
            never: vec![],
            require: vec![],
            size: self.checker.count(&fields, "size")? as usize,
            depth: self.checker.count(&fields, "depth")? as usize,
            constants: None,
        };
        for entry in &item.block.entries {
            match entry {
                Entry::Allow(allow) => self.allow(allow, &mut plan),
                Entry::AllowDefinition(definition, cost) => self.define(definition, *cost, &fields, &mut plan),
                Entry::Never(patterns, _) => {
                    for pattern in patterns {
                        let scope = fields.scope.at(Place::Pattern);
                        let value = self.checker.eval_pattern(pattern, &scope);
                        plan.never.extend(value);
                    }
                }
                _ => {}
            }
        }
        for (name, span) in self.checker.names(&fields, "require") {
            if name != "distance" && !name.contains('.') && !known_input(&name) {
                self.checker.report(
                    Diagnostic::new("E0201", format!("`{name}` is no input of a search"))
                        .at(span, "")
                        .help("inputs are `distance`, `i.mass`, `j.charge` …"),
                );
            } else {
                plan.require.push(name.into());
            }
        }
        let bounds = self.checker.interval(&fields, "bounds")?;
        plan.constants = self.checker.flag(&fields, "constants")?.then_some(bounds);
        if plan.allow.is_empty() && plan.define.is_empty() && !self.checker.modules.is_unreadable(item.block) {
            self.checker.report(
                Diagnostic::new("E0208", format!("operators `{}` allow nothing", item.block.name.text))
                    .at(item.block.name.span, "")
                    .help("add `allow +, -, *, /`"),
            );
            return None;
        }
        Some(plan)
    }

    fn allow(&mut self, allow: &'a Allow, plan: &mut OperatorsPlan) {
        let cost = self.cost(allow.cost);
        for symbol in &allow.symbols {
            // `-` is the difference: the first row of that name.
            let op = OPERATORS.iter().find(|row| row.name == symbol.text).map(|row| row.op);
            match op {
                Some(op) if plan.allow.iter().any(|allowed| allowed.op == op) => self.checker.report(
                    Diagnostic::new("E0203", format!("`{}` is allowed twice", symbol.text))
                        .at(symbol.span, "again here"),
                ),
                Some(op) => plan.allow.push(Allowed { op, cost }),
                None => {
                    if let Some(form) = foreign::call(&symbol.text) {
                        let body = form.replace("$1", "x").replace("$2", "y").replace("$3", "z");
                        let parameters = if form.contains("$2") { "x, y" } else { "x" };
                        let definition = format!("{}({parameters}) = {body}", symbol.text);
                        self.checker.report(
                            Diagnostic::new("E0216", format!("there is no operator `{}`", symbol.text))
                                .at(symbol.span, "")
                                .help(format!("define it on a line of its own: `allow {definition}`")),
                        );
                        continue;
                    }
                    let all: Vec<&str> = OPERATORS.iter().map(|row| row.name).collect();
                    let mut finding = Diagnostic::new("E0216", format!("there is no operator `{}`", symbol.text))
                        .at(symbol.span, "")
                        .help(match help::nearest(&symbol.text, all.iter().copied()) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!("define it: `allow {}(x) = …`", symbol.text),
                        });
                    if let Some(near) = help::nearest(&symbol.text, all.iter().copied()) {
                        finding = finding.fix(format!("write `{near}`"), symbol.span, near);
                    }
                    self.checker.report(finding);
                }
            }
        }
    }

    fn define(
        &mut self,
        definition: &'a Definition,
        cost: Option<(f64, Span)>,
        fields: &Fields<'a>,
        plan: &mut OperatorsPlan,
    ) {
        let cost = self.cost(cost);
        let params = definition.params.as_deref().unwrap_or(&[]);
        let parameters: Vec<Name> = params.iter().map(|param| param.name.text.as_str().into()).collect();
        let locals = params.iter().map(|param| {
            let symbol = Quantity::pure(Expr::symbol(param.name.text.as_str()));
            (param.name.text.clone(), Value::Scalar(symbol))
        });
        let scope = fields.scope.with(locals);
        let value = self.checker.eval(&definition.value, &scope);
        let Some(q) = self.checker.scalar(value, definition.value.span) else { return };
        let taken = plan.define.iter().any(|other| other.name.as_str() == definition.name.text)
            || OPERATORS.iter().any(|row| row.name == definition.name.text);
        if taken {
            self.checker.report(
                Diagnostic::new("E0203", format!("the operator `{}` exists already", definition.name.text))
                    .at(definition.name.span, ""),
            );
            return;
        }
        plan.define.push(DefinedOperator {
            name: definition.name.text.as_str().into(),
            parameters,
            body: q.expr,
            cost,
        });
    }

    fn cost(&mut self, cost: Option<(f64, Span)>) -> f64 {
        match cost {
            Some((cost, span)) if !(cost.is_finite() && cost > 0.0 && cost <= 1000.0) => {
                self.checker
                    .report(Diagnostic::new("E0207", "a cost lies between 0 and 1000").at(span, "out of range"));
                1.0
            }
            Some((cost, _)) => cost,
            None => 1.0,
        }
    }
}

fn known_input(name: &str) -> bool {
    matches!(name, "particles")
}

impl<'a> crate::language::expression::Checker<'a> {
    /// A pattern of `never`: an expression in which nothing is folded together by its holes.
    fn eval_pattern(&mut self, pattern: &'a Term, scope: &crate::language::value::Scope<'a>) -> Option<Expr> {
        let value = self.eval(pattern, scope);
        let q = self.scalar(value, pattern.span)?;
        if q.expr.args().is_empty() {
            self.report(
                Diagnostic::new("E0206", "a pattern is an operator with its arguments")
                    .at(pattern.span, "")
                    .help("write `exp(exp(_))`, where `_` stands for anything"),
            );
            return None;
        }
        Some(q.expr)
    }

    /// Checks that a list holds names and calls such as `f(i, j)`.
    fn names_or_calls(&mut self, fields: &Fields<'a>, key: &str) {
        for term in self.values(fields, key) {
            let name = match &term.kind {
                TermKind::Call(callee, _) => path(callee),
                TermKind::Index(constant, _) => path(constant),
                _ => path(term),
            };
            if name.is_none() && !matches!(term.kind, TermKind::Error) {
                self.report(
                    Diagnostic::new("E0206", format!("`{key}` is a list of names and functions")).at(term.span, ""),
                );
            }
        }
    }
}
