//! Print forms of expressions. Every form reads the operator table.

pub mod code;
pub mod greek;
mod infix;
mod markup;
pub mod typeset;

pub use infix::{infix, number};
pub use markup::{latex, mathml, mathml_content};
