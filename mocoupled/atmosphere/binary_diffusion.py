"""Binary diffusion of atoms through atomic hydrogen: b = n D, by element, each with its source.

Two pairs are measured or computed in the literature, and D follows from those. The other elements have the
cross-section of oxygen: b scales with the square root of 1/m_H + 1/m, as in Genda & Ikoma (2008, Appendix C).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import sympy

from ..closures.law_types import SymbolicLaw, symbolic
from ..closures.registry import find, law
from ..errors import InputError

KIND = "binary_diffusion"
CARRIER = "H"
# kg/mol: standard atomic weights, IUPAC 2021; of D the mass of the isotope
ATOMIC_MASSES: Mapping[str, float] = MappingProxyType({
    "H": 1.008e-3, "D": 2.014102e-3, "He": 4.002602e-3, "C": 12.011e-3, "N": 14.007e-3, "O": 15.999e-3,
    "Ne": 20.1797e-3, "S": 32.06e-3, "Ar": 39.95e-3, "Kr": 83.798e-3, "Xe": 131.293e-3,
})  # fmt: skip
PUBLISHED: Mapping[str, str] = MappingProxyType(
    {"O": "O-ZahnleKasting1986", "He": "He-MasonMarrero1970", "D": "D-GendaIkoma2008"}
)
SCALED = "scaled-GendaIkoma2008"
# elements of a case, and noble gases
OF_OXYGEN = ("C", "N", "S", "Ne", "Ar", "Kr", "Xe")
_ISOTOPE = re.compile(r"([0-9]{1,3})?([A-Z][a-z]?)")


@law(
    KIND,
    "O-ZahnleKasting1986",
    unit="1/m/s",
    reference="Zahnle & Kasting 1986, Icarus 68, 462",
    key="Zahnle1986",
    doi="10.1016/0019-1035(86)90051-5",
    attributes={"species": "O"},
)
def of_oxygen(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """Of O in H [1/m/s]; T [K]."""
    return 4.8e19 * T**0.75


@law(
    KIND,
    "He-MasonMarrero1970",
    unit="1/m/s",
    reference="Mason & Marrero 1970, Adv. At. Mol. Phys. 6, 155",
    key="Mason1970",
    attributes={"species": "He"},
)
def of_helium(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """Of He in H [1/m/s]; T [K]."""
    return 1.04e20 * T**0.732


@law(
    KIND,
    "D-GendaIkoma2008",
    unit="1/m/s",
    reference="Genda & Ikoma 2008, Icarus 194, 42",
    key="Genda2008",
    doi="10.1016/j.icarus.2007.09.007",
    attributes={"species": "D"},
)
def of_deuterium(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """Of D in H [1/m/s], which is not measured; T [K]."""
    return 7.183e19 * T**0.728


@law(
    KIND,
    SCALED,
    unit="1/m/s",
    reference="Genda & Ikoma 2008, Icarus 194, 42, Appendix C, from b of O by Zahnle & Kasting 1986",
    key="Genda2008",
    further_keys=("Zahnle1986",),
    doi="10.1016/j.icarus.2007.09.007",
    attributes={"conditions": "an element without a measurement, with the cross-section of O"},
)
def scaled_from_oxygen(*, T: sympy.Expr, molar_mass: sympy.Expr | float, **_: object) -> sympy.Expr:
    """Of an element in H [1/m/s]; T [K], molar_mass [kg/mol]."""
    carrier, oxygen = ATOMIC_MASSES[CARRIER], ATOMIC_MASSES["O"]
    return (
        symbolic(find(KIND, PUBLISHED["O"]))(T=T)
        * ((1 / carrier + 1 / molar_mass) / (1 / carrier + 1 / oxygen)) ** 0.5
    )


def diffusion_law(name: str, where: str) -> SymbolicLaw:
    """The law of b of an element or isotope ("O", "D", "36Ar") in H.

    InputError, at `where`, for one without a coefficient.
    """
    element = element_of(name)
    if element in PUBLISHED:
        return symbolic(find(KIND, PUBLISHED[element]))
    if element in OF_OXYGEN:
        return symbolic(find(KIND, SCALED))
    known = ", ".join((*PUBLISHED, *OF_OXYGEN))
    raise InputError(
        where,
        f"{name} has no coefficient of diffusion through hydrogen.",
        f"known: {known}",
        f"state its b [1/m/s] in escape.diffusion.{name}",
    )


def element_of(name: str) -> str:
    """The element of an isotope ("36Ar" -> "Ar"); a name of another form as it is."""
    parts = _ISOTOPE.fullmatch(name)
    return parts[2] if parts else name


def molar_mass_of(name: str, where: str) -> float:
    """Molar mass of an element or isotope [kg/mol]; InputError, at `where`, for one that is not known.

    That of an isotope is its mass number, within 0.1 %.
    """
    parts = _ISOTOPE.fullmatch(name)
    if parts is None or parts[2] not in ATOMIC_MASSES or (parts[1] and parts[2] == "D"):
        raise InputError(
            where,
            f"the mass of {name!r} is not known.",
            f"known: {', '.join(ATOMIC_MASSES)}, and isotopes such as '36Ar'",
        )
    if not parts[1]:
        return ATOMIC_MASSES[parts[2]]
    mass = 1e-3 * int(parts[1])
    if not 0.7 < mass / ATOMIC_MASSES[parts[2]] < 1.4:
        raise InputError(
            where, f"{parts[2]} has no isotope of mass number {parts[1]}.", "allowed: '20Ne', '36Ar', '3He'"
        )
    return mass
