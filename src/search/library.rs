//! A library of small formulas and their values on rows: every distinct one without free constants up to a
//! complexity, products of powers, functions of stretched arguments, and products of these with functions. Formulas
//! with equal values are kept once, in their cheapest form.

use super::fit::Scorer;
use super::genome::{Gene, Genome};
use super::levenberg::Norm;
use super::monomial::{Powers, exponents};
use super::normal::mix;
use super::sample::{Sample, of_one_sign};
use super::space::Space;
use crate::expr::Op;
use std::collections::HashMap;

/// Formulas of the enumeration at most.
const ENUMERATED: usize = 5_000;
/// Products of powers at most.
const MONOMIALS: usize = 1_500;
/// Waves along the range of an argument at most, in steps of 0.8 radians.
const WAVES: usize = 50;
/// Steps of 30 % from small to large arguments of other functions, and where logarithms of these are fitted.
const DECADES: (usize, usize) = (24, 37);
/// Products of a product of powers and a function at most.
const PRODUCTS: usize = 12_000;

/// A formula with its values on a sample.
pub(crate) struct Feature {
    pub genome: Genome,
    pub complexity: f64,
    pub values: Vec<f64>,
    /// It is a product of powers of inputs.
    pub monomial: bool,
    /// It is no product, quotient or power of others.
    pub factor: bool,
}

/// The library of a space on a sample.
pub(crate) struct Library {
    pub features: Vec<Feature>,
    /// Formulas evaluated.
    pub evaluations: u64,
    known: HashMap<u64, usize>,
    scorer: Scorer,
}

impl Library {
    /// Builds the library.
    pub fn new(space: &Space, powers: &Powers, sample: &Sample) -> Library {
        let mut library =
            Library { features: vec![], evaluations: 0, known: HashMap::new(), scorer: Scorer::default() };
        library.enumerate(space, sample);
        library.monomials(space, powers, sample);
        library.stretched(space, sample);
        library.products(space, sample);
        library.drop_twins(sample.norm);
        library
    }

    /// Keeps of formulas that are affine maps of each other the cheapest: sums of features have factors and a summand
    /// of their own, products a factor. Nothing can be added afterwards.
    fn drop_twins(&mut self, norm: Norm) {
        self.known = HashMap::new();
        self.features.sort_by(|a, b| a.complexity.total_cmp(&b.complexity));
        let known = &mut self.known;
        self.features.retain(|feature| {
            // Under logarithms a factor is a summand.
            let logs = norm == Norm::Logs && of_one_sign(&feature.values);
            let values = match logs {
                true => feature.values.iter().map(|value| libm::log(value.abs())).collect(),
                false => feature.values.clone(),
            };
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let size = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>().sqrt();
            let first = values.iter().map(|value| value - mean).find(|value| value.abs() > 1e-3 * size);
            let scale = if logs { 1.0 } else { first.unwrap_or(size).signum() * size };
            // To a few digits: centring loses some.
            let round = |value: f64| (((value - mean) / scale) * 1e5).round() as i64 as u64;
            let hash = spread(&values).fold(19, |hash, value| mix(hash, round(value)));
            known.insert(hash, 0).is_none()
        });
    }

    /// Adds a formula if it is finite, varies, and is new. Whether it was.
    pub fn add(&mut self, space: &Space, sample: &Sample, genome: Genome) -> bool {
        if !space.contains(&genome) {
            return false;
        }
        self.evaluations += 1;
        let program = space.program(&genome);
        let values = self.scorer.values(&program, &genome.constants, &sample.slices(), sample.rows());
        let Some(hash) = fingerprint(values) else { return false };
        let complexity = space.complexity(&genome);
        match self.known.get(&hash) {
            Some(at) => {
                let twin = &mut self.features[*at];
                if complexity < twin.complexity {
                    (twin.genome, twin.complexity) = (genome, complexity);
                }
                false
            }
            None => {
                self.known.insert(hash, self.features.len());
                let monomial = is_algebraic(space, &genome.genes, &[]);
                let factor = is_factor(space, &genome);
                self.features.push(Feature { genome, complexity, values: values.to_vec(), monomial, factor });
                true
            }
        }
    }

