use super::*;
use crate::expr::{OPERATORS, Op, postfix};
use proptest::prelude::*;

/// A random program: the leaves and operators that the choices name, over three inputs and two parameters.
fn program(choices: &[(u8, u8)], operators: &[Op]) -> Vec<Token> {
    let mut program = vec![];
    let mut depth = 0usize;
    for &(kind, which) in choices {
        let op = operators[which as usize % operators.len()];
        if kind % 2 == 0 && depth >= op.arity() {
            depth -= op.arity() - 1;
            program.push(Token::Op(op));
        } else {
            depth += 1;
            program.push(match kind % 7 {
                0 | 1 => Token::Number([0.5, 2.0, 3.0, -1.0, 1.5, 7.0, -2.0, 0.0, 4.0, -2.5][which as usize % 10]),
                2 => Token::Parameter(u16::from(which) % 2),
                _ => Token::Input(u16::from(which) % 3),
            });
        }
    }
    while depth > 1 {
        depth -= 1;
        program.push(Token::Op(Op::Sub));
    }
    program
}

fn all_operators() -> Vec<Op> {
    OPERATORS.iter().map(|row| row.op).collect()
}

/// The value by [`Op::apply`], one row.
fn value(program: &[Token], inputs: &[f64], parameters: &[f64]) -> f64 {
    let mut stack = vec![];
    for token in program {
        let value = match *token {
            Token::Number(value) => value,
            Token::Input(index) => inputs[index as usize],
            Token::Parameter(index) => parameters[index as usize],
            Token::Op(op) => {
                let args = stack.split_off(stack.len() - op.arity());
                op.apply(&args)
            }
        };
        stack.push(value);
    }
    stack.pop().unwrap()
}

fn columns(rows: usize) -> [Vec<f64>; 3] {
    let column = |k: usize| (0..rows).map(|row| ((row * (2 * k + 1) * 7919) % 1009) as f64 / 250.0 - 2.0).collect();
    [column(0), column(1), column(2)]
}

fn eval<T: Lane>(tape: &Tape, columns: &[&[T]], parameters: &[T], rows: usize) -> Vec<Vec<T>> {
    let mut out = vec![vec![T::ZERO; rows]; tape.outputs()];
    let mut refs: Vec<&mut [T]> = out.iter_mut().map(|column| &mut column[..]).collect();
    tape.eval(columns, parameters, &mut refs, &mut Scratch::new());
    out
}

/// Equal as far as roundings of 2 ulp in each of a few operations allow.
fn close(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * (a.abs() + b.abs()) || (a - b).abs() < 1e-12
}

const PARAMETERS: [f64; 2] = [1.25, -0.75];

