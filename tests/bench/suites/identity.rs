//! Proofs that two formulas are one function, by identity testing modulo a prime (Schwartz 1980, Zippel 1979): both are
//! evaluated exactly in a finite field at random points. Two rational functions of degree d that differ agree at such a
//! point with a probability below d/2^26, at all six of them below 1e-30.
//!
//! The field is chosen so that other functions keep their laws in it. P ≡ 3 mod 4: squares take the part of positive
//! numbers, and their roots u^((P+1)/4) multiply as roots do. Q divides P − 1, so that exp u = g^u, with g of order Q and u
//! evaluated modulo Q, turns sums into products. R divides P + 1, the order of the circle of norm 1 in the field with √−1,
//! so that cos u and sin u, coordinates of h^u with u modulo R, keep all addition theorems. Logarithms and inverse
//! functions are arbitrary numbers that depend on their argument alone, up to a change of sign where the function has one.
//!
//! Roots leave the sign open: what is proved is a = ±b, and the sign is told by values.

use sdl::expr::{Expr, Node, Op};
use std::cmp::Ordering;

/// 2Q + 1, and 192R − 1.
const P: u64 = 2_305_843_009_213_671_743;
const Q: u64 = 1_152_921_504_606_835_871;
const R: u64 = 12_009_599_006_321_207;
/// Points at which the formulas must agree, and points tried for that.
const POINTS: (usize, usize) = (6, 400);
/// Largest numerator and denominator, and relative distance, of a fraction that stands for a number, times a power of π.
const FRACTION: (f64, f64) = (1e4, 1e-8);

/// Whether two formulas are the same function up to a sign; false also where it could not be shown.
pub fn identical(a: &Expr, b: &Expr) -> bool {
    let mut agreed = 0;
    for trial in 0..POINTS.1 as u64 {
        let point = Point { trial };
        let (Some(a), Some(b)) = (point.eval(a, P), point.eval(b, P)) else { continue };
        if a != b && a != minus(b, P) {
            return false;
        }
        agreed += 1;
        if agreed == POINTS.0 {
            return true;
        }
    }
    false
}

/// A random point: symbols are squares, so that their roots exist.
struct Point {
    trial: u64,
}

impl Point {
    /// A number that depends on the point, on words and on numbers only.
    fn random(&self, word: &str, number: u64, modulus: u64) -> u64 {
        let mut hash = 0x9e37_79b9_7f4a_7c15 ^ self.trial.wrapping_mul(0xd134_2543_de82_ef95);
        for byte in word.bytes().chain(number.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            hash ^= hash >> 29;
        }
        hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        (hash ^ (hash >> 32)) % modulus
    }

