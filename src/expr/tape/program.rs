//! The program of a tape: what is computed once per call (scalars) and what is computed per row (instructions).
//!
//! Building happens in two steps. [`Builder`] appends calls whose results all have their own name (single assignment)
//! and lowers operators to cheaper ones. [`Builder::finish`] drops what no output needs and assigns slots in one
//! pass: a slot is free again after its last use, and a result never shares a slot with an argument of the same
//! instruction.

use super::kernel::{Kernel, Order};
use crate::expr::Op;
use std::collections::HashMap;

/// Where an argument comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operand {
    /// The result of an earlier call.
    Value(u32),
    /// An input column.
    Column(u32),
    /// One value for all rows: an index into [`Program::scalars`].
    Scalar(u32),
}

/// What an instruction computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// An operator of the table.
    Call(Op),
    /// The argument itself.
    Copy,
    /// The argument to the power n / 2.
    HalfPower(i8),
}

impl Code {
    /// Number of arguments.
    pub fn arity(self) -> usize {
        match self {
            Code::Call(op) => op.arity(),
            Code::Copy | Code::HalfPower(_) => 1,
        }
    }

    fn is_arithmetic(self) -> bool {
        matches!(self, Code::Call(Op::Add | Op::Sub | Op::Mul | Op::Div))
    }
}

/// A call while building. Unused arguments repeat the first.
#[derive(Clone, Copy, Debug)]
struct Call {
    code: Code,
    args: [Operand; 3],
}

/// One step over a tile of rows. Places are numbered: outputs, columns, scalars, slots; see [`Program::place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What it computes.
    pub kernel: Kernel,
    /// The n of [`Code::HalfPower`].
    pub power: i8,
    /// The place of the result: an output or a slot.
    pub target: u32,
    /// The places of the arguments.
    pub args: [u32; 3],
}

/// A place by its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Rows of an output.
    Output(usize),
    /// Rows of an input column.
    Column(usize),
    /// A scalar.
    Scalar(usize),
    /// A tile of scratch memory.
    Slot(usize),
}

/// A value that is the same for all rows, found once per call, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// A number.
    Number(f64),
    /// A parameter of the call.
    Parameter(u32),
    /// The value of an instruction on earlier scalars.
    Call(Code, [u32; 3]),
}

/// A compiled program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// Values found once per call.
    pub scalars: Vec<Scalar>,
    /// Steps done per tile of rows, in order.
    pub instructions: Vec<Instruction>,
    /// Number of outputs.
    pub outputs: usize,
    /// Number of columns: one more than the largest index used.
    pub columns: usize,
    /// Number of slots used.
    pub slots: usize,
    /// Number of parameters: those declared, or one more than the largest index used.
    pub parameters: usize,
}

impl Program {
    /// What is at a place.
    pub fn place(&self, index: u32) -> Place {
        let index = index as usize;
        let columns = self.outputs;
        let scalars = columns + self.columns;
        let slots = scalars + self.scalars.len();
        match index {
            _ if index < columns => Place::Output(index),
            _ if index < scalars => Place::Column(index - columns),
            _ if index < slots => Place::Scalar(index - scalars),
            _ => Place::Slot(index - slots),
        }
    }
}

/// Whether equal subexpressions are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Every call gives a new instruction: the cheapest compilation.
    #[default]
    Never,
    /// Equal calls and equal numbers give one instruction.
    Common,
}

/// Builds a [`Program`]. Its memory can be used again after [`Builder::finish`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    sharing: Sharing,
    scalars: Vec<Scalar>,
    calls: Vec<Call>,
    known_calls: HashMap<(Code, [Operand; 3]), Operand>,
    known_numbers: HashMap<u64, Operand>,
    columns: usize,
    parameters: usize,
    /// Per call: what becomes of its value.
    values: Vec<Value>,
    free: Vec<u32>,
}

/// What becomes of the value of a call.
#[derive(Clone, Copy, Debug)]
struct Value {
    /// The last call that needs it, [`NEVER`], or [`FOR_OUTPUT`].
    last_use: u32,
    /// Whether that is the only one.
    used_once: bool,
    /// Whether it is done together with the call that needs it.
    inner: bool,
    /// The call that is done together with this one, or [`NEVER`].
    partner: u32,
    /// Where it is kept: a place, or [`SLOT`] before a slot was chosen.
    place: u32,
}

/// Nothing needs the value.
const NEVER: u32 = u32::MAX;

/// An output needs the value: later than any call.
const FOR_OUTPUT: u32 = u32::MAX - 1;

/// The value has no place yet and wants a slot.
const SLOT: u32 = u32::MAX;

impl Builder {
    /// An empty builder.
    pub fn new(sharing: Sharing) -> Builder {
        Builder { sharing, ..Builder::default() }
    }

