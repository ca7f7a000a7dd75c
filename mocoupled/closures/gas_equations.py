"""Equations of state of pure gases, each as a law of fugacity coefficients.

Cubic ones, CORK, and two in the density.

At 100 bar and above 1650 K every law here lies within 3.1 % of an ideal gas and 1.4 % of the others.
At 1000 bar they differ by up to 13 %: that is how well phi is known without a choice.
A law is called with T [K], P [Pa] (numbers or arrays) and the gas, and returns ln phi.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ..constants import GAS_CONSTANT
from ..errors import ConvergenceError
from .law_types import Ranges
from .registry import law

KIND: Final = "fugacity"
KBAR = 1.0e8  # Pa
Values = float | np.ndarray
# of numbers, arrays or symbols
Root = Callable[[Any], Any]


@dataclass(frozen=True)
class Gas:
    """A gas as the equations of state know it.

    Name, critical temperature [K] and pressure [Pa], acentric factor.
    """

    name: str
    critical_temperature: float
    critical_pressure: float
    acentric_factor: float


@law(KIND, "ideal", unit="1", reference="ideal gas", attributes={"outside": "phi = 1 everywhere"})
def ideal(*, T: Values, P: Values, **_: object) -> np.ndarray:
    """ln phi = 0."""
    return np.zeros(np.broadcast_shapes(np.shape(T), np.shape(P)))


# ---- cubic equations

_ROOT = 2.0 ** (1.0 / 3.0) - 1.0
_SRK_A, _SRK_B = 1.0 / (9.0 * _ROOT), _ROOT / 3.0  # 0.42748, 0.08664: what the critical point demands
_PR_A, _PR_B = 0.45723552892138218938, 0.077796073903888455972  # printed as 0.45724, 0.07780
_FITTED = "alpha(T) is fitted to vapour pressures below the critical temperature: extrapolated above it"


@law(
    KIND,
    "RedlichKwong1949",
    unit="1",
    reference="Redlich & Kwong 1949, Chem. Rev. 44, 233",
    key="Redlich1949",
    doi="10.1021/cr60137a013",
    attributes={"arguments": ("T", "P", "gas"), "reduced_T": (1.0, np.inf), "outside": "computed"},
)
def redlich_kwong(*, T: Values, P: Values, gas: Gas, **_: object) -> np.ndarray:
    """ln phi of the pure gas. T [K], P [Pa]."""
    Tr, Pr = T / gas.critical_temperature, P / gas.critical_pressure
    return _redlich_kwong(_SRK_A * Pr / Tr**2.5, _SRK_B * Pr / Tr)


@law(
    KIND,
    "SoaveRedlichKwong1972",
    unit="1",
    reference="Soave 1972, Chem. Eng. Sci. 27, 1197",
    key="Soave1972",
    doi="10.1016/0009-2509(72)80096-4",
    attributes={"arguments": ("T", "P", "gas"), "reduced_T": (0.6, 1.0), "outside": _FITTED},
)
def soave_redlich_kwong(*, T: Values, P: Values, gas: Gas, **_: object) -> np.ndarray:
    """ln phi of the pure gas. T [K], P [Pa]."""
    return _redlich_kwong(*soave_parameters(T, P, gas))


@law(
    KIND,
    "PengRobinson1976",
    unit="1",
    reference="Peng & Robinson 1976, Ind. Eng. Chem. Fundam. 15, 59",
    key="Peng1976",
    doi="10.1021/i160057a011",
    attributes={"arguments": ("T", "P", "gas"), "reduced_T": (0.6, 1.0), "outside": _FITTED},
)
def peng_robinson(*, T: Values, P: Values, gas: Gas, **_: object) -> np.ndarray:
    """ln phi of the pure gas. T [K], P [Pa]."""
    A, B = peng_robinson_parameters(T, P, gas)
    Z = _largest_root(B - 1.0, A - 2.0 * B - 3.0 * B**2, -(A * B - B**2 - B**3), 1.0 + B)
    s = np.sqrt(2.0)
    return Z - 1.0 - np.log(Z - B) - A / (2.0 * s * B) * np.log((Z + (1.0 + s) * B) / (Z + (1.0 - s) * B))


def peng_robinson_parameters(T: Any, P: Any, gas: Gas, sqrt: Root = np.sqrt) -> tuple[Any, Any]:
    """The dimensionless attraction and covolume of Peng and Robinson at T [K] and P [Pa].

    Numbers, arrays or symbols, with the square root for them.
    """
    w = gas.acentric_factor
    return _cubic_parameters(T, P, gas, (_PR_A, _PR_B), 0.37464 + 1.54226 * w - 0.26992 * w**2, sqrt)


def soave_parameters(T: Any, P: Any, gas: Gas, sqrt: Root = np.sqrt) -> tuple[Any, Any]:
    """The dimensionless attraction and covolume of Soave at T [K] and P [Pa]; as for Peng and Robinson."""
    w = gas.acentric_factor
    return _cubic_parameters(T, P, gas, (_SRK_A, _SRK_B), 0.480 + 1.574 * w - 0.176 * w**2, sqrt)


def _cubic_parameters(
    T: Any, P: Any, gas: Gas, critical: tuple[float, float], slope: float, sqrt: Root
) -> tuple[Any, Any]:
    """A and B with Soave's alpha(T) of a slope; critical: their factors at the critical point."""
    Tr, Pr = T / gas.critical_temperature, P / gas.critical_pressure
    alpha = (1.0 + slope * (1.0 - sqrt(Tr))) ** 2
    return critical[0] * alpha * Pr / Tr**2, critical[1] * Pr / Tr