    /// The formula's value modulo `m`; `None` at a pole, at a root of what is no square, and for what has no place there.
    fn eval(&self, expr: &Expr, m: u64) -> Option<u64> {
        let of = |expr: &Expr| self.eval(expr, m);
        let args = match expr.node() {
            Node::Number(value) => return self.number(*value, m),
            // The same integer in all fields.
            Node::Symbol(name) => return Some(self.symbol(name.as_str(), m)),
            Node::Call(Op::Pow, args) => return self.power(of(&args[0])?, &args[1], m),
            Node::Call(_, args) => args,
        };
        let Node::Call(op, _) = expr.node() else { return None };
        let one = || of(&args[0]);
        match op {
            Op::Add => Some(plus(one()?, of(&args[1])?, m)),
            Op::Sub => Some(plus(one()?, minus(of(&args[1])?, m), m)),
            Op::Mul => Some(times(one()?, of(&args[1])?, m)),
            Op::Div => Some(times(one()?, inverse(of(&args[1])?, m)?, m)),
            Op::Neg => Some(minus(one()?, m)),
            Op::Sqrt => root(one()?, m),
            Op::Exp if m == P => Some(raised(4, self.eval(&args[0], Q)?, P)),
            Op::Tanh | Op::Sinh | Op::Cosh if m == P => {
                let e = raised(4, self.eval(&args[0], Q)?, P);
                let back = inverse(e, P)?;
                let (sum, difference) = (plus(e, back, P), plus(e, minus(back, P), P));
                match op {
                    Op::Sinh => Some(times(difference, inverse(2, P)?, P)),
                    Op::Cosh => Some(times(sum, inverse(2, P)?, P)),
                    _ => Some(times(difference, inverse(sum, P)?, P)),
                }
            }
            Op::Sin | Op::Cos if undone(*op, &args[0]).is_some() => {
                let value = of(undone(*op, &args[0])?)?;
                root(plus(1, minus(times(value, value, m), m), m), m)
            }
            Op::Sin | Op::Cos | Op::Tan if m == P => {
                let (cos, sin) = turned(self.eval(&args[0], R)?)?;
                match op {
                    Op::Cos => Some(cos),
                    Op::Sin => Some(sin),
                    _ => Some(times(sin, inverse(cos, P)?, P)),
                }
            }
            // Of a and −a the positive one is a square: −1 is none.
            Op::Abs => one().map(|a| if root(a, m).is_some() { a } else { minus(a, m) }),
            // What changes its sign with its argument, or when its argument is inverted, is drawn for one of the two.
            Op::Asin | Op::Atan | Op::Sin | Op::Tanh | Op::Sinh | Op::Tan | Op::Log => {
                let value = one()?;
                let other = if *op == Op::Log { inverse(value, m)? } else { minus(value, m) };
                let drawn = self.random(op.info().name, value.min(other), m);
                match value.cmp(&other) {
                    Ordering::Less => Some(drawn),
                    Ordering::Equal => Some(0),
                    Ordering::Greater => Some(minus(drawn, m)),
                }
            }
            Op::Cos | Op::Cosh => {
                let value = one()?;
                Some(self.random(op.info().name, value.min(minus(value, m)), m))
            }
            Op::Acos | Op::Exp => Some(self.random(op.info().name, one()?, m)),
            _ => None,
        }
    }

    /// A square below 2^52, the same in all fields, of which the root is known to be small.
    fn symbol(&self, name: &str, m: u64) -> u64 {
        let small = 1 + self.random(name, 0, 1 << 26);
        small * small % m
    }

    /// A small fraction times a power of √π, which like a symbol may be any number, and perhaps √2; else six digits.
    fn number(&self, value: f64, m: u64) -> Option<u64> {
        let whole = |value: i64| if value < 0 { minus(value.unsigned_abs() % m, m) } else { value.unsigned_abs() % m };
        if value == 0.0 {
            return Some(0);
        }
        let pi = std::f64::consts::PI;
        let units = [0, 2, -2, 1, -1, 4, -4].into_iter().flat_map(|k| [(k, false), (k, true)]);
        let found = units.filter_map(|(k, two)| {
            let unit = pi.powf(f64::from(k) / 2.0) * if two { std::f64::consts::SQRT_2 } else { 1.0 };
            fraction(value / unit).map(|fraction| (fraction, k, two))
        });
        // The simplest is meant.
        let size = |((above, below), k, two): &((i64, u64), i32, bool)| {
            above.unsigned_abs() * below * (1 + 3 * k.unsigned_abs().min(1) as u64 + 3 * u64::from(*two))
        };
        let Some(((above, below), k, two)) = found.min_by_key(size) else {
            let digits = format!("{value:.5e}");
            let (mantissa, exponent) = digits.split_once('e')?;
            let (mantissa, exponent): (f64, i32) = (mantissa.parse().ok()?, exponent.parse().ok()?);
            let ten = raised(10, u64::from((exponent - 5).unsigned_abs()), m);
            let ten = if exponent < 5 { inverse(ten, m)? } else { ten };
            return Some(times(whole((mantissa * 1e5).round() as i64), ten, m));
        };
        let root_of_pi = 1 + self.random("pi", 0, 1 << 26);
        let power = raised(root_of_pi, u64::from(k.unsigned_abs()), m);
        let power = if k < 0 { inverse(power, m)? } else { power };
        let power = if two { times(power, root(2, m)?, m) } else { power };
        Some(times(times(whole(above), inverse(below % m, m)?, m), power, m))
    }

