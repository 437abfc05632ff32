//! Checks of a system's laws before anything runs, on configurations drawn as the system draws them: an energy of a
//! pair is symmetric, laws are finite at the start, claims of conservation hold, energies do not jump. A check that a
//! configuration breaks shows it. Configurations are few and small, so a law can be wrong where none of them lies.

mod configuration;
mod forces;
mod motion;
mod operators;

pub use motion::fastest_period;
pub use operators::missing_operators;

use super::lower::Lowered;
use crate::base::{Diagnostic, Seed};
use crate::expr::print::number;
use crate::expr::{Equality, Expr, Node, Op, equal};
use crate::plan::{Boundary, Conserved, Links, SystemPlan, symbols};
use configuration::{Configuration, Pair, turn};
use forces::Forces;
use std::collections::BTreeMap;

/// Configurations that each check looks at.
const TRIALS: u64 = 8;
/// Largest formula in nodes that is expanded to prove it symmetric; larger ones are only sampled.
const PROVABLE: usize = 400;
/// The angle by which configurations are turned: no symmetry of a polygon.
const ANGLE: f64 = 0.7;
/// Relative difference that rounding may leave.
const ROUNDING: f64 = 1e-9;

/// All findings about a system's laws.
pub fn check(system: &Lowered) -> Vec<Diagnostic> {
    let plan = &system.plan;
    let mut found = vec![];
    if plan.pair_energy.is_none()
        && plan.body_energy.is_none()
        && plan.pair_force.is_empty()
        && plan.body_force.is_empty()
    {
        found.push(
            Diagnostic::new("W0504", format!("nothing acts in `{}`: all accelerations are 0", plan.name))
                .at(system.places["name"], "")
                .help("add `energy(i, j) = …` or `force(i, j) = …`"),
        );
        return found;
    }
    if plan.particles == 1 && plan.body_energy.is_none() && plan.body_force.is_empty() {
        found.push(
            Diagnostic::new("W0504", format!("nothing acts in `{}`: one body makes no pair", plan.name))
                .at(system.places["name"], "")
                .help("set `particles = 2` or more"),
        );
        return found;
    }
    let configurations = draws(plan);
    found.extend(finite(system, &configurations));
    if found.iter().any(Diagnostic::is_error) {
        return found;
    }
    found.extend(symmetric(system, &configurations));
    if found.iter().any(Diagnostic::is_error) {
        return found;
    }
    found.extend(conserved(system, &configurations));
    found.extend(jumps(system));
    found
}

/// Whether the forces of every pair are equal and opposite, as far as drawn configurations show.
pub fn obeys_third_law(plan: &SystemPlan) -> bool {
    let forces = Forces::of(plan);
    draws(plan).iter().all(|configuration| {
        configuration.pairs().into_iter().all(|pair| {
            let (on_i, on_j) = forces.of_pair(configuration, pair);
            let scale: f64 = on_i.iter().chain(&on_j).map(|f| f.abs()).sum();
            on_i.iter().zip(&on_j).all(|(a, b)| (a + b).abs() <= ROUNDING * scale || !scale.is_finite())
        })
    })
}

/// Whether forces turn with the bodies, as far as drawn configurations show.
pub fn is_isotropic(plan: &SystemPlan) -> bool {
    let forces = Forces::of(plan);
    let planes = (0..plan.space).flat_map(|a| (a + 1..plan.space).map(move |b| (a, b)));
    let planes: Vec<(usize, usize)> = planes.collect();
    draws(plan).iter().all(|configuration| {
        planes.iter().all(|&(a, b)| {
            let (before, scale) = forces.on_bodies(configuration);
            let (after, _) = forces.on_bodies(&configuration.turned(ANGLE, a, b));
            before.into_iter().zip(after).all(|(mut force, turned)| {
                turn(&mut force, ANGLE, a, b);
                force.iter().zip(turned).all(|(x, y)| (x - y).abs() <= 1e-7 * scale || !scale.is_finite())
            })
        })
    })
}

/// A number with three digits, for people.
fn rough(value: f64) -> String {
    number(format!("{value:.2e}").parse().unwrap_or(value))
}

fn draws(plan: &SystemPlan) -> Vec<Configuration> {
    let seed = Seed::root(0).child("physics");
    (0..TRIALS).map(|trial| Configuration::draw(plan, seed.nth(trial))).collect()
}

