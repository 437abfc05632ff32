//! What a distillation leaves: a law of accelerations with its evidence.

use super::learned::{self, Learned};
use super::structure::Structure;
use crate::base::{Name, json};
use crate::expr::calculus::integrate;
use crate::expr::{Equality, Expr, Node, Op, equal, simplest, simplify};
use crate::network::with_unknowns;
use crate::plan::{SystemPlan, symbols};
use crate::search::Front;
use crate::simulate::Trajectories;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A distilled law: a_i = Σ_j pair(i, j) · direction(i, j) + body(i). Symbols are those of [`crate::plan::symbols`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Law {
    /// Radial acceleration of i along `direction(i, j)`, positive towards j.
    pub pair: Expr,
    /// Acceleration of i alone by component; none where nothing acts on a body alone.
    pub body: Vec<Expr>,
    /// The numbers of its formulas, in the order in which they stand: the pair's, then the body's.
    pub constants: Vec<Constant>,
    /// Refitted laws none of which is both simpler and better than another: the pair's formula, its complexity, the mean
    /// relative residual on validation data as loss, and the description length end to end.
    pub front: Front,
    /// What the search found on the network's answers, before refitting; over the inputs of `structure`.
    pub searched: Front,
    /// What was found out about the law before the search.
    pub structure: Structure,
    /// Mean absolute residual on validation data, relative to each acceleration.
    #[serde(with = "json::number")]
    pub misfit: f64,
    /// Description length in bits on validation data.
    #[serde(with = "json::number")]
    pub description_length: f64,
    /// Attributes that nobody measured, fitted together with the constants.
    #[serde(default)]
    pub learned: Vec<Learned>,
    /// What a reader should know: rounded constants, tests that failed, what was tried.
    pub notes: Vec<String>,
}

/// A number of a law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constant {
    /// As it stands in the law.
    #[serde(with = "json::number")]
    pub value: f64,
    /// As the training data have it when it is free.
    #[serde(with = "json::number")]
    pub fitted: f64,
    /// Standard deviation of the fitted value.
    #[serde(with = "json::number")]
    pub uncertainty: f64,
}

impl Law {
    /// The data with what was learned of their bodies in place of what was measured.
    pub fn seen<'a>(&self, data: &'a Trajectories) -> Cow<'a, Trajectories> {
        let names: Vec<Name> = self.learned.iter().map(|learned| learned.name.clone()).collect();
        let mut seen = with_unknowns(data, &names);
        if !names.is_empty() {
            learned::write(&self.learned, seen.to_mut());
        }
        seen
    }

    /// The same law with what was learned in the units of what was measured: times the common factor that brings them nearest.
    /// Attributes that the data lack stay as they are. Used to score.
    pub fn in_units_of(&self, measured: &Trajectories) -> Law {
        let mut law = self.clone();
        for learned in &mut law.learned {
            if measured.attribute_index(&learned.name).is_none() {
                continue;
            }
            let known = &learned::read(std::slice::from_ref(&learned.name), measured)[0].values;
            let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            // The factor that leaves the least relative differences.
            let ratios: Vec<f64> = learned.values.iter().zip(known).map(|(own, known)| own / known).collect();
            let factor = ratios.iter().sum::<f64>() / product(&ratios, &ratios);
            learned.values.iter_mut().for_each(|value| *value *= factor);
            learned.uncertainty.iter_mut().for_each(|deviation| *deviation *= factor.abs());
            let turned = ["i", "j"].map(|who| {
                let symbol = symbols::attribute(who, &learned.name);
                (symbol.clone(), Expr::symbol(symbol) / Expr::number(factor))
            });
            let map: BTreeMap<Name, Expr> = turned.into();
            law.pair = simplify(&law.pair.substitute(&map));
            law.body = law.body.iter().map(|component| simplify(&component.substitute(&map))).collect();
        }
        law
    }

    /// The law as a system like `template` (its bodies, attributes and draws) that can be simulated: the force on i due
    /// to j is i.mass · pair · direction, that on i alone i.mass · body; without mass these are accelerations.
    pub fn system(&self, template: &SystemPlan) -> SystemPlan {
        let has_mass = template.attributes.iter().any(|attribute| attribute.name.as_str() == "mass");
        let force = |acceleration: Expr| {
            if has_mass { times_mass(acceleration) } else { acceleration }
        };
        let radial = force(self.pair.clone());
        let component =
            |k: usize| radial.clone() * (Expr::symbol(symbols::displacement(k)) / Expr::symbol(symbols::DISTANCE));
        SystemPlan {
            name: "law".into(),
            pair_energy: None,
            body_energy: None,
            pair_force: if self.pair.as_number() == Some(0.0) {
                vec![]
            } else {
                (0..template.space).map(component).collect()
            },
            body_force: self.body.iter().cloned().map(force).collect(),
            conserves: vec![],
            ..template.clone()
        }
    }

    /// The energy of a pair whose slope by the distance is the force along the direction, up to a constant; on each side of
    /// a threshold for itself. `None` where the force is not equal and opposite, or its integral is not known.
    pub fn pair_energy(&self, has_mass: bool) -> Option<Expr> {
        let force = self.radial_force(has_mass);
        let turned: BTreeMap<Name, Expr> = force
            .symbols()
            .into_iter()
            .filter_map(|name| {
                let other = [("i.", "j."), ("j.", "i.")]
                    .into_iter()
                    .find_map(|(from, to)| name.strip_prefix(from).map(|rest| format!("{to}{rest}")))?;
                Some((name, Expr::symbol(other)))
            })
            .collect();
        if matches!(equal(&force, &force.substitute(&turned), 1e-9), Equality::Refuted { .. }) {
            return None;
        }
        let mut comparison = None;
        force.visit(&mut |e| {
            if let Node::Call(Op::Lt | Op::Le | Op::Gt | Op::Ge, _) = e.node() {
                comparison = Some(e.clone());
            }
        });
        let Some(comparison) = comparison else { return energy_of(&force) };
        let side = |holds: f64| {
            energy_of(&simplify(&force.rebuild(&mut |e| if e == comparison { Expr::number(holds) } else { e })))
        };
        Some(Expr::call(Op::If, vec![comparison.clone(), side(1.0)?, side(0.0)?]))
    }

    /// The force on i due to j along the direction: what a reader knows the law by. Without mass the acceleration.
    pub fn radial_force(&self, has_mass: bool) -> Expr {
        if has_mass { times_mass(self.pair.clone()) } else { self.pair.clone() }
    }
}

