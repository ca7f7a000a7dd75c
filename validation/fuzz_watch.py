"""Reads an input of the fuzzer under watch: its time, the files it writes and the programs it starts."""

from __future__ import annotations

import collections
import contextlib
import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from fuzz_targets import Target

SECONDS = 10.0  # of the processor, for an input; the slowest sound one takes about two, with its compilation


class Hang(BaseException):
    """The time of an input is over; no `except Exception` of the program can swallow it."""


WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
STARTS = {
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "subprocess.Popen",
    "socket.connect",
    "pickle.find_class",
    "pty.spawn",
}
CHANGES = {
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.symlink",
    "os.link",
    "os.chmod",
    "os.truncate",
}


@dataclass
class Watch:
    """What is watched: the folder of the input (None: nothing), forbidden acts seen, accepted inputs by
    target."""

    folder: str | None = None
    seen: list[str] = field(default_factory=list)
    accepted: collections.Counter[str] = field(default_factory=collections.Counter)


WATCH = Watch()


def _audited(event: str, arguments: tuple[Any, ...]) -> None:
    """Python reports every file opened and program started; what an input may not do is noted."""
    folder = WATCH.folder
    if folder is None:
        return
    if event in STARTS:
        dangerous = ("os", "posix", "subprocess", "builtins")
        if event != "pickle.find_class" or arguments[0] in dangerous:
            WATCH.seen.append(f"{event} {arguments!r:.200}")
    elif (event == "open" or event in CHANGES) and _writes(event, arguments):
        path = arguments[0]
        if isinstance(path, (str, bytes, os.PathLike)):
            real = os.path.realpath(os.fsdecode(path))
            temporary = os.path.realpath(tempfile.gettempdir()) + "/tmp"
            allowed = real.startswith((folder, "/dev/null", temporary))
            if not allowed and ".pyc" not in real and "matplotlib" not in real:
                WATCH.seen.append(f"{event} {real}")


def _writes(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether an event writes or changes a file that is named by its path."""
    if event == "open":
        return bool(arguments[2] & WRITES)
    return arguments[-1] in (-1, None) or not isinstance(arguments[-1], int)


@cache
def _watching() -> None:
    sys.addaudithook(_audited)


def _expired(number: int, frame: FrameType | None) -> None:
    raise Hang


def problem_of(target: Target, text: bytes, deep: bool, seconds: float = SECONDS) -> str:
    """The fault in how this input is read; "" if there is none."""
    _watching()
    with tempfile.TemporaryDirectory(prefix="fuzz") as holder:
        folder = Path(holder).resolve() / "inside"
        folder.mkdir()
        path = folder / f"input{target.suffix}"
        path.write_bytes(text)
        if target.apart:
            return _apart(target, path, deep, seconds)
        return _problem(target, path, deep, seconds)


def _problem(target: Target, path: Path, deep: bool, seconds: float) -> str:
    """Read a file within its time and folder; the fault, "" if there is none."""
    WATCH.folder, WATCH.seen = str(path.parent), []
    previous = [(number, signal.signal(number, _expired)) for number in (signal.SIGALRM, signal.SIGPROF)]
    signal.setitimer(signal.ITIMER_PROF, seconds * target.slow)
    # Waiting for a pipe takes no time of the processor.
    signal.setitimer(signal.ITIMER_REAL, 6 * seconds * target.slow)
    from mocoupled.errors import MocoupledError

    problem = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.read(path, deep)
        WATCH.accepted[target.name] += 1
    except MocoupledError as error:
        if not str(error).strip():
            problem = "an error without a word"
    except Hang:
        problem = f"hang: more than {seconds:g} s"
    except BaseException as error:  # whatever it is, it is a finding
        problem = "".join(traceback.format_exception(error)[-6:])
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in previous:
            signal.signal(number, handler)
        WATCH.folder = None
    outside = [p.name for p in path.parent.parent.iterdir() if p != path.parent]
    canaries = [p.name for p in path.parent.rglob("canary")]
    if not problem and (WATCH.seen or outside or canaries):
        problem = f"touched what it must not: {[*WATCH.seen, *outside, *canaries]}"
    return problem


def _apart(target: Target, path: Path, deep: bool, seconds: float) -> str:
    """The same in a separate process, whose death is a finding."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(reading)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.write(writing, _problem(target, path, deep, seconds).encode()[-8000:])
            os._exit(0)
        os._exit(99)
    os.close(writing)
    end = time.monotonic() + 3 * seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(reading)
            return f"hang: more than {3 * seconds:g} s, in C"
        time.sleep(0.002)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    if os.WIFSIGNALED(status):
        return f"died of {signal.Signals(os.WTERMSIG(status)).name}"
    return answer.decode(errors="replace")
