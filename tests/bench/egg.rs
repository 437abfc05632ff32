//! The peer: the same identities in an equality graph of the `egg` crate, as its own tests and Herbie use it.

use egg::{Analysis, AstSize, DidMerge, EGraph, Extractor, Id, Language, RecExpr, Rewrite, Runner, Subst, Var};
use egg::{define_language, merge_option, rewrite};
use sdl::expr::{Expr, Node, Op, Rule};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Rounds over all rules.
const ROUNDS: usize = 10;
/// Nodes of a graph at which it stops.
const NODES: usize = 10_000;

/// A number by its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(u64);

impl FromStr for Number {
    type Err = std::num::ParseFloatError;

    fn from_str(text: &str) -> Result<Number, Self::Err> {
        text.parse().map(number)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", f64::from_bits(self.0))
    }
}

fn number(value: f64) -> Number {
    Number((value + 0.0).to_bits())
}

define_language! {
    pub enum Formula {
        "+" = Add([Id; 2]),
        "-" = Sub([Id; 2]),
        "*" = Mul([Id; 2]),
        "/" = Div([Id; 2]),
        "^" = Pow([Id; 2]),
        "neg" = Neg([Id; 1]),
        "abs" = Abs([Id; 1]),
        "sqrt" = Sqrt([Id; 1]),
        "exp" = Exp([Id; 1]),
        "log" = Log([Id; 1]),
        "sin" = Sin([Id; 1]),
        "cos" = Cos([Id; 1]),
        "tan" = Tan([Id; 1]),
        "asin" = Asin([Id; 1]),
        "acos" = Acos([Id; 1]),
        "sinh" = Sinh([Id; 1]),
        "cosh" = Cosh([Id; 1]),
        "tanh" = Tanh([Id; 1]),
        "min" = Min([Id; 2]),
        "max" = Max([Id; 2]),
        Number(Number),
        Symbol(egg::Symbol),
    }
}

impl Formula {
    fn op(&self) -> Option<Op> {
        Some(match self {
            Formula::Add(_) => Op::Add,
            Formula::Sub(_) => Op::Sub,
            Formula::Mul(_) => Op::Mul,
            Formula::Div(_) => Op::Div,
            Formula::Pow(_) => Op::Pow,
            Formula::Neg(_) => Op::Neg,
            Formula::Abs(_) => Op::Abs,
            Formula::Sqrt(_) => Op::Sqrt,
            Formula::Exp(_) => Op::Exp,
            Formula::Log(_) => Op::Log,
            Formula::Sin(_) => Op::Sin,
            Formula::Cos(_) => Op::Cos,
            Formula::Tan(_) => Op::Tan,
            Formula::Asin(_) => Op::Asin,
            Formula::Acos(_) => Op::Acos,
            Formula::Sinh(_) => Op::Sinh,
            Formula::Cosh(_) => Op::Cosh,
            Formula::Tanh(_) => Op::Tanh,
            Formula::Min(_) => Op::Min,
            Formula::Max(_) => Op::Max,
            Formula::Number(_) | Formula::Symbol(_) => return None,
        })
    }
}

/// Constant folding.
#[derive(Default)]
pub struct Folding;

impl Analysis<Formula> for Folding {
    type Data = Option<f64>;

    fn make(graph: &mut EGraph<Formula, Folding>, node: &Formula, _: Id) -> Option<f64> {
        if let Formula::Number(value) = node {
            return Some(f64::from_bits(value.0));
        }
        let values: Vec<f64> = node.children().iter().map(|id| graph[*id].data).collect::<Option<_>>()?;
        Some(node.op()?.apply(&values)).filter(|value| value.is_finite())
    }

    fn merge(&mut self, to: &mut Option<f64>, from: Option<f64>) -> DidMerge {
        // Two sums in another order differ in the last bit: the first stands.
        merge_option(to, from, |_, _| DidMerge(false, false))
    }

    fn modify(graph: &mut EGraph<Formula, Folding>, id: Id) {
        if let Some(value) = graph[id].data {
            let added = graph.add(Formula::Number(number(value)));
            graph.union(id, added);
            graph[id].nodes.retain(Language::is_leaf);
        }
    }
}

type Graph = EGraph<Formula, Folding>;

/// As the tests of egg have it: not known to be zero.
fn not_zero(variable: &str) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    let variable: Var = variable.parse().expect("a variable");
    move |graph, _, found| graph[found[variable]].data != Some(0.0)
}

/// Known to be positive, or not known to be a number.
fn not_negative(variable: &str) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    let variable: Var = variable.parse().expect("a variable");
    move |graph, _, found| graph[found[variable]].data.is_none_or(|value| value > 0.0)
}

