//! The space of allowed formulas: calls with costs, inputs, patterns and bounds. Generators draw from it, and every
//! formula is checked against it before it enters an archive.

use super::front::SearchError;
use super::genome::{Gene, Genome};
use crate::base::Name;
use crate::expr::postfix::{self, Token};
use crate::expr::{Expr, Node, Op, Postfix};
use crate::plan::OperatorsPlan;

/// An allowed operator, built in or defined in the script.
pub(crate) struct Call {
    /// What it adds to the complexity.
    pub cost: f64,
    /// The built-in operator, if it is one.
    pub op: Option<Op>,
    /// What it stands for, its arguments as inputs.
    body: Postfix,
    /// The call as a gene.
    pub gene: Gene,
}

/// The allowed formulas.
pub(crate) struct Space {
    /// All allowed calls.
    pub calls: Vec<Call>,
    /// The input columns that generators draw from.
    pub inputs: Vec<u16>,
    /// Bounds on free constants; `None` forbids constants.
    pub constants: Option<(f64, f64)>,
    /// Largest complexity.
    pub size: f64,
    names: Vec<Name>,
    depth: usize,
    never: Vec<Pattern>,
    require: Vec<u16>,
    plain: bool,
}

enum Pattern {
    Anything,
    Number(f64),
    Input(u16),
    Call(Op, Vec<Pattern>),
}

impl Space {
    /// The space of `plan` over inputs with these names, of which formulas are generated from those in `useful`.
    /// Names that are unknown and numbers that make no sense are errors.
    pub fn new(plan: &OperatorsPlan, names: &[Name], useful: Vec<u16>) -> Result<Space, SearchError> {
        let mut calls: Vec<Call> = vec![];
        let sane = |cost: f64| cost.is_finite() && cost >= 0.0;
        for allowed in &plan.allow {
            if !sane(allowed.cost) {
                return Err(SearchError::Operators("the cost of an operator is negative or not a number"));
            }
            if calls.iter().all(|call| call.op != Some(allowed.op)) {
                let gene = Gene::Call(calls.len() as u8, allowed.op.arity() as u8);
                calls.push(Call { cost: allowed.cost, op: Some(allowed.op), body: vec![], gene });
            }
        }
        for defined in &plan.define {
            if !sane(defined.cost) {
                return Err(SearchError::Operators("the cost of a defined operator is negative or not a number"));
            }
            if defined.parameters.is_empty() || defined.parameters.len() > 8 || calls.len() > 250 {
                return Err(SearchError::Operators("a defined operator takes one to eight arguments"));
            }
            let body = postfix::from_expr(&defined.body, &defined.parameters, &[]).map_err(SearchError::UnknownName)?;
            let gene = Gene::Call(calls.len() as u8, defined.parameters.len() as u8);
            calls.push(Call { cost: defined.cost, op: None, body, gene });
        }
        if let Some((low, high)) = plan.constants
            && (low.is_nan() || high.is_nan() || low > high)
        {
            return Err(SearchError::Operators("the bounds on constants leave no number between them"));
        }
        if plan.size == 0 || plan.depth == 0 {
            return Err(SearchError::Operators("a formula needs a size and a depth of at least 1"));
        }
        let index = |name: &Name| {
            let found = names.iter().position(|input| input == name);
            found.map(|index| index as u16).ok_or_else(|| SearchError::UnknownName(name.clone()))
        };
        let never = plan.never.iter().map(|expr| pattern(expr, &index)).collect::<Result<_, _>>()?;
        let require = plan.require.iter().map(index).collect::<Result<_, _>>()?;
        Ok(Space {
            plain: calls.iter().all(|call| call.op.is_some()),
            calls,
            inputs: useful,
            constants: plan.constants,
            // Beyond a few hundred genes no formula is of use, and stacks and times stay bounded.
            size: plan.size.min(400) as f64,
            names: names.to_vec(),
            depth: plan.depth,
            never,
            require,
        })
    }

    /// The gene of a built-in operator, if it is allowed.
    pub fn gene(&self, op: Op) -> Option<Gene> {
        self.calls.iter().find(|call| call.op == Some(op)).map(|call| call.gene)
    }

