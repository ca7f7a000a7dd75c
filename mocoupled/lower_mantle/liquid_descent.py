"""Liquid lines of descent as datasets: a melt and its solids, step by step, at one pressure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..conditions import choice, number
from ..errors import InputError
from ..floating import usual_floats
from .compositions import Bulk, Composition, composition
from .crystallisation import BATCH, FRACTIONAL, MODES, Path, crystallise
from .end_members import OXIDE_MASSES, OXIDES
from .mixing import PHASES
from .phase_diagrams import BRIDGMANITE, STISHOVITE, PhaseDiagram, solid_oxides
from .result_attributes import dataset_attributes, described, diagram_of

if TYPE_CHECKING:
    import xarray

# CaO in bridgmanite over melt, mole fractions: 0.80-0.90 gives the 3.1 mol% of Nabiei et al. 2021
CALCIUM_PARTITION = 0.85
_SOLIDS = range(len(PHASES))
Variables = dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, "str | list[int]"]]]


def _no_progress(fraction: float) -> None:
    """Nothing is shown."""


@usual_floats
def path(
    bulk: Bulk = "pyrolite",
    pressure: float = 52.0e9,
    mode: str = FRACTIONAL,
    mixing: str = "full",
    anchor_temperature: float | None = None,
    until: float | None = None,
    step: float = 0.005,
    calcium_partition: float = CALCIUM_PARTITION,
    exchange_factor: float = 1.0,
    progress: Callable[[float], None] = _no_progress,
) -> xarray.Dataset:
    """Liquid line of descent at `pressure` [Pa], from the liquidus down to the melt fraction `until`.

    bulk: as `composition` takes it. mode: "fractional" or "batch".
    until: melt fraction by moles of oxides (default 0.01 fractional, 0, the solidus, in batch).
    step: share of the melt (fractional) or the system (batch) that crystallises at a time.
    calcium_partition: CaO of bridgmanite over that of the melt, as mole fractions;
    ferropericlase and stishovite take none; CaO changes neither phases nor densities. exchange_factor:
    on K_D of Fe and Mg, see `liquidus`.
    progress: called with the fraction of the path that is done.
    Returns a Dataset along `step`, whose attribute `end_reason` says why it ends.
    Raises InputError for invalid input, and ConvergenceError where the melt has no liquidus.
    """
    what = composition(bulk)
    partition = number(calcium_partition, "1", "calcium_partition")
    factor = number(exchange_factor, "1", "exchange_factor")
    if not 0 <= partition <= 10:
        raise InputError(
            f"calcium_partition = {partition!r}",
            "this is not a partition coefficient of CaO.",
            "allowed: 0 to 10; measured: 0.8 to 0.9",
        )
    mode = choice(mode, MODES, "mode", "no mode of crystallisation has this name.")
    lowest = 0.01 if mode == FRACTIONAL else 0.0
    until = lowest if until is None else number(until, "1", "until")
    step = number(step, "1", "step")
    diagram = diagram_of(pressure, mixing, anchor_temperature, exchange_factor)
    states = crystallise(diagram, what.oxides, mode, until, step, progress)
    result = _dataset(diagram, states, what, mode, partition)
    return result.assign_attrs(exchange_factor=factor)


@dataclass(frozen=True)
class _Descent:
    """The states of a path as arrays along its steps; amounts are moles of oxides, of one mole of the system.

    melt (n,): amount; temperature (n,) [K]; x (n, 3): melt's mole fractions; iron (n, 3):
    Fe/(Fe + Mg) of the solids;
    present (n, 3): whether the solid is in equilibrium; solids (n, 3, 3):
    oxides of each solid crystallised so far.
    """

    melt: np.ndarray
    temperature: np.ndarray
    x: np.ndarray
    iron: np.ndarray
    present: np.ndarray
    solids: np.ndarray

    @property
    def amounts(self) -> np.ndarray:
        """Moles of oxides in each solid crystallised so far (n, 3)."""
        return self.solids.sum(axis=-1)

    @property
    def compositions(self) -> np.ndarray:
        """Mole fractions of the oxides in each solid in equilibrium with the melt (n, solid, oxide)."""
        return np.stack([solid_oxides(k, self.iron[:, k]) for k in _SOLIDS], axis=1)


def _descent(path: Path) -> _Descent:
    states = path.states
    iron = np.stack([state.iron for state in states])
    return _Descent(
        melt=np.array([state.melt for state in states]),
        temperature=np.array([state.temperature for state in states]),
        x=np.stack([state.x for state in states]),
        iron=np.column_stack([iron, np.zeros(len(states))]),
        present=np.array([[k in state.present for k in _SOLIDS] for state in states]),
        solids=np.stack([state.solids for state in states]),
    )


def _dataset(
    diagram: PhaseDiagram, path: Path, what: Composition, mode: str, calcium_partition: float
) -> xarray.Dataset:
    """The dataset of a path."""
    import xarray

    run = _descent(path)
    calcium = _calcium(what.calcium, calcium_partition, run.melt, run.amounts[:, BRIDGMANITE], mode)
    variables = (
        _compositions(run) | _properties(diagram, run) | _calcium_variables(calcium, calcium_partition)
    )
    drift = np.abs(run.melt[:, None] * run.x + run.solids.sum(axis=1) - what.oxides).max(axis=-1)
    balance = "largest |moles of an oxide in melt and solids - in the system|, per mole of the system"
    variables["mass_balance"] = (("step",), drift, described("1", balance))
    attributes = dataset_attributes(diagram, f"{mode.capitalize()} crystallisation of {what.name}")
    attributes |= {
        "composition": what.name,
        "mode": mode,
        "calcium_partition": calcium_partition,
        "end_reason": path.end_reason,
    }
    variables |= _shares(diagram, run)
    return xarray.Dataset(variables, {"oxide": list(OXIDES), "solid": list(PHASES)}, attributes)


def _compositions(run: _Descent) -> Variables:
    """Temperature, and what the melt and the solids are made of."""
    solid_title = "mole fraction of the oxide in the solid in equilibrium with the melt, or nearest to it"
    sum_title = "moles of the oxide in all of the solid that has crystallised, per mole of the system"
    iron_title = "Fe/(Fe + Mg) of the solid in equilibrium with the melt, or nearest to it"
    present_title = "whether the solid crystallises from the melt"
    melt_title = "mole fraction of the oxide in the melt, without CaO"
    of_oxides = ("step", "solid", "oxide")
    return {
        "temperature": (("step",), run.temperature, described("K", "temperature")),
        "melt_composition": (("step", "oxide"), run.x, described("1", melt_title)),
        "present": (("step", "solid"), run.present, described("1", present_title)),
        "solid_composition": (of_oxides, run.compositions, described("1", solid_title)),
        "solid_oxides": (of_oxides, run.solids, described("1", sum_title)),
        "iron_fraction": (("step", "solid"), run.iron, described("1", iron_title)),
    }


def _properties(diagram: PhaseDiagram, run: _Descent) -> Variables:
    """Partition coefficients and densities."""
    T = run.temperature
    with np.errstate(all="ignore"):
        partition = run.compositions[:, BRIDGMANITE, 0] / run.x[:, 0]
    densities = np.stack([diagram.solid_density(k, T, run.iron[:, k]) for k in _SOLIDS], axis=-1)
    exchange_title = "K_D of Fe and Mg between bridgmanite and ferropericlase"
    density_title = "density of the solid in equilibrium with the melt, or nearest to it"
    partition_title = "FeO of bridgmanite over melt, mole fractions"
    return {
        "exchange_coefficient": (("step",), diagram.exchange(T), described("1", exchange_title)),
        "iron_partition_coefficient": (("step",), partition, described("1", partition_title)),
        "melt_density": (
            ("step",),
            diagram.melt_density(run.x, T),
            described("kg m-3", "density of the melt"),
        ),
        "solid_density": (("step", "solid"), densities, described("kg m-3", density_title)),
    }


def _calcium_variables(calcium: np.ndarray, partition: float) -> Variables:
    """CaO of the melt and of bridgmanite."""
    title = "mole fraction of CaO in bridgmanite in equilibrium with the melt"
    return {
        "melt_calcium": (("step",), calcium, described("1", "mole fraction of CaO in the melt")),
        "bridgmanite_calcium": (("step",), partition * calcium, described("1", title)),
    }


def _shares(diagram: PhaseDiagram, run: _Descent) -> Variables:
    """Fractions of melt and solids in the system, by moles of oxides, by volume and by mass.

    Volumes are those at the temperature of the step; those of ideal solutions follow from their end-members.
    """
    T, oxide_masses = run.temperature, np.array(OXIDE_MASSES)
    volumes = np.stack(
        [_volume(diagram, k, T, run.solids[:, k], run.amounts[:, k]) for k in _SOLIDS], axis=-1
    )
    measures = {
        "moles": (run.melt, run.amounts),
        "volume": (run.melt * diagram.melt_volume(run.x, T), volumes),
        "mass": (run.melt * (run.x @ oxide_masses), run.solids @ oxide_masses),
    }
    variables: Variables = {}
    for name, (melt, parts) in measures.items():
        total = melt + parts.sum(axis=-1)
        suffix, of = ("", " of oxides") if name == "moles" else (f"_by_{name}", "")
        melt_title = f"share of the melt in the system by {name}{of}"
        solid_title = f"share in the system of all of the solid that has crystallised, by {name}{of}"
        variables[f"melt_fraction{suffix}"] = (("step",), melt / total, described("1", melt_title))
        variables[f"solid_fraction{suffix}"] = (
            ("step", "solid"),
            parts / total[:, None],
            described("1", solid_title),
        )
    return variables


def _volume(
    diagram: PhaseDiagram, phase: int, T: np.ndarray, oxides: np.ndarray, amount: np.ndarray
) -> np.ndarray:
    """Volume [m3] of the moles of oxides `amount` of a solid with the composition `oxides` (n, 3)."""
    if phase == STISHOVITE:
        return amount * diagram.solid_volume(phase, T)
    both = oxides[:, 0] + oxides[:, 1]
    iron = np.divide(oxides[:, 0], both, out=np.zeros_like(both), where=both > 0)
    return amount * diagram.solid_volume(phase, T, iron)


def _calcium(
    bulk: float, partition: float, melt: np.ndarray, bridgmanite: np.ndarray, mode: str
) -> np.ndarray:
    """Mole fraction of CaO in the melt (n,).

    CaO stands for as much MgO, so that moles of oxides are those of FeO, MgO and SiO2.
    """
    if mode == BATCH:
        capacity = melt + partition * bridgmanite
        return np.divide(bulk, capacity, out=np.full_like(capacity, np.nan), where=capacity > 0)
    taken = -np.diff(melt)
    # share of bridgmanite in what crystallises in a step
    share = np.divide(np.diff(bridgmanite), taken, out=np.zeros_like(taken), where=taken > 0)
    # d ln(moles of CaO) = partition * share * d ln(melt), integrated over each step
    moles = bulk * np.exp(np.concatenate([[0.0], np.cumsum(partition * share * np.diff(np.log(melt)))]))
    return moles / melt
