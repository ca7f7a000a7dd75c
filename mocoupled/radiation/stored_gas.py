"""The gas of a stored result: surface conditions of a run at chosen times, or of equilibria."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..atmosphere.bands.gas_data import BandGas, band_gas
from ..broadcasting import Conditions
from ..case import Case
from ..chemistry.equilibrium_constants import molar_mass
from ..chemistry.mechanism import read_mechanism
from ..chemistry.records import Mechanism
from ..conditions import column, number
from ..constants import STEFAN_BOLTZMANN_CONSTANT, YEAR
from ..errors import InputError
from ..planet.light_of_star import STRATOSPHERE

if TYPE_CHECKING:
    import xarray

SHOWN = 8  # states of a run where no times are chosen
COLD = 200.0  # K, the stratosphere of equilibria, as of `outgoing_radiation`
START, END, EVERY = "start", "end", "all"
# variables of a run that are interpolated in time
USED = (
    "surface_temperature",
    "pressure",
    "surface_pressure",
    "gas_mass",
    "water_mass",
    "stratosphere_temperature",
    "flux",
    "outgoing_flux",
    "absorbed_flux",
)
ALLOWED = "allowed: times in s or with a unit ('10 kyr'), 'start', 'end', a list of these, or 'all'"


@dataclass(frozen=True)
class Choice:
    """What replaces the values of the result; None for those of the result.

    gravity [m/s2], stratosphere [K], opacity factor, and the mechanism of the gases: its name or path.
    """

    gravity: object = None
    stratosphere: object = None
    opacity: object = None
    mechanism: str | None = None


@dataclass(frozen=True, eq=False)
class StoredGas:
    """The gas at the surface at each point of a result.

    states: the points of the result. conditions: temperature [K], pressure_<name> [Pa], gravity,
    stratosphere_temperature, opacity_factor, flat. water: liquid that the result has, (point,) [kg/m2]; None
    where its chemistry has none. law: of the radiation of a run; "" for equilibria. fugacity: law of the
    fugacity coefficients.
    """

    states: xarray.Dataset
    conditions: Conditions
    gases: tuple[BandGas, ...]
    mechanism: Mechanism
    water: np.ndarray | None
    law: str
    fugacity: str

    @property
    def pressures(self) -> np.ndarray:
        """Partial pressures at the surface [Pa], (gas, point)."""
        columns = self.conditions.columns
        return np.array([columns[f"pressure_{gas.name}"] for gas in self.gases])

    @property
    def mixed_masses(self) -> np.ndarray:
        """Mass of each gas above the surface [kg/m2] of a well-mixed atmosphere, (gas, point)."""
        weights = np.array([gas.molar_mass for gas in self.gases])[:, None] * self.pressures
        mean = weights.sum(axis=0) / self.pressures.sum(axis=0)
        return np.asarray(weights / (mean * self.conditions.columns["gravity"]))


def at_times(result: xarray.Dataset, times: object) -> xarray.Dataset:
    """The states of a run at these times; equilibria as they are.

    times: see ALLOWED; None: eight stored states at even distances in surface temperature. Between stored
    states temperature, ln of pressures and what else there is are linear in time.
    InputError for times of equilibria, and for times outside the run.
    """
    if "time" not in result.dims:
        if times is not None:
            raise InputError("times", "these equilibria have no time.", cure="leave it out")
        return result
    stored = np.asarray(result.time.values, float)
    if not stored.size:
        raise InputError("result", "it has no states.", "allowed: a run with at least one time")
    if isinstance(times, str) and times == EVERY:
        return result
    if times is None:
        T = result.surface_temperature.values
        targets = np.linspace(T[0], T[-1], SHOWN)
        rows = [0, *(int(np.abs(T - target).argmin()) for target in targets[1:-1]), len(T) - 1]
        return result.isel(time=sorted(set(rows)))
    wanted = np.unique(np.minimum(_seconds(times, stored), stored[-1]))
    if set(wanted) <= set(stored):
        return result.isel(time=np.searchsorted(stored, wanted))
    return _between(result, wanted)


def _between(run: xarray.Dataset, times: np.ndarray) -> xarray.Dataset:
    """The states of a run at times [s], between its stored ones."""
    run = run[[name for name in USED if name in run]]
    states = run.interp(time=times, assume_sorted=True).assign_attrs(run.attrs)
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithms = np.log(run.pressure).interp(time=times, assume_sorted=True)
    states["pressure"] = np.exp(logarithms).where(run.pressure.min("time") > 0.0, states.pressure)
    for name, variable in run.variables.items():
        states[name].attrs.update(variable.attrs)
    return states


def _seconds(times: object, stored: np.ndarray) -> list[float]:
    """Times [s] in words, text with units or numbers, checked against those of the run."""
    entries = [times] if isinstance(times, str) or not isinstance(times, Sequence) else list(times)
    read: list[float] = []
    for entry in entries:
        if isinstance(entry, str) and entry.strip() in (START, END):
            read.append(float(stored[0] if entry.strip() == START else stored[-1]))
        elif isinstance(entry, str):
            read.append(number(entry, "s", "times"))
        else:
            read += column(entry, "s", "times").values.reshape(-1).tolist()
    if not read:
        raise InputError("times", "there are none.", ALLOWED)
    for time in read:
        if not stored[0] <= time <= stored[-1] * (1.0 + 1e-9):
            raise InputError(
                f"times = {time / YEAR:.6g} yr",
                "the run has no such time.",
                f"allowed: {stored[0] / YEAR:.6g} to {stored[-1] / YEAR:.6g} yr, 'start', 'end' or 'all'",
            )
    return read


def gas_of(result: xarray.Dataset, times: object, choice: Choice) -> StoredGas:
    """The gas of a result at chosen times. InputError for a result without what a column needs."""
    hot = "surface_temperature" if "surface_temperature" in result else "temperature"
    lacking = [name for name in (hot, "pressure") if name not in result.variables]
    if lacking or "species" not in result["pressure"].dims:
        raise InputError(
            "result",
            "it has no surface temperature and partial pressures.",
            "allowed: a run (mo.run, mo.read) or equilibria (mo.equilibrium, mo.gas_equilibrium)",
        )
    states = at_times(result, times)
    case = Case.stored(states.attrs["case"]) if "case" in states.attrs else None
    known = _mechanism(states, case, choice)
    pressure = states["pressure"]
    dimensions = tuple(str(d) for d in pressure.dims if d != "species")
    pressure = pressure.transpose("species", *dimensions)
    frame = pressure.isel(species=0, drop=True)
    names = [str(name) for name in pressure.species.values]
    columns = {f"pressure_{name}": np.array(p, float).reshape(-1) for name, p in zip(names, pressure.values)}
    T = _flat(states[hot], frame)
    columns = {"temperature": T, **columns, **_surroundings(states, frame, case, choice, T)}
    masked = np.isnan(T) | np.isnan(np.array([columns[f"pressure_{name}"] for name in names])).any(axis=0)
    conditions = Conditions(
        dimensions,
        frame.shape,
        columns,
        frame.coords.to_dataset() if frame.coords else None,
        masked if masked.any() else None,
    )
    gases = _gases(names, known, str(states.attrs.get("thermochemistry", "nasa7")))
    law = "" if case is None else str(case.atmosphere.radiation)
    fugacity = str(states.attrs.get("fugacity", "ideal")) if case is None else case.chemistry.fugacity
    water = _water(states, frame, columns["gravity"])
    return StoredGas(states, conditions, gases, known, water, law, fugacity)


def _flat(values: xarray.DataArray, frame: xarray.DataArray) -> np.ndarray:
    """Values along the points, flat. frame: an array of the points."""
    return np.array(values.broadcast_like(frame).transpose(*frame.dims).values, float).reshape(-1)


def _mechanism(states: xarray.Dataset, case: Case | None, choice: Choice) -> Mechanism:
    """The mechanism of the result's gases. InputError where it is not there, or is another one now."""
    name = choice.mechanism
    if name is None:
        name = case.chemistry.mechanism if case is not None else states.attrs.get("mechanism")
    if not name:
        raise InputError("mechanism=", "the result does not name one.", cure="name it: mechanism='volatiles'")
    known = read_mechanism(str(name), where="mechanism")
    stored = states.attrs.get("mechanism_sha256", known.checksum)
    if choice.mechanism is None and stored != known.checksum:
        raise InputError(
            f"mechanism {name}",
            "the file is not the one that the result was computed with.",
            cure=f"pass mechanism={str(name)!r} to take its opacities as they are now",
        )
    return known


