//! From scripts to plans: names, types, units, laws, defaults, overrides.

use crate::fixtures::{fixtures, told};
use sdl::base::Name;
use sdl::language::{Checked, LIBRARY, Override, check, describe};

fn checked(text: &str) -> Checked {
    check("main.sdl", text, &|path| Err(format!("no file `{path}` here")), &[], None)
}

fn sound(checked: &Checked) -> bool {
    checked.diagnostics.is_empty() && checked.plan.is_some()
}

#[test]
fn good_scripts_check_without_a_word() {
    let mut all = fixtures("check/ok", "sdl");
    all.extend(fixtures("../examples", "sdl"));
    for fixture in all {
        let checked = checked(&fixture.text);
        assert!(sound(&checked), "{}: {:#?}", fixture.path.display(), checked.diagnostics);
    }
}

#[test]
fn mistakes_are_told_exactly() {
    for fixture in fixtures("check/err", "sdl") {
        let checked = checked(&fixture.text);
        let texts: Vec<&str> = checked.sources.iter().map(|source| source.text.as_str()).collect();
        fixture.expect(&told(&texts, &checked.diagnostics));
        let errors = checked.diagnostics.iter().any(|finding| finding.is_error());
        assert_eq!(checked.plan.is_none(), errors, "{}", fixture.path.display());
    }
}

#[test]
fn every_item_of_the_library_checks() {
    for (module, text) in LIBRARY {
        let own = checked(text);
        assert!(sound(&own), "{module}: {:#?}", own.diagnostics);
        let names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_suffix('{').map(str::trim_end))
            .filter_map(|line| line.split([' ', '(']).nth(1))
            .collect();
        assert!(!names.is_empty(), "{module}");
        for name in names {
            let kind = text.lines().find(|line| line.split([' ', '(']).nth(1) == Some(name)).expect("found above");
            let (field, system) = match kind.split(' ').next() {
                Some("system") => ("", format!("std.systems.{name}")),
                Some("network") => ("network", "std.systems.spring".into()),
                Some("prior") => ("prior", "std.systems.spring".into()),
                _ => ("with", "std.systems.spring".into()),
            };
            let of =
                |key: &str, default: &str| if field == key { format!("std.{module}.{name}") } else { default.into() };
            let script = format!(
                "data d {{ from = {system} }}\nnetwork n {{ sees = position, velocity, mass }}\n\
                 train t {{ network = {}; data = d; prior = {} }}\ndistill l {{ of = t; with = {} }}\n",
                of("network", "n"),
                of("prior", "std.priors.none"),
                of("with", "std.operators.physics"),
            );
            let checked = checked(&script);
            assert!(checked.plan.is_some(), "{module}.{name}: {:#?}", checked.diagnostics);
        }
    }
}

#[test]
fn systems_of_the_library_are_those_of_any_size() {
    for name in
        ["spring", "gravity", "inverse_r", "charged", "damped", "damped_by_index", "discontinuous", "superposition"]
    {
        let checked = checked(&format!("use std.systems.{name}\ndata d {{ from = {name}(3, particles = 8) }}"));
        assert!(sound(&checked), "{name}: {:#?}", checked.diagnostics);
        let plan = checked.plan.expect("sound");
        let system = plan.systems.values().next().expect("one system");
        assert_eq!((system.space, system.particles, system.position.len()), (3, 8, 3));
        assert_eq!(system.name.as_str(), format!("{name}(space = 3, particles = 8)"));
        assert_eq!(plan.data["d"].dt, system.dt.expect("suggested"));
    }
}

#[test]
fn springs_in_full() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/springs.sdl")).expect("shipped");
    let plan = checked(&text).plan.expect("sound");
    insta::assert_snapshot!("springs_json", describe::json(&plan));
    insta::assert_snapshot!("springs_script", describe::script(&plan));
    let back: sdl::plan::Plan = serde_json::from_str(&describe::json(&plan)).expect("a plan");
    assert_eq!(back, plan);
}

