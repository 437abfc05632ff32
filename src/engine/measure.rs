//! What is measured of data and networks beside the truth. The truth enters scores only, never training or search.

use super::pairs::{Edge, PairLaw};
use super::record::{Column, Sheet};
use super::score::{affine_r2, r2, score};
use crate::base::Seed;
use crate::distill::{Arena, Comparison, Formulas, Law, Material, Recovery, Side, Verdict, odd_contributions};
use crate::network::Trained;
use crate::plan::SystemPlan;
use crate::plan::symbols::COMPONENTS;
use crate::simulate::{Fit, Parts, Snapshots, Trajectories};
use std::collections::BTreeMap;

/// Snapshots on which predictions are scored; more are thinned evenly.
const SCORED: usize = 20_000;
/// Snapshots predicted at a time.
const SLICE: usize = 4_096;
/// Snapshots in which contributions and messages are measured.
const QUERIED: usize = 2_000;
/// Distances at which law, network and truth are drawn.
const PROFILE: usize = 300;
/// Rows that the tables of the run folder keep.
const SHOWN: usize = 5_000;

/// Numbers by name.
pub type Results = BTreeMap<String, f64>;

/// How much there is, how well it conserves energy, and how well what was not measured was estimated.
pub fn measure_data(data: &Trajectories) -> Results {
    let mut drift = data.drift.clone();
    drift.sort_by(f64::total_cmp);
    let at = |index: Option<usize>| index.and_then(|index| drift.get(index)).copied().unwrap_or(f64::NAN);
    let stored = |run: usize| data.times_of(run).iter().filter(|time| !time.is_nan()).count();
    let snapshots: usize = (0..data.runs).map(stored).sum();
    let mut results = Results::from([
        ("runs".into(), data.runs as f64),
        ("bodies".into(), data.particles as f64),
        ("snapshots".into(), snapshots as f64),
        ("drift.median".into(), at(Some(drift.len() / 2))),
        ("drift.worst".into(), at(drift.len().checked_sub(1))),
    ]);
    for Fit { of, from, degree, window, error, size } in &data.fits {
        let path = format!("fits.{}", of.word());
        let whole = |count: usize| count as f64;
        let told = [
            ("error", *error),
            ("size", *size),
            ("degree.least", whole(degree[0])),
            ("degree.most", whole(degree[1])),
            ("window.least", whole(window[0])),
            ("window.most", whole(window[1])),
        ];
        results.extend(told.map(|(what, value)| (format!("{path}.{what}"), value)));
        results.insert(format!("{path}.of_{}", from.word()), 1.0);
    }
    if !data.fits.is_empty() || data.incomplete > 0 {
        let padded = data.len() - snapshots;
        results.insert("snapshots.left_out".into(), (data.left_out.len() - padded) as f64);
        results.insert("snapshots.incomplete".into(), data.incomplete as f64);
    }
    results
}

/// At most `count` of these configurations, evenly thinned.
pub fn thinned(rows: &[usize], count: usize) -> Vec<usize> {
    let kept = rows.len().min(count);
    (0..kept).map(|k| rows[k * rows.len() / kept]).collect()
}

/// Scores accelerations predicted by anything on some configurations; adds `path.mae` and `path.r2`. Gives a table of what was
/// predicted.
pub fn score_predictions(
    path: &str,
    data: &Trajectories,
    rows: &[usize],
    predict: &mut dyn FnMut(&Snapshots) -> Vec<f64>,
    results: &mut Results,
) -> Sheet {
    let (mut truth, mut predicted) = (vec![], vec![]);
    for slice in thinned(rows, SCORED).chunks(SLICE) {
        let snapshots = data.snapshots(slice);
        predicted.extend(predict(&snapshots));
        truth.extend(snapshots.acceleration);
    }
    score(path, &truth, &predicted, data.space, results);
    vectors("predictions", data.space, &[("true", &truth), ("predicted", &predicted)])
}

/// Scores and tables of a trained network. `truth` is what the data were made from, where it is known.
pub fn measure_network(
    trained: &Trained,
    data: &Trajectories,
    parts: &Parts,
    truth: Option<&PairLaw>,
    seed: Seed,
) -> (Results, Vec<Sheet>) {
    let mut results = Results::new();
    let mut sheets = vec![history(trained)];
    let seen = trained.seen(data);
    for (path, rows) in scored(parts) {
        if !rows.is_empty() {
            let sheet = score_predictions(path, &seen, rows, &mut |s| trained.predict(s), &mut results);
            if path == "test" {
                sheets.push(sheet);
            }
        }
    }
    results.insert("test.zero".into(), zero(data, &parts.test));
    results.insert("parameters".into(), trained.parameter_count() as f64);
    results.insert("messages.carrying".into(), trained.components_carrying(0.99) as f64);
    let asked = parts.shown();
    if let Some(truth) = truth
        && !asked.is_empty()
        && data.particles > 1
    {
        sheets.push(contributions(trained, (data, &seen), asked, truth, seed, &mut results));
        let rows = thinned(asked, QUERIED / 4);
        messages(trained, (&data.snapshots(&rows), &seen.snapshots(&rows)), truth, &mut results);
    }
    (results, sheets)
}

