//! Exact algebra: expressions as fractions of polynomials in their symbols, roots and functions.
//!
//! Numbers are read as what they were meant to be (0.25 is 1/4, the float next to 1/3 is 1/3) and kept as exact fractions of
//! bounded size. Where numbers, powers or terms grow too large, the expression stays as it is.

mod compact;
mod factor;
mod fraction;
mod gcd;
mod modular;
mod polynomial;
mod ratio;
mod rearrange;

pub(super) use compact::{factored, nicest, one_bar, quotient};
pub(super) use fraction::{Field, Fraction};
pub(super) use polynomial::{Monomial, Polynomial};
pub(super) use ratio::Ratio;
pub use rearrange::{as_fraction, cancel, collect, expand, factor, factors, together};
pub(super) use rearrange::{coefficients, factor_polynomial};
