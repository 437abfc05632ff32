//! Whether a distilled law is a declared one: the same function, once the declared numbers agree with what the law says
//! of them. Used to score.
//!
//! The declared accelerations are taken as a family, every number in its energies and forces free (whole exponents are
//! part of the form). The member of the family nearest to the law is found on random configurations wider than the
//! data; then both are compared on fresh ones (randomised identity test: two different analytic formulas agree at
//! random points with probability zero). Numbers that come out differently count as recovered only where the data
//! cannot tell the difference.

use super::declared::Declared;
use super::law::Law;
use super::learned::{self, Learned};
use super::oracle::Arena;
use super::scene::Scene;
use super::verify::Formulas;
use super::{Material, compose};
use crate::base::{Name, Seed, json};
use crate::expr::{Equality, Expr, Node, Op, Scratch, Tape, Wrt, equal, print::number};
use crate::plan::SystemPlan;
use crate::search::{FitSettings, levenberg_marquardt};
use crate::simulate::{SimulateError, Snapshots, draw};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Largest relative difference of equal functions: rounding.
const IDENTICAL: f64 = 1e-8;
/// Configurations of a test.
const CONFIGURATIONS: usize = 200;
/// How much wider than drawn positions spread there.
const WIDER: f64 = 1.5;
/// A declared number is met within so many standard deviations of the law's.
const DEVIATIONS: f64 = 5.0;
/// How much worse than the declared law a law may explain the data that cannot tell them apart.
const AS_GOOD: f64 = 1.02;

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The law is the declared one.
    Recovered,
    /// Another form or other numbers, but the data cannot tell.
    Equivalent,
    /// Another law.
    Different,
}

/// A number of the declared system beside what the law says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeclaredConstant {
    /// As declared.
    pub declared: f64,
    /// In the member of the declared family nearest to the law.
    #[serde(with = "json::number")]
    pub fitted: f64,
    /// How far apart they may be.
    #[serde(with = "json::number")]
    pub tolerance: f64,
}

/// What was learned of a body beside what it is, in its units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeclaredAttribute {
    /// The attribute.
    pub name: Name,
    /// The body, from 1.
    pub body: usize,
    /// As it is.
    pub declared: f64,
    /// As the law has it, times the common factor that brings all bodies nearest.
    #[serde(with = "json::number")]
    pub learned: f64,
    /// Standard deviation of what the law has.
    #[serde(with = "json::number")]
    pub uncertainty: f64,
}

/// Whether a law is a declared system, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// The answer.
    pub verdict: Verdict,
    /// What it rests on, clause by clause.
    pub clauses: Vec<String>,
    /// The declared numbers, in the order in which they stand: pair energy, body energy, pair force, body force.
    pub constants: Vec<DeclaredConstant>,
    /// What nobody measured, body by body.
    #[serde(default)]
    pub learned: Vec<DeclaredAttribute>,
    /// Largest relative difference of accelerations between the law and the declared system, on random configurations.
    #[serde(with = "json::number")]
    pub difference: f64,
    /// The same after fitting the declared numbers.
    #[serde(with = "json::number")]
    pub fitted_difference: f64,
}

