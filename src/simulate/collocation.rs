//! Collocation at Lobatto points for x'' = a(x, x'): the acceleration of a step is the polynomial through its values
//! at `N` nodes, both ends included, and position and velocity are its exact integrals. Of order 2N - 2 at the end of
//! a step and N + 1 (velocity) within it; symmetric in time. See Hairer, Lubich and Wanner, Geometric Numerical
//! Integration, II.1 (Lobatto IIIA). The coefficients are computed, not typed in.
//!
//! A polynomial is kept as coefficients of powers of u in [-1, 1], u = 2 τ - 1, where τ in [0, 1] is the share of
//! the step: well-conditioned for the few nodes used here (at most about 12).

#![allow(clippy::needless_range_loop)] // rows and columns of small matrices

/// The coefficients of the method with `N` nodes.
#[derive(Clone, Debug)]
pub struct Collocation<const N: usize> {
    /// Nodes as shares of the step; the first is 0, the last 1.
    pub nodes: [f64; N],
    /// `to_position[n][k]`: what the acceleration at node k adds to the position at node n, times step².
    pub to_position: [[f64; N]; N],
    /// `to_velocity[n][k]`: what it adds to the velocity, times step.
    pub to_velocity: [[f64; N]; N],
    /// `series[p][k]`: what it adds to the coefficient of u^p.
    pub series: [[f64; N]; N],
}

impl<const N: usize> Collocation<N> {
    /// Computes the coefficients; `N` is at least 2.
    pub fn new() -> Collocation<N> {
        let u = lobatto::<N>();
        let rule = gauss(N + 1);
        let lagrange =
            |k: usize, x: f64| -> f64 { (0..N).filter(|&j| j != k).map(|j| (x - u[j]) / (u[k] - u[j])).product() };
        let mut table = Collocation {
            nodes: u.map(|u| 0.5 * (u + 1.0)),
            to_position: [[0.0; N]; N],
            to_velocity: [[0.0; N]; N],
            series: [[0.0; N]; N],
        };
        for n in 0..N {
            // The integrals from -1 to u[n] over τ = (u + 1) / 2, exactly, by a Gauss rule.
            let half = 0.5 * (u[n] + 1.0);
            for k in 0..N {
                for &(x, weight) in &rule {
                    let at = (x + 1.0) * half - 1.0;
                    let value = 0.5 * half * weight * lagrange(k, at);
                    table.to_velocity[n][k] += value;
                    table.to_position[n][k] += 0.5 * (u[n] - at) * value;
                }
            }
        }
        for k in 0..N {
            let mut coefficients = [0.0; N];
            coefficients[0] = 1.0;
            for j in (0..N).filter(|&j| j != k) {
                for p in (0..N).rev() {
                    let below = if p > 0 { coefficients[p - 1] } else { 0.0 };
                    coefficients[p] = (below - u[j] * coefficients[p]) / (u[k] - u[j]);
                }
            }
            for p in 0..N {
                table.series[p][k] = coefficients[p];
            }
        }
        // For exact quadrature the end's own acceleration does not move the end's position.
        table.to_position[N - 1][N - 1] = 0.0;
        table
    }
}

/// Legendre polynomial of degree n at x inside (-1, 1), and its derivative.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 2..=n {
        let next = ((2 * k - 1) as f64 * x * value - (k - 1) as f64 * before) / k as f64;
        before = value;
        value = next;
    }
    (value, n as f64 * (x * value - before) / (x * x - 1.0))
}

/// The `N` Lobatto points on [-1, 1]: the ends and the extrema of the Legendre polynomial of degree N - 1.
fn lobatto<const N: usize>() -> [f64; N] {
    let degree = N - 1;
    std::array::from_fn(|i| match i {
        0 => -1.0,
        i if i == degree => 1.0,
        i => {
            let mut x = -libm::cos(std::f64::consts::PI * i as f64 / degree as f64);
            for _ in 0..20 {
                let (value, slope) = legendre(degree, x);
                let curvature = (2.0 * x * slope - (degree * N) as f64 * value) / (1.0 - x * x);
                x -= slope / curvature;
            }
            x
        }
    })
}

/// Gauss's rule with n points on [-1, 1]: points and weights, n at least 2.
fn gauss(n: usize) -> Vec<(f64, f64)> {
    let point = |i: usize| {
        let mut x = -libm::cos(std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5));
        for _ in 0..20 {
            let (value, slope) = legendre(n, x);
            x -= value / slope;
        }
        let (_, slope) = legendre(n, x);
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..n).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::super::kernels::{self, Motion, Times};
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly() {
        let table = Collocation::<8>::new();
        for degree in 0..8 {
            let power = |x: f64, p: usize| x.powi(p as i32);
            for n in 0..8 {
                let sum = |row: &[f64; 8]| (0..8).map(|k| row[k] * power(table.nodes[k], degree)).sum::<f64>();
                let velocity = power(table.nodes[n], degree + 1) / (degree + 1) as f64;
                let position = velocity * table.nodes[n] / (degree + 2) as f64;
                assert!((sum(&table.to_velocity[n]) - velocity).abs() < 2e-15, "velocity {degree} {n}");
                assert!((sum(&table.to_position[n]) - position).abs() < 2e-15, "position {degree} {n}");
            }
            let coefficient =
                |p: usize| (0..8).map(|k| table.series[p][k] * power(table.nodes[k], degree)).sum::<f64>();
            let mut times = Times::<8>::new();
            times.shares = vec![0.0, 0.3, 1.0];
            kernels::weigh(&mut times);
            let mut motion = Motion { step: 1.0, values: vec![0.0; 3] };
            motion.values.extend((0..8).map(coefficient));
            let (mut position, mut velocity) = ([0.0; 3], [0.0; 3]);
            kernels::between(&motion, &times, 0..3, &mut position, &mut velocity);
            for (row, &share) in times.shares.iter().enumerate() {
                let exact = power(share, degree + 1) / (degree + 1) as f64;
                assert!((velocity[row] - exact).abs() < 1e-14, "{degree} {share}");
                assert!((position[row] - exact * share / (degree + 2) as f64).abs() < 1e-14, "{degree} {share}");
            }
        }
    }
}
