//! How a search begins other than from nothing, and what it leaves on its way: formulas given to it, and checkpoints.

use super::front::{SearchError, Settings, Table};
use crate::expr::Expr;
use crate::plan::OperatorsPlan;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Gets what makes the bytes of a checkpoint, and decides whether it is worth making them.
pub type Keep<'a> = dyn Fn(&dyn Fn() -> Vec<u8>) + Sync + 'a;

/// The course of a search beside its settings.
#[derive(Clone, Copy, Default)]
pub struct Course<'a> {
    /// Formulas to begin with, over the table's inputs: of a user, of a front, of an earlier search. Those that the operators
    /// cannot write are left out; constants are fitted anew.
    pub from: &'a [Expr],
    /// A checkpoint to go on from. The front is then the one that an uninterrupted search gives, byte for byte, when the
    /// budget counts evaluations; one in seconds goes on counting.
    pub resume: Option<&'a [u8]>,
    /// Told after each epoch.
    pub keep: Option<&'a Keep<'a>>,
}

/// Whose checkpoint it is, and the state.
#[derive(Serialize, Deserialize)]
struct Marked<T> {
    mark: [u8; 32],
    state: T,
}

/// What makes a search the same search: everything but its budget, and the version that left it.
pub(crate) fn mark(table: &Table, operators: &OperatorsPlan, settings: &Settings, from: &[Expr]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    let mut numbers = |values: &[f64]| {
        hasher.update(&(values.len() as u64).to_le_bytes());
        values.iter().for_each(|value| {
            hasher.update(&value.to_bits().to_le_bytes());
        });
    };
    table.columns.iter().for_each(|column| numbers(column));
    numbers(&table.target);
    numbers(&table.weights);
    numbers(&[table.noise]);
    if let Some(dimensions) = &table.dimensions {
        dimensions.inputs.iter().for_each(|dimension| numbers(dimension));
        numbers(&dimensions.target);
    }
    let words = serde_json::to_vec(&(&table.inputs, operators, settings.loss, settings.seed, from));
    hasher.update(&words.expect("plain data has a written form"));
    *hasher.finalize().as_bytes()
}

/// The bytes of a checkpoint.
pub(crate) fn to_bytes<T: Serialize>(mark: [u8; 32], state: T) -> Vec<u8> {
    let mut bytes = vec![];
    ciborium::into_writer(&Marked { mark, state }, &mut bytes).expect("memory takes all");
    bytes
}

/// The state in a checkpoint of this search.
pub(crate) fn from_bytes<T: DeserializeOwned>(mark: [u8; 32], bytes: &[u8]) -> Result<T, SearchError> {
    let found: Marked<T> = ciborium::from_reader(bytes).map_err(|_| SearchError::BrokenCheckpoint)?;
    if found.mark == mark { Ok(found.state) } else { Err(SearchError::OtherCheckpoint) }
}
