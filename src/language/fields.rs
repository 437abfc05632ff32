//! Fields of a block by the schema: closed keys, each once, required ones present, and defaults from the table. Values
//! are read in `read`.

use super::expression::Checker;
use super::foreign;
use super::help;
use super::schema::{self, Default, Extra, Kind};
use super::tree::{Block, Entry, Field, Ident, Term};
use super::units::Dimension;
use super::value::{Item, Scope};
use crate::base::{Diagnostic, SourceId, Span};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The fields that a block gives, each once.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    /// The block's row of the table.
    pub kind: &'static Kind,
    /// The block.
    pub block: &'a Block,
    /// Fields by key.
    given: BTreeMap<&'static str, &'a Field>,
    /// The scope of values.
    pub scope: Scope<'a>,
    /// What the bodies' time and length are measured in.
    pub time: Dimension,
    /// What lengths are measured in.
    pub length: Dimension,
}

impl<'a> Fields<'a> {
    /// Where a field is written.
    pub fn given(&self, key: &str) -> Option<&'a Field> {
        self.given.get(key).copied()
    }

    /// The place of a field's value, or of the block's name.
    pub fn span(&self, key: &str) -> Span {
        match self.given(key).and_then(|field| field.values.first().zip(field.values.last())) {
            Some((first, last)) => first.span.to(last.span),
            None => self.block.name.span,
        }
    }
}

/// The values of a default, parsed once.
pub fn default_terms(kind: &'static Kind, key: &str) -> &'static [Term] {
    static TABLE: OnceLock<BTreeMap<(&'static str, &'static str), Vec<Term>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let fields = schema::KINDS.iter().flat_map(|kind| kind.fields.iter().map(move |field| (kind, field)));
        fields
            .filter_map(|(kind, field)| match field.default {
                Default::Is(text) => {
                    Some(((kind.name, field.key), terms(SourceId(u32::MAX), text, 0).unwrap_or_default()))
                }
                _ => None,
            })
            .collect()
    });
    kind.field(key).and_then(|field| table.get(&(kind.name, field.key))).map_or(&[], Vec::as_slice)
}

