//! Short sums of library formulas, also under a function that can be undone at the root: y, 1/y, y², 1/y², √y or
//! log y as a linear combination of a few features. A beam of the best one-term fits is extended term by
//! term over the whole library (orthogonal least squares, Chen, Billings and Luo 1989), which finds, in one pass,
//! laws whose halves are small although they are large: a meeting in the middle.
//!
//! Quotients of two sums are found the same way: y = (Σ a f) / (1 − Σ b g) is linear in a and b once written as
//! y = Σ a f + Σ b (y g), so that the library is taken twice, the second time multiplied by the target. There g is less
//! its mean: the denominator then has mean 1, and cannot make any numerator fit by vanishing.
//!
//! Products of powers of features are sums of their logarithms, found the same way for log |y|.
//!
//! Screened in single precision on the sample's rows; what comes out is to be fitted and checked by the caller.

use super::fit::affine_form;
use super::genome::{Gene, Genome};
use super::library::Library;
use super::monomial::Powers;
use super::sample::Sample;
use super::shape::Shape;
use super::space::Space;
use super::sums::dot;
use crate::expr::Op;
use nalgebra::DMatrix;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Partial sums that are extended: with all features, and with products of powers only.
const BEAM: (usize, usize) = (64, 256);
/// Sums of each length and function that are returned; more with few inputs, where features come near each other.
const KEEP: (usize, usize) = (10, 60);
/// Distance from 1 or -1 below which a coefficient is that: far below what noise leaves.
const UNIT: f64 = 1e-7;
/// Terms of a sum at most, and of the two sums of a quotient together.
const TERMS: (usize, usize) = (3, 4);
/// Features of a quotient at most, the cheapest: of all, and of products of powers only.
const QUOTIENT: (usize, usize) = (4_000, 400);
/// Size of a denominator's constant, beside its other terms, below which there is none.
const NOTHING: f64 = 1e-6;
/// Distance from a half below which an exponent is that.
const HALF: f64 = 0.02;
/// Cheapest features that sums of two are tried with whatever they explain alone; at most a block.
const CHEAP: usize = 256;
/// Rounds in which terms of sums are exchanged.
const EXCHANGES: usize = 4;
/// Features in a block of the matrix: fixed, so that results do not depend on threads.
const BLOCK: usize = 1024;
/// Log of the unexplained share that one unit of complexity must earn.
const PRESSURE: f64 = 0.05;
/// Unexplained share below which single precision cannot tell fits apart.
const RESOLUTION: f64 = 1e-6;

/// Which terms there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// A sum.
    Sum,
    /// A quotient of two sums.
    Quotient,
    /// A quotient of two sums of products of powers.
    Rational,
    /// A product of powers.
    Product,
}

/// The best sums or quotients of a shape as candidates, with starts for their constants; empty where the shape does not
/// apply.
pub(crate) fn assemble(
    space: &Space,
    powers: &Powers,
    library: &Library,
    sample: &Sample,
    shape: Shape,
    form: Form,
) -> Vec<Genome> {
    let probe = Genome::constant(1.0);
    let writable = form == Form::Product || shape.undo(space, powers, &probe).is_some();
    if space.constants.is_none() || !shape.applies(&sample.target) || !writable {
        return vec![];
    }
    let Some(basis) = Basis::new(library, sample, shape, form) else { return vec![] };
    let keep = if space.inputs.len() <= 2 { KEEP.1 } else { KEEP.0 };
    let mut out = vec![];
    // A product has powers of all inputs to begin with, and what else there is by search.
    let begun = if form == Form::Product { basis.inputs(library) } else { vec![] };
    let mut beam = vec![Partial { chosen: begun, ..Partial::default() }];
    for terms in 1..=if matches!(form, Form::Sum | Form::Product) { TERMS.0 } else { TERMS.1 } {
        beam = basis.extend(&beam);
        // The halves of a sum of two need not be good fits alone: all cheap ones are gone on with.
        if terms == 1 && (shape, form) == (Shape::Plain, Form::Sum) {
            let cheap = (0..CHEAP.min(basis.features.len())).filter(|number| basis.blocks[0].row(*number).norm() > 0.5);
            let known: BTreeSet<usize> = beam.iter().flat_map(|partial| partial.chosen.clone()).collect();
            let fresh = cheap.filter(|number| !known.contains(number));
            beam.extend(fresh.map(|number| Partial { chosen: vec![number], left: 1.0, score: f64::INFINITY }));
        }
        // What a greedy choice got wrong is put right by exchanging terms.
        for _ in 0..if terms > 1 && form != Form::Product { EXCHANGES } else { 0 } {
            let exchanged = basis.extend(&without_one(&beam, basis.beam));
            if exchanged.first().map(|best| best.score) >= beam.first().map(|best| best.score) {
                break;
            }
            beam = exchanged;
        }
        for partial in beam.iter().filter(|partial| form != Form::Quotient || basis.divides(partial)).take(keep) {
            if form == Form::Product {
                let exponents = basis.coefficients(library, partial, true).map(|(exponents, _)| exponents);
                let ways = [Exponents::Halves, Exponents::Free];
                let of = |way| basis.product(space, powers, library, partial, exponents.as_ref()?, way);
                out.extend(ways.into_iter().filter_map(of));
                continue;
            }
            for shift in [false, true] {
                let found = basis
                    .coefficients(library, partial, shift)
                    .and_then(|(scales, shift)| basis.formula(space, library, partial, &scales, shift));
                out.extend(found.and_then(|found| shape.undo(space, powers, &found)));
            }
        }
        // Nothing is gained by more terms than an exact fit has.
        if beam.first().is_none_or(|best| best.left <= RESOLUTION) {
            break;
        }
    }
    out
}

