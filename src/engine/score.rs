//! How far predictions are from the truth.
//!
//! Rows are vectors. The mean absolute error sums components and averages rows (the paper's loss). R² pools components:
//! 1 − Σ|error|² / Σ|truth − mean|². Close encounters dominate squares, so each R² also comes with the rows of largest
//! error left out: 1 % of them (`_trimmed`), and 10 % as the paper's code does (`_paper`).

use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// Shares of rows that are left out, with the ending of the name.
const TRIMS: [(&str, f64); 3] = [("", 0.0), ("_trimmed", 0.01), ("_paper", 0.1)];

/// Rounds of refitting on the rows that a trimmed fit keeps.
const ROUNDS: usize = 20;

/// Adds `path.mae` and `path.r2` with its trimmed forms; `truth` and `predicted` are row-major, [rows, width].
pub fn score(path: &str, truth: &[f64], predicted: &[f64], width: usize, results: &mut BTreeMap<String, f64>) {
    let rows = (truth.len() / width.max(1)) as f64;
    let total: f64 = truth.iter().zip(predicted).map(|(t, p)| (t - p).abs()).sum();
    results.insert(format!("{path}.mae"), total / rows);
    r2(&format!("{path}.r2"), truth, predicted, width, results);
}

/// Adds R² under `path` and its trimmed forms under `path_trimmed` and `path_paper`.
pub fn r2(path: &str, truth: &[f64], predicted: &[f64], width: usize, results: &mut BTreeMap<String, f64>) {
    let errors = row_errors(truth, predicted, width);
    let order = ascending(&errors);
    for (ending, share) in TRIMS {
        let kept = &order[..kept(order.len(), share)];
        results.insert(format!("{path}{ending}"), explained(truth, &errors, width, kept));
    }
}

/// How well each message is an affine function of the true vectors, the paper's way: least squares of each of `messages`
/// (columns over rows) on the components of `truth` ([rows, width]), R² averaged over messages. Trimmed forms refit on the
/// rows they keep until those stay the same. Messages are standardised first, so none outweighs the others.
pub fn affine_r2(path: &str, truth: &[f64], width: usize, messages: &[Vec<f64>], results: &mut BTreeMap<String, f64>) {
    for (ending, share) in TRIMS {
        let fit = |message: &Vec<f64>| affine_fit(truth, width, message, share).map_or(f64::NAN, |fit| fit.r2);
        let each: Vec<f64> = messages.iter().map(fit).collect();
        results.insert(format!("{path}{ending}"), each.iter().sum::<f64>() / each.len() as f64);
    }
}

/// An affine function of the true vectors that fits a message.
pub struct AffineFit {
    /// Its values at all rows.
    pub values: Vec<f64>,
    /// The share of the variance that it explains of the rows that it was fitted on.
    pub r2: f64,
}

/// The affine function of `truth` ([rows, width]) nearest to `message`, refitted until the rows left out (a `share` of
/// them, those of largest error) stay the same; `None` where no fit exists.
pub fn affine_fit(truth: &[f64], width: usize, message: &[f64], share: f64) -> Option<AffineFit> {
    let rows = message.len();
    let mut used: Vec<usize> = (0..rows).collect();
    let mut fit = None;
    for _ in 0..ROUNDS {
        let values = least_squares(truth, width, message, &used)?;
        let errors = row_errors(message, &values, 1);
        let order = ascending(&errors);
        let mut next = order[..kept(rows, share)].to_vec();
        fit = Some(AffineFit { r2: explained(message, &errors, 1, &next), values });
        next.sort_unstable();
        if next == used {
            break;
        }
        used = next;
    }
    fit
}

