//! The end of a template's search: full convergence, factors and summands that earn nothing removed, numbers in place of
//! constants where the description gets shorter, and the front.

use super::TemplateFront;
use super::member::{Frame, Member};
use crate::base::Name;
use crate::expr::{Expr, postfix, simplify};
use crate::plan::{Choose, Template};
use crate::search::choose::{choose, residual_bits, score};
use crate::search::front::{Formula, Front};
use crate::search::genome::{Gene, Genome};
use crate::search::sample::Sample;
use rayon::prelude::*;

/// Steps of a last fit, and of one after a constant was fixed.
const FULL: usize = 100;
const REFIT: usize = 20;
/// Rows that last fits use, at most.
const ROWS: usize = 20_000;

/// The front of the members, by rising complexity.
pub fn finish(
    frame: &Frame,
    members: Vec<Member>,
    all: &Sample,
    template: &Template,
    inputs: &[Name],
    rule: Choose,
) -> TemplateFront {
    let sample = all.subset(ROWS, &mut crate::base::Seed::root(0).child("template rows").stream());
    let mut described: Vec<(f64, Member)> = members
        .into_par_iter()
        .filter_map(|member| Member::fitted(frame, member.trees, member.constants, &sample, FULL).0)
        .map(|member| shortened(frame, member, &sample))
        .collect();
    described.retain(|(bits, member)| {
        bits.is_finite() && member.trees.iter().zip(frame.spaces).all(|(tree, space)| space.admits(tree))
    });
    described.sort_by(|a, b| a.1.complexity.total_cmp(&b.1.complexity).then(a.0.total_cmp(&b.0)));
    described.dedup_by_key(|(_, member)| member.complexity);
    let mut least = f64::INFINITY;
    described.retain(|(_, member)| {
        let better = member.loss < least;
        least = least.min(member.loss);
        better
    });
    let formula = |(bits, member): &(f64, Member)| Formula {
        expr: whole(frame, member, inputs),
        complexity: member.complexity,
        loss: member.loss * sample.unit,
        score: 0.0,
        description_length: *bits,
    };
    let mut formulas: Vec<Formula> = described.iter().map(formula).collect();
    score(&mut formulas, sample.exact * sample.unit);
    let chosen = choose(&formulas, rule);
    let parts = described.iter().map(|(_, member)| {
        let named = member.trees.iter().zip(frame.spaces).map(|(tree, space)| space.expr(tree));
        (named.collect(), member.constants.clone())
    });
    debug_assert_eq!(template.functions.len(), frame.spaces.len());
    TemplateFront {
        parts: parts.collect(),
        front: Front { formulas, chosen, evaluations: 0, rows: all.rows(), exact: false },
    }
}

/// The formula with functions and constants put in place.
fn whole(frame: &Frame, member: &Member, inputs: &[Name]) -> Expr {
    let mut values: Vec<f64> = member.constants.clone();
    member.trees.iter().for_each(|tree| values.extend(&tree.constants));
    let values: Vec<Expr> = values.into_iter().map(Expr::number).collect();
    let program = frame.program(&member.trees).expect("it was fitted, so it is short enough");
    simplify(&postfix::to_expr(&program, inputs, &values))
}

/// The member with numbers for constants as long as its description gets shorter, the best number first.
fn shortened(frame: &Frame, member: Member, sample: &Sample) -> (f64, Member) {
    let mut best = (bits(frame, &member, sample), member);
    loop {
        let mut found: Option<(f64, Member)> = None;
        for function in 0..best.1.trees.len() {
            for k in 0..best.1.trees[function].constants.len() {
                for number in numbers(best.1.trees[function].constants[k]) {
                    let mut trees = best.1.trees.clone();
                    trees[function] = frame.spaces[function].tidy(&fixed(&trees[function], k, number));
                    let fitted = Member::fitted(frame, trees, best.1.constants.clone(), sample, REFIT).0;
                    let Some(trial) = fitted.filter(|trial| trial.complexity <= best.1.complexity) else { continue };
                    let bits = bits(frame, &trial, sample);
                    if bits < found.as_ref().map_or(best.0, |found| found.0) {
                        found = Some((bits, trial));
                    }
                }
            }
        }
        match found {
            Some(better) => best = better,
            None => return best,
        }
    }
}

/// Numbers that a constant may stand for.
fn numbers(value: f64) -> Vec<f64> {
    let mut out = vec![0.0, 1.0];
    out.extend(
        [1.0, 2.0, 3.0, 4.0]
            .map(|q| (value * q).round() / q)
            .into_iter()
            .filter(|n| (n - value).abs() < 0.05 * value.abs()),
    );
    out.sort_by(f64::total_cmp);
    out.dedup();
    out
}

/// The tree with its `k`-th constant as a fixed number.
fn fixed(tree: &Genome, k: usize, number: f64) -> Genome {
    let mut out = tree.clone();
    let places = (0..out.genes.len()).filter(|at| out.genes[*at] == Gene::Parameter);
    let at = places.into_iter().nth(k).expect("as many parameters as constants");
    out.genes[at] = Gene::Number(number);
    out.constants.remove(k);
    out
}

/// Bits of trees, constants and residuals, up to a constant of the table. A free constant takes half the digits that the
/// rows tell apart (Rissanen 1978).
fn bits(frame: &Frame, member: &Member, sample: &Sample) -> f64 {
    let structure: f64 = member
        .trees
        .iter()
        .zip(frame.spaces)
        .map(|(tree, space)| space.complexity(tree) * libm::log2(space.symbols().max(2) as f64))
        .sum();
    let free = frame.constants + member.trees.iter().map(|tree| tree.constants.len()).sum::<usize>();
    let digits = 0.5 * libm::log2(sample.rows().max(2) as f64) + 8.0;
    structure + free as f64 * digits + residual_bits(sample, member.loss)
}
