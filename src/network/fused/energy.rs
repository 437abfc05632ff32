//! An energy, given by a stack of dense layers with one output, its slope by the first inputs, and the derivatives of a
//! loss of that slope by all weights.
//!
//! With z_l = a_{l-1} W_l + b_l, a_l = σ(z_l), the slope goes down the layers: δ_l = u_l σ'(z_l), u_l = δ_{l+1} W_{l+1}ᵀ,
//! ∂E/∂a_0 = δ_1 W_1ᵀ. A loss of the slope goes up again, t_0 being its derivative by the slope: v_l = t_{l-1} W_l,
//! t_l = v_l σ'(z_l), and gives σ'(z_l) the error v_l u_l; these go down once more as errors of z. A weight's gradient is
//! a_{l-1}ᵀ z̄_l + t_{l-1}ᵀ δ_l.

use super::activation::{activate, curve, multiply_add, scale_by};
use super::panels::{Lane, Panels};
use super::product::multiply;
use super::weights::{Transposed, Weights};
use crate::plan::Activation;
use std::ops::Range;

/// Workspace over the rows of one shard. Keeps its memory between batches.
#[derive(Clone, Debug, Default)]
pub struct Energy {
    /// a_0.
    pub input: Panels,
    /// ∂E/∂a_0, as many columns as were asked for.
    pub slope: Panels,
    /// t_0: derivatives of the loss by the slope, as wide as the input; to be filled before [`Energy::backward`].
    pub slope_delta: Panels,
    /// z̄_l, the last of which is to be filled before [`Energy::backward`].
    pub deltas: Vec<Panels>,
    values: Vec<Panels>,
    sums: Vec<Panels>,
    slopes: Vec<Panels>,
    inner: Vec<Panels>,
    above: Vec<Panels>,
    tangents: Vec<Panels>,
    curvature: Panels,
}

impl Energy {
    /// Computes energies from `input` through the layers `which`, and their slopes by the first `columns` inputs.
    pub fn forward(
        &mut self,
        weights: &Weights,
        transposed: &Transposed,
        which: Range<usize>,
        activation: Activation,
        columns: usize,
    ) {
        let depth = which.len();
        for list in [&mut self.values, &mut self.inner, &mut self.deltas] {
            list.resize_with(depth, Panels::default);
        }
        for list in [&mut self.sums, &mut self.slopes, &mut self.above, &mut self.tangents] {
            list.resize_with(depth - 1, Panels::default);
        }
        for (k, layer) in which.clone().enumerate() {
            let (below, above) = self.values.split_at_mut(k);
            let input = below.last().unwrap_or(&self.input);
            let out = &mut above[0];
            out.reshape(input.rows(), weights.layers()[layer].outputs);
            multiply(input, weights.right(layer), Some(weights.bias(layer)), out);
            if k + 1 < depth {
                self.sums[k].clone_from(out);
                activate(activation, out, &mut self.slopes[k]);
            }
        }
        let rows = self.input.rows();
        let last = &mut self.inner[depth - 1];
        last.reshape(rows, 1);
        last.fill(0.0);
        (0..rows).for_each(|row| *last.at_mut(row, 0) = 1.0);
        for k in (1..depth).rev() {
            let above = &mut self.above[k - 1];
            above.reshape(rows, self.values[k - 1].columns());
            multiply(&self.inner[k], transposed.right(&weights.layers()[which.start + k]), None, above);
            self.inner[k - 1].clone_from(above);
            scale_by(&mut self.inner[k - 1], &self.slopes[k - 1]);
        }
        self.slope.reshape(rows, columns);
        multiply(&self.inner[0], transposed.right(&weights.layers()[which.start]), None, &mut self.slope);
    }

    /// The energies, [rows, 1].
    pub fn output(&self) -> &Panels {
        self.values.last().expect("a stack has at least one layer")
    }

    /// Fills the errors of all layers from `slope_delta` and the last of `deltas`.
    pub fn backward(
        &mut self,
        weights: &Weights,
        transposed: &Transposed,
        which: Range<usize>,
        activation: Activation,
    ) {
        let (rows, depth) = (self.input.rows(), which.len());
        for k in 0..depth - 1 {
            let (below, rest) = self.tangents.split_at_mut(k);
            let tangent = &mut rest[0];
            tangent.reshape(rows, self.values[k].columns());
            multiply(below.last().unwrap_or(&self.slope_delta), weights.right(which.start + k), None, tangent);
            // v_l u_l is kept where u_l was; t_l where v_l was.
            scale_by(&mut self.above[k], tangent);
            scale_by(tangent, &self.slopes[k]);
        }
        for k in (1..depth).rev() {
            let (below, above) = self.deltas.split_at_mut(k);
            let delta = &mut below[k - 1];
            delta.reshape(rows, self.values[k - 1].columns());
            multiply(&above[0], transposed.right(&weights.layers()[which.start + k]), None, delta);
            scale_by(delta, &self.slopes[k - 1]);
            curve(activation, &self.sums[k - 1], &mut self.curvature);
            multiply_add(delta, &self.above[k - 1], &self.curvature);
        }
    }

    /// The pairs of (inputs, errors) whose products add up to the gradient of a layer's weights; biases take the errors of
    /// the first pair only.
    pub fn factors(&self, k: usize, panel: usize) -> [(&Panels, &[Lane]); 2] {
        let value = if k == 0 { &self.input } else { &self.values[k - 1] };
        let tangent = if k == 0 { &self.slope_delta } else { &self.tangents[k - 1] };
        [(value, self.deltas[k].panel(panel)), (tangent, self.inner[k].panel(panel))]
    }
}
