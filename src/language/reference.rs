//! What there is in the language, with its documentation: blocks, fields, words, functions, operators, units, results and
//! items of the library. `sdl doc`, completion and hover read this table, which is made of the others.

use super::help;
use super::lexer::RESERVED;
use super::prompt;
use super::resolve::LIBRARY;
use super::results;
use super::schema::{self, Default, Extra, Field, Form, KINDS, Shape};
use super::tree::{Item, Script};
use super::units;
use crate::base::{SourceId, Span};
use crate::expr::{Fixity, OPERATORS, Op};

/// Something that can be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it is asked for: `system`, `train.epochs`, `l1`, `sqrt`, `std.systems.spring`, `km`.
    pub name: String,
    /// What kind of thing it is, in one word or two.
    pub kind: &'static str,
    /// How it is written.
    pub form: String,
    /// What it means.
    pub doc: String,
    /// A script that uses it.
    pub example: Option<String>,
}

/// Functions that are no operators: how they are written and what they give.
pub const FUNCTIONS: [(&str, &str, &str); 12] = [
    ("distance", "distance(i, j)", "distance of two bodies, the shortest in a periodic box"),
    ("direction", "direction(i, j)", "unit vector from i to j"),
    ("displacement", "displacement(i, j)", "vector from i to j"),
    ("norm", "norm(v)", "length of a vector"),
    ("dot", "dot(v, w)", "scalar product of two vectors"),
    ("cross", "cross(v, w)", "vector product in three dimensions; its only component, a number, in two"),
    ("vector", "vector(x, y)", "vector of these components"),
    ("normal", "normal(mean, deviation)", "draws a normal number; right of `~`"),
    ("log_normal", "log_normal(mean, deviation)", "draws a number whose logarithm is normal; right of `~`"),
    ("uniform", "uniform(low, high)", "draws a number between two; right of `~`"),
    ("log_uniform", "log_uniform(low, high)", "draws a number whose logarithm is uniform; right of `~`"),
    ("choice", "choice(a, b, …)", "draws one of these; right of `~`"),
];

/// Everything, in the order in which it is told.
pub fn entries() -> Vec<Entry> {
    let mut all = vec![];
    for kind in &KINDS {
        all.push(entry(kind.name, "block", format!("{} NAME {{ … }}", kind.name), kind.doc));
        for field in kind.fields {
            let name = format!("{}.{}", kind.name, field.key);
            all.push(entry(&name, "field", format!("{} = …", field.key), &field_doc(field)));
            for form in forms(field.shape) {
                all.push(entry(&format!("{name}.{}", form.name), "value", shown(form), form.doc));
            }
            if let Shape::Words(words) = field.shape {
                all.extend(words.iter().map(|word| entry(&format!("{name}.{word}"), "value", (*word).into(), "")));
            }
        }
        all.extend(kind.entries.iter().flat_map(|extra| extra_entries(kind.name, extra)));
    }
    all.extend(FUNCTIONS.iter().map(|(name, form, doc)| entry(name, "function", (*form).into(), doc)));
    let at_prompt = prompt::FUNCTIONS.iter();
    all.extend(at_prompt.map(|row| entry(row.name, "function of the prompt", row.usage.into(), row.doc)));
    for row in &OPERATORS {
        let form = match row.fixity {
            None if row.arity == 1 => format!("{}(x)", row.name),
            None => format!("{}(x, y)", row.name),
            Some(Fixity::Prefix(_)) => format!("{} x", row.name),
            Some(_) => format!("x {} y", row.name),
        };
        let form = if row.op == Op::If { "if c then a else b".into() } else { form };
        all.push(entry(row.name, if row.fixity.is_none() { "function" } else { "operator" }, form, row.doc));
    }
    let heads = [
        (
            "use",
            "use std.systems.spring",
            "names of the library, or of another file below the script's folder: `use \"./file.sdl\"`",
        ),
        (
            "expect",
            "expect law recovers springs",
            "what must come out: judged when the script has run, which fails if it does not hold",
        ),
        ("sdl", "sdl 1", "the version of the language that a script is written in, in its first line"),
    ];
    all.extend(heads.iter().map(|(name, form, doc)| entry(name, "item", (*form).into(), doc)));
    let constants = [
        ("pi", "the number π"),
        ("particles", "how many bodies the system has"),
        ("space", "how many dimensions space has"),
    ];
    all.extend(constants.iter().map(|(name, doc)| entry(name, "constant", (*name).into(), doc)));
    all.extend(
        RESERVED
            .iter()
            .map(|(word, _)| *word)
            .filter(|word| !["if", "and", "or", "not"].contains(word))
            .map(|word| entry(word, "reserved word", word.into(), reserved(word))),
    );
    for (stage, results) in [("train", results::of("train")), ("distill", results::of("distill"))] {
        all.extend(results.into_iter().map(|path| {
            entry(
                &format!("{stage}.{path}"),
                "result",
                format!("NAME.{path}"),
                &format!("a result of a `{stage}`, for `expect` and tables"),
            )
        }));
    }
    for (module, text) in LIBRARY {
        all.extend(library(module, text));
    }
    all.extend(units::all().map(|(name, meaning)| entry(name, "unit", format!("1 {name}"), &meaning)));
    all
}

