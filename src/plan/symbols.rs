//! The symbols that may stand in a system's expressions, and in a law found by distillation.
//!
//! | symbol | meaning | in |
//! |---|---|---|
//! | `distance` | distance of i and j (minimum image in a box), without softening | pair |
//! | `displacement.x` … | component of the vector from i to j: `x_j - x_i` | pair |
//! | `i.position.x`, `i.velocity.y` … | state of the receiver i | pair, body |
//! | `j.position.x`, `j.velocity.y` … | state of the sender j | pair |
//! | `i.mass`, `j.charge` … | attributes | pair, body (i only) |
//! | `i.index`, `particles` | number of the body from 1, how many there are | pair, body, draws |
//!
//! `direction(i, j)` has the components `displacement.x / distance` ….

use crate::base::Name;

/// The names of the components of a vector.
pub const COMPONENTS: [&str; 3] = ["x", "y", "z"];

/// Distance of receiver and sender.
pub const DISTANCE: &str = "distance";

/// The component `k` of the vector from i to j.
pub fn displacement(k: usize) -> Name {
    Name::from(format!("displacement.{}", COMPONENTS[k]))
}

/// Component `k` of a vector attribute (`position`, `velocity`) of `who` (`i` or `j`).
pub fn component(who: &str, vector: &str, k: usize) -> Name {
    Name::from(format!("{who}.{vector}.{}", COMPONENTS[k]))
}

/// A scalar attribute of `who` (`i` or `j`).
pub fn attribute(who: &str, name: &str) -> Name {
    Name::from(format!("{who}.{name}"))
}
