//! Data sets, simulated or read.

use super::*;

pub(super) const DATA: Kind = Kind {
    name: "data",
    doc: "a data set: simulated from a system, or read from a file",
    fields: &[
        field(
            "from",
            Shape::Source,
            Default::Required("from = springs"),
            "a system, or a file below the script's folder",
        ),
        field("runs", Shape::Count(1, MANY), Default::Is("1_000"), "number of independent simulations"),
        field(
            "steps",
            Shape::Count(2, MANY),
            Default::Is("500"),
            "number of equally spaced times of each run, the start included",
        ),
        field(
            "dt",
            Shape::Number(TINY, HUGE, Quantity::Time),
            Default::Absent("as the system suggests"),
            "time between them",
        ),
        SEED,
        field("keep", Shape::Count(1, MANY), Default::Is("1"), "every so-many-th snapshot is trained on"),
        field(
            "noise",
            Shape::Form(&[
                word("none", "exact values"),
                form("relative", &[arg("share", PURE)], "normal, a share of each value"),
                form("absolute", &[arg("deviation", PURE)], "normal, of this standard deviation in base units"),
            ]),
            Default::Is("none"),
            "measurement noise on positions and velocities",
        ),
        field(
            "measured",
            Shape::Words(&["position", "velocity", "acceleration"]),
            Default::Is("position, velocity, acceleration"),
            "what is measured of the motion of bodies; the rest is estimated by local fits over the kept times",
        ),
        field(
            "split",
            Shape::Shares(3),
            Default::Is("70%, 15%, 15%"),
            "shares of whole runs, or of the rows of a file, for training, validation and test",
        ),
        field(
            "hold_out",
            Shape::Condition,
            Default::Absent("nothing is held out"),
            "rows of a file, or snapshots in which it holds for a body, that are never trained on and scored apart",
        ),
        field(
            "trim",
            Shape::Number(0.0, 0.5, Quantity::Pure),
            Default::Is("0"),
            "share of the runs with the largest accelerations that is left out of training; helps heavy tails such as 1/r^2",
        ),
        field(
            "tolerance",
            Shape::Number(1e-14, 1e-2, Quantity::Pure),
            Default::Is("1e-10"),
            "relative tolerance of the integrator",
        ),
        field("target", Shape::Names, Default::Absent("none"), "the column to be explained"),
        BOX,
        LINKS,
        field("rows", Shape::Condition, Default::Absent("all"), "rows that are read"),
        field("weight", Shape::Names, Default::Absent("equal"), "column with weights of rows"),
        field(
            "time",
            Shape::Names,
            Default::Absent("rows are no motion"),
            "column with times: every row is a body at a time, and a network can be trained on `column position`",
        ),
        field("run", Shape::Names, Default::Absent("none"), "column that tells runs apart: `split` takes whole runs"),
        field(
            "order",
            Shape::Names,
            Default::Absent("at random"),
            "column whose order `split` follows: the least to training, the most to the test",
        ),
        field(
            "particle",
            Shape::Names,
            Default::Absent("one body"),
            "column that tells the bodies of a run apart, by numbers or words",
        ),
    ],
    entries: &[Extra::Column],
};
