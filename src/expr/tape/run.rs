//! The interpreter: all instructions over one tile of rows, then the next tile. The loops are written over plain
//! slices and become vector code in the callers of [`run`], which are compiled for wider instructions.

use super::kernels::half_power;
use super::lane::Real;
use super::memory::Table;
use super::operators::*;
use super::program::{Code, Instruction, Kernel, Program, Scalar};
use super::{Lane, Scratch};
use crate::expr::Op;

/// Rows of a tile are a multiple of this many, so that vector loops have no remainder.
const ROWS: usize = 32;

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
    let mut done = 0;
    while done < rows {
        // The last tile is widened to whole vectors by doing some rows again, where there are rows enough.
        let left = rows - done;
        let whole = left.next_multiple_of(ROWS);
        let (start, n) = match left {
            _ if left >= tile => (done, tile),
            _ if whole <= rows && whole <= tile => (rows - whole, whole),
            _ => (done, left),
        };
        for instruction in &program.instructions {
            step(instruction, &table, start, n);
        }
        done = start + n;
    }
}

/// Rows of a tile such that all slots stay in the first-level cache.
fn tile_rows<T>(slots: usize) -> usize {
    let fitting = BUDGET / (slots.max(1) * size_of::<T>());
    (fitting / ROWS * ROWS).clamp(2 * ROWS, LARGEST_TILE)
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
fn step<T: Real>(instruction: &Instruction, table: &Table<T>, start: usize, n: usize) {
    let [first, second, third] = instruction.args;
    // SAFETY: `rows` was checked to be in all columns and outputs, `n` is at most a tile, and a program writes to no
    // place that the instruction reads. A scalar is one row wherever its kernel reads one row.
    let (d, a, b, c, of_a, of_b) = unsafe {
        (
            table.rows_mut(instruction.target, start, n),
            || table.rows(first, start, n),
            || table.rows(second, start, n),
            || table.rows(third, start, n),
            || table.rows(first, start, 1)[0],
            || table.rows(second, start, 1)[0],
        )
    };
    match instruction.kernel {
        Kernel::Fill => d.fill(of_a()),
        Kernel::Copy => d.copy_from_slice(a()),
        Kernel::HalfPower => {
            let Code::HalfPower(n) = instruction.code else { unreachable!("the code of the kernel") };
            half_power(d, a(), n)
        }
        Kernel::Add => binary(d, a(), b(), |a, b| a + b),
        Kernel::AddScalar => with_second(d, a(), of_b(), |a, b| a + b),
        Kernel::ScalarAdd => with_first(d, of_a(), b(), |a, b| a + b),
        Kernel::Sub => binary(d, a(), b(), |a, b| a - b),
        Kernel::SubScalar => with_second(d, a(), of_b(), |a, b| a - b),
        Kernel::ScalarSub => with_first(d, of_a(), b(), |a, b| a - b),
        Kernel::Mul => binary(d, a(), b(), |a, b| a * b),
        Kernel::MulScalar => with_second(d, a(), of_b(), |a, b| a * b),
        Kernel::ScalarMul => with_first(d, of_a(), b(), |a, b| a * b),
        Kernel::Div => binary(d, a(), b(), |a, b| a / b),
        Kernel::DivScalar => with_second(d, a(), of_b(), |a, b| a / b),
        Kernel::ScalarDiv => with_first(d, of_a(), b(), |a, b| a / b),
        Kernel::Pow => binary(d, a(), b(), T::pow),
        Kernel::PowScalar => with_second(d, a(), of_b(), T::pow),
        Kernel::ScalarPow => with_first(d, of_a(), b(), T::pow),
        Kernel::Rows(op) => match op {
            Op::Sin => periodic(d, a(), T::sin, libm::sin),
            Op::Cos => periodic(d, a(), T::cos, libm::cos),
            Op::Tan => periodic(d, a(), T::tan, libm::tan),
            Op::Neg => unary(d, a(), neg),
            Op::Abs => unary(d, a(), abs),
            Op::Sign => unary(d, a(), sign),
            Op::Floor => unary(d, a(), floor),
            Op::Ceil => unary(d, a(), ceil),
            Op::Sqrt => unary(d, a(), sqrt),
            Op::Cbrt => unary(d, a(), cbrt),
            Op::Exp => unary(d, a(), exp),
            Op::Log => unary(d, a(), log),
            Op::Asin => unary(d, a(), asin),
            Op::Acos => unary(d, a(), acos),
            Op::Atan => unary(d, a(), atan),
            Op::Sinh => unary(d, a(), sinh),
            Op::Cosh => unary(d, a(), cosh),
            Op::Tanh => unary(d, a(), tanh),
            Op::Atan2 => binary(d, a(), b(), atan2),
            Op::Min => binary(d, a(), b(), min),
            Op::Max => binary(d, a(), b(), max),
            Op::Lt => binary(d, a(), b(), lt),
            Op::Le => binary(d, a(), b(), le),
            Op::Gt => binary(d, a(), b(), gt),
            Op::Ge => binary(d, a(), b(), ge),
            Op::Eq => binary(d, a(), b(), eq),
            Op::Ne => binary(d, a(), b(), ne),
            Op::And => binary(d, a(), b(), and),
            Op::Or => binary(d, a(), b(), or),
            Op::Not => unary(d, a(), not),
            Op::If => ternary(d, a(), b(), c(), choose),
            Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Pow => unreachable!("these have kernels of their own"),
        },
    }
}

#[inline(always)]
fn unary<T: Real>(d: &mut [T], a: &[T], f: impl Fn(T) -> T) {
    for (d, &a) in d.iter_mut().zip(a) {
        *d = f(a);
    }
}

#[inline(always)]
fn binary<T: Real>(d: &mut [T], a: &[T], b: &[T], f: impl Fn(T, T) -> T) {
    for ((d, &a), &b) in d.iter_mut().zip(a).zip(b) {
        *d = f(a, b);
    }
}

#[inline(always)]
fn with_second<T: Real>(d: &mut [T], a: &[T], b: T, f: impl Fn(T, T) -> T) {
    for (d, &a) in d.iter_mut().zip(a) {
        *d = f(a, b);
    }
}

#[inline(always)]
fn with_first<T: Real>(d: &mut [T], a: T, b: &[T], f: impl Fn(T, T) -> T) {
    for (d, &b) in d.iter_mut().zip(b) {
        *d = f(a, b);
    }
}

#[inline(always)]
fn ternary<T: Real>(d: &mut [T], a: &[T], b: &[T], c: &[T], f: impl Fn(T, T, T) -> T) {
    for (((d, &a), &b), &c) in d.iter_mut().zip(a).zip(b).zip(c) {
        *d = f(a, b, c);
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
