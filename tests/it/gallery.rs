//! The gallery of mistakes: bad programs with the exact set of what is said about each, and the page made of them.
//!
//! A file of `tests/gallery` is a title line, then for each program `=== title`, the program, `---`, and one line per
//! diagnostic: code, place and headline. `SDL_BLESS=1` writes these lines and the page anew, to be read before they are
//! committed.

use crate::fixtures::fixtures;
use sdl::base::{Diagnostic, SourceId, Sources};
use sdl::language::{Checked, check};
use sdl::shell::terminal::{Characters, Colour, Style, render};
use std::collections::BTreeSet;

/// Fewest programs.
const FEWEST: usize = 120;

struct Program {
    title: String,
    text: String,
    told: String,
}

struct Topic {
    title: String,
    programs: Vec<Program>,
}

fn topic(text: &str) -> Topic {
    let (title, rest) = text.split_once('\n').expect("a title line");
    let programs = rest.split("=== ").skip(1).map(|part| {
        let (title, rest) = part.split_once('\n').expect("a title");
        let (text, told) = rest.split_once("\n---\n").unwrap_or_else(|| panic!("{title} has no `---`"));
        Program { title: title.into(), text: format!("{text}\n"), told: told.trim().into() }
    });
    Topic { title: title.trim_start_matches("# ").into(), programs: programs.collect() }
}

fn checked(text: &str) -> Checked {
    let load = |path: &str| match path {
        "springs.sdl" => Ok("stiffness = 3\n".to_owned()),
        _ => Err("there is no such file".to_owned()),
    };
    check("script.sdl", text, &load, &[], None)
}

fn sources(checked: &Checked) -> Sources {
    let mut sources = Sources::new();
    for source in &checked.sources {
        sources.add(source.name.clone(), source.text.clone());
    }
    sources
}

/// One line per diagnostic: code, place and headline.
fn told(checked: &Checked) -> String {
    let sources = sources(checked);
    let line = |finding: &Diagnostic| {
        let label = finding.labels.first().expect("a place");
        let source = sources.get(label.span.source).expect("a text");
        let place = source.position(label.span.start);
        format!("{} {}:{} {}", finding.code, place.line, place.column, finding.headline)
    };
    checked.diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn page(topics: &[Topic]) -> String {
    let mut out = String::from(
        "# A gallery of mistakes\n\nWhat people write, and what `sdl check` says. Made from `tests/gallery` by the tests; \
         `sdl explain CODE` says more about a code, and so does [the page of codes](errors.md).\n",
    );
    let style = Style { colour: Colour::Off, characters: Characters::Unicode };
    for topic in topics {
        out += &format!("\n## {}\n", topic.title);
        for program in &topic.programs {
            let checked = checked(&program.text);
            let drawn = render(&checked.diagnostics, &sources(&checked), style);
            out += &format!(
                "\n### {}\n\n```sdl\n{}```\n\n```text\n{}\n```\n",
                program.title,
                program.text,
                drawn.trim_end()
            );
        }
    }
    out
}

#[test]
fn the_gallery_is_told_exactly_and_is_the_page() {
    let bless = std::env::var_os("SDL_BLESS").is_some();
    let mut topics = vec![];
    let mut wrong = vec![];
    for fixture in fixtures("gallery", "txt") {
        let topic = topic(&fixture.text);
        let mut text = format!("# {}\n", topic.title);
        for program in &topic.programs {
            let found = told(&checked(&program.text));
            if found != program.told {
                wrong.push(format!("{}\nexpected\n{}\nfound\n{found}\n", program.title, program.told));
            }
            text += &format!("\n=== {}\n{}---\n{found}\n", program.title, program.text);
        }
        if bless {
            std::fs::write(&fixture.path, text).expect("writable folder");
        }
        topics.push(topic);
    }
    let count: usize = topics.iter().map(|topic| topic.programs.len()).sum();
    assert!(count >= FEWEST, "only {count} programs");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/diagnostics.md");
    let page = page(&topics);
    if bless {
        std::fs::write(path, &page).expect("writable folder");
        return;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), page, "the page; SDL_BLESS=1 makes it anew");
}

/// Every program has a finding, none has two at one place, and a fix mends what it stands at.
#[test]
fn fixes_mend() {
    for fixture in fixtures("gallery", "txt") {
        for Program { title, text, .. } in topic(&fixture.text).programs {
            let before = checked(&text);
            assert!(!before.diagnostics.is_empty(), "{title}: nothing found");
            let places: BTreeSet<_> = before.diagnostics.iter().map(|finding| finding.labels[0].span).collect();
            assert_eq!(places.len(), before.diagnostics.len(), "{title}: {}", told(&before));
            for finding in &before.diagnostics {
                let Some(fix) = finding.fix.as_ref().filter(|fix| fix.span.source == SourceId(0)) else { continue };
                let mut mended = text.clone();
                mended.replace_range(fix.span.range(text.len()), &fix.replacement);
                let after = checked(&mended);
                let same = |other: &Diagnostic| {
                    (&other.code, &other.headline) == (&finding.code, &finding.headline)
                        && other.labels[0].span.start == finding.labels[0].span.start
                };
                let stays = after.diagnostics.iter().any(same);
                assert!(!stays, "{title}: {:?} leaves\n{}", fix.replacement, told(&after));
            }
        }
    }
}
