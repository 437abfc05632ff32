//! Optimiser steps per second of the fused kernels and their share of the machine's matrix-product peak, measured by the
//! `gemm` crate within the same second. The first case is the paper's network as its peers are measured: four bodies in two
//! dimensions, absolute positions with random shifts, 100 messages, 3 x 300 hidden units, L1, batches of 64.
//!
//! Product FLOPs only: output, weight gradient and input gradient of every layer, without the gradient of raw inputs.

use rayon::prelude::*;
use sdl::base::Seed;
use sdl::network::fused::weights::Weights;
use sdl::network::fused::{Fused, StepSettings};
use sdl::network::{Design, Disturb, Graph, Scaling, Source};
use sdl::plan::*;
use sdl::simulate::Snapshots;
use std::collections::BTreeSet;
use std::time::Instant;

fn main() {
    let paper = plan(vec![300; 3], Activation::Relu, &[]);
    let script = plan(vec![128; 3], Activation::Silu, &[Bias::Translation, Bias::Superposition]);
    let mut hamiltonian = plan(vec![300; 3], Activation::Softplus, &[]);
    (hamiltonian.network.dynamics, hamiltonian.network.message) = (Dynamics::Hamiltonian, 1);
    hamiltonian.prior.messages = MessagePrior::None;
    let cases = [
        ("paper_n4_2d_b64", &paper, 4, 2, 64),
        ("paper_n4_2d_b256", &paper, 4, 2, 256),
        ("paper_n4_2d_b1024", &paper, 4, 2, 1024),
        ("paper_n8_3d_b64", &paper, 8, 3, 64),
        ("script_n4_2d_b64", &script, 4, 2, 64),
        ("hamiltonian_n4_2d_b64", &hamiltonian, 4, 2, 64),
    ];
    for threads in [2, 1] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        for (name, plan, particles, space, batch) in cases {
            pool.install(|| measure(name, plan, particles, space, batch, threads));
        }
    }
}

fn measure(case: &str, plan: &TrainPlan, particles: usize, space: usize, batch: usize, threads: usize) {
    let design =
        Design::new(plan, Graph::complete(), space, &["charge".into(), "mass".into()]).expect("the plan is sound");
    let mut stream = Seed::root(1).stream();
    let mut normal = |count: usize| (0..count).map(|_| stream.normal()).collect::<Vec<f64>>();
    let vectors = batch * particles * space;
    let data = Snapshots {
        count: batch,
        particles,
        space,
        attributes: 2,
        position: normal(vectors),
        velocity: normal(vectors),
        attribute: normal(batch * particles * 2).iter().map(|value| value.exp()).collect(),
        acceleration: normal(vectors),
    };
    let scaling = Scaling::measure(&design, &data, 3.0);
    let rows: Vec<usize> = (0..batch).collect();
    let source = Source::snapshots(&data);
    let mut fused = Fused::new(&design, &scaling, Weights::draw(&design.layers(), Seed::root(2)));
    let flops = design.flops_per_step(batch * particles, batch * particles * (particles - 1));
    let disturb = Disturb { shift: vec![0.5; space], noise: None };
    let (mut times, mut peaks) = (vec![], vec![]);
    for round in 0..10 {
        peaks.push(product_rate(threads));
        for k in 0..(6e10 / flops) as u64 / 10 + 2 {
            let settings = StepSettings { step: 1000 * round + k + 1, rate: 1e-4, clip: 0.0 };
            let start = Instant::now();
            let loss = fused.step(&source, &rows, &disturb, settings);
            times.push(start.elapsed().as_secs_f64());
            assert!(loss.prediction.is_finite(), "training goes on");
        }
    }
    times.sort_by(f64::total_cmp);
    peaks.sort_by(|a, b| b.total_cmp(a));
    let rate = |seconds: f64| flops / seconds / 1e9;
    let (median, best) = (times[times.len() / 2], times[0]);
    let tell = |metric: &str, value: f64, unit: &str| {
        println!(
            r#"{{"bench":"train","case":"{case}","impl":"fused","threads":{threads},"metric":"{metric}","value":{value:.4},"unit":"{unit}"}}"#
        );
    };
    tell("work", flops / 1e9, "GFLOP/step");
    tell("steps", 1.0 / median, "1/s");
    tell("steps_best", 1.0 / best, "1/s");
    tell("peak", peaks[0], "GFLOP/s");
    tell("share_of_peak", rate(median) / peaks[0], "1");
    tell("share_median_of_median", rate(median) / peaks[peaks.len() / 2], "1");
    tell("share_best_of_best", rate(best) / peaks[0], "1");
}

/// GFLOP/s of a 2048³ product of the `gemm` crate, its rows divided over the threads.
fn product_rate(threads: usize) -> f64 {
    const SIZE: usize = 2048;
    let (a, b) = (vec![0.5f32; SIZE * SIZE], vec![0.5f32; SIZE * SIZE]);
    let mut c = vec![0f32; SIZE * SIZE];
    let rows = SIZE / threads;
    let start = Instant::now();
    c.par_chunks_mut(rows * SIZE).zip(a.par_chunks(rows * SIZE)).for_each(|(c, a)| {
        let width = SIZE as isize;
        // SAFETY: a, b and c are row-major with rows of SIZE numbers, and as long as their extents say.
        unsafe {
            gemm::gemm(
                rows,
                SIZE,
                SIZE,
                c.as_mut_ptr(),
                1,
                width,
                false,
                a.as_ptr(),
                1,
                width,
                b.as_ptr(),
                1,
                width,
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    });
    2.0 * (SIZE as f64).powi(3) / start.elapsed().as_secs_f64() / 1e9
}

fn plan(hidden: Vec<usize>, activation: Activation, bias: &[Bias]) -> TrainPlan {
    let attribute = |name: &str| Feature::Attribute(name.into());
    TrainPlan {
        data: "motion".into(),
        network: NetworkPlan {
            predict: Predict::Acceleration,
            sees: vec![Feature::Position, Feature::Velocity, attribute("charge"), attribute("mass")],
            learns: vec![],
            edge: hidden.clone(),
            node: NodeModel::Mlp(hidden),
            message: 100,
            combine: Combine::Sum,
            activation,
            bias: bias.iter().copied().collect::<BTreeSet<_>>(),
            dynamics: Dynamics::Direct,
        },
        prior: PriorPlan { messages: MessagePrior::L1(0.01), weights_l2: 1e-8, third_law: 0.0 },
        epochs: 1,
        batch: 64,
        optimizer: Optimizer::Adam,
        rate: 1e-3,
        augment: 3.0,
        loss: Loss::Mae,
        clip: 0.0,
        stop: 0,
        seed: 1,
        seeds: 1,
        precision: Precision::F32,
        device: Device::Cpu,
    }
}
