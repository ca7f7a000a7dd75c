"""Panels of the condensates of a run: how much of each, its activity, and when each begins and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..results.condensates import amounts, milestones
from .style import BROKEN, FURTHER, GRAPHITE, LineStyle, number
from .time_panel import TimePanel
from .view import Curve, View, condensate_parts

if TYPE_CHECKING:
    import xarray

NONE = "no condensates in this run (chemistry.condensates)"


def has_condensates(result: xarray.Dataset) -> bool:
    """Whether a run has condensates to draw: listed ones, or metal of the melt at some time."""
    return "condensate_mass" in result or any(c.mass.any() for c in amounts(result))


def _masses(view: View) -> list[Curve]:
    """The mass of each condensate [kg], 0 where there is none of it."""
    return [
        Curve(c.name, c.name, c.mass, *_look(c.name, k), parts=condensate_parts(view, c.name, "mass"))
        for k, c in enumerate(amounts(view.result))
        if c.mass.any()
    ]


def _activities(view: View) -> list[Curve]:
    return [
        Curve(c.name, c.name, c.activity, *_look(c.name, k), parts=condensate_parts(view, c.name, "activity"))
        for k, c in enumerate(amounts(view.result))
    ]


def _look(name: str, k: int) -> tuple[str, LineStyle]:
    """Colour and line style of the k-th condensate."""
    if name == "C(gr)":
        return GRAPHITE, "-"
    return FURTHER[k % len(FURTHER)], BROKEN[k // len(FURTHER) % len(BROKEN)]


def condensate_notes(view: View) -> list[str]:
    """When each condensate begins and ends, in words; nothing where none does."""
    marks = [f"{name} at {number(years, 3)} yr" for name, years in milestones(view.result).items()]
    return [f"condensates: {', '.join(marks)}"] if marks else []


CONDENSED = TimePanel("Condensates", "Mass (kg)", _masses, NONE, log=True, named=True)
ACTIVITIES = TimePanel("Activity of condensates", "Activity (1)", _activities, NONE, log=True, named=True)
