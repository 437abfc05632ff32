//! The tables of a run as charts.

use super::chart::{Axis, Chart, Mark, Series};
use crate::engine::{Record, Sheet};
use crate::plan::symbols::COMPONENTS;
use crate::search::Front;

/// Points of one cloud that are drawn; more only make the file large.
const CLOUD: usize = 2000;

/// Every chart that the run has numbers for, with its file's name.
pub fn figures(record: &Record, sheets: &[Sheet]) -> Vec<(String, String)> {
    let mut charts: Vec<(String, Chart)> = vec![];
    for sheet in sheets {
        let Some((stage, kind)) = sheet.name.rsplit_once('.') else { continue };
        let chart = match kind {
            "history" => loss(stage, sheet),
            "contributions" => contributions(stage, sheet),
            "profile" => profile(stage, sheet),
            _ => None,
        };
        charts.extend(chart.map(|chart| (sheet.name.replace('.', "-"), chart)));
    }
    charts
        .extend(record.laws.iter().map(|(name, finding)| (format!("{name}-front"), pareto(name, &finding.law.front))));
    charts.into_iter().filter_map(|(name, chart)| Some((format!("{name}.svg"), chart.svg()?))).collect()
}

fn loss(stage: &str, sheet: &Sheet) -> Option<Chart> {
    let epoch = sheet.column("epoch")?;
    let curve = |name: &str, mark| {
        let values = sheet.column(name)?;
        Some(Series { name: name.into(), mark, points: zip(epoch, values) })
    };
    let series = [curve("train", Mark::Line), curve("validation", Mark::Dashed)].into_iter().flatten().collect();
    Some(Chart { title: format!("{stage}: loss"), x: Axis::linear("epoch"), y: Axis::log("loss"), series })
}

/// What each sender does to a receiver, against the truth; all components together.
fn contributions(stage: &str, sheet: &Sheet) -> Option<Chart> {
    let component = |k: &&str| Some(zip(sheet.column(&format!("true.{k}"))?, sheet.column(&format!("network.{k}"))?));
    let points: Vec<(f64, f64)> = COMPONENTS.iter().filter_map(component).flatten().collect();
    // A few close encounters would squeeze all others into one point.
    let mut sizes: Vec<f64> = points.iter().map(|(x, _)| x.abs()).filter(|size| size.is_finite()).collect();
    sizes.sort_by(f64::total_cmp);
    let limit = *sizes.get(sizes.len().saturating_sub(1 + sizes.len() / 100))?;
    let shown = points.iter().copied().filter(|(x, y)| x.abs() <= limit && y.abs() <= 2.0 * limit);
    let every = points.len().div_ceil(CLOUD).max(1);
    Some(Chart {
        title: format!("{stage}: what one body does to another"),
        x: Axis::linear("true acceleration (largest 1 % left out)"),
        y: Axis::linear("the network's"),
        series: vec![
            Series { name: "contributions".into(), mark: Mark::Dots, points: shown.step_by(every).collect() },
            Series { name: "equal".into(), mark: Mark::Dashed, points: vec![(-limit, -limit), (limit, limit)] },
        ],
    })
}

/// The law's scalar function of distance beside the network's and the truth's.
fn profile(stage: &str, sheet: &Sheet) -> Option<Chart> {
    let distance = sheet.column("distance")?;
    let curve = |name: &str, mark| {
        let points = zip(distance, sheet.column(name)?);
        Some(Series { name: name.into(), mark, points })
    };
    let series = [curve("network", Mark::Dots), curve("law", Mark::Line), curve("truth", Mark::Dashed)];
    Some(Chart {
        title: format!("{stage}: along the direction to the other body"),
        x: Axis::linear("distance"),
        y: Axis::linear("acceleration, all attributes 1"),
        series: series.into_iter().flatten().collect(),
    })
}

fn pareto(name: &str, front: &Front) -> Chart {
    let point = |index: usize| front.formulas.get(index).map(|formula| (formula.complexity, formula.loss));
    Chart {
        title: format!("{name}: the Pareto front"),
        x: Axis::linear("complexity"),
        y: Axis::log("loss"),
        series: vec![
            Series {
                name: String::new(),
                mark: Mark::Line,
                points: (0..front.formulas.len()).filter_map(point).collect(),
            },
            Series { name: "chosen".into(), mark: Mark::Ring, points: point(front.chosen).into_iter().collect() },
        ],
    }
}

fn zip(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    x.iter().copied().zip(y.iter().copied()).collect()
}
