//! `sdl new`: a starting script with comments.

use super::NewArguments;
use super::load::{self, UNSOUND};
use super::watch::Form;
use crate::base::{Diagnostic, Sources, World};
use crate::language::new_script;
use crate::shell::terminal::say;
use std::path::PathBuf;

/// Writes `NAME.sdl`, and says the exit status. A file that is there stays as it is.
pub fn new(arguments: &NewArguments, world: &dyn World) -> u8 {
    let refuse = |finding: Diagnostic| {
        load::show(&Sources::new(), &[finding], Form::Quiet);
        UNSOUND
    };
    let name = arguments.name.trim_end_matches(".sdl");
    let path = PathBuf::from(format!("{name}.sdl"));
    let Some(text) = path.file_stem().and_then(|stem| new_script(&stem.to_string_lossy())) else {
        return refuse(
            Diagnostic::new("E0602", format!("`{name}` cannot name a system"))
                .help("a name begins with a letter and has letters, digits and `_`, such as `springs`"),
        );
    };
    if world.exists(&path) {
        return refuse(
            Diagnostic::new("E0602", format!("`{}` is there already", path.display())).help("choose another name"),
        );
    }
    match world.write(&path, text.as_bytes()) {
        Ok(()) => {
            say(&format!("{} is a study that runs: `sdl run {0}`", path.display()));
            0
        }
        Err(error) => refuse(load::unwritable(&path, &error)),
    }
}
