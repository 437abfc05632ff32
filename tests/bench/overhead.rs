//! What checkpoints, the store of stages, the run folder, the page and the events cost: the same study with all of them and
//! with none, alternating. Bar: under 2 % of the time.

use sdl::base::World;
use sdl::engine::{self, Event, Existing, Folder, Options};
use sdl::plan::Plan;
use sdl::report::{self, Parts};
use sdl::shell::world::Machine;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Pairs of runs.
const PAIRS: usize = 5;

fn main() {
    let text = std::fs::read_to_string("examples/springs.sdl").expect("run it from the repository");
    let smaller = ["motion.runs=200", "motion.steps=200", "fit.epochs=12"];
    let smaller: Vec<_> =
        smaller.iter().map(|one| sdl::language::Override::parse(one).expect("it is well formed")).collect();
    let checked = sdl::language::check("springs.sdl", &text, &|_| Err("no files".into()), &smaller, None);
    let plan = checked.plan.expect("the example checks");
    let folder = std::env::temp_dir().join(format!("sdl-overhead-{}", std::process::id()));
    let world = Machine::now();
    let mut times = [vec![], vec![]];
    for pair in 0..PAIRS {
        times[0].push(bare(&plan, &world));
        times[1].push(full(&plan, &text, &world, &folder.join(pair.to_string())));
    }
    std::fs::remove_dir_all(&folder).ok();
    let [bare, full] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[PAIRS / 2]
    });
    println!("nothing kept {bare:.3} s, everything kept {full:.3} s: {:.2} % more", 100.0 * (full / bare - 1.0));
}

fn options() -> Options {
    Options {
        script: "springs".into(),
        build: "bench".into(),
        threads: rayon::current_num_threads(),
        ..Options::default()
    }
}

fn bare(plan: &Plan, world: &Machine) -> f64 {
    let start = world.seconds();
    engine::run(plan, &options(), world, None, &|_| {}, &AtomicBool::new(false));
    world.seconds() - start
}

fn full(plan: &Plan, text: &str, world: &Machine, path: &Path) -> f64 {
    let start = world.seconds();
    let folder = Folder::open(world, &path.join("run"), plan, text, Existing::Refuse).expect("it is new");
    let options = Options { cache: Some(path.join("store")), ..options() };
    let told = std::sync::atomic::AtomicUsize::new(0);
    let sink = |event: Event| {
        let line = serde_json::to_string(&event).expect("events are JSON");
        told.fetch_add(line.len(), std::sync::atomic::Ordering::Relaxed);
    };
    let outcome = engine::run(plan, &options, world, Some(&folder), &sink, &AtomicBool::new(false));
    for (name, content) in report::files(&outcome.record, &outcome.sheets).expect("tables are sound") {
        folder.write(&name, &content).expect("there is room");
    }
    let parts = Parts { record: &outcome.record, sheets: &outcome.sheets, timing: Some(&outcome.timing), script: &[] };
    folder.write("report.html", report::page(&parts).as_bytes()).expect("there is room");
    world.seconds() - start
}
