//! The syntax tree: what the parser makes of a text, with the place of everything. It always exists; what could not be
//! read is an [`Term`] of kind [`TermKind::Error`] or is left out, and a diagnostic says so.

use crate::base::Span;

/// A name with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The text, in Unicode normal form C.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// A whole script.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// The number of the line `sdl 1`.
    pub version: Option<(f64, Span)>,
    /// Items in the order of the text.
    pub items: Vec<Item>,
    /// All comments, `#` and `##`, in the order of the text; the formatter puts them back.
    pub comments: Vec<Comment>,
}

/// A comment with its text, from `#` to the line's end.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// The text, `#` included.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// Whether nothing but blanks stands before it on its line.
    pub alone: bool,
}

/// A top-level item.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `use std.systems.{spring, gravity}` or `use "./file.sdl"`.
    Use(Use),
    /// `expect …`.
    Expect(Expect),
    /// `system springs { … }`.
    Block(Block),
    /// `G: m^3/kg/s^2 = 6.674e-11` or `f(x) = …`.
    Definition(Definition),
}

/// An import.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// The whole item.
    pub span: Span,
    /// A module path or a file.
    pub source: UseSource,
    /// The names in braces; empty where the path's last part is the name (or the module) itself.
    pub names: Vec<Ident>,
}

/// Where an import comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum UseSource {
    /// `std.systems`.
    Path(Vec<Ident>),
    /// `"./file.sdl"`.
    File(Ident),
}

/// `expect` with its condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// The whole item.
    pub span: Span,
    /// The condition.
    pub condition: Term,
}

/// A block: `kind name(params) { entries }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The whole block.
    pub span: Span,
    /// Its kind as written: `system`, `data`, `network` …; may be unknown.
    pub kind: Ident,
    /// Its name.
    pub name: Ident,
    /// Its parameters.
    pub params: Vec<Param>,
    /// What stands in it.
    pub entries: Vec<Entry>,
}

/// A parameter of a block or a function: `friction: kg/s = 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Ident,
    /// Its unit.
    pub unit: Option<UnitTerm>,
    /// Its default.
    pub default: Option<Term>,
}

/// One line of a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A block within an experiment or a sweep.
    Block(Block),
    /// An expectation within an experiment.
    Expect(Expect),
    /// `allow +, -, exp cost 2`.
    Allow(Allow),
    /// `allow inv(x) = 1 / x cost 2`.
    AllowDefinition(Definition, Option<(f64, Span)>),
    /// `never exp(exp(_)), log(log(_))`.
    Never(Vec<Term>, Span),
    /// `column position: Mpc = x, y, z`.
    Column(Field),
    /// `truth in spring(2), gravity(2)`.
    Grid(Field),
    /// `mass: kg ~ log_normal(0, 1)`.
    Draw(Definition),
    /// `energy(i, j) = …` or `form(i) = …`: a definition with parameters.
    Definition(Definition),
    /// `steps = 500`.
    Field(Field),
}

/// Operators with one cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Allow {
    /// The whole line.
    pub span: Span,
    /// Operator symbols, keywords and function names.
    pub symbols: Vec<Ident>,
    /// `cost n`.
    pub cost: Option<(f64, Span)>,
}

/// `key = values`, also used for columns and grids.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The whole line.
    pub span: Span,
    /// The key.
    pub key: Ident,
    /// `name: unit`, in columns.
    pub unit: Option<UnitTerm>,
    /// The values of the list.
    pub values: Vec<Term>,
}

/// `name(params): unit = value`, also used for draws (`~`).
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The whole definition.
    pub span: Span,
    /// The name.
    pub name: Ident,
    /// `Some` for a function, even with no parameters.
    pub params: Option<Vec<Param>>,
    /// The unit.
    pub unit: Option<UnitTerm>,
    /// The value.
    pub value: Term,
}

/// A unit as written, such as `m^3/kg/s^2`, with an optional factor before it.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitTerm {
    /// Its place.
    pub span: Span,
    /// `2` in `x: 2 m`; 1 where none is written.
    pub factor: f64,
    /// Atoms with their exponents, in order; `%` is an atom.
    pub atoms: Vec<(Ident, i32)>,
}

/// An expression with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: TermKind,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant's own words tell its fields")]
pub enum TermKind {
    /// `1_000`, `20 km/s`. `text` is the number as written.
    Number { value: f64, text: String, unit: Option<UnitTerm> },
    /// `"halos.parquet"`.
    Text(String),
    /// `true`, `false`.
    Bool(bool),
    /// A name, or `_` as a pattern hole.
    Name(String),
    /// `fit.test`.
    Member(Box<Term>, Ident),
    /// `law.front[4]`.
    Index(Box<Term>, Box<Term>),
    /// `mlp(128, 128)`.
    Call(Box<Term>, Vec<Argument>),
    /// `-x`, `+x`, `not x`.
    Unary(Unary, Box<Term>),
    /// `a + b`, `a recovers b`, `a .. b`.
    Binary(Binary, Box<Term>, Box<Term>),
    /// `if c then a else b`.
    If(Box<Term>, Box<Term>, Box<Term>),
    /// `body where a = …, b = …`.
    Where(Box<Term>, Vec<(Ident, Term)>),
    /// `f |> simplify`, `f |> diff(r)`; the path and its arguments.
    Pipe(Box<Term>, Vec<Ident>, Option<Vec<Argument>>),
    /// `(a + b)`.
    Group(Box<Term>),
    /// What could not be read; a diagnostic was given.
    Error,
}

/// An argument of a call: `8` or `bodies = 8`.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The name, where one is given.
    pub name: Option<Ident>,
    /// The value.
    pub value: Term,
}

/// Operators before their argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unary {
    Minus,
    Plus,
    Not,
}

/// Operators between their arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Or,
    Range,
    Recovers,
}
