//! The same network by Burn's autodiff: the second opinion on the fused kernels' gradients, and the way to other devices.
//! Burn is known in this folder only. Its global random state is never used: weights, order and noise come from our streams.

mod forward;

use super::batch::{Batch, Choice, Disturb, Source};
use super::design::Design;
use super::fused::StepLoss;
use super::scaling::Scaling;
use crate::plan;
use ::burn::tensor::{Device, Tensor, TensorData};
use forward::{Inputs, Layer, losses};

/// A network to be differentiated by Burn.
pub struct Autodiff<'a> {
    /// Sizes and forms.
    pub design: &'a Design,
    /// Units.
    pub scaling: &'a Scaling,
    /// What each message component is multiplied by.
    pub factors: &'a [f32],
    /// Where it runs.
    pub device: &'a Device,
}

/// The Burn device of a plan's device; none where it is not compiled in or is not one of Burn's.
pub fn device(device: plan::Device) -> Option<Device> {
    match device {
        plan::Device::Cpu => None,
        plan::Device::Flex => Some(Device::flex().autodiff()),
        #[cfg(feature = "ndarray")]
        #[allow(deprecated)] // Upstream prefers flex; ndarray is kept as a second opinion.
        plan::Device::Ndarray => Some(Device::ndarray().autodiff()),
        #[cfg(not(feature = "ndarray"))]
        plan::Device::Ndarray => None,
    }
}

impl Autodiff<'_> {
    /// Loss and gradient on the configurations `rows` for weights in plain order; the gradient is in the same order.
    pub fn gradient(
        &self,
        weights: &[f32],
        source: &Source,
        rows: &[usize],
        disturb: &Disturb,
    ) -> (StepLoss, Vec<f32>) {
        let mut batch = Batch::default();
        let receivers: Vec<usize> = (0..source.particles()).collect();
        batch.gather(self.design, self.scaling, source, Choice { rows, receivers: &receivers, disturb, first: 0 });
        let layers = self.layers(weights);
        let inputs = Inputs::new(self.design, self.scaling, self.factors, &batch, self.device);
        let (prediction, penalty) = losses(self.design, &layers, &inputs);
        let loss = StepLoss { prediction: number(&prediction), penalty: number(&penalty) };
        let gradients = (prediction + penalty).backward();
        let mut flat = Vec::with_capacity(weights.len());
        for (layer, (inputs, outputs)) in layers.iter().zip(self.design.layers()) {
            match layer.weights.grad(&gradients) {
                Some(gradient) => flat.extend(numbers(gradient)),
                None => flat.resize(flat.len() + inputs * outputs, 0.0),
            }
            match layer.bias.grad(&gradients) {
                Some(gradient) => flat.extend(numbers(gradient)),
                None => flat.resize(flat.len() + outputs, 0.0),
            }
        }
        (loss, flat)
    }

    fn layers(&self, weights: &[f32]) -> Vec<Layer> {
        let mut rest = weights;
        let mut take = |shape: [usize; 2]| {
            let (own, after) = rest.split_at(shape[0] * shape[1]);
            rest = after;
            Tensor::<2>::from_data(TensorData::new(own.to_vec(), shape), self.device).require_grad()
        };
        let shapes = self.design.layers().into_iter();
        shapes.map(|(inputs, outputs)| Layer { weights: take([inputs, outputs]), bias: take([1, outputs]) }).collect()
    }
}

fn number(tensor: &Tensor<1>) -> f64 {
    tensor.clone().into_scalar::<f32>() as f64
}

fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_into_vec::<f32>().expect("weights are f32")
}
