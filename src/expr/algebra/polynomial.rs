//! Polynomials with exact coefficients in numbered atoms, sparse, in lexical order. Whatever grows too large is `None`.

use super::ratio::{Ratio, gcd as number_gcd};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Beyond this many terms an operation is given up.
pub(crate) const MOST_TERMS: usize = 1_000;

/// A product of atoms with their powers, atoms ascending, no power zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Monomial(pub Vec<(u16, u16)>);

impl Ord for Monomial {
    /// Lexical: the lowest atom decides first.
    fn cmp(&self, other: &Monomial) -> Ordering {
        for (a, b) in self.0.iter().zip(&other.0) {
            let order = b.0.cmp(&a.0).then(a.1.cmp(&b.1));
            if order != Ordering::Equal {
                return order;
            }
        }
        self.0.len().cmp(&other.0.len())
    }
}

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Monomial) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Monomial {
    pub fn power(&self, atom: u16) -> u16 {
        self.0.binary_search_by_key(&atom, |factor| factor.0).map_or(0, |at| self.0[at].1)
    }

    fn times(&self, other: &Monomial) -> Monomial {
        let mut out = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        loop {
            let factor = match (a.peek(), b.peek()) {
                (Some(x), Some(y)) if x.0 == y.0 => {
                    let both = (x.0, x.1 + y.1);
                    a.next();
                    b.next();
                    both
                }
                (Some(x), Some(y)) if x.0 > y.0 => *b.next().expect("peeked"),
                (Some(_), _) => *a.next().expect("peeked"),
                (None, Some(_)) => *b.next().expect("peeked"),
                (None, None) => return Monomial(out),
            };
            out.push(factor);
        }
    }

    /// The quotient, if every power suffices.
    pub fn over(&self, other: &Monomial) -> Option<Monomial> {
        let mut out = self.0.clone();
        for (atom, power) in &other.0 {
            let at = out.binary_search_by_key(atom, |factor| factor.0).ok()?;
            out[at].1 = out[at].1.checked_sub(*power)?;
        }
        out.retain(|factor| factor.1 > 0);
        Some(Monomial(out))
    }

    fn common(&self, other: &Monomial) -> Monomial {
        let least = |&(atom, power): &(u16, u16)| (atom, power.min(other.power(atom)));
        Monomial(self.0.iter().map(least).filter(|factor| factor.1 > 0).collect())
    }
}

/// A polynomial: terms by monomial, no coefficient zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Polynomial(pub BTreeMap<Monomial, Ratio>);

impl Polynomial {
    pub fn number(value: Ratio) -> Polynomial {
        Polynomial::term(value, Monomial::default())
    }

    pub fn one() -> Polynomial {
        Polynomial::number(Ratio::ONE)
    }

    pub fn atom(atom: u16, power: u16) -> Polynomial {
        match power {
            0 => Polynomial::one(),
            _ => Polynomial::term(Ratio::ONE, Monomial(vec![(atom, power)])),
        }
    }

    pub fn term(coefficient: Ratio, monomial: Monomial) -> Polynomial {
        match coefficient.is_zero() {
            true => Polynomial::default(),
            false => Polynomial(BTreeMap::from([(monomial, coefficient)])),
        }
    }

    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The number, if no atom is in it.
    pub fn as_number(&self) -> Option<Ratio> {
        match self.0.len() {
            0 => Some(Ratio::ZERO),
            1 => self.0.get(&Monomial::default()).copied(),
            _ => None,
        }
    }

    /// The last term in lexical order.
    pub fn leading(&self) -> Option<(&Monomial, Ratio)> {
        self.0.last_key_value().map(|(monomial, coefficient)| (monomial, *coefficient))
    }

    /// Atoms that occur, ascending.
    pub fn atoms(&self) -> BTreeSet<u16> {
        self.0.keys().flat_map(|monomial| monomial.0.iter().map(|factor| factor.0)).collect()
    }

    pub fn degree(&self, atom: u16) -> u16 {
        self.0.keys().map(|monomial| monomial.power(atom)).max().unwrap_or(0)
    }

    pub fn plus(&self, other: &Polynomial) -> Option<Polynomial> {
        let mut out = self.clone();
        out.add(Ratio::ONE, &Monomial::default(), other)?;
        (out.0.len() <= MOST_TERMS).then_some(out)
    }

