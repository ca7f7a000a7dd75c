"""Gases that form from oxides of the melt: each has the pressure that their activities impose.

A gas g forms from liquid oxides, O2 and gases b that have a balance, by its reaction:

    ln f_g = ln K_g + sum_oxides nu ln a + nu_O2 ln fO2 + sum_b nu_b ln f_b.

It needs no unknown. What it takes of O2 and of the gases b is added to their balances, so that the elements
of the budgets are conserved; the melt supplies its oxides, whose amounts do not change. Oxygen of the budget
is then what there is beyond the oxides of the melt: a budget of none is a congruent vapour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sympy

from ..dae.declare.model import Output
from .volatile_species import PhaseState, Volatile, affinity


def melt_gas_state(v: Volatile, activity: Mapping[str, sympy.Expr]) -> PhaseState:
    """The state of a gas that forms from oxides of the melt; it is ideal.

    activity: ln of the activities of the oxides, and of the fugacities in bar of O2 and of the gases with a
    balance.
    """
    if v.formation is None:
        raise ValueError(f"{v.name} does not form from oxides of the melt")
    return PhaseState(None, -affinity(v.formation.reaction, {**activity, v.name: sympy.S.Zero}))


def taken_up(species: Sequence[Volatile], name: str, bar: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """What these gases have taken of the species `name` to form [mol], over moles for each bar of a gas."""
    return sympy.Add(
        *(-v.formation.reaction.stoichiometry.get(name, 0) * bar[v.name] for v in species if v.formation)
    )


def released_by(species: Sequence[Volatile], element: str, bar: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """Atoms of an element that gases with fewer of them than their oxides released, times pressure [bar]."""
    counts = {v.name: v.counted.get(element, 0) for v in species}
    return sympy.Add(*(-count * bar[name] for name, count in counts.items() if count < 0))


def outputs_of_melt_gases(
    species: Sequence[Volatile], pressures: Mapping[str, sympy.Expr], masses: Mapping[str, sympy.Expr]
) -> Iterator[Output]:
    """Share of the pressure, and mass, of the gases with metals of the melt; none without such gases.

    pressures [Pa], masses [kg]: of all gases.
    """
    rock = [v.name for v in species if v.formation]
    if not rock:
        return
    share = sympy.Add(*(pressures[name] for name in rock)) / sympy.Add(*pressures.values())
    yield Output("rock_vapour_share", share, "1", "share of the pressure of gases with metals of the melt")
    mass = sympy.Add(*(masses[name] for name in rock))
    yield Output("rock_vapour_mass", mass, "kg", "mass of the gases with metals of the melt")
