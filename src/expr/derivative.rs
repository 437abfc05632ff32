//! Symbolic derivatives by the rules of the operator table. Where an operator has a kink or a jump (`abs`, `min`, `if`,
//! `floor`) the derivative is the one of the side it is on; jumps themselves have none.

use super::{Expr, Node, Op};

impl Expr {
    /// The partial derivative with respect to a symbol.
    pub fn derivative(&self, symbol: &str) -> Expr {
        match self.node() {
            Node::Number(_) => Expr::number(0.0),
            Node::Symbol(name) => Expr::number(if name.as_str() == symbol { 1.0 } else { 0.0 }),
            Node::Call(op, args) => {
                let inner: Vec<Expr> = args.iter().map(|arg| arg.derivative(symbol)).collect();
                if inner.iter().all(|d| d.as_number() == Some(0.0)) {
                    return Expr::number(0.0);
                }
                chain(*op, self, args, &inner)
            }
        }
    }
}

/// The derivative of `whole`, which is `op` on `a`, where `d` are the derivatives of `a`.
fn chain(op: Op, whole: &Expr, a: &[Expr], d: &[Expr]) -> Expr {
    let n = Expr::number;
    let arg = |k: usize| a[k].clone();
    let inner = |k: usize| d[k].clone();
    match op {
        Op::Add => inner(0) + inner(1),
        Op::Sub => inner(0) - inner(1),
        Op::Mul => inner(0) * arg(1) + arg(0) * inner(1),
        Op::Div => match a[1].as_number() {
            Some(_) => inner(0) / arg(1),
            None => inner(0) / arg(1) - arg(0) * inner(1) / arg(1).pow(2.0),
        },
        Op::Pow => match (a[0].as_number(), a[1].as_number()) {
            (_, Some(exponent)) => n(exponent) * arg(0).pow(exponent - 1.0) * inner(0),
            (Some(base), None) => n(libm::log(base)) * whole.clone() * inner(1),
            (None, None) => whole.clone() * (inner(1) * arg(0).apply(Op::Log) + arg(1) * inner(0) / arg(0)),
        },
        Op::Neg => -inner(0),
        Op::Abs => arg(0).apply(Op::Sign) * inner(0),
        Op::Sqrt => inner(0) / (n(2.0) * whole.clone()),
        Op::Cbrt => inner(0) / (n(3.0) * whole.clone().pow(2.0)),
        Op::Exp => whole.clone() * inner(0),
        Op::Log => inner(0) / arg(0),
        Op::Sin => arg(0).apply(Op::Cos) * inner(0),
        Op::Cos => -(arg(0).apply(Op::Sin) * inner(0)),
        Op::Tan => (n(1.0) + whole.clone().pow(2.0)) * inner(0),
        Op::Asin => inner(0) / (n(1.0) - arg(0).pow(2.0)).apply(Op::Sqrt),
        Op::Acos => -(inner(0) / (n(1.0) - arg(0).pow(2.0)).apply(Op::Sqrt)),
        Op::Atan => inner(0) / (n(1.0) + arg(0).pow(2.0)),
        Op::Sinh => arg(0).apply(Op::Cosh) * inner(0),
        Op::Cosh => arg(0).apply(Op::Sinh) * inner(0),
        Op::Tanh => (n(1.0) - whole.clone().pow(2.0)) * inner(0),
        Op::Atan2 => (arg(1) * inner(0) - arg(0) * inner(1)) / (arg(0).pow(2.0) + arg(1).pow(2.0)),
        Op::Min => Expr::call(Op::If, vec![Expr::call(Op::Le, vec![arg(0), arg(1)]), inner(0), inner(1)]),
        Op::Max => Expr::call(Op::If, vec![Expr::call(Op::Ge, vec![arg(0), arg(1)]), inner(0), inner(1)]),
        Op::If => Expr::call(Op::If, vec![arg(0), inner(1), inner(2)]),
        Op::Sign | Op::Floor | Op::Ceil => n(0.0),
        Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne | Op::And | Op::Or | Op::Not => n(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::OPERATORS;

    /// Every operator against central differences, where it is smooth.
    #[test]
    fn derivatives_agree_with_differences() {
        for row in &OPERATORS {
            let x = Expr::symbol("x");
            let inner = [
                x.clone() * Expr::number(0.3) + Expr::number(0.4),
                x.clone().pow(2.0) + Expr::number(0.1),
                x.clone().apply(Op::Sin),
            ];
            let expr = Expr::call(row.op, inner[..row.arity].to_vec());
            let derivative = expr.derivative("x");
            for at in [0.21, 0.47, 0.83] {
                let value = |x: f64| expr.eval(&|_| Some(x)).unwrap();
                let h = 1e-5;
                let difference = (value(at + h) - value(at - h)) / (2.0 * h);
                let exact = derivative.eval(&|_| Some(at)).unwrap();
                assert!(
                    (difference - exact).abs() <= 1e-7 * (1.0 + exact.abs()),
                    "{} at {at}: {difference} and {exact}",
                    row.name
                );
            }
        }
    }
}
