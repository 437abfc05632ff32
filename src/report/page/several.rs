//! Several runs on one page: what they found, where their settings differ, their curves over each other.

use super::asked;
use super::data;
use super::found::{equations, relation_equation};
use super::html::{escape, figure, json, math, number, table};
use super::{Parts, document, written};
use crate::distill::Verdict;
use crate::engine::{Record, differences};
use crate::report::chart::{Chart, Series};
use crate::report::figures::charts;
use crate::report::law::has_mass;

/// Settings that are listed, at most.
const SETTINGS: usize = 60;

/// A run with the name it goes by on the page.
pub type Named<'a> = (&'a str, Parts<'a>);

/// The page of several runs, in the order given.
pub fn several(runs: &[Named]) -> String {
    let drawn: Vec<Vec<(String, Chart)>> = runs.iter().map(|(_, parts)| charts(parts.record, parts.sheets)).collect();
    let laid: Vec<(String, Chart)> = [
        ("history", "validation", "Loss on validation runs"),
        ("components", "", "Deviation of message components"),
        ("front", "", "Pareto fronts"),
        ("profile", "network", "The network's answers over the distance"),
    ]
    .into_iter()
    .filter_map(|(kind, series, title)| overlay(runs, &drawn, kind, series, title))
    .collect();
    let figures: String =
        laid.iter().map(|(name, chart)| figure("chart", name, &chart.title, "One curve for each run.")).collect();
    let mut sections =
        vec![("found", "What was found", outcomes(runs)), ("settings", "What was asked of each", settings(runs))];
    if !figures.is_empty() {
        sections.push(("curves", "Over each other", figures));
    }
    sections.push(("scripts", "The scripts", scripts(runs)));
    let names = runs.iter().map(|(name, _)| escape(name)).collect::<Vec<_>>().join(", ");
    let head = format!("<header><h1>{} runs</h1><p class=\"lead\">{names}</p></header>", runs.len());
    let contents: Vec<(&str, &str)> = sections.iter().map(|(id, title, _)| (*id, *title)).collect();
    let body = head + &sections.iter().map(written).collect::<String>();
    document("Runs compared · sdl", &contents, &body, &json(&data::data(&laid, &[])))
}

fn outcomes(runs: &[Named]) -> String {
    let rows: Vec<Vec<String>> = runs
        .iter()
        .flat_map(|(name, parts)| {
            let record = parts.record;
            let state = state(record);
            let mut rows: Vec<Vec<String>> = record
                .laws
                .iter()
                .map(|(law, finding)| {
                    let mass = has_mass(&record.plan, law);
                    let formula =
                        equations(&finding.law, mass).iter().map(|text| math(text, "inline")).collect::<Vec<_>>();
                    let verdict = match finding.recovery.as_ref().map(|recovery| recovery.verdict) {
                        Some(Verdict::Recovered) => "<span class=\"good\">✓ recovered</span>",
                        Some(Verdict::Equivalent) => "<span class=\"fair\">≈ equivalent</span>",
                        Some(Verdict::Different) => "<span class=\"bad\">✗ different</span>",
                        None => "–",
                    };
                    let sides = finding.comparison.as_ref().map(|c| [c.law.test, c.network.test, c.zero.test]);
                    let errors =
                        sides.map_or(vec!["–".to_owned(); 3], |sides| sides.map(|side| number(side, 3)).into());
                    [vec![escape(name), state.clone(), formula.join("<br>"), verdict.into()], errors].concat()
                })
                .collect();
            rows.extend(record.relations.iter().map(|(law, relation)| {
                let formula = math(&relation_equation(relation), "inline");
                let [error, constant] = ["mae", "constant"].map(|score| {
                    let value = record.results.get(&format!("{law}.test.{score}"));
                    value.map_or("–".to_owned(), |value| number(*value, 3))
                });
                vec![escape(name), state.clone(), formula, "–".into(), error, "–".into(), constant]
            }));
            if rows.is_empty() {
                rows.push(vec![escape(name), state, "–".into(), "–".into(), "–".into(), "–".into(), "–".into()]);
            }
            rows
        })
        .collect();
    table(
        "Each run with its law and mean absolute errors on test runs",
        &["run", "expected", "law", "", "law's error", "network's error", "predicting zero or a constant"],
        &rows,
    )
}

fn state(record: &Record) -> String {
    let failed = record.expects.iter().filter(|expect| !expect.holds).count();
    match (record.finished, failed) {
        (false, _) => "<span class=\"fair\">unfinished</span>".into(),
        (true, 0) => "<span class=\"good\">✓ all</span>".into(),
        (true, failed) => format!("<span class=\"bad\">✗ {failed} of {}</span>", record.expects.len()),
    }
}

/// Settings and results in which any run differs from the first.
fn settings(runs: &[Named]) -> String {
    let Some(((_, first), rest)) = runs.split_first() else { return String::new() };
    let found: Vec<_> = rest.iter().map(|(_, parts)| differences(first.record, parts.record)).collect();
    let mut places: Vec<&str> = found.iter().flatten().map(|one| one.place.as_str()).collect();
    places.retain(|place| place.starts_with("plan.") || place.starts_with("results."));
    places.sort_unstable();
    places.dedup();
    if places.is_empty() {
        return "<p>The same settings and results in all of them.</p>".into();
    }
    let said = |value: Option<&serde_json::Value>| match value {
        None => "–".into(),
        Some(value) => match value.as_f64() {
            Some(value) => number(value, 4),
            None => {
                escape(&value.as_str().map_or(value.to_string(), str::to_owned).chars().take(40).collect::<String>())
            }
        },
    };
    let rows: Vec<Vec<String>> = places
        .iter()
        .take(SETTINGS)
        .map(|place| {
            let of = found.iter().map(|list| list.iter().find(|one| one.place == *place));
            let first = found.iter().flatten().find(|one| one.place == *place).and_then(|one| one.one.as_ref());
            let others = of.map(|one| one.map_or_else(|| said(first), |one| said(one.other.as_ref())));
            [format!("<code>{}</code>", escape(place)), said(first)].into_iter().chain(others).collect()
        })
        .collect();
    let names: Vec<String> = runs.iter().map(|(name, _)| escape(name)).collect();
    let header: Vec<&str> = std::iter::once("").chain(names.iter().map(String::as_str)).collect();
    table("Settings and results in which they differ", &header, &rows)
}

/// The curve `series` of every run's chart of a kind, over each other.
fn overlay(
    runs: &[Named],
    drawn: &[Vec<(String, Chart)>],
    kind: &str,
    series: &str,
    title: &str,
) -> Option<(String, Chart)> {
    let ending = format!("-{kind}");
    let mut whole: Option<Chart> = None;
    for ((name, _), charts) in runs.iter().zip(drawn) {
        let Some((_, chart)) = charts.iter().find(|(name, _)| name.ends_with(&ending)) else { continue };
        let Some(found) = chart.series.iter().find(|one| one.name == series) else { continue };
        let curve = Series { name: (*name).to_owned(), ..found.clone() };
        whole
            .get_or_insert_with(|| Chart { title: title.to_owned(), series: vec![], ..chart.clone() })
            .series
            .push(curve);
    }
    whole.filter(|chart| chart.series.len() > 1).map(|chart| (kind.to_owned(), chart))
}

fn scripts(runs: &[Named]) -> String {
    let one = |(name, parts): &Named| {
        format!("<details><summary>{}</summary>{}</details>", escape(name), asked::script(parts.script))
    };
    runs.iter().map(one).collect()
}
