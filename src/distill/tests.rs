//! A known law with errors like a network's stands in for the network.

use super::declared::Declared;
use super::scene::{Scene, evaluate};
use super::*;
use crate::base::{Silent, Stream};
use crate::expr::Op;
use crate::plan::{
    Allowed, Attribute, Boundary, DistillSource, Distribution, Draw, Links, OperatorsPlan, SearchLoss, SystemPlan,
};
use crate::simulate::Snapshots;

pub(super) fn number(value: f64) -> Expr {
    Expr::number(value)
}

pub(super) fn symbol(name: &str) -> Expr {
    Expr::symbol(name)
}

/// r = distance + 0.01
fn soft() -> Expr {
    symbol("distance") + number(0.01)
}

pub(super) fn system(name: &str, space: usize) -> SystemPlan {
    let normal = || Draw { value: symbol("$0"), draws: vec![Distribution::Normal { mean: 0.0, deviation: 1.0 }] };
    let masses = || symbol("i.mass") * symbol("j.mass");
    let spring = || (soft() - number(1.0)).pow(2.0);
    let (energy, body) = match name {
        "spring" => (spring(), None),
        "inverse_r" => (masses() * soft().apply(Op::Log), None),
        "gravity" => (-(masses() / soft()), None),
        "charged" => (symbol("i.charge") * symbol("j.charge") / soft(), None),
        "damped" => (spring(), Some(number(0.75))),
        "magnetic" => (spring(), Some(number(1.5))),
        "both" => ((symbol("i.charge") * symbol("j.charge") - masses()) / soft(), None),
        "discontinuous" => {
            let below = Expr::call(Op::Lt, vec![soft(), number(2.0)]);
            (Expr::call(Op::If, vec![below, number(0.0), spring() - number(1.0)]), None)
        }
        "trapped" => (-(masses() / soft()), Some(number(0.5))),
        "yukawa" => (-(masses() * (-soft()).apply(Op::Exp) / soft()), None),
        other => panic!("no system {other}"),
    };
    SystemPlan {
        name: name.into(),
        space,
        particles: 4,
        links: Links::All,
        boundary: Boundary::Open,
        attributes: vec![
            Attribute {
                name: "charge".into(),
                draw: if matches!(name, "charged" | "both") {
                    Draw { value: symbol("$0"), draws: vec![Distribution::Choice(vec![-1.0, 1.0])] }
                } else {
                    normal()
                },
            },
            Attribute {
                name: "mass".into(),
                draw: Draw { value: symbol("$0"), draws: vec![Distribution::LogNormal { mu: 0.0, sigma: 1.0 }] },
            },
        ],
        position: vec![normal(); space],
        velocity: vec![normal(); space],
        pair_energy: Some(energy),
        body_energy: None,
        pair_force: vec![],
        body_force: body
            .map(|c| {
                if name == "magnetic" {
                    let turned =
                        |k: usize| Expr::symbol(symbols::component("i", "velocity", 1 - k)) * symbol("i.charge");
                    return vec![c.clone() * turned(0), -(c * turned(1))];
                }
                let vector = if name == "damped" { "velocity" } else { "position" };
                let component = |k| c.clone() * Expr::symbol(symbols::component("i", vector, k)) * number(-1.0);
                (0..space).map(component).collect()
            })
            .unwrap_or_default(),
        conserves: vec![],
        dt: None,
    }
}

/// Configurations as at the start of runs, with exact accelerations; every run has one time.
pub(super) fn data(system: &SystemPlan, runs: usize, seed: u64) -> Trajectories {
    let mut stream = Seed::root(seed).child("data").stream();
    let n = system.particles;
    let mut draw = |draw: &Draw| match draw.draws[0] {
        Distribution::Normal { mean, deviation } => mean + deviation * stream.normal(),
        Distribution::LogNormal { mu, sigma } => libm::exp(mu + sigma * stream.normal()),
        Distribution::Choice(ref values) => values[stream.below(values.len())],
        _ => unreachable!("not drawn in these tests"),
    };
    let vectors = |draws: &[Draw], draw: &mut dyn FnMut(&Draw) -> f64| -> Vec<f64> {
        (0..runs * n).flat_map(|_| draws.iter().map(&mut *draw).collect::<Vec<_>>()).collect()
    };
    let mut out = Trajectories {
        runs,
        times: vec![0.0],
        particles: n,
        space: system.space,
        attributes: system.attributes.iter().map(|a| a.name.clone()).collect(),
        position: vectors(&system.position, &mut draw).into(),
        velocity: vectors(&system.velocity, &mut draw).into(),
        acceleration: vec![0.0; runs * n * system.space].into(),
        attribute: (0..runs * n)
            .flat_map(|_| system.attributes.iter().map(|a| draw(&a.draw)).collect::<Vec<_>>())
            .collect(),
        drift: vec![f64::NAN; runs],
        dropped: 0,
        ..Trajectories::default()
    };
    let all: Vec<usize> = (0..runs).collect();
    let snapshots = out.snapshots(&all);
    out.acceleration = accelerations(system, &snapshots).into();
    out
}

