//! The fronts: command line, terminal, the real world.

pub mod interrupt;
pub mod terminal;
pub mod world;
