//! Normal-form hashes: equal for formulas that differ only by algebra of sums and products or by the values of
//! free constants. Sums and products are flattened and sorted, equal terms and factors merged, integer powers
//! written as exponents, scales of free constants absorbed. Different formulas may differ in the hash although they
//! are equal (no distribution, no trigonometry); 64 bits make false equality rare enough to ignore.

use crate::expr::{Op, Token};

/// The two hashes of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// Of the formula.
    pub full: u64,
    /// Of the formula up to a factor and a summand: what an affine fit cannot tell apart.
    pub affine: u64,
    /// Of the formula up to a factor.
    pub scaled: u64,
}

/// The normal-form hashes of a program.
pub(crate) fn key(program: &[Token]) -> Key {
    let mut stack: Vec<Form> = Vec::with_capacity(program.len());
    for token in program {
        let form = match *token {
            Token::Number(value) => Form::constant(Coefficient::Exact(value)),
            Token::Parameter(_) => Form::constant(Coefficient::Free),
            Token::Input(index) => Form::atom(mix(1, index as u64)),
            Token::Op(op) => {
                let args = stack.split_off(stack.len() - op.arity());
                Form::apply(op, args)
            }
        };
        stack.push(form);
    }
    let form = stack.pop().expect("a program leaves one value");
    let scaled = if form.factors.is_empty() { 0 } else { form.product_hash() };
    Key { full: form.hash(), affine: form.affine_hash(), scaled }
}

/// A well-mixed hash of two words (the finaliser of SplitMix64, Steele et al. 2014).
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(b).wrapping_add(0x632b_e59b_d9b4_e019);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The key of the constant term of a sum.
const ONE: u64 = 0x0123_4567_89ab_cdef;

#[derive(Clone, Copy, PartialEq)]
enum Coefficient {
    Exact(f64),
    Free,
}

use Coefficient::{Exact, Free};

impl Coefficient {
    fn times(self, other: Coefficient) -> Coefficient {
        match (self, other) {
            (Exact(a), Exact(b)) => Exact(a * b),
            _ => Free,
        }
    }

    fn plus(self, other: Coefficient) -> Coefficient {
        match (self, other) {
            (Exact(a), Exact(b)) => Exact(a + b),
            _ => Free,
        }
    }

    fn hash(self) -> u64 {
        match self {
            // Adding zero turns -0 into 0.
            Exact(value) => mix(2, (value + 0.0).to_bits()),
            Free => 3,
        }
    }
}

/// coefficient · Π factor^exponent; where it is one sum, its terms too.
struct Form {
    coefficient: Coefficient,
    factors: Vec<(u64, i32)>,
    terms: Vec<(u64, Coefficient)>,
    /// A factor is a sum all of whose coefficients are free: it absorbs a free scale.
    absorbs: bool,
}

impl Form {
    fn constant(coefficient: Coefficient) -> Form {
        Form { coefficient, factors: vec![], terms: vec![], absorbs: false }
    }

    fn atom(key: u64) -> Form {
        Form { coefficient: Exact(1.0), factors: vec![(key, 1)], terms: vec![], absorbs: false }
    }

    fn apply(op: Op, args: Vec<Form>) -> Form {
        let mut args = args.into_iter();
        let mut next = || args.next().expect("as many as the arity");
        match op {
            Op::Add => next().sum(next()),
            Op::Sub => {
                let first = next();
                first.sum(next().scaled(Exact(-1.0)))
            }
            Op::Mul => next().product(next()),
            Op::Div => {
                let first = next();
                first.product(next().power(-1))
            }
            Op::Neg => next().scaled(Exact(-1.0)),
            Op::Pow => {
                let (base, exponent) = (next(), next());
                match (exponent.coefficient, exponent.factors.is_empty()) {
                    (Exact(k), true) if k.fract() == 0.0 && k.abs() <= 64.0 => base.power(k as i32),
                    _ => Form::function(op, &[base, exponent]),
                }
            }
            _ => {
                let mut args: Vec<Form> = args.collect();
                if op.commutes() {
                    args.sort_by_key(Form::hash);
                }
                Form::function(op, &args)
            }
        }
    }

