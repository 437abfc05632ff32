//! `sdl describe`: the plan with every default filled in.

use super::DescribeArguments;
use super::load::{self, UNSOUND};
use super::watch::Form;
use crate::base::{World, hash_of};
use crate::engine;
use crate::report;
use crate::shell::terminal::say;

/// Prints the plan, and says the exit status.
pub fn describe(arguments: &DescribeArguments, world: &dyn World) -> u8 {
    let loaded = load::load(&arguments.script, world);
    loaded.show(Form::Quiet);
    let Some(plan) = loaded.plan(arguments.script.strict) else { return UNSOUND };
    if arguments.json {
        say(&serde_json::to_string_pretty(plan).expect("a plan has no non-string keys"));
        return 0;
    }
    let summary = engine::estimate(plan, &engine::stages(plan), rayon::current_num_threads());
    say(&format!("plan {}", hash_of(plan).short()));
    report::overview(plan, &summary).iter().for_each(|line| say(line));
    say("");
    let tree = serde_json::to_value(plan).expect("a plan has no non-string keys");
    report::outline(&tree).iter().for_each(|line| say(line));
    0
}