pub(super) fn arena(system: &SystemPlan) -> Arena {
    Arena {
        links: system.links,
        boundary: system.boundary,
        attributes: system.attributes.iter().map(|a| a.name.clone()).collect(),
    }
}

fn accelerations(system: &SystemPlan, s: &Snapshots) -> Vec<f64> {
    let declared = Declared::new(system);
    let scene = Scene::new(s, &vec![0.0; s.position.len()], &arena(system));
    let columns = scene.accelerations(&declared.pair, &declared.body).unwrap();
    (0..scene.receivers).flat_map(|r| columns.iter().map(move |c| c[r])).collect()
}

/// The declared law of a system with relative errors that vary smoothly, and an offset that depends on the receiver.
pub(super) struct Known {
    system: SystemPlan,
    sees: Vec<Feature>,
    error: f64,
    waves: Vec<f64>,
    /// Share of the pair law turned across the direction.
    twist: f64,
}

impl Known {
    pub(super) fn new(system: &SystemPlan, error: f64, seed: u64) -> Known {
        let mut stream: Stream = Seed::root(seed).child("oracle").stream();
        Known {
            system: system.clone(),
            sees: vec![
                Feature::Position,
                Feature::Velocity,
                Feature::Attribute("charge".into()),
                Feature::Attribute("mass".into()),
            ],
            error,
            waves: (0..60).map(|_| stream.normal()).collect(),
            twist: 0.0,
        }
    }

    /// A smooth function of a pair's state with variance about 1.
    fn wave(&self, state: &[f64]) -> f64 {
        let angle = |from: usize| -> f64 {
            self.waves[from] * 3.0 + state.iter().zip(&self.waves[from + 1..]).map(|(x, w)| x * w).sum::<f64>()
        };
        libm::sin(angle(0)) + libm::cos(angle(20))
    }
}

impl Oracle for Known {
    fn sees(&self) -> Vec<Feature> {
        self.sees.clone()
    }

    fn predict(&self, s: &Snapshots) -> Vec<f64> {
        let mut out = accelerations(&self.system, s);
        for (k, a) in out.iter_mut().enumerate() {
            *a *= 1.0 + self.error * self.wave(&s.position[k / s.space * s.space..][..s.space]);
        }
        out
    }

    fn contributions(&self, s: &Snapshots, pairs: &[(usize, usize)]) -> Vec<f64> {
        let pick = |from: &[f64], width: usize| -> Vec<f64> {
            pairs
                .iter()
                .enumerate()
                .flat_map(|(at, &(i, j))| [i, j].map(|b| &from[(at * s.particles + b) * width..][..width]).concat())
                .collect()
        };
        let two = Snapshots {
            count: s.count,
            particles: 2,
            space: s.space,
            attributes: s.attributes,
            position: pick(&s.position, s.space),
            velocity: pick(&s.velocity, s.space),
            attribute: pick(&s.attribute, s.attributes),
            acceleration: vec![],
        };
        let scene = Scene::new(&two, &vec![0.0; two.position.len()], &arena(&self.system));
        let pair = evaluate(&Declared::new(&self.system).pair, &scene.pair, scene.rows()).unwrap();
        let mut out = vec![];
        for at in 0..s.count {
            let state = |from: &[f64], width: usize| from[2 * at * width..][..2 * width].to_vec();
            let own = &two.position[2 * at * s.space..][..s.space];
            let all = [
                state(&two.position, s.space),
                state(&two.velocity, s.space),
                state(&two.attribute, s.attributes).iter().map(|x| x.abs().max(0.1).ln()).collect(),
            ]
            .concat();
            let mut f: Vec<f64> = pair.iter().map(|column| column[2 * at]).collect();
            if self.twist != 0.0 {
                f = vec![f[0] - self.twist * f[1], f[1] + self.twist * f[0]];
            }
            for value in &f {
                out.push(value * (1.0 + self.error * self.wave(&all)) + self.wave(own));
            }
        }
        out
    }
}

