//! Questions of editors about a script, answered as plain data: what a name is, where it is bound and used, what could
//! stand here, what is not written but holds. Places are bytes; nothing here knows of editors or protocols.

mod complete;
mod hints;
mod names;

pub use complete::{Completion, CompletionKind};
pub use hints::Hint;
pub use names::{Meaning, Occurrence};

use super::check::{Checked, check};
use super::is_name;
use super::reference::{self, Entry};
use super::resolve::{self, Modules, Named};
use super::{builtin, units};
use crate::base::Span;

/// A script, checked, with its names.
#[derive(Debug)]
pub struct Document {
    /// All findings, and the texts that places point into.
    pub checked: Checked,
    modules: Modules,
    occurrences: Vec<Occurrence>,
}

impl Document {
    /// The document of a text; `load` as for [`check`].
    pub fn new(name: &str, text: &str, load: &dyn Fn(&str) -> Result<String, String>) -> Document {
        let checked = check(name, text, load, &[], None);
        let modules = resolve::load(name, text, load, &mut vec![]);
        let occurrences = names::occurrences(&modules);
        Document { checked, modules, occurrences }
    }

    /// The script's text.
    pub fn text(&self) -> &str {
        &self.modules.sources[0].text
    }

    /// The name at a byte, its end included.
    pub fn at(&self, byte: usize) -> Option<&Occurrence> {
        let touches =
            |occurrence: &&Occurrence| occurrence.span.start as usize <= byte && byte <= occurrence.span.end as usize;
        // The shortest: `fit` within `fit.test.mae`.
        self.occurrences.iter().filter(touches).min_by_key(|occurrence| occurrence.span.end - occurrence.span.start)
    }

    /// What there is to say about the name at a byte, as Markdown, with the name's place.
    pub fn hover(&self, byte: usize) -> Option<(Span, String)> {
        let Occurrence { span, meaning } = self.at(byte)?;
        let found = match meaning {
            Meaning::Own(place) => return Some((*span, self.own(*place))),
            Meaning::Elsewhere(module, index) => {
                let name = self.modules.item(*module, *index)?.name().text.clone();
                match self.library_name(*module) {
                    Some(library) => reference::look_up(&format!("std.{library}.{name}")).ok()?,
                    None => return Some((*span, format!("`{name}` of `{}`", self.modules.sources[*module].name))),
                }
            }
            Meaning::Module(module) => reference::look_up(&format!("std.{}", self.library_name(*module)?)).ok()?,
            Meaning::Kind(kind) => reference::look_up(kind).ok()?,
            Meaning::Field(kind, key) => reference::look_up(&format!("{kind}.{key}")).ok()?,
            Meaning::Value(kind, key, word) => reference::look_up(&format!("{kind}.{key}.{word}")).ok()?,
            Meaning::Function(name) => reference::look_up(name).ok()?,
            Meaning::Result(kind, path) => reference::look_up(&format!("{kind}.{path}")).ok()?,
            Meaning::Unit(name) => return Some((*span, format!("unit `{name}`: {}", units::described(name)?))),
        };
        Some((*span, found.iter().map(markdown).collect::<Vec<_>>().join("\n\n---\n\n")))
    }

    fn library_name(&self, module: usize) -> Option<&'static str> {
        self.modules.library.iter().find(|(_, index)| **index == module).map(|(name, _)| *name)
    }

    /// What the script itself says of a name that it binds: its line, its comment, its dimension.
    fn own(&self, place: Span) -> String {
        let text = self.text();
        let script = &self.modules.list[0].script;
        let item = script.items.iter().find_map(|item| match item {
            super::tree::Item::Block(block) if block.name.span == place => Some((block.span, true)),
            super::tree::Item::Definition(definition) if definition.name.span == place => {
                Some((definition.span, false))
            }
            _ => None,
        });
        let start = place.start as usize;
        let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let line = text[line..].lines().next().unwrap_or("").trim();
        let shown = match item {
            Some((span, false)) => &text[span.range(text.len())],
            _ => line.trim_end_matches('{').trim_end(),
        };
        let mut out = format!("```sdl\n{shown}\n```");
        if let Some((span, _)) = item {
            let (doc, _) = reference::doc_of(script, text, span);
            if !doc.is_empty() {
                out += &format!("\n\n{doc}");
            }
        }
        if let Some((_, unit)) = self.checked.inferred.iter().find(|(span, _)| *span == place) {
            out += &format!("\n\nin `{unit}`");
        }
        out
    }

    /// Where the name at a byte is bound: a place in one of the texts.
    pub fn definition(&self, byte: usize) -> Option<Span> {
        match &self.at(byte)?.meaning {
            Meaning::Own(place) => Some(*place),
            Meaning::Elsewhere(module, index) => self.modules.item(*module, *index).map(|item| item.name().span),
            _ => None,
        }
    }

    /// Every place of the script where what is named at a byte is named.
    pub fn references(&self, byte: usize) -> Vec<Span> {
        let Some(asked) = self.at(byte) else { return vec![] };
        let same = self.occurrences.iter().filter(|occurrence| occurrence.meaning == asked.meaning);
        same.map(|occurrence| occurrence.span).collect()
    }

    /// The places to write the new name at, or why the name at a byte cannot be renamed so.
    ///
    /// # Errors
    /// A word to the user.
    pub fn rename(&self, byte: usize, to: &str) -> Result<Vec<Span>, String> {
        let asked = self.at(byte).ok_or("there is no name here")?;
        let Meaning::Own(place) = asked.meaning else {
            return Err("this name is not this script's: it cannot be renamed here".into());
        };
        let text = self.text();
        let written = &text[place.range(text.len())];
        if ["position", "velocity", "mass"].contains(&written) {
            return Err(format!("`{written}` has a meaning of its own and keeps its name"));
        }
        if !is_name(to) || builtin::is_builtin(to) {
            return Err(format!("`{to}` cannot be a name"));
        }
        let taken = self
            .occurrences
            .iter()
            .any(|other| matches!(other.meaning, Meaning::Own(_)) && &text[other.span.range(text.len())] == to);
        if taken || self.modules.list[0].names.contains_key(to) {
            return Err(format!("`{to}` is used already"));
        }
        Ok(self.references(byte))
    }

    /// Top-level items with their kind, the place of the whole and of the name: an outline.
    pub fn outline(&self) -> Vec<(String, &str, Span, Span)> {
        let items = self.modules.list[0].script.items.iter();
        items
            .filter_map(|item| match item {
                super::tree::Item::Block(block) => {
                    Some((block.name.text.clone(), block.kind.text.as_str(), block.span, block.name.span))
                }
                super::tree::Item::Definition(definition) => {
                    Some((definition.name.text.clone(), "definition", definition.span, definition.name.span))
                }
                _ => None,
            })
            .collect()
    }

    /// Names of items that the script can see, with their kinds.
    fn visible(&self) -> Vec<(String, String)> {
        let names = self.modules.list[0].names.iter();
        names
            .filter_map(|(name, target)| match target {
                resolve::Target::Item(module, index) => {
                    let kind = match self.modules.item(*module, *index)? {
                        Named::Block(block) => block.kind.text.clone(),
                        Named::Definition(_) => "definition".into(),
                    };
                    Some((name.clone(), kind))
                }
                resolve::Target::Module(_) => Some((name.clone(), "module".into())),
            })
            .collect()
    }
}

fn markdown(entry: &Entry) -> String {
    let mut out = format!("```sdl\n{}\n```\n{}", entry.form, entry.doc);
    if let Some(example) = &entry.example {
        out += &format!("\n\n```sdl\n{example}```");
    }
    out.trim_end().to_owned()
}
