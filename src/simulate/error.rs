//! What can go wrong in a simulation, as data.

use crate::base::Name;

/// Why there are no trajectories. Runs and bodies are counted from 0 here and from 1 in the text.
#[derive(Clone, Debug, PartialEq)]
pub enum SimulateError {
    /// A number of the plan is out of its range: `particles`, `runs`, `steps`, `keep`, `dt`, `tolerance`, `trim`,
    /// `space`, `noise`, `box`.
    OutOfRange {
        /// The field.
        field: &'static str,
        /// Its value.
        value: f64,
    },
    /// A law or a draw uses a symbol that does not exist there.
    UnknownSymbol {
        /// The symbol.
        name: Name,
    },
    /// A law or a draw is not finite at the start of a run.
    NotFinite {
        /// The run.
        run: usize,
        /// The body, or the receiver of the pair.
        body: usize,
        /// The sender of the pair.
        sender: Option<usize>,
        /// What is not finite: an expression, as text.
        expression: String,
    },
    /// The step size fell to nothing: a singular encounter, or a law that jumps without end.
    Collapsed {
        /// The run.
        run: usize,
        /// The time.
        time: f64,
    },
    /// The trajectories need more memory than there is.
    TooLarge {
        /// Bytes needed.
        bytes: u64,
        /// Bytes that may be used.
        available: u64,
    },
    /// Too few times for local fits.
    FewTimes {
        /// Most stored times without a gap that a run has.
        most: usize,
        /// Fewest that are needed.
        needed: usize,
    },
    /// Stopped on request.
    Cancelled,
}

impl std::fmt::Display for SimulateError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            SimulateError::OutOfRange { field, value } => write!(f, "{field} = {value} is out of range"),
            SimulateError::UnknownSymbol { name } => write!(f, "unknown symbol `{name}`"),
            SimulateError::NotFinite { run, body, sender: Some(sender), expression } => write!(
                f,
                "{expression} is not finite between bodies {} and {} at the start of run {}",
                body + 1,
                sender + 1,
                run + 1
            ),
            SimulateError::NotFinite { run, body, sender: None, expression } => {
                write!(f, "{expression} is not finite for body {} at the start of run {}", body + 1, run + 1)
            }
            SimulateError::Collapsed { run, time } => {
                write!(f, "the step size of run {} fell to nothing at time {time}: a singular encounter", run + 1)
            }
            SimulateError::TooLarge { bytes, available } => {
                let gib = |bytes: u64| bytes as f64 / f64::from(1u32 << 30);
                write!(f, "trajectories of {:.3} GiB, but {:.3} GiB may be used", gib(*bytes), gib(*available))
            }
            SimulateError::FewTimes { most, needed } => {
                write!(f, "local fits need {needed} stored times of a run, and there are {most}")
            }
            SimulateError::Cancelled => write!(f, "simulation cancelled"),
        }
    }
}

impl std::error::Error for SimulateError {}
