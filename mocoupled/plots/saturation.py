"""The figure of `mocoupled saturation`: dissolved over saturated content against pressure, at some times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..constants import YEAR
from .panels import SIZE, Layout, absent, dress, page, panel
from .settings import plainly
from .style import HOT, axis_limits, number

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 6  # times at most
DECADES = 6  # below the largest ratio


@plainly
def draw_saturation(result: xarray.Dataset) -> Figure:
    """A panel for each law of a result of `mo.saturation_at_depth`, with at most six of its times."""
    laws = [result.isel(law=k) for k in range(result.sizes["law"])]
    layout = Layout(len(laws), 1, 2.3, 2.3, across=0.5, right=1.3, top=0.6, bottom=0.85)
    caption = f"Red: saturated. Assumed: {result.attrs['assumed']}; {result.attrs['deepest']}."
    figure = page(layout, f"Saturation of the melt of {result.attrs['case_name']}", caption)
    for column, law in enumerate(laws):
        ax = panel(figure, layout, 0, column, column, above=True)
        _ratios(ax, law, "pressure, GPa" if column == 0 else None)
        ax.set_title(str(law.law.values), fontsize=SIZE)
        if column == len(laws) - 1 and ax.get_legend_handles_labels()[0]:
            ax.legend(fontsize=SIZE - 1, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.03))
    return figure


def _ratios(ax: Axes, law: xarray.Dataset, label: str | None) -> None:
    """The ratio of a law against pressure at some times, and the line of saturation."""
    from matplotlib import colormaps

    ratio, pressure = law.saturation_ratio.values, law.cell_pressure.values / 1e9
    there = np.flatnonzero(np.isfinite(ratio).any(axis=1))
    if not law.dissolved_mass_fraction.values.any():
        absent(ax, "nothing dissolved in this run\n(volatiles.solubility)")
        return
    if not there.size:
        absent(ax, "no cell with melt and data")
        return
    chosen = there[np.unique(np.linspace(0, there.size - 1, SHOWN).astype(int))]
    for k, time in enumerate(chosen):
        colour = colormaps["turbo"](0.95 - 0.87 * k / max(1, chosen.size - 1))
        age = number(float(law.time[time]) / YEAR, 3)
        ax.plot(ratio[time], pressure, color=colour, lw=1.1, label=f"{age} yr")
    deep = pressure[np.isfinite(ratio).any(axis=0)]
    highest = max(3.0, float(np.nanmax(ratio)))
    ax.axvline(1.0, color=HOT, lw=0.8)
    low, high = axis_limits(np.array([max(float(np.nanmin(ratio)), highest / 10**DECADES), highest]), True)
    limits = (low, high), (1.05 * float(deep.max()), 0.0)
    dress(ax, limits, (True, False), ("dissolved / saturated", label))
