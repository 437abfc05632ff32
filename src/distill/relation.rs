//! Columns to formulas: symbolic regression on the rows of a table.

use super::DistillError;
use super::law::Constant;
use super::model::Model;
use crate::base::{Name, Seed, Watch};
use crate::expr::print::number;
use crate::expr::{Expr, Op, Scratch, Tape};
use crate::plan::{Budget, ColumnPlan, DistillPlan, FilePlan, SearchLoss, Template, UnknownCall, UnknownConstant};
use crate::search::{self, Dimensions, FitSettings, Front, Norm, SearchError, Settings};
use crate::simulate::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows on which uncertainties are found, at most: evenly thinned.
const FITTED: usize = 20_000;

/// Categories that a constant may have values of its own for.
const CATEGORIES: usize = 100;

/// A formula found for a column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    /// The column.
    pub target: Name,
    /// The formula over other columns, in base units.
    pub expr: Expr,
    /// Its numbers in the order in which they stand.
    pub constants: Vec<Constant>,
    /// What was unknown in the template, where there is one: `f(x)`, `C`, `C[2]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Formulas none of which is both simpler and better than another.
    pub front: Front,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// A part of a template that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// As the template has it.
    pub name: String,
    /// What it is.
    pub expr: Expr,
}

impl Relation {
    /// The formula's values on rows of the table. Columns that the table lacks are missing values.
    pub fn values(&self, table: &Table, rows: &[usize]) -> Vec<f64> {
        let names: Vec<Name> = self.expr.symbols().into_iter().collect();
        let columns: Vec<Vec<f64>> = names.iter().map(|name| chosen(table, name, rows)).collect();
        let tape = Tape::compile(std::slice::from_ref(&self.expr), &names, &[]).expect("its symbols are the names");
        let mut out = vec![0.0; rows.len()];
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        tape.eval(&slices, &[], &mut [&mut out[..]], &mut Scratch::new());
        out
    }
}

/// What is searched: a column of a table, and the rows that may be looked at.
#[derive(Clone, Copy)]
pub struct Sheet<'a> {
    /// The table.
    pub table: &'a Table,
    /// What the plan says of it.
    pub file: &'a FilePlan,
    /// The rows.
    pub rows: &'a [usize],
}

/// Searches a formula for a column. `clock` is needed for a budget in seconds only, see [`Settings::clock`].
pub fn relate(
    plan: &DistillPlan,
    target: &Name,
    sheet: Sheet,
    clock: Option<&(dyn Fn() -> f64 + Sync)>,
    watch: &dyn Watch,
) -> Result<Relation, DistillError> {
    let Sheet { table, file, rows } = sheet;
    let known = |name: &Name| match table.column(name) {
        Some(_) => Ok(()),
        None => Err(DistillError::NoColumn { name: name.clone(), known: table.names.clone() }),
    };
    known(target)?;
    let template = plan.form.as_ref().map(|form| by_category(form, table, rows)).transpose()?;
    let inputs = match &template {
        Some(template) => template.columns().into_iter().collect(),
        None => inputs(plan, target, file, table),
    };
    inputs.iter().try_for_each(known)?;
    let weights = file.weight.as_ref().map_or(vec![], |weight| chosen(table, weight, rows));
    let searched = search::Table {
        columns: inputs.iter().map(|name| chosen(table, name, rows)).collect(),
        target: chosen(table, target, rows),
        weights,
        noise: 0.0,
        dimensions: dimensions(&inputs, target, file),
        inputs: inputs.clone(),
    };
    let settings = Settings {
        loss: plan.loss,
        budget: plan.budget,
        choose: plan.choose,
        seed: Seed::root(plan.seed).child("search"),
        clock,
    };
    let (front, parts) = match &template {
        None => (search::search(&searched, &plan.operators, &settings, watch)?, vec![]),
        Some(template) => {
            let found = search::search_template(&searched, template, &plan.operators, &settings, watch)?;
            let parts = found.parts.get(found.front.chosen).map_or(vec![], |parts| named(template, parts));
            (found.front, parts)
        }
    };
    let Some(best) = front.formulas.get(front.chosen) else {
        return Err(DistillError::Search(SearchError::NothingAllowed));
    };
    let mut notes = vec![];
    if front.rows < rows.len() {
        notes.push(format!(
            "{} of {} rows were left out: a value is missing or not finite",
            rows.len() - front.rows,
            rows.len()
        ));
    }
    if front.exact {
        notes.push("exact to the precision of numbers".into());
    }
    if let Budget::Seconds(_) = plan.budget {
        notes.push(format!("the time allowed was enough for {} evaluations", front.evaluations));
    }
    let constants = constants(&best.expr, &searched, plan.loss);
    Ok(Relation { target: target.clone(), expr: best.expr.clone(), constants, parts, front, notes })
}

