//! The archive: the best few different formulas of every complexity, all fitted on all rows.

use super::genome::Genome;
use serde::{Deserialize, Serialize};

/// A fitted formula.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The formula.
    pub genome: Genome,
    /// Its loss on all rows.
    pub loss: f64,
    /// Its complexity.
    pub complexity: f64,
    /// Its normal-form hash.
    pub key: u64,
}

/// The best few of every complexity, rounded to a whole number.
#[derive(Serialize, Deserialize)]
pub(crate) struct Archive {
    shelves: Vec<Vec<Entry>>,
    depth: usize,
}

impl Archive {
    /// An empty archive that keeps `depth` formulas of each complexity up to `size`.
    pub fn new(size: f64, depth: usize) -> Archive {
        Archive { shelves: vec![vec![]; size.round() as usize + 1], depth }
    }

    fn shelf(&self, complexity: f64) -> usize {
        (complexity.round() as usize).min(self.shelves.len() - 1)
    }

    /// Keeps a formula if it is among the best of its complexity; of equal normal forms the better fit stays.
    /// Whether it was kept.
    pub fn insert(&mut self, entry: Entry) -> bool {
        if !entry.loss.is_finite() {
            return false;
        }
        let at = self.shelf(entry.complexity);
        let depth = self.depth;
        let shelf = &mut self.shelves[at];
        if let Some(same) = shelf.iter().position(|other| other.key == entry.key) {
            if shelf[same].loss <= entry.loss {
                return false;
            }
            shelf.remove(same);
        }
        let place = shelf.partition_point(|other| (other.loss, other.key) < (entry.loss, entry.key));
        if place >= depth {
            return false;
        }
        shelf.insert(place, entry);
        shelf.truncate(depth);
        true
    }

    /// The loss that a formula of this complexity must beat to be kept.
    pub fn bar(&self, complexity: f64) -> f64 {
        let shelf = &self.shelves[self.shelf(complexity)];
        if shelf.len() < self.depth { f64::INFINITY } else { shelf[self.depth - 1].loss }
    }

    /// The loss that a formula of this complexity must come near to be worth a fit: it must be kept, and not be
    /// hopelessly worse than a simpler one.
    pub fn worth(&self, complexity: f64) -> f64 {
        let simpler = self.shelves[..self.shelf(complexity)].iter().filter_map(|shelf| shelf.first());
        let best = simpler.map(|entry| entry.loss).fold(f64::INFINITY, f64::min);
        self.bar(complexity).min(2.0 * best)
    }

    /// All formulas, by complexity, then loss.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.shelves.iter().flatten()
    }

    /// The formulas that none is both simpler than and at least as good as, by rising complexity.
    pub fn front(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.entries().collect();
        entries.sort_by(|a, b| {
            let by_complexity = a.complexity.total_cmp(&b.complexity);
            by_complexity.then(a.loss.total_cmp(&b.loss)).then(a.key.cmp(&b.key))
        });
        let mut best = f64::INFINITY;
        entries.retain(|entry| {
            let better = entry.loss < best;
            best = best.min(entry.loss);
            better
        });
        entries
    }
}
