//! The difference of two plans in words: their described scripts, block by block and field by field.

use super::script;
use crate::base::{SourceId, Span};
use crate::language::parse;
use crate::language::tree::{Definition, Entry, Item};
use crate::plan::Plan;
use std::collections::BTreeMap;

/// What differs between two plans, a line each; empty where both run the same. Names of items do not count, nor do
/// seeds that only follow from a name or from the script's seed.
pub fn differences(first: &Plan, second: &Plan) -> Vec<String> {
    let (a, b) = (Described::of(first), Described::of(second));
    let renamed = a.renamed(&b);
    let mut found = vec![];
    let mut compare = |kind: &str, name: &str, left: &Lines, right: &Lines, same_name: bool| {
        let keys: Vec<&String> =
            left.iter().chain(right.iter().filter(|(key, _)| get(left, key).is_none())).map(|(key, _)| key).collect();
        for key in keys {
            let derived = key == "seed" && (first.seed != second.seed || !same_name);
            let (x, y) = (get(left, key), get(right, key));
            let follows = x.is_some_and(|x| renamed.get(x).map(String::as_str) == y);
            if x == y || derived || follows {
                continue;
            }
            found.push(format!("{kind} {name}: {}", change(key, x, y)));
        }
    };
    let mut only = vec![];
    for ((kind, name), left) in &a.blocks {
        let other = renamed.get(name).unwrap_or(name);
        match b.blocks.get(&(kind.clone(), other.clone())) {
            Some(right) => compare(kind, name, left, right, name == other),
            None => only.push(format!("{kind} {name}: only in the first")),
        }
    }
    for (kind, name) in b.blocks.keys() {
        let known =
            a.blocks.keys().any(|(other, left)| other == kind && (left == name || renamed.get(left) == Some(name)));
        if !known {
            only.push(format!("{kind} {name}: only in the second"));
        }
    }
    if first.seed != second.seed {
        only.push(format!("the script: seed {} → {}", first.seed, second.seed));
    }
    for (mine, theirs, which) in [(&a, &b, "first"), (&b, &a, "second")] {
        let missing = mine.expects.iter().filter(|text| !theirs.expects.contains(text));
        only.extend(missing.map(|text| format!("expect {text}: only in the {which}")));
    }
    found.extend(only);
    found
}

type Lines = Vec<(String, String)>;

fn get<'l>(lines: &'l Lines, key: &str) -> Option<&'l str> {
    lines.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
}

/// A described plan, taken apart.
struct Described {
    /// Keys with values, by kind and name.
    blocks: BTreeMap<(String, String), Lines>,
    expects: Vec<String>,
}

impl Described {
    fn of(plan: &Plan) -> Described {
        let text = script(plan);
        let (tree, _) = parse(SourceId(0), &text);
        let written = |span: Span| text[span.range(text.len())].split_whitespace().collect::<Vec<_>>().join(" ");
        let mut described = Described { blocks: BTreeMap::new(), expects: vec![] };
        for item in &tree.items {
            match item {
                Item::Block(block) => {
                    let lines = block.entries.iter().map(|entry| line(entry, &written)).collect();
                    described.blocks.insert((block.kind.text.clone(), block.name.text.clone()), lines);
                }
                Item::Expect(expect) => described.expects.push(written(expect.condition.span)),
                _ => {}
            }
        }
        described
    }

