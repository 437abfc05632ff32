//! The identities of `stdlib/rules.sdl` as rules of simplification.

use super::expression::Checker;
use super::resolve::Modules;
use super::tree::Item;
use super::value::{Place, Quantity, Scope, Value};
use crate::base::{Name, SourceId};
use crate::expr::{Expr, Node, Op, Rule};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The text of the rules.
pub const TEXT: &str = include_str!("../../stdlib/rules.sdl");

/// The rules of the library, in the order of the text. A definition that is no equation is left out; a test finds it.
pub fn rules() -> Vec<Rule> {
    let (script, _) = super::parse(SourceId(0), TEXT);
    let modules = Modules { list: vec![Default::default()], ..Modules::default() };
    let mut checker = Checker::new(&modules);
    let mut found = vec![];
    for item in &script.items {
        let Item::Definition(definition) = item else { continue };
        let names = definition.params.iter().flatten().map(|param| param.name.text.clone());
        let symbol =
            |name: &String| Value::Scalar(Quantity { dimension: None, ..Quantity::pure(Expr::symbol(name.as_str())) });
        let locals: BTreeMap<String, Value> = names.map(|name| (name.clone(), symbol(&name))).collect();
        let variables = locals.keys().map(|name| Name::new(name)).collect();
        let scope = Scope::constant(0, Rc::new(locals)).at(Place::Prompt);
        let Value::Scalar(value) = checker.eval(&definition.value, &scope) else { continue };
        found.extend(rule(&definition.name.text, variables, &value.expr));
    }
    found
}

/// `condition and … and left == right`.
fn rule(name: &str, variables: Vec<Name>, expr: &Expr) -> Option<Rule> {
    let (mut conditions, mut rest) = (vec![], expr.clone());
    loop {
        let Node::Call(op, args) = rest.node() else { return None };
        match op {
            Op::Eq => {
                let (left, right) = (args[0].clone(), args[1].clone());
                return Some(Rule { name: name.replace('_', " "), variables, conditions, left, right });
            }
            Op::And => {
                conjuncts(&args[0], &mut conditions);
                rest = args[1].clone();
            }
            _ => return None,
        }
    }
}

fn conjuncts(expr: &Expr, out: &mut Vec<Expr>) {
    match expr.node() {
        Node::Call(Op::And, args) => args.iter().for_each(|arg| conjuncts(arg, out)),
        _ => out.push(expr.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    #[test]
    fn every_rule_of_the_library_is_read() {
        let (script, findings) = super::super::parse(SourceId(0), TEXT);
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(rules().len(), script.items.len());
    }

    /// Where the condition of a rule holds, its two sides are equal.
    #[test]
    fn rules_hold_where_they_say() {
        for rule in rules() {
            let mut stream = Seed::root(3).child(&rule.name).stream();
            let mut checked = 0;
            for _ in 0..400 {
                let at: BTreeMap<&Name, f64> =
                    rule.variables.iter().map(|name| (name, 1.5 * stream.normal())).collect();
                let value = |e: &Expr| e.eval(&|name| at.get(&Name::new(name)).copied()).unwrap_or(f64::NAN);
                if !rule.conditions.iter().all(|condition| value(condition) == 1.0) {
                    continue;
                }
                let (left, right) = (value(&rule.left), value(&rule.right));
                if left.is_finite() && right.is_finite() {
                    checked += 1;
                    assert!(
                        (left - right).abs() < 1e-8 * (1.0 + left.abs()),
                        "{} at {at:?}: {left} {right}",
                        rule.name
                    );
                }
                assert_eq!(left.is_finite(), right.is_finite(), "{} at {at:?}: {left} {right}", rule.name);
            }
            assert!(checked > 20, "{}: {checked}", rule.name);
        }
    }
}
