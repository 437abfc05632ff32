//! Charts as data.

use serde::Serialize;

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

    /// Where a value lies; NaN for nowhere.
    pub fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear | Scale::Names(_) => value,
            Scale::Log if value > 0.0 => libm::log10(value),
            Scale::Log => f64::NAN,
        }
    }

    /// What is written at a place.
    pub fn tick(&self, place: f64) -> String {
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
