"""The operating system's lock on a folder: the system releases it when the process ends, for any reason."""

from __future__ import annotations

import os
from pathlib import Path


def take(folder: Path) -> int | None:
    """A handle that has the lock until it is closed; None where the system has no such locks.

    Raises BlockingIOError where another handle has the lock. There is none on Windows and on some network
    drives.
    """
    try:
        import fcntl
    except ImportError:
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:
        os.close(handle)
        return None
    return handle
