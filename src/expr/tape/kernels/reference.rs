//! Elementary functions to about 100 bits, as sums of two doubles: what the kernels are tested against. Slow.

/// A number as the sum of a double and a much smaller one.
#[derive(Clone, Copy, Debug)]
pub struct Twofold(pub f64, pub f64);

fn sum(a: f64, b: f64) -> Twofold {
    let s = a + b;
    let of_b = s - a;
    Twofold(s, (a - (s - of_b)) + (b - of_b))
}

impl Twofold {
    fn plus(self, o: Twofold) -> Twofold {
        let (s, t) = (sum(self.0, o.0), sum(self.1, o.1));
        let s = sum(s.0, s.1 + t.0);
        sum(s.0, s.1 + t.1)
    }

    fn negative(self) -> Twofold {
        Twofold(-self.0, -self.1)
    }

    fn times(self, o: Twofold) -> Twofold {
        let p = self.0 * o.0;
        sum(p, self.0.mul_add(o.0, -p) + (self.0 * o.1 + self.1 * o.0))
    }

    fn over(self, o: Twofold) -> Twofold {
        let mut quotient = Twofold(self.0 / o.0, 0.0);
        for _ in 0..2 {
            let rest = self.plus(quotient.times(o).negative());
            quotient = quotient.plus(Twofold(rest.0 / o.0, 0.0));
        }
        quotient
    }

    fn scaled(self, factor: f64) -> Twofold {
        Twofold(self.0 * factor, self.1 * factor)
    }
}

const ONE: Twofold = Twofold(1.0, 0.0);
const LN_2: [f64; 3] = [std::f64::consts::LN_2, 2.3190468138462996e-17, 5.707708438416212e-34];
const PI: [f64; 4] = [std::f64::consts::PI, 1.2246467991473532e-16, -2.9947698097183397e-33, 1.1124542208633653e-49];

/// `x - n * c` for an integer `n`.
fn reduced(x: f64, n: f64, c: &[f64]) -> Twofold {
    c.iter().fold(Twofold(x, 0.0), |rest, &digits| {
        let p = -n * digits;
        rest.plus(sum(p, (-n).mul_add(digits, -p)))
    })
}

/// sum of x^k / k! from k = first in steps of `step`, with alternating signs where `step` is 2.
fn series(x: Twofold, first: u32, step: u32) -> Twofold {
    let mut term = ONE;
    for k in 1..=first {
        term = term.times(x).over(Twofold(k.into(), 0.0));
    }
    let mut total = Twofold(0.0, 0.0);
    let mut k = first;
    while term.0.abs() > 1e-40 * total.0.abs().max(1e-300) {
        total = total.plus(term);
        for _ in 0..step {
            k += 1;
            term = term.times(x).over(Twofold(k.into(), 0.0));
        }
        if step == 2 {
            term = term.negative();
        }
    }
    total
}

/// exp(x) * 2^-n with n, for results outside of the doubles.
pub fn exp(x: Twofold) -> (Twofold, i32) {
    let n = (x.0 / LN_2[0]).round();
    let r = reduced(x.0, n, &LN_2).plus(Twofold(x.1, 0.0)).scaled(1.0 / 64.0);
    let mut y = series(r, 0, 1);
    for _ in 0..6 {
        y = y.times(y);
    }
    (y, n as i32)
}

/// log(x) of a positive number.
pub fn log(x: f64) -> Twofold {
    if (x - 1.0).abs() < 0.1 {
        // 2 artanh(s), s = (x - 1) / (x + 1).
        let s = Twofold(x - 1.0, 0.0).over(sum(x, 1.0));
        let square = s.times(s);
        let (mut power, mut total) = (s, Twofold(0.0, 0.0));
        for k in 0..45 {
            total = total.plus(power.over(Twofold(f64::from(2 * k + 1), 0.0)));
            power = power.times(square);
        }
        return total.scaled(2.0);
    }
    let (scaled, shift) = if x < 1e-300 { (x * 2f64.powi(100), 100.0) } else { (x, 0.0) };
    let mut y = Twofold(scaled.ln(), 0.0);
    for _ in 0..2 {
        let (e, n) = exp(y.negative());
        let e = e.times(Twofold(scaled * 2f64.powi(n / 2), 0.0)).scaled(2f64.powi(n - n / 2));
        y = y.plus(e.plus(ONE.negative())).plus(square_half(e.plus(ONE.negative())).negative());
    }
    y.plus(reduced(0.0, shift, &LN_2))
}

fn square_half(d: Twofold) -> Twofold {
    d.times(d).scaled(0.5)
}

/// sin(x) and cos(x) for |x| up to 1e9.
pub fn sin_cos(x: f64) -> (Twofold, Twofold) {
    let n = (x / PI[0]).round();
    let r = reduced(x, n, &PI);
    let (s, c) = (series(r, 1, 2), series(r, 0, 2));
    if n % 2.0 == 0.0 { (s, c) } else { (s.negative(), c.negative()) }
}

/// tan(x).
pub fn tan(x: f64) -> Twofold {
    let (s, c) = sin_cos(x);
    s.over(c)
}

/// tanh(x).
pub fn tanh(x: f64) -> Twofold {
    if x.abs() > 30.0 {
        return Twofold(x.signum(), 0.0);
    }
    // (e^2x - 1) / (e^2x + 1), with the difference from its series.
    let minus_one = if x.abs() < 0.5 {
        series(Twofold(2.0 * x, 0.0), 1, 1)
    } else {
        let (e, n) = exp(Twofold(2.0 * x, 0.0));
        e.scaled(2f64.powi(n)).plus(ONE.negative())
    };
    minus_one.over(minus_one.plus(Twofold(2.0, 0.0)))
}

/// x^y * 2^-n with n, for positive x.
pub fn pow(x: f64, y: f64) -> (Twofold, i32) {
    exp(log(x).times(Twofold(y, 0.0)))
}

/// The distance of `value` from the exact number `exact * 2^n`, in units of the last place of the exact number.
pub fn ulps(value: f64, exact: Twofold, n: i32) -> f64 {
    // Both scaled to the range where a unit in the last place is that of the exact number.
    let magnitude = exact.0.abs().log2().floor() as i32 + n;
    let unit = magnitude.max(-1022) - 52;
    let shifted = |x: f64, by: i32| x * 2f64.powi(by / 2) * 2f64.powi(by - by / 2);
    (shifted(value, -unit) - shifted(exact.0, n - unit) - shifted(exact.1, n - unit)).abs()
}
