//! A factor of a whole formula under a loss of logarithms: it is fitted by its own logarithm, which the loss is linear
//! in. As a plain constant it would be anything but: where another constant moves the formula by some orders of
//! magnitude, a straight step of the factor ends at a wrong sign.

use super::levenberg::Fitted;
use crate::expr::{Op, Postfix, Token, postfix};

/// A program with the logarithm of its factor in place of the factor.
pub(crate) struct Factor {
    /// The program to be fitted instead.
    pub program: Postfix,
    /// Its start.
    pub start: Vec<f64>,
    /// Which constant the factor is.
    pub index: usize,
    sign: f64,
}

impl Factor {
    /// The program rewritten; `None` where it has no factor, or none whose logarithm is within the bounds of constants.
    pub fn of(program: &[Token], start: &[f64], (low, high): (f64, f64)) -> Option<Factor> {
        let at = find(program, program.len().checked_sub(1)?)?;
        let Token::Parameter(parameter) = program[at] else { return None };
        let index = usize::from(parameter);
        // Where a defined operator repeats its argument, a constant stands more than once.
        let once = program.iter().filter(|token| **token == program[at]).count() == 1;
        let (value, mut out) = (*start.get(index)?, start.to_vec());
        out[index] = libm::log(value.abs());
        if !once || !out[index].is_finite() || !(low..=high).contains(&out[index]) {
            return None;
        }
        let mut rewritten = program[..=at].to_vec();
        rewritten.push(Token::Op(Op::Exp));
        if value < 0.0 {
            rewritten.push(Token::Op(Op::Neg));
        }
        rewritten.extend_from_slice(&program[at + 1..]);
        Some(Factor { program: rewritten, start: out, index, sign: value.signum() })
    }

    /// What was fitted, in terms of the factor itself: d log f = df / f.
    pub fn back(&self, mut fitted: Fitted) -> Fitted {
        let (k, count) = (self.index, fitted.constants.len());
        let value = self.sign * libm::exp(fitted.constants[k]);
        fitted.constants[k] = value;
        for other in 0..count {
            for at in [k * count + other, other * count + k] {
                fitted.covariance[at] *= value;
                fitted.information[at] /= value;
            }
        }
        fitted
    }
}

/// The place of a constant that the value of the subtree at `root` is proportional to, or inversely so.
fn find(program: &[Token], root: usize) -> Option<usize> {
    match program[root] {
        Token::Parameter(_) => Some(root),
        Token::Op(Op::Mul | Op::Div) => {
            let right = root - 1;
            let left = postfix::subtree_start(program, right).checked_sub(1)?;
            find(program, left).or_else(|| find(program, right))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::levenberg::{FitSettings, Norm, fit_constants};
    use super::*;
    use crate::expr::Tape;

    /// a · exp(-b x): b is far off, so the factor must move by twenty orders of magnitude.
    #[test]
    fn a_factor_moves_by_orders_of_magnitude() {
        let x: Vec<f64> = (0..40).map(|k| 30.0 + f64::from(k)).collect();
        let y: Vec<f64> = x.iter().map(|x| -3e-9 * libm::exp(-2.0 * x)).collect();
        let program = [
            Token::Parameter(0),
            Token::Parameter(1),
            Token::Input(0),
            Token::Op(Op::Mul),
            Token::Op(Op::Exp),
            Token::Op(Op::Mul),
        ];
        let settings = FitSettings { norm: Norm::Logs, iterations: 8, ..FitSettings::default() };
        let factor = Factor::of(&program, &[-1.0, -1.0], settings.bounds).unwrap();
        assert_eq!(factor.index, 0);
        let fitted = fit_constants(&Tape::from_postfix(&factor.program), &[&x], &y, &[], &factor.start, &settings);
        let fitted = factor.back(fitted);
        assert!((fitted.constants[0] / -3e-9 - 1.0).abs() < 1e-6, "{fitted:?}");
        assert!((fitted.constants[1] + 2.0).abs() < 1e-9, "{fitted:?}");
    }

    #[test]
    fn summands_are_no_factors() {
        let sum = [Token::Input(0), Token::Parameter(0), Token::Op(Op::Add)];
        assert!(Factor::of(&sum, &[1.0], (-1e9, 1e9)).is_none());
        let square = [Token::Parameter(0), Token::Parameter(0), Token::Op(Op::Mul)];
        assert!(Factor::of(&square, &[1.0], (-1e9, 1e9)).is_none());
    }
}
