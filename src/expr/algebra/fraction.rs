//! Expressions as fractions of polynomials in atoms: symbols, roots, exponentials and other functions with their arguments
//! in a standard form. Roots know what their powers are.

use super::gcd::gcd;
use super::polynomial::{MOST_TERMS, Polynomial};
use super::ratio::Ratio;
use crate::expr::{Expr, Node, Op};
use std::collections::BTreeMap;

/// Largest power that is multiplied out.
const HIGHEST: f64 = 24.0;
/// Largest root that is followed.
const ROOTS: i128 = 6;

/// Numerator and denominator.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fraction {
    pub above: Polynomial,
    pub below: Polynomial,
}

/// Atoms by number, found so far, and how arguments of functions are brought to a standard form.
pub(crate) struct Field<'a> {
    atoms: Vec<Atom>,
    known: BTreeMap<Expr, u16>,
    standard: &'a dyn Fn(&Expr) -> Expr,
    most_terms: usize,
}

struct Atom {
    expr: Expr,
    /// `atom ^ order = value`.
    power: Option<(u16, Fraction)>,
}

impl Fraction {
    pub fn whole(above: Polynomial) -> Fraction {
        Fraction { above, below: Polynomial::one() }
    }

    pub fn number(value: Ratio) -> Fraction {
        Fraction::whole(Polynomial::number(value))
    }

    pub fn as_number(&self) -> Option<Ratio> {
        self.above.as_number()?.over(self.below.as_number()?)
    }

    pub fn plus(&self, other: &Fraction) -> Option<Fraction> {
        if self.below == other.below {
            return Some(Fraction { above: self.above.plus(&other.above)?, below: self.below.clone() });
        }
        let common = gcd(&self.below, &other.below)?;
        let (mine, theirs) = (self.below.divided(&common)?, other.below.divided(&common)?);
        let above = self.above.times(&theirs)?.plus(&other.above.times(&mine)?)?;
        Some(Fraction { above, below: self.below.times(&theirs)? })
    }

    pub fn times(&self, other: &Fraction) -> Option<Fraction> {
        Some(Fraction { above: self.above.times(&other.above)?, below: self.below.times(&other.below)? })
    }

    pub fn inverse(self) -> Option<Fraction> {
        (!self.above.is_zero()).then_some(Fraction { above: self.below, below: self.above })
    }

    pub fn negated(&self) -> Option<Fraction> {
        Some(Fraction { above: self.above.scaled(Ratio::whole(-1))?, below: self.below.clone() })
    }

    pub fn power(&self, exponent: u32) -> Option<Fraction> {
        Some(Fraction { above: self.above.power(exponent)?, below: self.below.power(exponent)? })
    }

    /// In lowest terms, the denominator with whole coefficients and a positive leading one.
    pub fn cancelled(&self) -> Option<Fraction> {
        let common = gcd(&self.above, &self.below)?;
        let (above, below) = (self.above.divided(&common)?, self.below.divided(&common)?);
        let (content, below) = below.primitive()?;
        Some(Fraction { above: above.scaled(Ratio::ONE.over(content)?)?, below })
    }
}

impl<'a> Field<'a> {
    /// A field for the atoms of `expr`, its symbols first and in order; `standard` is applied to arguments of functions.
    pub fn of(expr: &Expr, standard: &'a dyn Fn(&Expr) -> Expr) -> Field<'a> {
        let mut field = Field { atoms: vec![], known: BTreeMap::new(), standard, most_terms: MOST_TERMS };
        for name in expr.symbols() {
            field.atom(Expr::symbol(name));
        }
        field
    }

    /// The field in which polynomials of more terms are given up.
    pub fn limited(self, most_terms: usize) -> Field<'a> {
        Field { most_terms, ..self }
    }

    /// The expression of an atom.
    pub fn expr(&self, atom: u16) -> &Expr {
        &self.atoms[usize::from(atom)].expr
    }

    /// The atom that is exactly this expression.
    pub fn find(&self, expr: &Expr) -> Option<u16> {
        self.known.get(expr).copied()
    }

    fn atom(&mut self, expr: Expr) -> u16 {
        if let Some(known) = self.known.get(&expr) {
            return *known;
        }
        let index = self.atoms.len() as u16;
        self.atoms.push(Atom { expr: expr.clone(), power: None });
        self.known.insert(expr, index);
        index
    }

    fn single(&mut self, expr: Expr) -> Fraction {
        Fraction::whole(Polynomial::atom(self.atom(expr), 1))
    }

    /// The fraction in lowest terms; `None` where it grows too large, divides by zero, or a number has no exact form.
    pub fn fraction(&mut self, expr: &Expr) -> Option<Fraction> {
        let whole = self.walk(expr)?;
        self.reduced(whole)?.cancelled()
    }

    fn walk(&mut self, expr: &Expr) -> Option<Fraction> {
        let found = self.step(expr)?;
        (found.above.0.len().max(found.below.0.len()) <= self.most_terms).then_some(found)
    }

