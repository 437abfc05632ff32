//! Islands of candidates under age-regularised evolution (Real et al. 2019, as PySR uses it): the winner of a
//! tournament is changed and its child replaces the oldest member. An island lives from a random stream of its own
//! in every epoch and meets the others only between epochs, in order: the result does not depend on threads.

use super::fit::{Scorer, fit_inside, freedom};
use super::genome::{Gene, Genome};
use super::levenberg::Norm;
use super::normal;
use super::sample::Sample;
use super::space::Space;
use super::vary::{cross, mutate, random};
use crate::base::{Seed, Stream};
use crate::expr::{Postfix, Token};
use serde::{Deserialize, Serialize};

/// Members of an island.
const POPULATION: usize = 64;
/// Members in a tournament.
const TOURNAMENT: usize = 10;
/// Chance that the best of a tournament wins, else the next best, and so on.
const WIN: f64 = 0.9;
/// Chance of crossover.
const CROSSOVER: f64 = 0.2;
/// Chance that a member's constants are fitted at the end of an epoch.
const FIT: f64 = 0.14;
/// Steps of such a fit.
const FIT_STEPS: usize = 8;
/// Normal forms that an island remembers; a power of two.
const MEMORY: usize = 1 << 14;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Member {
    pub genome: Genome,
    pub complexity: f64,
    /// Loss on the island's rows after the best affine map.
    pub loss: f64,
    /// Its logarithm.
    log: f64,
    /// Normal-form hash up to what scores the same.
    pub key: u64,
}

/// A candidate on its way to be evaluated.
struct Child {
    genome: Genome,
    program: Postfix,
    complexity: f64,
    key: u64,
}

impl Child {
    fn new(space: &Space, norm: Norm, genome: Genome) -> Child {
        let program = space.program(&genome);
        let key = alike(&program, norm);
        Child { complexity: space.complexity(&genome), key, program, genome }
    }
}

/// The hash of what scores the same under a norm.
pub(crate) fn alike(program: &[Token], norm: Norm) -> u64 {
    let key = normal::key(program);
    if norm == Norm::Logs { key.scaled } else { key.affine }
}

fn log(loss: f64) -> f64 {
    libm::log(loss + 1e-300)
}

/// A population with its own taste for simplicity.
#[derive(Serialize, Deserialize)]
pub(crate) struct Island {
    seed: Seed,
    members: Vec<Member>,
    oldest: usize,
    /// Log loss that one unit of complexity must earn.
    pressure: f64,
    /// Log loss per share of the population's history at a complexity: crowded sizes are avoided.
    crowding: f64,
    history: Vec<f64>,
    births: f64,
    /// (normal form, complexity) of what was tried, by low bits of the form: a bounded memory.
    seen: Vec<(u64, f32)>,
    #[serde(skip)]
    scorer: Scorer,
    /// Candidates evaluated so far.
    pub evaluations: u64,
    /// The best of each complexity in the last epoch.
    pub found: Vec<Option<Member>>,
}

impl Island {
    /// An island without members.
    pub fn new(space: &Space, seed: Seed, index: usize) -> Island {
        Island {
            seed,
            members: vec![],
            oldest: 0,
            pressure: [0.02, 0.1, 0.3, 0.05][index % 4],
            crowding: [20.0, 5.0][index / 4 % 2],
            history: vec![1.0; space.size as usize + 2],
            births: space.size.floor() + 2.0,
            seen: vec![(0, f32::INFINITY); MEMORY],
            scorer: Scorer::default(),
            evaluations: 0,
            found: vec![],
        }
    }

    /// Lives through one epoch of `events` births, starting with `visitors` from elsewhere.
    pub fn epoch(&mut self, space: &Space, sample: &Sample, epoch: u64, events: usize, visitors: &[Genome]) {
        let mut stream = self.seed.nth(epoch).stream();
        let slices = sample.slices();
        self.found = vec![None; space.size as usize + 2];
        while self.members.len() < POPULATION {
            let leaves = 1 + stream.below(4);
            let genome = random(space, leaves, &mut stream);
            let child = space.contains(&genome).then(|| Child::new(space, sample.norm, genome));
            match child.and_then(|child| self.evaluate(space, sample, &slices, child)) {
                Some(member) => self.members.push(member),
                // A place without a finite candidate is filled by a leaf that loses every tournament.
                None => self.members.push(Member {
                    genome: super::vary::leaf(space, &mut stream),
                    complexity: 1.0,
                    loss: f64::INFINITY,
                    log: f64::INFINITY,
                    key: 0,
                }),
            }
        }
        for visitor in visitors {
            if space.contains(visitor)
                && let Some(member) =
                    self.evaluate(space, sample, &slices, Child::new(space, sample.norm, visitor.clone()))
            {
                self.settle(member);
            }
        }
        for _ in 0..events {
            let Some(child) = self.child(space, sample.norm, &mut stream) else {
                // Only known forms around: counted as work, so that an exhausted space meets its budget too.
                self.evaluations += 1;
                continue;
            };
            if let Some(member) = self.evaluate(space, sample, &slices, child) {
                self.note(&member);
                self.settle(member);
            }
        }
        self.fit_some(space, sample, &mut stream);
    }

