//! The targets of `tests/fuzz` over mutations of what the tests and examples hold: a few of them always, and by
//! `SDL_FUZZ=parse SDL_FUZZ_SECONDS=600 cargo test --release --test it -- --ignored --nocapture fuzz` as many as fit.

use crate::fixtures::fixtures;
use sdl::base::{Seed, Stream};
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

#[path = "../fuzz/targets.rs"]
mod targets;

/// Longest time of one input.
const LIMIT: Duration = Duration::from_secs(10);
/// Longest input.
const LONGEST: usize = 20_000;

const TARGETS: [&str; 10] =
    ["parse", "format", "check", "render", "edit", "eval", "record", "bundle", "checkpoint", "table"];

fn hit(target: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match target {
        "parse" => targets::parsing(bytes),
        "format" => targets::formatting(&text),
        "check" => targets::checking(&text),
        "render" => targets::rendering(&text),
        "edit" => {
            targets::editing(&text, bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>() % (text.len() + 1))
        }
        "eval" => targets::evaluating(&text),
        "record" => targets::recording(bytes),
        "bundle" => targets::unpacking(bytes),
        "checkpoint" => targets::resuming(bytes),
        "table" => targets::reading(bytes),
        other => panic!("no target {other}"),
    }
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    match target {
        "record" => vec![crate::engine::run_folder().swap_remove(0).1],
        "bundle" => vec![sdl::engine::pack(&crate::engine::run_folder())],
        "checkpoint" => checkpoints(),
        "table" => tables(),
        _ => texts(target),
    }
}

/// A network, a checkpoint of one, and those of a search.
fn checkpoints() -> Vec<Vec<u8>> {
    let kept = std::sync::Mutex::new(vec![]);
    targets::searching(200_000, None, Some(&|bytes| kept.lock().unwrap().push(bytes()))).expect("a search");
    let network = crate::engine::network().to_bytes();
    let moments = vec![0; 8 * crate::engine::network().parameter_count()];
    let checkpoint = [&network[..], &moments].concat();
    [vec![network, checkpoint], kept.into_inner().unwrap().into_iter().take(3).collect()].concat()
}

/// Files of every form that is read.
fn tables() -> Vec<Vec<u8>> {
    let values = [1.0, 2.5, -3.0];
    let parquet = sdl::simulate::write_parquet("t", &[("x", &values), ("y", &values)]).expect("sound columns");
    let head = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }\n";
    let numbers: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let numpy = [b"\x93NUMPY\x01\x00", &(head.len() as u16).to_le_bytes()[..], head.as_bytes(), &numbers].concat();
    let groups: Vec<u8> = [2u32, 2, 0, 0, 0, 1].iter().flat_map(|n| n.to_le_bytes()).chain(vec![7; 200]).collect();
    let texts = ["x,y\n1,2\n3,4e5\n", "# a b\n1 2\n3 nan\n", "x;y\n1,5;2\n", "a\tb\n1\tword\n"];
    [vec![parquet, numpy, groups], texts.map(|text| text.as_bytes().to_vec()).to_vec()].concat()
}

fn texts(target: &str) -> Vec<Vec<u8>> {
    let folders: &[(&str, &str)] = match target {
        "eval" => &[("prompt", "txt")],
        _ => &[
            ("syntax/ok", "sdl"),
            ("syntax/err", "sdl"),
            ("check/ok", "sdl"),
            ("check/err", "sdl"),
            ("gallery", "txt"),
            ("../stdlib", "sdl"),
        ],
    };
    let texts = folders.iter().flat_map(|(folder, ending)| fixtures(folder, ending)).map(|fixture| fixture.text);
    match target {
        "eval" => {
            let lines: Vec<String> = texts
                .flat_map(|text| {
                    text.lines().filter_map(|line| line.strip_prefix("sdl> ")).map(str::to_owned).collect::<Vec<_>>()
                })
                .collect();
            lines.chunks(4).map(|lines| lines.join("\n").into_bytes()).collect()
        }
        _ => texts
            .flat_map(|text| text.split("\n=== ").map(|part| part.as_bytes().to_vec()).collect::<Vec<_>>())
            .collect(),
    }
}