def _redlich_kwong(A: Values, B: Values) -> np.ndarray:
    """ln phi of Redlich and Kwong's form from A = a P/(RT)^2 and B = b P/(RT); a and b may depend on T."""
    Z = _largest_root(-1.0, A - B - B**2, -A * B, 1.0 + B)
    return Z - 1.0 - np.log(Z - B) - A / B * np.log1p(B / Z)


def _largest_root(c2: Values, c1: Values, c0: Values, start: Values) -> Values:
    """Largest real root of Z^3 + c2 Z^2 + c1 Z + c0, that of the gas, by Newton from above it.

    start: above every root (1 + B, where attraction only lowers the volume);
    from there the steps descend steadily.
    Raises ConvergenceError after 100 steps.
    """
    Z = start
    for _ in range(100):
        step = (((Z + c2) * Z + c1) * Z + c0) / ((3.0 * Z + 2.0 * c2) * Z + c1)
        Z = Z - step
        if np.all(np.abs(step) <= 1e-11 * Z):  # quadratic: what is left is rounding
            return Z
    raise ConvergenceError("the search for the root of the cubic equation of state did not converge")


# ---- CORK

_R_KJ = 1e-3 * GAS_CONSTANT  # kJ/mol/K: with kbar the units of the paper
# critical temperature [K] and pressure [kbar] of the paper; S2: Shi & Saxena 1992, Am. Mineral. 77, 1038
_CORK_GASES = {
    "CO2": (304.2, 0.0738), "CO": (132.9, 0.0350), "CH4": (190.6, 0.0460), "H2": (41.2, 0.0211),
    "N2": (126.2, 0.0339), "S2": (208.15, 0.072954),
}  # fmt: skip
# of the fits for H2O and CO2; for the others, of the volumes they were compared with (Fig. 8)
_CORK_RANGES: Mapping[str, Ranges] = {
    "H2O": {"T": (373.15, 1673.15), "P": (1e5, 50 * KBAR)},
    "CO2": {"T": (373.15, 1873.15), "P": (1e5, 50 * KBAR)},
    "CO": {"T": (273.15, 1473.0), "P": (1e5, 10 * KBAR)},
    "CH4": {"T": (273.15, 1473.0), "P": (1e5, 10 * KBAR)},
    "H2": {"T": (273.15, 773.0), "P": (1e5, 10 * KBAR)},
}


@law(
    KIND,
    "HollandPowell1991-CORK",
    unit="1",
    reference="Holland & Powell 1991, Contrib. Mineral. Petrol. 109, 265, Tables 1-2 and Eq. 8-9",
    key="Holland1991",
    doi="10.1007/BF00306484",
    attributes={
        "arguments": ("T", "P", "gas"),
        "species": ("H2O", *_CORK_GASES),
        "ranges": _CORK_RANGES,
        "outside": "computed; hot H2 is too stiff (phi at 2000 K and 1 kbar: 1.17 for 1.09), "
        "and its volume is "
        "negative at 3000 K beyond 23 kbar (phi at 50 kbar: 0.0135 for 7.94)",
    },
)
def cork(*, T: Values, P: Values, gas: Gas, **_: object) -> np.ndarray:
    """ln phi of the pure gas; CO2 and all others but H2O by the paper's corresponding states. T [K], P [Pa].

    The compensation of H2O begins at 2 kbar as (P - 2 kbar)^1.5:
    there the second derivative in P is infinite.
    """
    p = np.asarray(P) / KBAR
    if gas.name == "H2O":
        t = T - 673.0
        a = 1113.4 - 0.22291 * t - 3.8022e-4 * t**2 + 1.7791e-7 * t**3
        over = np.maximum(p - 2.0, 0.0)
        compensation = (-3.2297554e-3 + 2.2215221e-6 * T) / 2 * over**2 + (
            -3.025650e-2 - 5.343144e-6 * T
        ) * 2 / 3 * over**1.5
        return _redlich_kwong(a * p / (_R_KJ**2 * T**2.5), 1.465 * p / (_R_KJ * T)) + compensation / (
            _R_KJ * T
        )
    Tc, Pc = _CORK_GASES[gas.name]
    a = (5.45963e-5 * Tc**2.5 - 8.63920e-6 * Tc**1.5 * T) / Pc
    b = 9.18301e-4 * Tc / Pc
    c = (-3.30558e-5 * Tc + 2.30524e-6 * T) / Pc**1.5
    d = (6.93054e-7 * Tc - 8.38293e-8 * T) / Pc**2
    RT = _R_KJ * T
    return (
        b * p - a / (b * np.sqrt(T)) * np.log1p(b * p / (RT + b * p)) + 2 / 3 * c * p**1.5 + d / 2 * p**2
    ) / RT


