"""Bond albedo of a planet below its gas: clear sky between tabulated values, and clouds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import sympy

from ..constants import BAR
from .registry import law

# gases of the table, and those that scatter like nitrogen and carbon monoxide
SCATTERERS = {"H2O": "H2O", "CO2": "CO2", "CO": "CO", "N2": "CO", "H2": "H2", "He": "H2"}
AXES = ("H2O", "CO2", "CO", "H2")
# effective temperatures of the stars [K], and albedos under each: of columns with pressures in bar over a
# surface of albedo 0.1. Without gas it is that of the surface.
STARS = (5772.0, 4000.0, 2600.0)
CLEAR_SKY: Sequence[tuple[Mapping[str, float], tuple[float, float, float]]] = (
    ({}, (0.1, 0.1, 0.1)),
    ({"H2O": 270.0}, (0.20, 0.065, 0.008)),
    ({"H2O": 10.0}, (0.17, 0.05, 0.005)),
    ({"H2O": 400.0, "CO2": 100.0}, (0.22, 0.08, 0.01)),
    ({"H2O": 4.0, "CO2": 130.0}, (0.36, 0.16, 0.03)),
    ({"CO2": 100.0}, (0.62, 0.41, 0.16)),
    ({"CO": 100.0}, (0.67, 0.48, 0.26)),
    ({"H2": 100.0, "H2O": 1.0}, (0.33, 0.14, 0.03)),
)
CLOSE = 1e-3  # distance in log10(1 + p/bar) within which a value of the table is met


def _amount(pressure: sympy.Expr | float) -> sympy.Expr:
    """log10(1 + p/bar) of a pressure [Pa]."""
    return sympy.log(1 + pressure / BAR) / math.log(10.0)


def _of_star(values: Sequence[float], star_temperature: sympy.Expr) -> sympy.Expr:
    """The parabola through the albedos under the three stars, at a star's effective temperature [K]."""
    total: sympy.Expr = sympy.S.Zero
    for k, value in enumerate(values):
        others = [T for T in STARS if STARS[k] != T]
        total += value * math.prod((star_temperature - T) / (STARS[k] - T) for T in others)
    return total


@law(
    "albedo",
    "clear-sky",
    unit="1",
    reference="clear columns of correlated-k tables of HITEMP and HITRAN lines with Rayleigh scattering "
    "(Wogan et al. 2023; Rothman et al. 2010), computed for this program",
    key="Wogan2023",
    further_keys=("Rothman2010",),
    doi="10.3847/PSJ/aced83",
    attributes={
        "conditions": "no clouds, surface albedo 0.1, 800 K or hotter; eight columns, 1 to 400 bar",
        "outside": "mean of the columns by inverse square distance; a parabola in the star's temperature",
        "arguments": ("star_temperature", "p_H2O", "p_CO2", "p_CO", "p_N2", "p_H2", "p_He"),
    },
    star_temperature=(2600.0, 5772.0),
)
def clear_sky(*, star_temperature: sympy.Expr, **pressures: sympy.Expr) -> sympy.Expr:
    """Albedo of a clear sky, interpolated among eight columns of gas and three stars.

    star_temperature: effective [K]. p_<species> [Pa]; other gases than H2O, CO2, CO, N2, H2 and He do not
    count. Spread: a column of the table that is left out is met within 0.21, 0.18 and 0.10 (rms) under the
    three stars: docs/stars.md.
    """
    return interpolated(CLEAR_SKY, star_temperature, pressures)


def interpolated(
    table: Sequence[tuple[Mapping[str, float], Sequence[float]]],
    star_temperature: sympy.Expr,
    pressures: Mapping[str, sympy.Expr],
) -> sympy.Expr:
    """The albedo among the columns of a table: mean with weights of 1 over the squared distance.

    table: pressures [bar] and albedos under the stars. pressures: "p_<species>" -> [Pa].
    """
    amounts: dict[str, sympy.Expr] = dict.fromkeys(AXES, sympy.S.Zero)
    for species, axis in SCATTERERS.items():
        amounts[axis] += pressures.get(f"p_{species}", 0)
    here = {axis: _amount(amount) for axis, amount in amounts.items()}
    weights, total = sympy.S.Zero, sympy.S.Zero
    for columns, albedos in table:
        distance = sum((here[axis] - math.log10(1.0 + columns.get(axis, 0.0))) ** 2 for axis in AXES)
        weight = 1 / (distance + CLOSE**2)
        weights += weight
        total += weight * _of_star(albedos, star_temperature)
    return total / weights


WIDTH = 400.0  # K, of the step between hot and cold
JUST_POSITIVE = 1e-3  # of log10(p/bar): width of the start of the rise of the step with pressure


@law(
    "albedo",
    "clouds-Pluriel2019",
    unit="1",
    reference="form of Krissansen-Totton et al. 2021, AGU Advances 2, 2, after the clouds of "
    "Pluriel, Marcq & Turbet 2019, Icarus 317, 583",
    key="KrissansenTotton2021",
    further_keys=("Pluriel2019",),
    doi="10.1029/2020AV000294",
    attributes={
        "conditions": "steam with clouds; 0 to 0.3 hot, 0.25 to 0.7 cold: the middle of each",
        "arguments": ("T", "p_H2O"),
    },
)
def cloudy(
    *, T: sympy.Expr, p_H2O: sympy.Expr | float = 0.0, hot: float = 0.15, cold: float = 0.475, **_: object
) -> sympy.Expr:
    """Albedo with clouds, high above a cold surface: a step of width 400 K in the surface temperature T [K].

    It is at 1000 K + 200 K (log10 p_H2O/bar)^2 above 1 bar of steam, else at 1000 K. p_H2O [Pa]. hot, cold:
    albedos far from the step.
    """
    log10_bar = sympy.log(p_H2O / BAR + 1e-12) / math.log(10.0)
    above = (log10_bar + sympy.sqrt(log10_bar**2 + JUST_POSITIVE**2)) / 2
    step = 1000.0 + 200.0 * above**2
    return (cold - hot) / 2 * sympy.tanh((step - T) / WIDTH) + (hot + cold) / 2
