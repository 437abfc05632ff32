//! Files and their names: the main script, the standard library, and files that `use` names. Order of definitions does
//! not matter; files that use each other in a circle are an error.

use super::help;
use super::schema::{self, KINDS};
use super::tree::{Block, Definition, Ident, Item, Script, Use, UseSource};
use crate::base::{Diagnostic, SourceId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// A text with its name, for error messages. Its place in the list is its [`SourceId`].
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The file's name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The standard library, by module.
pub const LIBRARY: [(&str, &str); 6] = [
    ("systems", include_str!("../../stdlib/systems.sdl")),
    ("networks", include_str!("../../stdlib/networks.sdl")),
    ("priors", include_str!("../../stdlib/priors.sdl")),
    ("operators", include_str!("../../stdlib/operators.sdl")),
    ("paper", include_str!("../../stdlib/paper.sdl")),
    ("constants", include_str!("../../stdlib/constants.sdl")),
];

/// A file with its names.
#[derive(Debug, Default)]
pub struct Module {
    /// Its syntax tree.
    pub script: Script,
    /// What its names stand for: its own items and what it uses.
    pub names: BTreeMap<String, Target>,
}

/// What a top-level name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// An item of a module: (module, index).
    Item(usize, usize),
    /// A module.
    Module(usize),
}

/// All files of a script. The main one is module 0; the standard library follows.
#[derive(Debug, Default)]
pub struct Modules {
    /// Modules, each with the source of the same number.
    pub list: Vec<Module>,
    /// Texts; more than modules where overrides were given.
    pub sources: Vec<Source>,
    /// Modules of the standard library by name.
    pub library: BTreeMap<&'static str, usize>,
    /// Places that could not be read.
    pub unreadable: Vec<Span>,
    /// Lines with something that could not be read and has no replacement, the end by module and beginning. What else
    /// seems wrong there may follow from it.
    pub(super) broken_lines: BTreeMap<(usize, usize), usize>,
}

/// A top-level item that has a name.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    /// A block.
    Block(&'a Block),
    /// A constant or a function.
    Definition(&'a Definition),
}

impl Modules {
    /// Whether a place lies on a line that could not be read.
    pub fn is_on_broken_line(&self, span: Span) -> bool {
        let (module, at) = (span.source.0 as usize, span.start as usize);
        let before = self.broken_lines.range(..=(module, at)).next_back();
        before.is_some_and(|((of, _), end)| *of == module && at <= *end)
    }

    /// Words of lines that could not be read: a name that one of them defines is not missing.
    pub fn words_of_broken_lines(&self) -> BTreeSet<&str> {
        let texts = self.broken_lines.iter().filter(|((module, _), _)| *module == 0);
        let lines = texts.map(|((module, start), end)| &self.sources[*module].text[*start..*end]);
        lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_')).collect()
    }

    /// Whether something within a block could not be read: then what seems to be missing may be there.
    pub fn is_unreadable(&self, block: &Block) -> bool {
        let inside = |place: &Span| {
            place.source == block.span.source && place.start >= block.span.start && place.end <= block.span.end
        };
        self.unreadable.iter().any(inside)
    }

    /// The named item of a module.
    pub fn item(&self, module: usize, index: usize) -> Option<Named<'_>> {
        named(self.list[module].script.items.get(index)?)
    }
}

fn named(item: &Item) -> Option<Named<'_>> {
    match item {
        Item::Block(block) => Some(Named::Block(block)),
        Item::Definition(definition) => Some(Named::Definition(definition)),
        Item::Use(_) | Item::Expect(_) => None,
    }
}

impl<'a> Named<'a> {
    /// Its name with the place.
    pub fn name(self) -> &'a Ident {
        match self {
            Named::Block(block) => &block.name,
            Named::Definition(definition) => &definition.name,
        }
    }
}

/// Reads the main script, the library and every file used, and resolves `use`. `load` gives the text of a file named
/// relative to the main script, or why it cannot.
pub fn load(
    name: &str,
    text: &str,
    load: &dyn Fn(&str) -> Result<String, String>,
    found: &mut Vec<Diagnostic>,
) -> Modules {
    let mut modules = Modules::default();
    read(&mut modules, name, text, found);
    for (name, text) in LIBRARY {
        let index = read(&mut modules, &format!("std/{name}.sdl"), text, found);
        modules.library.insert(name, index);
    }
    let mut files = BTreeMap::from([(tidy(name), 0)]);
    // The library first: what a module passes on must be known before it is used.
    for index in (1..modules.list.len()).chain([0]) {
        resolve(&mut modules, index, load, &mut files, &mut vec![index], found);
    }
    modules
}

