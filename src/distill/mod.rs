//! Trained functions to laws: contributions asked for, structure tested, formulas searched, composed, refitted on the
//! data, polished, judged. The truth never enters; [`recovery`] compares with it afterwards.
//!
//! Laws of the form a_i = Σ_j f(i, j) · direction(i, j) + g(i) are found. Pair forces across the direction or with
//! velocities in them are noticed and said so, not found.

mod body;
mod compose;
mod declared;
mod describe;
mod law;
mod learned;
mod model;
mod oracle;
mod pieces;
mod polish;
mod query;
mod recovery;
mod relation;
mod scene;
mod structure;
#[cfg(test)]
mod tests;
mod threshold;
mod vary;
mod verify;

pub use declared::Declared;
pub use law::{Constant, Law};
pub use learned::Learned;
pub use oracle::{Arena, Oracle};
pub use query::odd_contributions;
pub use recovery::{DeclaredAttribute, DeclaredConstant, Recovery, Verdict, recovers};
pub use relation::{Part, Relation, Sheet, relate};
pub use structure::{Structure, StructureTest};
pub use verify::{Comparison, Formulas, Side, verify};

use crate::base::{Cancelled, Name, Progress, Seed, Watch};
use crate::expr::{Expr, Node, print::infix};
use crate::plan::{Budget, Choose, DistillPlan, Feature, Refit, symbols};
use crate::search::{FitSettings, Formula, Front, SearchError, Settings};
use crate::simulate::{Parts, Trajectories};
use polish::{Bench, Candidate};
use rayon::prelude::*;

/// Pairs asked about.
const QUESTIONS: usize = 1_600;
/// Configurations on which changed formulas are screened.
const SCREEN: usize = 50;
/// Configurations on which promising ones are fitted, and judged.
const SMALL: (usize, usize) = (200, 250);
/// Configurations on which the best are fitted, and judged, at the end.
const LARGE: (usize, usize) = (1_500, 800);
/// What is searched in turn, with a share of the budget, until a law is exact on the data.
const ATTEMPTS: [Attempt; 4] =
    [Attempt::Whole(0.05), Attempt::Pieces(0.05), Attempt::Whole(0.25), Attempt::Whole(0.65)];

/// A search for pair laws.
#[derive(Clone, Copy)]
enum Attempt {
    /// Of one formula.
    Whole(f64),
    /// Of two, either side of a threshold.
    Pieces(f64),
}
/// Formulas of the front that are composed and refitted.
const TRIED: usize = 24;

/// What is distilled from, besides the oracle.
pub struct Material<'a> {
    /// Trajectories with exact accelerations.
    pub data: &'a Trajectories,
    /// Configurations trained on, validated on, tested on and held out.
    pub parts: &'a Parts,
    /// What is known of the arena.
    pub arena: &'a Arena,
}

/// Why there is no law.
#[derive(Clone, Debug, PartialEq)]
pub enum DistillError {
    /// No training snapshot, or none with two bodies that act on each other.
    NoPairs {
        /// Training snapshots.
        snapshots: usize,
        /// Bodies in each.
        particles: usize,
    },
    /// A table has no column of this name.
    NoColumn {
        /// The name.
        name: Name,
        /// The columns that it has.
        known: Vec<Name>,
    },
    /// A column of categories has more values than constants can be fitted for.
    Categories {
        /// The column.
        column: Name,
        /// Values that it has.
        found: usize,
        /// Values that it may have.
        most: usize,
    },
    /// The search gave no front.
    Search(SearchError),
    /// No formula has finite values on the data.
    NothingFits {
        /// Formulas tried.
        tried: usize,
    },
    /// Stopped on request.
    Cancelled,
}

impl std::fmt::Display for DistillError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            DistillError::NoPairs { snapshots, particles } => {
                write!(f, "{snapshots} training snapshots of {particles} bodies hold no pair that acts on each other")
            }
            DistillError::NoColumn { name, known } => {
                let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                write!(f, "there is no column `{name}`, only {}", known.join(", "))
            }
            DistillError::Categories { column, found, most } => {
                write!(f, "`{column}` has {found} different values; a constant has one for each of {most} at most")
            }
            DistillError::Search(error) => write!(f, "{error}"),
            DistillError::NothingFits { tried } => {
                write!(f, "none of {tried} formulas has finite values on the data")
            }
            DistillError::Cancelled => f.write_str("stopped on request"),
        }
    }
}

impl std::error::Error for DistillError {}

