//! The run folder. Every file is put in place whole; an existing folder is never overwritten unless it holds the same run
//! or the user asks to go on in it.
//!
//! | code | finding |
//! |---|---|
//! | `E0601` | the folder exists and holds something else |
//! | `E0602` | the folder or a file in it cannot be written |

use super::record::{Record, Timing};
use crate::base::{Diagnostic, Hash, World, hash_bytes, hash_of};
use crate::plan::{DataSource, Plan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Files that differ between two runs of one plan: times, and a page that shows them.
pub const UNSEALED: [&str; 3] = ["timing.json", "report.html", "files.json"];

/// An open run folder.
pub struct Folder<'a> {
    world: &'a dyn World,
    path: PathBuf,
    /// What was written so far.
    written: Mutex<BTreeMap<String, Hash>>,
}

/// The script of a run with all it reads: texts by name, data files by path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lock {
    /// Hash of the script.
    pub script: Hash,
    /// Hashes of the texts that it uses, by name.
    pub texts: BTreeMap<String, Hash>,
    /// Hashes of the data files that it names, by path.
    pub data: BTreeMap<String, Hash>,
}

impl Lock {
    /// Of a script, the texts that it uses by name, and the plan that both make.
    pub fn new<'a>(script: &str, texts: impl IntoIterator<Item = (&'a str, &'a str)>, plan: &Plan) -> Lock {
        let files = plan.data.values().filter_map(|data| match &data.from {
            DataSource::File(file) => Some(&file.content),
            DataSource::System(_) => None,
        });
        let data = files.flatten().map(|(path, content)| (path.clone(), content.hash.clone()));
        Lock {
            script: hash_bytes(script.as_bytes()),
            texts: texts.into_iter().map(|(name, text)| (name.to_owned(), hash_bytes(text.as_bytes()))).collect(),
            data: data.collect(),
        }
    }
}

/// What to do with a folder that holds a run of another plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse it.
    Refuse,
    /// Go on in it: its files are replaced, stages in common come from the store.
    Resume,
}

impl<'a> Folder<'a> {
    /// Where a run goes if the user names no folder: `runs/<script>-<short hash of the plan>`.
    pub fn default_path(script: &str, plan: &Hash) -> PathBuf {
        Path::new("runs").join(format!("{script}-{}", plan.short()))
    }

    /// Opens the folder for a run of `plan`, makes it where it is missing, and writes `plan.json` and `script.sdl`.
    pub fn open(
        world: &'a dyn World,
        path: &Path,
        plan: &Plan,
        script: &str,
        existing: Existing,
    ) -> Result<Folder<'a>, Diagnostic> {
        let folder = Folder { world, path: path.into(), written: Mutex::default() };
        if world.exists(path) {
            folder.check(plan, existing)?;
        }
        world.create_folder(path).map_err(|error| folder.unwritable(path, &error))?;
        folder.write_json("plan.json", plan)?;
        folder.write("script.sdl", script.as_bytes())?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts a file in place.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), Diagnostic> {
        let path = self.path.join(name);
        // A folder taken away while the run goes on is made again: what is finished has a place to go.
        if !self.world.exists(&self.path) {
            self.world.create_folder(&self.path).map_err(|error| self.unwritable(&self.path, &error))?;
        }
        self.world.write(&path, content).map_err(|error| self.unwritable(&path, &error))?;
        if let Ok(mut written) = self.written.lock() {
            written.insert(name.to_owned(), hash_bytes(content));
        }
        Ok(())
    }

    /// Writes `lock.json`.
    pub fn write_lock(&self, lock: &Lock) -> Result<(), Diagnostic> {
        self.write_json("lock.json", lock)
    }

    /// Writes `files.json`: the hash of each file written, but for those that differ from run to run.
    pub fn seal(&self) -> Result<(), Diagnostic> {
        let mut files = self.written.lock().map(|written| written.clone()).unwrap_or_default();
        files.retain(|name, _| !UNSEALED.contains(&name.as_str()));
        self.write_json("files.json", &files)
    }

    /// Writes `record.json`.
    pub fn write_record(&self, record: &Record) -> Result<(), Diagnostic> {
        self.write_json("record.json", record)
    }

    /// Writes `timing.json`.
    pub fn write_timing(&self, timing: &Timing) -> Result<(), Diagnostic> {
        self.write_json("timing.json", timing)
    }

    fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Result<(), Diagnostic> {
        let mut text = serde_json::to_vec_pretty(value).expect("records and plans have no non-string keys");
        text.push(b'\n');
        self.write(name, &text)
    }

    fn check(&self, plan: &Plan, existing: Existing) -> Result<(), Diagnostic> {
        let taken = |why: &str, help: &str| {
            Err(Diagnostic::new("E0601", format!("the folder `{}` {why}", self.path.display())).help(help))
        };
        let names = match self.world.list(&self.path) {
            Ok(names) => names,
            Err(_) => return taken("is not a folder that can be read", "give another one with `--out DIR`"),
        };
        // What a killed run was about to put in place is hidden, and nobody's work.
        if names.iter().all(|name| name.starts_with('.')) {
            return Ok(());
        }
        let found = self.world.read(&self.path.join("plan.json")).ok();
        match found.and_then(|content| serde_json::from_slice::<Plan>(&content).ok()) {
            None => taken("exists and is not a run of this program", "give another one with `--out DIR`, or empty it"),
            Some(found) if existing == Existing::Refuse && hash_of(&found) != hash_of(plan) => taken(
                "holds a run of another plan",
                "give another one with `--out DIR`, or `--resume` to go on in it and replace its files",
            ),
            Some(_) => Ok(()),
        }
    }

    fn unwritable(&self, path: &Path, error: &std::io::Error) -> Diagnostic {
        Diagnostic::new("E0602", format!("`{}` cannot be written", path.display())).note(error.to_string()).help(
            match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    "make room and give the same command with `--resume`, or another folder with `--out DIR`"
                }
                _ => "give a folder that can be written with `--out DIR`",
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::MemoryWorld;

    #[test]
    fn a_folder_is_not_overwritten_by_another_run() {
        let plan = Plan { seed: 1, ..Plan::default() };
        let other = Plan { seed: 2, ..Plan::default() };
        let plan_text = serde_json::to_string(&plan).unwrap();
        for (files, plan, existing, code) in [
            (&[][..], &plan, Existing::Refuse, None),
            (&[("out/plan.json", &plan_text[..])], &plan, Existing::Refuse, None),
            (&[("out/plan.json", &plan_text)], &other, Existing::Refuse, Some("E0601")),
            (&[("out/plan.json", &plan_text)], &other, Existing::Resume, None),
            (&[("out/thesis.tex", "")], &plan, Existing::Resume, Some("E0601")),
            (&[("out", "a file")], &plan, Existing::Resume, Some("E0601")),
        ] {
            let world = MemoryWorld::with_files(files);
            let opened = Folder::open(&world, Path::new("out"), plan, "sdl 1\n", existing);
            assert_eq!(opened.err().map(|finding| finding.code).as_deref(), code, "{files:?} {existing:?}");
            assert_eq!(world.exists(Path::new("out/script.sdl")), code.is_none());
        }
        let mut world = MemoryWorld::default();
        world.locked.insert("out".into());
        let opened = Folder::open(&world, Path::new("out"), &plan, "sdl 1\n", Existing::Refuse);
        assert_eq!(opened.err().map(|finding| finding.code).as_deref(), Some("E0602"));
    }
}
