//! What a declared system says of accelerations, as formulas by component. Used to score what was found, never to find.

use crate::base::Name;
use crate::expr::{Expr, simplify};
use crate::plan::{SystemPlan, symbols};
use std::collections::BTreeMap;

/// Accelerations of a declared system.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// On i due to j, by component; empty where no pair acts.
    pub pair: Vec<Expr>,
    /// On i alone, by component; empty where nothing does.
    pub body: Vec<Expr>,
}

impl Declared {
    /// The accelerations of a system: minus the gradients of its energies plus its forces, over the mass if it has one.
    pub fn new(system: &SystemPlan) -> Declared {
        let has_mass = system.attributes.iter().any(|attribute| attribute.name.as_str() == "mass");
        let over_mass = |force: Expr| {
            let force = if has_mass { force / Expr::symbol(symbols::attribute("i", "mass")) } else { force };
            simplify(&force)
        };
        let mut pair = vec![];
        let mut body = vec![];
        if system.pair_energy.is_some() || !system.pair_force.is_empty() {
            for k in 0..system.space {
                let mut force = system.pair_force.get(k).cloned().unwrap_or_else(|| Expr::number(0.0));
                if let Some(energy) = &system.pair_energy {
                    force = force - pair_slope(energy, k);
                }
                pair.push(over_mass(force));
            }
        }
        if system.body_energy.is_some() || !system.body_force.is_empty() {
            for k in 0..system.space {
                let mut force = system.body_force.get(k).cloned().unwrap_or_else(|| Expr::number(0.0));
                if let Some(energy) = &system.body_energy {
                    force = force - energy.derivative(&symbols::component("i", "position", k));
                }
                body.push(over_mass(force));
            }
        }
        Declared { pair, body }
    }

    /// The radial acceleration of i towards j where the pair law is central and does not depend on where the pair is:
    /// its component along a displacement on the first axis.
    pub fn radial(&self) -> Option<Expr> {
        let first = self.pair.first()?;
        let along: BTreeMap<Name, Expr> = [
            (symbols::displacement(0), Expr::symbol(symbols::DISTANCE)),
            (symbols::displacement(1), Expr::number(0.0)),
            (symbols::displacement(2), Expr::number(0.0)),
        ]
        .into();
        Some(simplify(&first.substitute(&along)))
    }
}

/// Derivative of a pair's energy with respect to component `k` of the receiver's position.
fn pair_slope(energy: &Expr, k: usize) -> Expr {
    let displacement = symbols::displacement(k);
    let d = Expr::symbol(displacement.clone());
    let distance = Expr::symbol(symbols::DISTANCE);
    energy.derivative(&symbols::component("i", "position", k))
        - energy.derivative(&displacement)
        - energy.derivative(symbols::DISTANCE) * d / distance
}
