"""Exchange of iron and magnesium between melt and crystals: distillation, the melting lens, melting of ascending cumulates.

Compositions are X = Fe/(Fe + Mg), molar, from 0 to 1 (Fe# = 100 X, Mg# = 100 (1 - X)). KD = (Fe/Mg of the crystals)/
(Fe/Mg of the melt) is the exchange coefficient. All functions are expressions in their arguments: they take sympy
symbols, from which the solvers generate derivatives.
"""

from __future__ import annotations

import sympy

from .law import law

PAPER = "Manjón-Cabeza Córdoba & Ballmer, arXiv 2605.04840"
LENS = f"{PAPER}, eq. B5 and Fig. 6: constant KD, end-member temperatures and 'a condition of symmetry'"


def exchange(X, K):
    """The composition whose Fe/Mg is K times that of X (a Moebius map; K = KD from melt to crystals, 1/KD back)."""
    return K * X / (1 - X + K * X)


def ln_remaining(X, X_start, K):
    """Natural logarithm of the fraction left of a reservoir of composition X that was X_start, by Rayleigh distillation.

    What leaves has K times the Fe/Mg of what stays: K = KD for melt that loses crystals, 1/KD for a residue that loses
    melt. From dX/dln(fraction) = exchange(X, K) - X; eq. B6 of arXiv 2605.04840 with the sign of its second exponent
    corrected (as printed it gives a fraction above 1 for an enriched melt).
    """
    return (K * sympy.log((1 - X) / (1 - X_start)) - sympy.log(X / X_start)) / (1 - K)


def ln_remaining_logit(y, y_start, K):
    """The same for y = ln(X/(1 - X)), exact where X is within rounding of 0 or 1: convex and falling in y for K < 1."""
    ln_iron = sympy.log(1 + sympy.exp(-y_start)) - sympy.log(1 + sympy.exp(-y))  # ln(X/X_start)
    ln_magnesium = sympy.log(1 + sympy.exp(y_start)) - sympy.log(1 + sympy.exp(y))
    return (K * ln_magnesium - ln_iron) / (1 - K)


def crystallised_composition(X_melt, X_bulk, melt_fraction):
    """Mean composition of all crystals beside melt_fraction (above 0, below 1) of melt: mass balance in moles."""
    return (X_bulk - melt_fraction * X_melt) / (1 - melt_fraction)


SHARPNESS, LEAST_MAGNESIUM = 4, 1e-3  # of the bound on the ocean's composition


def composition(y):
    """X = Fe/(Fe + Mg) of its logit."""
    return 1 / (1 + sympy.exp(-y))


def richest(f, X_bulk):
    """Logit of a composition that hardly an ocean above a solid fraction f exceeds: all iron is in it, or nearly no magnesium.

    A smooth least of that of all iron and of 1 - LEAST_MAGNESIUM, shifted to the bulk's at f = 0.
    """

    def least(X):
        return sympy.log(X) - sympy.log(
            (1 + X**SHARPNESS) ** sympy.Rational(1, SHARPNESS) - X + LEAST_MAGNESIUM * X
        )

    return least(X_bulk / (1 - f)) - least(X_bulk) + sympy.log(X_bulk / (1 - X_bulk))


def share(f, y, X_bulk):
    """0 to 1: the ocean's logit between those of the bulk and of the richest ocean; the second coordinate of the tables."""
    bulk = sympy.log(X_bulk / (1 - X_bulk))
    return (y - bulk) / (richest(f, X_bulk) - bulk)


# ---- the melting lens: temperature as a share of the way from the Mg end-member (0) to the Fe end-member (1)


@law(
    "melting_lens",
    "loglin",
    unit="1",
    reference=LENS,
    X=(0.0, 1.0),
    attributes={"conditions": "K_Mg = KD^-theta, K_Fe = KD^(1 - theta)"},
)
def lens_loglin(*, X, KD, **_):
    """Share of the solidus: the distribution coefficients of Fe and Mg are log-linear in it."""
    return sympy.log(1 - (1 - KD) * exchange(X, 1 / KD)) / sympy.log(KD)


@law("melting_lens", "mobius", unit="1", reference=LENS, X=(0.0, 1.0))
def lens_mobius(*, X, KD, **_):
    """Share of the solidus: its logit is the mean of the logits of crystals and melt."""
    return exchange(X, 1 / sympy.sqrt(KD))


@law("melting_lens", "mean-composition", unit="1", reference=LENS, X=(0.0, 1.0))
def lens_mean(*, X, KD, **_):
    """Share of the solidus: the mean of the compositions of crystals and melt."""
    return (X + exchange(X, 1 / KD)) / 2


@law(
    "melting_lens",
    "straight-solidus",
    unit="1",
    reference="not symmetric; to bound what the symmetry matters",
    X=(0.0, 1.0),
)
def lens_straight_solidus(*, X, KD, **_):
    """Share of the solidus: the composition of the crystals."""
    return X


@law(
    "melting_lens",
    "straight-liquidus",
    unit="1",
    reference="not symmetric; to bound what the symmetry matters",
    X=(0.0, 1.0),
)
def lens_straight_liquidus(*, X, KD, **_):
    """Share of the solidus: the composition of the melt."""
    return exchange(X, 1 / KD)


def melting_temperature(
    share, pressure, magnesium_temperature, magnesium_slope, iron_temperature, iron_slope
):
    """Temperature [K] at a share of the lens and a pressure [Pa]; end-members linear in pressure: [K] and [K/Pa]."""
    T_Mg = magnesium_temperature + magnesium_slope * pressure
    T_Fe = iron_temperature + iron_slope * pressure
    return T_Mg - share * (T_Mg - T_Fe)


# ---- melting of a solid of composition X_source down to a residue X


@law(
    "melt_fraction",
    "fractional",
    unit="1",
    reference=f"{PAPER}, incremental melting (Asimow, Hirschmann & Stolper 1997) with steps of no size",
)
def fractional_melt_fraction(*, X, X_source, KD, **_):
    """Melt that has left, of one: every increment leaves as it forms. X: of the residue."""
    return 1 - sympy.exp(ln_remaining(X, X_source, 1 / KD))


@law("melt_fraction", "batch", unit="1", reference="lever rule: melt and residue stay in equilibrium")
def batch_melt_fraction(*, X, X_source, KD, **_):
    """Melt beside the residue X, of one."""
    return (X_source - X) / (exchange(X, 1 / KD) - X)


@law(
    "melting_temperature",
    "linear",
    unit="K",
    reference=f"{PAPER}: latent heat of the melt cools the whole parcel",
)
def cooled_linear(*, temperature, melt_fraction, latent_heat, heat_capacity, **_):
    """Temperature [K] of a parcel that has melted; latent_heat [J/kg], heat_capacity [J/kg/K]."""
    return temperature - latent_heat / heat_capacity * melt_fraction


@law(
    "melting_temperature",
    "logarithmic",
    unit="K",
    reference="each increment of melt leaves, and its latent heat cools what stays",
)
def cooled_logarithmic(*, temperature, melt_fraction, latent_heat, heat_capacity, **_):
    """Temperature [K] of the residue that has melted; latent_heat [J/kg], heat_capacity [J/kg/K]."""
    return temperature + latent_heat / heat_capacity * sympy.log(1 - melt_fraction)


def melt_iron(X_residue, X_source, melt_fraction):
    """Fe/(Fe + Mg) of all melt times its fraction, by mass balance in moles: finite where there is no melt."""
    return X_source - (1 - melt_fraction) * X_residue
