//! What every room may use and what knows nothing of this project: places in a text, diagnostics as
//! data, seeds by name path, content hashes, progress and cancellation, the world outside.

pub mod diagnostic;
pub mod hash;
pub mod json;
pub mod name;
pub mod seed;
pub mod source;
pub mod watch;
pub mod world;

pub use diagnostic::{Diagnostic, Fix, Label, Severity, SourceId, Span};
pub use hash::{Hash, Hasher, hash_bytes, hash_of};
pub use name::Name;
pub use seed::{Seed, Stream};
pub use source::{Position, Source, Sources};
pub use watch::{Cancelled, Progress, Silent, Watch};
pub use world::{Located, MemoryWorld, World, locate_below, read_below};
