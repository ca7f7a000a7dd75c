"""Calls from many threads against the same calls one after the other: equal, and the process is unchanged.

python validation/threads.py [--threads 8] [--calls 50] [--seed 1]

The threads come first, in a fresh process with nothing cached. Exit status 0: every call had the same result
to the last bit, and the umask, the filters of warnings, the handlers of signals, the threads of linear
algebra and matplotlib's settings are as before.
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
from typing import Any

import numpy as np
import threadpoolctl
import xarray

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


Call = tuple[Any, ...]  # kind, and the arguments of that kind


def drawn(seed: int, count: int) -> list[Call]:
    """Calls as (kind, arguments), the same for a seed."""
    rng = random.Random(seed)
    calls: list[Call] = []
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


def done(call: Call, folder: Path) -> np.ndarray:
    """The result of the call, as numbers."""
    kind, *arguments = call
    if kind in ("run", "read", "figure", "same folder"):
        oceans, buffer = arguments
        return _of_run(kind, oceans, buffer, folder)
    if kind == "equilibrium":
        temperature, melt, oceans, offset = arguments
        result = mo.equilibrium(
            mo.Case.read("earth"),
            temperature,
            melt,
            oxygen_fugacity_offset=offset,
            hydrogen=oceans * 1.55e20,
        )
        return _numbers(result)
    temperature, pressure, amounts, mechanism = arguments
    return _numbers(mo.gas_equilibrium(temperature, pressure, amounts, mechanism=mechanism, engine=kind))


def _of_run(kind: str, oceans: int, buffer: str, folder: Path) -> np.ndarray:
    """The numbers of a run, read anew or not, or the bytes of a figure of it."""
    changes = {
        "mantle.model": "lumped",
        "volatiles.hydrogen": f"{oceans} ocean",
        "redox.oxygen_fugacity": buffer,
        "run.end_time": "3 kyr",
    }
    case = mo.Case.read("earth").replace(changes)
    if kind == "same folder":  # one of several calls works there, or none has begun; the others are refused
        try:
            mo.run(case, folder / f"same-{oceans}{buffer}", overwrite=True)
        except mo.InputError as error:
            assert "is working in this folder" in str(error), error
        return np.zeros(1)
    place = Path(tempfile.mkdtemp(dir=folder))
    result = mo.run(case, place)
    if kind == "figure":
        (path,) = plots.draw(result, place, "partial-pressures")
        return np.frombuffer(path.read_bytes(), dtype=np.uint8)
    return _numbers(mo.read(place) if kind == "read" else result)


def _numbers(result: xarray.Dataset) -> np.ndarray:
    """All numbers of a result, in the order of the names of its variables."""
    names = [name for name in sorted(map(str, result.data_vars)) if result[name].dtype.kind in "fib"]
    return np.concatenate([np.ravel(result[name].values).astype(float) for name in names])


def state() -> dict[str, object]:
    """Settings of the process as a whole."""
    import matplotlib

    mask = os.umask(0o22)
    os.umask(mask)
    return {
        "umask": mask,
        "filters of warnings": [
            f for f in warnings.filters if f[2] is Warning or f[2].__module__.startswith("mocoupled")
        ],
        "handlers of signals": [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)],
        "threads of linear algebra": [pool["num_threads"] for pool in threadpoolctl.threadpool_info()],
        "settings of matplotlib": dict(matplotlib.rcParams),
        "folder": os.getcwd(),
        "environment": dict(os.environ),
    }


def outcome(call: Call, folder: Path) -> np.ndarray | Exception:
    """The result of the call, or the error with which it ends."""
    try:
        return done(call, folder)
    except Exception as error:
        return error


def different(
    call: Call, together: np.ndarray | Exception, alone: np.ndarray | Exception
) -> tuple[Call, str, str] | None:
    """The call with both outcomes in words, where they differ; else None."""
    if isinstance(together, Exception) or isinstance(alone, Exception):
        if repr(together) == repr(alone):
            return None
        return call, repr(together)[:300], repr(alone)[:300]
    if np.array_equal(together, alone, equal_nan=True):
        return None
    return call, "other numbers" if together.shape == alone.shape else "other shape", ""


def options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--calls", type=int, default=50, help="of each thread")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> int:
    """Make the calls in threads, then one after the other, and compare; 1 where anything differs."""
    chosen = options()
    for library in LIBRARIES:  # some add filters of warnings when they load
        import_module(library)
    plots.warm_up()
    warnings.simplefilter("ignore")
    calls = drawn(chosen.seed, chosen.threads * chosen.calls)
    before, barrier = state(), threading.Barrier(chosen.threads)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)

        def work(k: int) -> list[np.ndarray | Exception]:
            barrier.wait()
            return [outcome(call, folder) for call in calls[k :: chosen.threads]]

        begun = clock.perf_counter()
        together: list[np.ndarray | Exception] = [np.zeros(0)] * len(calls)
        with ThreadPoolExecutor(chosen.threads) as pool:
            for k, results in enumerate(pool.map(work, range(chosen.threads))):
                together[k :: chosen.threads] = results
        in_threads = clock.perf_counter() - begun
        after = state()
        changed = [
            f"{name} ({before[name]} -> {value})"[:300]
            for name, value in after.items()
            if value != before[name]
        ]
        alone = [outcome(call, folder) for call in calls]
    wall = clock.perf_counter() - begun - in_threads
    pairs = (different(*items) for items in zip(calls, together, alone))
    wrong = [pair for pair in pairs if pair is not None]
    refused = Counter(type(result).__name__ for result in alone if isinstance(result, Exception))
    kinds = dict(Counter(kind for kind, *_ in calls))
    print(f"{chosen.threads} threads x {chosen.calls} calls: {kinds}")
    print(
        f"{len(wrong)} differ from the same calls one after the other; {dict(refused) or 'none'} refused "
        "alone as well"
    )
    print(
        f"changed in the process: {', '.join(changed) or 'nothing'}; {in_threads:.1f} s in threads, "
        f"{wall:.1f} s one after the other"
    )
    for call, first, second in wrong[:20]:
        print(f"  {call}\n    in threads: {first}\n    alone: {second}")
    return 1 if wrong or changed else 0


if __name__ == "__main__":
    sys.exit(main())
