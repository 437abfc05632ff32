//! Charts as data, and as SVG. The only file that knows how one is drawn on paper.

use plotters::coord::Shift;
use plotters::prelude::*;
use serde::Serialize;
use std::ops::Range;

/// A chart as data.
#[derive(Clone, Debug, Serialize)]
pub struct Chart {
    /// Stands above it.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, in order.
    pub series: Vec<Series>,
}

/// An axis.
#[derive(Clone, Debug, Serialize)]
pub struct Axis {
    /// Stands beside it.
    pub label: String,
    /// How values lie on it.
    pub scale: Scale,
}

/// How values lie on an axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By their logarithm; values not above 0 are left out.
    Log,
    /// Named places, 0 for the first.
    Names(Vec<String>),
}

/// Points drawn in one way.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Series {
    /// Stands in the legend; empty for no entry.
    pub name: String,
    /// How they are drawn.
    pub mark: Mark,
    /// Where they are; points that are not finite are left out.
    pub points: Vec<(f64, f64)>,
    /// What is to be said of each point, on pages; empty for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How points are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Joined by a line.
    #[default]
    Line,
    /// Joined by a broken line.
    Dashed,
    /// As small dots.
    Dots,
    /// As a ring around something.
    Ring,
}

const SIZE: (u32, u32) = (720, 480);
const FONT: &str = "sans-serif";
/// Dark blue, orange, green, violet: told apart in print and by most eyes.
const COLOURS: [RGBColor; 4] =
    [RGBColor(0x1f, 0x4e, 0x79), RGBColor(0xd9, 0x6b, 0x0b), RGBColor(0x2e, 0x7d, 0x32), RGBColor(0x6a, 0x3d, 0x9a)];

impl Axis {
    /// An axis with evenly lying values.
    pub fn linear(label: &str) -> Axis {
        Axis { label: label.into(), scale: Scale::Linear }
    }

    /// An axis with values by their logarithm.
    pub fn log(label: &str) -> Axis {
        Axis { label: label.into(), scale: Scale::Log }
    }

    /// An axis with named places.
    pub fn names(names: &[&str]) -> Axis {
        Axis { label: String::new(), scale: Scale::Names(names.iter().map(ToString::to_string).collect()) }
    }

    fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear | Scale::Names(_) => value,
            Scale::Log if value > 0.0 => libm::log10(value),
            Scale::Log => f64::NAN,
        }
    }

    fn tick(&self, place: f64) -> String {
        match &self.scale {
            Scale::Names(names) => {
                let exact = (place - place.round()).abs() < 1e-9;
                let name = if exact && place >= 0.0 { names.get(place.round() as usize) } else { None };
                name.cloned().unwrap_or_default()
            }
            Scale::Linear => format!("{}", (place * 1e6).round() / 1e6),
            Scale::Log if (place - place.round()).abs() < 1e-9 => format!("1e{}", place.round()),
            Scale::Log => format!("{:.1e}", libm::pow(10.0, place)),
        }
    }
}

impl Chart {
    /// The chart as the text of an SVG file; `None` if there is no finite point to draw.
    pub fn svg(&self) -> Option<String> {
        let placed: Vec<Vec<(f64, f64)>> = self.series.iter().map(|series| self.placed(series)).collect();
        let x = range(placed.iter().flatten().map(|point| point.0))?;
        let y = range(placed.iter().flatten().map(|point| point.1))?;
        let mut text = String::new();
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        // Drawing into a text fails only where the format of a number does.
        self.draw(&area, x, y, &placed).ok()?;
        area.present().ok()?;
        drop(area);
        Some(text)
    }

    fn placed(&self, series: &Series) -> Vec<(f64, f64)> {
        let places = series.points.iter().map(|&(x, y)| (self.x.place(x), self.y.place(y)));
        places.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    }

    fn draw<'a>(
        &self,
        area: &DrawingArea<SVGBackend<'a>, Shift>,
        x: Range<f64>,
        y: Range<f64>,
        placed: &[Vec<(f64, f64)>],
    ) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>> {
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(area)
            .margin(16)
            .caption(&self.title, (FONT, 20))
            .x_label_area_size(44)
            .y_label_area_size(if matches!(self.y.scale, Scale::Names(_)) { 150 } else { 64 })
            .build_cartesian_2d(x, y)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.12))
            .axis_style(BLACK.mix(0.6))
            .x_desc(&self.x.label)
            .y_desc(&self.y.label)
            .x_label_formatter(&|place| self.x.tick(*place))
            .y_label_formatter(&|place| self.y.tick(*place))
            .label_style((FONT, 13))
            .axis_desc_style((FONT, 15))
            .draw()?;
        for (index, (series, points)) in self.series.iter().zip(placed).enumerate() {
            let colour = COLOURS[index % COLOURS.len()];
            let points = points.iter().copied();
            let drawn = match series.mark {
                Mark::Line => chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?,
                Mark::Dashed => chart.draw_series(DashedLineSeries::new(points, 6, 4, colour.stroke_width(2)))?,
                Mark::Dots => chart.draw_series(points.map(|at| Circle::new(at, 2, colour.mix(0.45).filled())))?,
                Mark::Ring => chart.draw_series(points.map(|at| Circle::new(at, 8, colour.stroke_width(2))))?,
            };
            if !series.name.is_empty() {
                let mark = series.mark;
                drawn.label(&series.name).legend(move |(x, y)| match mark {
                    Mark::Line | Mark::Dashed => {
                        PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)).into_dyn()
                    }
                    Mark::Dots => Circle::new((x + 9, y), 3, colour.filled()).into_dyn(),
                    Mark::Ring => Circle::new((x + 9, y), 5, colour.stroke_width(2)).into_dyn(),
                });
            }
        }
        // Losses and fronts fall, all else rises.
        let corner = match &self.y.scale {
            Scale::Linear => SeriesLabelPosition::UpperLeft,
            Scale::Log | Scale::Names(_) => SeriesLabelPosition::UpperRight,
        };
        chart
            .configure_series_labels()
            .position(corner)
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.2))
            .label_font((FONT, 13))
            .draw()
    }
}

/// The range of the values with a little air; `None` of no values.
fn range(values: impl Iterator<Item = f64> + Clone) -> Option<Range<f64>> {
    let (low, high) = (values.clone().reduce(f64::min)?, values.reduce(f64::max)?);
    let air = match high - low {
        0.0 => 0.5,
        width => 0.04 * width,
    };
    Some(low - air..high + air)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart {
        let series = [Mark::Line, Mark::Dashed, Mark::Dots, Mark::Ring].map(|mark| Series {
            name: format!("{mark:?}"),
            mark,
            points: points.clone(),
            notes: vec![],
        });
        Chart { title: "a & b".into(), x: Axis::linear("x"), y: Axis::log("y"), series: series.into() }
    }

    #[test]
    fn any_points_make_a_chart_or_none() {
        for (points, drawn) in [
            (vec![], false),
            (vec![(f64::NAN, 1.0), (1.0, f64::INFINITY), (1.0, -1.0)], false),
            (vec![(1.0, 1.0)], true),
            (vec![(0.0, 1e-300), (1e300, 1e300), (f64::NAN, 1.0)], true),
        ] {
            let svg = chart(points.clone()).svg();
            assert_eq!(svg.is_some(), drawn, "{points:?}");
            let complete =
                svg.is_none_or(|svg| svg.starts_with("<svg") && svg.contains("a &amp; b") && svg.contains("</svg>"));
            assert!(complete, "{points:?}");
        }
    }
}
