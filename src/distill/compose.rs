//! From the oracle's answers to refitted laws: the table that is searched, formulas put together, candidates judged.

use super::model::Model;
use super::oracle::Arena;
use super::query::{Answers, Questions};
use super::scene::{Scene, median, quantile};
use super::structure::{Structure, attribute_column, factor};
use crate::base::{Name, Stream};
use crate::expr::{Expr, simplify};
use crate::plan::symbols;
use crate::search::{Front, Table};
use crate::simulate::Trajectories;

/// The table that is searched: the radial answers over the factors that structure has found, against the distance and
/// the attributes that are left. Answers at extreme distances, and those that scatter most, are left out.
pub fn table(structure: &Structure, arena: &Arena, questions: &Questions, answers: &Answers) -> Table {
    let factors = factor(structure, arena, questions);
    let relative: Vec<f64> = answers.error.iter().zip(&answers.radial).map(|(e, f)| e / f.abs()).collect();
    let (near, far) = (quantile(&answers.distance, 0.01), quantile(&answers.distance, 0.97));
    // A force that passes through zero has no small relative error there: what scatters little in itself stays.
    let quiet = 0.02 * median(&answers.radial.iter().map(|f| f.abs()).collect::<Vec<_>>());
    let worst = quantile(&relative, 0.95);
    let keep: Vec<usize> = (0..questions.len())
        .filter(|&at| {
            let target = answers.radial[at] / factors[at];
            (near..=far).contains(&answers.distance[at])
                && (relative[at] <= worst || answers.error[at] <= quiet)
                && target.is_finite()
        })
        .collect();
    let pick = |column: &[f64]| keep.iter().map(|&at| column[at]).collect::<Vec<f64>>();
    let columns = structure.inputs.iter().map(|input| {
        if input.as_str() == symbols::DISTANCE {
            pick(&answers.distance)
        } else {
            pick(&attribute_column(input, arena, questions))
        }
    });
    let columns: Vec<Vec<f64>> = columns.collect();
    let target: Vec<f64> = keep.iter().map(|&at| answers.radial[at] / factors[at]).collect();
    // The noise is relative; the table wants one deviation: that which leaves the same relative loss.
    let noise = median(&pick(&relative));
    let least = 0.01 * median(&target.iter().map(|y| y.abs()).collect::<Vec<_>>());
    let precision = target.iter().map(|y| 1.0 / (y * y + least * least)).sum::<f64>() / target.len().max(1) as f64;
    Table {
        inputs: structure.inputs.clone(),
        columns,
        target,
        weights: vec![],
        noise: if precision > 0.0 { noise / precision.sqrt() } else { 0.0 },
        dimensions: None,
    }
}

/// The pair laws of a front: each formula times the factors of the structure.
pub fn pair_laws(structure: &Structure, front: &Front) -> Vec<Expr> {
    front.formulas.iter().map(|formula| times_factor(structure, &formula.expr)).collect()
}

/// A formula of the table's target times the factors of the structure.
pub fn times_factor(structure: &Structure, formula: &Expr) -> Expr {
    let power = |symbol: &Name, degree: i32| Expr::symbol(symbol.clone()).pow(f64::from(degree));
    let mut whole = formula.clone();
    for (symbol, degree) in &structure.degrees {
        whole = if *degree > 0 { whole * power(symbol, *degree) } else { whole / power(symbol, -*degree) };
    }
    simplify(&whole)
}

/// Draws a scene of `count` of these configurations; those with a value that is not finite are left out.
pub fn draw_scene(data: &Trajectories, rows: &[usize], arena: &Arena, count: usize, stream: &mut Stream) -> Scene {
    let mut indices: Vec<usize> =
        if rows.len() <= count { rows.to_vec() } else { (0..count).map(|_| rows[stream.below(rows.len())]).collect() };
    indices.retain(|index| data.is_finite_at(*index));
    let snapshots = data.snapshots(&indices);
    let target = snapshots.acceleration.clone();
    Scene::new(&snapshots, &target, arena)
}

/// A model of a pair law and what acts on a body alone, simplified, all numbers free.
pub fn compose(pair: &Expr, body: &[Expr]) -> Model {
    let body: Vec<Expr> = body.iter().map(simplify).collect();
    Model::free(&simplify(pair), &body)
}