impl From<Cancelled> for DistillError {
    fn from(_: Cancelled) -> DistillError {
        DistillError::Cancelled
    }
}

impl From<SearchError> for DistillError {
    fn from(error: SearchError) -> DistillError {
        match error {
            SearchError::Cancelled(_) => DistillError::Cancelled,
            other => DistillError::Search(other),
        }
    }
}

/// Distils a law from a trained function. `clock` is needed for a budget in seconds only, see [`Settings::clock`].
pub fn distill(
    plan: &DistillPlan,
    oracle: &dyn Oracle,
    material: &Material,
    clock: Option<&(dyn Fn() -> f64 + Sync)>,
    watch: &dyn Watch,
) -> Result<Law, DistillError> {
    let Material { data: measured, parts, arena } = *material;
    let data = oracle.seen(measured);
    let arena = &Arena { attributes: data.attributes.clone(), ..arena.clone() };
    let seed = Seed::root(plan.seed);
    let stream = |name: &str| seed.child(name).stream();
    let (train, validation) = (&parts.train[..], parts.judged());
    let stage = |done: u64, note: &str| {
        watch.progress(Progress { done, total: 5, unit: "parts", note: note.into() });
        if watch.cancelled() { Err(Cancelled) } else { Ok(()) }
    };

    stage(0, "asking for contributions")?;
    let questions = query::draw_questions(&data, train, arena, QUESTIONS, &mut stream("questions"));
    if questions.is_empty() {
        return Err(DistillError::NoPairs { snapshots: train.len(), particles: data.particles });
    }
    let answers = query::ask(oracle, arena, &questions);

    stage(1, "testing the structure")?;
    let noise = structure::prediction_noise(oracle, &data, validation, &mut stream("noise"));
    let mut structure = structure::find_structure(oracle, arena, &questions, &answers, noise, &mut stream("structure"));
    restrict(&mut structure, &plan.inputs);

    let symbols = pair_symbols(oracle, arena, &plan.inputs);
    let fit = compose::draw_scene(&data, train, arena, SMALL.0, &mut stream("fit"));
    let judge = compose::draw_scene(&data, validation, arena, SMALL.1, &mut stream("judge"));
    let screen = compose::draw_scene(&data, train, arena, SCREEN, &mut stream("screen"));
    let seen = Material { data: &data, parts, arena };
    let bodies = body::candidates(oracle, &structure, &seen, plan, seed.child("body"), watch)?;
    let known = learned::read(&oracle.learned(), &data);
    let fits = known.len() * data.particles <= learned::MOST && plan.refit == Refit::Data;
    let learned = if fits { &known[..] } else { &[] };
    let bench = Bench {
        screen: &screen,
        train: &fit,
        validation: &judge,
        operators: &plan.operators,
        symbols: &symbols,
        learned,
    };

    let table = compose::table(&structure, arena, &questions, &answers);
    let mut pool: Vec<Candidate> = vec![];
    let mut searched = Front::default();
    for attempt in ATTEMPTS {
        stage(2, "searching formulas")?;
        let (Attempt::Whole(share) | Attempt::Pieces(share)) = attempt;
        let settings = Settings {
            loss: plan.loss,
            budget: part(plan.budget, share),
            choose: plan.choose,
            seed: seed.child("search"),
            clock,
        };
        let pairs = match attempt {
            Attempt::Whole(_) => {
                let front = crate::search::search(&table, &plan.operators, &settings, watch)?;
                searched = Front { evaluations: searched.evaluations + front.evaluations, ..front };
                let pairs = compose::pair_laws(&structure, &searched);
                pairs[pairs.len().saturating_sub(TRIED)..].to_vec()
            }
            Attempt::Pieces(_) => {
                let spent = &mut searched.evaluations;
                pieces::pair_laws(&structure, &table, &plan.operators, &settings, watch, spent)?
            }
        };
        stage(3, "refitting on the data")?;
        let start = first_candidates(&pairs, &bodies, &bench, plan.refit);
        stage(4, "polishing on the data")?;
        pool.extend(match plan.refit {
            Refit::Data => polish_all(start, &bodies, &bench, watch)?,
            Refit::None => start,
        });
        polish::sort(&mut pool);
        if pool.first().is_some_and(|best| best.misfit < describe::RESOLUTION) {
            break;
        }
    }
    // What a network cannot do by construction is no law of it, however well it fits.
    if oracle.reciprocal() && pool.iter().any(|candidate| candidate.model.is_reciprocal(&screen)) {
        pool.retain(|candidate| candidate.model.is_reciprocal(&screen));
    }
    if pool.is_empty() {
        return Err(DistillError::NothingFits { tried: searched.formulas.len() });
    }
    let fit = compose::draw_scene(&data, train, arena, LARGE.0, &mut stream("last fit"));
    let judge = compose::draw_scene(&data, validation, arena, LARGE.1, &mut stream("last judge"));
    let bench = Bench { train: &fit, validation: &judge, ..bench };
    for candidate in &mut pool {
        if !candidate.model.learned.is_empty() {
            candidate.model = learned::in_units_of_the_largest(&candidate.model);
        }
    }
    let law = conclude(pool, structure, searched, plan, &bench);
    Ok(if fits { law } else { Law { learned: known, ..law } })
}

