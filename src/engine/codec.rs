//! Trajectories and checkpoints as bytes, bit for bit: small fields as one line of JSON, then arrays as little-endian numbers.

use crate::network::{Checkpoint, Trained};
use crate::simulate::Trajectories;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Head {
    runs: usize,
    particles: usize,
    space: usize,
    attributes: Vec<crate::base::Name>,
    dropped: usize,
    /// Lengths of the arrays, in the order of [`arrays`].
    lengths: Vec<usize>,
}

/// The bytes of trajectories.
pub fn encode(data: &Trajectories) -> Vec<u8> {
    let arrays = arrays(data);
    let head = Head {
        runs: data.runs,
        particles: data.particles,
        space: data.space,
        attributes: data.attributes.clone(),
        dropped: data.dropped,
        lengths: arrays.iter().map(|array| array.len()).collect(),
    };
    let mut bytes = serde_json::to_vec(&head).expect("a head has no non-string keys");
    bytes.push(b'\n');
    bytes.reserve(8 * head.lengths.iter().sum::<usize>());
    for array in arrays {
        bytes.extend(array.iter().flat_map(|value| value.to_le_bytes()));
    }
    bytes
}

/// The trajectories that bytes stand for; `None` if they stand for none.
pub fn decode(bytes: &[u8]) -> Option<Trajectories> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
    let mut rest = &bytes[end + 1..];
    let mut data = Trajectories {
        runs: head.runs,
        particles: head.particles,
        space: head.space,
        attributes: head.attributes,
        dropped: head.dropped,
        times: vec![],
        position: vec![],
        velocity: vec![],
        acceleration: vec![],
        attribute: vec![],
        drift: vec![],
    };
    let places = [
        &mut data.times,
        &mut data.position,
        &mut data.velocity,
        &mut data.acceleration,
        &mut data.attribute,
        &mut data.drift,
    ];
    if head.lengths.len() != places.len() {
        return None;
    }
    for (place, length) in places.into_iter().zip(head.lengths) {
        let (array, after) = rest.split_at_checked(length.checked_mul(8)?)?;
        *place = array.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("eight bytes"))).collect();
        rest = after;
    }
    rest.is_empty().then_some(data)
}

/// The bytes of a checkpoint: lengths of its parts, the network, both moments.
pub fn encode_checkpoint(checkpoint: &Checkpoint) -> Vec<u8> {
    let network = checkpoint.network.to_bytes();
    let mut bytes = (network.len() as u64).to_le_bytes().to_vec();
    bytes.extend(network);
    for moment in &checkpoint.moments {
        bytes.extend(moment.iter().flat_map(|value| value.to_le_bytes()));
    }
    bytes
}

/// The checkpoint that bytes stand for; `None` if they stand for none.
pub fn decode_checkpoint(bytes: &[u8]) -> Option<Checkpoint> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let (network, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let network = Trained::from_bytes(network).ok()?;
    let count = network.parameter_count();
    if rest.len() != 8 * count {
        return None;
    }
    let numbers = |bytes: &[u8]| bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    let (first, second) = rest.split_at(4 * count);
    Some(Checkpoint { network, moments: [numbers(first), numbers(second)] })
}

fn arrays(data: &Trajectories) -> [&[f64]; 6] {
    [&data.times, &data.position, &data.velocity, &data.acceleration, &data.attribute, &data.drift]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trajectories_come_back_bit_for_bit() {
        let data = Trajectories {
            runs: 2,
            times: vec![0.0],
            particles: 1,
            space: 2,
            attributes: vec!["mass".into()],
            position: vec![0.1, -0.0, 1e300, 5e-324],
            velocity: vec![1.0; 4],
            acceleration: vec![2.0; 4],
            attribute: vec![3.0; 2],
            drift: vec![f64::INFINITY, 0.0],
            dropped: 3,
        };
        let bytes = encode(&data);
        assert_eq!(decode(&bytes), Some(data));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(decode(b"{}"), None);
    }
}
