//! `sdl doc`: what there is in the language, from the table that completion reads.

use super::DocArguments;
use super::load::UNSOUND;
use crate::language::reference::{self, Entry};
use crate::shell::terminal::{remark, say};

/// Prints what is known of an item, or the list of everything, and says the exit status.
pub fn doc(arguments: &DocArguments) -> u8 {
    let Some(item) = &arguments.item else {
        for entry in reference::entries().iter().filter(|entry| is_listed(entry)) {
            say(&format!("{:<32} {:<14} {}", entry.name, entry.kind, entry.doc));
        }
        return 0;
    };
    match reference::look_up(item) {
        Ok(found) => {
            for (index, entry) in found.iter().enumerate() {
                if index > 0 {
                    say("");
                }
                say(entry.told().trim_end());
            }
            0
        }
        Err(wrong) => {
            remark(&wrong);
            UNSOUND
        }
    }
}

/// The list leaves out what a block's own page tells.
fn is_listed(entry: &Entry) -> bool {
    !matches!(entry.kind, "field" | "value" | "unit" | "result" | "reserved word")
}
