//! Print forms of expressions. Every form reads the operator table and this module's one walk over precedence.

mod infix;
pub mod latex;
pub mod mathml;
pub mod typeset;

pub use infix::{infix, number};
