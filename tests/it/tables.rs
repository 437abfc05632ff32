//! Tables from files, from script to formula: what is read, what is found, what is said of bad data.

use crate::cli::Home;

/// y = 3 x² + 1 in one file, with a column of words, a missing value and rows that are not wanted.
fn table() -> String {
    let mut text = String::from("name,x,y,used\n");
    for k in 0..60 {
        let x = f64::from(k) / 10.0 - 2.0;
        text += &format!("n{k},{x},{},1\n", 3.0 * x * x + 1.0);
    }
    text + "bad,1,100,0\nmissing,,2,1\n"
}

const SCRIPT: &str = "\
sdl 1
data table {
  from     = \"table.csv\"
  column x = x
  column y = y
  rows     = used > 0
  hold_out = x > 3
}
distill law { of = table.y; with = std.operators.arithmetic; budget = 20_000 }
expect law.test.mae < 1e-6
expect law.held_out.mae < 1e-6
";

fn home(name: &str, script: &str, table: &str) -> Home {
    let home = Home::new(name);
    home.write("study.sdl", script);
    home.write("table.csv", table);
    home
}

#[test]
fn a_formula_is_found_scored_and_shown() {
    let home = home("table", SCRIPT, &table());
    let told = home.sdl("run study.sdl --out out");
    assert_eq!(told.status, Some(0), "{told:#?}");
    for part in ["read table", "61 rows", "9 held out", "1 left out", "law: y = ", "law.held_out.mae < 1e-6"] {
        assert!(told.out.contains(part), "{part}\n{}", told.out);
    }
    for file in ["record.json", "law.sdl", "front.csv", "law-predictions.parquet", "law-front.svg", "report.html"] {
        assert!(home.has(&format!("out/{file}")), "{file}");
    }
    let page = String::from_utf8(home.read("out/report.html")).unwrap();
    assert!(page.contains("What was found") && !page.contains("In motion"), "sections");
    assert_eq!(home.sdl("check out/law.sdl").status, Some(0));
    assert_eq!(home.sdl("verify out").status, Some(0), "{:#?}", home.sdl("verify out"));
    // The same again comes from the store; a changed file does not.
    let again = home.sdl("run study.sdl --out again");
    assert_eq!(again.out.matches("kept from before").count(), 2, "{}", again.out);
    assert_eq!(home.read("again/record.json"), home.read("out/record.json"));
    home.write("table.csv", &table().replace("n0,-2,13", "n0,-2,14"));
    let changed = home.sdl("run study.sdl --out changed");
    assert!(!changed.out.contains("kept from before"), "{}", changed.out);
    let told = home.sdl("verify out");
    assert!(told.status == Some(3) && told.err.contains("not what it was"), "{told:#?}");
}

#[test]
fn what_is_described_checks_to_the_same_plan() {
    let script = "\
sdl 1
data table {
  from = \"*.csv\"
  column x: km  = \"the x\"
  column v: m/s = 2 * x / (1 s), x / (1 s), u
  column x2 = norm(v) * \"x\"
  weight = x2
  order  = x
  rows   = u > 2 and x < 3 km
}
distill law { of = table.x; inputs = v, x2; form = f(v.x) + C[u] * g(v.y, x2); unknown = f(a), g(a, b), C[u] }
";
    let check = |text: &str| {
        let checked = sdl::language::check("s.sdl", text, &|_| Err(String::new()), &[], None);
        checked.plan.unwrap_or_else(|| panic!("{:#?}\n{text}", checked.diagnostics))
    };
    let plan = check(script);
    let described = sdl::language::describe::script(&plan);
    assert_eq!(check(&described), plan, "{described}");
}

