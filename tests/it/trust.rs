//! Runs to trust: the same bits for any number of threads, after any kill and for two at a time; folders that are checked,
//! sent and opened; faults that lose nothing.

use super::cli::Home;
use sdl::base::Seed;
use std::io::Read;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

impl Home {
    /// What a finished run left, but for times: the hash of every file.
    fn sealed(&self, folder: &str) -> String {
        String::from_utf8(self.read(&format!("{folder}/files.json"))).unwrap()
    }

    fn remove(&self, name: &str) {
        std::fs::remove_dir_all(self.0.join(name)).ok();
    }
}

#[test]
fn any_number_of_threads_gives_the_same_files() {
    let home = Home::new("threads");
    let sealed = [1, 2, 7].map(|threads| {
        home.remove("store");
        let told = home.sdl(&format!("run study.sdl --out run{threads} --threads {threads} --quiet"));
        assert_eq!(told.status, Some(0), "{told:?}");
        home.sealed(&format!("run{threads}"))
    });
    assert!(sealed[0].contains("record.json") && sealed[0].contains("fit-messages.parquet"), "{}", sealed[0]);
    assert_eq!(sealed[0], sealed[1]);
    assert_eq!(sealed[0], sealed[2]);
}

#[test]
fn a_killed_run_goes_on_to_the_same_files() {
    kill(4);
}

#[test]
#[ignore = "takes minutes"]
fn a_run_killed_fifty_times_goes_on_to_the_same_files() {
    kill(50);
}

/// Kills as many runs at random moments and lets each go on.
fn kill(times: usize) {
    let home = Home::new(&format!("kill{times}"));
    let command = "run study.sdl --out run --quiet --set fit.epochs=120 --set motion.runs=60";
    let start = Instant::now();
    assert_eq!(home.sdl(command).status, Some(0));
    let whole = start.elapsed();
    let sealed = home.sealed("run");
    let mut stream = Seed::root(times as u64).stream();
    let mut cut = 0;
    for _ in 0..times {
        home.remove("run");
        home.remove("store");
        let mut child = home.command(command).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(stream.uniform()));
        // On Unix this is SIGKILL: nothing of the program runs after it.
        child.kill().ok();
        cut += usize::from(!child.wait().unwrap().success());
        let told = home.sdl(&format!("{command} --resume"));
        assert_eq!(told.status, Some(0), "{told:?}");
        assert_eq!(home.sealed("run"), sealed);
    }
    assert!(2 * cut >= times, "only {cut} of {times} runs were cut short");
}

#[test]
fn two_runs_at_a_time_share_a_store() {
    let home = Home::new("two");
    let start = |out: &str| -> Child {
        home.command(&format!("run study.sdl --out {out} --quiet")).stderr(Stdio::piped()).spawn().unwrap()
    };
    for mut child in [start("a"), start("b")] {
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(child.wait().unwrap().success(), "{said}");
    }
    assert_eq!(home.sealed("a"), home.sealed("b"));
    let third = home.sdl("run study.sdl --out c --json");
    assert!(
        third.events().iter().filter(|event| event["event"] == "stage_finished").all(|event| event["cached"] == true)
    );
}

