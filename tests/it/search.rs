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
