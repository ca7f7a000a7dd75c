"""The settings of every figure: matplotlib's defaults, not the user's, and one figure at a time."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ..errors import MocoupledError
from ..loading import loads_little

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")
# beginnings of the names of settings that stay the user's: none of them changes a figure
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
# matplotlib's settings are those of the process, and its text is not made for threads
_lock = threading.RLock()
_depth = 0


@contextmanager
def plain() -> Iterator[None]:
    """Within: matplotlib's defaults in place of the user's matplotlibrc; afterwards the former settings."""
    global _depth
    with _lock:
        if _depth:
            yield
            return
        matplotlib = _matplotlib()
        with matplotlib.rc_context():
            # of dict, not of RcParams, whose items and checks warn of deprecated settings
            defaults = dict.items(matplotlib.rcParamsDefault)
            replaced = {key: value for key, value in defaults if not key.startswith(KEPT)}
            dict.update(matplotlib.rcParams, replaced)
            _depth += 1
            try:
                yield
            finally:
                _depth -= 1


def plainly(function: Callable[Arguments, Returned]) -> Callable[Arguments, Returned]:
    """The function, drawing with the settings of `plain`."""

    @wraps(function)
    def drawing(*arguments: Arguments.args, **options: Arguments.kwargs) -> Returned:
        with plain():
            return function(*arguments, **options)

    return drawing


def new_figure(**options: Any) -> Figure:
    """A figure on white, of no backend. Every figure is made here, so that none escapes the settings.

    options: keywords of matplotlib's Figure. RuntimeError outside of `plain`.
    """
    if not _depth:
        raise RuntimeError("a figure is made outside of the settings for figures")
    from matplotlib.figure import Figure

    return Figure(facecolor="white", **options)


def _matplotlib() -> ModuleType:
    """matplotlib, loaded; where the user's settings prevent that, without them.

    MocoupledError where it does not load at all.
    """
    if "matplotlib.cm" in sys.modules:
        return sys.modules["matplotlib"]
    try:
        import matplotlib
    except (ValueError, OSError):  # an unknown backend in MPLBACKEND, a matplotlibrc that is no text
        former = {name: os.environ.pop(name, None) for name in ("MPLBACKEND", "MATPLOTLIBRC")}
        os.environ["MATPLOTLIBRC"] = os.devnull
        for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
            del sys.modules[name]  # partly loaded
        try:
            import matplotlib
        except (ValueError, OSError) as error:
            raise MocoupledError(
                f"matplotlib does not load with the settings of its file matplotlibrc ({error}). "
                "Repair or remove that file."
            ) from None
        finally:
            for name, value in former.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
    if loads_little():
        from matplotlib import artist

        # the texts of help(): to make them takes a quarter of the time that matplotlib takes to load
        vars(artist)["kwdoc"] = lambda _: ""
    return matplotlib
