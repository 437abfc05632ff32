//! The fused kernels against Burn's autodiff, for every kind of network and every device that is compiled in.

use super::gradient::{Case, variations};
use crate::network::Source;
use crate::network::burn::{Autodiff, device};
use crate::plan::Device;
use crate::simulate::Parts;

#[test]
fn gradients_agree_with_autodiff_on_every_device() {
    let devices: &[Device] = if cfg!(feature = "ndarray") { &[Device::Flex, Device::Ndarray] } else { &[Device::Flex] };
    for (name, plan, graph) in variations() {
        let mut case = Case::new(&name, &plan, graph);
        let data = case.data.clone();
        let source = Source::trajectories(&data);
        let (fused_loss, fused) = case.fused.gradient(&source, &case.rows, &case.disturb);
        let weights = case.fused.weights().to_flat();
        for &kind in devices {
            let device = device(kind).expect("it is compiled in");
            let factors = case.fused.factors();
            let autodiff = Autodiff { design: &case.design, scaling: &case.scaling, factors, device: &device };
            let (loss, gradient) = autodiff.gradient(&weights, &source, &case.rows, &case.disturb);
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-5 * b.abs();
            assert!(close(fused_loss.prediction, loss.prediction), "{name}: {fused_loss:?} {loss:?} on {kind:?}");
            assert!(close(fused_loss.penalty, loss.penalty), "{name}: {fused_loss:?} {loss:?} on {kind:?}");
            let mut first = 0;
            for (layer, (inputs, outputs)) in case.design.layers().into_iter().enumerate() {
                let range = first..first + (inputs + 1) * outputs;
                let size =
                    |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
                let norm = size(&mut gradient[range.clone()].iter().map(|&g| g as f64));
                let pairs = gradient[range.clone()].iter().zip(&fused[range.clone()]);
                let apart = size(&mut pairs.map(|(&a, &b)| a as f64 - b as f64));
                assert!(apart <= 1e-5 * norm, "{name}, layer {layer} on {kind:?}: {apart} of {norm}");
                first = range.end;
            }
        }
    }
}

#[test]
fn training_on_flex_follows_the_fused_kernels() {
    let train = |device| {
        let mut plan = super::plan();
        (plan.device, plan.clip) = (device, 5.0);
        let parts = Parts::new([(0..64).collect(), (64..80).collect(), (80..96).collect()], vec![]);
        crate::network::train(&plan, super::complete(), &super::springs(6, 16, 4), &parts, &crate::base::Silent)
            .unwrap()
    };
    let (fused, flex) = (train(Device::Cpu), train(Device::Flex));
    assert_eq!(fused.facts.steps, flex.facts.steps);
    let (one, other) = (fused.facts.test, flex.facts.test);
    assert!((one - other).abs() < 1e-3 * one, "{one} {other}");
}
