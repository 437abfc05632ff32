//! From the edge function's outputs to messages, to their sums at nodes, and back. Every step is its own short loop over
//! panels; sampled messages follow the reparametrisation of Kingma and Welling (2013).

use super::panels::{Lane, Panels, WIDTH, panels};
use crate::network::batch::Batch;
use crate::network::design::{Design, Frame, PairForm};
use crate::plan::{Combine, MessagePrior};

/// Messages [edges, message] from the edge function's outputs; `factors` has one number per component.
pub fn compose(design: &Design, batch: &Batch, factors: &[f32], raw: &Panels, messages: &mut Panels) {
    messages.reshape(batch.edges(), design.message);
    if let MessagePrior::Kl(_) = design.prior {
        messages.fill(0.0);
        for edge in 0..batch.edges() {
            for k in 0..design.message {
                let spread = raw.at(edge, design.message + k);
                let noise = batch.noise.get(edge * design.message + k).map_or(0.0, |n| n * (0.5 * spread).exp());
                *messages.at_mut(edge, k) = raw.at(edge, k) + noise;
            }
        }
    } else if design.frame == Frame::Invariants {
        messages.fill(0.0);
        for (edge, direction) in batch.direction.chunks(design.space).enumerate() {
            for k in 0..design.message {
                *messages.at_mut(edge, k) = raw.at(edge, k / design.space) * direction[k % design.space];
            }
        }
    } else {
        for panel in 0..panels(design.message) {
            messages.panel_mut(panel).copy_from_slice(raw.panel(panel));
        }
    }
    antisymmetrise(design, batch, messages);
    scale(factors, messages);
}

/// Turns derivatives by messages into derivatives by the edge function's outputs; `deltas` is used up.
pub fn decompose(design: &Design, batch: &Batch, factors: &[f32], deltas: &mut Panels, raw: &Panels, out: &mut Panels) {
    scale(factors, deltas);
    antisymmetrise(design, batch, deltas);
    if let MessagePrior::Kl(_) = design.prior {
        out.fill(0.0);
        for edge in 0..batch.edges() {
            for k in 0..design.message {
                let delta = deltas.at(edge, k);
                let spread = raw.at(edge, design.message + k);
                let noise = batch.noise.get(edge * design.message + k).map_or(0.0, |n| n * 0.5 * (0.5 * spread).exp());
                *out.at_mut(edge, k) = delta;
                *out.at_mut(edge, design.message + k) = delta * noise;
            }
        }
    } else if design.frame == Frame::Invariants {
        out.fill(0.0);
        for (edge, direction) in batch.direction.chunks(design.space).enumerate() {
            for k in 0..design.message {
                *out.at_mut(edge, k / design.space) += deltas.at(edge, k) * direction[k % design.space];
            }
        }
    } else {
        for panel in 0..panels(design.message) {
            out.panel_mut(panel).copy_from_slice(deltas.panel(panel));
        }
        out.clear_padding();
    }
}

/// Half the difference of opposite messages where the design ties them; its own transpose.
fn antisymmetrise(design: &Design, batch: &Batch, messages: &mut Panels) {
    if design.pair == PairForm::Free {
        return;
    }
    for panel in 0..panels(design.message) {
        let lanes = messages.panel_mut(panel);
        for (edge, &reverse) in batch.reverse.iter().enumerate().filter(|&(edge, &reverse)| edge < reverse as usize) {
            let (there, back) = (lanes[edge].0, lanes[reverse as usize].0);
            for k in 0..WIDTH {
                let half = 0.5 * (there[k] - back[k]);
                (lanes[edge].0[k], lanes[reverse as usize].0[k]) = (half, -half);
            }
        }
    }
}

fn scale(factors: &[f32], messages: &mut Panels) {
    if factors.iter().all(|&factor| factor == 1.0) {
        return;
    }
    for (panel, factors) in factors.chunks(WIDTH).enumerate() {
        for lane in messages.panel_mut(panel) {
            for (value, factor) in lane.0.iter_mut().zip(factors) {
                *value *= factor;
            }
        }
    }
}

/// Messages met at each node, [nodes, message]; a node without senders has zero.
pub fn combine(design: &Design, batch: &Batch, messages: &Panels, totals: &mut Panels) {
    totals.reshape(batch.nodes(), design.message);
    for panel in 0..panels(design.message) {
        let lanes = messages.panel(panel);
        for (node, total) in totals.panel_mut(panel).iter_mut().enumerate() {
            let edges = &lanes[batch.edges_of(node)];
            *total = match design.combine {
                Combine::Sum => sum(edges, 1.0),
                Combine::Mean => sum(edges, 1.0 / edges.len().max(1) as f32),
                Combine::Max => edges.iter().copied().reduce(larger).unwrap_or_default(),
            };
        }
    }
}

