//! Loops over pairs and rows: what surrounds the tape in an evaluation of a law. Rows of a pair or a body lie together.

#![allow(clippy::needless_range_loop)] // one index for many arrays: the plainest form for the compiler's vectors

use super::aligned::Aligned;
use super::widest::widest;

/// Where receivers and senders feel a term.
type Felt = [Vec<f64>; 2];

widest! {
    /// Displacements from receiver to sender, by minimum image in a periodic cube of this side, and distances.
    pub fn displacements(
        position: &[f64], members: &[(usize, usize)], bodies: usize, side: Option<f64>,
        displacement: &mut [Aligned], distance: &mut [f64],
    ) {
        let rows = distance.len() / members.len();
        for (pair, &(i, j)) in members.iter().enumerate() {
            let distance = &mut distance[pair * rows..][..rows];
            for (k, column) in displacement.iter_mut().enumerate() {
                let from = &position[(k * bodies + i) * rows..][..rows];
                let to = &position[(k * bodies + j) * rows..][..rows];
                let column = &mut column[pair * rows..][..rows];
                match side {
                    None => {
                        for row in 0..rows {
                            column[row] = to[row] - from[row];
                        }
                    }
                    Some(side) => {
                        for row in 0..rows {
                            let straight = to[row] - from[row];
                            column[row] = straight - side * (straight / side).round_ties_even();
                        }
                    }
                }
                if k == 0 {
                    for row in 0..rows {
                        distance[row] = column[row] * column[row];
                    }
                } else {
                    for row in 0..rows {
                        distance[row] = column[row].mul_add(column[row], distance[row]);
                    }
                }
            }
            for row in 0..rows {
                distance[row] = distance[row].sqrt();
            }
        }
    }

    /// Adds `values` times the displacement to receivers and takes it from senders.
    pub fn add_radial(
        values: &[f64], displacement: &[f64], members: &[(usize, usize)], felt: Option<&Felt>, rows: usize,
        forces: &mut [f64],
    ) {
        for (pair, &(i, j)) in members.iter().enumerate() {
            let span = pair * rows..(pair + 1) * rows;
            let (values, displacement) = (&values[span.clone()], &displacement[span.clone()]);
            match felt {
                None => {
                    // Members of a pair are distinct and in order.
                    let (low, high) = forces.split_at_mut(j * rows);
                    let (receiver, sender) = (&mut low[i * rows..][..rows], &mut high[..rows]);
                    for row in 0..rows {
                        receiver[row] = values[row].mul_add(displacement[row], receiver[row]);
                        sender[row] = (-values[row]).mul_add(displacement[row], sender[row]);
                    }
                }
                Some([by_receiver, by_sender]) => {
                    let receiver = &mut forces[i * rows..][..rows];
                    for ((row, total), felt) in receiver.iter_mut().enumerate().zip(&by_receiver[span.clone()]) {
                        *total += if *felt != 0.0 { values[row] * displacement[row] } else { 0.0 };
                    }
                    let sender = &mut forces[j * rows..][..rows];
                    for ((row, total), felt) in sender.iter_mut().enumerate().zip(&by_sender[span]) {
                        *total -= if *felt != 0.0 { values[row] * displacement[row] } else { 0.0 };
                    }
                }
            }
        }
    }

    /// Adds values to receivers.
    pub fn add_to_receivers(
        values: &[f64], members: &[(usize, usize)], felt: Option<&Felt>, rows: usize, forces: &mut [f64],
    ) {
        for (pair, &(i, _)) in members.iter().enumerate() {
            let (span, total) = (pair * rows..(pair + 1) * rows, &mut forces[i * rows..][..rows]);
            add(&values[span.clone()], felt.map(|felt| &felt[0][span]), 1.0, total);
        }
    }

    /// Adds values to senders.
    pub fn add_to_senders(
        values: &[f64], members: &[(usize, usize)], felt: Option<&Felt>, rows: usize, forces: &mut [f64],
    ) {
        for (pair, &(_, j)) in members.iter().enumerate() {
            let (span, total) = (pair * rows..(pair + 1) * rows, &mut forces[j * rows..][..rows]);
            add(&values[span.clone()], felt.map(|felt| &felt[1][span]), 1.0, total);
        }
    }

    /// Takes values from senders.
    pub fn take_from_senders(
        values: &[f64], members: &[(usize, usize)], felt: Option<&Felt>, rows: usize, forces: &mut [f64],
    ) {
        for (pair, &(_, j)) in members.iter().enumerate() {
            let (span, total) = (pair * rows..(pair + 1) * rows, &mut forces[j * rows..][..rows]);
            add(&values[span.clone()], felt.map(|felt| &felt[1][span]), -1.0, total);
        }
    }

    /// Adds energies of pairs or bodies; a pair that only one of two feels counts half.
    pub fn add_energy(values: &[f64], felt: Option<&Felt>, rows: usize, potential: &mut [f64]) {
        for (pair, values) in values.chunks_exact(rows).enumerate() {
            match felt {
                None => add(values, None, 1.0, potential),
                Some(felt) => {
                    for felt in felt {
                        add(values, Some(&felt[pair * rows..][..rows]), 0.5, potential);
                    }
                }
            }
        }
    }

    /// Multiplies each component by a factor of its body; components are [k][body].
    pub fn scale(factors: &[f64], components: &mut [f64]) {
        for components in components.chunks_exact_mut(factors.len()) {
            for (value, factor) in components.iter_mut().zip(factors) {
                *value *= factor;
            }
        }
    }

    /// Puts a configuration given by [body][k] into a row of [k][body][row].
    pub fn scatter(order: &[usize], values: &[f64], rows: usize, row: usize, to: &mut [f64]) {
        for (&component, value) in order.iter().zip(values) {
            to[component * rows + row] = *value;
        }
    }

    /// Takes a row of [k][body][row] as [body][k].
    pub fn gather(order: &[usize], from: &[f64], rows: usize, row: usize, values: &mut [f64]) {
        for (&component, value) in order.iter().zip(values) {
            *value = from[component * rows + row];
        }
    }
}

