//! How the messages change while a network trains: the frames that the paper's notebook animates, as two small tables.
//! The truth enters what is shown only, never the training.

use super::measure::{standard, thinned};
use super::pairs::{Edge, PairLaw};
use super::record::{Column, Sheet};
use super::score::affine_fit;
use crate::base::Name;
use crate::network::{Trained, with_unknowns};
use crate::simulate::{Snapshots, Trajectories};

/// Epochs that are shown, at most; the first and the last are among them.
const FRAMES: usize = 30;
/// Snapshots whose messages are looked at.
const SNAPSHOTS: usize = 100;
/// Message components whose size is kept, the largest first.
const RANKS: usize = 40;
/// Edges that are drawn in each frame.
const EDGES: usize = 240;
/// Share of the edges that a fit leaves out, as the paper's code does.
const TRIM: f64 = 0.1;

/// Looks at a network in training.
pub struct Camera {
    snapshots: Snapshots,
    /// The same with room for what is learned.
    asked: Snapshots,
    truth: Option<PairLaw>,
    epochs: usize,
}

/// What was seen so far: `components` (epoch, rank, deviation) and, where the truth is known, `messages` (epoch,
/// component, message, the true force and the true acceleration as the affine functions nearest to it).
pub type Film = [Sheet; 2];

/// A film without frames.
pub fn empty() -> Film {
    let columns = |names: &[&'static str]| names.iter().map(|name| (*name, vec![])).collect();
    [
        Sheet::new("components", columns(&["epoch", "rank", "deviation"])),
        Sheet::new("messages", columns(&["epoch", "component", "message", "force", "acceleration"])),
    ]
}

impl Camera {
    /// Looks at messages on these configurations of the data, through a training of so many epochs.
    pub fn new(
        data: &Trajectories,
        chosen: &[usize],
        learns: &[Name],
        truth: Option<PairLaw>,
        epochs: usize,
    ) -> Camera {
        let rows = thinned(chosen, SNAPSHOTS);
        let asked = with_unknowns(data, learns).snapshots(&rows);
        Camera { snapshots: data.snapshots(&rows), asked, truth, epochs }
    }

    /// Adds a frame, if the network's last epoch is one that is shown; of an ensemble the first network is.
    pub fn shoot(&self, network: &Trained, film: &mut Film) {
        if !network.others.is_empty() {
            return;
        }
        let epoch = network.facts.history.len();
        let place = |epoch: usize| epoch * FRAMES / self.epochs.max(1);
        if epoch == 1 || place(epoch) != place(epoch.saturating_sub(1)) {
            self.frame(network, epoch, film);
        }
    }

    /// Adds the finished network as the last frame, unless it is there.
    pub fn close(&self, network: &Trained, film: &mut Film) {
        let epoch = network.facts.history.len();
        if film[0].column("epoch").and_then(|epochs| epochs.last()) != Some(&(epoch as f64)) {
            self.frame(network, epoch, film);
        }
    }

    fn frame(&self, network: &Trained, epoch: usize, film: &mut Film) {
        let mut asked = self.asked.clone();
        network.write_learned(&mut asked.attribute);
        let found = network.messages(&asked);
        let edges: Vec<Edge> = (0..found.sender.len())
            .map(|edge| (found.snapshot[edge] as usize, found.receiver[edge] as usize, found.sender[edge] as usize))
            .collect();
        if edges.is_empty() {
            return;
        }
        let column = |component: usize| -> Vec<f64> {
            found.values.iter().skip(component).step_by(found.width).map(|&value| value.into()).collect()
        };
        let mut ranked: Vec<(usize, f64)> = (0..found.width).map(|k| (k, deviation(&column(k)))).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        for (rank, (_, size)) in ranked.iter().take(RANKS).enumerate() {
            push(&mut film[0], [epoch as f64, rank as f64 + 1.0, *size]);
        }
        let Some(truth) = &self.truth else { return };
        let space = self.snapshots.space;
        let acceleration = truth.accelerations(&self.snapshots, &edges);
        let force: Vec<f64> = (0..acceleration.len())
            .map(|at| acceleration[at] * truth.mass(&self.snapshots, edges[at / space]))
            .collect();
        for (rank, (component, _)) in ranked.iter().take(space).enumerate() {
            let message = standard(column(*component));
            let fitted = |truth: &[f64]| affine_fit(truth, space, &message, TRIM).map(|fit| fit.values);
            let (Some(force), Some(acceleration)) = (fitted(&force), fitted(&acceleration)) else { continue };
            let shown = edges.len().min(EDGES);
            for edge in (0..shown).map(|k| k * edges.len() / shown) {
                let row = [epoch as f64, rank as f64 + 1.0, message[edge], force[edge], acceleration[edge]];
                push(&mut film[1], row);
            }
        }
    }
}

fn push<const N: usize>(sheet: &mut Sheet, row: [f64; N]) {
    sheet.columns.iter_mut().zip(row).for_each(|(Column { values, .. }, value)| values.push(value));
}

fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}
