//! The rows a search works on, and the loss of a column of values on them, plain or after the best affine map.

use super::front::{SearchError, Table};
use super::levenberg::{Norm, mean_loss};
use super::sums::{dot, moments};
use crate::base::{Name, Stream};
use crate::plan::SearchLoss;

/// Quotient of the largest and least size above which a target spans orders of magnitude.
const ORDERS: f64 = 100.0;

/// Rows with finite values and positive weights.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Input columns.
    pub columns: Vec<Vec<f64>>,
    /// The target.
    pub target: Vec<f64>,
    /// Positive weights of mean 1; for relative losses with the target's size in them.
    pub weights: Vec<f64>,
    /// What is minimised.
    pub norm: Norm,
    /// Loss of the best constant; positive.
    pub baseline: f64,
    /// Loss that noise or the precision of numbers leaves of the true formula.
    pub floor: f64,
    /// Loss below which a fit counts as exact to machine precision.
    pub exact: f64,
    /// Sum of weights, weighted mean of the target, weighted squares about it.
    totals: [f64; 3],
    /// Weighted target less its mean.
    centred: Vec<f64>,
    /// Logarithms of the target's size, under a loss of logarithms.
    logs: Vec<f64>,
    /// What a loss here is worth in the units of the loss that was asked for: not 1 for relative losses, whose row
    /// weights are scaled to mean 1.
    pub unit: f64,
}

/// An affine map and the loss that is left after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine {
    /// Factor.
    pub scale: f64,
    /// Summand.
    pub shift: f64,
    /// Loss after the map.
    pub loss: f64,
}

/// Which parts of an affine map formulas can express.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Freedom {
    /// A factor.
    pub scale: bool,
    /// A summand.
    pub shift: bool,
}

impl Sample {
    fn empty(norm: Norm) -> Sample {
        Sample {
            columns: vec![],
            target: vec![],
            weights: vec![],
            norm,
            baseline: 0.0,
            floor: 0.0,
            exact: 0.0,
            totals: [0.0; 3],
            centred: vec![],
            logs: vec![],
            unit: 1.0,
        }
    }

    /// The root of what a unit square error of the target is worth in a row; to first order under a loss of logarithms.
    pub fn root(&self, row: usize) -> f64 {
        let size = if self.norm == Norm::Logs { 1.0 / self.target[row].abs() } else { 1.0 };
        self.weights[row].sqrt() * size
    }

