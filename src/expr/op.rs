//! The operator table. Everything else about an operator (parser, printer, tape, search) reads this table.

use serde::{Deserialize, Serialize};

/// An operator or function of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Op {
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
}

/// What the table says of one operator.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// The operator.
    pub op: Op,
    /// How it is written: an infix symbol, a keyword or a function's name.
    pub name: &'static str,
    /// Number of arguments.
    pub arity: usize,
    /// How it is written between or before its arguments, with its binding strength; `None` for a function call.
    pub fixity: Option<Fixity>,
    /// What it does, for `sdl doc` and completion.
    pub doc: &'static str,
}

/// How an operator that is not a function call binds. Larger numbers bind tighter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixity {
    /// Between its arguments, grouping to the left.
    Left(u8),
    /// Between its arguments, grouping to the right.
    Right(u8),
    /// Between its arguments, not chaining.
    None(u8),
    /// Before its argument.
    Prefix(u8),
}

const fn row(op: Op, name: &'static str, arity: usize, fixity: Option<Fixity>, doc: &'static str) -> OpInfo {
    OpInfo { op, name, arity, fixity, doc }
}

/// All operators, in the order of [`Op`].
pub const OPERATORS: [OpInfo; 36] = {
    use Fixity::{Left, Prefix, Right};
    [
        row(Op::Add, "+", 2, Some(Left(6)), "sum"),
        row(Op::Sub, "-", 2, Some(Left(6)), "difference"),
        row(Op::Mul, "*", 2, Some(Left(7)), "product"),
        row(Op::Div, "/", 2, Some(Left(7)), "quotient"),
        row(Op::Pow, "^", 2, Some(Right(9)), "power; NaN for a negative base and a fractional exponent"),
        row(Op::Neg, "-", 1, Some(Prefix(8)), "negation"),
        row(Op::Abs, "abs", 1, None, "absolute value"),
        row(Op::Sign, "sign", 1, None, "-1, 0 or 1"),
        row(Op::Floor, "floor", 1, None, "largest integer not above"),
        row(Op::Ceil, "ceil", 1, None, "smallest integer not below"),
        row(Op::Sqrt, "sqrt", 1, None, "square root"),
        row(Op::Cbrt, "cbrt", 1, None, "cube root"),
        row(Op::Exp, "exp", 1, None, "exponential"),
        row(Op::Log, "log", 1, None, "natural logarithm"),
        row(Op::Sin, "sin", 1, None, "sine of radians"),
        row(Op::Cos, "cos", 1, None, "cosine of radians"),
        row(Op::Tan, "tan", 1, None, "tangent of radians"),
        row(Op::Asin, "asin", 1, None, "inverse sine"),
        row(Op::Acos, "acos", 1, None, "inverse cosine"),
        row(Op::Atan, "atan", 1, None, "inverse tangent"),
        row(Op::Sinh, "sinh", 1, None, "hyperbolic sine"),
        row(Op::Cosh, "cosh", 1, None, "hyperbolic cosine"),
        row(Op::Tanh, "tanh", 1, None, "hyperbolic tangent"),
        row(Op::Atan2, "atan2", 2, None, "angle of the point (second, first)"),
        row(Op::Min, "min", 2, None, "smaller of two"),
        row(Op::Max, "max", 2, None, "larger of two"),
        row(Op::Lt, "<", 2, Some(Fixity::None(4)), "1 if less, else 0"),
        row(Op::Le, "<=", 2, Some(Fixity::None(4)), "1 if not greater, else 0"),
        row(Op::Gt, ">", 2, Some(Fixity::None(4)), "1 if greater, else 0"),
        row(Op::Ge, ">=", 2, Some(Fixity::None(4)), "1 if not less, else 0"),
        row(Op::Eq, "==", 2, Some(Fixity::None(4)), "1 if equal, else 0"),
        row(Op::Ne, "!=", 2, Some(Fixity::None(4)), "1 if not equal, else 0"),
        row(Op::And, "and", 2, Some(Left(2)), "1 if both are not 0"),
        row(Op::Or, "or", 2, Some(Left(1)), "1 if one is not 0"),
        row(Op::Not, "not", 1, Some(Prefix(3)), "1 if 0, else 0"),
        row(Op::If, "if", 3, None, "`if c then a else b`: a where c is not 0, else b"),
    ]
};

impl Op {
    /// The operator's row of the table.
    pub fn info(self) -> &'static OpInfo {
        &OPERATORS[self as usize]
    }

    /// Number of arguments.
    pub fn arity(self) -> usize {
        self.info().arity
    }

    /// The function, infix symbol or keyword of this name that takes `arity` arguments.
    pub fn named(name: &str, arity: usize) -> Option<Op> {
        OPERATORS.iter().find(|row| row.name == name && row.arity == arity).map(|row| row.op)
    }

    /// Whether exchanging the two arguments changes nothing.
    pub fn commutes(self) -> bool {
        matches!(self, Op::Add | Op::Mul | Op::Min | Op::Max | Op::Eq | Op::Ne | Op::And | Op::Or)
    }

    /// The value on scalars, by libm: equal bits on every machine. The tape has the fast vector forms.
    pub fn apply(self, a: &[f64]) -> f64 {
        let truth = |b: bool| f64::from(u8::from(b));
        match self {
            Op::Add => a[0] + a[1],
            Op::Sub => a[0] - a[1],
            Op::Mul => a[0] * a[1],
            Op::Div => a[0] / a[1],
            Op::Pow => libm::pow(a[0], a[1]),
            Op::Neg => -a[0],
            Op::Abs => a[0].abs(),
            Op::Sign if a[0] == 0.0 => 0.0,
            Op::Sign => a[0].signum(),
            Op::Floor => libm::floor(a[0]),
            Op::Ceil => libm::ceil(a[0]),
            Op::Sqrt => libm::sqrt(a[0]),
            Op::Cbrt => libm::cbrt(a[0]),
            Op::Exp => libm::exp(a[0]),
            Op::Log => libm::log(a[0]),
            Op::Sin => libm::sin(a[0]),
            Op::Cos => libm::cos(a[0]),
            Op::Tan => libm::tan(a[0]),
            Op::Asin => libm::asin(a[0]),
            Op::Acos => libm::acos(a[0]),
            Op::Atan => libm::atan(a[0]),
            Op::Sinh => libm::sinh(a[0]),
            Op::Cosh => libm::cosh(a[0]),
            Op::Tanh => libm::tanh(a[0]),
            Op::Atan2 => libm::atan2(a[0], a[1]),
            Op::Min if a[0].is_nan() || a[1].is_nan() => f64::NAN,
            Op::Max if a[0].is_nan() || a[1].is_nan() => f64::NAN,
            Op::Min => a[0].min(a[1]),
            Op::Max => a[0].max(a[1]),
            Op::Lt => truth(a[0] < a[1]),
            Op::Le => truth(a[0] <= a[1]),
            Op::Gt => truth(a[0] > a[1]),
            Op::Ge => truth(a[0] >= a[1]),
            Op::Eq => truth(a[0] == a[1]),
            Op::Ne => truth(a[0] != a[1]),
            Op::And => truth(a[0] != 0.0 && a[1] != 0.0),
            Op::Or => truth(a[0] != 0.0 || a[1] != 0.0),
            Op::Not => truth(a[0] == 0.0),
            Op::If if a[0] != 0.0 => a[1],
            Op::If => a[2],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (index, row) in OPERATORS.iter().enumerate() {
            assert_eq!(row.op as usize, index, "{}", row.name);
            assert_eq!(Op::named(row.name, row.arity), Some(row.op));
        }
    }
}