/// Kinetic energy of a configuration with these masses; velocities are [body][k].
pub fn kinetic(velocity: &[f64], space: usize, mass: impl Fn(usize) -> f64) -> f64 {
    let square = |velocity: &[f64]| velocity.iter().map(|v| v * v).sum::<f64>();
    velocity.chunks_exact(space).enumerate().map(|(body, v)| 0.5 * mass(body) * square(v)).sum()
}

/// The place of each [body][k] in [k][body].
pub fn order(bodies: usize, space: usize) -> Vec<usize> {
    (0..bodies * space).map(|at| at % space * bodies + at / space).collect()
}

#[inline(always)]
fn add(values: &[f64], felt: Option<&[f64]>, sign: f64, total: &mut [f64]) {
    match felt {
        None => {
            for (total, value) in total.iter_mut().zip(values) {
                *total += sign * value;
            }
        }
        Some(felt) => {
            for ((total, value), felt) in total.iter_mut().zip(values).zip(felt) {
                *total += if *felt != 0.0 { sign * value } else { 0.0 };
            }
        }
    }
}

/// 1 where the distance is less than `reach`.
pub fn within(distance: &[f64], reach: f64, felt: &mut [f64]) {
    for (felt, distance) in felt.iter_mut().zip(distance) {
        *felt = if *distance < reach { 1.0 } else { 0.0 };
    }
}

/// For each pair: 1 where the sender is among the `count` nearest of the receiver, and the other way round; ordered
/// pairs are asked for their receivers alone. Of equally near bodies the first counts.
pub fn nearest(distance: &[f64], members: &[(usize, usize)], bodies: usize, count: usize, felt: &mut Felt) {
    let rows = distance.len() / members.len();
    let ordered = members.len() == bodies * (bodies - 1);
    let mut around: Vec<(f64, usize, usize)> = vec![];
    felt.iter_mut().for_each(|felt| felt.fill(0.0));
    for row in 0..rows {
        for body in 0..bodies {
            around.clear();
            for (pair, &(i, j)) in members.iter().enumerate() {
                if i == body {
                    around.push((distance[pair * rows + row], j, pair));
                } else if j == body && !ordered {
                    around.push((distance[pair * rows + row], i, pair));
                }
            }
            around.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for &(_, other, pair) in around.iter().take(count) {
                let side = usize::from(members[pair].0 == other);
                felt[side][pair * rows + row] = 1.0;
            }
        }
    }
}
