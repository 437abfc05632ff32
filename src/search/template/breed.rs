//! Islands of candidates: of the winner of a tournament one function is changed, or taken from another, and all constants
//! are fitted again. Between epochs every island begins anew with the best of all.

use super::member::{Frame, Member};
use crate::base::{Seed, Stream};
use crate::search::sample::Sample;
use crate::search::vary::{cross, mutate};

/// Members in a tournament.
const TOURNAMENT: usize = 5;
/// Chance that a function is crossed with that of another, and that it is taken whole.
const CROSSED: f64 = 0.15;
const TAKEN: f64 = 0.15;
/// Steps of a fit.
const STEPS: usize = 6;

/// A population with its own price of complexity.
pub struct Island {
    seed: Seed,
    price: f64,
    epochs: u64,
    /// Members of the last epoch that are better than their parents' complexity asks for.
    pub found: Vec<Member>,
    /// Evaluations of the last epoch.
    pub evaluations: u64,
}

impl Island {
    /// An island without members.
    pub fn new(seed: Seed, index: usize) -> Island {
        let price = [0.02, 0.1, 0.3, 0.05][index % 4];
        Island { seed, price, epochs: 0, found: vec![], evaluations: 0 }
    }

    /// Lives through one epoch of `events` births.
    pub fn epoch(&mut self, frame: &Frame, sample: &Sample, founders: &[Member], events: usize) {
        let mut stream = self.seed.nth(self.epochs).stream();
        self.epochs += 1;
        let mut members = founders.to_vec();
        if members.is_empty() {
            return;
        }
        for _ in 0..events {
            let parent = &members[self.tournament(&members, &mut stream)];
            let other = &members[self.tournament(&members, &mut stream)];
            let Some(trees) = child(frame, parent, other, &mut stream) else {
                self.evaluations += 1;
                continue;
            };
            let (member, used) = Member::fitted(frame, trees, parent.constants.clone(), sample, STEPS);
            self.evaluations += used;
            let Some(member) = member else { continue };
            let twin = members.iter().position(|other| other.key == member.key);
            match twin {
                Some(twin) if members[twin].loss <= member.loss => continue,
                Some(twin) => members[twin] = member.clone(),
                None => members.push(member.clone()),
            }
            self.found.push(member);
        }
    }

    fn tournament(&self, members: &[Member], stream: &mut Stream) -> usize {
        let drawn = (0..TOURNAMENT).map(|_| stream.below(members.len()));
        let cost = |at: &usize| members[*at].cost(self.price);
        drawn.min_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.cmp(b))).unwrap_or(0)
    }
}

/// The trees of a child; `None` where they break the constraints of a function.
fn child(
    frame: &Frame,
    parent: &Member,
    other: &Member,
    stream: &mut Stream,
) -> Option<Vec<crate::search::genome::Genome>> {
    let function = stream.below(parent.trees.len().max(1));
    let (tree, space) = (parent.trees.get(function)?, &frame.spaces[function]);
    let draw = stream.uniform();
    let changed = match () {
        () if draw < CROSSED => cross(tree, &other.trees[function], stream),
        () if draw < CROSSED + TAKEN => other.trees[function].clone(),
        () => mutate(space, tree, stream)?,
    };
    let changed = space.tidy(&changed);
    if !space.contains(&changed) {
        return None;
    }
    let mut trees = parent.trees.clone();
    trees[function] = changed;
    Some(trees)
}
