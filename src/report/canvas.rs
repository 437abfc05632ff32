//! Charts as text: dots of Braille, two by four in each character. The same numbers give the same text.

use super::chart::{Axis, Chart, Mark, Scale};
use super::grid::short;

/// Rows and columns of characters that a chart's points lie in, of several side by side and of one alone.
const SMALL: (usize, usize) = (10, 34);
const LARGE: (usize, usize) = (16, 64);

/// The chart as lines of text; none where there is nothing finite to draw, or places have names: a table says those better.
pub fn text(chart: &Chart) -> Vec<String> {
    sized(chart, SMALL)
}

/// The same for a chart alone.
pub fn large_text(chart: &Chart) -> Vec<String> {
    sized(chart, LARGE)
}

fn sized(chart: &Chart, (rows, columns): (usize, usize)) -> Vec<String> {
    if matches!(chart.y.scale, Scale::Names(_)) {
        return vec![];
    }
    let place = |axis: &Axis, value: f64| match axis.scale {
        Scale::Log if value > 0.0 => libm::log10(value),
        Scale::Log => f64::NAN,
        _ => value,
    };
    let placed: Vec<(Mark, Vec<(f64, f64)>)> = chart
        .series
        .iter()
        .map(|series| {
            let points = series.points.iter().map(|&(x, y)| (place(&chart.x, x), place(&chart.y, y)));
            (series.mark, points.filter(|(x, y)| x.is_finite() && y.is_finite()).collect())
        })
        .collect();
    let all = || placed.iter().flat_map(|(_, points)| points);
    let (Some(x), Some(y)) = (range(all().map(|point| point.0)), range(all().map(|point| point.1))) else {
        return vec![];
    };
    let mut dots = Dots { rows, columns, cells: vec![0; rows * columns] };
    let at = |(px, py): (f64, f64)| {
        ((px - x.0) / (x.1 - x.0) * (2 * columns - 1) as f64, (y.1 - py) / (y.1 - y.0) * (4 * rows - 1) as f64)
    };
    for (mark, points) in &placed {
        match (mark, &points[..]) {
            (Mark::Line | Mark::Dashed, [point]) => dots.dot(at(*point)),
            (Mark::Line | Mark::Dashed, points) => {
                points.windows(2).for_each(|pair| dots.line(at(pair[0]), at(pair[1]), *mark))
            }
            (Mark::Dots, points) => points.iter().for_each(|&point| dots.dot(at(point))),
            (Mark::Ring, points) => points.iter().for_each(|&point| dots.ring(at(point))),
        }
    }
    framed(chart, &dots, x, y)
}

/// Charts side by side, as many as a line of this width takes.
pub fn beside(charts: &[Vec<String>], width: usize) -> Vec<String> {
    let wide = |chart: &[String]| chart.iter().map(|line| line.chars().count()).max().unwrap_or(0) + 2;
    let mut lines = vec![];
    let mut open = charts;
    while !open.is_empty() {
        let mut taken = 1;
        while taken < open.len() && open[..=taken].iter().map(|chart| wide(chart)).sum::<usize>() <= width {
            taken += 1;
        }
        let height = open[..taken].iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..height {
            let cells = open[..taken].iter().map(|chart| {
                let cell = chart.get(row).map_or("", String::as_str);
                format!("{cell}{}", " ".repeat(wide(chart) - cell.chars().count()))
            });
            lines.push(cells.collect::<String>().trim_end().to_owned());
        }
        lines.push(String::new());
        open = &open[taken..];
    }
    lines
}

