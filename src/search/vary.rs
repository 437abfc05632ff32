//! How candidates are made and changed: random trees, mutations and crossover, all within a space.

use super::genome::{Gene, Genome};
use super::space::Space;
use crate::base::Stream;

/// The changes, with their weights.
const MUTATIONS: [(Mutation, f64); 11] = [
    (Mutation::Operator, 1.2),
    (Mutation::Leaf, 1.2),
    (Mutation::Constant, 0.6),
    (Mutation::Append, 2.0),
    (Mutation::Insert, 1.6),
    (Mutation::Delete, 1.6),
    (Mutation::Replace, 1.2),
    (Mutation::Hoist, 0.3),
    (Mutation::Swap, 0.3),
    (Mutation::Rotate, 0.8),
    (Mutation::Affine, 1.0),
];

#[derive(Clone, Copy)]
enum Mutation {
    /// Another call of the same arity.
    Operator,
    /// Another leaf.
    Leaf,
    /// Another value of a constant.
    Constant,
    /// A call in place of a leaf, which becomes its argument.
    Append,
    /// A call above any node.
    Insert,
    /// An argument in place of its call.
    Delete,
    /// A small random tree in place of any node.
    Replace,
    /// A subtree becomes the whole.
    Hoist,
    /// Two arguments exchanged.
    Swap,
    /// A call exchanged with the call below it.
    Rotate,
    /// A constant added to a node or multiplied with it.
    Affine,
}

/// A random tree of about `leaves` leaves.
pub(crate) fn random(space: &Space, leaves: usize, stream: &mut Stream) -> Genome {
    let mut genome = leaf(space, stream);
    if space.calls.is_empty() {
        return genome;
    }
    for _ in 0..8 * leaves {
        let grown = genome.genes.iter().filter(|gene| gene.arity() == 0).count();
        if grown >= leaves && stream.uniform() < 0.7 {
            break;
        }
        genome = append(space, &genome, stream);
    }
    genome
}

/// A random leaf.
pub(crate) fn leaf(space: &Space, stream: &mut Stream) -> Genome {
    let constant = space.constants.is_some() && (space.inputs.is_empty() || stream.uniform() < 0.3);
    if constant || space.inputs.is_empty() {
        let value = if stream.uniform() < 0.5 { 1.0 } else { stream.normal() * 2.0 };
        let (low, high) = space.constants.unwrap_or((f64::MIN, f64::MAX));
        return Genome::constant(value.clamp(low, high));
    }
    Genome::leaf(Gene::Input(space.inputs[stream.below(space.inputs.len())]))
}

/// A random change of a candidate; `None` where it does not apply.
pub(crate) fn mutate(space: &Space, genome: &Genome, stream: &mut Stream) -> Option<Genome> {
    let total: f64 = MUTATIONS.iter().map(|(_, weight)| weight).sum();
    let mut at = stream.uniform() * total;
    let mutation = MUTATIONS.iter().find(|(_, weight)| {
        at -= weight;
        at < 0.0
    });
    let last = genome.genes.len() - 1;
    match mutation.map_or(Mutation::Leaf, |(mutation, _)| *mutation) {
        Mutation::Operator => {
            let root = pick(genome, stream, |gene| gene.arity() > 0)?;
            let arity = genome.genes[root].arity();
            let call = draw_call(space, stream, |gene| gene.arity() == arity && gene != genome.genes[root])?;
            let mut child = genome.clone();
            child.genes[root] = call;
            Some(child)
        }
        Mutation::Leaf => {
            let root = pick(genome, stream, |gene| gene.arity() == 0)?;
            Some(genome.replace(root, &leaf(space, stream)))
        }
        Mutation::Constant => {
            let (low, high) = space.constants?;
            if genome.constants.is_empty() {
                return None;
            }
            let mut child = genome.clone();
            let value = &mut child.constants[stream.below(genome.constants.len())];
            *value = match stream.below(4) {
                0 => -*value,
                1 => value.round(),
                2 => *value + stream.normal(),
                _ => *value * libm::exp(0.5 * stream.normal()),
            };
            *value = value.clamp(low, high);
            Some(child)
        }
        Mutation::Append => (!space.calls.is_empty()).then(|| append(space, genome, stream)),
        Mutation::Insert => {
            let root = stream.below(last + 1);
            let call = draw_call(space, stream, |_| true)?;
            Some(genome.replace(root, &around(space, call, genome.subtree(root), stream)))
        }
        Mutation::Delete => {
            let root = pick(genome, stream, |gene| gene.arity() > 0)?;
            let args = genome.args(root);
            Some(genome.replace(root, &genome.subtree(args[stream.below(args.len())])))
        }
        Mutation::Replace => {
            let root = stream.below(last + 1);
            let leaves = 1 + stream.below(3);
            Some(genome.replace(root, &random(space, leaves, stream)))
        }
        Mutation::Hoist => Some(genome.subtree(pick(genome, stream, |gene| gene.arity() > 0)?)),
        Mutation::Swap => {
            let root = pick(genome, stream, |gene| gene.arity() == 2)?;
            let [a, b] = genome.args(root)[..] else { return None };
            let swapped = Genome::call(genome.genes[root], &[&genome.subtree(b), &genome.subtree(a)]);
            Some(genome.replace(root, &swapped))
        }
        Mutation::Rotate => rotate(genome, stream),
        Mutation::Affine => {
            use crate::expr::Op::{Add, Mul, Sub};
            space.constants?;
            let genes: Vec<Gene> = [Add, Sub, Mul].into_iter().filter_map(|op| space.gene(op)).collect();
            if genes.is_empty() {
                return None;
            }
            let root = stream.below(last + 1);
            let value = if stream.uniform() < 0.5 { 1.0 } else { stream.normal() };
            let call = genes[stream.below(genes.len())];
            Some(genome.replace(root, &Genome::call(call, &[&genome.subtree(root), &Genome::constant(value)])))
        }
    }
}

