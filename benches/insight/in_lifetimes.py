"""Fits and predictions of the CDNOW sample by the Python package `lifetimes`, one JSON line for each.

in_lifetimes.py PREDICTIONS
"""

import importlib.util
import json
import pathlib
import statistics
import sys
import time

import numpy as np
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

SAMPLE = pathlib.Path(__file__).parent.parent.parent / "shared/insight/tests/cdnow/make.py"
WEEKS_AHEAD = 39


def say(asked, repeats, run, **told):
    run()
    wall, cpu = [], []
    for _ in range(repeats):
        start, begun = time.perf_counter(), time.process_time()
        answer = run()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - begun)
    answer = {"sum": float(np.sum(answer))} if told else {}
    spent = {"asked": asked, "seconds": statistics.median(wall), "cpu": statistics.median(cpu)}
    print(json.dumps(spent | {"answer": answer | told}), flush=True)


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
            say(f"expected orders, {name}", 3, lambda: orders(WEEKS_AHEAD, *asked), predictions=len(many))
        if name != "BG/NBD":
            alive = fitter.conditional_probability_alive
            say(f"P(alive), {name}", 3, lambda: alive(*asked), predictions=len(many))
    repeated = [(of, cents) for of, _, _, cents in told if of]
    x, cents = make.columns(repeated)
    spent = GammaGammaFitter()
    say("fit Gamma-Gamma", 3, lambda: spent.fit(x, cents / 100 / x))


if __name__ == "__main__":
    main()
