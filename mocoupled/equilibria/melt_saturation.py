"""Saturation of the melt of a column in graphite and sulfide, cell by cell: `mo.saturation_at_depth`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import sympy

from ..case import Case
from ..chemistry.mechanism import read_mechanism
from ..constants import BAR
from ..dae.declare.model import Watch
from ..errors import InputError
from ..planet.chemistry_of_case import partition_of
from ..provenance.calibration import Extrapolation, extrapolations
from ..schema.melt_overrides import oxides_of
from .saturation_laws import (
    BUFFER,
    CARBON,
    SULFUR,
    WORDS,
    Saturation,
    State,
    Sum,
    chosen,
    highest_pressure,
    iron_wustite,
    with_sums,
)

if TYPE_CHECKING:
    import xarray

# local melt fraction of a cell with melt
LEAST_MELT = 1e-3
NEEDED = ("cell_pressure", "cell_radius", "temperature", "local_melt_fraction", "dissolved_mass", "log10_fO2")
ASSUMED = (
    f"each cell is as far from iron-wustite ({BUFFER}, at its temperature and pressure) as the surface; what "
    "is dissolved is well mixed; graphite stands for diamond too"
)
RATIO = "saturation_ratio"
Columns = dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]]


def saturation_at_depth(result: xarray.Dataset, laws: Sequence[str] | None = None) -> xarray.Dataset:
    """Where the melt of a column would be saturated in graphite or in liquid sulfide.

    result: a run of a column, of `mo.run` or `mo.read`. laws: "Holloway1992-gas" or "Holloway1992" (carbonate
    over graphite), "CO=NAME" or "CO2=NAME" (a law of solubility of the run's mechanism, at the fugacity of
    the gas over graphite), "sulfide=ONeill2021"; by default the first, CO by Yoshioka et al. 2019, and
    sulfide where the run has sulfur. Of laws for different species of carbon the sum stands beside them
    ("carbon, all").

    Returns a Dataset: saturation_ratio(law, time, cell), the carbon or sulfur dissolved over that of a
    saturated melt [1], saturated_mass_fraction(law, time, cell) and dissolved_mass_fraction(law, time)
    [kg/kg, of the element], log10_fO2(time, cell); of each law largest_ratio with its time [s], depth [m] and
    pressure [Pa], first_time and first_depth of a ratio of 1 or more; within_pressures(law, cell): whether
    the cell is within the pressures of the law. NaN: a cell without melt, one
    beyond the data, and a law that is never saturated. attrs["extrapolations"] (JSON): laws outside their
    ranges, with their share of the cells with melt. attrs["nothing_dissolved"] (JSON): law -> a sentence,
    where none of its element is dissolved. A ratio is that of the element, whatever it is dissolved as;
    attrs["dissolved_otherwise"] (JSON): law -> a sentence, where its species does not dissolve.
    InputError for a result without cells or without carbon and sulfur, and for an unknown law.
    """
    import xarray

    missing = [name for name in NEEDED if name not in result.variables]
    if missing:
        raise InputError(
            "saturation_at_depth",
            f"the result has no {missing[0]}.",
            "allowed: a run of a column (mantle.model = 'column') that has a gas",
        )
    case = Case.stored(result.attrs["case"])
    state = _state(result, case)
    composition = json.loads(result.attrs["composition"])
    single = chosen(laws, state, [e for s in result.species.values for e in composition[str(s)]])
    made = with_sums(single)
    molten = (result.local_melt_fraction.values > LEAST_MELT) & state.has_data
    dataset = xarray.Dataset(
        _columns(result, case, state, made, molten),
        coords={
            "law": [law.name for law in made],
            "time": result.time,
            "cell_pressure": result.cell_pressure,
            "cell_depth": _depth(result),
        },
    )
    dataset = dataset.assign(_summary(dataset))
    dataset.attrs = {
        "case_name": result.attrs["case_name"],
        "assumed": ASSUMED,
        "deepest": f"cells to {highest_pressure() / 1e9:.3g} GPa, where the buffer ends",
        "nothing_dissolved": json.dumps(_nothing_dissolved(dataset, made)),
        "dissolved_otherwise": json.dumps(_dissolved_otherwise(result, made, composition)),
        "laws": json.dumps({law.name: law.reference for law in made}),
        "extrapolations": json.dumps(_extrapolated(single, state, molten)),
    }
    return dataset


def _nothing_dissolved(dataset: xarray.Dataset, laws: Sequence[Saturation | Sum]) -> dict[str, str]:
    """Law -> a sentence, of those whose element the melt of the run does not dissolve at any time."""
    cures = {CARBON: "CO or CO2", SULFUR: "S2"}
    return {
        law.name: f"no {WORDS[law.element]} dissolves in the melt of this run: name a law of "
        f"{cures[law.element]} in volatiles.solubility"
        for law in laws
        if not dataset.dissolved_mass_fraction.sel(law=law.name).values.any()
    }


def _dissolved_otherwise(
    result: xarray.Dataset, laws: Sequence[Saturation | Sum], composition: Mapping[str, Mapping[str, float]]
) -> dict[str, str]:
    """Law of carbon -> a sentence, of those whose species the melt of the run does not dissolve."""
    masses = {str(s): float(result.dissolved_mass.sel(species=s).max()) for s in result.species.values}
    carriers = [s for s, mass in masses.items() if mass > 0 and CARBON in composition[s]]
    return {
        law.name: f"{law.species} does not dissolve in the melt of this run (volatiles.solubility): the "
        f"ratio is that of the carbon dissolved as {' and '.join(carriers)}"
        for law in laws
        if isinstance(law, Saturation) and law.element == CARBON and carriers and law.species not in carriers
    }


def _state(result: xarray.Dataset, case: Case) -> State:
    """The cells, each as far from iron-wustite as the surface at its time."""
    T, P = result.temperature.values, result.cell_pressure.values
    surface = result.log10_fO2.values - iron_wustite(result.surface_temperature.values, BAR)
    ln_fO2 = np.log(10) * (surface[:, None] + iron_wustite(T, P))
    mechanism = read_mechanism(case.chemistry.mechanism, where=f"{case.name} [chemistry] mechanism")
    return State(T, P, ln_fO2, oxides_of(case.melt, case.redox), mechanism)


def _columns(
    result: xarray.Dataset, case: Case, state: State, laws: Sequence[Saturation | Sum], molten: np.ndarray
) -> Columns:
    """Contents and their ratios; NaN outside `molten` (time, cell)."""
    weights = state.mechanism.atomic_weights
    molar_masses = json.loads(result.attrs["molar_masses"])
    contents = [law.content(state, molar_masses, weights[law.element]) for law in laws]
    dissolved = [_dissolved(result, case, law.element, weights[law.element], molar_masses) for law in laws]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = [np.where(molten, x[:, None] / sat, np.nan) for x, sat in zip(dissolved, contents)]
    saturated = np.where(molten, np.array(contents), np.nan)
    along = ("law", "time", "cell")

    def about(unit: str, title: str) -> dict[str, str]:
        return {"units": unit, "long_name": title}

    return {
        RATIO: (along, np.array(ratios), about("1", "dissolved content over that of a saturated melt")),
        "saturated_mass_fraction": (along, saturated, about("kg/kg", "carbon or sulfur of a saturated melt")),
        "dissolved_mass_fraction": (
            ("law", "time"),
            np.array(dissolved),
            about("kg/kg", "carbon or sulfur dissolved in the melt"),
        ),
        "within_pressures": (
            ("law", "cell"),
            np.array([law.covers(state.P) for law in laws]),
            about("1", "whether the cell is within the pressures of the law"),
        ),
        "log10_fO2": (("time", "cell"), state.ln_fO2 / np.log(10), about("1", "log10 of fO2 in bar")),
    }


def _dissolved(
    result: xarray.Dataset, case: Case, element: str, atom: float, molar_masses: Mapping[str, float]
) -> np.ndarray:
    """Mass fraction of an element in the melt (time,), from the species that are dissolved. atom [kg/mol]."""
    composition = json.loads(result.attrs["composition"])
    melt = result.melt_mass.values
    solid = json.loads(result.attrs["structure"])["mantle_mass_kg"] - melt
    total = np.zeros(len(melt))
    for species in map(str, result.species.values):
        if count := composition[species].get(element, 0):
            mass = result.dissolved_mass.sel(species=species).values
            share = count * atom / molar_masses[species]
            total += share * mass / (melt + partition_of(case, species) * solid)
    return total


def _depth(result: xarray.Dataset) -> tuple[str, np.ndarray, dict[str, str]]:
    """Depth of the cells [m]."""
    surface = 1e3 * json.loads(result.attrs["structure"])["radius_km"]
    return "cell", surface - result.cell_radius.values, {"units": "m", "long_name": "depth of the cell"}


def _summary(dataset: xarray.Dataset) -> Columns:
    """Of each law the largest ratio with its place, and the first time and depth of saturation."""
    time, depth, pressure = (dataset[n].values for n in ("time", "cell_depth", "cell_pressure"))
    rows = []
    for ratio in dataset[RATIO].values:
        if np.all(np.isnan(ratio)):
            rows.append([np.nan] * 6)
            continue
        when, where = np.unravel_index(np.nanargmax(ratio), ratio.shape)
        row = [ratio[when, where], time[when], depth[where], pressure[where], np.nan, np.nan]
        saturated = ratio >= 1
        if saturated.any():
            first = int(np.argmax(saturated.any(axis=1)))
            row[4:] = time[first], depth[saturated[first]].min()
        rows.append(row)
    names = {
        "largest_ratio": ("1", "largest ratio of dissolved over saturated content"),
        "largest_ratio_time": ("s", "time of the largest ratio"),
        "largest_ratio_depth": ("m", "depth of the largest ratio"),
        "largest_ratio_pressure": ("Pa", "pressure of the largest ratio"),
        "first_time": ("s", "first time at which a cell is saturated"),
        "first_depth": ("m", "least depth that is saturated at the first time"),
    }
    return {
        name: (("law",), np.array(values), {"units": unit, "long_name": title})
        for (name, (unit, title)), values in zip(names.items(), np.transpose(rows))
    }


def _extrapolated(laws: Sequence[Saturation], state: State, molten: np.ndarray) -> list[Extrapolation]:
    """The laws outside their ranges, over the cells with melt."""
    watches, values = [], []
    for law in laws:
        for argument, (reached, low, high, unit) in law.ranges(state).items():
            label = f"saturation: {law.name}"
            watches.append(Watch(label, argument, sympy.S.Zero, low, high, unit, law.reference))
            values.append(np.where(molten, reached, np.nan))
    return extrapolations(watches, values) if molten.any() else []