    /// All distinct formulas in order of complexity, as many as fit.
    fn enumerate(&mut self, space: &Space, sample: &Sample) {
        let mut leaves: Vec<Genome> = space.inputs.iter().map(|input| Genome::leaf(Gene::Input(*input))).collect();
        if space.constants.is_some() {
            leaves.push(Genome::leaf(Gene::Number(1.0)));
        }
        // Levels of whole complexity. The 1 is no feature, but arguments may be it.
        let mut levels: Vec<Vec<Genome>> = vec![vec![], leaves.clone()];
        for leaf in leaves {
            self.add(space, sample, leaf);
        }
        for level in 2..=9usize {
            let mut found = vec![];
            for call in &space.calls {
                let cost = call.cost.round() as usize;
                let Gene::Call(_, arity) = call.gene else { continue };
                if cost == 0 || cost >= level {
                    continue;
                }
                match arity {
                    1 => {
                        let args = levels[level - cost].clone();
                        found.extend(args.iter().map(|arg| Genome::call(call.gene, &[arg])));
                    }
                    2 => {
                        for left in 1..level - cost {
                            let right = level - cost - left;
                            if call.op.is_some_and(Op::commutes) && left > right {
                                continue;
                            }
                            for (i, a) in levels[left].iter().enumerate() {
                                for (j, b) in levels[right].iter().enumerate() {
                                    if left == right && call.op.is_some_and(Op::commutes) && j < i {
                                        continue;
                                    }
                                    if found.len() < 8 * ENUMERATED {
                                        found.push(Genome::call(call.gene, &[a, b]));
                                    }
                                }
                            }
                        }
                    }
                    _ => {}
                }
            }
            // A level that does not fit would be cut at an arbitrary place.
            if self.features.len() + found.len() / 2 > ENUMERATED {
                break;
            }
            let mut kept = vec![];
            for genome in found {
                if self.add(space, sample, genome.clone()) {
                    kept.push(genome);
                }
            }
            levels.push(kept);
        }
    }

    fn monomials(&mut self, space: &Space, powers: &Powers, sample: &Sample) {
        // With few inputs there is room for higher powers.
        let each = if space.inputs.len() <= 2 { 6 } else { 3 };
        for tuple in exponents(space.inputs.len(), 6, each, MONOMIALS) {
            let factors: Vec<(u16, f64)> =
                space.inputs.iter().copied().zip(tuple.iter().map(|e| f64::from(*e))).collect();
            if let Some(genome) = powers.monomial(space, &factors) {
                self.add(space, sample, genome);
            }
        }
    }

    /// Functions of a small product of powers times a constant, over a grid of constants so fine that a fit finds the
    /// right one from the nearest: only with few inputs, where a law is often one such function.
    fn stretched(&mut self, space: &Space, sample: &Sample) {
        let (Some(mul), true) = (space.gene(Op::Mul), space.constants.is_some() && space.inputs.len() <= 2) else {
            return;
        };
        let arguments: Vec<(Genome, Vec<f64>)> = self
            .features
            .iter()
            .filter(|feature| feature.monomial && feature.complexity <= 3.0)
            .map(|feature| (feature.genome.clone(), feature.values.clone()))
            .collect();
        let waves = [Op::Sin, Op::Cos];
        let functions: Vec<(Gene, Op)> = [Op::Exp, Op::Tanh, Op::Sin, Op::Cos]
            .into_iter()
            .filter_map(|op| space.gene(op).map(|gene| (gene, op)))
            .collect();
        for (argument, values) in arguments {
            let size = (values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64).sqrt();
            let (low, high) =
                values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
            for (function, op) in &functions {
                // A wave must not lose its phase across the range; other functions change with the order of magnitude.
                let constants: Vec<f64> = match waves.contains(op) {
                    true => (1..=WAVES).map(|k| 0.8 * k as f64 / (high - low)).collect(),
                    false => {
                        let (steps, size) = match sample.norm {
                            // From there up to where the exponential overflows.
                            Norm::Logs => (DECADES.1, low.abs().max(high.abs())),
                            _ => (DECADES.0, size),
                        };
                        let sizes = (0..steps).map(|k| 0.05 * libm::pow(1.3, k as f64) / size);
                        sizes.flat_map(|c| if *op == Op::Exp { vec![c, -c] } else { vec![c] }).collect()
                    }
                };
                for c in constants {
                    let stretched = Genome::call(mul, &[&Genome::constant(c), &argument]);
                    let value = Genome::call(*function, &[&stretched]);
                    // A summand is a constant of its own where only a factor can be fitted at once.
                    if let (Norm::Logs, Op::Exp) = (sample.norm, op) {
                        let one = Genome::leaf(Gene::Number(1.0));
                        for gene in [Op::Add, Op::Sub].into_iter().filter_map(|op| space.gene(op)) {
                            self.add(space, sample, Genome::call(gene, &[&value, &one]));
                        }
                    }
                    self.add(space, sample, value);
                }
            }
        }
    }

