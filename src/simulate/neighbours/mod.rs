//! Who is near whom: pairs within a distance by lists of cells ([`cells`]), the nearest ones by a tree ([`tree`]), in one to
//! three dimensions, in a periodic box or in open space. Edges are plain data, grouped by receiver.
//!
//! Memory: 4 bytes for each directed edge and about 40 for each point; edges of a part of the receivers only are asked
//! for by a range, so that more of them than fit in memory are made batch by batch.

mod cells;
mod tree;

pub use cells::Cells;
pub use tree::Tree;

use crate::plan::Boundary;
use std::ops::Range;

/// Directed edges, grouped by receiver: the senders of the receiver `first + k` are
/// `senders[starts[k]..starts[k + 1]]`, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edges {
    /// The first receiver.
    pub first: usize,
    /// Where the senders of each receiver begin, and one more for the end.
    pub starts: Vec<usize>,
    /// All senders.
    pub senders: Vec<u32>,
}

impl Edges {
    /// The senders of a receiver.
    pub fn of(&self, receiver: usize) -> &[u32] {
        let at = receiver - self.first;
        &self.senders[self.starts[at]..self.starts[at + 1]]
    }

    /// The edges of these receivers, each with its senders.
    fn gathered(first: usize, lists: Vec<Vec<u32>>) -> Edges {
        let mut starts = Vec::with_capacity(lists.len() + 1);
        starts.push(0);
        starts.extend(lists.iter().scan(0, |sum, list| {
            *sum += list.len();
            Some(*sum)
        }));
        Edges { first, starts, senders: lists.concat() }
    }
}

/// Why there are no neighbours. Points count from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LinkError {
    /// A coordinate is missing or infinite.
    NotFinite {
        /// The point.
        point: usize,
    },
    /// A point lies outside the box.
    Outside {
        /// The point.
        point: usize,
        /// Where it is.
        at: f64,
        /// The side of the box.
        side: f64,
    },
    /// The distance is not positive, or beyond half the box, where an image would count twice.
    Reach {
        /// The distance.
        reach: f64,
        /// The most that it may be.
        most: f64,
    },
    /// More neighbours are asked for than there are other points.
    Few {
        /// Neighbours asked for.
        asked: usize,
        /// Points.
        points: usize,
    },
}

impl std::fmt::Display for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            LinkError::NotFinite { point } => write!(f, "the position of point {} is not finite", point + 1),
            LinkError::Outside { point, at, side } => {
                write!(f, "point {} lies at {at}, outside the box from 0 to {side}", point + 1)
            }
            LinkError::Reach { reach, most } => {
                write!(f, "neighbours within {reach} cannot be told: it must be positive and at most {most}")
            }
            LinkError::Few { asked, points } => {
                write!(f, "{asked} neighbours each are asked for, but there are {points} points")
            }
        }
    }
}

impl std::error::Error for LinkError {}

/// Points in one to three dimensions, further coordinates 0, with the side of their box; infinite in open space.
struct Points {
    at: Vec<[f64; 3]>,
    side: f64,
}

impl Points {
    /// `positions` are row-major, [points, space]. A point on the far wall of the box is one on the near wall.
    fn new(positions: &[f64], space: usize, boundary: Boundary) -> Result<Points, LinkError> {
        let side = match boundary {
            Boundary::Periodic(side) => side,
            _ => f64::INFINITY,
        };
        let mut at = Vec::with_capacity(positions.len() / space.max(1));
        for (point, place) in positions.chunks_exact(space).enumerate() {
            let mut full = [0.0; 3];
            for (to, x) in full.iter_mut().zip(place) {
                match *x {
                    x if !x.is_finite() => return Err(LinkError::NotFinite { point }),
                    x if side.is_finite() && !(0.0..=side).contains(&x) => {
                        return Err(LinkError::Outside { point, at: x, side });
                    }
                    x => *to = if x == side { 0.0 } else { x },
                }
            }
            at.push(full);
        }
        Ok(Points { at, side })
    }

    /// The squared distance of two points, by the nearest image.
    fn square(&self, a: [f64; 3], b: [f64; 3]) -> f64 {
        (0..3).map(|k| self.shortest(a[k] - b[k]).powi(2)).sum()
    }

    fn shortest(&self, difference: f64) -> f64 {
        let size = difference.abs();
        if size > 0.5 * self.side { self.side - size } else { size }
    }
}

/// All edges between points nearer than `reach`.
pub fn within(positions: &[f64], space: usize, boundary: Boundary, reach: f64) -> Result<Edges, LinkError> {
    let cells = Cells::new(positions, space, boundary, reach)?;
    Ok(cells.edges(0..cells.count()))
}