#[test]
fn a_run_is_verified_bundled_and_opened() {
    let home = Home::new("verify");
    assert_eq!(home.sdl("run study.sdl --out run --quiet").status, Some(0));
    let again = home.sdl("verify run");
    assert_eq!(
        (again.status, again.out.lines().next()),
        (Some(0), Some("identical: the same record, bit for bit")),
        "{again:?}"
    );
    assert_eq!(home.sdl("verify run --quick").status, Some(0));
    assert_eq!(home.sdl("bundle run").status, Some(0));
    let opened = home.sdl("open run.sdlrun --out sent");
    assert_eq!(opened.status, Some(0), "{opened:?}");
    assert!(opened.out.contains("✓ fit.test.mae < 1e6"), "{}", opened.out);
    assert_eq!(home.read("sent/record.json"), home.read("run/record.json"));
    assert_eq!(home.sdl("compare run sent").out, "identical\n");
    assert_eq!(home.sdl("open run.sdlrun --out sent").status, Some(2), "an existing folder is left alone");

    let record = String::from_utf8(home.read("run/record.json")).unwrap();
    home.write("run/record.json", &record.replacen("\"fit.test.mae\": ", "\"fit.test.mae\": 1", 1));
    let changed = home.sdl("verify run --quick");
    assert_eq!(changed.status, Some(1));
    assert!(changed.out.contains("record.json: changed since the run"), "{}", changed.out);
    assert_eq!(home.sdl("compare run sent").status, Some(1));
    assert_eq!(home.sdl("bundle run --out forged.sdlrun").status, Some(0));
    let forged = home.sdl("open forged.sdlrun --out forged");
    assert_eq!(forged.status, Some(2));
    assert!(forged.err.contains("E0641") && !home.has("forged"), "{forged:?}");

    let bytes = home.read("run.sdlrun");
    for (cut, name) in [(10, "short"), (bytes.len() / 2, "half"), (bytes.len() - 1, "almost")] {
        std::fs::write(home.0.join(format!("{name}.sdlrun")), &bytes[..cut]).unwrap();
        let told = home.sdl(&format!("open {name}.sdlrun"));
        assert_eq!(told.status, Some(2), "{told:?}");
        assert!(told.err.contains("E0641") && !home.has(name));
    }
    assert_eq!(home.sdl("open /dev/zero --out zero").status, Some(2), "a device is no bundle");
    let runs = home.sdl("runs .");
    assert!(runs.out.contains("sent") && runs.out.contains("holds"), "{}", runs.out);
}

/// Two runs of one study whose parameters differ in a sign only.
pub const SWEEP: &str = "\
sdl 1

system springs(strength = 1) {
  particles = 3
  mass     ~ log_normal(0, 1)
  position ~ normal(0, 1)
  velocity ~ normal(0, 1)
  energy(i, j) = strength * (distance(i, j) - 1)^2
}

operators simple { allow +, -, *, / }

experiment study(strength = 1) {
  data motion {
    from  = springs(strength = strength)
    runs  = 20
    steps = 20
    dt    = 0.01
  }

  network messages {
    sees    = position, mass
    edge    = mlp(8)
    node    = mlp(8)
    message = 2
    bias    = translation, superposition
  }

  train fit {
    network = messages
    data    = motion
    epochs  = 1
  }

  distill law {
    of     = fit
    with   = simple
    budget = 1000
  }
}

sweep signs {
  of = study
  strength in -1, 1

  table error {
    rows    = strength
    columns = strength
    cell    = fit.test.mae
  }
}
";

