//! What could stand at a place: from the tables of the language and from what the script defines.

use super::Document;
use crate::language::reference;
use crate::language::resolve::LIBRARY;
use crate::language::results;
use crate::language::schema::{self, Default, Extra, Kind, Shape};
use crate::language::tree::{Block, Entry, Item};
use crate::language::{builtin, units};
use crate::plan::symbols::COMPONENTS;

/// Something that could stand here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is shown, and typed unless `insert` says more.
    pub label: String,
    /// What is typed.
    pub insert: String,
    /// What kind of thing it is.
    pub kind: CompletionKind,
    /// One line about it.
    pub detail: String,
}

/// What kind of thing a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CompletionKind {
    Keyword,
    Field,
    Value,
    Function,
    Item,
    Module,
    Unit,
}

fn completion(label: &str, kind: CompletionKind, detail: &str) -> Completion {
    Completion { label: label.into(), insert: label.into(), kind, detail: detail.into() }
}

impl Document {
    /// What could stand at a byte, in the order of the tables.
    pub fn completions(&self, byte: usize) -> Vec<Completion> {
        let text = self.text();
        let byte = text.floor_char_boundary(byte);
        let start = text[..byte].rfind(['\n', ';', '{']).map_or(0, |end| end + 1);
        let line = &text[start..byte];
        if line.contains('#') {
            return vec![];
        }
        let block = self.block_at(byte);
        let kind = block.and_then(|block| schema::kind(&block.kind.text));
        let typed = line.len() - line.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        let before = line[..line.len() - typed].trim_start();
        if let Some(path) = before.strip_suffix('.') {
            return self.members(path, block);
        }
        let after_number = before.ends_with([' ', '\t']) && before.trim_end().ends_with(|c: char| c.is_ascii_digit());
        if after_number || (before.trim_end().ends_with(':') && !before.contains('=')) {
            return units::all().map(|(name, meaning)| completion(name, CompletionKind::Unit, &meaning)).collect();
        }
        match (before, kind) {
            ("", Some(kind)) => self.keys(kind, block),
            ("", None) => top_level(),
            ("use ", _) => modules("std."),
            (before, _) if before.starts_with("use ") => vec![],
            (before, Some(kind)) => match before.split_once('=') {
                Some((key, _)) => match kind.field(key.trim()) {
                    Some(field) => self.values(field.shape, field.default),
                    None => self.expression(block),
                },
                None if before.contains('~') => functions(true),
                None if before.starts_with("allow ") => {
                    functions(false).into_iter().filter(|found| !is_geometry(&found.label)).collect()
                }
                None => self.expression(block),
            },
            _ => self.expression(block),
        }
    }

    /// The innermost block around a byte.
    fn block_at(&self, byte: usize) -> Option<&Block> {
        let around = |block: &Block| (block.name.span.end as usize) < byte && byte <= block.span.end as usize;
        let items = self.modules.list[0].script.items.iter();
        let mut found = items
            .filter_map(|item| if let Item::Block(block) = item { Some(block) } else { None })
            .find(|block| around(block))?;
        while let Some(inner) = found.entries.iter().find_map(|entry| match entry {
            Entry::Block(inner) if around(inner) => Some(inner),
            _ => None,
        }) {
            found = inner;
        }
        let text = self.text();
        let closed = text[..byte].ends_with('}') && found.span.end as usize == byte;
        (!closed && text[found.name.span.end as usize..byte].contains('{')).then_some(found)
    }

