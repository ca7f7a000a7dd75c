"""The column in closed form: dry adiabat, moist pseudo-adiabat and stratosphere on levels of temperature.

Temperature is the vertical coordinate, so that both adiabats are closed forms: no equation is integrated.
One column has plain numbers and arrays of its levels. Steps of 1e-30 i in its inputs, which give exact
derivatives (emitter.py), are arrays of complex numbers with one more axis, the last: the same lines compute
both, and arrays of one number are avoided, which take ten times as long.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import wrightomega

from ...constants import AVOGADRO_CONSTANT, BOLTZMANN_CONSTANT
from .gas_data import BandGas

LIQUID_HEAT_CAPACITY = 9.06  # of liquid water over R: 75.3 J/mol/K
HIGHEST_CONDENSATION = 640.0  # K; the fit of the saturation pressure ends near the critical point
FIRST_GUESS, NEWTON_STEPS = 350.0, 7  # of the condensation temperature [K]
LAST_STEP = sys.float_info.epsilon**0.75  # of its ln, so small that the slope before it is that after it
PASSES = 3  # of the integral of the liquid along the moist adiabat
LEAST_DRY = 1e-9  # of the pressure: the dry gas of pure steam
TOP = math.log(0.3)  # the layer above the last level has the properties of 0.3 of its pressure
WATER = "H2O"
LN_1000 = math.log(1000.0)
COLDEST, HOTTEST = math.log(0.05), math.log(2.0)  # ln(T/1000 K) between which it is searched

Numbers = float | np.ndarray  # of one column, or of the steps: (step,)


@dataclass(frozen=True)
class Resolution:
    """Intervals, even in ln T: dry from the surface to the condensation level, moist up to the stratosphere.

    The limit of steam is 1 to 4 % above that of many with 14 and 10 at 1200 to 2000 K, 1 % with 28 and 20.
    """

    dry: int = 14
    moist: int = 10


@dataclass(frozen=True)
class Environment:
    """gravity [m/s2]; stratosphere [K]: its temperature; resolution: the levels."""

    gravity: float = 9.81
    stratosphere: float = 200.0
    resolution: Resolution = Resolution()


class Column(NamedTuple):
    """Levels and layers of one column, or of steps of it into the complex plane: they have a last axis.

    x: ln(T/1000 K) of the levels, from the surface up, (level,). ln_p: ln(p/Pa) of the levels.
    mixing: mole fractions of the gases at the levels, (gas, level).
    Layers lie between levels; the last is the isothermal one above the last level.
    places: ln(T/1000 K) and ln(p/Pa) of the layers, (2, layer). amounts: molecules/cm2, (gas, layer).
    densities: molecules/cm3 of each gas. condensation: temperature of the cloud level [K], the real number.
    """

    x: np.ndarray
    ln_p: np.ndarray
    mixing: np.ndarray
    places: np.ndarray
    amounts: np.ndarray
    densities: np.ndarray
    condensation: float


@dataclass(frozen=True, eq=False)
class Gases:
    """What the column needs of its gases.

    molar_masses [kg/mol]. enthalpies: coefficients of x to x^4 of the integral of cp/R over x = ln(T/1000 K),
    (4, gas). water: its place, None without it. saturation: coefficients of ln(saturation pressure/Pa).
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
    return Gases(masses, np.ascontiguousarray(enthalpies.T), water, tuple(map(float, saturation)))


def ln_saturation(s: Sequence[float], T: Numbers, ln_T: Numbers) -> Numbers:
    """ln of the saturation pressure of water [Pa] at T [K], 200 to 640 K; s: the five coefficients."""
    return s[0] + s[1] / T + s[2] * ln_T + T * (s[3] + s[4] * T)


def _log(value: Numbers) -> Numbers:
    return math.log(value) if isinstance(value, float) else np.log(value)


def _exp(value: Numbers) -> Numbers:
    return math.exp(value) if isinstance(value, float) else np.exp(value)


def _real(value: Numbers) -> float:
    """The number itself, of steps that of the first."""
    return value if isinstance(value, float) else float(value[0].real)


def _numbers(values: np.ndarray) -> Sequence[Numbers]:
    """The entries along the first axis: plain numbers, which are faster than arrays of one, or the steps."""
    return values.tolist() if values.ndim == 1 else list(values)


