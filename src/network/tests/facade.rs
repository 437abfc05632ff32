//! Training, asking and keeping a network.

use super::{complete, plan, springs};
use crate::base::{Progress, Silent, Watch};
use crate::network::*;
use crate::plan::*;
use crate::simulate::{Parts, Snapshots, Trajectories};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Eight of ten runs of 16 times, and one each.
fn parts() -> Parts {
    Parts::new([(0..128).collect(), (128..144).collect(), (144..160).collect()], vec![])
}

fn trained(plan: &TrainPlan) -> Trained {
    train(plan, complete(), &springs(10, 16, 4), &parts(), &Silent).unwrap()
}

#[test]
fn training_lowers_the_loss_below_predicting_zero() {
    let mut plan = plan();
    (plan.epochs, plan.rate) = (30, 1e-2);
    let network = trained(&plan);
    let history = &network.facts.history;
    assert_eq!((history.len(), network.facts.steps, network.facts.rows), (30, 30 * 8, [128, 16, 16]));
    assert!(history[29].train < 0.5 * history[0].train, "{history:?}");
    assert!(network.facts.test < 0.8 * network.facts.baseline, "{} {}", network.facts.test, network.facts.baseline);
    let scored = score(&network, &springs(10, 16, 4), &parts().test);
    assert_eq!((scored.mae, scored.zero_mae), (network.facts.test, network.facts.baseline));
    assert!(scored.r2 > 0.3 && scored.r2 < 1.0, "{scored:?}");
    assert!((1..=5).contains(&network.components_carrying(0.99)));
    assert_eq!(
        network.parameter_count(),
        parameter_count(&plan, complete(), 2, &network.facts.design.attribute_names).unwrap()
    );
}

#[test]
fn a_resumed_training_ends_equal_to_the_bit() {
    for messages in [MessagePrior::Kl(0.1), MessagePrior::Prune { to: 2, by: 0.5, schedule: PruneSchedule::Cosine }] {
        let mut plan = plan();
        (plan.epochs, plan.augment, plan.prior.messages) = (4, 1.0, messages);
        let data = springs(10, 16, 4);
        let mut checkpoints = vec![];
        let mut keep = |checkpoint: &Checkpoint| checkpoints.push(checkpoint.to_bytes());
        let whole = train_from(&plan, complete(), &data, &parts(), None, &mut keep, &Silent).unwrap();
        let second = Checkpoint::from_bytes(&checkpoints[1]).unwrap();
        let resumed = train_from(&plan, complete(), &data, &parts(), Some(&second), &mut |_| {}, &Silent).unwrap();
        assert_eq!(resumed.to_bytes(), whole.to_bytes());
        if let MessagePrior::Prune { to, .. } = messages {
            assert_eq!(whole.facts.history.iter().map(|epoch| epoch.active).collect::<Vec<_>>(), [4, to, to, to]);
        }
    }
}

#[test]
fn masses_that_nobody_measured_are_learned_up_to_a_factor_and_kept() {
    let mut plan = plan();
    plan.network.sees = vec![Feature::Position];
    (plan.network.learns, plan.network.node, plan.network.message) = (vec!["mass".into()], NodeModel::Newton, 2);
    plan.network.bias = [Bias::Rotation, Bias::ThirdLaw].into();
    (plan.epochs, plan.rate) = (40, 5e-3);
    let data = springs(1, 600, 4);
    let parts = Parts::new([(0..500).collect(), (500..550).collect(), (550..600).collect()], vec![]);
    let mut checkpoints = vec![];
    let mut keep = |checkpoint: &Checkpoint| checkpoints.push(checkpoint.to_bytes());
    let network = train_from(&plan, complete(), &data, &parts, None, &mut keep, &Silent).unwrap();
    let (seen, width) = (network.seen(&data), data.attributes.len());
    let ratios: Vec<f64> =
        (0..4).map(|body| seen.attribute[body * width] / data.attribute[body * width]).map(f64::ln).collect();
    let mean = ratios.iter().sum::<f64>() / 4.0;
    assert!(ratios.iter().all(|ratio| (ratio - mean).abs() < 0.1), "{ratios:?}");
    assert_eq!(Trained::from_bytes(&network.to_bytes()).unwrap(), network);
    // What is measured is not looked at, and may be absent.
    let names = |data: &Trajectories| data.attributes.clone();
    let mut blind = data.clone();
    blind.attribute.iter_mut().step_by(width).for_each(|mass| *mass = f64::NAN);
    let from = Checkpoint::from_bytes(&checkpoints[20]).unwrap();
    let resumed = train_from(&plan, complete(), &blind, &parts, Some(&from), &mut |_| {}, &Silent).unwrap();
    assert_eq!(resumed.to_bytes(), network.to_bytes());
    blind.attributes = vec!["colour".into(), "charge".into()];
    blind.attribute.iter_mut().step_by(width).for_each(|colour| *colour = 0.0);
    let added = train(&TrainPlan { epochs: 1, ..plan }, complete(), &blind, &parts, &Silent).unwrap();
    assert_eq!(names(&added.seen(&blind)), ["colour".into(), "charge".into(), "mass".into()]);
}

