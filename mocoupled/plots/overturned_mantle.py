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
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NEEDED = tuple(
    f"{state}_{name}" for state in ("frozen", "overturned") for name in ("iron", "density", "height")
)
LEFT, CAPTION, LETTERS = 0.85, 105, 8.0
# inches: of the panels, above them, below them without the verdict, between lines of the verdict
PANEL, ABOVE, BELOW, LINE = (2.7, 2.65), 0.74, 0.72, 0.12
# of the two states: colour, dashes, text
STATES = (("frozen", "#0072B2", (0, (4, 2)), "as frozen"), ("overturned", "#D55E00", "-", "overturned"))
# quantity -> factor, label
PANELS = {"iron": (100.0, "Fe# (mol/mol, %)"), "density": (1.0, "Density (kg/m³)")}
LETTERS_A_LINE = 130  # of the verdict


def has_overturn(result: xarray.Dataset) -> bool:
    """Whether the mantle in depth before and after its overturn is stored."""
    return all(name in result.variables for name in NEEDED)


@plainly
def overturn(result: xarray.Dataset, time_axis: str = "log") -> Figure:
    """Fe# and density against the height above the core, before and after the overturn, and the verdict.

    time_axis: not used; the figure has no time.
    """
    verdict = textwrap.wrap(str(result.attrs.get("basal_layer", "")), LETTERS_A_LINE)
    below = BELOW + LINE * len(verdict)
    tall = ABOVE + PANEL[1] + below
    figure = new_figure(figsize=(WIDTH, tall), dpi=DPI)
    panels = []
    for x in (LEFT, 4.2):
        panels.append(figure.add_axes((x / WIDTH, below / tall, PANEL[0] / WIDTH, PANEL[1] / tall)))
    there = has_overturn(result)
    for ax, (quantity, (scale, label)) in zip(panels, PANELS.items()):
        ax.set_xlabel(label, fontsize=LETTERS, color=INK)
        ax.set_ylabel("Height above the core (km)", fontsize=LETTERS, color=INK)
        if there:
            _draw_states(ax, result, quantity, scale)
        else:
            absent(ax, "this run has no overturned mantle")
    if there:
        # above the panel: inside, it would lie on a curve of some mantle
        panels[0].legend(
            fontsize=LETTERS - 1,
            frameon=False,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=2,
            borderaxespad=0.1,
        )
    write(figure, LEFT, tall - 0.3, "The mantle frozen to its last melt", LETTERS + 2.5, weight="bold")
    for k, line in enumerate(verdict):
        write(figure, LEFT, below - 0.48 - LINE * k, line, 6.0, PALE)
    close(figure, result, [], [result.attrs.get("title")], LEFT, CAPTION)
    return figure


def _draw_states(ax: Axes, result: xarray.Dataset, quantity: str, scale: float) -> None:
    """A quantity of both states against height, a step for each cell or parcel."""
    every, tops = [], []
    for state, colour, dashes, text in STATES:
        values = scale * result[f"{state}_{quantity}"].values
        faces = _faces(result[f"{state}_height"].values / 1e3)
        x, y = np.repeat(values, 2), np.repeat(faces, 2)[1:-1]
        ax.plot(x, y, color=colour, linestyle=dashes, linewidth=1.4, label=text)
        every.append(values)
        tops.append(float(faces[-1]))
    limits, heights = axis_limits(np.concatenate(every), False), (0.0, max(tops))
    ax.set(xlim=limits, ylim=heights)
    set_ticks(ax.xaxis, False, limits)
    set_ticks(ax.yaxis, False, heights)
    ax.tick_params(labelsize=LETTERS - 0.5, colors=INK)
    ax.grid(True, color="#E6E6E6", linewidth=0.6)
    ax.set_axisbelow(True)


def _faces(middle: np.ndarray) -> np.ndarray:
    """Heights (n + 1,) of the faces, the first at the core (0), of which `middle` (n,) are half-way."""
    faces = np.zeros(middle.size + 1)
    for k, height in enumerate(middle):
        faces[k + 1] = 2 * height - faces[k]
    return faces


def draw_overturn(run: xarray.Dataset, path: Path) -> Path:
    """Write the figure of a history of `mocoupled mantle`; the path."""
    named = run.assign_attrs(status="complete", title=run.attrs["case_title"])
    return save(overturn(named), path, {"case_name": run.attrs["case_title"]})
