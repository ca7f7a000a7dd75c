"""Partition of volatiles between crystals and melt: mass fraction in the crystals over that in the melt."""

from __future__ import annotations

from typing import Final

import sympy

from .registry import Attributes, law

KIND: Final = "partition"
_BELL: Attributes = {
    "species": "H2O",
    "arguments": (),
    "conditions": "megacrysts that crystallised from a kimberlitic melt at 5 GPa, 1380 to 1250 C; the "
    "value at 1380 C, where D is largest; it is used at every temperature and pressure",
}
_REFERENCE = "Bell, Rossman & Moore 2004, J. Petrology 45, 1539, abstract"
# K, Pa
_T, _P = (1523.0, 1653.0), (5e9, 5e9)


# crystals -> D at 1380 C, and at 1250 C
_MEASURED = {
    "olivine": (0.0053, 0.0046),
    "orthopyroxene": (0.0093, 0.0059),
    "clinopyroxene": (0.016, 0.013),
    "garnet": (0.0014, 0.0003),
    "garnet-lherzolite": (0.0063, 0.0051),
}


def _register(crystals: str, hot: float, cold: float) -> None:
    """Register the coefficient of H2O in these crystals."""

    def coefficient(**_: object) -> sympy.Expr:
        return sympy.Float(hot)

    coefficient.__doc__ = f"{hot:g} for H2O in {crystals.replace('-', ' ')} ({cold:g} at 1250 C)."
    declare = law(
        KIND,
        f"{crystals}-Bell2004",
        unit="1",
        reference=_REFERENCE,
        key="Bell2004",
        attributes=_BELL,
        T=_T,
        P=_P,
    )
    declare(coefficient)


for _crystals, (_hot, _cold) in _MEASURED.items():
    _register(_crystals, _hot, _cold)
