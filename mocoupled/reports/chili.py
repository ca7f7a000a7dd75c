"""Files for CHILI, the intercomparison of magma-ocean models: of a run, and of an equilibrium.

Written are the table (chili_tables.py), the resolved case, and the notes (chili_notes.py) on what each column
holds and what departs from the protocol.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..files import content, new_folder, write_text
from .chili_notes import evolution_notes, merged, static_notes
from .chili_tables import ATOMIC_WEIGHTS, case_of, chosen_rows, evolution_table, static_table

if TYPE_CHECKING:
    import xarray

CODE = "mocoupled"
LARGEST = 1_000_000  # bytes of a file
# kg of an element in the planets of the grid
GRID = {
    "H": {"low": 1.6e20, "mid": 7.8e20, "high": 1.6e21},
    "C": {"low": 1.36e20, "mid": 2.73e20, "high": 5.44e20},
}
GRIDDED = ("earth", "venus")  # planets that have a grid
SAME = 5e-3  # relative difference up to which an inventory is that of the grid
CONDITIONS = ("temperature", "total_pressure", "melt_fraction")  # of an equilibrium
ABOUT = ("case_name", "mechanism", "mechanism_sha256", "thermochemistry", "oxygen_fugacity", "fugacity")


def export(
    result: xarray.Dataset,
    folder: str | os.PathLike[str],
    planet: str | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Write a run in CHILI's layout; the paths written.

    outputs/mocoupled/evolution-mocoupled-<planet>-data.csv: the table.
    outputs/mocoupled/evolution-mocoupled-notes.txt: the notes; sections on other planets stay.
    inputs/mocoupled/evolution-mocoupled-<planet>-config.toml: the resolved case.
    planet: its name in the files; by default that of a shipped case (chili-earth), with the inventories of
    the grid where the run has them (earth-grid-Hlow-Cmid).
    InputError, before anything is written, for a run without a name of CHILI's, or a data file that exists,
    unless overwrite.
    """
    name = planet_name(result, planet)
    files = _paths(folder, f"evolution-{CODE}-{name}", f"evolution-{CODE}", overwrite)
    table = evolution_table(result)
    melt = table["phi(vol_frac)"] if np.isfinite(table["phi(vol_frac)"]).all() else table["phi(mass_frac)"]
    rows = chosen_rows(result["time"].values, melt)
    text = _csv(table, rows)
    notes = evolution_notes(result, case_of(result), name, len(rows))
    return _write(files, text, result.attrs["case"], notes)


def export_static(
    state: xarray.Dataset,
    folder: str | os.PathLike[str],
    planet: str,
    snapshot: str,
    overwrite: bool = False,
) -> list[Path]:
    """Write one equilibrium in CHILI's layout, as `export` writes a run; the paths written.

    The table is static-mocoupled-<planet>-<snapshot>-data.csv. snapshot: such as "tau3-cold".
    InputError for another form of the snapshot.
    """
    if not re.fullmatch(r"tau[3-9]-(hot|cold)", snapshot):
        raise InputError(
            f"snapshot = {snapshot!r}",
            "this is not a snapshot of CHILI.",
            "allowed: tau3 to tau9, with -hot or -cold, such as 'tau3-cold'",
        )
    name = _checked_name(planet)
    text = _csv(static_table(state), np.array([0]))
    files = _paths(folder, f"static-{CODE}-{name}-{snapshot}", f"static-{CODE}", overwrite)
    return _write(files, text, _conditions(state), static_notes(state, f"{name}-{snapshot}"))


def planet_name(result: xarray.Dataset, planet: str | None = None) -> str:
    """The name of the planet in the files, checked.

    planet: as the user names it; by default that of a case chili-NAME. InputError where there is no such
    name.
    """
    if planet is not None:
        return _checked_name(planet)
    case_name = result.attrs.get("case_name", "")
    if not case_name.startswith("chili-"):
        raise InputError(
            "planet",
            f"the run is of {case_name!r}, which is not a case of CHILI.",
            "allowed: a run of chili-earth and so on",
            "name the planet: --planet NAME",
        )
    name = _checked_name(case_name.removeprefix("chili-"))
    if name not in GRIDDED or "element_moles" not in result:
        return name
    moles = result["element_moles"].isel(time=0)
    hydrogen, carbon = _level(moles, "H"), _level(moles, "C")
    return f"{name}-grid-H{hydrogen}-C{carbon}" if hydrogen and carbon else name


def _level(moles: xarray.DataArray, element: str) -> str:
    """The name of the grid's inventory that is this one; "" where there is none. moles: along `element`."""
    mass = 0.0
    if element in moles.element.values:
        mass = float(moles.sel(element=element)) * ATOMIC_WEIGHTS[element]
    for level, inventory in GRID[element].items():
        if abs(mass - inventory) < SAME * inventory:
            return level
    return ""


def _checked_name(name: str) -> str:
    """The name, if it may stand in the name of a file; InputError otherwise."""
    if not re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", name):
        raise InputError(
            f"planet = {name!r}",
            "not a name for files.",
            "allowed: letters, digits and single hyphens, such as 'earth'",
        )
    return name


def _csv(table: Mapping[str, np.ndarray], rows: np.ndarray) -> str:
    """These rows of the table as text; InputError where the file would be too large."""
    columns = [values[rows] for values in table.values()]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(["NaN" if np.isnan(v) else f"{v:.9e}" for v in row] for row in zip(*columns))
    text = file.getvalue()
    if len(text) > LARGEST:
        raise InputError("table", f"it would be a file of {len(text)} bytes.", f"allowed: {LARGEST}")
    return text


def _paths(folder: str | os.PathLike[str], stem: str, notes: str, overwrite: bool) -> dict[str, Path]:
    """Paths of data, config and notes; InputError where data or config exists, unless overwrite."""
    home = Path(folder)
    out, put = (new_folder(home / part / CODE) for part in ("outputs", "inputs"))
    files = {
        "data": out / f"{stem}-data.csv",
        "config": put / f"{stem}-config.toml",
        "notes": out / f"{notes}-notes.txt",
    }
    existing = [str(files[kind]) for kind in ("data", "config") if files[kind].exists()]
    if existing and not overwrite:
        raise InputError(
            f"output {home}",
            f"it holds {' and '.join(existing)} already.",
            cure="name another folder, or overwrite them with --overwrite",
        )
    return files


def _write(files: Mapping[str, Path], table: str, config: str, notes: Mapping[str, list[str]]) -> list[Path]:
    """Write the three files; the paths. notes: heading -> items, which replace those of the same heading."""
    old = ""
    if files["notes"].exists():
        old = content(files["notes"]).decode("utf-8", errors="replace")
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    for kind, text in (("data", table), ("config", config), ("notes", merged(old, notes))):
        write_text(files[kind], text, newline="\n")
    return list(files.values())


def _conditions(state: xarray.Dataset) -> str:
    """The conditions of an equilibrium, and what it was computed with, as TOML."""
    import tomli_w

    alone = state.squeeze(drop=False)
    conditions = {}
    for name in map(str, alone.variables):
        if not alone[name].dims and (name in CONDITIONS or name.startswith("moles_")):
            conditions[name] = float(alone[name])
    about = {name: str(alone.attrs[name]) for name in ABOUT if name in alone.attrs}
    return tomli_w.dumps({"asked": conditions, "with": about})  # names of the file's format
