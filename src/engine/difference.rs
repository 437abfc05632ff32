//! What differs between two records: settings and results, by name.

use super::record::Record;
use serde_json::Value;
use std::collections::BTreeMap;

/// A difference of two records.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where: `plan.trains.fit.epochs`, `results.fit.test.mae`.
    pub place: String,
    /// What the first says; nothing where it lacks the place.
    pub one: Option<Value>,
    /// What the second says.
    pub other: Option<Value>,
}

/// Every place at which two records differ, by name.
pub fn differences(one: &Record, other: &Record) -> Vec<Difference> {
    let leaves = |record: &Record| {
        let mut leaves = BTreeMap::new();
        let value = serde_json::to_value(record).expect("records have no non-string keys");
        collect("", value, &mut leaves);
        leaves
    };
    let (one, mut other) = (leaves(one), leaves(other));
    let mut found: Vec<Difference> = one
        .into_iter()
        .filter_map(|(place, value)| {
            let there = other.remove(&place);
            (there.as_ref() != Some(&value)).then_some(Difference { place, one: Some(value), other: there })
        })
        .collect();
    found.extend(other.into_iter().map(|(place, value)| Difference { place, one: None, other: Some(value) }));
    found.sort_by(|a, b| a.place.cmp(&b.place));
    found
}

/// Whether two numbers, or all numbers within two values, agree to this relative tolerance.
pub fn close(one: &Value, other: &Value, tolerance: f64) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= tolerance * a.abs().max(b.abs()),
        _ => one == other,
    }
}

fn collect(place: &str, value: Value, leaves: &mut BTreeMap<String, Value>) {
    let below = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match value {
        Value::Object(fields) => fields.into_iter().for_each(|(name, value)| collect(&below(&name), value, leaves)),
        Value::Array(items) => {
            items.into_iter().enumerate().for_each(|(at, value)| collect(&below(&at.to_string()), value, leaves));
        }
        value => {
            leaves.insert(place.to_owned(), value);
        }
    }
}
