//! Weights of all layers in one arena, cut into chunks of one panel of outputs: the weights of sixteen outputs, then
//! their biases. Gradients, moments of Adam and transposed weights follow the same cuts, so a chunk is updated
//! on its own, on any thread, while it is in the cache.

use super::dispatch::vectorised;
use super::panels::{Lane, WIDTH, panels};
use super::product::Right;
use crate::base::Seed;

/// A dense layer's place in the arena.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    /// Inputs.
    pub inputs: usize,
    /// Outputs.
    pub outputs: usize,
    offset: usize,
    transposed: usize,
}

/// Sixteen outputs of a layer: the unit of work of an update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chunk {
    /// The layer.
    pub layer: usize,
    /// The panel of its outputs.
    pub panel: usize,
    /// Lanes in the arena: one for each input and one of biases.
    pub lanes: usize,
    /// Lanes of transposed weights.
    pub transposed: usize,
}

/// Weights of a stack of dense layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    layers: Vec<Layer>,
    chunks: Vec<Chunk>,
    lanes: Vec<Lane>,
}

impl Weights {
    /// Zero weights for layers of these (inputs, outputs).
    pub fn zeros(shapes: &[(usize, usize)]) -> Weights {
        let (mut offset, mut transposed) = (0, 0);
        let mut weights = Weights { layers: vec![], chunks: vec![], lanes: vec![] };
        for (layer, &(inputs, outputs)) in shapes.iter().enumerate() {
            weights.layers.push(Layer { inputs, outputs, offset, transposed });
            for panel in 0..panels(outputs) {
                let chunk = Chunk { layer, panel, lanes: inputs + 1, transposed: WIDTH * transposed_panels(inputs) };
                (offset, transposed) = (offset + chunk.lanes, transposed + chunk.transposed);
                weights.chunks.push(chunk);
            }
        }
        weights.lanes = vec![Lane::default(); offset];
        weights
    }

    /// Weights and biases uniform in ±1/√inputs, each layer from its own stream (LeCun's rule, as PyTorch's `Linear`).
    pub fn draw(shapes: &[(usize, usize)], seed: Seed) -> Weights {
        let mut flat = vec![];
        for (layer, &(inputs, outputs)) in shapes.iter().enumerate() {
            let mut stream = seed.nth(layer as u64).stream();
            let bound = 1.0 / (inputs.max(1) as f64).sqrt();
            flat.extend((0..(inputs + 1) * outputs).map(|_| ((2.0 * stream.uniform() - 1.0) * bound) as f32));
        }
        Weights::from_flat(shapes, &flat)
    }

    /// From the plain order: layer by layer, weights [inputs, outputs] row by row, then biases.
    pub fn from_flat(shapes: &[(usize, usize)], flat: &[f32]) -> Weights {
        let mut weights = Weights::zeros(shapes);
        let lanes = &mut weights.lanes;
        visit(&weights.layers, |index, lane, column| lanes[lane].0[column] = flat[index]);
        weights
    }

    /// In the plain order.
    pub fn to_flat(&self) -> Vec<f32> {
        flatten(&self.layers, &self.lanes)
    }

    /// All layers.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// All chunks, in the order of the arena.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// All chunks and the arena they cut.
    pub fn cut(&mut self) -> (&[Chunk], &mut [Lane]) {
        (&self.chunks, &mut self.lanes)
    }

    /// Weights of a layer as the right operand of its output.
    pub fn right(&self, layer: usize) -> Right<'_> {
        let Layer { inputs, offset, .. } = self.layers[layer];
        Right { lanes: &self.lanes[offset..], panel: inputs + 1, block: WIDTH }
    }

    /// Biases of a layer, one lane for each panel.
    pub fn bias(&self, layer: usize) -> Right<'_> {
        let Layer { inputs, offset, .. } = self.layers[layer];
        Right { lanes: &self.lanes[offset + inputs..], panel: inputs + 1, block: 0 }
    }

    /// Whether every weight is a finite number.
    pub fn all_finite(&self) -> bool {
        self.lanes.iter().all(|lane| lane.0.iter().all(|value| value.is_finite()))
    }
}

/// Calls `see(plain index, lane, column)` for every weight and bias.
fn visit(layers: &[Layer], mut see: impl FnMut(usize, usize, usize)) {
    let mut index = 0;
    for layer in layers {
        for row in 0..=layer.inputs {
            for output in 0..layer.outputs {
                see(index, layer.offset + output / WIDTH * (layer.inputs + 1) + row, output % WIDTH);
                index += 1;
            }
        }
    }
}

