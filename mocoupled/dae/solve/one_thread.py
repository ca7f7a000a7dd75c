"""One thread for linear algebra while any march is under way: a setting of the whole process, shared by threads that march."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

_guard = threading.Lock()
_count = 0
_over: threading.Event | None = None
_holder: threading.Thread | None = None


@contextmanager
def one_thread() -> Iterator[None]:
    """Within: one thread for BLAS. The first of several at once sets it; the last puts back what was there.

    A thread of its own sets the limit and puts it back: threadpoolctl 3.8 ignores a thread other than the one that set it first.
    """
    global _count, _over, _holder
    with _guard:
        if not _count:
            ready, _over = threading.Event(), threading.Event()
            _holder = threading.Thread(target=_hold, args=(ready, _over), daemon=True)
            _holder.start()
            ready.wait()
        _count += 1
    try:
        yield
    finally:
        with _guard:
            _count -= 1
            if not _count:
                _over.set()
                _holder.join()


def _hold(ready: threading.Event, over: threading.Event):
    """Keep the limit from `ready` until `over`."""
    try:
        with threadpool_limits(1):
            ready.set()
            over.wait()
    finally:
        ready.set()
