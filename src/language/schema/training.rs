//! Priors and trainings.

use super::*;

pub(super) const PRIOR: Kind = Kind {
    name: "prior",
    doc: "what is preferred of messages and weights before any data are seen",
    fields: &[
        field(
            "messages",
            Shape::Form(&[
                word("none", "no preference"),
                form("l1", &[arg("weight", PURE)], "weight of the mean over edges of the sum of |message|"),
                form("kl", &[arg("weight", PURE)], "weight of the divergence from a standard normal"),
                form(
                    "width",
                    &[arg("components", Shape::Count(1, 1 << 16))],
                    "so many components, whatever `message` says",
                ),
                form(
                    "prune",
                    &[
                        arg("to", Shape::Count(1, 1 << 16)),
                        Arg {
                            name: "by",
                            shape: Shape::Number(0.0, 1.0, Quantity::Pure),
                            default: Some("65%"),
                            many: false,
                        },
                        Arg {
                            name: "schedule",
                            shape: Shape::Form(&[word("cosine", ""), word("linear", ""), word("exponential", "")]),
                            default: Some("cosine"),
                            many: false,
                        },
                    ],
                    "components of least variance are masked until `to` are left, at the share `by` of training",
                ),
            ]),
            Default::Is("none"),
            "prior on messages",
        ),
        field(
            "weights",
            Shape::Form(&[
                word("none", "no preference"),
                form("l2", &[arg("weight", PURE)], "weight of the sum of squared weights"),
            ]),
            Default::Is("none"),
            "prior on the network's weights",
        ),
        field("third_law", PURE, Default::Is("0"), "weight of the mean violation of Newton's third law by messages"),
    ],
    entries: &[],
};

pub(super) const TRAIN: Kind = Kind {
    name: "train",
    doc: "trains a network on data under a prior",
    fields: &[
        field("network", Shape::Item(&["network"]), Default::Required("network = messages"), "the network"),
        field("data", Shape::Item(&["data"]), Default::Required("data = motion"), "the data set"),
        field("prior", Shape::Item(&["prior"]), Default::Is("std.priors.none"), "the prior"),
        field("epochs", Shape::Count(1, MANY), Default::Is("15"), "passes over the kept training snapshots"),
        field("batch", Shape::Count(1, 1 << 24), Default::Is("64"), "snapshots per optimiser step"),
        field(
            "optimizer",
            Shape::Form(&[word("adam", "Adam (Kingma and Ba 2014)")]),
            Default::Is("adam"),
            "the optimiser",
        ),
        field(
            "rate",
            Shape::Number(0.0, 10.0, Quantity::Pure),
            Default::Is("1e-3"),
            "peak learning rate of the one-cycle schedule",
        ),
        field(
            "augment",
            Shape::Number(0.0, HUGE, Quantity::Length),
            Default::Absent("3, or 0 where the network has the translation bias"),
            "standard deviation of the random translation of each batch",
        ),
        field(
            "loss",
            Shape::Form(&[
                word("mae", "absolute errors"),
                word("mse", "squared errors"),
                form("huber", &[arg("width", PURE)], "squared errors, linear beyond this size"),
                word("relative", "absolute errors over the size of each acceleration: for heavy tails"),
            ]),
            Default::Is("mae"),
            "what is minimised",
        ),
        field("clip", PURE, Default::Is("0"), "gradients are scaled down to this global norm; 0 for no clipping"),
        field(
            "stop",
            Shape::Count(0, MANY),
            Default::Is("0"),
            "ends after so many epochs without a better validation loss; 0 for never",
        ),
        SEED,
        field("seeds", Shape::Count(1, 1000), Default::Is("1"), "number of networks of an ensemble"),
        field("precision", Shape::Form(&[word("f32", "single")]), Default::Is("f32"), "arithmetic"),
        field(
            "device",
            Shape::Form(&[
                word("cpu", "fused kernels"),
                word("flex", "Burn's flex"),
                word("ndarray", "Burn's ndarray"),
            ]),
            Default::Is("cpu"),
            "where it runs",
        ),
    ],
    entries: &[],
};
