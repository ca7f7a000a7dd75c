"""The lock of a folder of a sweep, map or reproduced paper, with the process that works in the folder."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files import PREFIX, json_table, sweep_up, write_text
from ..runs.locks import take
from ..runs.run_folder import stamp

# which process works in the folder; the lock itself is the operating system's
HOLDER = f"{PREFIX}at-work.json"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder, locked for this process.

    InputError where another works in it, with its number, machine and start. The lock ends with the process,
    however that ends: what a dead process left is taken over. Where the file system has no such lock, the
    process that the folder names counts as long as it lives on this machine. Temporary files that a killed
    process left are removed.
    """
    handle = _lock(folder)
    try:
        sweep_up(folder)
        about = {"process": os.getpid(), "machine": socket.gethostname(), "since": stamp()}
        write_text(folder / HOLDER, json.dumps(about) + "\n", durable=False)
        yield
    finally:
        with suppress(OSError):
            (folder / HOLDER).unlink()
        if handle is not None:
            os.close(handle)


def _lock(folder: Path) -> int | None:
    """A handle that has the lock; None where there are no locks."""
    try:
        handle = take(folder)
    except BlockingIOError:
        raise _refusal(folder, _holder(folder)) from None
    holder = _holder(folder) if handle is None else {}
    if holder.get("machine") == socket.gethostname() and _lives(holder.get("process")):
        raise _refusal(folder, holder)
    return handle


def _holder(folder: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        return json_table(folder / HOLDER)
    return {}


def _lives(process: object) -> bool:
    if not isinstance(process, int) or process <= 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _refusal(folder: Path, holder: dict[str, Any]) -> InputError:
    who = "another process"
    if holder:
        who = f"process {holder.get('process')} on {holder.get('machine')}, since {holder.get('since')}"
    return InputError(
        f"output {folder}",
        f"{who} is working in this folder.",
        cure="wait until it has ended, or name another folder",
    )
