//! Calculus on expressions: power series, limits, integrals, equations. What cannot be done is said, never guessed.

mod definite;
mod growth;
mod integrate;
mod limit;
mod rational;
mod series;
mod solve;
mod waves;

pub use definite::integral;
pub use integrate::integrate;
pub use limit::{limit, one_sided};
pub use series::series;
pub use solve::solve;

/// Why there is no answer, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer(pub String);
