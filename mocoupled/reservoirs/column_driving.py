"""The entropy that drives convection in a column with iron: that of the bulk mantle with the heat of a cell.

A cell of S* and c has the heat H = H_bulk(S*) - m c_p d (c - c_bulk), and S is defined by H_bulk(S) = H. What
mixes iron and no heat then leaves S as it is. With the entropy S* - c_p d (c - c_bulk)/T_f a mixed layer
would become unstable to the next by itself, and the whole ocean would overturn within seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy
from scipy.interpolate import CubicHermiteSpline

from ..dae.declare.field import profile
from ..dae.leaves.curve_tables import Table, externals
from ..dae.leaves.external import External
from ..dae.leaves.smooth_curve import Curve
from .column_iron import Iron
from .column_tables import Tables

# names of the profiles
ABOVE, BELOW = "above_iron_lack", "below_iron_lack"


@dataclass(frozen=True)
class DrivingEntropy:
    """S [J/kg/K] of the cells on both sides of a face, and of the lowest cell.

    above, below, lowest: of S* and c. profiles: what above and below use, (faces,).
    """

    above: sympy.Expr
    below: sympy.Expr
    lowest: sympy.Expr
    profiles: dict[str, np.ndarray]


def driving_entropy(tables: Tables, iron: Iron, iron_heat: np.ndarray) -> DrivingEntropy:
    """Declare S. iron_heat (cells,) [J]: m c_p d.

    Heat is counted in units in which it is an entropy between the ends of the tables.
    """
    S, rows = tables.entropy, len(iron_heat)
    inside = np.minimum(S, np.nextafter(S[-1], 0))  # the last knot belongs to the piece below it
    states = [tables.heat_table(np.full(rows, value), 1) for value in inside]
    heat, capacity = (np.array([state[k][0] for state in states]).T for k in (0, 1))
    unit = heat[:, -1] / (S[-1] - S[0])
    level, rise = S[0] + heat / unit[:, None], capacity / unit[:, None]
    back = np.array(
        [CubicHermiteSpline(*of_row)(S) for of_row in zip(level, np.tile(S, (rows, 1)), 1 / rise)]
    )
    slope = 1 / np.array([CubicHermiteSpline(S, *of_row)(at, 1) for *of_row, at in zip(level, rise, back)])
    lack = iron_heat / unit
    entropy, c = iron.components

    def between(name: str, which: slice, symbol: str, place: tuple[sympy.Symbol, sympy.Symbol]) -> sympy.Expr:
        spacing = float(S[1] - S[0])
        to_heat = Table(S[0], spacing, level[which, None], rise[which, None])
        from_heat = Table(S[0], spacing, back[which, None], slope[which, None])
        of_entropy = externals(name, to_heat, ["heat_level"])["heat_level"]
        of_heat = externals(name, from_heat, ["driving_entropy"])["driving_entropy"]
        return of_heat(of_entropy(place[0]) - profile(symbol) * iron.excess(place[1]))

    of_last = External("lowest_heat_level", Curve(S, level[-1]))(entropy.last)
    of_last -= float(lack[-1]) * iron.excess(c.last)
    return DrivingEntropy(
        between("above", slice(None, -1), ABOVE, (entropy.above, c.above)),
        between("below", slice(1, None), BELOW, (entropy.below, c.below)),
        External("lowest_driving_entropy", Curve(S, back[-1]))(of_last),
        {ABOVE: lack[:-1], BELOW: lack[1:]},
    )
