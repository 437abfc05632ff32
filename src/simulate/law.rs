//! A system's energies and forces compiled: which tapes run over pairs and over bodies, and what their outputs mean.
//! Forces are symbolic derivatives: of a pair energy E the body i feels E_distance · displacement / distance +
//! E_displacement − E_(i.position), the body j the opposite of the first two and − E_(j.position).

use super::SimulateError;
use crate::base::Name;
use crate::expr::{Expr, Tape, simplify};
use crate::plan::{Boundary, Links, SystemPlan, symbols};
use std::collections::BTreeSet;

/// One of the two bodies of a pair; bodies alone are receivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// `i`.
    Receiver,
    /// `j`.
    Sender,
}

/// What a column of a tape holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Distance of a pair.
    Distance,
    /// Component of the vector from receiver to sender.
    Displacement(usize),
    /// Component of a position.
    Position(Who, usize),
    /// Component of a velocity.
    Velocity(Who, usize),
    /// Attribute by index.
    Attribute(Who, usize),
    /// Number of the body, from 1.
    Index(Who),
}

/// What an output of a tape means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Force on the receiver per displacement; the sender feels the opposite.
    Radial,
    /// Component of a force on the receiver; the sender feels the opposite.
    Mutual(usize),
    /// Component of a force on one of the pair.
    On(Who, usize),
    /// Energy.
    Energy,
}

/// Expressions over pairs or bodies, compiled.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The columns.
    pub inputs: Vec<Input>,
    /// The outputs; an energy comes last.
    pub outputs: Vec<Output>,
    /// Computes all outputs.
    pub tape: Tape,
    /// Computes all outputs but the energy.
    pub forces: Tape,
}

/// A compiled law: accelerations and energies for any number of bodies.
#[derive(Clone, Debug)]
pub struct Accelerations {
    pub(super) space: usize,
    pub(super) links: Links,
    pub(super) boundary: Boundary,
    pub(super) attributes: Vec<Name>,
    pub(super) mass: Option<usize>,
    /// Over unordered pairs.
    pub(super) pair_energy: Option<Terms>,
    /// Over ordered pairs.
    pub(super) pair_force: Option<Terms>,
    /// Over bodies.
    pub(super) body_energy: Option<Terms>,
    /// Over bodies.
    pub(super) body_force: Option<Terms>,
    pub(super) uses_velocity: bool,
    pub(super) has_energy: bool,
}

impl Accelerations {
    /// Compiles the energies and forces of a system. `Err` names a symbol that no law can use here.
    pub fn compile(system: &SystemPlan) -> Result<Accelerations, SimulateError> {
        if !(1..=3).contains(&system.space) {
            return Err(SimulateError::OutOfRange { field: "space", value: system.space as f64 });
        }
        let attributes: Vec<Name> = system.attributes.iter().map(|attribute| attribute.name.clone()).collect();
        let space = system.space;
        let compile = |outputs: Vec<(Output, Expr)>| terms(outputs, space, &attributes);
        let mut law = Accelerations {
            space,
            links: system.links,
            boundary: system.boundary,
            mass: attributes.iter().position(|name| name.as_str() == "mass"),
            pair_energy: system.pair_energy.as_ref().map(|e| compile(pair_outputs(e, space))).transpose()?,
            pair_force: components(&system.pair_force).map(&compile).transpose()?,
            body_energy: system.body_energy.as_ref().map(|e| compile(body_outputs(e, space))).transpose()?,
            body_force: components(&system.body_force).map(&compile).transpose()?,
            uses_velocity: false,
            has_energy: system.pair_force.is_empty() && system.body_force.is_empty(),
            attributes,
        };
        let all = [&law.pair_energy, &law.pair_force, &law.body_energy, &law.body_force];
        law.uses_velocity = all
            .into_iter()
            .flatten()
            .any(|terms| terms.inputs.iter().any(|input| matches!(input, Input::Velocity(..))));
        Ok(law)
    }
}

/// The outputs of force components as they are declared.
fn components(forces: &[Expr]) -> Option<Vec<(Output, Expr)>> {
    let outputs = forces.iter().enumerate().map(|(k, force)| (Output::On(Who::Receiver, k), force.clone()));
    (!forces.is_empty()).then(|| outputs.collect())
}

fn pair_outputs(energy: &Expr, space: usize) -> Vec<(Output, Expr)> {
    let slope = |symbol: &str| simplify(&energy.derivative(symbol));
    let mut outputs = vec![];
    let distance = || Expr::symbol(symbols::DISTANCE);
    outputs.push((Output::Radial, simplify(&(energy.derivative(symbols::DISTANCE) / distance()))));
    for k in 0..space {
        outputs.push((Output::Mutual(k), slope(&symbols::displacement(k))));
        outputs.push((Output::On(Who::Receiver, k), simplify(&-slope(&symbols::component("i", "position", k)))));
        outputs.push((Output::On(Who::Sender, k), simplify(&-slope(&symbols::component("j", "position", k)))));
    }
    outputs.retain(|(_, force)| force.as_number() != Some(0.0));
    outputs.push((Output::Energy, energy.clone()));
    outputs
}

