//! Every name of a script with what it stands for: where it is bound, or what of the language or the library it is.

use crate::base::Span;
use crate::language::builtin::is_builtin;
use crate::language::resolve::{Modules, Named, Target};
use crate::language::schema::{self, Extra, Kind, Shape};
use crate::language::tree::{
    Argument, Block, Definition, Entry, Field, Ident, Item, Param, Term, TermKind, UnitTerm, UseSource,
};
use std::collections::BTreeMap;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// Something that this script binds, by the place where it does.
    Own(Span),
    /// An item of another file: its module and its place in the list of items.
    Elsewhere(usize, usize),
    /// A module.
    Module(usize),
    /// A kind of block.
    Kind(&'static str),
    /// A field of a kind of block.
    Field(&'static str, &'static str),
    /// A word that a field may be.
    Value(&'static str, &'static str, String),
    /// A function of the language.
    Function(String),
    /// A result of a stage of this kind.
    Result(&'static str, String),
    /// A unit.
    Unit(String),
}

/// A name at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Its place.
    pub span: Span,
    /// What it stands for.
    pub meaning: Meaning,
}

/// All names of the main script that stand for something, by place.
pub fn occurrences(modules: &Modules) -> Vec<Occurrence> {
    let mut walk = Walk { modules, scopes: vec![], attributes: BTreeMap::new(), found: vec![] };
    for item in &modules.list[0].script.items {
        walk.item(item);
    }
    walk.found.sort_by_key(|occurrence| occurrence.span);
    walk.found.dedup();
    walk.found
}

/// What a name is bound to in a scope, and whether it is a body of a law.
type Bound = (Meaning, bool);

struct Walk<'m> {
    modules: &'m Modules,
    scopes: Vec<BTreeMap<String, Bound>>,
    /// Attributes of the system around.
    attributes: BTreeMap<String, Span>,
    found: Vec<Occurrence>,
}

impl<'m> Walk<'m> {
    fn add(&mut self, span: Span, meaning: Meaning) {
        self.found.push(Occurrence { span, meaning });
    }