def column(
    gases: Gases, T: Numbers, p: np.ndarray, around: Environment, stratosphere: Numbers | None = None
) -> Column:
    """The column over a surface at T [K] under partial pressures p [Pa], (gas,), or steps of it.

    stratosphere: its temperature [K]; None: that of `around`. Of steps into the complex plane T is (step,), p
    (gas, step) and the stratosphere (step,); their real parts are those of the first.
    Pressures are > 0; T is at least the temperature of the stratosphere. Below 640 K water above its
    saturation pressure is an ocean and does not count.
    """
    x_surface = _log(T / 1000.0)
    p = _above_ocean(gases, T, p, x_surface)
    total = sum(_numbers(p))
    fractions = p / total
    enthalpy = _numbers(gases.enthalpies @ fractions)
    start = _log(total) - _integral(enthalpy, x_surface)
    cold = around.stratosphere + 0.0 * T if stratosphere is None else stratosphere
    x_cloud, condensation = _cloud(gases, (T, x_surface), fractions, enthalpy, start, cold)
    grid = around.resolution
    dry = grid.dry if condensation < _real(T) else 0
    moist = grid.moist if gases.water is not None and condensation > _real(cold) else 0
    stack = np.empty((len(p) + 2, dry + moist + 1, *p.shape[1:]), dtype=fractions.dtype)
    x, ln_p, mixing = stack[0], stack[1], stack[2:]
    ends = np.array([x_surface, x_cloud, _log(cold / 1000.0)] if moist else [x_surface, x_cloud])
    np.matmul(_even(dry, moist), ends, out=x)
    ln_p[: dry + 1] = start + _integral(enthalpy, x[: dry + 1])
    mixing[:, : dry + 1] = fractions[:, None]
    if moist:
        aloft = _moist(gases, x[dry:], _numbers(ln_p[dry : dry + 1])[0], fractions, enthalpy[0])
        ln_p[dry + 1 :], mixing[:, dry + 1 :] = aloft[0][1:], aloft[1][:, 1:]
    return _layers(gases, stack, condensation, around.gravity)


@lru_cache(maxsize=64)
def _even(dry: int, moist: int) -> np.ndarray:
    """The matrix of levels from their ends: so many even intervals from one to the next, (level, end)."""
    weights = np.zeros((dry + moist + 1, 3 if moist else 2))
    weights[: dry + 1, 1] = np.arange(dry + 1) / max(dry, 1)
    weights[: dry + 1, 0] = 1.0 - weights[: dry + 1, 1]
    if moist:
        weights[dry + 1 :, 2] = np.arange(1, moist + 1) / moist
        weights[dry + 1 :, 1] = 1.0 - weights[dry + 1 :, 2]
    return weights


@lru_cache(maxsize=64)
def _trapezoids(intervals: int) -> np.ndarray:
    """The matrix of the integrals from the first of even levels to each, over the interval."""
    weights = np.triu(np.ones((intervals + 1, intervals + 1)))
    weights[0] = 0.5
    weights[0, 0] = 0.0
    return np.ascontiguousarray((weights - 0.5 * np.diag([0.0, *np.ones(intervals)])).T)


def _above_ocean(gases: Gases, T: Numbers, p: np.ndarray, x_surface: Numbers) -> np.ndarray:
    """The pressures without the water that is liquid at the surface."""
    if gases.water is None or _real(T) >= HIGHEST_CONDENSATION:
        return p
    saturated = _exp(ln_saturation(gases.saturation, T, x_surface + LN_1000))
    if _real(_numbers(p[gases.water : gases.water + 1])[0]) <= _real(saturated):
        return p
    p = p.copy()
    p[gases.water] = saturated
    return p


def _integral(enthalpy: Sequence[Numbers], x: Numbers) -> Numbers:
    """Integral of cp/R over ln T from x = 0; enthalpy: the coefficients of x to x^4."""
    a, b, c, d = enthalpy
    return x * (a + x * (b + x * (c + x * d)))


def _cloud(
    gases: Gases,
    surface: tuple[Numbers, Numbers],
    fractions: np.ndarray,
    enthalpy: Sequence[Numbers],
    start: Numbers,
    stratosphere: Numbers,
) -> tuple[Numbers, float]:
    """ln(T/1000 K) of the condensation level, and T there: between stratosphere and surface.

    surface: T [K] and ln(T/1000 K). stratosphere [K].
    Newton's method in plain numbers; one more step on the steps into the complex plane carries the
    derivatives.
    """
    T, x_surface = surface
    low, warm = _real(stratosphere), _real(T)
    high = min(warm, HIGHEST_CONDENSATION)
    if gases.water is None or low >= high:
        # no moist part: the dry one ends at the stratosphere
        return _end_of(stratosphere if low < warm else T)
    s0, s1, s2, s3, s4 = gases.saturation
    wet = _numbers(fractions[gases.water : gases.water + 1])[0]
    first = math.log(_real(wet)) + _real(start) - s0 - s2 * LN_1000
    a, b, c, d = map(_real, enthalpy)
    x = math.log(FIRST_GUESS / 1000.0)
    for _ in range(NEWTON_STEPS):
        at = 1000.0 * math.exp(x)
        excess = first + x * (a - s2 + x * (b + x * (c + x * d))) - s1 / at - at * (s3 + s4 * at)
        slope = a - s2 + x * (2.0 * b + x * (3.0 * c + x * 4.0 * d)) + s1 / at - at * (s3 + 2.0 * s4 * at)
        step = excess / slope
        x = min(max(x - step, COLDEST), HOTTEST)
        if abs(step) < LAST_STEP:
            break
    at = 1000.0 * math.exp(x)
    if at >= warm * (1.0 - 1e-12) and warm <= HIGHEST_CONDENSATION:
        return x_surface, warm
    if not low < at < high:
        return _end_of(stratosphere if at <= low else high + 0.0 * T)
    if isinstance(T, float):
        return x, at
    excesses = np.log(wet) + start + _integral(enthalpy, x)
    excesses = excesses - (s0 + s1 / at + s2 * (x + LN_1000) + at * (s3 + s4 * at))
    return x - excesses / slope, at