/// All sums of the beam less one of their terms, from the best on, as many as a beam holds.
fn without_one(beam: &[Partial], most: usize) -> Vec<Partial> {
    let mut seen = BTreeSet::new();
    let mut out = vec![];
    for partial in beam {
        for drop in 0..partial.chosen.len() {
            let mut chosen = partial.chosen.clone();
            chosen.remove(drop);
            let mut set = chosen.clone();
            set.sort_unstable();
            if out.len() < most && seen.insert(set) {
                out.push(Partial { chosen, ..Partial::default() });
            }
        }
    }
    out
}

/// Σ scale · term + shift as a candidate.
pub(crate) fn sum(space: &Space, terms: &[&Genome], scales: &[f64], shift: Option<f64>) -> Option<Genome> {
    let near = |scale: f64, unit: f64| (scale - unit).abs() < UNIT;
    // What is subtracted comes after what it is subtracted from.
    let mut order: Vec<usize> = (0..terms.len()).collect();
    order.sort_by_key(|at| (near(scales[*at], -1.0), *at));
    let mut out: Option<Genome> = None;
    if let Some(shift) = shift.filter(|_| order.first().is_some_and(|first| near(scales[*first], -1.0))) {
        let one = near(shift, 1.0);
        out = Some(if one { Genome::leaf(Gene::Number(1.0)) } else { Genome::constant(shift) });
    }
    let shift = if out.is_some() { None } else { shift };
    for at in order {
        let scaled = |scale: f64| match near(scale, 1.0) {
            true => terms[at].clone(),
            false => affine_form(space, terms[at], Some(scale), None),
        };
        let scale = scales[at];
        out = Some(match (out, space.gene(Op::Add), space.gene(Op::Sub)) {
            (None, ..) => scaled(scale),
            (Some(sum), _, Some(sub)) if near(scale, -1.0) => Genome::call(sub, &[&sum, terms[at]]),
            (Some(sum), Some(add), _) => Genome::call(add, &[&sum, &scaled(scale)]),
            (Some(sum), None, Some(sub)) => Genome::call(sub, &[&sum, &scaled(-scale)]),
            (Some(_), None, None) => return None,
        });
    }
    out.map(|sum| match shift {
        Some(shift) if near(shift, 1.0) => match space.gene(Op::Add) {
            Some(add) => Genome::call(add, &[&sum, &Genome::leaf(Gene::Number(1.0))]),
            None => affine_form(space, &sum, None, Some(shift)),
        },
        shift => affine_form(space, &sum, None, shift),
    })
}

/// How the exponents of a product are taken over.
#[derive(Clone, Copy, PartialEq)]
enum Exponents {
    /// Rounded to halves.
    Halves,
    /// As constants to be fitted.
    Free,
}

/// A sum under construction.
#[derive(Clone, Default)]
struct Partial {
    /// Indices of features, in order of choice.
    chosen: Vec<usize>,
    /// Unexplained share of the weighted variance.
    left: f64,
    /// What beams are sorted by: the unexplained share times the toll of each term.
    score: f64,
}

