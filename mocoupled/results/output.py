"""Results on disk: the folder of a run, claimed and written, and every stored result, read back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..conditions import path as path_of
from ..errors import InputError
from ..files import json_table, new_folder, write_text
from . import netcdf
from .file_names import CASE, EVOLUTION, LOG, MAP, RUNNING, SUMMARY, SWEEP
from .summaries import summary

if TYPE_CHECKING:
    import xarray

RUN_FILES = (EVOLUTION, SUMMARY, CASE, LOG)


def claim(folder: str | os.PathLike, overwrite: bool = False) -> Path:
    """The output folder, checked and not yet made.

    InputError where it is a file, cannot be made, or contains a run that may not be overwritten.
    """
    path = new_folder(folder)
    there = [name for name in RUN_FILES if os.path.lexists(path / name)]
    if there and not overwrite:
        status = status_of(path)
        unfinished = status in (RUNNING, "interrupted")
        state = f"unfinished ({status!r})" if unfinished else ", ".join(there)
        cure = (
            f"continue it with 'mocoupled resume {path}', or replace it with --overwrite"
            if unfinished
            else "name another folder, or overwrite it with --overwrite"
        )
        raise InputError(f"output {path}", f"the folder contains a run already ({state}).", cure=cure)
    if there == [CASE]:
        raise InputError(
            f"output {path}",
            f"its {CASE} does not belong to a run: no run has begun in this folder.",
            cure="name another folder, or move the file",
        )
    check_files(path, f"output {path}")
    return path


def check_files(folder: Path, where: str) -> None:
    """InputError where a folder has the name of a file that a run writes."""
    if odd := [name for name in RUN_FILES if (folder / name).is_dir()]:
        raise InputError(where, f"{odd[0]} in it is a folder.", cure="move it, or name another folder")


def status_of(folder: Path) -> str:
    """The status of the run in a folder, from summary.json; "" where there is none."""
    try:
        return str(json_table(folder / SUMMARY)["status"])
    except (OSError, ValueError, KeyError):
        return ""


def write(result: xarray.Dataset, folder: Path, log: str = "") -> list[Path]:
    """Write evolution.nc, summary.json, case.toml and run.log, each whole or not at all; their paths.

    summary.json comes last: where it says "complete", the others are there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = netcdf.write(result, folder / EVOLUTION)
    write_text(folder / CASE, result.attrs["case"])
    write_text(folder / LOG, log, durable=False)
    text = json.dumps(_finite(summary(result)), indent=1, allow_nan=False)
    write_text(folder / SUMMARY, text + "\n", durable=False)
    return [path, *(folder / name for name in (SUMMARY, CASE, LOG))]


def _finite(value: Any) -> Any:
    """A value of JSON with null for numbers that are not finite, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _runs_below(folder: Path, most: int = 8) -> str:
    """The runs in the folders of a folder, as a cure: "runs in it: ..."; "" where there are none."""
    try:
        runs = sorted(
            str(file.parent)
            for depth in ("*", "*/*", "*/*/*")
            for file in folder.glob(f"{depth}/{EVOLUTION}")
        )
    except OSError:
        return ""
    more = f" and {len(runs) - most} more" if len(runs) > most else ""
    return f"runs in it: {', '.join(runs[:most])}{more}" if runs else ""


def read_one(folder: str | os.PathLike) -> xarray.Dataset:
    """As `read`, for one run only: InputError for the folder of a sweep or map, with the runs in it."""
    path = path_of(folder, "run")
    if not (path / EVOLUTION).exists():
        for name, kind in ((SWEEP, "sweep"), (MAP, "map of equilibria")):
            if (path / name).exists():
                raise InputError(
                    f"{path}",
                    f"this is a {kind}, not a run.",
                    f"allowed: the folder of a run ({EVOLUTION})",
                    _runs_below(path),
                )
    return read(path)


def read(folder: str | os.PathLike) -> xarray.Dataset:
    """The stored result of a run, of a sweep (its table along the axes) or of a map: of a folder, or a file.

    attrs["status"] of a run is "complete", "interrupted" or "failed". Of a sweep, a case without a result is
    NaN, with its `status` and `reason`; a species that a case does not have is NaN there. A map is opened,
    its values read on demand. InputError for a file that is damaged or has numbers that are not finite.
    """
    path = path_of(folder, "run")
    inside = path.is_dir()
    if inside:
        stored = (path / name for name in (EVOLUTION, SWEEP, MAP) if (path / name).exists())
        path = next(stored, path / EVOLUTION)
    if not path.exists() and status_of(path.parent) == RUNNING:
        raise InputError(
            f"{path}",
            "the run has not ended.",
            cure=f"if it was cut off, 'mocoupled resume {path.parent}' continues it",
        )
    if not path.exists():
        raise InputError(
            f"{path}",
            "there is no stored run.",
            f"allowed: the folder of a run ({EVOLUTION}), sweep ({SWEEP}) or map ({MAP}),"
            " or a .nc file that mocoupled wrote",
            _runs_below(path.parent),
        )
    if path.name == MAP:
        return netcdf.open_on_demand(path)
    return netcdf.load(path, marked=inside and path.name == EVOLUTION)
