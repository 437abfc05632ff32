//! The fused kernels against finite differences of the reference, for every kind of network.

use super::{plan, reference, springs};
use crate::base::Seed;
use crate::network::fused::Fused;
use crate::network::fused::weights::Weights;
use crate::network::{Batch, Choice, Design, DesignError, Disturb, Graph, Scaling, Source};
use crate::plan::*;
use crate::simulate::Trajectories;

/// Every variation of a plan that changes the computation, named.
pub fn variations() -> Vec<(String, TrainPlan, Graph)> {
    let mut all = vec![];
    let activations = [Activation::Silu, Activation::Relu, Activation::Softplus, Activation::Tanh];
    let nodes = [NodeModel::Mlp(vec![18, 21]), NodeModel::Newton, NodeModel::None];
    let biases: [&[Bias]; 6] = [
        &[],
        &[Bias::Translation],
        &[Bias::Translation, Bias::Superposition],
        &[Bias::Translation, Bias::ThirdLaw],
        &[Bias::Rotation, Bias::Superposition],
        &[Bias::Rotation, Bias::ThirdLaw],
    ];
    let priors = [MessagePrior::None, MessagePrior::L1(0.1), MessagePrior::Kl(0.3), MessagePrior::Width(2)];
    let combines = [Combine::Sum, Combine::Mean, Combine::Max];
    for (n, node) in nodes.iter().enumerate() {
        for (b, bias) in biases.iter().enumerate() {
            for (p, prior) in priors.iter().enumerate() {
                for (c, combine) in combines.iter().enumerate() {
                    let mut plan = plan();
                    plan.network.node = node.clone();
                    plan.network.bias = bias.iter().copied().collect();
                    plan.network.combine = *combine;
                    plan.network.activation = activations[(n + b + p + c) % activations.len()];
                    plan.network.message = if matches!(node, NodeModel::Mlp(_)) { 5 + 15 * (p % 2) } else { 2 };
                    if bias.contains(&Bias::Rotation) {
                        plan.network.message = plan.network.message.next_multiple_of(2);
                    }
                    plan.prior.messages = *prior;
                    plan.prior.third_law = if (b + c) % 2 == 0 { 0.2 } else { 0.0 };
                    plan.loss = [Loss::Mae, Loss::Mse, Loss::Huber(0.5), Loss::Relative][(n + b + c) % 4];
                    let links = [Links::All, Links::Chain, Links::Ring, Links::Within(1.5)][(n + p + c) % 4];
                    let graph = Graph { links, boundary: Boundary::Open };
                    if let Err(DesignError::Conflict { .. }) =
                        Design::new(&plan, graph, 2, &["mass".into(), "charge".into()])
                    {
                        continue;
                    }
                    all.push((format!("{node:?} {bias:?} {prior:?} {combine:?} {links:?}"), plan, graph));
                }
            }
        }
    }
    for (a, activation) in activations.iter().enumerate() {
        for (b, bias) in [&[][..], &[Bias::Translation]].iter().enumerate() {
            for prior in [MessagePrior::None, MessagePrior::L1(0.1)] {
                let mut plan = plan();
                plan.network.dynamics = Dynamics::Hamiltonian;
                plan.network.message = 1;
                plan.network.node = nodes[0].clone();
                plan.network.bias = bias.iter().copied().collect();
                plan.network.activation = *activation;
                plan.prior.messages = prior;
                plan.loss = [Loss::Mae, Loss::Mse, Loss::Huber(0.5), Loss::Relative][(a + b) % 4];
                let links = [Links::All, Links::Chain, Links::Ring, Links::Within(1.5)][a];
                let graph = Graph { links, boundary: Boundary::Open };
                all.push((format!("hamiltonian {activation:?} {bias:?} {prior:?} {links:?}"), plan, graph));
            }
        }
    }
    assert!(all.len() > 150, "{}", all.len());
    all
}

/// A network on a handful of rows.
pub struct Case {
    /// Where its rows come from.
    pub data: Trajectories,
    /// Its rows.
    pub rows: Vec<usize>,
    /// Its design.
    pub design: Design,
    /// Its scaling.
    pub scaling: Scaling,
    /// Its shift and noise.
    pub disturb: Disturb,
    active: Vec<bool>,
    /// The kernels with its weights.
    pub fused: Fused,
}

impl Case {
    /// The network of a plan; one component of fixed node functions is pruned.
    pub fn new(name: &str, plan: &TrainPlan, graph: Graph) -> Case {
        let data = springs(1, 7, 4);
        let rows: Vec<usize> = (0..7).collect();
        let design = Design::new(plan, graph, data.space, &data.attributes).expect(name);
        let scaling = Scaling::measure(&design, &data.snapshots(&rows), 0.0);
        let mut active = vec![true; design.message];
        if let Some(second) = active.get_mut(1) {
            *second = matches!(plan.network.node, NodeModel::Mlp(_));
        }
        let mut fused = Fused::new(&design, &scaling, Weights::draw(&design.layers(), Seed::root(5)));
        fused.set_active(&active);
        let disturb = Disturb { shift: vec![0.3, -0.2], noise: Some(Seed::root(8)) };
        Case { data, rows, design, scaling, disturb, active, fused }
    }
}

