//! A law as text for people, and as a script that runs.

use crate::base::Name;
use crate::engine::Law;
use crate::plan::Plan;

/// The law typeset, with what it recovers.
pub fn law_lines(_: &Plan, name: &Name, law: &Law) -> Vec<String> {
    vec![format!("{name}: {law}")]
}

/// A script with the law as a system.
pub fn law_script(_: &Plan, name: &Name, _: &Law) -> String {
    format!("sdl 1\n# {name}\n")
}
