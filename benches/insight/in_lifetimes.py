"""Fits and predictions of the CDNOW sample by the Python package `lifetimes`, one JSON line for each.

in_lifetimes.py PREDICTIONS
"""

import importlib.util
import pathlib
import sys

import numpy as np
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from beside import say

SAMPLE = pathlib.Path(__file__).parent.parent.parent / "shared/insight/tests/cdnow/make.py"
WEEKS_AHEAD = 39


def summed(predictions):
    return {"answer": {"sum": float(np.sum(predictions)), "predictions": len(predictions)}}


def main():
    spec = importlib.util.spec_from_file_location("make", SAMPLE)
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    told = list(make.customers())
    # As the other side has them: cycles of the sorted sample.
    told.sort(key=lambda one: one[:3])
    x, last, age, _ = make.columns(told)
    models = [
        ("BG/NBD", BetaGeoFitter()),
        ("MBG/NBD", ModifiedBetaGeoFitter()),
        ("Pareto/NBD", ParetoNBDFitter()),
    ]
    many = np.resize(np.arange(len(told)), int(sys.argv[1]))
    for name, fitter in models:
        say(f"fit {name}", 3, lambda: fitter.fit(x, last / 7, age / 7))
        asked = (x[many], last[many] / 7, age[many] / 7)
        if name != "Pareto/NBD":
            orders = fitter.conditional_expected_number_of_purchases_up_to_time
            say(f"expected orders, {name}", 3, lambda: orders(WEEKS_AHEAD, *asked), summed)
        if name != "BG/NBD":
            alive = fitter.conditional_probability_alive
            say(f"P(alive), {name}", 3, lambda: alive(*asked), summed)
    repeated = [(of, cents) for of, _, _, cents in told if of]
    x, cents = make.columns(repeated)
    spent = GammaGammaFitter()
    say("fit Gamma-Gamma", 3, lambda: spent.fit(x, cents / 100 / x))


if __name__ == "__main__":
    main()