/// The template with a constant for each category in place of one that has a value of its own in each.
fn by_category(template: &Template, table: &Table, rows: &[usize]) -> Result<Template, DistillError> {
    let (mut constants, mut sums) = (vec![], BTreeMap::new());
    for constant in &template.constants {
        let Some(per) = &constant.per else {
            constants.push(constant.clone());
            continue;
        };
        if table.column(per).is_none() {
            return Err(DistillError::NoColumn { name: per.clone(), known: table.names.clone() });
        }
        let mut values = chosen(table, per, rows);
        values.retain(|value| value.is_finite());
        values.sort_by(f64::total_cmp);
        values.dedup();
        if values.len() > CATEGORIES {
            return Err(DistillError::Categories { column: per.clone(), found: values.len(), most: CATEGORIES });
        }
        let mut sum = Expr::number(0.0);
        for value in values {
            let name = Name::from(format!("{}[{}]", constant.name, number(value)));
            let here = Expr::call(Op::Eq, vec![Expr::symbol(per.clone()), Expr::number(value)]);
            sum = sum + Expr::symbol(name.clone()) * here;
            constants.push(UnknownConstant { name, per: None });
        }
        sums.insert(constant.name.clone(), sum);
    }
    let calls = template.calls.iter().map(|call| {
        let arguments = call.arguments.iter().map(|argument| argument.substitute(&sums)).collect();
        UnknownCall { arguments, ..call.clone() }
    });
    let (calls, functions) = (calls.collect(), template.functions.clone());
    Ok(Template { form: template.form.substitute(&sums), constants, functions, calls })
}

/// The parts of a template with what was found for each.
fn named(template: &Template, (functions, constants): &(Vec<Expr>, Vec<f64>)) -> Vec<Part> {
    let functions = template.functions.iter().zip(functions).map(|(function, expr)| {
        let parameters: Vec<&str> = function.parameters.iter().map(Name::as_str).collect();
        Part { name: format!("{}({})", function.name, parameters.join(", ")), expr: expr.clone() }
    });
    let constants = template.constants.iter().zip(constants);
    functions
        .chain(constants.map(|(constant, value)| Part { name: constant.name.to_string(), expr: Expr::number(*value) }))
        .collect()
}

/// The columns that a formula may use: those that the plan names, vectors by component, else all without another part.
fn inputs(plan: &DistillPlan, target: &Name, file: &FilePlan, table: &Table) -> Vec<Name> {
    let parts = |name: &Name| match file.columns.iter().find(|column| column.name == *name) {
        Some(column) => column.parts(),
        None => vec![name.clone()],
    };
    if !plan.inputs.is_empty() {
        return plan.inputs.iter().flat_map(parts).collect();
    }
    let roles = [&file.target, &file.weight, &file.run];
    let declared: Vec<Name> = file.columns.iter().flat_map(ColumnPlan::parts).collect();
    let free = |name: &&Name| {
        **name != *target
            && !roles.iter().any(|role| role.as_ref() == Some(*name))
            && (declared.is_empty() || declared.contains(name))
    };
    table.names.iter().filter(free).cloned().collect()
}

/// Dimensions of inputs and target, where the script gives any.
fn dimensions(inputs: &[Name], target: &Name, file: &FilePlan) -> Option<Dimensions> {
    let of = |name: &Name| {
        let column = file.columns.iter().find(|column| column.parts().contains(name));
        column.and_then(|column| column.dimension).unwrap_or([0.0; 7]).to_vec()
    };
    file.columns
        .iter()
        .any(|column| column.dimension.is_some())
        .then(|| Dimensions { inputs: inputs.iter().map(of).collect(), target: of(target) })
}

/// The numbers of a formula, each with the value that it has when all are free, and how well that is known.
fn constants(expr: &Expr, table: &search::Table, loss: SearchLoss) -> Vec<Constant> {
    let model = Model::free(expr, &[]);
    let finite =
        |row: &usize| table.target[*row].is_finite() && table.columns.iter().all(|column| column[*row].is_finite());
    let sound: Vec<usize> = (0..table.target.len()).filter(finite).collect();
    let kept = sound.len().min(FITTED);
    let rows: Vec<usize> = (0..kept).map(|k| sound[k * sound.len() / kept]).collect();
    let pick = |column: &Vec<f64>| -> Vec<f64> { rows.iter().map(|row| column[*row]).collect() };
    let columns: Vec<Vec<f64>> = table.columns.iter().map(pick).collect();
    let mut weights = if table.weights.is_empty() { vec![1.0; rows.len()] } else { pick(&table.weights) };
    let target = pick(&table.target);
    if loss == SearchLoss::Relative {
        weights.iter_mut().zip(&target).for_each(|(weight, y)| *weight /= (y * y).max(f64::MIN_POSITIVE));
    }
    let norm = if loss == SearchLoss::Mae { Norm::Absolute } else { Norm::Squares };
    let Ok(tape) = Tape::compile(std::slice::from_ref(&model.pair), &table.inputs, &model.names) else { return vec![] };
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let settings = FitSettings { norm, iterations: 50, ..FitSettings::default() };
    let fitted = search::fit_constants(&tape, &slices, &target, &weights, &model.values, &settings);
    let constant = |k: usize| {
        let uncertainty = fitted.uncertainty(k);
        Constant {
            value: model.values[k],
            fitted: fitted.constants[k],
            // Where the rows say nothing of a number, it may as well be any other of its size.
            uncertainty: if uncertainty.is_finite() { uncertainty } else { fitted.constants[k].abs() },
        }
    };
    (0..model.values.len()).map(constant).collect()
}

/// A column on some rows.
fn chosen(table: &Table, name: &Name, rows: &[usize]) -> Vec<f64> {
    match table.column(name) {
        Some(column) => rows.iter().map(|row| column[*row]).collect(),
        None => vec![f64::NAN; rows.len()],
    }
}
