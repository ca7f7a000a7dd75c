"""Fugacity coefficients of pure gases for mixing after Lewis and Randall: what the solvers take.

Lewis-Randall: the fugacity of a species is its mole fraction times the fugacity of the pure gas at the total
pressure, f_i = x_i phi_i(T, P) P. The laws themselves are in gas_equations.py.
`ln_phi` adds what they cannot compute near the critical point.
`table` puts the result on the knots of a spline for the solvers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from ..errors import InputError, nearest
from .gas_equations import KBAR, Gas, Values, peng_robinson_parameters
from .law_types import Ranges
from .registry import find

KIND: Final = "fugacity"
TEMPERATURES, PRESSURES = (500.0, 3500.0), (1e-15, 2e9)  # K, Pa; of the table
# Pa; of laws that are made for dense gases: theirs ends where the data of Zhang & Duan end
DENSE = 1e10
HIGHEST = {"ZhangDuan2009": DENSE, "ZhangDuan2009-Leachman2009": DENSE}
MARGIN = 0.92, 1.15  # the table's ends, over those
SUBCRITICAL, SUPERCRITICAL = 1.08, 1.25  # T/Tc below which no law is used, and above which it is used alone

# Numbers of Chemical Abstracts, by which critical points are looked up.
# A formula may name several compounds; a radical has none.
CAS = {
    "H2": "1333-74-0", "H2O": "7732-18-5", "CO": "630-08-0", "CO2": "124-38-9", "CH4": "74-82-8",
    "O2": "7782-44-7", "N2": "7727-37-9", "NH3": "7664-41-7", "HCN": "74-90-8", "SO2": "7446-09-5",
    "SO3": "7446-11-9", "H2S": "7783-06-4", "COS": "463-58-1", "CS2": "75-15-0", "NO": "10102-43-9",
    "N2O": "10024-97-2", "HCl": "7647-01-0", "Cl2": "7782-50-5", "C2H6": "74-84-0", "He": "7440-59-7",
    "Ne": "7440-01-9", "Ar": "7440-37-1", "Kr": "7439-90-9", "Xe": "7440-63-3",
}  # fmt: skip


# ---- what the solvers take


def cas_number(species: str, where: str = "") -> str:
    """The number by which the critical point of a gas is looked up.

    Raises InputError at `where` for a gas without one (a radical).
    """
    if species not in CAS:
        place = where or f"species {species!r}"
        known = f"known: {', '.join(CAS)}"
        raise InputError(place, "no critical point is known for it.", known, nearest(species, CAS))
    return CAS[species]


def covers(name: str, species: str) -> bool:
    """Whether the law `name` has constants for the species, or needs only its critical point."""
    gases = find(KIND, name).gases
    return gases is None or not gases.species or species in gases.species


def valid_range(name: str, gas: Gas) -> Ranges:
    """T [K] and P [Pa] for which the law was made, for this gas; empty where the paper gives no bound."""
    gases = find(KIND, name).gases
    if gases is None:
        return {}
    if gases.reduced_temperature is not None:
        low, high = gases.reduced_temperature
        return {"T": (gas.critical_temperature * low, gas.critical_temperature * high)}
    return gases.ranges.get(gas.name, {})


def highest_pressure(name: str) -> float:
    """The pressure [Pa] at which the tables of a law end."""
    return HIGHEST.get(name, PRESSURES[1])


def ends_of_tables(name: str) -> str:
    """Where a law of real gases is used, in words."""
    low, high = TEMPERATURES
    return f"{name}: from {low:g} to {high:g} K, to {highest_pressure(name) / KBAR:g} kbar"


def ln_phi(name: str, gas: Gas, where: str = "") -> Callable[[Values, Values], np.ndarray]:
    """ln phi of the pure gas as a function of T [K] and P [Pa], numbers or arrays that broadcast.

    Dimensionless.

    Above 1.25 Tc it is the law itself. Below 1.08 Tc a pure gas becomes a liquid before it has the total
    pressure of a mixture: there it is the second virial coefficient of Peng and Robinson, with the pressure
    bounded near that of saturation (Wilson 1968), whatever the law.
    Between them it is both, with a weight that is twice
    differentiable.
    Of the gases of a magma ocean, only water is ever so cold.
    Raises InputError at `where` for an unknown name, and for a species without constants.
    """
    chosen = find(KIND, name, where)
    if not covers(name, gas.name):
        known = ", ".join(chosen.gases.species) if chosen.gases else ""
        raise InputError(
            where or f"fugacity = {name!r}", f"the law has no numbers for {gas.name}.", f"known: {known}"
        )
    low, high = SUBCRITICAL * gas.critical_temperature, SUPERCRITICAL * gas.critical_temperature

    def value(T: Values, P: Values) -> np.ndarray:
        T, P = np.broadcast_arrays(np.asarray(T, dtype=float), np.asarray(P, dtype=float))
        cold = np.clip((high - T) / (high - low), 0.0, 1.0)
        share = cold**3 * (10.0 - 15.0 * cold + 6.0 * cold**2)
        hot = chosen(T=np.maximum(T, low), P=P, gas=gas)
        if name == "ideal" or not share.any():
            return hot
        return (1.0 - share) * hot + share * _vapour(T, P, gas)

    return value


def _vapour(T: np.ndarray, P: np.ndarray, gas: Gas) -> np.ndarray:
    """ln phi of a vapour: B P/RT with Peng and Robinson's B.

    By the fourth power, P stays below saturation.
    """
    saturation = gas.critical_pressure * np.exp(
        5.373 * (1.0 + gas.acentric_factor) * (1.0 - gas.critical_temperature / T)
    )
    A, B = peng_robinson_parameters(T, P, gas)
    return (B - A) / (1.0 + (P / saturation) ** 4) ** 0.25


def table(name: str, gas: Gas, where: str = "") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """T [K] (n,), ln(P/Pa) (m,) and ln phi (n, m): knots for a bicubic spline, good to 1e-6 in ln phi.

    Not so good: for H2O below 1.25 Tc (3e-5 below 3 kbar, 2e-4 at 20), and by CORK next to 2 kbar (6e-6).
    Knots lie as P^-1/4 at high pressure, where ln phi grows as P, and close together where a critical point
    is near;
    they reach a little beyond TEMPERATURES and PRESSURES, since a spline is worst at its ends.
    """
    low, high = MARGIN[0] * TEMPERATURES[0], MARGIN[1] * TEMPERATURES[1]
    T = np.geomspace(low, high, 96)
    near = 1.45 * gas.critical_temperature
    cold = near > low
    if cold:
        T = np.concatenate([np.arange(low, near, 7.0), T[near + 4.0 < T]])
    top, bottom = np.log(MARGIN[1] * PRESSURES[1]), np.log(PRESSURES[0])
    roots = np.linspace(0.0, 1.0, 193 if cold else 97)[1:]
    step, end = roots[0], (highest_pressure(name) / PRESSURES[1]) ** 0.25
    # the same knots, and more of them where the law reaches further
    roots = np.concatenate([roots, np.arange(1.0 + step, end + 0.5 * step, step)])
    ln_P = top + 4.0 * np.log(roots)
    ln_P = np.concatenate([np.linspace(bottom, ln_P[0], 6)[:-1], ln_P])
    return T, ln_P, ln_phi(name, gas, where)(T[:, None], np.exp(ln_P))
