//! Configurations laid out for fitting: one row for each ordered pair, grouped by receiver, with a column for every
//! symbol that a law may use (see [`crate::plan::symbols`]).

use super::oracle::{Arena, norm};
use crate::base::Name;
use crate::expr::{Expr, Scratch, Tape};
use crate::plan::symbols;
use crate::simulate::Snapshots;
use std::collections::{BTreeMap, BTreeSet};

/// Columns over pairs and over receivers, and the accelerations to be explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Space dimensions.
    pub space: usize,
    /// Number of receivers: configurations times bodies.
    pub receivers: usize,
    /// Pair rows of receiver k are `starts[k]..starts[k + 1]`.
    pub starts: Vec<usize>,
    /// Unit vectors from receiver to sender, one column of pair rows for each component; 0 where two bodies coincide.
    pub direction: Vec<Vec<f64>>,
    /// Columns of pair rows by symbol.
    pub pair: BTreeMap<Name, Vec<f64>>,
    /// Columns of receivers by symbol.
    pub body: BTreeMap<Name, Vec<f64>>,
    /// Accelerations, one column of receivers for each component.
    pub target: Vec<Vec<f64>>,
    /// Size against which each receiver's residual is counted: its acceleration, but not below a tenth of the median, so
    /// that close encounters do not outweigh the rest.
    pub scale: Vec<f64>,
}

impl Scene {
    /// Lays out configurations with the accelerations `target`, [count, particles, space].
    pub fn new(s: &Snapshots, target: &[f64], arena: &Arena) -> Scene {
        let receivers = s.count * s.particles;
        let mut scene = Scene {
            space: s.space,
            receivers,
            starts: vec![0],
            direction: vec![vec![]; s.space],
            pair: BTreeMap::new(),
            body: BTreeMap::new(),
            target: (0..s.space).map(|k| (0..receivers).map(|r| target[r * s.space + k]).collect()).collect(),
            scale: vec![],
        };
        let mut distance = vec![];
        let mut displacement = vec![vec![]; s.space];
        let (mut from, mut to) = (vec![], vec![]);
        for at in 0..s.count {
            for i in 0..s.particles {
                for j in arena.senders(s, at, i) {
                    let d = arena.displacement(s, at, i, j);
                    let r = norm(&d);
                    distance.push(r);
                    for k in 0..s.space {
                        displacement[k].push(d[k]);
                        scene.direction[k].push(if r > 0.0 { d[k] / r } else { 0.0 });
                    }
                    to.push(at * s.particles + i);
                    from.push(at * s.particles + j);
                }
                scene.starts.push(distance.len());
            }
        }
        for (k, column) in displacement.into_iter().enumerate() {
            scene.pair.insert(symbols::displacement(k), column);
        }
        scene.pair.insert(symbols::DISTANCE.into(), distance);
        let everyone: Vec<usize> = (0..receivers).collect();
        let number = |body: &usize| (body % s.particles.max(1) + 1) as f64;
        for (who, bodies) in [("i", &to), ("j", &from)] {
            scene.pair.insert(symbols::attribute(who, "index"), bodies.iter().map(number).collect());
        }
        scene.body.insert(symbols::attribute("i", "index"), everyone.iter().map(number).collect());
        scene.pair.insert("particles".into(), vec![s.particles as f64; to.len()]);
        scene.body.insert("particles".into(), vec![s.particles as f64; receivers]);
        for (who, bodies) in [("i", &to), ("j", &from)] {
            scene.pair.extend(body_columns(s, arena, who, bodies));
        }
        scene.body.extend(body_columns(s, arena, "i", &everyone));
        let size: Vec<f64> =
            (0..receivers).map(|r| norm(&(0..s.space).map(|k| scene.target[k][r]).collect::<Vec<_>>())).collect();
        let floor = 0.1 * median(&size);
        scene.scale = size
            .into_iter()
            .map(|a| {
                if a > floor {
                    a
                } else if floor > 0.0 {
                    floor
                } else {
                    1.0
                }
            })
            .collect();
        scene
    }

    /// Accelerations by the formulas of a law: `pair` by component on i due to j, `body` by component on i alone; either
    /// may be empty. One column of receivers for each component; `None` for a symbol that the scene does not have.
    pub fn accelerations(&self, pair: &[Expr], body: &[Expr]) -> Option<Vec<Vec<f64>>> {
        let mut out = evaluate(body, &self.body, self.receivers)?;
        out.resize(self.space, vec![0.0; self.receivers]);
        for (column, values) in out.iter_mut().zip(evaluate(pair, &self.pair, self.rows())?) {
            for (r, value) in column.iter_mut().enumerate() {
                *value += values[self.starts[r]..self.starts[r + 1]].iter().sum::<f64>();
            }
        }
        Some(out)
    }

    /// Number of pair rows.
    pub fn rows(&self) -> usize {
        self.starts[self.receivers]
    }
}

/// State and attribute columns of `who` over the bodies at `rows`.
fn body_columns(s: &Snapshots, arena: &Arena, who: &str, rows: &[usize]) -> Vec<(Name, Vec<f64>)> {
    let pick = |from: &[f64], width: usize, k: usize| rows.iter().map(|&b| from[b * width + k]).collect::<Vec<f64>>();
    let mut out = vec![];
    for k in 0..s.space {
        out.push((symbols::component(who, "position", k), pick(&s.position, s.space, k)));
        out.push((symbols::component(who, "velocity", k), pick(&s.velocity, s.space, k)));
    }
    for (k, name) in arena.attributes.iter().enumerate() {
        out.push((symbols::attribute(who, name), pick(&s.attribute, s.attributes, k)));
    }
    out
}

/// Values of formulas over named columns of this many rows; `None` for an unknown symbol.
pub(super) fn evaluate(exprs: &[Expr], columns: &BTreeMap<Name, Vec<f64>>, rows: usize) -> Option<Vec<Vec<f64>>> {
    let mut used = BTreeSet::new();
    exprs.iter().for_each(|e| used.extend(e.symbols()));
    let names: Vec<Name> = used.into_iter().collect();
    let found: Option<Vec<&[f64]>> = names.iter().map(|name| columns.get(name).map(Vec::as_slice)).collect();
    let found = found?;
    let tape = Tape::compile(exprs, &names, &[]).ok()?;
    let mut out = vec![vec![0.0; rows]; exprs.len()];
    if rows > 0 && !exprs.is_empty() {
        let mut slices: Vec<&mut [f64]> = out.iter_mut().map(Vec::as_mut_slice).collect();
        tape.eval(&found, &[], &mut slices, &mut Scratch::default());
    }
    Some(out)
}

/// The middle value, the upper of two; 0 of none. NaN counts as largest.
pub(super) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value below which the share `q` lies; 0 of none. NaN counts as largest.
pub(super) fn quantile(values: &[f64], q: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let mut sorted = values.to_vec();
    let at = ((values.len() as f64 * q) as usize).min(values.len() - 1);
    *sorted.select_nth_unstable_by(at, f64::total_cmp).1
}
