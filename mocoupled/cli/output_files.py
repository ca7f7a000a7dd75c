"""What the commands that write share: paths, drawing of figures, whole files, lists of files."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError, MocoupledError
from ..files import new_file, replacing
from .terminal import bar

if TYPE_CHECKING:
    import pandas
    import xarray

    from ..runs.painting import Painter


# endings of figures, and of all that `write_result` writes
FIGURES = (".png", ".pdf")
FILES = (*FIGURES, ".nc", ".csv")


def as_path(text: str) -> Path:
    """The path that an option names; InputError for blank text."""
    if not text.strip():
        raise InputError(f"folder {text!r}", "this is not a path.", "allowed: a folder, new or not")
    return Path(text)


def result_files(outputs: Sequence[str]) -> list[Path]:
    """The paths of the files to write by `write_result`, checked: none may exist."""
    return [new_file(output, suffixes=FILES, cure="remove it") for output in outputs]


@contextmanager
def warnings_printed() -> Iterator[None]:
    """Within: warnings are collected; they are printed when the block ends without an error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ResourceWarning)  # of files that a library leaves open
        yield
    for warning in caught:
        click.echo(f"warning: {warning.message}", err=True)


def write_result(
    result: xarray.Dataset,
    target: Path,
    draw: Callable[[xarray.Dataset, Path], None] | None,
    table: Callable[[xarray.Dataset], pandas.DataFrame],
) -> None:
    """Write a result, its figure or its table, by the ending of the target; and print that it is written.

    draw: None where there is no figure.
    """
    if draw is not None and target.suffix in FIGURES:
        draw(result, target)
    elif target.suffix == ".nc":
        write_netcdf(result, target)
    else:
        with whole(target) as path:
            table(result).to_csv(path, index=False)
    click.echo(f"wrote {target}")


def draw_figures(
    result: xarray.Dataset,
    folder: Path,
    files: list[Path],
    quiet: bool,
    pressed: Callable[[], bool],
    names: Sequence[str] = (),
    shared: tuple[Painter, Path] | None = None,
    **options: Any,
) -> None:
    """Draw figure by figure, adding each path to `files`, until Ctrl-C.

    names: of the figures; () for all that the run fills. shared: (Painter, folder of the stored run), a
    second process that draws too. pressed: whether Ctrl-C came. options: those of `plots.draw`.
    MocoupledError, which says that the results are whole, where a figure cannot be drawn.
    """
    from ..plots import FIGURES, draw, figures_of

    wanted = list(names) or figures_of(result)
    if not set(wanted) <= set(FIGURES):  # refused at once
        draw(result, folder, wanted, **options)
    todo, drawn = deque(wanted), dict[str, list[Path]]()
    worker = None if shared is None else shared[0].share(todo, drawn.__setitem__, shared[1], folder, options)
    name = ""
    try:
        with bar(quiet, "drawing") as update:
            while todo or worker is not None:
                if pressed():
                    todo.clear()
                    if worker is None:
                        break
                try:
                    name = todo.popleft()
                except IndexError:  # the other process draws the last figure: it finishes it, or puts it back
                    if worker is not None:
                        worker.join()
                    worker = None
                    continue
                update(len(drawn) / len(wanted), name)
                drawn[name] = draw(result, folder, [name], **options)
    except (MocoupledError, OSError):
        raise
    except Exception as error:  # whatever fails in a picture, the numbers are stored
        what = f"{type(error).__name__}: {error}".rstrip(".")
        raise MocoupledError(
            f"the figure {name} could not be drawn ({what}); the stored results are whole."
        ) from error
    finally:
        todo.clear()
        if worker is not None:
            worker.join()
        files += [path for name in wanted for path in drawn.get(name, ())]


def write_netcdf(
    result: xarray.Dataset, target: Path, encoding: Mapping[str, dict[str, Any]] | None = None
) -> None:
    """Write a Dataset as a NetCDF file with its checksum, whole or not at all; its folder is made."""
    from ..results import netcdf

    target.parent.mkdir(parents=True, exist_ok=True)
    with full_disk_reported(target.parent):
        netcdf.write(result, target, encoding)


@contextmanager
def full_disk_reported(place: Path) -> Iterator[None]:
    """Within: a full disk, which netCDF4 reports as a RuntimeError, is raised as a MocoupledError."""
    try:
        yield
    except RuntimeError as error:
        raise MocoupledError(
            f"the results could not be written in {place} ({error}). Is there space left?"
        ) from None


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A path to write to; its content is at `target` when the block ends, whole, or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with full_disk_reported(target.parent), replacing(target) as temporary:
        yield temporary


def listed(files: Sequence[Path], folder: Path) -> str:
    """Names of files on one line, those of one folder together."""
    groups: dict[str, list[str]] = {}
    for file in files:
        parent = file.relative_to(folder).parent.as_posix()
        groups.setdefault(parent, []).append(file.name)
    parts = []
    for parent, names in groups.items():
        text = ", ".join(names)
        parts.append(text if parent == "." else f"{parent}/ {text}")
    return "; ".join(parts)