fn body_outputs(energy: &Expr, space: usize) -> Vec<(Output, Expr)> {
    let force = |k| simplify(&-energy.derivative(&symbols::component("i", "position", k)));
    let mut outputs: Vec<(Output, Expr)> = (0..space).map(|k| (Output::On(Who::Receiver, k), force(k))).collect();
    outputs.retain(|(_, force)| force.as_number() != Some(0.0));
    outputs.push((Output::Energy, energy.clone()));
    outputs
}

fn terms(outputs: Vec<(Output, Expr)>, space: usize, attributes: &[Name]) -> Result<Terms, SimulateError> {
    let (outputs, expressions): (Vec<Output>, Vec<Expr>) = outputs.into_iter().unzip();
    let used: BTreeSet<Name> = expressions.iter().flat_map(Expr::symbols).collect();
    let (mut inputs, mut names) = (vec![], vec![]);
    for (name, input) in all_inputs(space, attributes) {
        if used.contains(&name) {
            names.push(name);
            inputs.push(input);
        }
    }
    let parameters = [Name::new("particles")];
    let compile = |outputs: &[Expr]| {
        Tape::compile(outputs, &names, &parameters)
            .map_err(|unknown| SimulateError::UnknownSymbol { name: unknown.name })
    };
    let count = outputs.iter().filter(|&&output| output != Output::Energy).count();
    Ok(Terms { tape: compile(&expressions)?, forces: compile(&expressions[..count])?, inputs, outputs })
}

/// Every symbol of [`symbols`] with what it stands for.
fn all_inputs(space: usize, attributes: &[Name]) -> Vec<(Name, Input)> {
    let mut all = vec![(Name::new(symbols::DISTANCE), Input::Distance)];
    all.extend((0..space).map(|k| (symbols::displacement(k), Input::Displacement(k))));
    for (text, who) in [("i", Who::Receiver), ("j", Who::Sender)] {
        all.extend((0..space).map(|k| (symbols::component(text, "position", k), Input::Position(who, k))));
        all.extend((0..space).map(|k| (symbols::component(text, "velocity", k), Input::Velocity(who, k))));
        all.extend(
            attributes.iter().enumerate().map(|(a, name)| (symbols::attribute(text, name), Input::Attribute(who, a))),
        );
        all.push((symbols::attribute(text, "index"), Input::Index(who)));
    }
    all
}

/// The sender, if any, and the expression that makes the force on a body not finite at the start of a run.
pub(super) fn not_finite(
    system: &SystemPlan,
    start: &super::Snapshots,
    run: usize,
    body: usize,
) -> (Option<usize>, String) {
    let text = |expression: &Expr| crate::expr::print::infix(expression);
    let value = |body: usize, what: &str, k: usize| -> Option<f64> {
        let at = ((run * start.particles + body) * start.space) + k;
        match what {
            "position" => start.position.get(at).copied(),
            "velocity" => start.velocity.get(at).copied(),
            _ => None,
        }
    };
    let symbol = |i: usize, j: usize, name: &str| -> Option<f64> {
        let apart = |k: usize| -> Option<f64> {
            let straight = value(j, "position", k)? - value(i, "position", k)?;
            Some(match system.boundary {
                Boundary::Open => straight,
                Boundary::Periodic(side) => straight - side * (straight / side).round_ties_even(),
            })
        };
        let axis = |k: &str| symbols::COMPONENTS[..start.space].iter().position(|&component| component == k);
        if name == "particles" {
            return Some(start.particles as f64);
        }
        if name == symbols::DISTANCE {
            let squares: Option<Vec<f64>> = (0..start.space).map(|k| Some(apart(k)?.powi(2))).collect();
            return Some(squares?.iter().sum::<f64>().sqrt());
        }
        if let Some(k) = name.strip_prefix("displacement.") {
            return apart(axis(k)?);
        }
        let (who, what) = name.split_once('.')?;
        let of = if who == "i" { i } else { j };
        if what == "index" {
            return Some((of + 1) as f64);
        }
        if let Some((vector, k)) = what.split_once('.') {
            return value(of, vector, axis(k)?);
        }
        let attribute = system.attributes.iter().position(|attribute| attribute.name.as_str() == what)?;
        start.attribute.get((run * start.particles + of) * start.attributes + attribute).copied()
    };
    let bad =
        |expression: &Expr, i: usize, j: usize| !expression.eval(&|name| symbol(i, j, name)).is_ok_and(f64::is_finite);
    for j in (0..start.particles).filter(|&j| j != body) {
        for force in &system.pair_force {
            if bad(force, body, j) {
                return (Some(j), text(force));
            }
        }
        if let Some(energy) = &system.pair_energy {
            let slopes = pair_outputs(energy, start.space);
            if slopes.iter().any(|(_, slope)| bad(slope, body, j)) {
                return (Some(j), text(energy));
            }
        }
    }
    for force in &system.body_force {
        if bad(force, body, body) {
            return (None, text(force));
        }
    }
    if let Some(energy) = &system.body_energy {
        return (None, text(energy));
    }
    (None, "acceleration".into())
}