/// An integral over the distance whose slope was compared with the force.
fn energy_of(force: &Expr) -> Option<Expr> {
    let energy = integrate(force, symbols::DISTANCE).ok()?;
    let refuted = matches!(equal(&energy.derivative(symbols::DISTANCE), force, 1e-9), Equality::Refuted { .. });
    (!refuted).then_some(energy)
}

/// The product with the receiver's mass; a mass that the acceleration is divided by cancels and leaves the rest as it is;
/// where it divides a part, as in `(a/i.mass - b) / r`, the product is written anew.
fn times_mass(acceleration: Expr) -> Expr {
    let mass = Expr::symbol(symbols::attribute("i", "mass"));
    without_divisor(&acceleration, &mass).unwrap_or_else(|| simplest(&(mass * acceleration)))
}

/// The expression times `divisor`, where that stands as a factor of its denominator.
fn without_divisor(expr: &Expr, divisor: &Expr) -> Option<Expr> {
    let one = Expr::number(1.0);
    match expr.node() {
        Node::Call(Op::Neg, args) => Some(-without_divisor(&args[0], divisor)?),
        Node::Call(Op::Mul, args) => match without_divisor(&args[0], divisor) {
            Some(left) => Some(left * args[1].clone()),
            None => Some(args[0].clone() * without_divisor(&args[1], divisor)?),
        },
        Node::Call(Op::Div, args) if args[1] == *divisor => Some(args[0].clone()),
        Node::Call(Op::Div, args) => match without_factor(&args[1], divisor) {
            Some(rest) if rest == one => Some(args[0].clone()),
            Some(rest) => Some(args[0].clone() / rest),
            None => Some(without_divisor(&args[0], divisor)? / args[1].clone()),
        },
        _ => None,
    }
}

/// The expression over one of its factors.
fn without_factor(expr: &Expr, factor: &Expr) -> Option<Expr> {
    match expr.node() {
        _ if expr == factor => Some(Expr::number(1.0)),
        Node::Call(Op::Mul, args) => match without_factor(&args[0], factor) {
            Some(rest) => Some(rest * args[1].clone()),
            None => Some(args[0].clone() * without_factor(&args[1], factor)?),
        },
        _ => None,
    }
}
