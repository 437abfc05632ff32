//! Questions to a trained function: what does one sender do to one receiver, were it elsewhere at the same distance?
//!
//! A real configuration is taken and only the sender is moved around the receiver, at a fixed set of directions that
//! contains the opposite of each. Half the difference of opposite answers is free of every offset that depends on the
//! receiver alone (the gauge), and its projection on the direction, averaged over directions, is the radial law
//! f(distance, attributes). What differs between directions is the network's own error.

use super::oracle::{Arena, Oracle, norm, pick};
use crate::base::Stream;
use crate::simulate::{Snapshots, Trajectories};
use rayon::prelude::*;

/// Configurations with the (receiver, sender) that is asked about in each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Questions {
    /// The configurations.
    pub snapshots: Snapshots,
    /// Receiver and sender in each.
    pub pairs: Vec<(usize, usize)>,
}

/// What the oracle said, one entry for each question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Distance of receiver and sender.
    pub distance: Vec<f64>,
    /// Radial part of the odd contribution, positive towards the sender, averaged over directions.
    pub radial: Vec<f64>,
    /// Standard error of that average, from its scatter over directions.
    pub error: Vec<f64>,
    /// Root mean square over directions of the part across the direction.
    pub across: Vec<f64>,
}

/// Draws `count` real pairs from these configurations.
pub fn draw_questions(
    data: &Trajectories,
    rows: &[usize],
    arena: &Arena,
    count: usize,
    stream: &mut Stream,
) -> Questions {
    if rows.is_empty() || data.particles < 2 {
        return Questions::default();
    }
    let mut indices = vec![];
    let mut pairs = vec![];
    // Sparse links can leave a drawn receiver alone: draw again, but not for ever.
    for _ in 0..4 * count {
        if indices.len() == count {
            break;
        }
        let index = rows[stream.below(rows.len())];
        let receiver = stream.below(data.particles);
        let senders = arena.senders(&data.snapshots(&[index]), 0, receiver);
        if !senders.is_empty() {
            pairs.push((receiver, senders[stream.below(senders.len())]));
            indices.push(index);
        }
    }
    Questions { snapshots: data.snapshots(&indices), pairs }
}

impl Questions {
    /// Number of questions.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The questions at these places.
    pub fn pick(&self, places: &[usize]) -> Questions {
        Questions { snapshots: pick(&self.snapshots, places), pairs: places.iter().map(|&at| self.pairs[at]).collect() }
    }

    /// Distance of each question's pair.
    pub fn distances(&self, arena: &Arena) -> Vec<f64> {
        let of = |at: usize| norm(&arena.displacement(&self.snapshots, at, self.pairs[at].0, self.pairs[at].1));
        (0..self.len()).map(of).collect()
    }

    /// The same questions with the sender at receiver + `offset(question)`.
    pub fn moved(&self, offset: impl Fn(usize) -> [f64; 3]) -> Questions {
        let mut out = self.clone();
        let s = &mut out.snapshots;
        for (at, &(i, j)) in self.pairs.iter().enumerate() {
            let (to, d) = (at * s.particles + j, offset(at));
            let from = at * s.particles + i;
            for (k, shift) in d.iter().enumerate().take(s.space) {
                s.position[to * s.space + k] = s.position[from * s.space + k] + shift;
            }
        }
        out
    }
}

/// Contributions of each question as it stands, [count, space].
pub fn contributions(oracle: &dyn Oracle, questions: &Questions) -> Vec<f64> {
    const CHUNK: usize = 512;
    let places: Vec<usize> = (0..questions.len()).collect();
    let parts: Vec<Vec<f64>> = places
        .par_chunks(CHUNK)
        .map(|chunk| {
            let part = questions.pick(chunk);
            oracle.contributions(&part.snapshots, &part.pairs)
        })
        .collect();
    parts.concat()
}

/// What each pair's sender does to its receiver, less what it would do from the opposite side, halved: the contribution
/// without the offset that a network may share between senders. [count, space]. This is what R² of contributions means.
pub fn odd_contributions(
    oracle: &dyn Oracle,
    arena: &Arena,
    snapshots: &Snapshots,
    pairs: &[(usize, usize)],
) -> Vec<f64> {
    let here = Questions { snapshots: snapshots.clone(), pairs: pairs.to_vec() };
    let opposite = here.moved(|at| arena.displacement(snapshots, at, pairs[at].0, pairs[at].1).map(|d| -d));
    let (a, b) = (contributions(oracle, &here), contributions(oracle, &opposite));
    a.iter().zip(&b).map(|(a, b)| 0.5 * (a - b)).collect()
}

/// Asks every question at every direction of [`directions`].
pub fn ask(oracle: &dyn Oracle, arena: &Arena, questions: &Questions) -> Answers {
    let space = questions.snapshots.space;
    let compass = directions(space);
    let half = compass.len() / 2;
    let distance = questions.distances(arena);
    let told: Vec<Vec<f64>> =
        compass.iter().map(|u| contributions(oracle, &questions.moved(|at| u.map(|x| x * distance[at])))).collect();
    let mut answers = Answers { distance, ..Answers::default() };
    for at in 0..questions.len() {
        let mut radial = Vec::with_capacity(half);
        let mut across = 0.0;
        for (k, u) in compass.iter().enumerate().take(half) {
            let odd: Vec<f64> =
                (0..space).map(|c| 0.5 * (told[k][at * space + c] - told[k + half][at * space + c])).collect();
            let along: f64 = (0..space).map(|c| odd[c] * u[c]).sum();
            across += (0..space).map(|c| (odd[c] - along * u[c]).powi(2)).sum::<f64>() / half as f64;
            radial.push(along);
        }
        let mean = radial.iter().sum::<f64>() / half as f64;
        let spread = radial.iter().map(|f| (f - mean).powi(2)).sum::<f64>() / (half.max(2) - 1) as f64;
        answers.radial.push(mean);
        answers.error.push((spread / half as f64).sqrt());
        answers.across.push(across.sqrt());
    }
    answers
}

/// Unit vectors, the opposite of the k-th at `k + len / 2`: both ways in one dimension, eight angles in two, the
/// vertices of an icosahedron in three.
pub fn directions(space: usize) -> Vec<[f64; 3]> {
    let half: Vec<[f64; 3]> = match space {
        1 => vec![[1.0, 0.0, 0.0]],
        2 => (0..4)
            .map(|k| {
                // Off the axes, where a network that sees components might be special.
                let angle = std::f64::consts::PI * (f64::from(k) + 0.3) / 4.0;
                [libm::cos(angle), libm::sin(angle), 0.0]
            })
            .collect(),
        _ => {
            let golden = 0.5 * (1.0 + 5f64.sqrt());
            let length = (1.0 + golden * golden).sqrt();
            let (a, b) = (1.0 / length, golden / length);
            vec![[0.0, a, b], [0.0, -a, b], [a, b, 0.0], [-a, b, 0.0], [b, 0.0, a], [-b, 0.0, a]]
        }
    };
    half.iter().copied().chain(half.iter().map(|u| u.map(|x| -x))).collect()
}
