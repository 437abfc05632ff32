//! Forward derivatives by transforming programs: the derivative of a tape is a tape whose further outputs are the
//! tangents. Only tangents that can differ from zero are followed, equal subexpressions are shared with the values,
//! and the values are computed by the very instructions of the original, so they have the same bits.

use super::kernel::Order;
use super::program::{Builder, Code, Operand, Place, Program, Scalar, Sharing};
use super::{Lane, Scratch, Tape};
use crate::expr::Op;
use std::collections::BTreeMap;

/// With respect to what a derivative is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wrt {
    /// The input column of this index.
    Input(u16),
    /// The parameter of this index.
    Parameter(u16),
}

/// The last differentiated program of a scratch, with what it was made from.
#[derive(Clone, Debug)]
pub struct Differentiated {
    source: Program,
    wrt: Vec<Wrt>,
    program: Program,
}

impl Tape {
    /// Values and derivatives: `jacobian[output * wrt.len() + k][row]` is the derivative of `out[output][row]` with
    /// respect to `wrt[k]`. The differentiated program is kept in `scratch`, so that calls of one tape in a row
    /// differentiate once.
    ///
    /// Where an operator has no derivative (`abs` at 0, equal arguments of `min`) that of one side or 0 is given;
    /// `floor`, comparisons and the like have derivative 0.
    ///
    /// # Panics
    /// As [`Tape::eval`], and if `jacobian` has not `outputs * wrt.len()` columns.
    pub fn eval_with_derivatives<T: Lane>(
        &self,
        columns: &[&[T]],
        parameters: &[T],
        wrt: &[Wrt],
        out: &mut [&mut [T]],
        jacobian: &mut [&mut [T]],
        scratch: &mut Scratch<T>,
    ) {
        assert_eq!(jacobian.len(), self.outputs() * wrt.len(), "one column per output and variable");
        let known = scratch.differentiated.take();
        let differentiated = known.filter(|d| d.wrt == wrt && d.source == self.program).unwrap_or_else(|| {
            let program = differentiate(&self.program, wrt);
            Box::new(Differentiated { source: self.program.clone(), wrt: wrt.to_vec(), program })
        });
        let derivatives = jacobian.iter_mut().map(|column| &mut **column);
        let mut all: Vec<&mut [T]> = out.iter_mut().map(|column| &mut **column).chain(derivatives).collect();
        T::run(&differentiated.program, columns, parameters, &mut all, scratch);
        scratch.differentiated = Some(differentiated);
    }

    /// The tape whose outputs are those of this tape, followed by their derivatives in the order of
    /// [`Tape::eval_with_derivatives`].
    pub fn derivatives(&self, wrt: &[Wrt]) -> Tape {
        Tape { program: differentiate(&self.program, wrt), work: Default::default() }
    }
}

/// A value with its tangents that are not zero, by the index of the variable.
#[derive(Clone, Debug)]
struct Dual {
    value: Operand,
    tangents: BTreeMap<usize, Operand>,
}

