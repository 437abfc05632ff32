//! The operators of the table on one number, as branch-free code that becomes vector code in a loop. What has no
//! kernel of its own goes to libm.

use super::lane::Real;

#[inline(always)]
pub fn neg<T: Real>(a: T) -> T {
    -a
}

#[inline(always)]
pub fn abs<T: Real>(a: T) -> T {
    a.magnitude()
}

#[inline(always)]
pub fn sign<T: Real>(a: T) -> T {
    let sign = if a == a { T::ONE.with_sign_of(a) } else { a };
    if a == T::ZERO { T::ZERO } else { sign }
}

#[inline(always)]
pub fn floor<T: Real>(a: T) -> T {
    a.below()
}

#[inline(always)]
pub fn ceil<T: Real>(a: T) -> T {
    a.above()
}

#[inline(always)]
pub fn sqrt<T: Real>(a: T) -> T {
    a.root()
}

#[inline(always)]
pub fn cbrt<T: Real>(a: T) -> T {
    a.by_libm(libm::cbrt)
}

#[inline(always)]
pub fn exp<T: Real>(a: T) -> T {
    a.exp()
}

#[inline(always)]
pub fn log<T: Real>(a: T) -> T {
    a.log()
}

#[inline(always)]
pub fn asin<T: Real>(a: T) -> T {
    a.by_libm(libm::asin)
}

#[inline(always)]
pub fn acos<T: Real>(a: T) -> T {
    a.by_libm(libm::acos)
}

#[inline(always)]
pub fn atan<T: Real>(a: T) -> T {
    a.by_libm(libm::atan)
}

#[inline(always)]
pub fn sinh<T: Real>(a: T) -> T {
    a.by_libm(libm::sinh)
}

#[inline(always)]
pub fn cosh<T: Real>(a: T) -> T {
    a.by_libm(libm::cosh)
}

#[inline(always)]
pub fn tanh<T: Real>(a: T) -> T {
    a.tanh()
}

#[inline(always)]
pub fn atan2<T: Real>(a: T, b: T) -> T {
    T::nearest(libm::atan2(a.double(), b.double()))
}

#[inline(always)]
pub fn min<T: Real>(a: T, b: T) -> T {
    let smaller = if b < a { b } else { a };
    if b == b { smaller } else { b }
}

#[inline(always)]
pub fn max<T: Real>(a: T, b: T) -> T {
    let larger = if b > a { b } else { a };
    if b == b { larger } else { b }
}

#[inline(always)]
pub fn truth<T: Real>(is: bool) -> T {
    if is { T::ONE } else { T::ZERO }
}

#[inline(always)]
pub fn lt<T: Real>(a: T, b: T) -> T {
    truth(a < b)
}

#[inline(always)]
pub fn le<T: Real>(a: T, b: T) -> T {
    truth(a <= b)
}

#[inline(always)]
pub fn gt<T: Real>(a: T, b: T) -> T {
    truth(a > b)
}

#[inline(always)]
pub fn ge<T: Real>(a: T, b: T) -> T {
    truth(a >= b)
}

#[inline(always)]
pub fn eq<T: Real>(a: T, b: T) -> T {
    truth(a == b)
}

#[inline(always)]
pub fn ne<T: Real>(a: T, b: T) -> T {
    truth(a != b)
}

#[inline(always)]
pub fn and<T: Real>(a: T, b: T) -> T {
    truth((a != T::ZERO) & (b != T::ZERO))
}

#[inline(always)]
pub fn or<T: Real>(a: T, b: T) -> T {
    truth((a != T::ZERO) | (b != T::ZERO))
}

#[inline(always)]
pub fn not<T: Real>(a: T) -> T {
    truth(a == T::ZERO)
}

#[inline(always)]
pub fn choose<T: Real>(condition: T, a: T, b: T) -> T {
    if condition != T::ZERO { a } else { b }
}
