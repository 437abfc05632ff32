//! Velocities and accelerations from positions and times: polynomials fitted by least squares to windows of neighbouring
//! times (Savitzky and Golay 1964, here for any times), in orthogonal polynomials of the times (Forsythe 1957).
//!
//! Each body of a run has the window and the degree with the least error. The error of an estimate has two parts: what noise
//! makes of it, by the residuals of its fit, and what the polynomial cannot follow, by how much two degrees more would change
//! it beyond noise. Accelerations are the second slope of positions, or the first of velocities where these are measured,
//! whichever errs less. Where anything is estimated, positions and measured velocities are taken from their fits too: noise
//! averages out.

use super::numbers::{Numbers, Piece};
use super::{SimulateError, Trajectories};
use crate::plan::{Boundary, Measured};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::Range;

/// Fewest times of a window.
pub const FEWEST: usize = 5;
/// Degrees that are tried; a window has at least three times more than the degree.
const DEGREES: [usize; 4] = [2, 3, 5, 7];
/// Degrees above the tried one by which it is judged.
const BEYOND: usize = 2;
/// Most times of a window.
const WIDEST: usize = 401;
/// Snapshots of a run at which windows and degrees are judged.
const JUDGED: usize = 24;
/// Runs whose ends are looked at.
const ENDS: usize = 100;
/// Share of the judged estimates with the largest errors that does not count: close encounters.
const TRIM: f64 = 0.1;
/// A step this many times the middle one ends a window.
const GAP: f64 = 5.0;
/// Snapshots near an end are left out where their error is so many times that of those in the middle.
const WORSE: f64 = 3.0;

/// How something was estimated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// What was estimated.
    pub of: Measured,
    /// What it was estimated from.
    pub from: Measured,
    /// Least and largest degree of the polynomials.
    pub degree: [usize; 2],
    /// Fewest and most times of a window.
    pub window: [usize; 2],
    /// Mean over bodies of the standard error of an estimate, all components together; in base units.
    pub error: f64,
    /// Mean size of the estimates.
    pub size: f64,
}

/// Why nothing can be estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FewTimes {
    /// Most times without a gap that a run has.
    pub most: usize,
}

impl From<FewTimes> for SimulateError {
    fn from(few: FewTimes) -> SimulateError {
        SimulateError::FewTimes { most: few.most, needed: FEWEST }
    }
}

/// Estimates what is not measured. Snapshots without a window, or whose error is much larger since they lie near an end,
/// are left out of every share.
pub fn estimate(data: &mut Trajectories, measured: &BTreeSet<Measured>, boundary: Boundary) -> Result<(), FewTimes> {
    let missing = |of: Measured| !measured.contains(&of);
    if !missing(Measured::Velocity) && !missing(Measured::Acceleration) {
        return Ok(());
    }
    let mut spans: Vec<Vec<Range<usize>>> = (0..data.runs).map(|run| spans(data, run)).collect();
    let longest = spans.iter().flatten().map(Range::len).max().unwrap_or(0);
    if longest < FEWEST {
        return Err(FewTimes { most: longest });
    }
    let series = |of: Measured| Series { data, of, boundary, spans: &spans };
    let position = series(Measured::Position);
    let velocity = measured.contains(&Measured::Velocity).then(|| series(Measured::Velocity));
    let both = || [Some(&position), velocity.as_ref()].into_iter().flatten();
    let best = |of: Measured| {
        let choices = both().filter_map(|series| series.choose(of));
        choices.min_by(|a, b| a.error.total_cmp(&b.error))
    };
    let mut wanted = vec![Measured::Position, Measured::Velocity];
    wanted.extend(missing(Measured::Acceleration).then_some(Measured::Acceleration));
    let choices: Option<Vec<Choice>> = wanted.into_iter().map(best).collect();
    let Some(choices) = choices else { return Err(FewTimes { most: longest }) };
    let made: Vec<Vec<Vec<f64>>> = choices
        .iter()
        .map(|choice| {
            let from = velocity.as_ref().filter(|_| choice.from == Measured::Velocity).unwrap_or(&position);
            (0..data.runs).into_par_iter().map(|run| from.estimates(run, choice)).collect()
        })
        .collect();
    spans.iter_mut().for_each(|spans| spans.retain(|span| span.len() >= FEWEST));
    for (choice, values) in choices.iter().zip(made) {
        let place = match choice.of {
            Measured::Position => &mut data.position,
            Measured::Velocity => &mut data.velocity,
            Measured::Acceleration => &mut data.acceleration,
        };
        let size = place_values(place, values, data.space);
        if missing(choice.of) {
            let shapes = || choice.shapes.iter().flatten().flatten();
            let range = |of: &dyn Fn(&Shape) -> usize| {
                [shapes().map(of).min().unwrap_or(0), shapes().map(of).max().unwrap_or(0)]
            };
            let (degree, window) = (range(&|shape| shape.degree), range(&|shape| shape.window));
            data.fits.push(Fit { of: choice.of, from: choice.from, degree, window, error: choice.error, size });
        }
        leave_out(data, &spans, choice);
    }
    Ok(())
}

