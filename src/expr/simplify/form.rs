//! The normal form: sums of products of powers of bases.

use super::rebuild;
use crate::expr::{Expr, Node, Op};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A constant plus terms, each a product with its coefficient.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    pub constant: f64,
    pub terms: BTreeMap<Product, f64>,
}

/// Bases, none of them a number or a product, with non-zero exponents.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Product(pub BTreeMap<Expr, Power>);

/// An exponent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Power(pub f64);

impl PartialEq for Power {
    fn eq(&self, other: &Power) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Power {}

impl PartialOrd for Power {
    fn partial_cmp(&self, other: &Power) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Power {
    fn cmp(&self, other: &Power) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Sum {
    pub fn number(constant: f64) -> Sum {
        Sum { constant, terms: BTreeMap::new() }
    }

    /// One base to the power 1.
    fn base(base: Expr) -> Sum {
        Sum::monomial(1.0, Product(BTreeMap::from([(base, Power(1.0))])))
    }

    fn monomial(coefficient: f64, product: Product) -> Sum {
        if product.0.is_empty() || coefficient == 0.0 {
            return Sum::number(coefficient);
        }
        Sum { constant: 0.0, terms: BTreeMap::from([(product, coefficient)]) }
    }

    fn as_number(&self) -> Option<f64> {
        self.terms.is_empty().then_some(self.constant)
    }

    fn scaled(mut self, factor: f64) -> Sum {
        if factor == 0.0 {
            return Sum::number(0.0);
        }
        self.constant *= factor;
        self.terms.values_mut().for_each(|coefficient| *coefficient *= factor);
        self
    }

    fn plus(mut self, other: Sum) -> Sum {
        self.constant += other.constant;
        for (product, coefficient) in other.terms {
            let sum = self.terms.entry(product).or_insert(0.0);
            *sum += coefficient;
        }
        self.terms.retain(|_, coefficient| *coefficient != 0.0);
        self
    }

    /// As one product with its coefficient: a sum of several terms becomes a base, its common factors and its leading
    /// coefficient taken out.
    pub fn into_monomial(self) -> (f64, Product) {
        if self.terms.is_empty() {
            return (self.constant, Product::default());
        }
        if self.constant == 0.0 && self.terms.len() == 1 {
            let (product, coefficient) = self.terms.into_iter().next().expect("one term");
            return (coefficient, product);
        }
        let (common, rest) = rebuild::common_factor(self);
        let lead = *rest.terms.values().next().expect("several terms");
        let mut product = common;
        product.multiply(rebuild::plain_sum(&rest.scaled(1.0 / lead)), 1.0);
        (lead, product)
    }

    fn times(self, other: Sum) -> Sum {
        if let Some(factor) = self.as_number() {
            return other.scaled(factor);
        }
        if let Some(factor) = other.as_number() {
            return self.scaled(factor);
        }
        let (a, mut product) = self.into_monomial();
        let (b, other) = other.into_monomial();
        for (base, power) in other.0 {
            product.multiply(base, power.0);
        }
        Sum::unwrapped(a * b, product)
    }

    /// A monomial, or the sum itself where nothing but one sum to the power 1 is left.
    fn unwrapped(coefficient: f64, product: Product) -> Sum {
        if product.0.len() == 1 {
            let (base, power) = product.0.iter().next().expect("one base");
            if power.0 == 1.0 && matches!(base.node(), Node::Call(Op::Add | Op::Sub, _)) {
                return normal(base).scaled(coefficient);
            }
        }
        Sum::monomial(coefficient, product)
    }

    fn power(self, exponent: f64) -> Sum {
        if exponent == 1.0 {
            return self;
        }
        if exponent == 0.0 {
            return Sum::number(1.0);
        }
        let whole = exponent == exponent.trunc();
        let (coefficient, product) = self.into_monomial();
        if product.0.is_empty() {
            return Sum::number(libm::pow(coefficient, exponent));
        }
        if whole {
            let powers = product.0.into_iter().map(|(base, power)| (base, Power(power.0 * exponent))).collect();
            return Sum::unwrapped(libm::pow(coefficient, exponent), Product(powers));
        }
        // A fractional power splits over a positive number and over a single base only: sqrt(x y) is not sqrt(x) sqrt(y).
        if coefficient > 0.0 && product.0.len() == 1 {
            let (base, power) = product.0.into_iter().next().expect("one base");
            let even = power.0 % 2.0 == 0.0;
            let base = if even { base.apply(Op::Abs) } else { base };
            let powers = Product(BTreeMap::from([(base, Power(power.0 * exponent))]));
            return Sum::unwrapped(libm::pow(coefficient, exponent), powers);
        }
        // A square is not negative: sqrt((x y)^2) is |x y|.
        if coefficient > 0.0 && product.0.values().all(|power| power.0 % 2.0 == 0.0) {
            let halves = product.0.into_iter().map(|(base, power)| (base, Power(power.0 / 2.0))).collect();
            let size = rebuild::sum(&Sum::monomial(1.0, Product(halves))).apply(Op::Abs);
            let powers = Product(BTreeMap::from([(size, Power(2.0 * exponent))]));
            return Sum::unwrapped(libm::pow(coefficient, exponent), powers);
        }
        let scale = if coefficient > 0.0 { coefficient } else { 1.0 };
        let inner = rebuild::sum(&Sum::monomial(coefficient / scale, product));
        Sum::monomial(libm::pow(scale, exponent), Product(BTreeMap::from([(inner, Power(exponent))])))
    }
}

impl Product {
    /// Multiplies by `base ^ power`.
    pub fn multiply(&mut self, base: Expr, power: f64) {
        let sum = self.0.get(&base).map_or(0.0, |old| old.0) + power;
        if sum == 0.0 {
            self.0.remove(&base);
        } else {
            self.0.insert(base, Power(sum));
        }
    }
}

/// The normal form of an expression.
pub(crate) fn normal(expr: &Expr) -> Sum {
    let (op, args) = match expr.node() {
        Node::Number(value) => return Sum::number(*value),
        Node::Symbol(_) => return Sum::base(expr.clone()),
        Node::Call(op, args) => (*op, args),
    };
    let arg = |k: usize| normal(&args[k]);
    match op {
        Op::Add => arg(0).plus(arg(1)),
        Op::Sub => arg(0).plus(arg(1).scaled(-1.0)),
        Op::Neg => arg(0).scaled(-1.0),
        Op::Mul => arg(0).times(arg(1)),
        // Division by the number 0 stays as it is written.
        Op::Div if arg(1).as_number() == Some(0.0) => {
            Sum::base(Expr::call(Op::Div, vec![rebuild::sum(&arg(0)), Expr::number(0.0)]))
        }
        Op::Div => arg(0).times(arg(1).power(-1.0)),
        Op::Sqrt => arg(0).power(0.5),
        Op::Pow => match arg(1).as_number() {
            Some(exponent) => arg(0).power(exponent),
            None => function(op, vec![arg(0), arg(1)]),
        },
        Op::If => match arg(0).as_number() {
            Some(0.0) => arg(2),
            Some(_) => arg(1),
            None => function(op, vec![arg(0), arg(1), arg(2)]),
        },
        _ => function(op, args.iter().map(normal).collect()),
    }
}

/// A function of normal arguments: folded, undone, or a base of its own.
fn function(op: Op, args: Vec<Sum>) -> Sum {
    if op == Op::Exp {
        return exponential(args.into_iter().next().expect("one argument"));
    }
    let mut args: Vec<Expr> = args.iter().map(rebuild::sum).collect();
    if let Some(values) = args.iter().map(Expr::as_number).collect::<Option<Vec<f64>>>() {
        let value = op.apply(&values);
        // log(0) stays as it is written.
        return if value.is_finite() { Sum::number(value) } else { Sum::base(Expr::call(op, args)) };
    }
    match (op, args[0].node()) {
        (Op::Log, Node::Call(Op::Exp, inner)) => return normal(&inner[0]),
        (Op::Abs, Node::Call(Op::Abs, _)) => return Sum::base(args[0].clone()),
        (Op::Abs | Op::Cos | Op::Cosh, Node::Call(Op::Neg, inner)) => return Sum::base(Expr::call(op, inner.clone())),
        (
            Op::Sin | Op::Tan | Op::Asin | Op::Atan | Op::Sinh | Op::Tanh | Op::Cbrt | Op::Sign,
            Node::Call(Op::Neg, inner),
        ) => return Sum::base(Expr::call(op, inner.clone())).scaled(-1.0),
        _ => {}
    }
    if op.commutes() {
        args.sort();
    }
    Sum::base(Expr::call(op, args))
}

/// exp of a sum: each term c·log(u) becomes a factor u^c, the rest stays an exponential.
fn exponential(mut exponent: Sum) -> Sum {
    let mut product = Product::default();
    exponent.terms.retain(|term, coefficient| match single_logarithm(term) {
        Some(inner) => {
            product.multiply(inner, *coefficient);
            false
        }
        None => true,
    });
    let rest = match exponent.as_number() {
        Some(value) => Sum::number(libm::exp(value)),
        None => Sum::base(Expr::call(Op::Exp, vec![rebuild::sum(&exponent)])),
    };
    product.0.into_iter().fold(rest, |whole, (base, power)| whole.times(normal(&base).power(power.0)))
}

fn single_logarithm(term: &Product) -> Option<Expr> {
    let (base, power) = term.0.iter().next().filter(|_| term.0.len() == 1)?;
    match base.node() {
        Node::Call(Op::Log, inner) if power.0 == 1.0 => Some(inner[0].clone()),
        _ => None,
    }
}
