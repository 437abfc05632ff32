"""What tests/bench/neighbours.rs does, with SciPy's cKDTree on all processors. Needs NumPy and SciPy.

  python3 tests/bench/neighbours.py
"""
import time

import numpy as np
from scipy.spatial import cKDTree

POINTS, SIDE, NEIGHBOURS = 215_854, 1_000.0, 141.0
points = np.random.default_rng(1).uniform(0, SIDE, (POINTS, 3))
reach = (0.75 * NEIGHBOURS / POINTS * SIDE**3 / np.pi) ** (1 / 3)
start = time.perf_counter()
tree = cKDTree(points, boxsize=SIDE)
pairs = tree.query_pairs(reach, output_type="ndarray")
print(f"within {reach:.2f}: {2 * len(pairs)} directed edges in {time.perf_counter() - start:.2f} s (one thread: pairs)")
start = time.perf_counter()
lists = tree.query_ball_point(points, reach, workers=-1)
print(f"within {reach:.2f}: {sum(map(len, lists)) - POINTS} directed edges in {time.perf_counter() - start:.2f} s (all threads: lists)")
start = time.perf_counter()
_, near = tree.query(points, 41, workers=-1)
print(f"40 nearest: {near.size - POINTS} directed edges in {time.perf_counter() - start:.2f} s")