#[test]
fn a_sweep_is_verified_bundled_and_opened_too() {
    let home = Home::new("sweep");
    home.write("sweep.sdl", SWEEP);
    let told = home.sdl("run sweep.sdl --out run --quiet");
    assert_eq!(told.status, Some(0), "{told:?}");
    let names: Vec<String> = std::fs::read_dir(home.0.join("run"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let odd: Vec<&String> = names.iter().filter(|name| !sdl::engine::is_plain(name)).collect();
    assert!(odd.is_empty(), "{odd:?}");
    for ending in ["-history.svg", "-history.parquet", "-front.png", ".sdl"] {
        let count = names.iter().filter(|name| name.ends_with(ending) && *name != "script.sdl").count();
        assert_eq!(count, 2, "{ending}: {names:?}");
    }
    let verified = home.sdl("verify run");
    assert_eq!(verified.status, Some(0), "{verified:?}");
    assert_eq!(home.sdl("bundle run").status, Some(0));
    let opened = home.sdl("open run.sdlrun --out sent");
    assert_eq!(opened.status, Some(0), "{opened:?}");
    assert_eq!(home.sealed("sent"), home.sealed("run"));
    assert_eq!(std::fs::read_dir(home.0.join("sent")).unwrap().count(), names.len());
    assert_eq!(home.sdl("report sent").status, Some(0));
    let page = String::from_utf8(home.read("sent/report.html")).unwrap();
    assert!(page.contains("<h3>law[1]</h3>") && page.contains("<h3>law[-1]</h3>"), "each law is named");
    let plotted = home.sdl("plot sent law_minus_1-front --out front.svg");
    assert_eq!(plotted.status, Some(0), "{plotted:?}");
}

#[test]
fn it_is_said_how_far_a_run_is_from_what_it_was() {
    let home = Home::new("far");
    assert_eq!(home.sdl("run study.sdl --out run --quiet").status, Some(0));
    let record: serde_json::Value = serde_json::from_slice(&home.read("run/record.json")).unwrap();
    for (factor, status, said) in [
        (1.0, 0, "identical: the same record, bit for bit"),
        (1.0 + 1e-12, 0, "equal within 1e-6: 1 number differs by less"),
        (1.0 + 1e-3, 1, "different at 1 place\n  results.fit.test.mae: was "),
    ] {
        let mut changed = record.clone();
        let error = &mut changed["results"]["fit.test.mae"];
        *error = serde_json::json!(error.as_f64().unwrap() * factor);
        let text = serde_json::to_string(&changed).unwrap();
        home.write("run/record.json", &text);
        // Sealed again, as by another machine on which it came out so.
        let mut seals: serde_json::Value = serde_json::from_slice(&home.read("run/files.json")).unwrap();
        seals["record.json"] = serde_json::to_value(sdl::base::hash_bytes(text.as_bytes())).unwrap();
        home.write("run/files.json", &seals.to_string());
        let told = home.sdl("verify run");
        assert!(told.status == Some(status) && told.out.starts_with(said), "{factor}: {told:?}");
    }
    assert_eq!(home.sdl("run study.sdl --out other --quiet").status, Some(0));
    let compared = home.sdl("compare other run");
    let row =
        compared.out.lines().find(|line| line.starts_with("fit.test.mae")).unwrap_or_else(|| panic!("{compared:?}"));
    let values: Vec<&str> = row.split_whitespace().skip(1).collect();
    assert!(values.len() == 2 && values[0] != values[1], "two numbers that differ look so: {row}");
}

#[test]
fn a_report_is_made_anew_and_of_several() {
    let home = Home::new("report");
    assert_eq!(home.sdl("run study.sdl --out a --quiet").status, Some(0));
    assert_eq!(home.sdl("run study.sdl --out b --quiet --seed 2").status, Some(0));
    let page = home.read("a/report.html");
    std::fs::remove_file(home.0.join("a/report.html")).unwrap();
    assert_eq!(home.sdl("report a").status, Some(0));
    assert!(home.read("a/report.html") == page, "the tables hold all that the page shows");
    let page = String::from_utf8(page).unwrap();
    for part in ["<math", "data-motion", "data-film", "class=\"script\"", "Content-Security-Policy"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("http-equiv=\"refresh\"") && !page.contains(" src=\"http"), "it needs no network");
    assert_eq!(home.sdl("report a b").status, Some(0));
    let both = String::from_utf8(home.read("comparison.html")).unwrap();
    assert!(both.contains("<code>plan.seed</code>"), "what differs is said");
    assert_eq!(home.sdl("report nowhere").status, Some(2));
}

#[test]
fn the_store_is_listed_and_cleaned() {
    let home = Home::new("store");
    assert_eq!(home.sdl("run study.sdl --out run --quiet").status, Some(0));
    let listed = home.sdl("cache");
    assert!(listed.out.contains("simulate motion") && listed.out.contains("5 files"), "{}", listed.out);
    let entry = std::fs::read_dir(home.0.join("store")).unwrap().next().unwrap().unwrap().path();
    let entry = std::fs::read_dir(entry).unwrap().next().unwrap().unwrap().path();
    let content = std::fs::read(&entry).unwrap();
    std::fs::write(&entry, &content[..content.len() - 1]).unwrap();
    assert!(home.sdl("cache").out.contains("does not match its checksum"));
    assert!(home.sdl("cache --clean").out.starts_with("1 files taken away"));
    assert_eq!(home.sdl("run study.sdl --out run --quiet").status, Some(0), "what is gone is made anew");
    assert!(home.sdl("cache --clear").out.starts_with("5 files taken away"));
    assert!(home.sdl("cache").out.starts_with("0 files"));
}

#[test]
fn what_is_finished_outlives_every_fault() {
    let home = Home::new("faults");
    let timed = home.sdl("run study.sdl --out run --max-time 0s");
    assert_eq!(timed.status, Some(130), "{timed:?}");
    assert!(timed.err.contains("W0606"), "{}", timed.err);
    assert_eq!(home.sdl("run study.sdl --out run --quiet").status, Some(0), "the same command goes on");
    let sealed = home.sealed("run");

    // Nobody reads what it says.
    home.remove("store");
    let mut child = home.command("run study.sdl --out deaf --json").stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(home.sealed("deaf"), sealed);

    // The folder goes while it runs.
    home.remove("store");
    let long = "run study.sdl --out gone --quiet --set fit.epochs=120 --set motion.runs=60";
    let mut child = home.command(long).spawn().unwrap();
    let start = Instant::now();
    // Until it is open: before, there is nothing to take away.
    while !home.has("gone/lock.json") && start.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(2));
    }
    home.remove("gone");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(home.has("gone/record.json") && home.has("gone/report.html"));
}

