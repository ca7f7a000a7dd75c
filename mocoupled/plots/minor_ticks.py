"""Minor ticks as one artist a side: matplotlib makes five objects for each, which takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

SIDES: tuple[Literal["tick1", "tick2"], ...] = ("tick1", "tick2")  # as matplotlib names them
# The order of matplotlib: ticks of x, then grid and ticks of y, then every curve. Grid and ticks are at 0.5.
ORDER = {"x": 0.49, "y": 0.51}


def draw_minor_ticks(ax: Axes) -> None:
    """Draw the minor ticks of a panel in the place of those of its axes: inward, on all four sides.

    The panel has its scales, limits and locators, and these stay as they are.
    """
    from matplotlib import rcParams
    from matplotlib.lines import Line2D
    from matplotlib.markers import TICKDOWN, TICKLEFT, TICKRIGHT, TICKUP

    settings: Any = rcParams
    for name, axis, markers in (("x", ax.xaxis, (TICKUP, TICKDOWN)), ("y", ax.yaxis, (TICKRIGHT, TICKLEFT))):
        places = _taken(axis)
        if not len(places):
            continue
        for side, share, marker in zip(SIDES, (0.0, 1.0), markers):
            across = np.full(len(places), share)
            along_x = name == "x"
            look: dict[str, Any] = {
                "marker": marker,
                "markersize": settings[f"{name}tick.minor.size"],
                "markeredgewidth": settings[f"{name}tick.minor.width"],
                "transform": ax.get_xaxis_transform(side) if along_x else ax.get_yaxis_transform(side),
                "zorder": ORDER[name],
            }
            points = (places, across) if along_x else (across, places)
            ticks = Line2D(*points, linestyle="none", color=INK, clip_on=False, label="_minor", **look)
            ax.add_artist(ticks)


def _taken(axis: Axis) -> np.ndarray:
    """The places of the minor ticks of an axis within its limits; the axis has none afterwards."""
    from matplotlib.ticker import NullLocator

    places = np.asarray(axis.get_minorticklocs(), dtype=float)
    axis.set_minor_locator(NullLocator())
    if not len(places):
        return places
    transform = axis.get_transform()
    low, high = sorted(transform.transform(np.asarray(axis.get_view_interval(), dtype=float)))
    at, margin = transform.transform(places), 1e-10 * (high - low)
    return places[(at >= low - margin) & (at <= high + margin)]
