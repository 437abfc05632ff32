//! Names that are not defined, in the words of whoever wrote them: typing mistakes, library items without `use`, and
//! habits of other languages.

use super::builtin::{self, is_builtin};
use super::expression::Checker;
use super::foreign;
use super::help;
use super::resolve::LIBRARY;
use super::tree::{Argument, Ident, Term, TermKind};
use super::units;
use super::value::{Frame, Place, Scope, Value};
use crate::base::{Diagnostic, Span};

/// Findings after which nearest names are no longer looked for.
const ANSWERED: usize = 200;

impl<'a> Checker<'a> {
    /// Reports a name that is not defined.
    pub fn unknown_name(&mut self, name: &str, span: Span, scope: &Scope<'a>) -> Value<'a> {
        if self.strays.contains(name) {
            return Value::Unknown;
        }
        if is_builtin(name) {
            return self.fail(
                Diagnostic::new("E0206", format!("`{name}` is a function and needs arguments"))
                    .at(span, "")
                    .help(format!("write `{name}(…)`")),
            );
        }
        let finding = Diagnostic::new("E0201", format!("`{name}` is not defined")).at(span, "no such name here");
        let finding = self.remedy(finding, name, span, scope);
        self.fail(finding)
    }

    fn remedy(&self, finding: Diagnostic, name: &str, span: Span, scope: &Scope<'a>) -> Diagnostic {
        if let Some(here) = foreign::renamed(name) {
            return finding.help(format!("it is written `{here}` here")).fix(format!("write `{here}`"), span, here);
        }
        if let Some(form) = foreign::call(name) {
            return finding.help(format!("write `{}`", filled(form, &["x", "y", "z"])));
        }
        if foreign::is_prefix(name) {
            return finding.help("functions need no prefix: `exp(x)`");
        }
        if let Place::Law(frame) = &scope.place
            && let Some((help, fix)) = in_law(name, frame, scope)
        {
            let finding = finding.help(help);
            return match fix {
                Some(fix) => finding.fix(format!("write `{fix}`"), span, fix),
                None => finding,
            };
        }
        if let Some(module) = self.library_module_of(name) {
            let path = format!("std.{module}.{name}");
            return finding.help(format!("the library has it: add `use {path}`, or write the whole path")).fix(
                "write the whole path",
                span,
                path,
            );
        }
        // Comparing every unknown name with every known one takes its time: a few answers must do.
        if self.found.len() > ANSWERED {
            return finding.help("mend the first ones and check again");
        }
        let mut all: Vec<&str> = scope.locals.keys().map(String::as_str).collect();
        all.extend(self.modules.list[scope.module].names.keys().map(String::as_str));
        all.extend(["pi", "particles"]);
        for function in builtin::names() {
            all.push(function);
        }
        match help::nearest(name, all.iter().copied()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
            None if units::is_unit(name) => finding.help(format!(
                "as a unit it follows a number, as in `3 {name}`; as a name it is defined: `{name} = …`"
            )),
            None => finding.help(format!("define it: `{name} = …`")),
        }
    }

    /// The module of the library that has an item of this name.
    fn library_module_of(&self, name: &str) -> Option<&'static str> {
        let has = |module: &&'static str| {
            let index = self.modules.library.get(module);
            index.is_some_and(|index| self.modules.list[*index].names.contains_key(name))
        };
        LIBRARY.iter().map(|(module, _)| *module).find(has)
    }

    fn knows(&mut self, name: &str, scope: &Scope<'a>) -> bool {
        self.place_name(name, scope).is_some()
            || scope.locals.contains_key(name)
            || self.modules.list[scope.module].names.contains_key(name)
            || matches!(scope.place, Place::Columns)
    }

    fn written(&self, span: Span) -> &'a str {
        let text = self.modules.sources.get(span.source.0 as usize).map_or("", |source| source.text.as_str());
        text.get(span.range(text.len())).unwrap_or("")
    }

    /// Warns of `2 m` where the script defines `m`: behind a number stands a unit.
    pub fn shadowed_unit(&mut self, term: &Term, scope: &Scope<'a>) {
        let TermKind::Number { text, unit: Some(unit), .. } = &term.kind else { return };
        let [(atom, _)] = unit.atoms.as_slice() else { return };
        let defined =
            scope.locals.contains_key(&atom.text) || self.modules.list[scope.module].names.contains_key(&atom.text);
        if defined {
            let product = format!("{text} * {}", self.written(unit.span));
            self.report(
                Diagnostic::new(
                    "W0507",
                    format!("`{}` behind a number is the unit, not the name defined here", atom.text),
                )
                .at(atom.span, format!("`{}` is the unit", self.written(term.span)))
                .help(format!("for a product, write `{product}`"))
                .fix(format!("write `{product}`"), term.span, product),
            );
        }
    }

    /// `np.exp`: a prefix that this language does not need.
    pub fn foreign_prefix(&mut self, head: &Term, name: &Ident, scope: &Scope<'a>) -> Option<Diagnostic> {
        let TermKind::Name(prefix) = &head.kind else { return None };
        if !foreign::is_prefix(prefix) || self.knows(prefix, scope) {
            return None;
        }
        let here = foreign::renamed(&name.text).unwrap_or(&name.text);
        let span = head.span.to(name.span);
        let finding = Diagnostic::new("E0201", format!("`{prefix}.{}` is not defined", name.text)).at(span, "");
        Some(match is_builtin(here) || here == "pi" {
            true => finding.help("functions need no prefix").fix(format!("write `{here}`"), span, here),
            false => finding.help("functions need no prefix: `exp(x)`"),
        })
    }

    /// `square(x)`: a function of another language that is an operator here.
    pub fn foreign_call(
        &mut self,
        callee: &Term,
        arguments: &'a [Argument],
        span: Span,
        scope: &Scope<'a>,
    ) -> Option<Diagnostic> {
        let TermKind::Name(name) = &callee.kind else { return None };
        let form = foreign::call(name)?;
        if self.knows(name, scope) {
            return None;
        }
        let given: Vec<String> = arguments
            .iter()
            .map(|argument| match argument.value.kind {
                TermKind::Number { .. } | TermKind::Name(_) | TermKind::Member(..) | TermKind::Call(..) => {
                    self.written(argument.value.span).to_owned()
                }
                _ => format!("({})", self.written(argument.value.span)),
            })
            .collect();
        let finding = Diagnostic::new("E0201", format!("`{name}` is not defined")).at(callee.span, "no such name here");
        let parts: Vec<&str> = given.iter().map(String::as_str).collect();
        let here = filled(form, &parts);
        let finding = finding.help(format!("write `{}`", filled(form, &["x", "y", "z"])));
        Some(if here.contains('$') {
            finding
        } else {
            finding.fix(format!("write `{here}`"), span, format!("({here})"))
        })
    }

    /// `Exp[2]`: brackets for arguments.
    pub fn bracketed_call(&mut self, head: &Term, index: &Term, scope: &Scope<'a>) -> Option<Diagnostic> {
        let TermKind::Name(name) = &head.kind else { return None };
        let function = name.to_lowercase();
        if !is_builtin(&function) || self.knows(name, scope) {
            return None;
        }
        let bracket = Span { start: head.span.end, end: index.span.end + 1, ..head.span };
        let argument = self.written(index.span).to_owned();
        Some(Diagnostic::new("E0209", format!("arguments of `{function}` stand in parentheses")).at(bracket, "").fix(
            format!("write `{function}({argument})`"),
            head.span.to(bracket),
            format!("{function}({argument})"),
        ))
    }
}

