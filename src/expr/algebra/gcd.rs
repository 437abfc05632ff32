//! The greatest common divisor of polynomials: a look at images modulo a prime tells most pairs apart; the rest goes by
//! primitive remainders (Knuth, The Art of Computer Programming 2, 4.6.1).

use super::modular::{self, PRIME};
use super::polynomial::{MOST_TERMS, Polynomial};
use std::collections::BTreeMap;

/// The greatest common divisor, with whole coefficients and a positive leading one; `None` where numbers grow too large.
pub(crate) fn gcd(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    if a.is_zero() || b.is_zero() {
        return Some(if a.is_zero() { b } else { a }.primitive()?.1);
    }
    if a.as_number().is_some() || b.as_number().is_some() {
        return Some(Polynomial::one());
    }
    if a == b {
        return Some(a.primitive()?.1);
    }
    if coprime(a, b) { Some(Polynomial::one()) } else { remainders(a, b) }
}

fn remainders(a: &Polynomial, b: &Polynomial) -> Option<Polynomial> {
    if a.is_zero() || b.is_zero() {
        return Some(if a.is_zero() { b } else { a }.primitive()?.1);
    }
    let (in_a, in_b) = (a.atoms(), b.atoms());
    // What only one of the two has cannot be in the divisor.
    if let Some(&atom) = in_a.difference(&in_b).next() {
        return remainders(&content(a, atom)?, b);
    }
    if let Some(&atom) = in_b.difference(&in_a).next() {
        return remainders(a, &content(b, atom)?);
    }
    let Some(atom) = in_a.iter().copied().min_by_key(|atom| a.degree(*atom).max(b.degree(*atom))) else {
        return Some(Polynomial::one());
    };
    let (content_a, content_b) = (content(a, atom)?, content(b, atom)?);
    let common = remainders(&content_a, &content_b)?;
    let (mut p, mut q) = (a.divided(&content_a)?, b.divided(&content_b)?);
    if p.degree(atom) < q.degree(atom) {
        std::mem::swap(&mut p, &mut q);
    }
    loop {
        let rest = pseudo_remainder(&p, &q, atom)?;
        if rest.is_zero() {
            return q.primitive()?.1.times(&common);
        }
        if rest.degree(atom) == 0 {
            return Some(common);
        }
        let divisor = content(&rest, atom)?;
        (p, q) = (q, rest.divided(&divisor)?.primitive()?.1);
    }
}

/// The divisor of all coefficients of the powers of one atom.
fn content(a: &Polynomial, atom: u16) -> Option<Polynomial> {
    let parts = a.by_power(atom);
    let mut found = Polynomial::default();
    for part in parts.iter().rev().filter(|part| !part.is_zero()) {
        found = remainders(&found, part)?;
        if found.as_number().is_some() {
            return Some(Polynomial::one());
        }
    }
    Some(found)
}

fn pseudo_remainder(a: &Polynomial, b: &Polynomial, atom: u16) -> Option<Polynomial> {
    let degree = b.degree(atom);
    let lead = b.by_power(atom).pop()?;
    let mut rest = a.clone();
    while !rest.is_zero() && rest.degree(atom) >= degree {
        let top = rest.by_power(atom).pop()?;
        let shift = Polynomial::atom(atom, rest.degree(atom) - degree);
        rest = rest.times(&lead)?.minus(&b.times(&top)?.times(&shift)?)?.primitive()?.1;
        if rest.0.len() > MOST_TERMS / 2 {
            return None;
        }
    }
    Some(rest)
}

