//! Whether the operators of a search can build a declared law, up to what algebra can exchange for each other.

use super::forces::Forces;
use crate::expr::{Expr, Node, Op};
use crate::plan::{OperatorsPlan, SystemPlan};
use std::collections::BTreeSet;

/// Operators that the forces of a system need and the search does not have.
pub fn missing_operators(system: &SystemPlan, operators: &OperatorsPlan) -> Vec<Op> {
    let mut has: BTreeSet<Op> = operators.allow.iter().map(|allowed| allowed.op).collect();
    for defined in &operators.define {
        collect(&defined.body, &mut |op, _| {
            has.insert(op);
        });
    }
    let mut missing = BTreeSet::new();
    for (place, law) in Forces::of(system).laws() {
        // Only slopes of an energy are searched for, not the energy itself.
        let parts = if place.starts_with("energy") { &law[1..] } else { &law[..] };
        for part in parts {
            collect(part, &mut |op, args| {
                if !can(op, args, &has) {
                    missing.insert(op);
                }
            });
        }
    }
    missing.into_iter().collect()
}

fn collect(expr: &Expr, f: &mut impl FnMut(Op, &[Expr])) {
    expr.visit(&mut |e| {
        if let Node::Call(op, args) = e.node() {
            f(*op, args);
        }
    });
}

/// Whether the operator, or others that say the same, are among `has`.
fn can(op: Op, args: &[Expr], has: &BTreeSet<Op>) -> bool {
    let any = |ops: &[Op]| ops.iter().any(|op| has.contains(op));
    match op {
        Op::Add | Op::Sub => any(&[Op::Add, Op::Sub]),
        Op::Neg => any(&[Op::Neg, Op::Sub, Op::Mul, Op::Div]),
        Op::Mul => any(&[Op::Mul, Op::Div]),
        Op::Div => any(&[Op::Div, Op::Pow]),
        Op::Pow => match args[1].as_number() {
            Some(n) if n.fract() == 0.0 && n > 0.0 => any(&[Op::Pow, Op::Mul]),
            Some(n) if n.fract() == 0.0 => any(&[Op::Pow, Op::Div]),
            Some(n) if (2.0 * n).fract() == 0.0 => any(&[Op::Pow, Op::Sqrt]),
            _ => any(&[Op::Pow]),
        },
        Op::Sqrt => any(&[Op::Sqrt, Op::Pow]),
        Op::Cbrt => any(&[Op::Cbrt, Op::Pow]),
        Op::Abs => any(&[Op::Abs, Op::Max, Op::Min, Op::If, Op::Sqrt]),
        Op::Sign => any(&[Op::Sign, Op::If, Op::Abs]),
        Op::Min | Op::Max => any(&[Op::Min, Op::Max, Op::If, Op::Abs]),
        Op::If => any(&[Op::If, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Max, Op::Min]),
        Op::Lt | Op::Le | Op::Gt | Op::Ge => any(&[Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Max, Op::Min]),
        _ => any(&[op]),
    }
}
