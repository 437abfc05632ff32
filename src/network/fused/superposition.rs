//! A node's output under superposition, from the row that its own function gives: W and c by component, or, in invariants,
//! one weight for each vector of the summed message and one for its own velocity.

use crate::network::design::{Design, Frame};

/// Writes the output of one node from its function's `row` and its `total`.
pub fn superpose(design: &Design, row: &[f32], total: &[f32], velocity: &[f32], out: &mut [f32]) {
    match design.frame {
        Frame::Components => {
            let (linear, constant) = row.split_at(design.space * design.message);
            for ((out, row), constant) in out.iter_mut().zip(linear.chunks(design.message)).zip(constant) {
                *out = constant + row.iter().zip(total).map(|(weight, total)| weight * total).sum::<f32>();
            }
        }
        Frame::Invariants => {
            out.fill(0.0);
            for (weight, vector) in row.iter().zip(total.chunks(design.space).chain([velocity])) {
                out.iter_mut().zip(vector).for_each(|(out, value)| *out += weight * value);
            }
        }
    }
}

/// Turns `row` and `total` into the derivatives by them, given those by the output.
pub fn superpose_backward(design: &Design, delta: &[f32], row: &mut [f32], total: &mut [f32], velocity: &[f32]) {
    match design.frame {
        Frame::Components => {
            let (linear, constant) = row.split_at_mut(design.space * design.message);
            constant.copy_from_slice(delta);
            for (k, total) in total.iter_mut().enumerate() {
                let mut sum = 0.0;
                for (d, delta) in delta.iter().enumerate() {
                    let weight = &mut linear[d * design.message + k];
                    sum += delta * *weight;
                    *weight = delta * *total;
                }
                *total = sum;
            }
        }
        Frame::Invariants => {
            let dot = |vector: &[f32]| delta.iter().zip(vector).map(|(a, b)| a * b).sum::<f32>();
            let (weights, own) = row.split_at_mut(total.len() / design.space);
            for (weight, vector) in weights.iter_mut().zip(total.chunks_mut(design.space)) {
                let along = dot(vector);
                vector.iter_mut().zip(delta).for_each(|(value, delta)| *value = delta * *weight);
                *weight = along;
            }
            own.fill(dot(velocity));
        }
    }
}
