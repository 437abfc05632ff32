//! The program of a tape: what is computed once per call (scalars) and what is computed per row (instructions).
//!
//! Building happens in two steps. [`Builder`] appends instructions whose results all have their own virtual slot
//! (single assignment) and lowers operators to cheaper ones. [`Builder::finish`] drops what no output needs and
//! assigns real slots in one pass: a slot is free again after its last use, and a result never shares a slot with
//! an argument of the same instruction.

use crate::expr::Op;
use std::collections::HashMap;

/// Where an argument comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// The result of an earlier instruction: virtual while building, a real slot afterwards.
    Slot(u32),
    /// An input column.
    Column(u32),
    /// One value for all rows: an index into [`Program::scalars`].
    Scalar(u32),
}

/// Where a result goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A slot: one tile of scratch memory.
    Slot(u32),
    /// The rows of an output.
    Output(u32),
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

/// One step over a tile of rows. Unused arguments repeat the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Instruction {
    /// What it computes.
    pub code: Code,
    /// Where the result goes.
    pub target: Target,
    /// The arguments.
    pub args: [Operand; 3],
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
    /// Number of slots used.
    pub slots: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// Number of parameters: those declared, or one more than the largest index used.
    pub parameters: usize,
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

/// Builds a [`Program`]. Its buffers can be used again after [`Builder::finish`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    sharing: Sharing,
    scalars: Vec<Scalar>,
    instructions: Vec<Instruction>,
    calls: HashMap<(Code, [Operand; 3]), Operand>,
    numbers: HashMap<u64, Operand>,
    last_use: Vec<u32>,
    places: Vec<Target>,
    free: Vec<u32>,
}

/// In [`Builder::last_use`]: no output needs the value.
const UNUSED: u32 = u32::MAX;

/// In [`Builder::places`]: needed more than once or by an instruction, so it wants a slot.
const SEVERAL: Target = Target::Slot(UNUSED - 1);

impl Builder {
    /// An empty builder.
    pub fn new(sharing: Sharing) -> Builder {
        Builder { sharing, ..Builder::default() }
    }

    /// Forgets everything but its memory.
    pub fn clear(&mut self) {
        self.scalars.clear();
        self.instructions.clear();
        self.calls.clear();
        self.numbers.clear();
    }

    /// A number.
    pub fn number(&mut self, value: f64) -> Operand {
        if self.sharing == Sharing::Never {
            return self.scalar(Scalar::Number(value));
        }
        if let Some(&known) = self.numbers.get(&value.to_bits()) {
            return known;
        }
        let operand = self.scalar(Scalar::Number(value));
        self.numbers.insert(value.to_bits(), operand);
        operand
    }

    /// A parameter. Build each only once when sharing.
    pub fn parameter(&mut self, index: u32) -> Operand {
        self.scalar(Scalar::Parameter(index))
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
        if self.sharing == Sharing::Common
            && let Some(&known) = self.calls.get(&(code, padded))
        {
            return known;
        }
        let result = match padded {
            [Operand::Scalar(a), Operand::Scalar(b), Operand::Scalar(c)] => self.emit_scalar(code, [a, b, c]),
            _ => {
                let slot = self.instructions.len() as u32;
                self.instructions.push(Instruction { code, target: Target::Slot(slot), args: padded });
                Operand::Slot(slot)
            }
        };
        if self.sharing == Sharing::Common {
            self.calls.insert((code, padded), result);
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
        self.find_last_uses(outputs);
        program.instructions.clear();
        program.outputs = outputs.len();
        program.slots = 0;
        program.parameters = 0;
        for scalar in &self.scalars {
            if let Scalar::Parameter(index) = *scalar {
                program.parameters = program.parameters.max(index as usize + 1);
            }
        }
        self.place(outputs, program);
        program.scalars.clear();
        program.scalars.append(&mut self.scalars);
        self.clear();
    }

    /// `last_use[v]`: the last instruction that needs the value `v`, the number of instructions where an output
    /// does, [`UNUSED`] where nothing does.
    fn find_last_uses(&mut self, outputs: &[Operand]) {
        let end = self.instructions.len() as u32;
        self.last_use.clear();
        self.last_use.resize(end as usize, UNUSED);
        for &output in outputs {
            if let Operand::Slot(value) = output {
                self.last_use[value as usize] = end;
            }
        }
        for (index, instruction) in self.instructions.iter().enumerate().rev() {
            if self.last_use[index] == UNUSED {
                continue;
            }
            for arg in instruction.args {
                if let Operand::Slot(value) = arg
                    && self.last_use[value as usize] == UNUSED
                {
                    self.last_use[value as usize] = index as u32;
                }
            }
        }
    }

    /// Writes instructions with real slots. A value that is needed as one output and by nothing else goes straight
    /// to the output; the other outputs are copied at the end.
    fn place(&mut self, outputs: &[Operand], program: &mut Program) {
        let end = self.instructions.len() as u32;
        self.places.clear();
        self.places.resize(end as usize, Target::Slot(UNUSED));
        for (index, &output) in outputs.iter().enumerate() {
            if let Operand::Slot(value) = output {
                let place = &mut self.places[value as usize];
                *place = if *place == Target::Slot(UNUSED) { Target::Output(index as u32) } else { SEVERAL };
            }
        }
        for instruction in &self.instructions {
            for arg in instruction.args {
                if let Operand::Slot(value) = arg {
                    self.places[value as usize] = SEVERAL;
                }
            }
        }
        self.free.clear();
        for (index, instruction) in self.instructions.iter().enumerate() {
            if self.last_use[index] == UNUSED {
                continue;
            }
            if let Target::Slot(_) = self.places[index] {
                let slot = self.free.pop().unwrap_or_else(|| {
                    program.slots += 1;
                    program.slots as u32 - 1
                });
                self.places[index] = Target::Slot(slot);
            }
            let mut placed = Instruction { target: self.places[index], ..*instruction };
            for (position, arg) in placed.args.iter_mut().enumerate() {
                let Operand::Slot(value) = *arg else { continue };
                let Target::Slot(slot) = self.places[value as usize] else {
                    unreachable!("a value that is an argument has a slot")
                };
                *arg = Operand::Slot(slot);
                if self.last_use[value as usize] == index as u32
                    && !instruction.args[..position].contains(&Operand::Slot(value))
                {
                    self.free.push(slot);
                }
            }
            program.instructions.push(placed);
        }
        for (index, &output) in outputs.iter().enumerate() {
            let target = Target::Output(index as u32);
            let from = match output {
                Operand::Slot(value) => match self.places[value as usize] {
                    place if place == target => continue,
                    Target::Slot(slot) => Operand::Slot(slot),
                    Target::Output(_) => unreachable!("a value of several outputs has a slot"),
                },
                other => other,
            };
            program.instructions.push(Instruction { code: Code::Copy, target, args: [from; 3] });
        }
    }
}

/// The reciprocal of a power of two that is a normal number in single precision too.
fn exact_reciprocal(d: f64) -> Option<f64> {
    let mantissa = d.to_bits() & ((1 << 52) - 1);
    (mantissa == 0 && (1e-30..1e30).contains(&d.abs())).then(|| 1.0 / d)
}
