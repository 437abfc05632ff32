//! Transcripts of the prompt: those of `tests/prompt`, and every fenced block of README and the pages that begins with
//! `sdl> `, are replayed. `SDL_BLESS=1` writes what comes out.

use sdl::base::MemoryWorld;
use sdl::session::{Form, Session, is_unfinished, shown};
use sdl::shell::terminal::render_short;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a terminal shows for these lines: inputs as they are, results two blanks in.
fn replayed(transcript: &str) -> String {
    let world = MemoryWorld::with_files(&[("decay.csv", include_str!("../prompt/decay.csv"))]);
    let mut session = Session::new();
    let mut out = String::new();
    let mut text = String::new();
    for line in transcript.lines() {
        let input = line.strip_prefix("sdl> ").or_else(|| line.strip_prefix("...> "));
        let Some(input) = input else { continue };
        out += &format!("{line}\n");
        text += &format!("{input}\n");
        if is_unfinished(&text) {
            continue;
        }
        let done = session.eval(&std::mem::take(&mut text), &world);
        let told = done.outcome.as_ref().map_or(String::new(), |outcome| shown(outcome, Form::Typeset));
        for line in told
            .lines()
            .map(str::to_owned)
            .chain(render_short(&done.findings, &done.sources).lines().map(str::to_owned))
        {
            out += format!("  {line}").trim_end();
            out.push('\n');
        }
    }
    out
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files with this ending below a folder, in order.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).expect("a folder of the repository");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|own| own == ending));
    paths.sort();
    paths
}

/// A text with its transcripts replayed. A text file is one transcript; in a page each fenced block is one.
fn renewed(path: &Path, text: &str) -> (String, usize) {
    if path.extension().is_some_and(|ending| ending == "txt") {
        return (replayed(text), 1);
    }
    let mut count = 0;
    let mut out = String::new();
    for (index, part) in text.split("```").enumerate() {
        if index > 0 {
            out += "```";
        }
        match part.split_once('\n') {
            Some((word, body)) if index % 2 == 1 && body.starts_with("sdl> ") => {
                count += 1;
                out += &format!("{word}\n{}", replayed(body));
            }
            _ => out += part,
        }
    }
    (out, count)
}

#[test]
fn transcripts_are_what_the_prompt_says() {
    let mut paths = files("tests/prompt", "txt");
    paths.extend(files("examples", "md"));
    paths.push(root().join("README.md"));
    let mut count = 0;
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let (now, found) = renewed(&path, &text);
        count += found;
        if std::env::var_os("SDL_BLESS").is_some() && now != text {
            std::fs::write(&path, &now).expect("a writable file");
        } else {
            assert_eq!(text, now, "{}", path.display());
        }
    }
    assert!(count >= 5, "{count} transcripts");
}

fn sdl(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sdl"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), input.as_bytes()).ok();
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn each_value_is_a_line() {
    let (status, out, _) = sdl(&["eval", "complexity(simplify((x^2-1)/(x-1)))", "a = 2", "a + 1", "-3"], "");
    assert_eq!((status, out.as_str()), (Some(0), "3\n3\n-3\n"));
    let (status, out, _) = sdl(&["eval", "simplify((r^2 - 1) / (r + 1))", "integrate(x^n, x)"], "");
    assert_eq!((status, out.as_str()), (Some(0), "r - 1    for r ≠ -1\nx^(n + 1) / (n + 1)    for n ≠ -1\n"));
    let (status, out, err) = sdl(&["eval", "1 + 1", "1 +"], "");
    assert_eq!((status, out.as_str()), (Some(2), "2\n"));
    assert!(err.contains("E01"), "{err}");
}

#[test]
fn values_as_json() {
    let (_, out, _) = sdl(&["eval", "--json", "simplify((x^2-1)/(x-1))", "2 km"], "");
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[0]["value"], "x + 1");
    assert_eq!(lines[0]["conditions"][0], "x ≠ 1");
    assert_eq!((lines[1]["number"].as_f64(), lines[1]["unit"].as_str()), (Some(2000.0), Some("m")));
}

#[test]
fn lines_from_a_file_are_evaluated() {
    let (status, out, err) = sdl(&["repl"], "f(x) = x *\n  x\nf(3)\n\n# nothing\n_ + 1\n");
    assert_eq!((status, out.as_str(), err.as_str()), (Some(0), "9\n10\n", ""));
    let (status, out, err) = sdl(&["repl"], "1 + 1\nsin(1 m)\n2 + 2\n");
    assert_eq!((status, out.as_str()), (Some(2), "2\n4\n"));
    assert!(err.contains("E0303"), "{err}");
}
