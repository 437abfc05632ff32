//! Commands of the prompt: one table for help, completion and the commands themselves.

use super::{Evaluation, Outcome, Session, State, fit, opened, plot, save};
use crate::base::{Diagnostic, World};
use crate::expr::{OPERATORS, Step};
use crate::language::prompt::{Answer, FUNCTIONS};
use crate::language::{explain, reference};
use std::path::Path;

/// A command of the prompt.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its name without the colon.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it does.
    pub doc: &'static str,
}

const fn row(name: &'static str, usage: &'static str, doc: &'static str) -> Command {
    Command { name, usage, doc }
}

/// All commands.
pub const COMMANDS: [Command; 19] = [
    row("help", ":help [NAME]", "what can be asked, or what a name means"),
    row("doc", ":doc NAME", "documentation of a function, an operator, a block or a command"),
    row("type", ":type EXPR", "what an expression is, its unit and its symbols"),
    row("why", ":why", "the steps of the last simplification"),
    row("plot", ":plot EXPR [over x = a..b, c = d] [with TABLE.COLUMN]", "a curve, and points of opened tables"),
    row(
        "fit",
        ":fit TABLE.COLUMN = EXPR",
        "the constants of a formula from an opened table; the formula is the result",
    ),
    row("time", ":time EXPR", "evaluates and says how long it took"),
    row("front", ":front", "the Pareto fronts of the opened run"),
    row("open", ":open RUN or TABLE", "laws, numbers and tables of a run, finished or going on; or a table of a file"),
    row("explain", ":explain CODE", "what a code of a finding means"),
    row("undo", ":undo", "takes the last change back"),
    row("redo", ":redo", "does it again"),
    row("reset", ":reset", "forgets all definitions and results"),
    row("list", ":list", "definitions and results"),
    row("save", ":save FILE", "writes what the last result needs as a script"),
    row("load", ":load FILE", "takes the definitions of a script"),
    row("ascii", ":ascii", "plain results, or typeset ones again"),
    row("symbols", ":symbols", "Greek letters and how they are typed"),
    row("quit", ":quit", "ends the session"),
];

/// Runs a command; `text` is what stands after the colon.
pub(super) fn run(session: &mut Session, text: &str, world: &dyn World) -> Evaluation {
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let said = |text: String| Evaluation::of(Outcome::Said(text));
    match name {
        "help" | "h" | "?" if rest.is_empty() => said(help()),
        "help" | "h" | "?" | "doc" => documented(session, rest),
        "type" | "t" => typed(session, rest, world),
        "why" => said(why(&session.state.why)),
        "plot" => plot::run(session, rest, world),
        "fit" => fit::run(session, rest, world),
        "time" => timed(session, rest, world),
        "front" if session.state.opened.fronts.is_empty() => {
            said("no run with a front is open; `:open RUN` opens one".into())
        }
        "front" => said(session.state.opened.fronts.join("\n\n")),
        "open" => opened::open(session, rest, world),
        "explain" => match explain::explain(rest) {
            Ok(page) => said(page.told().trim_end().into()),
            Err(why) => Evaluation::failed(Diagnostic::new("E0224", why)),
        },
        "undo" | "u" => said(if session.undo() { "taken back" } else { "there is nothing to take back" }.into()),
        "redo" => said(if session.redo() { "done again" } else { "there is nothing to do again" }.into()),
        "reset" => {
            session.replace(State::default());
            said("everything is forgotten; `:undo` brings it back".into())
        }
        "list" => said(listed(session)),
        "save" => saved(session, rest, world),
        "load" => loaded(session, rest, world),
        // Fronts that typeset take this one themselves.
        "ascii" => said("results are plain here".into()),
        "symbols" => {
            let letters = crate::expr::print::greek::GREEK.map(|(letter, name)| format!("{letter} \\{name}"));
            said(letters.chunks(6).map(|row| row.join("   ")).collect::<Vec<_>>().join("\n"))
        }
        "quit" | "q" | "exit" => Evaluation::of(Outcome::Quit),
        _ => {
            let near = strsim_nearest(name);
            let mut finding = Diagnostic::new("E0224", format!("there is no command `:{name}`"));
            finding = finding.help(near.map_or("`:help` lists all".into(), |near| format!("did you mean `:{near}`?")));
            Evaluation::failed(finding)
        }
    }
}

/// `plot(…)` is no function, and a command has its name: says how it is written.
pub(super) fn pointed_out(finding: &mut Diagnostic) {
    let named = |command: &&Command| finding.headline == format!("there is no function `{}`", command.name);
    if let Some(command) = COMMANDS.iter().find(named) {
        finding.help = Some(format!("it is a command: `{}`", command.usage));
    }
}

fn strsim_nearest(name: &str) -> Option<&'static str> {
    let distance = |command: &&Command| strsim::damerau_levenshtein(command.name, name);
    COMMANDS.iter().filter(|command| distance(command) <= 2).min_by_key(distance).map(|command| command.name)
}

fn help() -> String {
    let mut out = String::from("An expression is evaluated, an unknown name is a symbol: diff(sin(a * x), x)\n");
    out += "A definition stays: f(r, m) = m / r^2. The last result is `_`, the first `_1`.\n\nfunctions\n";
    for function in &FUNCTIONS {
        out += &format!("  {:<32} {}\n", function.usage, function.doc);
    }
    out += "\ncommands\n";
    for command in &COMMANDS {
        out += &format!("  {:<32} {}\n", command.usage, command.doc);
    }
    out.trim_end().into()
}

