"""Ctrl-C during a march: remembered until the present step is complete."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def deferred_interrupt() -> Iterator[Callable[[], bool]]:
    """Ctrl-C is remembered and not raised, so that no step is cut in two; a second Ctrl-C is raised at once.

    Yields a function that returns whether it was pressed. Outside the main thread Ctrl-C is left alone.
    A handler that is not Python's is left alone too: it could not be restored.
    """
    pressed: list[int] = []
    in_main_thread = threading.current_thread() is threading.main_thread()
    previous = signal.getsignal(signal.SIGINT)
    if not in_main_thread or previous is None:
        yield lambda: False
        return

    def remember(number: int, frame: FrameType | None) -> None:
        """The handler of the signal."""
        if pressed and callable(previous):
            previous(number, frame)
        pressed.append(number)

    signal.signal(signal.SIGINT, remember)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, previous)