/// Scores of a law, and its curve over the distance beside those of network and truth.
pub fn measure_law(
    law: &Law,
    trained: &Trained,
    material: &Material,
    system: Option<&SystemPlan>,
    comparison: &Comparison,
    recovery: Option<&Recovery>,
    seed: Seed,
) -> (Results, Vec<Sheet>) {
    let mut results = Results::new();
    let formulas = Formulas::of(law, material.data.space);
    let seen = law.seen(material.data);
    let arena = Arena { attributes: seen.attributes.clone(), ..material.arena.clone() };
    let mut predict = |snapshots: &Snapshots| formulas.accelerations(snapshots, &arena);
    let mut sheets = vec![];
    for (path, rows) in scored(material.parts) {
        if !rows.is_empty() && path != "validation" {
            let sheet = score_predictions(path, &seen, rows, &mut predict, &mut results);
            if path == "test" {
                sheets.push(sheet);
            }
        }
    }
    if let Some(recovery) = recovery {
        results.insert("recovered".into(), f64::from(u8::from(recovery.verdict == Verdict::Recovered)));
        if !recovery.learned.is_empty() {
            let apart = recovery.learned.iter().map(|one| (one.learned / one.declared - 1.0).abs());
            results.insert("learned.error".into(), apart.fold(0.0, f64::max));
        }
    }
    for (who, side) in [("law", &comparison.law), ("network", &comparison.network)] {
        let told = sides(side).into_iter().filter(|(what, _)| system.is_some() || !BEYOND_DATA.contains(what));
        results.extend(told.map(|(what, value)| (format!("comparison.{who}.{what}"), value)));
    }
    sheets.extend(profile(law, trained, material, system, seed));
    (results, sheets)
}

/// What only a declared system can tell.
const BEYOND_DATA: [&str; 3] = ["wider", "more_bodies", "energy_drift"];