pub(super) fn operators() -> OperatorsPlan {
    let hole = || symbol("_");
    OperatorsPlan {
        allow: [Op::Add, Op::Sub, Op::Mul, Op::Div]
            .into_iter()
            .map(|op| Allowed { op, cost: 1.0 })
            .chain([Op::Pow, Op::Exp, Op::Log, Op::If, Op::Gt].map(|op| Allowed { op, cost: 3.0 }))
            .collect(),
        define: vec![],
        never: vec![
            Expr::call(Op::Exp, vec![Expr::call(Op::Exp, vec![hole()])]),
            Expr::call(Op::Log, vec![Expr::call(Op::Log, vec![hole()])]),
        ],
        require: vec![],
        size: 30,
        depth: 10,
        constants: Some((-1e3, 1e3)),
    }
}

pub(super) fn plan(seed: u64) -> DistillPlan {
    DistillPlan {
        form: None,
        of: DistillSource::Fit("fit".into()),
        operators: operators(),
        inputs: vec![],
        loss: SearchLoss::Relative,
        budget: Budget::Evaluations(60_000),
        choose: Choose::DescriptionLength,
        refit: Refit::Data,
        seed,
    }
}

/// Runs of one time each.
fn split(runs: usize) -> Parts {
    let (a, b) = (runs * 4 / 6, runs * 5 / 6);
    Parts::new([(0..a).collect(), (a..b).collect(), (b..runs).collect()], vec![])
}

#[test]
fn laws_are_found_exactly_through_a_noisy_oracle() {
    let cases = [
        ("spring", 2),
        ("inverse_r", 2),
        ("gravity", 2),
        ("charged", 2),
        ("spring", 3),
        ("damped", 2),
        ("trapped", 2),
        ("magnetic", 2),
        ("discontinuous", 2),
        ("both", 2),
    ];
    for (case, (name, space)) in cases.into_iter().enumerate() {
        let system = system(name, space);
        let seed = case as u64;
        let (data, parts) = (data(&system, 1_500, seed), split(1_500));
        let material = Material { data: &data, parts: &parts, arena: &arena(&system) };
        let oracle = Known::new(&system, 0.015, seed);
        let law = distill(&plan(seed), &oracle, &material, None, &Silent).unwrap();
        let found = (infix(&law.pair), law.body.iter().map(infix).collect::<Vec<_>>());
        let recovery = recovers(&law, &system, &material).unwrap();
        assert_eq!(recovery.verdict, Verdict::Recovered, "{name}: {found:?} {recovery:?} {:?}", law.structure);
        assert!(law.misfit < 1e-12, "{name}: {found:?} leaves {:.1e}", law.misfit);
        let again = distill(&plan(seed), &oracle, &material, None, &Silent).unwrap();
        assert_eq!(law, again, "{name}");
        let template = law.system(&system);
        assert_eq!(recovers(&law, &template, &material).unwrap().verdict, Verdict::Recovered, "{name} as a system");
    }
}

/// A law with this pair formula and nothing else known.
fn law(pair: Expr) -> Law {
    Law {
        pair,
        body: vec![],
        constants: vec![],
        front: Front::default(),
        searched: Front::default(),
        structure: Structure::default(),
        misfit: 0.0,
        description_length: 0.0,
        learned: vec![],
        notes: vec![],
    }
}

#[test]
fn recovery_knows_the_law_in_any_form_and_refuses_others() {
    let r = || symbol("distance");
    let (mi, mj) = (|| symbol("i.mass"), || symbol("j.mass"));
    let charges = || symbol("i.charge") * symbol("j.charge");
    let cases = [
        ("gravity", mj() / soft().pow(2.0), Verdict::Recovered),
        ("gravity", mj() / (r() * r() + number(0.02) * r() + number(1e-4)), Verdict::Recovered),
        ("gravity", number(1.0) / (soft() / mj() * soft()), Verdict::Recovered),
        ("gravity", mj() / soft().pow(2.0) + number(1e-5) * r(), Verdict::Different),
        ("gravity", mj() / r().pow(2.0), Verdict::Different),
        ("gravity", mj() / soft().pow(3.0), Verdict::Different),
        ("gravity", number(1.0) / soft().pow(2.0), Verdict::Different),
        ("gravity", number(1.02) * mj() / soft().pow(2.0), Verdict::Different),
        ("gravity", number(0.0), Verdict::Different),
        ("yukawa", mj() / soft().pow(2.0), Verdict::Different),
        ("gravity", symbol("no.such"), Verdict::Different),
        ("spring", number(2.0) * (r() - number(0.99)) / mi(), Verdict::Recovered),
        ("spring", (r() - number(0.99)) / (number(0.5) * mi()), Verdict::Recovered),
        ("spring", number(2.0) * (r() - number(0.98)) / mi(), Verdict::Different),
        ("charged", -(charges() / (mi() * soft().pow(2.0))), Verdict::Recovered),
        ("charged", -(number(1.0) / (mi() * soft().pow(2.0))), Verdict::Different),
        ("charged", charges() / (mi() * soft().pow(2.0)), Verdict::Different),
    ];
    for (name, pair, verdict) in cases {
        let system = system(name, 2);
        let (data, parts) = (data(&system, 300, 1), split(300));
        let material = Material { data: &data, parts: &parts, arena: &arena(&system) };
        let found = recovers(&law(pair.clone()), &system, &material).unwrap();
        assert_eq!(found.verdict, verdict, "{name}: {} {found:?}", infix(&pair));
    }
}

