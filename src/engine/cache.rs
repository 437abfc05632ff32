//! A store of finished stages by content: what a stage makes is kept under the hash of everything it was made from, so a
//! changed distillation does not train again and a second run is instant.
//!
//! An entry is one file: a line of JSON (format, checksum), then the content. A damaged entry is told from a sound one by
//! its checksum; the caller says so and makes it anew. Entries are never changed, so any number of runs may share a store.

use crate::base::{Hash, World, hash_bytes, hash_of};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Changes when the meaning of entries does.
const FORMAT: u32 = 2;

/// A store of entries in a folder.
pub struct Cache<'a> {
    world: &'a dyn World,
    folder: PathBuf,
    build: String,
}

/// What an entry holds of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Numbers and small tables for the record: JSON.
    Findings,
    /// What later stages need, such as trajectories: bytes.
    Product,
    /// How far an unfinished stage came: bytes.
    Checkpoint,
}

/// What became of a look into the store.
#[derive(Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The entry is there and sound.
    Hit(Vec<u8>),
    /// There is none.
    Miss,
    /// There is one, but it cannot be trusted; why.
    Corrupt(String),
}

/// The first line of an entry.
#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    checksum: Hash,
    /// The program that made it.
    build: String,
    /// What it is of, for people: `train fit`.
    about: String,
}

/// An entry as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// Its file.
    pub path: PathBuf,
    /// What it is of, such as `train fit`; empty where its head cannot be read.
    pub about: String,
    /// What it holds: `findings`, `product`, `checkpoint`; empty for a file that is no entry.
    pub part: String,
    /// Its size.
    pub bytes: u64,
    /// What is wrong or useless about it; `None` for an entry that this build finds.
    pub fault: Option<String>,
}

impl<'a> Cache<'a> {
    /// The store in `folder`. `build` names the program's version: entries of another one are not found.
    pub fn new(world: &'a dyn World, folder: PathBuf, build: String) -> Cache<'a> {
        Cache { world, folder, build }
    }

    /// The folder that the environment asks for: `SDL_CACHE`, else `sdl` below `XDG_CACHE_HOME`, else below `~/.cache`.
    pub fn default_folder(world: &dyn World) -> Option<PathBuf> {
        let below = |name: &str| world.variable(name).map(PathBuf::from);
        below("SDL_CACHE")
            .or_else(|| below("XDG_CACHE_HOME").map(|cache| cache.join("sdl")))
            .or_else(|| below("HOME").map(|home| home.join(".cache/sdl")))
    }

    /// The entry of a stage. Reads and checks all of it.
    pub fn load(&self, stage: &Hash, part: Part) -> Lookup {
        let path = self.path(stage, part);
        if !self.world.exists(&path) {
            return Lookup::Miss;
        }
        match self.world.read(&path) {
            Ok(content) => open(content),
            Err(error) => Lookup::Corrupt(format!("{} cannot be read: {error}", path.display())),
        }
    }

    /// Whether an entry is there; it may yet prove damaged.
    pub fn has(&self, stage: &Hash, part: Part) -> bool {
        self.world.exists(&self.path(stage, part))
    }

    /// Keeps an entry; `about` says to people what it is of.
    pub fn store(&self, stage: &Hash, part: Part, about: &str, content: &[u8]) -> std::io::Result<()> {
        let path = self.path(stage, part);
        self.world.create_folder(path.parent().unwrap_or(Path::new("")))?;
        let (build, about) = (self.build.clone(), about.to_owned());
        let head = Head { format: FORMAT, checksum: hash_bytes(content), build, about };
        let mut entry = serde_json::to_vec(&head).expect("a head has no non-string keys");
        entry.push(b'\n');
        entry.extend_from_slice(content);
        self.world.write(&path, &entry)
    }

    /// All files of the store, by path. Reads and checks each.
    pub fn items(&self) -> std::io::Result<Vec<Item>> {
        let mut items = vec![];
        if !self.world.exists(&self.folder) {
            return Ok(items);
        }
        for folder in self.world.list(&self.folder)? {
            let folder = self.folder.join(folder);
            // What is no folder is no part of the store.
            for name in self.world.list(&folder).unwrap_or_default() {
                items.push(self.item(folder.join(name)));
            }
        }
        Ok(items)
    }

    fn item(&self, path: PathBuf) -> Item {
        let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        let part = name.rsplit_once('.').map_or("", |(_, part)| part);
        let known = !name.starts_with('.') && ["findings", "product", "checkpoint"].contains(&part);
        let content = self.world.read(&path);
        let bytes = content.as_ref().map_or(0, |content| content.len() as u64);
        let head = content.as_ref().ok().and_then(|content| head(content).ok());
        let fault = match (&content, &head) {
            _ if !known => Some("left over from an interrupted write".into()),
            (Err(error), _) => Some(error.to_string()),
            (_, Some((head, _))) if head.build != self.build => Some("of another build of the program".into()),
            (Ok(content), _) => match open(content.clone()) {
                Lookup::Hit(_) | Lookup::Miss => None,
                Lookup::Corrupt(why) => Some(why),
            },
        };
        let part = if known { part.to_owned() } else { String::new() };
        Item { path, about: head.map_or(String::new(), |(head, _)| head.about), part, bytes, fault }
    }

    /// Takes an entry away, if it is there.
    pub fn remove(&self, stage: &Hash, part: Part) {
        // An entry that stays is found again and is as good as it was.
        self.world.remove(&self.path(stage, part)).ok();
    }

    fn path(&self, stage: &Hash, part: Part) -> PathBuf {
        let key = hash_of(&(FORMAT, &self.build, stage));
        let (folder, rest) = key.as_str().split_at(2);
        let part = match part {
            Part::Findings => "findings",
            Part::Product => "product",
            Part::Checkpoint => "checkpoint",
        };
        self.folder.join(folder).join(format!("{rest}.{part}"))
    }
}

/// The head of an entry, and where its content begins.
fn head(entry: &[u8]) -> Result<(Head, usize), &'static str> {
    let end = entry.iter().take(2000).position(|&byte| byte == b'\n').ok_or("the entry has no head")?;
    let head = serde_json::from_slice(&entry[..end]).map_err(|_| "the entry's head cannot be read")?;
    Ok((head, end + 1))
}

