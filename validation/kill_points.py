"""Kill a run at random instants (SIGKILL), continue it, and compare it with a run that was never cut off.

python validation/kill_points.py [--points 100] [--seed 1] [--case E1] [--cells 20] [--end-time '400 yr']

Each point is a run of its own in a process of its own, killed at an instant drawn uniformly from the duration of a whole
run with its files; every second one writes a checkpoint after every step, so that many are killed while they write. After
the kill the folder must hold no result that reads as complete but is not; after `resume` the result must be the straight
run's to the last bit, and no temporary file may be left. Exit status 1 if one point fails. Needs os.fork.
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
from importlib import import_module
from pathlib import Path

import mocoupled as mo

module = import_module("mocoupled.runs.main_job")  # whose `prepare` is replaced here
FILES = {"evolution.nc", "summary.json", "case.toml", "run.log"}


def child(work):
    """The id of a process of its own that does the work and ends."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def ended(process):
    """How the process ended: an exit status, or minus a signal's number."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def found_in(folder):
    """What the killed process left, in a word; AssertionError for a store that lies."""
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    try:
        left = mo.read(folder)
    except mo.InputError:
        left = None
    if left is not None:
        assert left.attrs["status"] == "complete", left.attrs["status"]
        return "killed after evolution.nc was written"
    writing = any(name.startswith(".") for name in names)
    if "case.toml" not in names:
        return "killed before the run began"
    return ("killed while a file was written, " if writing else "killed between steps, ") + (
        "with a checkpoint" if "checkpoint.npz" in names else "before the first checkpoint"
    )


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--points", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--case", default="E1")
    options.add_argument("--cells", type=int, default=20)
    options.add_argument("--end-time", default="400 yr")
    asked = options.parse_args()
    case = mo.Case.read(asked.case).replace({"mantle.cells": asked.cells, "run.end_time": asked.end_time})
    prepared = module.prepare(case)
    module.prepare = lambda again: prepared if again == case else None  # generation is the same every time
    draw = random.Random(asked.seed)
    home = Path(tempfile.mkdtemp(prefix="kill-points-"))
    straight, durations, failures, kinds = None, {}, [], Counter()
    for interval in (0.0, 0.05):
        begun = time.perf_counter()
        straight = mo.run(case, output=home / f"straight-{interval}", checkpoint=interval)
        durations[interval] = time.perf_counter() - begun
    print(
        f"{case.name}, {asked.cells} cells: {straight.sizes['time'] - 1} steps; a run takes {durations[0.0]:.2f} s with a checkpoint after every step, {durations[0.05]:.2f} s with one every 0.05 s",
        flush=True,
    )
    point = 0
    while point < asked.points:
        folder, interval = home / f"{point}", (0.0, 0.05)[point % 2]
        process = child(
            lambda folder=folder, interval=interval: mo.run(case, output=folder, checkpoint=interval)
        )
        time.sleep(draw.uniform(0, durations[interval]))
        os.kill(process, signal.SIGKILL)
        if (
            ended(process) != -signal.SIGKILL
        ):  # the run was faster than the one that was timed: another instant
            durations[interval] *= 0.95
            shutil.rmtree(folder)
            continue
        point += 1
        try:
            kind = found_in(folder)
            kinds[kind] += 1
            again = (
                mo.run(case, output=folder, overwrite=True)
                if kind == "killed before the run began"
                else mo.resume(folder)
            )
            for result in (again, mo.read(folder)):
                assert result.attrs["status"] == "complete"
                assert result.equals(straight), "differs from the straight run"
            assert {path.name for path in folder.iterdir()} == FILES, "files are left, or lack"
        except Exception as error:
            failures.append(folder.name)
            print(f"{folder}: {type(error).__name__}: {error}", flush=True)
            continue
        shutil.rmtree(folder)
    for kind, number in kinds.most_common():
        print(f"{number:4d}  {kind}")
    print(
        f"{asked.points} kill points, {len(failures)} lost or corrupt"
        + (f": {', '.join(failures)}, kept in {home}" if failures else "")
    )
    if not failures:
        shutil.rmtree(home)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
