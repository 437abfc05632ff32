"""Limits, series and antiderivatives of `sdl eval` beside SymPy: `python3 tests/bench/calculus.py target/release/sdl`.

A limit agrees where SymPy gives the same from every side on which the expression is defined; a series where the difference to
SymPy's is zero up to its order; an antiderivative where its derivative is the integrand at points. Prints what differs, what
`sdl` leaves undecided, and the counts."""

import re as text
import signal
import subprocess
import sys

import sympy
from sympy import Rational, oo, pi

LIMITS = """
sin(x)/x;0
(1-cos(x))/x^2;0
(exp(x)-1-x)/x^2;0
(tan(x)-sin(x))/x^3;0
(sin(x)-x)/x^3;0
(x-sin(x))/(x-tan(x));0
log(1+x)/x;0
(sqrt(1+x)-1)/x;0
((1+x)^(1/3)-1)/x;0
(1+x)^(1/x);0
cos(x)^(1/x^2);0
x^x;0
x*log(x);0
sin(x)^tan(x);0
(2^x-3^x)/x;0
x/(sqrt(4+x)-2);0
1/x-1/sin(x);0
1/x^2-1/sin(x)^2;0
1/sin(x)^2-1/x^2;0
(exp(x)-exp(-x)-2*x)/(x-sin(x));0
x^2*sin(1/x);0
sin(1/x);0
atan(1/x);0
exp(-1/x^2);0
abs(x)/x;0
log(x)/x;inf
x^(1/x);inf
(1+2/x)^(3*x);inf
sqrt(x^2+3*x)-x;inf
x*(sqrt(x^2+1)-x);inf
(log(x))^3/x;inf
exp(x)/x^5;inf
x^5/exp(x);inf
log(log(x))/log(x);inf
exp(exp(x))/exp(x^3);inf
exp(x+exp(-x))-exp(x);inf
exp(x)*(exp(1/x-exp(-x))-exp(1/x));inf
log(x+exp(x))/x;inf
(exp(x)+exp(2*x))^(1/x);inf
x*atan(x)-x*1.5707963267948966;inf
tanh(x);inf
tanh(x);-inf
sinh(x)/exp(x);inf
x-log(cosh(x));inf
(x^3+x)/(2*x^3-1);inf
(x^3+x)/(2*x^3-1);-inf
sqrt(x^2+1)/x;-inf
exp(x);-inf
x*exp(x);-inf
floor(x)/x;inf
sin(x)/x;inf
x*sin(1/x);inf
x*sin(x);inf
cos(x);inf
(x+sin(x))/(x-sin(x));inf
(x^2-4)/(x-2);2
(x^3-8)/(x^2-4);2
(sqrt(x)-2)/(x-4);4
log(x)/(x-1);1
(x^5-1)/(x^3-1);1
1/(x-1)-1/log(x);1
x^(1/(1-x));1
(1-x)*tan(1.5707963267948966*x);1
sin(x)/(x-3.141592653589793);3.141592653589793
tan(x);1.5707963267948966
cos(x)/(x-1.5707963267948966);1.5707963267948966
(1-sin(x))/(x-1.5707963267948966)^2;1.5707963267948966
1/x;0
1/x^2;0
1/(x-1)^3;1
log(abs(x));0
sqrt(x);0
asin(x)/x;0
(asin(x)-x)/x^3;0
acos(x)/sqrt(1-x);1
(x-atan(x))/x^3;0
sqrt(x+sqrt(x+sqrt(x)))-sqrt(x);inf
cbrt(x^3+x^2)-x;inf
(x+1)^0.5*((x+1)^0.5-x^0.5);inf
exp(sqrt(x))/exp(x);inf
exp(log(x)^2)/x^10;inf
exp(sqrt(log(x)))/x;inf
log(x)^log(log(x))/x;inf
exp(exp(exp(x)))/exp(exp(x));inf
exp(-exp(x))*exp(x);inf
x^x/exp(x);inf
x^(log(x))/exp(x);inf
(3^x+5^x)^(1/x);inf
(x^2+x+1)^2/(x^4);inf
log(x^2+1)/log(x);inf
log(2*x)-log(x);inf
exp(2*log(x))/x^2;inf
exp(x^2)/exp(x^2+x);inf
sin(1/x)/(1/x);inf
(1+1/x^2)^x;inf
sqrt(x)*(sqrt(x+1)-sqrt(x-1));inf
(sin(x)-tan(x))/x^3;0
(cos(x)-exp(-x^2/2))/x^4;0
(log(1+x)-x+x^2/2)/x^3;0
exp(1/x);0
1/(1+exp(1/x));0
x/(1+exp(1/x));0
sign(x);0
floor(x);1
ceil(x);0.5
abs(sin(x))/x;0
tan(x)/x;0
atan2(x,1)/x;0
(exp(3*x)-1)/log(1+2*x);0
x^3/(exp(x)-1-x-x^2/2);0
(10^x-1)/x;0
log(cos(x))/x^2;0
(x*cos(x)-sin(x))/x^3;0
log(log(x)+1);inf
sqrt(log(x)+1)-sqrt(log(x));inf
exp(x)/(exp(x)+1);inf
exp(x)/(exp(x)+1);-inf
log(1+exp(x))-x;inf
log(1+exp(x));-inf
x*log((x+1)/(x-1));inf
1/(exp(x)-1)-1/x;0
"""

