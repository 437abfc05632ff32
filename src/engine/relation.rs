//! What is measured of tables, and of formulas found for their columns.

use super::measure::Results;
use super::record::Sheet;
use super::score::score;
use crate::distill::Relation;
use crate::simulate::{Parts, Table};

/// Rows that the tables of the run folder keep.
const SHOWN: usize = 5_000;

/// How many rows there are, and what becomes of them.
pub fn measure_table(table: &Table, parts: &Parts) -> Results {
    let count = |rows: &Vec<usize>| rows.len() as f64;
    Results::from([
        ("rows".into(), table.rows() as f64),
        ("rows.left_out".into(), (table.read - table.rows()) as f64),
        ("rows.train".into(), count(&parts.train)),
        ("rows.validation".into(), count(&parts.validation)),
        ("rows.test".into(), count(&parts.test)),
        ("rows.held_out".into(), count(&parts.held_out)),
    ])
}

/// Scores of a formula on the rows of each part, beside those of the best constant of the training rows; and what it
/// predicts for the test rows, or where there are none for those it was found on. Rows with a missing value do not count.
pub fn measure_relation(relation: &Relation, table: &Table, parts: &Parts) -> (Results, Vec<Sheet>) {
    let mut results = Results::new();
    let truth = table.column(&relation.target).unwrap_or(&[]);
    let middle = median(parts.train.iter().map(|row| truth[*row]).filter(|value| value.is_finite()).collect());
    let mut shown = None;
    let all = [
        ("train", &parts.train),
        ("validation", &parts.validation),
        ("test", &parts.test),
        ("held_out", &parts.held_out),
    ];
    for (path, rows) in all {
        let sound = sound_rows(relation, table, rows);
        if sound.is_empty() {
            continue;
        }
        let (truth, predicted) = sides(relation, table, &sound);
        score(path, &truth, &predicted, 1, &mut results);
        let constant = truth.iter().map(|value| (value - middle).abs()).sum::<f64>() / truth.len() as f64;
        results.insert(format!("{path}.constant"), constant);
        if path == "test" || shown.is_none() {
            shown = Some((truth, predicted));
        }
    }
    if let Some(formula) = relation.front.formulas.get(relation.front.chosen) {
        results.insert("complexity".into(), formula.complexity);
    }
    let sheet = shown.map(|(truth, predicted)| {
        Sheet::new("predictions", vec![("true", thin(&truth)), ("predicted", thin(&predicted))])
    });
    (results, sheet.into_iter().collect())
}

fn sides(relation: &Relation, table: &Table, rows: &[usize]) -> (Vec<f64>, Vec<f64>) {
    let truth = table.column(&relation.target).unwrap_or(&[]);
    (rows.iter().map(|row| truth[*row]).collect(), relation.values(table, rows))
}

/// Rows in which the target and all inputs of the formula are there. A formula that is not finite on such a row scores so.
fn sound_rows(relation: &Relation, table: &Table, rows: &[usize]) -> Vec<usize> {
    let symbols = relation.expr.symbols();
    let columns: Vec<&[f64]> = symbols.iter().chain([&relation.target]).filter_map(|name| table.column(name)).collect();
    rows.iter().copied().filter(|row| columns.iter().all(|column| column[*row].is_finite())).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn thin(values: &[f64]) -> Vec<f64> {
    let kept = values.len().min(SHOWN);
    (0..kept).map(|k| values[k * values.len() / kept]).collect()
}
