//! What is measured of data and networks beside the truth. The truth enters scores only, never training or search.

use super::record::Sheet;
use super::score::{affine_r2, r2, score};
use crate::base::Seed;
use crate::network::Trained;
use crate::plan::symbols::COMPONENTS;
use crate::simulate::{Accelerations, Snapshots, Trajectories};
use std::collections::BTreeMap;

/// Snapshots on which predictions are scored; more are thinned evenly.
const SCORED: usize = 20_000;
/// Snapshots predicted at a time.
const SLICE: usize = 4_096;
/// Snapshots in which contributions and messages are measured.
const QUERIED: usize = 2_000;
/// Pairs of each of them whose contributions are measured.
const PAIRS: usize = 12;
/// Rows that the tables of the run folder keep.
const SHOWN: usize = 5_000;

/// Numbers by name.
pub type Results = BTreeMap<String, f64>;

/// How much there is, and how well it conserves energy.
pub fn measure_data(data: &Trajectories) -> Results {
    let mut drift = data.drift.clone();
    drift.sort_by(f64::total_cmp);
    let at = |index: Option<usize>| index.and_then(|index| drift.get(index)).copied().unwrap_or(f64::NAN);
    Results::from([
        ("runs".into(), data.runs as f64),
        ("snapshots".into(), data.len() as f64),
        ("drift.median".into(), at(Some(drift.len() / 2))),
        ("drift.worst".into(), at(drift.len().checked_sub(1))),
    ])
}

/// Snapshot numbers of these runs, at most `count`, evenly thinned.
pub fn rows(data: &Trajectories, runs: &[usize], count: usize) -> Vec<usize> {
    let times = data.times.len();
    let all: Vec<usize> = runs.iter().flat_map(|run| run * times..(run + 1) * times).collect();
    let kept = all.len().min(count);
    (0..kept).map(|k| all[k * all.len() / kept]).collect()
}

/// Scores accelerations predicted by anything on some runs; adds `path.mae` and `path.r2`. Gives a table of what was
/// predicted.
pub fn score_predictions(
    path: &str,
    data: &Trajectories,
    runs: &[usize],
    predict: &mut dyn FnMut(&Snapshots) -> Vec<f64>,
    results: &mut Results,
) -> Sheet {
    let rows = rows(data, runs, SCORED);
    let (mut truth, mut predicted) = (vec![], vec![]);
    for slice in rows.chunks(SLICE) {
        let snapshots = data.snapshots(slice);
        predicted.extend(predict(&snapshots));
        truth.extend(snapshots.acceleration);
    }
    score(path, &truth, &predicted, data.space, results);
    vectors("predictions", data.space, &[("true", &truth), ("predicted", &predicted)])
}

/// Scores and tables of a trained network. `runs` are those trained on, watched and tested; `law` is the truth where there
/// is one.
pub fn measure_network(
    trained: &Trained,
    data: &Trajectories,
    runs: &[Vec<usize>; 3],
    law: Option<&Accelerations>,
    seed: Seed,
) -> (Results, Vec<Sheet>) {
    let mut results = Results::new();
    let mut sheets = vec![history(trained)];
    for (path, runs) in ["train", "validation", "test"].iter().zip(runs) {
        if !runs.is_empty() {
            let sheet = score_predictions(path, data, runs, &mut |s| trained.predict(s), &mut results);
            if *path == "test" {
                sheets.push(sheet);
            }
        }
    }
    results.insert("test.zero".into(), zero(data, &runs[2]));
    results.insert("parameters".into(), trained.parameter_count() as f64);
    results.insert("messages.carrying".into(), trained.components_carrying(0.99) as f64);
    let asked = if runs[2].is_empty() { &runs[0] } else { &runs[2] };
    if let Some(law) = law
        && !asked.is_empty()
        && data.particles > 1
    {
        let snapshots = data.snapshots(&rows(data, asked, QUERIED));
        sheets.push(contributions(trained, data, &snapshots, law, seed, &mut results));
        messages(trained, data, &snapshots, law, &mut results);
    }
    (results, sheets)
}

