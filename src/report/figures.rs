//! The tables of a run as charts. One way to draw each, whatever it is drawn on: paper, pages, terminals.

use super::canvas::{beside, text};
use super::chart::{Axis, Chart, Mark, Series};
use super::grid::short;
use super::relation::file_of;
use crate::base::Name;
use crate::distill::{Comparison, Side};
use crate::engine::{LawFinding, Record, Sheet};
use crate::expr::print::typeset;
use crate::plan::Plan;
use crate::plan::symbols::COMPONENTS;
use crate::search::Front;
use std::collections::BTreeMap;

/// Points of one cloud that are drawn; more only make the file large.
const CLOUD: usize = 1500;

/// Every chart that the run has numbers for, with its name.
pub fn charts(record: &Record, sheets: &[Sheet]) -> Vec<(String, Chart)> {
    let mut charts: Vec<(String, Chart)> = vec![];
    for sheet in sheets {
        let Some((stage, kind)) = sheet.name.rsplit_once('.') else { continue };
        let chart = match kind {
            "history" => loss(stage, sheet, record.results.get(&format!("{stage}.test.zero")).copied()),
            "components" => components(stage, sheet),
            "messages" => messages(stage, sheet),
            "contributions" => contributions(stage, sheet),
            "profile" => profile(stage, sheet),
            "motion" => apart(stage, sheet),
            _ => None,
        };
        charts.extend(chart.map(|chart| (sheet.name.replace('.', "-"), chart)));
    }
    for (name, finding) in &record.laws {
        charts.push((format!("{name}-front"), pareto(name, &finding.law.front)));
        charts.extend(residuals(record, name, sheets).map(|chart| (format!("{name}-residuals"), chart)));
        charts.extend(comparison(name, finding).map(|chart| (format!("{name}-comparison"), chart)));
    }
    for (name, relation) in &record.relations {
        charts.push((format!("{name}-front"), pareto(name, &relation.front)));
        charts.extend(predictions(record, name, sheets).map(|chart| (format!("{name}-predictions"), chart)));
    }
    charts
}

/// The charts to look at first, as text: loss, network and law over the distance, the front.
pub fn summary(record: &Record, sheets: &[Sheet], width: usize) -> Vec<String> {
    let first = ["-history", "-profile", "-predictions", "-front"];
    let charts = charts(record, sheets);
    let chosen = first.iter().flat_map(|ending| charts.iter().filter(move |(name, _)| name.ends_with(ending)));
    let texts: Vec<Vec<String>> = chosen.map(|(_, chart)| text(chart)).filter(|text| !text.is_empty()).collect();
    beside(&texts, width)
}

/// The table of this name.
pub fn sheet<'a>(sheets: &'a [Sheet], name: &str) -> Option<&'a Sheet> {
    sheets.iter().find(|sheet| sheet.name == name)
}

fn loss(stage: &str, sheet: &Sheet, zero: Option<f64>) -> Option<Chart> {
    let epoch = sheet.column("epoch")?;
    let curve = |name: &str, mark| Some(series(name, mark, zip(epoch, sheet.column(name)?)));
    let mut series_of: Vec<Series> =
        [curve("train", Mark::Line), curve("validation", Mark::Dashed)].into_iter().flatten().collect();
    if let (Some(zero), [first, .., last]) = (zero, epoch) {
        series_of.push(series("predicting zero", Mark::Line, vec![(*first, zero), (*last, zero)]));
    }
    Some(Chart {
        title: format!("{stage}: loss"),
        x: Axis::linear("epoch"),
        y: Axis::log("mean absolute error"),
        series: series_of,
    })
}

/// How much each message component varies after the last epoch.
fn components(stage: &str, sheet: &Sheet) -> Option<Chart> {
    let (epoch, rank, deviation) = (sheet.column("epoch")?, sheet.column("rank")?, sheet.column("deviation")?);
    let last = *epoch.last()?;
    let points = (0..epoch.len()).filter(|&row| epoch[row] == last).map(|row| (rank[row], deviation[row])).collect();
    Some(Chart {
        title: format!("{stage}: message components"),
        x: Axis::linear("component, the largest first"),
        y: Axis::linear("standard deviation"),
        series: vec![series("", Mark::Line, points)],
    })
}