fn documented(session: &Session, name: &str) -> Evaluation {
    let name = name.trim_start_matches(':');
    if let Some(own) = session.state.definitions.iter().find(|definition| !name.is_empty() && definition.name == name) {
        return Evaluation::of(Outcome::Said(own.text.clone()));
    }
    let mut found = vec![];
    found.extend(FUNCTIONS.iter().filter(|f| f.name == name).map(|f| format!("{}: {}", f.usage, f.doc)));
    found.extend(OPERATORS.iter().filter(|row| row.name == name).map(|row| {
        let arguments = ["a", "b", "c"][..row.arity].join(", ");
        match row.fixity {
            None => format!("{name}({arguments}): {}", row.doc),
            Some(_) => format!("{name}: {}", row.doc),
        }
    }));
    found.extend(
        COMMANDS
            .iter()
            .filter(|command| command.name == name)
            .map(|command| format!("{}: {}", command.usage, command.doc)),
    );
    if found.is_empty() {
        return match reference::look_up(name) {
            Ok(entries) => {
                let told: Vec<String> = entries.iter().map(|entry| entry.told().trim_end().to_owned()).collect();
                Evaluation::of(Outcome::Said(told.join("\n\n")))
            }
            Err(why) => Evaluation::failed(Diagnostic::new("E0224", why)),
        };
    }
    Evaluation::of(Outcome::Said(found.join("\n")))
}

/// What an expression is; nothing is kept.
fn typed(session: &Session, text: &str, world: &dyn World) -> Evaluation {
    let mut done = session.aside().express(text, world);
    if let Some(Outcome::Value(_, reply)) = &done.outcome {
        let symbols = |e: &crate::expr::Expr| {
            let names: Vec<String> = e.symbols().iter().map(ToString::to_string).collect();
            if names.is_empty() { String::new() } else { format!(" of {}", names.join(", ")) }
        };
        let unit = |dimension: &Option<crate::language::Dimension>| match dimension {
            Some(dimension) if !dimension.is_none() => format!(" in {dimension}"),
            _ => String::new(),
        };
        let what = match &reply.answer {
            Answer::Formula(e, dimension) if e.as_number().is_some() => format!("a number{}", unit(dimension)),
            Answer::Formula(e, dimension) => format!("a formula{}{}, {} nodes", symbols(e), unit(dimension), e.size()),
            Answer::Vector(parts, dimension) => format!("a vector of {} components{}", parts.len(), unit(dimension)),
            Answer::List(parts) => format!("a list of {}", parts.len()),
            Answer::Text(_) => "a text".into(),
            Answer::Verdict(_) => "a verdict".into(),
            Answer::Function(names, e) => format!("a function of {}, {} nodes", names.join(", "), e.size()),
            Answer::Fields(fields) => format!("a thing with {}", fields.keys().cloned().collect::<Vec<_>>().join(", ")),
            Answer::Thing(text) => text.clone(),
        };
        done.outcome = Some(Outcome::Said(what));
    }
    done
}

fn timed(session: &mut Session, text: &str, world: &dyn World) -> Evaluation {
    let start = world.seconds();
    let mut done = session.enter(text, world);
    let seconds = world.seconds() - start;
    if let Some(Outcome::Value(_, reply)) = &done.outcome {
        done.outcome = Some(Outcome::Said(format!("{}\n{:.3} ms", reply.answer, seconds * 1e3)));
    }
    done
}

/// Steps as lines: the rule, what was there, what it became.
fn why(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "nothing was simplified yet".into();
    }
    let width = steps.iter().map(|step| step.rule.chars().count()).max().unwrap_or(0);
    let line = |step: &Step| format!("{:<width$}  {}  →  {}", step.rule, step.before, step.after);
    steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn listed(session: &Session) -> String {
    let mut lines: Vec<String> = session.state.definitions.iter().map(|definition| definition.text.clone()).collect();
    let results = session.state.results.iter().enumerate();
    lines.extend(results.map(|(index, result)| {
        let told = result.1.to_string();
        let first = told.lines().next().unwrap_or("");
        let more = if told.lines().nth(1).is_some() { " …" } else { "" };
        format!("_{} = {first}{more}    # {}", index + 1, result.0)
    }));
    if lines.is_empty() { "nothing yet".into() } else { lines.join("\n") }
}

fn saved(session: &Session, path: &str, world: &dyn World) -> Evaluation {
    if path.is_empty() {
        return Evaluation::failed(Diagnostic::new("E0224", "a file must be named").help("write `:save session.sdl`"));
    }
    let text = save::script(session);
    match world.write(Path::new(path), text.as_bytes()) {
        Ok(()) => Evaluation::of(Outcome::Said(format!("written to {path}"))),
        Err(error) => {
            Evaluation::failed(Diagnostic::new("E0602", format!("`{path}` cannot be written")).note(error.to_string()))
        }
    }
}

/// Every item of a script, one after another; with an error the session stays as it was.
fn loaded(session: &mut Session, path: &str, world: &dyn World) -> Evaluation {
    let text = world.read(Path::new(path)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = match text {
        Ok(text) => text,
        Err(error) => {
            let finding = Diagnostic::new("E0607", format!("`{path}` cannot be read")).note(error.to_string());
            return Evaluation::failed(finding.help("write `:load file.sdl`"));
        }
    };
    let (mut script, findings) = crate::language::parse(crate::base::SourceId(0), &text);
    if findings.iter().any(Diagnostic::is_error) {
        let mut sources = crate::base::Sources::new();
        sources.add(path, text);
        return Evaluation { outcome: None, findings, sources };
    }
    script.items.retain(|item| !matches!(item, crate::language::tree::Item::Expect(_)));
    let done = session.define(&text, &script.items, world);
    match done.outcome {
        Some(Outcome::Defined(names)) => {
            Evaluation { outcome: Some(Outcome::Said(format!("defined {names}"))), ..done }
        }
        _ => done,
    }
}
