//! Exact rational numbers of bounded size: what does not fit is `None`, and the algebra above gives up.

use std::cmp::Ordering;

/// A rational number in lowest terms with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ratio {
    above: i128,
    below: i128,
}

/// Largest denominator of a fraction that a float is read as.
const LARGEST_DENOMINATOR: f64 = 1e4;
/// Integers up to here are exact in a float.
const EXACT: i128 = 1 << 53;

impl Ratio {
    pub const ZERO: Ratio = Ratio { above: 0, below: 1 };
    pub const ONE: Ratio = Ratio { above: 1, below: 1 };

    pub const fn whole(value: i128) -> Ratio {
        Ratio { above: value, below: 1 }
    }

    /// `above / below`; `None` for a zero denominator.
    pub fn new(above: i128, below: i128) -> Option<Ratio> {
        if below == 0 {
            return None;
        }
        let divisor = gcd(above, below);
        if divisor == 0 {
            return Some(Ratio::ZERO);
        }
        let sign = if below < 0 { -1 } else { 1 };
        Some(Ratio { above: (above / divisor).checked_mul(sign)?, below: (below / divisor).checked_mul(sign)? })
    }

    /// The number that a float was meant to be: an integer, the fraction with a small denominator that rounds to it
    /// (1/3), or else its shortest decimal.
    pub fn from_float(value: f64) -> Option<Ratio> {
        if !value.is_finite() {
            return None;
        }
        if value == value.trunc() && value.abs() < EXACT as f64 {
            return Some(Ratio::whole(value as i128));
        }
        small_fraction(value).or_else(|| decimal(value))
    }

    /// The nearest float.
    pub fn to_float(self) -> f64 {
        if self.above.abs() <= EXACT && self.below <= EXACT {
            return self.above as f64 / self.below as f64;
        }
        // Decimals of many digits come back with the bits that they had.
        let mut scale: i128 = 1;
        for digits in 0..30 {
            if scale % self.below == 0
                && let Some(digits_above) = self.above.checked_mul(scale / self.below)
            {
                return format!("{digits_above}e-{digits}").parse().unwrap_or(f64::NAN);
            }
            scale *= 10;
        }
        self.above as f64 / self.below as f64
    }

    pub fn plus(self, other: Ratio) -> Option<Ratio> {
        let left = self.above.checked_mul(other.below)?;
        let right = other.above.checked_mul(self.below)?;
        Ratio::new(left.checked_add(right)?, self.below.checked_mul(other.below)?)
    }

    pub fn times(self, other: Ratio) -> Option<Ratio> {
        let (a, b) = (gcd(self.above, other.below).max(1), gcd(other.above, self.below).max(1));
        let above = (self.above / a).checked_mul(other.above / b)?;
        Ratio::new(above, (self.below / b).checked_mul(other.below / a)?)
    }

    pub fn over(self, other: Ratio) -> Option<Ratio> {
        self.times(Ratio::new(other.below, other.above)?)
    }

    pub fn power(self, exponent: u32) -> Option<Ratio> {
        (0..exponent).try_fold(Ratio::ONE, |product, _| product.times(self))
    }

    pub fn negated(self) -> Ratio {
        Ratio { above: -self.above, below: self.below }
    }

    pub fn abs(self) -> Ratio {
        Ratio { above: self.above.abs(), below: self.below }
    }

    pub fn is_zero(self) -> bool {
        self.above == 0
    }

    pub fn is_negative(self) -> bool {
        self.above < 0
    }

    pub fn above(self) -> i128 {
        self.above
    }

    pub fn below(self) -> i128 {
        self.below
    }

    /// Whether it is an integer.
    pub fn is_whole(self) -> bool {
        self.below == 1
    }

    /// Whether its decimal ends after at most nine digits: then one number says it.
    pub fn is_short_decimal(self) -> bool {
        1_000_000_000 % self.below == 0
    }

    /// Whether its decimal ends.
    pub fn is_decimal(self) -> bool {
        let mut rest = self.below;
        for prime in [2, 5] {
            while rest % prime == 0 {
                rest /= prime;
            }
        }
        rest == 1
    }

    /// The root of an exact square.
    pub fn square_root(self) -> Option<Ratio> {
        let root = |value: i128| {
            let root = libm::sqrt(value as f64).round() as i128;
            (root.checked_mul(root) == Some(value)).then_some(root)
        };
        Ratio::new(root(self.above)?, root(self.below)?)
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Ratio) -> Ordering {
        match (self.above.checked_mul(other.below), other.above.checked_mul(self.below)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => self.to_float().total_cmp(&other.to_float()).then(self.above.cmp(&other.above)),
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The greatest common divisor, not negative.
pub(crate) fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    // Most numbers are small: 64-bit division is much faster.
    while b != 0 {
        (a, b) = match (u64::try_from(a), u64::try_from(b)) {
            (Ok(x), Ok(y)) => (u128::from(y), u128::from(x % y)),
            _ => (b, a % b),
        };
    }
    i128::try_from(a).unwrap_or(1)
}

/// By continued fractions.
fn small_fraction(value: f64) -> Option<Ratio> {
    let size = value.abs();
    let (mut last, mut now) = ((0.0, 1.0), (1.0, 0.0));
    let mut rest = size;
    for _ in 0..20 {
        let whole = rest.floor();
        let next = (whole * now.0 + last.0, whole * now.1 + last.1);
        if next.1 > LARGEST_DENOMINATOR || next.0 > 1e12 {
            return None;
        }
        if next.0 / next.1 == size {
            return Ratio::new(next.0.copysign(value) as i128, next.1 as i128);
        }
        if rest == whole {
            return None;
        }
        (last, now, rest) = (now, next, 1.0 / (rest - whole));
    }
    None
}

fn decimal(value: f64) -> Option<Ratio> {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let digits = mantissa.split_once('.').map_or(0, |(_, digits)| digits.len() as i32);
    let whole: i128 = mantissa.replace('.', "").parse().ok()?;
    let exponent: i32 = exponent.parse::<i32>().ok()? - digits;
    let scale = 10i128.checked_pow(exponent.unsigned_abs())?;
    if exponent < 0 { Ratio::new(whole, scale) } else { Some(Ratio::whole(whole.checked_mul(scale)?)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_read_as_they_were_meant() {
        for (value, above, below) in
            [(1.0 / 3.0, 1, 3), (-0.98, -49, 50), (0.25, 1, 4), (1e-5, 1, 100_000), (-7.0, -7, 1), (22.0 / 7.0, 22, 7)]
        {
            let ratio = Ratio::from_float(value).unwrap();
            assert_eq!((ratio.above, ratio.below), (above, below), "{value}");
            assert_eq!(ratio.to_float(), value);
        }
        for value in [0.123_456_789_012_345_67, 1.234_567_890_123_456_7e-9, std::f64::consts::PI, 6.02e23] {
            assert_eq!(Ratio::from_float(value).map(Ratio::to_float), Some(value));
        }
        assert_eq!(Ratio::from_float(1e300), None);
    }

    #[test]
    fn arithmetic_is_exact_or_given_up() {
        let third = Ratio::new(1, 3).unwrap();
        assert_eq!(third.plus(third).unwrap().plus(third), Some(Ratio::ONE));
        assert_eq!(third.over(Ratio::ZERO), None);
        assert_eq!(Ratio::whole(i128::MAX).times(Ratio::whole(2)), None);
        assert_eq!(Ratio::new(4, 9).unwrap().square_root(), Ratio::new(2, 3));
        assert_eq!(third.square_root(), None);
    }
}
