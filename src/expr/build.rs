//! The expression type and how expressions are built, walked and evaluated at a point.

use super::Op;
use crate::base::Name;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A scalar expression: an immutable tree, cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expr(Arc<Node>);

/// The three kinds of expression.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "Read")]
pub enum Node {
    /// A number.
    Number(#[serde(with = "number")] f64),
    /// A symbol: a variable, a parameter, an attribute such as `i.mass`.
    Symbol(Name),
    /// An operator with its arguments; as many as its arity.
    Call(Op, Vec<Expr>),
}

/// A node as it is read: from a stranger, its operator may have any number of arguments.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Read {
    Number(#[serde(with = "number")] f64),
    Symbol(Name),
    Call(Op, Vec<Expr>),
}

impl TryFrom<Read> for Node {
    type Error = String;

    fn try_from(read: Read) -> Result<Node, String> {
        match read {
            Read::Number(value) => Ok(Node::Number(value)),
            Read::Symbol(name) => Ok(Node::Symbol(name)),
            Read::Call(op, args) if args.len() == op.arity() => Ok(Node::Call(op, args)),
            Read::Call(op, args) => {
                Err(format!("`{}` takes {} arguments, not {}", op.info().name, op.arity(), args.len()))
            }
        }
    }
}

/// JSON has no NaN or infinities: numbers that JSON lacks are written as text.
mod number {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &f64, s: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() { s.serialize_f64(*value) } else { s.serialize_str(&value.to_string()) }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(f64),
            Text(String),
        }
        match Form::deserialize(d)? {
            Form::Number(value) => Ok(value),
            Form::Text(text) => text.parse().map_err(Error::custom),
        }
    }
}

