"""Light of a star along its age: laws of the bolometric and of the XUV luminosity, smooth in time."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import sympy

from ..closures.registry import law
from ..constants import ASTRONOMICAL_UNIT, SOLAR_LUMINOSITY, YEAR
from ..dae.leaves.external import External
from ..dae.leaves.smooth_curve import Curve
from .star_tracks import track_of

XUV_UNIT = "W"
KNEE = 4  # power of the smooth knee between saturation and decline


def _beyond(curve: Curve, name: str) -> External:
    """The curve as a leaf, constant outside its ends."""

    def function(orders: tuple[int, ...], x: float) -> float:
        inside = min(max(x, curve.low), curve.high)
        if inside != x and orders[0]:
            return 0.0
        return curve((orders[0],), inside)

    return External(name, function, 1)


@lru_cache(maxsize=32)
def log10_luminosity(mass: float) -> External:
    """log10 of the luminosity over that of the Sun, of log10(age/yr), for a star of this mass [kg].

    Constant before and after its track.
    """
    return _beyond(track_of(mass).log10_luminosity, "log10_luminosity_of_star")


@lru_cache(maxsize=32)
def effective_temperature(mass: float) -> External:
    """Effective temperature [K] of log10(age/yr), for a star of this mass [kg]; constant beyond its track."""
    return _beyond(track_of(mass).temperature, "effective_temperature_of_star")


def log10_years(age: sympy.Expr) -> sympy.Expr:
    """log10 of an age [s] in years: the argument of the leaves."""
    return sympy.log(age / YEAR) / math.log(10.0)


@law(
    "luminosity",
    "Baraffe2015",
    unit="W",
    reference="Baraffe, Homeier, Allard & Chabrier 2015, Astron. Astrophys. 577, A42 (BHAC15)",
    key="Baraffe2015",
    doi="10.1051/0004-6361/201425481",
    attributes={
        "conditions": "solar metallicity; 0.075 to 1.4 solar masses, interpolated in mass and age",
        "outside": "constant before and after the track",
    },
)
def baraffe_2015(*, mass: float, age: sympy.Expr, **_: object) -> sympy.Expr:
    """Bolometric luminosity [W] of a star of a mass [kg, a number] at an age [s]."""
    return SOLAR_LUMINOSITY * sympy.exp(math.log(10.0) * log10_luminosity(float(mass))(log10_years(age)))


class Saturation(NamedTuple):
    """XUV over bolometric luminosity: `fraction` until `time` [s], then falling with age^exponent."""

    fraction: float
    time: float
    exponent: float
    reference: str
    key: str
    doi: str


# name -> the numbers of a law of saturation
SATURATIONS = {
    "Tu2015-median": Saturation(
        7.4e-4, 23e6 * YEAR, -1.22,
        "Tu, Johnstone, Guedel & Lammer 2015, Astron. Astrophys. 577, L3: a Sun of median rotation; numbers "
        "as in PACMAN's runs for CHILI",
        "Tu2015", "10.1051/0004-6361/201526146",
    ),
    "Ribas2005-saturated": Saturation(
        1e-3, 100e6 * YEAR, -1.23,
        "decline of Ribas et al. 2005, Astrophys. J. 622, 680, after saturation at 1e-3 for 100 Myr, as in "
        "NEONGOOEY's runs for CHILI",
        "Ribas2005", "10.1086/427977",
    ),
    "LugerBarnes2015": Saturation(
        1e-3, 1e9 * YEAR, -1.23,
        "Luger & Barnes 2015, Astrobiology 15, 119: M stars",
        "Luger2015", "10.1089/ast.2014.1231",
    ),
    "Fleming2020": Saturation(
        10.0**-3.03, 3.14e9 * YEAR, -1.17,
        "Fleming et al. 2020, Astrophys. J. 891, 155: TRAPPIST-1",
        "Fleming2020", "10.3847/1538-4357/ab77ad",
    ),
}  # fmt: skip


def knee(age: sympy.Expr, time: float, exponent: float) -> sympy.Expr:
    """1 well before `time` [s], (age/time)^exponent well after it: (1 + (age/time)^4)^(exponent/4)."""
    return (1 + (age / time) ** KNEE) ** (exponent / KNEE)


def _saturated(numbers: Saturation, name: str) -> None:
    """Register the XUV law of these numbers."""

    @law("xuv", name, unit=XUV_UNIT, reference=numbers.reference, key=numbers.key, doi=numbers.doi)
    def saturated(*, luminosity: sympy.Expr, age: sympy.Expr, **_: object) -> sympy.Expr:
        """XUV luminosity [W] from the bolometric luminosity [W] at an age [s]: saturated, then falling."""
        return numbers.fraction * luminosity * knee(age, numbers.time, numbers.exponent)


for _name, _numbers in SATURATIONS.items():
    _saturated(_numbers, _name)


@law(
    "xuv",
    "Ribas2005",
    unit=XUV_UNIT,
    reference="Ribas, Guinan, Guedel & Audard 2005, Astrophys. J. 622, 680: 0.1 to 120 nm",
    key="Ribas2005",
    doi="10.1086/427977",
    attributes={"conditions": "the Sun and its analogues from 0.1 to 6.7 Gyr; constant before, knee smooth"},
)
def ribas_2005(*, age: sympy.Expr, **_: object) -> sympy.Expr:
    """XUV luminosity [W] of the Sun: 29.7 (age/Gyr)^-1.23 erg/s/cm2 at 1 au from 0.1 Gyr on; age [s]."""
    first, exponent = 0.1e9 * YEAR, -1.23
    at_first = 29.7e-3 * 0.1**exponent
    return 4 * math.pi * ASTRONOMICAL_UNIT**2 * at_first * knee(age, first, exponent)
