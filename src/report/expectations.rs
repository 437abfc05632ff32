//! Expectations and measurements as lines of text.

use super::grid::short;
use crate::engine::Expectation;
use crate::plan::{Plan, Stage, StageKind};
use std::collections::BTreeMap;

/// One expectation: whether it holds, its text, its value, and why not.
pub fn expect_line(expect: &Expectation) -> String {
    let mark = if expect.holds { '✓' } else { '✗' };
    let reason = expect.reason.as_ref().map_or(String::new(), |reason| format!("   ({reason})"));
    let compares = expect.text.contains(['<', '>', '=']);
    let value = if compares { format!("   {}", short(expect.value, 6)) } else { String::new() };
    format!("{mark} {}{value}{reason}", expect.text)
}

/// What a stage measured, for people; `results` have full names.
pub fn metric_lines(plan: &Plan, stage: &Stage, results: &BTreeMap<String, f64>) -> Vec<String> {
    let value = |name: &str| results.get(&format!("{}.{name}", stage.name)).copied();
    let text = |name: &str| value(name).map_or("–".into(), |value| short(value, 4));
    match stage.kind {
        StageKind::Data => match value("drift.worst") {
            Some(worst) if !worst.is_nan() => {
                let mut lines =
                    vec![format!("  energy drift: median {}, worst {}", text("drift.median"), short(worst, 2))];
                lines.extend(fit_lines(&value));
                lines
            }
            Some(_) if value("rows").is_some() => {
                let [rows, snapshots, runs, bodies] = ["rows", "snapshots", "runs", "bodies"].map(&text);
                let runs = if runs == "1" { "one run".into() } else { format!("{runs} runs") };
                let mut line = format!("  {rows} rows: {snapshots} snapshots of {bodies} bodies in {runs}");
                for (count, what) in [
                    ("snapshots.incomplete", "in which a body is missing left out"),
                    ("rows.left_out", "rows left out by `rows`"),
                ] {
                    if value(count).is_some_and(|count| count > 0.0) {
                        line += &format!("; {} {what}", text(count));
                    }
                }
                let mut lines = vec![line];
                lines.extend(fit_lines(&value));
                lines
            }
            _ if value("rows").is_some() => {
                let [rows, left_out, train, test, held_out] =
                    ["rows", "rows.left_out", "rows.train", "rows.test", "rows.held_out"].map(&text);
                let validation = text("rows.validation");
                let mut line =
                    format!("  {rows} rows: {train} for training, {validation} for validation, {test} for the test");
                for (count, what) in [(held_out, "held out"), (left_out, "left out by `rows`")] {
                    if count != "0" {
                        line += &format!(", {count} {what}");
                    }
                }
                vec![line]
            }
            _ => fit_lines(&value),
        },
        StageKind::Train => {
            let mut lines = vec![format!("  test loss {}   predicting zero {}", text("test.mae"), text("test.zero"))];
            if value("held_out.mae").is_some() {
                lines.push(format!("  loss {} on snapshots held out", text("held_out.mae")));
            }
            if value("messages.carrying").is_some() {
                let all = plan
                    .trains
                    .get(&stage.name)
                    .map_or(String::new(), |train| format!(" of {}", train.network.message));
                lines.push(format!(
                    "  {}{all} message components carry 99 % of the variance",
                    text("messages.carrying")
                ));
            }
            let fits = [
                ("contributions", "contributions.r2"),
                ("messages, true force", "messages.r2_force"),
                ("messages, true acceleration", "messages.r2_acceleration"),
            ];
            if fits.iter().any(|(_, name)| value(name).is_some()) {
                use super::grid::{Align, grid};
                let header = ["R² against the truth", "all", "worst 1 % left out", "worst 10 % left out"];
                let mut rows = vec![header.map(String::from).to_vec()];
                rows.extend(fits.iter().map(|(what, name)| {
                    let forms = ["", "_trimmed", "_paper"].map(|ending| text(&format!("{name}{ending}")));
                    [what.to_string()].into_iter().chain(forms).collect()
                }));
                let table = grid(&[Align::Left, Align::Right, Align::Right, Align::Right], &rows);
                lines.extend(table.iter().map(|line| format!("  {line}")));
            }
            lines
        }
        StageKind::Distill => super::relation::score_lines(&stage.name, results),
    }
}

/// What was estimated by local fits, and how well.
fn fit_lines(value: &dyn Fn(&str) -> Option<f64>) -> Vec<String> {
    let mut lines = vec![];
    for what in ["velocity", "acceleration"] {
        let of = |part: &str| value(&format!("fits.{what}.{part}"));
        let (Some(error), Some(size)) = (of("error"), of("size")) else { continue };
        let range = |part: &str| match ["least", "most"].map(|end| of(&format!("{part}.{end}")).unwrap_or(f64::NAN)) {
            [least, most] if least == most => short(least, 4),
            [least, most] => format!("{} to {}", short(least, 4), short(most, 4)),
        };
        let from = if of("of_velocity").is_some() { "velocities" } else { "positions" };
        lines.push(format!(
            "  {what} by fits of {from}: degree {} over {} times, error {} of {} ({} %)",
            range("degree"),
            range("window"),
            short(error, 2),
            short(size, 3),
            short(100.0 * error / size, 2)
        ));
    }
    if let Some(count) = value("snapshots.left_out").filter(|count| *count > 0.0) {
        lines.push(format!("  {} snapshots near the ends of runs, where fits are worse, left out", short(count, 6)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expectation_says_its_value_or_why_not() {
        let expect = |text: &str, value, holds, reason: Option<&str>| Expectation {
            text: text.into(),
            value,
            holds,
            reason: reason.map(String::from),
        };
        for (expect, line) in [
            (expect("fit.test.mae < 0.1", 0.0123456789, true, None), "✓ fit.test.mae < 0.1   0.0123457"),
            (expect("law recovers springs", 1.0, true, None), "✓ law recovers springs"),
            (
                expect("a > 1", f64::NAN, false, Some("there is no result `a`")),
                "✗ a > 1   –   (there is no result `a`)",
            ),
        ] {
            assert_eq!(expect_line(&expect), line);
        }
    }
}
