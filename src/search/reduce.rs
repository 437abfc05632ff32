//! Smaller problems that keep what matters: an input dropped, a power of one divided out of the target, two inputs
//! replaced by their difference, sum, product or quotient. Each change is judged by how well a smooth function of the
//! new variables explains the target (`surrogate`): fewer variables explain better when they are the right ones, and
//! worse when they are not. The best changes are made one after the other.
//!
//! A reduction is exact arithmetic on the table, so what is found in the small problem is a formula of the large one;
//! a wrong reduction costs time and nothing else.

use super::front::Dimensions;
use super::genome::{Gene, Genome};
use super::levenberg::Norm;
use super::monomial::Powers;
use super::sample::Sample;
use super::space::Space;
use super::surrogate::{Kernel, explain};
use crate::expr::Op;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Rows on which changes are judged.
pub(crate) const ROWS: usize = 160;
/// Of these, rows on which all changes are looked at first.
const FIRST: usize = 64;
/// Changes that are judged on all rows.
const JUDGED: usize = 32;
/// What judging one change costs, in evaluations of a candidate.
pub(crate) const COST: u64 = 30;
/// Error relative to the target's size below which surrogates are not told apart.
const FLOOR: f64 = 1e-6;
/// Exponents that are divided out.
const EXPONENTS: [f64; 10] = [1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, 4.0, -4.0];
/// Exponents of one input divided out while it is merged with another.
const TOGETHER: [f64; 6] = [1.0, -1.0, 2.0, -2.0, 3.0, -3.0];

/// A smaller problem in terms of the larger one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reduction {
    /// What its inputs are.
    pub inputs: Vec<Genome>,
    /// What its target is multiplied by to give the target; `None` for nothing.
    pub factor: Option<Genome>,
    /// Error of a smooth function of its inputs, relative to the target's size.
    pub error: f64,
}

/// An input of a problem being reduced, on the rows that changes are judged on.
#[derive(Clone)]
struct Variable {
    genome: Genome,
    column: Vec<f64>,
    dimension: Option<Vec<f64>>,
}

#[derive(Clone)]
struct State {
    variables: Vec<Variable>,
    /// Dimension of the target, where known.
    dimension: Option<Vec<f64>>,
    factor: Option<Genome>,
    target: Vec<f64>,
    /// The factor's values, in units of the target's size.
    size: Vec<f64>,
    error: f64,
    kernel: Kernel,
}

/// A change of a problem.
#[derive(Clone, Debug)]
enum Change {
    /// Measure the target and all other variables in units made of some: for each a product of powers of these.
    Scale(Vec<usize>, Vec<Vec<f64>>),

    Drop(usize),
    /// Divide the target by a power of an input, which then goes.
    Factor(usize, f64),
    /// Replace two inputs by a combination, the exponents being those of the second; divide by a power of the first.
    Merge(usize, usize, Op, f64, f64),
}

/// When units are made of the variables.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scaling {
    First,
    Last,
}

/// The reductions of a table, each further than the one before, and the number of changes judged. With dimensions,
/// only like quantities are added, and all is brought to pure numbers, once at the start and once at the end.
pub(crate) fn reductions(
    space: &Space,
    powers: &Powers,
    sample: &Sample,
    dimensions: Option<&Dimensions>,
) -> (Vec<Reduction>, u64) {
    // Under a loss of logarithms an error is relative to each value already.
    let size = match sample.norm {
        Norm::Logs => 1.0,
        _ => (sample.target.iter().map(|y| y * y).sum::<f64>() / sample.rows() as f64).sqrt(),
    };
    let variables = space.inputs.iter().map(|&input| Variable {
        genome: Genome::leaf(Gene::Input(input)),
        column: sample.columns[input as usize].clone(),
        dimension: dimensions.map(|d| d.inputs[input as usize].clone()),
    });
    let roots = (0..sample.rows()).map(|row| sample.root(row) / size.max(f64::MIN_POSITIVE));
    let mut start = State {
        variables: variables.collect(),
        dimension: dimensions.map(|d| d.target.clone()),
        factor: None,
        target: sample.target.clone(),
        size: roots.collect(),
        error: f64::INFINITY,
        kernel: Kernel::all()[0],
    };
    (start.error, start.kernel) = start.judge(&Kernel::all(), ROWS);
    let mut out: Vec<Reduction> = vec![];
    let mut judged = 1;
    let orders = if dimensions.is_some() { vec![Scaling::First, Scaling::Last] } else { vec![Scaling::Last] };
    for order in orders {
        let mut state = start.clone();
        while state.variables.len() > 1 {
            let mut next = None;
            let scales = state.scales();
            for changes in if order == Scaling::First { [scales, state.changes()] } else { [state.changes(), scales] } {
                judged += changes.len() as u64;
                next = next.or_else(|| state.best(space, powers, &changes));
            }
            match next {
                Some(next) => state = next,
                None => break,
            }
            let inputs = state.variables.iter().map(|variable| variable.genome.clone()).collect();
            let found = Reduction { inputs, factor: state.factor.clone(), error: state.error };
            if !out.contains(&found) {
                out.push(found);
            }
        }
    }
    (out, judged)
}

