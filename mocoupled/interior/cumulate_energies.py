"""Minerals MSiO3 of the cumulates at pressure and temperature: energies in sympy, density and expansivity.

The end-members of Stixrude & Lithgow-Bertelloni 2024: a finite-strain isotherm at 300 K and a Debye solid
above it, whose frequencies follow the strain. Volumes of magnesium and iron end-members mix ideally.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np
import sympy

from ..closures.cumulate_density import IRON_MASS, MAGNESIUM_MASS
from ..closures.registry import law
from ..constants import GAS_CONSTANT
from ..errors import ConvergenceError
from .debye import DebyeFunction

KIND: Final = "cumulate_energy"
_REFERENCE = "Stixrude & Lithgow-Bertelloni 2024, Geophys. J. Int. 237, 1699 (data set SLB_2024)"
# Pa: of the mantles of this package's cumulates
RANGE = (0.0, 140.0e9)
ATOMS, T0 = 5, 300.0
ITERATIONS = 60


@dataclass(frozen=True)
class _Row:
    """An end-member at 300 K: V0 [cm3/mol of MSiO3], K0 [GPa], K_prime, theta0 [K], gamma0, q0.

    They are numbers, or the symbols of an equation.
    """

    V0: float
    K0: float
    K_prime: float
    theta0: float
    gamma0: float
    q0: float


# structure -> the magnesium and the iron end-member; of pyroxene the volumes of M2Si2O6 are halved
_ROWS = MappingProxyType(
    {
        "pyroxene": (
            _Row(31.338, 107.07681, 7.02751, 812.21227, 0.78477, 3.43847),
            _Row(32.9705, 100.54544, 7.87556, 677.91886, 0.7144, 3.43847),
        ),
        "akimotoite": (
            _Row(26.354, 210.69263, 5.2154, 928.95623, 1.19328, 2.22481),
            _Row(26.854, 210.69263, 5.2154, 760.91558, 1.19328, 2.22481),
        ),
        "bridgmanite": (
            _Row(24.445, 250.56535, 4.13438, 892.95164, 1.54466, 0.83352),
            _Row(25.321, 270.58255, 4.01, 740.39231, 1.54466, 0.83352),
        ),
    }
)
STRUCTURES = tuple(_ROWS)
METALS = ("magnesium", "iron")


def _energy(row: _Row, V: sympy.Expr, T: sympy.Expr) -> sympy.Expr:
    """Helmholtz energy [J/mol] above that at 300 K and no pressure; V [m3/mol of MSiO3], T [K].

    row: the end-member, in numbers or symbols.
    """
    V0, K0 = row.V0 * 1e-6, row.K0 * 1e9
    first = 6 * row.gamma0
    second = -12 * row.gamma0 + 36 * row.gamma0**2 - 18 * row.q0 * row.gamma0
    f = ((V0 / V) ** sympy.Rational(2, 3) - 1) / 2
    cold = 9 * K0 * V0 * (f**2 / 2 + (row.K_prime - 4) * f**3 / 2)
    theta = row.theta0 * sympy.sqrt(1 + first * f + second * f**2 / 2)

    def thermal(t: sympy.Expr) -> sympy.Expr:
        levels = 3 * sympy.log(1 - sympy.exp(-theta / t)) - DebyeFunction(theta / t)
        return ATOMS * GAS_CONSTANT * t * levels

    return cold + thermal(T) - thermal(T0)


def _register(name: str, row: _Row) -> None:
    """Register the energy of an end-member."""

    def energy(*, V: sympy.Expr, T: sympy.Expr, **_: object) -> sympy.Expr:
        """`_energy` of the end-member."""
        return _energy(row, V, T)

    declare = law(
        KIND,
        name,
        unit="J/mol",
        reference=_REFERENCE,
        key="Stixrude2024",
        P=RANGE,
        attributes={"arguments": ("V", "T")},
    )
    declare(energy)


for _structure, _pair in _ROWS.items():
    for _metal, _row in zip(METALS, _pair):
        _register(f"{_structure}-{_metal}", _row)


@cache
def _compiled() -> Callable[..., list[np.ndarray]]:
    """(P, -dP/dV, dP/dT at constant V) of V, T and the numbers of a _Row, for all end-members."""
    V, T = sympy.symbols("V T", positive=True)
    numbers = sympy.symbols([number.name for number in fields(_Row)], positive=True)
    P = -sympy.diff(_energy(_Row(*numbers), V, T), V)
    slopes = (-sympy.diff(P, V), sympy.diff(P, T))
    return sympy.lambdify([V, T, *numbers], [P, *slopes], modules="numpy", cse=True)


@cache
def _numbers() -> np.ndarray:
    """The numbers of all end-members (numbers of a _Row, metals, structures)."""
    return np.array([[astuple(row) for row in pair] for pair in _ROWS.values()]).transpose(2, 1, 0)


def _volumes(place: np.ndarray, P: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Volumes [m3/mol] and their changes with temperature [m3/mol/K] of METALS (2, n) by Newton in ln V.

    place (n,): number of the structure; P (n,) [Pa], T (n,) [K]. All end-members are iterated together.
    It starts a little on the compressed side of the isotherm at 300 K.

    ConvergenceError beyond the spinodal, where the mineral would be torn apart.
    """
    numbers = _Row(*_numbers()[:, :, place])
    cold = np.log1p(numbers.K_prime * P / (numbers.K0 * 1e9)) / numbers.K_prime
    log_V, function = np.log(0.99 * numbers.V0 * 1e-6) - cold, _compiled()
    for _ in range(ITERATIONS):
        V = np.exp(log_V)
        reached, stiffness, thermal = function(V, T, *astuple(numbers))
        step = np.clip((reached - P) / (V * stiffness), -0.3, 0.3)
        if not (stiffness > 0).all():
            break
        log_V = log_V + step
        if np.abs(step).max(initial=0.0) < 1e-10:
            return V, thermal / stiffness
    lost = ~((stiffness > 0) & (np.abs(step) < 1e-10))
    metal, at = (int(number) for number in np.argwhere(lost)[0])
    name = f"{STRUCTURES[place[at]]}-{METALS[metal]}"
    raise ConvergenceError(f"{name}: no volume at {P[at]:g} Pa and {T[at]:g} K.")


