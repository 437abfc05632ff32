//! Calls: arguments to parameters of functions and blocks, and claims of recovery.

use super::builtin::{self, is_builtin};
use super::expression::Checker;
use super::help;
use super::tree::{Argument, Block, Param, Term, TermKind};
use super::value::{Given, Item, Locals, Quantity, Scope, Value};
use crate::base::{Diagnostic, Name, Span};
use crate::expr::Expr;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Deepest nesting of function calls.
const DEEPEST: usize = 64;

impl<'a> Checker<'a> {
    /// The value of a call.
    pub fn call(
        &mut self,
        term: &'a Term,
        callee: &'a Term,
        arguments: &'a [Argument],
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let given: Vec<Given<'a>> = arguments
            .iter()
            .map(|argument| Given {
                name: argument.name.as_ref(),
                term: &argument.value,
                value: self.eval(&argument.value, scope),
            })
            .collect();
        if let TermKind::Name(name) = &callee.kind
            && let Some(function) = self.prompt_function(name, scope)
        {
            return self.prompt_call(function, &given, term.span, scope);
        }
        if let TermKind::Name(name) = &callee.kind
            && !scope.locals.contains_key(name)
            && is_builtin(name)
        {
            return builtin::call(self, name, &given, term.span, scope);
        }
        if let Some(finding) = self.foreign_call(callee, arguments, term.span, scope) {
            return self.fail(finding);
        }
        if let TermKind::Name(name) = &callee.kind
            && let Some(finding) = self.no_function(name, callee.span, scope)
        {
            return self.fail(finding);
        }
        let function = self.eval(callee, scope);
        self.applied(function, callee.span, &given, term.span, scope)
    }

