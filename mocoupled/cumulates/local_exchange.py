"""K_D where crystals and melts form: at the top of the pile, by the law of pressure that a case names.

With a number as K_D nothing here changes anything. With a law, crystals of the ocean and melts of the pile
have K_D of the pressure at the top of the pile, where the first settle and the second leave.
The lens of the pile is that of this K_D. The way without remelting is integrated instead of the closed form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
import sympy

from ..closures.distillation import distilled, distilled_along
from ..closures.exchange_coefficient import check_exchange, exchange_at, exchange_expression
from ..schema.buffering_keys import LAW
from .remelting_equations import COMPRESSIBILITY, front_pressure, symbol

# SI, by the names of a BufferingCase: numbers, or arrays (n,)
Values = Mapping[str, float | np.ndarray]
KEY = "exchange_coefficient"
_PLANET = ("density", "gravity", "mantle_thickness", "core_radius", COMPRESSIBILITY)


@lru_cache(maxsize=16)
def _compiled(geometry: str, compressed: bool) -> Callable[..., np.ndarray]:
    expression = front_pressure({"geometry": geometry}, compressed)
    arguments = [symbol(name) for name in ("solid_fraction", *_PLANET)]
    return sympy.lambdify(arguments, expression, modules="numpy")


def top_pressure(solid_fraction: np.ndarray, values: Values, readings: Mapping[str, str]) -> np.ndarray:
    """Pressure [Pa] at the top of a pile, of the shape of the solid fraction (..., n)."""
    planet = [values.get(name, 0.0) for name in _PLANET]
    function = _compiled(readings["geometry"], COMPRESSIBILITY in values)
    f = np.asarray(solid_fraction, dtype=float)
    return np.maximum(np.broadcast_to(function(f, *planet), f.shape), 0.0)


def exchange_of(solid_fraction: np.ndarray, values: Values, readings: Mapping[str, str]) -> np.ndarray:
    """K_D at the top of a pile, of the shape of the solid fraction (..., n)."""
    if LAW in readings:
        return exchange_at(readings[LAW], top_pressure(solid_fraction, values, readings))
    return np.broadcast_to(np.asarray(values[KEY], dtype=float), np.shape(solid_fraction))


def with_exchange(solid_fraction: np.ndarray, values: Values, readings: Mapping[str, str]) -> Values:
    """The values with K_D at the top of piles (n,) where a law gives it."""
    if LAW not in readings:
        return values
    return {**values, KEY: exchange_of(solid_fraction, values, readings)}


def without_remelting(solid_fraction: np.ndarray, values: Values, readings: Mapping[str, str]) -> np.ndarray:
    """Fe/(Fe + Mg) of the ocean on the way of fractional crystallisation, at solid fractions (n,)."""
    left, X_bulk = 1 - np.asarray(solid_fraction, dtype=float), values["bulk_iron"]
    if LAW not in readings:
        return distilled(left, X_bulk, values[KEY])
    return distilled_along(left, X_bulk, lambda f: exchange_of(f, values, readings))


def front_exchange(values: Mapping[str, float], readings: Mapping[str, str]) -> sympy.Expr | None:
    """K_D at the top of the pile as an expression in its solid fraction; None for one number."""
    if LAW not in readings:
        return None
    pressure = front_pressure(readings, COMPRESSIBILITY in values)
    here = pressure.subs({symbol(name): values[name] for name in _PLANET if name in values})
    return exchange_expression(readings[LAW], here)


def check_pressures(values: Values, readings: Mapping[str, str]) -> None:
    """InputError for a law of K_D that does not cover the pressures of all mantles."""
    if LAW in readings:
        deepest = np.max(np.asarray(values["density"]) * values["gravity"] * values["mantle_thickness"])
        check_exchange(readings[LAW], 0.0, float(deepest), f"{KEY} = {readings[LAW]!r}")
