//! Expressions as values: one operator table; build, differentiate, simplify, print, and compile to a tape
//! that is evaluated over columns. Forces, features, losses, operators, candidates, laws and prompt values are
//! all the same [`Expr`].

pub mod algebra;
mod build;
pub mod calculus;
mod derivative;
mod equal;
mod op;
pub mod postfix;
pub mod print;
mod simplify;
pub mod tape;

pub use build::{Expr, Node};
pub use equal::{Equality, equal};
pub use op::{Fixity, OPERATORS, Op, OpInfo};
pub use postfix::{Postfix, Token};
pub use simplify::{Need, Rule, Simplified, Step, lost, needs, normalise, simplest, simplify, simplify_by};
pub use tape::{Lane, Scratch, Tape, UnknownSymbol, Wrt};
#[cfg(test)]
pub(crate) mod tests;
