"""What a closed lid takes over from the state at which it forms: the gas, and what is dissolved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..chemistry.volatile_chemistry import Chemistry
from ..reservoirs.closed_gas import LN_FUGACITY, MOLES, START
from .assembly import Planet
from .closed_lid import FERRIC_MASS, FERRIC_SHARE, KEPT_METAL, frees_oxygen, kept
from .species_declarations import WATER
from .species_of_case import BUFFERED, GRAPHITE

# outputs by name and label
Outputs = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class StateAtLid:
    """The numbers by which the planet under the lid begins.

    parameters: name -> value. masses [kg]: name of a balance -> what it stores, for gases and condensates.
    unknowns: name -> value, for unknowns that the planet before the lid does not have, or not with this
    meaning.
    """

    parameters: dict[str, float]
    masses: dict[str, float]
    unknowns: dict[str, float]


def state_at_lid(planet: Planet, outputs: Outputs) -> StateAtLid:
    """The numbers at the lid. planet: before the lid; outputs: of its model, by name and label."""
    chemistry = planet.chemistry
    masses = {label: value for (name, label), value in outputs.items() if name == "gas_mass"}
    if not masses:
        return StateAtLid({}, {}, {})
    activities: dict[str, float] = {}
    for name, condensate in (("graphite", GRAPHITE), ("water", WATER)):
        if (f"{name}_mass", "") in outputs:
            masses[condensate] = outputs[f"{name}_mass", ""]
            activities[condensate] = outputs[f"{name}_activity", ""]
    for (name, condensate), value in outputs.items():
        if name == "condensate_mass":
            masses[condensate] = value
            activities[condensate] = outputs["condensate_activity", condensate]
    moles = {e: closed_moles(e, chemistry, masses) for e in (*chemistry.elements, "O")}
    parameters = {f"moles_{e}": moles[e] for e in chemistry.elements}
    parameters |= {
        kept(gas): outputs["dissolved_mass", gas]
        for gas, law in chemistry.solubility.items()
        if law.name != "none"
    }
    if chemistry.iron is not None:
        parameters[FERRIC_MASS.name] = outputs["ferric_oxygen_mass", ""]
        parameters[FERRIC_SHARE.name] = outputs["mantle_ferric_share", ""]
        if ("metal_mass", "") in outputs:
            parameters[KEPT_METAL.name] = outputs["metal_mass", ""]
    unknowns = {
        f"s[{name}]": _complementarity(name, activity, masses[name], moles, chemistry)
        for name, activity in activities.items()
    }
    stored = {s: mass for s, mass in masses.items() if s not in chemistry.imposed}
    if frees_oxygen(chemistry):
        ln_fO2 = outputs["log10_fO2", ""] * math.log(10)
        parameters |= {MOLES.name: moles["O"], START.name: ln_fO2}
        unknowns[LN_FUGACITY.name] = ln_fO2
        alone = [_atoms("O", s, chemistry) * masses[s] / chemistry.molar_mass(s) for s in chemistry.imposed]
        stored[BUFFERED] = sum(alone) / 2 * chemistry.molar_mass(BUFFERED)
    return StateAtLid(parameters, stored, unknowns)


def closed_moles(element: str, chemistry: Chemistry, masses: Mapping[str, float]) -> float:
    """Moles of an element in the gas and its condensates. masses [kg]: of each."""
    return sum(
        _atoms(element, name, chemistry) * mass / chemistry.molar_mass("H2O" if name == WATER else name)
        for name, mass in masses.items()
    )


def _atoms(element: str, species: str, chemistry: Chemistry) -> float:
    """Atoms of an element in a species of the gas or a condensate."""
    count = chemistry.mechanism.species["H2O" if species == WATER else species].composition.get(element, 0)
    return float(count)


def _complementarity(
    name: str, activity: float, mass: float, moles: Mapping[str, float], chemistry: Chemistry
) -> float:
    """The unknown s of a condensate: its amount over the largest one, plus ln of its activity."""
    steam = "H2O" if name == WATER else name
    composition = chemistry.mechanism.species[steam].composition
    shares = [float(count) / moles[e] for e, count in composition.items() if e in chemistry.elements]
    largest = len(shares) / sum(shares)
    return mass / chemistry.molar_mass(steam) / largest + math.log(activity)