/// What a name may mean in a law, as OpenMM and papers write it: help, and a replacement.
fn in_law(name: &str, frame: &Frame, scope: &Scope) -> Option<(String, Option<String>)> {
    let body = |who: &str| {
        scope.locals.iter().find(|(_, value)| matches!(value, Value::Body(body) if *body == who)).map(|(name, _)| name)
    };
    let has = |attribute: &str| {
        matches!(attribute, "position" | "velocity" | "mass") || frame.attributes.contains_key(attribute)
    };
    let (i, j) = (body("i"), body("j"));
    for (suffix, who) in [("_i", i), ("_j", j), ("i", i), ("j", j), ("1", i), ("2", j)] {
        let meant = name.strip_suffix(suffix).map(|short| match short {
            "m" => "mass",
            "q" => "charge",
            "x" | "y" | "z" => "position",
            "v" => "velocity",
            whole => whole,
        });
        if let (Some(attribute), Some(who)) = (meant.filter(|attribute| has(attribute)), who) {
            let component = if name.starts_with(['x', 'y', 'z']) { format!(".{}", &name[..1]) } else { String::new() };
            let written = format!("{who}.{attribute}{component}");
            return Some((format!("an attribute of a body is written `{written}`"), Some(written)));
        }
    }
    if has(name)
        && let Some(i) = i
    {
        let written = format!("{i}.{name}");
        return Some((format!("an attribute belongs to a body: `{written}`"), Some(written)));
    }
    let distances = ["r", "d", "rij", "r_ij", "dist", "dr"];
    let (Some(i), Some(j)) = (i, j) else { return None };
    distances.contains(&name).then(|| {
        let distance = format!("distance({i}, {j})");
        (format!("name the distance behind the formula: `where {name} = {distance}`"), Some(distance))
    })
}

fn filled(form: &str, arguments: &[&str]) -> String {
    let mut text = form.to_owned();
    for (index, argument) in arguments.iter().enumerate() {
        text = text.replace(&format!("${}", index + 1), argument);
    }
    text
}
