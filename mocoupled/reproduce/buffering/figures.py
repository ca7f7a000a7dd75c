"""Figures of Manjón-Cabeza Córdoba & Ballmer (arXiv 2605.04840), drawn again from the buffered magma
ocean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ...cumulates.crossing_search import path, scan
from ...plots.buffering import BLACK, COLD, WARM, Line, Panel, draw
from ...schema.buffering_case import BufferingCase
from ..paper import picture
from .energy import CASES, CONSERVED, PAPER, TIMESCALES, history
from .values import MYR, RANGES, REFERENCE, VISCOSITIES, iron, iron_anomaly, quiet

if TYPE_CHECKING:
    import xarray

FIGURES: Mapping[int, str] = MappingProxyType(
    {
        1: "iron of ocean, crystals and melts as the pile grows",
        2: "Fe# and density anomaly over the timescale of crystallisation",
        3: "anomaly of Fe# over mantle thickness and bulk Fe#",
        4: "sensitivity to viscosity, KD and core temperature",
        7: "viscosity: Earth and Mars",
        8: "density anomaly with other minerals",
        9: "not of the paper: the pile pays for its melts",
    }
)
CAPTION = (
    "Drawn again by mocoupled, as the text describes it; values that the paper does not print are "
    "calibrated to Fe# 26 (Earth) and about 57 (Mars)."
)
CORES = {
    "fixed": "core 4400 K (as captioned)",
    "solidus": "core follows the solidus",
    "potential": "core's potential temperature fixed",
}
STYLES = {"earth": "-", "mars": "--"}
AXIS_OF_PAPER = "axis of the paper's figure"


@dataclass(frozen=True)
class Variation:
    """A line of Fig. 2 and Fig. 8: a case with changes, the text of the legend, colour and width [pt]."""

    case: str
    text: str
    colour: str
    width: float
    changes: Mapping[str, float]


def draw_figure(figure: int, points: int, output: Path) -> Path:
    """Draw a figure into output/figures. points: of each line. Returns its path."""
    where = output / picture(figure)
    where.parent.mkdir(parents=True, exist_ok=True)
    return draw(_PANELS[figure](points), f"Figure {figure}: {FIGURES[figure]}", CAPTION, where)


def _growth_of_pile(points: int) -> list[Panel]:
    return [
        _growth_of_case("earth", "Earth", COLD[0], points),
        _growth_of_case("mars", "Mars", WARM[0], points),
    ]


def _growth_of_case(case: str, name: str, colour: str, points: int) -> Panel:
    base, buffered = BufferingCase.read(case), quiet(case)
    solid_fraction = np.linspace(scan()[0], 0.985, 4 * points)
    states = path(solid_fraction, base.values, base.readings)
    at, Fe = float(buffered.solid_fraction), float(buffered.ocean_iron)
    text = f"buffered: Fe# {100 * Fe:.1f}"
    lines = [
        Line(solid_fraction, 100 * states.ocean_iron, "ocean, fractional", colour, "--"),
        Line(solid_fraction, 100 * states.crystal_iron, "crystals", "#666666"),
        Line(solid_fraction, 100 * states.melt_iron, "melts of the pile", WARM[2]),
        Line(np.array([at]), 100 * np.array([Fe]), text, BLACK, ""),
    ]
    marks = [(at, "crystals = melts")]
    return Panel(lines, "solid fraction", "Fe#", marks=marks, limits=(0, 100), title=name)


def _variations() -> Iterator[Variation]:
    """The lines of Fig. 2: of each case the reference, then one value changed at a time."""
    for case, colours in (("earth", COLD), ("mars", WARM)):
        yield Variation(case, f"{case}, reference", BLACK, 1.8, REFERENCE[case])
        for k, (name, value, text) in enumerate(_changes(case)):
            changes = {**REFERENCE[case], name: value}
            yield Variation(case, f"{case}, {text}", colours[k % len(colours)], 0.9, changes)


def _changes(case: str) -> list[tuple[str, float, str]]:
    """Name, value and text of what Fig. 2 changes, without the values of the references."""
    changes = [("viscosity", value, f"{value:.0e} Pa s") for value in VISCOSITIES if value != 1e18]
    for value in RANGES[case]["bulk_iron"]:
        if value not in (0.1, 0.2):
            changes.append(("bulk_iron", value, f"bulk Fe# {100 * value:g}"))
    for value in RANGES[case]["core_temperature"]:
        if value not in (4400.0, 2400.0):
            changes.append(("core_temperature", value, f"core {value:g} K"))
    return changes


def _timescales(points: int) -> tuple[np.ndarray, list[tuple[Variation, xarray.Dataset]]]:
    """Timescales of crystallisation [s], and each variation with its results along them."""
    times = np.geomspace(0.1, 100.0, points) * MYR
    return times, [(line, quiet(line.case, **line.changes, timescale=times)) for line in _variations()]


def _against_time(points: int) -> list[Panel]:
    times, results = _timescales(points)
    x = times / MYR
    iron_lines, density_lines = [], []
    for line, result in results:
        style = STYLES[line.case]
        density = result.density_anomaly.sel(structure="bridgmanite").values
        earth_text = line.text if line.case == "earth" else ""
        mars_text = line.text if line.case == "mars" else ""
        Fe = 100 * result.ocean_iron.values
        iron_lines.append(Line(x, Fe, earth_text, line.colour, style, line.width))
        density_lines.append(Line(x, density, mars_text, line.colour, style, line.width))
    label = "timescale, Myr"
    title = "solid lines: Earth; broken: Mars"
    band = (0.0, 300.0, "entrained, says the paper")
    return [
        Panel(iron_lines, label, "largest Fe#", True, title=title),
        Panel(density_lines, label, "density anomaly, kg/m³", True, band=band, title="as bridgmanite"),
    ]


def _size_and_bulk(points: int) -> list[Panel]:
    thickness = np.linspace(1000e3, 3600e3, points)
    bulk_iron = np.linspace(0.02, 0.25, points)
    colours = (BLACK, COLD[0], WARM[0])
    sizes = [
        Line(thickness / 1e3, iron_anomaly(thickness, core), f"{text}, static", colour)
        for (core, text), colour in zip(CORES.items(), colours)
    ]
    for (core, text), colour in zip(CORES.items(), colours):
        anomaly = iron_anomaly(thickness, core, timescale=MYR)
        sizes.append(Line(thickness / 1e3, anomaly, f"{text}, 1 Myr", colour, ":"))
    result = quiet("earth", bulk_iron=bulk_iron)
    bulks = [Line(100 * bulk_iron, 100 * (result.ocean_iron - result.pile_iron).values)]
    label = "Fe# of ocean less pile"
    return [
        Panel(
            sizes,
            "mantle thickness, km",
            label,
            marks=[(1600.0, "Mars"), (2890.0, "Earth")],
            limits=(0, 100),
            title="Earth otherwise; no value: no buffered ocean",
        ),
        Panel(bulks, "bulk Fe#", label, marks=[(10.0, "Earth"), (20.0, "Mars")], title="Earth otherwise"),
    ]


def _sensitivity(points: int) -> list[Panel]:
    viscosity = np.geomspace(1e17, 1e21, points)
    KD = np.linspace(0.2, 0.4, points)
    temperature = np.linspace(4000.0, 4600.0, points)
    return [
        Panel(
            [Line(viscosity, iron("earth", viscosity=viscosity))],
            "viscosity, Pa s",
            "Fe#",
            True,
            band=(26.4, 27.4, AXIS_OF_PAPER),
            limits=(26.0, 27.8),
        ),
        Panel([Line(KD, iron("earth", exchange_coefficient=KD))], "KD", "Fe#"),
        Panel([Line(temperature, iron("earth", core_temperature=temperature))], "core temperature, K", "Fe#"),
    ]


def _viscosity(points: int) -> list[Panel]:
    viscosity = np.geomspace(1e17, 1e21, points)
    bands = {"earth": (26.4, 27.4, AXIS_OF_PAPER), "mars": (56.0, 59.0, AXIS_OF_PAPER)}
    limits = {"earth": (26.0, 27.8), "mars": (55.0, 60.0)}
    return [
        Panel(
            [Line(viscosity, iron(case, viscosity=viscosity))],
            "viscosity, Pa s",
            "Fe#",
            True,
            band=bands[case],
            limits=limits[case],
            title=case.capitalize(),
        )
        for case in bands
    ]


def _minerals(points: int) -> list[Panel]:
    times, results = _timescales(points)
    panels = []
    for mineral in ("akimotoite", "pyroxene"):
        lines = []
        for line, result in results:
            structure = mineral if line.case == "mars" else "bridgmanite"
            density = result.density_anomaly.sel(structure=structure).values
            text = line.text if line.width > 1 else ""
            lines.append(Line(times / MYR, density, text, line.colour, STYLES[line.case], line.width))
        title = f"Mars as {mineral}, Earth as bridgmanite"
        panels.append(Panel(lines, "timescale, Myr", "density anomaly, kg/m³", True, title=title))
    return panels


def _who_pays(points: int) -> list[Panel]:
    """Growth with energy conserved (lines) and prescribed (dotted): over solid fraction, and over time."""
    return [
        *(_growth_with_energy(case, "solid fraction") for case in CASES),
        *(_growth_with_energy(case, "time, Myr") for case in CASES),
    ]


def _growth_with_energy(case: str, x: str) -> Panel:
    lines = []
    for colour, timescale in zip(COLD if case == "earth" else WARM, TIMESCALES):
        for energy, style in ((CONSERVED, "-"), (PAPER, ":")):
            run = history(case, timescale, energy)
            over = run.solid_fraction.values if x == "solid fraction" else run.time.values / MYR
            text = f"{timescale} Myr, {energy}"
            lines.append(Line(over, 100 * run.ocean_iron.values, text, colour, style))
    return Panel(lines, x, "Fe#", x != "solid fraction", limits=(0, 100), title=case.capitalize())


_PANELS: Mapping[int, Callable[[int], list[Panel]]] = MappingProxyType(
    {
        1: _growth_of_pile,
        2: _against_time,
        3: _size_and_bulk,
        4: _sensitivity,
        7: _viscosity,
        8: _minerals,
        9: _who_pays,
    }
)
