"""The column in closed form: dry adiabat, moist pseudo-adiabat and stratosphere on levels of temperature.

Temperature is the vertical coordinate, so that both adiabats are closed forms: no equation is integrated.
All functions take complex numbers: a step of 1e-30 i in an input gives exact derivatives (emitter.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import wrightomega

from ...constants import AVOGADRO_CONSTANT, BOLTZMANN_CONSTANT
from .gas_data import BandGas

LIQUID_HEAT_CAPACITY = 9.06  # of liquid water over R: 75.3 J/mol/K
HIGHEST_CONDENSATION = 640.0  # K; the fit of the saturation pressure ends near the critical point
FIRST_GUESS, NEWTON_STEPS = 350.0, 7  # of the condensation temperature [K]
PASSES = 3  # of the integral of the liquid along the moist adiabat
LEAST_DRY = 1e-9  # of the pressure: the dry gas of pure steam
TOP = math.log(0.3)  # the layer above the last level has the properties of 0.3 of its pressure
WATER = "H2O"
LN_1000 = math.log(1000.0)


@dataclass(frozen=True)
class Resolution:
    """Intervals, even in ln T: dry from the surface to the condensation level, moist up to the stratosphere.

    14 and 10: within 2 % of the limit of many on the radiation limit; 28 and 20: within 0.5 %.
    """

    dry: int = 14
    moist: int = 10


@dataclass(frozen=True)
class Environment:
    """gravity [m/s2]; stratosphere [K]: its temperature; resolution: the levels."""

    gravity: float = 9.81
    stratosphere: float = 200.0
    resolution: Resolution = Resolution()


@dataclass(frozen=True, eq=False)
class Column:
    """Levels and layers of columns; the first axis has one entry for every column.

    x: ln(T/1000 K) of the levels, from the surface up, (column, level). ln_p: ln(p/Pa) of the levels.
    mixing: mole fractions of the gases at the levels, (column, gas, level).
    Layers lie between levels; the last is the isothermal one above the last level:
    layer_x, layer_ln_p: (column, layer). amounts: molecules/cm2 of each gas, (column, gas, layer).
    densities: molecules/cm3 of each gas. condensation: temperature of the cloud level [K], the real number.
    """

    x: np.ndarray
    ln_p: np.ndarray
    mixing: np.ndarray
    layer_x: np.ndarray
    layer_ln_p: np.ndarray
    amounts: np.ndarray
    densities: np.ndarray
    condensation: float


@dataclass(frozen=True, eq=False)
class Gases:
    """What the column needs of its gases.

    molar_masses [kg/mol]. enthalpies: coefficients of x to x^4 of the integral of cp/R over x = ln(T/1000 K),
    (gas, 4). water: its place, None without it. saturation: coefficients of ln(saturation pressure/Pa).
    """

    molar_masses: np.ndarray
    enthalpies: np.ndarray
    water: int | None
    saturation: tuple[float, ...]


def gases_of(gases: Sequence[BandGas], saturation: np.ndarray) -> Gases:
    """The column's view of gases. saturation: coefficients of ln(saturation pressure of water/Pa)."""
    names = [gas.name for gas in gases]
    water = names.index(WATER) if WATER in names else None
    masses = np.array([gas.molar_mass for gas in gases])
    enthalpies = np.array([gas.heat_capacity for gas in gases]) / np.arange(1.0, 5.0)
    return Gases(masses, enthalpies, water, tuple(map(float, saturation)))


def ln_saturation(s: Sequence[float], T: np.ndarray, ln_T: np.ndarray) -> np.ndarray:
    """ln of the saturation pressure of water [Pa] at T [K], 200 to 640 K; s: the five coefficients."""
    return s[0] + s[1] / T + s[2] * ln_T + T * (s[3] + s[4] * T)


