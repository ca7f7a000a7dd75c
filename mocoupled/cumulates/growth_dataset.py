"""The growth of a pile in time as a Dataset: states, what the closures say of them, energy and drifts."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import sympy

from ..closures.distillation import pile_iron
from ..closures.iron_magnesium import exchange
from ..closures.registry import names
from ..dae.leaves.external import numeric
from .buffering_variables import DENSITY_ANOMALY, LABELS, NAMES, attributes, density_anomaly
from .crossing_search import LEAST
from .heat_balance import pile_heat
from .local_exchange import exchange_of, without_remelting
from .pile_growth import Followed, Growth
from .remelting import Remelting, remelt
from .remelting_tables import coordinates
from .warm_tables import State, ends, remelt_warm

if TYPE_CHECKING:
    import xarray

STALLED = "The growth has stalled: remelting returns what crystallises."
# states stored of the way before the first melt
BEFORE = 12
RETURNED = "melt returned to the magma ocean so far, in masses of the mantle"
# Variables of a pile that pays for its melts; heat is for each kg of mantle.
OF_HEAT = {
    "core_mantle_temperature": ("K", "temperature of the core-mantle boundary"),
    "core_heat_flux": ("W/m2", "heat from the core through the lower boundary layer of the pile"),
    "melt_returned": ("1", RETURNED),
    "latent_heat_returned": ("J/kg", "latent heat of the melt returned so far"),
    "heat_arrived": ("J/kg", "heat that crystals have brought to the pile so far"),
    "heat_delivered": ("J/kg", "heat that the magma ocean has received so far, latent and conducted"),
    "pile_heat": ("J/kg", "heat of the pile, above that of one without temperature"),
    "core_heat_lost": ("J/kg", "heat that the core has lost so far"),
    "energy_drift": ("1", "heat gained or lost by pile, core and ocean, of all heat delivered"),
}
Variable = tuple[str | tuple[str, ...], np.ndarray, dict[str, str]]


def as_dataset(growth: Growth, way: Followed) -> xarray.Dataset:
    """The growth as a Dataset along time, with the way before the first melt in closed form."""
    import xarray

    run = way.run
    X_bulk, readings = growth.case.values["bulk_iron"], growth.case.readings
    early, state = _states(growth, run.states)
    f, X, X_pile = state
    begin = np.concatenate([early, np.full(run.time.size, growth.first)]) * growth.duration
    time = begin + np.concatenate([np.zeros(early.size), run.time])
    melts, heat = _melts(growth, way, state), _heat(growth, run.states)
    with np.errstate(all="ignore"):
        X_melt = np.where(melts["rate"] > 0, melts["iron_rate"] / melts["rate"], np.nan)
    states = {
        "solid_fraction": f,
        "ocean_iron": X,
        "pile_iron": X_pile,
        "crystal_iron": exchange(X, exchange_of(f, growth.case.values, readings)),
        "melt_iron": X_melt,
    }
    data: dict[str, Variable] = {}
    for name, (unit, long_name) in LABELS.items():
        v = states[name] if name in states else melts[name]
        data[NAMES.get(name, name)] = ("time", v, attributes(unit, long_name.replace("buffered ", "")))
    if not heat:  # by the trapezium rule; else it is integrated with the state
        steps = 0.5 * (melts["rate"][1:] + melts["rate"][:-1]) * np.diff(time)
        heat = {"melt_returned": np.concatenate([[0.0], np.cumsum(steps)])}
    data |= {name: ("time", v, attributes(*OF_HEAT[name])) for name, v in heat.items()}
    structures = names("cumulate_density")
    anomaly = np.array([density_anomaly(X, X_pile, s) for s in structures])
    data["density_anomaly"] = (("structure", "time"), anomaly, attributes("kg/m3", DENSITY_ANOMALY))
    drift = np.abs(f * X_pile + (1 - f) * X - X_bulk) / X_bulk
    data["iron_drift"] = ("time", drift, attributes("1", "iron gained or lost, of all iron"))
    about = growth.case.attributes | {
        "timescale_s": growth.duration,
        "energy": "conserved" if growth.conserved else "prescribed",
        "end": STALLED if run.end.kind == "time" else run.end.sentence,
        "steps": run.statistics["steps"],
        "rtol": growth.rtol,
        "table_error": _table_error(way, melts["rate"], X_bulk),
    }
    of_time = attributes("s", "time since the growth of the pile began")
    return xarray.Dataset(data, {"time": ("time", time, of_time), "structure": list(structures)}, about)


def _states(growth: Growth, states: np.ndarray) -> tuple[np.ndarray, State]:
    """Early solid fractions; then solid fraction and iron of ocean and pile with the way before the run."""
    X_bulk, first = growth.case.values["bulk_iron"], growth.first
    early = np.linspace(LEAST, first, BEFORE, endpoint=False) if first > LEAST else np.empty(0)
    X_early = without_remelting(early, growth.case.values, growth.case.readings)
    return early, (
        np.concatenate([early, states[:, 0]]),
        np.concatenate([X_early, 1 / (1 + np.exp(-states[:, 1]))]),
        np.concatenate([pile_iron(early, X_early, X_bulk), states[:, 2]]),
    )


def _melts(growth: Growth, way: Followed, state: State) -> dict[str, np.ndarray]:
    """The closures in all states of the dataset.

    A pile that pays has its own temperature also where nothing convects, and lies on its core.
    """
    case = growth.case
    if not growth.conserved:
        return _by_name(remelt(*state, case.values, case.readings))
    melts = _by_name(remelt_warm(case, state, way.places[:, 0]))
    T, T_core = way.run.states[:, 3], way.run.states[:, 4]
    base = ends(case, state)[1] * T_core / case.values["core_temperature"]
    return melts | {"interior_temperature": T, "base_temperature": base}


def _by_name(melts: Remelting) -> dict[str, np.ndarray]:
    return {part.name: getattr(melts, part.name) for part in fields(melts)}


def _heat(growth: Growth, states: np.ndarray) -> dict[str, np.ndarray]:
    """The variables of OF_HEAT; none where the heat is prescribed."""
    if not growth.conserved:
        return {}
    heat, names_ = pile_heat(growth.case), growth.unknowns
    of = dict(zip(names_, states.T))
    symbols = [sympy.Symbol(name, real=True) for name in names_]
    capacity, flux = (
        np.broadcast_to(v, len(states)) for v in numeric(symbols, [heat.capacity, heat.core_flux])(*states.T)
    )
    stored = capacity * of["pile_temperature"]
    lost = heat.core_capacity * (heat.core_temperature - of["core_mantle_temperature"])
    drift = stored - stored[0] - lost - of["heat_arrived"] + of["heat_delivered"]
    return {
        "core_mantle_temperature": of["core_mantle_temperature"],
        "core_heat_flux": flux,
        "melt_returned": of["melt_returned"],
        "latent_heat_returned": heat.latent_heat * of["melt_returned"],
        "heat_arrived": of["heat_arrived"],
        "heat_delivered": of["heat_delivered"],
        "pile_heat": stored,
        "core_heat_lost": lost,
        "energy_drift": np.abs(drift) / max(of["heat_delivered"][-1], 1e-300),
    }


def _table_error(way: Followed, exact: np.ndarray, X_bulk: float) -> float:
    """The largest error of the tabulated rate at the states of a run, over the largest rate.

    exact: the rates of all states of the dataset, of which those of the run are the last.
    """
    states, orders = way.run.states, (0,) * (2 + way.places.shape[1])
    tabulated = np.array(
        [
            a * way.rate.function(orders, a, _share(a, y, X_bulk), *further)
            for (a, y), further in zip(states[:, :2], way.places.tolist())
        ]
    )
    error = np.nanmax(np.abs(tabulated - exact[exact.size - len(states) :]))
    return float(error / max(np.nanmax(exact), 1e-300))


def _share(f: float, y: float, X_bulk: float) -> float:
    """The share of the ocean: its logit y on the scale of the tables, at a solid fraction f."""
    low, high = (float(coordinates()(f, w, X_bulk)) for w in (0.0, 1.0))
    return (y - low) / (high - low)
