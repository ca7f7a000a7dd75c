"""Iron metal that separates from melt and crystals where their redox evolves.

2 Fe + O2 = 2 FeO at the surface. With the activity of FeO in the melt, gamma x_FeO relative to wuestite, and
the fugacity IW(T) of iron and wuestite,

    ln a_Fe = ln(gamma x_FeO) - (ln fO2 - IW)/2,

x_FeO the mole fraction of FeO among the oxides of the melt. Metal is there where a_Fe = 1. It is one smooth
complementarity, as for graphite (`volatiles`), with n_Fe all iron of melt, crystals and metal:

    n_metal = n_Fe (r + s)/2,   ln a_Fe = -(r - s)/2.

The iron that is left, n_Fe - n_metal, is that of melt and crystals, and each mole of metal has left half a
mole of O2 behind: oxygen is counted above FeO, so that metal counts -1/2 O2. The metal stays in equilibrium
with the melt: what became metal becomes FeO again where the gas grows more oxidised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import sympy

from ..dae.declare.model import Constraint, Output, Unknown
from .volatile_species import Volatile, phase_state

NAME = "Fe metal"
# of all iron: the melt keeps some FeO, whose activity would be 0 else
LARGEST_SHARE = 1 - 1e-9
# ln of the activity of iron, a function of ln(fO2/bar), the share of iron left in melt and crystals, and the
# ferric share of the melt
LnActivity = Callable[[sympy.Expr, sympy.Expr, sympy.Expr], sympy.Expr]


@dataclass(frozen=True)
class Metal:
    """The metal in symbols. left: share of all iron that is in melt and crystals. molar_mass [kg/mol]."""

    unknown: Unknown
    ln_activity: sympy.Expr
    moles: sympy.Expr
    left: sympy.Expr
    molar_mass: float

    def constraint(self, ln_activity: sympy.Expr) -> Constraint:
        """The equilibrium of metal, melt and gas. ln_activity: that of the melt and the gas."""
        return Constraint("2 FeO = 2 Fe + O2", self.ln_activity - ln_activity)

    def outputs(self) -> Iterator[Output]:
        """What a result stores."""
        mass, title = self.moles * self.molar_mass, "mass of iron metal in equilibrium with the melt"
        yield Output("metal_mass", mass, "kg", title)
        activity = "activity of iron in melt and gas relative to the metal"
        yield Output("metal_activity", sympy.exp(self.ln_activity), "1", activity)


def metal_of(all_iron: sympy.Expr, molar_mass: float) -> Metal:
    """The metal of a planet. all_iron [mol]: of melt, crystals and metal. molar_mass [kg/mol]: of iron."""
    iron = Volatile(NAME, {"Fe": 1}, molar_mass, condensed=True)
    scale = sympy.Dummy(positive=True)
    state = phase_state(iron, {"Fe": scale})
    assert state.unknown is not None, "a condensate has an unknown"
    share = state.moles / scale
    return Metal(
        replace(state.unknown, high=LARGEST_SHARE),
        state.activity,
        share * all_iron,
        1 - share,
        molar_mass,
    )