fn differentiate(program: &Program, wrt: &[Wrt]) -> Program {
    let mut builder = Builder::new(Sharing::Common);
    let seed = |one: Operand, variable: Wrt| {
        wrt.iter().enumerate().filter(|&(_, &w)| w == variable).map(|(k, _)| (k, one)).collect::<BTreeMap<_, _>>()
    };
    let one = builder.number(1.0);
    let mut scalars: Vec<Dual> = vec![];
    let mut parameters = BTreeMap::new();
    for scalar in &program.scalars {
        let dual = match *scalar {
            Scalar::Number(value) => Dual { value: builder.number(value), tangents: BTreeMap::new() },
            Scalar::Parameter(index) => Dual {
                value: *parameters.entry(index).or_insert_with(|| builder.parameter(index)),
                tangents: seed(one, Wrt::Parameter(index as u16)),
            },
            Scalar::Call(code, args) => {
                let args = args.map(|index| &scalars[index as usize]);
                dual_call(&mut builder, code, args)
            }
        };
        scalars.push(dual);
    }
    let mut slots: Vec<Option<Dual>> = vec![None; program.slots];
    let mut outputs: Vec<Option<Dual>> = vec![None; program.outputs];
    for instruction in &program.instructions {
        let args = instruction.args.map(|arg| match program.place(arg) {
            Place::Column(index) => {
                Dual { value: builder.column(index as u32), tangents: seed(one, Wrt::Input(index as u16)) }
            }
            Place::Scalar(index) => scalars[index].clone(),
            Place::Slot(slot) => slots[slot].clone().expect("a slot is written before it is read"),
            Place::Output(index) => outputs[index].clone().expect("an output is written before it is copied"),
        });
        let dual = match instruction.kernel.as_pair() {
            None => dual_call(&mut builder, instruction.kernel.as_call(instruction.power), args.each_ref()),
            Some((first, second, order)) => {
                let [a, b, c] = &args;
                let inner = dual_call(&mut builder, Code::Call(first), [a, b, b]);
                let (left, right) = if order == Order::FirstLeft { (&inner, c) } else { (c, &inner) };
                dual_call(&mut builder, Code::Call(second), [left, right, right])
            }
        };
        match program.place(instruction.target) {
            Place::Slot(slot) => slots[slot] = Some(dual),
            Place::Output(index) => outputs[index] = Some(dual),
            Place::Column(_) | Place::Scalar(_) => unreachable!("columns and scalars are not written"),
        }
    }
    let duals: Vec<Dual> = outputs.into_iter().map(|dual| dual.expect("every output is written")).collect();
    let zero = builder.number(0.0);
    let mut operands: Vec<Operand> = duals.iter().map(|dual| dual.value).collect();
    for dual in &duals {
        operands.extend((0..wrt.len()).map(|k| dual.tangents.get(&k).copied().unwrap_or(zero)));
    }
    let mut result = Program::default();
    builder.finish(&operands, &mut result);
    result.parameters = program.parameters;
    result
}

/// The value of a call with its tangents.
fn dual_call(builder: &mut Builder, code: Code, args: [&Dual; 3]) -> Dual {
    if code == Code::Copy {
        return args[0].clone();
    }
    let arity = code.arity();
    let values = args.map(|arg| arg.value);
    let value = builder.emit(code, &values[..arity]);
    let mut variables: Vec<usize> = args[..arity].iter().flat_map(|arg| arg.tangents.keys().copied()).collect();
    variables.sort_unstable();
    variables.dedup();
    let mut tangents = BTreeMap::new();
    for k in variables {
        let d = args.map(|arg| arg.tangents.get(&k).copied());
        if let Some(tangent) = tangent(builder, code, value, values, d) {
            tangents.insert(k, tangent);
        }
    }
    Dual { value, tangents }
}

/// The tangent of `value = code(args)` from those of its arguments; `None` is zero.
fn tangent(
    b: &mut Builder,
    code: Code,
    value: Operand,
    args: [Operand; 3],
    d: [Option<Operand>; 3],
) -> Option<Operand> {
    let [x, y, _] = args;
    let op = match code {
        Code::Copy => return d[0],
        Code::HalfPower(n) => {
            let power = b.power(x, f64::from(n) / 2.0 - 1.0);
            let factor = b.number(f64::from(n) / 2.0);
            let slope = b.times(factor, power);
            return d[0].map(|d| b.times(slope, d));
        }
        Code::Call(op) => op,
    };
    match op {
        Op::Add => b.plus(d[0], d[1]),
        Op::Sub => match d {
            [Some(p), Some(q), _] => Some(b.call(Op::Sub, &[p, q])),
            [p, None, _] => p,
            [None, Some(q), _] => Some(b.call(Op::Neg, &[q])),
        },
        Op::Neg => d[0].map(|d| b.call(Op::Neg, &[d])),
        Op::Min | Op::Max | Op::If => {
            let zero = b.number(0.0);
            let (condition, p, q) = match op {
                Op::If => (x, d[1], d[2]),
                Op::Min => (b.call(Op::Le, &[x, y]), d[0], d[1]),
                _ => (b.call(Op::Ge, &[x, y]), d[0], d[1]),
            };
            let either = p.or(q).is_some();
            either.then(|| b.call(Op::If, &[condition, p.unwrap_or(zero), q.unwrap_or(zero)]))
        }
        _ => {
            let first = d[0].and_then(|d| slope_of_first(b, op, value, x, y).map(|slope| b.times(slope, d)));
            let second = d[1]
                .filter(|_| op.arity() > 1)
                .and_then(|d| slope_of_second(b, op, value, x, y).map(|slope| b.times(slope, d)));
            b.plus(first, second)
        }
    }
}

