//! The number types of a tape.

use super::program::Program;
use super::{Scratch, dispatch};
use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// What the kernels need of a number type: arithmetic as IEEE 754 says, and the elementary functions as branch-free
/// scalar code that the compiler turns into vector code in a loop over a tile. A value is the same bits whatever
/// lane, tile or instruction set computes it.
pub trait Real:
    Copy
    + Default
    + Debug
    + PartialEq
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// One half.
    const HALF: Self;
    /// Positive infinity.
    const INFINITY: Self;
    /// Magnitudes up to which `sin`, `cos` and `tan` are right.
    const REDUCIBLE: Self;
    /// The nearest number.
    fn nearest(value: f64) -> Self;
    /// The number in double precision.
    fn double(self) -> f64;
    /// `self * b + c`, rounded once.
    fn fused(self, b: Self, c: Self) -> Self;
    /// Whether it is not a number.
    fn is_not_a_number(self) -> bool;
    /// Absolute value.
    fn magnitude(self) -> Self;
    /// This magnitude, that sign.
    fn with_sign_of(self, sign: Self) -> Self;
    /// Largest integer not above.
    fn below(self) -> Self;
    /// Smallest integer not below.
    fn above(self) -> Self;
    /// Square root.
    fn root(self) -> Self;
    /// e to this power.
    fn exp(self) -> Self;
    /// Natural logarithm.
    fn log(self) -> Self;
    /// Sine.
    fn sin(self) -> Self;
    /// Cosine.
    fn cos(self) -> Self;
    /// Tangent.
    fn tan(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Power.
    fn pow(self, exponent: Self) -> Self;
    /// One of the functions without a kernel of their own, by libm in double precision.
    #[inline(always)]
    fn by_libm(self, f: fn(f64) -> f64) -> Self {
        Self::nearest(f(self.double()))
    }
}

/// A number type that a tape computes in: `f32` or `f64`.
pub trait Lane: Real {
    #[doc(hidden)]
    fn run(
        program: &Program,
        columns: &[&[Self]],
        parameters: &[Self],
        out: &mut [&mut [Self]],
        scratch: &mut Scratch<Self>,
    );
}

macro_rules! lane {
    ($t:ident) => {
        impl Lane for $t {
            fn run(
                program: &Program,
                columns: &[&[$t]],
                parameters: &[$t],
                out: &mut [&mut [$t]],
                scratch: &mut Scratch<$t>,
            ) {
                dispatch::$t(program, columns, parameters, out, scratch)
            }
        }
    };
}

lane!(f32);
lane!(f64);