/// Arithmetic and rules of the library, in both directions where both sides have the same variables. The graph checks no
/// conditions of theirs.
pub fn rules<'a>(library: impl IntoIterator<Item = &'a Rule>) -> Vec<Rewrite<Formula, Folding>> {
    let mut rules = vec![
        rewrite!("commute +"; "(+ ?a ?b)" => "(+ ?b ?a)"),
        rewrite!("commute *"; "(* ?a ?b)" => "(* ?b ?a)"),
        rewrite!("group +"; "(+ ?a (+ ?b ?c))" => "(+ (+ ?a ?b) ?c)"),
        rewrite!("group *"; "(* ?a (* ?b ?c))" => "(* (* ?a ?b) ?c)"),
        rewrite!("distribute"; "(* ?a (+ ?b ?c))" => "(+ (* ?a ?b) (* ?a ?c))"),
        rewrite!("factor"; "(+ (* ?a ?b) (* ?a ?c))" => "(* ?a (+ ?b ?c))"),
        rewrite!("factor one"; "(+ ?a (* ?a ?b))" => "(* ?a (+ 1 ?b))"),
        rewrite!("twice"; "(+ ?a ?a)" => "(* 2 ?a)"),
        rewrite!("minus"; "(- ?a ?b)" => "(+ ?a (* -1 ?b))"),
        rewrite!("to minus"; "(+ ?a (* -1 ?b))" => "(- ?a ?b)"),
        rewrite!("minus number"; "(+ ?a (* ?n ?b))" => "(- ?a (* (neg ?n) ?b))" if is_number("?n")),
        rewrite!("negation"; "(neg ?a)" => "(* -1 ?a)"),
        rewrite!("to negation"; "(* -1 ?a)" => "(neg ?a)"),
        rewrite!("nothing added"; "(+ ?a 0)" => "?a"),
        rewrite!("times nothing"; "(* ?a 0)" => "0"),
        rewrite!("times one"; "(* ?a 1)" => "?a"),
        rewrite!("difference of one"; "(- ?a ?a)" => "0"),
        rewrite!("quotient of one"; "(/ ?a ?a)" => "1" if not_zero("?a")),
        rewrite!("division"; "(/ ?a ?b)" => "(* ?a (^ ?b -1))" if not_zero("?b")),
        rewrite!("to division"; "(* ?a (^ ?b -1))" => "(/ ?a ?b)"),
        rewrite!("one over"; "(^ ?a -1)" => "(/ 1 ?a)"),
        rewrite!("division of a sum"; "(/ (+ ?a ?b) ?c)" => "(+ (/ ?a ?c) (/ ?b ?c))"),
        rewrite!("common bar"; "(+ (/ ?a ?c) (/ ?b ?c))" => "(/ (+ ?a ?b) ?c)"),
        rewrite!("one bar"; "(+ (/ ?a ?b) ?c)" => "(/ (+ ?a (* ?b ?c)) ?b)" if not_zero("?b")),
        rewrite!("nested bar"; "(/ (/ ?a ?b) ?c)" => "(/ ?a (* ?b ?c))"),
        rewrite!("bar below"; "(/ ?a (/ ?b ?c))" => "(/ (* ?a ?c) ?b)" if not_zero("?c")),
        rewrite!("product of bars"; "(* (/ ?a ?b) ?c)" => "(/ (* ?a ?c) ?b)"),
        rewrite!("cancel"; "(/ (* ?a ?b) (* ?a ?c))" => "(/ ?b ?c)" if not_zero("?a")),
        rewrite!("square"; "(* ?a ?a)" => "(^ ?a 2)"),
        rewrite!("to square"; "(^ ?a 2)" => "(* ?a ?a)"),
        rewrite!("next power"; "(* ?a (^ ?a ?n))" => "(^ ?a (+ ?n 1))" if not_zero("?a")),
        rewrite!("sum of powers"; "(* (^ ?a ?n) (^ ?a ?m))" => "(^ ?a (+ ?n ?m))" if not_zero("?a")),
        rewrite!("power of power"; "(^ (^ ?a ?n) ?m)" => "(^ ?a (* ?n ?m))" if not_negative("?a")),
        rewrite!("power of product"; "(^ (* ?a ?b) ?n)" => "(* (^ ?a ?n) (^ ?b ?n))" if is_whole("?n")),
        rewrite!("product of powers"; "(* (^ ?a ?n) (^ ?b ?n))" => "(^ (* ?a ?b) ?n)" if is_whole("?n")),
        rewrite!("power one"; "(^ ?a 1)" => "?a"),
        rewrite!("power nothing"; "(^ ?a 0)" => "1" if not_zero("?a")),
        rewrite!("square of a sum"; "(^ (+ ?a ?b) 2)" => "(+ (^ ?a 2) (+ (* 2 (* ?a ?b)) (^ ?b 2)))"),
        rewrite!("to square of a sum"; "(+ (^ ?a 2) (+ (* 2 (* ?a ?b)) (^ ?b 2)))" => "(^ (+ ?a ?b) 2)"),
        rewrite!("difference of squares"; "(- (^ ?a 2) (^ ?b 2))" => "(* (+ ?a ?b) (- ?a ?b))"),
        rewrite!("root times root"; "(* (sqrt ?a) (sqrt ?a))" => "?a"),
        rewrite!("square of a root"; "(^ (sqrt ?a) 2)" => "?a"),
        rewrite!("root of a square"; "(sqrt (^ ?a 2))" => "(abs ?a)"),
        rewrite!("exponentials"; "(* (exp ?a) (exp ?b))" => "(exp (+ ?a ?b))"),
        rewrite!("power of exponential"; "(^ (exp ?a) ?n)" => "(exp (* ?a ?n))"),
        rewrite!("one over exponential"; "(/ ?b (exp ?a))" => "(* ?b (exp (neg ?a)))"),
        rewrite!("exponential of a logarithm"; "(exp (log ?a))" => "?a"),
        rewrite!("logarithm of an exponential"; "(log (exp ?a))" => "?a"),
        rewrite!("odd"; "(sin (neg ?a))" => "(neg (sin ?a))"),
        rewrite!("even"; "(cos (neg ?a))" => "(cos ?a)"),
        rewrite!("one less sine"; "(- 1 (^ (sin ?a) 2))" => "(^ (cos ?a) 2)"),
        rewrite!("one less cosine"; "(- 1 (^ (cos ?a) 2))" => "(^ (sin ?a) 2)"),
    ];
    for rule in library {
        for (at, (from, to)) in [(&rule.left, &rule.right), (&rule.right, &rule.left)].into_iter().enumerate() {
            let bound: BTreeSet<_> = from.symbols().into_iter().collect();
            if to.symbols().iter().all(|name| bound.contains(name)) && from.as_symbol().is_none() {
                let pattern = |e: &Expr| pattern(e).parse::<egg::Pattern<Formula>>().expect("a pattern");
                let name = format!("{} {at}", rule.name);
                rules.push(Rewrite::new(name, pattern(from), pattern(to)).expect("all variables are bound"));
            }
        }
    }
    rules
}

