//! Errors of the kernels in units of the last place, and their special values.

use super::reference::{self, Twofold, ulps};
use super::{double, half_power, single};
use crate::base::Seed;

/// Largest error allowed.
const BOUND: f64 = 2.0;

/// Numbers of all magnitudes between two, both signs.
fn all_magnitudes(name: &str, count: usize, low: f64, high: f64) -> Vec<f64> {
    let random = &mut Seed::root(3).child(name).stream();
    let (low, high) = (low.log2(), high.log2());
    let mut values = vec![];
    for _ in 0..count {
        let magnitude = (low + (high - low) * random.uniform()).exp2() * (1.0 + random.uniform() * 0.01);
        values.extend([magnitude, -magnitude]);
    }
    values
}

fn uniform(name: &str, count: usize, low: f64, high: f64) -> Vec<f64> {
    let random = &mut Seed::root(3).child(name).stream();
    (0..count).map(|_| low + (high - low) * random.uniform()).collect()
}

/// Checks a function in double precision against `reference`, which gives the exact value times a power of two.
fn check_double(name: &str, f: impl Fn(f64) -> f64, reference: impl Fn(f64) -> (Twofold, i32), at: &[f64]) {
    let mut worst = (0.0, 0.0);
    for &x in at {
        let (exact, n) = reference(x);
        let error = ulps(f(x), exact, n);
        if error.is_nan() || error > worst.0 {
            worst = (error, x);
        }
    }
    println!("{name}: {:.3} ulp at {:e}", worst.0, worst.1);
    assert!(worst.0 <= BOUND, "{name} is off by {} ulp at {:e}: {:e}", worst.0, worst.1, f(worst.1));
}

/// Checks a function in single precision against one in double precision.
fn check_single(name: &str, f: impl Fn(f32) -> f32, reference: impl Fn(f64) -> f64, at: impl Iterator<Item = f32>) {
    let mut worst = (0.0, 0.0);
    for x in at {
        let (value, exact) = (f(x), reference(x.into()));
        if exact.is_nan() || exact.abs() > f32::MAX.into() {
            let same = value.is_nan() && exact.is_nan() || f64::from(value) == f64::from(exact as f32);
            assert!(same, "{name}({x:e}) = {value:e} for {exact:e}");
            continue;
        }
        let unit = 2f64.powi((exact.abs().log2().floor() as i32).max(-126) - 23);
        let error = (f64::from(value) - exact).abs() / unit;
        if error.is_nan() || error > worst.0 {
            worst = (error, x);
        }
    }
    println!("{name}: {:.3} ulp at {:e}", worst.0, worst.1);
    assert!(worst.0 <= BOUND, "{name} is off by {} ulp at {:e}: {:e}", worst.0, worst.1, f(worst.1));
}

/// Every 9973rd of all single precision numbers, so subnormal, infinite and not-a-number ones too.
fn singles() -> impl Iterator<Item = f32> {
    (0..=u32::MAX).step_by(9973).map(f32::from_bits)
}

#[test]
fn single_precision_is_within_two_ulp() {
    check_single("exp", single::exp, libm::exp, singles());
    check_single("log", single::log, libm::log, singles());
    check_single("tanh", single::tanh, libm::tanh, singles());
    let reducible = || singles().filter(|x| x.is_nan() || x.abs() <= single::REDUCIBLE);
    check_single("sin", single::sin, libm::sin, reducible());
    check_single("cos", single::cos, libm::cos, reducible());
    check_single("tan", single::tan, libm::tan, reducible());
    for y in [0.3, 1.7, -2.2, 7.0, 33.3, -0.001] {
        check_single("pow", |x| single::pow(x, y), |x| libm::pow(x, y.into()), singles());
    }
    for x in [0.3, 1.0000001, 2.5, -3.0] {
        check_single("pow", |y| single::pow(x, y), |y| libm::pow(x.into(), y), singles());
    }
}