/// The last fit: until nothing moves.
fn exact_fit() -> FitSettings {
    FitSettings { iterations: 100, tolerance: 1e-15, ..model::quick_fit() }
}

/// A share of a budget, but enough for a search to begin.
fn part(budget: Budget, share: f64) -> Budget {
    match budget {
        Budget::Evaluations(count) => Budget::Evaluations(((count as f64 * share) as u64).max(count.min(5_000))),
        Budget::Seconds(time) => Budget::Seconds(time * share),
    }
}

/// Keeps to the inputs that the plan allows; all where it names none.
fn restrict(structure: &mut Structure, inputs: &[Name]) {
    if !inputs.is_empty() {
        structure.inputs.retain(|name| name.as_str() == symbols::DISTANCE || inputs.contains(name));
        structure.degrees.retain(|(name, _)| inputs.contains(name));
    }
}

/// Symbols that may enter the pair's formula: the distance and what the oracle sees of both bodies.
fn pair_symbols(oracle: &dyn Oracle, arena: &Arena, inputs: &[Name]) -> Vec<Name> {
    let mut out = vec![Name::from(symbols::DISTANCE)];
    for name in arena.attributes.iter().filter(|name| oracle.sees().contains(&Feature::Attribute((*name).clone()))) {
        out.extend(["i", "j"].map(|who| symbols::attribute(who, name)));
    }
    out.retain(|name| inputs.is_empty() || name.as_str() == symbols::DISTANCE || inputs.contains(name));
    out
}

/// Pair laws alone and with each body term, refitted.
fn first_candidates(pairs: &[Expr], bodies: &[Vec<Expr>], bench: &Bench, refit: Refit) -> Vec<Candidate> {
    let judge = |pair: &Expr, body: &[Expr]| match refit {
        Refit::Data => bench.judge(compose::compose(pair, body).knowing(bench.learned), &model::quick_fit()),
        Refit::None => bench.score(compose::compose(pair, body), vec![]),
    };
    let none = vec![];
    let combined: Vec<(&Expr, &Vec<Expr>)> =
        pairs.iter().flat_map(|pair| std::iter::once(&none).chain(bodies).map(move |body| (pair, body))).collect();
    let judged: Vec<Option<Candidate>> = combined.into_par_iter().map(|(pair, body)| judge(pair, body)).collect();
    let mut out: Vec<Candidate> = judged.into_iter().flatten().collect();
    polish::sort(&mut out);
    out
}

/// Polishes; where that does not end in an exact law, once more with body terms that the oracle did not show.
fn polish_all(
    start: Vec<Candidate>,
    bodies: &[Vec<Expr>],
    bench: &Bench,
    watch: &dyn Watch,
) -> Result<Vec<Candidate>, DistillError> {
    let mut pool = polish::polish(start, bench, watch)?;
    if pool.first().is_some_and(|best| best.misfit > 1e3 * describe::RESOLUTION) && bodies.is_empty() {
        let mut next: Vec<Candidate> = vec![];
        for candidate in pool.iter().take(3) {
            let (pair, _) = candidate.model.filled();
            for body in body::simple(bench.train, bench.symbols) {
                next.extend(bench.judge(compose::compose(&pair, &body).knowing(bench.learned), &model::quick_fit()));
            }
        }
        polish::sort(&mut next);
        let best = pool[0].bits;
        if next.first().is_some_and(|first| first.bits < best) {
            next.truncate(8);
            pool.extend(polish::polish(next, bench, watch)?);
            polish::sort(&mut pool);
        }
    }
    Ok(pool)
}

