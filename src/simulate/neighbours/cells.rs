//! Pairs within a distance: points sorted into cells no narrower than it, so that all neighbours of a point lie in its cell
//! and those around it.

use super::{Edges, LinkError, Points, lists};
use crate::plan::Boundary;
use std::ops::Range;

/// Points sorted into cells.
pub struct Cells {
    points: Points,
    square: f64,
    low: [f64; 3],
    width: [f64; 3],
    cells: [usize; 3],
    /// Where the points of each cell begin in `order`.
    starts: Vec<u32>,
    /// Points by cell, with their places beside each other in memory.
    order: Vec<u32>,
    places: Vec<[f64; 3]>,
}

impl Cells {
    /// Sorts points (row-major, [points, space]) for pairs nearer than `reach`.
    pub fn new(positions: &[f64], space: usize, boundary: Boundary, reach: f64) -> Result<Cells, LinkError> {
        let points = Points::new(positions, space, boundary)?;
        let most = 0.5 * points.side;
        if !(reach > 0.0 && reach <= most && reach.is_finite()) {
            return Err(LinkError::Reach { reach, most });
        }
        let (low, extent) = extent(&points);
        // Not many more cells than points: far apart they would be empty.
        let limit = (points.at.len() as f64).powf(1.0 / space as f64).ceil() * 2.0 + 1.0;
        let mut cells = [1; 3];
        for k in 0..space {
            // A little wider than the reach, whatever rounding does.
            cells[k] = (extent[k] / reach * (1.0 - 1e-12)).floor().clamp(1.0, limit) as usize;
        }
        let width = std::array::from_fn(|k| if extent[k] > 0.0 { extent[k] / cells[k] as f64 } else { 1.0 });
        let mut out =
            Cells { points, square: reach * reach, low, width, cells, starts: vec![], order: vec![], places: vec![] };
        out.sort();
        Ok(out)
    }

    /// Number of points.
    pub fn count(&self) -> usize {
        self.points.at.len()
    }

    fn cell(&self, at: [f64; 3]) -> [usize; 3] {
        std::array::from_fn(|k| (((at[k] - self.low[k]) / self.width[k]) as usize).min(self.cells[k] - 1))
    }

    fn number(&self, cell: [usize; 3]) -> usize {
        (cell[0] * self.cells[1] + cell[1]) * self.cells[2] + cell[2]
    }

    fn sort(&mut self) {
        let numbers: Vec<usize> = self.points.at.iter().map(|at| self.number(self.cell(*at))).collect();
        let mut starts = vec![0u32; self.cells.iter().product::<usize>() + 1];
        numbers.iter().for_each(|number| starts[number + 1] += 1);
        (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
        let mut next = starts.clone();
        self.order = vec![0; numbers.len()];
        for (point, number) in numbers.iter().enumerate() {
            self.order[next[*number] as usize] = point as u32;
            next[*number] += 1;
        }
        self.places = self.order.iter().map(|point| self.points.at[*point as usize]).collect();
        self.starts = starts;
    }

    /// The edges to a range of receivers.
    pub fn edges(&self, receivers: Range<usize>) -> Edges {
        lists(receivers, |receiver, senders| self.senders(receiver, senders))
    }

    fn senders(&self, receiver: usize, senders: &mut Vec<u32>) {
        let at = self.points.at[receiver];
        let [x, y, z] = self.around(self.cell(at));
        for i in x.iter().flatten() {
            for j in y.iter().flatten() {
                for k in z.iter().flatten() {
                    let number = self.number([*i, *j, *k]);
                    let range = self.starts[number] as usize..self.starts[number + 1] as usize;
                    for (place, sender) in self.places[range.clone()].iter().zip(&self.order[range]) {
                        if self.points.square(at, *place) < self.square && *sender as usize != receiver {
                            senders.push(*sender);
                        }
                    }
                }
            }
        }
    }

    /// The cells beside one by axis, each once: in a box also those through the wall.
    fn around(&self, cell: [usize; 3]) -> [[Option<usize>; 3]; 3] {
        std::array::from_fn(|k| {
            let (here, count) = (cell[k], self.cells[k]);
            let through = self.points.side.is_finite();
            let before = if here > 0 { Some(here - 1) } else { (through && count > 1).then(|| count - 1) };
            let after = if here + 1 < count { Some(here + 1) } else { (through && count > 1).then_some(0) };
            [Some(here), before, after.filter(|_| after != before)]
        })
    }
}

/// The lower corner of the box, or of all points, and how far it goes.
fn extent(points: &Points) -> ([f64; 3], [f64; 3]) {
    if points.side.is_finite() {
        return ([0.0; 3], [points.side; 3]);
    }
    let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
    for at in &points.at {
        for k in 0..3 {
            (low[k], high[k]) = (low[k].min(at[k]), high[k].max(at[k]));
        }
    }
    if points.at.is_empty() {
        return ([0.0; 3], [0.0; 3]);
    }
    (low, std::array::from_fn(|k| high[k] - low[k]))
}
