"""What core formation left, as a case: the state of mo.planet_equilibrium from which a run can start."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..case import Case, case_of
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import shipped_mechanisms
from ..closures.redox import parse_oxygen_fugacity
from ..closures.registry import find
from ..errors import InputError, users_line
from ..interior.static_structure import LARGEST_CORE, SMALLEST_CORE
from ..melt.associated_solution import OF_CATION
from ..metal.phase_species import ELEMENTS, GAS, METAL, SILICATE, shipped, species_of
from ..planet.inventories_of_case import elements_of
from ..provenance.omissions import OmissionWarning
from ..schema.element_names import ELEMENTS as NAMED

if TYPE_CHECKING:
    import xarray

WHERE = "case_after_core_formation"
# what a run follows as inventories; the others make up the rock
VOLATILE = ("H", "C", "N", "S")
ROCK = tuple(e for e in ELEMENTS if e in OF_CATION)
NAME_OF = {symbol: name for name, symbol in NAMED.items()}
NEEDED = ("mole_fraction", "phase_moles", "phase_mass", "mass_below_gas", "core_mass_fraction", "log10_fO2")
# of the mass of the gas; more metal in it is said
LITTLE = 1e-3
# gas -> the law by which it dissolves in the silicate of the state, and in the melt of a run without another
SHARED = {
    "H2O": "peridotite-Sossi2022",
    "N2": "basalt-Bernadou2021",
    "S2": "basalt-sulfide-Boulliung2023",
}


@dataclass(frozen=True)
class Shares:
    """Where the elements of a planet are.

    kg: phase -> element -> kg in the whole planet. mass: of the planet below its gas [kg].
    core: share of the metal in it.
    """

    kg: Mapping[str, Mapping[str, float]]
    mass: float
    core: float

    def outside_the_core(self, element: str) -> float:
        """Mass of an element in silicate and gas [kg]."""
        return self.kg[SILICATE].get(element, 0.0) + self.kg[GAS].get(element, 0.0)

    def share_in(self, phase: str, element: str) -> float:
        """Share of an element that is in a phase; NaN where there is none of it."""
        total = sum(masses.get(element, 0.0) for masses in self.kg.values())
        return self.kg[phase].get(element, 0.0) / total if total > 0 else math.nan


def case_after_core_formation(
    planet: xarray.Dataset, base: object = "earth", *, buffer: str | None = None
) -> Case:
    """The case of a planet whose core has formed: silicate and gas of a state, without its metal.

    planet: a result of `planet_equilibrium` at one point; of several points, `planet.isel(point=0)`.
    base: the case (a Case, a name or a path) that has everything else: star, mantle, laws, run.
    buffer: law of the buffer from which the oxygen fugacity keeps its distance; None: that of the base.

    From the state: inventories of H, C, N and S in silicate and gas [kg]; oxygen fugacity, as its distance
    from the buffer at the state's temperature; composition of the melt (MgO, SiO2, FeO, Na2O); mass of the
    planet below its gas and share of its core; temperature of the surface at the start.
    The metals of the gas are counted to the rock, as oxides. H2O, N2 and S2 dissolve by the laws of the
    state, unless the base names others. The run has other laws for H2, CO and CO2, and other gases: its
    first state has other pressures, and the same inventories.
    InputError for several points, for a state without result, and for a planet without a core. An
    OmissionWarning names what the case leaves out.
    """
    point = _point(planet)
    case = case_of(base)
    shares = shares_of(point)
    if not SMALLEST_CORE <= shares.core <= LARGEST_CORE:
        raise InputError(
            WHERE,
            f"the metal is {shares.core:.3g} of the planet: it has no core.",
            f"allowed: {SMALLEST_CORE:g} to {LARGEST_CORE:g}",
            "less oxygen leaves iron as metal",
        )
    temperature = float(point["temperature"])
    changes: dict[str, Any] = {
        f"volatiles.{NAME_OF[e]}": f"{shares.outside_the_core(e)!r} kg" for e in VOLATILE
    }
    changes |= _chemistry(case, shares)
    changes |= _redox(case, float(point["log10_fO2"]), temperature, buffer)
    changes |= {
        "melt.composition": _oxides(shares),
        "planet.mass": f"{shares.mass!r} kg",
        "planet.core_mass_fraction": shares.core,
        "run.initial_surface_temperature": f"{temperature!r} K",
        "name": f"{case.name}-after-core",
        "title": f"{case.name} after core formation at {temperature:g} K: "
        f"{100 * shares.core:.3g} % metal, {changes['redox.oxygen_fugacity']}",
    }
    if case.cumulates.coupled:
        moles = {e: shares.outside_the_core(e) / shipped().atomic_weights[e] for e in ("Fe", "Mg")}
        changes["cumulates.bulk_iron"] = moles["Fe"] / (moles["Fe"] + moles["Mg"])
    left_out = _left_out(case, shares, changes)
    if left_out:
        warnings.warn(f"{WHERE}: {' '.join(left_out)}", OmissionWarning, stacklevel=users_line())
    return case.replace(changes, WHERE)


def _point(planet: xarray.Dataset) -> xarray.Dataset:
    """The single state of a result; InputError for anything else, and for a state without result."""
    missing = [name for name in NEEDED if name not in getattr(planet, "data_vars", ())]
    if missing:
        raise InputError(
            WHERE, f"no result of planet_equilibrium: it has no {missing[0]}.", "allowed: its Dataset"
        )
    if planet["converged"].size != 1:
        axes = ", ".join(f"{axis}=0" for axis in planet["converged"].dims)
        raise InputError(
            WHERE,
            f"the result has {planet['converged'].size} states.",
            "allowed: one",
            f"choose one: planet.isel({axes})",
        )
    point = planet.squeeze(planet["converged"].dims)
    if not bool(point["converged"]):
        why = "it lies outside the domain of the laws" if bool(point["outside_domain"]) else "it has none"
        raise InputError(WHERE, f"the state has no result: {why}.", "allowed: a state with converged = True")
    return point


def shares_of(point: xarray.Dataset) -> Shares:
    """Where the elements are at one state of mo.planet_equilibrium, for the whole planet."""
    weights = shipped().atomic_weights
    below = float(point["phase_mass"].sel(phase=[SILICATE, METAL]).sum())
    scale = float(point["mass_below_gas"]) / below
    kg: dict[str, dict[str, float]] = {SILICATE: {}, METAL: {}, GAS: {}}
    names = {str(name) for name in point["species"].values}
    for s in species_of(shipped(), ELEMENTS):
        if s.name not in names:
            continue
        x = float(point["mole_fraction"].sel(phase=s.phase, species=s.name))
        moles = scale * x * float(point["phase_moles"].sel(phase=s.phase))
        for element, count in s.composition.items():
            kg[s.phase][element] = kg[s.phase].get(element, 0.0) + count * moles * weights[element]
    return Shares(kg, float(point["mass_below_gas"]), float(point["core_mass_fraction"]))


def _oxides(shares: Shares) -> dict[str, float]:
    """The rock in wt%: oxides of the metals in silicate and gas."""
    weights = shipped().atomic_weights
    masses = {}
    for element in ROCK:
        moles = shares.outside_the_core(element) / weights[element]
        oxide, cations = OF_CATION[element]
        oxygens = 2 if oxide == "SiO2" else 1
        if moles > 0:
            masses[oxide] = moles * (weights[element] + oxygens / cations * weights["O"])
    whole = sum(masses.values())
    return {oxide: 100 * mass / whole for oxide, mass in masses.items()}


def _redox(case: Case, log10_fO2: float, T: float, buffer: str | None) -> dict[str, Any]:
    """The keys that set the oxygen fugacity by its distance from a buffer at T [K]."""
    law = buffer or case.redox.buffer
    where = f"{WHERE} buffer = {law!r}"
    family = find("buffer", law, where).family if law else "IW"
    chosen = parse_oxygen_fugacity(family, law, where)
    keys: dict[str, Any] = {
        "redox.oxygen": "none",
        "redox.ferric_share": "none",
        "redox.buffer_pressure": "none",
        "redox.oxygen_fugacity": f"{family}{log10_fO2 - float(chosen.evaluate(T)):+.6f}",
        "redox.buffer": chosen.buffer,
    }
    if case.redox.ferric_iron is not None:  # the melt's composition has them
        keys |= {"redox.total_iron": "none", "redox.melt_oxides": {}}
    return keys


def _chemistry(case: Case, shares: Shares) -> dict[str, Any]:
    """The keys by which the chemistry has the volatile elements that there are; none where it has them."""
    there = {e for e in VOLATILE if shares.outside_the_core(e) > 0}
    mechanism = read_mechanism(case.chemistry.mechanism)
    keys: dict[str, Any] = {}
    if not there <= set(elements_of(mechanism)):
        able = [m for m in map(read_mechanism, shipped_mechanisms()) if there | {"O"} <= set(elements_of(m))]
        mechanism = min(able, key=lambda m: len(m.species))
        keys = {"chemistry.mechanism": mechanism.name, "chemistry.thermochemistry": "nasa7"}
    chosen = case.chemistry.species
    covered = {e for s in chosen or () if s in mechanism.species for e in mechanism.species[s].composition}
    if chosen is not None and not there <= covered:
        keys["chemistry.species"] = "all"
    for gas, law in SHARED.items():
        if set(mechanism.species[gas].composition if gas in mechanism.species else "?") <= there:
            keys |= {} if gas in case.volatiles.solubility else {f"volatiles.solubility.{gas}": law}
    return keys


def _left_out(case: Case, shares: Shares, changes: dict[str, Any]) -> list[str]:
    """Sentences on what the case does not keep; keys that they remove are added to the changes."""
    sentences = []
    gas = sum(shares.kg[GAS].values())
    metals = sum(shares.kg[GAS].get(e, 0.0) for e in ROCK)
    if metals > LITTLE * gas:
        sentences.append(
            f"{100 * metals / gas:.2g} % of the gas, by mass, is Si, Mg, Fe and Na; "
            "it is counted to the rock."
        )
    for key in ("initial_pressure", "initial_fugacity"):
        if getattr(case.volatiles, key):
            changes[f"volatiles.{key}"] = {}
            sentences.append(f"volatiles.{key} of {case.name} is left out: inventories take its place.")
    if "chemistry.species" in changes:
        sentences.append(f"chemistry.species of {case.name} lacks an element of the planet: all are used.")
    unknown = [
        e for e in VOLATILE if not shares.outside_the_core(e) and getattr(case.volatiles, NAME_OF[e]).amount
    ]
    if unknown:
        sentences.append(f"{', '.join(unknown)} of {case.name} is set to zero: the planet has none.")
    return sentences
