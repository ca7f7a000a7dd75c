"""One thread for linear algebra during any march: a setting of the whole process, shared by its threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from threadpoolctl import threadpool_limits


@dataclass(frozen=True)
class _Keeper:
    """The thread that keeps the limit until `over` is set."""

    thread: threading.Thread
    over: threading.Event


_guard = threading.Lock()
_count = 0
_keeper: _Keeper | None = None


@contextmanager
def one_thread() -> Iterator[None]:
    """Within: one thread for BLAS. The first of several at once sets it; the last restores the setting.

    A separate thread sets the limit and restores it.
    threadpoolctl 3.8 ignores any thread other than the one that set the limit first.
    """
    global _count, _keeper
    with _guard:
        if not _count:
            _keeper = _limited()
        _count += 1
    try:
        yield
    finally:
        with _guard:
            _count -= 1
            if not _count and _keeper is not None:
                _keeper.over.set()
                _keeper.thread.join()


def _limited() -> _Keeper:
    """A thread that has set the limit."""
    ready, over = threading.Event(), threading.Event()
    thread = threading.Thread(target=_keep, args=(ready, over), daemon=True)
    thread.start()
    ready.wait()
    return _Keeper(thread, over)


def _keep(ready: threading.Event, over: threading.Event) -> None:
    """Set the limit, then set `ready`, and keep the limit until `over`."""
    try:
        with threadpool_limits(1):
            ready.set()
            over.wait()
    finally:
        ready.set()
