//! The program from outside: exit statuses, folders, events, interrupts. Each test has a folder of its own, the store of
//! finished stages included.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A study that takes a fraction of a second.
const SCRIPT: &str = "\
sdl 1

system springs {
  space     = 2
  particles = 3
  mass     ~ log_normal(0, 1)
  position ~ normal(0, 1)
  velocity ~ normal(0, 1)
  energy(i, j) = (distance(i, j) - 1)^2
}

data motion {
  from  = springs
  runs  = 20
  steps = 20
  dt    = 0.01
  keep  = 5
}

network messages {
  predict = acceleration
  sees    = position, velocity, mass
  edge    = mlp(16)
  node    = mlp(16)
  message = 4
  bias    = translation, superposition
}

prior sparse { messages = l1(0.01) }

operators simple { allow +, -, *, / }

train fit {
  network = messages
  data    = motion
  prior   = sparse
  epochs  = 2
}

distill law {
  of     = fit
  with   = simple
  budget = 2000
}

expect fit.test.mae < 1e6
";

/// A folder that goes when the test ends, with the script in it.
pub struct Home(pub PathBuf);

impl Home {
    pub fn new(name: &str) -> Home {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("study.sdl"), SCRIPT).unwrap();
        Home(path)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sdl"));
        command.args(arguments.split_whitespace()).current_dir(&self.0).env("SDL_CACHE", self.0.join("store"));
        command
    }

    pub fn sdl(&self, arguments: &str) -> Told {
        Told::of(self.command(arguments).output().unwrap())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[derive(Debug)]
pub struct Told {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Told {
    fn of(output: Output) -> Told {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("all that is written is UTF-8");
        Told { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    pub fn events(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }
}

fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == kind).collect()
}

#[test]
fn a_study_runs_from_script_to_law() {
    let home = Home::new("whole");
    let told = home.sdl("run study.sdl --out out");
    assert_eq!(told.status, Some(0), "{told:#?}");
    for part in [
        "springs: 3 bodies in 2D",
        "446 parameters",
        "predicting zero",
        "complexity",
        "recovers",
        "network       law",
        "✓ fit.test.mae < 1e6",
    ] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    for name in [
        "record.json",
        "timing.json",
        "plan.json",
        "script.sdl",
        "law.sdl",
        "front.csv",
        "fit-predictions.parquet",
        "fit-contributions.parquet",
        "fit-history.svg",
        "fit-contributions.svg",
        "law-front.svg",
        "law-profile.svg",
    ] {
        assert!(home.has(&format!("out/{name}")), "{name}");
    }
    assert_eq!(home.read("out/script.sdl"), SCRIPT.as_bytes());
    assert!(
        !std::fs::read_dir(home.0.join("out")).unwrap().any(|e| e
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with('.'))
    );
    let again = home.sdl("run out/law.sdl --out again --quiet");
    assert_eq!((again.status, again.out.as_str(), again.err.as_str()), (Some(0), "", ""));
}

#[test]
fn the_same_study_leaves_the_same_record() {
    let home = Home::new("same");
    for (threads, store) in [(1, "a"), (2, "b")] {
        let run = home
            .command(&format!("run study.sdl --quiet --threads {threads} --out {store}"))
            .env("SDL_CACHE", home.0.join(format!("store-{store}")))
            .output();
        assert_eq!(run.unwrap().status.code(), Some(0));
    }
    assert!(home.read("a/record.json") == home.read("b/record.json"), "the number of threads changes nothing");
    assert_eq!(home.sdl("run study.sdl --quiet --seed 5 --out c").status, Some(0));
    assert!(home.read("a/record.json") != home.read("c/record.json"), "the seed changes something");
}

#[test]
fn events_are_lines_of_json() {
    let home = Home::new("events");
    let told = home.sdl("run study.sdl --json --out out");
    assert_eq!((told.status, told.err.as_str()), (Some(0), ""));
    let events = told.events();
    let fields: [(&str, usize, &[&str]); 8] = [
        ("plan", 1, &["script", "hash", "summary"]),
        ("stage_started", 3, &["stage", "index", "of"]),
        ("stage_finished", 3, &["stage", "cached", "seconds"]),
        ("metrics", 3, &["stage", "results"]),
        ("front", 1, &["distill", "formulas", "chosen"]),
        ("law", 1, &["distill", "pair", "body", "finding"]),
        ("expect", 1, &["index", "text", "value", "holds", "reason"]),
        ("summary", 1, &["status", "exit", "folder", "seconds", "results", "expects"]),
    ];
    for (kind, count, names) in fields {
        let found = of_kind(&events, kind);
        assert_eq!(found.len(), count, "{kind}");
        assert!(found.iter().all(|event| names.iter().all(|name| event.get(name).is_some())), "{kind}: {found:?}");
    }
    assert!(of_kind(&events, "progress").iter().all(|event| event["done"].is_u64() && event["unit"].is_string()));
    let summary = events.last().unwrap();
    assert_eq!(summary["status"], "holds");
    assert_eq!(summary["exit"], 0);
    assert_eq!(summary["expects"][0]["text"], "fit.test.mae < 1e6");
    assert_eq!(summary["expects"][0]["value"], summary["results"]["fit.test.mae"]);
    let cached = |told: &Told| -> Vec<bool> {
        of_kind(&told.events(), "stage_finished").iter().map(|event| event["cached"].as_bool().unwrap()).collect()
    };
    assert_eq!(cached(&told), [false, false, false]);
    assert_eq!(cached(&home.sdl("run study.sdl --json --out out")), [true, true, true]);
    assert_eq!(cached(&home.sdl("run study.sdl --json --out other --set law.budget=3000")), [true, true, false]);
}

#[test]
fn a_damaged_store_is_told_and_mended() {
    let home = Home::new("damage");
    assert_eq!(home.sdl("run study.sdl --quiet --out out").status, Some(0));
    let record = home.read("out/record.json");
    let mut open = vec![home.0.join("store")];
    let mut entries = 0;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let content = std::fs::read(&path).unwrap();
                std::fs::write(&path, &content[..content.len() - 1]).unwrap();
                entries += 1;
            }
        }
    }
    assert_eq!(entries, 5, "findings of three stages, products of two");
    let told = home.sdl("run study.sdl --out out");
    assert_eq!(told.status, Some(0));
    assert!(told.err.contains("W0604"), "{}", told.err);
    assert!(record == home.read("out/record.json"));
    let told = home.sdl("run study.sdl --out out");
    assert_eq!((told.status, told.err.as_str()), (Some(0), ""));
}

