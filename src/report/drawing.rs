//! Charts on paper, as SVG and as PNG. The only file that knows how one is drawn there.

use super::chart::{Chart, Mark, Scale, Series};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;
use std::ops::Range;
use std::sync::Once;

const SIZE: (u32, u32) = (720, 480);
/// Pixels of a PNG for each point, so that it is sharp on screens and in print.
const FINENESS: u32 = 2;
const FONT: &str = "sans-serif";
const LETTERS: &[u8] = include_bytes!("font/DejaVuSans.ttf");
/// Dark blue, orange, green, violet: told apart in print and by most eyes.
const COLOURS: [RGBColor; 4] =
    [RGBColor(0x1f, 0x4e, 0x79), RGBColor(0xd9, 0x6b, 0x0b), RGBColor(0x2e, 0x7d, 0x32), RGBColor(0x6a, 0x3d, 0x9a)];

/// A drawing with its measures.
struct Drawing<'a> {
    chart: &'a Chart,
    x: Range<f64>,
    y: Range<f64>,
    /// The points of each series by their places on the axes.
    placed: Vec<Vec<(f64, f64)>>,
    /// What a length of one point is in the units of the back end.
    point: u32,
}

/// The chart as the text of an SVG file; `None` if there is no finite point to draw.
pub fn svg(chart: &Chart) -> Option<String> {
    let drawing = Drawing::new(chart, 1)?;
    let mut text = String::new();
    let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
    // Drawing into a text fails only where the format of a number does.
    drawing.draw(&area).ok()?;
    drop(area);
    Some(text)
}

/// The chart as the bytes of a PNG file; `None` if there is no finite point to draw.
pub fn png(chart: &Chart) -> Option<Vec<u8>> {
    let drawing = Drawing::new(chart, FINENESS)?;
    let (width, height) = (SIZE.0 * FINENESS, SIZE.1 * FINENESS);
    let mut pixels = vec![0; (3 * width * height) as usize];
    let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
    drawing.draw(&area).ok()?;
    drop(area);
    let mut file = vec![];
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    // Writing into memory does not fail.
    encoder.write_header().ok()?.write_image_data(&pixels).ok()?;
    Some(file)
}

impl<'a> Drawing<'a> {
    fn new(chart: &'a Chart, point: u32) -> Option<Drawing<'a>> {
        static LETTERED: Once = Once::new();
        LETTERED.call_once(|| assert!(register_font(FONT, FontStyle::Normal, LETTERS).is_ok(), "a sound font"));
        let placed: Vec<Vec<(f64, f64)>> = chart.series.iter().map(|series| placed(chart, series)).collect();
        let x = range(placed.iter().flatten().map(|point| point.0))?;
        let y = range(placed.iter().flatten().map(|point| point.1))?;
        Some(Drawing { chart, x, y, placed, point })
    }

    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        let axis = (&self.chart.x, &self.chart.y);
        let point = self.point;
        let font = |size: u32| (FONT, (size * point) as f64);
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(area)
            .margin(16 * point)
            .caption(&self.chart.title, font(20))
            .x_label_area_size(44 * point)
            .y_label_area_size(point * if matches!(axis.1.scale, Scale::Names(_)) { 150 } else { 64 })
            .build_cartesian_2d(self.x.clone(), self.y.clone())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.12))
            .axis_style(BLACK.mix(0.6))
            .x_desc(&axis.0.label)
            .y_desc(&axis.1.label)
            .x_label_formatter(&|place| axis.0.tick(*place))
            .y_label_formatter(&|place| axis.1.tick(*place))
            .label_style(font(13))
            .axis_desc_style(font(15))
            .draw()?;
        for (index, (series, points)) in self.chart.series.iter().zip(&self.placed).enumerate() {
            let colour = COLOURS[index % COLOURS.len()];
            let points = points.iter().copied();
            let drawn = match series.mark {
                Mark::Line => chart.draw_series(LineSeries::new(points, colour.stroke_width(2 * point)))?,
                Mark::Dashed => chart.draw_series(DashedLineSeries::new(
                    points,
                    6 * point,
                    4 * point,
                    colour.stroke_width(2 * point),
                ))?,
                Mark::Dots => {
                    chart.draw_series(points.map(|at| Circle::new(at, 2 * point, colour.mix(0.45).filled())))?
                }
                Mark::Ring => {
                    chart.draw_series(points.map(|at| Circle::new(at, 8 * point, colour.stroke_width(2 * point))))?
                }
            };
            if !series.name.is_empty() {
                let (mark, length) = (series.mark, point as i32);
                drawn.label(&series.name).legend(move |(x, y)| match mark {
                    Mark::Line | Mark::Dashed => {
                        PathElement::new([(x, y), (x + 18 * length, y)], colour.stroke_width(2 * point)).into_dyn()
                    }
                    Mark::Dots => Circle::new((x + 9 * length, y), 3 * point, colour.filled()).into_dyn(),
                    Mark::Ring => {
                        Circle::new((x + 9 * length, y), 5 * point, colour.stroke_width(2 * point)).into_dyn()
                    }
                });
            }
        }
        // Losses and fronts fall, all else rises.
        let corner = match &axis.1.scale {
            Scale::Linear => SeriesLabelPosition::UpperLeft,
            Scale::Log | Scale::Names(_) => SeriesLabelPosition::UpperRight,
        };
        chart
            .configure_series_labels()
            .position(corner)
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.2))
            .label_font(font(13))
            .draw()?;
        area.present()
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

fn placed(chart: &Chart, series: &Series) -> Vec<(f64, f64)> {
    let places = series.points.iter().map(|&(x, y)| (chart.x.place(x), chart.y.place(y)));
    places.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::Axis;

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
            let svg = svg(&chart(points.clone()));
            assert_eq!(svg.is_some(), drawn, "{points:?}");
            let complete =
                svg.is_none_or(|svg| svg.starts_with("<svg") && svg.contains("a &amp; b") && svg.contains("</svg>"));
            assert!(complete, "{points:?}");
            let png = png(&chart(points.clone()));
            assert_eq!(png.is_some(), drawn, "{points:?}");
            assert!(png.is_none_or(|png| png.starts_with(b"\x89PNG") && png.ends_with(b"IEND\xae\x42\x60\x82")));
        }
    }
}
