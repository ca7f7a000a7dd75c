"""A closed limit of the pile in a column: a pile that spends all its superheat on melt, without any rate.

The pile is always at the isentrope of the solidus at its top, with the mean composition c of the pile. When
its share f of the mantle grows by df, its entropy falls to that of the new top. Per mass of mantle,

    dq = int T dS over the pile + T_sol (superheat of the new crystals),
    dR = dq/(T_sol [dS_f - a (X_l - X_s)]),

and the melt dR leaves with the X_l in equilibrium with c, while the ocean deposits the same mass of crystals
of X_s.
Neither a viscosity nor a time enters. The heat of the core is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mocoupled.closures.iron_magnesium import exchange
from mocoupled.dae.solve.field_system import FieldSystem
from mocoupled.interior.silicate_eos import Phase

# K: the coldest solid of the isentropes, and how far they go beyond the solidus; number of temperatures
COLDEST, HOTTER, TEMPERATURES = 500.0, 300.0, 201
# cells at the surface that stay molten
LEFT = 3


@dataclass(frozen=True)
class Limit:
    """share (n,): of the pile in the mass of the mantle; ocean_iron, pile_iron (n,): their Fe/(Fe + Mg).

    returned (n,): melt returned to the ocean, in mantle masses; heat (n,) [J/kg]: spent, per mass of mantle.
    """

    share: np.ndarray
    ocean_iron: np.ndarray
    pile_iron: np.ndarray
    returned: np.ndarray
    heat: np.ndarray

    def at(self, share: float) -> float:
        """Fe/(Fe + Mg) of the ocean at a share of the pile."""
        return float(np.interp(share, self.share, self.ocean_iron))


def limit(system: FieldSystem, solid: Phase, bulk_iron: float) -> Limit:
    """The limit for the curves and cells of a column; it is of first order in their number."""
    upwards = {name: values[::-1] for name, values in system.field.profiles.items()}
    P, T_sol = (system.field.coordinates[name][0][::-1] for name in ("cell_pressure", "cell_solidus"))
    mass = upwards["cell_mass"] / upwards["cell_mass"].sum()
    S_sol, fusion = (upwards[name] for name in ("solid_entropy", "fusion_entropy"))
    shift = upwards["iron_heat"] / (upwards["cell_mass"] * T_sol)  # of the entropy at the solidus
    K = float(upwards["exchange"].mean())
    temperature = _isentropes(P, T_sol, solid)
    X, c, pile, returned, heat = bulk_iron, 0.0, 0.0, 0.0, 0.0
    S = None
    rows = []
    for i in range(len(mass) - LEFT):
        crystals = float(exchange(X, K))
        X = (X * (1 - pile) - crystals * mass[i]) / (1 - pile - mass[i])
        c = (c * pile + crystals * mass[i]) / (pile + mass[i])
        pile += mass[i]
        isentrope = S_sol[i] - shift[i] * (c - bulk_iron)
        if S is not None:
            spent = float(mass[:i] @ temperature(isentrope)[:i]) * (S - isentrope)
            spent += mass[i] * T_sol[i] * shift[i] * (c - crystals)
            richer = c / (K + c * (1 - K)) - float(exchange(X, K))
            melt = max(spent, 0.0) / (T_sol[i] * (fusion[i] - shift[i] * richer))
            heat, returned = heat + spent, returned + melt
            taken = melt * richer
            X, c = X + taken / (1 - pile), c - taken / pile
            isentrope = S_sol[i] - shift[i] * (c - bulk_iron)
        S = isentrope
        rows.append((pile, X, c, returned, heat))
    return Limit(*np.array(rows).T)


def _isentropes(pressure: np.ndarray, solidus: np.ndarray, solid: Phase) -> Callable[[float], np.ndarray]:
    """A function of entropy [J/kg/K]: temperatures [K] of the solid at pressures [Pa]. solidus [K]: there."""
    T = np.linspace(COLDEST, solidus + HOTTER, TEMPERATURES, axis=1)
    entropy = solid.state(pressure[:, None], T).entropy
    return lambda S: np.array([np.interp(S, row, at) for row, at in zip(entropy, T)])