/// Laws that are infinite or undefined at a start configuration.
fn finite(system: &Lowered, configurations: &[Configuration]) -> Vec<Diagnostic> {
    let plan = &system.plan;
    let forces = Forces::of(plan);
    let mut found = vec![];
    for (place, law) in forces.laws() {
        let pair = place.contains('j');
        let broken = configurations.iter().find_map(|configuration| {
            let pairs: Vec<Pair> = if pair {
                configuration.linked().into_iter().flat_map(|p| [p, p.swapped()]).collect()
            } else {
                (0..configuration.particles).map(|i| Pair { i, j: i }).collect()
            };
            pairs.into_iter().find_map(|at| {
                let bad = law.iter().find(|e| !configuration.value(e, at).is_finite())?;
                Some((configuration, at, bad))
            })
        });
        let Some((configuration, at, bad)) = broken else { continue };
        let why = cause(bad, configuration, at);
        let coincide = pair && configuration.value(&Expr::symbol(symbols::DISTANCE), at) == 0.0;
        let mut finding = Diagnostic::new("E0403", format!("`{place}` is not finite where the bodies start"))
            .at(system.places[place], why)
            .note(format!("at {}", configuration.shown(&bad.symbols().into_iter().collect::<Vec<_>>(), at)));
        finding = if coincide {
            finding.help(
                "two bodies start at one place: draw positions apart, or add a softening: `distance(i, j) + 0.01`",
            )
        } else {
            finding.help("change the formula, or the distribution that draws these values")
        };
        found.push(finding);
    }
    found
}

/// The innermost operation that is not finite though its arguments are, in words.
fn cause(expr: &Expr, configuration: &Configuration, at: Pair) -> String {
    let mut text = None;
    expr.visit(&mut |e| {
        let sound = |e: &Expr| configuration.value(e, at).is_finite();
        if !sound(e) && e.args().iter().all(sound) {
            text = Some(match e.node() {
                Node::Call(Op::Div, args) if configuration.value(&args[1], at) == 0.0 => {
                    format!("divides by `{}`, which is 0", args[1])
                }
                _ => format!("`{e}` is {}", configuration.value(e, at)),
            });
        }
    });
    text.unwrap_or_else(|| "not finite".into())
}

/// An energy of a pair that changes when the two are exchanged.
fn symmetric(system: &Lowered, configurations: &[Configuration]) -> Option<Diagnostic> {
    let energy = system.plan.pair_energy.as_ref()?;
    let swapped = exchange(energy);
    let small = energy.size() <= PROVABLE;
    if *energy == swapped || small && equal(energy, &swapped, ROUNDING) == Equality::Proved {
        return None;
    }
    let mut worst: Option<(f64, &Configuration, Pair)> = None;
    for configuration in configurations {
        for at in configuration.pairs() {
            let (a, b) = (configuration.value(energy, at), configuration.value(&swapped, at));
            let gap = (a - b).abs() / a.abs().max(b.abs());
            if gap > worst.map_or(1e-7, |(most, ..)| most) {
                worst = Some((gap, configuration, at));
            }
        }
    }
    let (_, configuration, at) = worst?;
    let used: Vec<_> = energy.symbols().union(&swapped.symbols()).cloned().collect();
    let value = |e: &Expr| rough(configuration.value(e, at));
    Some(
        Diagnostic::new("E0401", "`energy(i, j)` changes when i and j are exchanged")
            .at(system.places["energy(i, j)"], "counts once for the pair: who is i must not matter")
            .note(format!(
                "at {}: energy(i, j) = {}, energy(j, i) = {}",
                configuration.shown(&used, at),
                value(energy),
                value(&swapped)
            ))
            .help(
                "use both bodies in the same way, such as `i.mass * j.mass`; what acts on one alone is a `force(i, j)`",
            ),
    )
}

/// The law with i and j exchanged.
fn exchange(law: &Expr) -> Expr {
    let mut map = BTreeMap::new();
    for name in law.symbols() {
        let to = match name.split_once('.') {
            Some(("i", rest)) => Expr::symbol(format!("j.{rest}")),
            Some(("j", rest)) => Expr::symbol(format!("i.{rest}")),
            Some(("displacement", _)) => -Expr::symbol(name.clone()),
            _ => continue,
        };
        map.insert(name, to);
    }
    law.substitute(&map)
}

