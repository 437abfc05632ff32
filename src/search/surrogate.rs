//! How well a smooth function of some columns explains a target: the leave-one-out error of Gaussian-process
//! regression with a squared-exponential kernel (Rasmussen and Williams 2006, 5.4.2). It needs no formula, so it can
//! say before any search whether a change of variables keeps what matters.

use super::sums::dot;

/// Length scales tried, in standard deviations of a column times the root of their number.
const LENGTHS: [f64; 3] = [0.7, 1.5, 3.0];
/// Share of the variance that is noise: of exact tables, and of noisy ones.
const NUGGETS: [f64; 3] = [1e-9, 1e-4, 1e-2];
/// Quotient of the largest and least value above which a positive column enters by its logarithm.
const WIDE: f64 = 20.0;
/// The same for a target of one sign.
const MAGNITUDES: f64 = 1e3;

/// The kernel's numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kernel {
    length: f64,
    nugget: f64,
}

impl Kernel {
    /// All kernels there are.
    pub fn all() -> Vec<Kernel> {
        LENGTHS.iter().flat_map(|&length| NUGGETS.map(|nugget| Kernel { length, nugget })).collect()
    }

    /// Those with this one's noise.
    pub fn alike(self) -> Vec<Kernel> {
        LENGTHS.iter().map(|&length| Kernel { length, ..self }).collect()
    }
}

/// The least root mean square of `size · (target − prediction without the row)` over the kernels, and the kernel.
/// Infinite where a value is not finite.
pub(crate) fn explain(columns: &[&[f64]], target: &[f64], size: &[f64], kernels: &[Kernel]) -> (f64, Kernel) {
    let rows = target.len();
    let worst = (f64::INFINITY, kernels[0]);
    let standard: Vec<Vec<f64>> = columns.iter().map(|column| standardised(column)).collect();
    let finite = standard.iter().flatten().chain(target).chain(size).all(|value| value.is_finite());
    if !finite || rows < 8 {
        return worst;
    }
    // A target of one sign that spans many orders of magnitude is smooth in its logarithm.
    let sizes = target.iter().map(|y| y.abs());
    let (least, most) = sizes.fold((f64::INFINITY, 0.0), |(a, b): (f64, f64), y| (a.min(y), b.max(y)));
    let one_sign = target.iter().all(|y| *y > 0.0) || target.iter().all(|y| *y < 0.0);
    let logs: (Vec<f64>, Vec<f64>);
    let (target, size) = match one_sign && most > MAGNITUDES * least {
        true => {
            let error_of = size.iter().zip(target).map(|(size, y)| size * y.abs());
            logs = (target.iter().map(|y| libm::log(y.abs())).collect(), error_of.collect());
            (&logs.0[..], &logs.1[..])
        }
        false => (target, size),
    };
    let mean = target.iter().sum::<f64>() / rows as f64;
    let spread = (target.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / rows as f64).sqrt();
    if spread == 0.0 {
        return (0.0, kernels[0]);
    }
    let centred: Vec<f64> = target.iter().map(|y| (y - mean) / spread).collect();
    let mut squares = vec![0.0; rows * rows];
    for column in &standard {
        for (a, x) in column.iter().enumerate() {
            let line = &mut squares[a * rows..a * rows + a + 1];
            line.iter_mut().zip(column).for_each(|(sum, y)| *sum += (x - y) * (x - y));
        }
    }
    let error = |kernel: &Kernel| {
        let scale = -0.5 / (kernel.length * kernel.length * columns.len().max(1) as f64);
        let mut matrix: Vec<f64> = squares.iter().map(|square| libm::exp(scale * square)).collect();
        (0..rows).for_each(|row| matrix[row * rows + row] += kernel.nugget);
        let Some(left) = left_out(&mut matrix, &centred) else { return f64::INFINITY };
        let sum: f64 = left.iter().zip(size).map(|(error, size)| (size * spread * error).powi(2)).sum();
        (sum / rows as f64).sqrt()
    };
    kernels
        .iter()
        .map(|kernel| (error(kernel), *kernel))
        .fold(worst, |best, next| if next.0 < best.0 { next } else { best })
}

/// What the prediction of each value without its row leaves of it, for a kernel matrix of which the lower half is read
/// and overwritten; `None` where it is not positive.
fn left_out(matrix: &mut [f64], target: &[f64]) -> Option<Vec<f64>> {
    let rows = target.len();
    for i in 0..rows {
        for j in 0..=i {
            let (above, here) = matrix.split_at_mut(i * rows);
            let line = if j < i { &above[j * rows..j * rows + j] } else { &here[..i] };
            let rest = here[j] - dot(&here[..j], line);
            here[j] = match j < i {
                true => rest / above[j * rows + j],
                false if rest > 0.0 => rest.sqrt(),
                false => return None,
            };
        }
    }
    // Columns of the factor's inverse, each in one row.
    let mut inverse = vec![0.0; rows * rows];
    for j in 0..rows {
        let column = &mut inverse[j * rows..(j + 1) * rows];
        column[j] = 1.0 / matrix[j * rows + j];
        for i in j + 1..rows {
            let line = &matrix[i * rows..(i + 1) * rows];
            column[i] = -dot(&line[j..i], &column[j..i]) / line[i];
        }
    }
    // The inverse of the matrix is the sum of the outer products of the inverse factor's rows.
    let mut whitened = vec![0.0; rows];
    for j in 0..rows {
        let column = &inverse[j * rows..(j + 1) * rows];
        whitened[j..].iter_mut().zip(&column[j..]).for_each(|(sum, value)| *sum += value * target[j]);
    }
    let left = (0..rows).map(|j| {
        let column = &inverse[j * rows + j..(j + 1) * rows];
        dot(column, &whitened[j..]) / dot(column, column)
    });
    Some(left.collect())
}

/// A column less its mean, over its deviation; of positive values that differ by factors the logarithm.
fn standardised(column: &[f64]) -> Vec<f64> {
    let (least, most) = column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
    let values: Vec<f64> = match least > 0.0 && most > WIDE * least {
        true => column.iter().map(|x| libm::log(*x)).collect(),
        false => column.to_vec(),
    };
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let spread = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
    values.iter().map(|x| (x - mean) / if spread > 0.0 { spread } else { 1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    #[test]
    fn fewer_columns_explain_better_where_they_are_the_right_ones() {
        let mut stream = Seed::root(3).stream();
        let mut column = |_| (0..120).map(|_| 1.0 + 2.0 * stream.uniform()).collect::<Vec<f64>>();
        let [x, y, z] = [0, 1, 2].map(&mut column);
        let with = |f: &dyn Fn(usize) -> f64| (0..120).map(f).collect::<Vec<f64>>();
        let target = with(&|k| libm::sin(x[k] - y[k]) + 0.0 * z[k]);
        let (difference, ratio) = (with(&|k| x[k] - y[k]), with(&|k| x[k] / y[k]));
        let error = |columns: &[&[f64]]| explain(columns, &target, &vec![1.0; 120], &Kernel::all()).0;
        let [all, two, right, wrong] =
            [error(&[&x, &y, &z]), error(&[&x, &y]), error(&[&difference]), error(&[&ratio])];
        assert!(right < two && two < all && 100.0 * all < wrong, "{right} {two} {all} {wrong}");
        assert_eq!(error(&[&with(&|_| f64::NAN)]), f64::INFINITY);
    }
}
