//! Products of powers of inputs, written as cheaply as the space allows, and the power law of a table: a linear fit
//! of logarithms, its exponents rounded.

use super::genome::{Gene, Genome};
use super::normal;
use super::sample::Sample;
use super::space::Space;
use crate::expr::{Op, Token};
use nalgebra::{DMatrix, DVector};

/// The ways a space has to write powers, products and quotients.
pub(crate) struct Powers {
    mul: Option<Gene>,
    div: Option<Gene>,
    pow: Option<Gene>,
    /// Calls of one argument that are a power, with their exponents: square roots, and what a script defines.
    unary: Vec<(f64, Gene)>,
    one: bool,
}

impl Powers {
    /// What `space` offers.
    pub fn new(space: &Space) -> Powers {
        let x = Gene::Input(0);
        let mut unary = vec![];
        for call in &space.calls {
            let Gene::Call(_, 1) = call.gene else { continue };
            let key = normal::key(&space.program(&Genome { genes: vec![x, call.gene], constants: vec![] })).full;
            let same = |tokens: &[Token]| normal::key(tokens).full == key;
            match call.op {
                Some(Op::Sqrt) => unary.push((0.5, call.gene)),
                Some(Op::Cbrt) => unary.push((1.0 / 3.0, call.gene)),
                _ => unary.extend(
                    [-3.0, -2.0, -1.0, 2.0, 3.0, 4.0]
                        .into_iter()
                        .find(|k| same(&[Token::Input(0), Token::Number(*k), Token::Op(Op::Pow)]))
                        .map(|k| (k, call.gene)),
                ),
            }
        }
        let has = |op| space.gene(op);
        let one = space.constants.is_some();
        Powers { mul: has(Op::Mul), div: has(Op::Div), pow: has(Op::Pow).filter(|_| one), unary, one }
    }

    /// `base ^ exponent`, as cheaply as it goes; `None` where the space cannot write it.
    pub fn power(&self, space: &Space, base: &Genome, exponent: f64) -> Option<Genome> {
        if exponent == 1.0 {
            return Some(base.clone());
        }
        let mut ways: Vec<Genome> = vec![];
        for (k, gene) in &self.unary {
            if *k == exponent {
                ways.push(Genome::call(*gene, &[base]));
            }
        }
        if let Some(pow) = self.pow {
            ways.push(Genome::call(pow, &[base, &Genome::leaf(Gene::Number(exponent))]));
        }
        if let Some(mul) = self.mul
            && exponent.fract() == 0.0
            && (2.0..=6.0).contains(&exponent)
        {
            let mut product = base.clone();
            for _ in 1..exponent as usize {
                product = Genome::call(mul, &[&product, base]);
            }
            ways.push(product);
        }
        if exponent < 0.0
            && let Some(positive) = self.power(space, base, -exponent)
        {
            ways.extend(self.reciprocal(&positive));
        }
        if exponent > 1.0
            && exponent.fract() == 0.5
            && let (Some(mul), Some(root)) = (self.mul, self.power(space, base, 0.5))
        {
            let whole = self.power(space, base, exponent - 0.5)?;
            ways.push(Genome::call(mul, &[&whole, &root]));
        }
        let cost = |genome: &Genome| space.complexity(genome);
        ways.into_iter().min_by(|a, b| cost(a).total_cmp(&cost(b)))
    }

    /// `1 / genome`.
    pub fn reciprocal(&self, genome: &Genome) -> Option<Genome> {
        if let Some((_, gene)) = self.unary.iter().find(|(k, _)| *k == -1.0) {
            return Some(Genome::call(*gene, &[genome]));
        }
        let one = Genome::leaf(Gene::Number(1.0));
        self.div.filter(|_| self.one).map(|div| Genome::call(div, &[&one, genome]))
    }

