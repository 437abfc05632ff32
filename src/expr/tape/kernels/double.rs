//! Elementary functions in double precision, as branch-free scalar code that becomes vector code in a loop.
//!
//! Polynomials are minimax in relative error (Remez exchange), with the first coefficients of the series kept exact.
//! No tables: a gather costs more than the terms it saves.

use super::poly;

/// 1.5 * 2^52: adding it rounds to an integer, whose two's complement is then in the low bits.
pub const ROUND: f64 = 6755399441055744.0;
const SIGN: u64 = 1 << 63;

/// Magnitudes up to which sine, cosine and tangent reduce their argument themselves.
pub const REDUCIBLE: f64 = 1e9;

const LN_2_HIGH: f64 = 0.693147180559663;
const LN_2_LOW: f64 = 2.8235290563031577e-13;

/// Coefficients of r^3 ... in exp(r), |r| <= ln 2 / 2; error 2^-57.1.
const EXP: [f64; 9] = [
    0.1666666666666641,
    0.04166666666659883,
    0.008333333333513658,
    0.0013888888929099667,
    0.00019841269443478612,
    2.4801505526591174e-5,
    2.755765371174144e-6,
    2.762653681274769e-7,
    2.497693883766356e-8,
];

/// e^x.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    exp_of_sum(x, 0.0)
}

/// e^(x + low), `low` being small beside x.
#[inline(always)]
fn exp_of_sum(x: f64, low: f64) -> f64 {
    // Beyond these the result is 0 or infinite; not-a-number passes.
    let x = if x > 710.0 { 710.0 } else { x };
    let x = if x < -746.0 { -746.0 } else { x };
    let shifted = x.mul_add(std::f64::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-LN_2_HIGH, x);
    let low = n.mul_add(-LN_2_LOW, low);
    let r = r + low;
    let p = poly(r, EXP).mul_add(r, 0.5);
    let y = p.mul_add(r * r, r) + 1.0;
    scale(y, shifted)
}

/// `y * 2^n` where `shifted = n + ROUND`: in two factors, so that a subnormal result is rounded once.
#[inline(always)]
fn scale(y: f64, shifted: f64) -> f64 {
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits() - 2048);
    let half = n >> 1;
    let first = f64::from_bits(half.wrapping_sub(1) << 52);
    let second = f64::from_bits(n.wrapping_sub(half).wrapping_sub(1) << 52);
    y * first * second
}

/// Coefficients of s^3 ... in log((1 + s) / (1 - s)); error 2^-66.6.
const LOG: [f64; 8] = [
    0.6666666666666666,
    0.4000000000000493,
    0.28571428569406576,
    0.2222222260789033,
    0.1818177826679382,
    0.15386993240610264,
    0.13252039676803204,
    0.13235834016178682,
];

/// Natural logarithm.
#[inline(always)]
pub fn log(x: f64) -> f64 {
    let (k, m) = exponent_and_mantissa(x);
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let tail = s.mul_add(poly(z, LOG).mul_add(z, half_square), k * LN_2_LOW);
    let y = k.mul_add(LN_2_HIGH, f - (half_square - tail));
    let y = if x == f64::INFINITY { x } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    if x >= 0.0 { y } else { f64::NAN }
}

/// `x = m * 2^k` with m between the roots of 1/2 and 2, for a positive finite `x`.
#[inline(always)]
pub fn exponent_and_mantissa(x: f64) -> (f64, f64) {
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * 18014398509481984.0 } else { x };
    let shift = if subnormal { 54.0 } else { 0.0 };
    let bits = scaled.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - ROOT_HALF);
    let k = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4503599627370496.0 + 1023.0) - shift;
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + ROOT_HALF);
    (k, m)
}

/// The first digits of pi, then the next, so that products with integers are subtracted without error.
const PI: [f64; 3] = [std::f64::consts::PI, 1.2246467991473532e-16, -2.9947698097183397e-33];
/// The same of pi / 2.
pub const HALF_PI: [f64; 3] = [std::f64::consts::FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33];

/// Coefficients of r^3 ... in sin(r), |r| <= pi / 2; error 2^-61.5.
const SIN: [f64; 8] = [
    -0.16666666666666666,
    0.008333333333333207,
    -0.00019841269841212406,
    2.755731921154366e-6,
    -2.505210690096681e-8,
    1.605894078050497e-10,
    -7.643012496579821e-13,
    2.721336783264124e-15,
];

/// Sine of an argument up to [`REDUCIBLE`].
#[inline(always)]
pub fn sin(x: f64) -> f64 {
    let sign = x.to_bits() & SIGN;
    let x = x.abs();
    let shifted = x.mul_add(std::f64::consts::FRAC_1_PI, ROUND);
    let odd = shifted.to_bits() << 63;
    f64::from_bits(reduced_sin(x, shifted - ROUND).to_bits() ^ odd ^ sign)
}

/// Cosine of an argument up to [`REDUCIBLE`].
#[inline(always)]
pub fn cos(x: f64) -> f64 {
    let x = x.abs();
    let shifted = x.mul_add(std::f64::consts::FRAC_1_PI, -0.5) + ROUND;
    let even = !shifted.to_bits() << 63;
    f64::from_bits(reduced_sin(x, shifted - ROUND + 0.5).to_bits() ^ even)
}

/// The sine of `x - n * pi`, which is between -pi / 2 and pi / 2.
#[inline(always)]
fn reduced_sin(x: f64, n: f64) -> f64 {
    let r = n.mul_add(-PI[0], x);
    let r = n.mul_add(-PI[1], r);
    let r = n.mul_add(-PI[2], r);
    let square = r * r;
    let y = (poly(square, SIN) * square).mul_add(r, r);
    let y = if y > 1.0 { 1.0 } else { y };
    if y < -1.0 { -1.0 } else { y }
}