# ---- equations in the density

# Lennard-Jones energy/k [K] and diameter [m], Table 4
_ZHANG_DUAN = {
    "CH4": (154.0, 3.691e-10),
    "H2O": (510.0, 2.88e-10),
    "CO2": (235.0, 3.79e-10),
    "H2": (31.2, 2.93e-10),
    "CO": (105.6, 3.66e-10),
    "O2": (124.5, 3.36e-10),
    "C2H6": (246.1, 4.35e-10),
}
# ranges of the data, Table 5
_ZHANG_DUAN_RANGES: dict[str, Ranges] = {
    "CH4": {"T": (273.0, 2573.0), "P": (1e5, 1e10)},
    "H2O": {"T": (673.0, 2573.0), "P": (1e5, 1e10)},
    "CO2": {"T": (473.0, 2573.0), "P": (1e5, 1e10)},
    "H2": {"T": (250.0, 423.0), "P": (2e6, 7e8)},
    "CO": {"T": (300.0, 573.2), "P": (1e7, 1.0206e9)},
    "O2": {"T": (300.0, 1000.0), "P": (7e6, 1.0132e9)},
    "C2H6": {"T": (373.0, 673.0), "P": (3e7, 9e8)},
}
_LEACHMAN_RANGE: Ranges = {"T": (13.957, 1000.0), "P": (0.0, 2e9)}


@law(
    KIND,
    "ZhangDuan2009",
    unit="1",
    reference="Zhang & Duan 2009, Geochim. Cosmochim. Acta 73, 2089, Eq. 8 and 14-15",
    key="Zhang2009",
    doi="10.1016/j.gca.2009.01.021",
    attributes={
        "arguments": ("T", "P", "gas"),
        "species": tuple(_ZHANG_DUAN),
        "ranges": _ZHANG_DUAN_RANGES,
        "outside": "computed; H2 is too stiff where it is both hot and dense (phi at 3000 K and 50 kbar: "
        "19 for 7.9)",
    },
)
def zhang_duan(*, T: Values, P: Values, gas: Gas, **_: object) -> np.ndarray:
    """ln phi of the pure gas, from simulated Lennard-Jones particles. T [K], P [Pa]."""
    energy, diameter = _ZHANG_DUAN[gas.name]
    return _from_density(_zhang_duan_energy, T, P, energy / 154.0, 1e-3 * (diameter / 3.691e-10) ** 3, 0.045)


@law(
    KIND,
    "ZhangDuan2009-Leachman2009",
    unit="1",
    reference="H2: Leachman et al. 2009, J. Phys. Chem. Ref. Data 38, 721 (normal hydrogen); others: "
    "Zhang & Duan 2009",
    key="Leachman2009",
    further_keys=("Zhang2009",),
    doi="10.1063/1.3160306",
    attributes={
        "arguments": ("T", "P", "gas"),
        "species": tuple(_ZHANG_DUAN),
        "ranges": _ZHANG_DUAN_RANGES | {"H2": _LEACHMAN_RANGE},
        "outside": "computed; ln phi of hot dense H2 is above that of Chabrier et al. 2019 (by their "
        "densities): at 20, 50, 100 kbar by 0.13, 0.22, 0.54 at 1585 K and 0.08, 0.17, 0.36 at 3162 K",
    },
)
def zhang_duan_with_leachman(*, T: Values, P: Values, gas: Gas, **_: object) -> np.ndarray:
    """ln phi of the pure gas: the reference equation of hydrogen for H2, Zhang & Duan for the others.

    T [K], P [Pa].
    """
    if gas.name != "H2":
        return zhang_duan(T=T, P=P, gas=gas)
    return _from_density(_leachman_energy, T, P, 33.145, 1.0 / 15508.0, 0.3)


