//! Tracks of bodies in files, from export to a law without a declared truth; and what is said of bad ones.

use crate::cli::Home;

const SOURCE: &str = "\
sdl 1
system springs {
  particles = 3
  mass     ~ log_uniform(0.5, 2)
  position ~ normal(0, 1)
  velocity ~ normal(0, 1)
  energy(i, j) = (distance(i, j) - 1)^2
}
data motion { from = springs; runs = 12; steps = 60; dt = 0.05 }
";

const SCRIPT: &str = "\
sdl 1
data sky {
  from     = \"tracks.csv\"
  run      = run
  time     = time
  particle = body
  column position = x, y
  column mass     = mass
}
network net { sees = position, mass; edge = mlp(16); node = newton; message = space; bias = translation, rotation }
train fit { network = net; data = sky; epochs = 30; batch = 16; rate = 5e-3 }
distill law { of = fit; with = std.operators.arithmetic; budget = 20_000 }
expect law.test.mae < fit.test.mae
";

fn exported(name: &str) -> (Home, String) {
    let home = Home::new(name);
    home.write("source.sdl", SOURCE);
    let told = home.sdl("export source.sdl motion --out tracks.csv --columns run,time,body,x,y,mass --digits 7");
    assert!(told.status == Some(0) && told.out.contains("tracks.csv: 2160 rows"), "{told:#?}");
    let text = String::from_utf8(home.read("tracks.csv")).unwrap();
    (home, text)
}

#[test]
fn a_law_is_found_in_tracks_without_any_truth() {
    let (home, text) = exported("tracks");
    // Bodies by name, one row missing, rows in another order.
    let mut lines: Vec<String> = text.lines().skip(1).map(String::from).collect();
    for line in &mut lines {
        let mut cells: Vec<String> = line.split(',').map(String::from).collect();
        cells[2] = ["zeta", "alpha", "m 31"][cells[2].parse::<usize>().unwrap() - 1].into();
        *line = cells.join(",");
    }
    lines.remove(100);
    lines.reverse();
    home.write("tracks.csv", &format!("run,time,body,x,y,mass\n{}\n", lines.join("\n")));
    home.write("study.sdl", SCRIPT);
    let told = home.sdl("run study.sdl --out out");
    assert_eq!(told.status, Some(0), "{told:#?}");
    for part in [
        "sky: tracks.csv",
        "bodies in 2D, all pairs",
        "read sky",
        "2159 rows: 719 snapshots of 3 bodies in 12 runs; 1 in which a body is missing left out",
        "velocity by fits of positions: degree",
        "acceleration by fits of positions: degree",
        "law: force(i, j) = ",
        "rollout of",
    ] {
        assert!(told.out.contains(part), "{part}\n{}", told.out);
    }
    for part in ["truth", "recover", "wider", "energy drift", "contributions"] {
        assert!(!told.out.contains(part), "{part}\n{}", told.out);
    }
    let page = String::from_utf8(home.read("out/report.html")).unwrap();
    assert!(page.contains("Data, network and law from the same start") && !page.contains("Declared in the script"));
    for file in ["law-motion.parquet", "law-profile.svg", "fit-predictions.parquet"] {
        assert!(home.has(&format!("out/{file}")), "{file}");
    }
    let told = home.sdl("verify out");
    assert!(told.status == Some(0) && told.out.contains("identical"), "{told:#?}");
    // A described plan is the same plan.
    let described = home.sdl("describe study.sdl").out;
    home.write("described.sdl", &described);
    let told = home.sdl("diff study.sdl described.sdl");
    assert_eq!(told.status, Some(0), "{told:#?}\n{described}");
}

#[test]
fn accelerations_of_noisy_simulations_come_from_positions() {
    let home = Home::new("measured");
    let script = SOURCE.replace("dt = 0.05 }", "dt = 0.05; noise = absolute(0.001); measured = position }")
        + &SCRIPT[SCRIPT.find("network").unwrap()..].replace("data = sky", "data = motion");
    // Noise bends the law of so few runs: what is asked for is what the network says of pairs.
    let script = script.replace("law.test.mae < fit.test.mae", "fit.contributions.r2 > 0.99");
    home.write("study.sdl", &script);
    let told = home.sdl("run study.sdl --out out");
    assert_eq!(told.status, Some(0), "{told:#?}");
    for part in ["energy drift: median", "acceleration by fits of positions: degree", "R² against the truth"] {
        assert!(told.out.contains(part), "{part}\n{}", told.out);
    }
    let told = home.sdl("run study.sdl --out short --set motion.steps=4");
    assert!(told.status == Some(3) && told.err.contains("E0610") && told.err.contains("measured"), "{told:#?}");
}

#[test]
fn bad_tracks_are_told_with_their_place_in_file_and_script() {
    let (home, text) = exported("bad-tracks");
    let lines: Vec<&str> = text.lines().collect();
    let with = |at: usize, line: &str| {
        let mut all = lines.clone();
        all[at] = line;
        all.join("\n")
    };
    let first = |count: usize| lines[..=count].join("\n");
    let masses = SCRIPT.replace("column mass     = mass", "column mass = mass * (1 + time)");
    let whole = text.clone();
    for (name, table, script, parts) in [
        (
            "twice",
            format!("{whole}\n{}", lines[7]),
            SCRIPT.into(),
            &["E0614", "stands twice", "line 8", "particle = body"][..],
        ),
        ("missing", with(4, "1,0.05,1,,0,1"), SCRIPT.into(), &["E0614", "line 5", "column position"]),
        (
            "bodies",
            whole.clone(),
            SCRIPT.replace("  particle = body\n", ""),
            &["E0614", "several rows of the time", "time     = time"],
        ),
        ("one", first(180), SCRIPT.replace("run      = run", "rows = body == 1"), &["E0614", "one body alone"]),
        (
            "unequal",
            format!("{whole}13,0,1,0,0,1\n13,0,2,1,1,1\n"),
            SCRIPT.into(),
            &["E0614", "unequal numbers", "`13` has 2"],
        ),
        ("mass", whole.clone(), masses, &["E0614", "changes with time", "column mass"]),
        ("few", first(6), SCRIPT.into(), &["E0614", "5 or more times", "time     = time"]),
        ("word", with(4, "1,now,1,0,0,1"), SCRIPT.into(), &["E0611", "line 5, column 2 (`time`): `now`"]),
        (
            "scattered",
            lines.iter().step_by(2).copied().collect::<Vec<_>>().join("\n"),
            SCRIPT.into(),
            &["E0614", "at no time of `sky`"],
        ),
    ] {
        home.write("tracks.csv", &table);
        home.write("study.sdl", &script);
        let told = home.sdl(&format!("run study.sdl --out {name}"));
        assert_eq!(told.status, Some(3), "{name}: {told:#?}");
        for part in parts {
            assert!(told.err.contains(part) || told.out.contains(part), "{name}: {part}\n{told:#?}");
        }
    }
}
