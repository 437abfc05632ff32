//! Random streams keyed by (seed, name path, index): the same key gives the same numbers for any number of
//! threads and in any order of evaluation.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// A node in the tree of random streams.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seed([u8; 32]);

impl Seed {
    /// The root of all streams of an experiment with this seed number.
    pub fn root(seed: u64) -> Seed {
        Seed(*blake3::hash(&seed.to_le_bytes()).as_bytes())
    }

    /// The seed of the part called `name`.
    pub fn child(&self, name: &str) -> Seed {
        Seed(*blake3::keyed_hash(&self.0, name.as_bytes()).as_bytes())
    }

    /// The seed of the `index`-th of many equal parts.
    pub fn nth(&self, index: u64) -> Seed {
        Seed(*blake3::keyed_hash(&self.0, &index.to_le_bytes()).as_bytes())
    }

    /// A stream of random numbers.
    pub fn stream(&self) -> Stream {
        Stream { generator: ChaCha8Rng::from_seed(self.0) }
    }
}

/// A stream of random numbers from the counter-based generator ChaCha8.
#[derive(Clone, Debug)]
pub struct Stream {
    generator: ChaCha8Rng,
}

impl Stream {
    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in 0..n; `n` must be positive.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.bits() as u128 * n as u128) >> 64) as usize
    }

    /// Standard normal (Box and Muller 1958, with libm functions for equal bits on every machine).
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// Puts a slice in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