/// Claims of conservation that the law breaks.
fn conserved(system: &Lowered, configurations: &[Configuration]) -> Vec<Diagnostic> {
    let plan = &system.plan;
    if matches!(plan.links, Links::Nearest(_)) {
        return vec![];
    }
    let forces = Forces::of(plan);
    let mut found = vec![];
    for claim in &plan.conserves {
        let name = match claim {
            Conserved::Energy => "energy",
            Conserved::Momentum => "momentum",
            Conserved::AngularMomentum => "angular_momentum",
        };
        if is_proved(*claim, plan) {
            continue;
        }
        let broken = configurations.iter().find_map(|configuration| {
            let (rate, scale) = match claim {
                Conserved::Energy => forces.power(configuration),
                Conserved::Momentum => forces.total(configuration),
                Conserved::AngularMomentum => forces.torque(configuration),
            };
            (rate.abs() > 1e-7 * scale).then_some((configuration, rate))
        });
        if let Some((configuration, rate)) = broken {
            let help = match claim {
                Conserved::Energy => "friction and other explicit forces take energy out; leave the claim out",
                Conserved::Momentum => "forces of a pair must be equal and opposite, and none may act on single bodies",
                Conserved::AngularMomentum if plan.boundary != Boundary::Open => {
                    "a periodic box has no centre: leave `angular_momentum` out, or let `box = open`"
                }
                Conserved::AngularMomentum => {
                    "forces must point along the line between bodies, and none may act on single bodies"
                }
            };
            found.push(
                Diagnostic::new("E0402", format!("`{}` does not conserve {}", plan.name, name.replace('_', " ")))
                    .at(system.places[name], "claimed here")
                    .note(format!("it changes at a rate of {} where {}", rough(rate), configuration.whole()))
                    .help(help),
            );
        }
    }
    found
}

/// Whether the form of the laws alone conserves the quantity: then no configuration is asked.
fn is_proved(claim: Conserved, plan: &SystemPlan) -> bool {
    let energies = || plan.pair_energy.iter().chain(&plan.body_energy);
    let uses =
        |part: &str| energies().any(|law| law.symbols().iter().any(|name| name.split('.').any(|word| word == part)));
    let forces_follow = plan.pair_force.is_empty() && plan.body_force.is_empty() && !uses("velocity");
    // Energies of relative positions are the same wherever the whole stands; of distances, however it is turned.
    let relative = plan.body_energy.is_none() && !uses("position");
    match claim {
        Conserved::Energy => forces_follow,
        Conserved::Momentum => forces_follow && relative,
        Conserved::AngularMomentum => {
            forces_follow && relative && !uses("displacement") && plan.boundary == Boundary::Open
        }
    }
}

/// Warns of an energy of a pair that jumps at some distance: no force stands for the jump.
fn jumps(system: &Lowered) -> Option<Diagnostic> {
    let plan = &system.plan;
    let energy = plan.pair_energy.as_ref()?;
    let steps = steps(energy);
    if steps.is_empty() || plan.particles < 2 {
        return None;
    }
    let configuration = Configuration::draw(plan, Seed::root(0).child("jumps"));
    let at = Pair { i: 0, j: 1 };
    let value = |distance: f64| configuration.at_distance(energy, at, distance);
    let branch = |distance: f64| -> Vec<f64> {
        steps.iter().map(|step| configuration.at_distance(step, at, distance)).collect()
    };
    let grid: Vec<f64> = (0..=1000).map(|k| 1e-2 * libm::pow(1e4, f64::from(k) / 1000.0)).collect();
    let branches: Vec<Vec<f64>> = grid.iter().map(|distance| branch(*distance)).collect();
    for k in 1..grid.len() {
        if branches[k] == branches[k - 1] {
            continue;
        }
        // Between the two the energy changes its formula: close in on the place.
        let (mut low, mut high) = (grid[k - 1], grid[k]);
        for _ in 0..45 {
            let middle = 0.5 * (low + high);
            *(if branch(middle) == branches[k - 1] { &mut low } else { &mut high }) = middle;
        }
        let jump = value(high) - value(low);
        if jump.abs() > 1e-6 * value(low).abs().max(value(high).abs()).max(1e-12) {
            return Some(
                Diagnostic::new("W0505", format!("`energy(i, j)` jumps at a distance of {}", rough(low)))
                    .at(system.places["energy(i, j)"], format!("by {}", rough(jump)))
                    .note("a force is the slope of the energy: it knows nothing of the jump, so energy is not conserved there")
                    .help("add a constant to one branch so that both meet"),
            );
        }
    }
    None
}

/// The parts of a formula that change in steps: conditions, signs, roundings.
fn steps(energy: &Expr) -> Vec<Expr> {
    let mut steps = vec![];
    energy.visit(&mut |e| {
        if let Node::Call(op, _) = e.node()
            && matches!(op, Op::Sign | Op::Floor | Op::Ceil | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne)
        {
            steps.push(e.clone());
        }
    });
    steps
}
