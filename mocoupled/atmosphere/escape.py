"""Escape of hydrogen to space: flux of H2 per unit area of the planet."""

from __future__ import annotations

import sympy

from ..closures.registry import law
from ..constants import AVOGADRO_CONSTANT


@law(
    "escape",
    "Zahnle2019",
    unit="mol/m2/s",
    reference="Zahnle, Gacesa & Catling 2019, Geochim. Cosmochim. Acta 244, 56, Eq. 3; Eq. "
    "9-10 of Bower et al. 2022",
    key="Zahnle2019",
    further_keys=("Bower2022",),
    doi="10.1016/j.gca.2018.09.017",
    attributes={
        "species": "H2",
        "conditions": "H2 in a hydrostatic carbon-rich gas, for the gravity and size of the Earth, "
        "not scaled to others; range of xuv not stated",
    },
    mixing_ratio_H2=(0.0, 1.0),
)
def energy_and_diffusion_limited(
    *, mixing_ratio_H2: sympy.Expr, xuv: sympy.Expr, prefactor: sympy.Expr, **_: object
) -> sympy.Expr:
    """Flux of H2 [mol/m2/s]: limited by energy at low xuv, by diffusion at high xuv.

    mixing_ratio_H2: mole fraction of H2 in the atmosphere; xuv:
    stellar XUV irradiation over that of the present Earth;
    prefactor: scaling, 1 for the published law.
    """
    saturated = 1.0e16 / AVOGADRO_CONSTANT  # 1e12 molecules per cm2 and s
    return prefactor * saturated * mixing_ratio_H2 * xuv / sympy.sqrt(1.0 + 0.006 * xuv**2)


@law("escape", "none", unit="mol/m2/s", reference="no escape", attributes={"species": "H2"})
def no_escape(**_: object) -> sympy.Expr:
    """Nothing escapes: 0 mol/m2/s."""
    return sympy.Integer(0)