    /// Fields that are not set yet, and what else may stand in the block.
    fn keys(&self, kind: &'static Kind, block: Option<&Block>) -> Vec<Completion> {
        let written = |key: &str| {
            let entries = block.map_or(&[][..], |block| &block.entries);
            entries.iter().any(|entry| matches!(entry, Entry::Field(field) if field.key.text == key))
        };
        let fields = kind.fields.iter().filter(|field| !written(field.key));
        let mut all: Vec<Completion> = fields
            .map(|field| Completion {
                insert: format!("{} = ", field.key),
                ..completion(field.key, CompletionKind::Field, &reference::field_doc(field))
            })
            .collect();
        for extra in kind.entries {
            let forms: Vec<(String, &str)> = match extra {
                Extra::Draw => ["mass", "charge", "position", "velocity"]
                    .into_iter()
                    .map(|name| (format!("{name} ~ "), "drawn for every body"))
                    .collect(),
                Extra::Definition(name, arity) => arity
                    .iter()
                    .map(|count| if *count == 1 { format!("{name}(i) = ") } else { format!("{name}(i, j) = ") })
                    .map(|form| (form, "a law"))
                    .collect(),
                Extra::Allow => vec![("allow ".into(), "operators, with `cost n`")],
                Extra::Never => vec![("never ".into(), "patterns no formula may contain")],
                Extra::Column => vec![("column ".into(), "maps or derives a column")],
                Extra::Grid => vec![],
                Extra::Block(name) => vec![(format!("{name} "), "a block")],
                Extra::Expect => vec![("expect ".into(), "what must come out")],
            };
            all.extend(forms.into_iter().map(|(form, detail)| Completion {
                insert: form.clone(),
                ..completion(form.trim_end_matches(['=', '~', ' ']), CompletionKind::Keyword, detail)
            }));
        }
        all
    }

    /// Values of a field.
    fn values(&self, shape: Shape, default: Default) -> Vec<Completion> {
        let mut all = vec![];
        match shape {
            Shape::Form(forms) => all.extend(forms.iter().map(|form| Completion {
                insert: if form.args.is_empty() { form.name.into() } else { format!("{}(", form.name) },
                ..completion(&reference::shown(form), CompletionKind::Value, form.doc)
            })),
            Shape::Words(words) => all.extend(words.iter().map(|word| completion(word, CompletionKind::Value, ""))),
            Shape::Flag => all.extend(["true", "false"].map(|word| completion(word, CompletionKind::Value, ""))),
            Shape::Names => {
                let names = ["position", "velocity", "mass", "charge"];
                all.extend(names.map(|name| completion(name, CompletionKind::Value, "of each body")));
            }
            Shape::Item(kinds) => all.extend(self.items(kinds)),
            Shape::Source => all.extend(self.items(&["system"])),
            Shape::Target => all.extend(self.items(&["train", "data"])),
            _ => {
                if let Default::Is(text) = default {
                    all.push(completion(text, CompletionKind::Value, "the default"));
                }
                all.extend(self.items(&["definition"]));
            }
        }
        all
    }

    /// Items of these kinds that the script sees, then those of the library by their whole path.
    fn items(&self, kinds: &[&str]) -> Vec<Completion> {
        let seen = self.visible().into_iter().filter(|(_, kind)| kinds.contains(&kind.as_str()));
        let mut all: Vec<Completion> =
            seen.map(|(name, kind)| completion(&name, CompletionKind::Item, &kind)).collect();
        let library = reference::entries().into_iter().filter(|entry| entry.name.starts_with("std."));
        all.extend(
            library
                .filter(|entry| kinds.contains(&entry.kind))
                .map(|entry| completion(&entry.name, CompletionKind::Item, &entry.doc)),
        );
        all
    }

    /// What may stand in a formula.
    fn expression(&self, block: Option<&Block>) -> Vec<Completion> {
        let mut all = vec![];
        if block.is_some_and(|block| block.kind.text == "system") {
            all.extend(["i", "j"].map(|body| completion(body, CompletionKind::Value, "a body")));
        }
        let params = block.iter().flat_map(|block| &block.params);
        all.extend(params.map(|param| completion(&param.name.text, CompletionKind::Value, "a parameter")));
        all.extend(self.visible().into_iter().map(|(name, kind)| completion(&name, CompletionKind::Item, &kind)));
        all.extend(functions(false));
        all
    }

