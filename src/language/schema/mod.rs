//! The one table of blocks: every kind with its fields, their shapes, defaults and documentation. Checking, defaults,
//! `describe` and help read it and nothing else; what is not in it is an error.

mod data;
mod formulas;
mod network;
mod studies;
mod system;
mod training;

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
    system::SYSTEM,
    data::DATA,
    network::NETWORK,
    training::PRIOR,
    formulas::OPERATORS,
    training::TRAIN,
    formulas::DISTILL,
    studies::EXPERIMENT,
    studies::SWEEP,
    studies::TABLE,
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
