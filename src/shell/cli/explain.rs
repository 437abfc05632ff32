//! `sdl explain`: what a diagnostic code means.

use super::ExplainArguments;
use super::load::UNSOUND;
use crate::language::explain;
use crate::shell::terminal::{remark, say};

/// Prints the page of a code, and says the exit status.
pub fn explain(arguments: &ExplainArguments) -> u8 {
    match explain::explain(&arguments.code) {
        Ok(page) => {
            say(page.told().trim_end());
            0
        }
        Err(wrong) => {
            remark(&wrong);
            UNSOUND
        }
    }
}