/// Compares a law with a declared system. `material` is what the law was found from: what it cannot tell apart is not
/// held against the law. `Err` where the system cannot be drawn from.
pub fn recovers(law: &Law, system: &SystemPlan, material: &Material) -> Result<Recovery, SimulateError> {
    let law = &law.in_units_of(material.data);
    let arena = Arena {
        links: system.links,
        boundary: system.boundary,
        attributes: system.attributes.iter().map(|attribute| attribute.name.clone()).collect(),
    };
    let seed = Seed::root(0).child("recovers");
    let wide = |name: &str, particles: usize| -> Result<Snapshots, SimulateError> {
        let system = SystemPlan { particles, ..system.clone() };
        let mut s = draw(&system, CONFIGURATIONS, seed.child(name))?;
        s.position.iter_mut().for_each(|x| *x *= WIDER);
        Ok(s)
    };
    let formulas = Formulas::of(law, system.space);
    let family = Family::new(system);
    let targets = |s: &Snapshots| Scene::new(s, &formulas.accelerations(s, &arena), &arena);
    let fit_scene = targets(&wide("fit", system.particles)?);
    let fresh = targets(&wide("fresh", system.particles)?);
    let more = targets(&wide("more bodies", system.particles + 2)?);

    let difference = family.difference(&family.declared, &fresh);
    let mut clauses = vec![];
    let mut fitted = family.declared.clone();
    let mut fitted_difference = difference;
    if difference.is_nan() || difference >= IDENTICAL {
        fitted = family.fit(&fit_scene);
        fitted_difference = family.difference(&fitted, &fresh);
    }
    let same_form = fitted_difference < IDENTICAL;
    let constants = constants(law, &family.declared, &fitted);
    let off: Vec<&DeclaredConstant> =
        constants.iter().filter(|c| (c.fitted - c.declared).abs() > c.tolerance).collect();
    let told = data_tells(law, system, material);
    let verdict = if same_form && off.is_empty() {
        clauses.push(if difference < IDENTICAL {
            format!("equal to {:.0e} at {} random configurations", IDENTICAL, fresh.receivers)
        } else {
            "the same form; every number within its uncertainty".into()
        });
        if let Some(radial) = Declared::new(system).radial()
            && equal(&law.pair, &radial, 1e-9) == Equality::Proved
        {
            clauses.push("the pair law proved equal by expansion".into());
        }
        Verdict::Recovered
    } else if same_form && !told {
        for constant in off {
            clauses.push(format!(
                "{} came out as {}: the data cannot tell",
                number(constant.declared),
                number(constant.fitted)
            ));
        }
        Verdict::Recovered
    } else if !told {
        clauses.push("another form, but accelerations agree as well as the data can tell".into());
        Verdict::Equivalent
    } else {
        for constant in off.iter().filter(|_| same_form) {
            clauses.push(format!("{} came out as {}", number(constant.declared), number(constant.fitted)));
        }
        if !same_form {
            clauses.push(format!("accelerations differ by up to {fitted_difference:.1e} whatever the numbers"));
        }
        Verdict::Different
    };
    for Learned { name, .. } in &law.learned {
        clauses.push(format!("`{name}`, which nobody measured, is known up to a common factor"));
    }
    let beyond = family.difference(&fitted, &more);
    if verdict == Verdict::Recovered && (beyond.is_nan() || beyond >= IDENTICAL) {
        clauses.push(format!(
            "for {} bodies, as in the data; how it goes on with more the data cannot tell",
            system.particles
        ));
    }
    Ok(Recovery { verdict, clauses, constants, learned: beside(&law.learned, material), difference, fitted_difference })
}

/// What was learned beside what the data have under the same names.
fn beside(learned: &[Learned], material: &Material) -> Vec<DeclaredAttribute> {
    let of = |learned: &Learned| -> Vec<DeclaredAttribute> {
        let known = learned::read(std::slice::from_ref(&learned.name), material.data);
        let row = |body: usize| DeclaredAttribute {
            name: learned.name.clone(),
            body: body + 1,
            declared: known[0].values[body],
            learned: learned.values[body],
            uncertainty: learned.uncertainty[body],
        };
        (0..learned.values.len()).map(row).collect()
    };
    learned.iter().flat_map(of).collect()
}

/// Whether the data prefer the declared law: it explains them better by more than noise.
fn data_tells(law: &Law, system: &SystemPlan, material: &Material) -> bool {
    let Material { data, parts, arena } = *material;
    let mut stream = Seed::root(0).child("data tells").stream();
    let scene = compose::draw_scene(data, parts.judged(), arena, 2 * CONFIGURATIONS, &mut stream);
    let declared = Declared::new(system);
    let ours = Formulas::of(law, system.space);
    let misfit = |pair: &[Expr], body: &[Expr]| {
        let Some(columns) = scene.accelerations(pair, body) else { return f64::NAN };
        let mut sum = 0.0;
        for (column, target) in columns.iter().zip(&scene.target) {
            sum += (0..scene.receivers).map(|r| ((column[r] - target[r]) / scene.scale[r]).abs()).sum::<f64>();
        }
        sum / (scene.receivers * scene.space).max(1) as f64
    };
    let (found, true_law) = (misfit(&ours.pair, &ours.body), misfit(&declared.pair, &declared.body));
    found.is_nan() || found > (AS_GOOD * true_law).max(super::describe::RESOLUTION)
}

