//! The operators of the table on one number, as branch-free code that becomes vector code in a loop. What has no
//! kernel of its own goes to libm.

use super::lane::Real;

/// `-a`.
#[inline(always)]
pub fn neg<T: Real>(a: T) -> T {
    -a
}

/// Absolute value.
#[inline(always)]
pub fn abs<T: Real>(a: T) -> T {
    a.magnitude()
}

/// -1, 0 or 1; not-a-number stays.
#[inline(always)]
pub fn sign<T: Real>(a: T) -> T {
    let sign = if a.is_not_a_number() { a } else { T::ONE.with_sign_of(a) };
    if a == T::ZERO { T::ZERO } else { sign }
}

/// Largest integer not above.
#[inline(always)]
pub fn floor<T: Real>(a: T) -> T {
    a.below()
}

/// Smallest integer not below.
#[inline(always)]
pub fn ceil<T: Real>(a: T) -> T {
    a.above()
}

/// Square root.
#[inline(always)]
pub fn sqrt<T: Real>(a: T) -> T {
    a.root()
}

/// Cube root.
#[inline(always)]
pub fn cbrt<T: Real>(a: T) -> T {
    a.by_libm(libm::cbrt)
}

/// Exponential.
#[inline(always)]
pub fn exp<T: Real>(a: T) -> T {
    a.exp()
}

/// Natural logarithm.
#[inline(always)]
pub fn log<T: Real>(a: T) -> T {
    a.log()
}

/// Inverse sine.
#[inline(always)]
pub fn asin<T: Real>(a: T) -> T {
    a.by_libm(libm::asin)
}

/// Inverse cosine.
#[inline(always)]
pub fn acos<T: Real>(a: T) -> T {
    a.by_libm(libm::acos)
}

/// Inverse tangent.
#[inline(always)]
pub fn atan<T: Real>(a: T) -> T {
    a.by_libm(libm::atan)
}

/// Hyperbolic sine.
#[inline(always)]
pub fn sinh<T: Real>(a: T) -> T {
    a.by_libm(libm::sinh)
}

/// Hyperbolic cosine.
#[inline(always)]
pub fn cosh<T: Real>(a: T) -> T {
    a.by_libm(libm::cosh)
}

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh<T: Real>(a: T) -> T {
    a.tanh()
}

/// Angle of the point (b, a).
#[inline(always)]
pub fn atan2<T: Real>(a: T, b: T) -> T {
    T::nearest(libm::atan2(a.double(), b.double()))
}

/// The smaller; not-a-number if one is.
#[inline(always)]
pub fn min<T: Real>(a: T, b: T) -> T {
    let smaller = if b < a { b } else { a };
    if b.is_not_a_number() { b } else { smaller }
}

/// The larger; not-a-number if one is.
#[inline(always)]
pub fn max<T: Real>(a: T, b: T) -> T {
    let larger = if b > a { b } else { a };
    if b.is_not_a_number() { b } else { larger }
}

/// 1 or 0.
#[inline(always)]
pub fn truth<T: Real>(is: bool) -> T {
    if is { T::ONE } else { T::ZERO }
}

/// `a < b`.
#[inline(always)]
pub fn lt<T: Real>(a: T, b: T) -> T {
    truth(a < b)
}

/// `a <= b`.
#[inline(always)]
pub fn le<T: Real>(a: T, b: T) -> T {
    truth(a <= b)
}

/// `a > b`.
#[inline(always)]
pub fn gt<T: Real>(a: T, b: T) -> T {
    truth(a > b)
}

/// `a >= b`.
#[inline(always)]
pub fn ge<T: Real>(a: T, b: T) -> T {
    truth(a >= b)
}

/// `a == b`.
#[inline(always)]
pub fn eq<T: Real>(a: T, b: T) -> T {
    truth(a == b)
}

/// `a != b`.
#[inline(always)]
pub fn ne<T: Real>(a: T, b: T) -> T {
    truth(a != b)
}

/// Whether both are not 0.
#[inline(always)]
pub fn and<T: Real>(a: T, b: T) -> T {
    truth((a != T::ZERO) & (b != T::ZERO))
}

/// Whether one is not 0.
#[inline(always)]
pub fn or<T: Real>(a: T, b: T) -> T {
    truth((a != T::ZERO) | (b != T::ZERO))
}

/// Whether it is 0.
#[inline(always)]
pub fn not<T: Real>(a: T) -> T {
    truth(a == T::ZERO)
}

/// `if condition then a else b`.
#[inline(always)]
pub fn choose<T: Real>(condition: T, a: T, b: T) -> T {
    if condition != T::ZERO { a } else { b }
}
