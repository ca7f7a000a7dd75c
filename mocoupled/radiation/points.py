"""The radiation of each point of arrays of conditions, as arrays of the variables of the result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..atmosphere.bands.columns import Environment, Resolution, ln_saturation
from ..atmosphere.bands.emitter import LN_1000, Emission, Emitter, emitter_of
from ..atmosphere.bands.gas_data import BandGas
from ..constants import AVOGADRO_CONSTANT, GAS_CONSTANT


@dataclass(frozen=True, eq=False)
class Request:
    """Conditions of the points, flat: temperature [K], pressures [Pa] (gas, point), gravity [m/s2], ..."""

    gases: tuple[BandGas, ...]
    temperature: np.ndarray
    pressures: np.ndarray
    gravity: np.ndarray
    stratosphere: np.ndarray
    factor: np.ndarray
    resolution: Resolution


def radiate(request: Request, masked: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Name of a variable -> its values; the last axis is that of the points, NaN where they are masked."""
    size, gases = request.temperature.size, len(request.gases)
    levels = request.resolution.dry + request.resolution.moist + 1
    bands = len(request.gases[0].rayleigh)
    shapes: Mapping[str, tuple[int, ...]] = {
        "outgoing_flux": (),
        "band_flux": (bands,),
        "brightness_temperature": (bands,),
        "temperature_slope": (),
        "pressure_slope": (gases,),
        "level_temperature": (levels,),
        "level_pressure": (levels,),
        "level_height": (levels,),
        "mixing_ratio": (gases, levels),
        "cloud_temperature": (),
        "cloud_pressure": (),
        "cloud_height": (),
        "liquid_water": (),
        "column_mass": (gases,),
    }
    result = {name: np.full((*shape, size), np.nan) for name, shape in shapes.items()}
    emitters: dict[tuple[int, ...], Emitter] = {}
    for k in range(size):
        if masked is not None and masked[k]:
            continue
        present = tuple(np.flatnonzero(request.pressures[:, k] > 0.0).tolist())
        if present not in emitters:
            chosen = [request.gases[i] for i in present] or [request.gases[0]]
            emitters[present] = emitter_of(chosen, Environment())
        around = Environment(float(request.gravity[k]), float(request.stratosphere[k]), request.resolution)
        at = replace(emitters[present], around=around, factor=float(request.factor[k]))
        for name, value in _point(request, at, k, present).items():
            result[name][..., k] = value
    return result


def _point(request: Request, at: Emitter, k: int, present: Sequence[int]) -> dict[str, np.ndarray | float]:
    """The variables of a point."""
    T, p = float(request.temperature[k]), request.pressures[:, k]
    slopes = np.zeros(len(p))
    if not present:
        ln_T = np.array([math.log(T)])
        flux, slope = at.planck(ln_T)[0], at.planck.slope(ln_T)[0]
        bare = {"outgoing_flux": flux.sum(), "band_flux": flux, "temperature_slope": slope.sum() / flux.sum()}
        bare |= {"pressure_slope": slopes, "column_mass": slopes}
        return {**bare, "brightness_temperature": np.full(len(flux), T), "liquid_water": 0.0}
    rows = list(present)
    emission = at.emission(T, p[rows])
    total, gradient = emission.flux.total, at.gradient(emission)
    slopes[rows] = gradient.by_ln_p / total
    masses = np.zeros(len(p))
    masses[rows] = _masses(at, emission)
    return {
        "outgoing_flux": total,
        "band_flux": emission.flux.bands,
        "brightness_temperature": at.planck.brightness(emission.flux.bands),
        "temperature_slope": T * gradient.by_T / total,
        "pressure_slope": slopes,
        "liquid_water": _liquid(at, T, p[rows]),
        "column_mass": masses,
        **_profile(request, at, emission, rows),
    }


def _liquid(at: Emitter, T: float, p: np.ndarray) -> float:
    """Water [Pa] above the saturation pressure at the surface, which is liquid there."""
    water = at.gases.water
    if water is None or T >= 640.0:
        return 0.0
    saturated = np.exp(ln_saturation(at.gases.saturation, np.array(T), np.log(np.array(T))))
    return max(0.0, float(p[water] - saturated))


def _masses(at: Emitter, emission: Emission) -> np.ndarray:
    """Mass of each gas above the surface [kg/m2]."""
    molecules = emission.column.amounts[0].real.sum(axis=1)  # per cm2
    return molecules * (1e4 / AVOGADRO_CONSTANT) * at.gases.molar_masses


def _profile(
    request: Request, at: Emitter, emission: Emission, rows: list[int]
) -> dict[str, np.ndarray | float]:
    """Temperature, pressure, height and composition of the levels; NaN above the last level."""
    column = emission.column
    x, ln_p, mixing = column.x[0].real, column.ln_p[0].real, column.mixing[0].real
    levels = request.resolution.dry + request.resolution.moist + 1
    masses = at.gases.molar_masses @ column.mixing[0].real
    T = np.exp(x + LN_1000)
    scale = GAS_CONSTANT * T / (masses * at.around.gravity)
    rise = 0.5 * (scale[1:] + scale[:-1]) * (ln_p[:-1] - ln_p[1:])
    height = np.concatenate([[0.0], np.cumsum(rise)])
    whole: dict[str, np.ndarray | float] = {}
    for name, values in (("temperature", T), ("pressure", np.exp(ln_p)), ("height", height)):
        padded = np.full(levels, np.nan)
        padded[: len(values)] = values
        whole[f"level_{name}"] = padded
    ratios = np.full((len(request.gases), levels), np.nan)
    ratios[:, : len(x)] = 0.0
    ratios[rows, : len(x)] = mixing
    whole["mixing_ratio"] = ratios
    if at.gases.water is not None and column.condensation > at.around.stratosphere:
        place = int(np.argmin(np.abs(T - column.condensation)))
        whole["cloud_temperature"] = column.condensation
        whole["cloud_pressure"], whole["cloud_height"] = float(np.exp(ln_p[place])), float(height[place])
    return whole
