"""Figures of the outgoing radiation: steam against temperature, mixtures, and the limit against gravity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from ...plots.radiation import Curve, draw_curves
from ...plots.style import formula
from ..paper import PIXELS, picture
from .values import FINE, Published, flux

FIGURES: Mapping[int, str] = MappingProxyType(
    {
        1: "outgoing radiation of steam of 270 bar against surface temperature",
        2: "outgoing radiation of mixtures against surface temperature",
        3: "the limit of steam against gravity",
    }
)
CAPTION = "Lines: this program, 28 + 20 levels, stratosphere 200 K. "
BAND = "Pale lines: all absorption times 0.5 and 2, the range of what is not known. "
REFERENCE = "72 bands"  # the source of points beside mixtures
MIXTURES: tuple[tuple[str, dict[str, float]], ...] = (
    ("H2O 100", {"H2O": 100.0}),
    ("H2O 100, CO2 100", {"H2O": 100.0, "CO2": 100.0}),
    ("H2O 100, H2 100", {"H2O": 100.0, "H2": 100.0}),
    ("CO2 100, H2O 3", {"CO2": 100.0, "H2O": 3.0}),
    ("CO2 100", {"CO2": 100.0}),
    ("CO 100", {"CO": 100.0}),
    ("H2 50, CH4 50, N2 1", {"H2": 50.0, "CH4": 50.0, "N2": 1.0}),
)


def draw(figure: int, rows: Sequence[Published], output: Path, points: int) -> Path:
    """Draw a figure into output/figures. rows: published fluxes. points: along each of our lines."""
    curves, axis, title = {1: _steam, 2: _mixtures, 3: _gravity}[figure](rows, points)
    label = CAPTION + (BAND if figure == 1 else "") + "Points: published, see the table."
    return draw_curves(
        curves, (axis, title[0].upper() + title[1:], label), output / picture(figure), PIXELS, log=figure != 3
    )


def _steam(rows: Sequence[Published], points: int) -> tuple[list[Curve], str, str]:
    T = np.linspace(300.0, 3000.0, points)
    curves = [
        Curve(f"opacity x {factor:g}", T, flux(T, {"H2O": 270.0}, 9.81, FINE, factor), pale=factor != 1.0)
        for factor in (0.5, 1.0, 2.0)
    ]
    return [*curves, *_points(rows, "steam")], "Surface temperature (K)", FIGURES[1]


def _points(rows: Sequence[Published], table: str) -> list[Curve]:
    """The published values of a table, those of each source together."""
    curves = []
    for source in dict.fromkeys(row.source for row in rows if row.table == table):
        chosen = [row for row in rows if row.table == table and row.source == source]
        x = np.array([row.gravity if table == "gravity" else row.temperature for row in chosen])
        curves.append(Curve(source, x, np.array([row.flux for row in chosen]), line=False))
    return curves


def _mixtures(rows: Sequence[Published], points: int) -> tuple[list[Curve], str, str]:
    T = np.linspace(700.0, 3000.0, points)
    curves = [Curve(_named(name), T, flux(T, gases, 9.81, FINE)) for name, gases in MIXTURES]
    for name, gases in MIXTURES:
        chosen = [
            row for row in rows if (dict(row.gases), row.gravity, row.source) == (gases, 9.81, REFERENCE)
        ]
        x, y = (np.array([getattr(row, what) for row in chosen]) for what in ("temperature", "flux"))
        if chosen:
            curves.append(Curve(REFERENCE, x, y, line=False, like=_named(name)))
    return curves, "Surface temperature (K)", FIGURES[2]


def _named(mixture: str) -> str:
    """A mixture in the legend."""
    return f"{formula(mixture)} bar"


def _gravity(rows: Sequence[Published], points: int) -> tuple[list[Curve], str, str]:
    gravity = np.geomspace(3.0, 30.0, points)
    ours = Curve("1200 K, 270 bar", gravity, flux(1200.0, {"H2O": 270.0}, gravity, FINE))
    coarse = Curve("14 + 10 levels", gravity, flux(1200.0, {"H2O": 270.0}, gravity), pale=True)
    return [ours, coarse, *_points(rows, "gravity")], "Gravity (m/s²)", FIGURES[3]
