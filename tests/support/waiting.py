"""Waiting for events: a file, a line of output, the end of a process. The bounds guard against a hang alone.

No test compares the time that something takes with a limit that a slow or busy machine could pass.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from subprocess import Popen
from typing import TypeVar

# s; far above what any event or command of the tests takes on a busy machine
HANG = 600.0
# s that a sleeping process of a test would take if nobody ended it
ENDLESS = 10 * HANG
# s of this process's CPU time; the faults that such tests were written for took minutes, or never ended
HOSTILE = 30.0
PAUSE = 0.01  # s between two looks
Value = TypeVar("Value")


def until(event: Callable[[], Value], process: Popen | None = None) -> Value:
    """The first true value of event(). AssertionError where the process ends before it, or after HANG
    seconds."""
    end = time.monotonic() + HANG
    while not (value := event()):
        ended = process is not None and process.poll() is not None
        if ended and (value := event()):
            break
        assert not ended, f"the process ended before the event, with exit status {process.returncode}"
        assert time.monotonic() < end, f"the event did not come within {HANG:g} s"
        time.sleep(PAUSE)
    return value


@contextmanager
def at_once() -> Iterator[None]:
    """The work inside is refused before it computes: it takes less CPU time than any of the former faults."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < HOSTILE
