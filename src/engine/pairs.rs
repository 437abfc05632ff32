//! What one body does to another by a declared system or by a law, evaluated on any pairs.

use crate::base::Name;
use crate::distill::{Arena, Declared, Formulas, Law};
use crate::expr::{Expr, Scratch, Tape};
use crate::plan::{SystemPlan, symbols};
use crate::simulate::Snapshots;
use std::collections::BTreeMap;

/// A snapshot, a receiver in it and a sender.
pub type Edge = (usize, usize, usize);

/// What one body does to another, as formulas.
pub struct PairLaw {
    /// Which bodies act on each other, where.
    pub arena: Arena,
    /// The acceleration of the receiver by component; none where no pair acts.
    formulas: Vec<Expr>,
}

impl PairLaw {
    /// What a declared system says.
    pub fn declared(system: &SystemPlan) -> PairLaw {
        PairLaw { arena: arena(system), formulas: Declared::new(system).pair }
    }

    /// What a distilled law says.
    pub fn distilled(law: &Law, arena: &Arena, space: usize) -> PairLaw {
        PairLaw { arena: arena.clone(), formulas: Formulas::of(law, space).pair }
    }

    /// Acceleration of i due to j for each edge, [edges, space]; NaN where the law names what a pair does not have.
    pub fn accelerations(&self, snapshots: &Snapshots, edges: &[Edge]) -> Vec<f64> {
        let space = snapshots.space;
        if self.formulas.is_empty() {
            return vec![0.0; edges.len() * space];
        }
        let columns = self.columns(snapshots, edges);
        let names: Vec<Name> = columns.keys().cloned().collect();
        let Ok(tape) = Tape::compile(&self.formulas, &names, &[]) else { return vec![f64::NAN; edges.len() * space] };
        let inputs: Vec<&[f64]> = columns.values().map(Vec::as_slice).collect();
        let mut outputs = vec![vec![0.0; edges.len()]; space];
        let mut views: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        tape.eval(&inputs, &[], &mut views, &mut Scratch::default());
        (0..edges.len()).flat_map(|row| outputs.iter().map(move |column| column[row])).collect()
    }

    /// A column for every symbol that may stand in the law of a pair.
    fn columns(&self, s: &Snapshots, edges: &[Edge]) -> BTreeMap<Name, Vec<f64>> {
        let mut columns = BTreeMap::new();
        let mut add = |name: Name, value: &dyn Fn(Edge) -> f64| {
            columns.insert(name, edges.iter().map(|&edge| value(edge)).collect::<Vec<f64>>());
        };
        add(symbols::DISTANCE.into(), &|(at, i, j)| self.distance(s, at, i, j));
        add("particles".into(), &|_| s.particles as f64);
        for k in 0..s.space {
            add(symbols::displacement(k), &|(at, i, j)| self.arena.displacement(s, at, i, j)[k]);
        }
        let body: [(&str, fn(Edge) -> usize); 2] = [("i", |edge| edge.1), ("j", |edge| edge.2)];
        for (who, body) in body {
            let row = |edge: Edge| edge.0 * s.particles + body(edge);
            add(symbols::attribute(who, "index"), &|edge| body(edge) as f64 + 1.0);
            for k in 0..s.space {
                add(symbols::component(who, "position", k), &|edge| s.position[row(edge) * s.space + k]);
                add(symbols::component(who, "velocity", k), &|edge| s.velocity[row(edge) * s.space + k]);
            }
            for (k, name) in self.arena.attributes.iter().enumerate() {
                add(symbols::attribute(who, name), &|edge| s.attribute[row(edge) * s.attributes + k]);
            }
        }
        columns
    }

    /// The distance of sender and receiver.
    pub fn distance(&self, s: &Snapshots, at: usize, i: usize, j: usize) -> f64 {
        self.arena.displacement(s, at, i, j).iter().map(|x| x * x).sum::<f64>().sqrt()
    }

    /// The receiver's mass; 1 where bodies have none.
    pub fn mass(&self, s: &Snapshots, (at, i, _): Edge) -> f64 {
        let column = self.arena.attributes.iter().position(|name| name.as_str() == "mass");
        column.map_or(1.0, |column| s.attribute[(at * s.particles + i) * s.attributes + column])
    }
}

/// What is known of a system before any law.
pub fn arena(system: &SystemPlan) -> Arena {
    let attributes = system.attributes.iter().map(|attribute| attribute.name.clone()).collect();
    Arena { links: system.links, boundary: system.boundary, attributes }
}