fn constants(law: &Law, declared: &[f64], fitted: &[f64]) -> Vec<DeclaredConstant> {
    // The law's relative uncertainty carries over to the declared numbers.
    let relative = law
        .constants
        .iter()
        .map(|c| DEVIATIONS * c.uncertainty / c.fitted.abs())
        .filter(|u| u.is_finite())
        .fold(1e-6, f64::max)
        .min(0.01);
    declared
        .iter()
        .zip(fitted)
        .map(|(&declared, &fitted)| DeclaredConstant {
            declared,
            fitted,
            tolerance: relative * declared.abs().max(f64::MIN_POSITIVE),
        })
        .collect()
}

/// The declared accelerations with their numbers free.
struct Family {
    pair: Vec<Expr>,
    body: Vec<Expr>,
    names: Vec<Name>,
    declared: Vec<f64>,
}

impl Family {
    fn new(system: &SystemPlan) -> Family {
        let mut names = vec![];
        let mut declared = vec![];
        let mut release = |expr: &Expr| release(expr, &mut names, &mut declared);
        let free = SystemPlan {
            pair_energy: system.pair_energy.as_ref().map(&mut release),
            body_energy: system.body_energy.as_ref().map(&mut release),
            pair_force: system.pair_force.iter().map(&mut release).collect(),
            body_force: system.body_force.iter().map(&mut release).collect(),
            ..system.clone()
        };
        let Declared { pair, body } = Declared::new(&free);
        Family { pair, body, names, declared }
    }

    /// The numbers with which the family comes nearest to the scene's accelerations.
    fn fit(&self, scene: &Scene) -> Vec<f64> {
        let Some(mut run) = FamilyRun::new(self, scene) else { return self.declared.clone() };
        let settings = FitSettings { iterations: 200, tolerance: 1e-15, ..FitSettings::default() };
        let rows = scene.receivers * scene.space;
        let mut residuals =
            |constants: &[f64], out: &mut [f64], jacobian: Option<&mut [f64]>| run.residuals(constants, out, jacobian);
        levenberg_marquardt(&mut residuals, &self.declared, rows, &[], &settings).constants
    }

    /// Largest difference of accelerations, relative to their sizes; NaN where a value is not finite.
    fn difference(&self, constants: &[f64], scene: &Scene) -> f64 {
        let Some(mut run) = FamilyRun::new(self, scene) else { return f64::NAN };
        let mut out = vec![0.0; scene.receivers * scene.space];
        run.residuals(constants, &mut out, None);
        if out.iter().any(|x| !x.is_finite()) {
            return f64::NAN;
        }
        out.iter().map(|r| r.abs()).fold(0.0, f64::max)
    }
}

/// Replaces every number by a symbol, whole exponents excepted.
fn release(expr: &Expr, names: &mut Vec<Name>, values: &mut Vec<f64>) -> Expr {
    match expr.node() {
        Node::Number(value) => {
            let name = Name::from(format!("K{}", names.len() + 1));
            names.push(name.clone());
            values.push(*value);
            Expr::symbol(name)
        }
        Node::Symbol(_) => expr.clone(),
        Node::Call(op, args) => {
            let whole = |e: &Expr| e.as_number().is_some_and(|x| x == x.round());
            let args = args
                .iter()
                .enumerate()
                .map(
                    |(k, arg)| {
                        if *op == Op::Pow && k == 1 && whole(arg) { arg.clone() } else { release(arg, names, values) }
                    },
                )
                .collect();
            Expr::call(*op, args)
        }
    }
}