    /// The usable rows of a table. Rows with a value that is not finite, or with weight 0, are left out.
    pub fn new(table: &Table, loss: SearchLoss) -> Result<Sample, SearchError> {
        let rows = table.target.len();
        let check = |column: &Name, found: usize| match found == rows {
            true => Ok(()),
            false => Err(SearchError::Shape { column: column.clone(), found, expected: rows }),
        };
        if table.inputs.len() != table.columns.len() {
            let (found, expected) = (table.columns.len(), table.inputs.len());
            return Err(SearchError::Shape { column: "inputs".into(), found, expected });
        }
        for (name, column) in table.inputs.iter().zip(&table.columns) {
            check(name, column.len())?;
        }
        if !table.weights.is_empty() {
            check(&"weights".into(), table.weights.len())?;
            if let Some(row) = table.weights.iter().position(|w| !(*w >= 0.0 && w.is_finite())) {
                return Err(SearchError::Weight { row });
            }
        }
        let weight = |row: usize| if table.weights.is_empty() { 1.0 } else { table.weights[row] };
        // Squares of values beyond these overflow or vanish.
        let logs = loss == SearchLoss::Log;
        let finite = |value: f64| value.is_finite() && (logs || value.abs() < 1e150);
        let usable = |row: &usize| {
            weight(*row) > 0.0 && finite(table.target[*row]) && table.columns.iter().all(|column| finite(column[*row]))
        };
        let kept: Vec<usize> = (0..rows).filter(usable).collect();
        if kept.is_empty() {
            return Err(SearchError::NoRows { rows });
        }
        let pick = |column: &Vec<f64>| kept.iter().map(|row| column[*row]).collect::<Vec<f64>>();
        let target = pick(&table.target);
        if logs && !of_one_sign(&target) {
            return Err(SearchError::Signs);
        }
        let mut weights: Vec<f64> = kept.iter().map(|row| weight(*row)).collect();
        let noise = if table.noise.is_finite() { table.noise.max(0.0) } else { 0.0 };
        if loss == SearchLoss::Relative {
            // A target near zero has no relative error: sizes are bounded below by the noise and by 1 % of the
            // median; one that is zero almost everywhere by 1 % of the largest.
            let mut sizes: Vec<f64> = target.iter().map(|y| y.abs()).collect();
            sizes.sort_by(f64::total_cmp);
            let bound = [noise.max(0.01 * sizes[sizes.len() / 2]), 0.01 * sizes[sizes.len() - 1]];
            let least = bound.into_iter().find(|size| *size > 1e-150).unwrap_or(1.0);
            weights.iter_mut().zip(&target).for_each(|(w, y)| *w /= y * y + least * least);
        }
        let mean = |weights: &[f64]| weights.iter().sum::<f64>() / weights.len() as f64;
        let (given, now) = (kept.iter().map(|row| weight(*row)).collect::<Vec<f64>>(), mean(&weights));
        let unit = now / mean(&given);
        weights.iter_mut().for_each(|w| *w /= now);
        let norm = match loss {
            SearchLoss::Mae => Norm::Absolute,
            SearchLoss::Log => Norm::Logs,
            SearchLoss::Mse | SearchLoss::Relative => Norm::Squares,
        };
        let columns = table.columns.iter().map(pick).collect();
        let mut sample = Sample { columns, target, weights, unit, ..Sample::empty(norm) };
        sample.set_totals();
        sample.set_scales(noise);
        Ok(sample)
    }

    fn set_totals(&mut self) {
        if self.norm == Norm::Logs {
            self.logs = self.target.iter().map(|y| libm::log(y.abs())).collect();
            return;
        }
        let all: f64 = self.weights.iter().sum();
        let mean = dot(&self.target, &self.weights) / all;
        self.centred = self.target.iter().zip(&self.weights).map(|(y, w)| (y - mean) * w).collect();
        let squares = self.target.iter().zip(&self.centred).map(|(y, wy)| (y - mean) * wy).sum();
        self.totals = [all, mean, squares];
    }

    fn set_scales(&mut self, noise: f64) {
        let best = self.constant();
        if self.norm == Norm::Logs {
            // Relative deviations: noise is compared with the median size.
            let mut sizes: Vec<f64> = self.target.iter().map(|y| y.abs()).collect();
            sizes.sort_by(f64::total_cmp);
            self.baseline = if best.loss > 0.0 { best.loss } else { 1.0 };
            self.exact = 1e-22;
            self.floor = (noise / sizes[sizes.len() / 2]).powi(2).max(1e-20);
            return;
        }
        let size = mean_loss(&self.target, &self.weights, self.norm);
        self.baseline = [best.loss, size].into_iter().find(|loss| *loss > 0.0).unwrap_or(1.0);
        let of = |deviation: f64| match self.norm {
            Norm::Squares | Norm::Logs => deviation * deviation,
            // The mean absolute value of a normal number.
            Norm::Absolute => deviation * (2.0 / std::f64::consts::PI).sqrt(),
        };
        // Rounding in a formula's sums grows with the target's size, spread or not.
        let size = size.max(f64::MIN_POSITIVE);
        let rms = if self.norm == Norm::Squares { size.sqrt() } else { size };
        self.exact = of(1e-11 * rms);
        self.floor = of(noise).max(of(1e-10 * rms));
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.target.len()
    }

