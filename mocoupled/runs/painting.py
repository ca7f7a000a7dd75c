"""A second process that draws figures of a stored run: it loads during the march, and draws after it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from ..errors import MocoupledError
from ..loading import load_little
from .processes import Pool, Task, place_of


class Painter:
    """The process, seen from the one that has started it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def share(
        self,
        todo: deque[str],
        drawn: Callable[[str, list[Path]], None],
        run: Path,
        folder: Path,
        options: Mapping[str, Any],
    ) -> Thread:
        """Draw figures from the right end of `todo` until it is empty, in a thread that is returned.

        drawn(name, paths) is called after each figure.
        run: the folder of the stored run; folder, options: as for `plots.draw`.
        A figure that fails is put back, and this process takes no more figures: the other process raises the
        error.
        """

        def tasks() -> Iterator[Task]:
            while todo:
                try:
                    name = todo.pop()
                except IndexError:  # the other process took the last one
                    return
                yield name, {"run": str(run), "folder": str(folder), "name": name, "options": dict(options)}

        def work() -> None:
            try:
                for reply in self._pool.work(tasks()):
                    name = str(reply.key)
                    if reply.answer is None or "drawn" not in reply.answer:
                        todo.append(name)
                        return
                    drawn(name, [Path(path) for path in reply.answer["drawn"]])
            except MocoupledError:  # no process can work: the other one draws what is left
                todo.extend(str(name) for name in self._pool.under_way)

        thread = Thread(target=work, daemon=True)
        thread.start()
        return thread


@contextmanager
def painter(useful: bool = True) -> Iterator[Painter | None]:
    """Start the process, and end it when the block is left.

    None where it is not `useful`, where the machine has one core or no core to spare, and where the process
    does not start. On a busy machine it takes longer to load the libraries twice than to draw in one process.
    """
    cores = _cores() if useful else 1
    if cores < 2 or _load() >= cores:
        yield None
        return
    with Pool(place_of(service), 1, attempts=0) as pool:
        try:
            pool.start()
            process = Painter(pool)
        except MocoupledError:
            process = None
        yield process


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _load() -> float:
    """The processes that have waited for a core or used one during the last minute, on average."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def service() -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Load the libraries for figures, and return the function that draws a figure of a stored run.

    Its task is {"run", "folder", "name", "options"}.
    """
    load_little({})
    from ..plots import draw, warm_up
    from ..results.output import read

    warm_up()
    results: dict[str, Any] = {}

    def answer(task: Mapping[str, Any]) -> dict[str, Any]:
        run = task["run"]
        try:
            if run not in results:
                results.clear()
                results[run] = read(run)
            paths = draw(results[run], task["folder"], [task["name"]], **task["options"])
        except Exception as error:  # the process that sent the task draws the figure again, and reports
            return {"failed": f"{type(error).__name__}: {error}"}
        return {"drawn": [str(path) for path in paths]}

    return answer
