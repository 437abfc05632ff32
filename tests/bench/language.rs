//! How long it takes to read, format and check scripts: every example, a script of 10,000 lines, 10 MB, and hostile
//! texts. Prints milliseconds, best and worst of five.

use sdl::base::SourceId;
use sdl::language::editor::Document;
use sdl::language::{check, format, parse};
use std::path::Path;
use std::time::Instant;

fn timed<T>(what: &str, mut action: impl FnMut() -> T) {
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(action());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what:<44} {:>10.2} ms  worst {:>10.2} ms", times[0], times[4]);
}

fn main() {
    let none = |_: &str| Err("no files".to_owned());
    let checked = |text: &str| check("bench.sdl", text, &none, &[], None);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut paths: Vec<_> =
        std::fs::read_dir(examples).expect("examples").flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sdl"));
    paths.sort();
    for path in &paths {
        let text = std::fs::read_to_string(path).expect("readable");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        timed(&format!("check {name}"), || checked(&text));
        timed(&format!("editor {name}"), || Document::new("bench.sdl", &text, &none));
    }
    let system = "system s# {\n  space = 2\n  mass ~ log_normal(0, 1)\n  position ~ normal(0, 1)\n  velocity ~ normal(0, 1)\n\
                  energy(i, j) = k# * (r - 1)^2 * i.mass * j.mass  where r = distance(i, j) + 0.01\n\
                  conserves = energy, momentum\n}\n\nk# = 3\n";
    let long: String = (0..1000).map(|index| system.replace('#', &index.to_string())).collect();
    println!("{} lines", long.lines().count());
    timed("parse 10,000 lines", || parse(SourceId(0), &long));
    timed("format 10,000 lines", || format(&long).map(|text| text.len()));
    timed("check 10,000 lines", || checked(&long).diagnostics.len());
    let definitions: String =
        (0..10_000).map(|index| format!("a{index} = {index} * (1 + a{})\n", index.max(1) - 1)).collect();
    timed("check 10,000 definitions in a chain", || checked(&definitions).diagnostics.len());
    let huge = long.repeat(30);
    println!("{:.1} MB", huge.len() as f64 / 1e6);
    timed("parse 10 MB", || parse(SourceId(0), &huge));
    timed("check 10 MB", || checked(&huge).diagnostics.len());
    for (name, text) in [
        ("100,000 parentheses", format!("a = {}1{}", "(".repeat(100_000), ")".repeat(100_000))),
        ("1 MB of digits", format!("a = {}", "9".repeat(1_000_000))),
        ("1 MB of one name", format!("a = {}", "x".repeat(1_000_000))),
        ("10,000 mistakes", "a = b ** \n".repeat(10_000)),
    ] {
        timed(&format!("check {name}"), || checked(&text).diagnostics.len());
    }
}
