"""The planet under a closed lid: its gas is a closed system, and its mantle keeps what is dissolved in it.

Bower et al. 2022 (sections 2.2, 3.1 and 4.2) end the equilibrium of dissolution when the surface has a lid:
what is dissolved stays in the mantle, and the gas evolves as a near-closed system (section 4.4). The model of
that second phase has the mantle and the species, reactions and data of the first. Nothing dissolves; the
masses that the mantle keeps are parameters; and the oxygen of the gas is conserved like its other elements,
also where the melt imposed its fugacity before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy

from ..case import Case
from ..chemistry.volatile_chemistry import Chemistry
from ..dae.declare.model import Model, Output, Parameter, join
from ..errors import InputError
from ..interior.static_structure import Structure
from ..reservoirs.closed_gas import LN_FUGACITY
from ..reservoirs.mantle import Mantle
from ..reservoirs.volatiles import Volatiles
from .losses_to_space import ESCAPING
from .metal_of_melt import iron_weight
from .oxygen import above_iron_wustite, surroundings, with_oxygen_mass
from .species_of_case import BUFFERED
from .volatiles_of_case import volatiles_of

FERRIC_MASS = Parameter(
    "kept_ferric_oxygen", 0.0, "kg", "oxygen of ferric iron above FeO in the mantle when the lid closes"
)
FERRIC_SHARE = Parameter(
    "kept_ferric_share", 0.0, "1", "Fe3+ over all iron of the mantle, molar, when the lid closes"
)
KEPT_METAL = Parameter(
    "kept_metal", 0.0, "kg", "mass of iron metal in equilibrium with the melt when the lid closes"
)


def closes(case: Case) -> bool:
    """Whether the lid of the case closes.

    The pile of cumulates moves no volatiles: those of a column stay in all of its melt.
    """
    return case.run.after_lid == "closed"


def check_oxygen(case: Case, chemistry: Chemistry) -> None:
    """InputError where escaping hydrogen would leave oxygen in the closed gas that has no species."""
    if case.escape.law == "none" or ESCAPING not in chemistry.species or BUFFERED in chemistry.species:
        return
    raise InputError(
        f"{case.name} [run] after_lid = 'closed'",
        f"escape of {ESCAPING} from a closed gas leaves oxygen, and {BUFFERED} is not among its species.",
        "allowed: with escape, a gas with O2",
        "set chemistry.oxygen_in_gas = true, or escape.law = 'none'",
    )


def kept(gas: str) -> str:
    """The name of the parameter of the mass of a gas that the mantle keeps [kg]."""
    return f"kept[{gas}]"


def closed_gas(inside: Structure, chemistry: Chemistry, mantle: Mantle) -> tuple[Volatiles, Model]:
    """The gas above a closed lid, with what the mantle keeps; and the ranges of the data of its reactions.

    Its amounts are parameters, whose values come from the state at the lid.
    """
    weights = chemistry.mechanism.atomic_weights
    alone = replace(
        chemistry,
        masses={e: weights[e] for e in chemistry.elements},
        pressures={},
        solubility={},
        partition={},
        oxygen=None,
        iron=None,
        watched_iron=None,
    )
    oxygen = surroundings(inside, alone, mantle)
    around = oxygen.surroundings
    if frees_oxygen(chemistry):
        mass = chemistry.molar_mass(BUFFERED)
        around = replace(around, ln_fO2=LN_FUGACITY.symbol, oxygen_molar_mass=mass)
    air = volatiles_of(alone, around)
    if air.pressures:
        air = with_oxygen_mass(chemistry, _with_what_the_mantle_keeps(chemistry, mantle, air))
    return air, oxygen.model


def frees_oxygen(chemistry: Chemistry) -> bool:
    """Whether a closed gas has an oxygen fugacity that the melt imposed before."""
    taken = any(BUFFERED in dict(reaction.stoichiometry) for reaction in chemistry.reactions)
    return chemistry.oxygen is not None and (taken or bool(chemistry.imposed))


def _with_what_the_mantle_keeps(chemistry: Chemistry, mantle: Mantle, air: Volatiles) -> Volatiles:
    """The gas, with the masses in the mantle as parameters, in the outputs and in the budgets of elements."""
    masses = {
        gas: Parameter(kept(gas), 0.0, "kg", f"mass of {gas} dissolved in the mantle when the lid closes")
        for gas, law in chemistry.solubility.items()
        if law.name != "none"
    }
    moles = {e: _moles_of(e, chemistry, masses) for e in chemistry.elements}
    more: list[Output] = []
    iron: tuple[Parameter, ...] = ()
    if chemistry.iron is not None:
        iron = (FERRIC_MASS, FERRIC_SHARE)
        if chemistry.iron.metal is not None and mantle.ferric is None and mantle.ocean is None:
            iron += (KEPT_METAL,)
            moles["O"] -= KEPT_METAL.symbol / iron_weight(chemistry)
            more.append(Output("metal_mass", KEPT_METAL.symbol, "kg", "mass of iron metal in the mantle"))
        moles["O"] += 2 * FERRIC_MASS.symbol / chemistry.molar_mass(BUFFERED)
        share, mass = "Fe3+ over all iron of melt and crystals, molar", "oxygen of ferric iron above FeO"
        more += [
            Output("mantle_ferric_share", FERRIC_SHARE.symbol, "1", share),
            Output("ferric_oxygen_mass", FERRIC_MASS.symbol, "kg", mass),
        ]
        if air.ln_fO2 is not None:
            more.append(above_iron_wustite(mantle.surface_temperature, air.ln_fO2))
    outputs = []
    for output in air.model.outputs:
        if output.name == "dissolved_mass" and output.label in masses:
            output = replace(output, expression=masses[output.label].symbol)
        elif output.name == "element_moles":
            output = replace(output, expression=output.expression + moles[output.label])
        outputs.append(output)
    model = replace(air.model, outputs=tuple(outputs))
    added = Model(parameters=(*masses.values(), *iron), outputs=tuple(more))
    return replace(air, model=join(model.name, model, added))


def _moles_of(element: str, chemistry: Chemistry, masses: Mapping[str, Parameter]) -> sympy.Expr:
    """Moles of an element in dissolved gases. masses: gas -> parameter of its mass [kg]."""
    species = chemistry.mechanism.species
    return sympy.Add(
        *(
            mass.symbol * (species[gas].composition.get(element, 0) / chemistry.molar_mass(gas))
            for gas, mass in masses.items()
        )
    )
