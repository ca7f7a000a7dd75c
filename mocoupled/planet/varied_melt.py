"""A melt whose composition is a parameter of the equations: amounts of its oxides in symbols."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy

from ..closures.ferric_iron import OXIDES
from ..dae.declare.model import Model, Output, Parameter
from .vapour_of_melt import ln_moles


@dataclass(frozen=True)
class VariedMelt:
    """A melt of these oxides, whose amounts are parameters (ln_moles_OXIDE, in any unit)."""

    oxides: tuple[str, ...]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """ln of the moles of each oxide."""
        return tuple(ln_moles(oxide) for oxide in self.oxides)

    @property
    def ln_moles(self) -> dict[str, sympy.Expr]:
        """Oxide -> ln of its moles."""
        return {oxide: ln_moles(oxide).symbol for oxide in self.oxides}

    @property
    def mass_fractions(self) -> dict[str, sympy.Expr]:
        """Oxide -> mass fraction, all iron as FeO."""
        masses = {oxide: OXIDES[oxide][0] * sympy.exp(ln_n) for oxide, ln_n in self.ln_moles.items()}
        whole = sympy.Add(*masses.values())
        return {oxide: mass / whole for oxide, mass in masses.items()}

    def declared(self, listed: Iterable[str] | None = None) -> Model:
        """The parameters, and mass fractions as outputs. listed: the oxides of other outputs."""
        title = "mass fraction of the oxide in the melt"
        shares = self.mass_fractions
        outputs = tuple(
            Output("melt_mass_fraction", shares[oxide], "1", title, "oxide", oxide)
            for oxide in (self.oxides if listed is None else listed)
        )
        return Model("melt by oxides", parameters=self.parameters, outputs=outputs)