/// A subtree of `other` in place of a subtree of `genome`.
pub(crate) fn cross(genome: &Genome, other: &Genome, stream: &mut Stream) -> Genome {
    let root = stream.below(genome.genes.len());
    let donor = stream.below(other.genes.len());
    genome.replace(root, &other.subtree(donor))
}

fn pick(genome: &Genome, stream: &mut Stream, wanted: impl Fn(Gene) -> bool) -> Option<usize> {
    let count = genome.genes.iter().filter(|gene| wanted(**gene)).count();
    if count == 0 {
        return None;
    }
    let nth = stream.below(count);
    (0..genome.genes.len()).filter(|at| wanted(genome.genes[*at])).nth(nth)
}

/// A call of the wanted kind, cheap ones more often.
fn draw_call(space: &Space, stream: &mut Stream, wanted: impl Fn(Gene) -> bool) -> Option<Gene> {
    let weight = |cost: f64| 1.0 / cost.max(0.5);
    let fitting = || space.calls.iter().filter(|call| wanted(call.gene));
    let total: f64 = fitting().map(|call| weight(call.cost)).sum();
    let mut at = stream.uniform() * total;
    fitting()
        .find(|call| {
            at -= weight(call.cost);
            at < 0.0
        })
        .or_else(|| fitting().last())
        .map(|call| call.gene)
}

fn append(space: &Space, genome: &Genome, stream: &mut Stream) -> Genome {
    let root = pick(genome, stream, |gene| gene.arity() == 0).expect("a tree has a leaf");
    match draw_call(space, stream, |_| true) {
        Some(call) => genome.replace(root, &around(space, call, genome.subtree(root), stream)),
        None => genome.clone(),
    }
}

/// A call with `inner` as one argument and random leaves as the others.
fn around(space: &Space, call: Gene, inner: Genome, stream: &mut Stream) -> Genome {
    let place = stream.below(call.arity());
    let args: Vec<Genome> =
        (0..call.arity()).map(|at| if at == place { inner.clone() } else { leaf(space, stream) }).collect();
    Genome::call(call, &args.iter().collect::<Vec<_>>())
}

fn rotate(genome: &Genome, stream: &mut Stream) -> Option<Genome> {
    let root = pick(genome, stream, |gene| gene.arity() == 2)?;
    let [left, right] = genome.args(root)[..] else { return None };
    let below = if stream.uniform() < 0.5 { left } else { right };
    let (outer, inner) = (genome.genes[root], genome.genes[below]);
    if inner.arity() == 1 {
        // f(g(a), b) to g(f(a, b)).
        let arg = genome.subtree(genome.args(below)[0]);
        let other = genome.subtree(if below == left { right } else { left });
        let args = if below == left { [&arg, &other] } else { [&other, &arg] };
        return Some(genome.replace(root, &Genome::call(inner, &[&Genome::call(outer, &args)])));
    }
    if inner.arity() != 2 {
        return None;
    }
    let [a, b] = [genome.args(below)[0], genome.args(below)[1]].map(|at| genome.subtree(at));
    let turned = if below == left {
        // (a . b) + c to a . (b + c).
        let c = genome.subtree(right);
        Genome::call(inner, &[&a, &Genome::call(outer, &[&b, &c])])
    } else {
        // c + (a . b) to (c + a) . b.
        let c = genome.subtree(left);
        Genome::call(inner, &[&Genome::call(outer, &[&c, &a]), &b])
    };
    Some(genome.replace(root, &turned))
}
