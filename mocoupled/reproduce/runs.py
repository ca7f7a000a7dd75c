"""Many cases, each in a process of its own kind: a folder per case, stored runs used again, failures told apart."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..results.output import read

if TYPE_CHECKING:
    from ..case import Case

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS")
DONE, STORED, SAME, FAILED, INTERRUPTED = "done", "stored before", "the same as another", "failed", "interrupted"


@dataclass(frozen=True)
class Outcome:
    """What became of a case: DONE, STORED (an earlier run, used again), SAME (as another, which was run), FAILED or
    INTERRUPTED; why; seconds it took."""

    status: str
    reason: str = ""
    seconds: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether there is a complete run to read."""
        return self.status in (DONE, STORED, SAME)


def stored(case: Case, folder: Path) -> bool:
    """Whether the folder holds a complete run of this very case, by this version, whole."""
    from .. import __version__

    try:
        told = read(folder).attrs
    except (OSError, InputError):
        return False
    return told.get("case") == case.to_toml() and told.get("source") == f"mocoupled {__version__}" and told.get("status") == "complete"


def run_all(
    cases: Mapping[str, Case],
    folder: Path,
    workers: int = 2,
    progress: Callable[[float, str], None] = lambda fraction, text: None,
    pressed: Callable[[], bool] = lambda: False,
) -> dict[str, Outcome]:
    """Evolve the cases, each into folder/NAME unless a complete run of it is there; what became of each, in order.

    progress(share done, text) after each; pressed() true ends the work: what is stored stays, the rest is INTERRUPTED.
    A case that fails, or takes its process with it, is FAILED with the reason, and the others go on.
    """
    found: dict[str, Outcome] = {}
    waiting = []
    for name, case in cases.items():
        if stored(case, folder / name):
            found[name] = Outcome(STORED)
        else:
            waiting.append(name)

    def tell():
        failed = sum(o.status == FAILED for o in found.values())
        progress(len(found) / max(1, len(cases)), f"{len(found)} of {len(cases)} cases{f', {failed} failed' if failed else ''}")

    tell()
    alone: list[str] = []  # ran beside each other when a process died: each is tried again by itself
    while (waiting or alone) and not pressed():
        group, size = (waiting, workers) if waiting else ([alone.pop()], 1)
        with _pool(min(size, len(group))) as (pool, end):
            for name, outcome in _through(pool, cases, folder, group, size, pressed, end):
                if outcome is None and size > 1:
                    alone.append(name)
                    continue
                found[name] = outcome or Outcome(FAILED, "its process died (out of memory?)")
                tell()
    for name in [*waiting, *alone]:
        found[name] = Outcome(INTERRUPTED, "not begun, or cut short")
    return {name: found[name] for name in cases}


def _through(pool, cases, folder, waiting, size, pressed, end) -> Iterator[tuple[str, Outcome | None]]:
    """Hand the waiting names to the pool, as many at a time as it has workers; None for those whose pool broke down."""
    running: dict[Future, str] = {}
    broken = False
    while running or (waiting and not broken and not pressed()):
        while waiting and len(running) < size and not broken and not pressed():
            try:
                future = pool.submit(_one, cases[waiting[0]].to_toml(), str(folder / waiting[0]))
            except BrokenProcessPool:
                broken = True
                break
            running[future] = waiting.pop(0)
        if pressed():
            end()
        ended, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
        for future in ended:
            name = running.pop(future)
            try:
                yield name, Outcome(*future.result())
            except BrokenProcessPool:
                broken = True
                yield name, Outcome(INTERRUPTED, "cut short") if pressed() else None


@contextmanager
def _pool(workers):
    """A pool of spawned processes with one BLAS thread each, and a function that ends them; the environment is kept."""
    own = dict.fromkeys(THREADS, "1") | {"PYTHONSAFEPATH": "1"}  # the latter: nothing is imported from the folder that the user is in
    kept = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    others = multiprocessing.active_children()

    def end():
        for process in multiprocessing.active_children():
            if process not in others:
                process.terminate()  # every file they write appears whole or not at all

    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _prepare_worker) as pool:
            yield pool, end
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _prepare_worker():
    """Ctrl-C on a terminal reaches every process: the parent alone decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _one(text: str, folder: str) -> tuple[str, str, float]:
    """Evolve a case given as TOML and store it, in a worker: status, reason, seconds. A run cut short is not stored."""
    import time as clock

    from ..case import Case
    from ..results.output import write
    from ..run import evolve, prepare

    begun = clock.perf_counter()
    try:
        result = evolve(prepare(Case.parse(text)))
        status, reason = result.attrs["status"], result.attrs["end_reason"]
        if status == "interrupted":
            return INTERRUPTED, reason, clock.perf_counter() - begun
        write(result, Path(folder), f"{result.attrs['source']}: {result.attrs['case_name']}, {status}: {reason}\n")
        return DONE if status == "complete" else FAILED, reason, clock.perf_counter() - begun
    except Exception as error:  # whatever it is, the other cases go on, and this one is told with its reason
        return FAILED, " ".join(f"{type(error).__name__}: {error}".split()), clock.perf_counter() - begun