    /// Forgets everything but its memory.
    pub fn clear(&mut self) {
        self.scalars.clear();
        self.columns = 0;
        self.parameters = 0;
        self.calls.clear();
        self.known_calls.clear();
        self.known_numbers.clear();
    }

    /// A number.
    pub fn number(&mut self, value: f64) -> Operand {
        if self.sharing == Sharing::Never {
            return self.scalar(Scalar::Number(value));
        }
        if let Some(&known) = self.known_numbers.get(&value.to_bits()) {
            return known;
        }
        let operand = self.scalar(Scalar::Number(value));
        self.known_numbers.insert(value.to_bits(), operand);
        operand
    }

    /// A parameter. Build each only once when sharing.
    pub fn parameter(&mut self, index: u32) -> Operand {
        self.parameters = self.parameters.max(index as usize + 1);
        self.scalar(Scalar::Parameter(index))
    }

    /// An input column.
    pub fn column(&mut self, index: u32) -> Operand {
        self.columns = self.columns.max(index as usize + 1);
        Operand::Column(index)
    }

    /// The number, if the operand is one.
    pub fn as_number(&self, operand: Operand) -> Option<f64> {
        match operand {
            Operand::Scalar(index) => match self.scalars[index as usize] {
                Scalar::Number(value) => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    /// An operator on operands, lowered: powers to products and roots, division by a power of two to a product.
    pub fn call(&mut self, op: Op, args: &[Operand]) -> Operand {
        match (op, args) {
            (Op::Pow, &[x, n]) => match self.as_number(n) {
                Some(n) => self.power(x, n),
                None => self.emit(Code::Call(op), args),
            },
            (Op::Div, &[x, d]) => match self.as_number(d).and_then(exact_reciprocal) {
                Some(r) => {
                    let r = self.number(r);
                    self.emit(Code::Call(Op::Mul), &[x, r])
                }
                None => self.emit(Code::Call(op), args),
            },
            _ => self.emit(Code::Call(op), args),
        }
    }

    /// `x ^ n` for a number `n`. Products of up to four equal factors stay below 2 ulp; other integers and halves
    /// go to the compensated kernel.
    pub fn power(&mut self, x: Operand, n: f64) -> Operand {
        let times = Code::Call(Op::Mul);
        let halves = 2.0 * n;
        if n == 0.0 {
            self.number(1.0)
        } else if n == 1.0 {
            x
        } else if n == 2.0 {
            self.emit(times, &[x, x])
        } else if n == 3.0 {
            let square = self.emit(times, &[x, x]);
            self.emit(times, &[square, x])
        } else if n == 4.0 {
            let square = self.emit(times, &[x, x]);
            self.emit(times, &[square, square])
        } else if n == -1.0 || n == -2.0 {
            let one = self.number(1.0);
            let r = self.emit(Code::Call(Op::Div), &[one, x]);
            if n == -1.0 { r } else { self.emit(times, &[r, r]) }
        } else if halves.fract() == 0.0 && halves.abs() <= 64.0 {
            self.emit(Code::HalfPower(halves as i8), &[x])
        } else {
            let n = self.number(n);
            self.emit(Code::Call(Op::Pow), &[x, n])
        }
    }

    /// An instruction as it is; on scalars alone it becomes a scalar, and arithmetic on numbers a number.
    pub fn emit(&mut self, code: Code, args: &[Operand]) -> Operand {
        let mut padded = [args[0]; 3];
        padded[..args.len()].copy_from_slice(args);
        let mut key = padded;
        if matches!(code, Code::Call(Op::Add | Op::Mul)) {
            key[..2].sort_unstable();
            key[2] = key[0];
        }
        if self.sharing == Sharing::Common
            && let Some(&known) = self.known_calls.get(&(code, key))
        {
            return known;
        }
        let result = match padded {
            [Operand::Scalar(a), Operand::Scalar(b), Operand::Scalar(c)] => self.emit_scalar(code, [a, b, c]),
            _ => {
                self.calls.push(Call { code, args: padded });
                Operand::Value(self.calls.len() as u32 - 1)
            }
        };
        if self.sharing == Sharing::Common {
            self.known_calls.insert((code, key), result);
        }
        result
    }

    fn emit_scalar(&mut self, code: Code, args: [u32; 3]) -> Operand {
        let [a, b, _] = args.map(|index| self.scalars[index as usize]);
        match (code, a, b) {
            (
                Code::Call(op @ (Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Neg)),
                Scalar::Number(a),
                Scalar::Number(b),
            ) => self.number(op.apply(&[a, b])),
            _ => self.scalar(Scalar::Call(code, args)),
        }
    }

    fn scalar(&mut self, scalar: Scalar) -> Operand {
        self.scalars.push(scalar);
        Operand::Scalar(self.scalars.len() as u32 - 1)
    }

    /// Writes the program that gives these outputs, over whatever `program` held. The builder is empty afterwards.
    pub fn finish(&mut self, outputs: &[Operand], program: &mut Program) {
        program.instructions.clear();
        program.outputs = outputs.len();
        program.slots = 0;
        program.parameters = self.parameters;
        program.columns = self.columns;
        program.scalars.clear();
        program.scalars.append(&mut self.scalars);
        self.find_uses(outputs);
        self.find_pairs();
        self.place(program);
        for (index, &output) in outputs.iter().enumerate() {
            let target = index as u32;
            let from = self.argument(output, program);
            if from != target {
                program.instructions.push(Instruction { kernel: Kernel::Copy, power: 0, target, args: [from; 3] });
            }
        }
        self.clear();
    }

    /// Who needs which value. A value that is needed as one output and by nothing else goes straight there; the
    /// others want slots.
    fn find_uses(&mut self, outputs: &[Operand]) {
        let unused = Value { last_use: NEVER, used_once: true, inner: false, partner: NEVER, place: SLOT };
        self.values.clear();
        self.values.resize(self.calls.len(), unused);
        for (index, &output) in outputs.iter().enumerate() {
            if let Operand::Value(value) = output {
                let value = &mut self.values[value as usize];
                value.place = if value.last_use == NEVER { index as u32 } else { SLOT };
                value.last_use = FOR_OUTPUT;
                value.used_once = false;
            }
        }
        for (index, call) in self.calls.iter().enumerate().rev() {
            if self.values[index].last_use == NEVER {
                continue;
            }
            for arg in &call.args[..call.code.arity()] {
                if let Operand::Value(value) = *arg {
                    let value = &mut self.values[value as usize];
                    value.place = SLOT;
                    if value.last_use == NEVER {
                        value.last_use = index as u32;
                    } else {
                        value.used_once = false;
                    }
                }
            }
        }
    }

    /// Joins an arithmetic call with the arithmetic call that alone needs its result. The arguments of the first
    /// are then needed by the second.
    fn find_pairs(&mut self) {
        for index in 0..self.calls.len() {
            let Call { code, args } = self.calls[index];
            if self.values[index].last_use == NEVER || !code.is_arithmetic() {
                continue;
            }
            for arg in [args[1], args[0]] {
                let Operand::Value(inner) = arg else { continue };
                let (value, inner_call) = (self.values[inner as usize], self.calls[inner as usize]);
                if !value.used_once || value.partner != NEVER || !inner_call.code.is_arithmetic() {
                    continue;
                }
                self.values[index].partner = inner;
                self.values[inner as usize].inner = true;
                for arg in &inner_call.args[..2] {
                    if let Operand::Value(value) = *arg {
                        let last = &mut self.values[value as usize].last_use;
                        *last = (*last).max(index as u32);
                    }
                }
                break;
            }
        }
    }

    fn place(&mut self, program: &mut Program) {
        self.free.clear();
        for index in 0..self.calls.len() {
            let Value { last_use, inner, partner, .. } = self.values[index];
            if last_use == NEVER || inner {
                continue;
            }
            let Call { code, args } = self.calls[index];
            let (kernel, args) = if partner == NEVER {
                (Kernel::of(code), args)
            } else {
                let first = self.calls[partner as usize];
                let joined_on_left = args[0] == Operand::Value(partner);
                let other = if joined_on_left { args[1] } else { args[0] };
                let order = if joined_on_left { Order::FirstLeft } else { Order::FirstRight };
                (Kernel::pair(first.code, code, order), [first.args[0], first.args[1], other])
            };
            if self.values[index].place == SLOT {
                self.values[index].place = self.take_slot(program);
            }
            let power = if let Code::HalfPower(n) = code { n } else { 0 };
            let places = args.map(|arg| self.argument(arg, program));
            program.instructions.push(Instruction { kernel, power, target: self.values[index].place, args: places });
            for (position, arg) in args.iter().enumerate() {
                if let Operand::Value(value) = *arg
                    && self.values[value as usize].last_use == index as u32
                    && !args[..position].contains(arg)
                {
                    self.free.push(self.values[value as usize].place);
                }
            }
        }
    }

    fn take_slot(&mut self, program: &mut Program) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            program.slots += 1;
            (program.outputs + program.columns + program.scalars.len() + program.slots - 1) as u32
        })
    }

    fn argument(&self, operand: Operand, program: &Program) -> u32 {
        match operand {
            Operand::Value(value) => self.values[value as usize].place,
            Operand::Column(index) => index + program.outputs as u32,
            Operand::Scalar(index) => index + (program.outputs + program.columns) as u32,
        }
    }
}

/// The reciprocal of a power of two that is a normal number in single precision too.
fn exact_reciprocal(d: f64) -> Option<f64> {
    let mantissa = d.to_bits() & ((1 << 52) - 1);
    (mantissa == 0 && (1e-30..1e30).contains(&d.abs())).then(|| 1.0 / d)
}
