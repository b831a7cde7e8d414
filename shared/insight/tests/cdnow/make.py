#!/usr/bin/env python3
"""Makes predictions.json: what the Python package `lifetimes` says of the CDNOW sample.

python3 -m venv venv && venv/bin/pip install --requirement requirements.txt && venv/bin/python make.py

Calibrated to 1997-09-30, in weeks; several orders of a day are one. Each model is fitted without a penalty, and asked with
the parameters that it found, which are noted: the tests ask ours with the same ones.
"""

import datetime
import importlib.metadata
import json
import pathlib

import numpy as np
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

HERE = pathlib.Path(__file__).parent
CALIBRATED = datetime.date(1997, 9, 30)
DAYS_AHEAD = [1, 30, 90, 273, 730]
# Every 29th customer, and those who stand at an edge.
STEP = 29
EDGES = [(0, 0, 0), (0, 0, 1), (1, 1, 1), (1, 1, 272), (1, 272, 272), (29, 266, 272), (60, 270, 1400), (200, 700, 730)]
COUNTED = {
    "bg_nbd": (BetaGeoFitter(), ["r", "alpha", "a", "b"]),
    "mbg_nbd": (ModifiedBetaGeoFitter(), ["r", "alpha", "a", "b"]),
    "pareto_nbd": (ParetoNBDFitter(), ["r", "alpha", "s", "beta"]),
}


def customers():
    """Of each: repeated order days, days from the first to the last, days from the first on, cents of the repeats."""
    days = {}
    for line in (HERE / "CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, dollars = line.split()
        day = datetime.datetime.strptime(day, "%Y%m%d").date()
        if day <= CALIBRATED:
            spent = days.setdefault(customer, {})
            spent[day] = spent.get(day, 0) + round(float(dollars) * 100)
    for spent in days.values():
        first, last = min(spent), max(spent)
        repeated = sum(cents for day, cents in spent.items() if day != first)
        yield len(spent) - 1, (last - first).days, (CALIBRATED - first).days, repeated


def columns(rows):
    return [np.array(column, dtype=float) for column in zip(*rows, strict=True)]


def counted(fitter, names, told):
    x, last, age, _ = columns(told)
    fitter.fit(x, last / 7, age / 7)
    asked = [one[:3] for one in told[::STEP]] + EDGES
    x, last, age = columns(asked)
    alive = fitter.conditional_probability_alive(x, last / 7, age / 7)
    ahead = [
        fitter.conditional_expected_number_of_purchases_up_to_time(days / 7, x, last / 7, age / 7) for days in DAYS_AHEAD
    ]
    rows = [
        {"history": list(one), "alive": float(chance), "orders": [float(of) for of in orders]}
        for one, chance, orders in zip(asked, alive, zip(*ahead, strict=True), strict=True)
    ]
    return {"parameters": [float(fitter.params_[name]) for name in names], "asked": rows}


def spent(told):
    fitter = GammaGammaFitter()
    repeated = [(x, cents) for x, _, _, cents in told if x]
    x, cents = columns(repeated)
    fitter.fit(x, cents / 100 / x)
    asked = [*repeated[::STEP], (0, 0), (1, 1), (200, 1_000_000)]
    x, cents = columns(asked)
    values = fitter.conditional_expected_average_profit(x, cents / 100 / np.maximum(x, 1))
    rows = [{"spending": list(one), "dollars": float(value)} for one, value in zip(asked, values, strict=True)]
    return {"parameters": [float(fitter.params_[name]) for name in "pqv"], "asked": rows}


def main():
    told = list(customers())
    models = {name: counted(fitter, names, told) for name, (fitter, names) in COUNTED.items()}
    models["gamma_gamma"] = spent(told)
    made_with = {name: importlib.metadata.version(name) for name in ("lifetimes", "numpy", "scipy", "pandas")}
    found = {"made_with": made_with, "days_ahead": DAYS_AHEAD, "models": models}
    (HERE / "predictions.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