def column(
    gases: Gases, T: np.ndarray, p: np.ndarray, around: Environment, stratosphere: np.ndarray | None = None
) -> Column:
    """The columns of surface temperatures T [K], (column,), and partial pressures p [Pa], (column, gas).

    stratosphere: its temperature [K], (column,); None: that of `around`.
    The columns are one column and steps of it into the complex plane: real parts are those of the first.
    Pressures are > 0; T is at least the temperature of the stratosphere. Below 640 K water above its
    saturation pressure is an ocean and does not count.
    """
    x_surface = np.log(T / 1000.0)
    p = _above_ocean(gases, T, p, x_surface)
    total = p.sum(axis=1)
    fractions = p / total[:, None]
    enthalpy = fractions @ gases.enthalpies
    start = np.log(total) - _integral(enthalpy, x_surface[:, None])[:, 0]
    cold = np.full(len(T), around.stratosphere) if stratosphere is None else stratosphere
    x_cloud, condensation = _cloud(gases, T, x_surface, fractions, enthalpy, start, cold)
    grid = around.resolution
    dry = grid.dry if condensation < T[0].real else 0
    moist = grid.moist if gases.water is not None and condensation > cold[0].real else 0
    x = np.empty((len(T), dry + moist + 1), dtype=start.dtype)
    ln_p, mixing = np.empty_like(x), np.empty((*p.shape, dry + moist + 1), dtype=start.dtype)
    x[:, : dry + 1] = x_surface[:, None] + (x_cloud - x_surface)[:, None] * _even(dry)
    ln_p[:, : dry + 1] = start[:, None] + _integral(enthalpy, x[:, : dry + 1])
    mixing[:, :, : dry + 1] = fractions[:, :, None]
    if moist:
        rest = np.log(cold / 1000.0) - x_cloud
        aloft = x_cloud[:, None] + rest[:, None] * _even(moist)
        ln_p_aloft, mixing_aloft = _moist(gases, aloft, ln_p[:, dry], fractions, enthalpy[:, 0])
        x[:, dry + 1 :], ln_p[:, dry + 1 :] = aloft[:, 1:], ln_p_aloft[:, 1:]
        mixing[:, :, dry + 1 :] = mixing_aloft[:, :, 1:]
    return _layers(gases, x, ln_p, mixing, condensation, around.gravity)


@lru_cache(maxsize=64)
def _even(intervals: int) -> np.ndarray:
    """0 to 1 in so many even intervals; 0 alone without any."""
    return np.arange(intervals + 1) / max(intervals, 1)


@lru_cache(maxsize=64)
def _trapezoids(intervals: int) -> np.ndarray:
    """The matrix of the integrals from the first of even levels to each, over the interval."""
    weights = np.triu(np.ones((intervals + 1, intervals + 1)))
    weights[0] = 0.5
    weights[0, 0] = 0.0
    return weights - 0.5 * np.diag([0.0, *np.ones(intervals)])


def _above_ocean(gases: Gases, T: np.ndarray, p: np.ndarray, x_surface: np.ndarray) -> np.ndarray:
    """The pressures without the water that is liquid at the surface."""
    if gases.water is None or T[0].real >= HIGHEST_CONDENSATION:
        return p
    saturated = np.exp(ln_saturation(gases.saturation, T, x_surface + math.log(1000.0)))
    if p[0, gases.water].real <= saturated[0].real:
        return p
    p = p.astype(np.result_type(p, saturated))
    p[:, gases.water] = saturated
    return p


