"""The figures of a run along time, and the table of all figures of a run by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from .condensates import ACTIVITIES, CONDENSED, condensate_notes
from .mantle import melt_map, profiles
from .overturned_mantle import overturn
from .overview import draw_overview
from .run_panels import (
    ACTIVITY,
    ANOMALY,
    BULK,
    DEPTH,
    DISTANCE,
    FERRIC_SHARE,
    FLUX,
    IRON_NUMBER,
    LOST,
    MASS,
    MELT,
    OXYGEN,
    PRESSURE,
    SHARE,
    TEMPERATURE,
    TRACERS,
    TRACES,
    XUV,
)
from .settings import new_figure, plainly
from .style import BOTTOM, DPI, GAP, GRAPHITE, LEFT, RIGHT, TOP, WIDTH, axes, close, write
from .time_panel import TimePanel
from .tornado import draw_tornado
from .view import prepare

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

Panels = Sequence[tuple[TimePanel, float]]  # what to draw, and its height [inches]
TRACE = 0.02  # mixing ratio below which a species is a trace


class DrawRun(Protocol):
    """A function that draws one figure of a run."""

    def __call__(self, result: xarray.Dataset, time_axis: str = "log") -> Figure:
        """The figure. result: Dataset along time. time_axis: "log" or "linear"."""


@plainly
def _stacked(
    title: str, panels: Panels, result: xarray.Dataset, time_axis: str = "log", right: float = RIGHT
) -> Figure:
    """Panels one above the other with one time axis. right: margin [inches]."""
    view = prepare(result, time_axis)
    tall = TOP + BOTTOM + sum(height for _, height in panels) + GAP * (len(panels) - 1)
    figure = new_figure(figsize=(WIDTH, tall), dpi=DPI)
    top, notes = tall - TOP, [*view.lid_text, *view.teeth_text, *condensate_notes(view), *view.error_text]
    for k, (panel, height) in enumerate(panels):
        box = (LEFT / WIDTH, (top - height) / tall, (WIDTH - LEFT - right) / WIDTH, height / tall)
        ax = axes(figure, box)
        notes += panel.draw(ax, view)
        last = k == len(panels) - 1
        ax.tick_params(labelbottom=last)
        if last:
            view.axis.label(ax, view.size + 0.5)
        top -= height + GAP
    if view.onset is not None:
        write(
            figure, WIDTH - right, tall - TOP + 0.14, view.onset_text, view.size - 1, GRAPHITE, align="right"
        )
    write(figure, LEFT, tall - 0.3, title, view.size + 2.5, weight="bold")
    close(figure, result, notes, [result.attrs.get("title")], LEFT, 105)
    return figure


def _figure(title: str, panels: Panels, right: float = RIGHT) -> DrawRun:
    """A function that draws these panels of a run."""

    def draw(result: xarray.Dataset, time_axis: str = "log") -> Figure:
        return _stacked(title, panels, result, time_axis, right)

    return draw


def _mixing_ratios(result: xarray.Dataset, time_axis: str = "log") -> Figure:
    """Linear for the bulk, and below it logarithmic where some species is ever a trace."""
    traces = "mixing_ratio" in result and bool((result["mixing_ratio"].values < TRACE).any())
    panels = [(BULK, 2.7), (TRACES, 2.7)] if traces else [(BULK, 3.6)]
    return _stacked(BULK.title, panels, result, time_axis)


def _flux(result: xarray.Dataset, time_axis: str = "log") -> Figure:
    """Flux and optical depth; outgoing, absorbed and net flux of a run that radiates by bands."""
    if "outgoing_flux" in result:
        return _stacked("Heat loss", [(FLUX, 3.4)], result, time_axis)
    return _stacked("Heat loss", [(FLUX, 2.4), (DEPTH, 2.4)], result, time_axis, right=0.4)


def _oxygen(result: xarray.Dataset, time_axis: str = "log") -> Figure:
    """Oxygen fugacity; ΔIW, ferric iron and graphite too, where the result has them."""
    more = {"delta_IW": DISTANCE, "ferric_share": FERRIC_SHARE, "graphite_activity": ACTIVITY}
    panels = [OXYGEN, *(panel for name, panel in more.items() if name in result)]
    names = {FERRIC_SHARE.title: "ferric iron", ACTIVITY.title: "graphite"}
    named = ["Oxygen fugacity", *(names[panel.title] for panel in panels if panel.title in names)]
    title = " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    heights = [2.4 if len(panels) < 3 else 1.9] * len(panels)
    right = RIGHT if "ferric_share" in result else 0.4
    return _stacked(title, list(zip(panels, heights)), result, time_axis, right)


def _escape(result: xarray.Dataset, time_axis: str = "log") -> Figure:
    """What has escaped; XUV flux and tracers too, where the run has them."""
    panels = [(LOST, 2.4)]
    if "xuv_flux" in result:
        panels.append((XUV, 1.9))
    if "tracer_ratio" in result:
        names = [str(name) for name in result.tracer.values]
        label = f"{names[0]}/H over initial (1)" if len(names) == 1 else TRACERS.label
        panels.append((replace(TRACERS, label=label), 1.9))
    return _stacked("Escape to space", panels, result, time_axis)


# name -> function that draws it, in the order in which they are written
FIGURES: Mapping[str, DrawRun] = MappingProxyType(
    {
        "overview": draw_overview,
        "temperature-melt-fraction": _figure(
            "Temperature and melt fraction", [(TEMPERATURE, 2.7), (MELT, 2.2)]
        ),
        "partial-pressures": _figure(PRESSURE.title, [(PRESSURE, 3.8)]),
        "mixing-ratios": _mixing_ratios,
        "reservoirs-H": _figure(MASS["H"].title, [(MASS["H"], 2.7), (SHARE["H"], 2.7)]),
        "reservoirs-C": _figure(MASS["C"].title, [(MASS["C"], 2.7), (SHARE["C"], 2.7)]),
        "iron": _figure("Iron of the melt, the crystals and the pile", [(IRON_NUMBER, 2.7), (ANOMALY, 2.2)]),
        "mantle-profiles": profiles,
        "mantle-melt": melt_map,
        "overturn": overturn,
        "flux": _flux,
        "escape": _escape,
        "oxygen-fugacity": _oxygen,
        "condensates": _figure(CONDENSED.title, [(CONDENSED, 2.7), (ACTIVITIES, 2.2)]),
        "sensitivities": draw_tornado,
    }
)
