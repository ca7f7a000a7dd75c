"""Worker processes of this machine: they take tasks and return answers over pipes. No port is opened.

A worker is started as `python -P -m mocoupled.runs.worker MODULE:FUNCTION`, not by multiprocessing.
It never imports the user's main module, so a script needs no guard.
A worker starts in the same way from a notebook, a thread and a daemonic process.
Tasks and answers are lines of JSON. JSON contains no code, and every number keeps its last bit.
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
from typing import IO, Any

from ..errors import MocoupledError

WORKER = "mocoupled.runs.worker"
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
# times that a task may end its process
ATTEMPTS = 3
# processes in a row that end before they are ready
STILLBORN = 5
# s between two looks whether the work is to stop
TICK = 0.1
# s that a process may take to end after it has closed its pipe
GRACE = 5.0
# bytes at the end of what a process printed, in which its last line is looked for
LAST_WORDS = 10_000
# the first line of a worker that can take a task
READY = b'{"ready": true}\n'

Task = tuple[Hashable, Mapping[str, Any]]
# loads what the tasks of a service need; what it returns answers a task, and is sent back as JSON
Service = Callable[[], Callable[[Mapping[str, Any]], object]]


def place_of(service: Service) -> str:
    """MODULE:FUNCTION of a service, by which a worker process imports it."""
    return f"{service.__module__}:{service.__qualname__}"


@dataclass(frozen=True)
class Reply:
    """The end of the task `key`: the answer of the service, or None where every process died on it.

    death: how the last process died.
    """

    key: Hashable
    answer: Any
    death: str = ""


class Pool:
    """Up to `size` processes of a service, started when there is a task for them; use it as a context.

    service: as `place_of` names it. attempts: times that a task may end its process before it is given
    up; with 0 no process is replaced. deaths: processes that died so far. under_way: keys of the tasks that
    were handed out and have no reply yet.
    """

    def __init__(self, service: str, size: int, attempts: int = ATTEMPTS) -> None:
        self.service, self.size, self.attempts = service, size, attempts
        self.deaths = 0
        self.under_way: set[Hashable] = set()
        self._processes: list[_Process] = []
        self._lines: Lines = queue.SimpleQueue()
        self._deaths_of_task: dict[Hashable, int] = {}
        self._stillborn = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def start(self) -> None:
        """Start all processes now, so that they load before there is a task.

        MocoupledError where one cannot start.
        """
        while len(self._processes) < self.size:
            self._processes.append(_Process(self.service, self._lines))

    def end(self) -> None:
        """End the processes at once: every file that they write appears whole or not at all.

        It can be called again where Ctrl-C has cut it short.
        """
        while self._processes:
            self._processes[-1].end()
            self._processes.pop()

    def work(self, tasks: Iterable[Task], stopped: Callable[[], bool] = lambda: False) -> Iterator[Reply]:
        """Hand out the tasks (key, content), one at a time to each process.

        Replies in the order in which they come. A task whose process died is done again after all others and
        and alone, since memory may have been short; after `attempts` deaths its reply has no
        answer. stopped() true ends the work with tasks under way. MocoupledError where the service cannot
        work at all.
        """
        waiting = iter(tasks)
        again: deque[Task] = deque()
        while not stopped():
            while (task := self._next(waiting, again)) is not None:
                self._hand_out(task)
            if not any(process.task for process in self._processes):
                return
            try:
                process, line = self._lines.get(timeout=TICK)
            except queue.Empty:
                continue
            reply = self._received(process, line) if line else self._bury(process, again)
            if reply is not None:
                yield reply
                self.under_way.discard(reply.key)

    def _next(self, waiting: Iterator[Task], again: deque[Task]) -> Task | None:
        busy = sum(process.task is not None for process in self._processes)
        if busy >= self.size:
            return None
        task = next(waiting, None)
        if task is None and again and not busy:
            return again.popleft()
        return task

    def _hand_out(self, task: Task) -> None:
        process = next((free for free in self._processes if free.task is None), None)
        if process is None:
            process = _Process(self.service, self._lines)
            self._processes.append(process)
        self.under_way.add(task[0])
        process.take(task)

    def _received(self, process: _Process, line: bytes) -> Reply | None:
        if not process.ready:
            # before it, Python's start may print: sitecustomize does, in some installations
            process.ready = line.endswith(READY)
            self._stillborn = 0 if process.ready else self._stillborn
            return None
        message = json.loads(line)
        if "problem" in message:
            raise MocoupledError(message["problem"])
        if process.task is None:
            raise MocoupledError("a worker process answered without a task")
        key, process.task = process.task[0], None
        return Reply(key, message["answer"])

    def _bury(self, process: _Process, again: deque[Task]) -> Reply | None:
        """A process has ended: its task waits for another try, or gets a reply without an answer."""
        death = process.end(GRACE)
        self._processes.remove(process)
        self.deaths += 1
        if not process.ready:
            self._stillborn += 1
            if self._stillborn > STILLBORN:
                raise MocoupledError(f"the worker processes end before they are ready ({death})")
        if process.task is None:
            return None
        key = process.task[0]
        self._deaths_of_task[key] = self._deaths_of_task.get(key, 0) + process.ready
        if self._deaths_of_task[key] < self.attempts:
            again.append(process.task)
            return None
        return Reply(key, None, death)


class _Process:
    """A worker process, and the task (key, content) that it works on, or None."""

    def __init__(self, service: str, lines: Lines) -> None:
        self.ready = False
        self.task: Task | None = None
        # what it prints: a file without a name, so that nothing is left behind; open as long as the process
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (the method end closes it)
        site = ["-s"] if sys.flags.no_user_site else []
        try:
            # in a new session: Ctrl-C and the end of a terminal reach this process alone
            self._popen = subprocess.Popen(
                [sys.executable, "-P", *site, "-m", WORKER, service],
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                start_new_session=True,
            )
        except OSError as error:
            self._log.close()
            raise MocoupledError(
                f"a worker process cannot be started: {error.strerror or error}."
                " With fewer workers there may be room"
            ) from None
        stdin, stdout = self._popen.stdin, self._popen.stdout
        assert stdin is not None and stdout is not None  # both are pipes
        self._tasks: IO[bytes] = stdin
        self._answers: IO[bytes] = stdout
        threading.Thread(target=self._listen, args=(lines,), daemon=True).start()

    def _listen(self, lines: Lines) -> None:
        with suppress(OSError, ValueError):  # the pipe is closed when the process is ended from here
            for line in self._answers:
                if line.endswith(b"\n"):
                    lines.put((self, line))
        lines.put((self, b""))

    def take(self, task: Task) -> None:
        """Send the task to the process."""
        self.task = task
        with suppress(OSError):  # it has died: its listener says so
            self._tasks.write(json.dumps(task[1]).encode() + b"\n")
            self._tasks.flush()

    def end(self, grace: float = 0.0) -> str:
        """Wait for the process, or kill it after `grace` seconds; how it ended, in words."""
        if grace:
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(grace)
        self._popen.kill()
        code = self._popen.wait()
        if self._log.closed:
            return _ending(code)
        with suppress(OSError):
            self._tasks.close()
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - LAST_WORDS))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        self._log.close()
        last_words = f"; its last words: {lines[-1].strip()[:200]}" if lines and code > 0 else ""
        return _ending(code) + last_words


Lines = queue.SimpleQueue[tuple[_Process, bytes]]


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    memory = "; was there enough memory?" if name == "SIGKILL" else ""
    return f"killed by {name}{memory}"


def _environment() -> dict[str, str]:
    """Variables of a worker: one BLAS thread, and a search path without the current folder.

    It imports this very package and what is installed, and nothing from the folder that the user is in, which
    an empty entry of PYTHONPATH would mean: others may be able to write there. A relative entry counts where
    this process has it too: after a change of folder it would mean another place.
    """
    home = str(Path(__file__).resolve().parents[2])
    inherited = "" if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "")
    installed = home in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    paths = [] if installed else [home]
    entries = [entry for entry in inherited.split(os.pathsep) if entry]
    paths += [os.path.abspath(entry) for entry in entries if os.path.isabs(entry) or _is_searched(entry)]
    return {
        **os.environ,
        **dict.fromkeys(THREADS, "1"),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONSAFEPATH": "1",
    }


def _is_searched(entry: str) -> bool:
    """Whether this process looks for modules in the place that a relative entry means now."""
    return os.path.abspath(entry) in sys.path


# ---- in the worker


def serve(service: Callable[[], Callable[[Mapping[str, Any]], Any]]) -> None:
    """The whole of a worker: answer(task) for every task of the pipe, until the other side ends.

    service() loads what the tasks need, and returns `answer`. What libraries print meanwhile goes to standard
    error, since standard output carries the answers.
    """
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):  # where memory runs out, Linux ends a worker before the process that started it
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    tasks: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(incoming, tasks), daemon=True).start()
    answer = service()
    _send(outgoing, READY)
    while True:
        task = tasks.get()
        message: dict[str, Any]
        try:
            message = {"answer": answer(task)}
        except Exception as error:  # of the service: what goes wrong in a task is part of its answer
            message = {"problem": f"a worker process cannot do its task: {type(error).__name__}: {error}"}
        _send(outgoing, json.dumps(message).encode() + b"\n")


def _receive(incoming: IO[bytes], tasks: queue.SimpleQueue[Mapping[str, Any]]) -> None:
    for line in incoming:
        tasks.put(json.loads(line))
    os._exit(0)  # the process that sent the tasks has ended: nobody waits for an answer


def _send(outgoing: IO[bytes], line: bytes) -> None:
    try:
        outgoing.write(line)
        outgoing.flush()
    except OSError:
        os._exit(0)
