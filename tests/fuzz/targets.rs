//! What must hold of any input, one function for each target. Used by cargo-fuzz and by the tests.

use sdl::base::{MemoryWorld, SourceId, Sources};
use sdl::language::editor::Document;
use sdl::language::{check, describe, format, parse, read_text};
use sdl::session::{Form, Session, classes, complete, is_unfinished, shown};
use sdl::shell::terminal::{Characters, Colour, Style, render, render_json, render_short};

fn none(_: &str) -> Result<String, String> {
    Err("no files".into())
}

/// Any bytes give a tree, and places that lie in the text.
pub fn parsing(bytes: &[u8]) {
    let (text, _) = read_text(SourceId(0), bytes.to_vec());
    let (_, found) = parse(SourceId(0), &text);
    for label in found.iter().flat_map(|finding| &finding.labels) {
        assert!(text.get(label.span.start as usize..label.span.end as usize).is_some());
    }
}

/// Formatting is done after one time.
pub fn formatting(text: &str) {
    if let Ok(once) = format(text) {
        assert_eq!(format(&once).as_deref(), Ok(once.as_str()));
    }
}

/// Checking ends, with a plan or with errors; a plan's description checks.
pub fn checking(text: &str) {
    let checked = check("fuzz.sdl", text, &none, &[], None);
    assert_eq!(checked.plan.is_some(), checked.is_sound());
    if let Some(plan) = checked.plan {
        let told = describe::script(&plan);
        let again = check("plan.sdl", &told, &none, &[], None);
        assert!(again.is_sound(), "{told}\n{:#?}", again.diagnostics);
    }
}

/// Every finding can be drawn.
pub fn rendering(text: &str) {
    let checked = check("fuzz.sdl", text, &none, &[], None);
    let mut sources = Sources::new();
    for source in &checked.sources {
        sources.add(source.name.clone(), source.text.clone());
    }
    render(&checked.diagnostics, &sources, Style { colour: Colour::On, characters: Characters::Unicode });
    render_short(&checked.diagnostics, &sources);
    render_json(&checked.diagnostics, &sources);
}

/// Questions of editors have answers at every place.
pub fn editing(text: &str, byte: usize) {
    let document = Document::new("fuzz.sdl", text, &none);
    document.hover(byte);
    document.completions(byte);
    document.definition(byte);
    document.hints();
    if let Ok(places) = document.rename(byte, "a_new_name") {
        assert!(!places.is_empty());
    }
}

/// Whatever is typed at the prompt has an outcome or a finding, and a line with an error changes nothing.
pub fn evaluating(text: &str) {
    let world = MemoryWorld::default();
    let mut session = Session::new();
    for line in text.lines().take(8) {
        classes(line);
        is_unfinished(line);
        complete(&session, line, line.len(), &world);
        let before = session.clone();
        let done = session.eval(line, &world);
        match done.outcome {
            Some(outcome) => _ = (shown(&outcome, Form::Typeset), shown(&outcome, Form::Plain)),
            None => {
                assert!(!done.findings.is_empty(), "neither an outcome nor a finding");
                assert!(session == before, "an error changed the session");
            }
        }
    }
}