/// The last fit of the best, the choice and the account of it.
fn conclude(pool: Vec<Candidate>, structure: Structure, searched: Front, plan: &DistillPlan, bench: &Bench) -> Law {
    let exact = exact_fit();
    let refit = |candidate: &Candidate| match plan.refit {
        Refit::Data => bench.judge(candidate.model.clone(), &exact).map(|c| bench.tidy(c)),
        Refit::None => bench.score(candidate.model.clone(), candidate.spread.clone()),
    };
    let mut last: Vec<Candidate> = pareto(&pool).into_iter().filter_map(refit).collect();
    if last.is_empty() {
        last = pool;
    }
    polish::sort(&mut last);
    let front: Vec<Candidate> = pareto(&last).into_iter().cloned().collect();
    let mut formulas: Vec<Formula> = front
        .iter()
        .map(|c| Formula {
            expr: c.model.filled().0,
            complexity: c.complexity,
            loss: c.misfit,
            score: 0.0,
            description_length: c.bits,
        })
        .collect();
    for k in 1..formulas.len() {
        let (simple, rich) = (&formulas[k - 1], &formulas[k]);
        let fall = libm::log(simple.loss.max(f64::MIN_POSITIVE) / rich.loss.max(f64::MIN_POSITIVE));
        formulas[k].score = fall / (rich.complexity - simple.complexity);
    }
    let best = |value: &dyn Fn(&Formula) -> f64| {
        (0..formulas.len()).fold(0, |best, k| if value(&formulas[k]) < value(&formulas[best]) { k } else { best })
    };
    let chosen = match plan.choose {
        Choose::DescriptionLength => best(&|f| f.description_length),
        Choose::Score => best(&|f| -f.score),
        Choose::Accuracy => best(&|f| f.loss),
    };
    let winner = &front[chosen];
    let mut notes = vec![];
    let constants = constants(winner, bench, &exact, plan.refit, &mut notes);
    if !structure.central {
        notes.push("the trained function pushes across the direction, which a central law cannot express".into());
    }
    if !structure.still {
        notes.push("the trained function depends on velocities, which a law of distance cannot express".into());
    }
    if winner.misfit > 0.01 {
        notes.push(format!("the best law leaves {:.1} % of the accelerations unexplained", 100.0 * winner.misfit));
    }
    let (pair, body) = winner.model.filled();
    Law {
        pair,
        body,
        constants,
        misfit: winner.misfit,
        description_length: winner.bits,
        front: Front {
            formulas,
            chosen,
            evaluations: searched.evaluations,
            rows: bench.validation.receivers,
            exact: winner.misfit < describe::RESOLUTION,
        },
        searched,
        structure,
        learned: winner.model.learned.clone(),
        notes,
    }
}

/// Candidates none of which is both simpler and better than another, by rising complexity.
fn pareto(candidates: &[Candidate]) -> Vec<&Candidate> {
    let mut sorted: Vec<&Candidate> = candidates.iter().collect();
    sorted.sort_by(|a, b| a.complexity.total_cmp(&b.complexity).then(a.bits.total_cmp(&b.bits)));
    let mut out: Vec<&Candidate> = vec![];
    for candidate in sorted {
        if out.last().is_none_or(|last| candidate.bits < last.bits && candidate.misfit < last.misfit) {
            match out.last() {
                Some(last) if last.complexity == candidate.complexity => {}
                _ => out.push(candidate),
            }
        }
    }
    out
}

/// The numbers of a law, each with what the data say when all are free.
fn constants(
    winner: &Candidate,
    bench: &Bench,
    settings: &FitSettings,
    refit: Refit,
    notes: &mut Vec<String>,
) -> Vec<Constant> {
    let (pair, body) = winner.model.filled();
    let model = model::Model::free(&pair, &body).knowing(&winner.model.learned);
    let values = model.values.clone();
    let fitted = match refit {
        Refit::Data => bench.judge(model, settings),
        Refit::None => None,
    };
    let out: Vec<Constant> = values
        .iter()
        .enumerate()
        .map(|(k, &value)| match &fitted {
            Some(fit) => Constant { value, fitted: fit.model.values[k], uncertainty: fit.spread[k] },
            None => Constant { value, fitted: value, uncertainty: f64::NAN },
        })
        .collect();
    for constant in &out {
        if constant.fitted != constant.value {
            notes.push(format!("{} stands for {}", constant.value, constant.fitted));
        }
    }
    let mut exponents = vec![];
    pair.visit(&mut |e| {
        if let Node::Call(crate::expr::Op::Pow, args) = e.node() {
            exponents.push(infix(&args[1]));
        }
    });
    if !exponents.is_empty() {
        notes.push(format!("exponents {} are part of the structure", exponents.join(", ")));
    }
    out
}