    fn step(&mut self, expr: &Expr) -> Option<Fraction> {
        let (op, args) = match expr.node() {
            Node::Number(value) => return Some(Fraction::number(Ratio::from_float(*value)?)),
            Node::Symbol(_) => return Some(self.single(expr.clone())),
            Node::Call(op, args) => (*op, args),
        };
        match op {
            Op::Add => self.walk(&args[0])?.plus(&self.walk(&args[1])?),
            Op::Sub => self.walk(&args[0])?.plus(&self.walk(&args[1])?.negated()?),
            Op::Neg => self.walk(&args[0])?.negated(),
            Op::Mul => self.walk(&args[0])?.times(&self.walk(&args[1])?),
            Op::Div => self.walk(&args[0])?.times(&self.walk(&args[1])?.inverse()?),
            Op::Sqrt => self.root(&args[0], Ratio::new(1, 2)?),
            Op::Pow => self.raised(&args[0], &args[1]),
            Op::Exp => self.exponential(&args[0]),
            _ => self.function(op, args),
        }
    }

    fn raised(&mut self, base: &Expr, exponent: &Expr) -> Option<Fraction> {
        match exponent.as_number() {
            Some(power) if power == power.trunc() && power.abs() <= HIGHEST => {
                let base = self.walk(base)?;
                let base = if power < 0.0 { base.inverse()? } else { base };
                base.power(power.abs() as u32)
            }
            Some(power) => match Ratio::from_float(power) {
                Some(ratio) if ratio.below() <= ROOTS && power.abs() <= HIGHEST => self.root(base, ratio),
                _ => self.function(Op::Pow, &[base.clone(), exponent.clone()]),
            },
            None => self.function(Op::Pow, &[base.clone(), exponent.clone()]),
        }
    }

    /// `base ^ exponent` for a fraction: whole powers of the base and an atom for the root.
    fn root(&mut self, base: &Expr, exponent: Ratio) -> Option<Fraction> {
        let inner = self.walk(base)?;
        let inner = self.reduced(inner)?.cancelled()?;
        let order = exponent.below();
        let whole = exponent.above().div_euclid(order);
        let part = exponent.above().rem_euclid(order);
        let (scale, inner_root) = match (order, exact_square(&inner)) {
            (2, Some((scale, rest))) => (scale, rest),
            _ => (Ratio::ONE, inner.clone()),
        };
        let outside = match whole {
            0.. => inner.power(u32::try_from(whole).ok()?)?,
            _ => inner.inverse()?.power(u32::try_from(-whole).ok()?)?,
        };
        if let Some(number) = inner_root.as_number()
            && number == Ratio::ONE
        {
            return outside.times(&Fraction::number(scale.power(part as u32)?));
        }
        let standard = (self.standard)(&self.rebuilt(&inner_root));
        let expr = match order {
            2 => Expr::call(Op::Sqrt, vec![standard]),
            _ => Expr::call(Op::Pow, vec![standard, Expr::number(1.0 / order as f64)]),
        };
        let atom = self.atom(expr);
        self.atoms[usize::from(atom)].power = Some((order as u16, inner_root));
        let root = Fraction::whole(Polynomial::atom(atom, part as u16));
        outside.times(&root)?.times(&Fraction::number(scale.power(part as u32)?))
    }

    /// exp of a sum as a product of exponentials, so that like ones meet.
    fn exponential(&mut self, exponent: &Expr) -> Option<Fraction> {
        let inner = self.walk(exponent)?;
        let inner = self.reduced(inner)?.cancelled()?;
        if inner.above.is_zero() {
            return Some(Fraction::number(Ratio::ONE));
        }
        let mut product = Fraction::number(Ratio::ONE);
        for (monomial, value) in &inner.above.0 {
            let size = value.abs();
            let steps = if size.is_whole() && size <= Ratio::whole(HIGHEST as i128) { size.above() as u32 } else { 1 };
            let unit = if steps == 1 { size } else { Ratio::ONE };
            let part = Fraction { above: Polynomial::term(unit, monomial.clone()), below: inner.below.clone() };
            let part = part.cancelled()?;
            let power = match self.logarithm(&part) {
                Some(base) => base,
                None => {
                    let argument = (self.standard)(&self.rebuilt(&part));
                    self.single(Expr::call(Op::Exp, vec![argument]))
                }
            };
            let power = power.power(steps)?;
            product = product.times(&if value.is_negative() { power.inverse()? } else { power })?;
        }
        Some(product)
    }

    /// The argument, if this is one logarithm.
    fn logarithm(&mut self, part: &Fraction) -> Option<Fraction> {
        let (monomial, value) = part.above.leading().filter(|_| part.above.0.len() == 1)?;
        if value != Ratio::ONE || part.below.as_number() != Some(Ratio::ONE) {
            return None;
        }
        let [(atom, 1)] = monomial.0[..] else { return None };
        match self.expr(atom).clone().node() {
            Node::Call(Op::Log, args) => self.walk(&args[0]),
            _ => None,
        }
    }

