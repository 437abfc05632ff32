//! Small changes of a formula's structure: what may lie between a formula that a search found on a network's answers
//! and the law of the data. All are generic; each is fitted and judged on data by [`super::polish`].

use super::model::Model;
use crate::base::Name;
use crate::expr::{Expr, Node, Op};
use crate::plan::OperatorsPlan;

/// All changed models of one model, constants at values from which a fit can start. `symbols` may enter a formula.
pub fn variants(model: &Model, symbols: &[Name], operators: &OperatorsPlan) -> Vec<Model> {
    let mut out = vec![];
    let mut push = |pair: Expr, constants: &[(Name, f64)]| {
        let mut next = Model { pair, ..model.clone() };
        for (name, value) in constants {
            next.names.push(name.clone());
            next.values.push(*value);
        }
        let next = next.prune();
        if next != *model && admitted(&next, operators) {
            out.push(next);
        }
    };
    let fresh = model.clone().constant(0.0);
    let c = || Expr::symbol(fresh.clone());
    let mut with_fresh = model.clone();
    with_fresh.constant(0.0);
    let second = with_fresh.constant(0.0);
    let d = || Expr::symbol(second.clone());
    let free = operators.constants.is_some();
    let allowed = |op: Op| operators.allow.iter().any(|a| a.op == op);
    let call = |op: Op, a: &Expr, b: Expr| Expr::call(op, vec![a.clone(), b]);
    for at in 0..model.pair.size() {
        let node = nth(&model.pair, at);
        let put = |by: Expr| replace(&model.pair, at, &by);
        if free {
            push(put(call(Op::Add, &node, c())), &[(fresh.clone(), 0.0)]);
            push(put(call(Op::Mul, &node, c())), &[(fresh.clone(), 1.0)]);
            if allowed(Op::Pow) {
                push(put(call(Op::Pow, &node, c())), &[(fresh.clone(), 1.0)]);
            }
            if allowed(Op::Sqrt) || allowed(Op::Pow) {
                let root = call(Op::Add, &call(Op::Mul, &node, node.clone()), c());
                let root = if allowed(Op::Sqrt) {
                    Expr::call(Op::Sqrt, vec![root])
                } else {
                    Expr::call(Op::Pow, vec![root, Expr::number(0.5)])
                };
                push(put(root), &[(fresh.clone(), 1e-3)]);
            }
        }
        push(put(call(Op::Mul, &node, node.clone())), &[]);
        push(put(Expr::call(Op::Div, vec![Expr::number(1.0), node.clone()])), &[]);
        for unary in operators.allow.iter().map(|a| a.op).filter(|op| op.arity() == 1) {
            push(put(Expr::call(unary, vec![node.clone()])), &[]);
        }
        for symbol in symbols {
            let x = || Expr::symbol(symbol.clone());
            push(put(call(Op::Mul, &node, x())), &[]);
            push(put(call(Op::Div, &node, x())), &[]);
            if free {
                push(put(call(Op::Add, &node, c() * x())), &[(fresh.clone(), 0.0)]);
            }
        }
        match node.node() {
            Node::Number(_) => {}
            Node::Symbol(name) if model.is_constant(name) => {
                push(put(Expr::number(0.0)), &[]);
                push(put(Expr::number(1.0)), &[]);
                for symbol in symbols {
                    push(put(Expr::symbol(symbol.clone())), &[]);
                }
            }
            Node::Symbol(name) => {
                for symbol in symbols.iter().filter(|symbol| *symbol != name) {
                    push(put(Expr::symbol(symbol.clone())), &[]);
                }
                if free {
                    push(put(c()), &[(fresh.clone(), 1.0)]);
                }
            }
            Node::Call(op, args) => {
                for arg in args {
                    push(put(arg.clone()), &[]);
                    // A double root is where two free constants fit badly and one fits well.
                    push(put(call(Op::Mul, arg, arg.clone())), &[]);
                }
                if *op == Op::Add && free {
                    for symbol in symbols.iter().filter(|symbol| node.symbols().contains(*symbol)) {
                        let root = call(Op::Add, &Expr::symbol(symbol.clone()), c());
                        let square = call(Op::Mul, &root, root.clone());
                        push(put(square.clone()), &[(fresh.clone(), 0.0)]);
                        push(put(d() * square), &[(fresh.clone(), 0.0), (second.clone(), 1.0)]);
                    }
                }
                let other = match op {
                    Op::Add => Some(Op::Sub),
                    Op::Sub => Some(Op::Add),
                    Op::Mul => Some(Op::Div),
                    Op::Div => Some(Op::Mul),
                    _ => None,
                };
                if let Some(other) = other {
                    push(put(Expr::call(other, args.clone())), &[]);
                    push(put(Expr::call(other, args.iter().rev().cloned().collect())), &[]);
                }
                let exponent = args.get(1).and_then(Expr::as_number).filter(|_| *op == Op::Pow);
                if let Some(exponent) = exponent {
                    for step in [-1.0, 1.0, -0.5, 0.5] {
                        push(put(Expr::call(Op::Pow, vec![args[0].clone(), Expr::number(exponent + step)])), &[]);
                    }
                    if free {
                        push(put(Expr::call(Op::Pow, vec![args[0].clone(), c()])), &[(fresh.clone(), exponent)]);
                    }
                }
            }
        }
    }
    out
}

/// Whether a model keeps to the operators' rules. A whole power is a product and needs no `^`, a negation no more than
/// a difference.
pub fn admitted(model: &Model, operators: &OperatorsPlan) -> bool {
    let allowed = |op: Op| operators.allow.iter().any(|a| a.op == op);
    let mut fine = true;
    for expr in std::iter::once(&model.pair).chain(&model.body) {
        expr.visit(&mut |e| {
            if let Node::Call(op, args) = e.node() {
                fine &= allowed(*op)
                    || match op {
                        Op::Neg => true,
                        Op::Pow => {
                            args[1].as_number().is_some_and(|x| x == x.round() || (x == 0.5 && allowed(Op::Sqrt)))
                        }
                        _ => false,
                    };
            }
            fine &= !operators.never.iter().any(|pattern| matches(pattern, e));
        });
    }
    fine
}

/// Whether an expression has the form of a pattern, in which `_` stands for anything.
fn matches(pattern: &Expr, expr: &Expr) -> bool {
    match (pattern.node(), expr.node()) {
        (Node::Symbol(hole), _) if hole.as_str() == "_" => true,
        (Node::Call(f, a), Node::Call(g, b)) => f == g && a.iter().zip(b).all(|(a, b)| matches(a, b)),
        (a, b) => a == b,
    }
}

/// The sub-expression at place `at`, parents first.
fn nth(expr: &Expr, at: usize) -> Expr {
    let mut found = expr.clone();
    let mut place = 0;
    expr.visit(&mut |e| {
        if place == at {
            found = e.clone();
        }
        place += 1;
    });
    found
}

/// The expression with the sub-expression at place `at` replaced.
fn replace(expr: &Expr, at: usize, by: &Expr) -> Expr {
    if at == 0 {
        return by.clone();
    }
    match expr.node() {
        Node::Call(op, args) => {
            let mut start = 1;
            let args = args
                .iter()
                .map(|arg| {
                    let size = arg.size();
                    let inside = (start..start + size).contains(&at);
                    let arg = if inside { replace(arg, at - start, by) } else { arg.clone() };
                    start += size;
                    arg
                })
                .collect();
            Expr::call(*op, args)
        }
        _ => expr.clone(),
    }
}
