"""The figure of a mantle frozen to its last melt: composition and density before and after overturn."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .panels import absent
from .settings import new_figure, plainly
from .style import DPI, INK, PALE, WIDTH, axis_limits, close, save, set_ticks, write

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

NEEDED = tuple(
    f"{state}_{name}" for state in ("frozen", "overturned") for name in ("iron", "density", "height")
)
TALL, LEFT, CAPTION, LETTERS = 4.6, 0.85, 105, 8.0
# of the two states: colour, dashes, text
STATES = (("frozen", "#0072B2", (0, (4, 2)), "as frozen"), ("overturned", "#D55E00", "-", "overturned"))
# quantity -> factor, label
PANELS = {"iron": (100.0, "Fe# (1)"), "density": (1.0, "Density (kg/m³)")}
SENTENCE_LINES = 5


def has_overturn(result: xarray.Dataset) -> bool:
    """Whether the mantle in depth before and after its overturn is stored."""
    return all(name in result.variables for name in NEEDED)


@plainly
def overturn(result: xarray.Dataset, time_axis: str = "log") -> Figure:
    """Fe# and density against the height above the core, before and after the overturn, and the verdict.

    time_axis: not used; the figure has no time.
    """
    figure = new_figure(figsize=(WIDTH, TALL), dpi=DPI)
    boxes = [((x / WIDTH, 1.35 / TALL, 2.7 / WIDTH, (TALL - 1.95) / TALL)) for x in (LEFT, 4.2)]
    panels = [figure.add_axes(box) for box in boxes]
    there = has_overturn(result)
    for ax, (quantity, (scale, label)) in zip(panels, PANELS.items()):
        ax.set_xlabel(label, fontsize=LETTERS, color=INK)
        ax.set_ylabel("Height above the core (km)", fontsize=LETTERS, color=INK)
        if not there:
            absent(ax, "this run has no overturned mantle")
            continue
        values = [scale * result[f"{state}_{quantity}"].values for state, *_ in STATES]
        for v, (state, colour, dashes, text) in zip(values, STATES):
            height = result[f"{state}_height"].values / 1e3
            ax.plot(v, height, color=colour, linestyle=dashes, linewidth=1.4, label=text)
        limits = axis_limits(np.concatenate(values), False)
        ax.set(xlim=limits, ylim=(0.0, float(height[-1])))
        set_ticks(ax.xaxis, False, limits)
        set_ticks(ax.yaxis, False, (0.0, float(height[-1])))
        ax.tick_params(labelsize=LETTERS - 0.5, colors=INK)
        ax.grid(True, color="#E6E6E6", linewidth=0.6)
        ax.set_axisbelow(True)
    if there:
        panels[0].legend(fontsize=LETTERS - 1, frameon=False, loc="best")
    write(figure, LEFT, TALL - 0.3, "The mantle frozen to its last melt", LETTERS + 2.5, weight="bold")
    said = textwrap.wrap(str(result.attrs.get("basal_layer", "")), 130, max_lines=SENTENCE_LINES)
    for k, line in enumerate(said):
        write(figure, LEFT, 0.86 - 0.12 * k, line, 6.0, PALE)
    close(figure, result, [], [result.attrs.get("title")], LEFT, CAPTION)
    return figure


def draw_overturn(run: xarray.Dataset, path: Path) -> Path:
    """Write the figure of a history of `mocoupled mantle`; the path."""
    named = run.assign_attrs(status="complete", title=run.attrs["case_title"])
    return save(overturn(named), path, {"case_name": run.attrs["case_title"]})
