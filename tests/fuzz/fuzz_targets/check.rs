//! Checking ends, with a plan or with errors; a plan's description checks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sdl::language::{check, describe};

fuzz_target!(|text: &str| {
    let none = |_: &str| Err("no files".to_owned());
    let checked = check("fuzz.sdl", text, &none, &[], None);
    assert_eq!(checked.plan.is_some(), checked.is_sound());
    if let Some(plan) = checked.plan {
        assert!(check("plan.sdl", &describe::script(&plan), &none, &[], None).is_sound());
    }
});