def _integral(enthalpy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Integral of cp/R over ln T from x = 0: enthalpy (column, 4) has its coefficients of x to x^4."""
    # numbers are faster than arrays of one
    a, b, c, d = enthalpy[0].tolist() if len(enthalpy) == 1 else enthalpy.T[:, :, None]
    return x * (a + x * (b + x * (c + x * d)))


def _cloud(
    gases: Gases,
    T: np.ndarray,
    x_surface: np.ndarray,
    fractions: np.ndarray,
    enthalpy: np.ndarray,
    start: np.ndarray,
    stratosphere: np.ndarray,
) -> tuple[np.ndarray, float]:
    """ln(T/1000 K) of the condensation level, (column,), and T there: between stratosphere and surface.

    stratosphere [K]: (column,). Newton's method in plain numbers; one more step on the columns carries the
    derivatives.
    """
    low, high = float(stratosphere[0].real), min(float(T[0].real), HIGHEST_CONDENSATION)
    if gases.water is None or low >= high:
        # no moist part: the dry one ends at the stratosphere
        return _end_of(stratosphere if low < T[0].real else T)
    s = gases.saturation
    fraction = fractions[:, gases.water]
    first = math.log(fraction[0].real) + float(start[0].real)
    a, b, c, d = enthalpy[0].real.tolist()
    at = FIRST_GUESS
    for _ in range(NEWTON_STEPS):
        x = math.log(at / 1000.0)
        excess = first + x * (a + x * (b + x * (c + x * d)))
        excess -= s[0] + s[1] / at + s[2] * math.log(at) + at * (s[3] + s[4] * at)
        slope = (
            a + x * (2.0 * b + x * (3.0 * c + x * 4.0 * d)) + s[1] / at - s[2] - at * (s[3] + 2.0 * s[4] * at)
        )
        at = min(max(at * math.exp(-excess / slope), 50.0), 2000.0)
    if at >= float(T[0].real) * (1.0 - 1e-12) and float(T[0].real) <= HIGHEST_CONDENSATION:
        return x_surface, float(T[0].real)
    if not low < at < high:
        return _end_of(stratosphere if at <= low else np.full(len(T), high))
    x = math.log(at / 1000.0)
    if not np.iscomplexobj(x_surface):
        return np.array([x]), at
    excesses = np.log(fraction) + start + _integral(enthalpy, np.full((1, 1), x))[:, 0]
    excesses = excesses - (s[0] + s[1] / at + s[2] * math.log(at) + at * (s[3] + s[4] * at))
    return x - excesses / slope, at


def _end_of(temperature: np.ndarray) -> tuple[np.ndarray, float]:
    """ln(T/1000 K) where the dry part ends at this temperature [K], (column,), and T of the first."""
    return np.log(temperature / 1000.0), float(temperature[0].real)


def _moist(
    gases: Gases, x: np.ndarray, ln_p_cloud: np.ndarray, fractions: np.ndarray, capacity: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """ln p and mole fractions along the moist pseudo-adiabat, whose condensate is removed.

    With p_d the pressure of the dry gas, e that of saturation, r = e/p_d and beta = d ln e/d ln T, the law
    d ln p_d - d(beta r) = (c_d + c_liquid r) d ln T has the solution p_d = beta e/omega(ln(beta e) - y),
    omega + ln omega = z, with y = ln p_d - beta r at the condensation level + the integral of the right side.
    c_d is the heat capacity of the dry gas at 1000 K. x: levels, (column, level). ln_p_cloud: at the first.
    capacity: cp/R of all gas at 1000 K.
    """
    s, water = gases.saturation, gases.water
    T = 1000.0 * np.exp(x)
    falling, rising, curved = s[1] / T, s[3] * T, s[4] * T * T
    ln_e = s[2] * x + (s[0] + s[2] * LN_1000) + falling + rising + curved
    slope = s[2] - falling + rising + 2.0 * curved
    e = np.exp(ln_e)
    slope_times_e = e * slope
    wet = fractions[:, water]
    dry = 1.0 - wet
    if dry[0].real <= LEAST_DRY:
        dry = LEAST_DRY + 0.0 * wet
    dry_capacity = (capacity - wet * gases.enthalpies[water, 0]) / dry
    at_cloud = np.exp(ln_p_cloud) * dry
    above = x - x[:, :1]
    y = (np.log(at_cloud) - slope_times_e[:, 0] / at_cloud)[:, None] + dry_capacity[:, None] * above
    z = ln_e + np.log(slope) - y
    dry_pressure = slope_times_e / _wright_omega(z)
    intervals = x.shape[1] - 1
    step = (LIQUID_HEAT_CAPACITY / intervals) * above[:, -1:]
    for _ in range(PASSES - 1):
        liquid = step * (e / dry_pressure @ _trapezoids(intervals))
        dry_pressure = slope_times_e / _wright_omega(z - liquid)
    p = dry_pressure + e
    mixing = fractions[:, :, None] * (dry_pressure / (p * dry[:, None]))[:, None, :]
    mixing[:, water] = e / p
    return np.log(p), mixing


def _wright_omega(z: np.ndarray) -> np.ndarray:
    """omega + ln omega = z; a last Newton step carries the derivatives of a complex z."""
    if not np.iscomplexobj(z):
        return wrightomega(z)
    omega = wrightomega(z[:1].real)
    return omega - (omega + np.log(omega) - z) * (omega / (1.0 + omega))


def _layers(
    gases: Gases, x: np.ndarray, ln_p: np.ndarray, mixing: np.ndarray, condensation: float, gravity: float
) -> Column:
    """The column of these levels, with its layers."""
    columns, levels = x.shape
    p = np.exp(ln_p)
    # x, ln p and mole fractions of the layers: means of their two levels, on top the last level
    middle = np.empty((columns, mixing.shape[1] + 2, levels), dtype=mixing.dtype)
    middle[:, 0], middle[:, 1], middle[:, 2:] = x, ln_p, mixing
    middle[:, :, :-1] += middle[:, :, 1:]
    middle[:, :, :-1] *= 0.5
    middle[:, 1, -1] += TOP
    layer_x, layer_ln_p, layer_mixing = middle[:, 0], middle[:, 1], middle[:, 2:]
    thickness = p.copy()
    thickness[:, :-1] -= p[:, 1:]
    per_area = thickness * (1e-4 * AVOGADRO_CONSTANT / gravity) / (gases.molar_masses @ layer_mixing)
    density = np.exp(layer_ln_p - layer_x) * (1e-9 / BOLTZMANN_CONSTANT)
    return Column(
        x=x,
        ln_p=ln_p,
        mixing=mixing,
        layer_x=layer_x,
        layer_ln_p=layer_ln_p,
        amounts=layer_mixing * per_area[:, None],
        densities=layer_mixing * density[:, None],
        condensation=condensation,
    )
