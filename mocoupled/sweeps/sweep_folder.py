"""The folder of a sweep or map: claimed, begun, and compared with the grid that is to go on in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..case import Case
from ..errors import InputError
from ..files import PREFIX, content, toml, write_text
from .case_outcome import BASE, STOP
from .grid import Grid

GRID = "grid.toml"


def claim(grid: Grid, folder: Path, resume: bool) -> None:
    """InputError unless the folder is new or empty, or, to resume, is of a sweep of this grid and base."""
    if any(part.exists() and not part.is_dir() for part in (folder, *folder.parents)):
        raise InputError(
            f"output {folder}", "this path, or a part of it, is a file.", "allowed: a folder, new or empty"
        )
    there = (folder / GRID).exists() and (folder / BASE).exists()
    if resume:
        if not there:
            raise InputError(
                f"output {folder}",
                f"there is no sweep to resume: the folder has no {GRID} and {BASE}.",
                cure="leave out --resume, or name the sweep's folder",
            )
        _check_same(grid, folder)
        return
    if there:
        raise InputError(
            f"output {folder}",
            "the folder contains a sweep already.",
            cure="continue it with --resume (resume=True), or name another folder",
        )
    if folder.is_dir() and not all(path.name.startswith(PREFIX) for path in folder.iterdir()):
        raise InputError(
            f"output {folder}",
            "the folder is not empty.",
            "allowed: a new or empty folder, or with --resume one of a sweep",
        )


def _check_same(grid: Grid, folder: Path) -> None:
    """InputError where the folder is of another grid or base case, or cannot be read."""
    here = tomllib.loads(grid.to_toml(BASE))
    try:
        there = toml(content(folder / GRID).decode("utf-8"))
        base = Case.read(folder / BASE)
    except (OSError, ValueError, RecursionError, InputError) as error:
        raise InputError(
            f"output {folder}",
            f"the description of the sweep in this folder cannot be read ({error}).",
            cure="name another folder",
        ) from None
    keys = dict.fromkeys([*here, *there])
    differing = [key for key in keys if key != "title" and here.get(key) != there.get(key)]
    if differing:
        shown = "; ".join(
            f"[{key}] is {_short(there.get(key))} there, {_short(here.get(key))} here" for key in differing
        )
        raise InputError(
            f"output {folder}",
            f"the folder contains another sweep: {shown}.",
            "allowed: the grid that the folder was made with",
            "name another folder",
        )
    if base != grid.base:
        ours, theirs = _leaves(grid.base.resolved()), _leaves(base.resolved())
        odd = [key for key in ours if ours[key] != theirs.get(key) and key not in ("name", "title")]
        listed = ", ".join((odd or ["name or title"])[:5])
        raise InputError(
            f"output {folder}",
            f"the folder contains a sweep of another base case: {listed} differ.",
            cure="name another folder",
        )


def begin(grid: Grid, folder: Path) -> None:
    """Make the folder, and write what the sweep is of."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{STOP}-*"):
        if not left.is_dir():
            left.unlink(missing_ok=True)
    write_text(folder / BASE, grid.base.to_toml())
    write_text(folder / GRID, grid.to_toml(BASE))


def _short(value: object) -> str:
    text = "absent" if value is None else str(value)
    return text if len(text) <= 120 else text[:117] + "..."


def _leaves(document: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Dotted key -> value of every leaf."""
    leaves: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, dict):
            leaves |= _leaves(value, f"{before}{key}.")
        else:
            leaves[f"{before}{key}"] = value
    return leaves