/// Coefficients of r^3 ... in tan(r), |r| <= pi / 8; error 2^-57.
const TAN: [f64; 9] = [
    0.33333333333333515,
    0.133333333332866,
    0.05396825400967261,
    0.02186948673944583,
    0.008863279515018044,
    0.0035914803198465765,
    0.0014616726173887974,
    0.0005586955706081599,
    0.00032933221357232443,
];

/// Tangent of an argument up to [`REDUCIBLE`]: from the tangent t of half the reduced angle as 2t / (1 - t^2) or the
/// negative reciprocal, numerator and denominator with their rounding errors.
#[inline(always)]
pub fn tan(x: f64) -> f64 {
    let sign = x.to_bits() & SIGN;
    let x = x.abs();
    let shifted = x.mul_add(std::f64::consts::FRAC_2_PI, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-HALF_PI[0], x);
    let second = n * HALF_PI[1];
    let (high, low) = sum(r, -second);
    let low = n.mul_add(-HALF_PI[2], low - n.mul_add(HALF_PI[1], -second));
    let (u, low) = (0.5 * high, 0.5 * low);
    let square = u * u;
    let correction = (poly(square, TAN) * square).mul_add(u, square.mul_add(low, low));
    let t = u + correction;
    let t_low = (u - t) + correction;
    let t_square = t * t;
    let below = 1.0 - t_square;
    let below_low = ((1.0 - below) - t_square) - t.mul_add(t, -t_square) - 2.0 * t * t_low;
    let odd = shifted.to_bits() & 1 == 1;
    let (a, a_low) = if odd { (-below, -below_low) } else { (2.0 * t, 2.0 * t_low) };
    let (b, b_low) = if odd { (2.0 * t, 2.0 * t_low) } else { (below, below_low) };
    let reciprocal = 1.0 / b;
    let quotient = a * reciprocal;
    let rest = quotient.mul_add(-b_low, quotient.mul_add(-b, a) + a_low);
    let tan = rest.mul_add(reciprocal, quotient);
    // Half of a subnormal argument is not exact.
    let tan = if x < 1e-9 { x } else { tan };
    f64::from_bits(tan.to_bits() ^ sign)
}

/// Coefficients of x^3 ... in tanh(x), |x| <= 0.55; error 2^-60.
const TANH: [f64; 11] = [
    -0.333333333333333,
    0.13333333333326577,
    -0.05396825396373405,
    0.02186948838506133,
    -0.008863232587906424,
    0.0035920918887997967,
    -0.0014555419029170626,
    0.0005884404770204297,
    -0.000233371008734961,
    8.330075460684884e-5,
    -1.948461414361045e-5,
];

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let a = x.abs();
    let square = a * a;
    let small = (poly(square, TANH) * square).mul_add(a, a);
    let capped = if a > 20.0 { 20.0 } else { a };
    let large = 1.0 - 2.0 / (exp(2.0 * capped) + 1.0);
    let y = if a < 0.55 { small } else { large };
    f64::from_bits(y.to_bits() | (x.to_bits() & SIGN))
}

/// Coefficients of s^5 ... in log((1 + s) / (1 - s)); error 2^-76.
const LOG_TAIL: [f64; 9] = [
    0.4,
    0.2857142857142689,
    0.22222222222716417,
    0.18181818106050793,
    0.15384622181345328,
    0.13332960210718342,
    0.1177725566911968,
    0.10279207950121995,
    0.12026841498909328,
];
const TWO_THIRDS: [f64; 2] = [0.6666666666666666, 3.700743415417188e-17];

/// The power x^y: the logarithm of |x| to about 67 bits as a sum of two numbers, times y, then the exponential.
#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    let base = x.abs();
    let (high, low) = log_in_two(base);
    let product = y * high;
    let product_low = y.mul_add(high, -product) + y * low;
    // Where the power overflows or vanishes the low part is not a number.
    let product_low = if product.abs() < 800.0 { product_low } else { 0.0 };
    super::special_pow(x, y, exp_of_sum(product, product_low))
}

/// log(x) = high + low for x >= 0.
#[inline(always)]
fn log_in_two(x: f64) -> (f64, f64) {
    let (k, m) = exponent_and_mantissa(x);
    let f = m - 1.0;
    let d = 2.0 + f;
    let d_low = (2.0 - d) + f;
    let reciprocal = 1.0 / d;
    let s = f * reciprocal;
    let s_low = s.mul_add(-d_low, s.mul_add(-d, f)) * reciprocal;
    let square = s * s;
    let square_low = s.mul_add(s, -square) + 2.0 * s * s_low;
    let cube = square * s;
    let cube_low = square.mul_add(s, -cube) + square.mul_add(s_low, square_low * s);
    let third = cube * TWO_THIRDS[0];
    let third_low = cube.mul_add(TWO_THIRDS[0], -third) + cube.mul_add(TWO_THIRDS[1], cube_low * TWO_THIRDS[0]);
    let tail = poly(square, LOG_TAIL) * square * cube;
    // k * LN_2_HIGH has no rounding error; each sum is of a larger and a smaller number.
    let (a, a_low) = sum(k * LN_2_HIGH, 2.0 * s);
    let (b, b_low) = sum(a, third);
    let low = a_low + b_low + 2.0 * s_low + third_low + tail + k * LN_2_LOW;
    let high = b + low;
    let low = (b - high) + low;
    let high = if x == 0.0 { f64::NEG_INFINITY } else { high };
    let high = if x == f64::INFINITY { x } else { high };
    (high, low)
}

/// The rounded sum of any two numbers and its rounding error.
#[inline(always)]
fn sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}
