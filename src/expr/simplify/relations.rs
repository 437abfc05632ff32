//! Simplification by identities of functions. An identity is a polynomial relation between functions (sin² + cos² − 1 = 0):
//! instances are found among the functions of an expression, and its fraction is reduced by each term of the relation in
//! turn. Sums and products need no rules of order or grouping that way, and what is found is the same on every machine.

use super::needs::{Need, follows, lost, needs};
use super::simplest::{Step, rank, simplest, steps};
use crate::base::Name;
use crate::expr::algebra::{self, Field, Fraction, Monomial, Polynomial};
use crate::expr::{Expr, Node, Op};
use std::collections::{BTreeMap, BTreeSet};

/// An identity with the conditions under which it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name, for explanations.
    pub name: String,
    /// What stands for any expression.
    pub variables: Vec<Name>,
    /// What must hold: comparisons with 0.
    pub conditions: Vec<Expr>,
    /// One side.
    pub left: Expr,
    /// The other.
    pub right: Expr,
}

/// The result of [`simplify_by`].
#[derive(Clone, Debug, PartialEq)]
pub struct Simplified {
    /// The expression, at most as large as the input.
    pub expr: Expr,
    /// Where the two are equal: conditions that the input needs to be defined and the result does not.
    pub conditions: Vec<Need>,
    /// What was done, in order.
    pub steps: Vec<Step>,
}

/// Larger expressions are not searched for identities.
const LARGEST: usize = 120;
/// Most instances of one rule that are tried.
const INSTANCES: usize = 40;
/// Most rules applied one after another.
const APPLIED: usize = 8;
/// Most replacements by one relation.
const REPLACED: usize = 24;
/// Polynomials of more terms are given up.
const TERMS: usize = 60;

/// The smallest equal expression that exact algebra and these identities find, with what was done. An identity is used
/// where its conditions follow from what the input needs to be defined; the result is defined wherever the input is.
pub fn simplify_by(expr: &Expr, rules: &[Rule]) -> Simplified {
    let mut done = vec![];
    let mut now = steps(expr, &mut done);
    if expr.size() <= LARGEST && !rules.is_empty() {
        let known = needs(expr);
        for _ in 0..APPLIED {
            let Some((next, step)) = once(&now, rules, &known) else { break };
            done.push(step);
            now = steps(&next, &mut done);
        }
    }
    Simplified { conditions: lost(expr, &now), expr: now, steps: done }
}

/// The expression with the identity applied, in one of its parts, that makes it smallest.
fn once(expr: &Expr, rules: &[Rule], known: &BTreeSet<Need>) -> Option<(Expr, Step)> {
    let own = related(expr, rules, known);
    if own.is_some() {
        return own;
    }
    let Node::Call(op, args) = expr.node() else { return None };
    for (index, arg) in args.iter().enumerate() {
        if let Some((part, step)) = once(arg, rules, known) {
            let mut args = args.clone();
            args[index] = part;
            return Some((Expr::call(*op, args), step));
        }
    }
    None
}

fn related(expr: &Expr, rules: &[Rule], known: &BTreeSet<Need>) -> Option<(Expr, Step)> {
    if expr.size() < 4 {
        return None;
    }
    let calls = calls(expr);
    if calls.is_empty() {
        return None;
    }
    let standard = |e: &Expr| simplest(e);
    let mut field = Field::of(expr, &standard).limited(TERMS);
    let whole = field.fraction(expr)?;
    let mut best: Option<(Expr, &Rule)> = None;
    for rule in rules {
        for binding in bindings(rule, &calls) {
            if !rule.conditions.iter().all(|condition| holds(&condition.substitute(&binding), known)) {
                continue;
            }
            let relation = rule.left.substitute(&binding) - rule.right.substitute(&binding);
            let Some(relation) = field.fraction(&relation).map(|relation| relation.above) else { continue };
            for lead in relation.0.keys() {
                let Some(reduced) = reduce(&whole, &relation, lead) else { continue };
                for candidate in [algebra::quotient(&field, &reduced), algebra::one_bar(&field, &reduced)] {
                    let smaller = rank(&candidate) < best.as_ref().map_or(rank(expr), |best| rank(&best.0));
                    if smaller
                        && candidate.size() <= expr.size()
                        && needs(&candidate).iter().all(|need| follows(need, known))
                    {
                        best = Some((candidate, rule));
                    }
                }
            }
        }
    }
    best.map(|(found, rule)| {
        let step = Step { rule: rule.name.clone(), before: expr.clone(), after: found.clone() };
        (found, step)
    })
}

/// The functions in an expression, outermost ones of nests included.
fn calls(expr: &Expr) -> BTreeSet<Expr> {
    let mut found = BTreeSet::new();
    expr.visit(&mut |e| {
        if matches!(e.node(), Node::Call(op, _) if op.info().fixity.is_none() && *op != Op::If) {
            found.insert(e.clone());
        }
    });
    found
}

/// What the variables of a rule can stand for, so that one of its functions of plain variables is in the expression.
fn bindings(rule: &Rule, calls: &BTreeSet<Expr>) -> Vec<BTreeMap<Name, Expr>> {
    let mut patterns = BTreeSet::new();
    for side in [&rule.left, &rule.right] {
        side.visit(&mut |e| {
            if matches!(e.node(), Node::Call(op, args) if op.info().fixity.is_none() && args.iter().all(|arg| arg.as_symbol().is_some())) {
                patterns.insert(e.clone());
            }
        });
    }
    let mut found: BTreeSet<BTreeMap<Name, Expr>> = BTreeSet::from([BTreeMap::new()]);
    for variable in &rule.variables {
        let mut next = BTreeSet::new();
        for binding in found {
            if binding.contains_key(variable) {
                next.insert(binding);
                continue;
            }
            let symbol = Expr::symbol(variable.clone());
            for pattern in patterns.iter().filter(|pattern| pattern.args().contains(&symbol)) {
                next.extend(calls.iter().filter_map(|call| unified(pattern, call, &binding)).take(INSTANCES));
            }
        }
        found = next;
    }
    found.into_iter().take(INSTANCES).collect()
}

