"""Makes the shop, asks ours and DuckDB, holds the answers against each other, and prints the tables.

measure.py WORK CUSTOMERS
"""

import importlib.metadata
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from beside import built, in_python, ms, times, verdict, where

HERE = pathlib.Path(__file__).parent
QUESTIONS = ["preview, cold", "preview, warm", "100 rules in one pass", "100 rules in 100 passes", "midnight sweep"]
ONE, COLUMNS = "one changed customer, 500 rules", "one changed customer made columns"


def main():
    work, customers = sys.argv[1], sys.argv[2]
    print(where(), flush=True)
    ours = built("segments", "segments", "--customers", customers, work)
    _, one, many = (in_python(HERE / "in_duckdb.py", work, what) for what in ("load", 1, 0))
    for asked in QUESTIONS:
        for theirs in (one, many):
            if asked in theirs and theirs[asked]["found"] != ours[asked]["found"]:
                sys.exit(f"{asked}: DuckDB finds {theirs[asked]['found']}, and ours {ours[asked]['found']}")
    print(f"{int(customers):,} customers; DuckDB {importlib.metadata.version('duckdb')}. The same found in both. Medians in ms;")
    print("in brackets how many times ours.\n")
    print("| asked | ours, CPU | ours, wall | DuckDB, one thread, CPU | DuckDB, all threads, wall |")
    print("|---|---|---|---|---|")
    for asked in QUESTIONS:
        mine, single, all_threads = ours[asked], one[asked], many.get(asked)
        wall = f"{ms(all_threads['seconds'])} ({times(all_threads['seconds'] / mine['seconds'])})" if all_threads else "–"
        print(
            f"| {asked} | {ms(mine['cpu'])} | {ms(mine['seconds'])} "
            f"| {ms(single['cpu'])} ({times(single['cpu'] / mine['cpu'])}) | {wall} |"
        )
    share = ours["100 rules in one pass"]["cpu"] / ours["100 rules in 100 passes"]["cpu"]
    row, columns = (ours[asked]["cpu"] * 1e6 for asked in (ONE, COLUMNS))
    print("\n| aim | measured | asked for | |\n|---|---|---|---|")
    print(f"| 100 rules in one pass ÷ in 100 passes, CPU | {share:.1%} | ≤ 25 % | {verdict(share <= 0.25)} |")
    print(f"| {ONE}, CPU; {columns:.1f} of it to make columns of the row | {row:.1f} µs | ≤ 25 µs | {verdict(row <= 25)} |")
    print(f"\nAt the end: {where()}")


if __name__ == "__main__":
    main()
