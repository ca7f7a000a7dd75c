"""Our value of each claim of the paper on buffered crystallisation: key of a claim -> function that computes
it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ...closures.distillation import melted, overturned_cumulates
from ...closures.iron_magnesium import melting_temperature
from ...closures.registry import find
from ...constants import YEAR
from ...cumulates.static_buffering import NoCrossingWarning, buffering
from ...schema.buffering_case import BufferingCase
from .energy import CONSERVED, PAPER, history, iron_at, least_distance

if TYPE_CHECKING:
    import xarray

MYR = 1e6 * YEAR
RANGES: Mapping[str, Mapping[str, tuple[float, ...]]] = {  # what Fig. 2 varies, as the text says
    "earth": {"core_temperature": (4000.0, 4400.0, 4600.0), "bulk_iron": (0.08, 0.10, 0.12)},
    "mars": {"core_temperature": (2350.0, 2400.0, 2550.0), "bulk_iron": (0.18, 0.20, 0.22)},
}
# What the black lines of Fig. 2 change.
REFERENCE: Mapping[str, Mapping[str, float]] = {"earth": {}, "mars": {"core_temperature": 2400.0}}
VISCOSITIES = (1e17, 1e18, 1e19, 1e20)
TIMES = np.geomspace(0.1, 100.0, 13) * MYR  # s
EARTH_THICKNESS = 2890e3  # m


def quiet(case: str, **changes: object) -> xarray.Dataset:
    """`buffering` without the warning on points without a crossing: here no crossing is a result.

    changes: values of the case by name, as `buffering` takes them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoCrossingWarning)
        return buffering(case, **changes)


def iron(case: str, **changes: object) -> np.ndarray:
    """Fe# of the buffered ocean, NaN where there is none; in the shape of the changes."""
    return 100 * quiet(case, **changes).ocean_iron.values


def anomaly(case: str, structure: str = "bridgmanite", **changes: object) -> np.ndarray:
    """Density anomaly [kg/m3], in the shape of the changes."""
    return quiet(case, **changes).density_anomaly.sel(structure=structure).values


def anomaly_of_iron(case: str, **changes: object) -> np.ndarray:
    """Fe# of the buffered ocean less that of the pile, in the shape of the changes."""
    result = quiet(case, **changes)
    return 100 * (result.ocean_iron - result.pile_iron).values


@cache
def family(case: str) -> tuple[np.ndarray, np.ndarray]:
    """Fe# and density anomaly [kg/m3] as arrays over core temperature, bulk iron, viscosity and TIMES of Fig.
    2."""
    axes = np.meshgrid(*RANGES[case].values(), VISCOSITIES, TIMES, indexing="ij")
    names = (*RANGES[case], "viscosity", "timescale")
    result = quiet(case, **{name: axis.ravel() for name, axis in zip(names, axes)})
    shape = axes[0].shape
    density = result.density_anomaly.sel(structure="bridgmanite").values
    return 100 * result.ocean_iron.values.reshape(shape), density.reshape(shape)


def _margin(same_viscosity: bool) -> float:
    """Smallest Fe# of Mars less largest Fe# of Earth, at the same timescale (and viscosity)."""
    earth, mars = family("earth")[0], family("mars")[0]
    axes: tuple[int, ...] = (0, 1) if same_viscosity else (0, 1, 2)
    return float(np.nanmin(np.nanmin(mars, axis=axes) - np.nanmax(earth, axis=axes)))


def _share(case: str, first: float, test: Callable[[np.ndarray], np.ndarray]) -> float:
    """Share [%] of the density anomalies that pass a test, from the timescale `first` [Myr] on."""
    density = family(case)[1][..., first * MYR * (1 - 1e-9) <= TIMES]
    return 100 * float(np.mean(test(density[np.isfinite(density)])))


def sized(thickness: np.ndarray, core: str) -> dict[str, np.ndarray]:
    """Values of Earth with another mantle thickness [m] (n,): gravity in proportion, and the temperature of
    the core.

    core: "fixed" (4400 K, as Fig. 3 says), "solidus" (as far above that of X = 0.1 at its pressure as on
    Earth) or "potential" (the potential temperature of Earth's core).
    """
    values = BufferingCase.read("earth").values
    D = np.asarray(thickness, dtype=float)
    g = values["gravity"] * D / EARTH_THICKNESS
    T = np.full(D.shape, values["core_temperature"])
    if core == "solidus":
        T = T + _solidus(values, g * D) - _solidus(values, values["gravity"] * EARTH_THICKNESS)
    elif core == "potential":
        T = T * np.exp(
            values["expansivity"] / values["heat_capacity"] * (g * D - values["gravity"] * EARTH_THICKNESS)
        )
    return {"mantle_thickness": D, "gravity": g, "core_temperature": T}


def _solidus(values: Mapping[str, float], gravity_depth: float | np.ndarray) -> float | np.ndarray:
    """Temperature [K] of melting of X = 0.1 below a product of gravity and depth [m2/s2]."""
    share = find("melting_lens", "loglin").evaluate(X=0.1, KD=values["exchange_coefficient"])
    names = ("magnesium_temperature", "magnesium_slope", "iron_temperature", "iron_slope")
    return melting_temperature(share, values["density"] * gravity_depth, *(values[name] for name in names))