/// The values at all rows of the affine function that fits `used` rows best; `None` where no fit exists.
fn least_squares(truth: &[f64], width: usize, message: &[f64], used: &[usize]) -> Option<Vec<f64>> {
    let design = |row: usize, column: usize| if column < width { truth[row * width + column] } else { 1.0 };
    // Columns of one size keep the normal equations sound whatever the units.
    let scales: Vec<f64> = (0..=width)
        .map(|column| used.iter().map(|&row| design(row, column).powi(2)).sum::<f64>().sqrt())
        .map(|size| if size > 0.0 { size } else { 1.0 })
        .collect();
    let scaled = |row: usize, column: usize| design(row, column) / scales[column];
    let gram: DMatrix<f64> = DMatrix::from_fn(width + 1, width + 1, |a, b| {
        used.iter().map(|&row| scaled(row, a) * scaled(row, b)).sum::<f64>()
    });
    let right: DMatrix<f64> =
        DMatrix::from_fn(width + 1, 1, |a, _| used.iter().map(|&row| scaled(row, a) * message[row]).sum::<f64>());
    let solution = gram.svd(true, true).solve(&right, 1e-12).ok()?;
    let value = |row| (0..=width).map(|column| scaled(row, column) * solution[column]).sum::<f64>();
    Some((0..message.len()).map(value).collect())
}

fn row_errors(truth: &[f64], predicted: &[f64], width: usize) -> Vec<f64> {
    let rows = truth.chunks_exact(width.max(1)).zip(predicted.chunks_exact(width.max(1)));
    rows.map(|(t, p)| t.iter().zip(p).map(|(t, p)| (t - p) * (t - p)).sum()).collect()
}

/// Rows by rising error, NaN last.
fn ascending(errors: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..errors.len()).collect();
    order.sort_by(|&a, &b| errors[a].total_cmp(&errors[b]).then(a.cmp(&b)));
    order
}

fn kept(rows: usize, share: f64) -> usize {
    rows - (rows as f64 * share) as usize
}

fn explained(truth: &[f64], errors: &[f64], width: usize, rows: &[usize]) -> f64 {
    let mut spread = 0.0;
    for k in 0..width {
        let values = || rows.iter().map(|&row| truth[row * width + k]);
        let mean = values().sum::<f64>() / rows.len() as f64;
        spread += values().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    }
    1.0 - rows.iter().map(|&row| errors[row]).sum::<f64>() / spread
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    fn normals(count: usize) -> Vec<f64> {
        let mut stream = Seed::root(1).stream();
        (0..count).map(|_| stream.normal()).collect()
    }

    #[test]
    fn trimming_leaves_out_the_worst_rows() {
        let truth = normals(2000);
        let mut predicted = truth.clone();
        for row in 0..20 {
            predicted[row * 100] += 100.0;
        }
        let mut results = BTreeMap::new();
        score("test", &truth, &predicted, 2, &mut results);
        assert!((results["test.mae"] - 2.0).abs() < 1e-9);
        assert!(
            results["test.r2"] < -50.0 && results["test.r2_trimmed"] < -10.0 && results["test.r2_paper"] == 1.0,
            "{results:?}"
        );
        score("none", &[], &[], 2, &mut results);
        assert!(results["none.mae"].is_nan() && results["none.r2"].is_nan());
    }

    #[test]
    fn messages_that_are_linear_in_the_force_are_found_so() {
        let truth = normals(3000);
        let noise = normals(1000);
        let linear: Vec<f64> = truth.chunks(2).map(|f| 3.0 * f[0] - f[1] + 0.5).take(1000).collect();
        let mut spoilt = linear.clone();
        for row in 0..50 {
            spoilt[row * 20] = 1e4;
        }
        let truth = &truth[..2000];
        let mut results = BTreeMap::new();
        affine_r2("linear", truth, 2, std::slice::from_ref(&linear), &mut results);
        affine_r2("spoilt", truth, 2, &[spoilt], &mut results);
        affine_r2("square", truth, 2, &[noise.iter().map(|x| x * x).collect()], &mut results);
        assert!(results["linear"] > 1.0 - 1e-9);
        assert!(results["spoilt"] < 0.1 && results["spoilt_paper"] > 1.0 - 1e-9, "{results:?}");
        assert!(results["square"] < 0.1);
    }
}
