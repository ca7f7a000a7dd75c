"""Reaction-mass balances of gas, melt and graphite: Bower et al. 2022, App. C, for any set of species.

For each species v, with X_v its mass fraction in the melt, k_v its solid/melt distribution coefficient and
mu the
mean molar mass of the gas (eq. C1):

    X_v (M_melt + k_v M_solid) + (area/g) (mu_v/mu) p_v + (reaction masses) = initial mass of v + exchanged
    (escape)

There is one reaction mass and one equilibrium ln Q = ln K for each reaction (C5-C9).
Where oxygen is buffered, the melt supplies O2 (and O, O3) at the fugacity that it imposes.
These gases count in pressure, mean molar mass and composition, but have no balance.
Where oxygen is a budget, they are species like the others.
Unknowns are ln(p/bar); graphite is one unknown s with the smooth complementarity

    ln a_C = -(r - s)/2,   n_C(gr) = n_C (r + s)/2,   r = sqrt(s^2 + 4 eps^2)      (so n/n_C * (-ln a) =
    eps^2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy

from ..constants import BAR
from ..dae.declare.model import Balance, Constraint, Model, Parameter, Start, Unknown
from .closed_gas import oxygen_of_gas
from .gas_state import GasState, Surroundings, mass_fraction, state_of_gas
from .melt_gases import released_by, taken_up
from .volatile_species import Reaction, Volatile, affinity, largest_moles
from .volatiles_outputs import Amounts, Extent, outputs, watches


@dataclass(frozen=True)
class Inventory:
    """How much of each element there is.

    moles: element -> mol in the planet (only a scale for an element that starts from a pressure).
    pressures: element -> ("pressure" or "fugacity", species, Pa) at the start, in place of its inventory.
    sizes: element -> mol, the scale of its balances where that is not its amount (which may be 0).
    """

    moles: Mapping[str, float]
    pressures: Mapping[str, tuple[str, str, float]] = field(default_factory=dict)
    sizes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Volatiles:
    """The part of the model, and the symbols that other parts use.

    pressures: partial pressure of each gas [Pa]; surface_pressure [Pa]; ln_fO2: ln(fO2/bar).
    activity: ln of the fugacity in bar of each gas, and of the activity of each condensate.
    """

    model: Model
    pressures: Mapping[str, sympy.Expr] = field(default_factory=dict)
    surface_pressure: sympy.Expr = sympy.S.Zero
    ln_fO2: sympy.Expr | None = None
    activity: Mapping[str, sympy.Expr] = field(default_factory=dict)


@dataclass(frozen=True)
class Diagnostics:
    """Reactions that give a quantity and have no balance.

    graphite: gives the activity of graphite where graphite is not among the species.
    oxygen: makes O2 of the species where it is neither among them nor imposed; gives its fugacity.
    """

    graphite: Reaction | None = None
    oxygen: Reaction | None = None


def declare_volatiles(
    species: Sequence[Volatile],
    reactions: Sequence[Reaction],
    around: Surroundings,
    inventory: Inventory,
    diagnostics: Diagnostics,
) -> Volatiles:
    """Declare the volatile reservoirs.

    Every initial amount, pressure or fugacity is a parameter of the model.
    """
    if all(v.condensed for v in species):
        return Volatiles(Model("volatiles"))
    totals = {
        e: Parameter(f"moles_{e}", n, "mol", f"moles of {e} in gas, melt and graphite")
        for e, n in inventory.moles.items()
    }
    prescribed = {
        e: Parameter(_prescribed_name(kind, name), value, "Pa", f"{kind} of {name} at the start")
        for e, (kind, name, value) in inventory.pressures.items()
    }
    symbols = {e: parameter.symbol for e, parameter in totals.items()}
    gas = state_of_gas(species, around, symbols, diagnostics.oxygen)
    sizes = symbols | {e: sympy.Float(n) for e, n in inventory.sizes.items()}
    scales = {v.name: largest_moles(v, sizes) for v in gas.balanced}
    extents = {r.text: _extent(r, scales) for r in reactions}
    dissolved = {v.name: mass_fraction(v, gas) for v in gas.gases}
    amounts = _amounts(gas, around, dissolved, inventory)
    unknowns = [*_unknowns_of_species(gas), *(extent.unknown for extent in extents.values())]
    constraints = [Constraint(r.text, affinity(r, gas.activity)) for r in reactions]
    if gas.ln_pressure.unknown is not None:
        unknowns.append(gas.ln_pressure.unknown)
        constraints.append(Constraint("total pressure", gas.ln_pressure.residual))
    starts = _starts(inventory, prescribed, symbols, gas, amounts)
    starts += [Start(f"reaction mass of {name}", extent.unknown.symbol) for name, extent in extents.items()]
    parameters, balances = [*totals.values(), *prescribed.values()], _balances(gas, amounts, extents, scales)
    if around.oxygen_molar_mass is not None:
        oxygen = oxygen_of_gas(gas, extents, around.oxygen_molar_mass)
        unknowns.append(oxygen.unknown)
        parameters += oxygen.parameters
        balances.append(oxygen.balance)
        starts.append(oxygen.start)
    model = Model(
        "volatiles",
        unknowns=tuple(replace(u, follows=around.follows) for u in unknowns),
        parameters=tuple(parameters),
        balances=tuple(balances),
        constraints=tuple(constraints),
        starts=tuple(starts),
        outputs=tuple(outputs(gas, amounts, extents, diagnostics.graphite)),
        watches=tuple(watches(gas)),
    )
    return Volatiles(model, gas.pressures, gas.total, gas.activity.get("O2"), gas.activity)


def _unknowns_of_species(gas: GasState) -> list[Unknown]:
    states = [gas.states[v.name] for v in gas.balanced]
    return [state.unknown for state in states if state.unknown is not None]


def _extent(reaction: Reaction, scales: Mapping[str, sympy.Expr]) -> Extent:
    """The extent of a reaction, scaled by what its scarcest species with a balance allows."""
    limits = [scales[s] / abs(c) for s, c in reaction.stoichiometry.items() if s in scales]
    unknown = Unknown(f"extent[{reaction.text}]", "1", long_name=f"extent of {reaction.text}, scaled")
    return Extent(reaction, unknown, sympy.Min(*limits))


def _amounts(
    gas: GasState, around: Surroundings, dissolved: Mapping[str, sympy.Expr], inventory: Inventory
) -> Amounts:
    """Masses of the species, and moles of the elements. dissolved: mass fraction of each gas in the melt."""
    in_gas: dict[str, sympy.Expr] = {}
    in_melt: dict[str, sympy.Expr] = {}
    for v in gas.gases:
        in_gas[v.name] = v.molar_mass * gas.bar[v.name] * gas.per_bar
        melt = dissolved[v.name] * (around.melt_mass + v.partition_coefficient * around.solid_mass)
        in_melt[v.name] = sympy.sympify(melt)
    for v in gas.species:
        if v.condensed:
            in_gas[v.name] = gas.states[v.name].moles * v.molar_mass
            in_melt[v.name] = sympy.S.Zero

    def outside_gas(element: str) -> sympy.Expr:
        """Moles of the element that are dissolved, or in a condensate."""
        masses = {v.name: (in_gas if v.condensed else in_melt)[v.name] for v in gas.species}
        return sympy.Add(
            *(v.composition.get(element, 0) * masses[v.name] / v.molar_mass for v in gas.species)
        )

    moles = {e: gas.per_bar * gas.atoms(e) + outside_gas(e) for e in inventory.moles}
    less = {e: gas.per_bar * released_by(gas.species, e, gas.bar) for e in inventory.moles}
    released = {e: amount for e, amount in less.items() if amount != 0}
    gross = {e: gas.per_bar * gas.positive_atoms(e) + outside_gas(e) for e in released}
    return Amounts(in_gas, in_melt, moles, gross, released)


def _balances(
    gas: GasState, amounts: Amounts, extents: Mapping[str, Extent], scales: Mapping[str, sympy.Expr]
) -> list[Balance]:
    """One balance for each species: its mass in gas and melt, and what reactions have taken."""
    balances = []
    for v in gas.balanced:
        lost = sympy.Add(
            *(
                -extent.reaction.stoichiometry.get(v.name, 0) * extent.unknown.symbol * extent.scale
                for extent in extents.values()
            )
        )
        lost += gas.per_bar * taken_up(gas.species, v.name, gas.bar)
        storage = sympy.Add(amounts.in_gas[v.name], amounts.in_melt[v.name]) + lost * v.molar_mass
        balances.append(Balance(v.name, storage, scale=scales[v.name] * v.molar_mass, unit="kg"))
    return balances


def _starts(
    inventory: Inventory,
    prescribed: Mapping[str, Parameter],
    symbols: Mapping[str, sympy.Symbol],
    gas: GasState,
    amounts: Amounts,
) -> list[Start]:
    """One start for each element.

    It is the ln of the amount over the inventory, or of a pressure or fugacity over the prescribed value.
    """
    starts = []
    for e in inventory.moles:
        if e in prescribed:
            kind, name, _ = inventory.pressures[e]
            value = gas.states[name].activity if kind == "pressure" else gas.activity[name]
            residual = value - sympy.log(prescribed[e].symbol / BAR)
            starts.append(Start(f"{kind} of {name}", residual))
        else:
            gross, released = amounts.gross.get(e, amounts.moles[e]), amounts.released.get(e, sympy.S.Zero)
            starts.append(Start(f"inventory of {e}", sympy.log(gross / (symbols[e] + released))))
    return starts


def _prescribed_name(kind: str, species: str) -> str:
    """The name of the parameter of a prescribed "pressure" or "fugacity"."""
    return f"{kind}[{species}]"
