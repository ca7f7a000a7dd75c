"""Signals that end the process: the march stops after its step, and the finished part is stored first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# of a batch system before it kills, of a terminal that is gone, of Windows
NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")


@contextmanager
def stored_before_the_end() -> Iterator[None]:
    """SIGTERM, SIGHUP and SIGBREAK act as Ctrl-C on a march in the block.

    After the block they act as always: a signal that came during a march then ends the process.
    A signal that comes while nothing marches ends the process at once.
    A signal that has a handler already, or is ignored, keeps its handler: the command handles all of them.
    Outside the main thread no signal can be handled.
    """
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def remember(number: int, frame: FrameType | None) -> None:
        received.append(number)
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
        yield
    finally:
        for number in unhandled:
            signal.signal(number, signal.SIG_DFL)
        if received:
            signal.raise_signal(received[0])
