//! The real world: disk, clock, environment.

use crate::base::{Located, World};
use crate::engine;
use std::fs::{self, File};
use std::io::{Error, ErrorKind, Read, Result, Write};
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

impl Machine {
    /// What this machine is, and how much memory the program has taken of it so far. Linux tells all of it.
    pub fn facts(&self) -> engine::Machine {
        let text = |path| fs::read_to_string(path).unwrap_or_default();
        let processor = text("/proc/cpuinfo");
        let processor = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        engine::Machine {
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: processor.map_or(String::new(), |(_, name)| name.to_owned()),
            processors: std::thread::available_parallelism().map_or(0, usize::from),
            memory: kilobytes(&text("/proc/meminfo"), "MemTotal:"),
            peak_memory: kilobytes(&text("/proc/self/status"), "VmHWM:"),
            build: self.build(),
        }
    }
}

impl World for Machine {
    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        fs::read(path)
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>> {
        Ok(Box::new(File::open(path)?))
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

    fn real_folder(&self, path: &Path) -> Result<PathBuf> {
        fs::canonicalize(if path == Path::new("") { Path::new(".") } else { path })
    }

    fn locate(&self, path: &Path) -> Result<Located> {
        let path = fs::canonicalize(path)?;
        let facts = fs::metadata(&path)?;
        match facts.is_file() {
            true => Ok(Located { path, bytes: facts.len() }),
            false => Err(Error::new(ErrorKind::InvalidInput, "it is no plain file")),
        }
    }

    fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// What Linux says is free, or less where a control group allows less; `None` on other systems.
    fn memory(&self) -> Option<u64> {
        let free = fs::read_to_string("/proc/meminfo").ok().and_then(|text| kilobytes(&text, "MemAvailable:"));
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

/// The bytes after a name such as `MemAvailable:`, which are given in kB.
fn kilobytes(told: &str, name: &str) -> Option<u64> {
    let line = told.lines().find_map(|line| line.strip_prefix(name))?;
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

    #[cfg(unix)]
    #[test]
    fn links_lead_out_of_no_folder() {
        use crate::base::read_below;
        let folder = std::env::temp_dir().join(format!("sdl-below-{}", std::process::id()));
        let world = Machine::now();
        world.create_folder(&folder.join("home")).unwrap();
        world.write(&folder.join("secret"), b"x").unwrap();
        world.write(&folder.join("home/own"), b"text").unwrap();
        for (link, to) in [("out", "../secret"), ("device", "/dev/zero"), ("within", "own"), ("up", "..")] {
            std::os::unix::fs::symlink(to, folder.join("home").join(link)).unwrap();
        }
        let read = |path: &str| read_below(&world, &folder.join("home"), path, 100);
        assert_eq!((read("own"), read("within")), (Ok(b"text".into()), Ok(b"text".into())));
        for path in ["out", "device", "up/secret", "up", "../secret", "/dev/zero", "none"] {
            assert!(read(path).is_err(), "{path}");
        }
        assert!(read_below(&world, &folder.join("home"), "own", 3).is_err(), "too long");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn free_memory_is_read_in_bytes() {
        assert_eq!(kilobytes("MemTotal: 9 kB\nMemAvailable:   2 kB\n", "MemAvailable:"), Some(2048));
        assert_eq!(kilobytes("MemAvailable: none", "MemAvailable:"), None);
    }
}
