//! Factors of polynomials over the rational numbers. Atoms are mapped to powers of one variable (Kronecker), the image is
//! factored modulo one large prime, and products of its factors are tried from the smallest up.

use super::gcd::square_free;
use super::modular::{self, Image, PRIMES};
use super::polynomial::{Monomial, Polynomial};
use super::ratio::Ratio;
use crate::base::Seed;

/// Largest degree of an image where time does not matter.
pub(crate) const HIGHEST: usize = 64;
/// Most factors of an image: their products are tried one by one.
const MOST_FACTORS: usize = 12;

/// A number and factors with their powers whose product is the polynomial: whole coefficients, leading ones positive, each
/// irreducible as far as the limits allow. `highest` bounds the degree of images, and with it the time. `None` where numbers
/// grow too large.
pub(crate) fn factor(a: &Polynomial, highest: usize) -> Option<(Ratio, Vec<(Polynomial, u32)>)> {
    let (content, whole) = a.primitive()?;
    if whole.is_zero() {
        return Some((Ratio::ZERO, vec![]));
    }
    let monomial = whole.common_monomial();
    let rest = whole.divided(&Polynomial::term(Ratio::ONE, monomial.clone()))?;
    let mut out: Vec<(Polynomial, u32)> =
        monomial.0.iter().map(|(atom, power)| (Polynomial::atom(*atom, 1), u32::from(*power))).collect();
    for (part, power) in square_free(&rest)? {
        out.extend(irreducible(part, highest).into_iter().map(|factor| (factor, power)));
    }
    Some((content, out))
}

/// The factors of a square-free polynomial without monomial factor; itself where they cannot be found.
fn irreducible(whole: Polynomial, highest: usize) -> Vec<Polynomial> {
    if let Some((atom, flat)) = flattened(&whole) {
        // Homogeneous polynomials factor as with one atom set to 1.
        let lift = |part: &Polynomial| homogeneous(part, atom);
        return irreducible(flat, highest).iter().map(lift).collect();
    }
    if whole.0.keys().all(|monomial| monomial.0.iter().map(|factor| factor.1).sum::<u16>() <= 1) {
        return vec![whole];
    }
    let mut out = vec![];
    let rest = match split(&whole, highest, &mut out) {
        Some(rest) => rest,
        None => {
            out.clear();
            whole
        }
    };
    if rest.as_number().is_none() {
        out.push(rest);
    }
    out.sort_by(|a, b| a.0.len().cmp(&b.0.len()).then_with(|| b.0.iter().cmp(a.0.iter())));
    out
}

/// A homogeneous polynomial of several atoms with its last atom set to 1.
fn flattened(whole: &Polynomial) -> Option<(u16, Polynomial)> {
    let degree = |monomial: &Monomial| monomial.0.iter().map(|factor| factor.1).sum::<u16>();
    let first = whole.0.keys().next().map(degree)?;
    let atoms = whole.atoms();
    let atom = *atoms.last().filter(|_| atoms.len() > 1 && first > 1)?;
    let mut flat = Polynomial::default();
    for (monomial, value) in &whole.0 {
        if degree(monomial) != first {
            return None;
        }
        let rest = monomial.0.iter().copied().filter(|factor| factor.0 != atom).collect();
        flat.0.insert(Monomial(rest), *value);
    }
    Some((atom, flat))
}

fn homogeneous(flat: &Polynomial, atom: u16) -> Polynomial {
    let degree = |monomial: &Monomial| monomial.0.iter().map(|factor| factor.1).sum::<u16>();
    let highest = flat.0.keys().map(degree).max().unwrap_or(0);
    let lift = |(monomial, value): (&Monomial, &Ratio)| {
        let mut factors = monomial.0.clone();
        let missing = highest - degree(monomial);
        if missing > 0 {
            factors.push((atom, missing));
        }
        (Monomial(factors), *value)
    };
    Polynomial(flat.0.iter().map(lift).collect())
}

/// Puts factors into `out` and gives what is left.
fn split(whole: &Polynomial, highest: usize, out: &mut Vec<Polynomial>) -> Option<Polynomial> {
    let map = Kronecker::of(whole, highest)?;
    let largest = whole.0.values().fold(0f64, |size, c| size.max(c.to_float().abs()));
    // Coefficients of a factor times a leading coefficient (Mignotte 1974), both signs.
    let degree = map.place(whole.leading()?.0) as f64;
    let bound = 2.0 * libm::exp2(degree / 2.0) * largest * largest * (degree + 1.0);
    let mut best: Option<(u64, Vec<Image>)> = None;
    for p in PRIMES.into_iter().filter(|p| bound < *p as f64) {
        let image = map.image(whole, p)?;
        let zeros = image.iter().take_while(|c| **c == 0).count();
        let mut stream = Seed::root(0).child("factor").stream();
        let Some(mut pieces) = modular::factors(&image[zeros..].to_vec(), p, &mut stream) else { continue };
        pieces.extend(std::iter::repeat_n(vec![0, 1], zeros));
        let fewer = best.as_ref().is_none_or(|best| pieces.len() < best.1.len());
        if fewer {
            best = Some((p, pieces));
        }
        // Another prime is worth its time only where there are many pieces.
        if best.as_ref().is_some_and(|best| best.1.len() <= MOST_FACTORS / 2) {
            break;
        }
    }
    let (p, mut pieces) = best.filter(|best| best.1.len() <= MOST_FACTORS)?;
    let mut rest = whole.clone();
    let mut size = 1;
    while 2 * size <= pieces.len() {
        match combine(&mut rest, &mut pieces, size, &map, p) {
            Some(factor) => out.push(factor),
            None => size += 1,
        }
    }
    Some(rest)
}

