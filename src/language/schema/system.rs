//! Particle systems.

use super::*;

pub(super) const SYSTEM: Kind = Kind {
    name: "system",
    doc: "a particle system: what is drawn at the start and which energies and forces act",
    fields: &[
        field("space", Shape::Count(1, 3), Default::Is("2"), "number of space dimensions"),
        field("particles", Shape::Count(1, 1 << 20), Default::Is("4"), "number of bodies"),
        LINKS,
        BOX,
        field(
            "conserves",
            Shape::Words(&["energy", "momentum", "angular_momentum"]),
            Default::Absent("no claim"),
            "quantities claimed to be conserved; checked before anything runs",
        ),
        field(
            "dt",
            Shape::Number(TINY, HUGE, Quantity::Time),
            Default::Absent("no suggestion"),
            "time step it suggests to `data`",
        ),
    ],
    entries: &[Extra::Draw, Extra::Definition("energy", &[1, 2]), Extra::Definition("force", &[1, 2])],
};
