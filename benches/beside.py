"""What benches share that ask other engines the same: one JSON line for each answer, medians of the wall clock and of the CPU."""

import json
import pathlib
import statistics
import subprocess
import sys
import time

from home import load, machine

ROOT = pathlib.Path(__file__).parent.parent


def say(asked, runs, run, told=lambda answer: {}):
    """Asks once to warm up, then so many times; `told` says what is told of the answer."""
    answer = run()
    wall, cpu = [], []
    for _ in range(runs):
        start, begun = time.perf_counter(), time.process_time()
        answer = run()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - begun)
    spent = {"asked": asked, "seconds": statistics.median(wall), "cpu": statistics.median(cpu)}
    print(json.dumps(spent | told(answer)), flush=True)


def lines(command, seconds=1_800):
    """The JSON lines that a program prints, by what they were asked."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=seconds, check=True, cwd=ROOT)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {answer.get("asked", next(iter(answer.values()))): answer for answer in answers}


def built(package, bench, *arguments):
    """What a bench of ours says."""
    return lines(["cargo", "bench", "--quiet", "-p", package, "--bench", bench, "--", *map(str, arguments)])


def in_python(script, *arguments):
    """What another engine says, by its client for Python."""
    return lines([sys.executable, str(script), *map(str, arguments)])


def where():
    return f"{machine()}, {load()}"


def ms(seconds):
    return f"{seconds * 1_000:.2f}" if seconds < 0.1 else f"{seconds * 1_000:,.0f}"


def times(ratio):
    return f"{ratio:.2f}×" if ratio < 10 else f"{ratio:,.0f}×"


def verdict(is_met):
    return "met" if is_met else "**missed**"
