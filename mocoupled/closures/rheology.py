"""Viscosity of partly molten silicate across the rheological transition."""

from __future__ import annotations

import math

import sympy

from .registry import law

TRANSITION = 0.4  # melt fraction in the middle of the rheological transition
WIDTH = 0.15  # of the transition, in melt fraction


def pile_share(melt_fraction: sympy.Expr) -> sympy.Expr:
    """How far a mush is part of a pile of crystals: 1 without melt, 0 without crystals, by the same tanh."""
    molten, solid = (math.tanh((end - TRANSITION) / WIDTH) for end in (1.0, 0.0))
    return (molten - sympy.tanh((melt_fraction - TRANSITION) / WIDTH)) / (molten - solid)


@law(
    "viscosity",
    "tanh-Bower2018",
    unit="log10 Pa s",
    reference="Bower, Sanan & Wolf 2018, Phys. Earth Planet. Inter. 274, 49; "
    "values of Bower et al. 2022, section 2.1",
    key="Bower2018",
    further_keys=("Bower2022",),
    doi="10.1016/j.pepi.2017.11.004",
    attributes={"conditions": "no dependence on temperature, pressure or strain rate"},
    melt_fraction=(0.0, 1.0),
)
def rheological_transition(
    *,
    melt_fraction: sympy.Expr,
    centre: float = TRANSITION,
    width: float = WIDTH,
    melt_viscosity: float = 1.0e2,
    solid_viscosity: float = 1.0e22,
    **_: object,
) -> sympy.Expr:
    """log10 of the dynamic viscosity [Pa s]: a smooth step between solid and melt.

    melt_fraction: mass fraction; centre and width of the step, in melt fraction; melt_viscosity and
    solid_viscosity [Pa s], the limits. At melt_fraction 0 and 1 the tanh is 0.5 % and 0.03 % short of its
    limits.
    """
    weight = (1 + sympy.tanh((melt_fraction - centre) / width)) / 2
    log10_melt, log10_solid = (sympy.log(v) / math.log(10.0) for v in (melt_viscosity, solid_viscosity))
    return weight * log10_melt + (1 - weight) * log10_solid