    fn fit_some(&mut self, space: &Space, sample: &Sample, stream: &mut Stream) {
        for at in 0..self.members.len() {
            if stream.uniform() >= FIT || self.members[at].genome.constants.is_empty() {
                continue;
            }
            let member = self.members[at].clone();
            let program = space.program(&member.genome);
            let slices = sample.slices();
            let map =
                self.scorer.score(&program, &member.genome.constants, &slices, sample, freedom(space, sample.norm));
            let (genome, loss, used) = fit_inside(space, &member.genome, map, sample, FIT_STEPS);
            self.evaluations += used;
            if loss < member.loss {
                let fitted = Member { genome, loss, log: log(loss), ..member };
                self.note(&fitted);
                self.members[at] = fitted;
            }
        }
    }

    fn child(&mut self, space: &Space, norm: Norm, stream: &mut Stream) -> Option<Child> {
        let mut last = None;
        for _ in 0..4 {
            let parent = self.tournament(stream);
            let child = if stream.uniform() < CROSSOVER {
                let other = self.tournament(stream);
                Some(cross(&self.members[parent].genome, &self.members[other].genome, stream))
            } else {
                mutate(space, &self.members[parent].genome, stream)
            };
            let tidy = |child: Genome| {
                let leaves = |gene: &Gene| matches!(gene, Gene::Parameter | Gene::Number(_));
                if child.genes.iter().any(leaves) { space.tidy(&child) } else { child }
            };
            let Some(child) = child.map(tidy).filter(|child| space.contains(child)) else {
                continue;
            };
            let child = Child::new(space, norm, child);
            let complexity = child.complexity as f32;
            let slot = &mut self.seen[child.key as usize & (MEMORY - 1)];
            let known = slot.0 == child.key && slot.1 <= complexity;
            // The key 0 is that of constants.
            if !known && child.key != 0 {
                *slot = (child.key, complexity);
                return Some(child);
            }
            // Known forms are worth another look only for other values of their constants.
            if !child.genome.constants.is_empty() && child.key != 0 {
                last = Some(child);
            }
        }
        last
    }

    fn tournament(&self, stream: &mut Stream) -> usize {
        let cost = |member: &Member| {
            let crowd = self.history[member.complexity as usize] / self.births;
            member.log + self.pressure * member.complexity + self.crowding * crowd
        };
        let mut drawn = [(0.0, 0); TOURNAMENT];
        for slot in &mut drawn {
            let at = stream.below(self.members.len());
            *slot = (cost(&self.members[at]), at);
        }
        drawn.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut place = 0;
        while place + 1 < TOURNAMENT && stream.uniform() >= WIN {
            place += 1;
        }
        drawn[place].1
    }

    fn evaluate(&mut self, space: &Space, sample: &Sample, slices: &[&[f64]], child: Child) -> Option<Member> {
        self.evaluations += 1;
        let Child { genome, program, complexity, key } = child;
        let map = self.scorer.score(&program, &genome.constants, slices, sample, freedom(space, sample.norm));
        map.loss.is_finite().then(|| Member { genome, complexity, loss: map.loss, log: log(map.loss), key })
    }

    fn settle(&mut self, member: Member) {
        self.history[member.complexity as usize] += 1.0;
        self.births += 1.0;
        if self.births > 2_000.0 {
            self.history.iter_mut().for_each(|count| *count = 0.5 * *count + 0.5);
            self.births = self.history.iter().sum();
        }
        // Twins only cost places.
        if let Some(twin) = self.members.iter().position(|other| other.key == member.key) {
            if member.loss < self.members[twin].loss
                || (member.loss == self.members[twin].loss && member.complexity < self.members[twin].complexity)
            {
                self.members[twin] = member;
            }
            return;
        }
        self.members[self.oldest] = member;
        self.oldest = (self.oldest + 1) % self.members.len();
    }

    fn note(&mut self, member: &Member) {
        let slot = &mut self.found[member.complexity as usize];
        if slot.as_ref().is_none_or(|best| member.loss < best.loss) {
            *slot = Some(member.clone());
        }
    }
}
