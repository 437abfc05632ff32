//! What kind of law it is, asked of the oracle by fresh questions before anything is searched: along the direction?
//! the same whatever the velocities? on which attributes does it depend, and as which power? Every test that passes
//! takes a variable out of the search; none passes on less than the oracle's own noise.

use super::oracle::{Arena, Oracle, norm};
use super::query::{Answers, Questions, ask};
use super::scene::median;
use crate::base::{Name, Stream};
use crate::plan::{Feature, symbols};
use crate::simulate::{Snapshots, Trajectories};
use serde::{Deserialize, Serialize};

/// How much more than the noise a change must be to count as a dependence.
const BEYOND_NOISE: f64 = 3.0;

/// One test of structure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StructureTest {
    /// What was asked, such as `depends on j.mass`.
    pub question: String,
    /// Median relative change or share that was found.
    pub value: f64,
    /// What it had to exceed.
    pub threshold: f64,
    /// Whether it did.
    pub yes: bool,
}

/// What is known of the pair law before the search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Structure {
    /// Relative error of the oracle's radial answers.
    pub noise: f64,
    /// Attributes that enter as a factor `a^degree`, by symbol.
    pub degrees: Vec<(Name, i32)>,
    /// Symbols that make a difference and are no such factor; the distance is always first.
    pub inputs: Vec<Name>,
    /// Whether the force is along the direction.
    pub central: bool,
    /// Whether velocities make no difference.
    pub still: bool,
    /// All tests, in the order they were made.
    pub tests: Vec<StructureTest>,
}

impl Structure {
    fn test(&mut self, question: String, value: f64, threshold: f64) -> bool {
        let yes = value > threshold;
        self.tests.push(StructureTest { question, value, threshold, yes });
        yes
    }
}

/// Median relative error of the oracle's predictions over receivers of these configurations.
pub fn prediction_noise(oracle: &dyn Oracle, data: &Trajectories, rows: &[usize], stream: &mut Stream) -> f64 {
    if rows.is_empty() {
        return 0.0;
    }
    let indices: Vec<usize> = (0..500).map(|_| rows[stream.below(rows.len())]).collect();
    let s = data.snapshots(&indices);
    let told = oracle.predict(&s);
    let relative: Vec<f64> = told
        .chunks(s.space)
        .zip(s.acceleration.chunks(s.space))
        .map(|(p, a)| {
            let d: Vec<f64> = p.iter().zip(a).map(|(p, a)| p - a).collect();
            norm(&d) / norm(a).max(f64::MIN_POSITIVE)
        })
        .collect();
    median(&relative)
}

/// A part of a size; bodies that do nothing to each other have 0 of 0.
fn share_of(part: f64, whole: f64) -> f64 {
    part / whole.max(f64::MIN_POSITIVE)
}

