//! A run folder as one file to send. A line of JSON names the files with their lengths and hashes, their contents follow as
//! they are: a bundle is as long as what it holds, so none can be a size bomb, and a name is one plain file name, so none
//! leads out of the folder that it is opened in.
//!
//! | code | finding |
//! |---|---|
//! | `E0641` | a file that is no bundle, or a damaged one |

use crate::base::{Hash, hash_bytes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The first words of a bundle, and the version of its form.
const MARK: &[u8] = b"sdl bundle 1\n";
/// Bytes of the line that names the files, at most.
const LONGEST_HEAD: usize = 1_000_000;
/// Endings of the names that a run folder has.
const ENDINGS: [&str; 9] = ["json", "sdl", "csv", "parquet", "svg", "png", "html", "md", "tex"];

/// A file of a bundle.
pub type Entry = (String, Vec<u8>);

#[derive(Serialize, Deserialize)]
struct Named {
    name: String,
    bytes: u64,
    hash: Hash,
}

/// The bytes of a bundle; files in the order given.
pub fn pack(files: &[Entry]) -> Vec<u8> {
    let named =
        |(name, content): &Entry| Named { name: name.clone(), bytes: content.len() as u64, hash: hash_bytes(content) };
    let head: Vec<Named> = files.iter().map(named).collect();
    let mut bytes = MARK.to_vec();
    bytes.extend(serde_json::to_vec(&head).expect("names and numbers are JSON"));
    bytes.push(b'\n');
    files.iter().for_each(|(_, content)| bytes.extend(content));
    bytes
}

/// The files of a bundle, each checked; why not, if it is none.
pub fn unpack(bytes: &[u8]) -> Result<Vec<Entry>, String> {
    let rest = bytes.strip_prefix(MARK).ok_or("it does not begin as a bundle does")?;
    let end = rest.iter().take(LONGEST_HEAD).position(|&byte| byte == b'\n').ok_or("its list of files has no end")?;
    let head: Vec<Named> =
        serde_json::from_slice(&rest[..end]).map_err(|error| format!("its list of files cannot be read: {error}"))?;
    let mut contents = &rest[end + 1..];
    let mut seen = BTreeSet::new();
    let mut files = vec![];
    for Named { name, bytes, hash } in head {
        if !is_plain(&name) {
            return Err(format!("`{}` is no name of a file of a run", name.escape_debug()));
        }
        if !seen.insert(name.to_lowercase()) {
            return Err(format!("`{name}` is in it twice"));
        }
        let length = usize::try_from(bytes).unwrap_or(usize::MAX);
        let (content, after) = contents.split_at_checked(length).ok_or(format!("it ends within `{name}`"))?;
        if hash_bytes(content) != hash {
            return Err(format!("`{name}` does not match its hash"));
        }
        files.push((name, content.to_vec()));
        contents = after;
    }
    if contents.is_empty() { Ok(files) } else { Err(format!("{} bytes are left over", contents.len())) }
}

/// Whether a name is one that a run folder has: letters, digits, `-`, `_` and one known ending.
pub fn is_plain(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    ENDINGS.contains(&ending) && !stem.is_empty() && name.len() <= 200 && stem.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn files() -> Vec<Entry> {
        vec![
            ("record.json".into(), b"{}\n".to_vec()),
            ("fit-history.parquet".into(), vec![0, 255, 10]),
            ("law.sdl".into(), vec![]),
        ]
    }

    #[test]
    fn what_is_packed_comes_out() {
        let bytes = pack(&files());
        assert_eq!(unpack(&bytes), Ok(files()));
        for cut in 0..bytes.len() {
            assert!(unpack(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        let longer = [&bytes[..], b"x"].concat();
        assert!(unpack(&longer).unwrap_err().contains("left over"));
    }

    #[test]
    fn names_lead_nowhere_else() {
        for name in [
            "../record.json",
            "/etc/x.json",
            "a/b.json",
            "a\\b.json",
            "C:x.json",
            ".json",
            "..json",
            "record.json\0.svg",
            "record.exe",
            "record",
            "",
            "a.b.json",
            "con\n.json",
        ] {
            assert!(!is_plain(name), "{name:?}");
            let bytes = pack(&[(name.into(), vec![])]);
            assert!(unpack(&bytes).unwrap_err().contains("no name of a file"), "{name:?}");
        }
        let twice = pack(&[("a.json".into(), vec![1]), ("A.json".into(), vec![2])]);
        assert!(unpack(&twice).unwrap_err().contains("twice"));
    }

    #[test]
    fn a_length_is_believed_only_as_far_as_there_are_bytes() {
        let head = format!(r#"[{{"name":"a.json","bytes":{},"hash":"0"}}]"#, u64::MAX);
        let bytes = [MARK, head.as_bytes(), b"\nshort"].concat();
        assert!(unpack(&bytes).unwrap_err().contains("ends within"));
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(noise in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..400, value in any::<u8>()) {
            unpack(&noise).ok();
            unpack(&[MARK, &noise].concat()).ok();
            let mut bytes = pack(&files());
            let at = at % bytes.len();
            let changed = bytes[at] != value;
            bytes[at] = value;
            // Nothing but a name can change unnoticed.
            if let Ok(found) = unpack(&bytes) {
                let contents = |files: Vec<Entry>| files.into_iter().map(|file| file.1).collect::<Vec<_>>();
                prop_assert!(!changed || contents(found) == contents(files()));
            }
        }
    }
}