/// A factor of `rest` whose image is a product of `size` pieces; both lose it.
fn combine(rest: &mut Polynomial, pieces: &mut Vec<Image>, size: usize, map: &Kronecker, p: u64) -> Option<Polynomial> {
    let lead = map.image(rest, p)?.last().copied()?;
    for chosen in 0u32..1 << pieces.len() {
        if chosen.count_ones() as usize != size {
            continue;
        }
        let picked = |k: &usize| chosen >> k & 1 == 1;
        let product =
            (0..pieces.len()).filter(picked).fold(vec![lead], |product, k| modular::product(&product, &pieces[k], p));
        let Some(trial) = map.back(&product, p).and_then(|trial| Some(trial.primitive()?.1)) else { continue };
        if trial.as_number().is_some() {
            continue;
        }
        if let Some(quotient) = rest.divided(&trial) {
            *rest = quotient.primitive()?.1;
            let mut index = 0;
            pieces.retain(|_| {
                index += 1;
                chosen >> (index - 1) & 1 == 0
            });
            return Some(trial);
        }
    }
    None
}

/// Atoms as powers of one variable, so that monomials stay apart.
struct Kronecker {
    weights: Vec<(u16, usize, usize)>,
}

impl Kronecker {
    fn of(whole: &Polynomial, highest: usize) -> Option<Kronecker> {
        let mut weight: usize = 1;
        let mut weights = vec![];
        for atom in whole.atoms() {
            let degree = usize::from(whole.degree(atom));
            weights.push((atom, weight, degree + 1));
            weight = weight.saturating_mul(degree + 1);
        }
        let map = Kronecker { weights };
        let degree = whole.0.keys().map(|monomial| map.place(monomial)).max()?;
        (degree <= highest).then_some(map)
    }

    fn place(&self, monomial: &Monomial) -> usize {
        self.weights.iter().map(|(atom, weight, _)| usize::from(monomial.power(*atom)).saturating_mul(*weight)).sum()
    }

    fn image(&self, whole: &Polynomial, p: u64) -> Option<Image> {
        let highest = whole.0.keys().map(|monomial| self.place(monomial)).max()?;
        let mut out = vec![0; highest + 1];
        for (monomial, value) in &whole.0 {
            out[self.place(monomial)] = modular::of_ratio(*value, p)?;
        }
        Some(out)
    }

    /// The polynomial with this image and coefficients nearest to zero.
    fn back(&self, image: &Image, p: u64) -> Option<Polynomial> {
        let mut out = Polynomial::default();
        for (place, value) in image.iter().enumerate().filter(|(_, value)| **value != 0) {
            let signed = if *value > p / 2 { i128::from(*value) - i128::from(p) } else { i128::from(*value) };
            let digit = |(atom, weight, base): &(u16, usize, usize)| (*atom, (place / weight % base) as u16);
            let factors: Vec<(u16, u16)> = self.weights.iter().map(digit).filter(|factor| factor.1 > 0).collect();
            let monomial = Monomial(factors);
            if self.place(&monomial) != place {
                return None;
            }
            out.0.insert(monomial, Ratio::whole(signed));
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polynomial(terms: &[(i128, u16, u16)]) -> Polynomial {
        terms.iter().fold(Polynomial::default(), |sum, (value, x, y)| {
            let monomial = Polynomial::atom(0, *x).times(&Polynomial::atom(1, *y)).unwrap();
            sum.plus(&monomial.scaled(Ratio::whole(*value)).unwrap()).unwrap()
        })
    }

    #[test]
    fn products_come_apart_into_their_factors() {
        let factors = [
            polynomial(&[(1, 1, 0), (1, 0, 1)]),
            polynomial(&[(1, 1, 0), (-1, 0, 1)]),
            polynomial(&[(1, 2, 0), (-2, 0, 0)]),
            polynomial(&[(3, 1, 0), (2, 0, 0)]),
            polynomial(&[(1, 2, 0), (1, 0, 2)]),
        ];
        for chosen in (1u32..32).filter(|chosen| chosen.count_ones() < 4) {
            let picked: Vec<&Polynomial> =
                (0..5).filter(|k| chosen >> k & 1 == 1).map(|k: usize| &factors[k]).collect();
            let whole = picked.iter().fold(Polynomial::one(), |all, p| all.times(p).unwrap());
            let (content, found) = factor(&whole, HIGHEST).unwrap();
            assert_eq!(content, Ratio::ONE);
            assert_eq!(found.len(), picked.len(), "{chosen:b}: {found:?}");
            let product = found.iter().fold(Polynomial::one(), |all, (p, k)| all.times(&p.power(*k).unwrap()).unwrap());
            assert_eq!(product, whole);
        }
    }

    #[test]
    fn irreducible_polynomials_stay_whole() {
        for whole in [&[(1, 2, 0), (1, 0, 0)][..], &[(1, 4, 0), (-10, 2, 0), (1, 0, 0)], &[(1, 3, 0), (2, 0, 1)]] {
            let whole = polynomial(whole);
            assert_eq!(factor(&whole, HIGHEST).unwrap().1, [(whole, 1)]);
        }
    }
}
