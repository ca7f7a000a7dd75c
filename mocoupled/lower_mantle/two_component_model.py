"""Melting of the deepest mantle in two components (Dannberg et al. 2021).

An independent closure for 110-140 GPa.

The mantle is a Mg and a Fe component that melt and mix ideally;
the solid of each is bridgmanite and ferropericlase. It has
no field of first bridgmanite or ferropericlase and is some 900 K hotter at 120 GPa than the mixing law
"full" of `mixing`: take the difference as the uncertainty of the models' form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import sympy

from ..closures.registry import find, law
from ..constants import GAS_CONSTANT
from ..errors import InputError
from .end_members import OXIDE_MASSES

KIND: Final = "two_component_energy"
PRESSURE_RANGE = (110.0e9, 140.0e9)  # Pa
TEMPERATURE_RANGE = (2000.0, 7000.0)  # K
REFERENCE_PRESSURE, REFERENCE_TEMPERATURE = 120.0e9, 298.15  # of melting [Pa]; of the equation of state [K]
THERMAL_PRESSURE = 100.0e9  # Pa, at which enthalpy, entropy and heat capacity are given
REFERENCE = (
    "Dannberg, Myhill, Gassmöller & Cottaar 2021, Geophys. J. Int. 227, 1028, "
    "after Boukaré, Ricard & Fiquet 2015"
)
Values = float | np.ndarray


@dataclass(frozen=True)
class Component:
    """A component of the mantle. oxides: moles of (FeO, MgO, SiO2) in one mole.

    Temperature [K], entropy [J/mol/K] and volume [m3/mol] of melting at 120 GPa; mixing:
    moles that mix ideally per mole."""

    oxides: tuple[float, float, float]
    temperature: float
    entropy: float
    volume: float
    mixing: float

    @property
    def molar_mass(self) -> float:
        """Molar mass [kg/mol]."""
        return float(np.dot(self.oxides, OXIDE_MASSES))


IRON = Component((0.908, 0.0, 0.092), 3424.5, 33.77, 1.51e-7, 0.48)
MAGNESIUM = Component((0.0, 0.581, 0.419), 4821.2, 34.33, 9.29e-8, 0.62)


@dataclass(frozen=True)
class _Phase:
    """Parameters of a phase at 0 GPa and 298.15 K, and its caloric ones at 100 GPa.

    V0 [m3/mol], alpha0 [1/K], K0 [GPa], K1 [-], K2 [1/Pa], theta [K]; H [J/mol], S [J/mol/K];
    heat: a, b, c, d of Cp = a + b T + c/T2 + d/sqrt(T) [J/mol/K].
    """

    V0: float
    alpha0: float
    K0: float
    K1: float
    K2: float
    theta: float
    H: float
    S: float
    heat: tuple[float, float, float, float]


def _phase(name: str, row: _Phase) -> str:
    """Register the Gibbs energy of a phase and return its name.

    Modified Tait isotherms, an Einstein thermal pressure, Cp as four powers of T.
    """
    K0, K1, K2 = row.K0 * 1.0e9, row.K1, row.K2
    a = (1 + K1) / (1 + K1 + K0 * K2)
    b = K1 / K0 - K2 / (1 + K1)
    c = (1 + K1 + K0 * K2) / (K1**2 + K1 - K0 * K2)

    def energy(*, P: sympy.Expr, T: sympy.Expr, **_: object) -> sympy.Expr:
        """Gibbs energy [J/mol] of P [Pa] and T [K]."""
        thermal = _thermal_pressure(row, K0, T)

        def compression(p: sympy.Expr) -> sympy.Expr:  # integral of V dP, up to a constant
            return row.V0 * (p * (1 - a) - a * (1 + b * (p - thermal)) ** (1 - c) / (b * (c - 1)))

        heated, disorder = _caloric(row.heat, T)
        return row.H + heated - T * (row.S + disorder) + compression(P) - compression(THERMAL_PRESSURE)

    declare = law(
        KIND,
        name,
        unit="J/mol",
        reference=REFERENCE,
        key="Dannberg2021",
        further_keys=("Boukare2015",),
        attributes={"arguments": ("P", "T")},
        P=PRESSURE_RANGE,
        T=TEMPERATURE_RANGE,
    )
    declare(energy)
    return name


def _thermal_pressure(row: _Phase, K0: float, T: sympy.Expr) -> sympy.Expr:
    """Thermal pressure [Pa] of an Einstein solid at T [K]; K0 [Pa]."""

    def mean(t: sympy.Expr) -> sympy.Expr:
        return 1 / (sympy.exp(row.theta / t) - 1)

    u0 = row.theta / REFERENCE_TEMPERATURE
    slope = u0**2 * sympy.exp(u0) / (sympy.exp(u0) - 1) ** 2
    return row.alpha0 * K0 * row.theta / slope * (mean(T) - mean(REFERENCE_TEMPERATURE))


def _caloric(heat: tuple[float, float, float, float], T: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Integrals of Cp dT [J/mol] and of Cp/T dT [J/mol/K] from the reference temperature to T [K]."""
    T0, (ca, cb, cc, cd) = REFERENCE_TEMPERATURE, heat
    heated = (
        ca * (T - T0) + cb * (T**2 - T0**2) / 2 - cc * (1 / T - 1 / T0) + 2 * cd * (sympy.sqrt(T) - T0**0.5)
    )
    disorder = (
        ca * sympy.log(T / T0)
        + cb * (T - T0)
        - cc * (1 / T**2 - 1 / T0**2) / 2
        - 2 * cd * (1 / sympy.sqrt(T) - T0**-0.5)
    )
    return heated, disorder


