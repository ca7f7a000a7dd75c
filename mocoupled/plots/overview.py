"""The page that shows a whole run: nine panels, the numbers of its end, and why it ended."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from ..constants import BAR
from ..provenance.weighed_omissions import matters, short
from .condensates import condensate_notes
from .run_panels import (
    BULK,
    DEPTH,
    FLUX,
    FLUXES,
    IRON_NUMBER,
    LOST,
    MELT,
    NET,
    OXYGEN,
    PRESSURE,
    SHARE,
    TEMPERATURE,
)
from .settings import new_figure, plainly
from .style import DPI, INK, PALE, axes, close, number, text_width, write, write_whole
from .time_panel import TimePanel
from .view import ELEMENTS, View, prepare, reservoirs

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

PAGE = (11.69, 8.27)  # inches: A4, lying
LEFT = 0.66  # inches
PANELS = (TEMPERATURE, MELT, FLUX, PRESSURE, BULK, DEPTH, SHARE["H"], SHARE["C"], OXYGEN)
# of the numbers at the end: size [pt], lines of a column, from a name to its value, to the next name [inches]
SIZE, LINES, TO_VALUE, TO_NAME = 7, 5, 0.13, 0.3
MOST_GASES, MOST_NUMBERS = 5, 25
# inches: the first line of these numbers and the way to the next, without and with a verdict below them
ROWS, ROWS_ABOVE_VERDICT = (1.32, 0.15), (1.37, 0.13)
# of the verdict: size [pt], letters a line, its first line and the way to the next [inches]
VERDICT = (5.5, 270, 0.755, 0.08)
# variable, factor, name, unit
SCALARS = (
    ("surface_temperature", 1, "surface temperature", " K"),
    ("core_mantle_temperature", 1, "core–mantle boundary", " K"),
    ("melt_fraction", 1, "melt fraction", ""),
    ("flux", 1, "heat flux", " W/m²"),
    ("outgoing_flux", 1, "outgoing flux", " W/m²"),
    ("absorbed_flux", 1, "absorbed flux", " W/m²"),
    ("optical_depth", 1, "optical depth", ""),
    ("surface_pressure", 1 / BAR, "surface pressure", " bar"),
    ("mean_molar_mass", 1e3, "mean molar mass", " g/mol"),
    ("log10_fO2", 1, "log₁₀ fO₂/bar", ""),
    ("graphite_activity", 1, "activity of graphite", ""),
    ("ocean_iron", 100, "Fe# of the melt", " %"),
    ("pile_iron", 100, "Fe# of the pile", " %"),
)
PLACES = {
    "dissolved": "dissolved",
    "trapped": "trapped",
    "escaped_mass": "escaped",
    "graphite_mass": "as graphite",
    "condensate_mass": "in condensates",
}


@plainly
def draw_overview(result: xarray.Dataset, time_axis: str = "log") -> Figure:
    """One page: nine panels, the case's title, the numbers of the end, and why it ended."""
    view = prepare(result, time_axis, size=7.0)
    (wide, tall), attrs = PAGE, result.attrs
    figure = new_figure(figsize=PAGE, dpi=DPI)
    notes = [*view.error_text, *view.lid_text, *view.teeth_text]
    if view.onset is not None:
        notes = [view.onset_text, *notes]
    notes += condensate_notes(view)
    by_bands = "outgoing_flux" in result
    for k, panel in enumerate(_panels(result)):
        row, column = divmod(k, 3)
        x, y = LEFT + 3.85 * column, tall - 2.52 - 1.99 * row
        named = column < 2 or panel is IRON_NUMBER or (by_bands and row < 2)
        width = 2.48 if named else 3.0
        ax = axes(figure, (x / wide, y / tall, width / wide, 1.5 / tall))
        notes += panel.draw(ax, view)
        ax.set_title(panel.title, fontsize=view.size + 1, weight="bold", loc="left", color=INK, pad=5)
        if row == 2:
            view.axis.label(ax, view.size + 0.5)
    write_whole(figure, LEFT, tall - 0.32, attrs.get("title") or attrs.get("case_name", ""), 14, wide - 1.2)
    reason = textwrap.shorten(attrs.get("end_reason", ""), 150, placeholder=" …")
    write(figure, LEFT, tall - 0.6, reason, 9, PALE)
    first, down = ROWS_ABOVE_VERDICT if _write_verdict(figure, result) else ROWS
    _write_numbers(figure, end_in_numbers(view)[:MOST_NUMBERS], first, down)
    close(figure, result, notes + _caveats(result), [], LEFT, 190)
    return figure