/// What is scored, by name.
fn scored(parts: &Parts) -> [(&'static str, &[usize]); 4] {
    let Parts { train, validation, test, held_out } = parts;
    [("train", train), ("validation", validation), ("test", test), ("held_out", held_out)]
}

/// The numbers of one side of a comparison, by name.
fn sides(side: &Side) -> [(&'static str, f64); 6] {
    [
        ("test", side.test),
        ("held_out", side.held_out),
        ("wider", side.wider),
        ("more_bodies", side.more_bodies),
        ("rollout", side.rollout),
        ("energy_drift", side.energy_drift),
    ]
}

/// Acceleration along the direction to the other body over its distance, all attributes of both set to 1: by network, law
/// and truth where it is declared. The network is asked within real configurations.
fn profile(
    law: &Law,
    trained: &Trained,
    material: &Material,
    system: Option<&SystemPlan>,
    seed: Seed,
) -> Option<Sheet> {
    let Material { data, parts, arena } = *material;
    let shown = parts.shown();
    // What was learned has units of its own: bodies of 1 are not the same for all.
    if data.particles < 2 || shown.is_empty() || !law.learned.is_empty() {
        return None;
    }
    let mut stream = seed.child("profile").stream();
    let mut snapshots = data.snapshots(&thinned(shown, PROFILE));
    let edges: Vec<Edge> = (0..snapshots.count).map(|at| (at, 0, 1)).collect();
    let found = PairLaw::distilled(law, arena, data.space);
    let mut seen: Vec<f64> = edges.iter().map(|&(at, i, j)| found.distance(&snapshots, at, i, j)).collect();
    seen.sort_by(f64::total_cmp);
    let (near, far) = (seen[seen.len() / 100], seen[seen.len() - 1 - seen.len() / 100]);
    let (space, bodies) = (data.space, data.particles);
    let mut directions = vec![];
    for at in 0..snapshots.count {
        let distance = near + (far - near) * at as f64 / (snapshots.count - 1).max(1) as f64;
        let drawn: Vec<f64> = (0..space).map(|_| stream.normal()).collect();
        let length = drawn.iter().map(|x| x * x).sum::<f64>().sqrt();
        for (k, component) in drawn.iter().enumerate() {
            let place = at * bodies * space + k;
            snapshots.position[place + space] = snapshots.position[place] + distance * component / length;
        }
        directions.push(drawn.iter().map(|x| x / length).collect::<Vec<f64>>());
        snapshots.attribute[at * bodies * snapshots.attributes..][..2 * snapshots.attributes].fill(1.0);
    }
    let along = |vectors: Vec<f64>| -> Vec<f64> {
        let rows = vectors.chunks(space).zip(&directions);
        rows.map(|(vector, direction)| vector.iter().zip(direction).map(|(v, d)| v * d).sum()).collect()
    };
    let pairs: Vec<(usize, usize)> = edges.iter().map(|_| (0, 1)).collect();
    let mut columns = vec![
        ("distance", edges.iter().map(|&(at, i, j)| found.distance(&snapshots, at, i, j)).collect()),
        ("network", along(odd_contributions(trained, arena, &snapshots, &pairs))),
        ("law", along(found.accelerations(&snapshots, &edges))),
    ];
    columns.extend(system.map(|system| {
        let truth = PairLaw::declared(system);
        ("truth", along(truth.accelerations(&snapshots, &edges)))
    }));
    Some(Sheet::new("profile", columns))
}

/// The mean absolute error of predicting zero.
fn zero(data: &Trajectories, rows: &[usize]) -> f64 {
    let truth = data.snapshots(&thinned(rows, SCORED)).acceleration;
    truth.iter().map(|value| value.abs()).sum::<f64>() / (truth.len() / data.space.max(1)) as f64
}

fn history(trained: &Trained) -> Sheet {
    let epochs = &trained.facts.history;
    Sheet::new(
        "history",
        vec![
            ("epoch", (1..=epochs.len()).map(|epoch| epoch as f64).collect()),
            ("train", epochs.iter().map(|epoch| epoch.train).collect()),
            ("penalty", epochs.iter().map(|epoch| epoch.penalty).collect()),
            ("validation", epochs.iter().map(|epoch| epoch.validation).collect()),
            ("active", epochs.iter().map(|epoch| epoch.active as f64).collect()),
        ],
    )
}

/// What one body does to another by the network, against the truth, on drawn pairs that act on each other.
fn contributions(
    trained: &Trained,
    (data, seen): (&Trajectories, &Trajectories),
    rows: &[usize],
    truth: &PairLaw,
    seed: Seed,
    results: &mut Results,
) -> Sheet {
    let mut stream = seed.child("pairs").stream();
    let mut configurations = vec![];
    let mut pairs = vec![];
    for _ in 0..QUERIED {
        let index = rows[stream.below(rows.len())];
        let receiver = stream.below(data.particles);
        let senders = truth.arena.senders(&data.snapshots(&[index]), 0, receiver);
        if !senders.is_empty() {
            configurations.push(index);
            pairs.push((receiver, senders[stream.below(senders.len())]));
        }
    }
    let snapshots = data.snapshots(&configurations);
    let network = odd_contributions(trained, &truth.arena, &seen.snapshots(&configurations), &pairs);
    let asked: Vec<Edge> = pairs.iter().enumerate().map(|(at, &(i, j))| (at, i, j)).collect();
    let exact = truth.accelerations(&snapshots, &asked);
    r2("contributions.r2", &exact, &network, data.space, results);
    let distance = asked.iter().map(|&(at, i, j)| truth.distance(&snapshots, at, i, j)).collect();
    let mut sheet = vectors("contributions", data.space, &[("true", &exact), ("network", &network)]);
    sheet.columns.insert(0, Column { name: "distance".into(), values: distance });
    sheet
}

/// How linear the leading messages are in the true force and in the true acceleration of their pair.
fn messages(trained: &Trained, (snapshots, seen): (&Snapshots, &Snapshots), truth: &PairLaw, results: &mut Results) {
    let found = trained.messages(seen);
    let edges: Vec<Edge> = (0..found.sender.len())
        .map(|edge| (found.snapshot[edge] as usize, found.receiver[edge] as usize, found.sender[edge] as usize))
        .collect();
    if edges.is_empty() {
        return;
    }
    let space = snapshots.space;
    let mut leading: Vec<usize> = (0..found.width).collect();
    let variance = &trained.facts.message_variance;
    leading.sort_by(|&a, &b| variance[b].total_cmp(&variance[a]).then(a.cmp(&b)));
    leading.truncate(space);
    let columns: Vec<Vec<f64>> = leading
        .iter()
        .map(|&component| {
            standard(found.values.iter().skip(component).step_by(found.width).map(|&v| v.into()).collect())
        })
        .collect();
    let acceleration = truth.accelerations(snapshots, &edges);
    let force: Vec<f64> = acceleration
        .iter()
        .enumerate()
        .map(|(index, value)| value * truth.mass(snapshots, edges[index / space]))
        .collect();
    affine_r2("messages.r2_force", &force, space, &columns, results);
    affine_r2("messages.r2_acceleration", &acceleration, space, &columns, results);
}

/// Values less their mean, over their deviation.
pub fn standard(values: Vec<f64>) -> Vec<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    values.into_iter().map(|value| (value - mean) / if deviation > 0.0 { deviation } else { 1.0 }).collect()
}

/// A table of vectors by component, thinned to what a run folder keeps.
fn vectors(name: &str, space: usize, of: &[(&str, &[f64])]) -> Sheet {
    let mut sheet = Sheet { name: name.into(), columns: vec![] };
    for (what, values) in of {
        for (k, component) in COMPONENTS.iter().enumerate().take(space) {
            let name = format!("{what}.{component}");
            sheet.columns.push(Column { name, values: thin(values, space, k) });
        }
    }
    sheet
}

/// Column `k` of row-major values, evenly thinned.
fn thin(values: &[f64], width: usize, k: usize) -> Vec<f64> {
    let rows = values.len() / width.max(1);
    let kept = rows.min(SHOWN);
    (0..kept).map(|row| values[row * rows / kept * width + k]).collect()
}