    /// A random subset of at most `rows` rows, in their order, with the scales of the whole.
    pub fn subset(&self, rows: usize, stream: &mut Stream) -> Sample {
        if rows >= self.rows() {
            return self.clone();
        }
        let mut order: Vec<usize> = (0..self.rows()).collect();
        stream.shuffle(&mut order);
        order.truncate(rows);
        order.sort_unstable();
        let pick = |column: &Vec<f64>| order.iter().map(|row| column[*row]).collect::<Vec<f64>>();
        let mut subset = Sample {
            columns: self.columns.iter().map(pick).collect(),
            target: pick(&self.target),
            weights: pick(&self.weights),
            centred: vec![],
            logs: vec![],
            ..*self
        };
        subset.set_totals();
        subset
    }

    /// The same rows over other columns, the target divided by a factor; rows keep what their errors are worth in the
    /// target. `None` where a value is not finite.
    pub fn divided(&self, columns: Vec<Vec<f64>>, factor: Option<&[f64]>) -> Option<Sample> {
        let at = |row: usize| factor.map_or(1.0, |factor| factor[row]);
        let mut out = Sample { columns, ..self.clone() };
        let mut mean = 0.0;
        for row in 0..self.rows() {
            let size = at(row).abs();
            out.target[row] /= at(row);
            out.weights[row] *= match self.norm {
                Norm::Squares => size * size,
                Norm::Absolute => size,
                Norm::Logs => 1.0,
            };
            mean += out.weights[row] / self.rows() as f64;
        }
        out.weights.iter_mut().for_each(|weight| *weight /= mean);
        (out.floor, out.exact) = (self.floor / mean, self.exact / mean);
        let usable = |values: &[f64]| values.iter().all(|value| value.is_finite() && value.abs() < 1e150);
        if self.norm == Norm::Logs && !of_one_sign(&out.target) {
            return None;
        }
        if !usable(&out.target) || !usable(&out.weights) || !out.columns.iter().all(|column| usable(column)) {
            return None;
        }
        out.set_totals();
        let best = out.constant();
        out.baseline = if best.loss > 0.0 { best.loss } else { 1.0 };
        Some(out)
    }

