//! The world outside: files, clock, environment, memory. Everything below the shell reaches them through [`World`]; the
//! shell has the real one and [`MemoryWorld`] is its twin for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Error, ErrorKind, Read, Result};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

/// Files, clock, environment and memory. Paths are taken as they are, relative ones from the current folder.
pub trait World: Sync {
    /// The content of a file.
    fn read(&self, path: &Path) -> Result<Vec<u8>>;

    /// A file to be read piece by piece.
    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>>;

    /// Puts a file in place with this content, whole or not at all: a reader and a crash see the old file or the new one.
    /// Its folder must exist.
    fn write(&self, path: &Path, content: &[u8]) -> Result<()>;

    /// Makes a folder and those above it; well if it exists.
    fn create_folder(&self, path: &Path) -> Result<()>;

    /// Names in a folder, sorted.
    fn list(&self, path: &Path) -> Result<Vec<String>>;

    /// Takes a file away.
    fn remove(&self, path: &Path) -> Result<()>;

    /// Where a folder really is, links followed; the current one for an empty path.
    fn real_folder(&self, path: &Path) -> Result<PathBuf>;

    /// Whether a file or a folder is there.
    fn exists(&self, path: &Path) -> bool;

    /// Where a plain file really is, links followed, and its length; an error for folders, devices and pipes.
    fn locate(&self, path: &Path) -> Result<Located>;

    /// Seconds on a clock that only goes forward. Never part of a result.
    fn seconds(&self) -> f64;

    /// A variable of the environment; `None` too where it is empty.
    fn variable(&self, name: &str) -> Option<String>;

    /// Bytes of memory that this process may still take, where the system tells.
    fn memory(&self) -> Option<u64>;
}

/// A plain file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Where it is, without links.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
}

/// The content of a file that a script names: only a plain file that really lies below `folder`, no longer than `most`, so
/// that a stranger's script reads nothing else. Why not, if it may not be read.
pub fn read_below(world: &dyn World, folder: &Path, path: &str, most: u64) -> std::result::Result<Vec<u8>, String> {
    let located = locate_below(world, folder, path)?;
    if located.bytes > most {
        return Err(format!("it is {} bytes long; {most} are read at most", located.bytes));
    }
    world.read(&located.path).map_err(|error| error.to_string())
}

/// Where a file that a script names really is: a plain file below `folder`. Why not, if it may not be read.
pub fn locate_below(world: &dyn World, folder: &Path, path: &str) -> std::result::Result<Located, String> {
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside {
        return Err("a script reads only files below its own folder".into());
    }
    let located = world.locate(&folder.join(path)).map_err(|error| error.to_string())?;
    let folder = world.real_folder(folder).map_err(|error| error.to_string())?;
    if !located.path.starts_with(folder) {
        return Err("it is a link out of the script's folder; a script reads only files below its own".into());
    }
    Ok(located)
}

/// A world in memory: for tests, and for hosts without a disk.
#[derive(Debug, Default)]
pub struct MemoryWorld {
    state: Mutex<State>,
    /// Variables of the environment.
    pub variables: BTreeMap<String, String>,
    /// What [`World::memory`] says.
    pub memory: Option<u64>,
    /// Folders in which nothing can be written.
    pub locked: BTreeSet<PathBuf>,
    /// Bytes that fit on its disk; `None` for no end.
    pub capacity: Option<usize>,
    /// What its clock says when it is asked for the nth time; `None` for one that goes by milliseconds.
    pub clock: Option<fn(u64) -> f64>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Vec<u8>>,
    folders: BTreeSet<PathBuf>,
    ticks: u64,
}

impl MemoryWorld {
    /// A world with these files and the folders they need.
    pub fn with_files(files: &[(&str, &str)]) -> MemoryWorld {
        let world = MemoryWorld::default();
        for (path, content) in files {
            let path = Path::new(path);
            world.create_folder(path.parent().unwrap_or(Path::new(""))).expect("nothing is locked yet");
            world.write(path, content.as_bytes()).expect("its folder was just made");
        }
        world
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the lock panics")
    }