/// The leading messages after the last epoch against the affine functions of the true force nearest to them.
fn messages(stage: &str, sheet: &Sheet) -> Option<Chart> {
    let [epoch, component, message, force] =
        ["epoch", "component", "message", "force"].map(|name| sheet.column(name).unwrap_or(&[]));
    let last = *epoch.last()?;
    let mut clouds: BTreeMap<u64, Vec<(f64, f64)>> = BTreeMap::new();
    for row in (0..epoch.len()).filter(|&row| epoch[row] == last) {
        clouds.entry(component[row] as u64).or_default().push((force[row], message[row]));
    }
    let mut clouds: Vec<Series> = clouds
        .into_iter()
        .map(|(component, points)| series(&format!("component {component}"), Mark::Dots, points))
        .collect();
    let limit = clouds.iter().flat_map(|cloud| &cloud.points).map(|point| point.0.abs()).fold(0.0, f64::max).min(4.0);
    for cloud in &mut clouds {
        cloud.points.retain(|(x, y)| x.abs() <= limit && y.abs() <= 2.0 * limit);
    }
    clouds.push(series("equal", Mark::Dashed, vec![(-limit, -limit), (limit, limit)]));
    Some(Chart {
        title: format!("{stage}: leading messages"),
        x: Axis::linear("linear function of the true force"),
        y: Axis::linear("message, standardised"),
        series: clouds,
    })
}

/// What each sender does to a receiver, against the truth; all components together.
fn contributions(stage: &str, sheet: &Sheet) -> Option<Chart> {
    let component = |k: &&str| Some(zip(sheet.column(&format!("true.{k}"))?, sheet.column(&format!("network.{k}"))?));
    let points: Vec<(f64, f64)> = COMPONENTS.iter().filter_map(component).flatten().collect();
    // A few close encounters would squeeze all others into one point.
    let mut sizes: Vec<f64> = points.iter().map(|(x, _)| x.abs()).filter(|size| size.is_finite()).collect();
    sizes.sort_by(f64::total_cmp);
    let limit = *sizes.get(sizes.len().saturating_sub(1 + sizes.len() / 100))?;
    let shown: Vec<(f64, f64)> =
        points.iter().copied().filter(|(x, y)| x.abs() <= limit && y.abs() <= 2.0 * limit).collect();
    Some(Chart {
        title: format!("{stage}: what one body does to another"),
        x: Axis::linear("true acceleration (largest 1 % left out)"),
        y: Axis::linear("the network's"),
        series: vec![
            series("network", Mark::Dots, thinned(shown)),
            series("equal", Mark::Dashed, vec![(-limit, -limit), (limit, limit)]),
        ],
    })
}

/// The law's scalar function of distance beside the network's and the truth's.
fn profile(stage: &str, sheet: &Sheet) -> Option<Chart> {
    let distance = sheet.column("distance")?;
    let curve = |name: &str, mark| Some(series(name, mark, zip(distance, sheet.column(name)?)));
    let curves = [curve("network", Mark::Dots), curve("law", Mark::Line), curve("truth", Mark::Dashed)];
    Some(Chart {
        title: format!("{stage}: along the direction to the other body"),
        x: Axis::linear("distance"),
        y: Axis::linear("acceleration, all attributes 1"),
        series: curves.into_iter().flatten().collect(),
    })
}

/// The mean distance of a rollout from the true positions, at one time of one run.
pub struct Apart {
    /// The run.
    pub run: f64,
    /// The time.
    pub time: f64,
    /// The mean over bodies.
    pub distance: f64,
}

/// What rollouts are compared with: the truth, or where none is declared what was measured.
pub fn reference(motion: &Sheet) -> &'static str {
    if motion.column("truth.x").is_some() { "truth" } else { "data" }
}

