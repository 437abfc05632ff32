//! Levenberg–Marquardt (Levenberg 1944, Marquardt 1963) with Nielsen's damping (1999) on dense normal equations;
//! least absolute deviations by iterative reweighting, each step accepted by the true loss. Meant for up to some
//! dozens of constants; rank-deficient problems are held by the damping.

use super::sums::dot;
use crate::expr::{Scratch, Tape, Wrt};
use nalgebra::{Cholesky, DMatrix, DVector};

/// What a fit minimises, as a mean over weighted rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// Mean of squares.
    Squares,
    /// Mean of absolute values.
    Absolute,
    /// Mean of squares of log(value / target); a value of another sign than its target's fits infinitely badly.
    Logs,
}

/// How to fit.
#[derive(Clone, Copy, Debug)]
pub struct FitSettings {
    /// What is minimised.
    pub norm: Norm,
    /// Steps tried at most.
    pub iterations: usize,
    /// Ends when a step lowers the loss by less than this share.
    pub tolerance: f64,
    /// Every constant is kept within these.
    pub bounds: (f64, f64),
}

impl Default for FitSettings {
    fn default() -> FitSettings {
        FitSettings {
            norm: Norm::Squares,
            iterations: 100,
            tolerance: 1e-12,
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
        }
    }
}

/// What a fit found.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The constants.
    pub constants: Vec<f64>,
    /// The loss with them; infinite if the model had no finite value at the start.
    pub loss: f64,
    /// Covariance of the constants, row by row: scale² (JᵀWJ)⁻¹ with the residual variance as scale² (for absolute
    /// deviations the squared mean deviation, which is right for Laplace noise). Infinite where J is deficient.
    pub covariance: Vec<f64>,
    /// What the data say of the constants, row by row: JᵀWJ over the residual variance, the covariance's inverse.
    pub information: Vec<f64>,
    /// Evaluations of the residuals, those with derivatives included.
    pub evaluations: u64,
}

impl Fitted {
    /// Standard deviation of the constant of this index.
    pub fn uncertainty(&self, index: usize) -> f64 {
        self.covariance[index * self.constants.len() + index].sqrt()
    }

    /// Takes what is known otherwise of a constant that the residuals have no slope in: its value and deviation.
    pub fn tell(&mut self, index: usize, value: f64, deviation: f64) {
        self.constants[index] = value;
        self.covariance[index * self.constants.len() + index] = deviation * deviation;
    }
}

/// Fits the constants of a residual over `rows` rows. `residuals(constants, out, jacobian)` writes the residuals and,
/// if asked, their derivatives: constant `k` of row `i` at `[k * rows + i]`. `weights` is empty or has one
/// non-negative number for each row.
pub fn levenberg_marquardt(
    residuals: &mut dyn FnMut(&[f64], &mut [f64], Option<&mut [f64]>),
    start: &[f64],
    rows: usize,
    weights: &[f64],
    settings: &FitSettings,
) -> Fitted {
    let count = start.len();
    let (low, high) = settings.bounds;
    let mut constants: Vec<f64> = start.iter().map(|value| value.clamp(low, high)).collect();
    let mut trial = constants.clone();
    let mut residual = vec![0.0; rows];
    let mut trial_residual = vec![0.0; rows];
    let mut jacobian = vec![0.0; rows * count];
    let mut row_weights = vec![1.0; rows];
    residuals(&constants, &mut residual, Some(&mut jacobian));
    let mut evaluations = 1;
    let mut loss = mean_loss(&residual, weights, settings.norm);
    let mut system = Normal::new(count);
    let mut damping = 0.0;
    let mut growth = 2.0;
    let mut fresh = true;
    let mut quiet = 0;
    for _ in 0..settings.iterations {
        if !loss.is_finite() || loss == 0.0 || count == 0 {
            break;
        }
        if fresh {
            reweight(&residual, weights, settings.norm, loss, &mut row_weights);
            system.assemble(&residual, &jacobian, &row_weights, rows);
            if damping == 0.0 {
                damping = 1e-3;
            }
            fresh = false;
        }
        let Some(step) = system.step(damping, &constants) else {
            damping *= growth;
            growth *= 2.0;
            if damping > 1e16 {
                break;
            }
            continue;
        };
        for k in 0..count {
            trial[k] = (constants[k] + step[k]).clamp(low, high);
        }
        residuals(&trial, &mut trial_residual, None);
        evaluations += 1;
        let trial_loss = mean_loss(&trial_residual, weights, settings.norm);
        let small = (0..count).all(|k| (trial[k] - constants[k]).abs() <= 1e-15 * constants[k].abs());
        if trial_loss < loss {
            let fall = (loss - trial_loss) / loss;
            let expected = system.expected_fall(&step, damping);
            std::mem::swap(&mut constants, &mut trial);
            residuals(&constants, &mut residual, Some(&mut jacobian));
            evaluations += 1;
            let gain = if expected > 0.0 && settings.norm != Norm::Absolute {
                (loss - trial_loss) * system.weight_sum / expected
            } else {
                0.5
            };
            loss = trial_loss;
            damping *= f64::max(1.0 / 3.0, 1.0 - (2.0 * gain - 1.0).powi(3)).min(2.0);
            damping = damping.max(1e-18);
            growth = 2.0;
            fresh = true;
            quiet = if fall < settings.tolerance { quiet + 1 } else { 0 };
            if quiet >= 2 || small {
                break;
            }
        } else {
            if small || damping > 1e16 {
                break;
            }
            damping *= growth;
            growth *= 2.0;
        }
    }
    let (covariance, information) = if count > 0 && loss.is_finite() {
        row_weights.fill(1.0);
        if !weights.is_empty() {
            row_weights.copy_from_slice(weights);
        }
        system.assemble(&residual, &jacobian, &row_weights, rows);
        let variance = system.variance(rows, loss, settings.norm);
        (system.covariance(variance), system.matrix.iter().map(|value| value / variance).collect())
    } else {
        (vec![f64::INFINITY; count * count], vec![0.0; count * count])
    };
    let loss = if loss.is_finite() { loss } else { f64::INFINITY };
    Fitted { constants, loss, covariance, information, evaluations }
}

