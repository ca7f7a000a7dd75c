"""Classes of silicate melts by silica and magnesia: of the melt on which a law was measured."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from .law_types import Law, NumericLaw, Range

# wt%; basic, intermediate and acid rocks end at 45, 52 and 63 % SiO2, and a melt with more than 18 % MgO is
# ultramafic (komatiite), in the chemical classification of volcanic rocks
SOURCE = (
    "Le Maitre (ed.) 2002, Igneous Rocks: a classification and glossary of terms: limits of SiO2 and MgO of "
    "its chemical classification"
)
_BASIC: Mapping[str, Range] = {"SiO2": (45.0, 52.0), "MgO": (0.0, 18.0)}
_ACID: Mapping[str, Range] = {"SiO2": (63.0, 80.0), "MgO": (0.0, 18.0)}
CLASSES: Mapping[str, Mapping[str, Range]] = MappingProxyType(
    {
        "peridotite": {"SiO2": (30.0, 52.0), "MgO": (18.0, 60.0)},
        "basalt": _BASIC,
        "trachybasalt": _BASIC,
        "haplobasalt": _BASIC,
        "anorthite-diopside": _BASIC,
        "An50Di28Fo22": _BASIC,
        "andesite": {"SiO2": (52.0, 63.0), "MgO": (0.0, 18.0)},
        "rhyolite": _ACID,
        "silicic glass": _ACID,
    }
)


def class_of(melt: str) -> Mapping[str, Range]:
    """The ranges [wt%] of the class of a melt, by oxide; empty for a melt without one.

    melt: as a law names it, with words on its origin in brackets ("basalt (MORB)").
    """
    return CLASSES.get(melt.partition("(")[0].strip(), {})


def measured_on(law: Law) -> str:
    """The melt on which a law was measured, as its declaration names it; "" for none."""
    if isinstance(law, NumericLaw):
        return ""
    return law.dissolution.melt if law.dissolution else law.melt


def outside(
    law: Law, oxides: Mapping[str, float | np.ndarray]
) -> dict[str, tuple[float | np.ndarray, Range]]:
    """Oxide -> its share and its range [wt%], where a melt is of another class than the law was measured on.

    oxides: mass fractions, numbers or arrays of them.
    """
    shares = {oxide: 100 * oxides.get(oxide, 0.0) for oxide in ("SiO2", "MgO")}
    ranges = class_of(measured_on(law))
    return {
        oxide: (shares[oxide], (low, high))
        for oxide, (low, high) in ranges.items()
        if np.any((np.asarray(shares[oxide]) < low) | (np.asarray(shares[oxide]) > high))
    }
