"""Kill a run at random instants (SIGKILL), continue it, and compare it with a run that was never cut off.

python validation/kill_points.py [--points 100] [--seed 1] [--case E1] [--cells 20] [--end-time '400 yr']

Each point is a run of its own in a process of its own, killed at an instant drawn uniformly from the duration
of a whole run with its files; every second one writes a checkpoint after every step, so that many are killed
while they write. After the kill the folder must hold no result that reads as complete but is not; after
`resume` the result must be the straight run's to the last bit, and no temporary file may be left. Exit status
1 if one point fails. Needs os.fork.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import xarray

import mocoupled as mo
from mocoupled.case import Case
from mocoupled.runs import main_job

BEFORE = "killed before the run began"
FILES = {"evolution.nc", "summary.json", "case.toml", "run.log"}


INTERVALS = (0.0, 0.05)  # s, between checkpoints; 0: after every step


def child(work: Callable[[], object]) -> int:
    """The id of a separate process that does the work and ends."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def ended(process: int) -> int:
    """How the process ended: an exit status, or the negative number of a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def left_in(folder: Path) -> str:
    """What the killed process left, in words. AssertionError for a store that is wrong."""
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    try:
        left = mo.read(folder)
    except mo.InputError:
        left = None
    if left is not None:
        assert left.attrs["status"] == "complete", left.attrs["status"]
        return "killed after evolution.nc was written"
    if "case.toml" not in names:
        return BEFORE
    writing = any(name.startswith(".") for name in names)
    when = "killed while a file was written" if writing else "killed between steps"
    if "checkpoint.npz" in names:
        return f"{when}, with a checkpoint"
    return f"{when}, before the first checkpoint"


def options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", default="E1")
    parser.add_argument("--cells", type=int, default=20)
    parser.add_argument("--end-time", default="400 yr")
    return parser.parse_args()


def straight_runs(case: Case, home: Path) -> tuple[xarray.Dataset, dict[float, float]]:
    """A run that is not killed, and the duration of a run [s] by the interval between checkpoints."""
    durations = {}
    for interval in INTERVALS:
        begun = time.perf_counter()
        straight = mo.run(case, output=home / f"straight-{interval}", checkpoint=interval)
        durations[interval] = time.perf_counter() - begun
    return straight, durations


def continue_run(case: Case, folder: Path, straight: xarray.Dataset) -> str:
    """Go on with a killed run and compare it with the straight one. Returns what the killed process left."""
    kind = left_in(folder)
    again = mo.run(case, output=folder, overwrite=True) if kind == BEFORE else mo.resume(folder)
    for result in (again, mo.read(folder)):
        assert result.attrs["status"] == "complete"
        assert result.equals(straight), "differs from the straight run"
    assert {path.name for path in folder.iterdir()} == FILES, "files are left, or lack"
    return kind


def main() -> int:
    """Kill runs at random instants, go on with each, and print how many were lost; 1 where any was."""
    chosen = options()
    changes = {"mantle.cells": chosen.cells, "run.end_time": chosen.end_time}
    case = mo.Case.read(chosen.case).replace(changes)
    prepared = main_job.prepare(case)
    # Generation is the same every time.
    main_job.prepare = lambda again: prepared if again == case else None
    draw = random.Random(chosen.seed)
    home = Path(tempfile.mkdtemp(prefix="kill-points-"))
    straight, durations = straight_runs(case, home)
    print(
        f"{case.name}, {chosen.cells} cells: {straight.sizes['time'] - 1} steps; a run takes "
        f"{durations[0.0]:.2f} s with a checkpoint after every step, {durations[0.05]:.2f} s with one every "
        "0.05 s",
        flush=True,
    )
    failures: list[str] = []
    kinds: Counter[str] = Counter()
    point = 0
    while point < chosen.points:
        folder, interval = home / f"{point}", INTERVALS[point % 2]
        process = child(partial(mo.run, case, output=folder, checkpoint=interval))
        time.sleep(draw.uniform(0, durations[interval]))
        os.kill(process, signal.SIGKILL)
        if ended(process) != -signal.SIGKILL:  # the run was faster than the timed one: take another instant
            durations[interval] *= 0.95
            shutil.rmtree(folder)
            continue
        point += 1
        try:
            kinds[continue_run(case, folder, straight)] += 1
        except Exception as error:
            failures.append(folder.name)
            print(f"{folder}: {type(error).__name__}: {error}", flush=True)
            continue
        shutil.rmtree(folder)
    for kind, number in kinds.most_common():
        print(f"{number:4d}  {kind}")
    kept = f": {', '.join(failures)}, kept in {home}" if failures else ""
    print(f"{chosen.points} kill points, {len(failures)} lost or corrupt{kept}")
    if not failures:
        shutil.rmtree(home)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