#[test]
fn an_ensemble_answers_by_means_and_can_be_resumed() {
    let mut plan = plan();
    plan.seeds = 3;
    let data = springs(10, 16, 4);
    let mut checkpoints = vec![];
    let mut keep = |checkpoint: &Checkpoint| checkpoints.push(checkpoint.to_bytes());
    let whole = train_from(&plan, complete(), &data, &parts(), None, &mut keep, &Silent).unwrap();
    assert_eq!((checkpoints.len(), whole.others.len()), (6, 2));
    let asked = data.snapshots(&[3, 40]);
    let networks: Vec<Trained> = whole.others.iter().cloned().chain([whole.clone().among(vec![])]).collect();
    let answers: Vec<Vec<f64>> = networks.iter().map(|network| network.predict(&asked)).collect();
    assert!(answers[0] != answers[1] && answers[1] != answers[2]);
    for (at, told) in whole.predict(&asked).into_iter().enumerate() {
        let mean = answers.iter().map(|answer| answer[at]).sum::<f64>() / 3.0;
        assert!((told - mean).abs() < 1e-9 * (1.0 + mean.abs()), "{told} {mean}");
    }
    // The first network is the one that stands alone; checkpoints within and between networks lead to the same end.
    plan.seeds = 1;
    assert_eq!(answers[0], trained(&plan).predict(&asked));
    plan.seeds = 3;
    for bytes in &checkpoints[1..4] {
        let from = Checkpoint::from_bytes(bytes).unwrap();
        let resumed = train_from(&plan, complete(), &data, &parts(), Some(&from), &mut |_| {}, &Silent).unwrap();
        assert_eq!(resumed.to_bytes(), whole.to_bytes());
    }
}

#[test]
fn bytes_keep_a_network_exactly() {
    let network = trained(&plan());
    let bytes = network.to_bytes();
    assert_eq!(Trained::from_bytes(&bytes).unwrap(), network);
    assert_eq!(Trained::from_bytes(&bytes[..bytes.len() - 1]), Err(DecodeError::Damaged));
    assert_eq!(Trained::from_bytes(b"something else"), Err(DecodeError::NotANetwork));
    for length in 0..bytes.len().min(300) {
        assert!(Trained::from_bytes(&bytes[..length]).is_err());
    }
}