/// A described plan is a script that gives the plan again; names with arguments become plain ones.
#[test]
fn a_described_plan_is_the_plan() {
    let folders = ["check/ok", "check/err", "check/plans", "../examples"];
    for fixture in folders.into_iter().flat_map(|folder| fixtures(folder, "sdl")) {
        let Some(plan) = checked(&fixture.text).plan else { continue };
        let text = describe::script(&plan);
        assert_eq!(sdl::language::format(&text).as_deref(), Ok(text.as_str()), "in standard form");
        let again = checked(&text);
        let path = fixture.path.display();
        let mut again = again.plan.unwrap_or_else(|| panic!("{path}\n{text}\n{:#?}", again.diagnostics));
        assert_eq!(describe::script(&again), text, "{path}");
        if plan.systems.keys().all(|name| !name.contains('(')) {
            again.expects.iter_mut().zip(&plan.expects).for_each(|(again, first)| again.text = first.text.clone());
            assert_eq!(again, plan, "{path}\n{text}");
        }
    }
}

const SCRIPT: &str = "use std.systems.spring\nG = 2\ndata motion { from = spring; runs = 10; dt = G / 100 }\n";

fn set(overrides: &[&str]) -> Checked {
    let overrides: Vec<Override> = overrides.iter().map(|text| Override::parse(text).expect("well formed")).collect();
    check("main.sdl", SCRIPT, &|_| Err("no files".into()), &overrides, None)
}

#[test]
fn overrides_are_as_if_written() {
    let plan = set(&["motion.runs=100", "motion.keep = 4", "G=3", "motion.split=80%, 10%, 10%"]).plan.expect("sound");
    let data = &plan.data["motion"];
    assert_eq!((data.runs, data.keep, data.dt, data.split.train), (100, 4, 0.03, 0.8));
    let untouched = set(&[]).plan.expect("sound");
    assert_eq!((untouched.data["motion"].runs, untouched.data["motion"].dt), (10, 0.02));
    for (wrong, code, help) in [
        ("motion.rnus=1", "E0219", "did you mean `runs`?"),
        ("moton.runs=1", "E0219", "did you mean `motion`?"),
        ("motion.runs=zero", "E0201", "define it: `zero = …`"),
        ("motion.runs=1.5", "E0206", ""),
        ("H=1", "E0219", "set a field as `item.field=value`"),
        ("motion.runs=1\nsteps=3", "E0219", ""),
        ("motion.runs=(", "E0111", ""),
    ] {
        let checked = set(&[wrong]);
        let [finding] = checked.diagnostics.as_slice() else { panic!("{wrong}: {:#?}", checked.diagnostics) };
        assert_eq!(finding.code, code, "{wrong}: {finding:#?}");
        assert!(help.is_empty() || finding.help.as_deref() == Some(help), "{wrong}: {finding:#?}");
        assert!(checked.plan.is_none());
    }
    // No value smuggles in a second block.
    assert!(set(&["motion.runs=1 } data x { from = spring"]).plan.is_none());
    assert!(
        Override::parse("motion.runs").is_err() && Override::parse("=3").is_err() && Override::parse("a..b=3").is_err()
    );
}

#[test]
fn seeds_follow_from_the_script_and_the_name() {
    let plan = |text: &str, seed| check("main.sdl", text, &|_| Err(String::new()), &[], seed).plan.expect("sound");
    let data = |text: &str, seed| plan(text, seed).data["motion"].seed;
    let base = data(SCRIPT, None);
    assert_eq!(base, data(SCRIPT, Some(0)));
    assert_ne!(base, data(SCRIPT, Some(1)));
    assert_eq!(data(&format!("seed = 1\n{SCRIPT}"), None), data(SCRIPT, Some(1)));
    assert_eq!(data(&format!("seed = 1\n{SCRIPT}"), Some(0)), base);
    assert_eq!(data(&SCRIPT.replace("runs = 10", "seed = 7"), Some(3)), 7);
}