def volumes(
    structure: str | np.ndarray, X: float | np.ndarray, P: float | np.ndarray, T: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Volume [m3/mol of MSiO3] and its change with temperature [m3/mol/K], arrays that broadcast.

    structure: one of STRUCTURES, or an array of their numbers in it. X: Fe/(Fe + Mg), molar; P [Pa], T [K].
    ConvergenceError where the mineral has no volume.
    """
    place = STRUCTURES.index(structure) if isinstance(structure, str) else structure
    X, P, T = (np.asarray(v, dtype=float) for v in (X, P, T))
    place, X, P, T = np.broadcast_arrays(place, X, P, T)
    pairs = _volumes(place.ravel(), P.ravel(), T.ravel())
    volume, change = ((1 - X) * a.reshape(X.shape) + X * b.reshape(X.shape) for a, b in pairs)
    return volume, change


def density(
    structure: str, X: float | np.ndarray, P: float | np.ndarray, T: float | np.ndarray
) -> np.ndarray:
    """Density [kg/m3] of (Mg, Fe)SiO3; arguments as in `volumes`."""
    mass = MAGNESIUM_MASS * (1 - np.asarray(X)) + IRON_MASS * np.asarray(X)
    return mass / volumes(structure, X, P, T)[0]


def expansivity(
    structure: str, X: float | np.ndarray, P: float | np.ndarray, T: float | np.ndarray
) -> np.ndarray:
    """Thermal expansivity [1/K] of (Mg, Fe)SiO3; arguments as in `volumes`."""
    volume, change = volumes(structure, X, P, T)
    return change / volume