    /// The input column of this name.
    pub fn input(&self, name: &Name) -> Option<u16> {
        self.names.iter().position(|known| known == name).map(|index| index as u16)
    }

    /// The call of a gene, if it is one.
    pub fn call(&self, gene: Gene) -> Option<&Call> {
        match gene {
            Gene::Call(index, _) => Some(&self.calls[index as usize]),
            _ => None,
        }
    }

    /// The built-in operator of a gene, if it is one.
    pub fn op(&self, gene: Gene) -> Option<Op> {
        self.call(gene).and_then(|call| call.op)
    }

    /// Sum of costs plus 1 for each leaf.
    pub fn complexity(&self, genome: &Genome) -> f64 {
        genome.genes.iter().map(|gene| self.call(*gene).map_or(1.0, |call| call.cost)).sum()
    }

    /// Different symbols that a formula can be written with: calls, inputs and the constant.
    pub fn symbols(&self) -> usize {
        self.calls.len() + self.names.len() + usize::from(self.constants.is_some())
    }

    /// Whether a candidate keeps to size, depth and patterns. Required inputs and bounds are checked by [`Space::admits`].
    pub fn contains(&self, genome: &Genome) -> bool {
        self.complexity(genome) <= self.size
            && genome.depth() <= self.depth
            && (self.constants.is_some() || genome.constants.is_empty())
            && !self.forbidden(genome)
    }

    /// Whether a formula keeps to every constraint.
    pub fn admits(&self, genome: &Genome) -> bool {
        let bounded = |value: f64| self.constants.is_some_and(|(low, high)| low <= value && value <= high);
        let fixed = |gene: &Gene| match gene {
            Gene::Number(value) => bounded(*value),
            _ => true,
        };
        self.contains(genome)
            && genome.constants.iter().all(|value| bounded(*value))
            && genome.genes.iter().all(fixed)
            && self.require.iter().all(|input| genome.genes.contains(&Gene::Input(*input)))
    }

    fn forbidden(&self, genome: &Genome) -> bool {
        if self.never.is_empty() {
            return false;
        }
        let program = self.program(genome);
        let found = |pattern: &Pattern| (0..program.len()).any(|root| matches(pattern, &program, root));
        self.never.iter().any(found)
    }

    /// The program of a candidate, defined operators written out. Parameters are numbered in order of occurrence;
    /// where a defined operator repeats its argument, so does the program, with the same numbers.
    pub fn program(&self, genome: &Genome) -> Postfix {
        let mut next = 0;
        let mut leaf = |gene: Gene| match gene {
            Gene::Number(value) => Token::Number(value),
            Gene::Input(index) => Token::Input(index),
            _ => {
                next += 1;
                Token::Parameter(next - 1)
            }
        };
        if self.plain {
            return genome
                .genes
                .iter()
                .map(|gene| match self.op(*gene) {
                    Some(op) => Token::Op(op),
                    None => leaf(*gene),
                })
                .collect();
        }
        let mut stack: Vec<Postfix> = vec![];
        for gene in &genome.genes {
            let Some(call) = self.call(*gene) else {
                stack.push(vec![leaf(*gene)]);
                continue;
            };
            let args = stack.split_off(stack.len() - gene.arity());
            let mut out = Postfix::new();
            match call.op {
                Some(op) => {
                    args.iter().for_each(|arg| out.extend(arg));
                    out.push(Token::Op(op));
                }
                None => {
                    for token in &call.body {
                        match *token {
                            Token::Input(index) => out.extend(&args[index as usize]),
                            other => out.push(other),
                        }
                    }
                }
            }
            stack.push(out);
        }
        stack.pop().expect("a genome leaves one value")
    }

    /// The formula of a candidate, constants filled in.
    pub fn expr(&self, genome: &Genome) -> Expr {
        let values: Vec<Expr> = genome.constants.iter().map(|value| Expr::number(*value)).collect();
        postfix::to_expr(&self.program(genome), &self.names, &values)
    }

