//! Quotients of two polynomials of low degree, without luck: y · (1 + Σ b g) = Σ a f is linear in all coefficients at once,
//! for all products of powers f and g up to a degree. Terms then go one at a time, the one that is missed least first
//! (backward elimination), which keeps an exact fit exact until only what is needed is left.

use super::assemble::sum;
use super::fit::affine_form;
use super::genome::Genome;
use super::monomial::Powers;
use super::sample::{Sample, of_one_sign};
use super::shape::Shape;
use super::space::Space;
use crate::expr::Op;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

/// Largest degrees above and below, by the number of inputs: those beyond have the last ones.
const DEGREES: [(u32, u32); 4] = [(6, 4), (4, 3), (3, 2), (2, 1)];
/// Terms at most: more inputs are left to other phases.
const TERMS: usize = 80;
/// Sums of terms that become candidates.
const KEEP: usize = 12;
/// Share of the target's square below which the lack of a term is not seen.
const NOTHING: f64 = 1e-22;

/// Quotients of polynomials for the target, and for its square where it has one sign, with starts for their constants.
pub(crate) fn quotients(space: &Space, powers: &Powers, sample: &Sample) -> Vec<Genome> {
    if space.constants.is_none() || space.inputs.is_empty() {
        return vec![];
    }
    let shapes = if of_one_sign(&sample.target) { vec![Shape::Plain, Shape::Square] } else { vec![Shape::Plain] };
    // The denominator's first term is 1, or where that is not in it, an input.
    let leads: Vec<Option<usize>> = std::iter::once(None).chain((0..space.inputs.len()).map(Some)).collect();
    let all: Vec<(Shape, Option<usize>)> =
        shapes.iter().flat_map(|shape| leads.iter().map(move |lead| (*shape, *lead))).collect();
    let found: Vec<Vec<Genome>> = all
        .par_iter()
        .map(|(shape, lead)| Table::new(space, sample, *shape, *lead).candidates(space, powers))
        .collect();
    found.into_iter().flatten().collect()
}

/// A term: exponents of the inputs, and whether it stands below.
#[derive(Clone)]
struct Term {
    exponents: Vec<u32>,
    below: bool,
}

impl Term {
    fn degree(&self) -> u32 {
        self.exponents.iter().sum()
    }
}

/// The linear problem: columns of terms in units of their size, and the target times the denominator's first term.
struct Table {
    shape: Shape,
    lead: Option<usize>,
    terms: Vec<Term>,
    columns: DMatrix<f64>,
    sizes: Vec<f64>,
    target: DVector<f64>,
}

impl Table {
    fn new(space: &Space, sample: &Sample, shape: Shape, lead: Option<usize>) -> Table {
        let inputs = space.inputs.len();
        let (above, below) = DEGREES[inputs.min(DEGREES.len()) - 1];
        let mut terms: Vec<Term> =
            tuples(inputs, above).into_iter().map(|exponents| Term { exponents, below: false }).collect();
        // The denominator's first term is on the other side.
        let first: Vec<u32> = (0..inputs).map(|k| u32::from(lead == Some(k))).collect();
        let with_lead = tuples(inputs, below).into_iter().filter(|exponents| *exponents != first);
        let with_lead = with_lead.filter(|exponents| lead.is_none() || exponents.iter().sum::<u32>() > 0);
        terms.extend(with_lead.map(|exponents| Term { exponents, below: true }));
        terms.truncate(TERMS.min(sample.rows() / 2));
        let rows = sample.rows();
        let scale = (sample.target.iter().map(|y| y * y).sum::<f64>() / rows as f64).sqrt();
        let shaped: Vec<(f64, f64)> = (0..rows)
            .map(|row| {
                let (value, root) = shape.of(sample.target[row], scale);
                (value, root * sample.root(row))
            })
            .collect();
        let value = |exponents: &[u32], row: usize| -> f64 {
            let powers = exponents.iter().zip(&space.inputs);
            powers.map(|(k, input)| sample.columns[*input as usize][row].powi(*k as i32)).product()
        };
        let mut columns = DMatrix::from_fn(rows, terms.len(), |row, k| {
            let (y, root) = shaped[row];
            root * value(&terms[k].exponents, row) * if terms[k].below { -y } else { 1.0 }
        });
        let sizes: Vec<f64> = (0..terms.len()).map(|k| columns.column(k).norm()).collect();
        sizes
            .iter()
            .enumerate()
            .filter(|(_, size)| **size > 0.0)
            .for_each(|(k, size)| columns.column_mut(k).unscale_mut(*size));
        let target = DVector::from_fn(rows, |row, _| shaped[row].0 * shaped[row].1 * value(&first, row));
        Table { shape, lead, terms, columns, sizes, target }
    }