/// The values that a text gives as it would stand after `key =`; their places begin at `start` of the source.
pub fn terms(source: SourceId, text: &str, start: usize) -> Result<Vec<Term>, Vec<Diagnostic>> {
    // Blanks and a head of the right length put every token at its place.
    const HEAD: &str = "data x{k=";
    let (blanks, head) = if start >= HEAD.len() { (start - HEAD.len(), HEAD) } else { (0, HEAD) };
    let (script, found) = super::parse(source, &format!("{}{head}{text}\n}}\n", " ".repeat(blanks)));
    if found.iter().any(Diagnostic::is_error) {
        return Err(found);
    }
    let wrong = || vec![Diagnostic::new("E0219", format!("`{text}` is no value of a field"))];
    let mut items = script.items.into_iter();
    match (items.next(), items.next()) {
        (Some(super::tree::Item::Block(block)), None) => match block.entries.as_slice() {
            [Entry::Field(field)] => Ok(field.values.clone()),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

impl<'a> Checker<'a> {
    /// The fields of an item; unknown and repeated keys are reported, and entries that do not belong there.
    pub fn fields(&mut self, item: &Item<'a>) -> Option<Fields<'a>> {
        let block = item.block;
        let kind = schema::kind(&block.kind.text)?;
        let mut given: BTreeMap<&'static str, &'a Field> = BTreeMap::new();
        for entry in &block.entries {
            match entry {
                Entry::Field(field) => match kind.field(&field.key.text) {
                    Some(row) => match given.get(row.key) {
                        Some(before) => self.report(set_twice(&field.key, before.key.span)),
                        None => {
                            given.insert(row.key, field);
                        }
                    },
                    None => self.unknown_key(kind, field),
                },
                other => self.entry(kind, other),
            }
        }
        let readable = !self.modules.is_unreadable(block);
        for field in kind.fields.iter().filter(|_| readable) {
            if let (Default::Required(example), None) = (field.default, given.get(field.key)) {
                self.report(
                    Diagnostic::new("E0208", format!("{} `{}` needs `{}`", kind.name, block.name.text, field.key))
                        .at(block.name.span, format!("`{}` is missing", field.key))
                        .note(format!("`{}`: {}", field.key, field.doc))
                        .help(format!("add `{example}`")),
                );
            }
        }
        let scope = Scope::constant(item.module, item.locals.clone());
        Some(Fields { kind, block, given, scope, time: Dimension::NONE, length: Dimension::NONE })
    }

    fn unknown_key(&mut self, kind: &'static Kind, field: &Field) {
        let key = &field.key;
        self.strays.insert(key.text.clone());
        let all = kind.fields.iter().map(|field| field.key);
        if let Some(meant) = foreign::keys(&key.text).find(|meant| kind.field(meant).is_some()) {
            self.report(
                Diagnostic::new("E0204", format!("a `{}` block has no field `{}`", kind.name, key.text))
                    .at(key.span, "unknown field")
                    .help(format!("it is called `{meant}` here"))
                    .fix(format!("write `{meant}`"), key.span, meant),
            );
            return;
        }
        let others: Vec<&str> =
            schema::KINDS.iter().filter(|other| other.field(&key.text).is_some()).map(|other| other.name).collect();
        if !others.is_empty() && help::nearest(&key.text, all.clone()).is_none() {
            self.report(
                Diagnostic::new("E0204", format!("a `{}` block has no field `{}`", kind.name, key.text))
                    .at(key.span, "a field of another block")
                    .help(format!("`{}` belongs to {}", key.text, others.join(", "))),
            );
            return;
        }
        if kind.name == "system"
            && ["position", "velocity", "mass", "charge"].contains(&key.text.as_str())
            && let Some(value) = field.values.first()
        {
            let between = Span::new(key.span.source, key.span.end as usize, value.span.start as usize);
            self.report(
                Diagnostic::new("E0204", format!("`{}` is drawn for every body: `~` in place of `=`", key.text))
                    .at(key.span, "")
                    .note("a plain number after `~` gives every body the same")
                    .fix("write `~`", between, " ~ "),
            );
            return;
        }
        if kind.name == "system" && help::nearest(&key.text, all.clone()).is_none() {
            self.report(
                Diagnostic::new("E0204", format!("a `system` block has no field `{}`", key.text))
                    .at(key.span, "unknown field")
                    .note(format!("its fields are {}", help::listed(all)))
                    .help(format!(
                        "a name in a formula is defined behind it, `where {0} = …`; an attribute is drawn, `{0} ~ …`",
                        key.text
                    )),
            );
            return;
        }
        let mut finding = Diagnostic::new("E0204", format!("a `{}` block has no field `{}`", kind.name, key.text))
            .at(key.span, "unknown field")
            .help(help::mend(&key.text, all.clone().collect::<Vec<_>>()));
        if let Some(near) = help::nearest(&key.text, all) {
            finding = finding.fix(format!("write `{near}`"), key.span, near);
        }
        self.report(finding);
    }

    /// Whether an entry that is no field may stand in a block of this kind.
    fn entry(&mut self, kind: &'static Kind, entry: &'a Entry) {
        let (extra, span, what) = match entry {
            Entry::Draw(draw) => (Extra::Draw, draw.name.span, "a draw with `~`".to_owned()),
            Entry::Allow(allow) => (Extra::Allow, allow.span, "`allow`".into()),
            Entry::AllowDefinition(definition, _) => (Extra::Allow, definition.name.span, "`allow`".into()),
            Entry::Never(_, span) => (Extra::Never, *span, "`never`".into()),
            Entry::Column(field) => (Extra::Column, field.key.span, "`column`".into()),
            Entry::Grid(field) => (Extra::Grid, field.key.span, "a grid with `in`".into()),
            Entry::Expect(expect) => (Extra::Expect, expect.span, "`expect`".into()),
            Entry::Block(block) => {
                let allowed: Vec<&str> = kind
                    .entries
                    .iter()
                    .filter_map(|extra| if let Extra::Block(name) = extra { Some(*name) } else { None })
                    .collect();
                if allowed.is_empty() {
                    self.report(
                        Diagnostic::new("E0202", format!("a {} holds no blocks", kind.name))
                            .at(block.kind.span, "")
                            .help("move it out: blocks stand at the top level"),
                    );
                } else {
                    super::resolve::check_kind(block, &allowed, &mut self.found);
                }
                return;
            }
            Entry::Definition(definition) => {
                self.definition(kind, definition);
                return;
            }
            Entry::Field(_) => return,
        };
        if !kind.entries.contains(&extra) {
            self.report(
                Diagnostic::new("E0204", format!("{what} cannot stand in a {}", kind.name)).at(span, "").help(format!(
                    "a {} has {}",
                    kind.name,
                    help::listed(kind.fields.iter().map(|field| field.key))
                )),
            );
        }
    }

    fn definition(&mut self, kind: &'static Kind, definition: &'a super::tree::Definition) {
        let allowed = || {
            kind.entries.iter().filter_map(|extra| match extra {
                Extra::Definition(name, arity) => Some((*name, *arity)),
                _ => None,
            })
        };
        let count = definition.params.as_ref().map_or(0, Vec::len);
        let name = &definition.name;
        match allowed().find(|(allowed, _)| *allowed == name.text) {
            Some((_, arity)) if arity.contains(&count) => {}
            Some((_, arity)) => {
                let forms: Vec<&str> = arity.iter().map(|count| if *count == 1 { "(i)" } else { "(i, j)" }).collect();
                self.report(
                    Diagnostic::new("E0209", format!("`{}` is of one body or of two, not of {count}", name.text))
                        .at(name.span, "")
                        .help(format!("write `{}{}`", name.text, forms.join(&format!("` or `{}", name.text)))),
                );
            }
            None => {
                let mut all: Vec<&str> = allowed().map(|(name, _)| name).collect();
                let meant = foreign::keys(&name.text).find(|meant| all.contains(meant));
                let near = meant.or_else(|| help::nearest(&name.text, all.clone()));
                all.extend(kind.fields.iter().map(|field| field.key));
                let mut finding =
                    Diagnostic::new("E0204", format!("`{}` cannot be defined in a {}", name.text, kind.name))
                        .at(name.span, "")
                        .help(match near {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "define it outside of the block, or with `where` after the formula".into(),
                        });
                if let Some(near) = near {
                    finding = finding.fix(format!("write `{near}`"), name.span, near);
                }
                self.report(finding);
            }
        }
    }
}

/// The finding that a field is set again.
fn set_twice(key: &Ident, before: Span) -> Diagnostic {
    Diagnostic::new("E0203", format!("`{}` is set twice", key.text))
        .at(key.span, "again here")
        .at(before, "first here")
        .help("delete one of them")
}
