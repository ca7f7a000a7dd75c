"""The workers of a sweep, on Dask: a cluster on this machine or a scheduler that runs already; workers that die are replaced."""

from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
import tempfile
import time as clock
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from ..errors import InputError, MocoupledError
from .case import Batch, Outcome, run_batch

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS")
TASK = 1.0  # s of work in one task: many times what the scheduler spends on it
TICK = 0.05  # s between two looks at the tasks
AHEAD = 2  # tasks under way for each thread of the cluster, so that none waits for the next
LEAST = 8  # tasks under way however few threads there are: a cluster that grows on demand sees that there is work
STILLBORN = 5  # workers that die in a row before any task is done
AGAIN = 3.0  # s between two looks at the size of a cluster elsewhere
PATIENCE = 10.0  # s to find a scheduler


def _run_batch(batch: Batch) -> list[Outcome]:
    """As a worker runs it. Within a task xarray would lock every variable that it writes through Dask's scheduler, as files
    that workers write in together need it: a quarter of the time of small runs, which have files of their own."""
    import dask

    with dask.config.set(scheduler="synchronous"):
        return run_batch(batch)


class Lost(MocoupledError):
    """The scheduler is gone: what was done is stored, nothing more can be."""


class Cluster:
    """A client of a scheduler, and the worker processes that were started here (none for a scheduler elsewhere)."""

    def __init__(self, client, address: str, start: Callable[[int], subprocess.Popen] | None = None, workers: int = 0):
        self.client, self.address, self.elsewhere = client, address, start is None
        self._start = start
        self.processes = [start(k) for k in range(workers)] if start else []
        self.deaths = self._stillborn = 0
        self._threads, self._asked = workers, float("-inf")

    def tend(self, fruitful: bool):
        """Replace workers that have died. fruitful: whether any task has come back since the last call."""
        self._stillborn = 0 if fruitful else self._stillborn
        for k, process in enumerate(self.processes):
            if process.poll() is not None:
                self.deaths, self._stillborn = self.deaths + 1, self._stillborn + 1
                if self._stillborn > STILLBORN:
                    raise MocoupledError(f"the workers die before they have done anything (exit status {process.returncode}). {self._start.last_words()}")
                self.processes[k] = self._start(k)

    def threads(self) -> int:
        """Threads of the cluster; of one elsewhere, asked again every few seconds."""
        if self.elsewhere and clock.monotonic() > self._asked + AGAIN:
            try:
                self._threads, self._asked = sum(self.client.nthreads().values()), clock.monotonic()
            except (OSError, RuntimeError, ValueError) as error:  # Dask raises all three for a broken connection
                raise self.lost() from error
        return max(self._threads, 1)

    def lost(self) -> Lost:
        return Lost(f"the scheduler at {self.address} is gone")

    def submit(self, batch: Batch):
        try:
            return self.client.submit(_run_batch, batch, pure=False)
        except (OSError, RuntimeError, ValueError) as error:
            raise self.lost() from error

    def end(self):
        """End the workers that were started here, at once: every file they write appears whole or not at all."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


class _Starter:
    """Starts worker processes of one thread each, with one BLAS thread, in a session of their own: Ctrl-C on the
    terminal reaches this process alone."""

    def __init__(self, address, folder):
        self.address, self.log = address, Path(folder, "workers.log")
        home = str(Path(importlib.util.find_spec("mocoupled").origin).parents[1])
        paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
        self.environment = {**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONPATH": os.pathsep.join(paths)}
        # -P: nothing is imported from the folder that the user is in, whoever can write there
        options = ["--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--no-dashboard", "--death-timeout", "60"]
        self.words = [sys.executable, "-P", "-m", "distributed.cli.dask_worker", address, *options, "--local-directory", str(folder), "--preload", "mocoupled.sweeps.case"]

    def __call__(self, number) -> subprocess.Popen:
        with open(self.log, "ab") as log:
            return subprocess.Popen(self.words, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"The last of what they said: {lines[-1]}" if lines else ""


@contextmanager
def cluster(workers: int, scheduler: str | None) -> Iterator[Cluster]:
    """`workers` processes on this machine, or the cluster of a scheduler's address."""
    import dask
    from dask.distributed import Client, LocalCluster

    with ExitStack() as stack:
        stack.enter_context(_quiet())  # after the import above, which makes the loggers
        if scheduler is not None:
            try:
                client = stack.enter_context(Client(scheduler, timeout=PATIENCE, set_as_default=False, name="mocoupled"))
            except (OSError, ValueError, TypeError, RuntimeError) as error:
                reason = " ".join(str(error).split())[:200]
                cure = "is it running, and is the address the one that 'dask scheduler' printed, such as tcp://10.0.0.1:8786?"
                raise InputError(f"--scheduler {scheduler}", f"no scheduler answers there ({reason}).", "", cure) from None
            yield Cluster(client, scheduler)
            return
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mocoupled-", ignore_cleanup_errors=True))
        stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": 10}))
        local = stack.enter_context(LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None, scheduler_kwargs={"dashboard": False}))
        client = stack.enter_context(Client(local.scheduler_address, set_as_default=False, name="mocoupled"))
        found = Cluster(client, local.scheduler_address, _Starter(local.scheduler_address, folder), workers)
        try:
            yield found
        finally:
            found.end()


