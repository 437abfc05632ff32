//! Fields of a block, read by the schema: closed keys, defaults from the table, and values of the right shape. A value
//! of the wrong shape is reported once and its default taken, so that the rest is still checked.

use super::expression::Checker;
use super::help;
use super::schema::{self, Arg, Default, Extra, Form, Kind, Quantity, Shape};
use super::tree::{Argument, Binary, Block, Entry, Field, Ident, Term, TermKind, Unary};
use super::units::Dimension;
use super::value::{Item, Scope, Value};
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

/// A word with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The word.
    pub name: &'static str,
    /// Numbers of its arguments, in the order of the table; repeated arguments follow each other.
    pub numbers: Vec<f64>,
    /// A word among its arguments.
    pub word: &'static str,
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
fn default_terms(kind: &'static Kind, key: &str) -> &'static [Term] {
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
                    None => self.unknown_key(kind, &field.key),
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

    fn unknown_key(&mut self, kind: &'static Kind, key: &Ident) {
        let all = kind.fields.iter().map(|field| field.key);
        let mut finding = Diagnostic::new("E0204", format!("a `{}` block has no field `{}`", kind.name, key.text))
            .at(key.span, "unknown field")
            .help(help::mend(&key.text, all.clone().collect::<Vec<_>>()));
        if let Some(near) = help::nearest(&key.text, all) {
            finding = finding.fix("use it", key.span, near);
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
                    super::resolve::check_kind(block, allowed, &mut self.found);
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
                    Diagnostic::new("E0209", format!("`{}` has a wrong number of arguments", name.text))
                        .at(name.span, format!("{count} here"))
                        .help(format!("write `{}{}`", name.text, forms.join(&format!("` or `{}", name.text)))),
                );
            }
            None => {
                let mut all: Vec<&str> = allowed().map(|(name, _)| name).collect();
                let near = help::nearest(&name.text, all.iter().copied().collect::<Vec<_>>());
                all.extend(kind.fields.iter().map(|field| field.key));
                let mut finding =
                    Diagnostic::new("E0204", format!("`{}` cannot be defined in a {}", name.text, kind.name))
                        .at(name.span, "")
                        .help(match near {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "define it outside of the block, or with `where` after the formula".into(),
                        });
                if let Some(near) = near {
                    finding = finding.fix("use it", name.span, near);
                }
                self.report(finding);
            }
        }
    }

    /// The values of a field, or of its default.
    pub fn values(&self, fields: &Fields<'a>, key: &str) -> &'a [Term] {
        match fields.given(key) {
            Some(field) => &field.values,
            None => default_terms(fields.kind, key),
        }
    }

    /// The one value of a field; a list is reported.
    fn single(&mut self, fields: &Fields<'a>, key: &str) -> Option<&'a Term> {
        match self.values(fields, key) {
            [] => None,
            [one] => Some(one),
            [_, second, ..] => {
                self.report(
                    Diagnostic::new("E0206", format!("`{key}` has one value, not a list"))
                        .at(second.span, "one too many"),
                );
                None
            }
        }
    }

    fn shape(&self, fields: &Fields<'a>, key: &str) -> Shape {
        fields.kind.field(key).expect("lowering asks for fields of the table").shape
    }

    fn read<T>(
        &mut self,
        fields: &Fields<'a>,
        key: &str,
        reader: impl Fn(&mut Checker<'a>, &'a Term, Shape) -> Option<T>,
    ) -> Option<T> {
        let shape = self.shape(fields, key);
        if let Some(term) = self.single(fields, key)
            && let Some(value) = reader(self, term, shape)
        {
            return Some(value);
        }
        let [default] = default_terms(fields.kind, key) else { return None };
        reader(self, default, shape)
    }

    /// A whole number.
    pub fn count(&mut self, fields: &Fields<'a>, key: &str) -> Option<u64> {
        self.read(fields, key, |checker, term, shape| checker.number_of(term, shape, fields, key).map(|n| n as u64))
    }

    /// A number in base units.
    pub fn number(&mut self, fields: &Fields<'a>, key: &str) -> Option<f64> {
        self.read(fields, key, |checker, term, shape| checker.number_of(term, shape, fields, key))
    }

    /// `true` or `false`.
    pub fn flag(&mut self, fields: &Fields<'a>, key: &str) -> Option<bool> {
        self.read(fields, key, |checker, term, _| match &term.kind {
            TermKind::Bool(value) => Some(*value),
            _ => {
                checker.report(Diagnostic::new("E0206", format!("`{key}` is `true` or `false`")).at(term.span, ""));
                None
            }
        })
    }

    /// A word or a call of the table.
    pub fn form(&mut self, fields: &Fields<'a>, key: &str) -> Option<Chosen> {
        self.read(fields, key, |checker, term, shape| {
            let Shape::Form(forms) = shape else { return None };
            checker.chosen(term, forms, fields, key)
        })
    }

    /// An item of a kind the table allows.
    pub fn item(&mut self, fields: &Fields<'a>, key: &str) -> Option<Item<'a>> {
        let Shape::Item(kinds) = self.shape(fields, key) else { return None };
        let term = self.single(fields, key)?;
        self.item_of(term, kinds, &fields.scope, key)
    }

    /// The item that a term names.
    pub fn item_of(&mut self, term: &'a Term, kinds: &[&str], scope: &Scope<'a>, key: &str) -> Option<Item<'a>> {
        match self.eval(term, scope) {
            Value::Unknown => None,
            Value::Item(item) if kinds.contains(&item.block.kind.text.as_str()) => Some(item),
            other => {
                let what = other.what();
                self.report(
                    Diagnostic::new("E0215", format!("`{key}` needs a {}, not {what}", kinds.join(" or a ")))
                        .at(term.span, what),
                );
                None
            }
        }
    }

    /// Words of the table, each once.
    pub fn words(&mut self, fields: &Fields<'a>, key: &str) -> Vec<&'static str> {
        let Shape::Words(words) = self.shape(fields, key) else { return vec![] };
        let mut chosen: Vec<&'static str> = vec![];
        for term in self.values(fields, key) {
            let found = match &term.kind {
                TermKind::Name(name) => words.iter().find(|word| *word == name).copied(),
                TermKind::Error => continue,
                _ => None,
            };
            match found {
                Some(word) if chosen.contains(&word) => self.report(
                    Diagnostic::new("E0203", format!("`{word}` stands twice in `{key}`")).at(term.span, "again here"),
                ),
                Some(word) => chosen.push(word),
                None => {
                    let finding = not_one_of(term, key, words);
                    self.report(finding);
                }
            }
        }
        chosen
    }

    /// Names with their places; a path such as `i.mass` keeps its dots.
    pub fn names(&mut self, fields: &Fields<'a>, key: &str) -> Vec<(String, Span)> {
        let mut names: Vec<(String, Span)> = vec![];
        for term in self.values(fields, key) {
            match path(term) {
                Some(name) if names.iter().any(|(other, _)| *other == name) => self.report(
                    Diagnostic::new("E0203", format!("`{name}` stands twice in `{key}`")).at(term.span, "again here"),
                ),
                Some(name) => names.push((name, term.span)),
                None if matches!(term.kind, TermKind::Error) => {}
                None => self.report(Diagnostic::new("E0206", format!("`{key}` is a list of names")).at(term.span, "")),
            }
        }
        names
    }

    /// Shares that add to 1.
    pub fn shares(&mut self, fields: &Fields<'a>, key: &str) -> Vec<f64> {
        let Shape::Shares(count) = self.shape(fields, key) else { return vec![] };
        let terms = self.values(fields, key);
        let share = Shape::Number(0.0, 1.0, Quantity::Pure);
        let shares: Option<Vec<f64>> = terms.iter().map(|term| self.number_of(term, share, fields, key)).collect();
        if let Some(shares) = shares {
            let total: f64 = shares.iter().sum();
            if shares.len() == count && (total - 1.0).abs() < 1e-9 {
                return shares;
            }
            self.report(
                Diagnostic::new("E0207", format!("`{key}` has {count} shares that add to 100%"))
                    .at(
                        fields.span(key),
                        format!(
                            "{} that add to {}%",
                            shares.len(),
                            crate::expr::print::number((total * 1e4).round() / 100.0)
                        ),
                    )
                    .help(format!("for example `{key} = 70%, 15%, 15%`")),
            );
        }
        let default = default_terms(fields.kind, key);
        default.iter().filter_map(|term| self.number_of(term, share, fields, key)).collect()
    }

    /// `low .. high`.
    pub fn interval(&mut self, fields: &Fields<'a>, key: &str) -> Option<(f64, f64)> {
        self.read(fields, key, |checker, term, _| {
            let any = Shape::Number(f64::MIN, f64::MAX, Quantity::Pure);
            let TermKind::Binary(Binary::Range, low, high) = &term.kind else {
                checker.report(
                    Diagnostic::new("E0206", format!("`{key}` is a range"))
                        .at(term.span, "")
                        .help("write `low .. high`"),
                );
                return None;
            };
            let low = checker.number_of(low, any, fields, key)?;
            let high = checker.number_of(high, any, fields, key)?;
            if low > high {
                checker.report(Diagnostic::new("E0207", "the lower bound comes first").at(term.span, ""));
                return None;
            }
            Some((low, high))
        })
    }

    /// A constant number within the range of its shape.
    pub fn number_of(&mut self, term: &'a Term, shape: Shape, fields: &Fields<'a>, key: &str) -> Option<f64> {
        let (low, high, quantity, whole) = match shape {
            Shape::Count(low, high) => (low as f64, high as f64, Quantity::Pure, true),
            Shape::Number(low, high, quantity) => (low, high, quantity, false),
            _ => return None,
        };
        let value = self.eval(term, &fields.scope);
        if let Value::Text(_) | Value::Item(_) | Value::Function(..) = value {
            let (what, kind) = (value.what(), if whole { "a whole number" } else { "a number" });
            self.report(Diagnostic::new("E0206", format!("`{key}` is {kind}, not {what}")).at(term.span, ""));
            return None;
        }
        let q = self.scalar(value, term.span)?;
        let wanted = match quantity {
            Quantity::Pure => Dimension::NONE,
            Quantity::Time => fields.time,
            Quantity::Length => fields.length,
        };
        if let Some(own) = q.dimension
            && !own.is_none()
            && own != wanted
        {
            let headline = if wanted.is_none() {
                format!("`{key}` is a pure number, but this is in {own}")
            } else {
                format!("`{key}` is measured in {wanted} here, but this is in {own}")
            };
            self.report(Diagnostic::new("E0302", headline).at(term.span, format!("in {own}")).note(
                if wanted.is_none() && quantity != Quantity::Pure {
                    "the system carries no units: its quantities are pure numbers"
                } else {
                    "both must have one dimension"
                },
            ));
            return None;
        }
        let Some(number) = q.expr.as_number() else {
            self.report(Diagnostic::new("E0206", format!("`{key}` must be a constant")).at(term.span, "varies"));
            return None;
        };
        if key == "particles" && number == 0.0 {
            self.report(
                Diagnostic::new("E0404", "a system needs at least one particle")
                    .at(term.span, "none here")
                    .help("two or more make pairs that can act on each other"),
            );
            return None;
        }
        if whole && number.fract() != 0.0 {
            self.report(Diagnostic::new("E0206", format!("`{key}` is a whole number")).at(term.span, ""));
            return None;
        }
        if !(number >= low && number <= high) {
            let range = match (low, high) {
                (low, high) if low > 0.0 && low < 1e-300 && high > 1e300 => "must be positive".to_owned(),
                (low, high) if high > 1e300 => format!("must be at least {}", crate::expr::print::number(low)),
                (low, high) => {
                    format!("lies between {} and {}", crate::expr::print::number(low), crate::expr::print::number(high))
                }
            };
            self.report(Diagnostic::new("E0207", format!("`{key}` {range}")).at(term.span, "out of range"));
            return None;
        }
        Some(number)
    }

    fn chosen(&mut self, term: &'a Term, forms: &'static [Form], fields: &Fields<'a>, key: &str) -> Option<Chosen> {
        let (name, span, arguments): (&str, Span, &'a [Argument]) = match &term.kind {
            TermKind::Name(name) => (name, term.span, &[]),
            TermKind::Call(callee, arguments) => match &callee.kind {
                TermKind::Name(name) => (name, callee.span, arguments),
                _ => ("", term.span, &[]),
            },
            TermKind::Error => return None,
            _ => ("", term.span, &[]),
        };
        let Some(form) = forms.iter().find(|form| form.name == name) else {
            // A parameter of an enclosing block may stand for any form.
            if let TermKind::Name(name) = &term.kind
                && matches!(fields.scope.locals.get(name), Some(Value::Unknown))
            {
                return None;
            }
            let shown: Vec<String> = forms.iter().map(shown).collect();
            let mut finding = Diagnostic::new("E0206", format!("`{key}` cannot be this"))
                .at(term.span, "")
                .help(format!("allowed: {}", shown.join(", ")));
            if let Some(near) = help::nearest(name, forms.iter().map(|form| form.name)) {
                finding = finding.help(format!("did you mean `{near}`?")).fix("use it", span, near);
            }
            self.report(finding);
            return None;
        };
        let mut slots: Vec<Vec<&'a Term>> = form.args.iter().map(|_| vec![]).collect();
        for (position, argument) in arguments.iter().enumerate() {
            let slot = match &argument.name {
                Some(ident) => form.args.iter().position(|arg| arg.name == ident.text),
                None if form.args.last().is_some_and(|arg| arg.many) => Some(position.min(form.args.len() - 1)),
                None => (position < form.args.len()).then_some(position),
            };
            match slot {
                Some(slot) if slots[slot].is_empty() || form.args[slot].many => slots[slot].push(&argument.value),
                _ => {
                    self.report(
                        Diagnostic::new("E0209", format!("`{name}` has no place for this argument"))
                            .at(argument.value.span, "")
                            .help(format!("write `{}`", self::shown(form))),
                    );
                    return None;
                }
            }
        }
        let mut chosen = Chosen { name: form.name, numbers: vec![], word: "" };
        for (arg, slot) in form.args.iter().zip(slots) {
            let values = if slot.is_empty() { argument_default(arg) } else { slot };
            if values.is_empty() {
                self.report(
                    Diagnostic::new("E0209", format!("`{name}` needs `{}`", arg.name))
                        .at(span, "")
                        .help(format!("write `{}`", self::shown(form))),
                );
                return None;
            }
            for value in values {
                match arg.shape {
                    Shape::Form(words) => chosen.word = self.chosen(value, words, fields, arg.name)?.name,
                    shape => chosen.numbers.push(self.number_of(value, shape, fields, arg.name)?),
                }
            }
        }
        Some(chosen)
    }
}

/// The default of a form's argument, parsed once.
fn argument_default(arg: &'static Arg) -> Vec<&'static Term> {
    static TABLE: OnceLock<BTreeMap<&'static str, Vec<Term>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table = BTreeMap::new();
        for field in schema::KINDS.iter().flat_map(|kind| kind.fields) {
            let Shape::Form(forms) = field.shape else { continue };
            for text in forms.iter().flat_map(|form| form.args).filter_map(|arg| arg.default) {
                table.insert(text, terms(SourceId(u32::MAX), text, 0).unwrap_or_default());
            }
        }
        table
    });
    arg.default.and_then(|text| table.get(text)).map(|terms| terms.iter().collect()).unwrap_or_default()
}

/// A form as it is written: `prune(to, by, schedule)`.
fn shown(form: &Form) -> String {
    if form.args.is_empty() {
        return form.name.to_owned();
    }
    let args: Vec<String> = form
        .args
        .iter()
        .map(|arg| if arg.many { format!("{0}, {0}, …", arg.name) } else { arg.name.to_owned() })
        .collect();
    format!("{}({})", form.name, args.join(", "))
}

/// The finding that a field is set again.
fn set_twice(key: &Ident, before: Span) -> Diagnostic {
    Diagnostic::new("E0203", format!("`{}` is set twice", key.text))
        .at(key.span, "again here")
        .at(before, "first here")
        .help("delete one of them")
}

fn not_one_of(term: &Term, key: &str, words: &[&'static str]) -> Diagnostic {
    let name = if let TermKind::Name(name) = &term.kind { name.as_str() } else { "" };
    let headline =
        if name.is_empty() { format!("`{key}` is a list of words") } else { format!("`{key}` has no `{name}`") };
    let finding = Diagnostic::new("E0206", headline)
        .at(term.span, "")
        .help(help::mend(name, words.iter().copied().collect::<Vec<_>>()));
    match help::nearest(name, words.iter().copied()) {
        Some(near) => finding.fix("use it", term.span, near),
        None => finding,
    }
}

/// A name or a path such as `i.mass` as text.
pub fn path(term: &Term) -> Option<String> {
    match &term.kind {
        TermKind::Name(name) => Some(name.clone()),
        TermKind::Member(head, name) => Some(format!("{}.{}", path(head)?, name.text)),
        TermKind::Group(inner) => path(inner),
        TermKind::Unary(Unary::Plus, _) => None,
        _ => None,
    }
}