/// How far the rollouts of `who` get from the truth, by run and time.
pub fn distances(sheet: &Sheet, who: &str) -> Option<Vec<Apart>> {
    let (run, time) = (sheet.column("run")?, sheet.column("time")?);
    let truth = reference(sheet);
    let pairs: Vec<(&[f64], &[f64])> = COMPONENTS
        .iter()
        .filter_map(|k| Some((sheet.column(&format!("{truth}.{k}"))?, sheet.column(&format!("{who}.{k}"))?)))
        .collect();
    let distance = |row: usize| pairs.iter().map(|(x, y)| (x[row] - y[row]).powi(2)).sum::<f64>().sqrt();
    // Rows of one run and time are neighbours, one for each body.
    let mut frames = vec![];
    let mut row = 0;
    while row < run.len() && !pairs.is_empty() {
        let bodies = (row..run.len()).take_while(|&at| run[at] == run[row] && time[at] == time[row]).count().max(1);
        let sum: f64 = (row..row + bodies).map(distance).sum();
        frames.push(Apart { run: run[row], time: time[row], distance: sum / bodies as f64 });
        row += bodies;
    }
    Some(frames)
}

/// How far rollouts get from the truth: the middle one of the runs.
fn apart(stage: &str, sheet: &Sheet) -> Option<Chart> {
    let curve = |who: &str| -> Option<Series> {
        let mut frames = distances(sheet, who)?;
        frames.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.distance.total_cmp(&b.distance)));
        let middle = |same: &[Apart]| (same[0].time, same[same.len() / 2].distance);
        Some(series(who, Mark::Line, frames.chunk_by(|a, b| a.time == b.time).map(middle).collect()))
    };
    Some(Chart {
        title: match reference(sheet) {
            "truth" => format!("{stage}: distance from the true positions"),
            _ => format!("{stage}: distance from the measured positions"),
        },
        x: Axis::linear("time"),
        y: Axis::log("mean distance"),
        series: [curve("network"), curve("law")].into_iter().flatten().collect(),
    })
}

fn pareto(name: &Name, front: &Front) -> Chart {
    let note = |index: usize| {
        let formula = &front.formulas[index];
        format!(
            "{}\ncomplexity {}, loss {}",
            typeset::line(&formula.expr),
            short(formula.complexity, 4),
            short(formula.loss, 3)
        )
    };
    let of = |name: &str, mark, places: Vec<usize>| Series {
        name: name.into(),
        mark,
        points: places.iter().map(|&at| (front.formulas[at].complexity, front.formulas[at].loss)).collect(),
        notes: places.into_iter().map(note).collect(),
    };
    let all: Vec<usize> = (0..front.formulas.len()).collect();
    let chosen = all.iter().copied().filter(|&at| at == front.chosen).collect();
    Chart {
        title: format!("{name}: the Pareto front"),
        x: Axis::linear("complexity"),
        y: Axis::log("loss"),
        series: vec![of("", Mark::Line, all), of("chosen", Mark::Ring, chosen)],
    }
}

/// A column with its unit, where it has one: `period [s]`.
pub fn quantity(plan: &Plan, distill: &Name, column: &Name) -> String {
    match file_of(plan, distill).and_then(|file| file.unit(column)) {
        Some(unit) => format!("{column} [{unit}]"),
        None => column.to_string(),
    }
}

/// What a formula predicts for a column, against what the column holds.
fn predictions(record: &Record, name: &Name, sheets: &[Sheet]) -> Option<Chart> {
    let sheet = sheet(sheets, &format!("{name}.predictions"))?;
    let points = zip(sheet.column("true")?, sheet.column("predicted")?);
    let column = quantity(&record.plan, name, &record.relations.get(name)?.target);
    let ends =
        points.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (x, _)| (low.min(*x), high.max(*x)));
    // Values over several powers of ten are told apart on a logarithmic axis only.
    let axis = |label: String| match ends.0 > 0.0 && ends.1 / ends.0 > 100.0 && points.iter().all(|(_, y)| *y > 0.0) {
        true => Axis::log(&label),
        false => Axis::linear(&label),
    };
    Some(Chart {
        title: format!("{name}: formula and data"),
        x: axis(column.clone()),
        y: axis(format!("{column} by the formula")),
        series: vec![
            series("equal", Mark::Dashed, vec![(ends.0, ends.0), (ends.1, ends.1)]),
            series("rows", Mark::Dots, thinned(points.clone())),
        ],
    })
}

