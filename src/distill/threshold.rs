//! Numbers that stand in a condition only, such as 2 in `if r > 2 then …`. Residuals jump where such a number passes a
//! pair and have no slope in between, so no descent finds it: all places where it can stand are gone through instead,
//! one pair after the other, at the cost of a sort.

use super::model::Model;
use super::scene::{Scene, evaluate};
use crate::base::Name;
use crate::expr::{Expr, Node, Op};
use std::collections::BTreeMap;

/// A free constant that stands in one comparison of the pair's formula and nowhere else.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// Its place among the model's constants.
    pub constant: usize,
    comparison: Expr,
    compared: Expr,
    /// Whether the comparison holds above the threshold; else below.
    above: bool,
}

/// The thresholds of a model.
pub fn thresholds(model: &Model) -> Vec<Threshold> {
    let mut found: Vec<Threshold> = vec![];
    model.pair.visit(&mut |e| {
        let Node::Call(op, args) = e.node() else { return };
        let Some(left) = holds_above(*op) else { return };
        for (side, above) in [(1, left), (0, !left)] {
            let place = |name: &Name| model.names.iter().position(|known| known == name);
            if let Some(constant) = args[side].as_symbol().and_then(place) {
                found.push(Threshold { constant, comparison: e.clone(), compared: args[1 - side].clone(), above });
            }
        }
    });
    let uses = |name: &Name| {
        let mut count = 0;
        std::iter::once(&model.pair)
            .chain(&model.body)
            .for_each(|formula| formula.visit(&mut |e| count += usize::from(e.as_symbol() == Some(name))));
        count
    };
    found.retain(|threshold| uses(&model.names[threshold.constant]) == 1);
    found
}

/// Whether a comparison with a number on its right holds above that number; `None` for what is no such comparison.
fn holds_above(op: Op) -> Option<bool> {
    match op {
        Op::Gt | Op::Ge => Some(true),
        Op::Lt | Op::Le => Some(false),
        _ => None,
    }
}

/// Where a threshold leaves the least sum of squared residuals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// The shortest decimal number between the two data next to it.
    pub value: f64,
    /// How far apart these are: the data cannot tell more.
    pub gap: f64,
}

impl Threshold {
    /// The best place for the threshold while all other constants stay; `None` where a value is not finite or all pairs
    /// are on one side.
    pub fn place(&self, model: &Model, scene: &Scene) -> Option<Placed> {
        let values: BTreeMap<Name, Expr> =
            model.names.iter().cloned().zip(model.values.iter().map(|&value| Expr::number(value))).collect();
        let decided = |holds: f64| {
            let decide = |e: Expr| if e == self.comparison { Expr::number(holds) } else { e };
            model.pair.rebuild(&mut { decide }).substitute(&values)
        };
        let exprs = [decided(0.0), decided(1.0), self.compared.substitute(&values)];
        let columns = evaluate(&exprs, &scene.pair, scene.rows())?;
        let (without, with, compared) = (&columns[0], &columns[1], &columns[2]);
        if columns.iter().flatten().any(|value| !value.is_finite()) {
            return None;
        }
        let body: Vec<Expr> = model.body.iter().map(|component| component.substitute(&values)).collect();
        let mut residual = evaluate(&body, &scene.body, scene.receivers)?;
        residual.resize(scene.space, vec![0.0; scene.receivers]);
        let mut receiver = vec![0; scene.rows()];
        for (c, column) in residual.iter_mut().enumerate() {
            for (r, value) in column.iter_mut().enumerate() {
                let rows = scene.starts[r]..scene.starts[r + 1];
                receiver[rows.clone()].fill(r);
                let sum: f64 = rows.map(|row| without[row] * scene.direction[c][row]).sum();
                *value = (*value + sum - scene.target[c][r]) / scene.scale[r];
            }
        }
        let mut order: Vec<usize> = (0..scene.rows()).collect();
        let side = if self.above { -1.0 } else { 1.0 };
        order.sort_by(|&a, &b| (side * compared[a]).total_cmp(&(side * compared[b])).then(a.cmp(&b)));
        let (mut change, mut best, mut placed) = (0.0, f64::INFINITY, None);
        for pair in order.windows(2) {
            let (row, next) = (pair[0], pair[1]);
            let r = receiver[row];
            for (c, column) in residual.iter_mut().enumerate() {
                let before = column[r];
                column[r] += (with[row] - without[row]) * scene.direction[c][row] / scene.scale[r];
                change += column[r] * column[r] - before * before;
            }
            if change < best && compared[row] != compared[next] {
                best = change;
                let gap = (compared[next] - compared[row]).abs();
                placed = Some(Placed { value: shortest_between(compared[row], compared[next]), gap });
            }
        }
        placed
    }
}

/// The decimal number of fewest digits between two numbers; their middle where none of fifteen is.
fn shortest_between(a: f64, b: f64) -> f64 {
    let (low, high) = (a.min(b), a.max(b));
    (0..15)
        .map(|digits| libm::pow(10.0, f64::from(digits)))
        .map(|unit| (low * unit).ceil() / unit)
        .find(|value| low < *value && *value < high)
        .unwrap_or(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distill::oracle::Arena;
    use crate::plan::{Boundary, Links};
    use crate::search::FitSettings;
    use crate::simulate::Snapshots;

    /// Two bodies on a line: the second is drawn to the first with 3 beyond a distance of 2.
    fn scene() -> Scene {
        let count = 200;
        let position: Vec<f64> = (0..count).flat_map(|k| [0.0, 0.5 + 0.017 * f64::from(k)]).collect();
        let acceleration: Vec<f64> =
            position.chunks(2).flat_map(|x| if x[1] > 2.0 { [3.0, -3.0] } else { [0.0, 0.0] }).collect();
        let snapshots = Snapshots {
            count: count as usize,
            particles: 2,
            space: 1,
            attributes: 0,
            velocity: vec![0.0; position.len()],
            attribute: vec![],
            acceleration: acceleration.clone(),
            position,
        };
        let arena = Arena { links: Links::All, boundary: Boundary::Open, attributes: vec![] };
        Scene::new(&snapshots, &acceleration, &arena)
    }

    #[test]
    fn between_two_data_stands_the_shortest_number() {
        for (a, b, value) in [(1.9893, 1.9902, 1.99), (2.4, 0.7, 1.0), (-0.31, -0.29, -0.3), (1.0, 1.0, 1.0)] {
            assert_eq!(shortest_between(a, b), value, "{a} {b}");
        }
    }

    #[test]
    fn a_threshold_far_off_is_found_with_the_size_of_the_step() {
        let (n, r) = (Expr::number, Expr::symbol("distance"));
        for (op, sides) in [(Op::Gt, [n(1.0), n(0.0)]), (Op::Lt, [n(0.0), n(1.0)])] {
            let condition = Expr::call(op, vec![r.clone(), n(3.5)]);
            let pair = Expr::call(Op::If, [vec![condition], sides.to_vec()].concat());
            let mut model = Model::free(&pair, &[]);
            let fitted = model.fit(&scene(), &FitSettings::default()).expect("all is known");
            let threshold = thresholds(&model)[0].constant;
            assert!((model.values[threshold] - 2.0).abs() < 0.017, "{:?}", model.values);
            assert!(fitted.loss < 1e-20, "{}", fitted.loss);
            assert!(model.values.iter().any(|value| (value - 3.0).abs() < 1e-9), "{:?}", model.values);
            assert!((1e-3..0.017).contains(&fitted.uncertainty(threshold)), "{}", fitted.uncertainty(threshold));
        }
    }
}