    /// A power with a whole or half number above.
    fn power(&self, base: u64, exponent: &Expr, m: u64) -> Option<u64> {
        let twice = 2.0 * exponent.as_number()?;
        if twice.fract() != 0.0 || twice.abs() > 64.0 {
            return None;
        }
        let base = if twice % 2.0 == 0.0 { base } else { root(base, m)? };
        let steps = if twice % 2.0 == 0.0 { twice / 2.0 } else { twice };
        let whole = raised(base, steps.abs() as u64, m);
        if steps < 0.0 { inverse(whole, m) } else { Some(whole) }
    }
}

/// The u of cos(asin u) or sin(acos u), which are √(1 − u²).
fn undone(op: Op, argument: &Expr) -> Option<&Expr> {
    match (op, argument.node()) {
        (Op::Cos, Node::Call(Op::Asin, args)) | (Op::Sin, Node::Call(Op::Acos, args)) => Some(&args[0]),
        _ => None,
    }
}

/// The fraction of least denominator that is a number to rounding, where both its parts are small.
fn fraction(value: f64) -> Option<(i64, u64)> {
    let (mut before, mut here) = ((1.0, 0.0), (value.floor(), 1.0));
    let mut rest = value - value.floor();
    loop {
        if (here.0 / here.1 - value).abs() <= FRACTION.1 * value.abs() {
            let small = here.0.abs() <= FRACTION.0 && here.1 <= FRACTION.0;
            return small.then_some((here.0 as i64, here.1 as u64));
        }
        if rest < 1e-12 || here.1 > FRACTION.0 {
            return None;
        }
        let whole = (1.0 / rest).floor();
        rest = 1.0 / rest - whole;
        (before, here) = (here, (whole * here.0 + before.0, whole * here.1 + before.1));
    }
}

fn plus(a: u64, b: u64, m: u64) -> u64 {
    (a + b) % m
}

fn minus(a: u64, m: u64) -> u64 {
    if a == 0 { 0 } else { m - a }
}

fn times(a: u64, b: u64, m: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(m)) as u64
}

fn raised(mut base: u64, mut exponent: u64, m: u64) -> u64 {
    let mut out = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            out = times(out, base, m);
        }
        base = times(base, base, m);
        exponent >>= 1;
    }
    out
}

fn inverse(a: u64, m: u64) -> Option<u64> {
    (a != 0).then(|| raised(a, m - 2, m))
}

/// The root that is itself a square; all moduli leave 3 when divided by 4.
fn root(a: u64, m: u64) -> Option<u64> {
    let root = raised(a, m.div_ceil(4), m);
    (times(root, root, m) == a).then_some(root)
}

/// Cosine and sine: h^u with h of order R on the circle of norm 1.
fn turned(mut u: u64) -> Option<(u64, u64)> {
    let product = |a: (u64, u64), b: (u64, u64)| {
        let real = plus(times(a.0, b.0, P), minus(times(a.1, b.1, P), P), P);
        (real, plus(times(a.0, b.1, P), times(a.1, b.0, P), P))
    };
    let power = |mut base: (u64, u64), exponent: &mut u64| {
        let mut out = (1, 0);
        while *exponent > 0 {
            if *exponent & 1 == 1 {
                out = product(out, base);
            }
            base = product(base, base);
            *exponent >>= 1;
        }
        out
    };
    // (2 + i)² / 5 has norm 1.
    let fifth = inverse(5, P)?;
    let one = (times(3, fifth, P), times(4, fifth, P));
    let h = power(one, &mut 192);
    Some(power(h, &mut u))
}
