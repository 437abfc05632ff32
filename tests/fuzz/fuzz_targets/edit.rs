//! Questions of editors have answers at every place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sdl::language::editor::Document;

fuzz_target!(|input: (&str, u16)| {
    let (text, place) = input;
    let document = Document::new("fuzz.sdl", text, &|_| Err("no files".to_owned()));
    let byte = usize::from(place);
    document.hover(byte);
    document.completions(byte);
    document.definition(byte);
    document.hints();
    if let Ok(places) = document.rename(byte, "a_new_name") {
        assert!(!places.is_empty());
    }
});
