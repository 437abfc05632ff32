//! Fixture folders: every file in its name's order, and never none.

use sdl::base::Diagnostic;
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

impl Fixture {
    /// Compares with the text beside the fixture, `name.txt`; `SDL_BLESS=1` writes it instead.
    pub fn expect(&self, actual: &str) {
        let path = self.path.with_extension("txt");
        if std::env::var_os("SDL_BLESS").is_some() {
            std::fs::write(&path, actual).expect("writable folder");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(expected, actual, "{}", path.display());
    }
}

/// Diagnostics as plain text: line and column of every label, code, headline, notes, help and fix.
pub fn told(texts: &[&str], diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for finding in diagnostics {
        out += &format!("{} {}\n", finding.code, finding.headline);
        for label in &finding.labels {
            let text = texts[label.span.source.0 as usize];
            let before = &text[..label.span.range(text.len()).start];
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            let line = before.matches('\n').count() + 1;
            out +=
                &format!("  at {line}:{column} `{}` {}\n", first_line(&text[label.span.range(text.len())]), label.text);
        }
        finding.notes.iter().for_each(|note| out += &format!("  note: {note}\n"));
        finding.help.iter().for_each(|help| out += &format!("  help: {help}\n"));
        finding.fix.iter().for_each(|fix| out += &format!("  fix: {}\n", fix.replacement));
    }
    out
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}
