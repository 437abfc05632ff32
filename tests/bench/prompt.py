"""Time to the first prompt, and from a key press to the end of the redraw, through a pseudo terminal.

python3 tests/bench/prompt.py target/release/sdl
"""

import os
import pty
import select
import sys
import tempfile
import time

SDL = sys.argv[1]
HOME = tempfile.mkdtemp()


def spawn():
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ["HOME"] = HOME
        os.execv(SDL, [SDL, "repl"])
    return pid, fd


def read_until(fd, token, limit=5.0):
    data = b""
    while token not in data:
        r, _, _ = select.select([fd], [], [], limit)
        if not r:
            raise SystemExit(f"nothing: {data[-200:]}")
        data += os.read(fd, 65536)
    return data


first = []
for k in range(20):
    start = time.perf_counter()
    pid, fd = spawn()
    read_until(fd, b"sdl> ")
    first.append((time.perf_counter() - start) * 1e3)
    os.write(fd, b"\x04")
    os.waitpid(pid, 0)
    os.close(fd)
first.sort()
print(f"first prompt: median {first[10]:.1f} ms, worst {first[-1]:.1f} ms")
pid, fd = spawn()
read_until(fd, b"sdl> ")


def quiet(fd, t=0.05):
    while select.select([fd], [], [], t)[0]:
        os.read(fd, 65536)


text = "system s {\n" + "".join(f"  # line {i} of a long text\n" for i in range(198)) + "  "


def keys(text):
    """Milliseconds from each key press to the last byte of its redraw, after which nothing comes for 4 ms."""
    times = []
    for key in text:
        start = last = time.perf_counter()
        os.write(fd, key.encode())
        wait = 2.0
        while select.select([fd], [], [], wait)[0]:
            os.read(fd, 65536)
            last, wait = time.perf_counter(), 0.004
        times.append((last - start) * 1e3)
    return times


def report(name, times):
    times.sort()
    print(
        f"{name}: median {times[len(times)//2]:.2f} ms, 99 % {times[int(len(times)*.99)]:.2f} ms, worst {times[-1]:.2f} ms ({len(times)} keys)"
    )


report("keys on an empty line", keys("diff(sin(a * x), x) + 3 * cos(y) - 2"))
os.write(fd, b"\x03")
quiet(fd, 0.2)
for line in text.split("\n")[:-1]:
    os.write(fd, (line + "\r").encode())
    quiet(fd, 0.01)
quiet(fd, 0.3)
report("keys below 199 lines", keys("energy(i, j) = (distance(i, j) - 1)^2"))
os.kill(pid, 9)
