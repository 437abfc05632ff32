//! Networks and checkpoints as bytes: a mark, a head in JSON, then numbers of four bytes, little-endian. Reading gives back
//! what was written, to the bit.

use super::train::Checkpoint;
use super::trained::{Facts, Trained};
use serde::{Deserialize, Serialize};

/// Why bytes are no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// They do not begin as a network does.
    NotANetwork,
    /// They end too early or hold something else than their head says.
    Damaged,
}

const MARK: &[u8; 8] = b"sdlnet01";

impl Trained {
    /// All of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(&self.facts, &[&self.weights()])
    }

    /// What [`Trained::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Trained, DecodeError> {
        let (facts, [weights]) = decode(bytes)?;
        Ok(Trained::new(facts, &weights))
    }
}

impl Checkpoint {
    /// All of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(&self.network.facts, &[&self.network.weights(), &self.moments[0], &self.moments[1]])
    }

    /// What [`Checkpoint::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Checkpoint, DecodeError> {
        let (facts, [weights, first, second]) = decode(bytes)?;
        Ok(Checkpoint { network: Trained::new(facts, &weights), moments: [first, second] })
    }
}

fn encode(facts: &Facts, lists: &[&Vec<f32>]) -> Vec<u8> {
    let head = serde_json::to_vec(&Head::of(facts)).expect("facts have no non-string keys");
    let numbers = lists.iter().flat_map(|list| list.iter()).flat_map(|value| value.to_le_bytes());
    MARK.iter().copied().chain((head.len() as u64).to_le_bytes()).chain(head).chain(numbers).collect()
}

fn decode<const LISTS: usize>(bytes: &[u8]) -> Result<(Facts, [Vec<f32>; LISTS]), DecodeError> {
    let (mark, rest) = bytes.split_at_checked(MARK.len()).ok_or(DecodeError::NotANetwork)?;
    if mark != MARK {
        return Err(DecodeError::NotANetwork);
    }
    let (length, rest) = rest.split_first_chunk::<8>().ok_or(DecodeError::Damaged)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| DecodeError::Damaged)?;
    let (head, rest) = rest.split_at_checked(length).ok_or(DecodeError::Damaged)?;
    let facts = serde_json::from_slice::<Head>(head).map_err(|_| DecodeError::Damaged)?.facts();
    let count = facts.design.parameter_count();
    if rest.len() != 4 * count * LISTS || facts.active.len() != facts.design.message {
        return Err(DecodeError::Damaged);
    }
    let list = |k: usize| {
        let (numbers, _) = rest[4 * count * k..4 * count * (k + 1)].as_chunks::<4>();
        numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
    };
    Ok((facts, std::array::from_fn(list)))
}

/// Facts, with numbers that may be NaN as bits, since JSON has none.
#[derive(Serialize, Deserialize)]
struct Head {
    facts: Facts,
    bits: Vec<u64>,
}

impl Head {
    fn of(facts: &Facts) -> Head {
        let mut facts = facts.clone();
        let mut bits = vec![];
        each_loss(&mut facts, |value| bits.push(std::mem::take(value).to_bits()));
        Head { facts, bits }
    }

    fn facts(self) -> Facts {
        let mut facts = self.facts;
        let mut bits = self.bits.into_iter();
        each_loss(&mut facts, |value| *value = bits.next().map_or(f64::NAN, f64::from_bits));
        facts
    }
}

/// Visits every number that may be NaN.
fn each_loss(facts: &mut Facts, mut see: impl FnMut(&mut f64)) {
    for epoch in &mut facts.history {
        [&mut epoch.train, &mut epoch.penalty, &mut epoch.validation].into_iter().for_each(&mut see);
    }
    [&mut facts.test, &mut facts.baseline].into_iter().for_each(&mut see);
    facts.message_variance.iter_mut().for_each(see);
}
