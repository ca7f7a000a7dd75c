"""The figure of sensitivities of a run: what a small change of each parameter does to the end of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .settings import new_figure, plainly
from .style import BOTTOM, DPI, GREY, INK, LEFT, PALE, TOP, WARM, WIDTH, close, formula, write
from .view import prepare

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

END, STATE = "sensitivity_end_time", "sensitivity_at_end_"
SHARE = 0.1  # change of a parameter: of its logarithm's, or in dex
OFFSETS = ("dex", "1")  # units of the offsets that SHARE is a change of
QUANTITIES = {
    "end_time": "time of the end",
    "melt_fraction": "melt fraction",
    "surface_pressure": "surface pressure",
    "core_mantle_temperature": "temperature at the core",
}
LEAST = 1e-6  # sensitivity below which nothing acts on a quantity
GASES = 3  # partial pressures shown: of the largest at the end
ROW, PANEL, NAMES = 0.2, 0.42, 2.3  # inches: of a bar, of a panel beside its bars, of the names
NONE = "this run has no sensitivities"


@plainly
def draw_tornado(result: xarray.Dataset, time_axis: str = "log") -> Figure:
    """Bars: first-order change in per cent of each quantity at the end, the largest above.

    Each parameter is larger by a tenth of it, or by 0.1 where it is an offset of a logarithm.
    """
    prepare(result, time_axis)  # refuses another Dataset
    rows, left_out = _rows(result)
    bars = max((len(values) for _, values in rows), default=1)
    tall = TOP + BOTTOM + max(1, len(rows)) * (PANEL + ROW * bars)
    figure = new_figure(figsize=(WIDTH, tall), dpi=DPI)
    names = [str(name) for name in result.parameter.values] if rows else []
    top = tall - TOP
    for title, values in rows:
        height = ROW * bars
        wide = WIDTH - LEFT - NAMES - 0.7
        box = ((LEFT + NAMES) / WIDTH, (top - height) / tall, wide / WIDTH, height / tall)
        ax = figure.add_axes(box)
        order = np.argsort(np.abs(values[:, 1]), kind="stable")
        shown = values[order, 1]
        ax.barh(range(len(order)), shown, color=[WARM if value > 0 else GREY for value in shown], height=0.7)
        ax.set_yticks(range(len(order)), [names[int(k)] for k in values[order, 0]])
        ax.axvline(0, color=PALE, linewidth=0.7)
        most = max(float(np.abs(shown).max()), 1e-3)
        ax.set_xlim(-1.3 * most, 1.3 * most)
        ax.tick_params(which="both", direction="in", labelsize=7.5, colors=INK)
        ax.set_title(title, loc="left", fontsize=8.5, color=INK, y=1.0, pad=3)
        top -= height + PANEL
    if rows:
        ax.set_xlabel("Change (%)", fontsize=8.5, color=INK)
    else:
        write(figure, LEFT, tall / 2, NONE, 9.0, PALE)
    write(figure, LEFT, tall - 0.3, "Sensitivities at the end", 11.5, weight="bold")
    notes = ["each parameter larger by 10 %, or by 0.1 where it is an offset of a logarithm; first order"]
    if left_out:
        notes.append(f"not drawn, as its unit has no such step: {', '.join(left_out)}")
    close(figure, result, notes if rows else [], [result.attrs.get("title")], LEFT, 105)
    return figure


def has_sensitivities(result: xarray.Dataset) -> bool:
    """Whether a run has the derivatives that the figure shows."""
    return END in result


def _rows(result: xarray.Dataset) -> tuple[list[tuple[str, np.ndarray]], list[str]]:
    """Of each quantity its title, and the parameters (number, change in per cent); the names left out."""
    if not has_sensitivities(result):
        return [], []
    relative, units = result.parameter_relative.values.astype(bool), result.parameter_unit.values
    drawn = np.array([r or str(unit) in OFFSETS for r, unit in zip(relative, units)])
    left_out = [str(name) for name in result.parameter.values[~drawn]]
    slopes = {
        title: result[_variable(name)].values
        for name, title in QUANTITIES.items()
        if _variable(name) in result
    }
    if f"{STATE}pressure" in result:
        last = result.pressure.isel(time=-1)
        for name in result.species.values[np.argsort(-last.values, kind="stable")[:GASES]]:
            slopes[f"pressure of {formula(str(name))}"] = result[f"{STATE}pressure"].sel(species=name).values
    rows = []
    for title, values in slopes.items():
        kept = np.flatnonzero(drawn & np.isfinite(values))
        if kept.size and np.abs(values[kept]).max() > LEAST:
            rows.append((title, np.column_stack([kept, 100 * SHARE * values[kept]])))
    return rows, left_out


def _variable(quantity: str) -> str:
    return END if quantity == "end_time" else STATE + quantity
