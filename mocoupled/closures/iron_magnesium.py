"""Exchange of iron and magnesium between melt and crystals.

Distillation, the melting lens, melting of ascending cumulates.

Compositions are X = Fe/(Fe + Mg), molar, from 0 to 1 (Fe# = 100 X, Mg# = 100 (1 - X)).
KD = (Fe/Mg of the crystals)/(Fe/Mg of the melt) is the exchange coefficient.
All functions are expressions in their arguments:
they take sympy symbols, from which the solvers generate derivatives.
"""

from __future__ import annotations

import sympy

from .registry import law

PAPER = "Manjón-Cabeza Córdoba & Ballmer, arXiv 2605.04840"
LENS = f"{PAPER}, eq. B5 and Fig. 6: constant KD, end-member temperatures and 'a condition of symmetry'"


def exchange(X: sympy.Expr, K: sympy.Expr) -> sympy.Expr:
    """The composition whose Fe/Mg is K times that of X: a Moebius map.

    K = KD from melt to crystals, 1/KD back.
    """
    return K * X / (1 - X + K * X)


def ln_remaining(X: sympy.Expr, X_start: sympy.Expr, K: sympy.Expr) -> sympy.Expr:
    """ln of the fraction that is left of a reservoir of composition X that began as X_start.

    The process is Rayleigh distillation.

    What leaves has K times the Fe/Mg of what stays:
    K = KD for melt that loses crystals, 1/KD for a residue that loses
    melt. From dX/dln(fraction) = exchange(X, K) - X; eq. B6 of arXiv 2605.04840 with the sign of its second
    exponent corrected (as printed it gives a fraction above 1 for an enriched melt).
    """
    return (K * sympy.log((1 - X) / (1 - X_start)) - sympy.log(X / X_start)) / (1 - K)


def ln_remaining_logit(y: sympy.Expr, y_start: sympy.Expr, K: sympy.Expr) -> sympy.Expr:
    """`ln_remaining` for y = ln(X/(1 - X)), exact where X is within rounding of 0 or 1.

    It is convex and falls in y for K < 1.
    """
    ln_iron = sympy.log(1 + sympy.exp(-y_start)) - sympy.log(1 + sympy.exp(-y))  # ln(X/X_start)
    ln_magnesium = sympy.log(1 + sympy.exp(y_start)) - sympy.log(1 + sympy.exp(y))
    return (K * ln_magnesium - ln_iron) / (1 - K)


def distillation(X: sympy.Expr, X_start: sympy.Expr, ln_fraction: sympy.Expr, K: sympy.Expr) -> sympy.Expr:
    """Zero where a fraction of a reservoir is left with X, that began as X_start: `ln_remaining` for any K.

    With K = 1 what leaves has the composition of what stays, and X is X_start.
    """
    iron = sympy.log(X / X_start)
    return K * sympy.log((1 - X) / (1 - X_start)) - iron - (1 - K) * ln_fraction


def crystallised_composition(X_melt: sympy.Expr, X_bulk: sympy.Expr, melt_fraction: sympy.Expr) -> sympy.Expr:
    """Mean composition of all crystals beside melt_fraction (above 0, below 1) of melt.

    Mass balance in moles.
    """
    return (X_bulk - melt_fraction * X_melt) / (1 - melt_fraction)


SHARPNESS, LEAST_MAGNESIUM = 4, 1e-3  # of the bound on the ocean's composition


def composition(y: sympy.Expr) -> sympy.Expr:
    """X = Fe/(Fe + Mg) of its logit."""
    return 1 / (1 + sympy.exp(-y))


def richest(f: sympy.Expr, X_bulk: sympy.Expr) -> sympy.Expr:
    """Logit of a composition that hardly any ocean above a solid fraction f exceeds.

    It has all iron, or nearly no magnesium: a smooth minimum of the composition of all iron and of 1 -
    LEAST_MAGNESIUM, shifted to that of the bulk at f = 0.
    """

    def least(X: sympy.Expr) -> sympy.Expr:
        return sympy.log(X) - sympy.log(
            (1 + X**SHARPNESS) ** sympy.Rational(1, SHARPNESS) - X + LEAST_MAGNESIUM * X
        )

    return least(X_bulk / (1 - f)) - least(X_bulk) + sympy.log(X_bulk / (1 - X_bulk))


def share(f: sympy.Expr, y: sympy.Expr, X_bulk: sympy.Expr) -> sympy.Expr:
    """Where the ocean's logit lies between those of the bulk (0) and of the richest ocean (1).

    It is the second coordinate of the tables.
    """
    bulk = sympy.log(X_bulk / (1 - X_bulk))
    return (y - bulk) / (richest(f, X_bulk) - bulk)


# ---- the melting lens: temperature as a share of the way from the Mg end-member (0) to the Fe end-member (1)


