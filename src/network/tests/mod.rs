//! Mechanics of the network room: gradients against a plain reference, equal bits, resuming, bad input.

#[cfg(feature = "burn")]
mod autodiff;
mod facade;
mod gradient;
mod reference;

use crate::base::Seed;
use crate::network::Graph;
use crate::plan::*;
use crate::simulate::{Numbers, Trajectories};
use std::collections::BTreeSet;

/// A small training with every field at a plain value.
pub fn plan() -> TrainPlan {
    let attribute = |name: &str| Feature::Attribute(name.into());
    TrainPlan {
        data: "motion".into(),
        network: NetworkPlan {
            predict: Predict::Acceleration,
            sees: vec![Feature::Position, Feature::Velocity, attribute("charge"), attribute("mass")],
            learns: vec![],
            edge: vec![19, 17],
            node: NodeModel::Mlp(vec![18, 21]),
            message: 5,
            combine: Combine::Sum,
            activation: Activation::Silu,
            bias: BTreeSet::from([Bias::Translation]),
            dynamics: Dynamics::Direct,
        },
        prior: PriorPlan { messages: MessagePrior::None, weights_l2: 0.0, third_law: 0.0 },
        epochs: 2,
        batch: 16,
        optimizer: Optimizer::Adam,
        rate: 1e-3,
        augment: 0.0,
        loss: Loss::Mae,
        clip: 0.0,
        stop: 0,
        seed: 3,
        seeds: 1,
        precision: Precision::F32,
        device: Device::Cpu,
    }
}

/// Runs of springs whose times are independent draws: exact accelerations of (r - 1)² between all pairs.
pub fn springs(runs: usize, times: usize, particles: usize) -> Trajectories {
    let space = 2;
    let mut stream = Seed::root(11).stream();
    let mut data = Trajectories {
        runs,
        times: (0..times).map(|t| t as f64).collect(),
        particles,
        space,
        attributes: vec!["mass".into(), "charge".into()],
        position: Numbers::default(),
        velocity: Numbers::default(),
        acceleration: Numbers::default(),
        attribute: vec![],
        drift: vec![f64::NAN; runs],
        dropped: 0,
        ..Trajectories::default()
    };
    let (mut positions, mut velocities, mut accelerations) = (vec![], vec![], vec![]);
    for _ in 0..runs {
        let masses: Vec<f64> = (0..particles).map(|_| libm::exp(stream.normal())).collect();
        data.attribute.extend(masses.iter().flat_map(|&mass| [mass, stream.normal()]));
        for _ in 0..times {
            let position: Vec<f64> = (0..particles * space).map(|_| stream.normal()).collect();
            for (i, mass) in masses.iter().enumerate() {
                for k in 0..space {
                    let pull = |j: usize| {
                        let apart = |k: usize| position[j * space + k] - position[i * space + k];
                        let r = (0..space).map(|k| apart(k).powi(2)).sum::<f64>().sqrt();
                        2.0 * (r - 1.0) * apart(k) / r
                    };
                    accelerations.push((0..particles).filter(|&j| j != i).map(pull).sum::<f64>() / mass);
                }
            }
            velocities.extend((0..particles * space).map(|_| stream.normal()));
            positions.extend(position);
        }
    }
    (data.position, data.velocity, data.acceleration) = (positions.into(), velocities.into(), accelerations.into());
    data
}

/// All pairs.
pub fn complete() -> Graph {
    Graph::complete()
}
