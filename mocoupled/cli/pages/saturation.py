"""The page of `mocoupled saturation`: a row for each law, and the cells as a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from .point_tables import point_table
from .text import ARGUMENTS, rows, span, table, years

if TYPE_CHECKING:
    import pandas
    import xarray
    from rich.console import Console


COLUMNS = ("saturation_ratio", "saturated_mass_fraction", "log10_fO2")


def print_saturation(made: xarray.Dataset, console: Console) -> None:
    """Print the saturation of a run, of `mo.saturation_at_depth`."""
    head = ["law", "ppmw", "ratio", "at", "GPa", "km", "first saturated"]
    body, silent = [], json.loads(made.attrs["nothing_dissolved"])
    for k in range(made.sizes["law"]):
        law = made.isel(law=k)
        if str(law.law.values) in silent:
            continue
        first = float(law.first_time)
        where = "never"
        if np.isfinite(first):
            where = f"{years(first)}, {float(law.first_depth) / 1e3:.4g} km"
            cell = int(np.argmin(np.abs(law.cell_depth.values - float(law.first_depth))))
            where += "" if bool(law.within_pressures[cell]) else ", beyond the pressures of the law"
        body.append(
            [
                str(law.law.values),
                f"{1e6 * np.nanmax(law.dissolved_mass_fraction.values):.3g}",
                f"{float(law.largest_ratio):.3g}",
                years(float(law.largest_ratio_time)),
                f"{float(law.largest_ratio_pressure) / 1e9:.3g}",
                f"{float(law.largest_ratio_depth) / 1e3:.4g}",
                where,
            ]
        )
    title = "dissolved content of the element; its largest ratio to that of a saturated melt, and where"
    if body:
        table(title, head, body, console, unbroken=True)
    rows([*silent.items()], console, "nothing dissolved")
    rows([*json.loads(made.attrs["dissolved_otherwise"]).items()], console, "dissolved as another species")
    notes = [("assumed", made.attrs["assumed"]), ("cells", made.attrs["deepest"])]
    for record in json.loads(made.attrs["extrapolations"]):
        argument = ARGUMENTS.get(record["argument"], record["argument"]).replace("total pressure", "pressure")
        reached, calibrated = (
            span(record["reached"], record["unit"]),
            span(record["calibrated"], record["unit"]),
        )
        share = f"{record['share']:.0%} of the cells with melt"
        law = record["law"].removeprefix("saturation: ")
        notes.append((law, f"{argument} {reached}, calibrated for {calibrated}: {share}"))
    rows(notes, console, "about it")


def saturation_table(made: xarray.Dataset) -> pandas.DataFrame:
    """A row for each law, time and cell with melt."""
    further = [n for n in made.coords if n not in ("law", "time", "cell_pressure", "cell_depth")]
    frame = point_table(made.drop_vars(further), ("law", "time", "cell"), COLUMNS)
    return frame.dropna(subset=["saturation_ratio (1)"])
