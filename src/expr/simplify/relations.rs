//! Simplification by identities of functions. An identity is a polynomial relation between functions (sin² + cos² − 1 = 0):
//! instances are found among the functions of an expression, and its fraction is reduced by each term of the relation in
//! turn. Sums and products need no rules of order or grouping that way, and what is found is the same on every machine.

use super::needs::{Need, follows, needs};
use super::simplest::{Step, rank, simplest, steps};
use crate::base::Name;
use crate::expr::algebra::{self, Field, Fraction, Monomial, Polynomial};
use crate::expr::{Expr, Node, Op};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    let known = needs(expr);
    if expr.size() <= LARGEST && !rules.is_empty() {
        let rules: Vec<Pattern> = rules.iter().map(Pattern::of).collect();
        let seen = RefCell::new(HashMap::new());
        let simple = |e: &Expr| {
            let found = seen.borrow().get(e).cloned();
            found.unwrap_or_else(|| {
                let found = simplest(e);
                seen.borrow_mut().insert(e.clone(), found.clone());
                found
            })
        };
        let ground = Ground { rules, known: &known, simple: &simple };
        let mut settled = BTreeSet::new();
        for _ in 0..APPLIED {
            let Some((next, step)) = ground.once(&now, &mut settled) else { break };
            done.push(step);
            now = steps(&next, &mut done);
        }
    }
    let kept = if now == *expr { known.clone() } else { needs(&now) };
    let conditions = known.into_iter().filter(|need| !follows(need, &kept)).collect();
    Simplified { expr: now, conditions, steps: done }
}

/// What stands for the variables of a rule.
type Binding = BTreeMap<Name, Expr>;

/// A rule taken apart.
struct Pattern<'a> {
    rule: &'a Rule,
    /// Its functions of plain variables.
    plain: BTreeSet<Expr>,
    /// Its terms, each with its functions.
    terms: Vec<(Expr, BTreeSet<Expr>)>,
}

impl Pattern<'_> {
    fn of(rule: &Rule) -> Pattern<'_> {
        let (mut plain, mut terms) = (BTreeSet::new(), vec![]);
        for side in [&rule.left, &rule.right] {
            side.visit(&mut |e| {
                if matches!(e.node(), Node::Call(op, args) if op.info().fixity.is_none() && args.iter().all(|arg| arg.as_symbol().is_some())) {
                    plain.insert(e.clone());
                }
            });
            addends(side, &mut terms);
        }
        let terms = terms.into_iter().map(|term| (term.clone(), calls(&term))).collect();
        Pattern { rule, plain, terms }
    }

    /// Whether an instance can make something smaller: all of its terms but one are made of functions that are there, and one
    /// that stands alone for another and has none of them is the smaller of the two.
    fn may_help(&self, binding: &Binding, there: &BTreeSet<Expr>, simple: &dyn Fn(&Expr) -> Expr) -> bool {
        let is_there = |call: &Expr| {
            let own = call.substitute(binding);
            there.contains(&own) || !self.plain.contains(call) && there.contains(&simple(&own))
        };
        let mut absent = self.terms.iter().filter(|(_, calls)| !calls.iter().all(is_there));
        let Some((first, calls)) = absent.next() else { return true };
        if absent.next().is_some() {
            return false;
        }
        let [(a, _), (b, _)] = &self.terms[..] else { return true };
        let other = if std::ptr::eq(first, a) { b } else { a };
        calls.iter().any(is_there) || first.substitute(binding).size() < other.substitute(binding).size()
    }
}

fn addends(expr: &Expr, out: &mut Vec<Expr>) {
    match expr.node() {
        Node::Call(Op::Add | Op::Sub | Op::Neg, args) => args.iter().for_each(|arg| addends(arg, out)),
        _ => out.push(expr.clone()),
    }
}

/// What applying rules needs.
struct Ground<'a> {
    rules: Vec<Pattern<'a>>,
    /// What the input needs to be defined.
    known: &'a BTreeSet<Need>,
    /// The smallest form that exact algebra finds.
    simple: &'a dyn Fn(&Expr) -> Expr,
}

