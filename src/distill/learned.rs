//! Attributes that nobody measured. The network has a number for each body; here they are fitted to the data together with
//! the constants of a law: a formula over numbers that are a little wrong cannot be told from a wrong formula.
//!
//! A common factor of them is a matter of units: the largest is 1 in the end, and stays as it is in every fit.

use super::model::Model;
use crate::base::{Name, json};
use crate::expr::{Expr, Op, simplify};
use crate::plan::symbols;
use crate::search::Fitted;
use crate::simulate::Trajectories;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Numbers that are fitted together with a law, at most; more stay as the network has them.
pub const MOST: usize = 64;

/// An attribute that nobody measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// Its name.
    pub name: Name,
    /// Its value for each body; the largest is 1.
    #[serde(with = "json::list")]
    pub values: Vec<f64>,
    /// Their standard deviations; 0 for the largest.
    #[serde(with = "json::list")]
    pub uncertainty: Vec<f64>,
}

/// What the data have under these names, body by body.
pub fn read(names: &[Name], data: &Trajectories) -> Vec<Learned> {
    let width = data.attributes.len();
    let column = |name: &Name| -> Vec<f64> {
        let column = data.attribute_index(name);
        (0..data.particles).map(|body| column.map_or(1.0, |column| data.attribute[body * width + column])).collect()
    };
    let of = |name: &Name| Learned { name: name.clone(), values: column(name), uncertainty: vec![0.0; data.particles] };
    names.iter().map(of).collect()
}

/// The data with what is learned in place of what was measured.
pub fn write(learned: &[Learned], data: &mut Trajectories) {
    let width = data.attributes.len();
    for Learned { name, values, .. } in learned {
        let Some(column) = data.attribute_index(name) else { continue };
        for body in 0..data.runs * data.particles {
            data.attribute[body * width + column] = values[body % data.particles];
        }
    }
}

/// The number with the largest size.
fn reference(values: &[f64]) -> usize {
    (0..values.len()).fold(0, |best, at| if values[at].abs() > values[best].abs() { at } else { best })
}

/// Every number that is fitted: attribute and body.
fn free(learned: &[Learned]) -> impl Iterator<Item = (usize, usize)> + '_ {
    learned.iter().enumerate().flat_map(|(attribute, Learned { values, .. })| {
        let fixed = reference(values);
        (0..values.len()).filter(move |body| *body != fixed).map(move |body| (attribute, body))
    })
}

/// The model with a further constant for each number that is learned, the largest of each attribute excepted.
pub fn open(model: &Model) -> Model {
    let learned = &model.learned;
    let mut out = Model { learned: vec![], ..model.clone() };
    let mut numbers: Vec<Vec<Expr>> =
        learned.iter().map(|one| one.values.iter().map(|value| Expr::number(*value)).collect()).collect();
    for (attribute, body) in free(learned) {
        numbers[attribute][body] = Expr::symbol(out.constant(learned[attribute].values[body]));
    }
    let mut map = BTreeMap::new();
    for (Learned { name, .. }, numbers) in learned.iter().zip(&numbers) {
        for who in ["i", "j"] {
            let index = Expr::symbol(symbols::attribute(who, "index"));
            let mut choice = numbers.last().cloned().unwrap_or_else(|| Expr::number(1.0));
            for (body, number) in numbers.iter().enumerate().rev().skip(1) {
                let own = Expr::call(Op::Eq, vec![index.clone(), Expr::number((body + 1) as f64)]);
                choice = Expr::call(Op::If, vec![own, number.clone(), choice]);
            }
            map.insert(symbols::attribute(who, name), choice);
        }
    }
    let replaced = |expr: &Expr| expr.substitute(&map);
    Model { pair: replaced(&out.pair), body: out.body.iter().map(replaced).collect(), ..out }
}

/// Takes over the constants of the [`open`] model after a fit.
pub fn close(model: &mut Model, open: &Model, fitted: &Fitted) {
    let own = model.values.len();
    model.values.clone_from_slice(&open.values[..own]);
    model.learned.iter_mut().for_each(|one| one.uncertainty.fill(0.0));
    let places: Vec<(usize, usize)> = free(&model.learned).collect();
    for (at, (attribute, body)) in (own..).zip(places) {
        model.learned[attribute].values[body] = open.values[at];
        model.learned[attribute].uncertainty[body] = fitted.uncertainty(at);
    }
}

/// The same law in units in which the largest number of each attribute is 1.
pub fn in_units_of_the_largest(model: &Model) -> Model {
    let mut learned = model.learned.clone();
    let mut map = BTreeMap::new();
    for Learned { name, values, uncertainty } in &mut learned {
        let unit = values[reference(values)];
        values.iter_mut().for_each(|value| *value /= unit);
        uncertainty.iter_mut().for_each(|deviation| *deviation /= unit.abs());
        for who in ["i", "j"] {
            let symbol = symbols::attribute(who, name);
            map.insert(symbol.clone(), Expr::number(unit) * Expr::symbol(symbol));
        }
    }
    let (pair, body) = model.filled();
    let turned = |expr: &Expr| simplify(&expr.substitute(&map));
    Model { learned, ..Model::free(&turned(&pair), &body.iter().map(turned).collect::<Vec<_>>()) }
}