@contextmanager
def _quiet():
    """Dask's own messages are not for the user of a sweep: what matters comes as an error."""
    kept = {name: logging.getLogger(name).level for name in list(logging.root.manager.loggerDict) if name.split(".")[0] in ("distributed", "asyncio", "tornado")}
    for name in kept:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in kept.items():
            logging.getLogger(name).setLevel(level)


def compute(on: Cluster, work: Batch, pressed: Callable[[], bool], flying: set[int]) -> Iterator[Outcome]:
    """Run the cases of `work` on a cluster; outcomes as they come. flying: kept up to date with the cases under way.

    Cases of a worker that died are handed out again (each at most so often as case.py says). Ends early, with cases
    left in `flying`, when pressed() is true. Lost when the scheduler is gone.
    """
    waiting = deque(work.cases)
    running: dict = {}
    each, fruitful = None, False  # mean seconds of a case
    total, done = 0.0, 0
    while waiting or running:
        if pressed():
            _let_go(running)
            return
        on.tend(fruitful)
        fruitful = False
        if on.client.status != "running":
            raise on.lost()
        threads = on.threads()
        while waiting and len(running) < max(AHEAD * threads, LEAST):
            share = max(1, min(int(TASK / each), len(waiting) // (AHEAD * threads))) if each else 1
            cases = [waiting.popleft() for _ in range(share)]
            running[on.submit(replace(work, cases=cases))] = cases
            flying.update(number for number, _ in cases)
        ended = [future for future in running if future.done()]
        for future in ended:
            cases = running.pop(future)
            outcomes = _answer(on, future)
            if outcomes is None:  # its worker died, too often for the scheduler: once more, each by itself
                waiting.extendleft(reversed(cases))
                each = None
                continue
            fruitful = True
            for outcome in outcomes:
                total, done = total + outcome.seconds * (not outcome.stored), done + 1
                flying.discard(outcome.number)
                yield outcome
            each = max(total / done, 1e-3)
        if not ended:
            clock.sleep(TICK)


def _answer(on, future) -> Sequence[Outcome] | None:
    """What a task gave; None when it is to be handed out again."""
    if future.status == "finished":
        try:
            return future.result(timeout=PATIENCE)
        except Exception:  # it finished, and what it gave went down with its worker
            return None
    if future.status == "error":
        error = future.exception()
        if type(error).__name__ == "KilledWorker":
            return None
        if isinstance(error, MocoupledError):
            raise error
        raise MocoupledError(f"the workers cannot run a case: {type(error).__name__}: {error}. Is the same mocoupled installed for them?")
    if on.client.status != "running":
        raise on.lost()
    return None  # cancelled or lost


def _let_go(running):
    for future in running:
        try:
            future.cancel()
        except Exception:  # the scheduler may be gone already
            return