#[cfg(unix)]
#[test]
fn a_request_to_end_is_an_interrupt() {
    // The second is what a process is sent when its terminal goes.
    for signal in ["TERM", "HUP"] {
        let home = Home::new(signal);
        let long = "run study.sdl --out run --quiet --set fit.epochs=2000 --set motion.runs=200";
        let mut child = home.command(long).stderr(Stdio::null()).spawn().unwrap();
        let start = Instant::now();
        while !home.has("store") && start.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let sent = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        assert!(home.has("run/record.json"), "what was finished is in the folder");
    }
}

/// Every number, text and list of a record replaced by what a stranger may put there: it is refused, or shown as it is.
#[test]
fn a_forged_record_breaks_nothing() {
    let home = Home::new("forged");
    assert_eq!(home.sdl("run study.sdl --out run --quiet").status, Some(0));
    let record: serde_json::Value = serde_json::from_slice(&home.read("run/record.json")).unwrap();
    let mut places = vec![];
    collect("", &record, &mut places);
    assert!(places.len() > 200);
    let forgeries = ["0", "-1", "1e308", "18446744073709551615", "\"<b id=forged>\"", "[]", "{}", "null"];
    let mut shown = 0;
    for (at, place) in places.iter().enumerate() {
        let mut forged = record.clone();
        *forged.pointer_mut(place).unwrap() = serde_json::from_str(forgeries[at % forgeries.len()]).unwrap();
        // A forger would get the hash right.
        if let Ok(plan) = serde_json::from_value::<sdl::plan::Plan>(forged["plan"].clone()) {
            forged["plan_hash"] = serde_json::to_value(sdl::base::hash_of(&plan)).unwrap();
        }
        let files = [("run/record.json", forged.to_string()), ("run/script.sdl", "</pre><script>".to_owned())];
        let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
        let world = sdl::base::MemoryWorld::with_files(&files);
        let Ok(stored) = sdl::engine::stored(&world, std::path::Path::new("run")) else { continue };
        shown += 1;
        let script = [(sdl::report::Class::Plain, stored.script.as_str())];
        let parts = sdl::report::Parts { record: &stored.record, sheets: &[], timing: None, script: &script };
        let page = sdl::report::page(&parts);
        assert!(!page.contains("<b id=forged>") && !page.contains("</pre><script>"), "{place}");
    }
    assert!(shown > 60, "many forgeries can be read: {shown} of {}", places.len());
}

/// Pointers to all leaves and lists.
fn collect(place: &str, value: &serde_json::Value, places: &mut Vec<String>) {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(&format!("{place}/{name}"), value, places);
            }
        }
        Value::Array(items) => {
            places.push(place.to_owned());
            items.iter().enumerate().for_each(|(at, value)| collect(&format!("{place}/{at}"), value, places));
        }
        _ => places.push(place.to_owned()),
    }
}