/// Errors of test accelerations over their size, by network and law.
fn residuals(record: &Record, law: &Name, sheets: &[Sheet]) -> Option<Chart> {
    let fit = match &record.plan.distills.get(law)?.of {
        crate::plan::DistillSource::Fit(fit) => fit,
        crate::plan::DistillSource::Column { .. } => return None,
    };
    let cloud = |who: &str, stage: &Name| -> Option<Series> {
        let sheet = sheet(sheets, &format!("{stage}.predictions"))?;
        let columns = |what: &str| -> Vec<&[f64]> {
            COMPONENTS.iter().filter_map(|k| sheet.column(&format!("{what}.{k}"))).collect()
        };
        let (truth, predicted) = (columns("true"), columns("predicted"));
        let length = |of: &dyn Fn(usize) -> f64| {
            (0..truth.len().min(predicted.len())).map(|k| of(k).powi(2)).sum::<f64>().sqrt()
        };
        let point = |row: usize| (length(&|k| truth[k][row]), length(&|k| predicted[k][row] - truth[k][row]));
        Some(series(who, Mark::Dots, thinned((0..sheet.rows()).map(point).collect())))
    };
    let clouds: Vec<Series> = [cloud("network", fit), cloud("law", law)].into_iter().flatten().collect();
    (!clouds.is_empty()).then(|| Chart {
        title: format!("{law}: errors of accelerations on test runs"),
        x: Axis::log("true acceleration"),
        y: Axis::log("error"),
        series: clouds,
    })
}

/// Network, law and predicting zero on everything they were tried on.
fn comparison(name: &Name, finding: &LawFinding) -> Option<Chart> {
    let comparison = finding.comparison.as_ref()?;
    let tried = trials(comparison);
    let side = |who: &str, side: &Side, mark| {
        let points = tried.iter().enumerate().map(|(place, (_, value))| (value(side), place as f64)).collect();
        series(who, mark, points)
    };
    let names: Vec<&str> = tried.iter().map(|(name, _)| name.as_str()).collect();
    Some(Chart {
        title: format!("{name}: out of distribution"),
        x: Axis::log("error"),
        y: Axis::names(&names),
        series: vec![
            side("network", &comparison.network, Mark::Dots),
            side("law", &comparison.law, Mark::Dots),
            side("predicting zero", &comparison.zero, Mark::Dots),
        ],
    })
}

/// What law and network were tried on, and how to read the error.
pub fn trials(comparison: &Comparison) -> Vec<(String, fn(&Side) -> f64)> {
    let all: [(String, fn(&Side) -> f64); 6] = [
        ("test error".into(), |side| side.test),
        ("snapshots held out".into(), |side| side.held_out),
        ("wider positions".into(), |side| side.wider),
        ("four times the bodies".into(), |side| side.more_bodies),
        (format!("rollout of {} steps", comparison.rollout_steps), |side| side.rollout),
        ("energy drift".into(), |side| side.energy_drift),
    ];
    all.into_iter().filter(|(_, value)| !value(&comparison.law).is_nan()).collect()
}

fn series(name: &str, mark: Mark, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.into(), mark, points, notes: vec![] }
}

fn zip(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    x.iter().copied().zip(y.iter().copied()).collect()
}

/// At most [`CLOUD`] of the points, evenly.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let kept = points.len().min(CLOUD);
    (0..kept).map(|k| points[k * points.len() / kept]).collect()
}
