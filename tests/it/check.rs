//! From scripts to plans: names, types, units, laws, defaults, overrides.

use crate::fixtures::{fixtures, told};
use sdl::base::Name;
use sdl::language::{Checked, LIBRARY, Override, check, describe, reference};

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
    all.extend(fixtures("../examples/paper", "sdl"));
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
fn a_script_of_too_many_terms_is_told_once() {
    let text: String = (0..60_000).map(|k| format!("c{k} = 1{}\n", " + 1".repeat(9))).collect();
    let headlines: Vec<String> = checked(&text).diagnostics.into_iter().map(|finding| finding.headline).collect();
    assert_eq!(headlines, ["this script has more than a million terms to look at"]);
}

#[test]
fn every_item_of_the_library_is_documented_with_an_example_that_checks() {
    for (module, text) in LIBRARY {
        let own = checked(text);
        assert!(sound(&own), "{module}: {:#?}", own.diagnostics);
        assert_eq!(sdl::language::format(text).as_deref(), Ok(text), "{module} in standard form");
    }
    let items = reference::entries().into_iter().filter(|entry| entry.name.starts_with("std."));
    let (modules, items): (Vec<_>, Vec<_>) = items.partition(|entry| entry.kind == "module");
    assert_eq!(modules.len(), LIBRARY.len());
    assert!(modules.iter().all(|entry| !entry.doc.is_empty()), "{modules:#?}");
    assert!(items.len() > 30, "{}", items.len());
    for entry in items {
        let example = entry.example.as_deref().unwrap_or_else(|| panic!("{} has no example", entry.name));
        assert!(entry.doc.len() > 10, "{}: {}", entry.name, entry.doc);
        assert!(example.contains(&entry.name), "{}: {example}", entry.name);
        let checked = checked(example);
        assert!(sound(&checked), "{}\n{example}\n{:#?}", entry.name, checked.diagnostics);
    }
}

#[test]
fn a_new_script_is_a_study_that_checks() {
    let text = sdl::language::new_script("pendulum").expect("a name");
    assert!(sound(&checked(&text)), "{:#?}", checked(&text).diagnostics);
    assert_eq!(sdl::language::format(&text).as_deref(), Ok(text.as_str()));
    for name in ["", "3d", "a b", "exp", "if", "motion", "a.b"] {
        assert_eq!(sdl::language::new_script(name), None, "{name}");
    }
}

#[test]
fn differences_of_plans_are_words() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/springs.sdl")).expect("shipped");
    let plan = |text: &str| checked(text).plan.expect("sound");
    let first = plan(&text);
    let differ = |changed: &str| describe::differences(&first, &plan(changed));
    assert!(differ(&text).is_empty());
    assert!(differ(&format!("# a comment\n{}", text.replace("steps = 500", "steps   =   5_00"))).is_empty());
    let renamed = text.replace("motion", "flight").replace("fit", "trained");
    assert!(differ(&renamed).iter().all(|line| line.starts_with("expect")), "{:#?}", differ(&renamed));
    let changed = text
        .replace("runs  = 1_000", "runs  = 2_000")
        .replace("dt    = 0.01", "dt    = 0.005")
        .replace("l1(0.01)", "kl(1)")
        .replace("(r - 1)^2", "(r - 2)^2")
        .replace("expect fit.contributions.r2 > 0.99\n", "");
    assert_eq!(
        differ(&changed),
        [
            "data motion: runs 1_000 → 2_000 (doubled)",
            "data motion: dt 0.01 → 0.005 (halved)",
            "prior fit_prior: messages l1(0.01) → kl(1)",
            "system springs: energy(i, j) (distance(i, j) + 0.01 - 1)^2 → (distance(i, j) + 0.01 - 2)^2",
            "expect fit.contributions.r2 > 0.99: only in the first",
        ]
    );
    assert_eq!(differ(&format!("seed = 3\n{}", text.replace("sdl 1\n", ""))), ["the script: seed 0 → 3"]);
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
        if !plan.tables.is_empty() {
            // Tables are remarks in a description: their cells are stages of their own.
            assert_eq!((again.trains.len(), again.distills.len()), (plan.trains.len(), plan.distills.len()), "{path}");
            continue;
        }
        assert_eq!(describe::script(&again), text, "{path}");
        if plan.systems.keys().all(|name| !name.contains('(')) {
            again.expects.iter_mut().zip(&plan.expects).for_each(|(again, first)| again.text = first.text.clone());
            assert_eq!(again, plan, "{path}\n{text}");
        }
    }
}