/// Fits the parameters of `tape`, which has one output, to a target over columns: the start of every other fit of
/// formulas on data. The residual is output less target, or the logarithm of their quotient.
pub fn fit_constants(
    tape: &Tape,
    columns: &[&[f64]],
    target: &[f64],
    weights: &[f64],
    start: &[f64],
    settings: &FitSettings,
) -> Fitted {
    let rows = target.len();
    let wrt: Vec<Wrt> = (0..start.len()).map(|k| Wrt::Parameter(k as u16)).collect();
    let mut scratch = Scratch::default();
    let mut residuals = |constants: &[f64], out: &mut [f64], mut jacobian: Option<&mut [f64]>| {
        match jacobian.as_deref_mut() {
            Some(jacobian) if rows > 0 && !start.is_empty() => {
                let mut slices: Vec<&mut [f64]> = jacobian.chunks_mut(rows).collect();
                tape.eval_with_derivatives(columns, constants, &wrt, &mut [&mut *out], &mut slices, &mut scratch);
            }
            _ => tape.eval(columns, constants, &mut [&mut *out], &mut scratch),
        }
        if settings.norm != Norm::Logs {
            return out.iter_mut().zip(target).for_each(|(value, target)| *value -= target);
        }
        if let Some(jacobian) = jacobian {
            let columns = jacobian.chunks_mut(rows.max(1));
            columns.for_each(|column| column.iter_mut().zip(&*out).for_each(|(slope, value)| *slope /= value));
        }
        out.iter_mut().zip(target).for_each(|(value, target)| *value = log_quotient(*value, *target));
    };
    levenberg_marquardt(&mut residuals, start, rows, weights, settings)
}

/// log(value / target), infinite where the signs differ.
pub(crate) fn log_quotient(value: f64, target: f64) -> f64 {
    let quotient = value / target;
    if quotient > 0.0 { libm::log(quotient) } else { f64::INFINITY }
}

/// The mean loss of residuals; infinite if any is not finite.
pub(crate) fn mean_loss(residual: &[f64], weights: &[f64], norm: Norm) -> f64 {
    let of = |r: f64| match norm {
        Norm::Squares | Norm::Logs => r * r,
        Norm::Absolute => r.abs(),
    };
    let (sum, all) = if weights.is_empty() {
        (residual.iter().map(|r| of(*r)).sum::<f64>(), residual.len() as f64)
    } else {
        (residual.iter().zip(weights).map(|(r, w)| w * of(*r)).sum(), weights.iter().sum())
    };
    let mean = sum / all;
    if mean.is_finite() { mean } else { f64::INFINITY }
}