    /// Products of at most two powers times functions of arguments without functions, the cheapest first.
    fn products(&mut self, space: &Space, sample: &Sample) {
        let Some(mul) = space.gene(Op::Mul) else { return };
        let algebraic = |genes: &[Gene], also: &[Op]| is_algebraic(space, genes, also);
        let is_function = |genome: &Genome| {
            let (root, inner) = genome.genes.split_last().expect("not empty");
            let root = root.arity() == 1 && !algebraic(&[*root], &[Op::Neg, Op::Abs]);
            root && algebraic(inner, &[Op::Add, Op::Sub, Op::Neg, Op::Pow])
        };
        let select = |wanted: &dyn Fn(&Genome) -> bool, most: f64| {
            let wanted = self.features.iter().filter(|f| f.complexity <= most && wanted(&f.genome));
            wanted.map(|f| (f.complexity, f.genome.clone())).collect::<Vec<(f64, Genome)>>()
        };
        let functions = select(&is_function, 5.0);
        let factors = select(&|genome| algebraic(&genome.genes, &[]), 4.0);
        let mut pairs: Vec<(f64, usize, usize)> = vec![];
        for (i, factor) in factors.iter().enumerate() {
            pairs.extend(functions.iter().enumerate().map(|(j, function)| (factor.0 + function.0, i, j)));
        }
        pairs.sort_by(|a, b| a.partial_cmp(b).expect("complexities are not NaN"));
        for (_, i, j) in pairs.into_iter().take(PRODUCTS) {
            self.add(space, sample, Genome::call(mul, &[&factors[i].1, &functions[j].1]));
        }
    }
}

/// Whether genes are leaves, products, quotients, roots, operators defined in a script, and what else is named.
fn is_algebraic(space: &Space, genes: &[Gene], also: &[Op]) -> bool {
    genes.iter().all(|gene| match space.call(*gene) {
        Some(call) => call.op.is_none_or(|op| matches!(op, Op::Mul | Op::Div | Op::Sqrt) || also.contains(&op)),
        None => true,
    })
}

fn is_factor(space: &Space, genome: &Genome) -> bool {
    let root = genome.genes[genome.genes.len() - 1];
    let power = |op| matches!(op, Op::Mul | Op::Div | Op::Sqrt | Op::Cbrt | Op::Pow | Op::Neg);
    space.call(root).is_none_or(|call| call.op.is_some_and(|op| !power(op)))
}

/// A hash of values to ten digits; `None` if one is not finite or huge, or if all are equal.
fn fingerprint(values: &[f64]) -> Option<u64> {
    let usable = values.iter().all(|value| value.is_finite() && value.abs() < 1e300);
    if !usable || values.iter().all(|value| *value == values[0]) {
        return None;
    }
    let round = |value: f64| {
        // Ten digits, rounded in the bits: cheap, and equal values near a border differ only once in millions.
        ((value + 0.0).to_bits().wrapping_add(1 << 18)) >> 19
    };
    Some(spread(values).fold(17, |hash, value| mix(hash, round(value))))
}

/// Some of the values, from all over the rows: neighbouring rows are often much alike.
fn spread(values: &[f64]) -> impl Iterator<Item = f64> {
    values.iter().copied().step_by((values.len() / 48).max(1))
}