#[test]
fn contributions_of_all_senders_and_the_node_alone_add_up_under_superposition() {
    for combine in [Combine::Sum, Combine::Mean] {
        let mut plan = plan();
        plan.network.bias.insert(Bias::Superposition);
        plan.network.combine = combine;
        let network = trained(&plan);
        let data = springs(1, 20, 6);
        let asked = data.snapshots(&(0..20).collect::<Vec<_>>());
        let pairs: Vec<(usize, usize)> =
            (0..6).flat_map(|i| (0..6).filter(move |&j| j != i).map(move |j| (i, j))).collect();
        let parts = network.contributions(&asked, &pairs);
        let (whole, alone) = (network.predict(&asked), network.node_alone(&asked));
        assert_eq!((parts.len(), whole.len(), alone.len()), (20 * 30 * 2, 20 * 6 * 2, 20 * 6 * 2));
        let mut apart: f64 = 0.0;
        for (at, whole) in whole.iter().enumerate() {
            let (snapshot, body, k) = (at / 12, at / 2 % 6, at % 2);
            let sum: f64 = (0..5).map(|other| parts[((snapshot * 6 + body) * 5 + other) * 2 + k]).sum();
            apart = apart.max((whole - alone[at] - sum).abs() / (1.0 + whole.abs()));
        }
        assert_eq!(apart < 1e-4, combine == Combine::Sum, "{combine:?}: {apart}");
        let one = network.contributions(&asked, &[(3, 1)]);
        let same: Vec<f64> = (0..20).flat_map(|s| parts[(s * 30 + 3 * 5 + 1) * 2..][..2].to_vec()).collect();
        assert_eq!(one, same);
    }
}

#[test]
fn predictions_turn_with_the_system_under_the_rotation_bias() {
    for form in [NodeModel::Mlp(vec![12]), NodeModel::Newton] {
        let mut plan = plan();
        plan.network.message = if form == NodeModel::Newton { 2 } else { 6 };
        plan.network.node = form;
        plan.network.bias = [Bias::Rotation, Bias::Superposition, Bias::ThirdLaw].into();
        let network = trained(&plan);
        let turn = |values: &mut Vec<f64>| {
            for vector in values.chunks_mut(2) {
                (vector[0], vector[1]) = (0.6 * vector[0] - 0.8 * vector[1], 0.8 * vector[0] + 0.6 * vector[1]);
            }
        };
        let mut asked = springs(1, 10, 5).snapshots(&(0..10).collect::<Vec<_>>());
        let mut expected = network.predict(&asked);
        turn(&mut expected);
        [&mut asked.position, &mut asked.velocity].into_iter().for_each(turn);
        let turned = network.predict(&asked);
        assert!(
            turned.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-4 * (1.0 + b.abs())),
            "{turned:?} {expected:?}"
        );
        assert!(turned.iter().any(|value| value.abs() > 0.1));
    }
}