/// An arena in the plain order.
pub fn flatten(layers: &[Layer], lanes: &[Lane]) -> Vec<f32> {
    let mut flat = vec![];
    visit(layers, |_, lane, column| flat.push(lanes[lane].0[column]));
    flat
}

/// An arena from the plain order.
pub fn unflatten(layers: &[Layer], flat: &[f32], lanes: &mut [Lane]) {
    visit(layers, |index, lane, column| lanes[lane].0[column] = flat[index]);
}

/// Panels of a transposed layer, made odd so that blocks of inner indices fall into different cache sets.
fn transposed_panels(inputs: usize) -> usize {
    panels(inputs) | 1
}

/// Transposed weights: the right operand of an input gradient.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transposed {
    lanes: Vec<Lane>,
}

impl Transposed {
    /// Of these weights.
    pub fn of(weights: &Weights) -> Transposed {
        let mut transposed =
            Transposed { lanes: vec![Lane::default(); weights.chunks.iter().map(|c| c.transposed).sum()] };
        let (mut from, mut to) = (&weights.lanes[..], &mut transposed.lanes[..]);
        for chunk in &weights.chunks {
            let (head, tail) = from.split_at(chunk.lanes);
            let (target, rest) = to.split_at_mut(chunk.transposed);
            transpose(head, target);
            (from, to) = (tail, rest);
        }
        transposed
    }

    /// All lanes, cut as the chunks say.
    pub fn lanes_mut(&mut self) -> &mut [Lane] {
        &mut self.lanes
    }

    /// The transposed weights of a layer.
    pub fn right(&self, layer: &Layer) -> Right<'_> {
        let block = WIDTH * transposed_panels(layer.inputs);
        Right { lanes: &self.lanes[layer.transposed..], panel: WIDTH, block }
    }
}

/// Writes the weights of one chunk, its biases left out, as `[panel of inputs][output][input]`.
pub fn transpose(chunk: &[Lane], out: &mut [Lane]) {
    let inputs = chunk.len() - 1;
    for (block, out) in chunk[..inputs].chunks(WIDTH).zip(out.chunks_mut(WIDTH)) {
        for (row, lane) in block.iter().enumerate() {
            for (out, value) in out.iter_mut().zip(lane.0) {
                out.0[row] = value;
            }
        }
    }
}

/// One step of Adam (Kingma and Ba 2014) with the settings of the paper's code.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// Learning rate over the first moment's bias correction.
    rate: f32,
    /// One over the second moment's bias correction.
    second: f32,
    decay: f32,
    scale: f32,
}

impl Adam {
    /// Decay of the first moment.
    pub const BETA1: f64 = 0.9;
    /// Decay of the second moment.
    pub const BETA2: f64 = 0.999;

    /// Step number `step` (from 1) at this learning rate; `decay` times each weight is added to its gradient, which is
    /// first multiplied by `scale`.
    pub fn new(step: u64, rate: f64, decay: f64, scale: f64) -> Adam {
        let power = |beta: f64| libm::pow(beta, step as f64);
        Adam {
            rate: (rate / (1.0 - power(Adam::BETA1))) as f32,
            second: (1.0 / (1.0 - power(Adam::BETA2))) as f32,
            decay: decay as f32,
            scale: scale as f32,
        }
    }

    /// Moves weights against their gradient.
    pub fn apply(&self, weights: &mut [Lane], gradient: &[Lane], first: &mut [Lane], second: &mut [Lane]) {
        adam(self, weights, gradient, first, second);
    }
}

vectorised!(adam(step: &Adam, weights: &mut [Lane], gradient: &[Lane], first: &mut [Lane], second: &mut [Lane]) = adam_lanes);

#[inline(always)]
fn adam_lanes(step: &Adam, weights: &mut [Lane], gradient: &[Lane], first: &mut [Lane], second: &mut [Lane]) {
    const KEEP1: f32 = Adam::BETA1 as f32;
    const KEEP2: f32 = Adam::BETA2 as f32;
    for (((weights, gradient), first), second) in weights.iter_mut().zip(gradient).zip(first).zip(second) {
        for k in 0..WIDTH {
            let g = step.decay.mul_add(weights.0[k], step.scale * gradient.0[k]);
            let m = KEEP1.mul_add(first.0[k], (1.0 - KEEP1) * g);
            let v = KEEP2.mul_add(second.0[k], (1.0 - KEEP2) * (g * g));
            (first.0[k], second.0[k]) = (m, v);
            weights.0[k] -= step.rate * m / ((v * step.second).sqrt() + 1e-8);
        }
    }
}
