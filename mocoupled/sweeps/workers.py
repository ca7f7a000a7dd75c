"""Where the cases of a sweep run: worker processes of this machine, or a Dask cluster of many."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Protocol, cast

from ..runs.dask_cluster import Cluster
from ..runs.processes import ATTEMPTS, Pool, place_of
from .case_outcome import FAILED, Batch, Outcome, noted, outcome_of, run_batch, service


class Workers(Protocol):
    """What runs the cases of a sweep.

    deaths: workers that died so far. shared: whether workers see the file that stops a sweep, and need it.
    """

    shared: bool

    @property
    def deaths(self) -> int:
        """Workers that died so far."""

    def compute(self, work: Batch, stopped: Callable[[], bool], under_way: set[int]) -> Iterator[Outcome]:
        """Run the cases of `work`; outcomes as they come.

        under_way: kept up to date with the cases handed out. Ends early, with cases left in `under_way`, when
        stopped() is true.
        """

    def end(self) -> None:
        """End what still runs."""


class Local:
    """Worker processes on this machine; use it as a context. deaths: of those that died so far."""

    shared = False

    def __init__(self, workers: int) -> None:
        self._pool = Pool(place_of(service), workers)

    def __enter__(self) -> Local:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    @property
    def deaths(self) -> int:
        """Worker processes that died so far."""
        return self._pool.deaths

    def compute(self, work: Batch, stopped: Callable[[], bool], under_way: set[int]) -> Iterator[Outcome]:
        """Run the cases of `work`; outcomes as they come.

        under_way: kept up to date with the cases handed out. A case whose worker died is run again at the
        end, alone; one that takes ATTEMPTS workers along has failed. Ends early, with cases left in
        `under_way`, when stopped() is true.
        """
        self._pool.under_way = cast(set[Hashable], under_way)  # the keys of the tasks are numbers of cases
        tasks = ((number, asdict(replace(work, cases=[(number, changes)]))) for number, changes in work.cases)
        for reply in self._pool.work(tasks, stopped):
            if reply.answer is None:
                reason = f"its worker died {ATTEMPTS} times, at last {reply.death}"
                yield noted(work, Outcome(cast(int, reply.key), FAILED, reason))
            else:
                yield from map(outcome_of, reply.answer)

    def end(self) -> None:
        """End the processes at once: every file that they write appears whole or not at all."""
        self._pool.end()


class Remote:
    """Workers of a Dask cluster, which sees the folder of the sweep.

    Its deaths are not known: it replaces its workers.
    """

    shared = True
    deaths = 0

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def compute(self, work: Batch, stopped: Callable[[], bool], under_way: set[int]) -> Iterator[Outcome]:
        """As `Local.compute`; Lost when the scheduler is gone.

        A case is handed out again as often as case_outcome.py says.
        """
        run = partial(_run, replace(work, cases=[]))
        yield from self._cluster.work(run, work.cases, stopped, under_way)

    def end(self) -> None:
        """Nothing: the workers look for the file that stops them."""


def _run(work: Batch, cases: Sequence[tuple[int, Mapping[str, Any]]]) -> list[Outcome]:
    return run_batch(replace(work, cases=cases))