#[test]
fn a_force_takes_the_mass_out_of_the_denominator() {
    let r = || symbol("distance") - number(0.99);
    let mass = || symbol("i.mass");
    for (pair, force) in [
        (number(2.0) * r() / mass(), number(2.0) * r()),
        (-(r() / (mass() * symbol("distance"))), -(r() / symbol("distance"))),
        (r() / mass() / symbol("distance"), r() / symbol("distance")),
        (symbol("j.mass"), mass() * symbol("j.mass")),
        (
            -(symbol("i.charge") / mass() - symbol("j.mass")) / r(),
            (mass() * symbol("j.mass") - symbol("i.charge")) / r(),
        ),
    ] {
        assert_eq!(infix(&law(pair).radial_force(true)), infix(&force));
    }
}

#[test]
fn a_reciprocal_force_has_an_energy() {
    let r = || symbol("distance");
    let (mi, mj) = (|| symbol("i.mass"), || symbol("j.mass"));
    let beyond = || Expr::call(Op::Gt, vec![r(), number(1.99)]);
    let cases = [
        (mj() / soft().pow(2.0), Some((2.0, -6.0 / 2.01))),
        (number(2.0) * (r() - number(0.99)) / mi(), Some((2.0, 4.0 - 3.96))),
        (number(2.0) * (r() - number(0.99)) / mi() * beyond(), Some((2.0, 4.0 - 3.96))),
        (number(2.0) * (r() - number(0.99)) / mi() * beyond(), Some((1.0, 0.0))),
        (number(1.0) / r(), None),
    ];
    for (pair, energy) in cases {
        let found = law(pair.clone()).pair_energy(true);
        let at = |e: &Expr, distance: f64| {
            let value = |name: &str| {
                Some(if name == "distance" {
                    distance
                } else if name == "i.mass" {
                    2.0
                } else {
                    3.0
                })
            };
            e.eval(&value).unwrap()
        };
        match (energy, found) {
            (None, found) => assert_eq!(found, None, "{}", infix(&pair)),
            (Some((distance, value)), Some(found)) => {
                assert!((at(&found, distance) - value).abs() < 1e-9, "{}: {}", infix(&pair), infix(&found));
            }
            (Some(_), None) => panic!("{} has an energy", infix(&pair)),
        }
    }
}

#[test]
fn a_law_beats_the_trained_function_where_both_are_scored() {
    let system = system("spring", 2);
    let (data, parts) = (data(&system, 60, 4), split(60));
    let material = Material { data: &data, parts: &parts, arena: &arena(&system) };
    let oracle = Known::new(&system, 0.01, 4);
    let found = law(number(2.0) * (symbol("distance") - number(0.99)) / symbol("i.mass"));
    let scores = verify(&found, &oracle, Some(&system), &material, 0.01, Seed::root(4), &Silent).unwrap();
    for (law, network, zero) in [
        (scores.law.test, scores.network.test, scores.zero.test),
        (scores.law.wider, scores.network.wider, scores.zero.wider),
        (scores.law.more_bodies, scores.network.more_bodies, scores.zero.more_bodies),
    ] {
        assert!(law < 1e-10 && law < 1e-6 * network && network < 0.1 * zero, "{scores:?}");
    }
    assert!(scores.law.rollout.is_nan(), "runs of one time have no rollout");
}

#[test]
fn material_without_pairs_is_refused_with_facts() {
    let system = SystemPlan { particles: 1, ..system("spring", 2) };
    let (data, parts) = (data(&system, 9, 5), split(9));
    let oracle = Known::new(&system, 0.01, 5);
    let material = Material { data: &data, parts: &parts, arena: &arena(&system) };
    let refused = distill(&plan(5), &oracle, &material, None, &Silent);
    assert_eq!(refused, Err(DistillError::NoPairs { snapshots: 6, particles: 1 }));
    let nobody = Parts::default();
    let material = Material { data: &data, parts: &nobody, arena: &arena(&system) };
    let refused = distill(&plan(5), &oracle, &material, None, &Silent);
    assert_eq!(refused, Err(DistillError::NoPairs { snapshots: 0, particles: 1 }));
}

