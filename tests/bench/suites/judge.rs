//! Whether a formula is the law: at fresh points within the range of the data and beyond it, and as an expression.

use super::identity::identical;
use super::problem::{Problem, evaluate};
use sdl::base::Seed;
use sdl::expr::{Equality, Expr, Node, Tape, equal, simplify};
use sdl::search::{FitSettings, Norm, fit_constants};

/// Fresh points within the range, and as many beyond it.
const POINTS: usize = 1_000;
/// Largest relative error of a formula that is the law, its constants fitted in double precision.
const CLOSE: f64 = 1e-6;

/// What the expression says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// Proved equal: by expansion, or by identity modulo a prime (see `identity`), numbers compared to six digits. Where a
    /// root leaves the sign open, it is told by the values.
    Proved,
    /// Neither proved nor refuted.
    Unknown,
    /// Another function.
    Different,
}

/// The judgement.
pub struct Verdict {
    /// Root mean square error relative to the law's, at fresh points within the range of the data.
    pub fit: f64,
    /// The same beyond it: half as wide again.
    pub beyond: f64,
    /// What the expression says.
    pub form: Form,
}

impl Verdict {
    /// The law's structure and constants: free constants of the law may have any value.
    pub fn exact(&self) -> bool {
        self.form != Form::Different && self.fit < CLOSE && self.beyond < CLOSE
    }
}

/// Judges a formula. Free constants of the law are first set to what suits the formula best: exact then means equal
/// structure.
pub fn judge(problem: &Problem, found: &Expr, seed: Seed) -> Verdict {
    let mut stream = seed.stream();
    let mut draw = |reach: f64| -> Vec<Vec<f64>> {
        let mut points = vec![];
        for _ in 0..20 * POINTS {
            let point = (problem.draw)(&mut stream, reach);
            if points.len() < POINTS && problem.value(&point).is_finite() {
                points.push(point);
            }
        }
        points
    };
    let (within, beyond) = (draw(1.0), draw(1.5));
    let Some(truth) = suited(problem, found, &within) else {
        return Verdict { fit: f64::NAN, beyond: f64::NAN, form: Form::Different };
    };
    let error = |points: &[Vec<f64>]| {
        let (mut errors, mut sizes) = (0.0, 0.0);
        for point in points {
            let truth = evaluate(&truth, &problem.inputs, point, &[]);
            errors += (evaluate(found, &problem.inputs, point, &[]) - truth).powi(2);
            sizes += truth * truth;
        }
        (errors / sizes).sqrt()
    };
    let (fit, beyond) = (error(&within), error(&beyond));
    let form = match equal(&rounded(found), &rounded(&truth), 1e-5) {
        Equality::Proved => Form::Proved,
        _ if fit < CLOSE && identical(found, &truth) => Form::Proved,
        _ if fit < CLOSE => Form::Unknown,
        _ => Form::Different,
    };
    Verdict { fit, beyond, form }
}

/// The law with its free constants fitted to the formula's values; `None` where one of them is then nothing, which is
/// another law.
fn suited(problem: &Problem, found: &Expr, points: &[Vec<f64>]) -> Option<Expr> {
    let names: Vec<_> = problem.constants.iter().map(|(name, _)| name.clone()).collect();
    let start: Vec<f64> = problem.constants.iter().map(|(_, value)| *value).collect();
    let mut values = start.clone();
    if !names.is_empty() {
        let tape = Tape::compile(std::slice::from_ref(&problem.truth), &problem.inputs, &names).expect("all are named");
        let columns: Vec<Vec<f64>> =
            (0..problem.inputs.len()).map(|k| points.iter().map(|point| point[k]).collect()).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let target: Vec<f64> = points.iter().map(|point| evaluate(found, &problem.inputs, point, &[])).collect();
        // Relative deviations: of the logarithm where there is one, since squares of small values vanish.
        let one_sign = [1.0, -1.0].iter().any(|sign| target.iter().all(|y| y * sign > 0.0));
        let (norm, weights) = match one_sign {
            true => (Norm::Logs, vec![]),
            false => (Norm::Squares, target.iter().map(|y| 1.0 / (y * y).max(f64::MIN_POSITIVE)).collect()),
        };
        if target.iter().chain(&weights).all(|value| value.is_finite()) {
            let settings = FitSettings { norm, ..FitSettings::default() };
            values = fit_constants(&tape, &columns, &target, &weights, &start, &settings).constants;
            // 0 for a summand, 1 for a factor that is far from it in the data, no end for a scale.
            let gone = |(value, start): (&f64, &f64)| {
                let share = (value / start).abs();
                !(1e-6..1e6).contains(&share) || ((value - 1.0).abs() < 1e-9 && (start - 1.0).abs() > 0.5)
            };
            if values.iter().zip(&start).any(gone) {
                return None;
            }
        }
    }
    let map = names.into_iter().zip(values.into_iter().map(Expr::number)).collect();
    Some(problem.truth.substitute(&map))
}

/// Simplified, numbers to six digits.
fn rounded(expr: &Expr) -> Expr {
    simplify(expr).rebuild(&mut |e| match e.node() {
        Node::Number(value) if value.is_finite() => {
            Expr::number(format!("{value:.5e}").parse().expect("a printed number"))
        }
        _ => e,
    })
}
