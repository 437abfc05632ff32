//! A stack of dense layers over the rows of one shard: what it computed on the way up, and errors on the way down.

use super::activation::{activate, scale_by};
use super::panels::Panels;
use super::product::multiply;
use super::weights::{Transposed, Weights};
use crate::plan::Activation;
use std::ops::Range;

/// Values, slopes and errors of a stack. Keeps its memory between batches.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// Inputs of the first layer.
    pub input: Panels,
    /// Outputs of each layer, after the non-linearity.
    pub values: Vec<Panels>,
    /// Derivatives of the loss by each layer's outputs before the non-linearity.
    pub deltas: Vec<Panels>,
    slopes: Vec<Panels>,
}

impl Stack {
    /// Fills `values` from `input` through the layers `which`; the last one is linear.
    pub fn forward(&mut self, weights: &Weights, which: Range<usize>, activation: Activation) {
        let depth = which.len();
        self.values.resize_with(depth, Panels::default);
        self.slopes.resize_with(depth - 1, Panels::default);
        for (k, layer) in which.enumerate() {
            let (below, above) = self.values.split_at_mut(k);
            let input = below.last().unwrap_or(&self.input);
            let out = &mut above[0];
            out.reshape(input.rows(), weights.layers()[layer].outputs);
            multiply(input, weights.right(layer), Some(weights.bias(layer)), out);
            if k + 1 < depth {
                activate(activation, out, &mut self.slopes[k]);
            }
        }
    }

    /// The outputs of the last layer.
    pub fn output(&self) -> &Panels {
        self.values.last().expect("a stack has at least one layer")
    }

    /// Makes room for the derivatives by the outputs of the last layer, to be filled before [`Stack::backward`].
    pub fn output_delta(&mut self) -> &mut Panels {
        let depth = self.values.len();
        self.deltas.resize_with(depth, Panels::default);
        let output = &self.values[depth - 1];
        self.deltas[depth - 1].reshape(output.rows(), output.columns());
        &mut self.deltas[depth - 1]
    }

    /// Fills the derivatives of all layers from those of the last one.
    pub fn backward(&mut self, weights: &Weights, transposed: &Transposed, which: Range<usize>) {
        for k in (1..which.len()).rev() {
            let (below, above) = self.deltas.split_at_mut(k);
            let delta = &mut below[k - 1];
            delta.reshape(self.values[k - 1].rows(), self.values[k - 1].columns());
            multiply(&above[0], transposed.right(&weights.layers()[which.start + k]), None, delta);
            scale_by(delta, &self.slopes[k - 1]);
        }
    }

    /// The derivatives by the first columns of the input, as many as `out` has; after [`Stack::backward`].
    pub fn input_delta(&self, weights: &Weights, transposed: &Transposed, first: usize, out: &mut Panels) {
        multiply(&self.deltas[0], transposed.right(&weights.layers()[first]), None, out);
    }

    /// The input of a layer.
    pub fn input_of(&self, k: usize) -> &Panels {
        if k == 0 { &self.input } else { &self.values[k - 1] }
    }
}
