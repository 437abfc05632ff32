//! A plan with all its defaults: as a script, and as JSON the plan itself (`serde`).

mod script;

pub use script::script;

use super::schema::{self, Default, Extra};
use crate::plan::Plan;
use std::fmt::Write as _;

/// The plan as pretty JSON, ended by a line end. Names and order are those of [`Plan`].
pub fn json(plan: &Plan) -> String {
    serde_json::to_string_pretty(plan).expect("plan data has no non-string keys") + "\n"
}

/// Help on a kind of block: what it is, and every field with its default.
pub fn help(kind: &str) -> Option<String> {
    let kind = schema::kind(kind)?;
    let mut out = format!("{} NAME {{ … }}\n  {}\n\n", kind.name, kind.doc);
    for field in kind.fields {
        let default = match field.default {
            Default::Is(text) => format!("default {text}"),
            Default::Required(example) => format!("required, such as `{example}`"),
            Default::Absent(text) => format!("default: {text}"),
        };
        let _ = writeln!(out, "  {:<12} {} ({default})", field.key, field.doc);
    }
    for extra in kind.entries {
        let _ = match extra {
            Extra::Draw => writeln!(out, "  NAME ~ …     draws an attribute, `position` or `velocity` of every body"),
            Extra::Definition(name, arity) => {
                let forms =
                    arity.iter().map(|n| if *n == 1 { format!("{name}(i) = …") } else { format!("{name}(i, j) = …") });
                writeln!(out, "  {}", forms.collect::<Vec<_>>().join(", "))
            }
            Extra::Allow => writeln!(out, "  allow …      operators, or `allow f(x) = …`, with `cost n`"),
            Extra::Never => writeln!(out, "  never …      patterns no formula may contain; `_` stands for anything"),
            Extra::Column => writeln!(out, "  column …     `column mass: kg = m` maps or derives a column"),
            Extra::Grid => writeln!(out, "  NAME in …    values of a parameter"),
            Extra::Block(name) => writeln!(out, "  {name} …"),
            Extra::Expect => writeln!(out, "  expect …"),
        };
    }
    Some(out)
}
