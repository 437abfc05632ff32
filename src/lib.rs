//! SDL, the symbolic distillation language: from a one-page script to a proven law of physics.
//!
//! A session is the prompt without a terminal:
//!
//! ```
//! use sdl::base::MemoryWorld;
//! use sdl::session::{Form, Session, shown};
//!
//! let mut session = Session::new();
//! let done = session.eval("diff(x^3, x)", &MemoryWorld::default());
//! assert_eq!(shown(&done.outcome.unwrap(), Form::Plain), "3 * x^2");
//! ```
//!
//! A script becomes a plan, or findings with a code, a place and a next step; [`run`] carries a plan out and tells events
//! (`examples/embed.rs` does both):
//!
//! ```
//! let script = "system s { position ~ normal(0, 1); energy(i, j) = k * distance(i, j)^2 }";
//! let checked = sdl::check("s.sdl", script, &|_| Err("no files".into()), &[], None);
//! assert!(checked.plan.is_none());
//! assert_eq!(checked.diagnostics[0].code, "E0201");
//! ```
//!
//! The rooms, in the order in which data flows; a room imports only from rooms above it.

#![deny(missing_docs)]
// Coefficients carry all digits of their derivation; kernels index several arrays alike; a closure's type is its document.
#![allow(clippy::excessive_precision, clippy::needless_range_loop, clippy::type_complexity)]

pub mod base;
pub mod expr;
pub mod plan;

pub mod language;

pub mod simulate;

pub mod network;

pub mod search;

pub mod distill;

pub mod engine;

pub mod report;

pub mod session;

pub mod shell;

pub use engine::run;
pub use language::check;
pub use session::Session;
