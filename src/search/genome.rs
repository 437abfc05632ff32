//! Candidates: flat postfix programs over the calls of a [`Space`](super::space::Space), with their constants beside
//! them in order of occurrence. A subtree is a contiguous range of genes and of constants.

use serde::{Deserialize, Serialize};

/// One element of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Gene {
    /// A fixed number, part of the structure.
    Number(f64),
    /// An input column.
    Input(u16),
    /// The next free constant.
    Parameter,
    /// A call of the space, by index, with its number of arguments.
    Call(u8, u8),
}

impl Gene {
    /// How many values it takes.
    pub fn arity(self) -> usize {
        match self {
            Gene::Call(_, arity) => arity as usize,
            _ => 0,
        }
    }
}

/// A candidate formula.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Genome {
    /// Arguments first, then their call.
    pub genes: Vec<Gene>,
    /// Values of the [`Gene::Parameter`]s, in order.
    pub constants: Vec<f64>,
}

impl Genome {
    /// A single leaf.
    pub fn leaf(gene: Gene) -> Genome {
        Genome { genes: vec![gene], constants: vec![] }
    }

    /// A single free constant.
    pub fn constant(value: f64) -> Genome {
        Genome { genes: vec![Gene::Parameter], constants: vec![value] }
    }

    /// A call on arguments.
    pub fn call(gene: Gene, args: &[&Genome]) -> Genome {
        let mut out = Genome::default();
        for arg in args {
            out.genes.extend_from_slice(&arg.genes);
            out.constants.extend_from_slice(&arg.constants);
        }
        out.genes.push(gene);
        out
    }

    /// Where the subtree that ends at `root` begins.
    pub fn start(&self, root: usize) -> usize {
        let mut needed = 1;
        let mut at = root + 1;
        while needed > 0 {
            at -= 1;
            needed += self.genes[at].arity();
            needed -= 1;
        }
        at
    }

    /// The last genes of the arguments of the call at `root`, in order.
    pub fn args(&self, root: usize) -> Vec<usize> {
        let mut ends = vec![0; self.genes[root].arity()];
        let mut end = root;
        for slot in ends.iter_mut().rev() {
            end -= 1;
            *slot = end;
            end = self.start(end);
        }
        ends
    }

    fn constants_before(&self, gene: usize) -> usize {
        self.genes[..gene].iter().filter(|gene| **gene == Gene::Parameter).count()
    }

    /// The subtree that ends at `root`, as a candidate of its own.
    pub fn subtree(&self, root: usize) -> Genome {
        let start = self.start(root);
        let (first, last) = (self.constants_before(start), self.constants_before(root + 1));
        Genome { genes: self.genes[start..=root].to_vec(), constants: self.constants[first..last].to_vec() }
    }

    /// The candidate with the subtree that ends at `root` replaced.
    pub fn replace(&self, root: usize, by: &Genome) -> Genome {
        let start = self.start(root);
        let (first, last) = (self.constants_before(start), self.constants_before(root + 1));
        let mut genes = Vec::with_capacity(self.genes.len() + by.genes.len());
        genes.extend_from_slice(&self.genes[..start]);
        genes.extend_from_slice(&by.genes);
        genes.extend_from_slice(&self.genes[root + 1..]);
        let mut constants = Vec::with_capacity(self.constants.len() + by.constants.len());
        constants.extend_from_slice(&self.constants[..first]);
        constants.extend_from_slice(&by.constants);
        constants.extend_from_slice(&self.constants[last..]);
        Genome { genes, constants }
    }

    /// Length of the longest path from the root to a leaf, in genes.
    pub fn depth(&self) -> usize {
        let mut stack: Vec<usize> = Vec::with_capacity(self.genes.len());
        for gene in &self.genes {
            let below = stack.len() - gene.arity();
            let depth = 1 + stack[below..].iter().max().unwrap_or(&0);
            stack.truncate(below);
            stack.push(depth);
        }
        stack.pop().unwrap_or(0)
    }
}
