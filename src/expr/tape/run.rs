//! The interpreter: all instructions over one tile of rows, then the next tile. The loops are written over plain
//! slices and become vector code in the callers of [`run`], which are compiled for wider instructions.

use super::kernels::half_power;
use super::lane::Real;
use super::program::{Code, Instruction, Operand, Program, Scalar, Target};
use super::{Lane, Scratch};
use crate::expr::Op;

/// Rows of a tile are a multiple of this many, so that vector loops have no remainder.
const ROWS: usize = 32;

/// Most rows of a tile.
const LARGEST_TILE: usize = 512;

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
    assert_eq!(out.len(), program.outputs, "one column per output");
    let rows = out.first().map_or(0, |column| column.len());
    let tile = tile_rows::<T>(program.slots);
    scratch.prepare(program.slots, tile);
    find_scalars(program, parameters, &mut scratch.scalars);
    let mut done = 0;
    while done < rows {
        // The last tile is widened to whole vectors by doing some rows again, where there are rows enough.
        let left = rows - done;
        let whole = left.next_multiple_of(ROWS);
        let (start, n) = match left {
            _ if left >= tile => (done, tile),
            _ if whole <= rows => (rows - whole, whole),
            _ => (done, left),
        };
        for instruction in &program.instructions {
            step(instruction, columns, start, n, out, &mut scratch.slots, &scratch.scalars);
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
                let [a, b, c] = args.map(|index| Source::Same(values[index as usize]));
                let mut value = [T::ZERO];
                compute(code, &mut value, a, b, c);
                value[0]
            }
        };
        values.push(value);
    }
}

/// The argument of an instruction on a tile.
#[derive(Clone, Copy)]
enum Source<'a, T> {
    Rows(&'a [T]),
    Same(T),
}

#[inline(always)]
fn step<T: Real>(
    instruction: &Instruction,
    columns: &[&[T]],
    start: usize,
    n: usize,
    out: &mut [&mut [T]],
    slots: &mut [Vec<T>],
    scalars: &[T],
) {
    // The slot is taken out of the table while it is written; no argument shares it.
    let mut taken = vec![];
    let target = match instruction.target {
        Target::Slot(slot) => {
            taken = std::mem::take(&mut slots[slot as usize]);
            &mut taken[..n]
        }
        Target::Output(index) => &mut out[index as usize][start..start + n],
    };
    let source = |operand| match operand {
        Operand::Slot(slot) => Source::Rows(&slots[slot as usize][..n]),
        Operand::Column(column) => Source::Rows(&columns[column as usize][start..start + n]),
        Operand::Scalar(index) => Source::Same(scalars[index as usize]),
    };
    let [a, b, c] = instruction.args;
    compute(instruction.code, target, source(a), source(b), source(c));
    if let Target::Slot(slot) = instruction.target {
        slots[slot as usize] = taken;
    }
}

#[inline(always)]
fn compute<T: Real>(code: Code, d: &mut [T], a: Source<T>, b: Source<T>, c: Source<T>) {
    let truth = |is: bool| if is { T::ONE } else { T::ZERO };
    let op = match code {
        Code::Copy => return unary(d, a, |a| a),
        Code::HalfPower(n) => return half_power_rows(d, a, n),
        Code::Call(op) => op,
    };
    match op {
        Op::Add => binary(d, a, b, |a, b| a + b),
        Op::Sub => binary(d, a, b, |a, b| a - b),
        Op::Mul => binary(d, a, b, |a, b| a * b),
        Op::Div => binary(d, a, b, |a, b| a / b),
        Op::Pow => binary(d, a, b, |a, b| a.pow(b)),
        Op::Neg => unary(d, a, |a| -a),
        Op::Abs => unary(d, a, |a| a.magnitude()),
        Op::Sign => unary(d, a, |a| {
            let sign = if a == a { T::ONE.with_sign_of(a) } else { a };
            if a == T::ZERO { T::ZERO } else { sign }
        }),
        Op::Floor => unary(d, a, |a| a.below()),
        Op::Ceil => unary(d, a, |a| a.above()),
        Op::Sqrt => unary(d, a, |a| a.root()),
        Op::Cbrt => unary(d, a, |a| a.by_libm(libm::cbrt)),
        Op::Exp => unary(d, a, |a| a.exp()),
        Op::Log => unary(d, a, |a| a.log()),
        Op::Sin => periodic(d, a, |a| a.sin(), libm::sin),
        Op::Cos => periodic(d, a, |a| a.cos(), libm::cos),
        Op::Tan => periodic(d, a, |a| a.tan(), libm::tan),
        Op::Asin => unary(d, a, |a| a.by_libm(libm::asin)),
        Op::Acos => unary(d, a, |a| a.by_libm(libm::acos)),
        Op::Atan => unary(d, a, |a| a.by_libm(libm::atan)),
        Op::Sinh => unary(d, a, |a| a.by_libm(libm::sinh)),
        Op::Cosh => unary(d, a, |a| a.by_libm(libm::cosh)),
        Op::Tanh => unary(d, a, |a| a.tanh()),
        Op::Atan2 => binary(d, a, b, |a, b| T::nearest(libm::atan2(a.double(), b.double()))),
        Op::Min => binary(d, a, b, |a, b| {
            let smaller = if b < a { b } else { a };
            if b == b { smaller } else { b }
        }),
        Op::Max => binary(d, a, b, |a, b| {
            let larger = if b > a { b } else { a };
            if b == b { larger } else { b }
        }),
        Op::Lt => binary(d, a, b, |a, b| truth(a < b)),
        Op::Le => binary(d, a, b, |a, b| truth(a <= b)),
        Op::Gt => binary(d, a, b, |a, b| truth(a > b)),
        Op::Ge => binary(d, a, b, |a, b| truth(a >= b)),
        Op::Eq => binary(d, a, b, |a, b| truth(a == b)),
        Op::Ne => binary(d, a, b, |a, b| truth(a != b)),
        Op::And => binary(d, a, b, |a, b| truth((a != T::ZERO) & (b != T::ZERO))),
        Op::Or => binary(d, a, b, |a, b| truth((a != T::ZERO) | (b != T::ZERO))),
        Op::Not => unary(d, a, |a| truth(a == T::ZERO)),
        Op::If => choose(d, a, b, c),
    }
}

