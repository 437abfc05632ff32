//! Scores and fits of candidates: values through the tape, losses after the best affine map, constants by
//! Levenberg–Marquardt.

use super::archive::Entry;
use super::factor::Factor;
use super::genome::{Gene, Genome};
use super::levenberg::{FitSettings, Fitted, Norm, fit_constants};
use super::normal;
use super::sample::{Affine, Freedom, Sample};
use super::space::Space;
use crate::expr::{Op, Scratch, Tape, Token};

/// Steps of a candidate's fit on the screening rows.
const SCREEN_STEPS: usize = 16;
/// Steps of the fit on all rows, from there.
const ENTRY_STEPS: usize = 8;

/// Scratch memory of one worker.
pub(crate) struct Scorer {
    tape: Tape,
    scratch: Scratch<f64>,
    values: Vec<f64>,
}

impl Default for Scorer {
    fn default() -> Scorer {
        Scorer { tape: Tape::from_postfix(&[Token::Number(0.0)]), scratch: Scratch::new(), values: vec![] }
    }
}

impl Scorer {
    /// The values of a program on a sample.
    pub fn values(&mut self, program: &[Token], constants: &[f64], columns: &[&[f64]], rows: usize) -> &[f64] {
        self.values.resize(rows, 0.0);
        self.tape.recompile(program);
        self.tape.eval(columns, constants, &mut [&mut self.values[..]], &mut self.scratch);
        &self.values
    }

    /// The loss of a program after the best affine map.
    pub fn score(
        &mut self,
        program: &[Token],
        constants: &[f64],
        columns: &[&[f64]],
        sample: &Sample,
        freedom: Freedom,
    ) -> Affine {
        self.values(program, constants, columns, sample.rows());
        sample.affine(&self.values, freedom)
    }
}

/// Which parts of an affine map the formulas of a space can express, and a loss can tell at once: a summand is no
/// linear parameter of a logarithm.
pub(crate) fn freedom(space: &Space, norm: Norm) -> Freedom {
    let has = |op| space.constants.is_some() && space.gene(op).is_some();
    Freedom { scale: has(Op::Mul) || has(Op::Div), shift: norm != Norm::Logs && (has(Op::Add) || has(Op::Sub)) }
}

/// Fits the constants of a candidate on a sample.
pub(crate) fn fit(space: &Space, genome: &Genome, sample: &Sample, iterations: usize) -> Fitted {
    let settings = FitSettings {
        norm: sample.norm,
        iterations,
        bounds: space.constants.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)),
        // Reweighting converges linearly: its last digits cost more than they are worth.
        tolerance: if sample.norm == Norm::Absolute { 1e-7 } else { 1e-12 },
    };
    fit_program(&space.program(genome), &genome.constants, sample, &settings)
}

/// Fits the parameters of a program on a sample.
fn fit_program(program: &[Token], start: &[f64], sample: &Sample, settings: &FitSettings) -> Fitted {
    let fit = |program: &[Token], start: &[f64]| {
        let tape = Tape::from_postfix(program);
        fit_constants(&tape, &sample.slices(), &sample.target, &sample.weights, start, settings)
    };
    if sample.norm == Norm::Logs
        && let Some(factor) = Factor::of(program, start, settings.bounds)
    {
        let fitted = factor.back(fit(&factor.program, &factor.start));
        let (low, high) = settings.bounds;
        if (low..=high).contains(&fitted.constants[factor.index]) {
            return fitted;
        }
    }
    fit(program, start)
}

/// The inner constants of a candidate after a fit together with its affine map, on a sample.
pub(crate) fn fit_inside(
    space: &Space,
    genome: &Genome,
    map: Affine,
    sample: &Sample,
    iterations: usize,
) -> (Genome, f64, u64) {
    let freedom = freedom(space, sample.norm);
    let mut program = space.program(genome);
    let mut start = genome.constants.clone();
    for (free, value, op) in [(freedom.scale, map.scale, Op::Mul), (freedom.shift, map.shift, Op::Add)] {
        if free {
            program.extend([Token::Parameter(start.len() as u16), Token::Op(op)]);
            start.push(value);
        }
    }
    let settings = FitSettings {
        norm: sample.norm,
        iterations,
        tolerance: 1e-4,
        bounds: space.constants.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)),
    };
    let fitted = fit_program(&program, &start, sample, &settings);
    let constants = fitted.constants[..genome.constants.len()].to_vec();
    (Genome { constants, ..genome.clone() }, fitted.loss, fitted.evaluations)
}

