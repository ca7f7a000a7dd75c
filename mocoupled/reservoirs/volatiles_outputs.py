"""What a result stores of the volatiles, and the ranges of their solubility laws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sympy

from ..closures.iron_wustite import buffer_of, distance
from ..constants import BAR
from ..dae.declare.model import Output, Unknown, Watch
from .gas_state import GasState
from .melt_gases import outputs_of_melt_gases
from .volatile_species import Reaction, Volatile

# condensates whose outputs have names without a dimension
GRAPHITE, WATER = "C(gr)", "H2O(l)"


@dataclass(frozen=True)
class Extent:
    """The extent of a reaction: its unknown, and the moles that the unknown counts as 1."""

    reaction: Reaction
    unknown: Unknown
    scale: sympy.Expr

    @property
    def moles(self) -> sympy.Expr:
        """Moles of the reaction that have taken place since the start."""
        return self.unknown.symbol * self.scale


@dataclass(frozen=True)
class Amounts:
    """How much there is of each species and element.

    in_gas, in_melt: species -> kg (of a condensate, the first is its mass).
    moles: element -> mol in gas, melt and condensates. Where gases that form from oxides of the melt have
    released some of it, `released` [mol]: this is `gross` less `released`.
    """

    in_gas: Mapping[str, sympy.Expr]
    in_melt: Mapping[str, sympy.Expr]
    moles: Mapping[str, sympy.Expr]
    gross: Mapping[str, sympy.Expr] = field(default_factory=dict)
    released: Mapping[str, sympy.Expr] = field(default_factory=dict)


def outputs(
    gas: GasState, amounts: Amounts, extents: Mapping[str, Extent], graphite: Reaction | None
) -> Iterator[Output]:
    """What a result stores.

    graphite: the reaction that gives its activity where it is not among the species.
    """
    for v in gas.species:
        yield from _of_condensate(v, gas, amounts) if v.condensed else _of_gas(v, gas, amounts)
    yield from outputs_of_melt_gases(gas.gases, gas.pressures, amounts.in_gas)
    yield Output("surface_pressure", gas.total, "Pa", "surface pressure")
    yield Output("mean_molar_mass", gas.mean_molar_mass, "kg/mol", "mean molar mass of the gas")
    if "O2" in gas.activity:
        log10_fO2 = gas.activity["O2"] / sympy.log(10)
        yield Output("log10_fO2", log10_fO2, "1", "log10 of the oxygen fugacity in bar", logarithm=True)
    molar_masses = {v.name: v.molar_mass for v in gas.species}
    for extent in extents.values():
        yield _reaction_mass(extent, molar_masses)
    for element, amount in amounts.moles.items():
        title = "moles in gas, melt and graphite"
        yield Output("element_moles", amount, "mol", title, "element", element)
    if graphite is not None:
        yield from _graphite_activity(graphite, gas.activity)


def _of_condensate(v: Volatile, gas: GasState, amounts: Amounts) -> Iterator[Output]:
    mass, activity = amounts.in_gas[v.name], sympy.exp(gas.states[v.name].activity)
    if {other.name for other in gas.species if other.condensed} - {GRAPHITE, WATER}:
        label = ("condensate", v.name)
        yield Output("condensate_mass", mass, "kg", "mass of the condensate", *label)
        yield Output("condensate_activity", activity, "1", "activity of the condensate", *label)
    if v.name == WATER:
        yield Output("water_mass", mass, "kg", "mass of liquid water")
        yield Output("water_activity", activity, "1", "activity of water relative to the liquid")
    elif v.name == GRAPHITE:
        yield Output("graphite_mass", mass, "kg", "mass of graphite")
        yield Output("graphite_activity", activity, "1", "activity of carbon relative to graphite")


def _of_gas(v: Volatile, gas: GasState, amounts: Amounts) -> Iterator[Output]:
    label = ("species", v.name)
    pressure = gas.pressures[v.name]
    yield Output("pressure", pressure, "Pa", "partial pressure at the surface", *label)
    yield Output("mixing_ratio", pressure / gas.total, "1", "volume mixing ratio of the gas", *label)
    yield Output("gas_mass", amounts.in_gas[v.name], "kg", "mass in the atmosphere", *label)
    if any(other.ln_phi is not None for other in gas.gases) or any(other.volume for other in gas.species):
        # of each gas, so that all are stored along the same species: 1 where no coefficient is known
        phi = sympy.S.One if v.ln_phi is None else sympy.exp(gas.activity[v.name]) * BAR / pressure
        yield Output("fugacity_coefficient", phi, "1", "fugacity over partial pressure", *label)
    yield Output("dissolved_mass", amounts.in_melt[v.name], "kg", "mass dissolved in the mantle", *label)


def _reaction_mass(extent: Extent, molar_masses: Mapping[str, float]) -> Output:
    """The mass of the first reactant, other than O2, that was lost since the start."""
    reaction = extent.reaction
    reactants = [(s, c) for s, c in reaction.stoichiometry.items() if c < 0]
    others = [(s, c) for s, c in reactants if s != "O2"]
    species, count = others[0] if others else reactants[0]
    mass = -count * molar_masses[species]
    title = "reaction mass: mass of the first reactant lost since the start"
    return Output("reaction_mass", extent.moles * mass, "kg", title, "reaction", reaction.text)


def _graphite_activity(reaction: Reaction, activity: Mapping[str, sympy.Expr]) -> Iterator[Output]:
    """The activity of graphite that is not among the species, where those of its reaction are known."""
    others = {s: c for s, c in reaction.stoichiometry.items() if s != GRAPHITE}
    if any(s not in activity for s in others):
        return
    coefficient = reaction.stoichiometry[GRAPHITE]
    ln_a = (reaction.ln_K - sympy.Add(*(c * activity[s] for s, c in others.items()))) / coefficient
    yield Output("graphite_activity", sympy.exp(ln_a), "1", "activity of carbon relative to graphite")


def watches(gas: GasState) -> Iterator[Watch]:
    """The ranges in which the solubility laws of the gases are calibrated."""
    for v in gas.gases:
        law = v.solubility
        if law is None:
            continue
        values = dict(gas.arguments) | {"p": gas.fugacity[v.name]}
        if "dIW" in law.ranges and gas.arguments["ln_fO2"] is not None:
            values["dIW"] = distance(law.iron_wustite, gas.arguments)
        for argument, (low, high) in law.ranges.items():
            if argument not in values:
                continue
            unit = {"T": "K", "dIW": "1"}.get(argument, "Pa")
            label = f"solubility of {v.name}: {law.name}"
            buffer = buffer_of(law.iron_wustite) if argument == "dIW" else ""
            yield Watch(label, argument, values[argument], low, high, unit, law.reference, buffer)
