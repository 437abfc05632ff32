//! Throughput of the tape in node·rows per second, beside the `dynamic_expressions` crate on the same trees and data
//! in the same run, and of single functions in elements per second. One thread.
//!
//! 1,000 random trees of 10 to 30 nodes over 5 variables; half of the leaves are constants. A node counts whether or
//! not it costs anything: leaves and constant subtrees are nodes. The two programs take turns; for each block of trees
//! the best of several turns counts.

use dynamic_expressions::evaluate::EvalOptions;
use dynamic_expressions::expression::PostfixExpr;
use dynamic_expressions::node::PNode;
use dynamic_expressions::num_traits::Float;
use dynamic_expressions::operator_enum::builtin::{Add, Cos, Div, Exp, Log, Mul, Sin, Sqrt, Sub};
use dynamic_expressions::{EvalContext, HasOp, OperatorSet, eval_tree_array_into, op, opset};
use ndarray::Array2;
use sdl::base::{Seed, Stream};
use sdl::expr::{Lane, Op, Scratch, Tape, Token};
use std::hint::black_box;
use std::time::Instant;

const VARIABLES: usize = 5;
const TREES: usize = 1000;
const BLOCK: usize = 20;

op!(pub Square for<T> {
    eval: |[x]| { x * x },
    partial: |[x], _index| { x + x },
});

opset! { pub Arithmetic32 for f32 { Add, Sub, Mul, Div } }
opset! { pub Arithmetic64 for f64 { Add, Sub, Mul, Div } }
opset! { pub All32 for f32 { Add, Sub, Mul, Div, Sin, Cos, Exp, Log, Sqrt, Square } }
opset! { pub All64 for f64 { Add, Sub, Mul, Div, Sin, Cos, Exp, Log, Sqrt, Square } }

/// A node of a random tree, in postfix order.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Variable(u16),
    Constant(u16),
    Call(Op),
    Square,
}

impl Step {
    fn arity(self) -> u8 {
        match self {
            Step::Variable(_) | Step::Constant(_) => 0,
            Step::Call(op) => op.arity() as u8,
            Step::Square => 1,
        }
    }
}

/// A random tree with the values of its constants.
struct Tree {
    steps: Vec<Step>,
    constants: Vec<f64>,
}

/// Grows a tree by replacing random leaves by random operators, to exactly `length` nodes where the operators allow.
fn grow(operators: &[Step], length: usize, random: &mut Stream) -> Tree {
    let mut tree = Tree { steps: vec![], constants: vec![] };
    let leaf = |constants: &mut Vec<f64>, random: &mut Stream| {
        if random.below(2) == 0 {
            constants.push(4.0 * random.uniform() - 2.0);
            Step::Constant(constants.len() as u16 - 1)
        } else {
            Step::Variable(random.below(VARIABLES) as u16)
        }
    };
    tree.steps.push(leaf(&mut tree.constants, random));
    loop {
        let room = length - tree.steps.len();
        let fitting: Vec<Step> = operators.iter().copied().filter(|op| usize::from(op.arity()) <= room).collect();
        if fitting.is_empty() {
            return tree;
        }
        let op = fitting[random.below(fitting.len())];
        let leaves: Vec<usize> = (0..tree.steps.len()).filter(|&at| tree.steps[at].arity() == 0).collect();
        let at = leaves[random.below(leaves.len())];
        let mut grown: Vec<Step> = (0..op.arity()).map(|_| leaf(&mut tree.constants, random)).collect();
        grown.push(op);
        tree.steps.splice(at..=at, grown);
    }
}

/// The tree as the search holds it: constants are parameters.
fn tokens(tree: &Tree) -> Vec<Token> {
    let token = |step: &Step| match *step {
        Step::Variable(index) => vec![Token::Input(index)],
        Step::Constant(index) => vec![Token::Parameter(index)],
        Step::Call(op) => vec![Token::Op(op)],
        Step::Square => vec![Token::Number(2.0), Token::Op(Op::Pow)],
    };
    tree.steps.iter().flat_map(token).collect()
}

/// The share of nodes that do not depend on a variable.
fn constant_share(trees: &[Tree]) -> f64 {
    let (mut constant, mut all) = (0, 0);
    for tree in trees {
        let mut stack: Vec<bool> = vec![];
        for step in &tree.steps {
            let args = stack.split_off(stack.len() - usize::from(step.arity()));
            let is = !matches!(step, Step::Variable(_)) && args.iter().all(|&arg| arg);
            stack.push(is);
            constant += usize::from(is);
            all += 1;
        }
    }
    constant as f64 / all as f64
}