/// Adds a parsed text as a module and gives its number.
fn read(modules: &mut Modules, name: &str, text: &str, found: &mut Vec<Diagnostic>) -> usize {
    let index = modules.list.len();
    let (mut script, diagnostics) = super::parse(SourceId(index as u32), text);
    let places = diagnostics.iter().filter(|finding| finding.is_error()).filter_map(|finding| finding.labels.first());
    modules.unreadable.extend(places.map(|label| label.span));
    let broken = diagnostics.iter().filter(|finding| finding.is_error() && finding.fix.is_none());
    for label in broken.filter_map(|finding| finding.labels.first()) {
        let at = label.span.range(text.len()).start;
        let start = text.as_bytes()[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let end = text.as_bytes()[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| at + end);
        modules.broken_lines.insert((index, start), end);
    }
    found.extend(diagnostics);
    check_version(&script, found);
    modules.sources.push(Source { name: name.into(), text: text.into() });
    for block in
        script.items.iter_mut().filter_map(|item| if let Item::Block(block) = item { Some(block) } else { None })
    {
        let allowed: Vec<&str> = KINDS.iter().map(|kind| kind.name).filter(|kind| *kind != "table").collect();
        // A slip of the pen is told once, and what the block holds is checked as it was meant.
        if !check_kind(block, &allowed, found)
            && let Some(meant) = help::nearest(&block.kind.text, allowed.iter().copied())
        {
            block.kind.text = meant.into();
        }
    }
    let mut names: BTreeMap<String, Target> = BTreeMap::new();
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for (position, item) in script.items.iter().enumerate() {
        let Some(item) = named(item) else { continue };
        let ident = item.name();
        if super::expression::is_builtin(&ident.text) {
            found.push(
                Diagnostic::new("E0205", format!("`{}` is built in", ident.text))
                    .at(ident.span, "cannot be defined again")
                    .help("choose another name"),
            );
        } else if let Some(before) = first.get(ident.text.as_str()) {
            found.push(twice(ident, *before));
        } else {
            first.insert(&ident.text, ident.span);
            names.insert(ident.text.clone(), Target::Item(index, position));
        }
    }
    modules.list.push(Module { script, names });
    index
}

/// The finding that a name is defined again.
pub fn twice(name: &Ident, before: Span) -> Diagnostic {
    Diagnostic::new("E0203", format!("`{}` is defined twice", name.text))
        .at(name.span, "again here")
        .at(before, "first here")
        .help("give one of them another name, or delete it")
}

/// Reports a kind of block that does not exist or does not belong here; whether it is fine.
pub fn check_kind(block: &Block, allowed: &[&'static str], found: &mut Vec<Diagnostic>) -> bool {
    let kind = &block.kind;
    if allowed.contains(&kind.text.as_str()) {
        return true;
    }
    let headline = match schema::kind(&kind.text) {
        Some(_) => format!("a `{}` cannot stand here", kind.text),
        None => format!("there is no block `{}`", kind.text),
    };
    let mut finding =
        Diagnostic::new("E0202", headline).at(kind.span, "").help(help::mend(&kind.text, allowed.iter().copied()));
    if let Some(near) = help::nearest(&kind.text, allowed.iter().copied()) {
        finding = finding.fix(format!("write `{near}`"), kind.span, near);
    }
    found.push(finding);
    false
}

fn check_version(script: &Script, found: &mut Vec<Diagnostic>) {
    if let Some((version, span)) = script.version
        && version != 1.0
    {
        found.push(
            Diagnostic::new("E0218", format!("this is written in version {version} of the language"))
                .at(span, "only version 1 is known here")
                .help("write `sdl 1`, or use a newer sdl"),
        );
    }
}

/// Resolves what a module uses; `open` holds the modules being resolved, to find circles.
fn resolve(
    modules: &mut Modules,
    index: usize,
    load: &dyn Fn(&str) -> Result<String, String>,
    files: &mut BTreeMap<String, usize>,
    open: &mut Vec<usize>,
    found: &mut Vec<Diagnostic>,
) {
    let uses: Vec<Use> = modules.list[index]
        .script
        .items
        .iter()
        .filter_map(|item| if let Item::Use(item) = item { Some(item.clone()) } else { None })
        .collect();
    for item in uses {
        let target = match &item.source {
            UseSource::Path(path) => library_path(modules, path, found),
            UseSource::File(file) => file_module(modules, file, load, files, open, found),
        };
        let Some((target, own_name)) = target else { continue };
        if item.names.is_empty() {
            match own_name {
                Some(name) => add(modules, index, &name, target, found),
                None => use_all(modules, index, target, item.span, found),
            }
        }
        for name in &item.names {
            let Target::Module(module) = target else {
                found.push(no_members(name));
                continue;
            };
            if let Some(target) = member(modules, module, name, found) {
                add(modules, index, name, target, found);
            }
        }
    }
}

fn library_path(modules: &Modules, path: &[Ident], found: &mut Vec<Diagnostic>) -> Option<(Target, Option<Ident>)> {
    let (root, rest) = path.split_first()?;
    if root.text != "std" {
        found.push(
            Diagnostic::new("E0211", format!("there is no library `{}`", root.text))
                .at(root.span, "")
                .help("libraries begin with `std`; a file is used as `use \"./file.sdl\"`"),
        );
        return None;
    }
    let Some((module, rest)) = rest.split_first() else {
        found.push(
            Diagnostic::new("E0211", "`std` alone cannot be used")
                .at(root.span, "")
                .help(format!("name a module: {}", help::listed(LIBRARY.map(|(name, _)| name)))),
        );
        return None;
    };
    let mut target = Target::Module(library_module(modules, module, found)?);
    for name in rest {
        let Target::Module(inside) = target else {
            found.push(no_members(name));
            return None;
        };
        target = member(modules, inside, name, found)?;
    }
    Some((target, path.last().cloned()))
}

fn no_members(name: &Ident) -> Diagnostic {
    Diagnostic::new("E0211", "only a module has members")
        .at(name.span, "its head is one item")
        .help("`use` a whole item, such as `use std.systems.spring`")
}

/// The module of the library with this name.
pub fn library_module(modules: &Modules, name: &Ident, found: &mut Vec<Diagnostic>) -> Option<usize> {
    let module = modules.library.get(name.text.as_str()).copied();
    if module.is_none() {
        let all = LIBRARY.map(|(name, _)| name);
        found.push(
            Diagnostic::new("E0211", format!("the library has no module `{}`", name.text))
                .at(name.span, "")
                .help(help::mend(&name.text, all))
                .fixed(help::nearest(&name.text, all).map(|near| ("use the near one", name.span, near))),
        );
    }
    module
}

/// What a name of a module stands for.
pub fn member(modules: &Modules, module: usize, name: &Ident, found: &mut Vec<Diagnostic>) -> Option<Target> {
    let target = modules.list[module].names.get(&name.text).copied();
    if target.is_none() {
        let all: Vec<&str> = modules.list[module].names.keys().map(String::as_str).collect();
        let mut finding =
            Diagnostic::new("E0201", format!("`{}` has no `{}`", modules.sources[module].name, name.text))
                .at(name.span, "not defined there")
                .help(help::mend(&name.text, all.iter().copied()));
        if let Some(near) = help::nearest(&name.text, all.iter().copied()) {
            finding = finding.fix(format!("write `{near}`"), name.span, near);
        }
        found.push(finding);
    }
    target
}

fn file_module(
    modules: &mut Modules,
    file: &Ident,
    load: &dyn Fn(&str) -> Result<String, String>,
    files: &mut BTreeMap<String, usize>,
    open: &mut Vec<usize>,
    found: &mut Vec<Diagnostic>,
) -> Option<(Target, Option<Ident>)> {
    let path = tidy(&file.text);
    if path.starts_with('/') || path.contains('\\') || path.contains(':') || path.split('/').any(|part| part == "..") {
        found.push(
            Diagnostic::new("E0211", format!("`{}` lies outside the script's folder", file.text))
                .at(file.span, "")
                .help("a script reads only files below its own folder: `use \"./file.sdl\"`"),
        );
        return None;
    }
    if let Some(&module) = files.get(&path) {
        if open.contains(&module) {
            found.push(
                Diagnostic::new("E0212", "files use each other in a circle")
                    .at(file.span, format!("`{path}` is being read already"))
                    .help("move what both need into a third file"),
            );
            return None;
        }
        return Some((Target::Module(module), None));
    }
    let text = match load(&path) {
        Ok(text) => text,
        Err(why) => {
            found.push(
                Diagnostic::new("E0211", format!("the file `{}` cannot be read", file.text))
                    .at(file.span, why)
                    .help("its path is relative to this script's folder"),
            );
            return None;
        }
    };
    let module = read(modules, &path, &text, found);
    files.insert(path, module);
    open.push(module);
    resolve(modules, module, load, files, open, found);
    open.pop();
    Some((Target::Module(module), None))
}

/// Adds every item that a file defines itself.
fn use_all(modules: &mut Modules, index: usize, target: Target, span: Span, found: &mut Vec<Diagnostic>) {
    let Target::Module(module) = target else { return };
    let own: Vec<(Ident, Target)> = modules.list[module]
        .names
        .iter()
        .filter(|(_, target)| matches!(target, Target::Item(home, _) if *home == module))
        .map(|(name, target)| (Ident { text: name.clone(), span }, *target))
        .collect();
    for (name, target) in own {
        add(modules, index, &name, target, found);
    }
}

fn add(modules: &mut Modules, index: usize, name: &Ident, target: Target, found: &mut Vec<Diagnostic>) {
    let before = modules.list[index].names.get(&name.text).copied();
    match before {
        Some(same) if same == target => {}
        Some(other) => {
            let place = match other {
                Target::Item(module, item) => modules.item(module, item).map(|item| item.name().span),
                Target::Module(_) => None,
            };
            found.push(twice(name, place.unwrap_or(name.span)));
        }
        None => {
            modules.list[index].names.insert(name.text.clone(), target);
        }
    }
}

/// A path without `./` and doubled slashes.
fn tidy(path: &str) -> String {
    let start = if path.starts_with('/') { "/" } else { "" };
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    format!("{start}{}", parts.join("/"))
}
