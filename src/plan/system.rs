//! Particle systems: what is drawn at the start and which energies and forces act.

use crate::base::Name;
use crate::expr::Expr;
use serde::{Deserialize, Serialize};

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
