//! Values of fields by the shapes of the schema: numbers in range and unit, words, forms with arguments, items, lists.
//! A value of the wrong shape is reported once and its default taken, so that the rest is still checked.

use super::expression::Checker;
use super::fields::{Fields, default_terms, terms};
use super::help;
use super::schema::{self, Arg, Form, Quantity, Shape};
use super::tree::{Argument, Binary, Term, TermKind};
use super::units::Dimension;
use super::value::{Item, Scope, Value};
use crate::base::{Diagnostic, SourceId, Span};
use crate::expr::print::number as digits;
use std::collections::BTreeMap;
use std::sync::OnceLock;

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

impl<'a> Checker<'a> {
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
                let finding = Diagnostic::new("E0206", format!("`{key}` is `true` or `false`")).at(term.span, "");
                let meant = match &term.kind {
                    TermKind::Name(name) => {
                        super::foreign::renamed(name).filter(|word| ["true", "false"].contains(word))
                    }
                    TermKind::Number { text, .. } if text == "1" => Some("true"),
                    TermKind::Number { text, .. } if text == "0" => Some("false"),
                    _ => None,
                };
                checker.report(match meant {
                    Some(word) => finding.fix(format!("write `{word}`"), term.span, word),
                    None => finding,
                });
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
                    Diagnostic::new("E0215", format!("`{key}` needs {}, not {what}", help::nouns(kinds)))
                        .at(term.span, what)
                        .help(format!("name one, or write `{} some_name {{ … }}` and name that", kinds.join("` or `"))),
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
                        format!("{} that add to {}%", shares.len(), digits((total * 1e4).round() / 100.0)),
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
            let mut finding = Diagnostic::new("E0302", headline).at(term.span, format!("in {own}"));
            if wanted.is_none() && quantity != Quantity::Pure {
                finding = finding.note("the system carries no units: its quantities are pure numbers");
            }
            self.report(finding);
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
                (low, high) if high > 1e300 => format!("must be at least {}", digits(low)),
                (low, high) => {
                    format!("lies between {} and {}", digits(low), digits(high))
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
            let headline = if name.is_empty() {
                format!("`{key}` is one of a few words")
            } else {
                format!("`{key}` has no `{name}`")
            };
            let mut finding =
                Diagnostic::new("E0206", headline).at(term.span, "").help(format!("allowed: {}", shown.join(", ")));
            if let Some(near) = help::nearest(name, forms.iter().map(|form| form.name)) {
                finding = finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near);
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
pub fn shown(form: &Form) -> String {
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

fn not_one_of(term: &Term, key: &str, words: &[&'static str]) -> Diagnostic {
    let name = if let TermKind::Name(name) = &term.kind { name.as_str() } else { "" };
    let headline =
        if name.is_empty() { format!("`{key}` is a list of words") } else { format!("`{key}` has no `{name}`") };
    let finding = Diagnostic::new("E0206", headline).at(term.span, "").help(help::mend(name, words.to_vec()));
    match help::nearest(name, words.iter().copied()) {
        Some(near) => finding.fix(format!("write `{near}`"), term.span, near),
        None => finding,
    }
}

/// A name or a path such as `i.mass` as text.
pub fn path(term: &Term) -> Option<String> {
    match &term.kind {
        TermKind::Name(name) => Some(name.clone()),
        TermKind::Member(head, name) => Some(format!("{}.{}", path(head)?, name.text)),
        TermKind::Group(inner) => path(inner),
        _ => None,
    }
}
