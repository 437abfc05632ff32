//! Particle systems: what is drawn at the start and which energies and forces act.

use crate::base::Name;
use crate::expr::Expr;
use crate::expr::print::number;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A particle system. Energies and forces add; symbols are those of [`super::symbols`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SystemPlan {
    /// Its name in the script, with arguments if it has any, such as `springs` or `orbits(bodies = 8)`.
    pub name: Name,
    /// Number of space dimensions, 1 to 3.
    pub space: usize,
    /// Number of bodies, at least 1.
    pub particles: usize,
    /// Which pairs act on each other.
    pub links: Links,
    /// Open space or a periodic box.
    pub boundary: Boundary,
    /// Scalar attributes of each body, such as `mass` and `charge`, in the order of the script.
    pub attributes: Vec<Attribute>,
    /// How each component of the position is drawn; `space` of them.
    pub position: Vec<Draw>,
    /// How each component of the velocity is drawn; `space` of them.
    pub velocity: Vec<Draw>,
    /// Energy of an unordered pair, counted once; symmetric.
    pub pair_energy: Option<Expr>,
    /// Energy of one body.
    pub body_energy: Option<Expr>,
    /// Force on i due to j by component; `space` of them or none.
    pub pair_force: Vec<Expr>,
    /// Force on i alone by component; `space` of them or none.
    pub body_force: Vec<Expr>,
    /// Quantities the author claims are conserved.
    pub conserves: Vec<Conserved>,
    /// The time step the system suggests to `data`.
    pub dt: Option<f64>,
}

/// A scalar attribute of each body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name: `mass`, `charge`, or the author's own.
    pub name: Name,
    /// How it is drawn.
    pub draw: Draw,
}

/// How a number is drawn: a value computed from independent draws. Symbols of `value`: `$0`, `$1` … for the draws in
/// order, `i.index` (from 1) and `particles`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draw {
    /// The value; just `$0` for a plain distribution.
    pub value: Expr,
    /// The independent draws.
    pub draws: Vec<Distribution>,
}

/// A distribution of real numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant's own words tell its fields")]
pub enum Distribution {
    /// Normal.
    Normal { mean: f64, deviation: f64 },
    /// exp of a normal number.
    LogNormal { mu: f64, sigma: f64 },
    /// Uniform in [low, high).
    Uniform { low: f64, high: f64 },
    /// exp of a uniform number between log low and log high.
    LogUniform { low: f64, high: f64 },
    /// One of these, equally likely.
    Choice(Vec<f64>),
}

impl fmt::Display for Distribution {
    /// As the language writes it: `normal(0, 1)`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut call = |name: &str, values: &[f64]| {
            let values: Vec<String> = values.iter().map(|value| number(*value)).collect();
            write!(f, "{name}({})", values.join(", "))
        };
        match self {
            Distribution::Normal { mean, deviation } => call("normal", &[*mean, *deviation]),
            Distribution::LogNormal { mu, sigma } => call("log_normal", &[*mu, *sigma]),
            Distribution::Uniform { low, high } => call("uniform", &[*low, *high]),
            Distribution::LogUniform { low, high } => call("log_uniform", &[*low, *high]),
            Distribution::Choice(values) => call("choice", values),
        }
    }
}

impl fmt::Display for Draw {
    /// As the language writes it, distributions in their places.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        // A symbol prints as it stands, so it may hold a call.
        let named =
            |(index, draw): (usize, &Distribution)| (Name::from(format!("${index}")), Expr::symbol(draw.to_string()));
        write!(f, "{}", self.value.substitute(&self.draws.iter().enumerate().map(named).collect()))
    }
}

/// The draws of a vector's components as the language writes them: once where all are alike.
pub fn vector_draw(draws: &[Draw]) -> String {
    match draws {
        [first, rest @ ..] if rest.iter().all(|draw| draw == first) => first.to_string(),
        draws => format!("vector({})", draws.iter().map(Draw::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// Which ordered pairs (receiver, sender) interact.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Links {
    /// All pairs.
    All,
    /// Neighbours by index.
    Chain,
    /// Neighbours by index, last and first joined.
    Ring,
    /// Pairs nearer than this.
    Within(f64),
    /// The nearest so many senders of each receiver.
    Nearest(usize),
}

/// The space the bodies move in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// Open in all directions.
    Open,
    /// A periodic cube of this side; displacements by minimum image.
    Periodic(f64),
}

/// A quantity that a system may conserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conserved {
    /// Total energy.
    Energy,
    /// Total momentum.
    Momentum,
    /// Total angular momentum.
    AngularMomentum,
}
