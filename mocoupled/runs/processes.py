"""Processes beside this one: programs of this package, which take tasks and give answers over pipes. No port is opened.

A worker is started as `python -P -m PROGRAM`, not by multiprocessing: it never imports the user's main module, so that
a script needs no guard, and it starts alike from a notebook, a thread and a daemonic process. Tasks and answers are
lines of JSON, which cannot carry code, and in which every number keeps its last bit.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import MocoupledError

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
ATTEMPTS = 3  # times that a task may end its process
STILLBORN = 5  # processes in a row that end before they are ready
TICK = 0.1  # s between two looks whether the work is to stop
GRACE = 5.0  # s that a process may take to end after it has closed its pipe
READY = {"ready": True}


@dataclass(frozen=True)
class Reply:
    """What became of the task `key`: the answer of the program, or None where every process that took the task died;
    `death` says how the last of them died."""

    key: Hashable
    answer: Any
    death: str = ""


class Pool:
    """Up to `size` processes of a program, started when there is a task for them; use it as a context.

    deaths: processes that died so far. under_way: keys of the tasks that were handed out and have no reply yet.
    """

    def __init__(self, program: str, size: int):
        self.program, self.size = program, size
        self.deaths, self.under_way = 0, set()
        self._processes: list[_Process] = []
        self._said: queue.SimpleQueue = queue.SimpleQueue()
        self._attempts: dict[Hashable, int] = {}
        self._stillborn = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error):
        self.end()

    def end(self):
        """End the processes at once: every file that they write appears whole or not at all."""
        for process in self._processes:
            process.end()
        self._processes = []

    def work(
        self, tasks: Iterable[tuple[Hashable, Mapping]], stopped: Callable[[], bool] = lambda: False
    ) -> Iterator[Reply]:
        """Hand out the tasks (key, content), one at a time to each process; replies in the order in which they come.

        A task whose process died is done again after all others and with no other beside it, since memory may have
        been short; after ATTEMPTS deaths its reply has no answer. stopped() true ends the work with tasks under way.
        MocoupledError where the program cannot work at all.
        """
        waiting, again = iter(tasks), deque()
        while not stopped():
            while (task := self._next(waiting, again)) is not None:
                self._give(task)
            if not any(process.task for process in self._processes):
                return
            try:
                process, line = self._said.get(timeout=TICK)
            except queue.Empty:
                continue
            reply = self._heard(process, line) if line else self._bury(process, again)
            if reply is not None:
                yield reply
                self.under_way.discard(reply.key)

    def _next(self, waiting, again):
        busy = sum(process.task is not None for process in self._processes)
        if busy >= self.size:
            return None
        task = next(waiting, None)
        return again.popleft() if task is None and again and not busy else task

    def _give(self, task):
        process = next((one for one in self._processes if one.task is None), None)
        if process is None:
            process = _Process(self.program, self._said)
            self._processes.append(process)
        self.under_way.add(task[0])
        process.give(task)

    def _heard(self, process, line) -> Reply | None:
        message = json.loads(line)
        if message == READY:
            process.ready, self._stillborn = True, 0
            return None
        if "problem" in message:
            raise MocoupledError(message["problem"])
        (key, _), process.task = process.task, None
        return Reply(key, message["answer"])

    def _bury(self, process, again) -> Reply | None:
        """A process has ended: its task is kept for later, or has a reply without an answer."""
        death = process.end(GRACE)
        self._processes.remove(process)
        self.deaths += 1
        if not process.ready:
            self._stillborn += 1
            if self._stillborn > STILLBORN:
                raise MocoupledError(f"the worker processes end before they are ready ({death})")
        if process.task is None:
            return None
        key, _ = process.task
        self._attempts[key] = self._attempts.get(key, 0) + process.ready
        if self._attempts[key] < ATTEMPTS:
            again.append(process.task)
            return None
        return Reply(key, None, death)


class _Process:
    """A worker process, and the task (key, content) that it works on, or None."""

    def __init__(self, program, said):
        self.ready, self.task = False, None
        self._log = tempfile.TemporaryFile()  # what it prints: without a name, so that nothing is left behind
        command = [sys.executable, "-P", *["-s"] * bool(sys.flags.no_user_site), "-m", program]
        try:
            self._popen = subprocess.Popen(
                command,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                start_new_session=True,
            )  # in a session of its own: Ctrl-C and the end of a terminal reach this process alone
        except OSError as error:
            self._log.close()
            raise MocoupledError(
                f"a worker process cannot be started: {error.strerror or error}. With fewer workers there may be room"
            ) from None
        threading.Thread(target=self._listen, args=(said,), daemon=True).start()

    def _listen(self, said):
        with suppress(OSError, ValueError):  # the pipe is closed when the process is ended from here
            for line in self._popen.stdout:
                if line.endswith(b"\n"):
                    said.put((self, line))
        said.put((self, b""))

    def give(self, task):
        self.task = task
        with suppress(OSError):  # it has died: its listener says so
            self._popen.stdin.write(json.dumps(task[1]).encode() + b"\n")
            self._popen.stdin.flush()

    def end(self, grace: float = 0.0) -> str:
        """Wait for the process, or kill it after `grace` seconds; how it ended, in words."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(grace) if grace else None
        self._popen.kill()
        code = self._popen.wait()
        with suppress(OSError):
            self._popen.stdin.close()
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        self._log.close()
        return _ending(code) + (f"; its last words: {lines[-1].strip()[:200]}" if lines and code > 0 else "")


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"killed by {name}" + ("; was there enough memory?" if name == "SIGKILL" else "")


def _environment() -> dict[str, str]:
    """One BLAS thread each. Imported are this very package and what is installed: nothing from the folder that the user
    is in, whoever can write there, which an empty entry of PYTHONPATH would mean."""
    home = str(Path(__file__).resolve().parents[2])
    inherited = "" if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "")
    paths = [home] * (home not in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    paths += filter(None, inherited.split(os.pathsep))
    return {
        **os.environ,
        **dict.fromkeys(THREADS, "1"),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONSAFEPATH": "1",
    }


# ---- in the worker


def serve(answer: Callable[[Mapping], Any]):
    """The whole of a worker: answer(task) for every task of the pipe, until the other side closes it or is gone.

    What libraries print goes to standard error, since standard output carries the answers.
    """
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):  # where memory runs out, Linux ends a worker before the process that started it
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    tasks: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=_take, args=(incoming, tasks), daemon=True).start()
    _say(outgoing, READY)
    while True:
        task = tasks.get()
        try:
            message = {"answer": answer(task)}
        except Exception as error:  # of the program itself: what goes wrong in a task is part of its answer
            message = {"problem": f"a worker process cannot do its task: {type(error).__name__}: {error}"}
        _say(outgoing, message)


def _take(incoming, tasks):
    for line in incoming:
        tasks.put(json.loads(line))
    os._exit(0)  # the process that gave the tasks has ended: nobody waits for an answer


def _say(outgoing, message):
    try:
        outgoing.write(json.dumps(message).encode() + b"\n")
        outgoing.flush()
    except OSError:
        os._exit(0)
