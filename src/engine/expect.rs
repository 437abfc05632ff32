//! Whether what was expected came out.

use super::record::Expectation;
use crate::base::Name;
use crate::expr::{Expr, Node, Op};
use crate::plan::ExpectPlan;
use std::collections::BTreeMap;

/// Judges one expectation by the results so far. `recovered` has, by symbol, whether a law is the system it should be and,
/// if not, why. A result that is missing or NaN fails the expectation whatever the condition does with it.
pub fn judge(
    expect: &ExpectPlan,
    results: &BTreeMap<String, f64>,
    recovered: &BTreeMap<Name, Result<(), String>>,
) -> Expectation {
    let lookup = |name: &str| match recovered.get(name) {
        Some(outcome) => Some(f64::from(u8::from(outcome.is_ok()))),
        None => results.get(name).copied(),
    };
    let value = |expr: &Expr| expr.eval(&lookup).unwrap_or(f64::NAN);
    let mut reasons = vec![];
    for symbol in expect.condition.symbols() {
        match (lookup(&symbol), recovered.get(&symbol)) {
            (None, _) => reasons.push(format!("there is no result `{symbol}`")),
            (Some(value), _) if value.is_nan() => reasons.push(format!("`{symbol}` is not a number")),
            (_, Some(Err(why))) => reasons.push(why.clone()),
            _ => {}
        }
    }
    let sound = expect.condition.symbols().iter().all(|symbol| lookup(symbol).is_some_and(|value| !value.is_nan()));
    let truth = value(&expect.condition);
    let holds = sound && !truth.is_nan() && truth != 0.0;
    Expectation {
        text: expect.text.clone(),
        value: value(measured(&expect.condition)),
        holds,
        reason: (!holds && !reasons.is_empty()).then(|| reasons.join("; ")),
    }
}

/// The value of a table's cell; NaN where a result is missing.
pub fn value(
    cell: &ExpectPlan,
    results: &BTreeMap<String, f64>,
    recovered: &BTreeMap<Name, Result<(), String>>,
) -> f64 {
    let lookup = |name: &str| match recovered.get(name) {
        Some(outcome) => Some(f64::from(u8::from(outcome.is_ok()))),
        None => results.get(name).copied(),
    };
    let sound = cell.condition.symbols().iter().all(|symbol| lookup(symbol).is_some_and(|value| !value.is_nan()));
    if sound { cell.condition.eval(&lookup).unwrap_or(f64::NAN) } else { f64::NAN }
}

/// The side of a comparison that was measured: the left one unless only the right one names a result.
fn measured(condition: &Expr) -> &Expr {
    match condition.node() {
        Node::Call(Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne, args) => match args[0].symbols().is_empty() {
            true => &args[1],
            false => &args[0],
        },
        _ => condition,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_only_on_sound_numbers() {
        let results = BTreeMap::from([("a".to_owned(), 2.0), ("b".to_owned(), 3.0), ("nan".to_owned(), f64::NAN)]);
        let recovered = BTreeMap::from([
            (Name::from("law recovers good"), Ok(())),
            (Name::from("law recovers bad"), Err("it lacks a term".to_owned())),
        ]);
        let s = |name: &str| Expr::symbol(name);
        let compare = |op, a: Expr, b: Expr| Expr::call(op, vec![a, b]);
        for (condition, value, holds, reason) in [
            (compare(Op::Lt, s("a"), s("b")), 2.0, true, None),
            (compare(Op::Gt, Expr::number(1.0), s("b")), 3.0, false, None),
            (compare(Op::Ne, s("nan"), s("b")), f64::NAN, false, Some("`nan` is not a number")),
            (compare(Op::Gt, s("c"), s("b")), f64::NAN, false, Some("there is no result `c`")),
            (s("law recovers good"), 1.0, true, None),
            (s("law recovers bad"), 0.0, false, Some("it lacks a term")),
            (Expr::call(Op::Not, vec![s("law recovers bad")]), 1.0, true, None),
            (Expr::call(Op::Not, vec![s("nan")]), 0.0, false, Some("`nan` is not a number")),
        ] {
            let text = condition.to_string();
            let found = judge(&ExpectPlan { text: text.clone(), condition, recovers: vec![] }, &results, &recovered);
            assert_eq!(found.value.to_bits(), f64::to_bits(value), "{text}");
            assert_eq!((found.holds, found.reason.as_deref()), (holds, reason), "{text}");
        }
    }
}