fn line(case: &str, implementation: &str, metric: &str, value: f64, unit: &str) {
    let line = serde_json::json!({
        "bench": "tape", "case": case, "impl": implementation, "threads": 1, "metric": metric, "value": value, "unit": unit,
    });
    println!("{line}");
}

fn seconds(f: impl FnOnce()) -> f64 {
    let start = Instant::now();
    f();
    start.elapsed().as_secs_f64()
}

fn columns<T: Lane>(rows: usize) -> Vec<Vec<T>> {
    let random = &mut Seed::root(1).child("columns").stream();
    (0..VARIABLES).map(|_| (0..rows).map(|_| T::nearest(4.0 * random.uniform() - 2.0)).collect()).collect()
}

/// Times one set of trees; `peer_op` gives the peer's number of an operator.
fn compare<T, Ops>(case: &str, trees: &[Tree], rows: usize, peer_op: impl Fn(Step) -> u16)
where
    T: Lane + Float,
    Ops: OperatorSet<T = T>,
{
    let columns = columns::<T>(rows);
    let slices: Vec<&[T]> = columns.iter().map(|column| &column[..]).collect();
    let table = Array2::from_shape_vec((VARIABLES, rows), columns.concat()).expect("one value per variable and row");
    let programs: Vec<Vec<Token>> = trees.iter().map(tokens).collect();
    let tapes: Vec<Tape> = programs.iter().map(|program| Tape::from_postfix(program)).collect();
    let parameters: Vec<Vec<T>> = trees.iter().map(|t| t.constants.iter().map(|&c| T::nearest(c)).collect()).collect();
    let peers: Vec<PostfixExpr<T, Ops, 2>> = trees
        .iter()
        .zip(&parameters)
        .map(|(tree, constants)| {
            let node = |step: &Step| match *step {
                Step::Variable(feature) => PNode::Var { feature },
                Step::Constant(idx) => PNode::Const { idx },
                call => PNode::Op { arity: call.arity(), op: peer_op(call) },
            };
            PostfixExpr::new(tree.steps.iter().map(node).collect(), constants.clone(), Default::default())
        })
        .collect();
    let mut out = vec![T::ZERO; rows];
    let mut scratch = Scratch::new();
    let mut fresh = Tape::from_postfix(&programs[0]);
    let mut context = EvalContext::<T, 2>::new(rows);
    let options = EvalOptions { check_finite: false, early_exit: false };
    // Blocks of a few trees, each at its best of several turns: a busy machine interrupts few blocks every time.
    let mut best = [0.0; 4];
    for from in (0..TREES).step_by(BLOCK) {
        let block = from..from + BLOCK;
        let mut least = [f64::INFINITY; 4];
        for _ in 0..15 {
            let tape = seconds(|| {
                for (tape, parameters) in tapes[block.clone()].iter().zip(&parameters[block.clone()]) {
                    tape.eval(&slices, parameters, &mut [black_box(&mut out)], &mut scratch);
                }
            });
            let compiling = seconds(|| {
                for program in &programs[block.clone()] {
                    fresh.recompile(black_box(program));
                }
            });
            let both = seconds(|| {
                for (program, parameters) in programs[block.clone()].iter().zip(&parameters[block.clone()]) {
                    fresh.recompile(black_box(program));
                    fresh.eval(&slices, parameters, &mut [black_box(&mut out)], &mut scratch);
                }
            });
            let peer = seconds(|| {
                for peer in &peers[block.clone()] {
                    eval_tree_array_into(black_box(&mut out), peer, table.view(), &mut context, &options);
                }
            });
            for (least, now) in least.iter_mut().zip([tape, compiling, both, peer]) {
                *least = least.min(now);
            }
        }
        for (best, least) in best.iter_mut().zip(least) {
            *best += least;
        }
    }
    let nodes: usize = trees.iter().map(|tree| tree.steps.len()).sum();
    let rate = |seconds: f64| (nodes * rows) as f64 / seconds / 1e9;
    let unit = "1e9 node·rows/s";
    line(case, "tape", "eval", rate(best[0]), unit);
    line(case, "tape", "compile and eval", rate(best[2]), unit);
    line(case, "tape", "compile", TREES as f64 / best[1] / 1e6, "1e6 trees/s");
    line(case, "dynamic_expressions", "eval", rate(best[3]), unit);
    line(case, "tape / dynamic_expressions", "ratio", best[3] / best[0], "times");
}

