//! What the store keeps, as bytes. Trajectories: the small fields as one line of JSON, then the arrays as little-endian doubles, bit for bit.

use crate::simulate::{Fit, Numbers, Trajectories};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Head {
    runs: usize,
    particles: usize,
    space: usize,
    attributes: Vec<crate::base::Name>,
    dropped: usize,
    incomplete: usize,
    left_out: Vec<usize>,
    held_out: Vec<usize>,
    fits: Vec<Fit>,
    /// Lengths of the arrays, in the order of [`arrays`].
    lengths: Vec<usize>,
}

/// The bytes of trajectories; `None` of such that are too large to be kept: they are simulated as quickly as read.
pub fn encode(data: &Trajectories) -> Option<Vec<u8>> {
    let arrays = arrays(data)?;
    let head = Head {
        runs: data.runs,
        particles: data.particles,
        space: data.space,
        attributes: data.attributes.clone(),
        dropped: data.dropped,
        incomplete: data.incomplete,
        left_out: data.left_out.clone(),
        held_out: data.held_out.clone(),
        fits: data.fits.clone(),
        lengths: arrays.iter().map(|array| array.len()).collect(),
    };
    let mut bytes = serde_json::to_vec(&head).expect("a head has no non-string keys");
    bytes.push(b'\n');
    bytes.reserve(8 * head.lengths.iter().sum::<usize>());
    for array in arrays {
        bytes.extend(array.iter().flat_map(|value| value.to_le_bytes()));
    }
    Some(bytes)
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
        incomplete: head.incomplete,
        left_out: head.left_out,
        held_out: head.held_out,
        fits: head.fits,
        ..Trajectories::default()
    };
    let [mut position, mut velocity, mut acceleration] = [vec![], vec![], vec![]];
    let places = [
        &mut data.times,
        &mut data.own_times,
        &mut position,
        &mut velocity,
        &mut acceleration,
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
    (data.position, data.velocity, data.acceleration) = (position.into(), velocity.into(), acceleration.into());
    rest.is_empty().then_some(data)
}

/// Two parts as one: the length of the first, both.
pub fn join(first: &[u8], second: &[u8]) -> Vec<u8> {
    [&(first.len() as u64).to_le_bytes(), first, second].concat()
}

/// The two parts of what [`join`] made; `None` of anything else.
pub fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

fn arrays(data: &Trajectories) -> Option<[&[f64]; 7]> {
    let (Numbers::Double(position), Numbers::Double(velocity), Numbers::Double(acceleration)) =
        (&data.position, &data.velocity, &data.acceleration)
    else {
        return None;
    };
    Some([&data.times, &data.own_times, position, velocity, acceleration, &data.attribute, &data.drift])
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
            position: vec![0.1, -0.0, 1e300, 5e-324].into(),
            velocity: vec![1.0; 4].into(),
            acceleration: vec![2.0; 4].into(),
            attribute: vec![3.0; 2],
            drift: vec![f64::INFINITY, 0.0],
            dropped: 3,
            own_times: vec![0.0, f64::INFINITY],
            incomplete: 1,
            left_out: vec![1],
            held_out: vec![0],
            fits: vec![],
        };
        let rounded = Trajectories { position: Numbers::Single(vec![0.1; 4]), ..data.clone() };
        assert_eq!(encode(&rounded), None);
        let bytes = encode(&data).expect("it is small");
        assert_eq!(decode(&bytes), Some(data));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(decode(b"{}"), None);
    }

    #[test]
    fn two_parts_come_apart_again() {
        for (first, second) in [(&b"one"[..], &b"two"[..]), (b"", b""), (b"x", b"")] {
            let joined = join(first, second);
            assert_eq!(part(&joined), Some((first, second)));
            assert_eq!(part(&joined[..7]), None);
        }
        assert_eq!(part(&[255; 20]), None);
    }
}
