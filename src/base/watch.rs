//! How long work tells of its progress and learns that it shall stop. Every long function takes a `&dyn Watch`.

use serde::Serialize;

/// A state of long work. Rates and times left are the shell's to compute: no clock below it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// Units done so far.
    pub done: u64,
    /// Units in all, as far as known.
    pub total: u64,
    /// The unit, in the plural: `runs`, `steps`, `evaluations`.
    pub unit: &'static str,
    /// What a watcher wants to know now, such as `loss 0.0123`; may be empty, and may go on in further lines.
    pub note: String,
}

/// A watcher of long work.
pub trait Watch: Sync {
    /// Hears of progress. Called often: keep it cheap.
    fn progress(&self, progress: Progress);

    /// Whether the work shall stop at the next safe point.
    fn cancelled(&self) -> bool;
}

/// The work was stopped on request; what was finished is kept by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// A watcher that hears nothing and never stops the work.
pub struct Silent;

impl Watch for Silent {
    fn progress(&self, _: Progress) {}

    fn cancelled(&self) -> bool {
        false
    }
}