def _gases(names: Sequence[str], known: Mechanism, source: str) -> tuple[BandGas, ...]:
    """The gases with their opacities. source: data set of the molar masses."""
    gases = []
    for name in names:
        species = known.species.get(name)
        if species is None or species.phase != "gas":
            raise InputError(f"mechanism {known.name}", f"it has no gas {name}, which the result has.")
        mass = molar_mass(known, name, source)
        gases.append(band_gas(name, species.composition, mass, species.bands))
    return tuple(gases)


def _surroundings(
    states: xarray.Dataset, frame: xarray.DataArray, case: Case | None, choice: Choice, T: np.ndarray
) -> dict[str, np.ndarray]:
    """Gravity, stratosphere and opacity factor of each point: chosen, or those of the result."""
    gravity = _chosen(choice.gravity, "m/s^2", "gravity")
    if gravity is None and "structure" in states.attrs:
        gravity = float(json.loads(states.attrs["structure"])["gravity_m_s2"])
    if gravity is None and case is not None:
        gravity = case.planet.gravity
    if gravity is None:
        raise InputError("gravity=", "the result does not have it.", "for example: gravity='9.81 m/s^2'")
    factor = _chosen(choice.opacity, "1", "opacity_factor")
    if factor is None:
        factor = 1.0 if case is None else case.atmosphere.opacity_factor
    cold = _chosen(choice.stratosphere, "K", "stratosphere_temperature")
    if cold is not None:
        above = np.full(T.shape, cold)
    else:
        above = np.minimum(_stratosphere(states, frame, case), T)
    ones = np.ones(T.shape)
    return {
        "gravity": float(gravity) * ones,
        "stratosphere_temperature": above,
        "opacity_factor": float(factor) * ones,
    }