fn reserved(word: &str) -> &'static str {
    match word {
        "then" | "else" => "a choice: `if r > 1 then a else b`",
        "where" => "names parts of a formula: `energy(i, j) = (r - 1)^2 where r = distance(i, j)`",
        "in" => "values of a parameter in a `sweep`: `n in 3, 4, 5`",
        "cost" => "how much an operator of `allow` weighs in a formula: `allow exp, log cost 3`",
        "over" => "the range of a curve at the prompt: `:plot sin(x) over x = 0..10`",
        "with" => "the operators of a `distill`; columns of tables in a plot of the prompt",
        "recovers" => {
            "whether a law equals a system up to what the data cannot tell apart: `expect law recovers springs`"
        }
        "true" | "false" => "the value of a flag",
        _ => "cannot be a name",
    }
}

fn entry(name: &str, kind: &'static str, form: String, doc: &str) -> Entry {
    Entry { name: name.into(), kind, form, doc: doc.into(), example: None }
}

/// A field's meaning with its default.
pub fn field_doc(field: &Field) -> String {
    let default = match field.default {
        Default::Is(text) => format!("default `{text}`"),
        Default::Required(example) => format!("required, such as `{example}`"),
        Default::Absent(text) => format!("default: {text}"),
    };
    format!("{} ({default})", field.doc)
}

/// The words and calls that a field may be.
pub fn forms(shape: Shape) -> &'static [Form] {
    if let Shape::Form(forms) = shape { forms } else { &[] }
}

/// A form as it is written.
pub fn shown(form: &Form) -> String {
    super::read::shown(form)
}

/// A module of the library and its items, with what their comments say.
fn library(module: &str, text: &'static str) -> Vec<Entry> {
    let (script, _) = super::parse(SourceId(0), text);
    let path = format!("std.{module}");
    let mut all = vec![entry(&path, "module", format!("use {path}"), &module_doc(&script, text))];
    for item in &script.items {
        let (name, kind, form, span) = match item {
            Item::Block(block) => {
                let params: Vec<String> = block
                    .params
                    .iter()
                    .map(|param| {
                        let written = |span: Span| &text[span.range(text.len())];
                        let default = param.default.as_ref().map(|term| format!(" = {}", written(term.span)));
                        format!("{}{}", param.name.text, default.unwrap_or_default())
                    })
                    .collect();
                let head = if params.is_empty() { String::new() } else { format!("({})", params.join(", ")) };
                let kind = schema::kind(&block.kind.text).map_or("item", |kind| kind.name);
                (&block.name.text, kind, format!("{path}.{}{head}", block.name.text), block.span)
            }
            Item::Definition(definition) => {
                let form = text[definition.span.range(text.len())].to_owned();
                (&definition.name.text, "constant", form, definition.span)
            }
            _ => continue,
        };
        let (doc, example) = doc_of(&script, text, span);
        all.push(Entry { name: format!("{path}.{name}"), kind, form, doc, example });
    }
    all
}

