//! `sdl diff`: the difference of two scripts' plans, in words.

use super::load::{self, UNSOUND};
use super::watch::Form;
use super::{DiffArguments, ScriptArguments};
use crate::base::World;
use crate::language::describe;
use crate::shell::terminal::say;

/// Exit status of plans that differ.
const DIFFERS: u8 = 1;

/// Prints what differs, and says the exit status: 0 where both scripts run the same.
pub fn diff(arguments: &DiffArguments, world: &dyn World) -> u8 {
    let [first, second] = [&arguments.first, &arguments.second].map(|file| {
        let script = ScriptArguments { file: file.clone(), seed: None, set: vec![], strict: false };
        load::load(&script, world)
    });
    let (Some(a), Some(b)) = (first.plan(), second.plan()) else {
        [&first, &second]
            .into_iter()
            .filter(|loaded| loaded.plan().is_none())
            .for_each(|loaded| loaded.show(Form::Quiet));
        return UNSOUND;
    };
    let found = describe::differences(a, b);
    if found.is_empty() {
        say("both scripts run the same");
        return 0;
    }
    found.iter().for_each(|line| say(line));
    say("everything else is equal");
    DIFFERS
}