/// Stretches of the stored times of a run without gaps, as ranges of times.
fn spans(data: &Trajectories, run: usize) -> Vec<Range<usize>> {
    let times = data.times_of(run);
    let count = times.iter().take_while(|time| !time.is_nan()).count();
    let mut steps: Vec<f64> = times[..count].windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    let usual = steps.get(steps.len() / 2).copied().unwrap_or(0.0);
    let mut out: Vec<Range<usize>> = vec![];
    for time in 0..count {
        match out.last_mut() {
            Some(last) if times[time] - times[time - 1] <= GAP * usual => last.end += 1,
            _ => out.push(time..time + 1),
        }
    }
    out
}

/// Writes values run by run, and gives their mean size over bodies; those without a window do not count.
fn place_values(place: &mut Numbers, values: Vec<Vec<f64>>, space: usize) -> f64 {
    let length = values.first().map_or(0, Vec::len).max(1);
    let (mut sum, mut count) = (0.0, 0usize);
    let pieces: Vec<Piece> = place.pieces(length);
    for (mut piece, values) in pieces.into_iter().zip(values) {
        piece.wide().copy_from_slice(&values);
        piece.settle();
        for vector in values.chunks_exact(space.max(1)).filter(|vector| vector.iter().all(|x| x.is_finite())) {
            sum += vector.iter().map(|x| x * x).sum::<f64>().sqrt();
            count += 1;
        }
    }
    sum / count.max(1) as f64
}

/// Adds to the configurations that are left out those outside of spans and those near the end of one that err much.
fn leave_out(data: &mut Trajectories, spans: &[Vec<Range<usize>>], choice: &Choice) {
    let times = data.times.len();
    let mut out: BTreeSet<usize> = data.left_out.iter().copied().collect();
    for (run, spans) in spans.iter().enumerate() {
        let inside = |time: usize| {
            let span = spans.iter().find(|span| span.contains(&time));
            span.is_some_and(|span| {
                let from_end = (time - span.start).min(span.end - 1 - time);
                choice.edges.get(from_end).is_none_or(|bad| !bad)
            })
        };
        out.extend((0..times).filter(|time| !inside(*time)).map(|time| run * times + time));
    }
    data.left_out = out.into_iter().collect();
}

/// A window, a degree, and the mean error of its estimates.
#[derive(Clone, Copy, Debug)]
struct Shape {
    window: usize,
    degree: usize,
    error: f64,
}

/// How something is estimated from something.
#[derive(Clone, Debug)]
struct Choice {
    of: Measured,
    from: Measured,
    /// By run, then body; none where a run is too short.
    shapes: Vec<Vec<Option<Shape>>>,
    /// Mean error of a vector.
    error: f64,
    /// Whether snapshots so far from an end err much more than others.
    edges: Vec<bool>,
}

/// Which slope of `from` is `of`.
fn slope(of: Measured, from: Measured) -> Option<usize> {
    (of as usize).checked_sub(from as usize)
}

/// A measured vector of all bodies over time.
struct Series<'a> {
    data: &'a Trajectories,
    of: Measured,
    boundary: Boundary,
    spans: &'a [Vec<Range<usize>>],
}