@law(
    "melting_lens",
    "loglin",
    unit="1",
    reference=LENS,
    key="ManjonCabezaCordoba2026",
    X=(0.0, 1.0),
    attributes={"conditions": "K_Mg = KD^-theta, K_Fe = KD^(1 - theta)"},
)
def lens_loglin(*, X: sympy.Expr, KD: sympy.Expr, **_: object) -> sympy.Expr:
    """Share of the solidus: the distribution coefficients of Fe and Mg are log-linear in it."""
    return sympy.log(1 - (1 - KD) * exchange(X, 1 / KD)) / sympy.log(KD)


@law("melting_lens", "mobius", unit="1", reference=LENS, key="ManjonCabezaCordoba2026", X=(0.0, 1.0))
def lens_mobius(*, X: sympy.Expr, KD: sympy.Expr, **_: object) -> sympy.Expr:
    """Share of the solidus: its logit is the mean of the logits of crystals and melt."""
    return exchange(X, 1 / sympy.sqrt(KD))


@law(
    "melting_lens", "mean-composition", unit="1", reference=LENS, key="ManjonCabezaCordoba2026", X=(0.0, 1.0)
)
def lens_mean(*, X: sympy.Expr, KD: sympy.Expr, **_: object) -> sympy.Expr:
    """Share of the solidus: the mean of the compositions of crystals and melt."""
    return (X + exchange(X, 1 / KD)) / 2


@law(
    "melting_lens",
    "straight-solidus",
    unit="1",
    reference="not symmetric; to bound what the symmetry matters",
    X=(0.0, 1.0),
)
def lens_straight_solidus(*, X: sympy.Expr, KD: sympy.Expr, **_: object) -> sympy.Expr:
    """Share of the solidus: the composition of the crystals."""
    return X


@law(
    "melting_lens",
    "straight-liquidus",
    unit="1",
    reference="not symmetric; to bound what the symmetry matters",
    X=(0.0, 1.0),
)
def lens_straight_liquidus(*, X: sympy.Expr, KD: sympy.Expr, **_: object) -> sympy.Expr:
    """Share of the solidus: the composition of the melt."""
    return exchange(X, 1 / KD)


def melting_temperature(
    share: sympy.Expr,
    pressure: sympy.Expr,
    magnesium_temperature: sympy.Expr,
    magnesium_slope: sympy.Expr,
    iron_temperature: sympy.Expr,
    iron_slope: sympy.Expr,
) -> sympy.Expr:
    """Temperature [K] at a share of the lens and a pressure [Pa].

    The end-members are linear in pressure: [K] and [K/Pa].
    """
    T_Mg = magnesium_temperature + magnesium_slope * pressure
    T_Fe = iron_temperature + iron_slope * pressure
    return T_Mg - share * (T_Mg - T_Fe)


# ---- melting of a solid of composition X_source down to a residue X


@law(
    "melt_fraction",
    "fractional",
    unit="1",
    reference=f"{PAPER}, incremental melting (Asimow, Hirschmann & Stolper 1997) with steps of no size",
    key="ManjonCabezaCordoba2026",
    further_keys=("Asimow1997",),
)
def fractional_melt_fraction(
    *, X: sympy.Expr, X_source: sympy.Expr, KD: sympy.Expr, **_: object
) -> sympy.Expr:
    """Melt that has left, of one: every increment leaves as it forms. X: of the residue."""
    return 1 - sympy.exp(ln_remaining(X, X_source, 1 / KD))


@law("melt_fraction", "batch", unit="1", reference="lever rule: melt and residue stay in equilibrium")
def batch_melt_fraction(*, X: sympy.Expr, X_source: sympy.Expr, KD: sympy.Expr, **_: object) -> sympy.Expr:
    """Melt beside the residue X, of one."""
    return (X_source - X) / (exchange(X, 1 / KD) - X)


@law(
    "melting_temperature",
    "linear",
    unit="K",
    reference=f"{PAPER}: latent heat of the melt cools the whole parcel",
    key="ManjonCabezaCordoba2026",
)
def cooled_linear(
    *,
    temperature: sympy.Expr,
    melt_fraction: sympy.Expr,
    latent_heat: sympy.Expr,
    heat_capacity: sympy.Expr,
    **_: object,
) -> sympy.Expr:
    """Temperature [K] of a parcel that has melted; latent_heat [J/kg], heat_capacity [J/kg/K]."""
    return temperature - latent_heat / heat_capacity * melt_fraction


@law(
    "melting_temperature",
    "logarithmic",
    unit="K",
    reference="each increment of melt leaves, and its latent heat cools what stays",
)
def cooled_logarithmic(
    *,
    temperature: sympy.Expr,
    melt_fraction: sympy.Expr,
    latent_heat: sympy.Expr,
    heat_capacity: sympy.Expr,
    **_: object,
) -> sympy.Expr:
    """Temperature [K] of the residue that has melted; latent_heat [J/kg], heat_capacity [J/kg/K]."""
    return temperature + latent_heat / heat_capacity * sympy.log(1 - melt_fraction)


def melt_iron(X_residue: sympy.Expr, X_source: sympy.Expr, melt_fraction: sympy.Expr) -> sympy.Expr:
    """Fe/(Fe + Mg) of all melt times its fraction, by mass balance in moles.

    Finite where there is no melt.
    """
    return X_source - (1 - melt_fraction) * X_residue