/// Pieces that are worth trying anywhere.
const PIECES: [&str; 40] = [
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\n",
    ";",
    ",",
    " = ",
    "~",
    "^",
    "-",
    "..",
    "|>",
    "#",
    "##",
    " where ",
    "if ",
    " then ",
    " else ",
    "0",
    "1e308",
    "-1",
    "1e-320",
    "2 m",
    "%",
    "inf",
    "_",
    "x",
    "f(x)",
    "\u{3b1}",
    "\u{301}",
    "\u{1f600}",
    "\0",
    "\u{feff}",
    "sin(",
    "integrate(x^x, x)",
];

/// An input with some of its bytes or tokens changed, doubled, or put together with another's.
fn mutated(corpus: &[Vec<u8>], stream: &mut Stream) -> Vec<u8> {
    let mut bytes = corpus[stream.below(corpus.len())].clone();
    for _ in 0..1 + stream.below(6) {
        let at = stream.below(bytes.len() + 1);
        let end = (at + stream.below(40)).min(bytes.len());
        match stream.below(9) {
            0 => _ = bytes.drain(at..end),
            1 => {
                let piece = bytes[at..end].repeat(1 + stream.below(30));
                bytes.splice(at..at, piece);
            }
            2 => {
                let other = &corpus[stream.below(corpus.len())];
                let from = stream.below(other.len() + 1);
                let to = (from + stream.below(200)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            3 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] = stream.bits() as u8;
            }
            4 => {
                _ = bytes.splice(at..at, PIECES[stream.below(PIECES.len())].repeat(1 + stream.below(300)).into_bytes())
            }
            5 => {
                let digits = stream.bits().to_string();
                bytes.splice(at..at, digits[..1 + stream.below(digits.len())].bytes());
            }
            6 | 7 => {
                let (text, other) = (
                    String::from_utf8_lossy(&bytes).into_owned(),
                    String::from_utf8_lossy(&corpus[stream.below(corpus.len())]).into_owned(),
                );
                if !text.is_empty() && !other.is_empty() {
                    bytes = crate::syntax::mutated(&text, &other, stream).into_bytes();
                }
            }
            _ => _ = bytes.splice(at..end, PIECES[stream.below(PIECES.len())].bytes()),
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

/// Tries inputs until the time is over or so many were tried; every one that fails is told.
fn tried(target: &str, seconds: f64, most: u64, seed: u64) -> (u64, Vec<String>) {
    let corpus = corpus(target);
    assert!(!corpus.is_empty(), "{target}: nothing to change");
    let (start, mut count, mut failures) = (Instant::now(), 0, vec![]);
    while count < most && start.elapsed().as_secs_f64() < seconds && failures.len() < 10 {
        let mut stream = Seed::root(seed).child(target).nth(count).stream();
        let input = mutated(&corpus, &mut stream);
        let begun = Instant::now();
        let ended = catch_unwind(|| hit(target, &input));
        let took = begun.elapsed();
        if ended.is_err() || took > LIMIT {
            let why = if ended.is_err() { "panics".to_owned() } else { format!("takes {:.1} s", took.as_secs_f64()) };
            failures
                .push(format!("{target} {why} at input {count} of seed {seed}:\n{}", String::from_utf8_lossy(&input)));
        }
        count += 1;
    }
    (count, failures)
}

#[test]
fn a_few_mutations_end_well() {
    for target in TARGETS {
        let (count, failures) = tried(target, 20.0, 150, 7);
        assert!(failures.is_empty(), "{}", failures.join("\n\n"));
        assert!(count > 10, "{target}: only {count}");
    }
}

#[test]
#[ignore = "as long as it is told"]
fn fuzz() {
    let targets = std::env::var("SDL_FUZZ").unwrap_or_else(|_| TARGETS.join(","));
    let number = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    for target in targets.split(',') {
        let (count, failures) =
            tried(target, number("SDL_FUZZ_SECONDS", 5) as f64, u64::MAX, number("SDL_FUZZ_SEED", 1));
        println!("{target}: {count} inputs, {} failures", failures.len());
        assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    }
}