    fn bind(&mut self, ident: &Ident, body: bool) {
        self.add(ident.span, Meaning::Own(ident.span));
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(ident.text.clone(), (Meaning::Own(ident.span), body));
        }
    }

    fn bound(&self, name: &str) -> Option<&Bound> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    fn meaning(&self, target: Target) -> Option<Meaning> {
        match target {
            Target::Item(0, index) => self.modules.item(0, index).map(|item| Meaning::Own(item.name().span)),
            Target::Item(module, index) => Some(Meaning::Elsewhere(module, index)),
            Target::Module(module) => Some(Meaning::Module(module)),
        }
    }

    fn look_up(&self, name: &str) -> Option<Meaning> {
        if let Some((meaning, _)) = self.bound(name) {
            return Some(meaning.clone());
        }
        match self.modules.list[0].names.get(name) {
            Some(target) => self.meaning(*target),
            None if is_builtin(name) || ["pi", "particles", "space"].contains(&name) => {
                Some(Meaning::Function(name.into()))
            }
            None => None,
        }
    }

    fn name(&mut self, name: &str, span: Span) {
        if let Some(meaning) = self.look_up(name) {
            self.add(span, meaning);
        }
    }

    fn item(&mut self, item: &'m Item) {
        match item {
            Item::Use(item) => {
                if let UseSource::Path(path) = &item.source {
                    self.path(path);
                }
                item.names.iter().for_each(|name| self.name(&name.text, name.span));
            }
            Item::Expect(expect) => self.term(&expect.condition),
            Item::Block(block) => self.block(block),
            Item::Definition(definition) => {
                self.add(definition.name.span, Meaning::Own(definition.name.span));
                self.scopes.push(BTreeMap::new());
                self.function(definition, false);
                self.scopes.pop();
            }
        }
    }

    /// `std.systems.spring`: each part that stands for something.
    fn path(&mut self, path: &[Ident]) -> Option<Meaning> {
        let (root, rest) = path.split_first()?;
        if root.text != "std" {
            return None;
        }
        let mut meaning = None;
        for ident in rest {
            meaning = match meaning {
                None => self.modules.library.get(ident.text.as_str()).map(|module| Meaning::Module(*module)),
                Some(Meaning::Module(module)) => {
                    self.modules.list[module].names.get(&ident.text).and_then(|target| self.meaning(*target))
                }
                _ => None,
            };
            self.add(ident.span, meaning.clone()?);
        }
        meaning
    }

    /// Parameters, unit and value of a definition, within a scope of its own.
    fn function(&mut self, definition: &'m Definition, bodies: bool) {
        self.params(definition.params.as_deref().unwrap_or(&[]), bodies);
        self.unit(definition.unit.as_ref());
        self.term(&definition.value);
    }

    fn params(&mut self, params: &'m [Param], bodies: bool) {
        for param in params {
            param.default.iter().for_each(|default| self.term(default));
            self.unit(param.unit.as_ref());
            self.bind(&param.name, bodies);
        }
    }

    fn unit(&mut self, unit: Option<&UnitTerm>) {
        for (atom, _) in unit.iter().flat_map(|unit| &unit.atoms) {
            self.add(atom.span, Meaning::Unit(atom.text.clone()));
        }
    }

    fn block(&mut self, block: &'m Block) {
        let kind = schema::kind(&block.kind.text);
        if let Some(kind) = kind {
            self.add(block.kind.span, Meaning::Kind(kind.name));
        }
        if block.name.span != block.kind.span {
            self.add(block.name.span, Meaning::Own(block.name.span));
        }
        self.scopes.push(BTreeMap::new());
        self.params(&block.params, false);
        let outer = std::mem::take(&mut self.attributes);
        self.bind_entries(block);
        for entry in &block.entries {
            self.entry(kind, entry);
        }
        self.attributes = outer;
        self.scopes.pop();
    }

    /// Names that hold in the whole block, whatever the order.
    fn bind_entries(&mut self, block: &'m Block) {
        let experiment = block.entries.iter().find_map(|entry| match entry {
            Entry::Field(field) if field.key.text == "of" && block.kind.text == "sweep" => field.values.first(),
            _ => None,
        });
        let experiment =
            experiment.and_then(|term| if let TermKind::Name(name) = &term.kind { Some(name) } else { None });
        let experiment = experiment.and_then(|name| match self.modules.list[0].names.get(name)? {
            Target::Item(0, index) => self.modules.item(0, *index),
            _ => None,
        });
        let mut names: Vec<(String, Span)> = vec![];
        if let Some(Named::Block(of)) = experiment {
            names.extend(of.params.iter().map(|param| (param.name.text.clone(), param.name.span)));
            let inner =
                of.entries.iter().filter_map(|entry| if let Entry::Block(inner) = entry { Some(inner) } else { None });
            names.extend(inner.map(|inner| (inner.name.text.clone(), inner.name.span)));
        }
        for entry in &block.entries {
            match entry {
                Entry::Block(inner) => names.push((inner.name.text.clone(), inner.name.span)),
                Entry::Draw(draw) => {
                    self.attributes.insert(draw.name.text.clone(), draw.name.span);
                }
                _ => {}
            }
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.extend(names.into_iter().map(|(name, span)| (name, (Meaning::Own(span), false))));
        }
    }

    fn entry(&mut self, kind: Option<&'static Kind>, entry: &'m Entry) {
        match entry {
            Entry::Block(block) => self.block(block),
            Entry::Expect(expect) => self.term(&expect.condition),
            Entry::Allow(allow) => {
                for symbol in &allow.symbols {
                    self.add(symbol.span, Meaning::Function(symbol.text.clone()));
                }
            }
            Entry::AllowDefinition(definition, _) => {
                self.add(definition.name.span, Meaning::Own(definition.name.span));
                self.scopes.push(BTreeMap::new());
                self.function(definition, false);
                self.scopes.pop();
            }
            Entry::Never(patterns, _) => patterns.iter().for_each(|pattern| self.term(pattern)),
            Entry::Column(column) => {
                self.add(column.key.span, Meaning::Own(column.key.span));
                self.unit(column.unit.as_ref());
            }
            Entry::Grid(grid) => {
                self.name(&grid.key.text, grid.key.span);
                grid.values.iter().for_each(|value| self.term(value));
            }
            Entry::Draw(draw) => {
                self.add(draw.name.span, Meaning::Own(draw.name.span));
                self.unit(draw.unit.as_ref());
                self.term(&draw.value);
            }
            Entry::Definition(law) => {
                let known = kind.iter().flat_map(|kind| kind.entries.iter().map(|extra| (kind.name, extra)));
                let meaning = known.into_iter().find_map(|(kind, extra)| match extra {
                    Extra::Definition(name, _) if *name == law.name.text => Some(Meaning::Field(kind, name)),
                    _ => None,
                });
                if let Some(meaning) = meaning {
                    self.add(law.name.span, meaning);
                }
                self.scopes.push(BTreeMap::new());
                self.function(law, true);
                self.scopes.pop();
            }
            Entry::Field(field) => self.field(kind, field),
        }
    }

    fn field(&mut self, kind: Option<&'static Kind>, field: &'m Field) {
        let row = kind.and_then(|kind| Some((kind, kind.field(&field.key.text)?)));
        let Some((kind, row)) = row else {
            field.values.iter().for_each(|value| self.term(value));
            return;
        };
        self.add(field.key.span, Meaning::Field(kind.name, row.key));
        for value in &field.values {
            let words: Vec<&str> = match row.shape {
                Shape::Form(forms) => forms.iter().map(|form| form.name).collect(),
                Shape::Words(words) => words.to_vec(),
                _ => vec![],
            };
            let (word, arguments): (&Term, &[Argument]) = match &value.kind {
                TermKind::Call(callee, arguments) => (callee, arguments),
                _ => (value, &[]),
            };
            match &word.kind {
                TermKind::Name(name) if words.contains(&name.as_str()) && self.bound(name).is_none() => {
                    self.add(word.span, Meaning::Value(kind.name, row.key, name.clone()));
                    arguments.iter().for_each(|argument| self.term(&argument.value));
                }
                _ => self.term(value),
            }
        }
    }

    fn term(&mut self, term: &'m Term) {
        match &term.kind {
            TermKind::Number { unit, .. } => self.unit(unit.as_ref()),
            TermKind::Text(_) | TermKind::Bool(_) | TermKind::Error => {}
            TermKind::Name(name) => self.name(name, term.span),
            TermKind::Member(..) => self.member(term),
            TermKind::Index(head, index) => {
                self.term(head);
                self.term(index);
            }
            TermKind::Call(callee, arguments) => self.call(callee, arguments),
            TermKind::Unary(_, inner) | TermKind::Group(inner) => self.term(inner),
            TermKind::Binary(_, left, right) => {
                self.term(left);
                self.term(right);
            }
            TermKind::If(condition, then, other) => {
                self.term(condition);
                self.term(then);
                self.term(other);
            }
            TermKind::Where(body, bindings) => {
                self.scopes.push(BTreeMap::new());
                for (name, value) in bindings {
                    self.term(value);
                    self.bind(name, false);
                }
                self.term(body);
                self.scopes.pop();
            }
            TermKind::Pipe(head, _, arguments) => {
                self.term(head);
                arguments.iter().flatten().for_each(|argument| self.term(&argument.value));
            }
        }
    }

    /// `i.mass`, `fit.test.mae`, `std.systems.spring`.
    fn member(&mut self, term: &'m Term) {
        let mut parts: Vec<&Ident> = vec![];
        let mut head = term;
        while let TermKind::Member(inner, name) = &head.kind {
            parts.push(name);
            head = inner;
        }
        parts.reverse();
        let TermKind::Name(root) = &head.kind else { return self.term(head) };
        if root == "std" && self.look_up(root).is_none() {
            let mut path = vec![Ident { text: root.clone(), span: head.span }];
            path.extend(parts.into_iter().cloned());
            self.path(&path);
            return;
        }
        self.name(root, head.span);
        if let Some((_, true)) = self.bound(root) {
            let attribute = parts.first().and_then(|part| Some((part.span, *self.attributes.get(&part.text)?)));
            if let Some((span, bound)) = attribute {
                self.add(span, Meaning::Own(bound));
            }
            return;
        }
        let stage = match self.look_up(root) {
            Some(Meaning::Own(place)) => stage_at(&self.modules.list[0].script.items, place),
            _ => None,
        };
        if let (Some(kind), Some(first), Some(last)) = (stage, parts.first(), parts.last()) {
            let path: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
            self.add(first.span.to(last.span), Meaning::Result(kind, path.join(".")));
        }
    }

    fn call(&mut self, callee: &'m Term, arguments: &'m [Argument]) {
        self.term(callee);
        let params: Vec<(String, Span)> = match &callee.kind {
            TermKind::Name(name) => match self.modules.list[0].names.get(name) {
                Some(Target::Item(0, index)) => {
                    let params = match self.modules.item(0, *index) {
                        Some(Named::Block(block)) => block.params.as_slice(),
                        Some(Named::Definition(definition)) => definition.params.as_deref().unwrap_or(&[]),
                        None => &[],
                    };
                    params.iter().map(|param| (param.name.text.clone(), param.name.span)).collect()
                }
                _ => vec![],
            },
            _ => vec![],
        };
        for argument in arguments {
            if let Some(name) = &argument.name
                && let Some((_, place)) = params.iter().find(|(param, _)| *param == name.text)
            {
                self.add(name.span, Meaning::Own(*place));
            }
            self.term(&argument.value);
        }
    }
}

/// The kind of the stage whose name stands at this place, blocks within experiments included.
fn stage_at(items: &[Item], place: Span) -> Option<&'static str> {
    fn within(block: &Block, place: Span) -> Option<&'static str> {
        if block.name.span == place {
            return ["train", "distill"].into_iter().find(|kind| *kind == block.kind.text);
        }
        block.entries.iter().find_map(|entry| if let Entry::Block(inner) = entry { within(inner, place) } else { None })
    }
    items.iter().find_map(|item| if let Item::Block(block) = item { within(block, place) } else { None })
}
