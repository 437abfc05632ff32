//! A formula for a column of a table: as lines, as a script, and as a section of the page.

use super::figures::quantity;
use super::grid::short;
use super::law::{beside, constants_line};
use crate::base::Name;
use crate::distill::Relation;
use crate::expr::Expr;
use crate::expr::print::typeset;
use crate::plan::{DataSource, DistillSource, FilePlan, Plan};
use std::collections::BTreeMap;

/// The files behind a distillation of a column.
pub fn file_of<'a>(plan: &'a Plan, distill: &Name) -> Option<&'a FilePlan> {
    match &plan.distills.get(distill)?.of {
        DistillSource::Column { data, .. } => match &plan.data.get(data)?.from {
            DataSource::File(file) => Some(file),
            DataSource::System(_) => None,
        },
        DistillSource::Fit(_) => None,
    }
}

/// What was found, for people: the formula, its constants, what to know.
pub fn relation_lines(plan: &Plan, name: &Name, relation: &Relation) -> Vec<String> {
    let file = file_of(plan, name);
    let head = format!("{name}: {} = ", relation.target);
    let mut lines = beside(&head, &typeset::block(&relation.expr), "");
    for part in &relation.parts {
        lines.extend(beside(&format!("  {} = ", part.name), &typeset::block(&part.expr), ""));
    }
    let units: Vec<String> = relation
        .expr
        .symbols()
        .iter()
        .chain([&relation.target])
        .filter_map(|column| Some(format!("{column} in {}", file?.unit(column)?)))
        .collect();
    if !units.is_empty() {
        lines.push(format!("  units: {}", units.join(", ")));
    }
    lines.extend(constants_line(&relation.constants));
    lines.extend(relation.notes.iter().map(|note| format!("  {note}")));
    lines
}

/// How well a formula does on each part of the rows; `results` have full names.
pub fn score_lines(name: &Name, results: &BTreeMap<String, f64>) -> Vec<String> {
    let value = |path: &str| results.get(&format!("{name}.{path}")).map_or("–".into(), |value| short(*value, 4));
    let parts = [("train", "rows searched on"), ("test", "test rows"), ("held_out", "rows held out")];
    let found = parts.iter().filter(|(part, _)| results.contains_key(&format!("{name}.{part}.constant")));
    let line = |(part, what): &(&str, &str)| {
        let [error, constant, r2] = ["mae", "constant", "r2"].map(|score| value(&format!("{part}.{score}")));
        format!("  {what}: mean absolute error {error} (a constant: {constant}), R² {r2}")
    };
    found.map(line).collect()
}

/// The formula as a script: a function of the columns in it.
pub fn relation_script(plan: &Plan, name: &Name, relation: &Relation) -> String {
    let symbols = relation.expr.symbols();
    let map = symbols.iter().map(|symbol| (symbol.clone(), Expr::symbol(symbol.plain()))).collect();
    let parameters: Vec<String> = symbols.iter().map(|symbol| symbol.plain()).collect();
    let file = file_of(plan, name).map_or(String::new(), |file| format!(" in `{}`", file.path));
    let units = symbols.iter().map(|column| quantity(plan, name, column)).collect::<Vec<_>>().join(", ");
    format!(
        "sdl 1\n\n## The formula that `{name}` found for {}{file}, of {units}.\n{}({}) = {}\n",
        quantity(plan, name, &relation.target),
        name.plain(),
        parameters.join(", "),
        relation.expr.substitute(&map),
    )
}