#[test]
fn files_are_used_and_circles_told() {
    let load = |path: &str| {
        match path {
        "a.sdl" => Ok("use \"./b.sdl\"\nsystem twin(n = 2) { particles = n; position ~ k * normal(0, 1); energy(i, j) = distance(i, j)^2 }\n".to_owned()),
        "b.sdl" => Ok("k = 3\n".to_owned()),
        "loop.sdl" => Ok("use \"main.sdl\"\n".to_owned()),
        _ => Err("there is no such file".to_owned()),
    }
    };
    let run = |text: &str| check("main.sdl", text, &load, &[], None);
    let good = run("use \"./a.sdl\"\ndata d { from = twin(n = 5); dt = 0.1 }");
    assert!(sound(&good), "{:#?}", good.diagnostics);
    assert_eq!(good.plan.expect("sound").systems[&Name::new("twin(n = 5)")].particles, 5);
    for (text, code) in [
        ("use \"./loop.sdl\"", "E0212"),
        ("use \"../a.sdl\"", "E0211"),
        ("use \"/a.sdl\"", "E0211"),
        ("use \"c.sdl\"", "E0211"),
        ("use \"a.sdl\".{triplet}", "E0110"),
    ] {
        let checked = run(text);
        assert_eq!(checked.diagnostics.iter().map(|d| d.code.as_str()).collect::<Vec<_>>(), [code], "{text}");
    }
}

#[test]
fn definitions_that_grow_without_end_are_told() {
    let mut doubling = String::from("f0(x) = x + x\n");
    for k in 1..60 {
        doubling += &format!("f{k}(x) = f{}(f{}(x))\n", k - 1, k - 1);
    }
    doubling += "a = f59(b)\nb = 1\nsystem s { position ~ f59(normal(0, 1)); energy(i) = f59(i.position.x) }\n";
    let checked = checked(&doubling);
    assert!(!checked.diagnostics.is_empty());
    assert!(
        checked.diagnostics.iter().all(|finding| ["E0221", "E0210"].contains(&finding.code.as_str())),
        "{:#?}",
        checked.diagnostics
    );
}

#[test]
fn deep_definitions_are_told() {
    let mut deep = String::from("f0(x) = x\n");
    for k in 1..20 {
        deep += &format!("f{k}(x) = {}f{}(x){}\n", "(".repeat(150), k - 1, ")".repeat(150));
    }
    let checked = checked(&format!("{deep}b = f19(1)\n"));
    assert!(!checked.diagnostics.is_empty());
    assert!(checked.diagnostics.iter().all(|finding| finding.code == "E0221"), "{:#?}", checked.diagnostics);
}

#[test]
fn spoilt_scripts_are_survived() {
    let mut sources: Vec<String> = fixtures("check/ok", "sdl").into_iter().map(|fixture| fixture.text).collect();
    sources.extend(LIBRARY.map(|(_, text)| text.to_owned()));
    let mut stream = sdl::base::Seed::root(1).child("spoilt").stream();
    for _ in 0..300 {
        let text = &sources[stream.below(sources.len())];
        let mut words: Vec<&str> = text.split_inclusive([' ', '\n', '(', ')', ',']).collect();
        for _ in 0..1 + stream.below(4) {
            let (a, b) = (stream.below(words.len()), stream.below(words.len()));
            match stream.below(3) {
                0 => words.swap(a, b),
                1 => drop(words.remove(a)),
                _ => words.insert(a, words[b]),
            }
        }
        let checked = checked(&words.concat());
        let errors = checked.diagnostics.iter().any(|finding| finding.is_error());
        assert_eq!(checked.plan.is_none(), errors);
        for label in checked.diagnostics.iter().flat_map(|finding| &finding.labels) {
            let source = &checked.sources[label.span.source.0 as usize].text;
            assert!(source.get(label.span.range(source.len())).is_some(), "{label:?}");
        }
    }
}

#[test]
fn every_code_is_in_the_table() {
    let mut used = std::collections::BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("codes.rs") {
                let text = std::fs::read_to_string(&path).expect("text");
                let quoted =
                    text.split('"').filter(|word| word.len() == 5 && word[1..].bytes().all(|b| b.is_ascii_digit()));
                used.extend(quoted.filter(|word| word.starts_with(['E', 'W'])).map(str::to_owned));
            }
        }
    }
    let table: std::collections::BTreeSet<String> =
        sdl::language::codes::CODES.iter().map(|(code, _)| (*code).to_owned()).collect();
    let missing: Vec<_> = used.difference(&table).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}