    /// Items of the first that the second has under another name.
    fn renamed(&self, other: &Described) -> BTreeMap<String, String> {
        let plain = |lines: &Lines| -> Lines { lines.iter().filter(|(key, _)| key != "seed").cloned().collect() };
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        // What an item refers to is renamed before it: systems and data before trainings, these before distillations.
        for kind in ["system", "data", "network", "prior", "train", "operators", "distill"] {
            let of_kind = |side: &Described, skip: &Described| -> Vec<(String, Lines)> {
                let blocks = side.blocks.iter().filter(|(key, _)| key.0 == kind && !skip.blocks.contains_key(key));
                blocks.map(|((_, name), lines)| (name.clone(), plain(lines))).collect()
            };
            let mut theirs = of_kind(other, self);
            for (name, lines) in of_kind(self, other) {
                let seen: Lines = lines
                    .into_iter()
                    .map(|(key, value)| (key, renamed.get(&value).cloned().unwrap_or(value)))
                    .collect();
                if let Some(position) = theirs.iter().position(|(_, lines)| *lines == seen) {
                    renamed.insert(name, theirs.remove(position).0);
                }
            }
        }
        renamed
    }
}

/// A line of a block as what it sets and to what.
fn line(entry: &Entry, written: &impl Fn(Span) -> String) -> (String, String) {
    let defined = |definition: &Definition, sign: &str| {
        let params = definition.params.as_ref().map(|params| {
            let names: Vec<&str> = params.iter().map(|param| param.name.text.as_str()).collect();
            format!("({})", names.join(", "))
        });
        let key = format!("{}{}{sign}", definition.name.text, params.unwrap_or_default());
        (key, written(definition.value.span))
    };
    match entry {
        Entry::Field(field) | Entry::Grid(field) => {
            let values: Vec<String> = field.values.iter().map(|value| written(value.span)).collect();
            (field.key.text.clone(), values.join(", "))
        }
        Entry::Column(field) => {
            let values: Vec<String> = field.values.iter().map(|value| written(value.span)).collect();
            (format!("column {}", field.key.text), values.join(", "))
        }
        Entry::Draw(definition) => defined(definition, " ~"),
        Entry::Definition(definition) => defined(definition, ""),
        Entry::Allow(allow) => {
            let symbols: Vec<&str> = allow.symbols.iter().map(|symbol| symbol.text.as_str()).collect();
            let cost = allow.cost.map_or(1.0, |(cost, _)| cost);
            (format!("allow {}", symbols.join(", ")), format!("cost {cost}"))
        }
        Entry::AllowDefinition(definition, cost) => {
            let (key, value) = defined(definition, "");
            (format!("allow {key}"), format!("{value}, cost {}", cost.map_or(1.0, |(cost, _)| cost)))
        }
        Entry::Never(_, span) => (written(*span), String::new()),
        Entry::Expect(expect) => (written(expect.span), String::new()),
        Entry::Block(block) => (format!("{} {}", block.kind.text, block.name.text), written(block.span)),
    }
}

/// `runs 1_000 → 2_000 (doubled)`.
fn change(key: &str, from: Option<&str>, to: Option<&str>) -> String {
    match (from, to) {
        (Some(""), None) => format!("{key}: only in the first"),
        (None, Some("")) => format!("{key}: only in the second"),
        (Some(from), Some(to)) => format!("{key} {from} → {to}{}", ratio(from, to)),
        (Some(from), None) => format!("{key} {from} → nothing"),
        (None, Some(to)) => format!("{key} nothing → {to}"),
        (None, None) => key.to_owned(),
    }
}

/// ` (doubled)`, ` (÷10)`, where both are numbers in a plain ratio.
fn ratio(from: &str, to: &str) -> String {
    let number = |text: &str| text.replace('_', "").parse::<f64>().ok().filter(|value| *value > 0.0);
    let (Some(from), Some(to)) = (number(from), number(to)) else { return String::new() };
    let whole = |ratio: f64| (ratio > 1.5 && (ratio - ratio.round()).abs() < 1e-9 * ratio).then_some(ratio.round());
    match (whole(to / from), whole(from / to)) {
        (Some(2.0), _) => " (doubled)".into(),
        (_, Some(2.0)) => " (halved)".into(),
        (Some(times), _) => format!(" (×{times})"),
        (_, Some(parts)) => format!(" (÷{parts})"),
        _ => String::new(),
    }
}