_MELT = (79.5326, -2.4191e-3, -1.61692e6, -562.223)
# V0, alpha0, K0, K1, K2, theta; H, S; heat
FE_BRIDGMANITE = _phase(
    "Fe bridgmanite",
    _Phase(
        2.534e-5,
        1.87e-5,
        281,
        4.14,
        -1.6e-11,
        418.1,
        -1082910,
        95.0,
        (139.546, 6.3619e-3, -4.13887e6, -464.776),
    ),
)
MG_BRIDGMANITE = _phase(
    "Mg bridgmanite",
    _Phase(
        2.445e-5,
        1.87e-5,
        251,
        4.14,
        -1.6e-11,
        561,
        -1442310,
        62.6,
        (161.547, -3.3171e-3, -3.57534e6, -1112.548),
    ),
)
WUSTITE = _phase(
    "wüstite",
    _Phase(
        1.206e-5, 3.22e-5, 152, 4.9, -3.2e-11, 297.6, -262240, 58.6, (52.0016, 3.3616e-3, -1.19541e6, 25.5067)
    ),
)
PERICLASE = _phase(
    "periclase",
    _Phase(
        1.125e-5,
        3.11e-5,
        161.6,
        3.95,
        -2.4e-11,
        540.2,
        -601570,
        26.5,
        (73.1147, -6.3532e-3, -7.33679e5, -592.994),
    ),
)
FE_MELT = _phase(
    "Fe melt",
    _Phase(1.232548e-5, 2.96143e-5, 166.6528, 5.08025, -3.97422e-11, 505.75, -195245.491, 95.02993, _MELT),
)
MG_MELT = _phase("Mg melt", _Phase(1.218e-5, 2.06e-5, 231.7, 4.25, -2.14e-11, 558.1, -538009.8, 64.9, _MELT))


@cache
def _compiled(name: str) -> Callable[..., list[np.ndarray]]:
    P, T = sympy.symbols("P T", positive=True)
    G = find(KIND, name)(P=P, T=T)
    return sympy.lambdify([P, T], [G, sympy.diff(G, P)], modules="numpy", cse=True)


def gibbs_energy(name: str, P: Values, T: Values) -> np.ndarray:
    """Gibbs energy [J/mol] of a phase at P [Pa], T [K]."""
    return _compiled(name)(P, T)[0]


def volume(name: str, P: Values, T: Values) -> np.ndarray:
    """Molar volume [m3/mol] of a phase at P [Pa], T [K]."""
    return _compiled(name)(P, T)[1]


def _affinity(component: Component, P: Values, T: Values) -> np.ndarray:
    """exp(Delta G of melting / (mixing moles R T)) of a component: solid over melt, mole fractions."""
    melting = (component.temperature - T) * component.entropy + (P - REFERENCE_PRESSURE) * component.volume
    return np.exp(melting / (component.mixing * GAS_CONSTANT * T))