#[inline(always)]
fn unary<T: Real>(d: &mut [T], a: Source<T>, f: impl Fn(T) -> T) {
    match a {
        Source::Rows(a) => {
            for (d, &a) in d.iter_mut().zip(a) {
                *d = f(a);
            }
        }
        Source::Same(a) => d.fill(f(a)),
    }
}

#[inline(always)]
fn binary<T: Real>(d: &mut [T], a: Source<T>, b: Source<T>, f: impl Fn(T, T) -> T) {
    match (a, b) {
        (Source::Rows(a), Source::Rows(b)) => {
            for ((d, &a), &b) in d.iter_mut().zip(a).zip(b) {
                *d = f(a, b);
            }
        }
        (Source::Rows(a), Source::Same(b)) => {
            for (d, &a) in d.iter_mut().zip(a) {
                *d = f(a, b);
            }
        }
        (Source::Same(a), Source::Rows(b)) => {
            for (d, &b) in d.iter_mut().zip(b) {
                *d = f(a, b);
            }
        }
        (Source::Same(a), Source::Same(b)) => d.fill(f(a, b)),
    }
}

/// `if condition then a else b`, in three plain loops that take rows and scalars alike.
#[inline(always)]
fn choose<T: Real>(d: &mut [T], condition: Source<T>, a: Source<T>, b: Source<T>) {
    unary(d, b, |b| b);
    let Source::Rows(condition) = condition else {
        let Source::Same(condition) = condition else { unreachable!("rows or the same") };
        if condition != T::ZERO {
            unary(d, a, |a| a);
        }
        return;
    };
    match a {
        Source::Rows(a) => {
            for ((d, &a), &condition) in d.iter_mut().zip(a).zip(condition) {
                *d = if condition != T::ZERO { a } else { *d };
            }
        }
        Source::Same(a) => {
            for (d, &condition) in d.iter_mut().zip(condition) {
                *d = if condition != T::ZERO { a } else { *d };
            }
        }
    }
}

#[inline(always)]
fn half_power_rows<T: Real>(d: &mut [T], a: Source<T>, n: i8) {
    unary(d, a, |a| a);
    half_power(d, n);
}

/// A periodic function: the fast form, then `exact` where an argument is too large for it.
#[inline(always)]
fn periodic<T: Real>(d: &mut [T], a: Source<T>, fast: impl Fn(T) -> T, exact: fn(f64) -> f64) {
    let large = |a: T| (a.magnitude() > T::REDUCIBLE) & (a.magnitude() < T::INFINITY);
    unary(d, a, fast);
    match a {
        Source::Rows(a) => {
            if a.iter().fold(false, |any, &a| any | large(a)) {
                for (d, &a) in d.iter_mut().zip(a) {
                    if large(a) {
                        *d = a.by_libm(exact);
                    }
                }
            }
        }
        Source::Same(a) if large(a) => d.fill(a.by_libm(exact)),
        Source::Same(_) => {}
    }
}