    pub fn minus(&self, other: &Polynomial) -> Option<Polynomial> {
        let mut out = self.clone();
        out.add(Ratio::ONE.negated(), &Monomial::default(), other)?;
        Some(out)
    }

    /// Adds `coefficient * monomial * other`.
    fn add(&mut self, coefficient: Ratio, monomial: &Monomial, other: &Polynomial) -> Option<()> {
        for (own, value) in &other.0 {
            let key = own.times(monomial);
            let sum = self.0.get(&key).copied().unwrap_or(Ratio::ZERO).plus(value.times(coefficient)?)?;
            match sum.is_zero() {
                true => self.0.remove(&key),
                false => self.0.insert(key, sum),
            };
        }
        Some(())
    }

    pub fn times(&self, other: &Polynomial) -> Option<Polynomial> {
        if self.0.len() * other.0.len() > 4 * MOST_TERMS {
            return None;
        }
        let mut out = Polynomial::default();
        for (monomial, coefficient) in &self.0 {
            out.add(*coefficient, monomial, other)?;
        }
        (out.0.len() <= MOST_TERMS).then_some(out)
    }

    pub fn scaled(&self, factor: Ratio) -> Option<Polynomial> {
        if factor.is_zero() {
            return Some(Polynomial::default());
        }
        let terms = self.0.iter().map(|(monomial, value)| Some((monomial.clone(), value.times(factor)?)));
        terms.collect::<Option<BTreeMap<_, _>>>().map(Polynomial)
    }

    pub fn power(&self, exponent: u32) -> Option<Polynomial> {
        (0..exponent).try_fold(Polynomial::one(), |product, _| product.times(self))
    }

    /// The quotient, if it leaves no remainder.
    pub fn divided(&self, by: &Polynomial) -> Option<Polynomial> {
        let (lead, coefficient) = by.leading()?;
        let (mut rest, mut quotient) = (self.clone(), Polynomial::default());
        while let Some((monomial, value)) = rest.leading() {
            let (monomial, value) = (monomial.over(lead)?, value.over(coefficient)?);
            rest.add(value.negated(), &monomial, by)?;
            quotient.0.insert(monomial, value);
            if quotient.0.len() > MOST_TERMS {
                return None;
            }
        }
        Some(quotient)
    }

    /// Coefficients by power of one atom, from 0 up.
    pub fn by_power(&self, atom: u16) -> Vec<Polynomial> {
        let mut out = vec![Polynomial::default(); usize::from(self.degree(atom)) + 1];
        for (monomial, value) in &self.0 {
            let power = monomial.power(atom);
            let rest = Monomial(monomial.0.iter().copied().filter(|factor| factor.0 != atom).collect());
            out[usize::from(power)].0.insert(rest, *value);
        }
        out
    }

    pub fn derivative(&self, atom: u16) -> Option<Polynomial> {
        let mut out = Polynomial::default();
        for (power, coefficient) in self.by_power(atom).into_iter().enumerate().skip(1) {
            let monomial = Polynomial::atom(atom, power as u16 - 1);
            out.add(Ratio::whole(power as i128), &monomial.leading()?.0.clone(), &coefficient)?;
        }
        Some(out)
    }

    /// The monomial that divides every term.
    pub fn common_monomial(&self) -> Monomial {
        self.0.keys().cloned().reduce(|a, b| a.common(&b)).unwrap_or_default()
    }

    /// A number and the polynomial with whole coefficients, without common divisor, the leading one positive.
    pub fn primitive(&self) -> Option<(Ratio, Polynomial)> {
        let Some((_, lead)) = self.leading() else { return Some((Ratio::ONE, self.clone())) };
        let mut above: i128 = 0;
        let mut below: i128 = 1;
        for value in self.0.values() {
            above = number_gcd(above, value.above());
            below = (below / number_gcd(below, value.below())).checked_mul(value.below())?;
        }
        let content = Ratio::new(if lead.is_negative() { -above } else { above }, below)?;
        if content == Ratio::ONE {
            return Some((content, self.clone()));
        }
        Some((content, self.scaled(Ratio::ONE.over(content)?)?))
    }
}