#[test]
fn gradients_agree_with_finite_differences_of_the_reference() {
    for (name, plan, graph) in variations() {
        let mut case = Case::new(&name, &plan, graph);
        let data = case.data.clone();
        let source = Source::trajectories(&data);
        let flat: Vec<f64> = case.fused.weights().to_flat().iter().map(|&w| w as f64).collect();
        let (loss, gradient) = case.fused.gradient(&source, &case.rows, &case.disturb);
        let Case { design, scaling, disturb, active, .. } = &case;
        let mut batch = Batch::default();
        let choice = Choice { rows: &case.rows, receivers: &[0, 1, 2, 3], disturb, first: 0 };
        batch.gather(design, scaling, &source, choice);
        let of = |weights: &[f64]| reference::loss(design, scaling, active, weights, &batch);
        let (got, want) = (loss.prediction + loss.penalty, of(&flat));
        assert!((got - want).abs() < 1e-5 * want, "{name}: loss {got}, not {want}");
        let mut first = 0;
        for (layer, (inputs, outputs)) in design.layers().into_iter().enumerate() {
            let last = first + (inputs + 1) * outputs;
            let mut stream = Seed::root(layer as u64).stream();
            let direction: Vec<f64> =
                (0..flat.len()).map(|k| if (first..last).contains(&k) { stream.normal() } else { 0.0 }).collect();
            let size = 1e-6;
            let along = |by: f64| flat.iter().zip(&direction).map(|(w, d)| w + by * d).collect::<Vec<_>>();
            let want = (of(&along(size)) - of(&along(-size))) / (2.0 * size);
            let got: f64 = gradient.iter().zip(&direction).map(|(&g, d)| g as f64 * d).sum();
            let norm = gradient[first..last].iter().map(|&g| (g as f64).powi(2)).sum::<f64>().sqrt();
            assert!(
                (got - want).abs() < 1e-4 * (norm + want.abs()),
                "{name}, layer {layer}: {got}, not {want} ({norm})"
            );
            first = last;
        }
    }
}

#[test]
fn slopes_of_what_is_learned_agree_with_finite_differences_of_the_reference() {
    let mut tested = 0;
    for (name, mut plan, graph) in variations() {
        (plan.loss, plan.network.activation) = (Loss::Mse, Activation::Silu);
        plan.network.learns = vec!["mass".into(), "charge".into()];
        let names = ["mass".into(), "charge".into()];
        if Design::new(&plan, graph, 2, &names).is_err() {
            assert_eq!(plan.network.dynamics, Dynamics::Hamiltonian, "{name}");
            continue;
        }
        tested += 1;
        let mut case = Case::new(&name, &plan, graph);
        case.fused.gradient(&Source::trajectories(&case.data), &case.rows, &case.disturb);
        let slopes = case.fused.learned_slopes();
        let Case { data, rows, design, scaling, disturb, active, fused } = &case;
        let flat: Vec<f64> = fused.weights().to_flat().iter().map(|&w| w as f64).collect();
        let of = |data: &Trajectories| {
            let mut batch = Batch::default();
            let choice = Choice { rows, receivers: &[0, 1, 2, 3], disturb, first: 0 };
            batch.gather(design, scaling, &Source::trajectories(data), choice);
            reference::loss(design, scaling, active, &flat, &batch)
        };
        let norm = slopes.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
        for (at, got) in slopes.iter().enumerate() {
            let moved = |by: f64| {
                let mut data = data.clone();
                let value = &mut data.attribute[at];
                *value = if at % 2 == 0 { *value * libm::exp(by) } else { *value + by };
                of(&data)
            };
            let want = (moved(0.01) - moved(-0.01)) / 0.02;
            assert!((got - want).abs() < 2e-3 * (norm + want.abs()), "{name}, {at}: {got}, not {want} ({norm})");
        }
    }
    assert!(tested > 100, "{tested}");
}

#[test]
fn threads_and_shards_change_no_bit() {
    let data = springs(4, 25, 4);
    let rows: Vec<usize> = (0..100).collect();
    for messages in [MessagePrior::L1(0.1), MessagePrior::Kl(1.0)] {
        let mut plan = plan();
        plan.prior.messages = messages;
        plan.network.learns = vec!["mass".into()];
        let design = Design::new(&plan, Graph::complete(), 2, &data.attributes).unwrap();
        let scaling = Scaling::measure(&design, &data.snapshots(&rows), 0.0);
        let gradients: Vec<_> = [1, 2, 3, 7]
            .into_iter()
            .map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let mut fused = Fused::new(&design, &scaling, Weights::draw(&design.layers(), Seed::root(5)));
                let disturb = Disturb { shift: vec![], noise: Some(Seed::root(1)) };
                let gradient = pool.install(|| fused.gradient(&Source::trajectories(&data), &rows, &disturb));
                (gradient, fused.learned_slopes())
            })
            .collect();
        assert!(gradients.iter().all(|other| *other == gradients[0]));
    }
}