/// The library as unit vectors for one shape of target: weighted and centred.
struct Basis {
    /// Whether terms are logarithms of features.
    logs: bool,
    /// Partial sums that are extended.
    beam: usize,
    /// Features of the library in use. In a quotient, numbers from there on are these features times the target.
    features: Vec<usize>,
    blocks: Vec<DMatrix<f32>>,
    target: Vec<f32>,
    /// Square roots of the weights, and the target before centring.
    roots: Vec<f64>,
    shaped: Vec<f64>,
    /// By how much a feature must lower the unexplained share to be worth its complexity.
    toll: Vec<f64>,
    rows: usize,
}

impl Basis {
    fn new(library: &Library, sample: &Sample, shape: Shape, form: Form) -> Option<Basis> {
        let rows = sample.rows();
        let scale = (sample.target.iter().map(|y| y * y).sum::<f64>() / rows as f64).sqrt();
        let mut shaped = vec![0.0; rows];
        let mut roots = vec![0.0; rows];
        for row in 0..rows {
            let (value, root) = shape.of(sample.target[row], scale);
            let root = root * sample.root(row);
            if value.is_finite() && root.is_finite() {
                (shaped[row], roots[row]) = (value, root);
            }
        }
        let target = centred(&shaped, &roots)?;
        let most = match form {
            Form::Sum | Form::Product => usize::MAX,
            Form::Quotient => QUOTIENT.0,
            Form::Rational => QUOTIENT.1,
        };
        let wanted = |at: &usize| match form {
            Form::Rational => library.features[*at].monomial,
            Form::Product => library.features[*at].factor,
            Form::Sum | Form::Quotient => true,
        };
        let features: Vec<usize> = (0..library.features.len()).filter(wanted).take(most).collect();
        let all = if matches!(form, Form::Sum | Form::Product) { features.len() } else { 2 * features.len() };
        let beam = if form == Form::Rational { BEAM.1 } else { BEAM.0 };
        let mut basis = Basis {
            beam,
            logs: form == Form::Product,
            features,
            blocks: vec![],
            target,
            roots,
            shaped,
            toll: vec![],
            rows,
        };
        let numbers: Vec<usize> = (0..all).collect();
        basis.blocks = numbers
            .par_chunks(BLOCK)
            .map(|numbers| {
                let mut block = DMatrix::zeros(numbers.len(), rows);
                for (at, number) in numbers.iter().enumerate() {
                    if let Some(values) = centred(&basis.values(library, *number), &basis.roots) {
                        values.iter().enumerate().for_each(|(row, value)| block[(at, row)] = *value);
                    }
                }
                block
            })
            .collect();
        basis.toll = numbers
            .iter()
            .map(|number| libm::exp(PRESSURE * library.features[basis.term(*number).0].complexity))
            .collect();
        Some(basis)
    }

    /// The feature of a term, and whether it stands below.
    fn term(&self, number: usize) -> (usize, bool) {
        match number.checked_sub(self.features.len()) {
            None => (self.features[number], false),
            Some(below) => (self.features[below], true),
        }
    }

    /// Values of a term.
    fn values(&self, library: &Library, number: usize) -> Vec<f64> {
        let (feature, below) = self.term(number);
        let values = &library.features[feature].values;
        if self.logs {
            let positive = values[0] > 0.0;
            return values.iter().map(|x| libm::log(if positive { *x } else { -x })).collect();
        }
        if !below {
            return values.clone();
        }
        let mean = self.mean(library, feature);
        values.iter().zip(&self.shaped).map(|(x, y)| (x - mean) * y).collect()
    }

    fn mean(&self, library: &Library, feature: usize) -> f64 {
        library.features[feature].values.iter().sum::<f64>() / self.rows as f64
    }

    /// Whether a partial quotient has a term below.
    fn divides(&self, partial: &Partial) -> bool {
        partial.chosen.iter().any(|number| self.term(*number).1)
    }