    fn check_unlocked(&self, path: &Path) -> Result<()> {
        match path.ancestors().any(|folder| self.locked.contains(folder)) {
            true => Err(Error::new(ErrorKind::PermissionDenied, "the folder is locked")),
            false => Ok(()),
        }
    }
}

impl World for MemoryWorld {
    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        self.state().files.get(path).cloned().ok_or_else(|| Error::new(ErrorKind::NotFound, "no such file"))
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.read(path)?)))
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<()> {
        self.check_unlocked(path)?;
        let mut state = self.state();
        let others = state.files.iter().filter(|(other, _)| *other != path).map(|(_, content)| content.len());
        if self.capacity.is_some_and(|capacity| others.sum::<usize>() + content.len() > capacity) {
            return Err(Error::new(ErrorKind::StorageFull, "the disk is full"));
        }
        match path.parent() {
            Some(folder) if folder != Path::new("") && !state.folders.contains(folder) => {
                Err(Error::new(ErrorKind::NotFound, "no such folder"))
            }
            _ => {
                state.files.insert(path.into(), content.into());
                Ok(())
            }
        }
    }

    fn create_folder(&self, path: &Path) -> Result<()> {
        self.check_unlocked(path)?;
        let mut state = self.state();
        if path.ancestors().any(|above| state.files.contains_key(above)) {
            return Err(Error::new(ErrorKind::NotADirectory, "a file is in the way"));
        }
        state.folders.extend(path.ancestors().map(PathBuf::from));
        Ok(())
    }

    fn list(&self, path: &Path) -> Result<Vec<String>> {
        let state = self.state();
        if !state.folders.contains(path) {
            return Err(Error::new(ErrorKind::NotFound, "no such folder"));
        }
        let within = state.files.keys().chain(&state.folders).filter(|entry| entry.parent() == Some(path));
        let names: BTreeSet<String> =
            within.filter_map(|entry| Some(entry.file_name()?.to_string_lossy().into_owned())).collect();
        Ok(names.into_iter().collect())
    }

    fn remove(&self, path: &Path) -> Result<()> {
        self.check_unlocked(path)?;
        self.state().files.remove(path).map(drop).ok_or_else(|| Error::new(ErrorKind::NotFound, "no such file"))
    }

    fn exists(&self, path: &Path) -> bool {
        let state = self.state();
        state.files.contains_key(path) || state.folders.contains(path)
    }

    fn real_folder(&self, path: &Path) -> Result<PathBuf> {
        Ok(path.into())
    }

    fn locate(&self, path: &Path) -> Result<Located> {
        let bytes = self.read(path)?.len() as u64;
        Ok(Located { path: path.into(), bytes })
    }

    fn seconds(&self) -> f64 {
        let mut state = self.state();
        state.ticks += 1;
        self.clock.map_or(state.ticks as f64 * 1e-3, |clock| clock(state.ticks))
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    fn memory(&self) -> Option<u64> {
        self.memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twin_keeps_files_in_folders() {
        let mut world = MemoryWorld::with_files(&[("a/b/one", "1"), ("a/two", "2")]);
        assert_eq!(world.list(Path::new("a")).unwrap(), ["b", "two"]);
        assert_eq!(world.read(Path::new("a/b/one")).unwrap(), b"1");
        assert!(world.write(Path::new("nowhere/x"), b"").is_err());
        assert!(world.create_folder(Path::new("a/two/three")).is_err());
        world.remove(Path::new("a/two")).unwrap();
        assert!(!world.exists(Path::new("a/two")) && world.exists(Path::new("a/b")));
        world.locked.insert("a".into());
        assert_eq!(world.write(Path::new("a/b/one"), b"9").unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(world.read(Path::new("a/b/one")).unwrap(), b"1");
    }
}
