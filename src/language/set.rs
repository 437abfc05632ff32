//! Overrides such as `motion.runs = 100`, applied to the syntax tree before anything is checked, so that they obey the
//! same rules as the script.

use super::fields::terms;
use super::help;
use super::resolve::{Modules, Source};
use super::schema;
use super::tree::{Block, Entry, Field, Ident, Item, Script};
use crate::base::{Diagnostic, SourceId, Span};

/// One override: a dotted path to a field (or the name of a constant) and the value as it would stand in the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// `motion.runs`, or `G` for a constant.
    pub path: String,
    /// `100`, `mlp(64, 64)` ….
    pub value: String,
}

impl Override {
    /// Reads `motion.runs=100`.
    pub fn parse(text: &str) -> Result<Override, Box<Diagnostic>> {
        let wrong = || {
            let finding = Diagnostic::new("E0219", format!("`{text}` sets nothing"));
            Box::new(finding.help("write `item.field=value`, such as `motion.runs=100`"))
        };
        let (path, value) = text.split_once('=').ok_or_else(wrong)?;
        let (path, value) = (path.trim(), value.trim());
        if path.is_empty() || value.is_empty() || path.split('.').any(str::is_empty) {
            return Err(wrong());
        }
        Ok(Override { path: path.into(), value: value.into() })
    }
}

/// Applies overrides to the main script, in order. Each adds a source text, which its errors point into.
pub fn apply(modules: &mut Modules, overrides: &[Override], found: &mut Vec<Diagnostic>) {
    for one in overrides {
        let source = SourceId(modules.sources.len() as u32);
        let (before, after) = match one.path.rsplit_once('.') {
            Some((item, field)) => (format!("set {item} {{ {field} = "), " }"),
            None => (format!("{} = ", one.path), ""),
        };
        let start = before.len();
        modules.sources.push(Source { name: "--set".into(), text: format!("{before}{}{after}", one.value) });
        if let Err(mut findings) = set(&mut modules.list[0].script, one, source, start) {
            found.append(&mut findings);
        }
    }
}

fn set(script: &mut Script, one: &Override, source: SourceId, start: usize) -> Result<(), Vec<Diagnostic>> {
    let span = Span::new(source, start.saturating_sub(one.path.len() + 6), start.saturating_sub(3));
    let values = terms(source, &one.value, start)?;
    let parts: Vec<&str> = one.path.split('.').collect();
    let [inner @ .., key] = parts.as_slice() else { return Ok(()) };
    let Some((first, rest)) = inner.split_first() else { return constant(script, key, values, span) };
    let names: Vec<String> = script
        .items
        .iter()
        .filter_map(|item| if let Item::Block(block) = item { Some(block.name.text.clone()) } else { None })
        .collect();
    let block = script.items.iter_mut().find_map(|item| match item {
        Item::Block(block) if block.name.text == *first => Some(block),
        _ => None,
    });
    let Some(mut block) = block else { return Err(vec![no_item(first, &names, span)]) };
    for part in rest {
        let names: Vec<String> = blocks(block).map(|block| block.name.text.clone()).collect();
        let next = block.entries.iter_mut().find_map(|entry| match entry {
            Entry::Block(block) if block.name.text == *part => Some(block),
            _ => None,
        });
        match next {
            Some(next) => block = next,
            None => return Err(vec![no_item(part, &names, span)]),
        }
    }
    if let Some(kind) = schema::kind(&block.kind.text)
        && kind.field(key).is_none()
    {
        let all: Vec<&str> = kind.fields.iter().map(|field| field.key).collect();
        return Err(vec![
            Diagnostic::new("E0219", format!("{} `{}` has no field `{key}`", kind.name, block.name.text))
                .at(span, "cannot be set")
                .help(help::mend(key, all)),
        ]);
    }
    let field = Field { span, key: Ident { text: (*key).into(), span }, unit: None, values };
    let written = block.entries.iter_mut().find_map(|entry| match entry {
        Entry::Field(field) if field.key.text == *key => Some(field),
        _ => None,
    });
    match written {
        Some(written) => *written = field,
        None => block.entries.push(Entry::Field(field)),
    }
    Ok(())
}

fn blocks(block: &Block) -> impl Iterator<Item = &Block> {
    block.entries.iter().filter_map(|entry| if let Entry::Block(block) = entry { Some(block) } else { None })
}

fn constant(
    script: &mut Script,
    name: &str,
    values: Vec<super::tree::Term>,
    span: Span,
) -> Result<(), Vec<Diagnostic>> {
    let names: Vec<String> = script
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Definition(definition) if definition.params.is_none() => Some(definition.name.text.clone()),
            _ => None,
        })
        .collect();
    let definition = script.items.iter_mut().find_map(|item| match item {
        Item::Definition(definition) if definition.name.text == name && definition.params.is_none() => Some(definition),
        _ => None,
    });
    match (definition, values.into_iter().next()) {
        (Some(definition), Some(value)) => {
            definition.value = value;
            Ok(())
        }
        _ => Err(vec![no_item(name, &names, span).help("set a field as `item.field=value`")]),
    }
}

fn no_item(name: &str, names: &[String], span: Span) -> Diagnostic {
    Diagnostic::new("E0219", format!("the script defines no `{name}`"))
        .at(span, "cannot be set")
        .help(help::mend(name, names.iter().map(String::as_str).collect::<Vec<_>>()))
}