/// The mean absolute error of predicting zero.
fn zero(data: &Trajectories, runs: &[usize]) -> f64 {
    let truth = data.snapshots(&rows(data, runs, SCORED)).acceleration;
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

/// What one body does to another by the network, against the truth.
fn contributions(
    trained: &Trained,
    data: &Trajectories,
    snapshots: &Snapshots,
    law: &Accelerations,
    seed: Seed,
    results: &mut Results,
) -> Sheet {
    let mut pairs: Vec<(usize, usize)> =
        (0..data.particles).flat_map(|i| (0..data.particles).map(move |j| (i, j))).filter(|(i, j)| i != j).collect();
    pairs.sort_by_key(|(i, j)| i.abs_diff(*j));
    if pairs.len() > PAIRS {
        // Some pairs of each distance by index, so that chains have linked ones among them.
        let neighbours = pairs.len().min(PAIRS / 2);
        seed.child("pairs").stream().shuffle(&mut pairs[neighbours..]);
        pairs.truncate(PAIRS);
    }
    let space = data.space;
    let found = trained.contributions(snapshots, &pairs);
    let asked: Vec<(usize, usize, usize)> =
        (0..snapshots.count).flat_map(|at| pairs.iter().map(move |&(i, j)| (at, i, j))).collect();
    let linked: Vec<usize> = (0..asked.len())
        .filter(|&row| data.particles == 2 || found[row * space..][..space].iter().any(|value| *value != 0.0))
        .collect();
    let asked: Vec<_> = linked.iter().map(|&row| asked[row]).collect();
    let network: Vec<f64> = linked.iter().flat_map(|&row| found[row * space..][..space].iter().copied()).collect();
    let truth = pair_accelerations(law, snapshots, &asked);
    r2("contributions.r2", &truth, &network, space, results);
    let distance: Vec<f64> = asked.iter().map(|&(at, i, j)| distance(snapshots, at, i, j)).collect();
    let mut sheet = vectors("contributions", space, &[("true", &truth), ("network", &network)]);
    sheet.columns.insert(0, crate::engine::Column { name: "distance".into(), values: thin(&distance, 1, 0) });
    sheet
}

/// How linear the leading messages are in the true force and in the true acceleration of their pair.
fn messages(trained: &Trained, data: &Trajectories, snapshots: &Snapshots, law: &Accelerations, results: &mut Results) {
    let found = trained.messages(snapshots);
    let edges: Vec<(usize, usize, usize)> = (0..found.sender.len())
        .map(|edge| (found.snapshot[edge] as usize, found.receiver[edge] as usize, found.sender[edge] as usize))
        .collect();
    if edges.is_empty() {
        return;
    }
    let mut leading: Vec<usize> = (0..found.width).collect();
    let variance = &trained.facts.message_variance;
    leading.sort_by(|&a, &b| variance[b].total_cmp(&variance[a]).then(a.cmp(&b)));
    leading.truncate(data.space);
    let columns: Vec<Vec<f64>> = leading
        .iter()
        .map(|&component| {
            standard(found.values.iter().skip(component).step_by(found.width).map(|&v| v.into()).collect())
        })
        .collect();
    let acceleration = pair_accelerations(law, snapshots, &edges);
    let mass = data.attribute_index("mass");
    let force: Vec<f64> = acceleration
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let (at, i, _) = edges[index / data.space];
            value
                * mass.map_or(1.0, |mass| snapshots.attribute[(at * data.particles + i) * snapshots.attributes + mass])
        })
        .collect();
    affine_r2("messages.r2_force", &force, data.space, &columns, results);
    affine_r2("messages.r2_acceleration", &acceleration, data.space, &columns, results);
}

/// True acceleration of i by j for each (snapshot, i, j): that of the two alone, less that of i alone. Laws that name a
/// body's number or the number of bodies see those of the two.
fn pair_accelerations(law: &Accelerations, snapshots: &Snapshots, asked: &[(usize, usize, usize)]) -> Vec<f64> {
    let both = law.eval(&gather(snapshots, asked, |(_, i, j)| vec![i, j]));
    let alone = law.eval(&gather(snapshots, asked, |(_, i, _)| vec![i]));
    let space = snapshots.space;
    both.chunks(2 * space)
        .zip(alone.chunks(space))
        .flat_map(|(both, alone)| (0..space).map(|k| both[k] - alone[k]))
        .collect()
}

/// Configurations of some bodies of others.
fn gather(
    from: &Snapshots,
    asked: &[(usize, usize, usize)],
    bodies: impl Fn((usize, usize, usize)) -> Vec<usize>,
) -> Snapshots {
    let mut to =
        Snapshots { count: asked.len(), space: from.space, attributes: from.attributes, ..Snapshots::default() };
    for &one in asked {
        let bodies = bodies(one);
        to.particles = bodies.len();
        for body in bodies {
            let row = one.0 * from.particles + body;
            to.position.extend(&from.position[row * from.space..][..from.space]);
            to.velocity.extend(&from.velocity[row * from.space..][..from.space]);
            to.attribute.extend(&from.attribute[row * from.attributes..][..from.attributes]);
        }
    }
    to
}

fn distance(s: &Snapshots, at: usize, i: usize, j: usize) -> f64 {
    let place = |body: usize, k: usize| s.position[(at * s.particles + body) * s.space + k];
    (0..s.space).map(|k| (place(j, k) - place(i, k)).powi(2)).sum::<f64>().sqrt()
}

/// Values less their mean, over their deviation.
fn standard(values: Vec<f64>) -> Vec<f64> {
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
            sheet.columns.push(crate::engine::Column { name, values: thin(values, space, k) });
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