    /// What follows a point.
    fn members(&self, path: &str, block: Option<&Block>) -> Vec<Completion> {
        let from = path
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .map_or(0, |at| at + path[at..].chars().next().map_or(1, char::len_utf8));
        let path = &path[from..];
        let (root, rest) = path.split_once('.').map_or((path, ""), |(root, rest)| (root, rest));
        if root == "std" {
            return match rest {
                "" => modules(""),
                module => library_items(module),
            };
        }
        if let Some((_, kind)) = self.visible().into_iter().find(|(name, _)| name == root) {
            let stage = if kind == "distill" { "distill" } else { "train" };
            if !["train", "distill"].contains(&kind.as_str()) {
                return if kind == "module" { library_items(root) } else { vec![] };
            }
            let prefix = if rest.is_empty() { String::new() } else { format!("{rest}.") };
            let found = results::of(stage).into_iter().filter_map(|name| name.strip_prefix(&prefix).map(str::to_owned));
            return found.map(|name| completion(&name, CompletionKind::Value, "a result")).collect();
        }
        if ["position", "velocity"].iter().any(|vector| path.ends_with(vector)) {
            return COMPONENTS.map(|component| completion(component, CompletionKind::Value, "a component")).to_vec();
        }
        let drawn = block.iter().flat_map(|block| &block.entries).filter_map(|entry| match entry {
            Entry::Draw(draw) => Some(draw.name.text.as_str()),
            _ => None,
        });
        let mut all: Vec<Completion> =
            drawn.map(|name| completion(name, CompletionKind::Value, "drawn for every body")).collect();
        if !all.is_empty() {
            all.push(completion("index", CompletionKind::Value, "number of the body, from 1"));
        }
        all
    }
}

fn top_level() -> Vec<Completion> {
    let mut all: Vec<Completion> = schema::KINDS
        .iter()
        .filter(|kind| kind.name != "table")
        .map(|kind| Completion {
            insert: format!("{} ", kind.name),
            ..completion(kind.name, CompletionKind::Keyword, kind.doc)
        })
        .collect();
    for (word, doc) in [("use", "names of a module or a file"), ("expect", "what must come out")] {
        all.push(Completion { insert: format!("{word} "), ..completion(word, CompletionKind::Keyword, doc) });
    }
    all
}

fn modules(prefix: &str) -> Vec<Completion> {
    let docs = reference::entries().into_iter().filter(|entry| entry.kind == "module");
    let doc = |module: &str| {
        docs.clone().find(|entry| entry.name == format!("std.{module}")).map_or(String::new(), |entry| entry.doc)
    };
    LIBRARY.map(|(module, _)| completion(&format!("{prefix}{module}"), CompletionKind::Module, &doc(module))).to_vec()
}

fn library_items(module: &str) -> Vec<Completion> {
    let prefix = format!("std.{module}.");
    let all = reference::entries().into_iter();
    all.filter_map(|entry| Some(completion(entry.name.strip_prefix(&prefix)?, CompletionKind::Item, &entry.doc)))
        .collect()
}

const DISTRIBUTIONS: [&str; 5] = ["normal", "log_normal", "uniform", "log_uniform", "choice"];

fn is_geometry(name: &str) -> bool {
    ["distance", "direction", "displacement", "norm", "dot", "cross", "vector"].contains(&name)
}

/// Functions of the language: distributions, or all others.
fn functions(drawn: bool) -> Vec<Completion> {
    let chosen = builtin::names().filter(|name| DISTRIBUTIONS.contains(name) == drawn);
    let entry = |name: &str| {
        reference::look_up(name).ok().and_then(|found| found.into_iter().find(|entry| entry.kind == "function"))
    };
    chosen
        .map(|name| {
            let detail = entry(name).map_or(String::new(), |entry| format!("{}: {}", entry.form, entry.doc));
            Completion { insert: format!("{name}("), ..completion(name, CompletionKind::Function, &detail) }
        })
        .collect()
}