def _write_numbers(figure: Figure, rows: list[tuple[str, str]], first: float, down: float) -> None:
    """Names and values in columns as wide as their texts. first, down: of the lines [inches]."""
    left = LEFT
    for k in range(0, len(rows), LINES):
        column = rows[k : k + LINES]
        values = left + max(text_width(name, SIZE) for name, _ in column) + TO_VALUE
        for row, (name, value) in enumerate(column):
            write(figure, left, first - down * row, name, SIZE, PALE)
            write(figure, values, first - down * row, value, SIZE, weight="bold")
        left = values + max(text_width(value, SIZE, "bold") for _, value in column) + TO_NAME


def _panels(result: xarray.Dataset) -> list[TimePanel]:
    """The panels of a run: one that radiates by bands has no optical depth, and each of its fluxes once.

    Iron, where it was followed, takes the place of the optical depth, or else of the oxygen fugacity.
    """
    iron = "ocean_iron" in result
    if "outgoing_flux" not in result:
        return [IRON_NUMBER if iron and panel is DEPTH else panel for panel in PANELS]
    if "escaped_element_mass" in result:
        panels = [LOST if panel is DEPTH else panel for panel in PANELS]
        return [IRON_NUMBER if iron and panel is OXYGEN else panel for panel in panels]
    if iron:
        return [IRON_NUMBER if panel is DEPTH else panel for panel in PANELS]
    return [NET if panel is FLUX else FLUXES if panel is DEPTH else panel for panel in PANELS]


def _write_verdict(figure: Figure, result: xarray.Dataset) -> bool:
    """The verdict on a basal layer, whole, above the caption; whether the run has one."""
    size, letters, first, down = VERDICT
    lines = textwrap.wrap(str(result.attrs.get("basal_layer", "")), letters, break_on_hyphens=False)
    for k, line in enumerate(lines):
        write(figure, LEFT, first - down * k, line, size, PALE)
    return bool(lines)


def _caveats(result: xarray.Dataset) -> list[str]:
    """Sentences on laws outside their calibration, and on what is left out."""
    laws: dict[str, list[str]] = {}
    for record in json.loads(result.attrs.get("extrapolations", "[]")):
        share = f"{record['argument'].replace('hydrogen_fraction', 'H')} {100 * record['share']:.0f} %"
        laws.setdefault(record["law"], []).append(share)
    notes = []
    if laws:
        listed = ", ".join(f"{law} ({', '.join(shares)})" for law, shares in laws.items())
        notes.append(f"outside their calibration, in share of the stored times: {listed}")
    left_out = [short(omission) for omission in matters(json.loads(result.attrs.get("left_out", "[]")))]
    if left_out:
        notes.append(f"left out: {', '.join(left_out)}")
    return notes


def end_in_numbers(view: View) -> list[tuple[str, str]]:
    """(name, value with unit) of the last state: scalars, largest pressures, where each element is."""
    last = view.result.isel(time=-1)
    rows = [("time", number(view.time[-1], unit=" yr"))]
    for name, factor, text, unit in SCALARS:
        if name in last:
            rows.append((text, number(float(last[name]) * factor, unit=unit)))
    gases = sorted(view.by_species("pressure", 1 / BAR), key=lambda c: -np.nan_to_num(c.values[-1], nan=-1.0))
    for gas in gases[:MOST_GASES]:
        rows.append((f"pressure of {gas.text}", number(gas.values[-1], unit=" bar")))
    for element, (name, _) in ELEMENTS.items():
        amounts: dict[str, np.ndarray] = {}  # kg and share of the inventory
        for mass, share in zip(reservoirs(view, element), reservoirs(view, element, share=True)):
            place = PLACES.get(mass.name, "in the gas")
            former = amounts.get(place, np.zeros(2))
            amounts[place] = former + np.array([mass.values[-1], share.values[-1]])
        for place, (kilograms, share) in amounts.items():
            percent = number(round(100 * float(share), 2), 3, " %")
            rows.append((f"{name} {place}", f"{number(kilograms, 3, ' kg')}, {percent}"))
    return rows