fn is_number(variable: &str) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    let variable: Var = variable.parse().expect("a variable");
    move |graph, _, found| graph[found[variable]].data.is_some_and(|value| value < 0.0)
}

fn is_whole(variable: &str) -> impl Fn(&mut Graph, Id, &Subst) -> bool + use<> {
    let variable: Var = variable.parse().expect("a variable");
    move |graph, _, found| graph[found[variable]].data.is_some_and(|value| value == value.trunc())
}

/// An expression as egg writes patterns, its symbols as variables.
fn pattern(expr: &Expr) -> String {
    match expr.node() {
        Node::Number(value) => value.to_string(),
        Node::Symbol(name) => format!("?{}", name.as_str()),
        Node::Call(op, args) => {
            let name = if *op == Op::Neg { "neg" } else { op.info().name };
            format!("({name} {})", args.iter().map(pattern).collect::<Vec<_>>().join(" "))
        }
    }
}

/// The smallest equal expression that the graph holds at its limits.
pub fn simplified(expr: &Expr, rules: &[Rewrite<Formula, Folding>]) -> Expr {
    let mut written = RecExpr::default();
    write(expr, &mut written);
    let runner = Runner::default()
        .with_iter_limit(ROUNDS)
        .with_node_limit(NODES)
        .with_time_limit(Duration::from_secs(3_600))
        .with_expr(&written)
        .run(rules);
    let (_, best) = Extractor::new(&runner.egraph, AstSize).find_best(runner.roots[0]);
    read(&best, best.root())
}

fn write(expr: &Expr, out: &mut RecExpr<Formula>) -> Id {
    let node = match expr.node() {
        Node::Number(value) => Formula::Number(number(*value)),
        Node::Symbol(name) => Formula::Symbol(name.as_str().into()),
        Node::Call(op, args) => {
            let name = if *op == Op::Neg { "neg" } else { op.info().name };
            let args = args.iter().map(|arg| write(arg, out)).collect();
            egg::FromOp::from_op(name, args).expect("an operator of the corpus")
        }
    };
    out.add(node)
}

fn read(from: &RecExpr<Formula>, at: Id) -> Expr {
    let node = &from[at];
    match node {
        Formula::Number(value) => Expr::number(f64::from_bits(value.0)),
        Formula::Symbol(name) => Expr::symbol(name.to_string()),
        _ => {
            let args = node.children().iter().map(|id| read(from, *id)).collect();
            Expr::call(node.op().expect("an operator"), args)
        }
    }
}