impl State {
    fn judge(&self, kernels: &[Kernel], rows: usize) -> (f64, Kernel) {
        let rows = rows.min(self.target.len());
        let columns: Vec<&[f64]> = self.variables.iter().map(|variable| &variable.column[..rows]).collect();
        explain(&columns, &self.target[..rows], &self.size[..rows], kernels)
    }

    /// The best of some changes, if it keeps what matters.
    fn best(&self, space: &Space, powers: &Powers, changes: &[Change]) -> Option<State> {
        let looked: Vec<f64> = changes
            .par_iter()
            .map(|change| {
                let next = self.changed(space, powers, change);
                next.map_or(f64::INFINITY, |next| next.judge(&[self.kernel], FIRST).0)
            })
            .collect();
        let mut order: Vec<usize> = (0..changes.len()).filter(|at| looked[*at].is_finite()).collect();
        order.sort_by(|a, b| looked[*a].total_cmp(&looked[*b]).then(a.cmp(b)));
        order.truncate(JUDGED);
        order.sort_unstable();
        let kernels = self.kernel.alike();
        let next: Vec<Option<State>> = order
            .par_iter()
            .map(|at| {
                let mut next = self.changed(space, powers, &changes[*at])?;
                (next.error, next.kernel) = next.judge(&kernels, ROWS);
                (next.error <= self.error.max(FLOOR)).then_some(next)
            })
            .collect();
        // Of equals the first.
        next.into_iter().flatten().reduce(|best, next| if next.error < 0.999 * best.error { next } else { best })
    }

    /// The ways to measure everything in units made of some variables; none where all are pure numbers already.
    fn scales(&self) -> Vec<Change> {
        let Some(target) = &self.dimension else { return vec![] };
        let known: Vec<&Vec<f64>> = self.variables.iter().filter_map(|variable| variable.dimension.as_ref()).collect();
        let bases = target.len();
        let matrix = |of: &[usize]| DMatrix::from_fn(bases, of.len(), |base, k| known[of[k]][base]);
        let all: Vec<usize> = (0..known.len()).collect();
        let rank = matrix(&all).rank(1e-9);
        if rank == 0 || known.len() < self.variables.len() {
            return vec![];
        }
        let exponents = |of: &[usize], wanted: &[f64]| -> Option<Vec<f64>> {
            let wanted = DVector::from_column_slice(wanted);
            let found = matrix(of).svd(true, true).solve(&wanted, 1e-9).ok()?;
            let halves: Vec<f64> = found.iter().map(|e| (2.0 * e).round() / 2.0).collect();
            let close = (matrix(of) * DVector::from_column_slice(&halves) - wanted).amax() < 1e-9;
            (close && halves.iter().all(|e| e.abs() <= 6.0)).then_some(halves)
        };
        let mut out = vec![];
        for of in subsets(known.len(), rank) {
            if matrix(&of).rank(1e-9) < rank {
                continue;
            }
            let others = all.iter().filter(|k| !of.contains(k)).map(|k| &known[*k][..]);
            let units: Option<Vec<Vec<f64>>> =
                std::iter::once(&target[..]).chain(others).map(|wanted| exponents(&of, wanted)).collect();
            out.extend(units.map(|units| Change::Scale(of, units)));
        }
        out
    }

    fn changes(&self) -> Vec<Change> {
        let count = self.variables.len();
        let mut out: Vec<Change> = (0..count).map(Change::Drop).collect();
        for i in 0..count {
            out.extend(EXPONENTS.map(|k| Change::Factor(i, k)));
        }
        for i in 0..count {
            for j in (0..count).filter(|&j| j != i) {
                let like = self.variables[i].dimension == self.variables[j].dimension;
                if i < j && like {
                    out.extend([Op::Sub, Op::Add].map(|op| Change::Merge(i, j, op, 1.0, 0.0)));
                }
                if i < j {
                    out.extend([Op::Div, Op::Mul].map(|op| Change::Merge(i, j, op, 1.0, 0.0)));
                }
                out.extend([Op::Div, Op::Mul].map(|op| Change::Merge(i, j, op, 2.0, 0.0)));
                for k in TOGETHER {
                    out.extend([Op::Div, Op::Mul].map(|op| Change::Merge(i, j, op, 1.0, k)));
                }
            }
        }
        out
    }

