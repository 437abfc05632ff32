//! What acts on a body alone: accelerations less the oracle's pair contributions, tested against the oracle's noise
//! and, where something is left, searched by component.

use super::model::{Model, quick_fit};
use super::oracle::{Oracle, norm};
use super::query::{Questions, ask};
use super::scene::{Scene, median};
use super::structure::Structure;
use super::{DistillError, Material};
use crate::base::{Name, Seed, Watch};
use crate::expr::{Expr, simplify};
use crate::plan::{Budget, DistillPlan, Feature, SearchLoss, symbols};
use crate::search::{Settings, Table, search};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Configurations looked at.
const CONFIGURATIONS: usize = 120;
/// How much more than the noise must be left.
const BEYOND_NOISE: f64 = 3.0;
/// Candidates of a search, per component.
const EVALUATIONS: u64 = 20_000;
/// Simple candidates that are tried with pair laws.
const NEAREST: usize = 8;

/// Formulas by component of what may act on a body alone; none where nothing is left beyond the oracle's noise.
pub fn candidates(
    oracle: &dyn Oracle,
    structure: &Structure,
    material: &Material,
    plan: &DistillPlan,
    seed: Seed,
    watch: &dyn Watch,
) -> Result<Vec<Vec<Expr>>, DistillError> {
    let Material { data, parts, arena } = *material;
    let mut stream = seed.stream();
    let rows = &parts.train;
    let indices: Vec<usize> = (0..CONFIGURATIONS).map(|_| rows[stream.below(rows.len())]).collect();
    let snapshots = data.snapshots(&indices);
    let mut rows = vec![];
    let mut pairs = vec![];
    for at in 0..snapshots.count {
        for i in 0..snapshots.particles {
            for j in arena.senders(&snapshots, at, i) {
                rows.push(indices[at]);
                pairs.push((i, j));
            }
        }
    }
    let questions = Questions { snapshots: data.snapshots(&rows), pairs };
    let answers = ask(oracle, arena, &questions);
    let target = snapshots.acceleration.clone();
    let layout = Scene::new(&snapshots, &target, arena);
    let mut left = layout.target.clone();
    let mut size = vec![0.0; layout.receivers];
    for r in 0..layout.receivers {
        let a: Vec<f64> = layout.target.iter().map(|column| column[r]).collect();
        size[r] = norm(&a);
        for row in layout.starts[r]..layout.starts[r + 1] {
            size[r] += answers.radial[row].abs();
            for (k, column) in left.iter_mut().enumerate() {
                column[r] -= answers.radial[row] * layout.direction[k][row];
            }
        }
    }
    let share: Vec<f64> = (0..layout.receivers)
        .map(|r| norm(&left.iter().map(|column| column[r]).collect::<Vec<_>>()) / size[r].max(f64::MIN_POSITIVE))
        .collect();
    if median(&share) <= BEYOND_NOISE * structure.noise {
        return Ok(vec![]);
    }
    let rest = Scene { target: left.clone(), scale: size.clone(), ..layout.clone() };
    let mut out = nearest(&rest, simple(&layout, &attributes(oracle, material)));
    let inputs = inputs(oracle, material);
    let mut found: Vec<Vec<Expr>> = vec![];
    for (k, target) in left.iter().enumerate() {
        let typical = structure.noise * median(&size);
        let table = Table {
            inputs: inputs.clone(),
            columns: inputs.iter().map(|name| layout.body[name].clone()).collect(),
            target: target.clone(),
            // Close encounters leave the largest errors and say least.
            weights: size.iter().map(|s| 1.0 / (1.0 + (s * structure.noise / typical).powi(2))).collect(),
            noise: typical,
            dimensions: None,
        };
        let settings = Settings {
            loss: SearchLoss::Mse,
            budget: Budget::Evaluations(EVALUATIONS),
            choose: plan.choose,
            seed: seed.nth(k as u64),
            clock: None,
        };
        let front = search(&table, &plan.operators, &settings, watch)?;
        let near = front.chosen.saturating_sub(1)..(front.chosen + 2).min(front.formulas.len());
        found.push(front.formulas[near].iter().map(|formula| simplify(&formula.expr)).collect());
    }
    for (k, formulas) in found.iter().enumerate() {
        for formula in formulas {
            out.push(isotropic(formula, k, layout.space));
        }
    }
    if let Some(own) = found.iter().map(|formulas| formulas.get(formulas.len() / 2).cloned()).collect() {
        out.push(own);
    }
    out.dedup();
    Ok(out)
}

