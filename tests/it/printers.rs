//! Printed code against the tape: compiled by a C compiler, run by Python with NumPy, and read by SymPy.

use sdl::base::{Name, Seed};
use sdl::expr::print::code::dialect;
use sdl::expr::{Expr, Fixity, Node, OPERATORS, Op, Scratch, Tape};
use std::path::PathBuf;
use std::process::Command;

#[allow(dead_code)] // shared with other tests
#[path = "../../src/expr/tests/mod.rs"]
mod sample;

const COUNT: usize = 300;
const ROWS: usize = 8;
const NAMES: [&str; 4] = ["x0", "x1", "x2", "x3"];

/// Expressions with operators of every kind, and rows of values at which they are compared.
fn cases() -> (Vec<Expr>, Vec<[f64; 4]>) {
    let mut exprs: Vec<Expr> = (0..COUNT as u64)
        .map(|index| {
            let mut stream = Seed::root(21).nth(index).stream();
            let size = 6 + stream.below(25);
            sample::random(&mut stream, size)
        })
        .collect();
    let x = |k: usize| Expr::symbol(NAMES[k]);
    for row in OPERATORS.iter() {
        let args = [x(0) + Expr::number(-0.5), x(1) * Expr::number(0.3), x(2) - x(3)];
        exprs.push(Expr::call(row.op, args[..row.arity].to_vec()));
        let inner = Expr::call(row.op, args[..row.arity].to_vec());
        exprs.push(Expr::call(Op::If, vec![inner.clone(), x(0), inner * x(1)]));
    }
    let mut stream = Seed::root(22).stream();
    let rows = (0..ROWS).map(|_| std::array::from_fn(|_| libm_exp(0.6 * stream.normal()))).collect();
    (exprs, rows)
}

fn libm_exp(x: f64) -> f64 {
    Op::Exp.apply(&[x])
}

/// Values by the tape: `[expression][row]`.
fn by_tape(exprs: &[Expr], rows: &[[f64; 4]]) -> Vec<Vec<f64>> {
    let names = NAMES.map(Name::new);
    let columns: Vec<Vec<f64>> = (0..4).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    exprs
        .iter()
        .map(|expr| {
            let tape = Tape::compile(std::slice::from_ref(expr), &names, &[]).expect("all symbols are inputs");
            let mut out = vec![0.0; rows.len()];
            tape.eval(&columns, &[], &mut [&mut out], &mut Scratch::new());
            out
        })
        .collect()
}

/// Compares printed values, one line per expression, numbers between blanks.
fn compare(told: &str, exprs: &[Expr], rows: &[[f64; 4]]) {
    let expected = by_tape(exprs, rows);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), exprs.len());
    let mut compared = 0;
    for ((line, expected), expr) in lines.iter().zip(&expected).zip(exprs) {
        for ((word, expected), row) in line.split_whitespace().zip(expected).zip(rows) {
            let at = NAMES.iter().zip(row).map(|(name, value)| (Name::new(name), *value)).collect();
            // Where rounding decides, there is nothing to compare.
            let Some((_, scale)) = sample::value(expr, &at) else { continue };
            let value: f64 = word.parse().unwrap_or(f64::NAN);
            compared += 1;
            assert!(
                (value - expected).abs() <= 1e-9 * (1.0 + scale),
                "{expr} at {row:?}: {value}, the tape says {expected}"
            );
        }
    }
    assert!(compared > exprs.len(), "{compared}");
}

fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("printers-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).expect("a writable target folder");
    path
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
#[ignore = "needs a C compiler"]
fn c_agrees_with_the_tape() {
    let (exprs, rows) = cases();
    let mut text = String::from("#include <math.h>\n#include <stdio.h>\n");
    let c = dialect("c").expect("C");
    for (index, expr) in exprs.iter().enumerate() {
        text += &format!(
            "static double f{index}(double x0, double x1, double x2, double x3) {{ return {}; }}\n",
            c.write(expr)
        );
    }
    text += "int main(void) {\n";
    for index in 0..exprs.len() {
        for row in &rows {
            let [a, b, c, d] = row;
            text += &format!("printf(\"%.17g \", f{index}({a:e}, {b:e}, {c:e}, {d:e}));");
        }
        text += "puts(\"\");\n";
    }
    text += "return 0; }\n";
    let folder = folder("c");
    std::fs::write(folder.join("f.c"), text).expect("a writable folder");
    output(Command::new("cc").args(["-O0", "-o", "f", "f.c", "-lm"]).current_dir(&folder));
    compare(&output(&mut Command::new(folder.join("f"))), &exprs, &rows);
    std::fs::remove_dir_all(folder).ok();
}

/// A Python program that prints a line of values for each expression; `{0}` is its code.
fn python(name: &str, head: &str, evaluated: &dyn Fn(&str) -> String) {
    let (exprs, rows) = cases();
    let own = dialect(name).expect("a dialect");
    let mut text = format!("{head}\nrows = {rows:?}\n");
    for expr in &exprs {
        text += &format!("{}\n", evaluated(&own.write(expr)));
    }
    let folder = folder(name);
    std::fs::write(folder.join("f.py"), text).expect("a writable folder");
    compare(&output(Command::new("python3").arg("f.py").current_dir(&folder)), &exprs, &rows);
    std::fs::remove_dir_all(folder).ok();
}

#[test]
#[ignore = "needs Python with NumPy"]
fn numpy_agrees_with_the_tape() {
    let head = "import warnings\nimport numpy as np\nwarnings.simplefilter('ignore')\n\
                def show(f):\n    x0, x1, x2, x3 = np.array(rows).T\n    v = f(x0, x1, x2, x3) + np.zeros(len(rows))\n    \
                print(*['%.17g' % y for y in v])";
    python("python", head, &|code| format!("show(lambda x0, x1, x2, x3: {code})"));
}

#[test]
#[ignore = "needs Python with SymPy"]
fn sympy_agrees_with_the_tape() {
    let head = "from sympy import *\nx0, x1, x2, x3 = symbols('x0 x1 x2 x3', real=True)\n\
                def number(v):\n    try:\n        return float(v)\n    except TypeError:\n        return float('nan')\n\
                def show(e):\n    e = sympify(e)\n    \
                print(*['%.17g' % number(N(e.subs(dict(zip((x0, x1, x2, x3), r))), 17)) for r in rows])";
    python("sympy", head, &|code| format!("show({code})"));
}