/// The edges from the `count` nearest points to each.
pub fn nearest(positions: &[f64], space: usize, boundary: Boundary, count: usize) -> Result<Edges, LinkError> {
    let tree = Tree::new(positions, space, boundary)?;
    let points = tree.count();
    if count >= points {
        return Err(LinkError::Few { asked: count, points });
    }
    Ok(tree.edges(0..points, count))
}

/// Receivers that one thread deals with at a time.
const BATCH: usize = 256;

/// Lists of senders of each receiver of a range, made on all threads.
fn lists(receivers: Range<usize>, of: impl Fn(usize, &mut Vec<u32>) + Sync) -> Edges {
    use rayon::prelude::*;
    let first = receivers.start;
    let batches: Vec<Range<usize>> =
        receivers.clone().step_by(BATCH).map(|start| start..(start + BATCH).min(receivers.end)).collect();
    let made: Vec<Vec<Vec<u32>>> = batches
        .into_par_iter()
        .map(|batch| {
            let mut senders = vec![];
            batch
                .map(|receiver| {
                    senders.clear();
                    of(receiver, &mut senders);
                    senders.sort_unstable();
                    senders.clone()
                })
                .collect()
        })
        .collect();
    Edges::gathered(first, made.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    fn drawn(points: usize, space: usize, side: f64, clump: f64) -> Vec<f64> {
        let mut stream = Seed::root(points as u64).child("points").stream();
        (0..points * space)
            .map(|at| if (at / space).is_multiple_of(2) { clump * stream.uniform() } else { side * stream.uniform() })
            .collect()
    }

    /// Squared distances to all others, with their numbers, the nearest first.
    fn ranked(points: &Points, receiver: usize) -> Vec<(f64, u32)> {
        let mut all: Vec<(f64, u32)> = (0..points.at.len())
            .filter(|sender| *sender != receiver)
            .map(|sender| (points.square(points.at[receiver], points.at[sender]), sender as u32))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all
    }

    #[test]
    fn neighbours_are_those_of_all_pairs() {
        for space in 1..=3 {
            for (boundary, side) in [(Boundary::Periodic(10.0), 10.0), (Boundary::Open, 10.0), (Boundary::Open, 1e6)] {
                for clump in [side, 0.01 * side] {
                    let places = drawn(300, space, side, clump);
                    let points = Points::new(&places, space, boundary).unwrap();
                    for reach in [0.02 * side, 0.2 * side, 0.5 * side] {
                        let edges = within(&places, space, boundary, reach).unwrap();
                        for receiver in 0..300 {
                            let near = ranked(&points, receiver);
                            let mut near: Vec<u32> =
                                near.iter().filter(|pair| pair.0 < reach * reach).map(|pair| pair.1).collect();
                            near.sort_unstable();
                            assert_eq!(edges.of(receiver), near, "{space} {boundary:?} {reach}");
                        }
                    }
                    for count in [1, 7, 299] {
                        let edges = nearest(&places, space, boundary, count).unwrap();
                        for receiver in 0..300 {
                            let mut near: Vec<u32> =
                                ranked(&points, receiver)[..count].iter().map(|pair| pair.1).collect();
                            near.sort_unstable();
                            assert_eq!(edges.of(receiver), near, "{space} {boundary:?} {count}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_range_of_receivers_has_the_same_edges() {
        let places = drawn(1_000, 3, 1.0, 1.0);
        let cells = Cells::new(&places, 3, Boundary::Periodic(1.0), 0.1).unwrap();
        let (all, part) = (cells.edges(0..1_000), cells.edges(300..700));
        assert!((300..700).all(|receiver| all.of(receiver) == part.of(receiver)));
    }

    #[test]
    fn what_has_no_neighbours_is_said() {
        let boundary = Boundary::Periodic(1.0);
        let places = [0.1, 0.9, 0.5];
        assert_eq!(within(&places, 1, boundary, 0.6), Err(LinkError::Reach { reach: 0.6, most: 0.5 }));
        assert_eq!(within(&places, 1, boundary, 0.0), Err(LinkError::Reach { reach: 0.0, most: 0.5 }));
        assert!(matches!(within(&[0.1, 1.5], 1, boundary, 0.1), Err(LinkError::Outside { point: 1, .. })));
        assert_eq!(within(&[0.1, f64::NAN], 1, boundary, 0.1), Err(LinkError::NotFinite { point: 1 }));
        assert_eq!(nearest(&places, 1, boundary, 3), Err(LinkError::Few { asked: 3, points: 3 }));
        assert_eq!(within(&[0.5], 1, boundary, 0.1).unwrap().senders, [] as [u32; 0]);
        // The far wall is the near one, and twins are neighbours of each other.
        assert_eq!(within(&[0.0, 1.0, 0.5, 0.5], 1, boundary, 0.1).unwrap().senders, [1, 0, 3, 2]);
    }
}
