"""Makes the shop, asks ours and DuckDB, holds the answers against each other, and prints the tables.

measure.py WORK CUSTOMERS
"""

import importlib.metadata
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
QUESTIONS = ["preview, cold", "preview, warm", "100 rules in one pass", "100 rules in 100 passes", "midnight sweep"]
ONE = "one changed customer, 500 rules"


def lines(command):
    """The JSON lines that a program prints, by what they were asked."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=1_800, check=True, cwd=HERE.parent.parent)
    return {answer["asked"]: answer for answer in map(json.loads, done.stdout.splitlines())}


def machine():
    model = next(line for line in open("/proc/cpuinfo") if line.startswith("model name")).split(":")[1].strip()
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, load {load}"


def ms(seconds):
    return f"{seconds * 1_000:.2f}" if seconds < 0.1 else f"{seconds * 1_000:,.0f}"


def main():
    work, customers = sys.argv[1], sys.argv[2]
    # So that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(machine(), flush=True)
    bench = ["cargo", "bench", "--quiet", "-p", "segments", "--bench", "segments", "--"]
    ours = lines([*bench, "--customers", customers, work])
    duck = [sys.executable, str(HERE / "in_duckdb.py"), work]
    lines([*duck, "load"])
    one, many = lines([*duck, "1"]), lines([*duck, "0"])
    for asked in QUESTIONS:
        for theirs in (one, many):
            if theirs[asked]["found"] != ours[asked]["found"]:
                sys.exit(f"{asked}: DuckDB finds {theirs[asked]['found']}, and ours {ours[asked]['found']}")
    print(f"{int(customers):,} customers; DuckDB {importlib.metadata.version('duckdb')}. The same found in both. Medians in ms;")
    print("in brackets how many times ours.\n")
    print("| asked | ours, CPU | ours, wall | DuckDB, one thread, CPU | DuckDB, all threads, wall |")
    print("|---|---|---|---|---|")
    for asked in QUESTIONS:
        mine, single, all_threads = ours[asked], one[asked], many[asked]
        print(
            f"| {asked} | {ms(mine['cpu'])} | {ms(mine['seconds'])} "
            f"| {ms(single['cpu'])} ({single['cpu'] / mine['cpu']:.1f}×) "
            f"| {ms(all_threads['seconds'])} ({all_threads['seconds'] / mine['seconds']:.1f}×) |"
        )
    share = ours["100 rules in one pass"]["cpu"] / ours["100 rules in 100 passes"]["cpu"]
    row = ours[ONE]["cpu"] * 1e6
    print("\n| aim | measured | asked for | |\n|---|---|---|---|")
    print(f"| 100 rules in one pass ÷ in 100 passes, CPU | {share:.1%} | ≤ 25 % | {verdict(share <= 0.25)} |")
    print(f"| {ONE}, CPU | {row:.1f} µs | ≤ 25 µs | {verdict(row <= 25)} |")
    print(f"\nAt the end: {machine()}")


def verdict(is_met):
    return "met" if is_met else "**missed**"


if __name__ == "__main__":
    main()
