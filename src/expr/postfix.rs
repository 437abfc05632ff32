//! Expressions as flat postfix programs: what the search mutates and the tape compiles. A subtree is a contiguous
//! range of tokens that ends at its root.

use super::{Expr, Node, Op};
use crate::base::Name;
use serde::{Deserialize, Serialize};

/// One element of a postfix program.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Token {
    /// A fixed number, part of the structure, such as the exponent 2.
    Number(f64),
    /// The input column of this index.
    Input(u16),
    /// The free constant of this index, whose value is kept beside the program and can be fitted.
    Parameter(u16),
    /// An operator on the values before it.
    Op(Op),
}

impl Token {
    /// How many values it takes.
    pub fn arity(self) -> usize {
        match self {
            Token::Op(op) => op.arity(),
            _ => 0,
        }
    }
}

/// A postfix program. Tokens are in evaluation order: arguments first, left to right, then their operator.
pub type Postfix = Vec<Token>;

/// Where the subtree that ends at `root` begins.
pub fn subtree_start(program: &[Token], root: usize) -> usize {
    let mut needed = 1;
    let mut at = root + 1;
    while needed > 0 {
        at -= 1;
        needed += program[at].arity();
        needed -= 1;
    }
    at
}

/// The program of an expression over named inputs and parameters. `Err` names a symbol that is neither.
pub fn from_expr(expr: &Expr, inputs: &[Name], parameters: &[Name]) -> Result<Postfix, Name> {
    fn push(expr: &Expr, inputs: &[Name], parameters: &[Name], out: &mut Postfix) -> Result<(), Name> {
        let token = match expr.node() {
            Node::Number(value) => Token::Number(*value),
            Node::Symbol(name) => match inputs.iter().position(|input| input == name) {
                Some(index) => Token::Input(index as u16),
                None => match parameters.iter().position(|parameter| parameter == name) {
                    Some(index) => Token::Parameter(index as u16),
                    None => return Err(name.clone()),
                },
            },
            Node::Call(op, args) => {
                for arg in args {
                    push(arg, inputs, parameters, out)?;
                }
                Token::Op(*op)
            }
        };
        out.push(token);
        Ok(())
    }
    let mut out = Postfix::new();
    push(expr, inputs, parameters, &mut out)?;
    Ok(out)
}

/// The expression of a program: `inputs` names the columns, `parameters` gives an expression for each free constant
/// (its number, or a symbol).
pub fn to_expr(program: &[Token], inputs: &[Name], parameters: &[Expr]) -> Expr {
    let mut stack: Vec<Expr> = vec![];
    for token in program {
        let value = match *token {
            Token::Number(value) => Expr::number(value),
            Token::Input(index) => Expr::symbol(inputs[index as usize].clone()),
            Token::Parameter(index) => parameters[index as usize].clone(),
            Token::Op(op) => {
                let args = stack.split_off(stack.len() - op.arity());
                Expr::call(op, args)
            }
        };
        stack.push(value);
    }
    stack.pop().expect("a program leaves one value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_its_expression() {
        let expr = (Expr::symbol("a") * Expr::symbol("x") + Expr::symbol("x").apply(Op::Sin)).pow(2.0);
        let inputs = [Name::new("x")];
        let program = from_expr(&expr, &inputs, &["a".into()]).unwrap();
        assert_eq!(program.len(), expr.size());
        assert_eq!(to_expr(&program, &inputs, &["a".into()]), expr);
        assert_eq!(subtree_start(&program, program.len() - 1), 0);
        assert_eq!(from_expr(&expr, &inputs, &[]).unwrap_err().as_str(), "a");
    }
}
