//! Operators and distillations.

use super::*;

pub(super) const OPERATORS: Kind = Kind {
    name: "operators",
    doc: "what formulas are made of",
    fields: &[
        field("require", Shape::Names, Default::Absent("nothing"), "inputs every formula must contain"),
        field(
            "size",
            Shape::Count(1, 1000),
            Default::Is("30"),
            "largest complexity: costs of operators, plus 1 for each constant and variable",
        ),
        field("depth", Shape::Count(1, 100), Default::Is("10"), "largest depth in nodes"),
        field("constants", Shape::Flag, Default::Is("true"), "whether free constants are allowed"),
        field("bounds", Shape::Interval, Default::Is("-1e6 .. 1e6"), "smallest and largest constant"),
    ],
    entries: &[Extra::Allow, Extra::Never],
};

pub(super) const DISTILL: Kind = Kind {
    name: "distill",
    doc: "turns a trained network's functions into formulas: measures, searches, composes, refits, verifies",
    fields: &[
        field("of", Shape::Target, Default::Required("of = fit"), "a training, or a column of a data set"),
        field("with", Shape::Item(&["operators"]), Default::Is("std.operators.physics"), "what formulas are made of"),
        field("inputs", Shape::Names, Default::Absent("all"), "names the formula may use"),
        field(
            "form",
            Shape::Condition,
            Default::Absent("any formula"),
            "a template for a column: `form = f(x) + g(y) * z`",
        ),
        field(
            "unknown",
            Shape::Names,
            Default::Absent("the whole law"),
            "what is fitted (names, `C[group]` for one value in each group) or searched (functions) in `form`",
        ),
        field(
            "loss",
            Shape::Form(&[
                word("mse", "mean squared error"),
                word("mae", "mean absolute error"),
                word("relative", "squared error relative to the target's size: for heavy tails"),
                word("log", "squared error of the logarithm, for targets of one sign: for orders of magnitude"),
            ]),
            Default::Is("mse"),
            "loss of the search",
        ),
        field("budget", Shape::Budget, Default::Is("600_000"), "evaluated candidates, or a time such as `60 s`"),
        field(
            "choose",
            Shape::Form(&[
                word("description_length", "shortest description of formula and residuals"),
                word("score", "steepest fall of the log loss per complexity"),
                word("accuracy", "smallest loss"),
            ]),
            Default::Is("description_length"),
            "how one formula of the front is chosen",
        ),
        field(
            "refit",
            Shape::Form(&[word("data", "on the training data"), word("none", "not: the network's constants stand")]),
            Default::Is("data"),
            "whether constants are refitted after composing",
        ),
        SEED,
    ],
    entries: &[Extra::Definition("form", &[1, 2])],
};
