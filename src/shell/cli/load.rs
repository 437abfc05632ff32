//! Script files to plans, and what is found on the way.

use super::ScriptArguments;
use super::watch::Form;
use crate::base::{Diagnostic, World};
use crate::engine::Event;
use crate::language::{self, Checked, Source};
use crate::plan::Plan;
use crate::shell::terminal;
use std::path::Path;

/// Exit status of a script that does not check.
pub const UNSOUND: u8 = 2;

/// A script that was read and checked.
pub struct Loaded {
    checked: Checked,
}

/// Reads a script and every file it uses, all below its own folder, and checks it.
pub fn load(arguments: &ScriptArguments, world: &dyn World) -> Loaded {
    let name = arguments.file.display().to_string();
    let folder = arguments.file.parent().unwrap_or(Path::new("")).to_owned();
    let text = match world.read(&arguments.file) {
        Ok(bytes) => bytes,
        Err(error) => return Loaded { checked: Checked::failed(unreadable(&arguments.file, &error)) },
    };
    todo!("{name} {folder:?} {text:?}")
}

impl Loaded {
    /// The plan, if nothing speaks against running it.
    pub fn plan_to_run(&self, strict: bool) -> Option<&Plan> {
        let stops = |finding: &Diagnostic| strict || finding.is_error();
        match self.checked.findings.iter().any(stops) {
            true => None,
            false => self.checked.plan.as_ref(),
        }
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new("E0607", format!("`{}` cannot be read", path.display())).note(error.to_string())
}
