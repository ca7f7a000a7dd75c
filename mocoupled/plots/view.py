"""A stored run made ready to draw: its time axis, when graphite begins, how species look, and the curves asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..constants import YEAR
from ..errors import InputError
from ..results.graphite import present
from .style import (
    BROKEN,
    DISSOLVED,
    ESCAPED,
    FURTHER,
    GRAPHITE,
    SPECIES,
    TIME_AXES,
    TRAPPED,
    choose,
    formula,
    number,
)

if TYPE_CHECKING:
    import xarray

ELEMENTS = {"H": ("hydrogen", 1.008e-3), "C": ("carbon", 12.011e-3)}  # kg/mol, IUPAC 2021
ESCAPING = "H2"  # the species whose loss is stored as escaped_mass
GRAPHITE_SHARE, GRAPHITE_ACTIVITY = (
    1e-6,
    0.999,
)  # graphite is there above this share of the carbon, or this activity


@dataclass(frozen=True)
class Curve:
    """One line or band: name (the line's label), text beside its end, values along time, colour and line style."""

    name: str
    text: str
    values: np.ndarray
    colour: str
    style: object = "-"


@dataclass(frozen=True)
class View:
    """A result ready to draw: time [yr], how its axis runs, when graphite begins [yr], looks of species, text [pt]."""

    result: xarray.Dataset
    time: np.ndarray
    log_time: bool
    span: tuple[float, float]
    onset: float | None
    names: Mapping[str, str]
    styles: Mapping[str, tuple]
    size: float

    @property
    def onset_text(self) -> str:
        return (
            "▼ graphite from the start"
            if self.onset <= self.time[0]
            else f"▼ graphite from {number(self.onset, 3)} yr"
        )

    def scalars(self, *wanted) -> list[Curve]:
        """wanted: (variable, scale, text, colour, style); those that the run has."""
        here = [row for row in wanted if row[0] in self.result]
        return [
            Curve(n, text, np.asarray(self.result[n].values, float) * k, *look) for n, k, text, *look in here
        ]

    def by_species(self, name, scale=1.0) -> list[Curve]:
        if name not in self.result:
            return []
        values = np.asarray(self.result[name].transpose("species", "time").values, float) * scale
        return [Curve(s, self.names[s], y, *self.styles[s]) for s, y in zip(self.names, values)]


def prepare(result, time_axis="log", size=9.0) -> View:
    if "time" not in result.dims or not result.sizes["time"]:
        raise InputError(
            "result",
            "it has no stored times.",
            "allowed: a Dataset along time, as mocoupled.run and mocoupled.read give it",
        )
    choose("time_axis", time_axis, TIME_AXES)
    time = np.asarray(result["time"].values, float) / YEAR
    species = [str(s) for s in result["species"].values] if "species" in result.coords else []
    formulas = [s.partition(",")[0] for s in species]
    names = {s: formula(f if formulas.count(f) == 1 else s) for s, f in zip(species, formulas)}
    styles = {s: (colour, "-") for s, colour in SPECIES.items()}
    for k, name in enumerate(sorted(s for s in species if s not in SPECIES)):
        styles[name] = (FURTHER[k % len(FURTHER)], BROKEN[k // len(FURTHER) % len(BROKEN)])
    return View(result, time, *_span(time, result, time_axis), _onset(result, time), names, styles, size)


def _span(time, result, time_axis):
    """(whether the time axis is logarithmic, its two ends [yr]).

    A log axis starts at the first positive time, or later if until then the surface has gone < 1/1000 of its way.
    """
    if time.size == 1:
        return False, (time[0] - 0.5 * max(time[0], 1.0), time[0] + 0.5 * max(time[0], 1.0))
    first = time[time > 0][0]
    if "surface_temperature" in result:
        way = np.nan_to_num(
            np.abs(result["surface_temperature"].values - result["surface_temperature"].values[0])
        )
        moved = np.flatnonzero(way > 1e-3 * way.max())
        first = max(first, time[moved[0] - 1]) if moved.size else first
    log_time = time_axis == "log" and time[-1] >= 10 * first
    return log_time, (float(first if log_time else time[0]), float(time[-1]))


def _onset(result, time) -> float | None:
    """When graphite is first there [yr]; None when it never is, or is not known."""
    there = np.zeros(time.size, dtype=bool)
    if "graphite_activity" in result:
        there |= result["graphite_activity"].values > GRAPHITE_ACTIVITY
    if "graphite_mass" in result and "C" in result.get("element", ()):
        carbon = result["element_moles"].sel(element="C").values * ELEMENTS["C"][1]
        there |= (result["graphite_mass"].values > GRAPHITE_SHARE * carbon) & (carbon > 0)
    return float(time[there][0]) if there.any() else None


def reservoirs(view: View, element: str, share=False) -> list[Curve]:
    """Mass of the element [kg], or its share of the inventory, by reservoir from the mantle outwards; [] without it."""
    result, (_, weight) = view.result, ELEMENTS[element]
    if element not in result.get("element", ()) or "composition" not in result.attrs:
        return []
    composition, molar_masses = (
        json.loads(result.attrs["composition"]),
        json.loads(result.attrs["molar_masses"]),
    )
    parts = {
        s: atoms[element] * weight / molar_masses[s] for s, atoms in composition.items() if atoms.get(element)
    }
    found = []
    for name, told, text, color in (
        ("trapped_mass", "trapped", "trapped", TRAPPED),
        ("dissolved_mass", "dissolved", "dissolved", DISSOLVED),
    ):
        held = [c.values * parts[c.name] for c in view.by_species(name) if c.name in parts]
        if held:
            found.append(Curve(told, text, np.sum(held, axis=0), color))
    if element == "C":
        found += (
            [Curve("graphite_mass", "graphite", present(result).values, GRAPHITE)]
            if "graphite_mass" in result
            else []
        )
    gases = [c for c in view.by_species("gas_mass") if c.name in parts]
    found += [replace(c, text=f"{c.text} gas", values=c.values * parts[c.name]) for c in gases]
    lost = (
        view.scalars(("escaped_mass", parts.get(ESCAPING, 0), "escaped", ESCAPED))
        if ESCAPING in parts
        else []
    )
    if not share:
        return found + lost
    inventory = weight * float(result["element_moles"].sel(element=element).values[0]) + sum(
        c.values[0] for c in lost
    )
    return [replace(c, values=c.values / (inventory if inventory > 0 else np.nan)) for c in found + lost]