#[test]
fn what_does_not_check_does_not_run() {
    let home = Home::new("unsound");
    home.write("broken.sdl", "sdl 1\n\nsystem springs {\n  spice = 2\n");
    for (arguments, code) in [
        ("run broken.sdl", "E0"),
        ("run missing.sdl", "E0607"),
        ("run study.sdl --set fit.epoch=2", "E0219"),
        ("run study.sdl --set fit.epochs=many", "E0201"),
        ("run study.sdl --set springs.particles=0", "E0404"),
        ("run study.sdl --set nonsense", "E0219"),
        ("run study.sdl --set fit.epochs=0", "E0207"),
        ("check broken.sdl", "E0"),
        ("describe broken.sdl", "E0"),
        ("fmt broken.sdl", "E0"),
        ("run study.sdl --threads 0", ""),
        ("run", ""),
        ("dance", ""),
    ] {
        let told = home.sdl(arguments);
        assert_eq!(told.status, Some(2), "{arguments}: {told:#?}");
        assert!(told.err.contains(code) && !told.err.is_empty(), "{arguments}: {}", told.err);
        assert!(!home.has("runs"), "{arguments}");
    }
    let told = home.sdl("run study.sdl --json --set fit.epoch=2");
    assert_eq!((told.status, told.err.as_str()), (Some(2), ""));
    assert_eq!(of_kind(&told.events(), "finding")[0]["diagnostic"]["code"], "E0219");
    let told = home.sdl("check broken.sdl --short");
    assert!(told.out.contains("broken.sdl:4:3: error["), "{}", told.out);
}

#[test]
fn what_was_not_to_be_expected_fails() {
    let home = Home::new("fails");
    home.write("bold.sdl", &format!("{SCRIPT}expect fit.test.mae < 1e-9\nexpect fit.held_out.mae < 1\n"));
    let told = home.sdl("run bold.sdl --out out");
    assert_eq!(told.status, Some(1), "{told:#?}");
    assert!(told.out.contains("✗ fit.test.mae < 1e-9   "), "{}", told.out);
    assert!(told.out.contains("there is no result `fit.held_out.mae`"), "{}", told.out);
}