#[test]
fn sweeps_become_stages_and_tables() {
    let text = "use std.systems.{spring, gravity}\nuse std.priors.{none, l1}\nuse std.networks.superposed\n\
                experiment study(truth, penalty, size = 10) {\n  data motion { from = truth; runs = size }\n\
                train fit { network = superposed; data = motion; prior = penalty }\n\
                distill law { of = fit }\n  expect fit.test.mae < 1\n}\n\
                sweep all {\n  of = study\n  truth in spring(2), gravity(3)\n  penalty in none, l1\n  seeds = 2\n\
                table loss { rows = truth; columns = penalty; cell = fit.test.mae }\n\
                table found { rows = truth, penalty; columns = truth; cell = law recovers truth }\n}\n";
    let checked = checked(text);
    assert!(sound(&checked) && checked.cannot_run.is_empty(), "{:#?} {:#?}", checked.diagnostics, checked.cannot_run);
    let plan = checked.plan.expect("sound");
    let names = |names: Vec<&Name>| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    // Data know of the truth alone: both penalties share them.
    assert_eq!(
        names(plan.data.keys().collect()),
        ["motion[gravity(3)]#1", "motion[gravity(3)]#2", "motion[spring(2)]#1", "motion[spring(2)]#2"]
    );
    assert_eq!((plan.trains.len(), plan.distills.len(), plan.expects.len()), (8, 8, 8));
    assert!(plan.data.values().all(|data| data.runs == 10));
    let seeds: std::collections::BTreeSet<u64> = plan.trains.values().map(|train| train.seed).collect();
    assert_eq!(seeds.len(), 8);
    assert_eq!(plan.expects[1].text, "fit.test.mae < 1 [spring(2), none]#2");
    let [loss, found] = plan.tables.as_slice() else { panic!("{:#?}", plan.tables) };
    assert_eq!((loss.rows.join(" "), loss.columns.join(" ")), ("spring(2) gravity(3)".into(), "none l1".into()));
    assert_eq!(loss.cells.len(), 8);
    assert_eq!(loss.cells[7].value.condition.to_string(), "fit[gravity(3), l1]#2.test.mae");
    assert_eq!((loss.cells[7].row, loss.cells[7].column), (1, 1));
    assert_eq!((found.rows.len(), found.columns.len()), (4, 2));
    let claim = &found.cells[0].value.recovers[0];
    assert_eq!((claim.law.as_str(), claim.system.as_str()), ("law[spring(2), none]#1", "spring"));
    for (from, to, code) in [
        ("truth in", "trut in", "E0209"),
        ("penalty in none, l1", "penalty in none, l2", "E0201"),
        ("  penalty in none, l1\n", "", "E0208"),
        ("rows = truth;", "rows = penalty, tuth;", "E0201"),
        ("fit.test.mae }", "fit.test.mea }", "E0217"),
        ("seeds = 2", "seeds = 20_000", "E0207"),
        ("of = study", "of = spring", "E0215"),
    ] {
        let wrong = text.replace(from, to);
        let found: Vec<String> = self::checked(&wrong).diagnostics.into_iter().map(|finding| finding.code).collect();
        assert!(found.contains(&code.to_owned()), "{to}: {found:?}");
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

/// Long scripts are checked in linear time; in quadratic time this would take minutes.
#[test]
fn long_scripts_are_checked() {
    let chain: String = (1..5000).map(|k| format!("a{k} = a{} + {k}\n", k - 1)).collect();
    assert!(sound(&checked(&format!("a0 = 1\n{chain}"))));
    for (name, text, most) in [
        ("unknown names", (0..5000).map(|k| format!("a{k} = b{k} + c\n")).collect::<String>(), 10_001),
        ("one unknown name", "a = b ** \n".repeat(5000), 10_100),
        ("unknown blocks", (0..3000).map(|k| format!("sytem s{k} {{ spce = 2 }}\n")).collect(), 9000),
        ("parentheses", format!("a = {}1{}", "(".repeat(100_000), ")".repeat(100_000)), 1),
        ("digits", format!("a = {}", "9".repeat(300_000)), 1),
        ("one name", format!("a = {}", "x".repeat(300_000)), 1),
        ("powers", format!("a = 2{}", "^2".repeat(50_000)), 1),
        ("a field", format!("system s {{ particles = {}1 }}", "1 + ".repeat(50_000)), 3),
    ] {
        let checked = checked(&text);
        assert!(checked.plan.is_none(), "{name}");
        assert!((1..=most).contains(&checked.diagnostics.len()), "{name}: {}", checked.diagnostics.len());
    }
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
            } else if path.extension() == Some("rs".as_ref()) && !path.ends_with("codes.rs") {
                let text = std::fs::read_to_string(&path).expect("text");
                let quoted =
                    text.split('"').filter(|word| word.len() == 5 && word.bytes().skip(1).all(|b| b.is_ascii_digit()));
                used.extend(quoted.filter(|word| word.starts_with(['E', 'W'])).map(str::to_owned));
            }
        }
    }
    let table: std::collections::BTreeSet<String> =
        sdl::language::codes::CODES.iter().map(|(code, _)| (*code).to_owned()).collect();
    let missing: Vec<_> = used.difference(&table).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}
