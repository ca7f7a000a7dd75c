"""The folder of a sweep or map is for one process at a time."""

from __future__ import annotations

import json
import os
import socket
import time as clock
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import InputError
from ..files import PREFIX, json_table, write_text

HOLDER = (
    f"{PREFIX}at-work.json"  # which process works in the folder; the lock itself is the operating system's
)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder, locked for this process; InputError where another works in it, with its number, machine and start.

    The lock (flock) ends with the process, however that ends: what a dead process left is taken over. Where the file
    system has no such lock, the process that the folder names counts as long as it lives on this machine.
    """
    handle = _locked(folder)
    try:
        write_text(
            folder / HOLDER,
            json.dumps({"process": os.getpid(), "machine": socket.gethostname(), "since": _now()}) + "\n",
            durable=False,
        )
        yield
    finally:
        with suppress(OSError):
            (folder / HOLDER).unlink()
        if handle is not None:
            os.close(handle)


def _locked(folder) -> int | None:
    """A handle that has the lock; None where there are no locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return handle
    except BlockingIOError:
        os.close(handle)
        raise _refusal(folder, _holder(folder)) from None
    except OSError:  # no locks on this file system
        os.close(handle)
    holder = _holder(folder)
    if holder.get("machine") == socket.gethostname() and _lives(holder.get("process")):
        raise _refusal(folder, holder)
    return None


def _holder(folder) -> dict:
    with suppress(OSError, ValueError):
        return json_table(folder / HOLDER)
    return {}


def _lives(process) -> bool:
    if not isinstance(process, int) or process <= 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _refusal(folder, holder) -> InputError:
    who = (
        f"process {holder.get('process')} on {holder.get('machine')}, since {holder.get('since')}"
        if holder
        else "another process"
    )
    return InputError(
        f"output {folder}",
        f"{who} is at work in this folder.",
        cure="wait until it has ended, or name another folder",
    )


def _now() -> str:
    return clock.strftime("%Y-%m-%d %H:%M:%S UTC", clock.gmtime())
