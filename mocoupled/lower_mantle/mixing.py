"""Liquid MgO-FeO-SiO2: its free energy of mixing in sympy, and the saturation in solids generated from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np
import sympy

from ..closures.registry import find, law, names
from ..constants import GAS_CONSTANT
from ..errors import InputError, nearest
from .end_members import (
    FE_BRIDGMANITE,
    FEO_LIQUID,
    MG_BRIDGMANITE,
    MGO_LIQUID,
    PERICLASE,
    SIO2_LIQUID,
    STISHOVITE,
    WUSTITE,
)

KIND: Final = "liquid_mixing"
PRESSURE_RANGE = (25.0e9, 136.0e9)  # Pa: below, bridgmanite is metastable; above is the core
STABLE_RANGE = (2900.0, 4100.0)  # K, over which `full` is stable against unmixing, at 25-129 GPa
PHASES = ("ferropericlase", "bridgmanite", "stishovite")
SPECIES = (
    FEO_LIQUID,
    MGO_LIQUID,
    SIO2_LIQUID,
    WUSTITE,
    PERICLASE,
    FE_BRIDGMANITE,
    MG_BRIDGMANITE,
    STISHOVITE,
)

_REFERENCE = "Boukaré, Ricard & Fiquet 2015, J. Geophys. Res. 120, 6085"
_KEY, _DOI = "Boukare2015", "10.1002/2015JB011929"
_CHOSEN = (
    "Of the readings of the published numbers, the only one that gives Nabiei et al. 2021 at 52 GPa; "
    "chosen by D_Fe and the 33-36 % of bridgmanite"
)


@dataclass(frozen=True)
class _Reading:
    """W(MgO-SiO2) = constant + pressure (P - 20 GPa) + linear (T - 1500 K) + square (T - 1500 K)2.

    constant [J/mol], pressure [J/mol/Pa], linear [J/mol/K], square [J/mol/K2]; conditions:
    what the reading is.
    """

    constant: float
    linear: float
    square: float
    conditions: str
    pressure: float = 0.088e-6


# The mixing law is not in the notes of the first author.
# What survives is numbers whose signs and halves were changed twice.
# `head` and `eb9` are those of two versions of a program, recovered from their values at three conditions.
_READINGS = MappingProxyType(
    {
        "full": _Reading(-125.0e3, -30.0, -17.0e-3, _CHOSEN),
        "half": _Reading(
            -125.0e3,
            -30.0,
            -8.5e-3,
            "half of the quadratic term: -125.000 kJ/mol at the reference, as one check prints; "
            "40 % of bridgmanite",
        ),
        "pos": _Reading(
            -125.0e3,
            -30.0,
            8.5e-3,
            "half of the quadratic term, its sign reversed; pyrolite's liquidus at 52 GPa is 4501 K",
        ),
        "head": _Reading(
            -119.15e3,
            -22.2,
            1.3e-3,
            "the latest of a program's versions; pyrolite's liquidus at 52 GPa is 4251 K",
        ),
        "eb9": _Reading(
            -144.125e3,
            -55.5,
            -17.0e-3,
            "a program's version of 2018; near unmixing, ferropericlase first, "
            "iron depleted as it crystallises",
        ),
    }
)

# MgSiO3 melting temperature [GPa, K] that `anchored` takes where none is prescribed.
# It is an illustration, between the shocked and the statically measured curves, not a published curve.
ANCHOR = ((25.0, 2870.0), (52.0, 3700.0), (80.0, 4200.0), (136.0, 5200.0))


_NAMES = (*_READINGS, "anchored", "fitted")


def _register(name: str, reading: _Reading) -> None:
    """Register the law of a reading."""

    def energy(*, P: sympy.Expr, T: sympy.Expr, **_: object) -> sympy.Expr:
        """Interaction energy W [J/mol] of MgO and SiO2 in the liquid; P [Pa], T [K]."""
        compressed = reading.constant + reading.pressure * (P - 20.0e9)
        return compressed + reading.linear * (T - 1500) + reading.square * (T - 1500) ** 2

    declare = law(
        KIND,
        name,
        unit="J/mol",
        reference=_REFERENCE,
        key=_KEY,
        doi=_DOI,
        attributes={"arguments": ("P", "T"), "conditions": reading.conditions},
        P=PRESSURE_RANGE,
        T=STABLE_RANGE,
    )
    declare(energy)


for _name, _reading in _READINGS.items():
    _register(_name, _reading)


@law(
    KIND,
    "anchored",
    unit="J/mol",
    reference="this work",
    P=PRESSURE_RANGE,
    attributes={
        "arguments": ("anchor",),
        "conditions": "independent of T; such that MgSiO3 melts where it is told to",
    },
)
def anchored_energy(*, anchor: sympy.Expr, **_: object) -> sympy.Expr:
    """Interaction energy W [J/mol] of MgO and SiO2 in the liquid, given as the number `anchor` (see
    `anchor_energy`).
    """
    return anchor


FITTED = "fitted"
_FITTED_REFERENCE = (
    "this work: least squares on numbers of Nabiei et al. 2021 at 52 GPa, eutectics of Dannberg et al. "
    "2021 at 120 GPa, the melting of MgSiO3 from 25 to 136 GPa and a volume of its liquid"
)


@law(
    KIND,
    FITTED,
    unit="J/mol",
    reference=_FITTED_REFERENCE,
    key="Nabiei2021",
    further_keys=("Dannberg2021",),
    P=PRESSURE_RANGE,
    T=(1950.0, 7000.0),
    attributes={
        "arguments": ("P", "T"),
        "conditions": "six parameters, chi2 11.0 for 15 data and 3 priors; standard errors: constant 12.7, "
        "low-pressure term 25.7 kJ/mol, slope 0.46 kJ/mol/GPa, T 20.6 J/mol/K; with a law of its own for FeO",
    },
)
def fitted_energy(*, P: sympy.Expr, T: sympy.Expr, **_: object) -> sympy.Expr:
    """Interaction energy W [J/mol] of MgO and SiO2 in the liquid, fitted; P [Pa], T [K].

    Linear in pressure and temperature, with a term that fades above 25 GPa.
    """
    linear = -268.61e3 + 1.964e-6 * (P - 52e9) - 30.77 * (T - 3600)
    return linear + 87.23e3 * sympy.exp(-(P - 25e9) / 20e9)


@law(
    "liquid_mixing_iron",
    FITTED,
    unit="J/mol",
    reference=_FITTED_REFERENCE,
    key="Nabiei2021",
    further_keys=("Dannberg2021",),
    P=PRESSURE_RANGE,
    attributes={"conditions": "constant fitted with a standard error of 9.9 kJ/mol; slope as in Boukare2015"},
)
def fitted_iron_energy(*, P: sympy.Expr, **_: object) -> sympy.Expr:
    """Interaction energy W [J/mol] of FeO and SiO2 in the liquid, fitted; P [Pa]."""
    return -37.69e3 + 0.19e-6 * (P - 52e9)


@law(
    "liquid_mixing_iron",
    "Boukare2015",
    unit="J/mol",
    reference=_REFERENCE,
    key="Boukare2015",
    doi="10.1002/2015JB011929",
    P=PRESSURE_RANGE,
)
def iron_energy(*, P: sympy.Expr, **_: object) -> sympy.Expr:
    """Interaction energy W [J/mol] of FeO and SiO2 in the liquid; P [Pa]."""
    return -45.2e3 + 0.19e-6 * (P - 20.0e9)


def anchor_energy(T: float, gibbs_energies: Sequence[float]) -> float:
    """W [J/mol] of `anchored`, from the melting temperature T [K] of MgSiO3.

    There the liquid and bridgmanite have the same Gibbs energy.

    gibbs_energies: of MgSiO3 bridgmanite, liquid MgO and liquid SiO2 [J/mol], at the pressure and T.
    """
    solid, magnesia, silica = gibbs_energies
    return 2 * (solid - magnesia - silica + 2 * GAS_CONSTANT * T * float(sympy.log(2)))


def check_mixing(name: str) -> str:
    """The name of a reading; InputError, with the known ones, for another."""
    if name not in names(KIND):
        raise InputError(
            f"mixing {name!r}",
            "no reading of the liquid's mixing law has this name.",
            f"known: {', '.join(_NAMES)}",
            nearest(str(name), names(KIND)),
        )
    return name


def readings() -> dict[str, str]:
    """Name of every reading -> its description."""
    return {name: find(KIND, name).conditions for name in _NAMES}


Expressions = list[sympy.Expr]
Program = Callable[..., list[np.ndarray]]


@dataclass(frozen=True)
class _Declared:
    """What the programs are generated from.

    Arguments (mole fractions, T, P, the anchor), energies G(T) of SPECIES, and the expressions.
    """

    arguments: Expressions
    energies: Expressions
    temperature: sympy.Symbol
    saturation: Expressions
    slopes: Expressions
    curvature: Expressions


def _declare(mixing: str) -> _Declared:
    """The free energy of mixing of n moles of liquid oxides, and saturation in solids.

    The solids are ideal on one (Mg, Fe) site.

    A solid's index is S = ln of the sum over its end-members of exp((mu_liquid - G_solid)/RT):
    0 where it is in equilibrium, above 0 where it would grow;
    its Fe/(Fe + Mg) is the share of the iron end-member in the sum.
    """
    n_F, n_M, n_S, T, P = n = sympy.symbols("n_F n_M n_S T P", positive=True)
    anchor = sympy.Symbol("anchor", real=True)
    moles, amount = n[:3], n_F + n_M + n_S
    G = [sympy.Function(f"G{k}")(T) for k in range(len(SPECIES))]
    RT = GAS_CONSTANT * T
    W = find(KIND, mixing)(P=P, T=T, anchor=anchor)
    of_iron = FITTED if mixing == FITTED else "Boukare2015"
    W_iron = find("liquid_mixing_iron", of_iron)(P=P)  # W of FeO and MgO is zero
    ideal = sum(m * sympy.log(m / amount) for m in moles)
    excess = (W * n_M + W_iron * n_F) * n_S / amount
    mixing_energy = RT * ideal + excess
    # exp(mu/RT) = (n_i/n) exp(excess): a number also without one of the oxides
    activity = [sympy.exp(sympy.simplify(sympy.diff(ideal, m))) for m in moles]
    potential = [g + sympy.diff(excess, m) for g, m in zip(G, moles)]

    def affinity(solid: int) -> sympy.Expr:
        share = sympy.prod([a**k for a, k in zip(activity, SPECIES[solid].oxides)])
        return share * sympy.exp(
            (sum(k * mu for k, mu in zip(SPECIES[solid].oxides, potential)) - G[solid]) / RT
        )

    pairs = [(affinity(3), affinity(4)), (affinity(5), affinity(6))]
    index = [*(sympy.log(iron + magnesium) for iron, magnesium in pairs), sympy.log(affinity(7))]
    iron_share = [iron / (iron + magnesium) for iron, magnesium in pairs]
    curvature = [sympy.diff(mixing_energy, a, b) for a, b in ((n_F, n_F), (n_S, n_S), (n_F, n_S))]
    excess_volume = sympy.diff(mixing_energy, P)
    states = (*moles, T)
    slopes = [sympy.diff(quantity, z) for quantity in (*index, *iron_share) for z in states]
    return _Declared([*n, anchor], G, T, index + iron_share, slopes, [*curvature, excess_volume])


@cache
def programs(mixing: str, library: str = "numpy") -> tuple[Program, Program, Program]:
    """Generated functions of (x_FeO, x_MgO, x_SiO2, T, P, anchor, *G of SPECIES, *S of SPECIES).

    library: "numpy" for arrays or "math" for single numbers. They give:
    1. saturation indices of PHASES (3), Fe/(Fe + Mg) of ferropericlase and of bridgmanite (2);
    2. the same, then their 20 slopes along (x_FeO, x_MgO, x_SiO2, T), T also within the end-members;
    3. d2G/dn2 for (FeO, FeO), (SiO2, SiO2), (FeO, SiO2) [J/mol], and the volume of mixing [m3/mol].
    """
    declared = _declare(mixing)
    G, T = declared.energies, declared.temperature
    energies = sympy.symbols(f"G0:{len(SPECIES)}", real=True)
    entropies = sympy.symbols(f"S0:{len(SPECIES)}", real=True)
    named = {sympy.Derivative(g, T): -s for g, s in zip(G, entropies)}
    plain = dict(zip(G, energies))
    groups = (declared.saturation, declared.saturation + declared.slopes, declared.curvature)
    rows = [[e.xreplace(named).xreplace(plain) for e in group] for group in groups]
    symbols = [*declared.arguments, *energies, *entropies]
    values_of, slopes_of, curvature_of = (
        sympy.lambdify(symbols, row, modules=library, cse=True) for row in rows
    )
    return values_of, slopes_of, curvature_of
