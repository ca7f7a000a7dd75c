"""The regular solution of MELTS: ten components of a silicate liquid with an energy for each pair.

The law is one function of the components' amounts, the free energy of mixing over RT.
Its derivative by an amount is ln of that component's activity.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

import sympy

from ..closures.registry import law
from .associated_solution import oxides_of

KIND: Final = "melt_activity"
NAME = "MELTS-GhiorsoSack1995"
PREFIX = "n_"  # of the arguments: n_SiO2 is the amount of the component SiO2
COMPONENTS = (
    "SiO2", "Mg2SiO4", "Fe2SiO4", "CaSiO3", "Al2O3", "Fe2O3", "TiO2", "MgCr2O4", "Na2SiO3", "KAlSiO4",
)  # fmt: skip
# as in the fit [J/mol/K]
R_OF_FIT = 8.3143
# J/mol: each component with those that follow it in COMPONENTS
_ENERGIES = (
    (3421.0, 23660.9, -863.7, -39120.0, 8110.3, 26266.7, 27886.3, -99039.0, -33921.7),
    (-37256.7, -31731.9, -32880.3, -71518.6, -4178.3, 46049.2, -41876.9, 22323.1),
    (-12970.8, -30509.0, -179064.9, 5209.1, -82971.8, -90533.8, 23649.4),
    (-57917.9, 12076.6, -35372.5, 30704.7, -13247.1, 17111.1),
    (-17089.4, -29449.8, -31770.3, -130785.0, -25859.2),
    (-84756.9, 21605.9, -149662.2, 57555.9),
    (-72303.4, -15415.6, -48094.6),
    (113646.0, 75709.1),
    (6522.8,),
)
ENERGIES: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        (first, second): W
        for k, (first, row) in enumerate(zip(COMPONENTS, _ENERGIES))
        for second, W in zip(COMPONENTS[k + 1 :], row)
    }
)
# The oxide by which each component enters; the silica that is left is the component SiO2.
OXIDE_OF = MappingProxyType(
    {
        "Mg2SiO4": "MgO", "Fe2SiO4": "FeO", "CaSiO3": "CaO", "Al2O3": "Al2O3", "TiO2": "TiO2",
        "MgCr2O4": "Cr2O3", "Na2SiO3": "Na2O", "KAlSiO4": "K2O", "SiO2": "SiO2",
    }
)  # fmt: skip
_FIRST = ("MgCr2O4", "KAlSiO4")


def components_of(oxides: Collection[str]) -> tuple[str, ...]:
    """The components that a melt of these oxides has; SiO2 is always among them."""
    return tuple(c for c in COMPONENTS if c == "SiO2" or OXIDE_OF.get(c) in oxides)


def amounts_of(moles: Mapping[str, Any]) -> dict[str, Any]:
    """Moles of the components from moles of oxides: numbers, arrays or expressions.

    Each component takes its oxides; what is left of the silica is the component SiO2. It is negative where a
    melt has too little silica for its other oxides, as that of Al2O3 is where it has more K2O than Al2O3.
    """
    rest = dict(moles)
    amounts: dict[str, Any] = {}
    # MgCr2O4 and KAlSiO4 take oxides of other components, which are therefore behind them
    for component in (*_FIRST, *(c for c in components_of(moles) if c not in _FIRST)):
        oxide = OXIDE_OF.get(component)
        if oxide not in rest or component == "SiO2":
            continue
        content = oxides_of(component)
        count = content[oxide]
        amounts[component] = rest[oxide] / float(count) if count != 1 else rest[oxide]
        for other, needed in content.items():
            if other != oxide:
                rest[other] = rest.get(other, 0) - amounts[component] * float(needed)
    amounts["SiO2"] = rest.get("SiO2", 0)
    return {component: amounts[component] for component in components_of(moles)}


@law(
    KIND,
    NAME,
    unit="1",
    reference="Ghiorso & Sack 1995, Contrib. Mineral. Petrol. 119, 197",
    key="Ghiorso1995",
    doi="10.1007/BF00307281",
    attributes={
        "arguments": ("T", *(PREFIX + component for component in COMPONENTS)),
        "conditions": "liquids in equilibrium with minerals, mostly of 1000 to 1600 C and 1 bar to 4 GPa; "
        "mixing independent of pressure; without water",
        "note": "K is 2 dex above IMCC-MAGMA, Si and Fe differ by 0.3 to 0.7 dex, for a bulk silicate Earth",
    },
)
def free_energy_of_mixing(*, T: sympy.Expr, **amounts: sympy.Expr) -> sympy.Expr:
    """Free energy of mixing over RT: sum n ln x + sum over pairs of W n_i n_j / (n R T).

    T [K]; n_SiO2, n_Mg2SiO4, ...: moles of the components; n: their sum, x = n_i/n.
    """
    n = {name.removeprefix(PREFIX): value for name, value in amounts.items() if name.startswith(PREFIX)}
    total = sympy.Add(*n.values())
    ideal = sympy.Add(*(value * (sympy.log(value) - sympy.log(total)) for value in n.values()))
    pairs = [W * n[a] * n[b] for (a, b), W in ENERGIES.items() if a in n and b in n]
    return ideal + sympy.Add(*pairs) / (total * R_OF_FIT * T)