def melting(
    P: Values, T: Values, iron: Values, volatiles: Values = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(melt fraction by moles of components, iron in the melt, iron in the solid) at P [Pa], T [K].

    Arrays that broadcast.

    iron: mole fraction of the iron component in the system.
    volatiles: mole fraction of volatiles in the system, all of them in
    the melt, where they dilute both components; iron in the melt is relative to both components and the
    volatiles.
    With volatiles some melt is left at any temperature.
    Where all is solid, iron in the melt is that of the first melt;
    where all is melt, iron in the solid is that of the last solid.
    """
    P, T, X, v = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (P, T, iron, volatiles)))
    X = np.clip(X, 1e-12, 1 - 1e-12)
    c_F, c_M = _affinity(IRON, P, T), _affinity(MAGNESIUM, P, T)
    molten = c_F * X + c_M * (1 - X - v) <= 1
    solid = (v == 0) & ~molten & (X / c_F + (1 - X) / c_M <= 1)
    # x_s = c_F x, 1 - x_s = c_M (1 - x - v/f), f x + (1 - f) x_s = X: without f a quadratic in x, linear
    # without volatiles
    square = c_F * (c_F - c_M)
    middle = c_M * (c_F + X) - c_F * (1 + X) + c_M * v * (1 - c_F)
    last = X * (1 - c_M)
    with np.errstate(all="ignore"):
        q = -0.5 * (middle + np.copysign(np.sqrt(np.maximum(middle**2 - 4 * square * last, 0.0)), middle))
        both = np.where(v > 0, np.stack([q / square, last / q]), (1 - c_M) / (c_F - c_M))
        shares = (X - c_F * both) / (both * (1 - c_F))
        within = (shares > 0) & (shares <= 1) & (both > 0) & (both < 1)
        k = np.where(within[0], 0, 1)[None]
        x, f = (
            np.take_along_axis(values, k, axis=0)[0] for values in (both, np.where(within, shares, np.nan))
        )
    f = np.where(molten, 1.0, np.where(solid, 0.0, f))
    x = np.where(molten, X, np.where(solid, X / c_F, x))
    return f, x, np.where(molten, c_F * X, np.where(solid, X, c_F * x))


def solidus_liquidus(P: float, iron: float) -> tuple[float, float]:
    """Solidus and liquidus [K] at P [Pa] of a system with the mole fraction `iron` of the iron component.

    There are no volatiles. Raises InputError outside 110-140 GPa, and for an `iron` outside 0-1.
    """
    check(P, iron)
    return _melting_temperature(P, iron, solid=True), _melting_temperature(P, iron, solid=False)


def _melting_temperature(P: float, iron: float, solid: bool) -> float:
    """The solidus (solid) or liquidus [K], by bisection between the melting points of the components."""
    low, high = (
        component.temperature + (P - REFERENCE_PRESSURE) * component.volume / component.entropy
        for component in (IRON, MAGNESIUM)
    )
    while high - low > 1e-9 * high:
        T = 0.5 * (low + high)
        c_F, c_M = _affinity(IRON, P, T), _affinity(MAGNESIUM, P, T)
        # the solidus has all iron in the solid, the liquidus in the melt: sum of the other phase's fractions
        # is 1
        if solid:
            below = iron / c_F + (1 - iron) / c_M < 1
        else:
            below = iron * c_F + (1 - iron) * c_M > 1
        low, high = (T, high) if below else (low, T)
    return float(high)


def check(P: float, iron: float) -> None:
    """InputError for a pressure [Pa] outside 110-140 GPa or an iron fraction outside 0-1."""
    low, high = PRESSURE_RANGE
    if not low <= P <= high:
        raise InputError(
            f"pressure = {P / 1e9:g} GPa",
            "the two-component model was made for the base of the mantle: "
            "the composition of its first melt is fixed.",
            f"allowed: {low / 1e9:g} to {high / 1e9:g} GPa",
        )
    if not 0 <= iron <= 1:
        raise InputError(
            f"iron = {iron!r}", "this is not a mole fraction of the iron component.", "allowed: 0 to 1"
        )


def solid_iron(P: Values, T: Values, iron: Values) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Iron of a solid by ideal exchange, and how much of it is bridgmanite.

    Returns moles of bridgmanite per mole of FeO + MgO, Fe/(Fe + Mg) of bridgmanite, and of ferropericlase.
    """
    oxides = np.multiply.outer(np.asarray(iron, dtype=float), IRON.oxides) + np.multiply.outer(
        1 - np.asarray(iron, dtype=float), MAGNESIUM.oxides
    )
    metals = oxides[..., 0] + oxides[..., 1]
    r, s = oxides[..., 0] / metals, oxides[..., 2] / metals
    K = np.exp(
        (
            gibbs_energy(MG_BRIDGMANITE, P, T)
            + gibbs_energy(WUSTITE, P, T)
            - gibbs_energy(FE_BRIDGMANITE, P, T)
            - gibbs_energy(PERICLASE, P, T)
        )
        / (GAS_CONSTANT * T)
    )
    # (y/(1-y)) = K (z/(1-z)), s y + (1 - s) z = r, y of bridgmanite, z of ferropericlase: a quadratic in y
    a, b, c = s * (1 - K), (1 - s) + s * K + r * (K - 1), -K * r
    y = -2 * c / (b + np.sqrt(b**2 - 4 * a * c))
    return s, y, y / (y + K * (1 - y))


def solid_volume(P: Values, T: Values, iron: Values) -> np.ndarray:
    """Volume [m3] of one mole of components as bridgmanite and ferropericlase."""
    s, y, z = solid_iron(P, T, iron)
    metals = np.asarray(iron) * IRON.oxides[0] + (1 - np.asarray(iron)) * MAGNESIUM.oxides[1]
    bridgmanite = y * volume(FE_BRIDGMANITE, P, T) + (1 - y) * volume(MG_BRIDGMANITE, P, T)
    return metals * (
        s * bridgmanite + (1 - s) * (z * volume(WUSTITE, P, T) + (1 - z) * volume(PERICLASE, P, T))
    )


def melt_volume(P: Values, T: Values, iron: Values) -> np.ndarray:
    """Volume [m3] of one mole of components as melt."""
    return iron * volume(FE_MELT, P, T) + (1 - np.asarray(iron)) * volume(MG_MELT, P, T)


def molar_mass(iron: Values) -> np.ndarray:
    """Mass [kg] of one mole of components."""
    return iron * IRON.molar_mass + (1 - np.asarray(iron)) * MAGNESIUM.molar_mass
