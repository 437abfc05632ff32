//! Terms to values: names are looked up, functions put in place, vectors written out by component, units converted to
//! base units and dimensions checked. One walk; a value that could not be found is [`Value::Unknown`] and silent from
//! there on, so that one mistake is told once.

use super::help;
use super::prompt::{Answer, Remarks, value_of};
use super::read::path;
use super::resolve::{Modules, Named, Target, library_module, member};
use super::tree::{Binary, Definition, Ident, Term, TermKind, Unary};
use super::units;
use super::value::{Draws, Item, Place, Quantity, Scope, Value};
use crate::base::{Diagnostic, Name, Span};
use crate::expr::{Expr, Op};
use crate::plan::symbols;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub use super::builtin::is_builtin;

/// Largest formula in nodes; functions of functions of functions grow without bound otherwise.
const LARGEST: usize = 5_000;
/// Deepest nesting of terms, calls included, and of formulas: what the stack holds.
const HIGHEST: usize = 300;
/// Most terms looked at in one script.
const MOST: usize = 1_000_000;

/// The state of checking one script: files, findings so far, and what guards against endless definitions.
#[derive(Debug)]
pub struct Checker<'a> {
    /// All files.
    pub modules: &'a Modules,
    /// Findings so far.
    pub found: Vec<Diagnostic>,
    /// Draws of the `~` line being read.
    pub draws: Draws,
    /// Claims `law recovers system` of the condition being read: symbol, distillation, system.
    pub recoveries: Vec<(Name, Name, Item<'a>)>,
    /// Calls of unknown functions in the template being read, those in arguments first: symbol, function, arguments.
    pub opened: Vec<(Name, Name, Vec<Expr>)>,
    /// Unknown constants of the template being read that have a value for each group, with the column of groups.
    pub grouped: BTreeMap<Name, Name>,
    /// Constants that were evaluated.
    constants: BTreeMap<(usize, usize), Value<'a>>,
    /// What functions of the prompt left to tell.
    pub remarks: Remarks,
    /// Constants being evaluated.
    active: Vec<(usize, usize)>,
    /// Functions being put in place.
    pub depth: usize,
    /// Units that follow from values where none is written.
    pub inferred: Vec<(Span, String)>,
    /// Keys that no block has: a formula that uses one as a name is told once.
    pub strays: BTreeSet<String>,
    /// Circles of definitions that were told.
    circles: BTreeSet<Vec<(usize, usize)>>,
    /// Terms looked at.
    steps: usize,
    /// Terms being looked at, each within the one before.
    level: usize,
}

impl<'a> Checker<'a> {
    /// A checker of these files with nothing found yet.
    pub fn new(modules: &'a Modules) -> Checker<'a> {
        Checker {
            modules,
            found: vec![],
            draws: vec![],
            recoveries: vec![],
            opened: vec![],
            grouped: BTreeMap::new(),
            constants: BTreeMap::new(),
            remarks: Remarks::default(),
            active: vec![],
            depth: 0,
            inferred: vec![],
            strays: BTreeSet::new(),
            circles: BTreeSet::new(),
            steps: 0,
            level: 0,
        }
    }

    /// Reports a finding.
    pub fn report(&mut self, finding: Diagnostic) {
        self.found.push(finding);
    }

    /// Reports a finding and gives the silent value.
    pub fn fail(&mut self, finding: Diagnostic) -> Value<'a> {
        self.found.push(finding);
        Value::Unknown
    }

    /// Notes the unit that a value gives to a name.
    pub fn infer(&mut self, name: Span, value: &Value<'a>) {
        let dimension = match value {
            Value::Scalar(q) => q.dimension,
            Value::Vector(parts) => parts.iter().find_map(|q| q.dimension),
            _ => None,
        };
        if let Some(dimension) = dimension.filter(|dimension| !dimension.is_none()) {
            self.inferred.push((name, dimension.to_string()));
        }
    }