#[test]
fn double_precision_is_within_two_ulp() {
    let one = |f: fn(f64) -> Twofold| move |x: f64| (f(x), 0);
    let near_one: Vec<f64> = all_magnitudes("near one", 5000, 1e-15, 0.5).iter().map(|d| 1.0 + d).collect();
    let mut at = uniform("exp", 20000, -745.0, 709.7);
    at.extend(all_magnitudes("exp", 2000, 1e-20, 700.0));
    at.extend(uniform("subnormal exp", 5000, -745.1, -708.0));
    check_double("exp", double::exp, |x| reference::exp(Twofold(x, 0.0)), &at);
    let mut at: Vec<f64> = all_magnitudes("log", 20000, 5e-324, 1.7e308).into_iter().map(f64::abs).collect();
    at.extend(&near_one);
    at.extend(uniform("log", 5000, 0.4, 3.0));
    check_double("log", double::log, one(reference::log), &at);
    let mut at = all_magnitudes("sin", 10000, 1e-300, 9e8);
    at.extend(uniform("sin", 20000, -10.0, 10.0));
    // The doubles nearest to multiples of pi / 2, where the results are smallest or the argument is reduced most.
    at.extend((1..4000).map(|k| f64::from(k * k) * std::f64::consts::FRAC_PI_2));
    check_double("sin", double::sin, |x| (reference::sin_cos(x).0, 0), &at);
    check_double("cos", double::cos, |x| (reference::sin_cos(x).1, 0), &at);
    check_double("tan", double::tan, one(reference::tan), &at);
    let mut at = all_magnitudes("tanh", 5000, 1e-300, 100.0);
    at.extend(uniform("tanh", 20000, -2.0, 2.0));
    check_double("tanh", double::tanh, one(reference::tanh), &at);
    let random = &mut Seed::root(3).child("exponents").stream();
    for x in uniform("pow", 300, 0.0, 4.0).into_iter().chain(all_magnitudes("pow", 150, 1e-320, 1e308)) {
        let x = x.abs();
        // Exponents that use the whole range of results.
        let most = 1070.0 / x.log2().abs();
        let at: Vec<f64> =
            (0..40).map(|_| most * (2.0 * random.uniform() - 1.0)).filter(|y| y * x.log2() < 1023.9).collect();
        check_double(&format!("pow({x:e})"), |y| double::pow(x, y), |y| reference::pow(x, y), &at);
    }
    for x in near_one.iter().step_by(20) {
        check_double(&format!("pow({x:e})"), |y| double::pow(*x, y), |y| reference::pow(*x, y), &[3.3, -0.7, 1e3]);
    }
}

#[test]
fn powers_of_halves_are_within_two_ulp() {
    for n in [-64i8, -13, -12, -7, -6, -5, -3, -1, 1, 3, 5, 6, 7, 10, 12, 13, 14, 33, 64] {
        let y = f64::from(n) / 2.0;
        let range = 2f64.powf(1000.0 / y.abs().max(1.0));
        let at: Vec<f64> = all_magnitudes("half", 200, 1.0 / range, range).into_iter().map(f64::abs).collect();
        let f = |x: f64| {
            let mut value = [x];
            half_power(&mut value, &[x], n);
            value[0]
        };
        check_double(&format!("x^{y}"), f, |x| reference::pow(x, y), &at);
        let f = |x: f32| {
            let mut value = [x];
            half_power(&mut value, &[x], n);
            value[0]
        };
        check_single(&format!("x^{y}"), f, |x| libm::pow(x, y), singles().step_by(11));
    }
}

#[test]
fn special_values_are_those_of_libm() {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        2.0,
        -2.0,
        3.0,
        -3.0,
        0.5,
        -0.5,
        1e308,
        -1e308,
        5e-324,
        -5e-324,
        1e-310,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        9007199254740993.0,
        9007199254740992.0,
        709.79,
        -745.2,
        1e17 + 16.0,
    ];
    let same =
        |a: f64, b: f64| a.is_nan() && b.is_nan() || a.to_bits() == b.to_bits() || (a - b).abs() <= 1e-15 * b.abs();
    type Pair = (&'static str, fn(f64) -> f64, fn(f64) -> f64, fn(f32) -> f32);
    let functions: [Pair; 6] = [
        ("exp", double::exp, libm::exp, single::exp),
        ("log", double::log, libm::log, single::log),
        ("tanh", double::tanh, libm::tanh, single::tanh),
        ("sin", double::sin, libm::sin, single::sin),
        ("cos", double::cos, libm::cos, single::cos),
        ("tan", double::tan, libm::tan, single::tan),
    ];
    for (name, f, reference, narrow) in functions {
        for x in special {
            let periodic = matches!(name, "sin" | "cos" | "tan");
            if !(periodic && x.is_finite() && x.abs() > double::REDUCIBLE) {
                assert!(same(f(x), reference(x)), "{name}({x:e}) = {:e}", f(x));
            }
            let x = x as f32;
            if !(periodic && x.is_finite() && x.abs() > single::REDUCIBLE) {
                let (value, expected) = (narrow(x), reference(x.into()) as f32);
                let close = (value - expected).abs() <= 2e-7 * expected.abs();
                let equal = value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan();
                assert!(equal || close && expected != 0.0, "{name}({x:e}) = {value:e} for {expected:e}");
            }
        }
    }
    for x in special {
        for y in special {
            let (value, expected) = (double::pow(x, y), libm::pow(x, y));
            let near = expected != 0.0 && (value - expected).abs() <= 1e-15 * expected.abs();
            let equal = value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan();
            assert!(equal || near, "{x:e}^{y:e} = {value:e} for {expected:e}");
            let (x, y) = (x as f32, y as f32);
            let (value, expected) = (single::pow(x, y), libm::pow(x.into(), y.into()) as f32);
            let near = expected != 0.0 && (value - expected).abs() <= 2e-7 * expected.abs();
            let equal = value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan();
            assert!(equal || near, "{x:e}^{y:e} = {value:e} for {expected:e}");
        }
    }
}
