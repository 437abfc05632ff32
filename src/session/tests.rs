//! The session without a terminal.

use super::*;
use crate::base::MemoryWorld;

fn said(session: &mut Session, text: &str) -> String {
    let done = session.eval(text, &MemoryWorld::default());
    match done.outcome {
        Some(Outcome::Value(_, reply)) => reply.answer.to_string(),
        Some(Outcome::Said(text)) | Some(Outcome::Defined(text)) => text,
        Some(other) => format!("{other:?}"),
        None => done.findings.iter().map(|finding| finding.code.clone()).collect::<Vec<_>>().join(" "),
    }
}

#[test]
fn an_error_changes_nothing_and_undo_walks_back() {
    let mut session = Session::new();
    assert_eq!(said(&mut session, "f(r, m) = m / r^2"), "f");
    assert_eq!(said(&mut session, "f(2, 8)"), "2");
    let before = session.state.clone();
    for wrong in ["f(1)", "1 +* 2", "g(x) = f(x)", "sin(1 m)", ":nonsense", "f(2, 3) + _7"] {
        let told = said(&mut session, wrong);
        assert!(told.starts_with('E'), "{wrong}: {told}");
        assert_eq!(session.state, before, "{wrong}");
    }
    assert_eq!(said(&mut session, "_ + _1"), "4");
    said(&mut session, ":undo");
    assert_eq!(session.state, before);
    said(&mut session, ":redo");
    assert_eq!(said(&mut session, "_2"), "4");
    said(&mut session, ":reset");
    assert_eq!(said(&mut session, "f"), "f", "an unknown name is a symbol");
}

#[test]
fn what_is_saved_checks() {
    let mut session = Session::new();
    for line in ["a = 3", "unused = 4", "f(x) = a * x^2", "free = y + 1", "simplify(f(x) / x + free)"] {
        said(&mut session, line);
    }
    let text = save::script(&session);
    let checked = language::check("saved", &text, &|_| Err(String::new()), &[], None);
    assert!(checked.is_sound(), "{text}\n{:?}", checked.diagnostics);
    assert!(text.contains("f(x) = a * x^2") && !text.contains("unused"), "{text}");
    assert!(text.contains("result(x, y) ="), "{text}");
    assert_eq!(crate::language::format(&text).as_deref(), Ok(&text[..]));
}

#[test]
fn only_what_the_last_result_needs_is_saved() {
    let mut session = Session::new();
    for line in ["a = 3", "b = 4", "f(x) = a * x^2", "g(x) = b * x", "g(x)", "f(x)", "_ + 1", "_2 + _3", "_"] {
        said(&mut session, line);
    }
    let text = save::script(&session);
    assert!(text.contains("f(x) = a * x^2") && !text.contains('b') && !text.contains("g(x)"), "{text}");
}

#[test]
fn a_command_that_is_called_is_pointed_out() {
    let done = Session::new().eval("plot(sin(x))", &MemoryWorld::default());
    let help = done.findings.iter().filter_map(|finding| finding.help.as_deref()).collect::<Vec<_>>();
    assert!(help.concat().starts_with("it is a command: `:plot EXPR"), "{help:?}");
}

#[test]
fn a_text_goes_on_while_something_is_open() {
    for text in ["(1 +", "f(x) = 2 *", "vector(1,", "system s {", "if x > 0 then", "1 +", "f |>"] {
        assert!(is_unfinished(text), "{text}");
    }
    for text in ["1 + 2", "f(x) = x", "system s { }", ":plot x", ")", "1 + # more"] {
        assert_eq!(is_unfinished(text), text == "1 + # more", "{text}");
    }
}

#[test]
fn completion_knows_kinds() {
    let mut session = Session::new();
    said(&mut session, "mass_of_sun = 2e30");
    let texts = |line: &str| {
        complete(&session, line, line.len(), &MemoryWorld::default())
            .1
            .into_iter()
            .map(|c| (c.text, c.kind))
            .collect::<Vec<_>>()
    };
    assert!(texts("1 + mass").contains(&("mass_of_sun".into(), "definition")));
    assert!(texts("simp").contains(&("simplify".into(), "function")));
    assert!(texts(":un").contains(&("undo".into(), "command")));
    assert_eq!(texts("\\alph"), [("α".to_owned(), "letter")]);
}

#[test]
fn pieces_of_a_line_have_classes() {
    let line = "f(x) = 2 * sin(x) # half";
    let shown: Vec<(&str, Class)> = classes(line).into_iter().map(|(range, class)| (&line[range], class)).collect();
    assert_eq!(shown, [("2", Class::Number), ("sin", Class::Function), ("# half", Class::Comment)]);
}