    /// The value of a term.
    pub fn eval(&mut self, term: &'a Term, scope: &Scope<'a>) -> Value<'a> {
        self.steps += 1;
        if self.steps > MOST {
            if self.steps == MOST + 1 {
                let finding = Diagnostic::new("E0221", "this script has more than a million terms to look at");
                let finding = finding.at(term.span, "nothing is checked from here on");
                self.found
                    .push(finding.help("say less in one script, or put what is used often into a shorter definition"));
            }
            return Value::Unknown;
        }
        if self.level >= HIGHEST {
            return self.fail(too_large(term.span));
        }
        self.level += 1;
        let value = self.eval_kind(term, scope);
        self.level -= 1;
        let bounded = |q: &Quantity| q.size <= LARGEST && q.depth <= HIGHEST;
        let fine = match &value {
            Value::Scalar(quantity) => bounded(quantity),
            Value::Vector(parts) => parts.iter().all(bounded),
            _ => true,
        };
        if fine { value } else { self.fail(too_large(term.span)) }
    }

    fn eval_kind(&mut self, term: &'a Term, scope: &Scope<'a>) -> Value<'a> {
        match &term.kind {
            TermKind::Error => Value::Unknown,
            TermKind::Group(inner) => self.eval(inner, scope),
            // A header that is no name, or one that something else is called.
            TermKind::Text(text) if matches!(scope.place, Place::Columns) => {
                Value::Scalar(Quantity { dimension: None, ..Quantity::pure(Expr::symbol(text.as_str())) })
            }
            TermKind::Text(text) => Value::Text(text),
            TermKind::Bool(value) => Value::number(f64::from(u8::from(*value))),
            TermKind::Number { value, unit, .. } => match unit.as_ref().map(units::unit) {
                None if *value == 0.0 => Value::Scalar(Quantity::zero()),
                None => Value::number(*value),
                Some(Ok(unit)) => {
                    self.shadowed_unit(term, scope);
                    Value::Scalar(Quantity::new(Expr::number(value * unit.factor), unit.dimension))
                }
                Some(Err(finding)) => self.fail(*finding),
            },
            TermKind::Name(name) => self.named(name, term.span, scope),
            TermKind::Member(head, name) => {
                if let Some(finding) = self.foreign_prefix(head, name, scope) {
                    return self.fail(finding);
                }
                let head = self.eval(head, scope);
                self.member(head, name, scope)
            }
            TermKind::Index(head, index) => self.index(head, index, scope),
            TermKind::Call(callee, arguments) => self.call(term, callee, arguments, scope),
            TermKind::Unary(op, inner) => {
                let value = self.eval(inner, scope);
                match op {
                    Unary::Plus => value,
                    Unary::Minus => {
                        self.each(value, inner.span, |q| Quantity::made(-q.expr.clone(), q.dimension, 1, [&q]))
                    }
                    Unary::Not => self.operator(Op::Not, vec![(value, inner.span)], term.span),
                }
            }
            TermKind::Binary(Binary::Recovers, law, system) => self.recovers(law, system, scope),
            TermKind::Binary(Binary::Range, ..) => {
                let finding = Diagnostic::new("E0206", "a range has no meaning here").at(term.span, "");
                self.fail(finding.help("a list is written out: `3, 4, 5`"))
            }
            TermKind::Binary(op, left, right) => {
                let (a, b) = (self.eval(left, scope), self.eval(right, scope));
                self.binary(*op, (a, left.span), (b, right.span), term.span)
            }
            TermKind::If(condition, then, other) => {
                let condition = (self.eval(condition, scope), condition.span);
                let (a, b) = ((self.eval(then, scope), then.span), (self.eval(other, scope), other.span));
                self.choice(condition, a, b, term.span)
            }
            TermKind::Where(body, bindings) => {
                let mut inner = scope.clone();
                for (name, value) in bindings {
                    let value = self.eval(value, &inner);
                    inner = inner.with([(name.text.clone(), value)]);
                }
                self.eval(body, &inner)
            }
            TermKind::Pipe(head, path, arguments) if matches!(scope.place, Place::Prompt) => {
                self.pipe(head, path, arguments.as_deref().unwrap_or(&[]), term.span, scope)
            }
            TermKind::Pipe(..) => self.fail(
                Diagnostic::new("E0222", "`|>` works at the prompt, not in a file")
                    .at(term.span, "")
                    .help("write the expression itself"),
            ),
        }
    }

    /// What a name stands for.
    pub(super) fn named(&mut self, name: &str, span: Span, scope: &Scope<'a>) -> Value<'a> {
        if let Some(value) = self.place_name(name, scope) {
            return value;
        }
        if let Some(value) = scope.locals.get(name) {
            return value.clone();
        }
        if let Some(target) = self.modules.list[scope.module].names.get(name) {
            let value = self.target(*target, scope);
            // A block is no number: beside headers its name means a column.
            if !matches!((&scope.place, &value), (Place::Columns, Value::Item(_) | Value::Module(_))) {
                return value;
            }
        }
        match name {
            "pi" | "π" => return Value::number(std::f64::consts::PI),
            // The root of the library: `std.priors.none` works without `use`.
            "std" => return Value::Module(usize::MAX),
            _ => {}
        }
        if matches!(scope.place, Place::Prompt)
            && name.strip_prefix('_').is_some_and(|n| n.chars().all(|c| c.is_ascii_digit()))
        {
            return self.fail(Diagnostic::new("E0201", format!("there is no result `{name}` yet")).at(span, ""));
        }
        let symbol = matches!(scope.place, Place::Prompt) && (!is_builtin(name) || name == symbols::DISTANCE);
        if symbol || matches!(scope.place, Place::Columns) {
            return Value::Scalar(Quantity { dimension: None, ..Quantity::pure(Expr::symbol(name)) });
        }
        self.unknown_name(name, span, scope)
    }

    /// Names that only the place gives a meaning.
    pub fn place_name(&mut self, name: &str, scope: &Scope<'a>) -> Option<Value<'a>> {
        match &scope.place {
            Place::Law(_) | Place::Draw if name == "particles" => {
                Some(Value::Scalar(Quantity::pure(Expr::symbol("particles"))))
            }
            Place::Law(frame) if name == "space" => Some(Value::number(frame.space as f64)),
            Place::Draw if name == "i" => Some(Value::Body("i")),
            Place::Pattern if name == "_" => Some(Value::Scalar(Quantity::pure(Expr::symbol("_")))),
            Place::Pattern if name == symbols::DISTANCE => {
                Some(Value::Scalar(Quantity::pure(Expr::symbol(symbols::DISTANCE))))
            }
            Place::Pattern if name == "i" => Some(Value::Body("i")),
            Place::Pattern if name == "j" => Some(Value::Body("j")),
            _ => None,
        }
    }

    /// The value of a top-level item.
    fn target(&mut self, target: Target, scope: &Scope<'a>) -> Value<'a> {
        let Target::Item(module, index) = target else {
            let Target::Module(module) = target else { return Value::Unknown };
            return Value::Module(module);
        };
        let modules = self.modules;
        match modules.item(module, index) {
            Some(Named::Block(block)) => match (&scope.place, block.kind.text.as_str()) {
                (Place::Results, "train") => Value::Result("train", block.name.text.as_str().into(), String::new()),
                (Place::Results, "distill") => Value::Result("distill", block.name.text.as_str().into(), String::new()),
                _ => Value::Item(self.bind(module, block, &[], &Rc::default(), None)),
            },
            Some(Named::Definition(definition)) if definition.params.is_some() => Value::Function(module, definition),
            Some(Named::Definition(definition)) => {
                let value = self.constant(module, index, definition, &scope.place);
                self.with_unit(value, definition.unit.as_ref(), definition.value.span)
            }
            None => Value::Unknown,
        }
    }

    /// The value of a constant as written, without its unit; found once.
    pub fn constant(&mut self, module: usize, index: usize, definition: &'a Definition, place: &Place) -> Value<'a> {
        if let Some(known) = self.constants.get(&(module, index)) {
            return known.clone();
        }
        if let Some(first) = self.active.iter().position(|active| *active == (module, index)) {
            self.circle(first);
            return Value::Unknown;
        }
        self.active.push((module, index));
        let mut scope = Scope::constant(module, Rc::default());
        if matches!(place, Place::Prompt) {
            scope = scope.at(Place::Prompt);
        }
        let value = self.eval(&definition.value, &scope);
        self.active.pop();
        self.constants.insert((module, index), value.clone());
        value
    }

    /// Tells a circle of definitions, once: the active ones from `first` on, the last of which needs the first.
    fn circle(&mut self, first: usize) {
        let circle = self.active[first..].to_vec();
        let mut members = circle.clone();
        members.sort_unstable();
        if !self.circles.insert(members) {
            return;
        }
        let modules = self.modules;
        let names: Vec<&Ident> =
            circle.iter().filter_map(|(module, index)| modules.item(*module, *index)).map(Named::name).collect();
        let [own, others @ ..] = names.as_slice() else { return };
        let headline = match others {
            [] => format!("`{}` is defined by itself", own.text),
            [other] => format!("`{}` and `{}` are defined by each other", own.text, other.text),
            _ => format!("`{}` is defined by itself, over {} others", own.text, others.len()),
        };
        let mut finding = Diagnostic::new("E0210", headline);
        for (position, name) in names.iter().enumerate() {
            let next = names.get(position + 1).unwrap_or(own);
            finding = finding.at(name.span, format!("needs `{}`", next.text));
        }
        self.report(finding.help("give one of them a value of its own"));
    }

    /// A value where a unit is declared: a pure number takes it.
    pub fn with_unit(&mut self, value: Value<'a>, unit: Option<&super::tree::UnitTerm>, span: Span) -> Value<'a> {
        let Some(term) = unit else { return value };
        let unit = match units::unit(term) {
            Ok(unit) => unit,
            Err(finding) => return self.fail(*finding),
        };
        let mut wrong = None;
        let result = self.each(value, span, |q| match q.dimension {
            Some(own) if own == unit.dimension && !own.is_none() => q,
            Some(own) if !own.is_none() => {
                wrong = Some(own);
                q
            }
            _ => {
                let expr = q.expr.clone() * Expr::number(unit.factor);
                Quantity::made(expr, Some(unit.dimension), usize::from(unit.factor != 1.0), [&q])
            }
        });
        match wrong {
            Some(own) => self.fail(
                Diagnostic::new("E0302", format!("this is in {own}, but declared in {}", unit.dimension))
                    .at(span, format!("in {own}"))
                    .at(term.span, format!("in {}", unit.dimension))
                    .help(format!("it lacks a factor in {}", unit.dimension.over(own))),
            ),
            None => result,
        }
    }

    /// The member of a value: a component, an attribute of a body, an item of a module, a part of a result.
    fn member(&mut self, head: Value<'a>, name: &'a Ident, scope: &Scope<'a>) -> Value<'a> {
        match head {
            Value::Unknown => Value::Unknown,
            Value::Module(usize::MAX) => match library_module(self.modules, name, &mut self.found) {
                Some(module) => Value::Module(module),
                None => Value::Unknown,
            },
            Value::Module(module) => match member(self.modules, module, name, &mut self.found) {
                Some(target) => self.target(target, scope),
                None => Value::Unknown,
            },
            Value::Vector(parts) => match symbols::COMPONENTS[..parts.len()].iter().position(|c| *c == name.text) {
                Some(k) => Value::Scalar(parts[k].clone()),
                None => self.fail(
                    Diagnostic::new("E0213", format!("a vector of {} components has no `.{}`", parts.len(), name.text))
                        .at(name.span, "")
                        .help(format!("it has {}", help::listed(symbols::COMPONENTS[..parts.len()].iter().copied()))),
                ),
            },
            Value::Body(who) => self.attribute(who, name, scope),
            Value::Result(kind, stage, path) if path.is_empty() => Value::Result(kind, stage, name.text.clone()),
            Value::Result(kind, stage, path) => Value::Result(kind, stage, format!("{path}.{}", name.text)),
            Value::Answer(answer) => match &*answer {
                Answer::Fields(fields) => match fields.get(&name.text) {
                    Some(part) => value_of(part),
                    None => self.fail(
                        Diagnostic::new("E0213", format!("there is no `.{}`", name.text))
                            .at(name.span, "")
                            .help(help::mend(&name.text, fields.keys().map(String::as_str))),
                    ),
                },
                other => {
                    let other = other.to_string();
                    self.fail(Diagnostic::new("E0213", format!("`{other}` has no `.{}`", name.text)).at(name.span, ""))
                }
            },
            // `i.mass` of a law is a symbol at the prompt.
            Value::Scalar(q) if matches!(scope.place, Place::Prompt) && q.expr.as_symbol().is_some() => {
                let symbol = Expr::symbol(format!("{}.{}", q.expr, name.text));
                Value::Scalar(Quantity { dimension: None, ..Quantity::pure(symbol) })
            }
            other => {
                let what = other.what();
                self.fail(Diagnostic::new("E0213", format!("{what} has no `.{}`", name.text)).at(name.span, ""))
            }
        }
    }

    /// `i.mass`, `j.position`, `i.index`.
    fn attribute(&mut self, who: &'static str, name: &Ident, scope: &Scope<'a>) -> Value<'a> {
        let symbol = |name: &str| Expr::symbol(symbols::attribute(who, name));
        let vector = |name: &str, space: usize, dimension| {
            let part = |k| Quantity::new(Expr::symbol(symbols::component(who, name, k)), dimension);
            Value::Vector((0..space).map(part).collect())
        };
        match (&scope.place, name.text.as_str()) {
            (Place::Draw, "index") | (Place::Law(_), "index") => Value::Scalar(Quantity::pure(symbol("index"))),
            (Place::Draw, other) => self.fail(
                Diagnostic::new("E0213", format!("`i.{other}` is not known while bodies are drawn"))
                    .at(name.span, "")
                    .help("a draw may use `i.index` and `particles`"),
            ),
            (Place::Pattern, attribute) => Value::Scalar(Quantity::pure(symbol(attribute))),
            (Place::Law(frame), "position") => vector("position", frame.space, frame.position),
            (Place::Law(frame), "velocity") => vector("velocity", frame.space, frame.velocity),
            (Place::Law(frame), attribute) => match frame.attributes.get(attribute) {
                Some(dimension) => Value::Scalar(Quantity::new(symbol(attribute), *dimension)),
                // Without `mass`, masses are 1.
                None if attribute == "mass" => Value::number(1.0),
                None => {
                    let mut all: Vec<&str> = frame.attributes.keys().map(String::as_str).collect();
                    all.extend(["position", "velocity", "index", "mass"]);
                    let mut finding = Diagnostic::new("E0213", format!("bodies of this system have no `{attribute}`"))
                        .at(name.span, "not drawn in the system")
                        .help(match help::nearest(attribute, all.iter().copied()) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!("draw it: `{attribute} ~ normal(0, 1)`"),
                        });
                    if let Some(near) = help::nearest(attribute, all.iter().copied()) {
                        finding = finding.fix(format!("write `{near}`"), name.span, near);
                    }
                    self.fail(finding)
                }
            },
            (Place::Constant | Place::Results | Place::Columns | Place::Prompt, _) => {
                self.fail(Diagnostic::new("E0220", "a body is known in a law only").at(name.span, ""))
            }
        }
    }

    fn index(&mut self, head: &'a Term, index: &'a Term, scope: &Scope<'a>) -> Value<'a> {
        if let TermKind::Name(name) = &head.kind
            && let Some(group) = self.grouped.get(name.as_str())
        {
            let group = group.clone();
            if path(index).as_deref() == Some(group.as_str()) {
                return self.eval(head, scope);
            }
            let finding = Diagnostic::new("E0206", format!("`{name}` has a value for each `{group}`"));
            return self.fail(finding.at(index.span, "not that").help(format!("write `{name}[{group}]`")));
        }
        if let Some(finding) = self.bracketed_call(head, index, scope) {
            return self.fail(finding);
        }
        let (value, place) = (self.eval(head, scope), self.eval(index, scope));
        match (value, place) {
            (Value::Unknown, _) | (_, Value::Unknown) => Value::Unknown,
            (Value::Answer(answer), Value::Scalar(q)) => match (*answer, q.expr.as_number()) {
                (Answer::List(parts), Some(k)) if k >= 1.0 && k <= parts.len() as f64 && k.fract() == 0.0 => {
                    let part = parts[k as usize - 1].clone();
                    Value::Scalar(Quantity { dimension: None, ..Quantity::pure(part) })
                }
                (Answer::List(parts), _) => self.fail(
                    Diagnostic::new("E0207", format!("this list is numbered from 1 to {}", parts.len()))
                        .at(index.span, ""),
                ),
                _ => self.fail(Diagnostic::new("E0206", "this has no parts by number").at(head.span, "")),
            },
            (Value::Vector(parts), Value::Scalar(q)) => match q.expr.as_number() {
                Some(k) if k >= 1.0 && k <= parts.len() as f64 && k.fract() == 0.0 => {
                    Value::Scalar(parts[k as usize - 1].clone())
                }
                _ => self.fail(
                    Diagnostic::new("E0207", format!("components are numbered from 1 to {}", parts.len()))
                        .at(index.span, ""),
                ),
            },
            (other, _) => {
                let what = other.what();
                self.fail(Diagnostic::new("E0206", format!("{what} has no parts by number")).at(head.span, ""))
            }
        }
    }
}

fn too_large(span: Span) -> Diagnostic {
    Diagnostic::new("E0221", "this becomes a formula of thousands of nodes, or of hundreds within each other")
        .at(span, "functions within functions grow quickly")
        .help("shorten the definitions it is made of")
}