impl Series<'_> {
    /// Components of a configuration.
    fn width(&self) -> usize {
        self.data.particles * self.data.space
    }

    /// The values over a span of a run, [times, width]; positions in a periodic box go on beyond its walls.
    fn values(&self, run: usize, span: &Range<usize>) -> Vec<f64> {
        let (width, times) = (self.width(), self.data.times.len());
        let all = if self.of == Measured::Position { &self.data.position } else { &self.data.velocity };
        let mut values =
            all.values().part((run * times + span.start) * width..(run * times + span.end) * width).to_vec();
        if let (Measured::Position, Boundary::Periodic(side)) = (self.of, self.boundary) {
            for at in width..values.len() {
                let step = values[at] - values[at - width];
                values[at] -= side * (step / side).round();
            }
        }
        values
    }

    /// Times at which windows are judged: those in the middle halves of a run's spans, thinned, as (span, time within it).
    fn judged(&self, run: usize) -> Vec<(&Range<usize>, usize)> {
        let mut all = vec![];
        for span in self.spans[run].iter().filter(|span| span.len() >= FEWEST) {
            let quarter = span.len() / 4;
            all.extend((quarter..span.len() - quarter).map(|time| (span, time)));
        }
        let kept = all.len().min(JUDGED);
        (0..kept).map(|k| all[k * all.len() / kept]).collect()
    }

    /// The windows and degrees that estimate `of` best; `None` where this is no slope of these values, or all runs are too
    /// short.
    fn choose(&self, of: Measured) -> Option<Choice> {
        let slope = slope(of, self.of)?;
        let shapes: Vec<Vec<Option<Shape>>> =
            (0..self.data.runs).into_par_iter().map(|run| self.shapes(run, slope)).collect();
        let errors: Vec<f64> = shapes.iter().flatten().flatten().map(|shape| shape.error).collect();
        if errors.is_empty() {
            return None;
        }
        let error = errors.iter().sum::<f64>() / errors.len() as f64;
        let edges = self.edges(&shapes, slope);
        Some(Choice { of, from: self.of, shapes, error, edges })
    }

    /// The best window and degree for each body of a run.
    fn shapes(&self, run: usize, slope: usize) -> Vec<Option<Shape>> {
        let judged = self.judged(run);
        let longest = judged.iter().map(|(span, _)| span.len()).max().unwrap_or(0);
        let mut best: Vec<Option<Shape>> = vec![None; self.data.particles];
        let pieces: Vec<Vec<f64>> = judged
            .iter()
            .map(|(span, time)| {
                let near = time.saturating_sub(WIDEST)..(time + WIDEST).min(span.len());
                self.values(run, &(span.start + near.start..span.start + near.end))
            })
            .collect();
        for window in windows(longest) {
            // By body and degree.
            let mut errors = vec![vec![vec![]; DEGREES.len()]; self.data.particles];
            for ((span, time), values) in judged.iter().zip(&pieces).filter(|((span, _), _)| span.len() >= window) {
                let near = time.saturating_sub(WIDEST);
                let times = &self.data.times_of(run)[span.start + near..];
                for (body, told) in self.errors(times, values, time - near, (window, slope)).into_iter().enumerate() {
                    errors[body].iter_mut().zip(told).for_each(|(errors, error)| errors.push(error));
                }
            }
            for (best, errors) in best.iter_mut().zip(errors) {
                for (degree, errors) in DEGREES.into_iter().zip(errors) {
                    if degree + BEYOND < window && 2 * errors.len() >= judged.len() {
                        let error = trimmed_mean(errors);
                        if best.is_none_or(|best| error < best.error) {
                            *best = Some(Shape { window, degree, error });
                        }
                    }
                }
            }
        }
        best
    }

    /// The errors of the estimate of each body at a time, by degree; the time is told by its place within the values of
    /// consecutive times.
    fn errors(&self, times: &[f64], values: &[f64], at: usize, (window, slope): (usize, usize)) -> Vec<Errors> {
        let (width, space) = (self.width(), self.data.space);
        let count = values.len() / width.max(1);
        let first = at.saturating_sub(window / 2).min(count - window);
        let most = DEGREES.into_iter().max().unwrap_or(0) + BEYOND;
        let basis = Basis::new(&times[first..first + window], times[at], most);
        let mut square = vec![[0.0; DEGREES.len()]; self.data.particles];
        for component in 0..width {
            let told = basis.errors(|j| values[(first + j) * width + component], slope);
            square[component / space].iter_mut().zip(told).for_each(|(square, error)| *square += error * error);
        }
        square.into_iter().map(|square| square.map(f64::sqrt)).collect()
    }

    /// Whether estimates so many times from an end err much more than those in the middle.
    fn edges(&self, shapes: &[Vec<Option<Shape>>], slope: usize) -> Vec<bool> {
        let widest = shapes.iter().flatten().flatten().map(|shape| shape.window).max().unwrap_or(0);
        let mut by_place: Vec<Vec<f64>> = vec![vec![]; widest / 2];
        let ends: Vec<(usize, &Range<usize>)> = (self.spans.iter().enumerate())
            .flat_map(|(run, spans)| spans.iter().map(move |span| (run, span)))
            .filter(|(_, span)| span.len() >= FEWEST)
            .collect();
        let kept = ends.len().min(ENDS);
        for (run, span) in (0..kept).map(|k| ends[k * ends.len() / kept]) {
            let values = self.values(run, span);
            let times = &self.data.times_of(run)[span.clone()];
            for (body, shape) in shapes[run].iter().enumerate() {
                let Some(shape) = shape.filter(|shape| shape.error > 0.0 && shape.window <= span.len()) else {
                    continue;
                };
                let degree = DEGREES.iter().position(|degree| *degree == shape.degree).unwrap_or(0);
                for (place, ratios) in by_place.iter_mut().enumerate() {
                    for at in [place, span.len() - 1 - place] {
                        let told = self.errors(times, &values, at, (shape.window, slope));
                        ratios.push(told[body][degree] / shape.error);
                    }
                }
            }
        }
        by_place.into_iter().map(|ratios| trimmed_mean(ratios) > WORSE).collect()
    }

    /// The estimates of a run, [times, width]; NaN where there is no window.
    fn estimates(&self, run: usize, choice: &Choice) -> Vec<f64> {
        let (width, space) = (self.width(), self.data.space);
        let mut out = vec![f64::NAN; self.data.times.len() * width];
        let Some(slope) = slope(choice.of, choice.from) else { return out };
        for span in self.spans[run].iter().filter(|span| span.len() >= FEWEST) {
            let (values, times) = (self.values(run, span), &self.data.times_of(run)[span.clone()]);
            for (body, shape) in choice.shapes[run].iter().enumerate() {
                let Some(shape) = shape else { continue };
                let window = shape.window.min(span.len());
                let degree = shape.degree.min(window - 1);
                for at in 0..span.len() {
                    let first = at.saturating_sub(window / 2).min(span.len() - window);
                    let basis = Basis::new(&times[first..first + window], times[at], degree);
                    for component in body * space..(body + 1) * space {
                        let value = basis.value(|j| values[(first + j) * width + component], slope);
                        out[(span.start + at) * width + component] = value;
                    }
                }
            }
        }
        if let (Measured::Position, Boundary::Periodic(side)) = (choice.of, self.boundary) {
            out.iter_mut().for_each(|x| *x = x.rem_euclid(side));
        }
        out
    }
}

