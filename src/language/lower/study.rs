//! The whole script: every item of the main file is checked, outputs and what they need go into the plan.

use super::Lowering;
use crate::base::Diagnostic;
use crate::language::resolve::Named;
use crate::language::tree::{Block, Definition, Entry, Item as TreeItem};
use crate::language::value::{Item, Place, Scope, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

impl<'a> Lowering<'a> {
    /// Checks every item of the main file and fills the plan.
    pub fn script(&mut self) {
        let modules = self.checker.modules;
        let items = &modules.list[0].script.items;
        let blocks = |kinds: &'static [&'static str]| {
            items.iter().filter_map(move |item| match item {
                TreeItem::Block(block) if kinds.contains(&block.kind.text.as_str()) => Some(block),
                _ => None,
            })
        };
        for block in blocks(&["train", "distill"]) {
            let item = self.free(block);
            match block.kind.text.as_str() {
                "train" => self.train(&item),
                _ => self.distill(&item),
            };
        }
        for item in items {
            if let TreeItem::Expect(expect) = item {
                self.expect(expect, 0);
            }
        }
        for block in blocks(&["experiment"]) {
            self.nested(block);
        }
        for block in blocks(&["sweep"]) {
            self.sweep(block);
        }
        let outputs = blocks(&["train", "distill", "sweep", "experiment"]).next().is_some();
        let used: BTreeSet<String> =
            self.used.iter().filter(|(module, _)| *module == 0).map(|(_, name)| name.clone()).collect();
        let is_used = |block: &Block| used.contains(&block.name.text);
        for block in blocks(&["data", "system", "network", "prior", "operators"]) {
            if is_used(block) {
                continue;
            }
            let item = self.free(block);
            match block.kind.text.as_str() {
                "data" => {
                    if let Some(data) = self.data(&item).filter(|_| !outputs && item.complete) {
                        self.add_data(data);
                    }
                }
                "system" => {
                    if let Some(system) = self.system(&item).filter(|_| !outputs && item.complete) {
                        self.plan.systems.insert(system.plan.name.clone(), system.plan.clone());
                    }
                }
                "network" => drop(self.network(&item, None)),
                "prior" => drop(self.prior(&item, None)),
                _ => drop(self.operators(&item)),
            }
            let broken = self.checker.found.iter().any(Diagnostic::is_error);
            if outputs && !broken && !self.named_elsewhere(block) {
                self.checker.report(
                    Diagnostic::new("W0503", format!("{} `{}` is never used", block.kind.text, block.name.text))
                        .at(block.name.span, "")
                        .help("use it in a `train`, `distill` or `expect`, or delete it"),
                );
            }
        }
        for (index, item) in items.iter().enumerate() {
            if let TreeItem::Definition(definition) = item {
                self.definition(index, definition);
            }
        }
    }

    /// A block with its parameters' defaults; those without stay unknown.
    pub(super) fn free(&mut self, block: &'a Block) -> Item<'a> {
        self.checker.bind(0, block, &[], &Rc::default(), None)
    }

    /// Whether an experiment or a sweep speaks of the block: they are not lowered, so their text is asked.
    fn named_elsewhere(&self, block: &Block) -> bool {
        let module = &self.checker.modules.list[0];
        let source = &self.checker.modules.sources[0].text;
        module.script.items.iter().any(|item| match item {
            TreeItem::Block(other) if matches!(other.kind.text.as_str(), "experiment" | "sweep") => {
                let text = &source[other.span.range(source.len())];
                text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == block.name.text)
            }
            _ => false,
        })
    }

    /// A top-level constant or function, with unknown arguments.
    fn definition(&mut self, index: usize, definition: &'a Definition) {
        if definition.params.is_none() {
            let value = self.checker.constant(0, index, definition, &Place::Constant);
            if definition.unit.is_none() {
                self.checker.infer(definition.name.span, &value);
            }
            self.checker.with_unit(value, definition.unit.as_ref(), definition.value.span);
            return;
        }
        let unknown = definition.params.iter().flatten().map(|param| (param.name.text.clone(), Value::Unknown));
        let scope = Scope::constant(0, Rc::default()).with(unknown);
        let value = self.checker.eval(&definition.value, &scope);
        if definition.unit.is_none() {
            self.checker.infer(definition.name.span, &value);
        }
        self.checker.with_unit(value, definition.unit.as_ref(), definition.value.span);
    }

    /// The blocks of an experiment: keys and names, with unknown parameters.
    fn nested(&mut self, block: &'a Block) {
        let outer = self.free(block);
        if self.checker.fields(&outer).is_none() {
            return;
        }
        let mut locals: BTreeMap<String, Value<'a>> = (*outer.locals).clone();
        for entry in &block.entries {
            match entry {
                Entry::Grid(grid) => {
                    locals.insert(grid.key.text.clone(), Value::Unknown);
                }
                Entry::Block(inner) => {
                    locals.insert(inner.name.text.clone(), Value::Unknown);
                }
                _ => {}
            }
        }
        let locals = Rc::new(locals);
        let scope = Scope::constant(0, locals.clone());
        for entry in &block.entries {
            match entry {
                Entry::Block(inner) => {
                    let item = Item {
                        module: 0,
                        block: inner,
                        locals: locals.clone(),
                        name: format!("{}.{}", block.name.text, inner.name.text).into(),
                        complete: false,
                    };
                    match inner.kind.text.as_str() {
                        "data" => drop(self.data(&item)),
                        "network" => drop(self.network(&item, None)),
                        "prior" => drop(self.prior(&item, None)),
                        "operators" => drop(self.operators(&item)),
                        "train" => drop(self.train(&item)),
                        "distill" => drop(self.distill(&item)),
                        _ => {}
                    }
                }
                Entry::Grid(grid) => {
                    for term in &grid.values {
                        self.checker.eval(term, &scope);
                    }
                }
                _ => {}
            }
        }
    }

    /// The seed number that the script defines as `seed = n`.
    pub fn script_seed(&mut self) -> Option<u64> {
        let target = *self.checker.modules.list[0].names.get("seed")?;
        let super::super::resolve::Target::Item(module, index) = target else { return None };
        let Some(Named::Definition(definition)) = self.checker.modules.item(module, index) else { return None };
        let scope = Scope::constant(module, Rc::default());
        let value = self.checker.eval(&definition.value, &scope);
        let number = self.checker.scalar(value, definition.value.span)?.expr.as_number();
        match number {
            Some(seed) if seed >= 0.0 && seed.fract() == 0.0 && seed <= (1u64 << 53) as f64 => Some(seed as u64),
            _ => {
                self.checker.report(
                    Diagnostic::new("E0206", "`seed` is a whole number")
                        .at(definition.value.span, "")
                        .help("`seed = 1`"),
                );
                None
            }
        }
    }
}