fn refs<T>(columns: &[Vec<T>]) -> Vec<&[T]> {
    columns.iter().map(|column| &column[..]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    /// Without operators that amplify roundings to a different branch, values are those of the operator table.
    #[test]
    fn values_are_those_of_the_operator_table(choices in prop::collection::vec(any::<(u8, u8)>(), 1..14)) {
        let smooth = [Op::Add, Op::Mul, Op::Sin, Op::Tanh, Op::Cos, Op::Atan, Op::Abs, Op::Neg, Op::Min, Op::Max, Op::Sqrt, Op::Div, Op::Exp, Op::Log];
        let program = program(&choices, &smooth);
        let columns = columns(100);
        let out = eval(&Tape::from_postfix(&program), &refs(&columns), &PARAMETERS, 100);
        for row in 0..100 {
            let inputs = [columns[0][row], columns[1][row], columns[2][row]];
            let expected = value(&program, &inputs, &PARAMETERS);
            // A number lost to cancellation says nothing.
            if expected.abs() < 1e-3 || expected.abs() > 1e3 { continue }
            prop_assert!((out[0][row] - expected).abs() < 1e-6 * expected.abs() || out[0][row] == expected || expected.is_nan() == out[0][row].is_nan() , "{program:?} at {inputs:?}: {} for {expected}", out[0][row]);
        }
    }

    /// Any number of rows, any place: the same bits.
    #[test]
    fn a_row_is_the_same_wherever_it_is(choices in prop::collection::vec(any::<(u8, u8)>(), 1..40), rows in 1usize..1500) {
        let program = program(&choices, &all_operators());
        let tape = Tape::from_postfix(&program);
        let columns = columns(1500);
        let all = eval(&tape, &refs(&columns), &PARAMETERS, 1500);
        let from = 1500 - rows;
        let tails: Vec<&[f64]> = columns.iter().map(|column| &column[from..]).collect();
        let some = eval(&tape, &tails, &PARAMETERS, rows);
        for (row, value) in some[0].iter().enumerate() {
            prop_assert!(value.to_bits() == all[0][from + row].to_bits() || value.is_nan() && all[0][from + row].is_nan());
        }
    }

    /// The widest instructions of this machine and the plain ones of the target: the same bits.
    #[test]
    fn instruction_sets_agree(choices in prop::collection::vec(any::<(u8, u8)>(), 1..30)) {
        let tape = Tape::from_postfix(&program(&choices, &all_operators()));
        let columns = columns(77);
        let wide = eval(&tape, &refs(&columns), &PARAMETERS, 77);
        let mut plain = vec![0.0; 77];
        run::run(&tape.program, &refs(&columns), &PARAMETERS, &mut [&mut plain], &mut Scratch::new());
        let narrow: Vec<Vec<f32>> = columns.iter().map(|column| column.iter().map(|&x| x as f32).collect()).collect();
        let parameters = PARAMETERS.map(|x| x as f32);
        let wide_single = eval(&tape, &refs(&narrow), &parameters, 77);
        let mut plain_single = vec![0f32; 77];
        run::run(&tape.program, &refs(&narrow), &parameters, &mut [&mut plain_single], &mut Scratch::new());
        for row in 0..77 {
            prop_assert!(wide[0][row].to_bits() == plain[row].to_bits() || wide[0][row].is_nan() && plain[row].is_nan());
            let (a, b) = (wide_single[0][row], plain_single[row]);
            prop_assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan());
        }
    }

    /// Sharing and derivatives do not change values; recompiling forgets the past.
    #[test]
    fn every_way_to_compile_gives_the_same_bits(choices in prop::collection::vec(any::<(u8, u8)>(), 1..40)) {
        let program = program(&choices, &all_operators());
        let names: Vec<Name> = ["x", "y", "z"].map(Name::new).to_vec();
        let constants: Vec<Name> = ["a", "b"].map(Name::new).to_vec();
        let symbols: Vec<Expr> = constants.iter().map(|name| Expr::symbol(name.clone())).collect();
        let expr = postfix::to_expr(&program, &names, &symbols);
        let columns = columns(200);
        let mut tape = Tape::from_postfix(&[Token::Input(0), Token::Parameter(1), Token::Op(Op::Add)]);
        tape.recompile(&program);
        let one = eval(&tape, &refs(&columns), &PARAMETERS, 200);
        let twice = Tape::compile(&[expr.clone(), expr], &names, &constants).unwrap();
        let two = eval(&twice, &refs(&columns), &PARAMETERS, 200);
        let differentiated = tape.derivatives(&[Wrt::Input(0), Wrt::Parameter(1)]);
        let three = eval(&differentiated, &refs(&columns), &PARAMETERS, 200);
        let four = eval(&twice.derivatives(&[Wrt::Input(2)]), &refs(&columns), &PARAMETERS, 200);
        for row in 0..200 {
            let bits = |v: f64| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() };
            prop_assert_eq!(bits(one[0][row]), bits(two[0][row]));
            prop_assert_eq!(bits(one[0][row]), bits(two[1][row]));
            prop_assert_eq!(bits(one[0][row]), bits(three[0][row]), "{:?}", program);
            prop_assert_eq!(bits(one[0][row]), bits(four[1][row]), "{:?}", program);
        }
    }
}

/// Every operator with every kind of arguments against the table, special values included.
#[test]
fn every_operator_is_that_of_the_table() {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -0.5,
        2.0,
        3.0,
        -3.0,
        1e-310,
        1e300,
        -1e300,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        0.7,
        100.0,
    ];
    let mut rows: [Vec<f64>; 3] = Default::default();
    for a in special {
        for b in special {
            for c in [0.0, 2.0, f64::NAN] {
                rows[0].push(a);
                rows[1].push(b);
                rows[2].push(c);
            }
        }
    }
    for info in &OPERATORS {
        let mut program: Vec<Token> = (0..info.arity as u16).map(Token::Input).collect();
        program.push(Token::Op(info.op));
        let tape = Tape::from_postfix(&program);
        let out = eval(&tape, &refs(&rows), &[], rows[0].len());
        for row in 0..rows[0].len() {
            let args = [rows[0][row], rows[1][row], rows[2][row]];
            let expected = info.op.apply(&args[..info.arity]);
            assert!(close(out[0][row], expected), "{} of {args:?}: {} for {expected}", info.name, out[0][row]);
            // Arguments that are the same for all rows, on either side.
            for fixed in 0..info.arity {
                let mixed: Vec<Token> = (0..info.arity)
                    .map(|k| if k == fixed { Token::Parameter(0) } else { Token::Input(k as u16) })
                    .chain([Token::Op(info.op)])
                    .collect();
                let one: Vec<&[f64]> = rows.iter().map(|column| &column[row..=row]).collect();
                let value = eval(&Tape::from_postfix(&mixed), &one, &[args[fixed]], 1)[0][0];
                assert!(value == out[0][row] || value.is_nan() && out[0][row].is_nan(), "{} of {args:?}", info.name);
            }
        }
    }
}

