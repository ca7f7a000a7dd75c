"""A stored run made ready to draw: its time axis, when graphite begins, how species look, and its curves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..constants import YEAR
from ..errors import InputError
from ..results.condensates import METAL, amounts
from ..results.graphite import present
from ..results.lid_text import lid_closed, lid_left_open
from .style import (
    BROKEN,
    CONDENSED,
    DISSOLVED,
    ESCAPED,
    FURTHER,
    GRAPHITE,
    SPECIES,
    TIME_AXES,
    TRAPPED,
    LineStyle,
    choose,
    formula,
    number,
)
from .time_axis import TimeAxis, time_axis_of

if TYPE_CHECKING:
    import xarray

ELEMENTS = {"H": ("hydrogen", 1.008e-3), "C": ("carbon", 12.011e-3)}  # kg/mol, IUPAC 2021
ESCAPING = "H2"  # the species whose loss is stored as escaped_mass
# graphite is there above this share of the carbon, or this activity
GRAPHITE_SHARE, GRAPHITE_ACTIVITY = 1e-6, 0.999
SOLID_CARBON = "C(gr)"  # with a curve of graphite_mass
Scalar = tuple[str, float, str, str] | tuple[str, float, str, str, LineStyle]


@dataclass(frozen=True)
class Curve:
    """One line or band: name of the line, text beside its end, values along time, colour, line style.

    there: when what it describes exists (None: always); elsewhere nothing is drawn.
    parts: independent parts (n, time) of its error; None where it has none.
    """

    name: str
    text: str
    values: np.ndarray
    colour: str
    style: LineStyle = "-"
    there: np.ndarray | None = None
    parts: np.ndarray | None = None

    @property
    def error(self) -> np.ndarray | None:
        """One standard deviation along time, NaN where nothing is drawn; None where it is not known."""
        if self.parts is None:
            return None
        return np.where(np.isfinite(self.shown), np.sqrt((self.parts**2).sum(axis=0)), np.nan)

    def times(self, factor: float) -> Curve:
        """The curve times a number."""
        return replace(
            self, values=factor * self.values, parts=None if self.parts is None else factor * self.parts
        )

    @property
    def shown(self) -> np.ndarray:
        """The values where what they describe exists, NaN elsewhere."""
        return self.values if self.there is None else np.where(self.there, self.values, np.nan)


@dataclass(frozen=True)
class View:
    """A result ready to draw.

    time [yr] and its axis; onset: when graphite begins [yr]; lid: when a lid closed [yr]; open_lid: when the
    surface cooled to a lid in a run that goes on without one [yr]; names, styles: of species; size: of text
    [pt].
    """

    result: xarray.Dataset
    time: np.ndarray
    axis: TimeAxis
    onset: float | None
    lid: float | None
    open_lid: float | None
    names: Mapping[str, str]
    styles: Mapping[str, tuple[str, LineStyle]]
    size: float

    @property
    def onset_text(self) -> str:
        """When graphite begins, in words; "" where it never does."""
        if self.onset is None:
            return ""
        if self.onset <= self.time[0]:
            return "▼ graphite from the start"
        return f"▼ dashed: graphite from {number(self.onset, 3)} yr"

    @property
    def lid_mark(self) -> float | None:
        """Where the dotted line of a lid stands [yr], whether it closed or not; None for no line."""
        return self.open_lid if self.lid is None else self.lid

    @property
    def lid_text(self) -> list[str]:
        """When the lid closed, or would, in words; nothing for a run without one."""
        if self.open_lid is not None:
            when = number(self.open_lid, 4)
            return [f"dotted line: the surface has cooled to a lid at {when} yr; the run goes on without one"]
        if self.lid is None:
            return []
        closes = f"dotted line: the lid closes at {number(self.lid, 4)} yr"
        if self.axis.lid is None:
            return [f"{closes}, from where the gas is a closed system"]
        return [f"{closes}; from there the gas is a closed system, the axis linear"]

    @property
    def teeth_text(self) -> list[str]:
        """What the teeth of the curves are, in words; nothing for a mantle without iron in depth."""
        if "cell" not in self.result.get("iron", self.result["time"]).dims:
            return []
        return ["a tooth of a curve is one cell that freezes"]

    @property
    def error_text(self) -> list[str]:
        """What the shades are, in words; nothing for a run without errors."""
        inputs = str(self.result.attrs.get("errors_of", ""))
        if not inputs:
            return []
        return [f"shades: one standard deviation, at a fixed time, to first order, of {inputs}"]

    def parts(self, name: str, scale: float = 1.0, **at: str) -> np.ndarray | None:
        """Independent parts (n, time) of the error of a variable, times a scale. at: of its dimensions."""
        if f"error_part_{name}" not in self.result:
            return None
        chosen = self.result[f"error_part_{name}"].sel(at)
        return np.asarray(chosen.transpose("error_part", "time").values, float) * scale

    @property
    def pile(self) -> np.ndarray | None:
        """When there is a pile; None where the run does not store its thickness."""
        if "pile_thickness" not in self.result:
            return None
        return np.asarray(self.result["pile_thickness"].values) > 0

    def scalars(self, *wanted: Scalar) -> list[Curve]:
        """Curves of variables that the run has. wanted: (variable, scale, text, colour, line style)."""
        curves = []
        for name, scale, text, *look in wanted:
            if name in self.result:
                values = np.asarray(self.result[name].values, float) * scale
                curve = Curve(name, text, values, *look)
                curves.append(replace(curve, parts=self.parts(name, scale)))
        return curves

    def by_species(self, name: str, scale: float = 1.0) -> list[Curve]:
        """A curve for each species of a variable; none where the run does not have it."""
        if name not in self.result:
            return []
        values = np.asarray(self.result[name].transpose("species", "time").values, float) * scale
        return [
            Curve(s, self.names[s], y, *self.styles[s], parts=self.parts(name, scale, species=s))
            for s, y in zip(self.names, values)
        ]


def prepare(result: xarray.Dataset, time_axis: str = "log", size: float = 9.0) -> View:
    """The result ready to draw. time_axis: "log" or "linear". size: of the text [pt].

    InputError for a result without stored times, or an unknown axis.
    """
    if "time" not in result.dims or not result.sizes["time"]:
        raise InputError(
            "result",
            "it has no stored times.",
            "allowed: a Dataset along time, as mocoupled.run and mocoupled.read return it",
        )
    choose("time_axis", time_axis, TIME_AXES)
    time = np.asarray(result["time"].values, float) / YEAR
    species = [str(s) for s in result["species"].values] if "species" in result.coords else []
    formulas = [s.partition(",")[0] for s in species]
    names = {s: formula(f if formulas.count(f) == 1 else s) for s, f in zip(species, formulas)}
    styles: dict[str, tuple[str, LineStyle]] = {s: (colour, "-") for s, colour in SPECIES.items()}
    for k, name in enumerate(sorted(s for s in species if s not in SPECIES)):
        styles[name] = (FURTHER[k % len(FURTHER)], BROKEN[k // len(FURTHER) % len(BROKEN)])
    lid = lid_closed(result)
    axis = time_axis_of(time, result, time_axis, lid)
    return View(result, time, axis, _onset(result, time), lid, lid_left_open(result), names, styles, size)


def _onset(result: xarray.Dataset, time: np.ndarray) -> float | None:
    """When graphite is first there [yr]; None when it never is, or is not known."""
    there = np.zeros(time.size, dtype=bool)
    if "graphite_activity" in result:
        there |= result["graphite_activity"].values > GRAPHITE_ACTIVITY
    if "graphite_mass" in result and "C" in result.get("element", ()):
        carbon = result["element_moles"].sel(element="C").values * ELEMENTS["C"][1]
        there |= (result["graphite_mass"].values > GRAPHITE_SHARE * carbon) & (carbon > 0)
    return float(time[there][0]) if there.any() else None


def reservoirs(view: View, element: str, share: bool = False) -> list[Curve]:
    """Mass of an element [kg], or its share, by reservoir from the mantle outwards; [] without it."""
    result, (_, weight) = view.result, ELEMENTS[element]
    if element not in result.get("element", ()) or "composition" not in result.attrs:
        return []
    shares = _mass_fractions(result, element, weight)
    curves = []
    for name, label, colour in (
        ("trapped_mass", "trapped", TRAPPED),
        ("dissolved_mass", "dissolved", DISSOLVED),
    ):
        masses = [c.times(shares[c.name]) for c in view.by_species(name) if c.name in shares]
        if masses:
            values = np.sum([c.values for c in masses], axis=0)
            curves.append(Curve(label, label, values, colour, parts=_added(masses)))
    if element == "C" and "graphite_mass" in result:
        parts = view.parts("graphite_mass")
        curves.append(Curve("graphite_mass", "graphite", present(result).values, GRAPHITE, parts=parts))
    for condensate in amounts(result):
        if condensate.name in shares and condensate.name != SOLID_CARBON and condensate.mass.any():
            solid = Curve("condensate_mass", condensate.name, condensate.mass, CONDENSED)
            solid = replace(solid, parts=condensate_parts(view, condensate.name, "mass"))
            curves.append(solid.times(shares[condensate.name]))
    for gas in view.by_species("gas_mass"):
        if gas.name in shares:
            curves.append(replace(gas.times(shares[gas.name]), text=f"{gas.text} gas"))
    lost = []
    if "escaped_element_mass" in result:
        if element in result["escaping_element"]:
            gone = result["escaped_element_mass"].sel(escaping_element=element).values
            parts = view.parts("escaped_element_mass", escaping_element=element)
            lost = [Curve("escaped_mass", "escaped", gone, ESCAPED, parts=parts)]
    elif ESCAPING in shares:
        lost = view.scalars(("escaped_mass", shares[ESCAPING], "escaped", ESCAPED))
    if not share:
        return curves + lost
    moles = float(result["element_moles"].sel(element=element).values[0])
    inventory = weight * moles + sum(c.values[0] for c in lost)
    whole = inventory if inventory > 0 else np.nan
    # shares that are stacked have no room for errors
    return [replace(c, values=c.values / whole, parts=None) for c in curves + lost]


def _added(curves: Sequence[Curve]) -> np.ndarray | None:
    """The parts of a sum of curves."""
    parts = [c.parts for c in curves if c.parts is not None]
    return np.sum(parts, axis=0) if len(parts) == len(curves) else None


def condensate_parts(view: View, name: str, what: str) -> np.ndarray | None:
    """The parts of the error of the "mass" or "activity" of a condensate that is listed, or a metal."""
    if name in view.result.get("condensate", ()):
        return view.parts(f"condensate_{what}", condensate=name)
    return view.parts(f"metal_{what}") if name == METAL else None


def _mass_fractions(result: xarray.Dataset, element: str, weight: float) -> dict[str, float]:
    """Species -> mass of the element in a mass of the species. weight: of the element [kg/mol]."""
    composition = json.loads(result.attrs["composition"])
    molar_masses = json.loads(result.attrs["molar_masses"])
    shares = {}
    for species, atoms in composition.items():
        if atoms.get(element):
            shares[species] = atoms[element] * weight / molar_masses[species]
    return shares
