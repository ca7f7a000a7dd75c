"""Signals that end the process: the march stops after its step, and the finished part is stored first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# of a batch system before it kills, of a terminal that is gone, of Windows
NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")


@contextmanager
def stored_before_the_end() -> Iterator[Callable[[], None]]:
    """SIGTERM, SIGHUP and SIGBREAK act as Ctrl-C on a march in the block.

    When the block is left, they act as always. Yields a function to call when the results are there to be
    stored: from then on the first signal waits until the block is left. Any other that comes while nothing
    marches ends the process at once. One that has a handler already, or is ignored, is left to it: the
    command has handlers for all of them. Outside the main thread no signal can be handled.
    """
    received: list[int] = []
    storing: list[bool] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return

    def remember(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if storing and len(received) == 1:
            return
        marching = signal.getsignal(signal.SIGINT)
        if callable(marching) and marching is not signal.default_int_handler:
            signal.raise_signal(signal.SIGINT)
            return
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    unhandled = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in unhandled:
        signal.signal(number, remember)
    try:
        yield lambda: storing.append(True)
    finally:
        for number in unhandled:
            # another handler was set meanwhile, by a progress function for instance: it stays
            if signal.getsignal(number) is remember:
                signal.signal(number, signal.SIG_DFL)
        if received:
            signal.raise_signal(received[0])
