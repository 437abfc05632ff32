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

const MARK: &[u8; 8] = b"sdlnet02";

impl Trained {
    /// All of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(self, &[])
    }

    /// What [`Trained::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Trained, DecodeError> {
        let (network, []) = decode(bytes)?;
        Ok(network)
    }
}

impl Checkpoint {
    /// All of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(&self.network, &[&self.moments[0], &self.moments[1]])
    }

    /// What [`Checkpoint::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Checkpoint, DecodeError> {
        let (network, moments) = decode(bytes)?;
        Ok(Checkpoint { network, moments })
    }
}

/// A network with lists of as many numbers as it has weights.
fn encode(network: &Trained, lists: &[&Vec<f32>]) -> Vec<u8> {
    let members: Vec<&Trained> = std::iter::once(network).chain(&network.others).collect();
    let heads: Vec<Head> = members.iter().map(|member| Head::of(&member.facts)).collect();
    let head = serde_json::to_vec(&heads).expect("facts have no non-string keys");
    let weights: Vec<Vec<f32>> = members.iter().map(|member| member.weights()).collect();
    let numbers = weights.iter().chain(lists.iter().copied()).flatten().flat_map(|value| value.to_le_bytes());
    MARK.iter().copied().chain((head.len() as u64).to_le_bytes()).chain(head).chain(numbers).collect()
}

fn decode<const LISTS: usize>(bytes: &[u8]) -> Result<(Trained, [Vec<f32>; LISTS]), DecodeError> {
    let (mark, rest) = bytes.split_at_checked(MARK.len()).ok_or(DecodeError::NotANetwork)?;
    if mark != MARK {
        return Err(DecodeError::NotANetwork);
    }
    let (length, rest) = rest.split_first_chunk::<8>().ok_or(DecodeError::Damaged)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| DecodeError::Damaged)?;
    let (head, rest) = rest.split_at_checked(length).ok_or(DecodeError::Damaged)?;
    let heads: Vec<Head> = serde_json::from_slice(head).map_err(|_| DecodeError::Damaged)?;
    let facts: Vec<Facts> = heads.into_iter().map(Head::facts).collect();
    let count = facts.first().ok_or(DecodeError::Damaged)?.design.parameter_count();
    let sound = |facts: &Facts| facts.design.parameter_count() == count && facts.active.len() == facts.design.message;
    if rest.len() != 4 * count * (facts.len() + LISTS) || !facts.iter().all(sound) {
        return Err(DecodeError::Damaged);
    }
    let list = |k: usize| -> Vec<f32> {
        let (numbers, _) = rest[4 * count * k..4 * count * (k + 1)].as_chunks::<4>();
        numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
    };
    let networks = facts.len();
    let mut members = facts.into_iter().enumerate().map(|(k, facts)| Trained::new(facts, &list(k)));
    let mut network = members.next().ok_or(DecodeError::Damaged)?;
    network.others = members.collect();
    Ok((network, std::array::from_fn(|k| list(networks + k))))
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