    /// The product of inputs to exponents; `None` where the space cannot write it or nothing is left.
    pub fn monomial(&self, space: &Space, exponents: &[(u16, f64)]) -> Option<Genome> {
        let mut sizes: Vec<f64> = exponents.iter().map(|(_, e)| e.abs()).filter(|e| *e > 0.0).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        let side = |sign: f64| -> Option<Option<Genome>> {
            let mut product: Option<Genome> = None;
            for size in &sizes {
                let mut group: Option<Genome> = None;
                for (input, _) in exponents.iter().filter(|(_, e)| *e == sign * size) {
                    group = Some(self.times(group, Genome::leaf(Gene::Input(*input)))?);
                }
                if let Some(group) = group {
                    product = Some(self.times(product, self.power(space, &group, *size)?)?);
                }
            }
            Some(product)
        };
        match (side(1.0)?, side(-1.0)?) {
            (Some(above), Some(below)) => self.div.map(|div| Genome::call(div, &[&above, &below])),
            (Some(above), None) => Some(above),
            (None, Some(below)) => self.reciprocal(&below),
            (None, None) => None,
        }
    }

    fn times(&self, product: Option<Genome>, factor: Genome) -> Option<Genome> {
        match product {
            None => Some(factor),
            Some(product) => self.mul.map(|mul| Genome::call(mul, &[&product, &factor])),
        }
    }
}

/// The exponents of the power law nearest to the target, as fitted: weighted least squares of log |target| on
/// log |inputs|, each row weighted by its squared target, as errors propagate. `None` without enough rows that have
/// no zero.
pub(crate) fn power_law(sample: &Sample, inputs: &[u16]) -> Option<Vec<(u16, f64)>> {
    let nonzero = |input: &&u16| sample.columns[**input as usize].iter().all(|value| *value != 0.0);
    let inputs: Vec<u16> = inputs.iter().filter(nonzero).copied().collect();
    let rows: Vec<usize> = (0..sample.rows()).filter(|row| sample.target[*row] != 0.0).collect();
    if inputs.is_empty() || rows.len() < 2 * inputs.len() + 2 {
        return None;
    }
    let weight = |row: usize| sample.root(row) * sample.target[row].abs();
    let matrix = DMatrix::from_fn(rows.len(), inputs.len() + 1, |i, k| {
        let log = if k < inputs.len() { libm::log(sample.columns[inputs[k] as usize][rows[i]].abs()) } else { 1.0 };
        weight(rows[i]) * log
    });
    let target = DVector::from_fn(rows.len(), |i, _| weight(rows[i]) * libm::log(sample.target[rows[i]].abs()));
    let normal = matrix.transpose() * &matrix;
    let solution = nalgebra::Cholesky::new(normal)?.solve(&(matrix.transpose() * target));
    let exponents = inputs.iter().zip(solution.iter()).map(|(input, e)| (*input, *e));
    solution.iter().all(|value| value.is_finite()).then(|| exponents.collect())
}

/// All tuples of whole exponents, not all zero, of `count` inputs whose absolute values sum to at most `total` and
/// are at most `each`; those of small sum first. Ends early when there are more than `most`.
pub(crate) fn exponents(count: usize, total: i32, each: i32, most: usize) -> Vec<Vec<i32>> {
    fn fill(at: usize, left: i32, each: i32, tuple: &mut Vec<i32>, out: &mut Vec<Vec<i32>>) {
        if at + 1 == tuple.len() {
            for last in if left == 0 { vec![0] } else { vec![left, -left] } {
                if last.abs() <= each {
                    tuple[at] = last;
                    out.push(tuple.clone());
                }
            }
            return;
        }
        for size in 0..=left.min(each) {
            for value in if size == 0 { vec![0] } else { vec![size, -size] } {
                tuple[at] = value;
                fill(at + 1, left - size, each, tuple, out);
            }
        }
    }
    let mut out = vec![];
    if count == 0 || 2 * count > most {
        return out;
    }
    for sum in 1..=total {
        let mut level = vec![];
        fill(0, sum, each, &mut vec![0; count], &mut level);
        if out.len() + level.len() > most {
            break;
        }
        out.extend(level);
    }
    out
}