fn open(mut entry: Vec<u8>) -> Lookup {
    let corrupt = |why: &str| Lookup::Corrupt(why.to_owned());
    let (head, start) = match head(&entry) {
        Ok(found) => found,
        Err(why) => return corrupt(why),
    };
    entry.drain(..start);
    match head.format == FORMAT && head.checksum == hash_bytes(&entry) {
        true => Lookup::Hit(entry),
        false => corrupt("the entry's content does not match its checksum"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::MemoryWorld;

    #[test]
    fn entries_come_back_whole_or_not_at_all() {
        let world = MemoryWorld::default();
        let cache = Cache::new(&world, "cache".into(), "1".into());
        let stage = hash_bytes(b"a stage");
        assert_eq!(cache.load(&stage, Part::Product), Lookup::Miss);
        cache.store(&stage, Part::Product, "train fit", b"content\nof two lines").unwrap();
        assert_eq!(cache.load(&stage, Part::Product), Lookup::Hit(b"content\nof two lines".into()));
        assert_eq!(cache.load(&stage, Part::Findings), Lookup::Miss);
        let faults = |cache: &Cache| cache.items().unwrap().into_iter().map(|item| item.fault).collect::<Vec<_>>();
        assert_eq!(faults(&cache), [None]);
        let other = Cache::new(&world, "cache".into(), "2".into());
        assert_eq!(faults(&other), [Some("of another build of the program".into())]);
        assert_eq!(other.load(&stage, Part::Product), Lookup::Miss);

        let path = cache.path(&stage, Part::Product);
        let sound = world.read(&path).unwrap();
        let cut = sound.len() - 3;
        let flipped: Vec<u8> = sound.iter().enumerate().map(|(i, b)| if i == cut { b ^ 1 } else { *b }).collect();
        for damaged in [&sound[..cut], &flipped, b"", b"\n", b"{}\n"] {
            world.write(&path, damaged).unwrap();
            assert!(matches!(cache.load(&stage, Part::Product), Lookup::Corrupt(_)), "{damaged:?}");
            assert!(matches!(&cache.items().unwrap()[..], [Item { fault: Some(_), .. }]), "{damaged:?}");
        }
    }

    #[test]
    fn the_environment_says_where_entries_go() {
        for (variables, folder) in [
            (&[("HOME", "/h")][..], Some("/h/.cache/sdl")),
            (&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")], Some("/x/sdl")),
            (&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x"), ("SDL_CACHE", "/s")], Some("/s")),
            (&[("HOME", "")], None),
        ] {
            let variables = variables.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            let mut world = MemoryWorld::default();
            world.variables = variables;
            assert_eq!(Cache::default_folder(&world), folder.map(PathBuf::from));
        }
    }
}
