//! Candidates of a template: their programs, fits and losses.

use crate::expr::{Postfix, Tape, Token};
use crate::search::genome::Genome;
use crate::search::levenberg::{FitSettings, fit_constants};
use crate::search::normal;
use crate::search::sample::Sample;
use crate::search::space::Space;

/// Tokens of a program, at most.
const LONGEST: usize = 3_000;

/// A template as programs. Inputs from `inputs` on stand for calls.
pub struct Frame<'a> {
    pub form: Postfix,
    /// The function and the arguments of each call.
    pub calls: Vec<(usize, Vec<Postfix>)>,
    /// Columns.
    pub inputs: usize,
    /// Constants of its own.
    pub constants: usize,
    /// What each function is made of.
    pub spaces: &'a [Space],
}

impl Frame<'_> {
    /// The whole program of a choice of trees: the template's own constants first, then those of each tree. `None` where
    /// it grows too long.
    pub fn program(&self, trees: &[Genome]) -> Option<Postfix> {
        let mut next = self.constants;
        let bodies: Vec<Postfix> = trees
            .iter()
            .zip(self.spaces)
            .map(|(tree, space)| {
                let first = next;
                next += tree.constants.len();
                let shifted = |token| match token {
                    Token::Parameter(k) => Token::Parameter(first as u16 + k),
                    other => other,
                };
                space.program(tree).into_iter().map(shifted).collect()
            })
            .collect();
        let mut out = vec![];
        self.expand(&self.form, &bodies, &mut out).then_some(out)
    }

    fn expand(&self, program: &[Token], bodies: &[Postfix], out: &mut Postfix) -> bool {
        for token in program {
            match token {
                Token::Input(at) if *at as usize >= self.inputs => {
                    let (function, arguments) = &self.calls[*at as usize - self.inputs];
                    for token in &bodies[*function] {
                        let whole = match token {
                            Token::Input(k) => self.expand(&arguments[*k as usize], bodies, out),
                            other => {
                                out.push(*other);
                                true
                            }
                        };
                        if !whole {
                            return false;
                        }
                    }
                }
                other => out.push(*other),
            }
            if out.len() > LONGEST {
                return false;
            }
        }
        true
    }
}

/// A fitted candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// A tree for each function.
    pub trees: Vec<Genome>,
    /// Values of the template's own constants.
    pub constants: Vec<f64>,
    /// The loss on the rows that it was fitted on.
    pub loss: f64,
    /// Complexity of all trees.
    pub complexity: f64,
    /// The hash of the trees' normal forms.
    pub key: u64,
}

impl Member {
    /// A choice of trees with all constants fitted from where they stand, and the evaluations used.
    pub fn fitted(
        frame: &Frame,
        trees: Vec<Genome>,
        constants: Vec<f64>,
        sample: &Sample,
        iterations: usize,
    ) -> (Option<Member>, u64) {
        let Some(program) = frame.program(&trees) else { return (None, 1) };
        let mut start = constants;
        trees.iter().for_each(|tree| start.extend(&tree.constants));
        let bounds = frame.spaces.iter().find_map(|space| space.constants);
        let settings = FitSettings {
            norm: sample.norm,
            iterations,
            tolerance: 1e-10,
            bounds: bounds.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)),
        };
        let tape = Tape::from_postfix(&program);
        let fitted = fit_constants(&tape, &sample.slices(), &sample.target, &sample.weights, &start, &settings);
        if !fitted.loss.is_finite() {
            return (None, fitted.evaluations);
        }
        let mut values = fitted.constants.iter().copied();
        let constants: Vec<f64> = values.by_ref().take(frame.constants).collect();
        let filled = |tree: &Genome| Genome {
            constants: values.by_ref().take(tree.constants.len()).collect(),
            genes: tree.genes.clone(),
        };
        let trees: Vec<Genome> = trees.iter().map(filled).collect();
        let key = trees
            .iter()
            .zip(frame.spaces)
            .fold(7, |hash, (tree, space)| normal::mix(hash, normal::key(&space.program(tree)).full));
        let complexity = trees.iter().zip(frame.spaces).map(|(tree, space)| space.complexity(tree)).sum();
        (Some(Member { trees, constants, loss: fitted.loss, complexity, key }), fitted.evaluations)
    }

    /// What a candidate is judged by: the log of its loss, and its complexity at a price.
    pub fn cost(&self, price: f64) -> f64 {
        libm::log(self.loss + 1e-300) + price * self.complexity
    }
}
