//! `sdl bundle` and `sdl open`: a run as one file, and back. What is opened may come from a stranger: everything is checked
//! before anything is written, and nothing is run.

use super::load::{self, refuse};
use super::{BundleArguments, OpenArguments};
use crate::base::{Diagnostic, MemoryWorld, World};
use crate::engine::{self, Entry};
use crate::report::{self, short};
use crate::shell::terminal;
use crate::shell::world::Machine;
use std::path::{Path, PathBuf};

/// Bytes of a bundle, at most: more is no run.
const LARGEST: u64 = 2_000_000_000;
/// Changed files that are named.
const SHOWN: usize = 5;
/// Ending of a bundle's name.
const ENDING: &str = "sdlrun";

/// Puts a run into one file and says the exit status.
pub fn bundle(arguments: &BundleArguments, machine: &Machine) -> u8 {
    match packed(arguments, machine) {
        Ok(line) => {
            terminal::say(&line);
            0
        }
        Err(finding) => refuse(&finding),
    }
}

fn packed(arguments: &BundleArguments, machine: &Machine) -> Result<String, Diagnostic> {
    engine::stored(machine, &arguments.run)?;
    let unread = |error: std::io::Error| {
        Diagnostic::new("E0640", format!("`{}` cannot be read", arguments.run.display())).note(error.to_string())
    };
    let mut files: Vec<Entry> = vec![];
    for name in machine.list(&arguments.run).map_err(unread)? {
        // What else lies in the folder is the user's own.
        if engine::is_plain(&name) {
            let content = machine.read(&arguments.run.join(&name)).map_err(unread)?;
            files.push((name, content));
        }
    }
    let bytes = engine::pack(&files);
    let path = arguments.out.clone().unwrap_or_else(|| name_of(&arguments.run).with_extension(ENDING));
    machine.write(&path, &bytes).map_err(|error| load::unwritable(&path, &error))?;
    Ok(format!("{}  ({} files, {})", path.display(), files.len(), engine::estimate::bytes(bytes.len() as u64)))
}

/// Opens a bundle and says the exit status.
pub fn open(arguments: &OpenArguments, machine: &Machine) -> u8 {
    match opened(arguments, machine) {
        Ok(lines) => {
            lines.iter().for_each(|line| terminal::say(line));
            0
        }
        Err(finding) => refuse(&finding),
    }
}

fn opened(arguments: &OpenArguments, machine: &Machine) -> Result<Vec<String>, Diagnostic> {
    let bad = |why: String| {
        Err(Diagnostic::new("E0641", format!("`{}` cannot be opened", arguments.file.display()))
            .note(why)
            .help("ask for it again: a bundle is made by `sdl bundle RUN`"))
    };
    let size = std::fs::metadata(&arguments.file).map(|facts| (facts.is_file(), facts.len()));
    match size {
        Err(error) => return bad(error.to_string()),
        Ok((false, _)) => return bad("it is no file".into()),
        Ok((_, length)) if length > LARGEST => return bad(format!("it is {length} bytes long, more than a run is")),
        Ok(_) => {}
    }
    let bytes = match machine.read(&arguments.file) {
        Ok(bytes) => bytes,
        Err(error) => return bad(error.to_string()),
    };
    let files = match engine::unpack(&bytes) {
        Ok(files) => files,
        Err(why) => return bad(why),
    };
    let path = arguments.out.clone().unwrap_or_else(|| name_of(&arguments.file).with_extension(""));
    if machine.exists(&path) {
        return Err(Diagnostic::new("E0601", format!("`{}` exists", path.display()))
            .help("give a folder that does not with `--out DIR`"));
    }
    // Looked at in memory first: what does not hold there never reaches the disk.
    let memory = MemoryWorld::default();
    let inside = Path::new("run");
    let kept = memory
        .create_folder(inside)
        .and_then(|()| files.iter().try_for_each(|(name, content)| memory.write(&inside.join(name), content)));
    if let Err(error) = kept {
        return bad(error.to_string());
    }
    let stored = engine::stored(&memory, inside)?;
    let tables = report::run_sheets(&memory, inside)?;
    let changed = engine::changed_files(&memory, inside)?;
    if !changed.is_empty() {
        return bad(changed.into_iter().take(SHOWN).collect::<Vec<_>>().join("; "));
    }
    machine.create_folder(&path).map_err(|error| load::unwritable(&path, &error))?;
    for (name, content) in &files {
        machine.write(&path.join(name), content).map_err(|error| load::unwritable(&path, &error))?;
    }
    let record = &stored.record;
    let mut lines =
        vec![format!("{}  ({} files, {} tables, all as they were sealed)", path.display(), files.len(), tables.len())];
    lines.push(format!("  {} by sdl {}, plan {}", record.script, record.version, record.plan_hash.short()));
    for expect in &record.expects {
        lines.push(format!("  {} {}  {}", if expect.holds { '✓' } else { '✗' }, expect.text, short(expect.value, 6)));
    }
    Ok(lines)
}

/// The last part of a path, as a path here.
fn name_of(path: &Path) -> PathBuf {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    full.file_name().map_or_else(|| PathBuf::from("run"), PathBuf::from)
}