/// Elements per second of single functions.
fn functions<T: Lane>(kind: &str) {
    let rows = 1000;
    let columns = columns::<T>(rows);
    let slices: Vec<&[T]> = columns.iter().map(|column| &column[..]).collect();
    let mut out = vec![T::ZERO; rows];
    let mut scratch = Scratch::new();
    use Op::*;
    for op in [Add, Div, Sqrt, Exp, Log, Sin, Cos, Tan, Tanh, Pow, Cbrt, Asin, Atan, Sinh, Atan2] {
        let mut program: Vec<Token> = (0..op.arity() as u16).map(Token::Input).collect();
        program.push(Token::Op(op));
        let tape = Tape::from_postfix(&program);
        let best = (0..20).map(|_| {
            seconds(|| {
                for _ in 0..50 {
                    tape.eval(&slices, &[], &mut [black_box(&mut out)], &mut scratch);
                }
            })
        });
        let rate = (50 * rows) as f64 / best.fold(f64::INFINITY, f64::min) / 1e9;
        line(&format!("{} {kind} {rows} rows", op.info().name), "tape", "eval", rate, "1e9 elements/s");
    }
}

fn main() {
    let arithmetic = [Op::Add, Op::Sub, Op::Mul, Op::Div].map(Step::Call);
    let mut all = arithmetic.to_vec();
    all.extend([Op::Sin, Op::Cos, Op::Exp, Op::Log, Op::Sqrt].map(Step::Call));
    all.push(Step::Square);
    for (name, operators) in [("arithmetic", &arithmetic[..]), ("all operators", &all)] {
        let random = &mut Seed::root(1).child(name).stream();
        let trees: Vec<Tree> = (0..TREES)
            .map(|_| {
                let length = 10 + random.below(21);
                grow(operators, length, random)
            })
            .collect();
        line(name, "trees", "constant nodes", constant_share(&trees), "share");
        for rows in [1000, 10000] {
            let case = |kind: &str| format!("{name} {kind} {rows} rows");
            if name == "arithmetic" {
                compare::<f32, Arithmetic32>(&case("f32"), &trees, rows, arithmetic_op::<Arithmetic32>);
                compare::<f64, Arithmetic64>(&case("f64"), &trees, rows, arithmetic_op::<Arithmetic64>);
            } else {
                compare::<f32, All32>(&case("f32"), &trees, rows, any_op::<All32>);
                compare::<f64, All64>(&case("f64"), &trees, rows, any_op::<All64>);
            }
        }
    }
    functions::<f32>("f32");
    functions::<f64>("f64");
}

fn arithmetic_op<S>(step: Step) -> u16
where
    S: HasOp<Add> + HasOp<Sub> + HasOp<Mul> + HasOp<Div>,
{
    match step {
        Step::Call(Op::Add) => <S as HasOp<Add>>::ID,
        Step::Call(Op::Sub) => <S as HasOp<Sub>>::ID,
        Step::Call(Op::Mul) => <S as HasOp<Mul>>::ID,
        Step::Call(Op::Div) => <S as HasOp<Div>>::ID,
        _ => unreachable!("not an operator of these trees"),
    }
}

fn any_op<S>(step: Step) -> u16
where
    S: HasOp<Add> + HasOp<Sub> + HasOp<Mul> + HasOp<Div>,
    S: HasOp<Sin> + HasOp<Cos> + HasOp<Exp> + HasOp<Log> + HasOp<Sqrt> + HasOp<Square>,
{
    match step {
        Step::Call(Op::Sin) => <S as HasOp<Sin>>::ID,
        Step::Call(Op::Cos) => <S as HasOp<Cos>>::ID,
        Step::Call(Op::Exp) => <S as HasOp<Exp>>::ID,
        Step::Call(Op::Log) => <S as HasOp<Log>>::ID,
        Step::Call(Op::Sqrt) => <S as HasOp<Sqrt>>::ID,
        Step::Square => <S as HasOp<Square>>::ID,
        step => arithmetic_op::<S>(step),
    }
}
