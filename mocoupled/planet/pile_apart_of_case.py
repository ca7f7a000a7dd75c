"""The pile with one temperature of a case with a lumped mantle: what it returns on the curves of the run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import sympy

from ..case import Case
from ..closures import solid_convection as convection
from ..closures.law_types import Law, LawFunction, numeric
from ..cumulates.curve_remelting import PileOfPlanet
from ..cumulates.of_case import fingerprint
from ..cumulates.warm_tables import WarmTables, knots_of_warmth
from ..dae.declare.model import Model
from ..dae.leaves.external import External
from ..dae.leaves.smooth_curve import Curve
from ..interior.static_structure import Structure, core_mass
from ..reservoirs import cumulates
from ..reservoirs.mantle import CORE_MANTLE, FROZEN, Mantle
from ..reservoirs.pile_apart import PileApart, declare_pile_apart
from ..reservoirs.warm_pile import pile_temperature
from ..schema.buffering_case import BufferingCase

# share of the mantle in the pile before the first crystals: it has no heat but theirs
SEED = 1e-3
# of the curves over the share of the mantle; of the tables: shares, and iron over that of the bulk
POINTS, SHARES = 400, 64
IRONS = np.linspace(0.02, 1.2, 24)


def pile_apart(
    case: Case,
    below: BufferingCase,
    inside: Structure,
    laws: Mapping[str, Law],
    mantle: Mantle,
    cooling: cumulates.CoolingPile,
) -> tuple[cumulates.Return, Model]:
    """What the pile returns, and its balances with those of the core below it."""
    curves = (numeric(laws[kind]).function for kind in ("solidus", "liquidus"))
    pile = PileOfPlanet(below, inside, *curves)
    v = below.values
    outputs = {o.name: o.expression for o in mantle.model.outputs}
    crystals, frozen = 1 - cooling.melt_fraction, outputs[FROZEN]
    f = crystals + SEED * (1 - crystals)
    of = _curves(pile)
    mark = fingerprint(below)
    curve = {name: External(f"pile_{name}_{mark}", Curve(of["share"], of[name]), 1)(f) for name in NAMES}
    T, X = pile_temperature(), cooling.pile_iron
    top = curve["solidus"] - curve["depression"] * (X - v["bulk_iron"])
    leaves = [
        External(f"pile_{name}_{mark}", leaf, 3)(f, X / v["bulk_iron"], T / top - 1)
        for name, leaf in zip(("rate", "iron_rate"), _tables_of(pile).leaves())
    ]
    solid = sympy.sqrt(crystals**2 + cumulates.LEAST_SOLID**2)
    melt, iron = (f / solid * leaf for leaf in leaves)
    back = cumulates.Return(melt, iron)
    layer = [v[n] for n in ("density", "gravity", "expansivity", "heat_capacity", "viscosity", "diffusivity")]
    layer = [*layer, v["velocity_prefactor"]]
    core_potential = outputs[CORE_MANTLE] / curve["adiabat"]
    base = frozen / (frozen + SEED)  # until the base freezes, the core follows the isentrope
    area = 4 * np.pi * inside.core_radius**2 / inside.mantle_mass
    apart = PileApart(
        capacity=v["heat_capacity"] * curve["capacity"],
        arrived=v["heat_capacity"] * curve["arrived"],
        melt=crystals * back.melt,
        latent_heat=v["latent_heat"],
        from_core=base * area * convection.boundary_layer_heat(core_potential - T, *layer),
        to_ocean=crystals / f * curve["area"] * convection.boundary_layer_heat(T - top, *layer),
        core_capacity=core_mass(case.planet)
        * case.planet.core_heat_capacity
        * case.planet.core_temperature_ratio
        / inside.mantle_mass,
        first_temperature=float(of["solidus"][0]),
    )
    return back, declare_pile_apart(apart, mantle.model, inside.mantle_mass)


NAMES = ("solidus", "depression", "adiabat", "capacity", "arrived", "area")


def _curves(pile: PileOfPlanet) -> dict[str, np.ndarray]:
    """Of piles with a share of the mass: NAMES by share.

    solidus [K] of the bulk and depression [K] at the top; adiabat: ratio of temperatures of base and top.
    capacity: integral of the adiabats below the top over the mass; arrived [K]: of the solidus at which each
    level froze. area [m2/kg]: of the top, for each kg of mantle.
    """
    share = np.linspace(0.0, 1.0, POINTS)
    radius = pile.radius(share)
    P = pile.pressure(radius)
    solidus, adiabat = pile.solidus(P=P), pile.adiabat(radius - radius[0])

    def integral(y: np.ndarray) -> np.ndarray:
        return np.concatenate([[0.0], np.cumsum(0.5 * (y[1:] + y[:-1]) * np.diff(share))])

    return {
        "share": share,
        "solidus": solidus,
        "depression": pile.depression(P),
        "adiabat": adiabat,
        "capacity": adiabat * integral(1 / adiabat),
        "arrived": integral(solidus),
        "area": 4 * np.pi * radius**2 / pile.inside.mantle_mass,
    }


def _tables_of(pile: PileOfPlanet) -> WarmTables:
    """The tables of a pile; they are kept for the next run with the same pile."""
    pairs = tuple(sorted(pile.case.values.items())), tuple(sorted(pile.case.readings.items()))
    return _tables(*pairs, pile.inside, pile.solidus, pile.liquidus)


# a pile whose core cools through all knots takes 10 MB
@lru_cache(maxsize=8)
def _tables(
    values: tuple[tuple[str, float], ...],
    readings: tuple[tuple[str, str], ...],
    inside: Structure,
    solidus: LawFunction,
    liquidus: LawFunction,
) -> WarmTables:
    """Melt and its iron over share of the mantle, iron of the pile over that of the bulk, and warmth."""
    case = BufferingCase("pile", "pile of a run", dict(values), dict(readings))
    pile = PileOfPlanet(case, inside, solidus, liquidus)
    share = np.linspace(SEED / 2, 1.0, SHARES)
    F, X = (v.reshape(-1) for v in np.meshgrid(share, IRONS * case.values["bulk_iron"], indexing="ij"))
    hottest = case.values["core_temperature"] / pile.adiabat(pile.radius(F) - inside.core_radius)
    warmest = float(np.max(hottest / pile.top(F, X))) - 1
    return WarmTables((share, IRONS), knots_of_warmth(warmest), lambda warmth: pile.rates(F, X, warmth))
