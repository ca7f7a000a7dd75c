"""What the commands that write share: the output folder, the drawing of figures, the list of files."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError, MocoupledError
from ..files import replacing
from . import terminal


def as_path(text) -> Path:
    if not text.strip():
        raise InputError(f"folder {text!r}", "this is no path.", "allowed: a folder, new or not")
    return Path(text)


def draw_figures(result, folder, files, quiet, pressed, names=(), shared=None, **options):
    """Draw figure by figure, adding each path to `files`, until Ctrl-C; an error says that the results are whole.

    shared: (Painter, folder of the stored run) that draws with us, or None. pressed: tells whether Ctrl-C came.
    """
    from ..plots import FIGURES, draw, figures_of

    wanted = list(names) or figures_of(result)
    if not set(wanted) <= set(FIGURES):  # refused at once
        draw(result, folder, wanted, **options)
    todo, drawn = deque(wanted), {}
    worker = None if shared is None else shared[0].share(todo, drawn.__setitem__, shared[1], folder, options)
    name = ""
    try:
        with terminal.bar(quiet, "drawing") as update:
            while todo or worker is not None:
                if pressed():
                    todo.clear()
                    if worker is None:
                        break
                try:
                    name = todo.popleft()
                except IndexError:  # the other has the last one in hand: it finishes it, or gives it back
                    worker.join()
                    worker = None
                    continue
                update(len(drawn) / len(wanted), name)
                drawn[name] = draw(result, folder, [name], **options)
    except (MocoupledError, OSError):
        raise
    except Exception as error:  # whatever goes wrong in a picture, the numbers are stored
        what = f"{type(error).__name__}: {error}".rstrip(".")
        raise MocoupledError(
            f"the figure {name} could not be drawn ({what}); the stored results are whole."
        ) from error
    finally:
        todo.clear()
        if worker is not None:
            worker.join()
        files += [path for name in wanted for path in drawn.get(name, ())]


def write_netcdf(result, target, encoding=None):
    """A Dataset as a NetCDF file with its checksum, whole or not at all; its folder is made."""
    from ..results import netcdf

    target.parent.mkdir(parents=True, exist_ok=True)
    with told_when_full(target.parent):
        netcdf.write(result, target, encoding)


@contextmanager
def told_when_full(place):
    """A full disk, which netCDF4 reports as a RuntimeError, as an error of ours."""
    try:
        yield
    except RuntimeError as error:
        raise MocoupledError(
            f"the results could not be written in {place} ({error}). Is there space left?"
        ) from None


@contextmanager
def whole(target):
    """A path to write to; what was written there is at `target` when the block ends, whole, or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with told_when_full(target.parent), replacing(target) as temporary:
        yield temporary


def listed(files, folder):
    """Names of files, those of one folder together."""
    groups: dict[str, list[str]] = {}
    for file in files:
        parent = file.relative_to(folder).parent.as_posix()
        groups.setdefault(parent, []).append(file.name)
    return "; ".join(
        ", ".join(names) if parent == "." else f"{parent}/ {', '.join(names)}"
        for parent, names in groups.items()
    )
