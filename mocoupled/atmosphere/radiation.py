"""Radiation at the top of a magma ocean: grey two-stream atmosphere and its simpler alternatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import sympy

from ..closures.registry import law
from ..constants import ATMOSPHERE, STEFAN_BOLTZMANN_CONSTANT

Value: TypeAlias = "float | np.ndarray | sympy.Expr"


def effective_absorption(absorption: Value, gravity: Value, reference_pressure: float = ATMOSPHERE) -> Value:
    """Absorption coefficient [m2/kg] that stands for the pressure-broadened column: sqrt(k0 g/(3 p0)).

    absorption: k0 [m2/kg] at reference_pressure p0 [Pa]; gravity [m/s2];
    numbers, arrays or sympy expressions.
    Abe & Matsui 1985, J. Geophys. Res. 90, C545, Eq. A22.
    """
    return (absorption * gravity / (3.0 * reference_pressure)) ** 0.5


def optical_depth(pressures: Sequence[Value], absorptions: Sequence[Value], gravity: Value) -> Value:
    """Grey optical depth of the whole atmosphere [-]: 3/2 sum(k_v p_v)/g, linear in the partial pressures.

    pressures [Pa] and absorptions [m2/kg], the `effective_absorption` of each species: one entry a species,
    each a number, an array or a sympy expression; gravity [m/s2].
    Raises ValueError for sequences of different lengths.
    Abe & Matsui 1985; section 2.1 of Bower et al. 2022.
    """
    terms = [k * p for k, p in zip(absorptions, pressures, strict=True)]
    return 1.5 * sum(terms) / gravity


def _black(T: sympy.Expr, T_eq: sympy.Expr) -> sympy.Expr:
    """Net black-body exchange [W/m2] of a surface at T with surroundings at T_eq [K]."""
    return STEFAN_BOLTZMANN_CONSTANT * (T**4 - T_eq**4)


@law(
    "radiation",
    "AbeMatsui1985",
    unit="W/m2",
    reference="Abe & Matsui 1985, J. Geophys. Res. 90, C545; section 2.1 of Bower et al. 2022, PSJ 3, 93",
    key="Abe1985",
    further_keys=("Bower2022",),
    doi="10.1029/JB090iS02p0C545",
    attributes={"conditions": "grey, two streams, no scattering, no runaway limit"},
)
def grey_two_stream(*, optical_depth: sympy.Expr, T: sympy.Expr, T_eq: sympy.Expr, **_: object) -> sympy.Expr:
    """Flux [W/m2] through a grey atmosphere of emissivity 2/(optical_depth + 2);
    T of the surface, T_eq [K].
    """
    return 2.0 / (optical_depth + 2.0) * _black(T, T_eq)


@law(
    "radiation",
    "Zahnle1988-steam",
    unit="W/m2",
    reference="Zahnle, Kasting & Pollack 1988, Icarus 74, 62; fit as in SPIDER (Bower et al. 2018)",
    key="Zahnle1988",
    further_keys=("Bower2018",),
    doi="10.1016/0019-1035(88)90031-0",
    attributes={"conditions": "steam atmosphere of the early Earth; range not stated"},
)
def steam(*, T: sympy.Expr, **_: object) -> sympy.Expr:
    """Flux [W/m2] through a steam atmosphere, from surface T [K] alone: 150 + 1.02e-5 exp(0.011 T)."""
    return 150.0 + 1.02e-5 * sympy.exp(0.011 * T)


@law("radiation", "blackbody", unit="W/m2", reference="Stefan-Boltzmann law")
def blackbody(*, T: sympy.Expr, T_eq: sympy.Expr, **_: object) -> sympy.Expr:
    """Flux [W/m2] of a bare surface at T [K] with an equilibrium temperature T_eq [K]."""
    return _black(T, T_eq)


@law("radiation", "constant-emissivity", unit="W/m2", reference="Stefan-Boltzmann law", emissivity=(0.0, 1.0))
def constant_emissivity(
    *, emissivity: sympy.Expr, T: sympy.Expr, T_eq: sympy.Expr, **_: object
) -> sympy.Expr:
    """Flux [W/m2] under an atmosphere of given emissivity [-]; surface T [K], equilibrium T_eq [K]."""
    return emissivity * _black(T, T_eq)


@law(
    "radiation",
    "bands",
    unit="W/m2",
    reference="17 bands of 4 quantiles fitted to HITEMP and HITRAN lines (Rothman et al. 2010; "
    "Gordon et al. 2017) in the tables of Wogan et al. 2023, with MT_CKD (Mlawer et al. 2012) and colliding "
    "pairs (Karman et al. 2019)",
    key="Rothman2010",
    further_keys=("Gordon2017", "Wogan2023", "Mlawer2012", "Karman2019"),
    doi="10.1016/j.jqsrt.2010.05.001",
    attributes={
        "conditions": "convecting up to the stratosphere, moist above the clouds, no cloud in the way"
    },
    T=(300.0, 4000.0),
    P=(1.0e3, 1.0e9),
)
def by_bands(*, outgoing: sympy.Expr, absorbed: sympy.Expr, **_: object) -> sympy.Expr:
    """Net flux [W/m2]: outgoing radiation by spectral bands less the absorbed starlight."""
    return outgoing - absorbed


def grey_temperature(tau: Value, flux: Value, T_eq: Value) -> Value:
    """Temperature [K] at optical depth tau [-] below the top of a grey atmosphere that carries `flux` [W/m2].

    T^4 = T_eq^4 + flux/sigma (1 + tau)/2; T_eq [K]; numbers or arrays of one shape.
    The ground is hotter than the air above it by T_s^4 - T^4 = flux/(2 sigma), as in every two-stream
    atmosphere. Abe & Matsui 1985.
    """
    return (T_eq**4 + flux / STEFAN_BOLTZMANN_CONSTANT * (1.0 + tau) / 2.0) ** 0.25


def grey_pressure(
    tau: Value, mixing_ratios: Sequence[Value], absorptions: Sequence[Value], gravity: Value
) -> Value:
    """Pressure [Pa] at optical depth tau [-] of a well-mixed grey atmosphere: (2/3) g tau / sum(x_v k_v).

    mixing_ratios [mol/mol] and absorptions [m2/kg], the `effective_absorption`: one entry a species;
    gravity [m/s2].
    """
    mean = sum(x * k for x, k in zip(mixing_ratios, absorptions, strict=True))
    return 2.0 / 3.0 * gravity * tau / mean
