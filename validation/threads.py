"""Calls from many threads against the same calls one after the other: equal to the last bit, and nothing of the process changed.

python validation/threads.py [--threads 8] [--calls 50] [--seed 1]

The threads come first, in a fresh process with nothing cached. Exit status 0: every call gave what it gives alone, and the
umask, the filters of warnings, the handlers of signals, the threads of linear algebra and matplotlib's settings are as before.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time as clock
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import numpy as np
import threadpoolctl

import mocoupled as mo
from mocoupled import plots

WEIGHTS = {"run": 8, "read": 4, "equilibrium": 12, "kernel": 12, "cantera": 12, "figure": 1, "same folder": 1}
LIBRARIES = (
    "cantera",
    "matplotlib",
    "netCDF4",
    "scipy.integrate",
    "scipy.linalg",
    "scipy.sparse.linalg",
    "scipy.optimize",
    "scipy.interpolate",
    "sympy",
    "pint",
    "xarray",
    "pandas",
    "thermo",
)
MECHANISMS = {"volatiles": "HCO", "hco": "HCO", "chons": "HCONS"}


def drawn(seed: int, count: int) -> list[tuple]:
    """Calls as (kind, arguments), the same for a seed."""
    rng = random.Random(seed)
    calls = []
    for kind in rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count):
        if kind in ("run", "read", "figure", "same folder"):
            calls.append((kind, 1 + rng.randrange(3), f"IW{rng.choice((-2, 0, 2)):+d}"))
        elif kind == "equilibrium":
            calls.append(
                (kind, rng.uniform(1400, 3000), rng.uniform(0.05, 1), rng.uniform(0.5, 8), rng.uniform(-4, 4))
            )
        else:
            mechanism = rng.choice(list(MECHANISMS))
            amounts = {e: 10 ** rng.uniform(-2, 1) for e in MECHANISMS[mechanism]}
            calls.append((kind, rng.uniform(900, 3000), 10 ** rng.uniform(4, 8), amounts, mechanism))
    return calls


def done(call: tuple, folder: Path) -> np.ndarray:
    """What the call gives, as numbers."""
    kind, *given = call
    if kind in ("run", "read", "figure", "same folder"):
        oceans, buffer = given
        case = mo.Case.read("earth").replace(
            {
                "mantle.model": "lumped",
                "volatiles.hydrogen": f"{oceans} ocean",
                "redox.oxygen_fugacity": buffer,
                "run.end_time": "3 kyr",
            }
        )
        if (
            kind == "same folder"
        ):  # one of several at once works there, or none has begun; the others are refused
            try:
                mo.run(case, folder / f"same-{oceans}{buffer}", overwrite=True)
            except mo.InputError as error:
                assert "at work in this folder" in str(error), error
            return np.zeros(1)
        place = Path(tempfile.mkdtemp(dir=folder))
        result = mo.run(case, place)
        if kind == "figure":
            (path,) = plots.draw(result, place, "partial-pressures")
            return np.frombuffer(path.read_bytes(), dtype=np.uint8)
        return _numbers(mo.read(place) if kind == "read" else result)
    if kind == "equilibrium":
        temperature, melt, oceans, offset = given
        return _numbers(
            mo.equilibrium(
                mo.Case.read("earth"),
                temperature,
                melt,
                oxygen_fugacity_offset=offset,
                hydrogen=oceans * 1.55e20,
            )
        )
    temperature, pressure, amounts, mechanism = given
    return _numbers(mo.gas_equilibrium(temperature, pressure, amounts, mechanism=mechanism, engine=kind))


def _numbers(result) -> np.ndarray:
    return np.concatenate(
        [
            np.ravel(result[name].values).astype(float)
            for name in sorted(map(str, result.data_vars))
            if result[name].dtype.kind in "fib"
        ]
    )


def state() -> dict:
    """What belongs to the process as a whole."""
    import matplotlib

    mask = os.umask(0o22)
    os.umask(mask)
    return {
        "umask": mask,
        "filters of warnings": [
            one for one in warnings.filters if one[2] is Warning or one[2].__module__.startswith("mocoupled")
        ],
        "handlers of signals": [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)],
        "threads of linear algebra": [pool["num_threads"] for pool in threadpoolctl.threadpool_info()],
        "settings of matplotlib": dict(matplotlib.rcParams),
        "folder": os.getcwd(),
        "environment": dict(os.environ),
    }


def outcome(call: tuple, folder: Path):
    """What the call gives, or the error that it ends in."""
    try:
        return done(call, folder)
    except Exception as error:
        return error


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--calls", type=int, default=50, help="of each thread")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for library in LIBRARIES:  # some add filters of their own when they load
        import_module(library)
    plots.warm_up()
    warnings.simplefilter("ignore")
    calls = drawn(options.seed, options.threads * options.calls)
    before, barrier = state(), threading.Barrier(options.threads)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)

        def work(k):
            barrier.wait()
            return [outcome(call, folder) for call in calls[k :: options.threads]]

        begun = clock.perf_counter()
        with ThreadPoolExecutor(options.threads) as pool:
            together = [None] * len(calls)
            for k, results in enumerate(pool.map(work, range(options.threads))):
                together[k :: options.threads] = results
        beside = clock.perf_counter() - begun
        changed = [
            f"{name} ({before[name]} -> {value})"[:300]
            for name, value in state().items()
            if value != before[name]
        ]
        alone = [outcome(call, folder) for call in calls]
    wall = clock.perf_counter() - begun - beside
    wrong = []
    for call, one, other in zip(calls, together, alone):
        if isinstance(one, Exception) or isinstance(other, Exception):
            if repr(one) != repr(other):
                wrong.append((call, repr(one)[:300], repr(other)[:300]))
        elif not np.array_equal(one, other, equal_nan=True):
            wrong.append((call, "other numbers" if one.shape == other.shape else "other shape", ""))
    refused = Counter(type(one).__name__ for one in alone if isinstance(one, Exception))
    print(f"{options.threads} threads x {options.calls} calls: {dict(Counter(kind for kind, *_ in calls))}")
    print(
        f"{len(wrong)} differ from the same calls one after the other; {dict(refused) or 'none'} refused alone as well"
    )
    print(
        f"changed in the process: {', '.join(changed) or 'nothing'}; {beside:.1f} s in threads, {wall:.1f} s one after the other"
    )
    for call, one, other in wrong[:20]:
        print(f"  {call}\n    in threads: {one}\n    alone: {other}")
    return 1 if wrong or changed else 0


if __name__ == "__main__":
    sys.exit(main())
