//! Where optimiser steps are computed: by the fused kernels, or along gradients of Burn.

use super::batch::{Disturb, Source};
use super::design::Design;
use super::fused::weights::Weights;
use super::fused::{Fused, StepLoss, StepSettings};
use super::scaling::Scaling;
use super::train::TrainError;
use crate::plan::Device;

/// A network in training on a device. Weights and the state of Adam are those of the fused kernels on any of them.
pub struct Descent {
    /// Weights, moments and kernels.
    pub fused: Fused,
    #[cfg(feature = "burn")]
    autodiff: Option<::burn::tensor::Device>,
    #[cfg(feature = "burn")]
    facts: (Design, Scaling),
}

impl Descent {
    /// A network with these weights on a device that is compiled in.
    pub fn new(device: Device, design: &Design, scaling: &Scaling, weights: Weights) -> Result<Descent, TrainError> {
        #[cfg(feature = "burn")]
        let autodiff = super::burn::device(device);
        #[cfg(feature = "burn")]
        let missing = device != Device::Cpu && autodiff.is_none();
        #[cfg(not(feature = "burn"))]
        let missing = device != Device::Cpu;
        if missing {
            let feature = if device == Device::Ndarray { "ndarray" } else { "burn" };
            return Err(TrainError::NoDevice { device, feature });
        }
        Ok(Descent {
            fused: Fused::new(design, scaling, weights),
            #[cfg(feature = "burn")]
            autodiff,
            #[cfg(feature = "burn")]
            facts: (design.clone(), scaling.clone()),
        })
    }

    /// One step on the configurations `rows`. Weights stay as they are where the loss is not finite.
    pub fn step(&mut self, source: &Source, rows: &[usize], disturb: &Disturb, settings: StepSettings) -> StepLoss {
        #[cfg(feature = "burn")]
        if let Some(device) = &self.autodiff {
            let (design, scaling) = &self.facts;
            let autodiff = super::burn::Autodiff { design, scaling, factors: self.fused.factors(), device };
            let (loss, gradient) = autodiff.gradient(&self.fused.weights().to_flat(), source, rows, disturb);
            if (loss.prediction + loss.penalty).is_finite() {
                self.fused.step_along(&gradient, settings);
            }
            return loss;
        }
        self.fused.step(source, rows, disturb, settings)
    }
}