fn unified(pattern: &Expr, call: &Expr, binding: &BTreeMap<Name, Expr>) -> Option<BTreeMap<Name, Expr>> {
    let (Node::Call(a, names), Node::Call(b, args)) = (pattern.node(), call.node()) else { return None };
    if a != b {
        return None;
    }
    let mut out = binding.clone();
    for (name, arg) in names.iter().zip(args) {
        let name = name.as_symbol()?;
        match out.get(name) {
            Some(bound) if bound != arg => return None,
            Some(_) => {}
            None => {
                out.insert(name.clone(), arg.clone());
            }
        }
    }
    Some(out)
}

/// Whether a condition of a rule follows from what is known.
fn holds(condition: &Expr, known: &BTreeSet<Need>) -> bool {
    let need: fn(Expr) -> Need = match condition.node() {
        Node::Call(Op::Gt, args) if args[1].as_number() == Some(0.0) => Need::Positive,
        Node::Call(Op::Ge, args) if args[1].as_number() == Some(0.0) => Need::NonNegative,
        Node::Call(Op::Ne, args) if args[1].as_number() == Some(0.0) => Need::NonZero,
        _ => return false,
    };
    follows(&need(simplest(&condition.args()[0])), known)
}

/// The fraction with every multiple of one term of a relation replaced by the others; `None` where there is none.
fn reduce(whole: &Fraction, relation: &Polynomial, lead: &Monomial) -> Option<Fraction> {
    let (above, below) = (replace(&whole.above, relation, lead)?, replace(&whole.below, relation, lead)?);
    if above.is_none() && below.is_none() {
        return None;
    }
    let reduced = Fraction {
        above: above.unwrap_or_else(|| whole.above.clone()),
        below: below.unwrap_or_else(|| whole.below.clone()),
    };
    (!reduced.below.is_zero()).then(|| reduced.cancelled())?
}

fn replace(p: &Polynomial, relation: &Polynomial, lead: &Monomial) -> Option<Option<Polynomial>> {
    if lead.0.is_empty() {
        return Some(None);
    }
    let own = *relation.0.get(lead)?;
    let mut now = p.clone();
    for count in 0..=REPLACED {
        let hit = now.0.iter().rev().find_map(|(monomial, value)| Some((monomial.over(lead)?, *value)));
        let Some((rest, value)) = hit else { return Some((count > 0).then_some(now)) };
        let factor = Polynomial::term(value.over(own)?, rest);
        now = now.minus(&relation.times(&factor)?)?;
        if now.0.len() > TERMS {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::parse;

    fn rule(name: &str, variables: &[&str], conditions: &[&str], left: &str, right: &str) -> Rule {
        Rule {
            name: name.into(),
            variables: variables.iter().map(|name| Name::new(name)).collect(),
            conditions: conditions.iter().map(|text| parse(text)).collect(),
            left: parse(left),
            right: parse(right),
        }
    }

    #[test]
    fn identities_make_smaller() {
        let rules = [
            rule("pythagoras", &["x"], &[], "sin(x)^2 + cos(x)^2", "1"),
            rule("double angle", &["x"], &[], "sin(2 * x)", "2 * sin(x) * cos(x)"),
            rule("tangent", &["x"], &[], "tan(x)", "sin(x) / cos(x)"),
            rule("product of logarithms", &["a", "b"], &["a > 0", "b > 0"], "log(a) + log(b)", "log(a * b)"),
        ];
        for (from, to, name) in [
            ("sin(y)^2 + z + cos(y)^2", "z + 1", "pythagoras"),
            ("1 - cos(a * b)^2", "sin(a * b)^2", "pythagoras"),
            ("sin(t) * cos(t)", "sin(t) * cos(t)", ""),
            ("4 * sin(t) * cos(t)", "2 * sin(2 * t)", "double angle"),
            ("sin(x) / cos(x) + 1", "tan(x) + 1", "tangent"),
            ("x * (log(p) + log(q))", "x * log(p * q)", "product of logarithms"),
            ("exp(sin(u)^2 + cos(u)^2 + v)", "exp(v + 1)", "pythagoras"),
        ] {
            let found = simplify_by(&parse(from), &rules);
            assert_eq!(found.expr.to_string(), to, "{from}");
            assert!(name.is_empty() || found.steps.iter().any(|step| step.rule == name), "{from}: {:?}", found.steps);
        }
    }

    #[test]
    fn conditions_are_shown_and_never_invented() {
        let rules = [rule("product of logarithms", &["a", "b"], &["a > 0", "b > 0"], "log(a * b)", "log(a) + log(b)")];
        let found = simplify_by(&parse("log(p * q) - log(p)"), &rules);
        assert_eq!(found.expr.to_string(), "log(p * q) - log(p)", "q may be negative with p");
        let found = simplify_by(&parse("(x^2 - 1) / (x - 1)"), &rules);
        assert_eq!((found.expr.to_string().as_str(), found.conditions[0].to_string().as_str()), ("x + 1", "x ≠ 1"));
    }
}