/// The documentation of a module: the `##` comment after its version line, if a blank line follows it.
fn module_doc(script: &Script, text: &str) -> String {
    let Some(first) = script.comments.iter().find(|comment| comment.text.starts_with("##")) else {
        return String::new();
    };
    let mut lines = vec![];
    for line in text[first.span.start as usize..].lines() {
        match line.strip_prefix("##") {
            Some(line) => lines.push(line.trim()),
            None if line.trim().is_empty() => return lines.join(" "),
            None => return String::new(),
        }
    }
    lines.join(" ")
}

/// What the `##` comment directly above an item says, and the example in it: its lines that are indented by four.
pub fn doc_of(script: &Script, text: &str, item: Span) -> (String, Option<String>) {
    let start_of_line = |at: usize| text[..at].rfind('\n').map_or(0, |end| end + 1);
    let mut top = start_of_line(item.start as usize);
    let mut lines: Vec<&str> = vec![];
    for comment in script.comments.iter().rev().filter(|comment| comment.alone && comment.span.start < item.start) {
        let line = start_of_line(comment.span.start as usize);
        let next = text[line..].find('\n').map_or(text.len(), |end| line + end + 1);
        match comment.text.strip_prefix("##") {
            Some(words) if next == top => lines.push(words),
            _ => break,
        }
        top = line;
    }
    lines.reverse();
    let (example, prose): (Vec<&str>, Vec<&str>) = lines.into_iter().partition(|line| line.starts_with("     "));
    let doc = prose.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let example: String = example.iter().map(|line| format!("{}\n", &line[5..])).collect();
    (doc, (!example.is_empty()).then_some(example))
}

/// What is known under a name: an exact one, or every entry whose last part it is; else the nearest name.
///
/// # Errors
/// A word to the user with the nearest name.
pub fn look_up(name: &str) -> Result<Vec<Entry>, String> {
    let all = entries();
    let exact: Vec<Entry> = all.iter().filter(|entry| entry.name == name).cloned().collect();
    if !exact.is_empty() {
        return Ok(exact);
    }
    let tail = format!(".{name}");
    let found: Vec<Entry> = all.iter().filter(|entry| entry.name.ends_with(&tail)).cloned().collect();
    if !found.is_empty() {
        return Ok(found);
    }
    if let Some(unit) = units::described(name) {
        return Ok(vec![entry(name, "unit", format!("1 {name}"), &unit)]);
    }
    let names: Vec<&str> =
        all.iter().flat_map(|entry| [entry.name.as_str(), entry.name.rsplit('.').next().unwrap_or("")]).collect();
    Err(match help::nearest(name, names) {
        Some(near) => format!("there is nothing called `{name}`; did you mean `{near}`?"),
        None => format!("there is nothing called `{name}`; `sdl doc` lists everything"),
    })
}

impl Entry {
    /// As text for a terminal; blocks with all their fields.
    pub fn told(&self) -> String {
        let owner = self.name.rsplit_once('.').map(|(owner, _)| owner);
        let written = match (self.kind, owner) {
            ("field", Some(_)) => self.name.clone(),
            ("value", Some(owner)) => format!("{owner} = {}", self.form),
            _ => self.form.clone(),
        };
        let mut out = format!("{written}  ({})\n", self.kind);
        if !self.doc.is_empty() {
            out += &format!("  {}\n", self.doc);
        }
        if let Some(example) = &self.example {
            out += "\n";
            example.lines().for_each(|line| out += &format!("    {line}\n"));
        }
        if self.kind == "block"
            && let Some(kind) = schema::kind(&self.name)
        {
            out += "\n";
            for field in kind.fields {
                out += &format!("  {:<12} {}\n", field.key, field_doc(field));
            }
            kind.entries.iter().for_each(|extra| out += &format!("  {}\n", extra_doc(extra)));
        }
        out
    }
}