/// The candidates that come nearest to what is left, each fitted to it.
fn nearest(rest: &Scene, candidates: Vec<Vec<Expr>>) -> Vec<Vec<Expr>> {
    let fitted: Vec<Option<(f64, Vec<Expr>)>> = candidates
        .into_par_iter()
        .map(|candidate| {
            let mut model = Model::free(&Expr::number(0.0), &candidate);
            let fitted = model.fit(rest, &quick_fit())?;
            fitted.loss.is_finite().then(|| (fitted.loss, model.filled().1))
        })
        .collect();
    let mut fitted: Vec<(f64, Vec<Expr>)> = fitted.into_iter().flatten().collect();
    fitted.sort_by(|a, b| a.0.total_cmp(&b.0));
    fitted.into_iter().take(NEAREST).map(|(_, candidate)| candidate).collect()
}

/// The simplest things that can act on a body alone: friction, a trap, a uniform field, a magnetic one; each plain, over
/// and times each attribute of the body, and times one over another.
pub fn simple(scene: &Scene, symbols: &[Name]) -> Vec<Vec<Expr>> {
    let own: Vec<Expr> = symbols.iter().filter(|name| name.starts_with("i.")).cloned().map(Expr::symbol).collect();
    let half = || Expr::number(0.5);
    let along = |vector: &str| -> Vec<Expr> {
        (0..scene.space).map(|k| half() * Expr::symbol(symbols::component("i", vector, k))).collect()
    };
    let mut vectors = vec![along("velocity"), along("position"), vec![half(); scene.space]];
    if scene.space > 1 {
        vectors.push((0..scene.space).map(|k| across(scene.space, k)).collect());
    }
    let mut out = vec![];
    for vector in vectors {
        let each = |of: &dyn Fn(Expr) -> Expr| vector.iter().cloned().map(of).collect::<Vec<Expr>>();
        for (k, a) in own.iter().enumerate() {
            out.push(each(&|component| component * a.clone()));
            out.push(each(&|component| component / a.clone()));
            for b in own.iter().enumerate().filter(|(other, _)| *other != k).map(|(_, b)| b) {
                out.push(each(&|component| component * a.clone() / b.clone()));
            }
        }
        out.push(vector);
    }
    out
}

/// Component `k` of the velocity's cross product with a constant vector; in a plane the velocity turned by a right angle.
fn across(space: usize, k: usize) -> Expr {
    let velocity = |k: usize| Expr::symbol(symbols::component("i", "velocity", k));
    match (space, k) {
        (2, 0) => Expr::number(0.5) * velocity(1),
        (2, _) => Expr::number(-0.5) * velocity(0),
        _ => {
            let (next, last) = ((k + 1) % space, (k + 2) % space);
            Expr::number(0.5) * velocity(next) - Expr::number(0.4) * velocity(last)
        }
    }
}

/// The formula of component `k` carried over to all components.
fn isotropic(formula: &Expr, k: usize, space: usize) -> Vec<Expr> {
    (0..space)
        .map(|to| {
            let names: BTreeMap<Name, Expr> = ["position", "velocity"]
                .into_iter()
                .flat_map(|vector| {
                    let (a, b) = (symbols::component("i", vector, k), symbols::component("i", vector, to));
                    [(a.clone(), Expr::symbol(b.clone())), (b, Expr::symbol(a))]
                })
                .collect();
            formula.substitute(&names)
        })
        .collect()
}

fn attributes(oracle: &dyn Oracle, material: &Material) -> Vec<Name> {
    let seen = |name: &&Name| oracle.sees().contains(&Feature::Attribute((*name).clone()));
    material.arena.attributes.iter().filter(seen).map(|name| symbols::attribute("i", name)).collect()
}

fn inputs(oracle: &dyn Oracle, material: &Material) -> Vec<Name> {
    let mut out = vec![];
    for (feature, vector) in [(Feature::Position, "position"), (Feature::Velocity, "velocity")] {
        if oracle.sees().contains(&feature) {
            out.extend((0..material.data.space).map(|k| symbols::component("i", vector, k)));
        }
    }
    out.extend(attributes(oracle, material));
    out
}