def iron_anomaly(thickness: np.ndarray, core: str, **changes: object) -> np.ndarray:
    """Fe# of the buffered ocean less that of the pile, for mantles of these thicknesses [m] (n,); core as in
    `sized`."""
    return anomaly_of_iron("earth", **sized(thickness, core), **changes)


def _growth_with_size(first: float, last: float, core: str, **changes: object) -> float:
    """Growth of the anomaly of Fe# between two mantle thicknesses [km]."""
    small, large = iron_anomaly(np.array([first, last]) * 1e3, core, **changes)
    return float(large - small)


def _from_forty(viscosity: float) -> float:
    """Timescale [Myr] from which Earth's Fe# is below 40, by interpolation in its logarithm."""
    times = np.geomspace(0.01, 1000.0, 121) * MYR
    values = iron("earth", viscosity=viscosity, timescale=times)
    return float(np.exp(np.interp(-40.0, -values, np.log(times))) / MYR)


def _scatter() -> float:
    """Largest second difference of Fe# over core temperatures 1 K apart."""
    return float(np.abs(np.diff(iron("earth", core_temperature=np.arange(4390.0, 4411.0)), 2)).max())


def _drift() -> float:
    """Fe# of the slow history at a solid fraction of 0.99 less that at the static buffer."""
    run, static = history("earth", 100, PAPER), quiet("earth")
    at = np.interp([0.99, float(static.solid_fraction)], run.solid_fraction, run.ocean_iron)
    return float(100 * (at[0] - at[1]))


def _corner(time: float) -> float:
    """Fe# of the Mars with the least iron, at a timescale [Myr]."""
    return float(iron("mars", core_temperature=2550.0, bulk_iron=0.18, viscosity=1e17, timescale=time * MYR))


def _difference(
    case: str, name: str, low: float, high: float, value: Callable[..., np.ndarray] = iron
) -> float:
    """Growth of a value between two values of a change."""
    first, last = value(case, **{name: np.array([low, high])})
    return float(last - first)


VALUES: Mapping[str, Callable[[], float | np.ndarray]] = MappingProxyType(
    {
        "1a": lambda: iron("earth"),
        "1b": lambda: iron("mars"),
        "2a": lambda: iron("earth", viscosity=1e17),
        "2b": lambda: iron("earth", viscosity=1e21),
        "2c": lambda: iron("mars", viscosity=1e17),
        "2d": lambda: iron("mars", viscosity=1e21),
        "3": lambda: _difference("earth", "viscosity", 1e17, 1e21),
        "4": _scatter,
        "5": lambda: iron("earth", timescale=1e-4 * MYR),
        "6": lambda: iron("earth", timescale=1e6 * MYR) - iron("earth"),
        "7a": lambda: _from_forty(1e18),
        "7b": lambda: _from_forty(1e17),
        "7c": lambda: iron_at("earth", 10, CONSERVED, 0.99),
        "8a": lambda: iron("mars", **REFERENCE["mars"], timescale=10 * MYR),
        "8b": lambda: iron("mars", **REFERENCE["mars"], timescale=100 * MYR),
        "8c": lambda: _corner(50),
        "8d": lambda: _corner(100),
        "9a": lambda: _margin(True),
        "9b": lambda: _margin(False),
        "9c": least_distance,
        "10a": lambda: _share("earth", 1, lambda v: v < 300),
        "10b": lambda: anomaly("earth", timescale=10 * MYR),
        "10c": lambda: anomaly("earth", timescale=2 * MYR),
        "11a": lambda: _share("mars", 10, lambda v: v >= 500),
        "11b": lambda: anomaly("mars"),
        "12": lambda: anomaly("mars", "akimotoite") - anomaly("mars"),
        "13a": lambda: anomaly("earth", "pyroxene") - anomaly("earth"),
        "13b": lambda: anomaly("mars", "pyroxene") - anomaly("earth"),
        "14a": lambda: _difference("earth", "exchange_coefficient", 0.2, 0.4),
        "14b": lambda: _difference("mars", "exchange_coefficient", 0.2, 0.4),
        "15": lambda: _difference("earth", "core_temperature", 4350.0, 4450.0),
        "16a": lambda: _difference("earth", "bulk_iron", 0.04, 0.25, anomaly_of_iron),
        "16b": lambda: anomaly("earth", bulk_iron=0.2),
        "17a": lambda: _growth_with_size(2400, 2890, "fixed"),
        "17b": lambda: _growth_with_size(1200, 2890, "solidus"),
        "17c": lambda: _growth_with_size(2400, 3500, "solidus"),
        "17d": lambda: _growth_with_size(1200, 2890, "potential", timescale=MYR),
        "18": lambda: iron("earth", topography="no") - iron("earth"),
        "19a": _drift,
        "19b": lambda: iron_at("earth", 10, CONSERVED, 0.99) - float(iron("earth")),
        "21a": lambda: 100 * overturned_cumulates()["at_pressure"],
        "21b": lambda: 100 * overturned_cumulates()["batch_melt"],
        "21c": lambda: 100 * overturned_cumulates()["fractional_melt"],
        "21d": lambda: 100 * (1 - melted(0.6, 0.2, 0.3, True)),
    }
)
