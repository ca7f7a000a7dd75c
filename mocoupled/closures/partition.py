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


@law(KIND, "olivine-Bell2004", unit="1", reference=_REFERENCE, key="Bell2004", attributes=_BELL, T=_T, P=_P)
def olivine(**_: object) -> sympy.Expr:
    """0.0053 for H2O in olivine (0.0046 at 1250 C)."""
    return sympy.Float(0.0053)


@law(
    KIND,
    "orthopyroxene-Bell2004",
    unit="1",
    reference=_REFERENCE,
    key="Bell2004",
    attributes=_BELL,
    T=_T,
    P=_P,
)
def orthopyroxene(**_: object) -> sympy.Expr:
    """0.0093 for H2O in orthopyroxene (0.0059 at 1250 C)."""
    return sympy.Float(0.0093)


@law(
    KIND,
    "clinopyroxene-Bell2004",
    unit="1",
    reference=_REFERENCE,
    key="Bell2004",
    attributes=_BELL,
    T=_T,
    P=_P,
)
def clinopyroxene(**_: object) -> sympy.Expr:
    """0.016 for H2O in clinopyroxene (0.013 at 1250 C)."""
    return sympy.Float(0.016)


@law(KIND, "garnet-Bell2004", unit="1", reference=_REFERENCE, key="Bell2004", attributes=_BELL, T=_T, P=_P)
def garnet(**_: object) -> sympy.Expr:
    """0.0014 for H2O in garnet (0.0003 at 1250 C)."""
    return sympy.Float(0.0014)


@law(
    KIND,
    "garnet-lherzolite-Bell2004",
    unit="1",
    reference=_REFERENCE,
    key="Bell2004",
    attributes=_BELL,
    T=_T,
    P=_P,
)
def garnet_lherzolite(**_: object) -> sympy.Expr:
    """0.0063 for H2O in all crystals of a garnet lherzolite (0.0051 at 1250 C)."""
    return sympy.Float(0.0063)
