"""Makes the shop, asks every engine, holds their ids against each other and prints the tables.

measure.py WORK CUSTOMERS
"""

import pathlib
import subprocess
import sys

import duckdb

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import in_postgres
from beside import built, in_python, lines, ms, times, verdict, where

HERE = pathlib.Path(__file__).parent
SAMPLE = 20_000
QUESTIONS = ["six predicates", "text search", "top 50 by spend", "order window"]
STORED = "stored bytes to ids"


def compare(ours, engines, small):
    """What is wrong: every engine has to find the same customers."""
    wrong = []
    for engine, answers in engines.items():
        for asked, answer in answers.items():
            mine = ours.get(asked.split(":")[0])
            if mine is None or "digest" not in answer:
                continue
            expected = mine["sample_digest"] if engine == "json-rules-engine" and not small else mine["digest"]
            if answer["digest"] != expected:
                wrong.append(f"{engine}, {asked}: {answer['digest']} is not {expected}")
    hand = [answer for asked, answer in ours.items() if asked.startswith("six predicates, ")]
    wrong += [answer["asked"] for answer in hand if answer["digest"] != ours["six predicates"]["digest"]]
    return wrong


def tables(ours, one, many, postgres, rules, customers):
    print("| asked | found | ours | DuckDB, one thread (CPU) | DuckDB | PostgreSQL | json-rules-engine, scaled |")
    print("|---|---|---|---|---|---|---|")
    for asked in QUESTIONS:
        mine = ours[asked]
        scaled = None
        if asked in rules:
            scaled = rules[asked]["seconds"] * customers / rules[asked]["rows"]
        others = [
            (one[asked]["cpu"], mine["cpu"]),
            (many[asked]["seconds"], mine["seconds"]),
            (postgres[asked]["seconds"], mine["seconds"]),
            (scaled, mine["seconds"]),
        ]
        cells = [f"{ms(theirs)} ({times(theirs / own)})" if theirs else "–" for theirs, own in others]
        print(f"| {asked} | {mine['found']:,} | {ms(mine['cpu'])} | {' | '.join(cells)} |")
    mine = ours[STORED]
    for of in ("its own file", "parquet"):
        asked = f"{STORED}: {of}"
        cells = [f"{ms(one[asked]['cpu'])} ({times(one[asked]['cpu'] / mine['cpu'])})"]
        cells += [f"{ms(many[asked]['seconds'])} ({times(many[asked]['seconds'] / mine['seconds'])})", "–", "–"]
        print(f"| {asked} | {mine['found']:,} | {ms(mine['cpu'])} | {' | '.join(cells)} |")


def targets(ours, one, postgres):
    six = ours["six predicates"]
    plain, branchless = (ours[f"six predicates, a {kind}loop by hand"]["cpu"] for kind in ("", "branchless "))
    turn = ours["six predicates, in turn"]["cpu"]
    turn_hand = ours["six predicates, a branchless loop by hand, in turn"]["cpu"]
    row, built = ours["one changed row through 500 programs"], ours["one changed row made columns"]
    duck = one["six predicates"]["cpu"] / six["cpu"]
    server = postgres["six predicates"]["seconds"] / six["seconds"]
    aims = [
        ("filter, DuckDB on one thread ÷ ours", times(duck), "≥ 10×", duck >= 10),
        ("filter, PostgreSQL ÷ ours", times(server), "≥ 100×", server >= 100),
        ("filter, ours ÷ a plain loop by hand", times(six["cpu"] / plain), "≤ 1.2×", six["cpu"] <= 1.2 * plain),
        ("filter, ours ÷ a branchless loop by hand", times(six["cpu"] / branchless), "≤ 1.2×",
         six["cpu"] <= 1.2 * branchless),
        ("the same, each in turn with the others' columns in the caches", times(turn / turn_hand), "≤ 1.2×",
         turn <= 1.2 * turn_hand),
        ("stored bytes to ids, CPU", f"{ms(ours[STORED]['cpu'])} ms", "≤ 60 ms", ours[STORED]["cpu"] <= 0.060),
        (f"one changed row through 500 programs, CPU ({built['cpu'] * 1e6:.1f} of it columns)",
         f"{row['cpu'] * 1e6:.1f} µs", "≤ 25 µs", row["cpu"] <= 25e-6),
    ]  # fmt: skip
    print("\n| aim | measured | asked for | |\n|---|---|---|---|")
    for what, measured, aim, is_met in aims:
        print(f"| {what} | {measured} | {aim} | {verdict(is_met)} |")
    first = ours["text search, first time"]
    print(f"\nThe first search of all folds every name: {ms(first['cpu'])} ms of CPU, once for a block in memory.")


def main():
    work, customers = sys.argv[1], int(sys.argv[2])
    print(where(), flush=True)
    sample = min(SAMPLE, customers)
    ours = built("columns", "questions", "--customers", customers, "--sample", sample, work)
    orders = sum(1 for _ in open(f"{work}/orders.csv", "rb")) - 1
    print(f"{customers:,} customers, {orders:,} orders", flush=True)

    _, one, many = (in_python(HERE / "in_duckdb.py", work, what) for what in ("load", 1, 0))
    answers, server = in_postgres.ask(work)
    postgres = {answer["asked"]: answer for answer in answers}
    rules = lines(["node", str(HERE / "json-rules/ask.mjs"), work, str(sample)])
    version = next(answer["version"] for answer in rules.values() if "version" in answer)

    engines = {"DuckDB, one thread": one, "DuckDB": many, "PostgreSQL": postgres, "json-rules-engine": rules}
    wrong = compare(ours, engines, small=sample == customers)
    if wrong:
        sys.exit("The engines do not find the same customers:\n" + "\n".join(wrong))
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"DuckDB {duckdb.__version__}, PostgreSQL {server}, json-rules-engine {version} on node {node}")
    print("The same ids in every engine. Medians in ms; in brackets how many times ours.\n")
    tables(ours, one, many, postgres, rules, customers)
    targets(ours, one, postgres)
    print(f"\nAt the end: {where()}")


if __name__ == "__main__":
    main()