fn sum(lanes: &[Lane], share: f32) -> Lane {
    let mut total = Lane::default();
    for lane in lanes {
        for k in 0..WIDTH {
            total.0[k] += lane.0[k];
        }
    }
    total.0.iter_mut().for_each(|value| *value *= share);
    total
}

fn larger(a: Lane, b: Lane) -> Lane {
    Lane(std::array::from_fn(|k| if b.0[k] > a.0[k] { b.0[k] } else { a.0[k] }))
}

/// Derivatives by messages from those by totals.
pub fn spread(design: &Design, batch: &Batch, messages: &Panels, totals: &Panels, above: &Panels, deltas: &mut Panels) {
    deltas.reshape(batch.edges(), design.message);
    for panel in 0..panels(design.message) {
        let (lanes, total) = (messages.panel(panel), totals.panel(panel));
        let out = deltas.panel_mut(panel);
        for (node, above) in above.panel(panel).iter().enumerate() {
            let edges = batch.edges_of(node);
            let share = if design.combine == Combine::Mean { 1.0 / edges.len().max(1) as f32 } else { 1.0 };
            for lane in &mut out[edges.clone()] {
                *lane = Lane(above.0.map(|value| value * share));
            }
            if design.combine == Combine::Max {
                for k in 0..WIDTH {
                    let winner = edges.clone().find(|&edge| lanes[edge].0[k] == total[node].0[k]);
                    edges.clone().filter(|&edge| Some(edge) != winner).for_each(|edge| out[edge].0[k] = 0.0);
                }
            }
        }
    }
}

/// Adds the derivatives of the priors on messages and returns their values for each configuration. `edges` counts those
/// of the whole batch, over which priors are means.
pub fn penalise(
    design: &Design,
    batch: &Batch,
    edges: usize,
    messages: &Panels,
    deltas: &mut Panels,
    values: &mut [f64],
) {
    let share = 1.0 / edges.max(1) as f64;
    let of = |snapshot: usize| {
        batch.start[snapshot * batch.receivers] as usize..batch.start[(snapshot + 1) * batch.receivers] as usize
    };
    for panel in 0..panels(design.message) {
        let (lanes, out) = (messages.panel(panel), deltas.panel_mut(panel));
        for (snapshot, value) in values.iter_mut().enumerate() {
            let range = of(snapshot);
            if let MessagePrior::L1(weight) = design.prior {
                let step = (weight * share) as f32;
                let mut sums = Lane::default();
                for (lane, delta) in lanes[range.clone()].iter().zip(&mut out[range.clone()]) {
                    for k in 0..WIDTH {
                        sums.0[k] += lane.0[k].abs();
                        delta.0[k] += step * sign(lane.0[k]);
                    }
                }
                *value += weight * share * sums.0.iter().map(|&sum| sum as f64).sum::<f64>();
            }
            if design.third_law > 0.0 {
                let step = (2.0 * design.third_law * share) as f32;
                for edge in range {
                    let back = lanes[batch.reverse[edge] as usize].0;
                    for (k, back) in back.into_iter().enumerate() {
                        let together = lanes[edge].0[k] + back;
                        out[edge].0[k] += step * sign(together);
                        *value += design.third_law * share * together.abs() as f64;
                    }
                }
            }
        }
    }
}

/// Adds the derivatives of the divergence of sampled messages from standard normal ones, and their values.
pub fn penalise_divergence(
    design: &Design,
    batch: &Batch,
    edges: usize,
    raw: &Panels,
    out: &mut Panels,
    values: &mut [f64],
) {
    let MessagePrior::Kl(weight) = design.prior else { return };
    let share = weight / edges.max(1) as f64;
    for (snapshot, value) in values.iter_mut().enumerate() {
        let first = batch.start[snapshot * batch.receivers] as usize;
        let last = batch.start[(snapshot + 1) * batch.receivers] as usize;
        for edge in first..last {
            for k in 0..design.message {
                let (mean, spread) = (raw.at(edge, k), raw.at(edge, design.message + k));
                let variance = spread.exp();
                *value += share * 0.5 * (mean * mean + variance - spread - 1.0) as f64;
                *out.at_mut(edge, k) += share as f32 * mean;
                *out.at_mut(edge, design.message + k) += share as f32 * 0.5 * (variance - 1.0);
            }
        }
    }
}

/// The sign of a number, 0 for 0.
pub fn sign(value: f32) -> f32 {
    if value > 0.0 {
        1.0
    } else if value < 0.0 {
        -1.0
    } else {
        0.0
    }
}
