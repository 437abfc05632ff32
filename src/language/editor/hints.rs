//! What is not written but holds: dimensions that were inferred, and defaults of fields.

use super::Document;
use crate::language::schema::{self, Default};
use crate::language::tree::{Block, Entry, Item};

/// A text shown in the script, behind the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Where it is shown.
    pub byte: usize,
    /// The text.
    pub text: String,
    /// More, shown when asked for.
    pub more: String,
}

/// How many defaults are shown in the line.
const SHOWN: usize = 3;

impl Document {
    /// Hints of the whole script: dimensions behind names, defaults behind the `{` of blocks.
    pub fn hints(&self) -> Vec<Hint> {
        let mut hints: Vec<Hint> = self
            .checked
            .inferred
            .iter()
            .filter(|(span, _)| span.source.0 == 0)
            .map(|(span, unit)| Hint { byte: span.end as usize, text: format!(": {unit}"), more: "inferred".into() })
            .collect();
        for item in &self.modules.list[0].script.items {
            if let Item::Block(block) = item {
                self.defaults(block, &mut hints);
            }
        }
        hints.sort_by_key(|hint| hint.byte);
        // A law is checked once for each set of arguments.
        hints.dedup();
        hints
    }

    fn defaults(&self, block: &Block, hints: &mut Vec<Hint>) {
        let Some(kind) = schema::kind(&block.kind.text) else { return };
        let written =
            |key: &str| block.entries.iter().any(|entry| matches!(entry, Entry::Field(field) if field.key.text == key));
        let simulated = kind.name == "data";
        let left: Vec<String> = kind
            .fields
            .iter()
            .filter(|field| !(written(field.key) || simulated && ["box", "links", "rows"].contains(&field.key)))
            .filter_map(|field| {
                if let Default::Is(text) = field.default { Some(format!("{} = {text}", field.key)) } else { None }
            })
            .collect();
        let text = self.text();
        let start = block.name.span.end as usize;
        let brace = text[start..block.span.range(text.len()).end.max(start)].find('{').map(|at| start + at + 1);
        if let Some(byte) = brace.filter(|_| !left.is_empty()) {
            let more = if left.len() > SHOWN { "; …" } else { "" };
            let shown = left.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
            hints.push(Hint { byte, text: format!("  {shown}{more}"), more: left.join("\n") });
        }
        for entry in &block.entries {
            if let Entry::Block(inner) = entry {
                self.defaults(inner, hints);
            }
        }
    }
}