/// A family over a scene: residuals relative to each receiver's scale.
struct FamilyRun<'a> {
    scene: &'a Scene,
    parts: Vec<Part<'a>>,
    wrt: Vec<Wrt>,
}

/// Formulas by component over pair rows or receivers.
struct Part<'a> {
    tape: Tape,
    columns: Vec<&'a [f64]>,
    rows: usize,
    over_pairs: bool,
    scratch: Scratch<f64>,
}

impl<'a> FamilyRun<'a> {
    fn new(family: &Family, scene: &'a Scene) -> Option<FamilyRun<'a>> {
        let mut parts = vec![];
        for (exprs, columns, rows, over_pairs) in
            [(&family.pair, &scene.pair, scene.rows(), true), (&family.body, &scene.body, scene.receivers, false)]
        {
            if !exprs.is_empty() && rows > 0 {
                parts.push(Part::new(exprs, &family.names, columns, rows, over_pairs)?);
            }
        }
        Some(FamilyRun { scene, parts, wrt: (0..family.names.len()).map(|k| Wrt::Parameter(k as u16)).collect() })
    }

    fn residuals(&mut self, constants: &[f64], out: &mut [f64], mut jacobian: Option<&mut [f64]>) {
        let Scene { space, receivers, starts, target, scale, .. } = self.scene;
        let rows = space * receivers;
        for c in 0..*space {
            for r in 0..*receivers {
                out[c * receivers + r] = -target[c][r] / scale[r];
            }
        }
        if let Some(jacobian) = jacobian.as_deref_mut() {
            jacobian.fill(0.0);
        }
        for part in &mut self.parts {
            let mut values = vec![vec![0.0; part.rows]; *space];
            let mut slopes = vec![vec![0.0; part.rows]; if jacobian.is_some() { space * constants.len() } else { 0 }];
            let mut to: Vec<&mut [f64]> = values.iter_mut().map(Vec::as_mut_slice).collect();
            if slopes.is_empty() {
                part.tape.eval(&part.columns, constants, &mut to, &mut part.scratch);
            } else {
                let mut slopes: Vec<&mut [f64]> = slopes.iter_mut().map(Vec::as_mut_slice).collect();
                let scratch = &mut part.scratch;
                part.tape.eval_with_derivatives(&part.columns, constants, &self.wrt, &mut to, &mut slopes, scratch);
            }
            let over_pairs = part.over_pairs;
            let sum = |column: &[f64], r: usize| {
                let total = if over_pairs { column[starts[r]..starts[r + 1]].iter().sum() } else { column[r] };
                total / scale[r]
            };
            for c in 0..*space {
                for r in 0..*receivers {
                    out[c * receivers + r] += sum(&values[c], r);
                }
            }
            if let Some(jacobian) = jacobian.as_deref_mut() {
                for (at, column) in slopes.iter().enumerate() {
                    let (c, k) = (at / constants.len(), at % constants.len());
                    for r in 0..*receivers {
                        jacobian[k * rows + c * receivers + r] += sum(column, r);
                    }
                }
            }
        }
    }
}

impl<'a> Part<'a> {
    fn new(
        exprs: &[Expr],
        constants: &[Name],
        columns: &'a BTreeMap<Name, Vec<f64>>,
        rows: usize,
        over_pairs: bool,
    ) -> Option<Part<'a>> {
        let mut used = std::collections::BTreeSet::new();
        exprs.iter().for_each(|e| used.extend(e.symbols()));
        let names: Vec<Name> = used.into_iter().filter(|name| !constants.contains(name)).collect();
        let found: Option<Vec<&'a [f64]>> = names.iter().map(|name| columns.get(name).map(Vec::as_slice)).collect();
        Some(Part {
            tape: Tape::compile(exprs, &names, constants).ok()?,
            columns: found?,
            rows,
            over_pairs,
            scratch: Scratch::default(),
        })
    }
}
