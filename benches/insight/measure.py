"""Asks ours, `lifetimes` and DuckDB, holds the answers against each other, and prints the tables.

measure.py WORK CUSTOMERS
"""

import importlib.metadata
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from beside import built, in_python, verdict, where

HERE = pathlib.Path(__file__).parent
FITS = ["fit BG/NBD", "fit MBG/NBD", "fit Pareto/NBD", "fit Gamma-Gamma"]
PREDICTIONS = ["expected orders, BG/NBD", "expected orders, MBG/NBD", "P(alive), MBG/NBD", "P(alive), Pareto/NBD"]
FOLDS = ["RFM", "cohorts", "revenue of 90 days"]
DAYS = "days of all orders"
MODELS = ["BG/NBD", "MBG/NBD", "Pareto/NBD"]


def wrong(ours, lifetimes, duck):
    """Predictions by fits of one's own agree as far as the fits do; folds agree to the cent."""
    for asked in PREDICTIONS:
        mine, theirs = ours[asked]["answer"]["sum"], lifetimes[asked]["answer"]["sum"]
        if abs(mine - theirs) > 1e-3 * abs(theirs):
            yield f"{asked}: {mine} is not {theirs}"
    for asked in FOLDS:
        if ours[asked]["answer"] != duck[asked]["answer"]:
            yield f"{asked}: ours and DuckDB's differ"


def main():
    work, customers = sys.argv[1], sys.argv[2]
    print(where(), flush=True)
    ours = built("insight", "insight", "--customers", customers, work)
    count = ours[PREDICTIONS[0]]["answer"]["predictions"]
    lifetimes = in_python(HERE / "in_lifetimes.py", count)
    duck = in_python(HERE / "in_duckdb.py", work)
    faults = list(wrong(ours, lifetimes, duck))
    if faults:
        sys.exit("\n".join(faults))
    orders = sum(row[3] for row in ours["cohorts"]["answer"])
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("lifetimes", "scipy", "duckdb"))
    print(f"{versions}; {int(customers):,} customers, {orders:,} orders. Medians of CPU; the answers agree.\n")

    print("| CDNOW | ours | lifetimes | aim | |\n|---|---|---|---|---|")
    for asked in FITS:
        mine, theirs = ours[asked]["cpu"], lifetimes[asked]["cpu"]
        print(f"| {asked} | {mine * 1e3:.2f} ms | {theirs * 1e3:.0f} ms ({theirs / mine:.0f}×) | ≤ 20 ms | {verdict(mine <= 0.020)} |")
    for asked in PREDICTIONS:
        mine, theirs = (count / told[asked]["cpu"] / 1e6 for told in (ours, lifetimes))
        print(f"| {asked}, a second | {mine:.1f} M | {theirs:.2f} M ({mine / theirs:.1f}×) | ≥ 5 M | {verdict(mine >= 5)} |")
    print("\n| made shop | ours | DuckDB, one thread |\n|---|---|---|")
    for asked in FOLDS:
        mine, theirs = ours[asked]["cpu"], duck[asked]["cpu"]
        print(f"| {asked} | {mine * 1e3:.1f} ms | {theirs * 1e3:.0f} ms ({theirs / mine:.1f}×) |")
    print(f"| days of the shop, of all orders | {ours[DAYS]['cpu'] * 1e3:.1f} ms | – |")
    total = sum(ours[asked]["cpu"] for asked in [*FOLDS, DAYS])
    print(f"| all of it, aim ≤ 150 ms: {verdict(total <= 0.150)} | {total * 1e3:.0f} ms | |")
    print("\n| held out: 39 weeks of CDNOW | came | expected | each goes on as before | miss of a customer | of that rate |")
    print("|---|---|---|---|---|---|")
    for name in MODELS:
        told = ours[f"held out, {name}"]["answer"]
        off, naive = ((told[of] / told["came"] - 1) * 100 for of in ("expected", "naive"))
        print(
            f"| {name} | {told['came']:,} | {told['expected']:,.0f} ({off:+.0f} %) | {told['naive']:,.0f} ({naive:+.0f} %) "
            f"| {told['miss']:.3f} | {told['naive_miss']:.3f} |"
        )
    print(f"\nAt the end: {where()}")


if __name__ == "__main__":
    main()
