//! Templates of formulas for columns: `form = f(x) + g(y) * z` with what is unknown in it.

use super::Lowering;
use crate::base::{Diagnostic, Name};
use crate::expr::Expr;
use crate::language::fields::Fields;
use crate::language::is_name;
use crate::language::read::path;
use crate::language::tree::{Term, TermKind};
use crate::language::value::{Place, Quantity, Value};
use crate::plan::{DataSource, DistillSource, Template, UnknownCall, UnknownConstant, UnknownFunction};

impl<'a> Lowering<'a> {
    /// The template of a distillation of a column; `None` if it has mistakes.
    pub(super) fn template(&mut self, fields: &Fields<'a>, of: &DistillSource) -> Option<Template> {
        let DistillSource::Column { data, .. } = of else {
            let finding = Diagnostic::new("E0204", "a template over columns belongs to the search of a column");
            self.checker.report(finding.at(fields.span("form"), "").help("write `of = table.y`"));
            return None;
        };
        let (constants, functions) = self.unknowns(fields)?;
        let symbol = |name: Name| Quantity { dimension: None, ..Quantity::pure(Expr::symbol(name)) };
        let mut names: Vec<(String, Value<'a>)> = vec![];
        if let Some(DataSource::File(file)) = self.plan.data.get(data).map(|data| &data.from) {
            for column in file.columns.iter().filter(|column| column.components.len() > 1) {
                let parts = column.parts().into_iter().map(symbol).collect();
                names.push((column.name.to_string(), Value::Vector(parts)));
            }
        }
        names.extend(
            constants.iter().map(|constant| (constant.name.to_string(), Value::Scalar(symbol(constant.name.clone())))),
        );
        let open = |function: &UnknownFunction| {
            (function.name.to_string(), Value::Open(function.name.clone(), function.parameters.len()))
        };
        names.extend(functions.iter().map(open));
        let scope = fields.scope.at(Place::Columns).with(names);
        self.checker.opened.clear();
        let groups = constants.iter().filter_map(|constant| Some((constant.name.clone(), constant.per.clone()?)));
        self.checker.grouped = groups.collect();
        let [term] = self.checker.values(fields, "form") else {
            self.checker.report(Diagnostic::new("E0206", "`form` is one formula").at(fields.span("form"), "a list"));
            return None;
        };
        let value = self.checker.eval(term, &scope);
        self.checker.grouped.clear();
        let form = self.checker.scalar(value, term.span)?.expr;
        let calls: Vec<UnknownCall> = std::mem::take(&mut self.checker.opened)
            .into_iter()
            .filter_map(|(symbol, name, arguments)| {
                let function = functions.iter().position(|function| function.name == name)?;
                Some(UnknownCall { symbol, function, arguments })
            })
            .collect();
        let template = Template { form, constants, functions, calls };
        self.all_used(&template, fields).then_some(template)
    }

    /// What the field `unknown` lists.
    fn unknowns(&mut self, fields: &Fields<'a>) -> Option<(Vec<UnknownConstant>, Vec<UnknownFunction>)> {
        let (mut constants, mut functions): (Vec<UnknownConstant>, Vec<UnknownFunction>) = (vec![], vec![]);
        for term in self.checker.values(fields, "unknown") {
            let parsed = match &term.kind {
                TermKind::Call(callee, arguments) => {
                    let parameters = arguments.iter().map(|argument| parameter(&argument.value)).collect();
                    path(callee)
                        .zip(parameters)
                        .map(|(name, parameters)| Ok(UnknownFunction { name: name.into(), parameters }))
                }
                TermKind::Index(constant, column) => {
                    let column = path(column).map(Name::from);
                    path(constant)
                        .zip(column)
                        .map(|(name, per)| Err(UnknownConstant { name: name.into(), per: Some(per) }))
                }
                _ => path(term).map(|name| Err(UnknownConstant { name: name.into(), per: None })),
            };
            let Some(parsed) = parsed else {
                let finding = Diagnostic::new("E0206", "an unknown is a constant `C`, or a function of names `f(x)`");
                self.checker.report(finding.at(term.span, ""));
                return None;
            };
            let name = parsed.as_ref().map_or_else(|constant| &constant.name, |function| &function.name).clone();
            if !is_name(&name) {
                self.checker.report(Diagnostic::new("E0206", format!("`{name}` is no plain name")).at(term.span, ""));
                return None;
            }
            if constants.iter().any(|known| known.name == name) || functions.iter().any(|known| known.name == name) {
                let finding = Diagnostic::new("E0203", format!("`{name}` stands twice in `unknown`"));
                self.checker.report(finding.at(term.span, "again here"));
                return None;
            }
            match parsed {
                Ok(function) => functions.push(function),
                Err(constant) => constants.push(constant),
            }
        }
        if functions.is_empty() && constants.is_empty() {
            self.checker.report(
                Diagnostic::new("E0208", "a template needs `unknown`: what is searched and fitted in it")
                    .at(fields.span("form"), "nothing is unknown")
                    .help("add `unknown = f(x), C`"),
            );
            return None;
        }
        Some((constants, functions))
    }

    /// Whether everything unknown stands in the template.
    fn all_used(&mut self, template: &Template, fields: &Fields<'a>) -> bool {
        let mut symbols = template.form.symbols();
        template.calls.iter().flat_map(|call| &call.arguments).for_each(|e| symbols.extend(e.symbols()));
        let constants =
            template.constants.iter().map(|constant| &constant.name).filter(|name| !symbols.contains(*name));
        let uncalled = |index: &usize| template.calls.iter().all(|call| call.function != *index);
        let functions = (0..template.functions.len()).filter(uncalled).map(|index| &template.functions[index].name);
        let missing: Vec<&Name> = constants.chain(functions).collect();
        for name in &missing {
            self.checker.report(
                Diagnostic::new("E0201", format!("`{name}` is unknown, and does not stand in the template"))
                    .at(fields.span("unknown"), "")
                    .help(format!(
                        "use it in `form`, or take it out; a function is written with its arguments: `{name}(x)`"
                    )),
            );
        }
        missing.is_empty()
    }
}

/// The name of a parameter.
fn parameter(term: &Term) -> Option<Name> {
    match &term.kind {
        TermKind::Name(name) => Some(Name::new(name)),
        _ => None,
    }
}