fn framed(chart: &Chart, dots: &Dots, x: (f64, f64), y: (f64, f64)) -> Vec<String> {
    let told = |axis: &Axis, place: f64| match axis.scale {
        Scale::Log => short(libm::pow(10.0, place), 2),
        _ => short(place, 3),
    };
    let (high, low) = (told(&chart.y, y.1), told(&chart.y, y.0));
    let margin = high.chars().count().max(low.chars().count());
    let mut lines = vec![format!("{}  {}", " ".repeat(margin), chart.title)];
    let mark = |mark: Mark| match mark {
        Mark::Line => "⠒⠒",
        Mark::Dashed => "⠂⠂",
        Mark::Dots => "⠢⠢",
        Mark::Ring => "○",
    };
    let named = chart.series.iter().filter(|series| !series.name.is_empty());
    let key: Vec<String> = named.map(|series| format!("{} {}", mark(series.mark), series.name)).collect();
    lines.push(format!("{}  {}", " ".repeat(margin), key.join("  ")).trim_end().to_owned());
    for row in 0..dots.rows {
        let label = match row {
            0 => high.as_str(),
            row if row + 1 == dots.rows => low.as_str(),
            _ => "",
        };
        lines.push(format!("{}{label} ┤{}", " ".repeat(margin - label.chars().count()), dots.row(row)));
    }
    let (left, right) = (told(&chart.x, x.0), told(&chart.x, x.1));
    lines.push(format!("{} └{}", " ".repeat(margin), "─".repeat(dots.columns)));
    let middle = dots.columns.saturating_sub(left.chars().count() + right.chars().count());
    let label: String = chart.x.label.chars().take(middle.saturating_sub(2)).collect();
    let free = middle - label.chars().count();
    let (before, after) = (" ".repeat(free / 2), " ".repeat(free - free / 2));
    lines.push(format!("{}{left}{before}{label}{after}{right}", " ".repeat(margin + 2)));
    lines
}

/// The range of values, never empty.
fn range(values: impl Iterator<Item = f64> + Clone) -> Option<(f64, f64)> {
    let (low, high) = (values.clone().reduce(f64::min)?, values.reduce(f64::max)?);
    Some(if low < high { (low, high) } else { (low - 0.5, high + 0.5) })
}

/// A field of dots.
struct Dots {
    rows: usize,
    columns: usize,
    cells: Vec<u8>,
}

impl Dots {
    fn dot(&mut self, (x, y): (f64, f64)) {
        let (x, y) = (x.round(), y.round());
        if x < 0.0 || y < 0.0 || x >= 2.0 * self.columns as f64 || y >= 4.0 * self.rows as f64 {
            return;
        }
        let (x, y) = (x as usize, y as usize);
        // Braille numbers its dots by column, the lowest row last.
        let bit = [[0, 3], [1, 4], [2, 5], [6, 7]][y % 4][x % 2];
        self.cells[y / 4 * self.columns + x / 2] |= 1 << bit;
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), mark: Mark) {
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0) as usize;
        for step in 0..=steps {
            let share = step as f64 / steps as f64;
            if mark != Mark::Dashed || step % 4 < 2 {
                self.dot((from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1)));
            }
        }
    }

    fn ring(&mut self, (x, y): (f64, f64)) {
        for (dx, dy) in
            [(-2.0, -1.0), (-2.0, 0.0), (-2.0, 1.0), (2.0, -1.0), (2.0, 0.0), (2.0, 1.0), (0.0, -2.0), (0.0, 2.0)]
        {
            self.dot((x + dx, y + dy));
        }
    }

    fn row(&self, row: usize) -> String {
        let cells = &self.cells[row * self.columns..][..self.columns];
        cells.iter().map(|&bits| char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' ')).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::Series;

    fn chart(mark: Mark, points: Vec<(f64, f64)>) -> Chart {
        let series = vec![Series { name: "s".into(), mark, points, notes: vec![] }];
        Chart { title: "t".into(), x: Axis::linear("x"), y: Axis::log("y"), series }
    }

    #[test]
    fn points_lie_where_they_belong() {
        let lines = text(&chart(Mark::Dots, vec![(0.0, 1e-3), (10.0, 1.0), (f64::NAN, 1.0), (5.0, -1.0)]));
        assert_eq!(lines.len(), 14);
        assert_eq!(lines[1].trim(), "⠢⠢ s");
        assert!(lines[2].starts_with("    1 ┤") && lines[2].ends_with('⠈'), "{lines:#?}");
        assert!(lines[11].starts_with("0.001 ┤⡀"), "{lines:#?}");
        assert!(lines[13].trim().starts_with('0') && lines[13].ends_with("10"), "{lines:#?}");
        assert!(text(&chart(Mark::Line, vec![])).is_empty());
        let flat = text(&chart(Mark::Line, vec![(1.0, 1.0), (1.0, 1.0)]));
        assert_eq!(flat.len(), 14);
    }

    #[test]
    fn charts_stand_side_by_side_where_there_is_room() {
        let one = vec!["ab".to_owned(), "c".to_owned()];
        assert_eq!(beside(&[one.clone(), one.clone()], 80), ["ab  ab", "c   c", ""]);
        assert_eq!(beside(&[one.clone(), one], 4), ["ab", "c", "", "ab", "c", ""]);
    }
}
