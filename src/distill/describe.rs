//! How long a law is: bits for its structure, its constants and what it leaves unexplained (Rissanen 1978), and its
//! complexity by the costs of the operators.

use super::model::Model;
use super::scene::Scene;
use crate::expr::{Expr, Node};
use crate::plan::OperatorsPlan;

/// Relative residuals below this are not told apart: simulated accelerations carry rounding errors below it.
pub const RESOLUTION: f64 = 1e-9;

/// Bits of each node of a formula: which operator, which symbol.
const BITS_PER_NODE: f64 = 4.0;

/// Most receivers whose residuals are counted: beyond that residuals outweigh everything, whatever their number.
const COUNTED: f64 = 4000.0;

/// Bits of structure and constants. `spread` has the standard deviations of the model's free constants, where known.
pub fn formula_bits(model: &Model, spread: &[f64]) -> f64 {
    let mut bits = 0.0;
    for expr in std::iter::once(&model.pair).chain(&model.body) {
        bits += expr.size() as f64 * BITS_PER_NODE;
        expr.visit(&mut |e| {
            if let Node::Number(value) = e.node() {
                bits += number_bits(*value);
            }
        });
    }
    for (k, value) in model.values.iter().enumerate() {
        let precision = libm::log2(value.abs() / spread.get(k).copied().unwrap_or(0.0));
        bits += number_bits(*value).min(6.0 + if precision.is_finite() { precision.clamp(2.0, 46.0) } else { 46.0 });
    }
    bits
}

/// Bits of residuals of this mean relative size over the scene's receivers.
pub fn residual_bits(misfit: f64, scene: &Scene) -> f64 {
    if !misfit.is_finite() {
        return f64::INFINITY;
    }
    scene.space as f64 * (scene.receivers as f64).min(COUNTED) * libm::log2(1.0 + misfit / RESOLUTION)
}

/// Bits of a number: of numerator and denominator for simple fractions and short decimals, else 52.
pub fn number_bits(value: f64) -> f64 {
    let whole = |x: f64| 1.0 + 2.0 * libm::log2(1.0 + x.abs());
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 100.0, 1000.0, 1e4]
        .into_iter()
        .find(|q| (value * q).round() == value * q || ((value * q).round() / q) == value)
        .map_or(52.0, |q| (whole((value * q).round()) + 2.0 * libm::log2(q)).min(52.0))
}

/// Sum of the costs of operators, plus 1 for each constant and symbol.
pub fn complexity(expr: &Expr, operators: &OperatorsPlan) -> f64 {
    let own = match expr.node() {
        Node::Call(op, _) => {
            operators.allow.iter().find(|allowed| allowed.op == *op).map_or(1.0, |allowed| allowed.cost)
        }
        _ => 1.0,
    };
    own + expr.args().iter().map(|arg| complexity(arg, operators)).sum::<f64>()
}