/// Errors by degree, in the order of [`DEGREES`]; infinite where a window is too small.
type Errors = [f64; DEGREES.len()];

/// Odd numbers of times that grow by about a third.
fn windows(longest: usize) -> Vec<usize> {
    let mut out = vec![];
    let mut window = FEWEST;
    while window <= longest.min(WIDEST) {
        out.push(window);
        window = (window + 2).max((window as f64 * 1.3) as usize | 1);
    }
    out
}

/// The mean without the largest tenth.
fn trimmed_mean(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let kept = &values[..values.len() - (values.len() as f64 * TRIM) as usize];
    kept.iter().sum::<f64>() / kept.len().max(1) as f64
}

/// Polynomials of rising degree, orthonormal over the times of a window, with their value and slopes at one time.
struct Basis {
    /// [degree, time]
    values: Vec<Vec<f64>>,
    /// Value, first and second slope at the time of the estimate.
    there: Vec<[f64; 3]>,
    /// The window's time that is nearest: its value is taken off before fitting.
    nearest: usize,
}

impl Basis {
    /// Those up to `degree`, at most one less than there are times.
    fn new(times: &[f64], at: f64, degree: usize) -> Basis {
        let count = times.len();
        let half = (0.5 * (times[count - 1] - times[0])).max(f64::MIN_POSITIVE);
        let place: Vec<f64> = times.iter().map(|time| (time - at) / half).collect();
        let first = 1.0 / (count as f64).sqrt();
        let mut values = vec![vec![first; count]];
        let mut there = vec![[first, 0.0, 0.0]];
        let mut before = (vec![0.0; count], [0.0; 3], 0.0);
        while values.len() <= degree.min(count - 1) {
            let (last, slopes) = (&values[values.len() - 1], there[there.len() - 1]);
            let middle: f64 = last.iter().zip(&place).map(|(q, x)| q * q * x).sum();
            let mut next: Vec<f64> =
                (0..count).map(|j| (place[j] - middle) * last[j] - before.2 * before.0[j]).collect();
            let norm = next.iter().map(|q| q * q).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
            next.iter_mut().for_each(|q| *q /= norm);
            let next_slopes = [
                -middle * slopes[0] - before.2 * before.1[0],
                slopes[0] - middle * slopes[1] - before.2 * before.1[1],
                2.0 * slopes[1] - middle * slopes[2] - before.2 * before.1[2],
            ]
            .map(|slope| slope / norm);
            before = (last.clone(), slopes, norm);
            values.push(next);
            there.push(next_slopes);
        }
        there.iter_mut().for_each(|slopes| {
            slopes[1] /= half;
            slopes[2] /= half * half;
        });
        let nearest = place.iter().enumerate().min_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).map_or(0, |(j, _)| j);
        Basis { values, there, nearest }
    }

    /// The value or slope of the polynomial nearest to `y`.
    fn value(&self, y: impl Fn(usize) -> f64, slope: usize) -> f64 {
        let base = y(self.nearest);
        let count = self.values[0].len();
        let sum = |q: &Vec<f64>| (0..count).map(|j| q[j] * (y(j) - base)).sum::<f64>();
        let told: f64 = self.values.iter().zip(&self.there).map(|(q, there)| sum(q) * there[slope]).sum();
        if slope == 0 { told + base } else { told }
    }

    /// How far polynomials of each of [`DEGREES`] are from the truth. The basis has all degrees that its times allow.
    fn errors(&self, y: impl Fn(usize) -> f64, slope: usize) -> Errors {
        let base = y(self.nearest);
        let count = self.values[0].len();
        let mut rest: Vec<f64> = (0..count).map(|j| y(j) - base).collect();
        // By degree: the part of the estimate, its gain of noise, the squares that are left.
        let parts: Vec<(f64, f64, f64)> = (self.values.iter().zip(&self.there))
            .map(|(q, there)| {
                let size: f64 = q.iter().zip(&rest).map(|(q, r)| q * r).sum();
                rest.iter_mut().zip(q).for_each(|(r, q)| *r -= size * q);
                (size * there[slope], there[slope] * there[slope], rest.iter().map(|r| r * r).sum())
            })
            .collect();
        DEGREES.map(|degree| {
            if degree + BEYOND >= count {
                return f64::INFINITY;
            }
            let (own, beyond) = parts.split_at(degree + 1);
            let variance = own[degree].2 / (count - degree - 1) as f64;
            let gain: f64 = own.iter().map(|part| part.1).sum();
            let further: f64 = beyond[..BEYOND].iter().map(|part| part.0).sum();
            let further_gain: f64 = beyond[..BEYOND].iter().map(|part| part.1).sum();
            let bias = (further * further - variance * further_gain).max(0.0);
            (variance * gain + bias).sqrt()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;

    /// Two bodies on circles and lines, with noise on what is measured.
    fn moving(times: Vec<f64>, noise: f64, side: Option<f64>) -> Trajectories {
        let mut stream = Seed::root(3).stream();
        let (runs, count) = (4, times.len());
        let mut data = Trajectories { runs, times, particles: 2, space: 2, ..Trajectories::default() };
        let [mut x, mut v, mut a] = [vec![], vec![], vec![]];
        for run in 0..runs {
            for t in &data.times {
                for body in 0..2 {
                    let (speed, phase) = (1.0 + 0.3 * body as f64, run as f64);
                    let (s, c) = (libm::sin(speed * t + phase), libm::cos(speed * t + phase));
                    for (place, slope, bend) in [(c + 0.5 * t, -s * speed + 0.5, -c), (s, c * speed, -s)] {
                        let place = place + noise * stream.normal();
                        x.push(side.map_or(place, |side| place.rem_euclid(side)));
                        v.push(slope + noise * stream.normal());
                        a.push(bend * speed * speed);
                    }
                }
            }
        }
        assert_eq!(x.len(), runs * count * 4);
        (data.position, data.velocity, data.acceleration) = (x.into(), v.into(), a.into());
        data
    }

    fn regular(count: usize, dt: f64) -> Vec<f64> {
        (0..count).map(|k| k as f64 * dt).collect()
    }

    /// Mean error over bodies of what is not left out.
    fn apart(told: &Numbers, truth: &Numbers, data: &Trajectories) -> f64 {
        let (told, truth) = (told.values(), truth.values());
        let rows = (0..data.len()).filter(|row| data.left_out.binary_search(row).is_err());
        let each: Vec<f64> = rows
            .flat_map(|row| [row * 4, row * 4 + 2])
            .map(|at| ((told.at(at) - truth.at(at)).powi(2) + (told.at(at + 1) - truth.at(at + 1)).powi(2)).sqrt())
            .collect();
        assert!(!each.is_empty());
        each.iter().sum::<f64>() / each.len() as f64
    }

    #[test]
    fn what_is_not_measured_is_estimated_with_its_error() {
        let mut uneven = regular(120, 0.05);
        uneven.iter_mut().enumerate().for_each(|(k, t)| *t += 0.02 * libm::sin(k as f64));
        let only = |list: &[Measured]| list.iter().copied().collect::<BTreeSet<Measured>>();
        let positions = only(&[Measured::Position]);
        let both = only(&[Measured::Position, Measured::Velocity]);
        // Error at most, of accelerations.
        for (times, noise, side, measured, most) in [
            (regular(100, 0.05), 0.0, None, &positions, 1e-7),
            (uneven.clone(), 0.0, None, &positions, 1e-7),
            (regular(200, 0.05), 1e-2, None, &positions, 0.08),
            (regular(200, 0.05), 1e-2, Some(2.0), &positions, 0.08),
            (uneven, 1e-3, Some(3.0), &positions, 0.03),
            (regular(200, 0.05), 1e-2, None, &both, 0.03),
            (regular(12, 0.2), 1e-4, None, &positions, 0.02),
        ] {
            let truth = moving(times.clone(), 0.0, None);
            let mut data = moving(times, noise, side);
            let boundary = side.map_or(Boundary::Open, Boundary::Periodic);
            estimate(&mut data, measured, boundary).unwrap();
            let fit = data.fits.last().unwrap();
            let found = apart(&data.acceleration, &truth.acceleration, &data);
            assert!(found < most, "{found} with {fit:?}");
            let claimed = fit.error / found;
            assert!(noise == 0.0 || (0.4..2.5).contains(&claimed), "{found} with {fit:?}");
            assert!((fit.size - 1.3).abs() < 0.2, "{fit:?}");
            assert_eq!(data.fits.len(), if measured.len() == 1 { 2 } else { 1 });
            if noise == 1e-2 && side.is_none() {
                let smooth = apart(&data.position, &truth.position, &data);
                assert!(smooth < 0.6 * noise && data.left_out.len() < data.len() / 4, "{smooth}");
            }
        }
    }

    #[test]
    fn too_few_times_are_told_and_gaps_are_not_fitted_over() {
        let measured = BTreeSet::from([Measured::Position]);
        let mut data = moving(regular(4, 0.1), 0.0, None);
        assert_eq!(estimate(&mut data, &measured, Boundary::Open), Err(FewTimes { most: 4 }));
        let mut times = regular(40, 0.1);
        times[20..].iter_mut().for_each(|t| *t += 30.0);
        let truth = moving(times.clone(), 0.0, None);
        let mut data = moving(times, 0.0, None);
        estimate(&mut data, &measured, Boundary::Open).unwrap();
        let found = apart(&data.acceleration, &truth.acceleration, &data);
        assert!(found < 1e-3, "{found} {:?}", data.fits);
    }

    #[test]
    fn slopes_of_polynomials_are_exact() {
        let times = [0.0, 0.3, 0.7, 1.0, 1.6, 2.0, 2.2];
        let cubic = |t: f64| 2.0 - t + 3.0 * t * t - 0.5 * t * t * t;
        for at in [0.0, 0.9, 2.2] {
            let basis = Basis::new(&times, at, 3);
            let truth = [cubic(at), -1.0 + 6.0 * at - 1.5 * at * at, 6.0 - 3.0 * at];
            for (slope, truth) in truth.into_iter().enumerate() {
                let told = basis.value(|j| cubic(times[j]), slope);
                assert!((told - truth).abs() < 1e-12, "{told} {truth}");
            }
        }
    }
}