/// Whether images modulo a prime, all atoms but one at fixed values, have no common divisor: then there is none.
fn coprime(a: &Polynomial, b: &Polynomial) -> bool {
    let (in_a, in_b) = (a.atoms(), b.atoms());
    in_a.intersection(&in_b).all(|&atom| {
        let image = |p: &Polynomial| {
            let mut powers = vec![0u64; usize::from(p.degree(atom)) + 1];
            for (monomial, value) in &p.0 {
                let number = modular::of_ratio(*value, PRIME)?;
                let at = monomial.0.iter().filter(|factor| factor.0 != atom).fold(number, |product, factor| {
                    let point = POINTS[usize::from(factor.0) % POINTS.len()] + u64::from(factor.0);
                    modular::times(product, modular::power(point, u128::from(factor.1), PRIME), PRIME)
                });
                let slot = &mut powers[usize::from(monomial.power(atom))];
                *slot = modular::plus(*slot, at, PRIME);
            }
            // A leading coefficient that vanishes would tell lies.
            (powers.last() != Some(&0)).then_some(powers)
        };
        match (image(a), image(b)) {
            (Some(a), Some(b)) => modular::gcd(a, b, PRIME).len() == 1,
            _ => false,
        }
    })
}

const POINTS: [u64; 8] = [
    0x0123_4567_89ab_cdef,
    0x00fe_dcba_9876_5432,
    0x0135_79bd_f024_68ac,
    0x0086_42fd_b975_31ec,
    0x0111_1222_2333_3444,
    0x00ab_cdef_1234_5678,
    0x017c_35a0_b9d2_64e1,
    0x00bd_193e_75f4_86a2,
];

/// The square-free parts with their powers: `a = number * Π part^power` (Yun 1976), by one atom after the other.
pub(crate) fn square_free(a: &Polynomial) -> Option<Vec<(Polynomial, u32)>> {
    let mut parts: BTreeMap<u32, Polynomial> = BTreeMap::new();
    let mut rest = a.primitive()?.1;
    while let Some(atom) = rest.atoms().first().copied() {
        let content = content(&rest, atom)?;
        let own = rest.divided(&content)?;
        let slope = own.derivative(atom)?;
        let mut repeated = gcd(&own, &slope)?;
        let mut once = own.divided(&repeated)?;
        let mut power = 1;
        while once.as_number().is_none() {
            let next = gcd(&once, &repeated)?;
            let part = once.divided(&next)?;
            if part.as_number().is_none() {
                let whole = parts.remove(&power).unwrap_or_else(Polynomial::one).times(&part)?;
                parts.insert(power, whole);
            }
            repeated = repeated.divided(&next)?;
            (once, power) = (next, power + 1);
        }
        rest = content;
    }
    parts.into_iter().map(|(power, part)| Some((part.primitive()?.1, power))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::algebra::ratio::Ratio;

    fn atom(index: u16) -> Polynomial {
        Polynomial::atom(index, 1)
    }

    fn number(value: i128) -> Polynomial {
        Polynomial::number(Ratio::whole(value))
    }

    #[test]
    fn common_divisors_of_products_are_found() {
        let (x, y) = (atom(0), atom(1));
        let p = x.plus(&y).unwrap();
        let q = x.times(&x).unwrap().minus(&number(2)).unwrap();
        let r = y.times(&x).unwrap().plus(&number(3)).unwrap();
        let a = p.times(&q).unwrap().times(&p).unwrap();
        let b = p.times(&r).unwrap();
        assert_eq!(gcd(&a, &b).unwrap(), p);
        assert_eq!(gcd(&q, &r).unwrap(), Polynomial::one());
        assert_eq!(gcd(&a, &q.times(&r).unwrap()).unwrap(), q);
    }

    #[test]
    fn repeated_factors_are_told_apart() {
        let (x, y) = (atom(0), atom(1));
        let p = x.plus(&y).unwrap();
        let q = x.minus(&number(1)).unwrap();
        let whole = p.power(3).unwrap().times(&q).unwrap().times(&y.power(2).unwrap()).unwrap();
        let parts = square_free(&whole).unwrap();
        let product = parts.iter().fold(Polynomial::one(), |all, (p, k)| all.times(&p.power(*k).unwrap()).unwrap());
        assert_eq!(product, whole);
        assert_eq!(parts.iter().map(|part| part.1).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
