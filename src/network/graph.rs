//! Which pairs of bodies exchange messages.

use crate::plan::{Boundary, Links};
use crate::simulate::Values;
use serde::{Deserialize, Serialize};

/// Links and the space they live in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// Which ordered pairs interact.
    pub links: Links,
    /// Open space or a periodic box.
    pub boundary: Boundary,
}

impl Graph {
    /// All pairs in open space.
    pub fn complete() -> Graph {
        Graph { links: Links::All, boundary: Boundary::Open }
    }

    /// The component of the vector from `from` to `to`, by minimum image in a box.
    pub fn difference(&self, to: f64, from: f64) -> f64 {
        let plain = to - from;
        match self.boundary {
            Boundary::Open => plain,
            Boundary::Periodic(side) => plain - side * (plain / side).round(),
        }
    }

    /// Appends the senders of `receiver` in rising order. `position` is [particles, space].
    pub fn senders(&self, receiver: usize, position: Values, space: usize, senders: &mut Vec<u32>) {
        let particles = position.len() / space.max(1);
        let others = (0..particles).filter(|&sender| sender != receiver);
        let squared = |sender: usize| -> f64 {
            let component = |k| self.difference(position.at(sender * space + k), position.at(receiver * space + k));
            (0..space).map(|k| component(k).powi(2)).sum()
        };
        let ring = |sender: usize| {
            let apart = sender.abs_diff(receiver);
            apart == 1 || apart == particles - 1
        };
        match self.links {
            Links::All => senders.extend(others.map(|sender| sender as u32)),
            Links::Chain => senders.extend(others.filter(|&sender| sender.abs_diff(receiver) == 1).map(|s| s as u32)),
            Links::Ring => senders.extend(others.filter(|&sender| ring(sender)).map(|s| s as u32)),
            Links::Within(far) => senders.extend(others.filter(|&s| squared(s) < far * far).map(|s| s as u32)),
            Links::Nearest(count) => {
                let mut near: Vec<(f64, u32)> = others.map(|sender| (squared(sender), sender as u32)).collect();
                near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                near.truncate(count);
                near.sort_by_key(|&(_, sender)| sender);
                senders.extend(near.into_iter().map(|(_, sender)| sender));
            }
        }
    }
}