    /// Candidates along the way from all terms to one.
    fn candidates(&self, space: &Space, powers: &Powers) -> Vec<Genome> {
        let usable = |k: &usize| self.sizes[*k] > 0.0 && self.sizes[*k].is_finite();
        let mut kept: Vec<usize> = (0..self.terms.len()).filter(usable).collect();
        let size = self.target.norm_squared();
        let mut out = vec![];
        while !kept.is_empty() && size.is_finite() && size > 0.0 {
            let qr = self.columns.select_columns(&kept).qr();
            let r = qr.r();
            let mut side = self.target.clone();
            qr.q_tr_mul(&mut side);
            let side = side.rows(0, kept.len()).into_owned();
            let Some(inverse) = r.solve_upper_triangular(&DMatrix::identity(kept.len(), kept.len())) else {
                // One term is a sum of others.
                let lost = (0..kept.len()).find(|k| r[(*k, *k)] == 0.0).unwrap_or(0);
                kept.remove(lost);
                continue;
            };
            let solved = &inverse * side;
            if kept.len() <= KEEP {
                out.extend(self.formula(space, powers, &kept, solved.as_slice()));
            }
            let harm = |at: usize| solved[at] * solved[at] / inverse.row(at).norm_squared();
            let harms: Vec<f64> = (0..kept.len()).map(harm).collect();
            // Of terms that are not missed the one of the highest degree goes: multiples of the law hold too.
            let rank = |at: usize| match harms[at] <= NOTHING * size {
                true => (0.0, -f64::from(self.terms[kept[at]].degree()), -(at as f64)),
                false => (harms[at], 0.0, 0.0),
            };
            let next =
                (0..kept.len()).min_by(|a, b| rank(*a).partial_cmp(&rank(*b)).unwrap_or(std::cmp::Ordering::Equal));
            kept.remove(next.unwrap_or(0));
        }
        out
    }

    fn formula(&self, space: &Space, powers: &Powers, kept: &[usize], solved: &[f64]) -> Option<Genome> {
        let mut sides: [(Vec<Genome>, Vec<f64>, Option<f64>); 2] = Default::default();
        let named = |exponents: &[u32]| {
            let exponents = exponents.iter().zip(&space.inputs).map(|(k, input)| (*input, f64::from(*k)));
            powers.monomial(space, &exponents.collect::<Vec<_>>())
        };
        match self.lead {
            None => sides[1].2 = Some(1.0),
            Some(lead) => {
                sides[1].0.push(Genome::leaf(super::genome::Gene::Input(space.inputs[lead])));
                sides[1].1.push(1.0);
            }
        }
        for (k, value) in kept.iter().zip(solved) {
            let term = &self.terms[*k];
            let value = value / self.sizes[*k];
            let side = &mut sides[usize::from(term.below)];
            match term.degree() {
                0 => side.2 = Some(value),
                _ => {
                    side.0.push(named(&term.exponents)?);
                    side.1.push(value);
                }
            }
        }
        let plain = self.lead.is_none() && kept.iter().all(|k| !self.terms[*k].below);
        let written = |sum: &dyn Fn(&[&Genome], &[f64], Option<f64>) -> Option<Genome>| {
            let [above, below] = [&sides[0], &sides[1]].map(|(terms, scales, shift)| match terms.is_empty() {
                true => shift.map(Genome::constant),
                false => sum(&terms.iter().collect::<Vec<_>>(), scales, *shift),
            });
            let found = if plain { above? } else { Genome::call(space.gene(Op::Div)?, &[&above?, &below?]) };
            self.shape.undo(space, powers, &found)
        };
        // As a person writes it, or where that is too deep for the space, as flat as it goes.
        let found = written(&|terms, scales, shift| sum(space, terms, scales, shift));
        let found = found.filter(|found| space.contains(found));
        found.or_else(|| written(&|terms, scales, shift| flat_sum(space, terms, scales, shift)))
    }
}

/// Σ scale · term + shift with the least depth: of all parts the two of least depth are joined first.
fn flat_sum(space: &Space, terms: &[&Genome], scales: &[f64], shift: Option<f64>) -> Option<Genome> {
    let add = space.gene(Op::Add)?;
    let scaled = terms.iter().zip(scales).map(|(term, scale)| affine_form(space, term, Some(*scale), None));
    let mut parts: Vec<Genome> = scaled.chain(shift.map(Genome::constant)).collect();
    while parts.len() > 1 {
        parts.sort_by_key(|part| std::cmp::Reverse(part.depth()));
        let (a, b) = (parts.pop()?, parts.pop()?);
        parts.push(Genome::call(add, &[&a, &b]));
    }
    parts.pop()
}

/// All exponents whose sum is at most `degree`, by rising sum.
fn tuples(count: usize, degree: u32) -> Vec<Vec<u32>> {
    fn fill(at: usize, left: u32, tuple: &mut Vec<u32>, out: &mut Vec<Vec<u32>>) {
        if at + 1 == tuple.len() {
            tuple[at] = left;
            out.push(tuple.clone());
            return;
        }
        for k in (0..=left).rev() {
            tuple[at] = k;
            fill(at + 1, left - k, tuple, out);
        }
    }
    let mut out = vec![];
    (0..=degree).for_each(|sum| fill(0, sum, &mut vec![0; count], &mut out));
    out
}
