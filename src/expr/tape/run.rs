//! The interpreter: all instructions over one tile of rows, then the next tile. The loops are written over plain
//! slices and become vector code in the callers of [`run`], which are compiled for wider instructions.

use super::kernel::Kernel;
use super::kernels::half_power;
use super::lane::Real;
use super::memory::{CHUNK, LANES, Rows, Table};
use super::operators::*;
use super::program::{Code, Instruction, Program, Scalar};
use super::{Lane, Scratch};
use crate::expr::Op;
use std::hint::black_box;

/// Most rows of a tile.
const LARGEST_TILE: usize = 1024;

/// Bytes that the slots of a program may take: part of a 32 KiB first-level cache.
const BUDGET: usize = 24 << 10;

/// Evaluates a program over columns; as many rows as the outputs have.
#[inline(always)]
pub fn run<T: Lane>(
    program: &Program,
    columns: &[&[T]],
    parameters: &[T],
    out: &mut [&mut [T]],
    scratch: &mut Scratch<T>,
) {
    let rows = out.first().map_or(0, |column| column.len());
    let tile = tile_rows::<T>(program.slots);
    find_scalars(program, parameters, &mut scratch.memory.scalars);
    let table = Table::new(&mut scratch.memory, program, columns, out, rows, tile);
    // Hidden from the compiler; see `short`.
    let step = black_box(CHUNK);
    let mut done = 0;
    while done < rows {
        // The last tile is widened to whole vectors by doing some rows again, where there are rows enough.
        let left = rows - done;
        let whole = left.next_multiple_of(CHUNK);
        let (start, n) = match left {
            _ if left >= tile => (done, tile),
            _ if whole <= rows && whole <= tile => (rows - whole, whole),
            _ => (done, left),
        };
        for instruction in &program.instructions {
            perform(instruction, &table, start, n, step);
        }
        done = start + n;
    }
}

/// Rows of a tile such that all slots stay in the first-level cache.
fn tile_rows<T>(slots: usize) -> usize {
    let fitting = BUDGET / (slots.max(1) * size_of::<T>());
    (fitting / CHUNK * CHUNK).clamp(2 * CHUNK, LARGEST_TILE)
}

#[inline(always)]
fn find_scalars<T: Real>(program: &Program, parameters: &[T], values: &mut Vec<T>) {
    values.clear();
    for scalar in &program.scalars {
        let value = match *scalar {
            Scalar::Number(value) => T::nearest(value),
            Scalar::Parameter(index) => parameters[index as usize],
            Scalar::Call(code, args) => {
                let [a, b, c] = args.map(|index| values[index as usize]);
                one(code, a, b, c)
            }
        };
        values.push(value);
    }
}