    fn function(op: Op, args: &[Form]) -> Form {
        if args.iter().all(|arg| arg.factors.is_empty()) {
            let exact: Option<Vec<f64>> = args
                .iter()
                .map(|arg| match arg.coefficient {
                    Exact(value) => Some(value),
                    Free => None,
                })
                .collect();
            return Form::constant(exact.map_or(Free, |values| Exact(op.apply(&values))));
        }
        Form::atom(args.iter().fold(mix(5, op as u64), |hash, arg| mix(hash, arg.hash())))
    }

    fn scaled(mut self, by: Coefficient) -> Form {
        self.coefficient = self.coefficient.times(by);
        self.settle()
    }

    fn power(mut self, k: i32) -> Form {
        if k == 0 {
            return Form::constant(Exact(1.0));
        }
        self.coefficient = match self.coefficient {
            Exact(value) => Exact(value.powi(k)),
            Free => Free,
        };
        self.factors.iter_mut().for_each(|(_, exponent)| *exponent *= k);
        if k != 1 {
            self.terms.clear();
        }
        self
    }

    fn product(mut self, mut other: Form) -> Form {
        self.coefficient = self.coefficient.times(other.coefficient);
        if other.factors.is_empty() {
            return self.settle();
        }
        if self.factors.is_empty() {
            other.coefficient = self.coefficient;
            return other.settle();
        }
        self.absorbs |= other.absorbs;
        self.terms.clear();
        self.factors.extend(other.factors);
        self.factors.sort_unstable();
        merge(&mut self.factors, |a, b| a + b, |exponent| exponent == 0);
        self.settle()
    }

    fn settle(mut self) -> Form {
        if self.coefficient == Exact(0.0) {
            return Form::constant(Exact(0.0));
        }
        if self.absorbs && !self.factors.is_empty() {
            self.coefficient = Exact(1.0);
        }
        self
    }

    /// The terms of the form as a sum.
    fn into_terms(self) -> Vec<(u64, Coefficient)> {
        if self.factors.is_empty() {
            return vec![(ONE, self.coefficient)];
        }
        if self.terms.is_empty() || self.coefficient == Free {
            return vec![(self.product_hash(), self.coefficient)];
        }
        let scale = self.coefficient;
        self.terms.into_iter().map(|(key, coefficient)| (key, coefficient.times(scale))).collect()
    }

    fn sum(self, other: Form) -> Form {
        let mut terms = self.into_terms();
        terms.extend(other.into_terms());
        terms.sort_by_key(|term| term.0);
        merge(&mut terms, Coefficient::plus, |coefficient| coefficient == Exact(0.0));
        match terms[..] {
            [] => return Form::constant(Exact(0.0)),
            [(ONE, coefficient)] => return Form::constant(coefficient),
            [(key, coefficient)] => return Form { coefficient, ..Form::atom(key) },
            _ => {}
        }
        // x - y and y - x are one sum up to the sign: scale the first exact coefficient to 1.
        let lead = terms.iter().find_map(|(_, coefficient)| match coefficient {
            Exact(value) => Some(*value),
            Free => None,
        });
        let absorbs = lead.is_none();
        let lead = lead.unwrap_or(1.0);
        let mut hash = 7;
        for (key, coefficient) in &mut terms {
            *coefficient = coefficient.times(Exact(1.0 / lead));
            hash = mix(mix(hash, *key), coefficient.hash());
        }
        Form { coefficient: Exact(lead), factors: vec![(hash, 1)], terms, absorbs }
    }

    fn product_hash(&self) -> u64 {
        match self.factors[..] {
            [(key, 1)] => key,
            _ => self.factors.iter().fold(11, |hash, (key, exponent)| mix(mix(hash, *key), *exponent as u64)),
        }
    }

    fn hash(&self) -> u64 {
        mix(self.coefficient.hash(), if self.factors.is_empty() { ONE } else { self.product_hash() })
    }

