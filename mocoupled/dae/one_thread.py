"""One thread for linear algebra while any march is under way: a setting of the whole process, shared by threads that march."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

_guard = threading.Lock()
_count = 0
_limits: threadpool_limits | None = None


@contextmanager
def one_thread() -> Iterator[None]:
    """Within: one thread for BLAS. The first of several at once sets it; the last puts back what was there."""
    global _count, _limits
    with _guard:
        if not _count:
            _limits = threadpool_limits(1)
        _count += 1
    try:
        yield
    finally:
        with _guard:
            _count -= 1
            if not _count and _limits is not None:
                _limits.restore_original_limits()
                _limits = None
