//! A small configuration of a system, drawn as the system draws it, at which laws are evaluated one pair at a time.

use crate::base::{Name, Seed, Stream};
use crate::expr::Expr;
use crate::plan::symbols::COMPONENTS;
use crate::plan::{Boundary, Distribution, Draw, Links, SystemPlan};

/// Most bodies that are drawn: checks look at pairs, and more bodies show nothing new.
const BODIES: usize = 6;

/// Positions, velocities and attributes of a few bodies.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Bodies drawn.
    pub particles: usize,
    /// Bodies of the system, for the symbol `particles`.
    declared: usize,
    /// By body, then component.
    pub position: Vec<Vec<f64>>,
    /// By body, then component.
    pub velocity: Vec<Vec<f64>>,
    names: Vec<Name>,
    attribute: Vec<Vec<f64>>,
    links: Links,
    boundary: Boundary,
}

/// The two bodies of a law; both the same for a law of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The receiver.
    pub i: usize,
    /// The sender.
    pub j: usize,
}

impl Pair {
    /// The other way round.
    pub fn swapped(self) -> Pair {
        Pair { i: self.j, j: self.i }
    }
}

impl Configuration {
    /// Draws one. Its streams are not those of the simulation: a check sees the same distribution, not the same bodies.
    pub fn draw(plan: &SystemPlan, seed: Seed) -> Configuration {
        let particles = plan.particles.min(BODIES);
        let mut stream = seed.stream();
        let mut one = |draw: &Draw, body: usize| value_of(draw, body, plan.particles, &mut stream);
        let mut configuration = Configuration {
            particles,
            declared: plan.particles,
            position: vec![],
            velocity: vec![],
            names: plan.attributes.iter().map(|attribute| attribute.name.clone()).collect(),
            attribute: vec![],
            links: plan.links,
            boundary: plan.boundary,
        };
        for body in 0..particles {
            configuration.position.push(plan.position.iter().map(|draw| one(draw, body)).collect());
            configuration.velocity.push(plan.velocity.iter().map(|draw| one(draw, body)).collect());
            configuration.attribute.push(plan.attributes.iter().map(|attribute| one(&attribute.draw, body)).collect());
        }
        configuration
    }

    /// The same bodies turned by an angle in the plane of the axes `a` and `b`.
    pub fn turned(&self, angle: f64, a: usize, b: usize) -> Configuration {
        let mut turned = self.clone();
        for vector in turned.position.iter_mut().chain(&mut turned.velocity) {
            turn(vector, angle, a, b);
        }
        turned
    }

    /// Every unordered pair.
    pub fn pairs(&self) -> Vec<Pair> {
        (0..self.particles).flat_map(|i| (i + 1..self.particles).map(move |j| Pair { i, j })).collect()
    }

    /// Every unordered pair that acts on each other.
    pub fn linked(&self) -> Vec<Pair> {
        let mut pairs = self.pairs();
        pairs.retain(|pair| match self.links {
            Links::All | Links::Nearest(_) => true,
            Links::Chain => pair.j == pair.i + 1,
            Links::Ring => pair.j == pair.i + 1 || (pair.i == 0 && pair.j + 1 == self.declared),
            Links::Within(limit) => self.distance(*pair) < limit,
        });
        pairs
    }

    /// A component of the vector from i to j.
    fn displacement(&self, pair: Pair, k: usize) -> f64 {
        let plain = self.position[pair.j][k] - self.position[pair.i][k];
        match self.boundary {
            Boundary::Open => plain,
            Boundary::Periodic(side) => plain - side * libm::round(plain / side),
        }
    }

    /// The length of that vector.
    fn distance(&self, pair: Pair) -> f64 {
        let squares = (0..self.position[pair.i].len()).map(|k| self.displacement(pair, k)).map(|d| d * d);
        libm::sqrt(squares.sum())
    }

    /// The mass of a body.
    pub fn mass(&self, body: usize) -> f64 {
        self.symbol("i.mass", Pair { i: body, j: body }, None).unwrap_or(1.0)
    }