/// The candidate and its forms with a factor, a summand and both, each with a start for its constants.
pub(crate) fn forms(space: &Space, genome: &Genome, sample: &Sample, scorer: &mut Scorer) -> Vec<Genome> {
    let program = space.program(genome);
    let slices = sample.slices();
    scorer.values(&program, &genome.constants, &slices, sample.rows());
    let all = freedom(space, sample.norm);
    let mut out = vec![genome.clone()];
    for (scale, shift) in [(true, false), (false, true), (true, true)] {
        if (scale && !all.scale) || (shift && !all.shift) {
            continue;
        }
        let map = sample.affine(&scorer.values, Freedom { scale, shift });
        if map.loss.is_finite() {
            out.push(affine_form(space, genome, scale.then_some(map.scale), shift.then_some(map.shift)));
        }
    }
    out
}

/// `scale · genome + shift` as a candidate, from the operators there are.
pub(crate) fn affine_form(space: &Space, genome: &Genome, scale: Option<f64>, shift: Option<f64>) -> Genome {
    let mut out = genome.clone();
    if let Some(scale) = scale {
        out = match (space.gene(Op::Mul), space.gene(Op::Div)) {
            (Some(mul), _) => Genome::call(mul, &[&Genome::constant(scale), &out]),
            (None, Some(div)) => Genome::call(div, &[&out, &Genome::constant(1.0 / scale)]),
            (None, None) => out,
        };
    }
    if let Some(shift) = shift {
        out = match (space.gene(Op::Add), space.gene(Op::Sub)) {
            (Some(add), _) => Genome::call(add, &[&out, &Genome::constant(shift)]),
            (None, Some(sub)) => Genome::call(sub, &[&out, &Genome::constant(-shift)]),
            (None, None) => out,
        };
    }
    out
}

/// The candidate without a factor and a summand at its root: what an affine map within `freedom` gives back.
pub(crate) fn strip(space: &Space, genome: &Genome, freedom: Freedom) -> Genome {
    let mut out = genome.clone();
    loop {
        let root = out.genes.len() - 1;
        let op = space.op(out.genes[root]);
        let args = out.args(root);
        let constant = |at: usize| matches!(out.genes[args[at]], Gene::Parameter | Gene::Number(_));
        let rest = match op {
            Some(Op::Add | Op::Sub) if !freedom.shift => return out,
            Some(Op::Add | Op::Sub | Op::Mul) if constant(0) && !constant(1) => args[1],
            Some(Op::Add | Op::Sub | Op::Mul | Op::Div) if constant(1) && !constant(0) => args[0],
            Some(Op::Neg) => args[0],
            _ => return out,
        };
        out = out.subtree(rest);
    }
}

/// A candidate fitted on all rows, with its affine forms: what may enter the archive. Forms that do not come near
/// `worth(complexity)` on the screening rows are left out. Also the evaluations used.
pub(crate) fn entries(
    space: &Space,
    genome: &Genome,
    (screen, sample): (&Sample, &Sample),
    worth: &dyn Fn(f64) -> f64,
    scorer: &mut Scorer,
) -> (Vec<Entry>, u64) {
    let mut out: Vec<Entry> = vec![];
    let mut evaluations = 0;
    for form in forms(space, &strip(space, genome, freedom(space, sample.norm)), screen, scorer) {
        let mut form = space.tidy(&form);
        if !space.contains(&form) {
            continue;
        }
        let key = normal::key(&space.program(&form)).full;
        let complexity = space.complexity(&form);
        if out.iter().any(|entry| entry.key == key && entry.complexity <= complexity) {
            continue;
        }
        if !form.constants.is_empty() && screen.rows() < sample.rows() {
            let fitted = fit(space, &form, screen, SCREEN_STEPS);
            evaluations += fitted.evaluations;
            // Losses on few rows scatter.
            if fitted.loss > 1.5 * worth(complexity) + sample.exact {
                continue;
            }
            form.constants = fitted.constants;
        }
        let fitted = fit(space, &form, sample, ENTRY_STEPS);
        evaluations += fitted.evaluations;
        let genome = Genome { constants: fitted.constants, ..form };
        if fitted.loss.is_finite() && space.admits(&genome) {
            out.push(Entry { genome, loss: fitted.loss, complexity, key });
        }
    }
    (out, evaluations)
}
