//! What must hold of any input, one function for each target. Used by cargo-fuzz and by the tests.

use sdl::base::{MemoryWorld, Seed, Silent, SourceId, Sources, World};
use sdl::engine::{pack, stored, unpack};
use sdl::expr::Op;
use sdl::language::editor::Document;
use sdl::language::{check, describe, format, parse, read_text};
use sdl::network::{Checkpoint, Trained};
use sdl::plan::{Allowed, Budget, Choose, OperatorsPlan, SearchLoss};
use sdl::report::{Class, Parts, page};
use sdl::search::{Course, Keep, SearchError, Settings, Table, search_along};
use sdl::session::{Form, Session, classes, complete, is_unfinished, shown};
use sdl::shell::terminal::{Characters, Colour, Style, render, render_json, render_short};
use sdl::simulate::read_table;

fn none(_: &str) -> Result<String, String> {
    Err("no files".into())
}

/// Any bytes give a tree, and places that lie in the text.
pub fn parsing(bytes: &[u8]) {
    let (text, _) = read_text(SourceId(0), bytes.to_vec());
    let (_, found) = parse(SourceId(0), &text);
    for label in found.iter().flat_map(|finding| &finding.labels) {
        assert!(text.get(label.span.start as usize..label.span.end as usize).is_some());
    }
}

/// Formatting is done after one time.
pub fn formatting(text: &str) {
    if let Ok(once) = format(text) {
        assert_eq!(format(&once).as_deref(), Ok(once.as_str()));
    }
}

/// Checking ends, with a plan or with errors; a plan's description checks.
pub fn checking(text: &str) {
    let checked = check("fuzz.sdl", text, &none, &[], None);
    assert_eq!(checked.plan.is_some(), checked.is_sound());
    if let Some(plan) = checked.plan {
        let told = describe::script(&plan);
        let again = check("plan.sdl", &told, &none, &[], None);
        assert!(again.is_sound(), "{told}\n{:#?}", again.diagnostics);
    }
}

/// Every finding can be drawn.
pub fn rendering(text: &str) {
    let checked = check("fuzz.sdl", text, &none, &[], None);
    let mut sources = Sources::new();
    for source in &checked.sources {
        sources.add(source.name.clone(), source.text.clone());
    }
    render(&checked.diagnostics, &sources, Style { colour: Colour::On, characters: Characters::Unicode });
    render_short(&checked.diagnostics, &sources);
    render_json(&checked.diagnostics, &sources);
}

/// Questions of editors have answers at every place.
pub fn editing(text: &str, byte: usize) {
    let document = Document::new("fuzz.sdl", text, &none);
    document.hover(byte);
    document.completions(byte);
    document.definition(byte);
    document.hints();
    if let Ok(places) = document.rename(byte, "a_new_name") {
        assert!(!places.is_empty());
    }
}

/// Whatever is typed at the prompt has an outcome or a finding, and a line with an error changes nothing.
pub fn evaluating(text: &str) {
    let world = MemoryWorld::default();
    let mut session = Session::new();
    for line in text.lines().take(8) {
        classes(line);
        is_unfinished(line);
        complete(&session, line, line.len(), &world);
        let before = session.clone();
        let done = session.eval(line, &world);
        match done.outcome {
            Some(outcome) => _ = (shown(&outcome, Form::Typeset), shown(&outcome, Form::Plain)),
            None => {
                assert!(!done.findings.is_empty(), "neither an outcome nor a finding");
                assert!(session == before, "an error changed the session");
            }
        }
    }
}

/// A record of a stranger is refused, or its page can be made.
pub fn recording(bytes: &[u8]) {
    let world = MemoryWorld::with_files(&[("run/script.sdl", "sdl 1")]);
    world.write("run/record.json".as_ref(), bytes).expect("memory takes all");
    if let Ok(stored) = stored(&world, "run".as_ref()) {
        let script = [(Class::Plain, stored.script.as_str())];
        page(&Parts { record: &stored.record, sheets: &[], timing: None, script: &script });
    }
}

/// A bundle is refused, or packing what is in it gives it again.
pub fn unpacking(bytes: &[u8]) {
    if let Ok(files) = unpack(bytes) {
        assert_eq!(unpack(&pack(&files)).as_ref(), Ok(&files));
    }
}

/// A network or a checkpoint is refused, or written again it is the same; a search goes on from its own checkpoint only.
pub fn resuming(bytes: &[u8]) {
    // What is read may be spelt otherwise, a number with one digit more; what is written is read as it is.
    if let Ok(network) = Trained::from_bytes(bytes) {
        let written = network.to_bytes();
        assert_eq!(Trained::from_bytes(&written).expect("our own").to_bytes(), written);
    }
    if let Ok(checkpoint) = Checkpoint::from_bytes(bytes) {
        let written = checkpoint.to_bytes();
        assert_eq!(Checkpoint::from_bytes(&written).expect("our own").to_bytes(), written);
    }
    match searching(0, Some(bytes), None) {
        Ok(()) | Err(SearchError::BrokenCheckpoint | SearchError::OtherCheckpoint | SearchError::NothingAllowed) => {}
        Err(other) => panic!("{other}"),
    }
}

/// A small search from and to checkpoints.
pub fn searching(evaluations: u64, resume: Option<&[u8]>, keep: Option<&Keep>) -> Result<(), SearchError> {
    let x: Vec<f64> = (1..30).map(f64::from).collect();
    let target = x.iter().map(|x| (0.3 * x).sin() / (x + 0.7)).collect();
    let table = Table { inputs: vec!["x".into()], columns: vec![x], target, ..Table::default() };
    let ops = [Op::Add, Op::Mul, Op::Div, Op::Exp];
    let operators = OperatorsPlan {
        allow: ops.map(|op| Allowed { op, cost: 1.0 }).to_vec(),
        define: vec![],
        never: vec![],
        require: vec![],
        size: 12,
        depth: 6,
        constants: Some((-1e3, 1e3)),
    };
    let settings = Settings {
        loss: SearchLoss::Mse,
        budget: Budget::Evaluations(evaluations),
        choose: Choose::DescriptionLength,
        seed: Seed::root(1),
        clock: None,
    };
    let course = Course { resume, keep, ..Course::default() };
    search_along(&table, &operators, &settings, &course, &Silent).map(drop)
}

/// A file of any form is read or refused, and columns are of one length.
pub fn reading(bytes: &[u8]) {
    for name in ["table.csv", "group_tab_004.0"] {
        if let Ok(table) = read_table(name, Box::new(std::io::Cursor::new(bytes.to_vec()))) {
            assert!(table.values.iter().all(|column| column.len() == table.values[0].len()));
        }
    }
}
