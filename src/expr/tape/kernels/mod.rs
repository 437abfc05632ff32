//! Elementary functions for both number types.

mod double;
mod single;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use super::lane::Real;

macro_rules! real {
    ($t:ident, $functions:ident) => {
        impl Real for $t {
            const ZERO: $t = 0.0;
            const ONE: $t = 1.0;
            const HALF: $t = 0.5;
            const INFINITY: $t = $t::INFINITY;
            const REDUCIBLE: $t = $functions::REDUCIBLE;
            #[inline(always)]
            fn nearest(value: f64) -> $t {
                value as $t
            }
            #[inline(always)]
            fn double(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            fn fused(self, b: $t, c: $t) -> $t {
                self.mul_add(b, c)
            }
            #[inline(always)]
            fn is_not_a_number(self) -> bool {
                self.is_nan()
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
                $functions::exp(self)
            }
            #[inline(always)]
            fn log(self) -> $t {
                $functions::log(self)
            }
            #[inline(always)]
            fn sin(self) -> $t {
                $functions::sin(self)
            }
            #[inline(always)]
            fn cos(self) -> $t {
                $functions::cos(self)
            }
            #[inline(always)]
            fn tan(self) -> $t {
                $functions::tan(self)
            }
            #[inline(always)]
            fn tanh(self) -> $t {
                $functions::tanh(self)
            }
            #[inline(always)]
            fn pow(self, exponent: $t) -> $t {
                $functions::pow(self, exponent)
            }
        }
    };
}

real!(f32, single);
real!(f64, double);

/// The polynomial with these coefficients, lowest first. The constant is added last, with one rounding; the even
/// and odd powers of the rest are summed apart, for a shorter chain.
#[inline(always)]
fn poly<T: Real, const N: usize>(x: T, coefficients: [T; N]) -> T {
    let square = x * x;
    let mut sums = [coefficients[N - 2], coefficients[N - 1]];
    for at in (1..N - 2).rev() {
        let which = (at ^ N) & 1;
        sums[which] = sums[which].fused(square, coefficients[at]);
    }
    // The sum of the odd powers is the one that took in the second coefficient.
    let [odd, even] = if N % 2 == 1 { sums } else { [sums[1], sums[0]] };
    even.fused(x, odd).fused(x, coefficients[0])
}

/// x^y where `power` is |x|^y: signs and the cases without a logarithm.
#[inline(always)]
fn special_pow<T: Real>(x: T, y: T, power: T) -> T {
    let half = T::HALF * y;
    let whole = y.below() == y;
    let odd = whole & (half.below() != half);
    let negative = T::ONE.with_sign_of(x) < T::ZERO;
    let signed = if negative & odd { -power } else { power };
    let outside = (x < T::ZERO) & (x.magnitude() < T::INFINITY) & !whole;
    #[allow(clippy::eq_op)] // the one NaN that every lane type has
    let nan = T::INFINITY - T::INFINITY;
    let power = if outside { nan } else { signed };
    let power = if x.is_not_a_number() | y.is_not_a_number() { x + y } else { power };
    let unit = (y == T::ZERO) | (x == T::ONE) | ((x == -T::ONE) & (y.magnitude() == T::INFINITY));
    if unit { T::ONE } else { power }
}

/// How many rows [`half_power`] takes at once.
const CHUNK: usize = 64;

/// x^(n / 2) for each x, by squaring numbers kept as sums of two, so that the error stays below 1 ulp.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "loops over several arrays at once, made vector code")]
pub fn half_power<T: Real>(d: &mut [T], rows: &[T], n: i8) {
    for (d, rows) in d.chunks_mut(CHUNK).zip(rows.chunks(CHUNK)) {
        let (mut base, mut base_low) = ([T::ONE; CHUNK], [T::ZERO; CHUNK]);
        if n % 2 == 0 {
            for i in 0..rows.len() {
                (base[i], base_low[i]) = if n < 0 { reciprocal(rows[i]) } else { (rows[i], T::ZERO) };
            }
        } else {
            for i in 0..rows.len() {
                (base[i], base_low[i]) = if n < 0 { reciprocal_root(rows[i]) } else { root(rows[i]) };
            }
        }
        let mut left = if n % 2 == 0 { n.unsigned_abs() / 2 } else { n.unsigned_abs() };
        let (mut power, mut power_low) = ([T::ONE; CHUNK], [T::ZERO; CHUNK]);
        while left > 0 {
            if left % 2 == 1 {
                for i in 0..CHUNK {
                    (power[i], power_low[i]) = product((power[i], power_low[i]), (base[i], base_low[i]));
                }
            }
            left /= 2;
            if left > 0 {
                for i in 0..CHUNK {
                    (base[i], base_low[i]) = product((base[i], base_low[i]), (base[i], base_low[i]));
                }
            }
        }
        for (i, row) in d.iter_mut().enumerate() {
            // Where the high part is zero or infinite the low part means nothing.
            *row = if power_low[i].magnitude() < T::INFINITY { power[i] + power_low[i] } else { power[i] };
        }
    }
}

#[inline(always)]
fn product<T: Real>(a: (T, T), b: (T, T)) -> (T, T) {
    let high = a.0 * b.0;
    let error = a.0.fused(b.0, -high);
    (high, a.0.fused(b.1, a.1.fused(b.0, error)))
}

#[inline(always)]
fn reciprocal<T: Real>(x: T) -> (T, T) {
    let r = T::ONE / x;
    (r, r * (-r).fused(x, T::ONE))
}

/// The square root, with that of -infinity infinite and that of -0 positive, as powers have it.
#[inline(always)]
fn root<T: Real>(x: T) -> (T, T) {
    let x = if x == -T::INFINITY { -x } else { x };
    let root = x.root() + T::ZERO;
    (root, (-root).fused(root, x) * T::HALF / root)
}

#[inline(always)]
fn reciprocal_root<T: Real>(x: T) -> (T, T) {
    let x = if x == -T::INFINITY { -x } else { x };
    let root = x.root() + T::ZERO;
    let r = T::ONE / root;
    let root_low = (-root).fused(root, x) * T::HALF * r;
    (r, r * ((-root).fused(r, T::ONE) - root_low * r))
}
