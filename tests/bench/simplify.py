"""Sizes after simplification, SDL and SymPy side by side, in nodes of SDL's tree.

  cargo bench --bench simplify -- --list simplified.txt
  python3 tests/bench/simplify.py simplified.txt [--n 100] [--limit 20] [--sdl target/release/sdl]

Needs SymPy. Each call of sympy.simplify runs under an alarm of --limit seconds; where it rings, the input's size counts.
"""
import argparse
import signal
import subprocess
import time

import sympy

arguments = argparse.ArgumentParser()
arguments.add_argument("list")
arguments.add_argument("--n", type=int, default=100)
arguments.add_argument("--limit", type=int, default=20)
arguments.add_argument("--sdl", default="target/release/sdl")
arguments = arguments.parse_args()


class Late(Exception):
    pass


def ring(*_):
    raise Late


def sizes(texts):
    """Nodes of expressions as SDL reads them."""
    lines = "".join(f"complexity({text})\n" for text in texts)
    told = subprocess.run([arguments.sdl, "repl"], input=lines, capture_output=True, text=True, check=False)
    return [int(line) for line in told.stdout.split()]


def main():
    signal.signal(signal.SIGALRM, ring)
    before, ours, theirs, times, late, kept = [], [], [], [], 0, []
    with open(arguments.list) as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines][: arguments.n]
    for size, own, text, *_ in rows:
        expression = sympy.sympify(text.replace("^", "**"))
        if not expression.free_symbols or expression.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I):
            continue
        start = time.perf_counter()
        try:
            signal.alarm(arguments.limit)
            simple = sympy.simplify(expression)
            signal.alarm(0)
        except Late:
            simple, late = None, late + 1
        times.append(time.perf_counter() - start)
        before.append(int(size))
        ours.append(int(own))
        known = simple is not None and not simple.has(sympy.I, sympy.Piecewise)
        kept.append(str(simple).replace("**", "^").replace("Abs(", "abs(") if known else text)
    theirs = sizes(kept)
    assert len(theirs) == len(ours), "SDL did not read what SymPy wrote"
    times.sort()
    mean = lambda values: sum(values) / len(values)
    print(f"{len(ours)} expressions, mean nodes: input {mean(before):.2f}, SDL {mean(ours):.2f}, SymPy {mean(theirs):.2f}")
    print(f"smaller by SDL {sum(a < b for a, b in zip(ours, theirs))}, by SymPy {sum(a > b for a, b in zip(ours, theirs))}")
    print(f"SymPy: median {times[len(times) // 2] * 1e3:.0f} ms, mean {mean(times) * 1e3:.0f} ms, {late} over {arguments.limit} s")


main()
