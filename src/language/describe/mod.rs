//! A plan with all its defaults: as a script, and as JSON the plan itself (`serde`).

mod diff;
mod script;

pub use diff::differences;
pub use script::script;

use crate::plan::Plan;

/// The plan as pretty JSON, ended by a line end. Names and order are those of [`Plan`].
pub fn json(plan: &Plan) -> String {
    serde_json::to_string_pretty(plan).expect("plan data has no non-string keys") + "\n"
}
