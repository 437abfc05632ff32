//! The table of kernels: what one instruction does over a tile. A flat list, so that finding the kernel of an
//! instruction is one jump.

use super::program::Code;
use crate::expr::Op;

/// A kernel: an operator, or two arithmetic operators done at once. In a pair t is the result of the first operator
/// and c the other argument of the second, which is one of t + c, t - c, c - t (`From`), t * c, t / c, c / t (`Into`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Kernel {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Neg,
    Abs,
    Sign,
    Floor,
    Ceil,
    Sqrt,
    Cbrt,
    Exp,
    Log,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Atan2,
    Min,
    Max,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Or,
    Not,
    If,
    /// The argument itself.
    Copy,
    /// The power n / 2 of the argument.
    HalfPower,
    AddAdd,
    AddSub,
    AddFrom,
    AddMul,
    AddDiv,
    AddInto,
    SubAdd,
    SubSub,
    SubFrom,
    SubMul,
    SubDiv,
    SubInto,
    MulAdd,
    MulSub,
    MulFrom,
    MulMul,
    MulDiv,
    MulInto,
    DivAdd,
    DivSub,
    DivFrom,
    DivMul,
    DivDiv,
    DivInto,
}

/// On which side of the second operator the result of the first is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// t op c
    FirstLeft,
    /// c op t
    FirstRight,
}

/// The kernel of every operator, in the order of [`Op`].
const OPERATORS: [Kernel; 36] = {
    use Kernel::*;
    [
        Add, Sub, Mul, Div, Pow, Neg, Abs, Sign, Floor, Ceil, Sqrt, Cbrt, Exp, Log, Sin, Cos, Tan, Asin, Acos, Atan,
        Sinh, Cosh, Tanh, Atan2, Min, Max, Lt, Le, Gt, Ge, Eq, Ne, And, Or, Not, If,
    ]
};

/// The kernels of pairs: by the first operator, then by the second.
const PAIRS: [[Kernel; 6]; 4] = {
    use Kernel::*;
    [
        [AddAdd, AddSub, AddFrom, AddMul, AddDiv, AddInto],
        [SubAdd, SubSub, SubFrom, SubMul, SubDiv, SubInto],
        [MulAdd, MulSub, MulFrom, MulMul, MulDiv, MulInto],
        [DivAdd, DivSub, DivFrom, DivMul, DivDiv, DivInto],
    ]
};

const ARITHMETIC: [Op; 4] = [Op::Add, Op::Sub, Op::Mul, Op::Div];

/// The second operators of [`PAIRS`].
const SECOND: [(Op, Order); 6] = [
    (Op::Add, Order::FirstLeft),
    (Op::Sub, Order::FirstLeft),
    (Op::Sub, Order::FirstRight),
    (Op::Mul, Order::FirstLeft),
    (Op::Div, Order::FirstLeft),
    (Op::Div, Order::FirstRight),
];

impl Kernel {
    /// The kernel of a single call.
    pub fn of(code: Code) -> Kernel {
        match code {
            Code::Call(op) => OPERATORS[op as usize],
            Code::Copy => Kernel::Copy,
            Code::HalfPower(_) => Kernel::HalfPower,
        }
    }

    /// The kernel of two arithmetic calls.
    pub fn pair(first: Code, second: Code, order: Order) -> Kernel {
        let row = match first {
            Code::Call(Op::Add) => 0,
            Code::Call(Op::Sub) => 1,
            Code::Call(Op::Mul) => 2,
            _ => 3,
        };
        let column = match (second, order) {
            (Code::Call(Op::Add), _) => 0,
            (Code::Call(Op::Sub), Order::FirstLeft) => 1,
            (Code::Call(Op::Sub), Order::FirstRight) => 2,
            (Code::Call(Op::Mul), _) => 3,
            (_, Order::FirstLeft) => 4,
            (_, Order::FirstRight) => 5,
        };
        PAIRS[row][column]
    }

    /// The two operators of a pair, and where the result of the first is.
    pub fn as_pair(self) -> Option<(Op, Op, Order)> {
        let index = (self as usize).checked_sub(Kernel::AddAdd as usize)?;
        let (second, order) = SECOND[index % SECOND.len()];
        Some((ARITHMETIC[index / SECOND.len()], second, order))
    }

    /// The call of a kernel that is not a pair; `power` is that of [`Code::HalfPower`].
    pub fn as_call(self, power: i8) -> Code {
        match self {
            Kernel::HalfPower => Code::HalfPower(power),
            Kernel::Copy => Code::Copy,
            _ => Code::Call(crate::expr::OPERATORS[self as usize].op),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_know_what_they_do() {
        for row in &crate::expr::OPERATORS {
            let code = Code::Call(row.op);
            assert_eq!(Kernel::of(code).as_call(0), code);
            assert_eq!(Kernel::of(code).as_pair(), None);
        }
        for first in ARITHMETIC {
            for (second, order) in SECOND {
                let kernel = Kernel::pair(Code::Call(first), Code::Call(second), order);
                assert_eq!(kernel.as_pair(), Some((first, second, order)));
            }
        }
        assert_eq!(Kernel::pair(Code::Call(Op::Div), Code::Call(Op::Add), Order::FirstRight), Kernel::DivAdd);
    }
}
