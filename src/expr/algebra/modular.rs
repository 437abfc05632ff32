//! Polynomials of one variable modulo a prime below 2^61, coefficients from power 0 up: division, divisors, and factors
//! (Cantor and Zassenhaus 1981).

use super::ratio::Ratio;
use crate::base::Stream;

/// 2^61 − 1, a prime.
pub(crate) const PRIME: u64 = (1 << 61) - 1;

/// Primes to choose from: some polynomials fall to pieces modulo one that stay whole modulo another.
pub(crate) const PRIMES: [u64; 3] = [PRIME, 1_000_000_000_000_000_003, 1_000_000_000_000_000_009];

pub(crate) type Image = Vec<u64>;

pub(crate) fn plus(a: u64, b: u64, p: u64) -> u64 {
    let sum = a + b;
    if sum >= p { sum - p } else { sum }
}

pub(crate) fn minus(a: u64, b: u64, p: u64) -> u64 {
    if a >= b { a - b } else { a + p - b }
}

pub(crate) fn times(a: u64, b: u64, p: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    if p == PRIME {
        // 2^61 is 1: the upper bits are added to the lower ones.
        return plus(product as u64 & PRIME, (product >> 61) as u64, PRIME);
    }
    (product % u128::from(p)) as u64
}

pub(crate) fn power(base: u64, mut exponent: u128, p: u64) -> u64 {
    let (mut base, mut product) = (base % p, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            product = times(product, base, p);
        }
        base = times(base, base, p);
        exponent >>= 1;
    }
    product
}

fn inverse(a: u64, p: u64) -> u64 {
    power(a, u128::from(p) - 2, p)
}

/// A whole number modulo `p`.
pub(crate) fn of_whole(value: i128, p: u64) -> u64 {
    value.rem_euclid(i128::from(p)) as u64
}

/// A fraction modulo `p`; `None` if its denominator vanishes.
pub(crate) fn of_ratio(value: Ratio, p: u64) -> Option<u64> {
    let below = of_whole(value.below(), p);
    match value.below() {
        1 => Some(of_whole(value.above(), p)),
        _ if below == 0 => None,
        _ => Some(times(of_whole(value.above(), p), inverse(below, p), p)),
    }
}

fn trim(mut a: Image) -> Image {
    while a.last() == Some(&0) {
        a.pop();
    }
    a
}

fn monic(a: Image, p: u64) -> Image {
    match a.last() {
        None | Some(1) => a,
        Some(&lead) => {
            let factor = inverse(lead, p);
            a.into_iter().map(|c| times(c, factor, p)).collect()
        }
    }
}

/// Quotient and remainder; `b` is not zero.
fn divide(mut a: Image, b: &Image, p: u64) -> (Image, Image) {
    if a.len() < b.len() {
        return (vec![], trim(a));
    }
    let factor = inverse(b[b.len() - 1], p);
    let mut quotient = vec![0; a.len() - b.len() + 1];
    for shift in (0..quotient.len()).rev() {
        let lead = times(a[shift + b.len() - 1], factor, p);
        quotient[shift] = lead;
        if lead != 0 {
            for (k, c) in b.iter().enumerate() {
                a[shift + k] = minus(a[shift + k], times(lead, *c, p), p);
            }
        }
    }
    a.truncate(b.len() - 1);
    (quotient, trim(a))
}

pub(crate) fn product(a: &Image, b: &Image, p: u64) -> Image {
    if a.is_empty() || b.is_empty() {
        return vec![];
    }
    let mut out = vec![0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            out[i + j] = plus(out[i + j], times(*x, *y, p), p);
        }
    }
    trim(out)
}

/// The greatest common divisor with leading coefficient 1; of length 1 where there is none.
pub(crate) fn gcd(a: Image, b: Image, p: u64) -> Image {
    let (mut a, mut b) = (trim(a), trim(b));
    while !b.is_empty() {
        let rest = divide(a, &b, p).1;
        (a, b) = (b, rest);
    }
    monic(a, p)
}

fn derivative(a: &Image, p: u64) -> Image {
    trim(a.iter().enumerate().skip(1).map(|(k, c)| times(k as u64 % p, *c, p)).collect())
}

fn power_modulo(base: &Image, mut exponent: u128, modulus: &Image, p: u64) -> Image {
    let mut base = divide(base.clone(), modulus, p).1;
    let mut out = vec![1];
    while exponent > 0 {
        if exponent & 1 == 1 {
            out = divide(product(&out, &base, p), modulus, p).1;
        }
        base = divide(product(&base, &base, p), modulus, p).1;
        exponent >>= 1;
    }
    out
}

fn difference(a: Image, b: &Image, p: u64) -> Image {
    let mut out = a;
    out.resize(out.len().max(b.len()), 0);
    for (k, c) in b.iter().enumerate() {
        out[k] = minus(out[k], *c, p);
    }
    trim(out)
}

/// The irreducible factors, leading coefficients 1; `None` where one occurs twice.
pub(crate) fn factors(a: &Image, p: u64, stream: &mut Stream) -> Option<Vec<Image>> {
    let a = monic(trim(a.clone()), p);
    if a.len() < 2 {
        return Some(vec![]);
    }
    if gcd(a.clone(), derivative(&a, p), p).len() > 1 {
        return None;
    }
    let mut out = vec![];
    let mut rest = a;
    let x: Image = vec![0, 1];
    let mut frobenius = x.clone();
    let mut degree = 1;
    // Factors of one degree after another: x^(p^d) − x holds all of degree d.
    while rest.len() > 2 * degree {
        frobenius = power_modulo(&frobenius, u128::from(p), &rest, p);
        let group = gcd(rest.clone(), difference(frobenius.clone(), &x, p), p);
        if group.len() > 1 {
            rest = divide(rest, &group, p).0;
            frobenius = divide(frobenius, &rest, p).1;
            split(group, degree, p, stream, &mut out);
        }
        degree += 1;
    }
    if rest.len() > 1 {
        out.push(monic(rest, p));
    }
    out.sort();
    Some(out)
}

/// Splits a product of factors that all have this degree.
fn split(group: Image, degree: usize, p: u64, stream: &mut Stream, out: &mut Vec<Image>) {
    if group.len() - 1 == degree {
        out.push(group);
        return;
    }
    loop {
        let trial: Image = trim((0..group.len() - 1).map(|_| stream.bits() % p).collect());
        // trial^((p^d − 1) / 2) = (trial^(1 + p + … + p^(d−1)))^((p − 1) / 2)
        let mut norm = trial.clone();
        let mut image = trial;
        for _ in 1..degree {
            image = power_modulo(&image, u128::from(p), &group, p);
            norm = divide(product(&norm, &image, p), &group, p).1;
        }
        let root = power_modulo(&norm, u128::from(p - 1) / 2, &group, p);
        let part = gcd(group.clone(), difference(root, &vec![1], p), p);
        if part.len() > 1 && part.len() < group.len() {
            let other = monic(divide(group, &part, p).0, p);
            split(part, degree, p, stream, out);
            split(other, degree, p, stream, out);
            return;
        }
    }
}
