"""The worker processes of a sweep on this machine: one thread each, no port; those that die are replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace

from ..runs.processes import ATTEMPTS, Pool
from .one_case import FAILED, Batch, Outcome, noted, outcome_of

PROGRAM = "mocoupled.sweeps.worker"


class Local:
    """Worker processes on this machine; use it as a context. deaths: of those that died so far."""

    def __init__(self, workers: int):
        self._pool = Pool(PROGRAM, workers)

    def __enter__(self) -> Local:
        return self

    def __exit__(self, *error):
        self.end()

    @property
    def deaths(self) -> int:
        return self._pool.deaths

    def compute(self, work: Batch, stopped: Callable[[], bool], under_way: set[int]) -> Iterator[Outcome]:
        """Run the cases of `work`; outcomes as they come. under_way: kept up to date with the cases that were handed out.

        A case whose worker died is run again at the end, alone; one that takes ATTEMPTS workers along has failed. Ends
        early, with cases left in `under_way`, when stopped() is true.
        """
        self._pool.under_way = under_way
        tasks = ((number, asdict(replace(work, cases=[(number, changes)]))) for number, changes in work.cases)
        for reply in self._pool.work(tasks, stopped):
            if reply.answer is None:
                yield noted(
                    work,
                    Outcome(reply.key, FAILED, f"its worker died {ATTEMPTS} times, at last {reply.death}"),
                )
            else:
                yield from map(outcome_of, reply.answer)

    def end(self):
        """End the processes at once: every file that they write appears whole or not at all."""
        self._pool.end()