/// One instruction over the rows `start .. start + n`.
#[inline(always)]
fn perform<T: Real>(instruction: &Instruction, table: &Table<T>, start: usize, n: usize, step: usize) {
    let [first, second, third] = instruction.args;
    // SAFETY: `start + n` rows are in all columns and outputs, `n` is at most a tile, and a program writes to no place
    // that the instruction reads and reads no slot before it is written.
    let (d, a, b, c) = unsafe {
        (
            table.rows_mut(instruction.target, start, n),
            table.rows(first, start, n),
            table.rows(second, start, n),
            table.rows(third, start, n),
        )
    };
    match instruction.kernel {
        Kernel::Copy => copy(d, a),
        Kernel::HalfPower => half_power(d, only_rows(a), instruction.power),
        Kernel::Neg => unary(d, only_rows(a), neg),
        Kernel::Abs => unary(d, only_rows(a), abs),
        Kernel::Sign => unary(d, only_rows(a), sign),
        Kernel::Floor => unary(d, only_rows(a), floor),
        Kernel::Ceil => unary(d, only_rows(a), ceil),
        Kernel::Sqrt => unary(d, only_rows(a), sqrt),
        Kernel::Cbrt => unary(d, only_rows(a), cbrt),
        Kernel::Exp => unary(d, only_rows(a), exp),
        Kernel::Log => unary(d, only_rows(a), log),
        Kernel::Sin => periodic(d, only_rows(a), T::sin, libm::sin),
        Kernel::Cos => periodic(d, only_rows(a), T::cos, libm::cos),
        Kernel::Tan => periodic(d, only_rows(a), T::tan, libm::tan),
        Kernel::Asin => unary(d, only_rows(a), asin),
        Kernel::Acos => unary(d, only_rows(a), acos),
        Kernel::Atan => unary(d, only_rows(a), atan),
        Kernel::Sinh => unary(d, only_rows(a), sinh),
        Kernel::Cosh => unary(d, only_rows(a), cosh),
        Kernel::Tanh => unary(d, only_rows(a), tanh),
        Kernel::Not => unary(d, only_rows(a), not),
        Kernel::Add => short(d, a, b, b, step, |a, b, _| a + b),
        Kernel::Sub => short(d, a, b, b, step, |a, b, _| a - b),
        Kernel::Mul => short(d, a, b, b, step, |a, b, _| a * b),
        Kernel::Div => short(d, a, b, b, step, |a, b, _| a / b),
        Kernel::Pow => binary(d, a, b, T::pow),
        Kernel::Atan2 => binary(d, a, b, atan2),
        Kernel::Min => binary(d, a, b, min),
        Kernel::Max => binary(d, a, b, max),
        Kernel::Lt => binary(d, a, b, lt),
        Kernel::Le => binary(d, a, b, le),
        Kernel::Gt => binary(d, a, b, gt),
        Kernel::Ge => binary(d, a, b, ge),
        Kernel::Eq => binary(d, a, b, eq),
        Kernel::Ne => binary(d, a, b, ne),
        Kernel::And => binary(d, a, b, and),
        Kernel::Or => binary(d, a, b, or),
        Kernel::If => short(d, a, b, c, step, choose),
        Kernel::AddAdd => short(d, a, b, c, step, |a, b, c| (a + b) + c),
        Kernel::AddSub => short(d, a, b, c, step, |a, b, c| (a + b) - c),
        Kernel::AddFrom => short(d, a, b, c, step, |a, b, c| c - (a + b)),
        Kernel::AddMul => short(d, a, b, c, step, |a, b, c| (a + b) * c),
        Kernel::AddDiv => short(d, a, b, c, step, |a, b, c| (a + b) / c),
        Kernel::AddInto => short(d, a, b, c, step, |a, b, c| c / (a + b)),
        Kernel::SubAdd => short(d, a, b, c, step, |a, b, c| (a - b) + c),
        Kernel::SubSub => short(d, a, b, c, step, |a, b, c| (a - b) - c),
        Kernel::SubFrom => short(d, a, b, c, step, |a, b, c| c - (a - b)),
        Kernel::SubMul => short(d, a, b, c, step, |a, b, c| (a - b) * c),
        Kernel::SubDiv => short(d, a, b, c, step, |a, b, c| (a - b) / c),
        Kernel::SubInto => short(d, a, b, c, step, |a, b, c| c / (a - b)),
        Kernel::MulAdd => short(d, a, b, c, step, |a, b, c| (a * b) + c),
        Kernel::MulSub => short(d, a, b, c, step, |a, b, c| (a * b) - c),
        Kernel::MulFrom => short(d, a, b, c, step, |a, b, c| c - (a * b)),
        Kernel::MulMul => short(d, a, b, c, step, |a, b, c| (a * b) * c),
        Kernel::MulDiv => short(d, a, b, c, step, |a, b, c| (a * b) / c),
        Kernel::MulInto => short(d, a, b, c, step, |a, b, c| c / (a * b)),
        Kernel::DivAdd => short(d, a, b, c, step, |a, b, c| (a / b) + c),
        Kernel::DivSub => short(d, a, b, c, step, |a, b, c| (a / b) - c),
        Kernel::DivFrom => short(d, a, b, c, step, |a, b, c| c - (a / b)),
        Kernel::DivMul => short(d, a, b, c, step, |a, b, c| (a / b) * c),
        Kernel::DivDiv => short(d, a, b, c, step, |a, b, c| (a / b) / c),
        Kernel::DivInto => short(d, a, b, c, step, |a, b, c| c / (a / b)),
    }
}

/// The rows of an argument that is no scalar.
#[inline(always)]
fn only_rows<'a, T: Real>(a: Rows<'a, T>) -> &'a [T] {
    a.slice().expect("calls of one scalar are scalars")
}

#[inline(always)]
fn copy<T: Real>(d: &mut [T], a: Rows<T>) {
    match a.slice() {
        Some(a) => d.copy_from_slice(a),
        None => d.fill(a.row(0)),
    }
}

#[inline(always)]
fn unary<T: Real>(d: &mut [T], a: &[T], f: impl Fn(T) -> T) {
    for (d, &a) in d.iter_mut().zip(a) {
        *d = f(a);
    }
}

