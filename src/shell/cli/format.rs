//! `sdl fmt`: the standard form of a script.

use super::FormatArguments;
use super::load::{self, UNSOUND};
use super::watch::Form;
use crate::base::{SourceId, Sources, World};
use crate::language;
use crate::shell::terminal;

/// Exit status of a file that is not in its standard form.
const DIFFERS: u8 = 1;

/// Formats a file in place, or only says whether it is formatted. A file that cannot be read as a script stays as it is.
pub fn format(arguments: &FormatArguments, world: &dyn World) -> u8 {
    let path = &arguments.file;
    let name = path.display().to_string();
    let fail = |finding| {
        load::show(&Sources::new(), &[finding], Form::Quiet);
        UNSOUND
    };
    let bytes = match world.read(path) {
        Ok(bytes) => bytes,
        Err(error) => return fail(load::unreadable(path, &error)),
    };
    let (text, mut findings) = language::read_text(SourceId(0), bytes);
    let standard = if arguments.migrate { language::migrate } else { language::format };
    let formatted = match standard(&text) {
        Ok(formatted) if findings.is_empty() => formatted,
        outcome => {
            findings.extend(outcome.err().into_iter().flatten());
            let mut sources = Sources::new();
            sources.add(name, text);
            load::show(&sources, &findings, Form::Quiet);
            return UNSOUND;
        }
    };
    match (formatted == text, arguments.check) {
        (true, _) => 0,
        (false, true) => {
            terminal::remark(&format!("{name} is not formatted; `sdl fmt {name}` does it"));
            DIFFERS
        }
        (false, false) => match world.write(path, formatted.as_bytes()) {
            Ok(()) => 0,
            Err(error) => fail(load::unwritable(path, &error)),
        },
    }
}
