//! Systems and data plans to trajectories. Forces are symbolic derivatives of energies, evaluated by the tape, many
//! runs side by side.

mod trajectories;

pub use trajectories::{Snapshots, Trajectories};