    /// The sum, or the quotient, of a partial with its coefficients.
    fn formula(
        &self,
        space: &Space,
        library: &Library,
        partial: &Partial,
        scales: &[f64],
        shift: Option<f64>,
    ) -> Option<Genome> {
        let mut sides: [(Vec<&Genome>, Vec<f64>); 2] = Default::default();
        let mut one = 1.0;
        for (number, scale) in partial.chosen.iter().zip(scales) {
            let (feature, is_below) = self.term(*number);
            let side = &mut sides[usize::from(is_below)];
            side.0.push(&library.features[feature].genome);
            side.1.push(if is_below { -scale } else { *scale });
            one += if is_below { scale * self.mean(library, feature) } else { 0.0 };
        }
        let [(above, above_scales), (below, below_scales)] = sides;
        let Some(lead) = below_scales.first() else { return sum(space, &above, &above_scales, shift) };
        // Both sides are divided so that the denominator's constant is 1, or its first factor where there is none.
        let constant = one.abs() > NOTHING * below_scales.iter().map(|b| b.abs()).sum::<f64>();
        let unit = if constant { one } else { *lead };
        let over = |scales: &[f64]| scales.iter().map(|scale| scale / unit).collect::<Vec<f64>>();
        let above = sum(space, &above, &over(&above_scales), shift.map(|shift| shift / unit))?;
        let below = sum(space, &below, &over(&below_scales), constant.then_some(1.0))?;
        space.gene(Op::Div).map(|div| Genome::call(div, &[&above, &below]))
    }

    /// The product of powers of a partial. Free exponents only where they are not whole or half, and `None` where all are.
    fn product(
        &self,
        space: &Space,
        powers: &Powers,
        library: &Library,
        partial: &Partial,
        exponents: &[f64],
        way: Exponents,
    ) -> Option<Genome> {
        let mut sides: [Option<Genome>; 2] = [None, None];
        let mut free = false;
        for (number, exponent) in partial.chosen.iter().zip(exponents) {
            let feature = &library.features[self.term(*number).0].genome;
            let half = (2.0 * exponent).round() / 2.0;
            let power = match way {
                Exponents::Free if (exponent - half).abs() > HALF => {
                    free = true;
                    Genome::call(space.gene(Op::Pow)?, &[feature, &Genome::constant(exponent.abs())])
                }
                _ if half == 0.0 => continue,
                _ => powers.power(space, feature, half.abs())?,
            };
            let side = &mut sides[usize::from(*exponent < 0.0)];
            *side = Some(match side.take() {
                Some(product) => Genome::call(space.gene(Op::Mul)?, &[&product, &power]),
                None => power,
            });
        }
        let [above, below] = sides;
        let product = match (above, below) {
            (Some(above), Some(below)) => Genome::call(space.gene(Op::Div)?, &[&above, &below]),
            (None, Some(below)) => powers.reciprocal(&below)?,
            (above, None) => above?,
        };
        (free == (way == Exponents::Free)).then_some(product)
    }

    /// The numbers of the inputs, as far as none is a product of powers of earlier ones.
    fn inputs(&self, library: &Library) -> Vec<usize> {
        let mut basis: Vec<Vec<f64>> = vec![];
        let mut out = vec![];
        for (number, feature) in self.features.iter().enumerate() {
            if library.features[*feature].genome.genes.len() > 1 {
                continue;
            }
            let mut vector = self.vector(number);
            basis.iter().for_each(|other| remove(&mut vector, other));
            let norm = dot(&vector, &vector).sqrt();
            if norm > 1e-3 {
                vector.iter_mut().for_each(|value| *value /= norm);
                basis.push(vector);
                out.push(number);
            }
        }
        out
    }

    fn vector(&self, feature: usize) -> Vec<f64> {
        let block = &self.blocks[feature / BLOCK];
        (0..self.rows).map(|row| f64::from(block[(feature % BLOCK, row)])).collect()
    }