/// What besides fields may stand in a block, by its first word.
fn extra_entries(kind: &str, extra: &Extra) -> Vec<Entry> {
    let named = |name: &str, form: &str, doc: &str| entry(&format!("{kind}.{name}"), "entry", form.into(), doc);
    match extra {
        Extra::Draw => [
            ("position", "position ~ normal(0, 1)", "where bodies start; as many components as `space`"),
            ("velocity", "velocity ~ normal(0, 1)", "how fast bodies start; as many components as `space`"),
            ("mass", "mass ~ log_normal(0, 1)", "what forces are divided by; 1 where it is not drawn"),
        ]
        .map(|(name, form, doc)| named(name, form, doc))
        .to_vec(),
        Extra::Definition(name, _) => {
            let doc = match *name {
                "energy" => {
                    "the energy of a body, or of a pair, which counts once and must be symmetric; forces follow from it"
                }
                "force" => "the force on body i, of body j on i where there are two; added to all others",
                _ => "a template for the law of a trained network: `sum(j, f(i, j))` runs over the neighbours of i",
            };
            vec![named(name, &extra_doc(extra), doc)]
        }
        Extra::Allow => vec![named("allow", "allow +, -, exp cost 3", &extra_doc(extra))],
        Extra::Never => vec![named("never", "never exp(exp(_))", &extra_doc(extra))],
        Extra::Column => vec![named("column", "column mass: kg = m", &extra_doc(extra))],
        Extra::Grid | Extra::Block(_) | Extra::Expect => vec![],
    }
}

/// What besides fields may stand in a block.
fn extra_doc(extra: &Extra) -> String {
    match extra {
        Extra::Draw => "NAME ~ …     draws an attribute, `position` or `velocity` of every body".into(),
        Extra::Definition(name, arity) => {
            let forms: Vec<String> = arity
                .iter()
                .map(|count| if *count == 1 { format!("{name}(i) = …") } else { format!("{name}(i, j) = …") })
                .collect();
            forms.join(", ")
        }
        Extra::Allow => "allow …      operators, or `allow f(x) = …`, with `cost n`".into(),
        Extra::Never => "never …      patterns no formula may contain; `_` stands for anything".into(),
        Extra::Column => "column …     `column mass: kg = m` maps or derives a column".into(),
        Extra::Grid => "NAME in …    values of a parameter".into(),
        Extra::Block(name) => format!("{name} …"),
        Extra::Expect => "expect …".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::builtin;

    #[test]
    fn every_function_is_documented() {
        for name in builtin::names() {
            let found = look_up(name).expect("documented");
            assert!(found.iter().any(|entry| entry.kind == "function" && !entry.doc.is_empty()), "{name}");
        }
        for row in &prompt::FUNCTIONS {
            assert!(look_up(row.name).is_ok_and(|found| !found[0].doc.is_empty()), "{}", row.name);
        }
    }

    #[test]
    fn every_word_that_begins_an_entry_is_documented() {
        for word in ["energy", "force", "form", "position", "mass", "allow", "never", "column", "use", "expect", "sdl"]
        {
            assert!(look_up(word).is_ok_and(|found| found.iter().any(|entry| !entry.doc.is_empty())), "{word}");
        }
    }

    #[test]
    fn names_are_found_whole_by_their_end_or_not() {
        let names =
            |name: &str| look_up(name).map(|found| found.into_iter().map(|entry| entry.name).collect::<Vec<_>>());
        assert_eq!(names("train.epochs").unwrap(), ["train.epochs"]);
        assert_eq!(names("spring").unwrap(), ["std.systems.spring"]);
        assert_eq!(names("km").unwrap(), ["km"]);
        assert!(names("seed").unwrap().contains(&"data.seed".to_owned()));
        assert_eq!(names("epoch").unwrap_err(), "there is nothing called `epoch`; did you mean `epochs`?");
        assert!(look_up("system").unwrap()[0].told().contains("particles    number of bodies (default `4`)"));
    }
}
