//! Graph networks.

use super::*;

pub(super) const NETWORK: Kind = Kind {
    name: "network",
    doc: "a graph network with its inductive biases",
    fields: &[
        field(
            "predict",
            Shape::Form(&[word("acceleration", "of each body"), word("target", "the target column of a table")]),
            Default::Is("acceleration"),
            "what a node's output is",
        ),
        field("sees", Shape::Names, Default::Is("position, velocity, mass"), "what the network sees of each body"),
        field(
            "learns",
            Shape::Names,
            Default::Absent("nothing"),
            "attributes that are unknown numbers per body, trained with the law",
        ),
        field("edge", Shape::Form(&[WIDTHS]), Default::Is("mlp(128, 128, 128)"), "the message function"),
        field(
            "node",
            Shape::Form(&[
                WIDTHS,
                word("newton", "the summed message over the body's own mass"),
                word("none", "the summed message itself"),
            ]),
            Default::Is("mlp(128, 128, 128)"),
            "the update function",
        ),
        field(
            "message",
            Shape::Count(1, 1 << 16),
            Default::Is("100"),
            "number of message components; `space` for as many as space has",
        ),
        field(
            "combine",
            Shape::Form(&[
                word("sum", "their sum"),
                word("mean", "their mean"),
                word("max", "the largest of each component"),
            ]),
            Default::Is("sum"),
            "how messages meet at a node",
        ),
        field(
            "activation",
            Shape::Form(&[
                word("silu", "x / (1 + exp(-x))"),
                word("relu", "max(x, 0)"),
                word("softplus", "log(1 + exp(x))"),
                word("tanh", "tanh(x)"),
            ]),
            Default::Is("silu"),
            "non-linearity of hidden layers",
        ),
        field(
            "bias",
            Shape::Words(&["translation", "rotation", "superposition", "third_law"]),
            Default::Absent("none"),
            "inductive biases built into the network",
        ),
        field(
            "dynamics",
            Shape::Form(&[word("direct", "outputs are the prediction"), word("hamiltonian", "outputs are energies")]),
            Default::Is("direct"),
            "what the outputs mean in time",
        ),
    ],
    entries: &[],
};