#[test]
fn powers_of_numbers_follow_the_table() {
    let bases = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        2.0,
        -2.0,
        0.3,
        -0.3,
        1e-200,
        1e150,
        1e-310,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        1.0 + 1e-9,
        7.25,
    ];
    for halves in -66..=66 {
        let n = f64::from(halves) / 2.0;
        let tape = Tape::from_postfix(&[Token::Input(0), Token::Number(n), Token::Op(Op::Pow)]);
        let out = eval(&tape, &[&bases], &[], bases.len());
        for (&base, &value) in bases.iter().zip(&out[0]) {
            let expected = libm::pow(base, n);
            let error = (value - expected).abs();
            let fine = value == expected
                || value.is_nan() && expected.is_nan()
                || error <= 3e-16 * 1.5 * expected.abs() + 1e-323;
            assert!(fine, "{base}^{n}: {value:e} for {expected:e}");
        }
    }
}

#[test]
fn derivatives_agree_with_differences() {
    let inputs = [0.8, 0.35, 1.7];
    let smooth: Vec<Op> =
        all_operators().into_iter().filter(|op| !matches!(op, Op::Floor | Op::Ceil | Op::Sign)).collect();
    for op in smooth {
        // Each argument is a sum or product that depends on an input and a parameter.
        let mut program = vec![];
        for k in 0..op.arity() as u16 {
            program.extend([Token::Input(k), Token::Parameter(0), Token::Op(if k == 0 { Op::Mul } else { Op::Add })]);
        }
        program.push(Token::Op(op));
        let wrt = [Wrt::Input(0), Wrt::Input(1), Wrt::Input(2), Wrt::Parameter(0)];
        let tape = Tape::from_postfix(&program);
        let parameters = [0.9];
        let (mut out, mut slopes) = ([0.0], [[0.0]; 4]);
        let columns = inputs.map(|value| [value]);
        let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let mut jacobian: Vec<&mut [f64]> = slopes.iter_mut().map(|column| &mut column[..]).collect();
        tape.eval_with_derivatives(&columns, &parameters, &wrt, &mut [&mut out], &mut jacobian, &mut Scratch::new());
        assert_eq!(out[0].to_bits(), eval(&tape, &columns, &parameters, 1)[0][0].to_bits());
        for (k, slope) in slopes.iter().enumerate() {
            let at = |h: f64| {
                let mut shifted = inputs;
                let mut parameter = parameters;
                if k < 3 {
                    shifted[k] += h
                } else {
                    parameter[0] += h
                }
                value(&program, &shifted, &parameter)
            };
            let difference = (at(1e-6) - at(-1e-6)) / 2e-6;
            assert!(
                (slope[0] - difference).abs() < 1e-6 * (1.0 + difference.abs()),
                "{op:?} by {k}: {} for {difference}",
                slope[0]
            );
        }
    }
}

#[test]
fn compiling_names_what_it_does_not_know() {
    let error = Tape::compile(&[Expr::symbol("x") * Expr::symbol("q")], &["x".into()], &["k".into()]).unwrap_err();
    assert_eq!(error.to_string(), "unknown symbol `q`");
}

#[test]
fn common_subexpressions_are_computed_once() {
    let sin = || Expr::symbol("x").apply(Op::Sin);
    let tape = Tape::compile(&[sin() * sin(), sin() + 1.0.into(), sin()], &["x".into()], &[]).unwrap();
    assert_eq!(tape.program.instructions.iter().filter(|i| i.kernel == kernel::Kernel::Sin).count(), 1);
}

#[test]
fn no_rows_and_no_columns_are_fine() {
    let tape = Tape::from_postfix(&[Token::Number(2.0), Token::Parameter(0), Token::Op(Op::Mul)]);
    assert_eq!(eval(&tape, &[], &[1.5f64], 0), [[]; 1].map(|column: [f64; 0]| column.to_vec()));
    assert_eq!(eval(&tape, &[], &[1.5f64], 3), [[3.0; 3].to_vec()]);
}