#[test]
fn bad_data_are_told_with_their_place_in_file_and_script() {
    let good = table();
    let long = |line: &str| format!("x,y,used\n{}{line}\n", "1,2,1\n".repeat(40_000));
    for (name, table, edit, status, parts) in [
        ("words", long("1,none,1"), ("", ""), 3, &["E0611", "line 40002, column 2 (`y`): `none`", "from"][..]),
        ("width", long("1,2"), ("", ""), 3, &["E0611", "line 40002 has 2 cells where 3 are expected"]),
        ("empty", String::new(), ("", ""), 2, &["E0611", "the file holds no table"]),
        ("head", "x,y,used\n".into(), ("", ""), 2, &["E0611", "a header and no rows"]),
        ("bytes", "x,y,used\n1,2,\u{0}\n".into(), ("", ""), 2, &["E0613", "`used` of `table.csv` holds words"]),
        ("column", good.clone(), ("column x = x", "column x = z"), 2, &["E0613", "no column `z`", "column x = z"]),
        ("named", good.clone(), ("column x = x", "column x = name"), 2, &["E0613", "holds words", "column x = name"]),
        ("rows", good.clone(), ("used > 0", "used > 5"), 3, &["E0611", "no row is left", "62 rows", "used > 5"]),
        ("outside", good.clone(), ("\"table.csv\"", "\"../table.csv\""), 2, &["E0611", "below its own folder"]),
        ("missing", good.clone(), ("\"table.csv\"", "\"other.csv\""), 2, &["E0611", "other.csv"]),
        ("none", good.clone(), ("\"table.csv\"", "\"*.tsv\""), 2, &["E0611", "no file fits"]),
        ("target", good.clone(), ("table.y", "table.z"), 2, &["E0201", "declares no column `z`"]),
        ("nan", "x,y,used\n1,NA,1\n2,,1\n".into(), ("", ""), 3, &["E0630", "none of"]),
        ("zip", "PK\u{3}\u{4} no archive".into(), ("", ""), 2, &["E0611", "no sound NumPy archive"]),
    ] {
        let home = home(&format!("bad-{name}"), &SCRIPT.replace(edit.0, edit.1), &table);
        let told = home.sdl("run study.sdl --out out");
        assert_eq!(told.status, Some(status), "{name}: {told:#?}");
        for part in parts {
            assert!(told.err.contains(part) || told.out.contains(part), "{name}: {part}\n{told:#?}");
        }
    }
}

#[test]
fn a_template_finds_its_functions_together() {
    let mut text = String::from("x,y,z,group,out\n");
    for k in 0..200 {
        let k = f64::from(k);
        let (x, y, z) = ((0.37 * k).sin() * 2.0, (0.61 * k).cos() + 1.5, (0.83 * k).sin());
        let group = k % 2.0;
        text += &format!("{x},{y},{z},{group},{}\n", x * x + z / y + 3.0 + 2.0 * group);
    }
    let script = "\
sdl 1
data table { from = \"table.csv\" }
distill law {
  of      = table.out
  with    = std.operators.arithmetic
  form    = f(x) + g(y) * z + C[group]
  unknown = f(x), g(y), C[group]
  budget  = 200_000
}
expect law.test.mae < 1e-6
";
    let home = home("template", script, &text);
    let told = home.sdl("run study.sdl --out out");
    assert_eq!(told.status, Some(0), "{told:#?}");
    for part in ["f(x) = ", "g(y) = ", "C[0] = ", "C[1] = "] {
        assert!(told.out.contains(part), "{part}\n{}", told.out);
    }
}

#[test]
fn a_shipped_table_gives_its_law() {
    let home = Home::new("kepler");
    for name in ["kepler.sdl", "kepler.csv"] {
        let text = std::fs::read_to_string(format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        home.write(name, &text);
    }
    let told = home.sdl("run kepler.sdl --set law.budget=30_000 --out out");
    assert_eq!(told.status, Some(0), "{told:#?}");
}

#[test]
fn scripts_of_the_guide_check() {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/README.md")).unwrap();
    let blocks: Vec<&str> =
        guide.split("```sdl\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(b, _)| b).collect();
    assert_eq!(blocks.len(), 4);
    for block in blocks {
        let checked = sdl::language::check("guide.sdl", block, &|_| Err(String::new()), &[], None);
        assert!(checked.plan.is_some() && checked.cannot_run.is_empty(), "{:#?}\n{block}", checked.diagnostics);
    }
}
