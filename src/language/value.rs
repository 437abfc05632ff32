//! What a term of a script means: numbers and formulas with dimensions, vectors of them, bodies, functions and items.

use super::tree::{Block, Definition, Term};
use super::units::Dimension;
use crate::base::{Name, Span};
use crate::expr::Expr;
use crate::plan::Distribution;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The value of a term.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// A scalar formula.
    Scalar(Quantity),
    /// A vector by component.
    Vector(Vec<Quantity>),
    /// A body of a law: `i` or `j`, whatever the script calls it.
    Body(&'static str),
    /// A text.
    Text(&'a str),
    /// A function of the script, with the module it stands in.
    Function(usize, &'a Definition),
    /// A function that is to be searched, with its number of parameters.
    Open(Name, usize),
    /// A block with its parameters bound.
    Item(Item<'a>),
    /// A module: only its members have a meaning.
    Module(usize),
    /// A result of a stage such as `fit.test`: the stage's kind, its name, and the path behind it so far.
    Result(&'static str, Name, String),
    /// What a function of the prompt gave and no formula is.
    Answer(Box<super::prompt::Answer>),
    /// Not known: an error was reported already, or it is a parameter without a value.
    Unknown,
}

impl<'a> Value<'a> {
    /// A pure number.
    pub fn number(value: f64) -> Value<'a> {
        Value::Scalar(Quantity::pure(Expr::number(value)))
    }

    /// What it is, for messages.
    pub fn what(&self) -> String {
        match self {
            Value::Scalar(_) => "a number".into(),
            Value::Vector(parts) => format!("a vector of {} components", parts.len()),
            Value::Body(_) => "a body".into(),
            Value::Text(_) => "a text".into(),
            Value::Function(_, definition) => format!("the function `{}`", definition.name.text),
            Value::Open(name, _) => format!("the unknown function `{name}`"),
            Value::Item(item) => {
                let kind = super::help::nouns(&[&item.block.kind.text]);
                let kind = kind.split_once(' ').map_or("", |(_, noun)| noun);
                format!("the {kind} `{}`", item.block.name.text)
            }
            Value::Module(_) => "a module".into(),
            Value::Result(_, stage, path) if path.is_empty() => format!("the result `{stage}`"),
            Value::Result(_, stage, path) => format!("the result `{stage}.{path}`"),
            Value::Answer(answer) => format!("`{answer}`"),
            Value::Unknown => "unknown".into(),
        }
    }
}

/// A scalar formula in base units.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// The formula.
    pub expr: Expr,
    /// Its dimension; `None` fits any (a literal 0).
    pub dimension: Option<Dimension>,
    /// Number of nodes of the formula, or a bound: so that it is not counted again and again.
    pub size: usize,
    /// Depth of the formula in nodes, or a bound.
    pub depth: usize,
}

impl Quantity {
    /// A quantity of this dimension.
    pub fn new(expr: Expr, dimension: Dimension) -> Quantity {
        let (size, depth) = (expr.size(), expr.depth());
        Quantity { expr, dimension: Some(dimension), size, depth }
    }

    /// A pure number.
    pub fn pure(expr: Expr) -> Quantity {
        Quantity::new(expr, Dimension::NONE)
    }

    /// A formula made of others by `levels` operators above each other.
    pub fn made<'q>(
        expr: Expr,
        dimension: Option<Dimension>,
        levels: usize,
        parts: impl IntoIterator<Item = &'q Quantity>,
    ) -> Quantity {
        if expr.as_number().is_some() {
            return Quantity { expr, dimension, size: 1, depth: 1 };
        }
        let (size, depth) = parts
            .into_iter()
            .fold((0, 0), |(size, depth): (usize, usize), q| (size.saturating_add(q.size), depth.max(q.depth)));
        Quantity { expr, dimension, size: size.saturating_add(levels), depth: depth.saturating_add(levels) }
    }

    /// Zero, which has every dimension.
    pub fn zero() -> Quantity {
        Quantity { expr: Expr::number(0.0), dimension: None, size: 1, depth: 1 }
    }
}

/// A block as a value.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// The module it stands in.
    pub module: usize,
    /// The block.
    pub block: &'a Block,
    /// Its parameters, and what an enclosing block defines.
    pub locals: Locals<'a>,
    /// Its name, with those arguments that are not the defaults: `orbits(bodies = 8)`.
    pub name: Name,
    /// Whether every parameter has a value.
    pub complete: bool,
}

/// Names that hold in a block or a function only.
pub type Locals<'a> = Rc<BTreeMap<String, Value<'a>>>;

/// Where a term stands, which says what names mean in it.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The module whose names it sees.
    pub module: usize,
    /// Names of the block or function around it.
    pub locals: Locals<'a>,
    /// What kind of place it is.
    pub place: Place,
}

/// What kind of place a term stands in.
#[derive(Clone, Debug)]
pub enum Place {
    /// Values known before anything runs.
    Constant,
    /// The right of `~`: distributions, `i.index` and `particles`.
    Draw,
    /// An energy or a force.
    Law(Rc<Frame>),
    /// A pattern or a definition of operators: `_` and inputs of the search.
    Pattern,
    /// A condition over results.
    Results,
    /// A column of a file: every unknown name is a header.
    Columns,
    /// A line of the prompt: every unknown name is a symbol.
    Prompt,
}

/// What a law may speak of.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Number of space dimensions.
    pub space: usize,
    /// Scalar attributes of a body with their dimensions.
    pub attributes: BTreeMap<String, Dimension>,
    /// Dimension of positions.
    pub position: Dimension,
    /// Dimension of velocities.
    pub velocity: Dimension,
}

impl<'a> Scope<'a> {
    /// A scope for values known before anything runs.
    pub fn constant(module: usize, locals: Locals<'a>) -> Scope<'a> {
        Scope { module, locals, place: Place::Constant }
    }

    /// The scope with more names.
    pub fn with(&self, names: impl IntoIterator<Item = (String, Value<'a>)>) -> Scope<'a> {
        let mut locals = (*self.locals).clone();
        locals.extend(names);
        Scope { module: self.module, locals: Rc::new(locals), place: self.place.clone() }
    }

    /// The scope at another kind of place.
    pub fn at(&self, place: Place) -> Scope<'a> {
        Scope { place, ..self.clone() }
    }
}

/// Independent draws found so far in a `~` line.
pub type Draws = Vec<Distribution>;

/// An argument of a call, evaluated.
#[derive(Clone, Debug)]
pub struct Given<'a> {
    /// Its name where one is written.
    pub name: Option<&'a super::tree::Ident>,
    /// The term.
    pub term: &'a Term,
    /// Its value.
    pub value: Value<'a>,
}

impl Given<'_> {
    /// Its place.
    pub fn span(&self) -> Span {
        self.term.span
    }
}
