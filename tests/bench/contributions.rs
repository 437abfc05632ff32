//! Whether a network trained for a minute holds the pair accelerations: R² of the contribution of one sender to one
//! receiver against the law's own, on configurations the training did not see. Springs and, harder, inverse squares and
//! charges with close encounters; widths and epochs of the example scripts.

use sdl::base::{Seed, Silent, Stream};
use sdl::network::{Graph, train};
use sdl::plan::*;
use sdl::simulate::{Numbers, Parts, Trajectories};
use std::collections::BTreeSet;
use std::time::Instant;

const PARTICLES: usize = 4;
const SPACE: usize = 2;

/// The acceleration of i due to j over their displacement, of (distance, masses, charges).
type Law = fn(f64, [f64; 2], [f64; 2]) -> f64;

fn main() {
    let laws: [(&str, Law); 3] = [
        ("spring", |r, mass, _| 2.0 * (r - 0.99) / r / mass[0]),
        ("inverse_square", |r, mass, _| mass[1] / (r + 0.01).powi(2) / r),
        ("charge", |r, mass, charge| -charge[0] * charge[1] / (r + 0.01).powi(2) / r / mass[0]),
    ];
    let chosen = std::env::var("SDL_BENCH_CASE").ok();
    for (name, law) in laws.into_iter().filter(|(name, _)| chosen.as_ref().is_none_or(|chosen| chosen == name)) {
        let data = draw(law, 700 + 150 + 150, 100, name);
        let rows = |runs: std::ops::Range<usize>| (runs.start * 100..runs.end * 100).collect();
        let parts = Parts::new([rows(0..700), rows(700..850), rows(850..1000)], vec![]);
        let start = Instant::now();
        let network = train(&plan(), Graph::complete(), &data, &parts, &Silent).expect("the plan is sound");
        let seconds = start.elapsed().as_secs_f64();
        let rows: Vec<usize> = (85_000..95_000).collect();
        let asked = data.snapshots(&rows);
        let start = Instant::now();
        let found = network.contributions(&asked, &[(0, 1)]);
        let queries = rows.len() as f64 / start.elapsed().as_secs_f64();
        let mut pairs: Vec<(f64, f64)> = vec![];
        let mut relative = vec![];
        for row in 0..rows.len() {
            let at = row * PARTICLES;
            let attribute = |k: usize| [asked.attribute[at * 2 + k], asked.attribute[at * 2 + 2 + k]];
            let apart = |k: usize| asked.position[(at + 1) * SPACE + k] - asked.position[at * SPACE + k];
            let r = apart(0).hypot(apart(1));
            let truth = [0, 1].map(|k| law(r, attribute(0), attribute(1)) * apart(k));
            let got = [found[row * SPACE], found[row * SPACE + 1]];
            relative.push((got[0] - truth[0]).hypot(got[1] - truth[1]) / truth[0].hypot(truth[1]));
            pairs.extend([(truth[0], got[0]), (truth[1], got[1])]);
        }
        relative.sort_by(f64::total_cmp);
        let tell = |metric: &str, value: f64, unit: &str| {
            let threads = rayon::current_num_threads();
            println!(
                r#"{{"bench":"contributions","case":"{name}","impl":"fused","threads":{threads},"metric":"{metric}","value":{value},"unit":"{unit}"}}"#
            );
        };
        tell("training", seconds, "s");
        tell("steps_per_second", network.facts.steps as f64 / seconds, "1/s");
        tell("test_loss", network.facts.test, "1");
        tell("predict_zero_loss", network.facts.baseline, "1");
        tell("r2", r2(&pairs), "1");
        tell("r2_trimmed", r2(&trimmed(&pairs)), "1");
        tell("median_relative_error", relative[relative.len() / 2], "1");
        tell("queries", queries, "1/s");
    }
}

fn plan() -> TrainPlan {
    let attribute = |name: &str| Feature::Attribute(name.into());
    let hidden = vec![128; 3];
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
            activation: Activation::Silu,
            bias: BTreeSet::from([Bias::Translation, Bias::Superposition]),
            dynamics: Dynamics::Direct,
        },
        prior: PriorPlan { messages: MessagePrior::L1(0.01), weights_l2: 1e-8, third_law: 0.0 },
        epochs: 15,
        batch: 64,
        optimizer: Optimizer::Adam,
        rate: 1e-3,
        augment: 0.0,
        loss: Loss::Mae,
        clip: 0.0,
        stop: 0,
        seed: 1,
        seeds: 1,
        precision: Precision::F32,
        device: Device::Cpu,
    }
}

/// Independent configurations: positions and velocities normal, masses log-normal, charges of both signs.
fn draw(law: Law, runs: usize, times: usize, name: &str) -> Trajectories {
    let mut stream = Seed::root(1).child(name).stream();
    let mut data = Trajectories {
        runs,
        times: (0..times).map(|time| time as f64).collect(),
        particles: PARTICLES,
        space: SPACE,
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
    let normal = |stream: &mut Stream| (0..PARTICLES * SPACE).map(|_| stream.normal()).collect::<Vec<f64>>();
    for _ in 0..runs {
        let bodies: Vec<[f64; 2]> = (0..PARTICLES).map(|_| [stream.normal().exp(), stream.normal().signum()]).collect();
        data.attribute.extend(bodies.concat());
        for _ in 0..times {
            let position = loop {
                let position = normal(&mut stream);
                if nearest(&position) > 0.05 {
                    break position;
                }
            };
            for i in 0..PARTICLES {
                let mut sum = [0.0; SPACE];
                for j in (0..PARTICLES).filter(|&j| j != i) {
                    let apart = [0, 1].map(|k| position[j * SPACE + k] - position[i * SPACE + k]);
                    let factor =
                        law(apart[0].hypot(apart[1]), [bodies[i][0], bodies[j][0]], [bodies[i][1], bodies[j][1]]);
                    sum = [sum[0] + factor * apart[0], sum[1] + factor * apart[1]];
                }
                accelerations.extend(sum);
            }
            velocities.extend(normal(&mut stream));
            positions.extend(position);
        }
    }
    (data.position, data.velocity, data.acceleration) = (positions.into(), velocities.into(), accelerations.into());
    data
}

/// Distance of the nearest two bodies: runs of closer encounters are dropped, as a `trim` of the data does.
fn nearest(position: &[f64]) -> f64 {
    let apart =
        |i: usize, j: usize| (position[2 * i] - position[2 * j]).hypot(position[2 * i + 1] - position[2 * j + 1]);
    (0..PARTICLES).flat_map(|i| (0..i).map(move |j| apart(i, j))).fold(f64::INFINITY, f64::min)
}

/// Without the worst hundredth.
fn trimmed(pairs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|a, b| (a.0 - a.1).abs().total_cmp(&(b.0 - b.1).abs()));
    sorted.truncate(pairs.len() * 99 / 100);
    sorted
}

fn r2(pairs: &[(f64, f64)]) -> f64 {
    let mean = pairs.iter().map(|pair| pair.0).sum::<f64>() / pairs.len() as f64;
    let residual: f64 = pairs.iter().map(|(truth, got)| (truth - got).powi(2)).sum();
    1.0 - residual / pairs.iter().map(|(truth, _)| (truth - mean).powi(2)).sum::<f64>()
}
