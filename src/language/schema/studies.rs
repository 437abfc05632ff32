//! Experiments, sweeps and their tables.

use super::*;

pub(super) const EXPERIMENT: Kind = Kind {
    name: "experiment",
    doc: "data, trainings and distillations as a function of parameters",
    fields: &[],
    entries: &[
        Extra::Block("data"),
        Extra::Block("network"),
        Extra::Block("prior"),
        Extra::Block("operators"),
        Extra::Block("train"),
        Extra::Block("distill"),
        Extra::Expect,
    ],
};

pub(super) const SWEEP: Kind = Kind {
    name: "sweep",
    doc: "an experiment over a grid of its parameters",
    fields: &[
        field("of", Shape::Item(&["experiment"]), Default::Required("of = study"), "the experiment"),
        field("seeds", Shape::Count(1, MANY), Default::Is("1"), "repetitions of each cell"),
    ],
    entries: &[Extra::Grid, Extra::Block("table")],
};

pub(super) const TABLE: Kind = Kind {
    name: "table",
    doc: "results of a sweep by rows and columns",
    fields: &[
        field("rows", Shape::Names, Default::Required("rows = truth"), "parameters down the side"),
        field("columns", Shape::Names, Default::Required("columns = model"), "parameters along the top"),
        field("cell", Shape::Condition, Default::Required("cell = fit.test.mae"), "what stands in a cell"),
    ],
    entries: &[],
};
