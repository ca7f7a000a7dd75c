"""Oxygen of a gas that is a closed system, among species whose reactions take O2 from outside the balances.

Before a lid closes, melt imposes the fugacity of O2; O2, O and O3 then have pressures and no balance. In a
closed gas that fugacity is an unknown, and O2 has a balance like the other species: with nu the coefficient
of O2 in a reaction, xi its extent, and a the atoms of O in a species of oxygen alone,

    sum_v n_v a_v/2 - sum_r nu_r xi_r = moles of O2, so counted, when the lid closed.

With the balances of the other species it conserves the oxygen of the gas.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sympy

from ..dae.declare.model import Balance, Parameter, Start, Unknown
from .gas_state import GasState
from .volatiles_outputs import Extent

OXYGEN = "O2"
LN_FUGACITY = Unknown(
    "ln_fO2", "1", guess=-20.0, step=5.0, long_name="ln of the oxygen fugacity of the closed gas in bar"
)
MOLES = Parameter("moles_O", 1.0, "mol", "moles of O in the gas and its condensates when the lid closes")
START = Parameter("ln_fO2_at_lid", -20.0, "1", "ln of the oxygen fugacity in bar when the lid closes")


class OxygenOfGas(NamedTuple):
    """The rows and columns that the oxygen of a closed gas adds to its model."""

    unknown: Unknown
    parameters: tuple[Parameter, ...]
    balance: Balance
    start: Start


def oxygen_of_gas(gas: GasState, extents: Mapping[str, Extent], molar_mass: float) -> OxygenOfGas:
    """The balance of O2. molar_mass [kg/mol]: of O2."""
    alone = [v for v in gas.species if v.ln_fugacity is not None]
    moles = [gas.per_bar * gas.bar[v.name] * sympy.Rational(v.composition["O"]) / 2 for v in alone]
    taken = [-e.reaction.stoichiometry.get(OXYGEN, 0) * e.moles for e in extents.values()]
    storage = molar_mass * sympy.Add(*moles, *taken)
    scale = molar_mass * MOLES.symbol / 2
    return OxygenOfGas(
        LN_FUGACITY,
        (MOLES, START),
        Balance(OXYGEN, storage, scale=scale, unit="kg"),
        Start("oxygen of the gas", LN_FUGACITY.symbol - START.symbol),
    )
