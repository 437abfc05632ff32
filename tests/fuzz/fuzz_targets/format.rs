//! Formatting is done after one time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sdl::language::format;

fuzz_target!(|text: &str| {
    if let Ok(once) = format(text) {
        assert_eq!(format(&once).as_deref(), Ok(once.as_str()));
    }
});
