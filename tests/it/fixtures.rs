//! Fixture folders: every file in its name's order, and never none.

use std::path::{Path, PathBuf};

/// A file of a fixture folder.
pub struct Fixture {
    /// Where it is.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// All files with this extension below `tests/<folder>`; a folder without any is a mistake in the tests.
pub fn fixtures(folder: &str, extension: &str) -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let entries = std::fs::read_dir(&root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable folder").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    assert!(!paths.is_empty(), "no .{extension} files in {}", root.display());
    let read = |path: PathBuf| Fixture { text: std::fs::read_to_string(&path).expect("readable file"), path };
    paths.into_iter().map(read).collect()
}
