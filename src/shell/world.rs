//! The real world: disk, clock, environment.

use crate::base::World;
use std::fs::{self, File};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The machine that the program runs on.
pub struct Machine {
    start: Instant,
}

impl Machine {
    /// The machine, its clock started now.
    pub fn now() -> Machine {
        Machine { start: Instant::now() }
    }

    /// What tells this build of the program from any other: the hash of its executable, or its version where that cannot be read.
    pub fn build(&self) -> String {
        let executable = std::env::current_exe().and_then(fs::read);
        executable.map_or(env!("CARGO_PKG_VERSION").into(), |content| crate::base::hash_bytes(&content).short().into())
    }
}

impl World for Machine {
    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        fs::read(path)
    }

    /// Writes a neighbour file, sees it on the disk, and moves it over.
    fn write(&self, path: &Path, content: &[u8]) -> Result<()> {
        let neighbour = neighbour(path)?;
        let written = File::create(&neighbour).and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        });
        let done = written.and_then(|()| fs::rename(&neighbour, path));
        if done.is_err() {
            // The first error is the one to tell; a left neighbour harms nobody.
            fs::remove_file(&neighbour).ok();
        }
        done
    }

    fn create_folder(&self, path: &Path) -> Result<()> {
        fs::create_dir_all(path)
    }

    fn list(&self, path: &Path) -> Result<Vec<String>> {
        let entries = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        let mut names: Vec<String> = entries.collect::<Result<_>>()?;
        names.sort();
        Ok(names)
    }

    fn remove(&self, path: &Path) -> Result<()> {
        fs::remove_file(path)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// What Linux says is free, or less where a control group allows less; `None` on other systems.
    fn memory(&self) -> Option<u64> {
        let free = fs::read_to_string("/proc/meminfo").ok().and_then(|text| available(&text));
        let number = |path| fs::read_to_string(path).ok().and_then(|text| text.trim().parse::<u64>().ok());
        let limit = number("/sys/fs/cgroup/memory.max");
        let used = number("/sys/fs/cgroup/memory.current").unwrap_or(0);
        let allowed = limit.map(|limit| limit.saturating_sub(used));
        free.into_iter().chain(allowed).min()
    }
}

/// A name beside `path` that no other writer uses.
fn neighbour(path: &Path) -> Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or_else(|| Error::new(ErrorKind::InvalidInput, "the path names no file"))?;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Ok(path.with_file_name(format!(".{}.{}-{count}", name.to_string_lossy(), std::process::id())))
}

/// The bytes after `MemAvailable:`, which are given in kB.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_put_in_place_whole() {
        let folder = std::env::temp_dir().join(format!("sdl-world-{}", std::process::id()));
        let world = Machine::now();
        world.create_folder(&folder).unwrap();
        let path = folder.join("file");
        world.write(&path, b"one").unwrap();
        world.write(&path, b"two").unwrap();
        assert_eq!(world.read(&path).unwrap(), b"two");
        assert!(world.write(&path.join("below"), b"").is_err());
        assert_eq!(world.list(&folder).unwrap(), ["file"], "no neighbour is left");
        world.remove(&path).unwrap();
        fs::remove_dir(&folder).unwrap();
    }

    #[test]
    fn free_memory_is_read_in_bytes() {
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:   2 kB\n"), Some(2048));
        assert_eq!(available("MemAvailable: none"), None);
    }
}
