"""What a case specifies of a mantle column, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import sympy

from ..interior.two_phase import SOLIDUS_WIDTH
from .column_iron import Iron
from .mesh import Division


@dataclass(frozen=True)
class Closure:
    """How the heat flux of a face is made of the states on both sides of it, see reservoirs.column.

    name: "consistent", with a limit under refinement, or "reference", the published scheme.
    central: of "consistent", the mean viscosity of both cells where the flux is rising: at the mean
    entropy, the logarithmic mean, or the integral of 1/sqrt(viscosity) by Simpson's rule.
    iron: whether iron is an unknown of every cell.
    """

    name: Literal["consistent", "reference"] = "consistent"
    central: Literal["entropy", "logarithm", "integral"] = "entropy"
    iron: bool = False

    @property
    def liquidus_width(self) -> float:
        """Melt fraction over which two-phase and single-phase properties are blended at the liquidus.

        At the solidus it is 0.01 with both closures.
        """
        return 0.05 if self.name == "consistent" else SOLIDUS_WIDTH

    @property
    def columns(self) -> dict[str, set[str]]:
        """What the flux reads for the entropy of the face, and of the cells above and below it."""
        if self.name == "reference":
            return {"mean": {"ln_viscosity", "separation"}, "above": set(), "below": {"availability"}}
        if self.iron:
            return {
                "mean": {"ln_viscosity", "ln_buoyancy", "density", "ln_solid_convection"},
                "above": {"melt_growing", "melt_shrinking"},
                "below": {"melt_growing", "melt_shrinking", "melt_rich"},
            }
        return {
            "mean": {"ln_viscosity"},
            "above": {"ln_viscosity", "separation_falling", "settling_slope"},
            "below": {"separation_rising", "melt_rich"} | self._central,
        }

    @property
    def _central(self) -> set[str]:
        return set() if self.central == "entropy" else {"ln_viscosity"}


@dataclass(frozen=True)
class Factors:
    """What varies of a column, over what its tables are made of: expressions; None where nothing does.

    separation: speed of melt and crystals; viscosity: of melt and mush; conductivity.
    numbers: name -> value of each symbol in them, and in other numbers of the column.
    """

    separation: sympy.Expr | None = None
    viscosity: sympy.Expr | None = None
    conductivity: sympy.Expr | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """What a case specifies of the column.

    crystal_size: radius [m].
    division: into cells.
    initial_temperature [K] at the surface, or initial_entropy [J/kg/K] of the top cell in its place.
    heating [W/kg]: of time.
    mixing_length [m]; conductivity [W/m/K].
    iron: of every cell; None: it is not followed.
    factors: what varies, with symbols.
    """

    crystal_size: float
    closure: Closure
    division: Division
    initial_temperature: float
    initial_entropy: float | None = None
    heating: sympy.Expr = sympy.S.Zero
    mixing_length: float | sympy.Expr = 0.0
    conductivity: float = 4.0
    iron: Iron | None = None
    factors: Factors = field(default_factory=Factors)
