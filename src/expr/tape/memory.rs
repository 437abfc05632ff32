//! The memory that instructions read and write, as one table of places: outputs, columns, scalars and slots in the
//! order of [`Program::place`]. Finding a place costs no branch, which is what makes short columns cheap.
//!
//! This file holds the `unsafe` of the tape that is about memory. It rests on what [`Table::new`] checks or makes
//! itself (every column and output has the rows of the call, every slot those of a tile, every scalar is there) and
//! on what `program.rs` guarantees: places exist, and no instruction writes to a place that it reads.

use super::lane::Real;
use super::program::Program;
use std::marker::PhantomData;

/// Where a place begins, and by how much it moves per row: 1 for columns and outputs, 0 for scalars and slots.
#[derive(Clone, Copy, Debug)]
struct Place<T> {
    start: *mut T,
    step: usize,
}

/// Memory of a table, kept between calls. Holds no pointer between calls.
#[derive(Debug)]
pub struct Memory<T> {
    places: Vec<Place<T>>,
    /// The values of a program's scalars.
    pub scalars: Vec<T>,
    slots: Vec<T>,
}

impl<T> Default for Memory<T> {
    fn default() -> Memory<T> {
        Memory { places: vec![], scalars: vec![], slots: vec![] }
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

/// Bytes at the end of a slot that keep slots from competing for the same lines of the cache.
const GAP: usize = 128;

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
        let Memory { places, scalars, slots } = memory;
        places.clear();
        assert_eq!(out.len(), program.outputs, "one column per output");
        for column in out {
            assert_eq!(column.len(), rows, "outputs of one length");
            places.push(Place { start: column.as_mut_ptr(), step: 1 });
        }
        assert!(columns.len() >= program.columns, "a column per input");
        for column in &columns[..program.columns] {
            assert!(column.len() >= rows, "columns as long as the outputs");
            places.push(Place { start: column.as_ptr().cast_mut(), step: 1 });
        }
        assert_eq!(scalars.len(), program.scalars.len(), "a value per scalar");
        for scalar in scalars.iter_mut() {
            places.push(Place { start: scalar, step: 0 });
        }
        let stride = tile + GAP / size_of::<T>();
        let needed = program.slots * stride + 64 / size_of::<T>();
        if slots.len() < needed {
            slots.resize(needed, T::ZERO);
        }
        let aligned = slots.as_ptr().align_offset(64).min(64 / size_of::<T>());
        for slot in slots[aligned..].chunks_exact_mut(stride).take(program.slots) {
            places.push(Place { start: slot.as_mut_ptr(), step: 0 });
        }
        assert_eq!(places.len(), program.outputs + program.columns + program.scalars.len() + program.slots);
        Table { places, all: PhantomData }
    }

    /// The rows `start .. start + n` of a column or the first `n` of a slot.
    ///
    /// # Safety
    /// The place is not a scalar, it is not written while the slice lives, a slot's first `n` rows exist and were
    /// written before, and a column has `start + n` rows.
    #[inline(always)]
    pub unsafe fn rows(&self, place: u32, start: usize, n: usize) -> &[T] {
        // SAFETY: the caller's promise; places outside of the table panic.
        unsafe {
            let Place { start: first, step } = self.places[place as usize];
            std::slice::from_raw_parts(first.add(start * step), n)
        }
    }

    /// The same to be written.
    ///
    /// # Safety
    /// As [`Table::rows`], the place is an output or a slot, and nothing else refers to it while the slice lives.
    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "one table hands out disjoint places")]
    pub unsafe fn rows_mut(&self, place: u32, start: usize, n: usize) -> &mut [T] {
        // SAFETY: the caller's promise; places outside of the table panic.
        unsafe {
            let Place { start: first, step } = self.places[place as usize];
            std::slice::from_raw_parts_mut(first.add(start * step), n)
        }
    }
}
