//! Which rows of a table are trained on.

use super::Table;
use crate::base::Seed;
use crate::plan::{FilePlan, Split};
use crate::simulate::{Parts, split::sizes, split_runs};

/// Divides the rows: whole runs at random where runs are told apart, by the order of a column where one is named, else
/// rows at random. Rows held out belong to no share.
pub fn split_table(table: &Table, file: &FilePlan, split: Split, seed: Seed) -> Parts {
    let (held_out, free): (Vec<usize>, Vec<usize>) = (0..table.rows()).partition(|row| table.held_out[*row]);
    let column = |name| table.column(name).unwrap_or(&[]);
    let shares = match (&file.run, &file.order) {
        (Some(run), _) => {
            let run = column(run);
            let mut runs: Vec<f64> = free.iter().map(|row| run[*row]).collect();
            runs.sort_by(f64::total_cmp);
            runs.dedup_by(|a, b| a.total_cmp(b).is_eq());
            let share = |runs_of: Vec<usize>| -> Vec<usize> {
                let mut chosen = vec![false; runs.len()];
                runs_of.into_iter().for_each(|at| chosen[at] = true);
                let place = |row: &usize| runs.binary_search_by(|other| other.total_cmp(&run[*row]));
                free.iter().copied().filter(|row| place(row).is_ok_and(|at| chosen[at])).collect()
            };
            split_runs(runs.len(), split, seed).map(share)
        }
        (None, Some(order)) => {
            let by = column(order);
            let mut rows = free;
            rows.sort_by(|a, b| by[*a].total_cmp(&by[*b]).then(a.cmp(b)));
            let sizes = sizes(rows.len(), split);
            let mut rows = rows.into_iter();
            sizes.map(|size| {
                let mut share: Vec<usize> = rows.by_ref().take(size).collect();
                share.sort_unstable();
                share
            })
        }
        (None, None) => split_runs(free.len(), split, seed).map(|share| share.into_iter().map(|at| free[at]).collect()),
    };
    Parts::new(shares, held_out)
}
