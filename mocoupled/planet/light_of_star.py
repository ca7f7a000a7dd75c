"""The starlight that a planet absorbs beside the law "bands", its albedo, and the stratosphere above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..case import Case
from ..closures.law_types import Law
from ..closures.registry import find
from ..constants import STEFAN_BOLTZMANN_CONSTANT
from ..dae.declare.model import TIME
from ..dae.leaves.external import numeric
from ..errors import InputError
from .star_of_case import Starlight, starlight

# K; the stratosphere that follows the absorbed flux stays within these: see docs/radiation.md
STRATOSPHERE = (150.0, 450.0)
SMOOTH = 1.0  # K, the width of the bend at either end
TIMES = 200  # at which the star's track is read for extremes


@dataclass(frozen=True)
class AbsorbedLight:
    """flux: absorbed, mean over the sphere [W/m2]. albedo: of the planet. star: its light.

    stratosphere: its temperature [K], which follows the absorbed flux; None where the case states it.
    All are expressions of TIME, and with a law of the albedo of the surface and its gas.
    """

    flux: sympy.Expr
    albedo: sympy.Expr
    star: Starlight
    stratosphere: sympy.Expr | None


def absorbed_light(case: Case, T: sympy.Expr, pressures: Mapping[str, sympy.Expr]) -> AbsorbedLight:
    """The absorbed starlight over a surface at T [K] under the gas: (1 - A) L/(16 pi a^2).

    pressures: species -> [Pa]. InputError for a star that cannot be computed.
    """
    star = starlight(case)
    albedo = sympy.sympify(_albedo(case, star, T, pressures))
    flux = (1 - albedo) * star.mean_insolation
    follows = case.atmosphere.stratosphere is None
    return AbsorbedLight(flux, albedo, star, skin_temperature(flux) if follows else None)


def albedo_law(case: Case) -> Law | None:
    """The law of the albedo; None for a number. InputError for a name that no law has."""
    name = case.atmosphere.albedo
    if not isinstance(name, str):
        return None
    return find("albedo", name, f"{case.name} [atmosphere] albedo = {name!r}")


def _albedo(
    case: Case, star: Starlight, T: sympy.Expr, pressures: Mapping[str, sympy.Expr]
) -> sympy.Expr | float:
    law = albedo_law(case)
    if law is None:
        return float(case.atmosphere.albedo)
    if star.temperature is None:
        raise InputError(
            f"{case.name} [star] mass",
            f"the law of the albedo, {law.name!r}, needs the star's temperature, and no track has this mass.",
            cure="set atmosphere.albedo to a number",
        )
    gas = {f"p_{species}": pressure for species, pressure in pressures.items()}
    return law(T=T, star_temperature=star.temperature, **gas)


def skin_temperature(absorbed: sympy.Expr) -> sympy.Expr:
    """Temperature [K] of a thin layer above the absorbed flux F [W/m2]: (F/(2 sigma))^(1/4), 150 to 450 K.

    Smooth within some K of both ends.
    """
    low, high = STRATOSPHERE
    skin = (absorbed / (2.0 * STEFAN_BOLTZMANN_CONSTANT)) ** sympy.Rational(1, 4)
    below = high - SMOOTH * sympy.log(1 + sympy.exp((high - skin) / SMOOTH))
    return low + SMOOTH * sympy.log(1 + sympy.exp((below - low) / SMOOTH))


# ---- numbers before the run


@lru_cache(maxsize=32)
def insolation_between(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Times from start to run.end_time [s], and the mean insolation [W/m2] at each; both (time,)."""
    light = starlight(case)
    end = case.run.end_time or 0.0
    age = float(case.star.age)
    times = np.geomspace(age, age + end, TIMES) - age
    times[0], times[-1] = 0.0, end
    value = numeric([TIME], light.mean_insolation)
    return times, np.array([float(value(t)) for t in times])


def highest_stratosphere(case: Case) -> float:
    """The highest temperature of the stratosphere [K] along the run; without albedo where a law sets it."""
    if case.atmosphere.stratosphere is not None:
        return float(case.atmosphere.stratosphere)
    albedo = case.atmosphere.albedo
    share = 1.0 if isinstance(albedo, str) else 1.0 - float(albedo)
    return float(skin_temperature(sympy.Float(share * insolation_between(case)[1].max())))
