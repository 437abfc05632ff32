//! The house rules that a test can hold: sizes, documentation, which room may use which, fences around crates, and who
//! may print.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Rooms from top to bottom; a room uses those above it.
const ROOMS: [&str; 12] = [
    "base", "expr", "plan", "language", "simulate", "network", "search", "distill", "engine", "report", "session",
    "shell",
];

/// Rooms that know no text.
const NUMERICAL: [&str; 6] = ["simulate", "network", "search", "distill", "engine", "report"];

/// Crates that one place only may name, and that place.
const FENCES: [(&str, &str); 9] = [
    ("burn", "src/network/burn"),
    ("ariadne", "src/shell/terminal/diagnostics.rs"),
    ("indicatif", "src/shell/terminal/progress.rs"),
    ("plotters", "src/report/drawing.rs"),
    ("png", "src/report/drawing.rs"),
    ("parquet", "src/report/parquet.rs"),
    ("ctrlc", "src/shell/interrupt.rs"),
    ("lsp_server", "src/shell/lsp/mod.rs"),
    ("rustyline", "src/shell/repl/editor.rs"),
];

/// Lines of a file outside of its tests, at most.
const LONGEST: usize = 600;

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut found = vec![];
    for (path, text) in sources() {
        let code = before_tests(&text).lines().count();
        if code > LONGEST {
            found.push(format!("{path}: {code} lines"));
        }
        if path != "src/main.rs" && !text.starts_with("//! ") {
            found.push(format!("{path}: does not begin with its documentation"));
        }
        let blank = text.lines().position(|line| line.ends_with([' ', '\t']));
        if let Some(line) = blank {
            found.push(format!("{path}:{}: blanks at the line's end", line + 1));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn rooms_use_rooms_above_them_only() {
    let place: BTreeMap<&str, usize> = ROOMS.iter().enumerate().map(|(index, room)| (*room, index)).collect();
    let mut found = vec![];
    for (path, text) in sources() {
        let Some(room) =
            path.strip_prefix("src/").and_then(|rest| rest.split('/').next()).filter(|r| place.contains_key(r))
        else {
            continue;
        };
        for (number, line) in before_tests(&text).lines().enumerate() {
            for used in rooms_named(line) {
                let below = place.get(used).is_some_and(|index| *index > place[room]);
                if below || (used == "language" && NUMERICAL.contains(&room)) {
                    found.push(format!("{path}:{}: `{room}` uses `{used}`", number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn crates_stay_behind_their_fences() {
    let mut found = vec![];
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for (name, place) in FENCES {
                if names_crate(line, name) && !path.starts_with(place) {
                    found.push(format!("{path}:{}: `{name}` belongs in {place}", number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_shell_touches_the_world() {
    let mut found = vec![];
    for (path, text) in sources().into_iter().filter(|(path, _)| !path.starts_with("src/shell/")) {
        for (number, line) in
            before_tests(&text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for word in [
                "println!",
                "eprintln!",
                "print!",
                "eprint!",
                "dbg!",
                "std::fs",
                "std::time",
                "std::env",
                "io::stdout",
                "io::stderr",
            ] {
                if line.contains(word) {
                    found.push(format!("{path}:{}: `{word}` outside the shell", number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn nothing_is_left_undone_or_to_luck() {
    let mut found = vec![];
    for (path, text) in sources() {
        for (number, line) in
            before_tests(&text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for word in [".unwrap()", "todo!(", "unimplemented!("] {
                if line.contains(word) {
                    found.push(format!("{path}:{}: `{word}`", number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_top_of_the_repository_is_small() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "grammar",
        "examples",
        "stdlib",
        "tests",
        "README.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
    ];
    let listed = std::process::Command::new("git").args(["ls-files"]).current_dir(root()).output();
    let Some(output) = listed.ok().filter(|output| output.status.success()) else { return };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut top: Vec<&str> = text.lines().filter_map(|line| line.split('/').next()).collect();
    top.dedup();
    let extra: Vec<&str> = top.into_iter().filter(|name| !name.starts_with('.') && !allowed.contains(name)).collect();
    assert!(extra.is_empty(), "{extra:?}");
}

/// The rooms that a line of code names as `crate::room` or in `use crate::{room…`.
fn rooms_named(line: &str) -> Vec<&str> {
    let line = line.trim_start();
    if line.starts_with("//") {
        return vec![];
    }
    let word = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    line.match_indices("crate::").map(|(at, _)| &line[at + "crate::".len()..]).map(|rest| &rest[..word(rest)]).collect()
}

fn names_crate(line: &str, name: &str) -> bool {
    let line = line.trim_start().trim_start_matches("pub ");
    line.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    }) && !line.contains(&format!("self::{name}::"))
}

/// The text before the tests at a file's end.
fn before_tests(text: &str) -> &str {
    text.find("\n#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

/// All Rust files below `src` but those that hold tests only, with paths from the root, in order.
fn sources() -> Vec<(String, String)> {
    let mut found = vec![];
    let mut open = vec![root().join("src")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("src can be read") {
            let path: PathBuf = entry.expect("src can be read").path();
            let is_source = path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs");
            if path.is_dir() && !path.ends_with("tests") {
                open.push(path);
            } else if is_source {
                let below = path.strip_prefix(root()).expect("it lies below the root");
                let text = std::fs::read_to_string(&path).expect("sources are text");
                found.push((below.to_string_lossy().replace('\\', "/"), text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 20, "the sources were not found");
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
