//! Blocks to plan parts, every default filled in. What an output needs is lowered once, under its name with arguments.

mod data;
mod distill;
mod expect;
mod study;
mod sweep;
mod system;
mod table;
mod template;
mod train;

pub use system::Lowered;

use super::expression::Checker;
use super::tree;
use super::value::Item;
use crate::base::{Diagnostic, Name, Seed, Span};
use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What lowering a script leaves.
#[derive(Debug)]
pub struct Lowering<'a> {
    /// Names, values and findings.
    pub checker: Checker<'a>,
    /// The plan so far.
    pub plan: Plan,
    /// Where plan parts come from.
    pub origin: Origin,
    /// Findings that stop a run but not a check: rooms that do not exist yet.
    pub cannot_run: Vec<Diagnostic>,
    /// Systems lowered so far; `None` for one with mistakes.
    systems: BTreeMap<Name, Option<Rc<Lowered>>>,
    /// Systems and networks, with the width of messages, that were compared: sweeps meet them again and again.
    compared: BTreeSet<(Name, Name, usize)>,
    /// Every item that was lowered, so that unused ones can be told.
    used: Vec<(usize, String)>,
}

/// Where the parts of a plan stand in the script: for errors that come while it runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    items: BTreeMap<String, Span>,
    fields: BTreeMap<(String, String), Span>,
    expects: Vec<Span>,
}

impl Origin {
    /// The place of a field of an item (a system, data set, training, distillation …), of the item's name where the
    /// field is not written, or nothing for an item of another making.
    pub fn place(&self, item: &str, field: &str) -> Option<Span> {
        let exact = self.fields.get(&(item.to_owned(), field.to_owned()));
        exact.or_else(|| self.items.get(item)).copied()
    }

    /// The place of the item's name.
    pub fn item(&self, item: &str) -> Option<Span> {
        self.items.get(item).copied()
    }

    /// The place of the `index`-th `expect`.
    pub fn expect(&self, index: usize) -> Option<Span> {
        self.expects.get(index).copied()
    }

    /// Notes where a block and its fields stand.
    fn note(&mut self, name: &str, block: &tree::Block) {
        self.items.insert(name.to_owned(), block.name.span);
        for entry in &block.entries {
            let (key, span) = match entry {
                tree::Entry::Field(field) => (&field.key.text, field.span),
                tree::Entry::Column(column) => (&format!("column {}", column.key.text), column.span),
                tree::Entry::Draw(definition) | tree::Entry::Definition(definition) => {
                    (&definition.name.text, definition.span)
                }
                _ => continue,
            };
            self.fields.entry((name.to_owned(), key.clone())).or_insert(span);
        }
    }
}

impl<'a> Lowering<'a> {
    /// An empty lowering with this seed number.
    pub fn new(checker: Checker<'a>, seed: u64) -> Lowering<'a> {
        Lowering {
            checker,
            plan: Plan { seed, ..Plan::default() },
            origin: Origin::default(),
            cannot_run: vec![],
            systems: BTreeMap::new(),
            compared: BTreeSet::new(),
            used: vec![],
        }
    }

    /// Notes that an item is used and where it stands, and gives its name in the plan: that of the script, with the
    /// file before it where another file has an item of that name too.
    fn name(&mut self, item: &Item<'a>) -> Name {
        let own = self.checker.modules.list[0].names.get(&item.block.name.text);
        let taken =
            item.module != 0 && matches!(own, Some(super::resolve::Target::Item(module, _)) if *module != item.module);
        let name = if taken {
            Name::from(format!("{}:{}", self.checker.modules.sources[item.module].name, item.name))
        } else {
            item.name.clone()
        };
        self.used.push((item.module, item.block.name.text.clone()));
        self.origin.note(&name, item.block);
        name
    }

    /// The seed number of a stage: its own, or one that follows from the script's and the stage's name.
    fn seed(&mut self, fields: &super::fields::Fields<'a>, name: &str) -> u64 {
        self.checker
            .count(fields, "seed")
            .unwrap_or_else(|| Seed::root(self.plan.seed).child(name).stream().bits() >> 11)
    }

    /// Reports something that checks but cannot run yet.
    fn not_yet(&mut self, what: &str, span: Span) {
        self.cannot_run.push(
            Diagnostic::new("E0290", format!("{what} cannot be run by this version yet"))
                .at(span, "")
                .help("`sdl check` and `sdl describe` work; take it out to run the rest"),
        );
    }
}