    fn affine_hash(&self) -> u64 {
        if self.factors.is_empty() {
            return 0;
        }
        let rest: Vec<&(u64, Coefficient)> = self.terms.iter().filter(|term| term.0 != ONE).collect();
        match rest[..] {
            [] => self.product_hash(),
            [(key, _)] => *key,
            _ => {
                let lead = rest.iter().find_map(|term| match term.1 {
                    Exact(value) => Some(value),
                    Free => None,
                });
                let scale = Exact(1.0 / lead.unwrap_or(1.0));
                rest.iter().fold(7, |hash, term| mix(mix(hash, term.0), term.1.times(scale).hash()))
            }
        }
    }
}

/// Merges neighbours with equal keys and drops what vanishes.
fn merge<V: Copy>(items: &mut Vec<(u64, V)>, join: impl Fn(V, V) -> V, vanishes: impl Fn(V) -> bool) {
    let mut kept = 0;
    for at in 0..items.len() {
        let item = items[at];
        if kept > 0 && items[kept - 1].0 == item.0 {
            items[kept - 1].1 = join(items[kept - 1].1, item.1);
        } else {
            items[kept] = item;
            kept += 1;
        }
    }
    items.truncate(kept);
    items.retain(|item| !vanishes(item.1));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Expr, postfix};

    fn keys(expr: &Expr) -> Key {
        let inputs = ["x".into(), "y".into(), "z".into()];
        key(&postfix::from_expr(expr, &inputs, &["a".into(), "b".into(), "c".into()]).unwrap())
    }

    #[test]
    fn algebra_of_sums_and_products_does_not_change_the_key() {
        let [x, y, z, a, b] = ["x", "y", "z", "a", "b"].map(Expr::symbol);
        let same = [
            (x.clone() + y.clone(), y.clone() + x.clone()),
            ((x.clone() + y.clone()) + z.clone(), x.clone() + (z.clone() + y.clone())),
            (x.clone() - (y.clone() - z.clone()), (x.clone() + z.clone()) - y.clone()),
            (x.clone() * x.clone(), x.clone().pow(2.0)),
            (x.clone() / (y.clone() / z.clone()), (z.clone() * x.clone()) / y.clone()),
            (x.clone() * y.clone() / x.clone(), y.clone()),
            (x.clone() + y.clone() - x.clone(), y.clone()),
            (x.clone() + x.clone(), Expr::number(2.0) * x.clone()),
            (a.clone() * (b.clone() * x.clone()), b.clone() * x.clone()),
            (a.clone() + (x.clone() + b.clone()), x.clone() + a.clone()),
            (a.clone() * (a.clone() * x.clone() + b.clone()), a.clone() * x.clone() + b.clone()),
            (x.clone().apply(Op::Sin) * y.clone(), y.clone() * x.clone().apply(Op::Sin)),
        ];
        for (left, right) in same {
            assert_eq!(keys(&left), keys(&right), "{left:?} {right:?}");
        }
        let different = [
            (x.clone() - y.clone(), x.clone() + y.clone()),
            (x.clone() / y.clone(), y.clone() / x.clone()),
            (x.clone() + a.clone(), x.clone()),
            (x.clone().apply(Op::Sin), x.clone().apply(Op::Cos)),
            (x.clone() - y.clone(), y.clone() - x.clone()),
            ((x.clone() + a.clone()) / y.clone(), x.clone() / (y.clone() + a.clone())),
        ];
        for (left, right) in different {
            assert_ne!(keys(&left).full, keys(&right).full, "{left:?} {right:?}");
        }
        let affine = [
            (x.clone() - y.clone(), y.clone() - x.clone()),
            (a.clone() * x.clone() + b.clone(), x.clone()),
            (a.clone() * (x.clone() / y.clone()), x.clone() / y.clone() + b.clone()),
        ];
        for (left, right) in affine {
            assert_eq!(keys(&left).affine, keys(&right).affine, "{left:?} {right:?}");
        }
    }
}
