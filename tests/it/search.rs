//! `sdl search`: a table in, a front out.

use super::cli::Home;

/// Rows of x, y and x·y/(y + 0.5), one of them with a gap.
fn table() -> String {
    let mut text = String::from("x,y,t\n");
    for row in 0..60 {
        let (x, y) = (0.5 + 0.1 * f64::from(row % 17), 0.7 + 0.13 * f64::from(row % 23));
        text += &format!("{x},{y},{}\n", x * y / (y + 0.5));
    }
    text + "1,,2\n"
}

#[test]
fn a_table_is_explained_alike_by_any_number_of_threads() {
    let home = Home::new("search");
    home.write("t.csv", &table());
    let search = "search t.csv --target t --with +,-,*,/ --evaluations 40000";
    let told = home.sdl(search);
    assert_eq!(told.status, Some(0), "{told:?}");
    assert!(told.out.contains("t = x·y/(y + 0.5)"), "{}", told.out);
    assert!(told.out.contains("1 of 61 rows left out"), "{}", told.out);
    let last = |threads: usize| {
        let events = home.sdl(&format!("{search} --json --threads {threads}")).events();
        let mut summary = events.last().expect("a summary").clone();
        summary["seconds"].take();
        summary
    };
    let summary = last(1);
    assert_eq!(summary, last(2));
    assert_eq!((summary["event"].as_str(), summary["rows"].as_u64()), (Some("summary"), Some(60)));
    for spelling in ["sdl", "numpy", "latex", "sympy"] {
        assert!(summary["best"][spelling].as_str().is_some_and(|text| text.contains('x')), "{spelling}: {summary}");
    }
}

#[test]
fn several_targets_are_searched_one_after_another() {
    let home = Home::new("searchtargets");
    let mut text = String::from("x,y,sum,product\n");
    for row in 0..40 {
        let (x, y) = (0.5 + 0.1 * f64::from(row % 17), 0.7 + 0.13 * f64::from(row % 23));
        text += &format!("{x},{y},{},{}\n", x + 2.0 * y, x * y);
    }
    home.write("t.csv", &text);
    let search = "search t.csv --target sum,product --with +,*,- --evaluations 5000 --choose accuracy";
    let told = home.sdl(&format!("{search} --out found"));
    assert_eq!(told.status, Some(0), "{told:?}");
    assert!(told.out.contains("product = x·y"), "{}", told.out);
    assert!(!told.out.contains("= product"), "{}", told.out);
    let front = |target: &str| String::from_utf8(home.read(&format!("found/{target}/front.json"))).unwrap();
    assert!(front("sum").contains("\"target\": \"sum\"") && front("product").contains("\"target\": \"product\""));
    let events = home.sdl(&format!("{search} --json")).events();
    let targets = events.iter().filter(|event| event["event"] == "summary").map(|event| event["target"].clone());
    assert_eq!(targets.collect::<Vec<_>>(), ["sum", "product"]);
    assert_eq!(home.sdl("search t.csv --target sum,product --inputs x,sum").status, Some(2));
}

#[test]
fn bad_tables_and_options_are_told() {
    let home = Home::new("badsearch");
    home.write("t.csv", &table());
    home.write("text.csv", "x,t\n1,2\n3,four\n");
    for (arguments, told) in [
        ("none.csv --target t", "cannot be read"),
        ("t.csv --target tt", "did you mean `t`?"),
        ("t.csv --target t --inputs x,t", "is one of the inputs"),
        ("t.csv --target t --with std.operators.nothing", "names no operators"),
        ("t.csv --target t --with +,wave", "names no operators"),
        ("text.csv --target t", "line 3, column 2 (`t`): `four` is not a number"),
    ] {
        let answer = home.sdl(&format!("search {arguments}"));
        assert_eq!(answer.status, Some(2), "{arguments}: {answer:?}");
        assert!(answer.err.contains(told), "{arguments}: {}", answer.err);
    }
}

#[test]
fn a_search_leaves_a_folder_goes_on_from_it_and_begins_with_formulas() {
    let home = Home::new("searchfolder");
    // A law that 4,000 evaluations do not find, with some noise that keeps the search going.
    let mut text = String::from("x,y,w,t\n");
    for row in 0..80 {
        let (x, y) = (0.5 + 0.1 * f64::from(row % 17), 0.7 + 0.13 * f64::from(row % 23));
        let noise = 0.01 * f64::from((row * 7919) % 13 - 6);
        text += &format!("{x},{y},1,{}\n", (x * y).sin() * x / (y + 0.5) + noise);
    }
    home.write("t.csv", &text);
    let search = "search t.csv --target t --weights w --with +,-,*,/,sin --json";
    let summary = |arguments: &str| {
        let told = home.sdl(&format!("{search} {arguments}"));
        assert_eq!(told.status, Some(0), "{arguments}: {told:?}");
        let mut summary = told.events().last().expect("a summary").clone();
        summary["seconds"].take();
        summary
    };
    let whole = summary("--evaluations 90000");
    summary("--evaluations 60000 --out found");
    assert_eq!(summary("--evaluations 90000 --out found --resume")["front"], whole["front"]);
    for (file, part) in [
        ("front.json", "\"torch\""),
        ("front.csv", "complexity"),
        ("front.md", "| complexity |"),
        ("front.tex", "\\begin{tabular}"),
    ] {
        let text = String::from_utf8(home.read(&format!("found/{file}"))).expect("text");
        assert!(text.contains(part), "{file}: {text}");
    }
    let begun = summary("--evaluations 2000 --from found");
    let loss = |summary: &serde_json::Value| summary["best"]["loss"].as_f64().expect("a loss");
    assert!(loss(&begun) <= 1.01 * loss(&whole), "{begun}");
    home.write("mine.txt", "# mine\nsin(x*y)*x/(y + 0.5)\n");
    assert!(loss(&summary("--evaluations 2000 --from mine.txt")) < 2e-3);
    for (arguments, told) in [
        ("--evaluations 9000 --seed 1 --out found --resume", "checkpoint is of another search"),
        ("--evaluations 9000 --out nothing --resume", "cannot be read"),
        ("--from t.csv", "there is no formula in"),
        ("--loss log", "a target of one sign"),
    ] {
        let answer = home.sdl(&format!("{search} {arguments}"));
        assert_eq!(answer.status, Some(2), "{arguments}: {answer:?}");
        assert!(answer.err.contains(told), "{arguments}: {}", answer.err);
    }
}

#[test]
fn odd_columns_are_told_and_left_out() {
    let home = Home::new("oddsearch");
    let mut text = String::from("sin,one,twin,t\n");
    for row in 0..40 {
        let x = 0.5 + 0.1 * f64::from(row);
        text += &format!("{x},1,{x},{}\n", 2.0 * x * x);
    }
    home.write("t.csv", &text);
    let told = home.sdl("search t.csv --target t --with +,-,*,/ --evaluations 20000");
    assert_eq!(told.status, Some(0), "{told:?}");
    for part in ["`one` is constant and left out", "`twin` equals `sin` and is left out", "t = 2·(sin·sin)"] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    home.write("few.csv", "x,t\n1,2\n2,4\n3,6\n");
    let told = home.sdl("search few.csv --target t --with +,-,*,/ --evaluations 5000");
    assert!(told.out.contains("3 rows say little") && told.out.contains("t = 2·x"), "{told:?}");
    home.write("gaps.csv", "x,t\nnan,2\n2,inf\n3,\n");
    let told = home.sdl("search gaps.csv --target t --evaluations 5000");
    assert!(told.status == Some(2) && told.err.contains("none of 3 rows has finite values"), "{told:?}");
}