    /// The value of a law.
    pub fn value(&self, law: &Expr, at: Pair) -> f64 {
        law.eval(&|name| self.symbol(name, at, None)).unwrap_or(f64::NAN)
    }

    /// The value of a law if the two were this far from each other on the same line.
    pub fn at_distance(&self, law: &Expr, at: Pair, distance: f64) -> f64 {
        law.eval(&|name| self.symbol(name, at, Some(distance))).unwrap_or(f64::NAN)
    }

    fn symbol(&self, name: &str, at: Pair, distance: Option<f64>) -> Option<f64> {
        let index = |name: &str| COMPONENTS.iter().position(|c| *c == name).filter(|k| *k < self.position[at.i].len());
        let component = |vector: &[f64], name: &str| index(name).map(|k| vector[k]);
        let mut parts = name.splitn(3, '.');
        match (parts.next()?, parts.next(), parts.next()) {
            ("distance", None, _) => Some(distance.unwrap_or_else(|| self.distance(at))),
            ("particles", None, _) => Some(self.declared as f64),
            ("displacement", Some(k), None) => {
                let scale = distance.map_or(1.0, |distance| distance / self.distance(at));
                index(k).map(|k| self.displacement(at, k) * scale)
            }
            (who @ ("i" | "j"), Some(what), k) => {
                let body = if who == "i" { at.i } else { at.j };
                match (what, k) {
                    ("position", Some(k)) => component(&self.position[body], k),
                    ("velocity", Some(k)) => component(&self.velocity[body], k),
                    ("index", None) => Some(body as f64 + 1.0),
                    (attribute, None) => {
                        let column = self.names.iter().position(|name| name.as_str() == attribute)?;
                        Some(self.attribute[body][column])
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Values of symbols in words.
    pub fn shown(&self, names: &[Name], at: Pair) -> String {
        let values =
            names.iter().filter_map(|name| Some(format!("{name} = {}", super::rough(self.symbol(name, at, None)?))));
        let all: Vec<String> = values.collect();
        if all.is_empty() { "every configuration".into() } else { all.join(", ") }
    }

    /// Positions and velocities in words.
    pub fn whole(&self) -> String {
        let list = |vectors: &[Vec<f64>]| {
            let shown: Vec<String> = vectors
                .iter()
                .take(3)
                .map(|vector| format!("({})", vector.iter().map(|x| super::rough(*x)).collect::<Vec<_>>().join(", ")))
                .collect();
            let rest = if vectors.len() > 3 { " …" } else { "" };
            format!("{}{rest}", shown.join(" "))
        };
        format!("positions are {} and velocities {}", list(&self.position), list(&self.velocity))
    }
}

/// Turns a vector by an angle in the plane of the axes `a` and `b`.
pub fn turn(vector: &mut [f64], angle: f64, a: usize, b: usize) {
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    (vector[a], vector[b]) = (cos * vector[a] - sin * vector[b], sin * vector[a] + cos * vector[b]);
}

fn value_of(draw: &Draw, body: usize, particles: usize, stream: &mut Stream) -> f64 {
    let drawn: Vec<f64> = draw
        .draws
        .iter()
        .map(|distribution| match distribution {
            Distribution::Normal { mean, deviation } => mean + deviation * stream.normal(),
            Distribution::LogNormal { mu, sigma } => libm::exp(mu + sigma * stream.normal()),
            Distribution::Uniform { low, high } => low + (high - low) * stream.uniform(),
            Distribution::LogUniform { low, high } => low * libm::pow(high / low, stream.uniform()),
            Distribution::Choice(values) => values[stream.below(values.len())],
        })
        .collect();
    let lookup = |name: &str| match name {
        "i.index" => Some(body as f64 + 1.0),
        "particles" => Some(particles as f64),
        _ => name.strip_prefix('$').and_then(|k| k.parse::<usize>().ok()).and_then(|k| drawn.get(k)).copied(),
    };
    draw.value.eval(&lookup).unwrap_or(f64::NAN)
}