    /// The columns as slices.
    pub fn slices(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    /// The best affine map of `values` to the target within `freedom`. Under absolute deviations by three
    /// reweightings: close enough to rank. An infinite loss where a value is not finite.
    pub fn affine(&self, values: &[f64], freedom: Freedom) -> Affine {
        if self.norm == Norm::Logs {
            return self.factor(values, freedom);
        }
        let first = match freedom.shift {
            true => {
                let [all, mean_y, yy] = self.totals;
                let mean_f = dot(values, &self.weights) / all;
                solve(moments(values, mean_f, &self.centred, &self.weights), mean_f, mean_y, yy, all, freedom)
            }
            false => least_squares(values, &self.target, &self.weights, freedom),
        };
        if self.norm == Norm::Squares || !first.loss.is_finite() {
            return first;
        }
        let mut best = Affine { loss: self.absolute(values, first), ..first };
        let mut weights = self.weights.clone();
        let mut current = best;
        for _ in 0..3 {
            let least = 1e-3 * current.loss + f64::MIN_POSITIVE;
            for (i, w) in weights.iter_mut().enumerate() {
                let residual = current.scale * values[i] + current.shift - self.target[i];
                *w = self.weights[i] / residual.abs().max(least);
            }
            current = least_squares(values, &self.target, &weights, freedom);
            current.loss = self.absolute(values, current);
            if current.loss < best.loss {
                best = current;
            }
        }
        best
    }

    /// The best constant.
    fn constant(&self) -> Affine {
        match self.norm {
            Norm::Logs => self.factor(&vec![1.0; self.rows()], Freedom { scale: true, shift: false }),
            _ => self.affine(&vec![0.0; self.rows()], Freedom { scale: false, shift: true }),
        }
    }

    /// The best factor under a loss of logarithms, where it is a shift.
    fn factor(&self, values: &[f64], freedom: Freedom) -> Affine {
        let none = Affine { scale: 1.0, shift: 0.0, loss: f64::INFINITY };
        let sign = (values[0] * self.target[0].signum()).signum();
        let mut differences = Vec::with_capacity(values.len());
        for (value, (log, target)) in values.iter().zip(self.logs.iter().zip(&self.target)) {
            let size = value * sign * target.signum();
            if !(size > 0.0 && size < f64::INFINITY) {
                return none;
            }
            differences.push(log - libm::log(size));
        }
        let all: f64 = self.weights.iter().sum();
        let mean = if freedom.scale { dot(&differences, &self.weights) / all } else { 0.0 };
        let squares: f64 = differences.iter().zip(&self.weights).map(|(d, w)| w * (d - mean) * (d - mean)).sum();
        let scale = if freedom.scale { sign * libm::exp(mean) } else { 1.0 };
        let wrong = !freedom.scale && sign < 0.0;
        if wrong || !scale.is_finite() || scale == 0.0 { none } else { Affine { scale, loss: squares / all, ..none } }
    }

    fn absolute(&self, values: &[f64], map: Affine) -> f64 {
        let sum: f64 = (0..values.len())
            .map(|i| self.weights[i] * (map.scale * values[i] + map.shift - self.target[i]).abs())
            .sum();
        sum / self.weights.iter().sum::<f64>()
    }
}

/// The loss for a target of which nothing else is known: of logarithms where it is of one sign and spans orders of
/// magnitude, since one error then stands for all sizes, and the mean squared error elsewhere.
pub fn suited_loss(target: &[f64]) -> SearchLoss {
    let finite: Vec<f64> = target.iter().copied().filter(|y| y.is_finite()).collect();
    let sizes = finite.iter().map(|y| y.abs());
    let (least, most) = sizes.fold((f64::INFINITY, 0.0), |(a, b): (f64, f64), y| (a.min(y), b.max(y)));
    if of_one_sign(&finite) && most > ORDERS * least { SearchLoss::Log } else { SearchLoss::Mse }
}

/// Whether all values are positive, or all negative.
pub(crate) fn of_one_sign(values: &[f64]) -> bool {
    values.iter().all(|y| *y > 0.0) || values.iter().all(|y| *y < 0.0)
}

/// The best affine map by weighted least squares, with the mean square that is left.
fn least_squares(values: &[f64], target: &[f64], weights: &[f64], freedom: Freedom) -> Affine {
    let all: f64 = weights.iter().sum();
    let (mean_f, mean_y) =
        if freedom.shift { (dot(values, weights) / all, dot(target, weights) / all) } else { (0.0, 0.0) };
    let centred: Vec<f64> = target.iter().zip(weights).map(|(y, w)| (y - mean_y) * w).collect();
    let squares = target.iter().zip(&centred).map(|(y, wy)| (y - mean_y) * wy).sum();
    solve(moments(values, mean_f, &centred, weights), mean_f, mean_y, squares, all, freedom)
}

/// The map from its sums: [Σ w·df², Σ w·df·dy] and Σ w·dy².
fn solve([ff, fy]: [f64; 2], mean_f: f64, mean_y: f64, yy: f64, all: f64, freedom: Freedom) -> Affine {
    let scale = match (freedom.scale, ff > 0.0) {
        (true, true) => fy / ff,
        (true, false) => 0.0,
        (false, _) => 1.0,
    };
    let loss = (yy - 2.0 * scale * fy + scale * scale * ff) / all;
    if loss.is_finite() && scale.is_finite() && ff.is_finite() {
        // Rounding may leave less than nothing; NaN must not become nothing.
        Affine { scale, shift: mean_y - scale * mean_f, loss: loss.max(0.0) }
    } else {
        Affine { scale: 1.0, shift: 0.0, loss: f64::INFINITY }
    }
}