    /// A call of a function that is to be searched: a symbol, whose text is the call.
    fn open_call(&mut self, name: Name, parameters: usize, given: &[Given<'a>], span: Span) -> Value<'a> {
        if given.len() != parameters {
            return self.fail(
                Diagnostic::new("E0209", format!("the unknown function `{name}` takes {parameters} arguments"))
                    .at(span, format!("{} given", given.len()))
                    .help("`unknown` says how many: `unknown = f(x), g(x, y)`"),
            );
        }
        let mut arguments = vec![];
        for argument in given {
            let Some(q) = self.scalar(argument.value.clone(), argument.span()) else { return Value::Unknown };
            arguments.push(q.expr);
        }
        let inside: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let symbol = Name::from(format!("{name}({})", inside.join(", ")));
        if self.opened.iter().all(|(known, ..)| *known != symbol) {
            self.opened.push((symbol.clone(), name, arguments));
        }
        Value::Scalar(Quantity { dimension: None, ..Quantity::pure(Expr::symbol(symbol)) })
    }

    /// A value called with arguments. `callee` is its place, `span` that of the call.
    pub(super) fn applied(
        &mut self,
        function: Value<'a>,
        callee: Span,
        given: &[Given<'a>],
        span: Span,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        match function {
            Value::Unknown => Value::Unknown,
            Value::Function(module, definition) => {
                if self.depth >= DEEPEST {
                    return self.fail(
                        Diagnostic::new("E0210", format!("`{}` calls itself without end", definition.name.text))
                            .at(definition.name.span, "")
                            .help("there is no recursion: a function is put in place where it is called"),
                    );
                }
                let params = definition.params.as_deref().unwrap_or(&[]);
                let inner = Scope { module, locals: Rc::default(), place: scope.place.clone() };
                let Some(bound) = self.arguments(&definition.name.text, params, given, &inner, span) else {
                    return Value::Unknown;
                };
                self.depth += 1;
                let value = self.eval(&definition.value, &inner.with(bound));
                self.depth -= 1;
                self.with_unit(value, definition.unit.as_ref(), definition.value.span)
            }
            Value::Open(name, parameters) => self.open_call(name, parameters, given, span),
            Value::Item(item) => Value::Item(self.bind(item.module, item.block, given, &item.locals, Some(span))),
            other => {
                let what = other.what();
                self.fail(Diagnostic::new("E0206", format!("{what} is no function")).at(callee, "cannot be called"))
            }
        }
    }

    /// The parameters of a function with their values; `None` when the call is wrong.
    fn arguments(
        &mut self,
        name: &str,
        params: &'a [Param],
        given: &[Given<'a>],
        scope: &Scope<'a>,
        span: Span,
    ) -> Option<BTreeMap<String, Value<'a>>> {
        let mut bound: BTreeMap<String, Value<'a>> = BTreeMap::new();
        let mut fine = true;
        for (position, argument) in given.iter().enumerate() {
            let param = match argument.name {
                Some(ident) => params.iter().find(|param| param.name.text == ident.text),
                None => params.get(position),
            };
            let Some(param) = param else {
                let names = || params.iter().map(|param| param.name.text.as_str());
                let finding = match argument.name {
                    Some(ident) => Diagnostic::new("E0209", format!("`{name}` has no parameter `{}`", ident.text))
                        .at(ident.span, "")
                        .help(help::mend(&ident.text, names().collect::<Vec<_>>())),
                    None => Diagnostic::new("E0209", format!("`{name}` takes {}", count_of(params.len(), "argument")))
                        .at(argument.span(), "one too many"),
                };
                self.report(finding);
                fine = false;
                continue;
            };
            if bound.contains_key(&param.name.text) {
                self.report(
                    Diagnostic::new("E0209", format!("`{}` is given twice", param.name.text)).at(argument.span(), ""),
                );
                fine = false;
                continue;
            }
            let value = self.with_unit(argument.value.clone(), param.unit.as_ref(), argument.span());
            bound.insert(param.name.text.clone(), value);
        }
        for param in params {
            if bound.contains_key(&param.name.text) {
                continue;
            }
            match &param.default {
                Some(default) => {
                    let value = self.eval(default, &scope.with(bound.clone()));
                    let value = self.with_unit(value, param.unit.as_ref(), default.span);
                    bound.insert(param.name.text.clone(), value);
                }
                None if fine => {
                    self.report(
                        Diagnostic::new("E0209", format!("`{name}` needs `{}`", param.name.text))
                            .at(span, "missing here"),
                    );
                    fine = false;
                }
                None => {}
            }
        }
        fine.then_some(bound)
    }

    /// A block with its parameters bound. `call` is the place of the call; without one, parameters that have no default
    /// stay unknown and the item is incomplete.
    pub fn bind(
        &mut self,
        module: usize,
        block: &'a Block,
        given: &[Given<'a>],
        outer: &Locals<'a>,
        call: Option<Span>,
    ) -> Item<'a> {
        let scope = Scope::constant(module, outer.clone());
        let mut locals: BTreeMap<String, Value<'a>> = (**outer).clone();
        let mut complete = true;
        let mut name = block.name.text.clone();
        let bound = match call {
            Some(span) => self.arguments(&block.name.text, &block.params, given, &scope, span),
            None => {
                let mut bound = BTreeMap::new();
                for param in &block.params {
                    let value = match &param.default {
                        Some(default) => {
                            let value = self.eval(default, &scope.with(bound.clone()));
                            self.with_unit(value, param.unit.as_ref(), default.span)
                        }
                        None => Value::Unknown,
                    };
                    complete &= !matches!(value, Value::Unknown);
                    bound.insert(param.name.text.clone(), value);
                }
                Some(bound)
            }
        };
        match bound {
            Some(bound) => {
                if call.is_some() {
                    name.push_str(&self.changed(block, &bound, &scope));
                    complete = bound.values().all(|value| !matches!(value, Value::Unknown));
                }
                locals.extend(bound);
            }
            None => {
                complete = false;
                locals.extend(block.params.iter().map(|param| (param.name.text.clone(), Value::Unknown)));
            }
        }
        Item { module, block, locals: Rc::new(locals), name: name.into(), complete }
    }

    /// Arguments that are not the defaults, as written after a name.
    fn changed(&mut self, block: &'a Block, bound: &BTreeMap<String, Value<'a>>, scope: &Scope<'a>) -> String {
        let mut shown = vec![];
        for param in &block.params {
            let Some(Value::Scalar(q)) = bound.get(&param.name.text) else { continue };
            let default = param.default.as_ref().map(|default| {
                let value = self.eval(default, &scope.with(bound.clone()));
                self.with_unit(value, param.unit.as_ref(), default.span)
            });
            if !matches!(&default, Some(Value::Scalar(usual)) if usual.expr == q.expr) {
                shown.push(format!("{} = {}", param.name.text, q.expr));
            }
        }
        if shown.is_empty() { String::new() } else { format!("({})", shown.join(", ")) }
    }

    /// `law recovers springs`: the symbol of that claim.
    pub fn recovers(&mut self, law: &'a Term, system: &'a Term, scope: &Scope<'a>) -> Value<'a> {
        let found_law = self.eval(law, scope);
        let found_system = self.eval(system, scope);
        match (found_law, found_system) {
            (Value::Unknown, _) | (_, Value::Unknown) => Value::Unknown,
            (Value::Result("distill", law, path), Value::Item(item))
                if item.block.kind.text == "system" && path.is_empty() =>
            {
                let symbol = Name::from(format!("{law} recovers {}", item.name));
                self.recoveries.push((symbol.clone(), law, item));
                Value::Scalar(Quantity::pure(Expr::symbol(symbol)))
            }
            (Value::Result("distill", _, path), other) if path.is_empty() => {
                let what = other.what();
                self.fail(Diagnostic::new("E0215", format!("a system must stand here, not {what}")).at(system.span, ""))
            }
            (other, _) => {
                let what = other.what();
                self.fail(
                    Diagnostic::new("E0215", format!("a distillation must stand here, not {what}"))
                        .at(law.span, "")
                        .help("`law recovers springs` needs a block `distill law { … }`"),
                )
            }
        }
    }
}

/// `1 argument`, `2 arguments`.
pub fn count_of(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