    /// A function as an atom: its arguments in standard form, signs taken out of odd and even ones.
    fn function(&mut self, op: Op, args: &[Expr]) -> Option<Fraction> {
        let mut sign = Ratio::ONE;
        let mut standard: Vec<Expr> = vec![];
        let parity = Parity::of(op);
        for arg in args {
            let inner = self.walk(arg).and_then(|f| self.reduced(f)).and_then(|f| f.cancelled());
            let negative = |f: &Fraction| f.above.leading().is_some_and(|(_, value)| value.is_negative());
            standard.push(match inner {
                Some(inner) if parity != Parity::None && negative(&inner) => {
                    if parity == Parity::Odd {
                        sign = sign.negated();
                    }
                    (self.standard)(&self.rebuilt(&inner.negated()?))
                }
                _ => (self.standard)(arg),
            });
        }
        if let Some(values) = standard.iter().map(Expr::as_number).collect::<Option<Vec<f64>>>() {
            return Some(Fraction::number(Ratio::from_float(op.apply(&values))?.times(sign)?));
        }
        if let (Op::Log, Node::Call(Op::Exp, inner)) = (op, standard[0].node()) {
            return self.walk(&inner[0].clone());
        }
        if op.commutes() {
            standard.sort();
        }
        let square = (op == Op::Abs).then(|| standard[0].clone());
        let atom = self.atom(Expr::call(op, standard));
        if let Some(inner) = square {
            let square = self.walk(&inner)?.power(2)?;
            self.atoms[usize::from(atom)].power = Some((2, square));
        }
        Fraction::whole(Polynomial::atom(atom, 1)).times(&Fraction::number(sign))
    }

    /// Powers of roots replaced by what they are.
    fn reduced(&self, mut whole: Fraction) -> Option<Fraction> {
        // A root may hold roots of its own: later atoms first.
        for atom in (0..self.atoms.len() as u16).rev() {
            let Some((order, value)) = &self.atoms[usize::from(atom)].power else { continue };
            let (above, below) =
                (folded(&whole.above, atom, *order, value)?, folded(&whole.below, atom, *order, value)?);
            if let (None, None) = (&above, &below) {
                continue;
            }
            let above = above.unwrap_or_else(|| Fraction::whole(whole.above.clone()));
            let below = below.unwrap_or_else(|| Fraction::whole(whole.below.clone()));
            whole = above.times(&below.inverse()?)?;
        }
        Some(whole)
    }

    /// A plain expression of a fraction, for arguments.
    fn rebuilt(&self, fraction: &Fraction) -> Expr {
        super::compact::quotient(self, fraction)
    }
}

/// `Σ c_k a^k` with `a ^ order` replaced; `None` within where nothing is to do.
fn folded(p: &Polynomial, atom: u16, order: u16, value: &Fraction) -> Option<Option<Fraction>> {
    if p.degree(atom) < order {
        return Some(None);
    }
    let mut sum = Fraction::number(Ratio::ZERO);
    for (power, coefficient) in p.by_power(atom).into_iter().enumerate().filter(|(_, c)| !c.is_zero()) {
        let power = power as u16;
        let rest = Polynomial::atom(atom, power % order);
        let term = Fraction::whole(coefficient.times(&rest)?).times(&value.power(u32::from(power / order))?)?;
        sum = sum.plus(&term)?;
    }
    Some(Some(sum))
}

/// A number whose square can be taken out of a root, and the rest.
fn exact_square(inner: &Fraction) -> Option<(Ratio, Fraction)> {
    let (content, above) = inner.above.primitive()?;
    let (_, below) = inner.below.primitive()?;
    let content = content.over(inner.below.primitive()?.0)?;
    let (mut rest, mut scale) = (content, content.abs().square_root().unwrap_or(Ratio::ONE));
    if scale == Ratio::ONE {
        // 8 = 2² · 2 is found as well; larger primes are left where they are.
        for prime in [2, 3, 5, 7] {
            let square = Ratio::whole(prime * prime);
            while rest.above() % (prime * prime) == 0 {
                rest = rest.over(square)?;
                scale = scale.times(Ratio::whole(prime))?;
            }
        }
    } else {
        rest = rest.over(scale.power(2)?)?;
    }
    Some((scale, Fraction { above: above.scaled(rest)?, below }))
}

#[derive(PartialEq, Clone, Copy)]
enum Parity {
    Even,
    Odd,
    None,
}

impl Parity {
    fn of(op: Op) -> Parity {
        match op {
            Op::Cos | Op::Cosh | Op::Abs => Parity::Even,
            Op::Sin | Op::Tan | Op::Asin | Op::Atan | Op::Sinh | Op::Tanh | Op::Sign | Op::Cbrt => Parity::Odd,
            _ => Parity::None,
        }
    }
}
