"""Quantities derived from a stored result: where hydrogen is, shares of the gas, states by melt fraction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from ..constants import BAR, YEAR

if TYPE_CHECKING:
    import xarray

# as Bower et al. 2022, section 2.1, name them
HYDROGEN_SPECIES, CARBON_SPECIES = ("H2", "H2O"), ("CO", "CO2", "CH4")
# kg/mol: those of the ocean and of C/H in Bower et al. 2022
ATOMIC_WEIGHT = {"H": 1.00794e-3, "C": 12.0107e-3}
# a run that ended within so much above a melt fraction has reached it
REACHED = 0.005


def diagnosed(result: xarray.Dataset) -> xarray.Dataset:
    """The Dataset with the quantities of figures and tables of papers, each along its dimensions.

    result: of `mocoupled.run` or `mocoupled.read`, or an equilibrium to which the attributes composition and
    molar_masses (JSON) and the variable melt_mass [kg] were added. Added here:
    hydrogen_moles, carbon_moles [mol]: in gas, melt and graphite;
    interior_depletion: share of the initial hydrogen that is not in the mantle (outgassed, and escaped);
    hydrogen_share, carbon_share: volume mixing ratio of H2 + H2O, and of CO + CO2 + CH4;
    dissolved_share(species): mass fraction in the melt; carbon_to_hydrogen: by mass.
    """
    composition, masses = (json.loads(result.attrs[name]) for name in ("composition", "molar_masses"))
    species = [str(s) for s in result.species.values]
    added = {}
    moles = {}  # element -> those dissolved, and all
    for element in ("H", "C"):
        per_kg = np.array([composition[s].get(element, 0) / masses[s] for s in species])
        weights = result.species.copy(data=per_kg).drop_vars("species").assign_coords(species=result.species)
        dissolved, gas = ((weights * result[name]).sum("species") for name in ("dissolved_mass", "gas_mass"))
        moles[element] = dissolved, dissolved + gas
    if "graphite_mass" in result:
        moles["C"] = moles["C"][0], moles["C"][1] + result["graphite_mass"] / ATOMIC_WEIGHT["C"]
    for name, element in (("hydrogen", "H"), ("carbon", "C")):
        added[f"{name}_moles"] = moles[element][1], "mol", f"moles of {name} in gas, melt and graphite"
    dissolved, total = moles["H"]
    initial = total.isel(time=0) if "time" in total.dims else total
    added["interior_depletion"] = (
        1 - dissolved / initial,
        "1",
        "share of the initial hydrogen that has left the mantle",
    )
    for name, chosen in (("hydrogen_share", HYDROGEN_SPECIES), ("carbon_share", CARBON_SPECIES)):
        there = [s for s in chosen if s in species]
        added[name] = (
            result["mixing_ratio"].sel(species=there).sum("species"),
            "1",
            f"volume mixing ratio of {' + '.join(chosen)}",
        )
    melt = result["melt_mass"].where(result["melt_mass"] > 0)
    added["dissolved_share"] = result["dissolved_mass"] / melt, "1", "mass fraction in the melt"
    ratio = ATOMIC_WEIGHT["C"] * moles["C"][1] / (ATOMIC_WEIGHT["H"] * total)
    added["carbon_to_hydrogen"] = ratio, "1", "carbon over hydrogen, by mass"
    diagnostics = {
        name: values.assign_attrs(units=unit, long_name=text) for name, (values, unit, text) in added.items()
    }
    return result.assign(diagnostics)


def at_melt_fraction(run: xarray.Dataset, fraction: float) -> xarray.Dataset | None:
    """The state in which the mantle's melt fraction has first come down to `fraction`.

    None where it never has. Interpolated linearly in the melt fraction between the two stored states around
    it; the error is of second order in the step. For a run that ended within 0.005 above the fraction it is
    the last state, as its `melt_fraction` shows.
    """
    melt = run["melt_fraction"].values
    below = np.flatnonzero(melt <= fraction)
    if not below.size:
        return run.isel(time=-1) if melt[-1] <= fraction + REACHED else None
    k = int(below[0])
    if k == 0:
        return run.isel(time=0)
    share = (melt[k - 1] - fraction) / (melt[k - 1] - melt[k])
    return (
        run.isel(time=[k - 1, k])
        .interp(time=_between(run, k, share), assume_sorted=True)
        .assign_attrs(run.attrs)
    )


def at_time(run: xarray.Dataset, time: float) -> xarray.Dataset | None:
    """The state at a time [s], interpolated linearly; None where the run ended before."""
    if not 0 <= time <= float(run.time[-1]):
        return None
    k = max(1, int(np.searchsorted(run.time.values, time)))
    return run.isel(time=[k - 1, k]).interp(time=time, assume_sorted=True).assign_attrs(run.attrs)


def _between(run: xarray.Dataset, k: int, share: float) -> float:
    """The time at which a share of the step that ends at index k has passed."""
    before, after = run.time.values[k - 1], run.time.values[k]
    return float(before + share * (after - before))


def years(state: xarray.Dataset) -> float:
    """Time of a state [yr]."""
    return float(state.time) / YEAR


def bar(state: xarray.Dataset, *species: str) -> float:
    """Sum of the partial pressures of the species that the state has [bar]."""
    return sum(float(state.pressure.sel(species=s)) for s in species if s in state.species) / BAR


def mixing_ratio(state: xarray.Dataset, species: str) -> float:
    """Volume mixing ratio of a species [mol/mol]; 0 where the state has no such species."""
    return float(state.mixing_ratio.sel(species=species)) if species in state.species else 0.0
