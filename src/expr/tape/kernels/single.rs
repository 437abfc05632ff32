//! Elementary functions in single precision, as branch-free scalar code that becomes vector code in a loop.
//!
//! Polynomials are minimax in relative error (Remez exchange), with the first coefficients of the series kept exact.
//! Where single precision would need compensated sums (tangent, power) the work is done in double precision.

use super::{double, poly};

/// 1.5 * 2^23: adding it rounds to an integer, whose two's complement is then in the low bits.
const ROUND: f32 = 12582912.0;
const SIGN: u32 = 1 << 31;

/// Magnitudes up to which sine, cosine and tangent reduce their argument themselves.
pub const REDUCIBLE: f32 = 65536.0;

const LOG2_E: f32 = std::f32::consts::LOG2_E;
const LN_2_HIGH: f32 = 0.693_115_23;
const LN_2_LOW: f32 = 3.194_618_3e-5;

/// Coefficients of r^3 ... in exp(r), |r| <= ln 2 / 2; error 2^-27.9.
const EXP: [f32; 4] = [1.666_652_9e-1, 4.166_726_4e-2, 8.368_148e-3, 1.386_308_5e-3];

/// e^x.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Beyond these the result is 0 or infinite; not-a-number passes.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let shifted = x.mul_add(LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-LN_2_HIGH, x);
    let r = n.mul_add(-LN_2_LOW, r);
    let p = poly(r, EXP).mul_add(r, 0.5);
    let y = p.mul_add(r * r, r) + 1.0;
    // 2^n in two factors, so that a subnormal result is rounded once.
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    let half = n >> 1;
    y * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// Coefficients of f^3 ... in log(1 + f), 1 + f between the roots of 1/2 and 2; error 2^-27.3.
const LOG: [f32; 8] = [
    3.333_333_1e-1,
    -2.500_082_6e-1,
    2.000_123_6e-1,
    -1.662_314_5e-1,
    1.420_137_1e-1,
    -1.316_199_8e-1,
    1.276_542_8e-1,
    -7.634_419_2e-2,
];

/// Natural logarithm.
#[inline(always)]
pub fn log(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let scaled = if subnormal { x * 16777216.0 } else { x };
    let shift = if subnormal { 24.0 } else { 0.0 };
    // Exponent and mantissa with the mantissa between the roots of 1/2 and 2.
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let bits = scaled.to_bits().wrapping_add(0x3f80_0000 - ROOT_HALF);
    let k = f32::from_bits((bits >> 23) | 0x4b00_0000) - (8388608.0 + 127.0) - shift;
    let f = f32::from_bits((bits & 0x007f_ffff) + ROOT_HALF) - 1.0;
    let square = f * f;
    let tail = (poly(f, LOG) * f).mul_add(square, k * LN_2_LOW);
    let y = k.mul_add(LN_2_HIGH, f + square.mul_add(-0.5, tail));
    special_log(x, y)
}

#[inline(always)]
fn special_log(x: f32, y: f32) -> f32 {
    let y = if x == f32::INFINITY { x } else { y };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x >= 0.0 { y } else { f32::NAN }
}

/// The first digits of pi, then the next, so that products with integers are subtracted without error.
const PI: [f32; 3] = [3.141_592_74, -8.742_278e-8, -3.430_249e-15];

/// Coefficients of r^3 ... in sin(r), |r| <= pi / 2; error 2^-27.2.
const SIN: [f32; 4] = [-1.666_666e-1, 8.333_068_3e-3, -1.980_966_3e-4, 2.605_770_1e-6];

/// Sine of an argument up to [`REDUCIBLE`].
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    let sign = x.to_bits() & SIGN;
    let x = x.abs();
    let shifted = x.mul_add(std::f32::consts::FRAC_1_PI, ROUND);
    let odd = shifted.to_bits() << 31;
    f32::from_bits(reduced_sin(x, shifted - ROUND).to_bits() ^ odd ^ sign)
}

/// Cosine of an argument up to [`REDUCIBLE`].
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    let x = x.abs();
    let shifted = x.mul_add(std::f32::consts::FRAC_1_PI, -0.5) + ROUND;
    let even = !shifted.to_bits() << 31;
    f32::from_bits(reduced_sin(x, shifted - ROUND + 0.5).to_bits() ^ even)
}