def _zhang_duan_energy(t: Values, x: Values) -> Values:
    """Residual Helmholtz energy over RT (S1 of the paper).

    t: its reduced temperature; x: its reduced density, 1 over its volume.
    """
    b = 2.95177298930e-2 - 6.33756452413e3 / t**2 - 2.75265428882e5 / t**3
    c = 1.29128089283e-3 - 1.45797416153e2 / t**2 + 7.65938947237e4 / t**3
    d = 2.58661493537e-6 + 0.52126532146 / t**2 - 1.39839523753e2 / t**3
    e = -2.36335007175e-8 + 5.35026383543e-3 / t**2 - 0.27110649951 / t**3
    f, beta, gamma = 2.50387836486e4 / t**3, 0.73226726041, 1.54833359970e-2
    tail = f / (2 * gamma) * (beta + 1 - (beta + 1 + gamma * x**2) * np.exp(-gamma * x**2))
    return b * x + c * x**2 / 2 + d * x**4 / 4 + e * x**5 / 5 + tail


@dataclass(frozen=True)
class _Term:
    """A term N x^d t^-power exp(-p x + phi (x - D)^2 + beta (1/t - gamma)^2) of the energy of hydrogen."""

    N: float
    power: float
    d: int
    p: int = 0
    phi: float = 0.0
    beta: float = 0.0
    gamma: float = 0.0
    D: float = 0.0


# N, t, d of Table 5 for normal hydrogen; p = 1 for a factor exp(-delta); phi, beta, gamma, D of Table 6
_LEACHMAN = tuple(_Term(*row) for row in (
    (-6.93643, 0.6844, 1), (0.01, 1.0, 4), (2.1101, 0.989, 1), (4.52059, 0.489, 1), (0.732564, 0.803, 2),
    (-1.34086, 1.1444, 2), (0.130985, 1.409, 3), (-0.777414, 1.754, 1, 1), (0.351944, 1.311, 3, 1),
    (-0.0211716, 4.187, 2, 0, -1.685, -0.171, 0.7164, 1.506),
    (0.0226312, 5.646, 1, 0, -0.489, -0.2245, 1.3444, 0.156),
    (0.032187, 0.791, 3, 0, -0.103, -0.1304, 1.4517, 1.736),
    (-0.0231752, 7.249, 1, 0, -2.506, -0.2785, 0.7204, 0.67),
    (0.0557346, 2.986, 1, 0, -1.607, -0.3967, 1.5445, 1.662),
))  # fmt: skip


def _leachman_energy(t: Values, x: Values) -> Values:
    """Residual Helmholtz energy over RT of normal hydrogen; t: T/Tc, x: density over the critical density."""
    total: Values = 0.0
    for term in _LEACHMAN:
        exponent = -term.p * x + term.phi * (x - term.D) ** 2 + term.beta * (1 / t - term.gamma) ** 2
        total = total + term.N * x**term.d * t**-term.power * np.exp(exponent)
    return total


def _from_density(
    energy: Callable[[Values, Values], Values],
    T: Values,
    P: Values,
    temperature: float,
    volume: float,
    packed: float,
) -> np.ndarray:
    """ln phi = A + Z - 1 - ln Z from a residual Helmholtz energy A.

    energy: A of the reduced temperature and density, whose units are temperature [K] and volume [m3/mol].
    packed: volume, in that unit, that the molecules do not yield. There the search for the density begins.
    It is Newton in the logarithm of the density. The derivative in Z = 1 + x dA/dx is taken along the
    imaginary axis: exact to rounding. Raises ConvergenceError after 100 steps.
    """
    T, P = np.broadcast_arrays(np.asarray(T, dtype=float), np.asarray(P, dtype=float))
    t, ideal_density = T / temperature, P * volume / (GAS_CONSTANT * T)

    def both(ln_x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        A = np.asarray(energy(t, np.exp(ln_x) * (1.0 + 1e-30j)))
        return A.real, 1.0 + A.imag / 1e-30

    ln_x, small = np.log(ideal_density / (1.0 + packed * ideal_density)), 1e-5
    for _ in range(100):
        A, Z = both(ln_x)
        slope = 1.0 + np.log(both(ln_x + small)[1] / Z) / small
        step = np.clip((np.log(ideal_density / Z) - ln_x) / slope, -0.3, 0.3)
        ln_x = ln_x + step
        if np.all(np.abs(step) <= 1e-12):
            return A + Z - 1.0 - np.log(Z)
    raise ConvergenceError("the search for the density of the equation of state did not converge")