def _end_of(temperature: Numbers) -> tuple[Numbers, float]:
    """ln(T/1000 K) where the dry part ends at this temperature [K], and the temperature."""
    return _log(temperature / 1000.0), _real(temperature)


def _moist(
    gases: Gases, x: np.ndarray, ln_p_cloud: Numbers, fractions: np.ndarray, capacity: Numbers
) -> tuple[np.ndarray, np.ndarray]:
    """ln p and mole fractions along the moist pseudo-adiabat, whose condensate is removed.

    With p_d the pressure of the dry gas, e that of saturation, r = e/p_d and beta = d ln e/d ln T, the law
    d ln p_d - d(beta r) = (c_d + c_liquid r) d ln T has the solution p_d = beta e/omega(ln(beta e) - y),
    omega + ln omega = z, with y = ln p_d - beta r at the condensation level + the integral of the right side.
    c_d is the heat capacity of the dry gas at 1000 K. x: levels, (level,). ln_p_cloud: at the first.
    capacity: cp/R of all gas at 1000 K.
    """
    water = gases.water
    assert water is not None, "there is no moist adiabat without water"
    basis = np.empty((5, *x.shape), dtype=x.dtype)
    T = np.exp(x + LN_1000, out=basis[3])
    basis[0], basis[1] = 1.0, x
    np.divide(1.0, T, out=basis[2])
    np.multiply(T, T, out=basis[4])
    ln_e, slope = (_of_saturation(gases.saturation) @ basis.reshape(5, -1)).reshape(2, *x.shape)
    e = np.exp(ln_e)
    slope_times_e = e * slope
    wet = _numbers(fractions[water : water + 1])[0]
    dry = 1.0 - wet
    if _real(dry) <= LEAST_DRY:
        dry = LEAST_DRY + 0.0 * wet
    dry_capacity = (capacity - wet * float(gases.enthalpies[0, water])) / dry
    at_cloud = _exp(ln_p_cloud) * dry
    first, last = _numbers(x[:: len(x) - 1])
    y = _log(at_cloud) - _numbers(slope_times_e[:1])[0] / at_cloud
    z = ln_e + np.log(slope) - (dry_capacity * x + (y - dry_capacity * first))
    omega = _wright_omega(z)
    intervals = len(x) - 1
    integrals, step = _trapezoids(intervals), (LIQUID_HEAT_CAPACITY / intervals) * (last - first)
    for _ in range(PASSES - 1):
        omega = _wright_omega(z - step * (integrals @ (omega / slope)))
    dry_pressure = slope_times_e / omega
    p = dry_pressure + e
    mixing = fractions[:, None] * (dry_pressure / (p * dry))
    mixing[water] = e / p
    return np.log(p), mixing


@lru_cache(maxsize=8)
def _of_saturation(s: tuple[float, ...]) -> np.ndarray:
    """ln of the saturation pressure [Pa] and its derivative by ln T, as rows on 1, x, 1/T, T, T2."""
    return np.array([[s[0] + s[2] * LN_1000, s[2], s[1], s[3], s[4]], [s[2], 0.0, -s[1], s[3], 2.0 * s[4]]])


def _wright_omega(z: np.ndarray) -> np.ndarray:
    """omega + ln omega = z; a last Newton step carries the derivatives of a complex z."""
    if z.ndim == 1:
        return wrightomega(z)
    omega = wrightomega(z[:, :1].real)
    return omega - (omega + np.log(omega) - z) * (omega / (1.0 + omega))


def _layers(gases: Gases, stack: np.ndarray, condensation: float, gravity: float) -> Column:
    """The column of levels, with its layers. stack: x, ln p and the mole fractions of the levels."""
    # of the layers: means of their two levels, on top the last level
    middle = stack.copy()
    inner = middle[:, :-1]
    inner += stack[:, 1:]
    inner *= 0.5
    middle[1, -1] += TOP
    places, mixing = middle[:2], middle[2:]
    p = np.exp(stack[1])
    thickness = p.copy()
    thickness[:-1] -= p[1:]
    masses = gases.molar_masses @ mixing.reshape(len(mixing), -1)
    per_area = thickness * (1e-4 * AVOGADRO_CONSTANT / gravity) / masses.reshape(p.shape)
    density = np.exp(places[1] - places[0]) * (1e-9 / BOLTZMANN_CONSTANT)
    return Column(
        x=stack[0],
        ln_p=stack[1],
        mixing=stack[2:],
        places=places,
        amounts=mixing * per_area,
        densities=mixing * density,
        condensation=condensation,
    )