impl Node {
    fn rank(&self) -> u8 {
        match self {
            Node::Number(_) => 0,
            Node::Symbol(_) => 1,
            Node::Call(..) => 2,
        }
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Node) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Node {
    fn cmp(&self, other: &Node) -> Ordering {
        match (self, other) {
            (Node::Number(a), Node::Number(b)) => a.total_cmp(b),
            (Node::Symbol(a), Node::Symbol(b)) => a.cmp(b),
            (Node::Call(f, a), Node::Call(g, b)) => f.cmp(g).then_with(|| a.cmp(b)),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl std::hash::Hash for Node {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.rank().hash(state);
        match self {
            Node::Number(value) => value.to_bits().hash(state),
            Node::Symbol(name) => name.hash(state),
            Node::Call(op, args) => {
                op.hash(state);
                args.hash(state);
            }
        }
    }
}

impl Expr {
    /// A number.
    pub fn number(value: f64) -> Expr {
        Expr(Arc::new(Node::Number(value)))
    }

    /// A symbol.
    pub fn symbol(name: impl Into<Name>) -> Expr {
        Expr(Arc::new(Node::Symbol(name.into())))
    }

    /// An operator with its arguments, exactly as given.
    pub fn call(op: Op, args: Vec<Expr>) -> Expr {
        debug_assert_eq!(op.arity(), args.len(), "{op:?}");
        Expr(Arc::new(Node::Call(op, args)))
    }

    /// The power `self ^ exponent`.
    pub fn pow(self, exponent: impl Into<Expr>) -> Expr {
        let exponent = exponent.into();
        match exponent.as_number() {
            Some(1.0) => self,
            Some(0.0) => Expr::number(1.0),
            _ => fold(Op::Pow, vec![self, exponent]),
        }
    }

    /// A function of one argument, folded if the argument is a number.
    pub fn apply(self, op: Op) -> Expr {
        fold(op, vec![self])
    }

    /// What kind of expression it is.
    pub fn node(&self) -> &Node {
        &self.0
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self.node() {
            Node::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// The symbol's name, if it is one.
    pub fn as_symbol(&self) -> Option<&Name> {
        match self.node() {
            Node::Symbol(name) => Some(name),
            _ => None,
        }
    }

    /// The arguments; none for numbers and symbols.
    pub fn args(&self) -> &[Expr] {
        match self.node() {
            Node::Call(_, args) => args,
            _ => &[],
        }
    }

    /// Number of nodes of the tree.
    pub fn size(&self) -> usize {
        1 + self.args().iter().map(Expr::size).sum::<usize>()
    }

    /// Length of the longest path from the root to a leaf, in nodes.
    pub fn depth(&self) -> usize {
        1 + self.args().iter().map(Expr::depth).max().unwrap_or(0)
    }

    /// All symbols, in order.
    pub fn symbols(&self) -> BTreeSet<Name> {
        let mut found = BTreeSet::new();
        self.visit(&mut |e| {
            if let Some(name) = e.as_symbol() {
                found.insert(name.clone());
            }
        });
        found
    }

    /// Calls `f` on every sub-expression, parents first.
    pub fn visit(&self, f: &mut impl FnMut(&Expr)) {
        f(self);
        for arg in self.args() {
            arg.visit(f);
        }
    }

    /// Rebuilds the tree from the leaves up: `f` sees every sub-expression with its arguments already rebuilt.
    pub fn rebuild(&self, f: &mut impl FnMut(Expr) -> Expr) -> Expr {
        match self.node() {
            Node::Call(op, args) => {
                let args = args.iter().map(|arg| arg.rebuild(f)).collect();
                f(Expr::call(*op, args))
            }
            _ => f(self.clone()),
        }
    }

    /// The expression with symbols replaced.
    pub fn substitute(&self, values: &BTreeMap<Name, Expr>) -> Expr {
        self.rebuild(&mut |e| e.as_symbol().and_then(|name| values.get(name)).cloned().unwrap_or(e))
    }

    /// The value where `lookup` gives the symbols' values; `Err` names a symbol it does not know.
    pub fn eval(&self, lookup: &dyn Fn(&str) -> Option<f64>) -> Result<f64, Name> {
        match self.node() {
            Node::Number(value) => Ok(*value),
            Node::Symbol(name) => lookup(name).ok_or_else(|| name.clone()),
            Node::Call(op, args) => {
                let mut values = [0.0; 3];
                for (value, arg) in values.iter_mut().zip(args) {
                    *value = arg.eval(lookup)?;
                }
                Ok(op.apply(&values[..args.len()]))
            }
        }
    }
}

/// The call, or its value where all arguments are numbers.
fn fold(op: Op, args: Vec<Expr>) -> Expr {
    let values: Option<Vec<f64>> = args.iter().map(Expr::as_number).collect();
    match values {
        Some(values) => Expr::number(op.apply(&values)),
        None => Expr::call(op, args),
    }
}

impl From<f64> for Expr {
    fn from(value: f64) -> Expr {
        Expr::number(value)
    }
}

impl From<&str> for Expr {
    fn from(name: &str) -> Expr {
        Expr::symbol(name)
    }
}

impl std::ops::Add for Expr {
    type Output = Expr;
    fn add(self, other: Expr) -> Expr {
        match (self.as_number(), other.as_number()) {
            (Some(0.0), _) => other,
            (_, Some(0.0)) => self,
            _ => fold(Op::Add, vec![self, other]),
        }
    }
}

impl std::ops::Sub for Expr {
    type Output = Expr;
    fn sub(self, other: Expr) -> Expr {
        match (self.as_number(), other.as_number()) {
            (Some(0.0), _) => -other,
            (_, Some(0.0)) => self,
            _ => fold(Op::Sub, vec![self, other]),
        }
    }
}

impl std::ops::Mul for Expr {
    type Output = Expr;
    fn mul(self, other: Expr) -> Expr {
        match (self.as_number(), other.as_number()) {
            (Some(1.0), _) => other,
            (_, Some(1.0)) => self,
            (Some(0.0), _) | (_, Some(0.0)) => Expr::number(0.0),
            (Some(-1.0), _) => -other,
            (_, Some(-1.0)) => -self,
            _ => fold(Op::Mul, vec![self, other]),
        }
    }
}

impl std::ops::Div for Expr {
    type Output = Expr;
    fn div(self, other: Expr) -> Expr {
        match (self.as_number(), other.as_number()) {
            (_, Some(1.0)) => self,
            (Some(0.0), None) => self,
            _ => fold(Op::Div, vec![self, other]),
        }
    }
}

impl std::ops::Neg for Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        match self.node() {
            Node::Call(Op::Neg, args) => args[0].clone(),
            _ => fold(Op::Neg, vec![self]),
        }
    }
}
