#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code)] // one of them is used here
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::recording(bytes));
