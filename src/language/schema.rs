//! The one table of blocks: every kind with its fields, their shapes, defaults and documentation. Checking, defaults,
//! `describe` and help read it and nothing else; what is not in it is an error.

/// A kind of block.
#[derive(Debug)]
pub struct Kind {
    /// As written before the block's name.
    pub name: &'static str,
    /// What it describes or runs.
    pub doc: &'static str,
    /// Its fields, in the order in which they are told.
    pub fields: &'static [Field],
    /// What may stand in it besides fields.
    pub entries: &'static [Extra],
}

/// A field `key = value`.
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub key: &'static str,
    /// What its value may be.
    pub shape: Shape,
    /// The value where none is written, as text of the language.
    pub default: Default,
    /// What it means.
    pub doc: &'static str,
}

/// What a field is where the script does not set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// This text.
    Is(&'static str),
    /// The script must say it; the text shows how.
    Required(&'static str),
    /// Nothing, which means what the text says.
    Absent(&'static str),
}

/// Entries that are not fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// `name ~ distribution`.
    Draw,
    /// A definition with this name and these numbers of arguments.
    Definition(&'static str, &'static [usize]),
    /// `allow …`.
    Allow,
    /// `never …`.
    Never,
    /// `column …`.
    Column,
    /// `name in list`.
    Grid,
    /// A block of this kind.
    Block(&'static str),
    /// `expect …`.
    Expect,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A whole number in this range.
    Count(u64, u64),
    /// A number in this range, ends included, with this quantity.
    Number(f64, f64, Quantity),
    /// Shares that add to 1.
    Shares(usize),
    /// Two numbers `low .. high`.
    Interval,
    /// `true` or `false`.
    Flag,
    /// One of these words or calls.
    Form(&'static [Form]),
    /// A list of these words.
    Words(&'static [&'static str]),
    /// A list of names of attributes or inputs.
    Names,
    /// An item of one of these kinds, with arguments if it has parameters.
    Item(&'static [&'static str]),
    /// A system, or a text that names a file.
    Source,
    /// A training, or a column of a data set.
    Target,
    /// A whole number, or a time.
    Budget,
    /// A condition or another formula over columns.
    Condition,
}

/// What a number measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Nothing: a pure number.
    Pure,
    /// What the bodies' position over velocity measures.
    Time,
    /// What the bodies' position measures.
    Length,
}

/// A word or a call such as `l1(0.01)`.
#[derive(Debug)]
pub struct Form {
    /// The word.
    pub name: &'static str,
    /// Its arguments; none for a bare word.
    pub args: &'static [Arg],
    /// What it means.
    pub doc: &'static str,
}

/// An argument of a form.
#[derive(Debug)]
pub struct Arg {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub shape: Shape,
    /// Its default; `None` if it must be written.
    pub default: Option<&'static str>,
    /// Whether it may be given any number of times, at least once.
    pub many: bool,
}

/// The row of a kind.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

impl Kind {
    /// The row of a field.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

const fn field(key: &'static str, shape: Shape, default: Default, doc: &'static str) -> Field {
    Field { key, shape, default, doc }
}

const fn word(name: &'static str, doc: &'static str) -> Form {
    Form { name, args: &[], doc }
}

const fn form(name: &'static str, args: &'static [Arg], doc: &'static str) -> Form {
    Form { name, args, doc }
}

const fn arg(name: &'static str, shape: Shape) -> Arg {
    Arg { name, shape, default: None, many: false }
}

const MANY: u64 = 1 << 40;
const HUGE: f64 = f64::MAX;
const TINY: f64 = f64::MIN_POSITIVE;
const PURE: Shape = Shape::Number(0.0, HUGE, Quantity::Pure);
const LENGTH: Shape = Shape::Number(TINY, HUGE, Quantity::Length);
const SEED: Field = field(
    "seed",
    Shape::Count(0, 1 << 53),
    Default::Absent("from the script's seed and the item's name"),
    "number its random streams start from",
);

const WIDTHS: Form = form(
    "mlp",
    &[Arg { name: "width", shape: Shape::Count(1, 1 << 16), default: None, many: true }],
    "a multilayer perceptron with hidden layers of these widths",
);

const LINKS: Field = field(
    "links",
    Shape::Form(&[
        word("all", "every pair"),
        word("chain", "neighbours by index"),
        word("ring", "neighbours by index, last and first joined"),
        form("within", &[arg("distance", LENGTH)], "pairs nearer than this"),
        form("nearest", &[arg("count", Shape::Count(1, MANY))], "the nearest senders of each receiver"),
    ]),
    Default::Is("all"),
    "which pairs act on each other",
);

const BOX: Field = field(
    "box",
    Shape::Form(&[word("open", "no walls"), form("periodic", &[arg("side", LENGTH)], "a periodic cube of this side")]),
    Default::Is("open"),
    "the space the bodies move in",
);

/// All kinds of block.
pub static KINDS: [Kind; 10] = [
    Kind {
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
    },
    Kind {
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
                "rows never trained on and scored apart",
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
            field(
                "run",
                Shape::Names,
                Default::Absent("none"),
                "column that tells runs apart: `split` takes whole runs",
            ),
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
    },
    Kind {
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
                Shape::Form(&[
                    word("direct", "outputs are the prediction"),
                    word("hamiltonian", "outputs are energies"),
                ]),
                Default::Is("direct"),
                "what the outputs mean in time",
            ),
        ],
        entries: &[],
    },
    Kind {
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
            field(
                "third_law",
                PURE,
                Default::Is("0"),
                "weight of the mean violation of Newton's third law by messages",
            ),
        ],
        entries: &[],
    },
    Kind {
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
    },
    Kind {
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
    },
    Kind {
        name: "distill",
        doc: "turns a trained network's functions into formulas: measures, searches, composes, refits, verifies",
        fields: &[
            field("of", Shape::Target, Default::Required("of = fit"), "a training, or a column of a data set"),
            field(
                "with",
                Shape::Item(&["operators"]),
                Default::Is("std.operators.physics"),
                "what formulas are made of",
            ),
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
                Shape::Form(&[
                    word("data", "on the training data"),
                    word("none", "not: the network's constants stand"),
                ]),
                Default::Is("data"),
                "whether constants are refitted after composing",
            ),
            SEED,
        ],
        entries: &[Extra::Definition("form", &[1, 2])],
    },
    Kind {
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
    },
    Kind {
        name: "sweep",
        doc: "an experiment over a grid of its parameters",
        fields: &[
            field("of", Shape::Item(&["experiment"]), Default::Required("of = study"), "the experiment"),
            field("seeds", Shape::Count(1, MANY), Default::Is("1"), "repetitions of each cell"),
        ],
        entries: &[Extra::Grid, Extra::Block("table")],
    },
    Kind {
        name: "table",
        doc: "results of a sweep by rows and columns",
        fields: &[
            field("rows", Shape::Names, Default::Required("rows = truth"), "parameters down the side"),
            field("columns", Shape::Names, Default::Required("columns = model"), "parameters along the top"),
            field("cell", Shape::Condition, Default::Required("cell = fit.test.mae"), "what stands in a cell"),
        ],
        entries: &[],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_documented_and_keys_are_unique() {
        for kind in &KINDS {
            assert!(!kind.doc.is_empty());
            for (index, field) in kind.fields.iter().enumerate() {
                assert!(!field.doc.is_empty(), "{}.{}", kind.name, field.key);
                assert!(kind.fields[..index].iter().all(|other| other.key != field.key), "{}.{}", kind.name, field.key);
            }
        }
    }
}
