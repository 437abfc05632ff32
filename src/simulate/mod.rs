//! Systems and data plans to trajectories. Forces are symbolic derivatives of energies, evaluated by the tape, many
//! runs side by side in lanes ([`lanes`]) by collocation ([`collocation`]). And tables from files ([`table`]).

mod aligned;
mod collocation;
mod draw;
mod error;
mod fits;
mod forces;
mod geometry;
mod kernels;
mod lanes;
mod law;
mod memory;
mod neighbours;
mod numbers;
mod rollout;
mod run;
mod split;
mod table;
#[cfg(test)]
mod tests;
mod tracks;
mod trajectories;
mod widest;

pub use draw::draw;
pub use error::SimulateError;
pub use fits::{FEWEST, Fit};
pub use law::Accelerations;
pub use neighbours::{Cells, Edges, LinkError, Tree, nearest, within};
pub use numbers::{LARGE, Numbers, Storage, Values};
pub use rollout::rollout;
pub use run::{check_memory, memory_estimate, simulate, storage};
pub use split::{Parts, split_runs, split_trajectories, stretches};
pub use table::{
    Columns, Head, Open, Origin, ReadError, Rows, Table, TableError, check_head, open, parquet_name, read_files,
    read_table, split_table, write_parquet,
};
pub use tracks::{TrackError, tracks};
pub use trajectories::{Snapshots, Trajectories};