/// The weights of rows for the next step. For absolute deviations 1/|r|, bounded at a small share of the mean.
fn reweight(residual: &[f64], weights: &[f64], norm: Norm, loss: f64, out: &mut [f64]) {
    for (i, w) in out.iter_mut().enumerate() {
        let given = if weights.is_empty() { 1.0 } else { weights[i] };
        *w = match norm {
            Norm::Squares | Norm::Logs => given,
            Norm::Absolute => given / residual[i].abs().max(1e-4 * loss),
        };
    }
}

/// The normal equations (JᵀWJ + damping · diagonal) step = -JᵀWr.
struct Normal {
    matrix: DMatrix<f64>,
    gradient: DVector<f64>,
    weight_sum: f64,
    weighted: Vec<f64>,
}

impl Normal {
    fn new(count: usize) -> Normal {
        Normal {
            matrix: DMatrix::zeros(count, count),
            gradient: DVector::zeros(count),
            weight_sum: 0.0,
            weighted: vec![],
        }
    }

    fn assemble(&mut self, residual: &[f64], jacobian: &[f64], weights: &[f64], rows: usize) {
        let count = self.gradient.len();
        self.weight_sum = weights.iter().sum();
        self.weighted.resize(rows, 0.0);
        for a in 0..count {
            let column = &jacobian[a * rows..(a + 1) * rows];
            for ((out, value), weight) in self.weighted.iter_mut().zip(column).zip(weights) {
                *out = value * weight;
            }
            self.gradient[a] = dot(&self.weighted, residual);
            for b in 0..=a {
                let value = dot(&self.weighted, &jacobian[b * rows..(b + 1) * rows]);
                self.matrix[(a, b)] = value;
                self.matrix[(b, a)] = value;
            }
        }
    }

    /// A constant without any slope is held by what the others have, in absolute terms or relative to their sizes,
    /// whichever is less: constants may differ by many orders of magnitude.
    fn damped(&self, damping: f64, constants: &[f64]) -> DMatrix<f64> {
        let mut damped = self.matrix.clone();
        let slope = |k: usize| self.matrix[(k, k)];
        let all = 0..constants.len();
        let most = all.clone().map(slope).fold(0.0, f64::max);
        let relative = all.clone().map(|k| slope(k) * constants[k] * constants[k]).fold(0.0, f64::max);
        for k in all {
            let held = match constants[k] {
                0.0 => most,
                value => most.min(relative / value / value),
            };
            damped[(k, k)] += damping * slope(k).max(1e-12 * held);
        }
        damped
    }

    fn step(&self, damping: f64, constants: &[f64]) -> Option<DVector<f64>> {
        let step = -Cholesky::new(self.damped(damping, constants))?.solve(&self.gradient);
        step.iter().all(|value| value.is_finite()).then_some(step)
    }

    /// The fall of the weighted sum of squares that the linear model expects of a step.
    fn expected_fall(&self, step: &DVector<f64>, damping: f64) -> f64 {
        let scaled: f64 = (0..step.len()).map(|k| damping * self.matrix[(k, k)] * step[k] * step[k]).sum();
        scaled - step.dot(&self.gradient)
    }

    fn variance(&self, rows: usize, loss: f64, norm: Norm) -> f64 {
        let free = rows.saturating_sub(self.gradient.len()).max(1) as f64;
        // The mean loss times the weight sum is the weighted sum of squares.
        match norm {
            Norm::Squares | Norm::Logs => loss * self.weight_sum / free,
            Norm::Absolute => loss * loss * self.weight_sum / free,
        }
    }

    /// Constants without any slope are left out of the rest's covariance; their own is infinite.
    fn covariance(&self, variance: f64) -> Vec<f64> {
        let count = self.gradient.len();
        let known: Vec<usize> = (0..count).filter(|&k| self.matrix[(k, k)] > 0.0).collect();
        let part = DMatrix::from_fn(known.len(), known.len(), |a, b| self.matrix[(known[a], known[b])]);
        let mut out = vec![f64::INFINITY; count * count];
        if let Some(factor) = Cholesky::new(part) {
            let inverse = factor.inverse();
            for (a, &row) in known.iter().enumerate() {
                for (b, &column) in known.iter().enumerate() {
                    out[row * count + column] = inverse[(a, b)] * variance;
                }
            }
        }
        out
    }
}