/// The derivative of `v = op(x, y)` with respect to `x`; `None` is zero.
fn slope_of_first(b: &mut Builder, op: Op, v: Operand, x: Operand, y: Operand) -> Option<Operand> {
    let one = b.number(1.0);
    Some(match op {
        Op::Mul => y,
        Op::Div => b.call(Op::Div, &[one, y]),
        Op::Pow => {
            let less = b.call(Op::Sub, &[y, one]);
            let power = b.call(Op::Pow, &[x, less]);
            b.times(y, power)
        }
        Op::Abs => b.call(Op::Sign, &[x]),
        Op::Sqrt => {
            let half = b.number(0.5);
            b.call(Op::Div, &[half, v])
        }
        Op::Cbrt => {
            let square = b.call(Op::Mul, &[v, v]);
            let third = b.number(1.0 / 3.0);
            b.call(Op::Div, &[third, square])
        }
        Op::Exp => v,
        Op::Log => b.call(Op::Div, &[one, x]),
        Op::Sin => b.call(Op::Cos, &[x]),
        Op::Cos => {
            let sin = b.call(Op::Sin, &[x]);
            b.call(Op::Neg, &[sin])
        }
        Op::Tan => {
            let square = b.call(Op::Mul, &[v, v]);
            b.call(Op::Add, &[one, square])
        }
        Op::Asin | Op::Acos => {
            let square = b.call(Op::Mul, &[x, x]);
            let rest = b.call(Op::Sub, &[one, square]);
            let root = b.call(Op::Sqrt, &[rest]);
            let sign = b.number(if op == Op::Asin { 1.0 } else { -1.0 });
            b.call(Op::Div, &[sign, root])
        }
        Op::Atan => {
            let square = b.call(Op::Mul, &[x, x]);
            let sum = b.call(Op::Add, &[one, square]);
            b.call(Op::Div, &[one, sum])
        }
        Op::Sinh => b.call(Op::Cosh, &[x]),
        Op::Cosh => b.call(Op::Sinh, &[x]),
        Op::Tanh => {
            let square = b.call(Op::Mul, &[v, v]);
            b.call(Op::Sub, &[one, square])
        }
        Op::Atan2 => {
            let norm = b.square_norm(x, y);
            b.call(Op::Div, &[y, norm])
        }
        _ => return None,
    })
}

/// The derivative of `v = op(x, y)` with respect to `y`; `None` is zero.
fn slope_of_second(b: &mut Builder, op: Op, v: Operand, x: Operand, y: Operand) -> Option<Operand> {
    Some(match op {
        Op::Mul => x,
        Op::Div => {
            let ratio = b.call(Op::Div, &[v, y]);
            b.call(Op::Neg, &[ratio])
        }
        // Where the power is 0 its logarithm is not finite, but the derivative is 0.
        Op::Pow => {
            let log = b.call(Op::Log, &[x]);
            let slope = b.call(Op::Mul, &[v, log]);
            b.call(Op::If, &[v, slope, v])
        }
        Op::Atan2 => {
            let norm = b.square_norm(x, y);
            let ratio = b.call(Op::Div, &[x, norm]);
            b.call(Op::Neg, &[ratio])
        }
        _ => return None,
    })
}

impl Builder {
    fn times(&mut self, a: Operand, b: Operand) -> Operand {
        match (self.as_number(a), self.as_number(b)) {
            (Some(1.0), _) => b,
            (_, Some(1.0)) => a,
            _ => self.call(Op::Mul, &[a, b]),
        }
    }

    fn plus(&mut self, a: Option<Operand>, b: Option<Operand>) -> Option<Operand> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.call(Op::Add, &[a, b])),
            (a, b) => a.or(b),
        }
    }

    fn square_norm(&mut self, x: Operand, y: Operand) -> Operand {
        let a = self.call(Op::Mul, &[x, x]);
        let b = self.call(Op::Mul, &[y, y]);
        self.call(Op::Add, &[a, b])
    }
}