/// Tests the structure of the pair law at the questions given; `answers` are the oracle's to them, `noise` the relative
/// error of its predictions.
pub fn find_structure(
    oracle: &dyn Oracle,
    arena: &Arena,
    questions: &Questions,
    answers: &Answers,
    noise: f64,
    stream: &mut Stream,
) -> Structure {
    let scatter: Vec<f64> = answers.error.iter().zip(&answers.radial).map(|(e, f)| share_of(*e, f.abs())).collect();
    let mut out = Structure { noise: noise.max(median(&scatter)).max(1e-6), ..Structure::default() };
    let threshold = BEYOND_NOISE * out.noise;

    let share: Vec<f64> = answers.across.iter().zip(&answers.radial).map(|(a, f)| share_of(*a, a + f.abs())).collect();
    // The average over directions quietens the radial part but not the part across: allow for it.
    let directions = super::query::directions(questions.snapshots.space).len() as f64;
    out.central = !out.test("acts across the direction".into(), median(&share), threshold * (directions / 2.0).sqrt());

    let few: Vec<usize> = (0..questions.len().min(400)).collect();
    let base = questions.pick(&few);
    let before = &answers.radial[..few.len()];
    let size = median(&before.iter().map(|f| f.abs()).collect::<Vec<_>>());
    let mut shift: Vec<usize> = few.clone();
    stream.shuffle(&mut shift);

    if oracle.sees().contains(&Feature::Velocity) {
        let mut still = true;
        for (who, of_sender) in [("i", false), ("j", true)] {
            let mut changed = base.clone();
            for (&at, &other) in few.iter().zip(&shift) {
                let to = body(&base.pairs, at, of_sender);
                let from = body(&base.pairs, other, of_sender);
                let n = base.snapshots.particles;
                let space = base.snapshots.space;
                for k in 0..space {
                    changed.snapshots.velocity[(at * n + to) * space + k] =
                        base.snapshots.velocity[(other * n + from) * space + k];
                }
            }
            let after = ask(oracle, arena, &changed).radial;
            let change = median(&relative_changes(before, &after, size));
            still &= !out.test(format!("depends on {who}.velocity"), change, threshold);
        }
        out.still = still;
    } else {
        out.still = true;
    }

    out.inputs.push(symbols::DISTANCE.into());
    for (column, name) in arena.attributes.iter().enumerate() {
        if !oracle.sees().contains(&Feature::Attribute(name.clone())) {
            continue;
        }
        for (who, of_sender) in [("i", false), ("j", true)] {
            let symbol = symbols::attribute(who, name);
            let mut changed = base.clone();
            let mut values = vec![];
            for (&at, &other) in few.iter().zip(&shift) {
                let to = slot(&base.snapshots, at, body(&base.pairs, at, of_sender), column);
                let from = slot(&base.snapshots, other, body(&base.pairs, other, of_sender), column);
                values.push((base.snapshots.attribute[to], base.snapshots.attribute[from]));
                changed.snapshots.attribute[to] = base.snapshots.attribute[from];
            }
            // Rows in which the attribute hardly changed say nothing.
            let telling: Vec<usize> =
                few.iter().copied().filter(|&k| (values[k].0 - values[k].1).abs() > 0.2 * values[k].0.abs()).collect();
            if telling.len() < 20 {
                continue;
            }
            let after = ask(oracle, arena, &changed).radial;
            let pick = |from: &[f64]| telling.iter().map(|&k| from[k]).collect::<Vec<f64>>();
            let (f, g) = (pick(before), pick(&after));
            let change = median(&relative_changes(&f, &g, size));
            if !out.test(format!("depends on {symbol}"), change, threshold) {
                continue;
            }
            let ratios: Vec<f64> = telling.iter().map(|&k| values[k].1 / values[k].0).collect();
            let (degree, misfit) = best_degree(&f, &g, &ratios, size);
            let fails = out.test(format!("differs from a factor {symbol}^{degree}"), misfit, threshold);
            if fails { out.inputs.push(symbol) } else { out.degrees.push((symbol, degree)) }
        }
    }
    out
}

/// The product of all factors `a^degree` of a structure at each question.
pub fn factor(structure: &Structure, arena: &Arena, questions: &Questions) -> Vec<f64> {
    let mut out = vec![1.0; questions.len()];
    for (symbol, degree) in &structure.degrees {
        for (value, a) in out.iter_mut().zip(attribute_column(symbol, arena, questions)) {
            *value *= a.powi(*degree);
        }
    }
    out
}

/// The column of an attribute symbol such as `i.mass` over questions.
pub fn attribute_column(symbol: &Name, arena: &Arena, questions: &Questions) -> Vec<f64> {
    let of_sender = symbol.starts_with("j.");
    let column = arena.attributes.iter().position(|name| symbol.get(2..) == Some(name.as_str()));
    let s = &questions.snapshots;
    (0..questions.len())
        .map(|at| column.map_or(f64::NAN, |c| s.attribute[slot(s, at, body(&questions.pairs, at, of_sender), c)]))
        .collect()
}

fn body(pairs: &[(usize, usize)], at: usize, of_sender: bool) -> usize {
    if of_sender { pairs[at].1 } else { pairs[at].0 }
}

fn slot(s: &Snapshots, at: usize, body: usize, column: usize) -> usize {
    (at * s.particles + body) * s.attributes + column
}

fn relative_changes(before: &[f64], after: &[f64], size: f64) -> Vec<f64> {
    let change = |f: f64, g: f64| share_of((f - g).abs(), 0.5 * (f.abs() + g.abs()) + 0.05 * size);
    before.iter().zip(after).map(|(&f, &g)| change(f, g)).collect()
}

/// The degree p of `g = f * ratio^p` that fits best among small integers, and its median relative misfit.
fn best_degree(f: &[f64], g: &[f64], ratios: &[f64], size: f64) -> (i32, f64) {
    [1, -1, 2, -2, 3, -3]
        .into_iter()
        .map(|p| {
            let told: Vec<f64> = f.iter().zip(ratios).map(|(f, ratio)| f * ratio.powi(p)).collect();
            (p, median(&relative_changes(&told, g, size)))
        })
        .fold((1, f64::INFINITY), |best, next| if next.1 < 0.8 * best.1 { next } else { best })
}
