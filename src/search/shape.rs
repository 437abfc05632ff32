//! Functions of a target that can be undone at the root of a formula: laws under them are sums or quotients.

use super::genome::Genome;
use super::monomial::Powers;
use super::space::Space;
use crate::expr::Op;

/// What is written as a sum or a quotient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// y.
    Plain,
    /// 1/y.
    Reciprocal,
    /// y², for targets of one sign.
    Square,
    /// 1/y², for targets of one sign.
    ReciprocalSquare,
    /// √|y|, for targets of one sign.
    Root,
    /// log |y|, for targets of one sign.
    Log,
}

/// All shapes, the likeliest first.
pub(crate) const SHAPES: [Shape; 6] =
    [Shape::Plain, Shape::Reciprocal, Shape::Square, Shape::Log, Shape::ReciprocalSquare, Shape::Root];

impl Shape {
    /// What is fitted to a target, and the root of what its square error is worth beside that of the target.
    pub fn of(self, y: f64, scale: f64) -> (f64, f64) {
        let a = y.abs();
        match self {
            Shape::Plain => (y, 1.0),
            Shape::Reciprocal => (1.0 / y, y * y),
            Shape::Square => (y * y, 0.5 / (y * y + 2.5e-5 * scale * scale).sqrt()),
            Shape::ReciprocalSquare => (1.0 / (y * y), a * a * a),
            Shape::Root => (a.sqrt(), 2.0 * a.sqrt()),
            Shape::Log => (libm::log(a), a),
        }
    }

    /// Whether the target can be told from its shape, up to one sign.
    pub fn applies(self, target: &[f64]) -> bool {
        let within = |low: f64, high: f64| target.iter().all(|y| (low..=high).contains(y));
        match self {
            Shape::Plain | Shape::Reciprocal => true,
            Shape::Square | Shape::ReciprocalSquare | Shape::Root | Shape::Log => {
                within(0.0, f64::INFINITY) || within(f64::NEG_INFINITY, 0.0)
            }
        }
    }

    /// The target from the sum, up to a sign.
    pub fn undo(self, space: &Space, powers: &Powers, sum: &Genome) -> Option<Genome> {
        let call = |op: Op| space.gene(op).map(|gene| Genome::call(gene, &[sum]));
        match self {
            Shape::Plain => Some(sum.clone()),
            Shape::Reciprocal => powers.reciprocal(sum),
            Shape::Square => powers.power(space, sum, 0.5),
            Shape::ReciprocalSquare => powers.power(space, sum, -0.5),
            Shape::Root => powers.power(space, sum, 2.0),
            Shape::Log => call(Op::Exp),
        }
    }
}