impl Ground<'_> {
    /// The expression with the identity applied, in one of its parts, that makes it smallest. `settled` holds parts in which
    /// nothing was found.
    fn once(&self, expr: &Expr, settled: &mut BTreeSet<Expr>) -> Option<(Expr, Step)> {
        if settled.contains(expr) {
            return None;
        }
        let own = self.related(expr);
        if own.is_some() {
            return own;
        }
        let Node::Call(op, args) = expr.node() else { return None };
        for (index, arg) in args.iter().enumerate() {
            if let Some((part, step)) = self.once(arg, settled) {
                let mut args = args.clone();
                args[index] = part;
                return Some((Expr::call(*op, args), step));
            }
        }
        settled.insert(expr.clone());
        None
    }

    fn related(&self, expr: &Expr) -> Option<(Expr, Step)> {
        if expr.size() < 4 {
            return None;
        }
        let calls = calls(expr);
        let instances = self.instances(&calls);
        if instances.is_empty() {
            return None;
        }
        let mut field = Field::of(expr, self.simple).limited(TERMS);
        let whole = field.fraction(expr)?;
        let mut best: Option<(Expr, &Rule)> = None;
        for (rule, binding) in instances {
            let relation = rule.left.substitute(&binding) - rule.right.substitute(&binding);
            let Some(relation) = field.fraction(&relation).map(|relation| relation.above) else { continue };
            for lead in relation.0.keys() {
                let Some(reduced) = reduce(&whole, &relation, lead) else { continue };
                for candidate in [algebra::quotient(&field, &reduced), algebra::one_bar(&field, &reduced)] {
                    let smaller = rank(&candidate) < best.as_ref().map_or(rank(expr), |best| rank(&best.0));
                    if smaller
                        && candidate.size() <= expr.size()
                        && needs(&candidate).iter().all(|need| follows(need, self.known))
                    {
                        best = Some((candidate, rule));
                    }
                }
            }
        }
        best.map(|(found, rule)| {
            let step = Step { rule: rule.name.clone(), before: expr.clone(), after: found.clone() };
            (found, step)
        })
    }

    /// Rules with what stands for their variables, where they hold and may help.
    fn instances(&self, calls: &BTreeSet<Expr>) -> Vec<(&Rule, Binding)> {
        let mut found = vec![];
        for pattern in &self.rules {
            let conditions = &pattern.rule.conditions;
            let fits = |binding: &Binding| {
                conditions.iter().all(|condition| self.holds(&condition.substitute(binding)))
                    && pattern.may_help(binding, calls, self.simple)
            };
            found.extend(bindings(pattern, calls).into_iter().filter(fits).take(INSTANCES).map(|b| (pattern.rule, b)));
        }
        found
    }

    /// Whether a condition of a rule follows from what is known.
    fn holds(&self, condition: &Expr) -> bool {
        let need: fn(Expr) -> Need = match condition.node() {
            Node::Call(Op::Gt, args) if args[1].as_number() == Some(0.0) => Need::Positive,
            Node::Call(Op::Ge, args) if args[1].as_number() == Some(0.0) => Need::NonNegative,
            Node::Call(Op::Ne, args) if args[1].as_number() == Some(0.0) => Need::NonZero,
            _ => return false,
        };
        follows(&need((self.simple)(&condition.args()[0])), self.known)
    }
}

/// The functions that an expression is a fraction of; what stands in their arguments is looked at by itself.
fn calls(expr: &Expr) -> BTreeSet<Expr> {
    let mut found = BTreeSet::new();
    gather(expr, &mut found);
    found
}

fn gather(expr: &Expr, found: &mut BTreeSet<Expr>) {
    let Node::Call(op, args) = expr.node() else { return };
    match op {
        Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Neg => args.iter().for_each(|arg| gather(arg, found)),
        Op::Pow => gather(&args[0], found),
        _ if op.info().fixity.is_none() && *op != Op::If => {
            found.insert(expr.clone());
        }
        _ => {}
    }
}

/// What the variables of a rule can stand for, so that one of its functions of plain variables is in the expression.
fn bindings(pattern: &Pattern, calls: &BTreeSet<Expr>) -> Vec<Binding> {
    let (rule, patterns) = (pattern.rule, &pattern.plain);
    let mut found: BTreeSet<Binding> = BTreeSet::from([BTreeMap::new()]);
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
    // Two that are the same are a matter of algebra.
    let differ = |binding: &Binding| binding.values().collect::<BTreeSet<_>>().len() == binding.len();
    found.into_iter().filter(differ).collect()
}

fn unified(pattern: &Expr, call: &Expr, binding: &Binding) -> Option<Binding> {
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