#[test]
fn forces_across_the_direction_are_noticed() {
    let system = system("gravity", 2);
    let (data, parts) = (data(&system, 600, 3), split(600));
    let material = Material { data: &data, parts: &parts, arena: &arena(&system) };
    let oracle = Known { twist: 0.5, ..Known::new(&system, 0.01, 3) };
    let law = distill(&plan(3), &oracle, &material, None, &Silent).unwrap();
    assert!(!law.structure.central);
    assert!(law.notes.iter().any(|note| note.contains("across the direction")), "{:?}", law.notes);
}

/// A network that learned masses, each a little wrong, in units of its own.
struct Guessing {
    known: Known,
    unit: f64,
}

impl Guessing {
    /// Configurations with masses in the units of the system.
    fn own(&self, s: &Snapshots) -> Snapshots {
        let mut own = s.clone();
        own.attribute.iter_mut().skip(1).step_by(2).for_each(|mass| *mass /= self.unit);
        own
    }
}

impl Oracle for Guessing {
    fn sees(&self) -> Vec<Feature> {
        vec![Feature::Position, Feature::Attribute("mass".into())]
    }

    fn learned(&self) -> Vec<Name> {
        vec!["mass".into()]
    }

    fn seen<'a>(&self, data: &'a Trajectories) -> std::borrow::Cow<'a, Trajectories> {
        let mut seen = data.clone();
        for (at, mass) in seen.attribute.iter_mut().skip(1).step_by(2).enumerate() {
            *mass *= self.unit * [1.03, 0.98, 1.01, 0.99][at % 4];
        }
        std::borrow::Cow::Owned(seen)
    }

    fn predict(&self, s: &Snapshots) -> Vec<f64> {
        self.known.predict(&self.own(s))
    }

    fn contributions(&self, s: &Snapshots, pairs: &[(usize, usize)]) -> Vec<f64> {
        self.known.contributions(&self.own(s), pairs)
    }
}

#[test]
fn masses_that_nobody_measured_come_out_with_the_law() {
    for (name, unit) in [("gravity", 2.5), ("spring", 0.4)] {
        let system = system(name, 2);
        let mut data = data(&system, 1_200, 7);
        let bodies = data.attribute[..8].to_vec();
        data.attribute.chunks_mut(8).for_each(|own| own.copy_from_slice(&bodies));
        data.acceleration = accelerations(&system, &data.snapshots(&(0..1_200).collect::<Vec<_>>())).into();
        let parts = split(1_200);
        let material = Material { data: &data, parts: &parts, arena: &arena(&system) };
        let oracle = Guessing { known: Known::new(&system, 0.01, 7), unit };
        let law = distill(&plan(7), &oracle, &material, None, &Silent).unwrap();
        let found = infix(&law.pair);
        assert!(law.misfit < 1e-12, "{name}: {found} leaves {:.1e}", law.misfit);
        let largest = law.learned[0].values.iter().copied().fold(0.0, f64::max);
        assert_eq!(largest, 1.0, "{:?}", law.learned);
        let recovery = recovers(&law, &system, &material).unwrap();
        assert_eq!(recovery.verdict, Verdict::Recovered, "{name}: {found} {recovery:?}");
        assert_eq!(recovery.learned.len(), 4);
        for one in &recovery.learned {
            assert!((one.learned / one.declared - 1.0).abs() < 1e-10, "{name}: {one:?}");
        }
    }
}

#[test]
fn numbers_that_are_not_finite_survive_a_record() {
    let side = Side { test: 1.0, test_relative: 0.5, held_out: f64::NAN, wider: f64::INFINITY, ..Side::default() };
    let comparison = Comparison { law: side, ..Comparison::default() };
    let told: Comparison = serde_json::from_str(&serde_json::to_string(&comparison).unwrap()).unwrap();
    assert!(told.law.held_out.is_nan() && told.law.wider == f64::INFINITY && told.law.test == 1.0);
    let constants = vec![Constant { value: 2.0, fitted: 2.0, uncertainty: f64::INFINITY }];
    let law = Law { constants, misfit: f64::NAN, ..law(number(1.0)) };
    let told: Law = serde_json::from_str(&serde_json::to_string(&law).unwrap()).unwrap();
    assert!(told.constants == law.constants && told.misfit.is_nan());
}
