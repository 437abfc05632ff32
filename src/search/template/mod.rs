//! Formulas with unknown parts: several functions searched and constants fitted together.
//!
//! A candidate is one tree for each function; its program is the template with the trees put in place of the calls, and
//! all constants are fitted at once. First every choice of small formulas, each after an affine map, then islands in which
//! one function changes at a time ([`breed`]), at last full convergence and constants that earn nothing removed
//! ([`finish`]).
//!
//! Limits: the patterns and required inputs of the operators speak of each function alone.

mod breed;
mod finish;
mod member;

use super::archive::{Archive, Entry};
use super::fit::Scorer;
use super::front::{Front, SearchError, Settings, Table};
use super::genome::{Gene, Genome};
use super::library::Library;
use super::monomial::Powers;
use super::sample::Sample;
use super::space::Space;
use crate::base::{Name, Progress, Watch};
use crate::expr::{Expr, postfix};
use crate::plan::{Budget, OperatorsPlan, Template};
use breed::Island;
use member::{Frame, Member};
use rayon::prelude::*;

/// Rows that candidates are fitted on during the search.
const SCREEN: usize = 200;
/// Choices of small formulas that are tried.
const CHOICES: f64 = 6_000.0;
/// Islands, and births on each in an epoch.
const ISLANDS: usize = 8;
const EVENTS: usize = 60;
/// Candidates kept of each complexity.
const SHELF: usize = 6;
/// Epochs without a better front after which it is final.
const PATIENCE: usize = 30;
/// Members that an island begins with.
const FOUNDERS: usize = 60;

/// A front with what the functions are in each of its formulas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplateFront {
    /// The formulas, functions put in place.
    pub front: Front,
    /// For each formula its functions over their parameters, then the values of the template's constants.
    pub parts: Vec<(Vec<Expr>, Vec<f64>)>,
}

/// Searches the functions of a template. Constants with a value for each category are not known here: the caller writes
/// them out.
pub fn search_template(
    table: &Table,
    template: &Template,
    operators: &OperatorsPlan,
    settings: &Settings,
    watch: &dyn Watch,
) -> Result<TemplateFront, SearchError> {
    let all = Sample::new(table, settings.loss)?;
    let constants: Vec<Name> = template.constants.iter().map(|constant| constant.name.clone()).collect();
    let mut names = table.inputs.clone();
    names.extend(template.calls.iter().map(|call| call.symbol.clone()));
    let program = |expr: &Expr| postfix::from_expr(expr, &names, &constants).map_err(SearchError::UnknownName);
    let spaces = template.functions.iter().map(|function| {
        let inputs = (0..function.parameters.len()).map(|k| k as u16).collect();
        Space::new(operators, &function.parameters, inputs)
    });
    let spaces: Vec<Space> = spaces.collect::<Result<_, _>>()?;
    let calls = template.calls.iter().map(|call| {
        let arguments = call.arguments.iter().map(program).collect::<Result<Vec<_>, _>>()?;
        Ok((call.function, arguments))
    });
    let frame = Frame {
        form: program(&template.form)?,
        calls: calls.collect::<Result<_, SearchError>>()?,
        inputs: table.inputs.len(),
        constants: constants.len(),
        spaces: &spaces,
    };
    let clock = settings.clock;
    if matches!(settings.budget, Budget::Seconds(_)) && clock.is_none() {
        return Err(SearchError::NoClock);
    }
    let started = clock.map_or(0.0, |clock| clock());
    let spent = |evaluations: u64| match settings.budget {
        Budget::Evaluations(most) => evaluations >= most,
        Budget::Seconds(most) => clock.is_some_and(|clock| clock() - started >= most),
    };
    let screen = all.subset(SCREEN, &mut settings.seed.child("screen").stream());
    let mut pool = Pool { members: Archive::new(size(&frame), SHELF), kept: vec![], evaluations: 0 };
    pool.begin(&frame, &screen, &spent, watch);
    let mut islands: Vec<Island> =
        (0..ISLANDS).map(|index| Island::new(settings.seed.child("islands").nth(index as u64), index)).collect();
    let (mut quiet, mut cancelled) = (0, false);
    while !spent(pool.evaluations) && quiet < PATIENCE && !pool.exact(&screen) {
        cancelled = watch.cancelled();
        if cancelled {
            break;
        }
        let founders = pool.founders();
        islands.par_iter_mut().for_each(|island| island.epoch(&frame, &screen, &founders, EVENTS));
        let before = pool.mark();
        for island in &mut islands {
            pool.evaluations += std::mem::take(&mut island.evaluations).max(1);
            island.found.drain(..).for_each(|member| pool.add(member));
        }
        quiet = if pool.mark() == before { quiet + 1 } else { 0 };
        let note = format!("{} functions", spaces.len());
        let total = if let Budget::Evaluations(most) = settings.budget { most } else { 0 };
        watch.progress(Progress { done: pool.evaluations, total, unit: "evaluations", note });
    }
    let mut found = finish::finish(&frame, pool.front(), &all, template, &table.inputs, settings.choose);
    found.front.evaluations = pool.evaluations;
    found.front.exact = found.front.formulas.iter().any(|formula| formula.loss <= all.exact * all.unit);
    match (found.front.formulas.is_empty(), cancelled) {
        (_, true) => Err(SearchError::Cancelled(Box::new(found.front))),
        (true, _) => Err(SearchError::NothingAllowed),
        _ => Ok(found),
    }
}

