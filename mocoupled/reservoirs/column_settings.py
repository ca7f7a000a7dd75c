"""What a case specifies of a mantle column, as records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import sympy

from ..interior.two_phase import SOLIDUS_WIDTH, two_phase_weight
from .column_iron import Iron

# melt fraction over which the one-sided availability opens
ONE_SIDED_WIDTH = 0.04


@dataclass(frozen=True)
class Closure:
    """The readings of the separation and of the two-phase region.

    name: "smooth" or "reference", see reservoirs.column.
    separation: "reference", the flux of the face or of the cell above times the availability of melt below,
    as the published result needs; or "upwind", the monotone flux q+(below) + q-(above) of a hyperbolic
    equation. With the latter, compaction of the last melt takes longer than the cooling (about 9 % of melt
    stays).
    availability: "tanh", which lets cells drain below their solidus, to a melt fraction of -0.05 (reference)
    or -0.02 (smooth); or "one-sided", a smooth step between 0 and 0.04. Widths are in melt fraction.
    """

    name: Literal["smooth", "reference"] = "smooth"
    separation: Literal["reference", "upwind"] = "reference"
    availability: Literal["tanh", "one-sided"] = "tanh"

    @property
    def liquidus_width(self) -> float:
        """Over which two-phase and single-phase properties are blended at the liquidus (at the solidus:
        0.01).
        """
        return 0.05 if self.name == "smooth" else SOLIDUS_WIDTH

    @property
    def availability_width(self) -> float:
        """Of the tanh. It is 0.0065 with the smooth closure, whose flux out of a cell is larger."""
        return 0.0065 if self.name == "smooth" else SOLIDUS_WIDTH

    @property
    def columns(self) -> dict[str, set[str]]:
        """What the flux reads for the entropy of the face, and of the cells above and below it."""
        smooth = self.name == "smooth"
        names: dict[str, set[str]] = {"mean": set(), "above": set(), "below": set()}
        for side in ("above", "below") if smooth else ("mean",):
            names[side].add("ln_viscosity")
        if self.separation == "upwind":
            names["above"].add("separation_falling")
            names["below"].add("separation_rising")
        else:
            names["above" if smooth else "mean"].add("separation")
            names["below"].add("availability")
        return names

    def available(self, untruncated: np.ndarray) -> np.ndarray:
        """Availability of melt in a cell, from its melt fraction without bounds."""
        if self.availability == "tanh":
            return two_phase_weight(untruncated, self.availability_width, self.liquidus_width)
        step = np.clip(untruncated / ONE_SIDED_WIDTH, 0.0, 1.0)
        return step**2 * (3 - 2 * step) * two_phase_weight(untruncated, SOLIDUS_WIDTH, self.liquidus_width)


@dataclass(frozen=True)
class Column:
    """What a case specifies of the column.

    cells; crystal_size: radius [m].
    closure, separation, availability: by name, see Closure.
    stretching, top_cell: of the mesh.
    initial_temperature [K] at the surface, or initial_entropy [J/kg/K] of the top cell in its place.
    heating [W/kg]: of time.
    mixing_length [m]; conductivity [W/m/K].
    iron: how that of the magma ocean acts on the column; None: not at all.
    overturn: symbol of the scalar unknown kappa_p [m2/s]; None: no overturn.
    """

    cells: int
    crystal_size: float
    closure: Closure
    stretching: float
    top_cell: float | None
    initial_temperature: float
    initial_entropy: float | None = None
    heating: sympy.Expr = sympy.S.Zero
    mixing_length: float = 0.0
    conductivity: float = 4.0
    iron: Iron | None = None
    overturn: sympy.Symbol | None = None