    /// All one-term extensions of the beam, the best of them.
    fn extend(&self, beam: &[Partial]) -> Vec<Partial> {
        // For each partial sum the residual and an orthonormal basis of its terms, side by side.
        let terms = beam.first().map_or(0, |partial| partial.chosen.len());
        let width = terms + 1;
        let mut vectors = DMatrix::<f32>::zeros(self.rows, beam.len() * width);
        let mut left_before = vec![1.0; beam.len()];
        for (b, partial) in beam.iter().enumerate() {
            let mut basis: Vec<Vec<f64>> = vec![];
            let mut residual: Vec<f64> = self.target.iter().map(|value| f64::from(*value)).collect();
            for at in &partial.chosen {
                let mut q = self.vector(*at);
                basis.iter().for_each(|other| remove(&mut q, other));
                let norm = dot(&q, &q).sqrt();
                q.iter_mut().for_each(|value| *value /= norm);
                remove(&mut residual, &q);
                basis.push(q);
            }
            left_before[b] = dot(&residual, &residual);
            for (k, vector) in std::iter::once(&residual).chain(&basis).enumerate() {
                vector.iter().enumerate().for_each(|(row, value)| vectors[(row, b * width + k)] = *value as f32);
            }
        }
        let found: Vec<Vec<Partial>> = self
            .blocks
            .par_iter()
            .enumerate()
            .map(|(index, block)| {
                let products = block * &vectors;
                let mut best: Vec<Partial> = vec![];
                for (b, partial) in beam.iter().enumerate() {
                    let costs: f64 = partial.chosen.iter().map(|at| self.toll[*at]).product();
                    for at in 0..block.nrows() {
                        let along = f64::from(products[(at, b * width)]);
                        let inside: f64 = (1..width).map(|k| f64::from(products[(at, b * width + k)]).powi(2)).sum();
                        let outside = 1.0 - inside;
                        // What lies in the span of the terms already chosen adds only noise.
                        if outside < 1e-4 {
                            continue;
                        }
                        let left = (left_before[b] - along * along / outside).max(RESOLUTION);
                        let feature = index * BLOCK + at;
                        // The first term of a quotient stands above.
                        if terms == 0 && self.term(feature).1 {
                            continue;
                        }
                        let score = left * costs * self.toll[feature];
                        if best.len() < 2 * self.beam || score < best[best.len() - 1].score {
                            let mut chosen = partial.chosen.clone();
                            chosen.push(feature);
                            let place = best.partition_point(|other| other.score <= score);
                            best.insert(place, Partial { chosen, left, score });
                            best.truncate(2 * self.beam);
                        }
                    }
                }
                best
            })
            .collect();
        let mut all: Vec<Partial> = found.into_iter().flatten().collect();
        all.sort_by(|a, b| a.score.total_cmp(&b.score).then_with(|| a.chosen.cmp(&b.chosen)));
        let mut seen = BTreeSet::new();
        all.retain(|partial| {
            let mut set = partial.chosen.clone();
            set.sort_unstable();
            let above = set.first().is_some_and(|first| !self.term(*first).1);
            above && seen.insert(set)
        });
        all.truncate(self.beam);
        all
    }

    /// Least-squares coefficients of a sum, with or without a summand.
    fn coefficients(&self, library: &Library, partial: &Partial, shift: bool) -> Option<(Vec<f64>, Option<f64>)> {
        let terms = partial.chosen.len();
        let width = terms + usize::from(shift);
        // Columns scaled to unit length: features differ by many powers of ten.
        let column = |k: usize| -> Vec<f64> {
            match partial.chosen.get(k) {
                Some(number) => self.values(library, *number).iter().zip(&self.roots).map(|(x, w)| x * w).collect(),
                None => self.roots.clone(),
            }
        };
        let columns: Vec<Vec<f64>> = (0..width).map(column).collect();
        let lengths: Vec<f64> = columns.iter().map(|column| dot(column, column).sqrt().max(1e-300)).collect();
        let target: Vec<f64> = self.shaped.iter().zip(&self.roots).map(|(y, w)| y * w).collect();
        let matrix = DMatrix::from_fn(width, width, |a, b| dot(&columns[a], &columns[b]) / lengths[a] / lengths[b]);
        let side = nalgebra::DVector::from_fn(width, |a, _| dot(&columns[a], &target) / lengths[a]);
        let solved = nalgebra::Cholesky::new(matrix)?.solve(&side);
        let values: Vec<f64> = solved.iter().zip(&lengths).map(|(value, length)| value / length).collect();
        let usable = values.iter().all(|value| value.is_finite());
        usable.then(|| (values[..terms].to_vec(), shift.then(|| values[terms])))
    }
}

/// Values weighted, centred and of unit length; `None` if nothing is left of them.
fn centred(values: &[f64], roots: &[f64]) -> Option<Vec<f32>> {
    let all: f64 = roots.iter().map(|w| w * w).sum();
    let mean: f64 = values.iter().zip(roots).map(|(x, w)| x * w * w).sum::<f64>() / all;
    let out: Vec<f64> = values.iter().zip(roots).map(|(x, w)| (x - mean) * w).collect();
    let norm = dot(&out, &out).sqrt();
    let whole: f64 = values.iter().zip(roots).map(|(x, w)| (x * w).powi(2)).sum::<f64>().sqrt();
    let usable = norm.is_finite() && norm > 1e-7 * whole && norm > 0.0;
    usable.then(|| out.iter().map(|value| (value / norm) as f32).collect())
}

fn remove(from: &mut [f64], unit: &[f64]) {
    let along = dot(from, unit);
    from.iter_mut().zip(unit).for_each(|(value, q)| *value -= along * q);
}