/// Two arguments of any kind, for a function of many operations.
#[inline(always)]
fn binary<T: Real>(d: &mut [T], a: Rows<T>, b: Rows<T>, f: impl Fn(T, T) -> T) {
    match (a.slice(), b.slice()) {
        (Some(a), Some(b)) => {
            for ((d, &a), &b) in d.iter_mut().zip(a).zip(b) {
                *d = f(a, b);
            }
        }
        (Some(a), None) => {
            let b = b.row(0);
            for (d, &a) in d.iter_mut().zip(a) {
                *d = f(a, b);
            }
        }
        (None, Some(b)) => {
            let a = a.row(0);
            for (d, &b) in d.iter_mut().zip(b) {
                *d = f(a, b);
            }
        }
        (None, None) => d.fill(f(a.row(0), b.row(0))),
    }
}

/// Three arguments of any kind, for a function of few operations: one loop whatever is a scalar, and no branch.
///
/// The compiler makes registers of the arrays of lanes, provided that it does not try the outer loop first; it cannot
/// where it does not know the step.
#[inline(always)]
fn short<T: Real>(d: &mut [T], a: Rows<T>, b: Rows<T>, c: Rows<T>, step: usize, f: impl Fn(T, T, T) -> T) {
    let mut from = 0;
    while from + CHUNK <= d.len() {
        let (a, b, c) = (a.chunk(from), b.chunk(from), c.chunk(from));
        let (lanes, _) = d[from..from + CHUNK].as_chunks_mut::<LANES>();
        for (d, ((&a, &b), &c)) in lanes.iter_mut().zip(a.iter().zip(b).zip(c)) {
            *d = std::array::from_fn(|i| f(a[i], b[i], c[i]));
        }
        from += step;
    }
    for i in from..d.len() {
        d[i] = f(a.row(i), b.row(i), c.row(i));
    }
}

/// A periodic function: the fast form, then `exact` where an argument is too large for it.
#[inline(always)]
fn periodic<T: Real>(d: &mut [T], a: &[T], fast: impl Fn(T) -> T, exact: fn(f64) -> f64) {
    unary(d, a, fast);
    if a.iter().fold(false, |any, &a| any | large(a)) {
        for (d, &a) in d.iter_mut().zip(a) {
            if large(a) {
                *d = a.by_libm(exact);
            }
        }
    }
}

#[inline(always)]
fn large<T: Real>(a: T) -> bool {
    (a.magnitude() > T::REDUCIBLE) & (a.magnitude() < T::INFINITY)
}

/// One instruction on scalars: the same bits as in a tile.
#[inline(always)]
fn one<T: Real>(code: Code, a: T, b: T, c: T) -> T {
    let op = match code {
        Code::Copy => return a,
        Code::HalfPower(n) => {
            let mut value = [a];
            half_power(&mut value, &[a], n);
            return value[0];
        }
        Code::Call(op) => op,
    };
    match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        Op::Pow => a.pow(b),
        Op::Sin if large(a) => a.by_libm(libm::sin),
        Op::Cos if large(a) => a.by_libm(libm::cos),
        Op::Tan if large(a) => a.by_libm(libm::tan),
        Op::Sin => a.sin(),
        Op::Cos => a.cos(),
        Op::Tan => a.tan(),
        Op::Neg => neg(a),
        Op::Abs => abs(a),
        Op::Sign => sign(a),
        Op::Floor => floor(a),
        Op::Ceil => ceil(a),
        Op::Sqrt => sqrt(a),
        Op::Cbrt => cbrt(a),
        Op::Exp => exp(a),
        Op::Log => log(a),
        Op::Asin => asin(a),
        Op::Acos => acos(a),
        Op::Atan => atan(a),
        Op::Sinh => sinh(a),
        Op::Cosh => cosh(a),
        Op::Tanh => tanh(a),
        Op::Atan2 => atan2(a, b),
        Op::Min => min(a, b),
        Op::Max => max(a, b),
        Op::Lt => lt(a, b),
        Op::Le => le(a, b),
        Op::Gt => gt(a, b),
        Op::Ge => ge(a, b),
        Op::Eq => eq(a, b),
        Op::Ne => ne(a, b),
        Op::And => and(a, b),
        Op::Or => or(a, b),
        Op::Not => not(a),
        Op::If => choose(a, b, c),
    }
}