    /// The problem after a change; `None` where it cannot be written or has no finite values.
    fn changed(&self, space: &Space, powers: &Powers, change: &Change) -> Option<State> {
        let mut next = self.clone();
        match *change {
            Change::Scale(ref of, ref units) => {
                for (i, exponent) in of.iter().zip(&units[0]) {
                    next.divide(space, powers, *i, *exponent)?;
                }
                next.dimension = next.dimension.map(|dimension| vec![0.0; dimension.len()]);
                let others = (0..self.variables.len()).filter(|k| !of.contains(k));
                let scaled = others.zip(&units[1..]).map(|(k, unit)| self.scaled(space, powers, k, of, unit));
                next.variables = scaled.collect::<Option<_>>()?;
            }
            Change::Drop(i) => {
                next.variables.remove(i);
            }
            Change::Factor(i, k) => {
                next.divide(space, powers, i, k)?;
                next.variables.remove(i);
            }
            Change::Merge(i, j, op, k, by) => {
                if by != 0.0 {
                    next.divide(space, powers, i, by)?;
                }
                let (a, b) = (&self.variables[i], &self.variables[j]);
                let power = powers.power(space, &b.genome, k)?;
                let value = |(x, y): (&f64, &f64)| op.apply(&[*x, libm::pow(*y, k)]);
                let sign = if op == Op::Div { -k } else { k };
                let dimension = match (&a.dimension, &b.dimension, op) {
                    (Some(a), Some(b), Op::Mul | Op::Div) => Some(a.iter().zip(b).map(|(a, b)| a + sign * b).collect()),
                    (a, _, _) => a.clone(),
                };
                let merged = Variable {
                    genome: Genome::call(space.gene(op)?, &[&a.genome, &power]),
                    column: a.column.iter().zip(&b.column).map(value).collect(),
                    dimension,
                };
                next.variables[i] = merged;
                next.variables.remove(j);
            }
        }
        Some(next)
    }

    /// A variable over a product of powers of others.
    fn scaled(&self, space: &Space, powers: &Powers, k: usize, of: &[usize], unit: &[f64]) -> Option<Variable> {
        let variable = &self.variables[k];
        let mut out =
            Variable { dimension: variable.dimension.as_ref().map(|d| vec![0.0; d.len()]), ..variable.clone() };
        for (i, exponent) in of.iter().zip(unit).filter(|(_, exponent)| **exponent != 0.0) {
            let other = &self.variables[*i];
            if other.column.iter().any(|x| *x == 0.0 || (*x < 0.0 && exponent.fract() != 0.0)) {
                return None;
            }
            let power = powers.power(space, &other.genome, exponent.abs())?;
            let op = if *exponent > 0.0 { Op::Div } else { Op::Mul };
            out.genome = Genome::call(space.gene(op)?, &[&out.genome, &power]);
            out.column.iter_mut().zip(&other.column).for_each(|(value, x)| *value /= libm::pow(*x, *exponent));
        }
        Some(out)
    }

    /// Divides the target by a power of a variable.
    fn divide(&mut self, space: &Space, powers: &Powers, i: usize, k: f64) -> Option<()> {
        if k == 0.0 {
            return Some(());
        }
        let variable = &self.variables[i];
        if variable.column.iter().any(|x| *x == 0.0 || (*x < 0.0 && k.fract() != 0.0)) {
            return None;
        }
        let power = powers.power(space, &variable.genome, k)?;
        if let (Some(dimension), Some(other)) = (&mut self.dimension, &variable.dimension) {
            dimension.iter_mut().zip(other).for_each(|(target, other)| *target -= k * other);
        }
        for (row, x) in variable.column.iter().enumerate() {
            let value = libm::pow(*x, k);
            self.target[row] /= value;
            self.size[row] *= value;
        }
        self.factor = Some(match self.factor.take() {
            Some(factor) => Genome::call(space.gene(Op::Mul)?, &[&factor, &power]),
            None => {
                space.gene(Op::Mul)?;
                power
            }
        });
        Some(())
    }
}

/// All sets of so many of the first numbers, in order.
fn subsets(count: usize, size: usize) -> Vec<Vec<usize>> {
    match (size, count) {
        (0, _) => vec![vec![]],
        (_, 0) => vec![],
        _ => {
            let mut out = subsets(count - 1, size);
            out.extend(subsets(count - 1, size - 1).into_iter().map(|mut set| {
                set.push(count - 1);
                set
            }));
            out
        }
    }
}

impl Reduction {
    /// A formula of the small problem as one of the large.
    pub fn expand(&self, space: &Space, genome: &Genome) -> Option<Genome> {
        let mut out = Genome::default();
        let mut constants = genome.constants.iter();
        for gene in &genome.genes {
            match *gene {
                Gene::Input(index) => {
                    let input = &self.inputs[index as usize];
                    out.genes.extend_from_slice(&input.genes);
                    out.constants.extend_from_slice(&input.constants);
                }
                Gene::Parameter => {
                    out.genes.push(Gene::Parameter);
                    out.constants.extend(constants.next());
                }
                other => out.genes.push(other),
            }
        }
        match &self.factor {
            Some(factor) => space.gene(Op::Mul).map(|mul| Genome::call(mul, &[factor, &out])),
            None => Some(out),
        }
    }
}
