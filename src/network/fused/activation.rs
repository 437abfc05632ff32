//! Non-linearities with their slopes over the lanes of a panel. The exponential is a polynomial of degree six after
//! reduction to |r| <= ln 2 / 2 (relative error below 2e-7; NaN stays NaN), plain code that vectorises.

use super::dispatch::vectorised;
use super::panels::{Lane, Panels, panels};
use crate::plan::Activation;

/// Replaces `values` by their images and writes the slopes there.
pub fn activate(activation: Activation, values: &mut Panels, slopes: &mut Panels) {
    slopes.reshape(values.rows(), values.columns());
    for panel in 0..panels(values.columns()) {
        let (values, slopes) = (values.panel_mut(panel), slopes.panel_mut(panel));
        match activation {
            Activation::Relu => relu(values, slopes),
            Activation::Silu => silu(values, slopes),
            Activation::Softplus => softplus(values, slopes),
            Activation::Tanh => tanh(values, slopes),
        }
    }
}

/// `deltas *= slopes`, element by element.
pub fn scale_by(deltas: &mut Panels, slopes: &Panels) {
    for panel in 0..panels(deltas.columns()) {
        multiply_lanes(deltas.panel_mut(panel), slopes.panel(panel));
    }
}

/// Writes the second derivatives at `sums`.
pub fn curve(activation: Activation, sums: &Panels, out: &mut Panels) {
    out.reshape(sums.rows(), sums.columns());
    for panel in 0..panels(sums.columns()) {
        let (sums, out) = (sums.panel(panel), out.panel_mut(panel));
        match activation {
            Activation::Relu => out.fill(Lane::default()),
            Activation::Silu => silu_curve(sums, out),
            Activation::Softplus => softplus_curve(sums, out),
            Activation::Tanh => tanh_curve(sums, out),
        }
    }
}

/// `deltas += a * b`, element by element.
pub fn multiply_add(deltas: &mut Panels, a: &Panels, b: &Panels) {
    for panel in 0..panels(deltas.columns()) {
        multiply_add_lanes(deltas.panel_mut(panel), a.panel(panel), b.panel(panel));
    }
}

vectorised!(silu_curve(sums: &[Lane], out: &mut [Lane]) = silu_curve_lanes);
vectorised!(softplus_curve(sums: &[Lane], out: &mut [Lane]) = softplus_curve_lanes);
vectorised!(tanh_curve(sums: &[Lane], out: &mut [Lane]) = tanh_curve_lanes);
vectorised!(multiply_add_lanes(values: &mut [Lane], a: &[Lane], b: &[Lane]) = multiply_add_body);
vectorised!(relu(values: &mut [Lane], slopes: &mut [Lane]) = relu_lanes);
vectorised!(silu(values: &mut [Lane], slopes: &mut [Lane]) = silu_lanes);
vectorised!(softplus(values: &mut [Lane], slopes: &mut [Lane]) = softplus_lanes);
vectorised!(tanh(values: &mut [Lane], slopes: &mut [Lane]) = tanh_lanes);
vectorised!(multiply_lanes(values: &mut [Lane], factors: &[Lane]) = multiply_body);

#[inline(always)]
fn multiply_body(values: &mut [Lane], factors: &[Lane]) {
    for (lane, factor) in values.iter_mut().zip(factors) {
        for (value, factor) in lane.0.iter_mut().zip(factor.0) {
            *value *= factor;
        }
    }
}

#[inline(always)]
fn multiply_add_body(values: &mut [Lane], a: &[Lane], b: &[Lane]) {
    for ((lane, a), b) in values.iter_mut().zip(a).zip(b) {
        for ((value, a), b) in lane.0.iter_mut().zip(a.0).zip(b.0) {
            *value = a.mul_add(b, *value);
        }
    }
}

#[inline(always)]
fn each_curve(sums: &[Lane], out: &mut [Lane], curvature: impl Fn(f32) -> f32) {
    for (sum, out) in sums.iter().zip(out) {
        for (x, out) in sum.0.iter().zip(&mut out.0) {
            *out = curvature(*x);
        }
    }
}

#[inline(always)]
fn silu_curve_lanes(sums: &[Lane], out: &mut [Lane]) {
    each_curve(sums, out, |x| {
        let p = logistic(x);
        p * (1.0 - p) * x.mul_add(1.0 - 2.0 * p, 2.0)
    });
}

#[inline(always)]
fn softplus_curve_lanes(sums: &[Lane], out: &mut [Lane]) {
    each_curve(sums, out, |x| {
        let p = logistic(x);
        p * (1.0 - p)
    });
}

#[inline(always)]
fn tanh_curve_lanes(sums: &[Lane], out: &mut [Lane]) {
    each_curve(sums, out, |x| {
        let image = 2.0 * logistic(2.0 * x) - 1.0;
        -2.0 * image * (1.0 - image * image)
    });
}

#[inline(always)]
fn each(values: &mut [Lane], slopes: &mut [Lane], image: impl Fn(f32) -> (f32, f32)) {
    for (lane, slope) in values.iter_mut().zip(slopes) {
        for (value, slope) in lane.0.iter_mut().zip(&mut slope.0) {
            (*value, *slope) = image(*value);
        }
    }
}