/// The sine of `x - n * pi`, which is between -pi / 2 and pi / 2.
#[inline(always)]
fn reduced_sin(x: f32, n: f32) -> f32 {
    let r = n.mul_add(-PI[0], x);
    let r = n.mul_add(-PI[1], r);
    let r = n.mul_add(-PI[2], r);
    let square = r * r;
    let y = (poly(square, SIN) * square).mul_add(r, r);
    let y = if y > 1.0 { 1.0 } else { y };
    if y < -1.0 { -1.0 } else { y }
}

/// Coefficients of r^3 ... in tan(r), |r| <= pi / 4; error 2^-32.8.
const TAN: [f64; 8] = [
    0.33333331678141165,
    0.13333418304650307,
    0.053953442924430974,
    0.02199324830148704,
    0.0082985180044315,
    0.005061412769501417,
    -0.0006695918268905695,
    0.0020729918411958293,
];

/// Tangent of an argument up to [`REDUCIBLE`].
#[inline(always)]
pub fn tan(x: f32) -> f32 {
    let x = f64::from(x);
    let shifted = x.mul_add(std::f64::consts::FRAC_2_PI, double::ROUND);
    let n = shifted - double::ROUND;
    let r = n.mul_add(-double::HALF_PI[0], x);
    let r = n.mul_add(-double::HALF_PI[1], r);
    let square = r * r;
    let t = (poly(square, TAN) * square).mul_add(r, r);
    let odd = shifted.to_bits() & 1 == 1;
    let above = if odd { -1.0 } else { t };
    let below = if odd { t } else { 1.0 };
    let tan = (above / below) as f32;
    // The quotient loses the sign of a zero argument only.
    if x == 0.0 { x as f32 } else { tan }
}

/// Coefficients of x^3 ... in tanh(x), |x| <= 0.6; error 2^-28.4.
const TANH: [f32; 5] = [-3.333_329_9e-1, 1.333_193_6e-1, -5.378_471_7e-2, 2.079_863_1e-2, -5.897_980_6e-3];

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let a = x.abs();
    let square = a * a;
    let small = (poly(square, TANH) * square).mul_add(a, a);
    let capped = if a > 10.0 { 10.0 } else { a };
    let large = 1.0 - 2.0 / (exp(2.0 * capped) + 1.0);
    let y = if a < 0.6 { small } else { large };
    f32::from_bits(y.to_bits() | (x.to_bits() & SIGN))
}

/// Coefficients of s, s^3 ... in log2((1 + s) / (1 - s)); error 2^-45.
const LOG2: [f64; 6] = [
    2.8853900817778495,
    0.9617966941143923,
    0.5770779420330315,
    0.4122092883164037,
    0.3199041320067738,
    0.2829237388831109,
];

/// Coefficients of r, r^2 ... in 2^r, |r| <= 1/2; error 2^-34.
const EXP2: [f64; 7] = [
    0.6931471807069229,
    0.24022651071018686,
    0.055504103600203726,
    0.00961803740315083,
    0.001333393793866439,
    0.00015467009438375332,
    1.5195972665946971e-5,
];

/// The power x^y.
#[inline(always)]
pub fn pow(x: f32, y: f32) -> f32 {
    let (base, exponent) = (f64::from(x.abs()), f64::from(y));
    let (k, m) = double::exponent_and_mantissa(base);
    let s = (m - 1.0) / (m + 1.0);
    let log2 = poly(s * s, LOG2).mul_add(s, k);
    let log2 = if base == 0.0 { f64::NEG_INFINITY } else { log2 };
    let log2 = if base == f64::INFINITY { f64::INFINITY } else { log2 };
    let t = exponent * log2;
    let t = if t > 300.0 { 300.0 } else { t };
    let t = if t < -300.0 { -300.0 } else { t };
    let shifted = t + double::ROUND;
    let r = t - (shifted - double::ROUND);
    let power = poly(r, EXP2).mul_add(r, 1.0);
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    super::special_pow(x, y, (power * scale) as f32)
}
