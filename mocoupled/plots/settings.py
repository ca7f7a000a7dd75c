"""The settings that every figure is drawn with: matplotlib's defaults, whatever those of the user are, and one figure at a time."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from ..errors import MocoupledError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KEPT = (
    "backend",
    "backend_fallback",
    "interactive",
    "toolbar",
    "webagg.",
    "tk.",
    "figure.hooks",
    "savefig.directory",
    "timezone",
    "date.epoch",
)
_lock = (
    threading.RLock()
)  # matplotlib's settings are those of the process, and its text is not made for threads
_depth = 0


@contextmanager
def plain() -> Iterator[None]:
    """Within: matplotlib's defaults in place of the user's matplotlibrc. Afterwards the settings are as they were."""
    global _depth
    with _lock:
        if _depth:
            yield
            return
        matplotlib = _matplotlib()
        with matplotlib.rc_context():
            dict.update(
                matplotlib.rcParams,
                {
                    key: value
                    for key, value in dict.items(matplotlib.rcParamsDefault)
                    if not key.startswith(KEPT)
                },
            )
            _depth += 1
            try:
                yield
            finally:
                _depth -= 1


def plainly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, drawing with the settings of `plain`."""

    @wraps(function)
    def drawing(*args, **options):
        with plain():
            return function(*args, **options)

    return drawing


def new_figure(**options) -> Figure:
    """A figure on white, of no backend. Every figure is made here, so that none escapes the settings."""
    if not _depth:
        raise RuntimeError("a figure is made outside of the settings for figures")
    from matplotlib.figure import Figure

    return Figure(facecolor="white", **options)


def _matplotlib():
    """matplotlib, loaded; where the user's settings keep it from loading, without them."""
    if "matplotlib.cm" in sys.modules:
        return sys.modules["matplotlib"]
    try:
        import matplotlib
    except (ValueError, OSError):  # a backend in MPLBACKEND that there is not, a matplotlibrc that is no text
        changed = {"MPLBACKEND": None, "MATPLOTLIBRC": os.devnull}
        kept = {name: os.environ.pop(name, None) for name in changed}
        os.environ.update({name: value for name, value in changed.items() if value})
        for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
            del sys.modules[name]  # loaded by half
        try:
            import matplotlib
        except (ValueError, OSError) as error:
            raise MocoupledError(
                f"matplotlib does not load with the settings of its file matplotlibrc ({error}). Mend or remove that file."
            ) from None
        finally:
            for name, value in kept.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
    return matplotlib
