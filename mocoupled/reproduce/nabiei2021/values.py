"""What the claims of Nabiei et al. 2021 come to here: key of a claim -> its value from the melting model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ... import lower_mantle as melting
from ...lower_mantle.liquid_descent import CALCIUM_PARTITION
from ...lower_mantle.phase_diagrams import phase_diagram

if TYPE_CHECKING:
    import xarray

PRESSURE = 52.0e9  # Pa, of figures 3 and 4
EXPERIMENT = (3000.0, 3200.0)  # K, of the runs at 52 GPa
LIMIT = 0.02  # melt fraction of the most solid run
STEP = 0.0025
BRIDGMANITE, FERROPERICLASE = "bridgmanite", "ferropericlase"


class Melts:
    """The phase diagrams and paths that the claims ask for, each made once."""

    @cached_property
    def olivine(self) -> xarray.Dataset:
        """Fractional crystallisation at 52 GPa."""
        return melting.path("olivine", PRESSURE, step=STEP)

    @cached_property
    def pyrolite(self) -> xarray.Dataset:
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
        """The melt at its liquidus."""
        return melting.liquidus([melting.COMPOSITIONS[bulk].oxides], pressure).isel(point=0)


def onset(path) -> xarray.Dataset:
    """The state at which the second solid appears."""
    return path.isel(step=int(np.argmax(path.present.values.sum(axis=1) > 1)))


def at(path, fraction: float, end: str = "_by_volume") -> dict[str, np.ndarray]:
    """The variables of a path where the melt fraction is `fraction`, by interpolation in its logarithm."""
    share = np.log(path[f"melt_fraction{end}"].values[::-1])
    names = (
        "temperature",
        "melt_composition",
        "melt_density",
        "solid_density",
        "melt_calcium",
        "exchange_coefficient",
    )
    return {
        n: np.apply_along_axis(lambda y: np.interp(np.log(fraction), share, y[::-1]), 0, path[n].values)
        for n in names
    }


def _is(phase, melt) -> float:
    return float(melting.PHASES[int(melt.liquidus_phase)] == phase)


def _crystallised(path, end="") -> float:
    return 100 * (1 - float(onset(path)[f"melt_fraction{end}"]))


def _below_onset(melts, fraction) -> float:
    return float(onset(melts.olivine).temperature - at(melts.olivine, fraction)["temperature"])


def _lead(path, fraction, solid) -> float:
    """Density of the melt over that of a solid beside it [kg/m3]."""
    here = at(path, fraction)
    return float(here["melt_density"] - here["solid_density"][melting.PHASES.index(solid)])


def _first_lead(melts, pressure) -> float:
    one = melts.first("pyrolite", pressure)
    return float(one.melt_density - one.liquidus_density)


def _enriched(melts, oxide) -> float:
    j = melting.OXIDES.index(oxide)
    return 100 * float(
        at(melts.olivine, LIMIT)["melt_composition"][j] - onset(melts.olivine).melt_composition[j]
    )


def _apart(melts) -> float:
    """Largest difference of the cotectic melts from olivine and from pyrolite at one temperature [mol%]."""
    two = [
        path.isel(step=np.flatnonzero(path.present.values.sum(axis=1) > 1))
        for path in (melts.olivine, melts.pyrolite)
    ]
    T = np.linspace(min(float(p.temperature[0]) for p in two), max(float(p.temperature[-1]) for p in two), 50)
    x = [
        np.stack([np.interp(T, p.temperature.values[::-1], c[::-1]) for c in p.melt_composition.values.T])
        for p in two
    ]
    return 100 * float(np.abs(x[0] - x[1]).max())


def _exchange_range(melts) -> float:
    from_onset = melts.olivine.isel(step=np.flatnonzero(melts.olivine.present.values.sum(axis=1) > 1))
    K = from_onset.exchange_coefficient.where(from_onset.melt_fraction_by_volume >= LIMIT, drop=True)
    return float(K.max() / K.min())


def _calcium(partition) -> float:
    return 100 * float(
        at(melting.path("pyrolite", PRESSURE, step=STEP, calcium_partition=partition), 0.34, "")[
            "melt_calcium"
        ]
    )


def _bridgmanite(melts, oxide) -> float:
    return 100 * float(melts.pyrolite.solid_composition.isel(step=0).sel(solid=BRIDGMANITE, oxide=oxide))


VALUES: Mapping[str, Callable[[Melts], float]] = MappingProxyType({
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
    "8a": lambda m: float(phase_diagram(PRESSURE).exchange(np.mean(EXPERIMENT))),
    "8b": lambda m: float(onset(m.olivine).exchange_coefficient),
    "8c": _exchange_range,
    "9": lambda m: float(phase_diagram(PRESSURE).exchange(np.mean(EXPERIMENT))),
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
})  # fmt: skip