#[test]
fn messages_come_in_the_order_of_links() {
    let network = trained(&plan());
    let asked = springs(1, 3, 3).snapshots(&[0, 1, 2]);
    let messages = network.messages(&asked);
    assert_eq!(messages.snapshot[..7], [0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(messages.receiver[..6], [0, 0, 1, 1, 2, 2]);
    assert_eq!(messages.sender[..6], [1, 2, 0, 2, 0, 1]);
    assert_eq!(messages.values.len(), 18 * messages.width);
}

#[test]
fn a_network_may_be_asked_about_none_and_one_and_absent_bodies() {
    let network = trained(&plan());
    let none = Snapshots { particles: 4, space: 2, attributes: 2, ..Snapshots::default() };
    assert!(network.predict(&none).is_empty() && network.messages(&none).values.is_empty());
    let one = springs(1, 1, 1).snapshots(&[0]);
    assert_eq!(network.predict(&one), network.node_alone(&one));
    assert_eq!(network.contributions(&one, &[(0, 5), (7, 0)]), [0.0; 4]);
}

#[test]
fn a_diverging_training_stops_and_keeps_the_last_good_network() {
    let mut plan = plan();
    (plan.rate, plan.loss, plan.epochs) = (1e30, Loss::Mse, 50);
    match train(&plan, complete(), &springs(10, 16, 4), &parts(), &Silent) {
        Err(TrainError::NotFinite { step, epoch, last_good }) => {
            assert!(step >= 1 && epoch >= 1);
            assert!(last_good.weights().iter().all(|weight| weight.is_finite()));
            assert_eq!(last_good.facts.history.len(), epoch - 1);
        }
        other => panic!("{other:?}"),
    }
}

struct Impatient {
    steps: usize,
    asked: AtomicUsize,
}

impl Watch for Impatient {
    fn progress(&self, _: Progress) {}

    fn cancelled(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.steps
    }
}

#[test]
fn a_cancelled_training_keeps_its_last_epoch() {
    for (steps, epochs) in [(3, 0), (11, 1)] {
        let watch = Impatient { steps, asked: AtomicUsize::new(0) };
        let Err(TrainError::Cancelled { so_far }) = train(&plan(), complete(), &springs(10, 16, 4), &parts(), &watch)
        else {
            panic!("it was cancelled");
        };
        assert_eq!(so_far.map_or(0, |network| network.facts.history.len()), epochs);
    }
}

#[test]
fn bad_plans_and_data_are_told() {
    type Change = fn(&mut TrainPlan);
    let cases: [(Change, &str); 13] = [
        (|p| p.network.sees = vec![Feature::Attribute("colour".into())], "UnknownAttribute"),
        (|p| p.network.sees = vec![], "SeesNothing"),
        (|p| p.network.node = NodeModel::Newton, "MessageWidth"),
        (|p| p.network.message = 0, "Zero { what: \"message\" }"),
        (|p| p.network.edge = vec![3, 0], "Zero { what: \"hidden width\" }"),
        (|p| p.batch = 0, "Zero { what: \"batch\" }"),
        (|p| p.rate = f64::NAN, "OutOfRange { what: \"rate\""),
        (|p| p.prior.messages = MessagePrior::L1(-1.0), "OutOfRange"),
        (|p| p.network.dynamics = Dynamics::Hamiltonian, "Conflict"),
        (|p| p.prior.messages = MessagePrior::Prune { to: 0, by: 0.5, schedule: PruneSchedule::Linear }, "Zero"),
        (|p| (p.network.learns, p.seeds) = (vec!["mass".into()], 2), "Conflict"),
        (|p| p.network.predict = Predict::Target, "Unsupported"),
        (
            |p| {
                p.network.bias.insert(Bias::Superposition);
                p.network.combine = Combine::Max;
            },
            "Conflict",
        ),
    ];
    for (change, word) in cases {
        let mut plan = plan();
        change(&mut plan);
        let error = train(&plan, complete(), &springs(10, 16, 4), &parts(), &Silent).unwrap_err();
        assert!(format!("{error:?}").contains(word), "{error:?} does not say {word}");
    }
    let fails = |data, parts: &Parts| train(&plan(), complete(), &data, parts, &Silent).unwrap_err();
    assert_eq!(
        fails(springs(10, 16, 4), &Parts { test: vec![160], ..parts() }),
        TrainError::NoSuchRow { row: 160, rows: 160 }
    );
    assert_eq!(fails(springs(10, 16, 4), &Default::default()), TrainError::NoRows);
    assert_eq!(fails(springs(10, 16, 0), &Parts::default()), TrainError::NoRows);
    let mut broken = springs(10, 16, 4);
    let mut values = broken.acceleration.values().to_vec();
    values[(2 * 16 + 5) * 8] = f64::INFINITY;
    broken.acceleration = values.into();
    assert_eq!(fails(broken, &parts()), TrainError::DataNotFinite { run: 2, time: 5 });
}

#[test]
fn the_one_cycle_rate_is_that_of_the_paper_s_code() {
    // torch.optim.lr_scheduler.OneCycleLR(max_lr = 1e-3, total_steps = 100, final_div_factor = 1e5)
    for (step, rate) in [(0, 4e-5), (29, 1e-3), (99, 4e-10)] {
        let got = one_cycle(1e-3, step, 100);
        assert!((got / rate - 1.0).abs() < 1e-9, "{step}: {got}");
    }
    assert!((0..29).all(|step| one_cycle(1.0, step, 100) < one_cycle(1.0, step + 1, 100)));
    assert!((29..99).all(|step| one_cycle(1.0, step, 100) > one_cycle(1.0, step + 1, 100)));
    assert!([0, 1, 2, 3].iter().all(|&total| one_cycle(1.0, 0, total).is_finite()));
}
