"""Figure of the vapour of a melt: pressures of its gases against temperature, or against what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..constants import BAR
from ..errors import InputError
from .panels import SIZE, Layout, dress, page, panel
from .settings import plainly
from .style import BROKEN, FURTHER, INK, SPECIES, axis_limits, formula

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

SHOWN = 10  # gases at most
PANELS = 4  # at most
LEAST = 1e-7  # of the highest pressure: the lowest one that is drawn
COLOURS = (*SPECIES.values(), *FURTHER)
AXES = {"temperature": "Temperature (K)", "loss": "Share of the mass that has evaporated"}


@plainly
def draw_vapour(result: xarray.Dataset) -> Figure:
    """Pressures of the most abundant gases, a panel for each prescription of the oxygen.

    result: of `mo.vapour` with several temperatures or losses. InputError with a single point, or with more
    than four panels.
    """
    along = next((d for d in AXES if result.sizes.get(d, 1) > 1), None)
    if along is None and "point" in result.dims and np.ptp(result.temperature.values) > 0:
        result = result.swap_dims(point="temperature").sortby("temperature")
        along = "temperature"
    if along is None:
        raise InputError("figure", "there is one temperature.", "allowed: several, such as -T 1800:3600:19")
    others = [str(d) for d in result.converged.dims if d != along]
    stacked = result.stack(row=others) if others else result.expand_dims("row")
    count = stacked.sizes["row"]
    if count > PANELS:
        raise InputError("figure", f"{count} panels.", f"allowed: at most {PANELS}", "vary fewer conditions")
    highest = stacked.pressure.max(("row", along)).values
    gases = [str(result.species.values[k]) for k in np.argsort(-highest)[:SHOWN]]
    layout = Layout(count, 1, 2.6, 2.6, top=0.55, bottom=0.85, right=0.85)
    figure = page(
        layout,
        f"Vapour of a silicate melt: {result.attrs['melt_composition'].split(' (')[0]}",
        _caption(result),
    )
    top = float(
        stacked.surface_pressure.max() if "surface_pressure" in result else stacked.vapour_pressure.max()
    )
    lowest = float(np.nanmin(stacked.pressure.sel(species=gases).max(along).values)) / BAR
    limits = axis_limits(np.array([max(LEAST * top / BAR, lowest * 1e-3), top / BAR]), True)
    x = result[along].values
    for k in range(count):
        row, ax = stacked.isel(row=k), panel(figure, layout, 0, k, k, above=True)
        total = row.vapour_pressure.values / BAR
        ax.plot(x, total, color=INK, lw=1.4, ls=BROKEN[1], label="total")
        for j, gas in enumerate(gases):
            ax.plot(
                x, row.pressure.sel(species=gas).values / BAR, color=COLOURS[j], lw=1.1, label=formula(gas)
            )
        label = "Pressure (bar)" if k == 0 else None
        dress(ax, (axis_limits(x, False), limits), (False, True), (AXES[along], label))
        ax.set_title(_title(row, others), fontsize=SIZE, color=INK, pad=4)
    ax.legend(
        fontsize=SIZE - 1, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.03), handlelength=1.4
    )
    return figure


def _title(row: xarray.Dataset, others: list[str]) -> str:
    """What sets a panel apart."""
    parts = []
    for name in others:
        value = row[name].item()
        parts.append(f"{value}" if isinstance(value, str) else f"{name.replace('_', ' ')} {value:.4g}")
    return ", ".join(parts)


def _caption(result: xarray.Dataset) -> str:
    about = result.attrs
    spread = f" ({about['activity_model_spread']})" if about.get("activity_model_spread") else ""
    return (
        f"Melt: {about['melt_composition']}. Activities: {about['activity_model']}{spread}. "
        f"Oxygen: {about['oxygen_fugacity']}."
    )
