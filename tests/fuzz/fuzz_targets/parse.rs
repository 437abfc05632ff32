//! Any bytes give a tree, and places that lie in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sdl::base::SourceId;
use sdl::language::{parse, read_text};

fuzz_target!(|bytes: &[u8]| {
    let (text, _) = read_text(SourceId(0), bytes.to_vec());
    let (_, found) = parse(SourceId(0), &text);
    for label in found.iter().flat_map(|finding| &finding.labels) {
        assert!(text.get(label.span.start as usize..label.span.end as usize).is_some());
    }
});
