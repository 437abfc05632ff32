//! The long arrays of trajectories. A study of the paper's size has gigabytes of them: beyond [`LARGE`] they are kept in
//! single precision, and accelerations are then those at the rounded positions, so that laws still fit to that precision.

use super::memory;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Bytes in double precision from which numbers are kept in single precision.
pub const LARGE: u64 = 1 << 30;

/// How numbers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// 64 bits.
    Double,
    /// 32 bits.
    Single,
}

/// Numbers in a row, in double precision or rounded to single precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Numbers {
    /// As computed.
    Double(Vec<f64>),
    /// Rounded.
    Single(Vec<f32>),
}

/// A part of them.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// As computed.
    Double(&'a [f64]),
    /// Rounded.
    Single(&'a [f32]),
}

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers::Double(vec![])
    }
}

impl From<Vec<f64>> for Numbers {
    fn from(values: Vec<f64>) -> Numbers {
        Numbers::Double(values)
    }
}

impl Numbers {
    /// How many numbers it has.
    pub fn len(&self) -> usize {
        self.values().len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All numbers.
    pub fn values(&self) -> Values<'_> {
        match self {
            Numbers::Double(values) => Values::Double(values),
            Numbers::Single(values) => Values::Single(values),
        }
    }

    /// `width` numbers that begin at `row · width`.
    pub fn row(&self, row: usize, width: usize) -> Values<'_> {
        self.values().row(row, width)
    }

    /// Zeros; `None` where there is no such memory.
    pub(super) fn zeros(length: usize, storage: Storage) -> Option<Numbers> {
        match storage {
            Storage::Single => memory::zeros(length).map(Numbers::Single),
            Storage::Double => memory::zeros(length).map(Numbers::Double),
        }
    }

    /// Keeps the rows with these numbers, which rise, of `width` numbers each.
    pub(super) fn keep_rows(&mut self, rows: &[usize], width: usize) {
        match self {
            Numbers::Double(values) => keep_rows(values, rows, width),
            Numbers::Single(values) => keep_rows(values, rows, width),
        }
    }

    /// The numbers in pieces that are written in double precision, whatever it is kept in.
    pub(super) fn pieces(&mut self, length: usize) -> Vec<Piece<'_>> {
        match self {
            Numbers::Double(values) => values.chunks_mut(length).map(Piece::Double).collect(),
            Numbers::Single(values) => values.chunks_mut(length).map(|place| Piece::Single(place, vec![])).collect(),
        }
    }
}

/// Keeps the rows with these numbers, which rise, of `width` values each.
pub(super) fn keep_rows<T: Copy>(values: &mut Vec<T>, rows: &[usize], width: usize) {
    for (to, &from) in rows.iter().enumerate() {
        values.copy_within(from * width..(from + 1) * width, to * width);
    }
    values.truncate(rows.len() * width);
}

impl<'a> Values<'a> {
    /// How many numbers there are.
    pub fn len(&self) -> usize {
        match self {
            Values::Double(values) => values.len(),
            Values::Single(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at a place.
    #[inline]
    pub fn at(&self, place: usize) -> f64 {
        match self {
            Values::Double(values) => values[place],
            Values::Single(values) => f64::from(values[place]),
        }
    }

    /// Some of the numbers.
    pub fn part(&self, range: Range<usize>) -> Values<'a> {
        match self {
            Values::Double(values) => Values::Double(&values[range]),
            Values::Single(values) => Values::Single(&values[range]),
        }
    }

    /// `width` numbers that begin at `row · width`.
    pub fn row(&self, row: usize, width: usize) -> Values<'a> {
        self.part(row * width..(row + 1) * width)
    }

    /// The numbers one after another.
    pub fn iter(&self) -> impl Iterator<Item = f64> + use<'a> {
        let values = *self;
        (0..values.len()).map(move |place| values.at(place))
    }

    /// The numbers in double precision.
    pub fn to_vec(&self) -> Vec<f64> {
        self.iter().collect()
    }
}

/// A piece of numbers to be written: itself, or its place with scratch that is rounded into it.
pub(super) enum Piece<'a> {
    Double(&'a mut [f64]),
    Single(&'a mut [f32], Vec<f64>),
}

impl Piece<'_> {
    /// The numbers to write, zeros at first.
    pub fn wide(&mut self) -> &mut [f64] {
        match self {
            Piece::Double(values) => values,
            Piece::Single(place, scratch) => {
                scratch.resize(place.len(), 0.0);
                scratch
            }
        }
    }

    /// Rounds what was written into its place.
    pub fn settle(self) {
        if let Piece::Single(place, scratch) = self {
            place.iter_mut().zip(&scratch).for_each(|(to, from)| *to = *from as f32);
        }
    }
}
