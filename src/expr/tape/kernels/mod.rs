//! Elementary functions.

use super::lane::Real;

macro_rules! real {
    ($t:ident) => {
        impl Real for $t {
            const ZERO: $t = 0.0;
            const ONE: $t = 1.0;
            const HALF: $t = 0.5;
            const NAN: $t = $t::NAN;
            const INFINITY: $t = $t::INFINITY;
            #[inline(always)]
            fn nearest(value: f64) -> $t {
                value as $t
            }
            #[inline(always)]
            fn double(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn fused(self, b: $t, c: $t) -> $t {
                self.mul_add(b, c)
            }
            #[inline(always)]
            fn magnitude(self) -> $t {
                self.abs()
            }
            #[inline(always)]
            fn with_sign_of(self, sign: $t) -> $t {
                self.copysign(sign)
            }
            #[inline(always)]
            fn below(self) -> $t {
                self.floor()
            }
            #[inline(always)]
            fn above(self) -> $t {
                self.ceil()
            }
            #[inline(always)]
            fn root(self) -> $t {
                self.sqrt()
            }
            #[inline(always)]
            fn exp(self) -> $t {
                self.by_libm(libm::exp)
            }
            #[inline(always)]
            fn log(self) -> $t {
                self.by_libm(libm::log)
            }
            #[inline(always)]
            fn sin(self) -> $t {
                self.by_libm(libm::sin)
            }
            #[inline(always)]
            fn cos(self) -> $t {
                self.by_libm(libm::cos)
            }
            #[inline(always)]
            fn tan(self) -> $t {
                self.by_libm(libm::tan)
            }
            #[inline(always)]
            fn tanh(self) -> $t {
                self.by_libm(libm::tanh)
            }
            #[inline(always)]
            fn pow(self, exponent: $t) -> $t {
                libm::pow(self as f64, exponent as f64) as $t
            }
        }
    };
}

real!(f32);
real!(f64);

/// `x^(n / 2)`.
#[inline(always)]
pub fn half_power<T: Real>(x: T, n: i8) -> T {
    T::nearest(libm::pow(x.double(), f64::from(n) / 2.0))
}
