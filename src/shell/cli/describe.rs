//! `sdl describe`: the plan with every default filled in.

use super::DescribeArguments;
use super::load::{self, UNSOUND};
use super::watch::Form;
use crate::base::World;
use crate::engine;
use crate::language::describe as plan_text;
use crate::report;
use crate::shell::terminal::say;

/// Prints the plan, and says the exit status.
pub fn describe(arguments: &DescribeArguments, world: &dyn World) -> u8 {
    let loaded = load::load(&arguments.script, world);
    loaded.show(Form::Quiet);
    let Some(plan) = loaded.plan() else { return UNSOUND };
    if arguments.json {
        say(plan_text::json(plan).trim_end());
        return 0;
    }
    let summary = engine::estimate(plan, &engine::stages(plan), rayon::current_num_threads());
    say(&format!("# {}, with every default filled in:", arguments.script.file.display()));
    report::overview(plan, &summary).iter().for_each(|line| say(&format!("# {line}")));
    say("");
    say(plan_text::script(plan).trim_end());
    0
}
