//! The memory that instructions read and write, as one table of places: outputs, columns, scalars and slots in the
//! order of [`Program::place`]. Finding a place costs no branch, which is what makes short columns cheap.
//!
//! This file holds the `unsafe` of the tape that is about memory. It rests on what [`Table::new`] checks or makes
//! itself (every column and output has the rows of the call, every slot those of a tile, every scalar those of a
//! chunk) and on what `program.rs` guarantees: no instruction writes to a place that it reads.

use super::lane::Real;
use super::program::Program;
use std::marker::PhantomData;

/// Rows that a loop takes at once. A scalar is repeated that often, so that it reads like rows.
pub const CHUNK: usize = 32;

/// Rows of a chunk that are in a register, or two, at a time.
pub const LANES: usize = 8;

/// Where a place begins, and by how much it moves with the first row of a tile (1 for columns and outputs, 0 for
/// scalars and slots) and with the row in the tile (0 for scalars, 1 for the others).
#[derive(Clone, Copy, Debug)]
struct Place<T> {
    first: *mut T,
    by_tile: usize,
    by_row: usize,
}

/// Memory of a table, kept between calls. Holds no pointer between calls.
#[derive(Debug)]
pub struct Memory<T> {
    places: Vec<Place<T>>,
    /// The values of a program's scalars.
    pub scalars: Vec<T>,
    /// The scalars, a chunk each, then the slots.
    tiles: Vec<T>,
}

impl<T> Default for Memory<T> {
    fn default() -> Memory<T> {
        Memory { places: vec![], scalars: vec![], tiles: vec![] }
    }
}

impl<T> Clone for Memory<T> {
    /// Fresh memory: what it holds has no meaning between calls.
    fn clone(&self) -> Memory<T> {
        Memory::default()
    }
}

// SAFETY: the pointers are read only through a `Table`, which borrows the memory and all they point to, and the list
// is empty when there is no table.
unsafe impl<T: Send> Send for Memory<T> {}
// SAFETY: as above; a shared reference to the memory gives access to nothing.
unsafe impl<T: Sync> Sync for Memory<T> {}

/// The places of one call.
pub struct Table<'a, T> {
    places: &'a mut Vec<Place<T>>,
    all: PhantomData<(&'a [T], &'a mut [T])>,
}

impl<T> Drop for Table<'_, T> {
    fn drop(&mut self) {
        self.places.clear();
    }
}

/// Bytes of a line of the cache. Slots begin at lines and are two lines longer than a tile, so that they do not
/// compete for the same places of the cache.
const LINE: usize = 64;

impl<'a, T: Real> Table<'a, T> {
    /// The places of a call of `program` with these columns and outputs of `rows` rows. The memory holds the scalars.
    #[inline]
    pub fn new(
        memory: &'a mut Memory<T>,
        program: &Program,
        columns: &'a [&'a [T]],
        out: &'a mut [&mut [T]],
        rows: usize,
        tile: usize,
    ) -> Table<'a, T> {
        let Memory { places, scalars, tiles } = memory;
        places.clear();
        assert_eq!(out.len(), program.outputs, "one column per output");
        for column in out {
            assert_eq!(column.len(), rows, "outputs of one length");
            places.push(Place { first: column.as_mut_ptr(), by_tile: 1, by_row: 1 });
        }
        assert!(columns.len() >= program.columns, "a column per input");
        for column in &columns[..program.columns] {
            assert!(column.len() >= rows, "columns as long as the outputs");
            places.push(Place { first: column.as_ptr().cast_mut(), by_tile: 1, by_row: 1 });
        }
        assert_eq!(scalars.len(), program.scalars.len(), "a value per scalar");
        let line = LINE / size_of::<T>();
        let stride = tile + 2 * line;
        let needed = line + scalars.len() * CHUNK + program.slots * stride;
        if tiles.len() < needed {
            tiles.resize(needed, T::ZERO);
        }
        let aligned = tiles.as_ptr().align_offset(LINE).min(line);
        let (repeated, slots) = tiles[aligned..].split_at_mut(scalars.len() * CHUNK);
        for (&scalar, chunk) in scalars.iter().zip(repeated.chunks_exact_mut(CHUNK)) {
            chunk.fill(scalar);
            places.push(Place { first: chunk.as_mut_ptr(), by_tile: 0, by_row: 0 });
        }
        for slot in slots.chunks_exact_mut(stride).take(program.slots) {
            places.push(Place { first: slot.as_mut_ptr(), by_tile: 0, by_row: 1 });
        }
        assert_eq!(places.len(), program.outputs + program.columns + program.scalars.len() + program.slots);
        Table { places, all: PhantomData }
    }

    /// The rows `start .. start + n` of a place, to be read.
    ///
    /// # Safety
    /// A column has these rows, a slot has `n` rows and they were written, and the place is not written while the
    /// rows are in use.
    #[inline(always)]
    pub unsafe fn rows(&self, place: u32, start: usize, n: usize) -> Rows<'_, T> {
        let Place { first, by_tile, by_row } = self.places[place as usize];
        // SAFETY: the caller's promise.
        Rows { first: unsafe { first.add(start * by_tile) }, by_row, n, of: PhantomData }
    }

    /// The rows `start .. start + n` of an output or slot, to be written.
    ///
    /// # Safety
    /// An output has these rows, a slot has `n` rows, and nothing else refers to them while they are in use.
    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "one table hands out disjoint places")]
    pub unsafe fn rows_mut(&self, place: u32, start: usize, n: usize) -> &mut [T] {
        let Place { first, by_tile, .. } = self.places[place as usize];
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(first.add(start * by_tile), n) }
    }
}

/// Rows of a tile to be read, or a scalar that reads like them.
#[derive(Clone, Copy)]
pub struct Rows<'a, T> {
    first: *const T,
    by_row: usize,
    n: usize,
    of: PhantomData<&'a [T]>,
}

impl<'a, T: Real> Rows<'a, T> {
    /// The rows `from .. from + CHUNK`.
    #[inline(always)]
    pub fn chunk(self, from: usize) -> &'a [[T; LANES]; CHUNK / LANES] {
        assert!(from + CHUNK <= self.n, "whole chunks only");
        // SAFETY: the chunk is within the n rows, or it is the one chunk of a scalar.
        unsafe { &*self.first.add(from * self.by_row).cast() }
    }

    /// One row.
    #[inline(always)]
    pub fn row(self, index: usize) -> T {
        assert!(index < self.n, "rows of the tile only");
        // SAFETY: the row is one of the n, or it is the first of a scalar.
        unsafe { *self.first.add(index * self.by_row) }
    }

    /// All rows as one slice; `None` for a scalar.
    #[inline(always)]
    pub fn slice(self) -> Option<&'a [T]> {
        // SAFETY: n rows that follow each other.
        (self.by_row == 1).then(|| unsafe { std::slice::from_raw_parts(self.first, self.n) })
    }
}
