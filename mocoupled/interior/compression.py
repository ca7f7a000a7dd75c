"""Compression of the solids of planets at 300 K: pressure as a function of density, by name.

The laws of the kind "compression". A material is one law, or several one below the other.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import sympy
from numpy.typing import ArrayLike

from ..closures.registry import find, law, names
from ..errors import ConvergenceError, InputError, nearest

KIND: Final = "compression"
_GPA = 1.0e9
# Pa; the power laws of Seager et al. 2007 end there
_SEAGER_END = 1.0e16
_SEAGER_DOI = "10.1086/521346"
ITERATIONS = 80
# Newton's method starts from a cubic through this many points of a law, whose densities above that of
# 0 Pa are these powers of ten of the latter
_POINTS, _FIRST, _LAST = 400, -9.0, 2.0


def vinet(rho: sympy.Expr, rho_0: float, K_0: float, K_0_prime: float) -> sympy.Expr:
    """Pressure [Pa] of Vinet et al. 1987 at density rho [kg/m3].

    rho_0 [kg/m3]: without pressure; K_0 [Pa]: bulk modulus there; K_0_prime: its change with pressure.
    """
    f = (rho_0 / rho) ** sympy.Rational(1, 3)
    return 3 * K_0 * (1 - f) / f**2 * sympy.exp(1.5 * (K_0_prime - 1) * (1 - f))


# name -> density without pressure [kg/m3], K_0 [GPa], K_0', highest pressure [GPa], key, reference
_VINET: Mapping[str, tuple[float, float, float, float, str, str]] = {
    "MgSiO3-Fei2021": (
        4176.0, 265.5, 4.16, 1254.0, "Fei2021",
        "Fei et al. 2021, Nature Communications 12, 876 (bridgmanite; shock waves to 1254 GPa)",
    ),
    "MgSiO3-Sakai2016": (
        4260.0, 324.0, 3.3, 1200.0, "Sakai2016",
        "Sakai, Dekura & Hirao 2016, Scientific Reports 6, 22652 (post-perovskite)",
    ),
    "iron-Smith2018": (
        8219.0, 177.7, 4.51, 1400.0, "Smith2018",
        "Smith et al. 2018, Nature Astronomy 2, 452 (hexagonal iron; ramp compression to 1400 GPa)",
    ),
    "iron-Boujibar2020": (
        8160.0, 165.0, 4.9, 1400.0, "Boujibar2020",
        "Boujibar, Driscoll & Fei 2020, J. Geophys. Res. Planets 125 (hexagonal iron)",
    ),
    "Fe7Si-Wicks2018": (
        7700.0, 125.0, 5.5, 1314.0, "Wicks2018",
        "Wicks et al. 2018, Science Advances 4, eaao5864 (Fe with 7 % Si by mass, liquid; to 1314 GPa)",
    ),
    "forsterite-Stixrude2005": (
        3226.8, 128.0, 4.2, 24.0, "Stixrude2005",
        "Stixrude & Lithgow-Bertelloni 2005, Geophys. J. Int. 162, 610 (forsterite, V_0 = 43.60 cm3/mol, in "
        "the form of Vinet, for the upper mantle)",
    ),
}  # fmt: skip

# name -> rho_0 [kg/m3], c [kg/m3/Pa^n], n, material
_SEAGER: Mapping[str, tuple[float, float, float, str]] = {
    "iron-Seager2007": (8300.0, 0.00349, 0.528, "hexagonal iron"),
    "MgSiO3-Seager2007": (4100.0, 0.00161, 0.541, "MgSiO3 perovskite"),
    "MgFeSiO3-Seager2007": (4260.0, 0.00127, 0.549, "(Mg,Fe)SiO3 perovskite"),
    "ice-Seager2007": (1460.0, 0.00311, 0.513, "H2O ice"),
    "graphite-Seager2007": (2250.0, 0.00350, 0.514, "graphite"),
    "SiC-Seager2007": (3220.0, 0.00172, 0.537, "silicon carbide"),
}


def _register_vinet(name: str) -> None:
    rho_0, K_0, K_0_prime, end, key, reference = _VINET[name]

    def pressure_of_density(*, rho: sympy.Expr, **_: object) -> sympy.Expr:
        """Pressure [Pa] at density rho [kg/m3] and 300 K, by Vinet et al. 1987."""
        return vinet(rho, rho_0, K_0 * _GPA, K_0_prime)

    law(KIND, name, unit="Pa", reference=reference, key=key, P=(0.0, end * _GPA))(pressure_of_density)


def _register_seager(name: str) -> None:
    rho_0, c, n, material = _SEAGER[name]

    def pressure_of_density(*, rho: sympy.Expr, **_: object) -> sympy.Expr:
        """Pressure [Pa] at density rho [kg/m3] and 300 K, from rho = rho_0 + c P^n."""
        return ((rho - rho_0) / c) ** sympy.Float(1 / n)

    reference = f"Seager et al. 2007, Astrophys. J. 669, 1279, Table 3 ({material})"
    law(KIND, name, unit="Pa", reference=reference, key="Seager2007", doi=_SEAGER_DOI, P=(0.0, _SEAGER_END))(
        pressure_of_density
    )


for _name in _VINET:
    _register_vinet(_name)
for _name in _SEAGER:
    _register_seager(_name)


@dataclass(frozen=True)
class Compression:
    """One law with its density without pressure [kg/m3].

    scale: factor on the law's density, for what is hotter or lighter than the pure solid.
    """

    law_name: str
    zero_pressure_density: float
    scale: float = 1.0

    def density(self, P: float) -> float:
        """Density [kg/m3] at a pressure [Pa], by Newton's method in ln(rho - rho_0); that of 0 Pa below 0.

        ln P is nearly linear in it, and exactly so for a power law.
        """
        rho_0 = self.zero_pressure_density
        if P <= 0.0:
            return self.scale * rho_0
        pressure = _compiled(self.law_name)
        target = math.log(P)
        x = _near(self.law_name, rho_0)(target)
        if math.exp(x) < 10.0**_FIRST * max(rho_0, 1e3):
            # the law is a power law there, and rho - rho_0 is lost in rounding
            return self.scale * (rho_0 + math.exp(x))
        for _ in range(ITERATIONS):
            excess = math.exp(x)
            value, slope = pressure(rho_0 + excess)
            step = (math.log(value) - target) * value / (slope * excess)
            x -= max(-2.0, min(2.0, step))
            # what is left is its square, or the rounding of rho - rho_0
            if abs(step) < max(1e-7, 1e-14 * rho_0 / excess):
                return self.scale * (rho_0 + math.exp(x))
        raise ConvergenceError(f"{self.law_name}: no density was found at P = {P:g} Pa.")


@cache
def _compiled(name: str) -> Callable[[float], tuple[float, float]]:
    """Pressure [Pa] and its derivative with respect to density, of a density [kg/m3]."""
    rho = sympy.Symbol("rho", positive=True)
    P = find(KIND, name)(rho=rho)
    return sympy.lambdify(rho, (P, sympy.diff(P, rho)), modules="math", cse=True)


@cache
def _near(name: str, rho_0: float) -> Callable[[float], float]:
    """ln(rho - rho_0) near the solution, of ln P: a cubic through points of the law, a line beyond them.

    rho_0 [kg/m3]: the density without pressure.
    """
    scale = max(rho_0, 1e3)
    x = [math.log(scale) + (k / _POINTS * (_LAST - _FIRST) + _FIRST) * math.log(10.0) for k in range(_POINTS)]
    rows = [(math.exp(at), *_compiled(name)(rho_0 + math.exp(at))) for at in x]
    ln_P = [math.log(value) for _, value, _ in rows]
    slopes = [value / (slope * excess) for excess, value, slope in rows]

    def cubic(target: float) -> float:
        k = min(max(bisect_right(ln_P, target) - 1, 0), _POINTS - 2)
        width = ln_P[k + 1] - ln_P[k]
        t = (target - ln_P[k]) / width
        if not 0.0 <= t <= 1.0:
            end = k if t < 0.0 else k + 1
            return x[end] + slopes[end] * (target - ln_P[end])
        rise = x[k + 1] - x[k]
        bend = (1 - t) * (slopes[k] * width - rise) + t * (rise - slopes[k + 1] * width)
        return x[k] + t * (rise + (1 - t) * bend)

    return cubic


def zero_pressure_density(name: str) -> float:
    """Density [kg/m3] without pressure of the law of this name; 0 for a law of a user that has none."""
    table = _VINET if name in _VINET else _SEAGER
    return table[name][0] if name in table else 0.0


@dataclass(frozen=True)
class Material:
    """Solids one below the other.

    parts: of increasing pressure; tops: pressure [Pa] from which each is stable, the first from 0.
    """

    name: str
    parts: tuple[Compression, ...]
    tops: tuple[float, ...] = (0.0,)

    def density(self, P: float) -> float:
        """Density [kg/m3] at a pressure [Pa]."""
        number = sum(top <= P for top in self.tops[1:])
        return self.parts[number].density(P)

    def outward(self, P: float) -> tuple[tuple[Compression, float], ...]:
        """The parts from a pressure [Pa] on to the surface, each with the pressure where it ends [Pa]."""
        number = sum(top <= P for top in self.tops[1:])
        return tuple(zip(self.parts[number::-1], self.tops[number::-1]))

    def densities(self, P: ArrayLike) -> np.ndarray:
        """Densities [kg/m3] at pressures [Pa] of any shape."""
        return np.vectorize(self.density, otypes=[float])(np.asarray(P, dtype=float))

    @property
    def laws(self) -> tuple[str, ...]:
        """Names of the laws, each once."""
        return tuple(dict.fromkeys(part.law_name for part in self.parts))


def _part(name: str, scale: float = 1.0) -> Compression:
    return Compression(name, zero_pressure_density(name), scale)


# Liquid iron with light elements is lighter than cold solid iron: by 4 % for its heat, 2 % for melting and
# 6.5 % for the light elements (White & Li 2025).
CORE_OVER_COLD_IRON = 0.875
# Pa; where bridgmanite forms
_BRIDGMANITE = 24.0 * _GPA
_COMPOSED: Mapping[str, Material] = {
    "peridotite": Material(
        "peridotite", (_part("forsterite-Stixrude2005"), _part("MgSiO3-Fei2021")), (0.0, _BRIDGMANITE)
    ),
    "iron-alloy": Material("iron-alloy", (_part("iron-Smith2018", CORE_OVER_COLD_IRON),)),
}


def material(name: str, where: str = "") -> Material:
    """The material of a name: a composed one, or a law of compression; InputError for an unknown name."""
    if name in _COMPOSED:
        return _COMPOSED[name]
    if name not in names(KIND):
        known = (*_COMPOSED, *names(KIND))
        raise InputError(
            where or f"material {name!r}",
            "no material has this name.",
            f"known: {', '.join(known)}",
            nearest(name, known),
        )
    return Material(name, (_part(name),))
