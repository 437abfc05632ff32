//! The tape: expressions compiled once and evaluated over columns of rows.
//!
//! A tape is a list of instructions over tiles of rows that stay in the first-level cache. What is the same for all
//! rows (numbers, parameters and everything computed from these alone) is found once per call; columns and scalars
//! are read in place; slots for intermediate values are used again as soon as they are free. Elementary functions
//! are our own vector kernels with errors below 2 ulp. The value of a row depends on that row and the parameters
//! alone: not on the number of rows, the place of the row, threads or instruction set.
//!
//! Values follow [`Op::apply`](crate::expr::Op::apply), operation by operation, to 2 ulp each; nothing is reordered.
//! Indices of columns and parameters are limited to 2^16 by [`Token`].

mod derivative;
mod dispatch;
mod kernel;
mod kernels;
mod lane;
mod memory;
mod operators;
mod program;
mod run;
#[cfg(test)]
mod tests;

pub use derivative::Wrt;
pub use lane::Lane;

use super::{Expr, Node, Token};
use crate::base::Name;
use program::{Builder, Operand, Program, Sharing};
use std::collections::BTreeMap;

/// A compiled list of expressions over shared inputs and parameters.
#[derive(Clone, Debug)]
pub struct Tape {
    program: Program,
    work: Work,
}

/// Memory of a compilation, kept for the next.
#[derive(Clone, Debug, Default)]
struct Work {
    builder: Builder,
    stack: Vec<Operand>,
}

/// A symbol that is neither an input nor a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSymbol {
    /// The symbol's name.
    pub name: Name,
}

impl std::fmt::Display for UnknownSymbol {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "unknown symbol `{}`", self.name)
    }
}

impl std::error::Error for UnknownSymbol {}

/// Working memory of evaluations: make one per thread and use it again.
#[derive(Clone, Debug, Default)]
pub struct Scratch<T> {
    memory: memory::Memory<T>,
    differentiated: Option<Box<derivative::Differentiated>>,
}

impl<T: Lane> Scratch<T> {
    /// Empty working memory; grows as needed.
    pub fn new() -> Scratch<T> {
        Scratch::default()
    }
}

impl Tape {
    /// Compiles several outputs over shared inputs; common subexpressions are computed once. `Err` names a symbol
    /// that is neither an input nor a parameter.
    pub fn compile(outputs: &[Expr], inputs: &[Name], parameters: &[Name]) -> Result<Tape, UnknownSymbol> {
        let mut builder = Builder::new(Sharing::Common);
        let mut symbols = BTreeMap::new();
        for (index, name) in parameters.iter().enumerate() {
            symbols.insert(name, builder.parameter(index as u32));
        }
        for (index, name) in inputs.iter().enumerate() {
            symbols.insert(name, Operand::Column(index as u32));
        }
        let mut operands = vec![];
        for output in outputs {
            operands.push(build(output, &symbols, &mut builder)?);
        }
        let mut program = Program::default();
        builder.finish(&operands, &mut program);
        program.parameters = parameters.len();
        Ok(Tape { program, work: Work::default() })
    }

    /// Compiles one postfix program, as fast as can be: nothing is shared. Its parameters are numbered as in the
    /// program.
    pub fn from_postfix(program: &[Token]) -> Tape {
        let mut tape = Tape { program: Program::default(), work: Work::default() };
        tape.recompile(program);
        tape
    }

    /// As [`Tape::from_postfix`], in the memory of this tape.
    pub fn recompile(&mut self, program: &[Token]) {
        let Work { builder, stack } = &mut self.work;
        for token in program {
            let operand = match *token {
                Token::Number(value) => builder.number(value),
                Token::Input(index) => builder.column(index.into()),
                Token::Parameter(index) => builder.parameter(index.into()),
                Token::Op(op) => {
                    let args = stack.len() - op.arity();
                    let operand = builder.call(op, &stack[args..]);
                    stack.truncate(args);
                    operand
                }
            };
            stack.push(operand);
        }
        builder.finish(stack, &mut self.program);
        stack.clear();
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.program.outputs
    }

    /// Number of parameters that a call gives.
    pub fn parameters(&self) -> usize {
        self.program.parameters
    }

    /// Evaluates all outputs: `columns[input][row]`, parameters by index, `out[output][row]`. The outputs' length
    /// is the number of rows.
    ///
    /// # Panics
    /// If a column is missing or shorter than the outputs, a parameter is missing, or `out` has another number of
    /// columns than [`Tape::outputs`].
    pub fn eval<T: Lane>(&self, columns: &[&[T]], parameters: &[T], out: &mut [&mut [T]], scratch: &mut Scratch<T>) {
        T::run(&self.program, columns, parameters, out, scratch);
    }
}

fn build(expr: &Expr, symbols: &BTreeMap<&Name, Operand>, builder: &mut Builder) -> Result<Operand, UnknownSymbol> {
    match expr.node() {
        Node::Number(value) => Ok(builder.number(*value)),
        Node::Symbol(name) => match symbols.get(name) {
            Some(&Operand::Column(index)) => Ok(builder.column(index)),
            Some(&operand) => Ok(operand),
            None => Err(UnknownSymbol { name: name.clone() }),
        },
        Node::Call(op, args) => {
            let mut operands = [Operand::Scalar(0); 3];
            for (operand, arg) in operands.iter_mut().zip(args) {
                *operand = build(arg, symbols, builder)?;
            }
            Ok(builder.call(*op, &operands[..args.len()]))
        }
    }
}
