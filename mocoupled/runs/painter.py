"""A second process that draws figures of a stored run: it loads while the run marches, and shares the drawing after it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread


class Painter:
    """The process, seen from the one that has started it."""

    def __init__(self, process: subprocess.Popen):
        self._process = process

    def share(
        self,
        todo: deque[str],
        drawn: Callable[[str, list[Path]], None],
        run: Path,
        folder: Path,
        options: dict,
    ) -> Thread:
        """Draw figures from the right end of `todo` until it is empty, in a thread that is returned; drawn(name, paths) after each.

        run: the stored run; folder, options: as of `plots.draw`. A figure that fails is put back, and the process takes no
        more: whoever else draws meets the error.
        """

        def work():
            while todo:
                try:
                    name = todo.pop()
                except IndexError:  # the other took the last one
                    return
                paths = self._ask({"run": str(run), "folder": str(folder), "name": name, "options": options})
                if paths is None:
                    todo.append(name)
                    return
                drawn(name, paths)

        thread = Thread(target=work, daemon=True)
        thread.start()
        return thread

    def _ask(self, what) -> list[Path] | None:
        try:
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
            return [Path(path) for path in json.loads(self._process.stdout.readline())["drawn"]]
        except (OSError, ValueError, KeyError):  # it has ended, or says what failed
            return None


@contextmanager
def painter(useful: bool = True) -> Iterator[Painter | None]:
    """Start the process, and end it when the block is left; None where it is not `useful`, has no core of its own, or does not start."""
    process = _start() if useful and _cores() > 1 else None
    try:
        yield None if process is None else Painter(process)
    finally:
        if process is not None:
            process.kill()
            process.communicate()


def _start() -> subprocess.Popen | None:
    command = [
        sys.executable,
        "-P",
        "-m",
        __name__,
    ]  # -P: nothing is imported from the folder that the user is in
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
    except (OSError, ValueError):
        return None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main():
    """Load what drawing needs, then draw what is asked, a line each: {"run", "folder", "name", "options"}, until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    from ..plots import draw, warm_up
    from ..results.output import read

    warm_up()
    run = result = None
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if asked["run"] != run:
                result, run = read(asked["run"]), asked["run"]
            answer = {
                "drawn": [
                    str(path) for path in draw(result, asked["folder"], [asked["name"]], **asked["options"])
                ]
            }
        except Exception as error:  # whoever has asked draws it again, and reports
            answer = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