#[test]
fn a_stage_that_fails_points_at_its_line() {
    let home = Home::new("stage");
    home.write("drawn.sdl", &SCRIPT.replace("mass     ~ log_normal(0, 1)", "mass     ~ log_normal(0, 5000)"));
    // Accelerations beyond single precision: the first loss is no number.
    let wild = SCRIPT
        .replace("(distance(i, j) - 1)^2", "1e60 * (distance(i, j) - 1)^2")
        .replace("dt    = 0.01", "dt    = 1e-33");
    home.write("wild.sdl", &wild);
    for (arguments, code, place) in [
        ("run drawn.sdl --out a", "E0610", "drawn.sdl:12"),
        ("run wild.sdl --out b", "E0621", "wild.sdl:33"),
        ("run study.sdl --out c --set motion.runs=1_000_000_000_000", "E0603", "TB"),
        ("run study.sdl --out d --max-memory 1kB", "E0603", "1.0 kB"),
        ("run study.sdl --out study.sdl/x", "E0602", "study.sdl/x"),
    ] {
        let told = home.sdl(arguments);
        assert_eq!(told.status, Some(3), "{arguments}: {told:#?}");
        assert!(told.err.contains(code) && told.err.contains(place), "{arguments}: {}", told.err);
        assert!(!told.err.contains("internal error"), "{arguments}: {}", told.err);
    }
    assert!(home.has("b/fit-last-good.network"), "the last good state is kept");
    let told = home.sdl("run drawn.sdl --out a --json");
    let events = told.events();
    assert_eq!(of_kind(&events, "failed")[0]["stage"]["name"], "motion");
    assert_eq!(events.last().unwrap()["status"], "failed");
    let record: Value = serde_json::from_slice(&home.read("a/record.json")).unwrap();
    assert_eq!(record["finished"], false);
    assert_eq!(record["stages"][0]["state"], "failed");
}

