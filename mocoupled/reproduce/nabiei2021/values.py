"""Our value of each claim of Nabiei et al. 2021, from the melting model: key of a claim -> function of the
melts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ... import lower_mantle as melting
from ...lower_mantle.liquid_descent import CALCIUM_PARTITION

if TYPE_CHECKING:
    import xarray

PRESSURE = 52.0e9  # Pa, of figures 3 and 4
EXPERIMENT = (3000.0, 3200.0)  # K, of the runs at 52 GPa
LIMIT = 0.02  # melt fraction of the most solid run
STEP = 0.0025  # of the melt fraction along a path
BRIDGMANITE, FERROPERICLASE = "bridgmanite", "ferropericlase"


class Melts:
    """The phase diagrams and paths that the claims need, each computed once."""

    @cached_property
    def olivine(self) -> xarray.Dataset:
        """Olivine, fractional, at 52 GPa."""
        return melting.path("olivine", PRESSURE, step=STEP)

    @cached_property
    def pyrolite(self) -> xarray.Dataset:
        """Pyrolite, fractional, at 52 GPa."""
        return melting.path("pyrolite", PRESSURE, step=STEP)

    @cached_property
    def batch(self) -> xarray.Dataset:
        """Olivine, batch, at 52 GPa."""
        return melting.path("olivine", PRESSURE, "batch", step=STEP)

    @cached_property
    def deep(self) -> xarray.Dataset:
        """Pyrolite, fractional, at 129 GPa."""
        return melting.path("pyrolite", 129.0e9, step=0.005)

    def first(self, bulk: str, pressure: float) -> xarray.Dataset:
        """The melt of a named composition at its liquidus. pressure [Pa]."""
        return melting.liquidus([melting.COMPOSITIONS[bulk].oxides], pressure).isel(point=0)


def onset(path: xarray.Dataset) -> xarray.Dataset:
    """The state at which the second solid appears."""
    return path.isel(step=int(np.argmax(_solids(path) > 1)))


def _solids(path: xarray.Dataset) -> np.ndarray:
    """Number of solids at each step (n,)."""
    return path.present.values.sum(axis=1)


def _cotectic(path: xarray.Dataset) -> xarray.Dataset:
    """The steps with more than one solid."""
    return path.isel(step=np.flatnonzero(_solids(path) > 1))


def at(path: xarray.Dataset, fraction: float, end: str = "_by_volume") -> dict[str, np.ndarray]:
    """The variables of a path where the melt fraction is `fraction`, by interpolation in its logarithm.

    end: "_by_volume", or "" for the melt fraction by moles.
    """
    log_fraction = np.log(path[f"melt_fraction{end}"].values[::-1])

    def interpolated(values: np.ndarray) -> float:
        return float(np.interp(np.log(fraction), log_fraction, values[::-1]))

    names = (
        "temperature",
        "melt_composition",
        "melt_density",
        "solid_density",
        "melt_calcium",
        "exchange_coefficient",
    )
    return {name: np.apply_along_axis(interpolated, 0, path[name].values) for name in names}


def _is(phase: str, melt: xarray.Dataset) -> float:
    """1 where the phase is on the liquidus of the melt, else 0."""
    return float(melting.PHASES[int(melt.liquidus_phase)] == phase)


def _crystallised(path: xarray.Dataset, end: str = "") -> float:
    """Solid at the onset of the cotectic [%]."""
    return 100 * (1 - float(onset(path)[f"melt_fraction{end}"]))


def _below_onset(melts: Melts, fraction: float) -> float:
    """Temperature of the onset above that at a melt fraction by volume [K], of olivine."""
    return float(onset(melts.olivine).temperature - at(melts.olivine, fraction)["temperature"])


def _lead(path: xarray.Dataset, fraction: float, solid: str) -> float:
    """Density of the melt less that of a solid beside it [kg/m3]."""
    here = at(path, fraction)
    return float(here["melt_density"] - here["solid_density"][melting.PHASES.index(solid)])


def _first_lead(melts: Melts, pressure: float) -> float:
    """Density of the melt less that of its first solid [kg/m3], of pyrolite."""
    melt = melts.first("pyrolite", pressure)
    return float(melt.melt_density - melt.liquidus_density)


def _enriched(melts: Melts, oxide: str) -> float:
    """Oxide of the last melt less that at the onset of the cotectic [mol%], of olivine."""
    j = melting.OXIDES.index(oxide)
    last = at(melts.olivine, LIMIT)["melt_composition"][j]
    return 100 * float(last - onset(melts.olivine).melt_composition[j])


def _apart(melts: Melts) -> float:
    """Largest difference between the cotectic melts of olivine and of pyrolite at the same temperature
    [mol%]."""
    olivine, pyrolite = _cotectic(melts.olivine), _cotectic(melts.pyrolite)
    coldest = max(float(olivine.temperature[-1]), float(pyrolite.temperature[-1]))
    hottest = min(float(olivine.temperature[0]), float(pyrolite.temperature[0]))
    temperatures = np.linspace(hottest, coldest, 50)
    differences = _composition_at(olivine, temperatures) - _composition_at(pyrolite, temperatures)
    return 100 * float(np.abs(differences).max())


def _composition_at(path: xarray.Dataset, temperatures: np.ndarray) -> np.ndarray:
    """Mole fractions of the melt (oxide, temperature), by linear interpolation."""
    rising = path.temperature.values[::-1]
    compositions = path.melt_composition.values.T
    return np.stack([np.interp(temperatures, rising, oxide[::-1]) for oxide in compositions])


def _exchange_range(melts: Melts) -> float:
    """Highest over lowest exchange coefficient from the onset of the cotectic to the last melt, of
    olivine."""
    cotectic = _cotectic(melts.olivine)
    coefficients = cotectic.exchange_coefficient.where(cotectic.melt_fraction_by_volume >= LIMIT, drop=True)
    return float(coefficients.max() / coefficients.min())


def _mean_exchange(melts: Melts) -> float:
    """Exchange coefficient at the mean temperature of the experiments; it depends on no melt."""
    return float(melting.phase_diagram(PRESSURE).exchange(np.mean(EXPERIMENT)))


def _calcium(partition: float) -> float:
    """Ca of the melt of pyrolite at 34 % melt [%]. partition: of Ca between bridgmanite and melt."""
    path = melting.path("pyrolite", PRESSURE, step=STEP, calcium_partition=partition)
    return 100 * float(at(path, 0.34, "")["melt_calcium"])


def _bridgmanite(melts: Melts, oxide: str) -> float:
    """Oxide of the first bridgmanite of pyrolite [mol%]."""
    return 100 * float(melts.pyrolite.solid_composition.isel(step=0).sel(solid=BRIDGMANITE, oxide=oxide))


VALUES: Mapping[str, Callable[[Melts], float]] = MappingProxyType(
    {
        "1": lambda m: _is(FERROPERICLASE, m.first("olivine", PRESSURE)),
        "2": lambda m: _is(BRIDGMANITE, m.first("pyrolite", PRESSURE)),
        "3a": lambda m: _crystallised(m.pyrolite),
        "3b": lambda m: _crystallised(m.pyrolite, "_by_volume"),
        "4a": lambda m: _crystallised(m.olivine),
        "4b": lambda m: _crystallised(m.olivine, "_by_volume"),
        "5a": lambda m: _bridgmanite(m, "FeO"),
        "5b": lambda m: float(m.pyrolite.iron_fraction.isel(step=0).sel(solid=BRIDGMANITE)),
        "6a": lambda m: 100 * float(m.pyrolite.melt_composition[0, 0]),
        "6b": lambda m: 100 * float(onset(m.pyrolite).melt_composition[0]),
        "7a": lambda m: float(m.pyrolite.iron_partition_coefficient[0]),
        "7b": lambda m: float(onset(m.pyrolite).iron_partition_coefficient),
        "8a": _mean_exchange,
        "8b": lambda m: float(onset(m.olivine).exchange_coefficient),
        "8c": _exchange_range,
        "9": _mean_exchange,
        "10a": lambda m: _below_onset(m, 0.5),
        "10b": lambda m: _below_onset(m, 0.2),
        "10c": lambda m: _below_onset(m, LIMIT),
        "11a": lambda m: float(onset(m.olivine).temperature),
        "11b": lambda m: float(m.pyrolite.temperature[0]),
        "12": _apart,
        "13a": lambda m: _enriched(m, "FeO"),
        "13b": lambda m: _enriched(m, "MgO"),
        "13c": lambda m: _enriched(m, "SiO2"),
        "14": lambda m: float(at(m.olivine, LIMIT)["melt_composition"][0] / m.batch.melt_composition[-1, 0]),
        "15": lambda m: float(onset(m.batch).temperature - m.batch.temperature[-1]),
        "16a": lambda m: _first_lead(m, PRESSURE),
        "16b": lambda m: _first_lead(m, 85.0e9),
        "16c": lambda m: _first_lead(m, 129.0e9),
        "17a": lambda m: _lead(m.olivine, LIMIT, BRIDGMANITE),
        "17b": lambda m: _lead(m.olivine, LIMIT, FERROPERICLASE),
        "17c": lambda m: _lead(m.olivine, 0.2, FERROPERICLASE),
        "17d": lambda m: _lead(m.deep, LIMIT, BRIDGMANITE),
        "17e": lambda m: _lead(m.deep, LIMIT, FERROPERICLASE),
        "18a": lambda m: _is(BRIDGMANITE, m.first("pyrolite", 85.0e9)),
        "18b": lambda m: _is(BRIDGMANITE, m.first("pyrolite", 129.0e9)),
        "19a": lambda m: float(m.first("pyrolite", 85.0e9).liquidus_temperature),
        "19b": lambda m: float(m.first("pyrolite", 129.0e9).liquidus_temperature),
        "20a": lambda m: 100 * float(m.pyrolite.melt_calcium[0]),
        "20b": lambda m: 100 * float(m.pyrolite.bridgmanite_calcium[0]),
        "20c": lambda m: _calcium(CALCIUM_PARTITION),
        "20d": lambda m: _calcium(0.0),
        "21": lambda m: _bridgmanite(m, "MgO") - 100 * float(m.pyrolite.bridgmanite_calcium[0]),
    }
)