#[inline(always)]
fn relu_lanes(values: &mut [Lane], slopes: &mut [Lane]) {
    each(values, slopes, |x| (if x < 0.0 { 0.0 } else { x }, if x > 0.0 { 1.0 } else { 0.0 }));
}

#[inline(always)]
fn silu_lanes(values: &mut [Lane], slopes: &mut [Lane]) {
    each(values, slopes, |x| {
        let logistic = logistic(x);
        let image = x * logistic;
        (image, logistic + image * (1.0 - logistic))
    });
}

#[inline(always)]
fn softplus_lanes(values: &mut [Lane], slopes: &mut [Lane]) {
    each(values, slopes, |x| {
        let small = exponential(-x.abs());
        let positive = if x < 0.0 { 0.0 } else { x };
        (positive + log1p_unit(small), logistic(x))
    });
}

#[inline(always)]
fn tanh_lanes(values: &mut [Lane], slopes: &mut [Lane]) {
    each(values, slopes, |x| {
        let image = 2.0 * logistic(2.0 * x) - 1.0;
        (image, 1.0 - image * image)
    });
}

#[inline(always)]
fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + exponential(-x))
}

/// exp within the finite range of f32; saturates at its ends.
#[inline(always)]
pub fn exponential(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.3 { -87.3 } else { x };
    let x = if x > 88.3 { 88.3 } else { x };
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let whole = shifted - ROUND;
    let r = whole.mul_add(-LN2_LOW, whole.mul_add(-LN2_HIGH, x));
    let tail = r.mul_add(1.0 / 720.0, 1.0 / 120.0).mul_add(r, 1.0 / 24.0).mul_add(r, 1.0 / 6.0).mul_add(r, 0.5);
    let series = (tail * r).mul_add(r, r) + 1.0;
    let power = f32::from_bits(shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23);
    series * power
}

/// ln(1 + u) for u in [0, 1], by the series of atanh(u / (2 + u)).
#[inline(always)]
fn log1p_unit(u: f32) -> f32 {
    let s = u / (2.0 + u);
    let q = s * s;
    let series = q.mul_add(1.0 / 13.0, 1.0 / 11.0).mul_add(q, 1.0 / 9.0).mul_add(q, 1.0 / 7.0);
    let series = series.mul_add(q, 1.0 / 5.0).mul_add(q, 1.0 / 3.0);
    2.0 * (series * q).mul_add(s, s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activations_and_slopes_agree_with_double_precision() {
        let x: Vec<f32> =
            (0..4000).map(|i| (i as f32 - 2000.0) * 0.015).chain([0.0, -0.0, 1e-20, 90.0, -200.0]).collect();
        let sigma = |x: f64| 1.0 / (1.0 + (-x).exp());
        type Triple = (Activation, fn(f64, f64) -> (f64, f64, f64));
        let cases: [Triple; 4] = [
            (Activation::Relu, |x, _| (x.max(0.0), if x > 0.0 { 1.0 } else { 0.0 }, 0.0)),
            (Activation::Silu, |x, s| (x * s, s * (1.0 + x * (1.0 - s)), s * (1.0 - s) * (2.0 + x * (1.0 - 2.0 * s)))),
            (Activation::Softplus, |x, s| (x.max(0.0) + (-x.abs()).exp().ln_1p(), s, s * (1.0 - s))),
            (Activation::Tanh, |x, _| {
                let slope = 1.0 - x.tanh().powi(2);
                (x.tanh(), slope, -2.0 * x.tanh() * slope)
            }),
        ];
        for (activation, exact) in cases {
            let (mut values, mut slopes) = (Panels::default(), Panels::default());
            values.reshape(x.len(), 1);
            values.fill(0.0);
            for (row, &x) in x.iter().enumerate() {
                *values.at_mut(row, 0) = x;
            }
            let mut curves = Panels::default();
            curve(activation, &values, &mut curves);
            activate(activation, &mut values, &mut slopes);
            for (row, &x) in x.iter().enumerate() {
                let (value, slope, curvature) = exact(x as f64, sigma(x as f64));
                let close = |got: f32, want: f64| (got as f64 - want).abs() <= 1e-6 * want.abs().max(1.0);
                assert!(close(values.at(row, 0), value), "{activation:?}({x}) = {}, not {value}", values.at(row, 0));
                assert!(close(slopes.at(row, 0), slope), "{activation:?}'({x}) = {}, not {slope}", slopes.at(row, 0));
                assert!(close(curves.at(row, 0), curvature), "{activation:?}''({x}): {}", curves.at(row, 0));
            }
        }
    }

    #[test]
    fn not_a_number_is_not_hidden() {
        for activation in [Activation::Relu, Activation::Silu, Activation::Softplus, Activation::Tanh] {
            let (mut values, mut slopes) = (Panels::default(), Panels::default());
            values.reshape(1, 1);
            values.fill(f32::NAN);
            activate(activation, &mut values, &mut slopes);
            assert!(values.at(0, 0).is_nan(), "{activation:?}");
        }
    }
}