    /// The candidate with subtrees of constants folded into one constant and neutral elements removed. Exact as to
    /// the function, up to rounding and to which constants are free.
    pub fn tidy(&self, genome: &Genome) -> Genome {
        let mut stack: Vec<Genome> = vec![];
        let mut next = 0;
        for gene in &genome.genes {
            if *gene == Gene::Parameter {
                stack.push(Genome::constant(genome.constants[next]));
                next += 1;
                continue;
            }
            let args = stack.split_off(stack.len() - gene.arity());
            stack.push(self.tidy_call(*gene, &args));
        }
        stack.pop().expect("a genome leaves one value")
    }

    fn tidy_call(&self, gene: Gene, args: &[Genome]) -> Genome {
        let refs: Vec<&Genome> = args.iter().collect();
        let whole = Genome::call(gene, &refs);
        let Some(op) = self.op(gene) else { return whole };
        let value = |genome: &Genome| match genome.genes[..] {
            [Gene::Number(value)] => Some((value, false)),
            [Gene::Parameter] => Some((genome.constants[0], true)),
            _ => None,
        };
        let fixed = |at: usize| value(&args[at]).and_then(|(value, free)| (!free).then_some(value));
        let values: Option<Vec<(f64, bool)>> = args.iter().map(value).collect();
        if let Some(values) = values.filter(|values| !values.is_empty()) {
            let numbers: Vec<f64> = values.iter().map(|(value, _)| *value).collect();
            let folded = op.apply(&numbers);
            if folded.is_finite() && self.constants.is_some() {
                let free = values.iter().any(|(_, free)| *free);
                return if free { Genome::constant(folded) } else { Genome::leaf(Gene::Number(folded)) };
            }
            return whole;
        }
        match op {
            Op::Add if fixed(0) == Some(0.0) => args[1].clone(),
            Op::Add | Op::Sub if fixed(1) == Some(0.0) => args[0].clone(),
            Op::Sub if args[0] == args[1] && args[0].constants.is_empty() && self.constants.is_some() => {
                Genome::leaf(Gene::Number(0.0))
            }
            Op::Div if args[0] == args[1] && args[0].constants.is_empty() && self.constants.is_some() => {
                Genome::leaf(Gene::Number(1.0))
            }
            Op::Mul if fixed(0) == Some(1.0) => args[1].clone(),
            Op::Mul | Op::Div | Op::Pow if fixed(1) == Some(1.0) => args[0].clone(),
            Op::Mul if fixed(0) == Some(0.0) || fixed(1) == Some(0.0) => Genome::leaf(Gene::Number(0.0)),
            Op::Div if fixed(0) == Some(0.0) => Genome::leaf(Gene::Number(0.0)),
            Op::Neg if args[0].genes.last() == Some(&gene) => args[0].subtree(args[0].genes.len() - 2),
            _ => whole,
        }
    }
}

fn pattern(expr: &Expr, index: &impl Fn(&Name) -> Result<u16, SearchError>) -> Result<Pattern, SearchError> {
    Ok(match expr.node() {
        Node::Number(value) => Pattern::Number(*value),
        Node::Symbol(name) if name.as_str() == "_" => Pattern::Anything,
        Node::Symbol(name) => Pattern::Input(index(name)?),
        Node::Call(op, args) => {
            Pattern::Call(*op, args.iter().map(|arg| pattern(arg, index)).collect::<Result<_, _>>()?)
        }
    })
}

fn matches(pattern: &Pattern, program: &[Token], root: usize) -> bool {
    match (pattern, program[root]) {
        (Pattern::Anything, _) => true,
        (Pattern::Number(value), Token::Number(found)) => *value == found,
        (Pattern::Input(index), Token::Input(found)) => *index == found,
        (Pattern::Call(op, args), Token::Op(found)) if *op == found => {
            let mut end = root;
            args.iter().rev().all(|arg| {
                end -= 1;
                let here = end;
                end = postfix::subtree_start(program, here);
                matches(arg, program, here)
            })
        }
        _ => false,
    }
}
