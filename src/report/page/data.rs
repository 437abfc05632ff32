//! What the page's script draws from, as JSON: charts, films of messages, bodies in motion. Numbers are rounded to what
//! a picture can show.

use crate::engine::Sheet;
use crate::plan::symbols::COMPONENTS;
use crate::report::chart::{Chart, Series};
use crate::report::figures::{distances, reference};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Digits of numbers in pictures.
const DIGITS: usize = 4;

/// The whole data of a page.
pub fn data(charts: &[(String, Chart)], sheets: &[Sheet]) -> Value {
    let charts: serde_json::Map<String, Value> =
        charts.iter().map(|(name, chart)| (name.clone(), rounded_chart(chart))).collect();
    let of = |ending: &str, make: &dyn Fn(&str, &Sheet) -> Option<Value>| -> serde_json::Map<String, Value> {
        let named = sheets.iter().filter_map(|sheet| Some((sheet.name.rsplit_once('.')?, sheet)));
        named
            .filter(|((_, kind), _)| *kind == ending)
            .filter_map(|((stage, _), sheet)| Some((stage.to_owned(), make(stage, sheet)?)))
            .collect()
    };
    let messages = |stage: &str| sheets.iter().find(|sheet| sheet.name == format!("{stage}.messages"));
    json!({
        "charts": charts,
        "films": of("components", &|stage, sheet| film(sheet, messages(stage))),
        "motions": of("motion", &|_, sheet| motion(sheet)),
    })
}

fn rounded_chart(chart: &Chart) -> Value {
    let round = |series: &Series| {
        let mut series = series.clone();
        for (x, y) in &mut series.points {
            (*x, *y) = (rounded(*x), rounded(*y));
        }
        series
    };
    let chart = Chart { series: chart.series.iter().map(round).collect(), ..chart.clone() };
    serde_json::to_value(&chart).unwrap_or(Value::Null)
}

/// Frames of messages: the size of each component, and the leading ones beside the true force and acceleration.
fn film(components: &Sheet, messages: Option<&Sheet>) -> Option<Value> {
    let mut deviations: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for (epoch, deviation) in components.column("epoch")?.iter().zip(components.column("deviation")?) {
        deviations.entry(*epoch as u64).or_default().push(rounded(*deviation));
    }
    let mut clouds: BTreeMap<u64, Vec<[f64; 4]>> = BTreeMap::new();
    if let Some(messages) = messages {
        let columns = ["epoch", "component", "force", "acceleration", "message"].map(|name| messages.column(name));
        let [Some(epoch), Some(component), Some(force), Some(acceleration), Some(message)] = columns else {
            return None;
        };
        for row in 0..messages.rows() {
            let point = [component[row], force[row], acceleration[row], message[row]].map(|value| rounded_to(value, 3));
            clouds.entry(epoch[row] as u64).or_default().push(point);
        }
    }
    let frames: Vec<Value> = deviations
        .into_iter()
        .map(|(epoch, deviations)| {
            json!({ "epoch": epoch, "deviations": deviations, "messages": clouds.remove(&epoch).unwrap_or_default() })
        })
        .collect();
    Some(json!({ "frames": frames }))
}

/// Bodies over time by truth or data, network and law; of each run one flat list [times, bodies, space].
fn motion(sheet: &Sheet) -> Option<Value> {
    let (run, time, body) = (sheet.column("run")?, sheet.column("time")?, sheet.column("body")?);
    let of_what = reference(sheet);
    let space = COMPONENTS.iter().filter(|k| sheet.column(&format!("{of_what}.{k}")).is_some()).count();
    let bodies = body.iter().copied().fold(0.0, f64::max) as usize;
    let mut runs: Vec<u64> = run.iter().map(|run| *run as u64).collect();
    runs.dedup();
    let rows = |of: u64| (0..run.len()).filter(move |&row| run[row] as u64 == of);
    let mut times: Vec<f64> = rows(*runs.first()?).map(|row| rounded(time[row])).collect();
    times.dedup();
    let side = |who: &str, of: u64| -> Option<Vec<f64>> {
        let columns: Vec<&[f64]> =
            COMPONENTS[..space].iter().map(|k| sheet.column(&format!("{who}.{k}"))).collect::<Option<_>>()?;
        Some(rows(of).flat_map(|row| columns.iter().map(move |column| rounded(column[row]))).collect())
    };
    let shown: Vec<Value> = runs
        .iter()
        .map(|&of| {
            let [truth, network, law] = [of_what, "network", "law"].map(|who| side(who, of));
            let [network_apart, law_apart] = ["network", "law"].map(|who| apart(sheet, who, of));
            let apart = json!({ "network": network_apart, "law": law_apart });
            json!({ "run": of, "truth": truth, "network": network, "law": law, "apart": apart })
        })
        .collect();
    Some(json!({ "space": space, "bodies": bodies, "times": times, "runs": shown, "reference": of_what }))
}

/// The mean distance from the true positions at each time of a run.
fn apart(sheet: &Sheet, who: &str, run: u64) -> Vec<f64> {
    let frames = distances(sheet, who).unwrap_or_default();
    frames.into_iter().filter(|frame| frame.run as u64 == run).map(|frame| rounded_to(frame.distance, 2)).collect()
}

fn rounded(value: f64) -> f64 {
    rounded_to(value, DIGITS)
}

fn rounded_to(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits - 1).parse().unwrap_or(value)
}
