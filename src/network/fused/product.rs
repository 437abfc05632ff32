//! Products of matrices in panels: a register tile of up to six rows by one panel, blocked so that the panel of the right
//! operand stays in the first-level cache. Every output element is one chain of fused multiply-adds in order of the inner
//! index, so results are equal to the bit for any tile, any sharding of rows and any number of threads.
//!
//! The kernel is plain code that the compiler turns into AVX2 and FMA where the machine has them.

use super::dispatch::vectorised;
use super::panels::{Lane, Panels, WIDTH, panels};

/// Rows of a full register tile: 6 x 16 accumulators fill twelve AVX2 registers.
const TILE: usize = 6;

/// The right operand of a product: panel `p` holds inner index `k` at lane `p * panel + k / 16 * block + k % 16`.
#[derive(Clone, Copy)]
pub struct Right<'a> {
    /// Its lanes.
    pub lanes: &'a [Lane],
    /// Lanes from one panel to the next.
    pub panel: usize,
    /// Lanes from sixteen inner indices to the next sixteen.
    pub block: usize,
}

/// `out[row] = start + Σ_k left[row][k] · right[k]`, where `start` is one row (a bias) or zero.
/// The shape of `out` and the columns of `left` say the extents.
pub fn multiply(left: &Panels, right: Right, start: Option<Right>, out: &mut Panels) {
    let (rows, inner, count) = (left.rows(), left.columns(), panels(out.columns()));
    assert_eq!(rows, out.rows(), "a product keeps its rows");
    for panel in 0..count {
        let first = start.map_or(Lane::default(), |row| row.lanes[panel * row.panel]);
        let job = Rows {
            left: left.lanes(),
            stride: left.stride(),
            inner,
            right: &right.lanes[panel * right.panel..],
            block: right.block,
            first,
        };
        multiply_panel(&job, out.panel_mut(panel));
    }
}

/// `out[i] += Σ_row left[row][i] · right[row]` for every column i of `left`: a weight gradient for one panel of outputs.
pub fn accumulate_transposed(left: &Panels, right: &[Lane], out: &mut [Lane]) {
    assert!(right.len() == left.rows() && out.len() == left.columns(), "inner extents agree");
    for (panel, out) in out.chunks_mut(WIDTH).enumerate() {
        transposed_panel(left.panel(panel), right, out);
    }
}

vectorised!(multiply_panel(job: &Rows, out: &mut [Lane]) = rows_panel);
vectorised!(transposed_panel(left: &[Lane], right: &[Lane], out: &mut [Lane]) = columns_panel);

struct Rows<'a> {
    left: &'a [Lane],
    stride: usize,
    inner: usize,
    right: &'a [Lane],
    block: usize,
    first: Lane,
}

#[inline(always)]
fn rows_panel(job: &Rows, out: &mut [Lane]) {
    let mut row = 0;
    for tile in out.chunks_mut(TILE) {
        match tile.len() {
            6 => rows_tile::<6>(job, row, tile),
            5 => rows_tile::<5>(job, row, tile),
            4 => rows_tile::<4>(job, row, tile),
            3 => rows_tile::<3>(job, row, tile),
            2 => rows_tile::<2>(job, row, tile),
            _ => rows_tile::<1>(job, row, tile),
        }
        row += tile.len();
    }
}

#[inline(always)]
fn rows_tile<const ROWS: usize>(job: &Rows, row: usize, out: &mut [Lane]) {
    let mut sums = [job.first.0; ROWS];
    let mut inner = job.inner;
    let mut block = 0;
    while inner > 0 {
        let depth = inner.min(WIDTH);
        let left = &job.left[block * job.stride + row..][..ROWS];
        let right = &job.right[block * job.block..][..depth];
        // SAFETY: `left` holds ROWS lanes of 16 and depth is at most 16.
        unsafe { accumulate::<ROWS, WIDTH, 1>(&mut sums, left.as_ptr().cast(), right) };
        inner -= depth;
        block += 1;
    }
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = Lane(sum);
    }
}

#[inline(always)]
fn columns_panel(left: &[Lane], right: &[Lane], out: &mut [Lane]) {
    let mut column = 0;
    for tile in out.chunks_mut(TILE) {
        match tile.len() {
            6 => columns_tile::<6>(left, column, right, tile),
            5 => columns_tile::<5>(left, column, right, tile),
            4 => columns_tile::<4>(left, column, right, tile),
            3 => columns_tile::<3>(left, column, right, tile),
            2 => columns_tile::<2>(left, column, right, tile),
            _ => columns_tile::<1>(left, column, right, tile),
        }
        column += tile.len();
    }
}

#[inline(always)]
fn columns_tile<const COLUMNS: usize>(left: &[Lane], column: usize, right: &[Lane], out: &mut [Lane]) {
    let mut sums: [[f32; WIDTH]; COLUMNS] = std::array::from_fn(|i| out[i].0);
    assert!(column + COLUMNS <= WIDTH && left.len() == right.len());
    // SAFETY: `left` has as many lanes as `right`, and columns `column .. column + COLUMNS` lie within a lane.
    unsafe { accumulate::<COLUMNS, 1, WIDTH>(&mut sums, left.as_ptr().cast::<f32>().add(column), right) };
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = Lane(sum);
    }
}

/// `sums[r] += Σ_k left[r * ROW + k * STEP] · right[k]`.
///
/// # Safety
/// `left` must be readable at all those offsets for k below `right.len()`.
#[inline(always)]
unsafe fn accumulate<const ROWS: usize, const ROW: usize, const STEP: usize>(
    sums: &mut [[f32; WIDTH]; ROWS],
    left: *const f32,
    right: &[Lane],
) {
    let mut local = *sums;
    for (k, lane) in right.iter().enumerate() {
        for (r, sum) in local.iter_mut().enumerate() {
            // SAFETY: by the contract of this function.
            let factor = unsafe { *left.add(r * ROW + k * STEP) };
            for (sum, value) in sum.iter_mut().zip(lane.0) {
                *sum = factor.mul_add(value, *sum);
            }
        }
    }
    *sums = local;
}
