//! Every finding can be drawn.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sdl::base::Sources;
use sdl::language::check;
use sdl::shell::terminal::{Characters, Colour, Style, render, render_json, render_short};

fuzz_target!(|text: &str| {
    let checked = check("fuzz.sdl", text, &|_| Err("no files".to_owned()), &[], None);
    let mut sources = Sources::new();
    for source in &checked.sources {
        sources.add(source.name.clone(), source.text.clone());
    }
    render(&checked.diagnostics, &sources, Style { colour: Colour::On, characters: Characters::Unicode });
    render_short(&checked.diagnostics, &sources);
    render_json(&checked.diagnostics, &sources);
});