def _chosen(value: object, unit: str, name: str) -> float | None:
    """One number of the user; None for none."""
    return None if value is None else number(value, unit, name)


def _stratosphere(states: xarray.Dataset, frame: xarray.DataArray, case: Case | None) -> np.ndarray:
    """Temperature of the stratosphere [K] of each point.

    Of the result, of its case, or that of a thin layer above the absorbed starlight.
    """
    size = frame.size
    if "stratosphere_temperature" in states:
        return _flat(states.stratosphere_temperature, frame)
    if case is None:
        return np.full(size, COLD)
    if case.atmosphere.stratosphere is not None:
        return np.full(size, case.atmosphere.stratosphere)
    if "absorbed_flux" in states:
        absorbed = _flat(states.absorbed_flux, frame)
    else:
        T_eq = float(case.planet.equilibrium_temperature or 0.0)
        absorbed = np.full(size, STEFAN_BOLTZMANN_CONSTANT * T_eq**4)
    return np.clip((absorbed / (2.0 * STEFAN_BOLTZMANN_CONSTANT)) ** 0.25, *STRATOSPHERE)


def _water(states: xarray.Dataset, frame: xarray.DataArray, gravity: np.ndarray) -> np.ndarray | None:
    """Liquid water that the result has at its surface [kg/m2]; None where its chemistry has none.

    NaN for the amounts of a closed system, which lies on no surface.
    """
    if "condensate" in states.coords and "H2O(l)" in states.condensate.values:
        return np.full(frame.size, np.nan)
    if "water_mass" not in states:
        return None
    gas, pressure = states.gas_mass.sum("species"), states.surface_pressure
    area = _flat(gas / pressure, frame) * gravity
    return _flat(states.water_mass, frame) / area
