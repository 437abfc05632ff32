//! The nearest points by a k-d tree (Bentley 1975; Friedman, Bentley and Finkel 1977): halves at the median of the longest
//! side, however the points are clumped. In a periodic box distances to a node are those through the nearest wall.

use super::{Edges, LinkError, Points, lists};
use crate::plan::Boundary;
use std::ops::Range;

/// Points of a leaf, at most.
const LEAF: usize = 12;

/// A tree of points.
pub struct Tree {
    points: Points,
    nodes: Vec<Node>,
    /// Points in the order of the leaves.
    order: Vec<u32>,
}

struct Node {
    low: [f64; 3],
    high: [f64; 3],
    range: Range<usize>,
    /// The second half's node; the first half's is the next one. A leaf has none.
    other: Option<usize>,
}

impl Tree {
    /// The tree of points (row-major, [points, space]).
    pub fn new(positions: &[f64], space: usize, boundary: Boundary) -> Result<Tree, LinkError> {
        let points = Points::new(positions, space, boundary)?;
        let count = points.at.len();
        let mut tree = Tree { points, nodes: vec![], order: (0..count as u32).collect() };
        if count > 0 {
            tree.grow(0..count);
        }
        Ok(tree)
    }

    /// Number of points.
    pub fn count(&self) -> usize {
        self.points.at.len()
    }

    fn grow(&mut self, range: Range<usize>) {
        let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for point in &self.order[range.clone()] {
            let at = self.points.at[*point as usize];
            for k in 0..3 {
                (low[k], high[k]) = (low[k].min(at[k]), high[k].max(at[k]));
            }
        }
        let own = self.nodes.len();
        self.nodes.push(Node { low, high, range: range.clone(), other: None });
        let longest = (0..3).max_by(|a, b| (high[*a] - low[*a]).total_cmp(&(high[*b] - low[*b]))).unwrap_or(0);
        if range.len() <= LEAF || high[longest] == low[longest] {
            return;
        }
        let middle = range.len() / 2;
        let at = &self.points.at;
        self.order[range.clone()].select_nth_unstable_by(middle, |a, b| {
            at[*a as usize][longest].total_cmp(&at[*b as usize][longest]).then(a.cmp(b))
        });
        self.grow(range.start..range.start + middle);
        self.nodes[own].other = Some(self.nodes.len());
        self.grow(range.start + middle..range.end);
    }

    /// The edges from the `count` nearest points to each of a range of receivers. Of equally far ones those with the
    /// smaller numbers.
    pub fn edges(&self, receivers: Range<usize>, count: usize) -> Edges {
        lists(receivers, |receiver, senders| {
            let mut best: Vec<(f64, u32)> = Vec::with_capacity(count + 1);
            if count > 0 {
                self.search(0, receiver, count, &mut best);
            }
            senders.extend(best.iter().map(|pair| pair.1));
        })
    }

    /// Takes the points of a node among the best, which stay sorted.
    fn search(&self, node: usize, receiver: usize, count: usize, best: &mut Vec<(f64, u32)>) {
        let at = self.points.at[receiver];
        let own = &self.nodes[node];
        let Some(other) = own.other else {
            for point in &self.order[own.range.clone()] {
                let pair = (self.points.square(at, self.points.at[*point as usize]), *point);
                let place = best.partition_point(|known| known.0.total_cmp(&pair.0).then(known.1.cmp(&pair.1)).is_lt());
                if *point as usize != receiver && place < count {
                    best.insert(place, pair);
                    best.truncate(count);
                }
            }
            return;
        };
        let mut halves = [(self.gap(node + 1, at), node + 1), (self.gap(other, at), other)];
        halves.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (gap, half) in halves {
            if best.len() < count || gap <= best[count - 1].0 {
                self.search(half, receiver, count, best);
            }
        }
    }

    /// The squared distance of a place from a node.
    fn gap(&self, node: usize, at: [f64; 3]) -> f64 {
        let Node { low, high, .. } = &self.nodes[node];
        (0..3)
            .map(|k| {
                if (low[k]..=high[k]).contains(&at[k]) {
                    return 0.0;
                }
                self.points.shortest(at[k] - low[k]).min(self.points.shortest(at[k] - high[k])).powi(2)
            })
            .sum()
    }
}