/// The largest complexity of all functions together.
fn size(frame: &Frame) -> f64 {
    frame.spaces.iter().map(|space| space.size).sum::<f64>().min(1_000.0)
}

/// The best members of every complexity.
struct Pool {
    /// Entries hold the number of a member in place of its trees.
    members: Archive,
    kept: Vec<Member>,
    evaluations: u64,
}

impl Pool {
    fn add(&mut self, member: Member) {
        let place = Genome::leaf(Gene::Number(self.kept.len() as f64));
        let entry = Entry { genome: place, loss: member.loss, complexity: member.complexity, key: member.key };
        if self.members.insert(entry) {
            self.kept.push(member);
        }
    }

    fn member(&self, entry: &Entry) -> &Member {
        match entry.genome.genes[0] {
            Gene::Number(at) => &self.kept[at as usize],
            _ => unreachable!("entries of the pool hold numbers"),
        }
    }

    fn front(&self) -> Vec<Member> {
        self.members.front().into_iter().map(|entry| self.member(entry).clone()).collect()
    }

    /// Members for the islands, the best first.
    fn founders(&self) -> Vec<Member> {
        let mut out = self.front();
        let rest = self.members.entries().map(|entry| self.member(entry));
        let fresh: Vec<Member> =
            rest.filter(|member| out.iter().all(|other| other.key != member.key)).cloned().collect();
        out.extend(fresh);
        out.sort_by(|a, b| a.cost(0.1).total_cmp(&b.cost(0.1)).then(a.key.cmp(&b.key)));
        out.truncate(FOUNDERS);
        out
    }

    fn mark(&self) -> Vec<(u64, u64)> {
        self.members.front().iter().map(|entry| (entry.complexity.to_bits(), entry.loss.to_bits())).collect()
    }

    fn exact(&self, sample: &Sample) -> bool {
        self.members.front().last().is_some_and(|entry| entry.loss <= sample.exact)
    }

    /// Every choice of small formulas, one for each function and each after an affine map.
    fn begin(&mut self, frame: &Frame, sample: &Sample, stop: &dyn Fn(u64) -> bool, watch: &dyn Watch) {
        let each = (CHOICES.powf(1.0 / frame.spaces.len().max(1) as f64) as usize).max(2);
        let pools: Vec<Vec<Genome>> =
            (0..frame.spaces.len()).map(|function| small(frame, function, sample, each)).collect();
        let choices: usize = pools.iter().map(Vec::len).product();
        // Neighbours in the order differ in the first function; pieces are short enough to stop between them.
        for start in (0..choices).step_by(500) {
            if stop(self.evaluations) || watch.cancelled() || self.exact(sample) {
                return;
            }
            let members: Vec<(Option<Member>, u64)> = (start..choices.min(start + 500))
                .into_par_iter()
                .map(|choice| {
                    let mut rest = choice;
                    let trees = pools.iter().map(|pool| {
                        let tree = pool[rest % pool.len()].clone();
                        rest /= pool.len();
                        tree
                    });
                    Member::fitted(frame, trees.collect(), vec![1.0; frame.constants], sample, 10)
                })
                .collect();
            for (member, used) in members {
                self.evaluations += used;
                member.into_iter().for_each(|member| self.add(member));
            }
        }
    }
}

/// Small formulas for a function, with a factor and a summand; those over the values of its arguments where these are known.
fn small(frame: &Frame, function: usize, sample: &Sample, count: usize) -> Vec<Genome> {
    let space = &frame.spaces[function];
    let mut scorer = Scorer::default();
    let known = frame.calls.iter().find(|(of, _)| *of == function).and_then(|(_, arguments)| {
        let plain = |program: &Vec<postfix::Token>| {
            program.iter().all(|token| match token {
                postfix::Token::Input(at) => (*at as usize) < frame.inputs,
                postfix::Token::Parameter(_) => false,
                _ => true,
            })
        };
        let slices = sample.slices();
        let values = |program: &Vec<postfix::Token>| scorer.values(program, &[], &slices, sample.rows()).to_vec();
        arguments.iter().all(plain).then(|| arguments.iter().map(values).collect::<Vec<_>>())
    });
    let sample = known.and_then(|columns| sample.divided(columns, None));
    let mut trees: Vec<Genome> = space.inputs.iter().map(|input| Genome::leaf(Gene::Input(*input))).collect();
    if let Some(sample) = sample {
        let mut features = Library::new(space, &Powers::new(space), &sample).features;
        features.sort_by(|a, b| a.complexity.total_cmp(&b.complexity));
        trees = features.into_iter().map(|feature| feature.genome).collect();
    }
    trees.truncate(count.saturating_sub(1).max(1));
    let mut out = vec![Genome::constant(1.0)];
    out.extend(trees.iter().map(|tree| super::fit::affine_form(space, tree, Some(1.0), Some(0.0))));
    out.retain(|tree| space.contains(tree));
    out
}