#[test]
fn a_folder_is_not_taken_from_another_run() {
    let home = Home::new("folder");
    assert_eq!(home.sdl("run study.sdl --quiet --out out").status, Some(0));
    assert_eq!(home.sdl("run study.sdl --quiet --out out").status, Some(0), "the same run may go there again");
    for (arguments, status) in [
        ("run study.sdl --quiet --out out --seed 9", 3),
        ("run study.sdl --quiet --out out --seed 9 --resume", 0),
        ("run study.sdl --quiet --out store --resume", 3),
    ] {
        let told = home.sdl(arguments);
        assert_eq!(told.status, Some(status), "{arguments}: {told:#?}");
        assert_eq!(told.err.contains("E0601"), status == 3, "{arguments}: {}", told.err);
    }
    assert_eq!(home.sdl("run study.sdl --quiet").status, Some(0));
    let runs: Vec<_> = std::fs::read_dir(home.0.join("runs"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(runs.len() == 1 && runs[0].starts_with("study-"), "{runs:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_is_finished_and_goes_on() {
    let home = Home::new("interrupt");
    let mut child = home
        .command("run study.sdl --json --out out --set law.budget=1_000_000_000_000")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let searching = |line: &String| line.contains("\"event\":\"progress\"") && line.contains("\"kind\":\"distill\"");
    assert!(lines.any(|line| searching(&line)), "the search began");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let summary: Value = serde_json::from_str(&lines.last().expect("a summary comes last")).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(summary["event"], "summary");
    assert_eq!(summary["status"], "interrupted");
    assert!(summary["results"]["fit.test.mae"].is_number());
    let record: Value = serde_json::from_slice(&home.read("out/record.json")).unwrap();
    let states: Vec<&str> =
        record["stages"].as_array().unwrap().iter().map(|stage| stage["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["done", "done", "open"]);
    assert!(home.has("out/fit-history.svg"));
    let told = home.sdl("run study.sdl --json --out out --resume");
    assert_eq!(told.status, Some(0));
    let cached: Vec<Value> =
        of_kind(&told.events(), "stage_finished").iter().map(|event| event["cached"].clone()).collect();
    assert_eq!(cached, [true, true, false]);
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let home = Home::new("pipe");
    for arguments in ["describe study.sdl --json", "run study.sdl --json --out out", "run study.sdl --out out"] {
        let mut child = home.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{arguments}");
    }
}

#[test]
fn the_other_commands_answer() {
    let home = Home::new("others");
    let told = home.sdl("version");
    assert_eq!((told.status, told.out.trim()), (Some(0), concat!("sdl ", env!("CARGO_PKG_VERSION"))));
    assert_eq!(home.sdl("--help").status, Some(0));
    let plan: Value = serde_json::from_str(&home.sdl("describe study.sdl --json --seed 7").out).unwrap();
    assert_eq!(plan["seed"], 7);
    assert_eq!(plan["data"]["motion"]["runs"], 20);
    assert!(home.sdl("describe study.sdl").out.contains("446 parameters"));
    home.write("untidy.sdl", &SCRIPT.replace("  space     = 2", "space=2"));
    assert_eq!(home.sdl("fmt --check untidy.sdl").status, Some(1));
    assert_eq!(home.sdl("fmt untidy.sdl").status, Some(0));
    assert_eq!(home.sdl("fmt --check untidy.sdl").status, Some(0));
    assert!(Path::new(&home.0).join("untidy.sdl").exists());
    let told = home.sdl("check study.sdl");
    assert_eq!((told.status, told.out.as_str(), told.err.as_str()), (Some(0), "", ""));
    home.write("full.sdl", &home.sdl("describe study.sdl").out);
    assert_eq!(home.sdl("check full.sdl").status, Some(0));
    let told = home.sdl("diff study.sdl full.sdl");
    assert_eq!((told.status, told.out.trim()), (Some(0), "both scripts run the same"));
    home.write("longer.sdl", &SCRIPT.replace("epochs  = 2", "epochs  = 20"));
    let told = home.sdl("diff study.sdl longer.sdl");
    assert_eq!(
        (told.status, told.out.as_str()),
        (Some(1), "train fit: epochs 2 → 20 (×10)\neverything else is equal\n")
    );
    assert_eq!(home.sdl("new pendulum").status, Some(0));
    assert_eq!(home.sdl("check --strict pendulum.sdl").status, Some(0));
    assert_eq!(home.sdl("new pendulum").status, Some(2), "it is there already");
    assert!(home.sdl("doc train.epochs").out.contains("passes over the kept training snapshots"));
    assert!(home.sdl("doc").out.contains("std.systems.spring"));
    assert_eq!(home.sdl("doc nonsense_nobody_wrote").status, Some(2));
    assert!(home.sdl("explain e0401").out.contains("This is fine:"));
    assert_eq!(home.sdl("explain E9999").status, Some(2));
    home.write("foreign.sdl", "let a = 2 ** 3\n");
    assert_eq!(home.sdl("fmt --migrate foreign.sdl").status, Some(0));
    assert_eq!(home.read("foreign.sdl"), b"sdl 1\n\na = 2^3\n");
    home.write("slow.sdl", &SCRIPT.replace("dt    = 0.01", "dt    = 100"));
    assert_eq!(home.sdl("check slow.sdl").status, Some(0));
    let told = home.sdl("check --strict --short slow.sdl");
    assert_eq!(told.status, Some(2));
    assert!(told.out.contains("error[W0506]"), "{}", told.out);
}

#[test]
fn a_sweep_fills_its_tables() {
    let home = Home::new("sweep");
    let (items, stages) = SCRIPT.split_once("train fit").expect("a training");
    let stages = stages.split_once("expect").expect("an expectation").0;
    let stages = stages.replace("= sparse", "= penalty");
    let text = format!(
        "{items}prior dense {{ messages = none }}\nexperiment study(penalty) {{ train fit{stages}\n}}\n\
         sweep all {{\n of = study\n penalty in sparse, dense\n seeds = 2\n\
         table loss {{ rows = penalty; columns = penalty; cell = fit.test.mae }}\n\
         table found {{ rows = penalty; columns = penalty; cell = law recovers springs }}\n}}\n"
    );
    home.write("sweep.sdl", &text);
    let told = home.sdl("run sweep.sdl --out out");
    assert_eq!(told.status, Some(0), "{told:#?}");
    let lines: Vec<&str> = told.out.lines().collect();
    let table = lines.iter().position(|line| line.starts_with("loss ")).expect("a table");
    assert!(lines[table].ends_with("dense"), "{}", told.out);
    assert!(lines[table + 2].starts_with("sparse") && lines[table + 2].contains('±'), "{}", told.out);
    let csv = String::from_utf8(home.read("out/loss.csv")).unwrap();
    assert!(csv.starts_with("row,column,count,mean,deviation\nsparse,sparse,2,"), "{csv}");
    assert!(csv.contains("\nsparse,dense,0,NaN,"), "{csv}");
    assert!(home.has("out/law_sparse_1.sdl"));
    assert_eq!(home.sdl("check out/law_sparse_1.sdl").status, Some(0));
}
