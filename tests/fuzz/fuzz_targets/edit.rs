#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code)] // one of them is used here
mod targets;

libfuzzer_sys::fuzz_target!(|input: (&str, u16)| targets::editing(input.0, usize::from(input.1)));