SERIES = """
sin(x);0
cos(x);0
tan(x);0
exp(sin(x));0
log(1+x);0
log(cos(x));0
sqrt(1+x);0
1/(1+x^2);0
x/(exp(x)-1);0
1/sin(x);0
1/x^2+x;0
sin(x)/x;0
atan(x);0
asin(x);0
sinh(x);0
tanh(x);0
exp(x);1
log(x);1
sqrt(x);1
1/x;2
x^x;1
cbrt(1+x);0
(1+x)^0.3;0
exp(x)*cos(x);0
1/(1-x)^2;0
sin(x)^2/x^4;0
1/(x*(1-x));0
x^5+x^9;0
x^3;1
cos(sqrt(1+x));0
1/(x^2+x^3);0
atan(1+x);0
acos(x);0
exp(-1/(1+x));0
sqrt(4+x^2);0
log(2+x);0
cosh(x)/x^3;0
exp(x)-1-x;0
(exp(x)-1)^6;0
"""

INTEGRALS = """
x^2*exp(x)
1/(x^2-4)
1/(x^2+x+1)
sin(x)*cos(x)
sin(x)^2
cos(x)^3
tan(x)^2
exp(2*x)*cos(3*x)
x*sin(x^2)
log(x)^2
x^2*log(x)
sqrt(x)
1/sqrt(x)
sqrt(1-x^2)
1/sqrt(1-x^2)
x/sqrt(1-x^2)
x^3/(x^2+1)
1/(x^4-1)
1/(1+exp(x))
atan(x)
x*atan(x)
1/(x*log(x))
sinh(x)
tanh(x)
1/cos(x)^2
x*cos(x)
x^2*sin(x)
exp(sqrt(x))
1/(1+sqrt(x))
exp(-x^2)
sin(x)/x
1/(x^2+a^2)
exp(a*x)
x^n
1/(a*x+b)
log(a*x)
sin(a*x+b)
1/(x^2*(x+1))
(x+1)^10
x*exp(-x^2)
abs(x)
1/sin(x)
1/cos(x)
asin(x)
x/(x+1)^2
2^x
x*2^x
1/(r^2+x^2)^1.5
sin(2*x)*sin(3*x)
1/(2+cos(x))
"""

X = sympy.Symbol("x", real=True)
NAMES = {
    "x": X,
    **{name: sympy.Symbol(name, positive=True) for name in "abnr"},
    **{name: getattr(sympy, name) for name in "exp log sin cos tan asin acos atan sinh cosh tanh atan2 sqrt sign floor".split()},
    "abs": sympy.Abs,
    "ceil": sympy.ceiling,
    "cbrt": lambda e: sympy.real_root(e, 3),
    "inf": oo,
    "number": lambda digits: {"1.5707963267948966": pi / 2, "3.141592653589793": pi}.get(digits, Rational(digits)),
}


def read(formula):
    """A formula as SymPy, its numbers exact."""
    exact = text.sub(r"(?<![\w.])(\d+(\.\d+)?(e-?\d+)?)", r'number("\1")', formula)
    return eval(exact.replace("^", "**"), {}, NAMES)


def evaluated(lines):
    """What `sdl eval` gives for each line, without the conditions beside it; `None` for a finding."""
    values = []
    for line in lines:
        done = subprocess.run([sys.argv[1], "eval", line], capture_output=True, text=True)
        values.append(done.stdout.split("    for ")[0].strip() if done.returncode == 0 else None)
    return values


def same(a, b):
    return a == b or bool(a.is_finite and b.is_finite and abs(sympy.N(a - b)) < 1e-9)


def limit_agrees(line, found):
    formula, place = line.split(";")
    at = read(place)
    sides = ["+"] if at in (oo, -oo) else ["-", "+"]
    limits = [sympy.limit(read(formula), X, at, side) for side in sides]
    limits = [one for one in limits if one.is_extended_real and not one.has(sympy.AccumBounds)]
    if found is None:
        return None if len({str(one) for one in limits}) == 1 else True  # there is none to be found
    return all(same(one, read(found)) for one in limits)


def series_agrees(line, found):
    formula, place = line.split(";")
    if found is None:
        return None
    at = read(place)
    step = sympy.Symbol("t", positive=True)
    shifted = (read(formula) - read(found)).subs(X, at + step)
    return all(abs(sympy.N(shifted.subs(step, size))) < 2e3 * size**6 + 1e-15 for size in (Rational(1, 100), Rational(1, 500)))


def integral_agrees(line, found):
    if found is None:
        return None
    slope = sympy.diff(read(found), X) - read(line)
    points = [{X: value, **{NAMES[name]: 1.3 for name in "abnr"}} for value in (0.3, 0.62, 0.91)]
    return all(abs(sympy.N(slope.subs(point))) < 1e-9 for point in points)


def timed_out(*_):
    raise TimeoutError


def main():
    signal.signal(signal.SIGALRM, timed_out)
    for what, rows, ask, agrees in [
        ("limits", LIMITS, lambda row: "limit({}, x, {})".format(*row.split(";")), limit_agrees),
        ("series", SERIES, lambda row: "series({}, x, {}, 5)".format(*row.split(";")), series_agrees),
        ("antiderivatives", INTEGRALS, lambda row: f"integrate({row}, x)", integral_agrees),
    ]:
        rows = rows.split()
        counts = {"agree": 0, "undecided": 0, "differ": 0, "no answer of SymPy": 0}
        for row, found in zip(rows, evaluated(ask(row) for row in rows)):
            signal.alarm(20)
            try:
                verdict = {True: "agree", False: "differ", None: "undecided"}[agrees(row, found)]
            except Exception:
                verdict = "no answer of SymPy"
            signal.alarm(0)
            counts[verdict] += 1
            if verdict != "agree":
                print(f"{what}: {verdict}: {ask(row)} = {found}")
        print(f"{what}: {len(rows)},", ", ".join(f"{count} {word}" for word, count in counts.items()))


main()
