"""Energy and crystallisation of a mantle of one isentrope, with the core below it; records of any mantle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from ..closures.law_types import Law
from ..dae.declare.model import Balance, Model, Output, Parameter, Start, Unknown
from ..dae.leaves.external import External
from ..dae.leaves.smooth_curve import Curve
from ..interior.molten_start import HOTTEST_MELT, hottest_melt
from ..interior.silicate_eos import Phase
from ..interior.static_structure import Structure
from ..interior.two_phase import two_phase_weight
from .ferric_exchange import FerricColumn, FerricOcean

# K; of the tables, unless a run starts hotter
HOTTEST_SURFACE = 3400.0
HEAT_TITLE = "heat of mantle and core above the coldest tabulated isentrope"
VISCOSITY_TITLE = "log10 of the viscosity in Pa s at the mean melt fraction"
CORE_MANTLE, FROZEN = "core_mantle_temperature", "frozen_fraction"
MeltingCurve = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Core:
    """mass [kg]; heat_capacity [J/kg/K].

    temperature_ratio: mean temperature over that of the core-mantle boundary.
    """

    mass: float
    heat_capacity: float
    temperature_ratio: float


@dataclass(frozen=True)
class Mantle:
    """The part of the model, and the symbols that other parts use. temperature_range [K]: of the tables.

    ferric: of a column whose cells have ferric iron as an unknown.
    ocean: of a magma ocean whose iron is followed beside its redox.
    """

    model: Model
    surface_temperature: sympy.Expr
    melt_mass: sympy.Expr
    solid_mass: sympy.Expr
    temperature_range: tuple[float, float]
    ferric: FerricColumn | None = None
    ocean: FerricOcean | None = None


@dataclass(frozen=True)
class Isentropes:
    """Properties of a well-mixed mantle along a grid of entropies.

    entropy (n,) [J/kg/K]; potential_temperature (n,) [K] at P = 0; melt_mass (n,) [kg].
    heat (n,) [J]: of mantle and core, above that at the coldest entropy.
    core_mantle_temperature (n,) [K].
    frozen_mass (n,) [kg]: of the levels below their solidus.
    unfrozen_heat (n,) [J]: the same heat where no level gives any below its solidus, nor the core below that
    of the base; unfrozen_core_temperature (n,) [K]: of such a core.
    """

    entropy: np.ndarray
    potential_temperature: np.ndarray
    melt_mass: np.ndarray
    heat: np.ndarray
    core_mantle_temperature: np.ndarray
    frozen_mass: np.ndarray
    unfrozen_heat: np.ndarray
    unfrozen_core_temperature: np.ndarray


@dataclass(frozen=True)
class Silicate:
    """The equations of state of melt and solid, and the melting curves: temperature [K] of pressure [Pa]."""

    melt: Phase
    solid: Phase
    solidus: MeltingCurve
    liquidus: MeltingCurve


@dataclass(frozen=True)
class LumpedMantle:
    """What a case specifies of a mantle of one specific entropy.

    viscosity: law of the melt fraction.
    initial_temperature [K]: of the surface.
    heating [W/kg of mantle]: of time.
    shells: number of shells of the integrals over depth.
    pile_apart: whether frozen levels and the core below them leave the isentrope, for the balances of a pile.
    """

    silicate: Silicate
    viscosity: Law
    initial_temperature: float
    heating: sympy.Expr = sympy.S.Zero
    shells: int = 200
    pile_apart: bool = False


def declare_lumped(structure: Structure, core: Core, lumped: LumpedMantle) -> Mantle:
    """Declare a mantle of one specific entropy, with the core below it.

    Unknown: the potential temperature (of the isentrope at P = 0), which is also the surface temperature. At
    each depth the isentrope is two-phase between solidus and liquidus: melt fraction (S - S_sol)/(S_liq -
    S_sol), T linear in it (E.4 of the physics notes; Bower et al. 2022, App. B), single-phase outside. The
    stored heat is int T dS dm over the mass of the structure, so latent heat is in it; the core adds M c
    ratio T_cmb.

    What it leaves out: heat transport inside the mantle, separation of melt from crystals (no dependence on
    crystal size), conduction, composition. The mantle is well mixed at every instant: it has no thermal
    boundary layer, no rheological front, and no lid that grows while the interior stays hot. It therefore
    reaches a surface temperature with less melt left than an equilibrium-crystallising column (Earth at 1650
    K: 2 % instead of 30 %). It also takes
    longer: once its base is solid the isentrope there is steep, so that the whole core must cool along with
    it.
    """
    first = lumped.initial_temperature
    hottest = HOTTEST_SURFACE if first < HOTTEST_SURFACE else HOTTEST_MELT
    table = isentropes(structure, core, lumped.silicate, lumped.shells, hottest=hottest)
    unknown = Unknown("surface_temperature", "K", guess=first, scale=1000.0, long_name="surface temperature")
    T, total = unknown.symbol, structure.mantle_mass
    melt_mass = _curve("melt_mass", table, table.melt_mass, T, plateaus=True)
    stored = table.unfrozen_heat if lumped.pile_apart else table.heat
    heat, heating = _curve("heat", table, stored, T), total * lumped.heating
    title = "heat of mantle and core at the start, above the coldest tabulated isentrope"
    initial_heat = float(np.interp(first, table.potential_temperature, table.heat))
    begin = Parameter("initial_surface_temperature", first, "K", "surface temperature at the start")
    scale = Parameter("initial_heat", initial_heat, "J", title)
    melt_fraction = melt_mass / total
    core_mantle = _curve("core_mantle_temperature", table, table.core_mantle_temperature, T)
    entropy = _curve("entropy", table, table.entropy, T)
    viscosity = lumped.viscosity(melt_fraction=melt_fraction)
    apart = lumped.pile_apart
    base = _curve("unfrozen_core_temperature", table, table.unfrozen_core_temperature, T)
    frozen = _curve("frozen_mass", table, table.frozen_mass, T, plateaus=True) / total
    core_title = "temperature of the core-mantle boundary"
    of_frozen = (
        Output(CORE_MANTLE, base + core_change(), "K", core_title),
        Output(FROZEN, frozen, "1", "fraction of the mantle below its solidus, by mass"),
    )
    of_isentrope = (Output(CORE_MANTLE, core_mantle, "K", core_title), Output("heat", heat, "J", HEAT_TITLE))
    model = Model(
        "lumped mantle",
        unknowns=(unknown,),
        parameters=(begin, scale),
        balances=(Balance("energy", heat, heating, scale=scale.symbol, unit="J"),),
        starts=(Start("initial surface temperature", T - begin.symbol),),
        outputs=(
            Output("surface_temperature", T, "K", "surface temperature"),
            Output("melt_fraction", melt_fraction, "1", "melt fraction of the mantle, by mass"),
            Output("melt_mass", melt_mass, "kg", "mass of melt"),
            Output("entropy", entropy, "J/kg/K", "specific entropy of the mantle"),
            *heating_output(heating),
            *(of_frozen if apart else of_isentrope),
            Output("log10_viscosity", viscosity, "1", VISCOSITY_TITLE, logarithm=True),
        ),
    )
    limits = (float(table.potential_temperature[0]), float(table.potential_temperature[-1]))
    return Mantle(model, T, melt_mass, total - melt_mass, limits)


def core_change() -> sympy.Symbol:
    """Change [K] of the temperature of the core since the base of the mantle froze; the pile declares it."""
    return sympy.Symbol("core_change", real=True)


def _curve(
    name: str, table: Isentropes, values: np.ndarray, T: sympy.Symbol, plateaus: bool = False
) -> sympy.Expr:
    """A property of the isentropes as a function of the potential temperature."""
    return External(name, Curve(table.potential_temperature, values, plateaus))(T)


def heating_output(heating: sympy.Expr) -> tuple[Output, ...]:
    """The heat made in the mantle [W], where there is any."""
    if heating == 0:
        return ()
    return (Output("internal_heating", heating, "W", "heat made in the mantle"),)


@lru_cache(maxsize=16)
def isentropes(
    structure: Structure,
    core: Core,
    silicate: Silicate,
    shells: int = 200,
    points: int = 600,
    hottest: float = HOTTEST_SURFACE,
) -> Isentropes:
    """Tabulate a well-mixed mantle from far below the surface solidus to the isentrope of `hottest` [K].

    shells: number of shells of the integrals over depth; points: number of entropies.
    The result is kept for the next case with the same mantle.
    """
    melt, solid = silicate.melt, silicate.solid
    _, pressure, mass = structure.shells(shells)
    pressure = np.concatenate([[0.0], pressure, [structure.core_mantle_pressure]])
    T_sol, T_liq = silicate.solidus(pressure), silicate.liquidus(pressure)
    S_sol, S_liq = solid.state(pressure, T_sol).entropy, melt.state(pressure, T_liq).entropy
    highest = float(melt.state(np.array([0.0]), np.array([hottest])).entropy[0])
    coldest = float(solid.state(np.array([0.0]), np.array([T_sol[0] - 400.0])).entropy[0])
    S = np.linspace(coldest, highest, points)
    # single-phase temperatures reach a little past the melting curve, where the two are blended
    hot = hottest * T_liq / T_liq[0] + 200.0 * np.minimum(pressure / 5e9, 1.0)
    isentrope = melt.temperature(pressure, highest, T_liq, hottest_melt(pressure))
    hot = np.where(isentrope > hot * (1 + 1e-6), isentrope, hot)
    T_melt = _temperature(melt, pressure, T_liq - 100.0, hot, S)
    T_solid = _temperature(solid, pressure, 0.3 * T_sol, T_sol + 100.0, S)

    untruncated = (S[None, :] - S_sol[:, None]) / (S_liq - S_sol)[:, None]
    fraction = np.clip(untruncated, 0.0, 1.0)
    two_phase = fraction * T_liq[:, None] + (1 - fraction) * T_sol[:, None]
    weight = two_phase_weight(untruncated)
    T = weight * two_phase + (1 - weight) * np.where(untruncated > 0.5, T_melt, T_solid)

    step = 0.5 * (T[:, 1:] + T[:, :-1]) * np.diff(S)
    heat = np.concatenate([[0.0], np.cumsum(mass @ step[1:-1])])
    heat += core.mass * core.heat_capacity * core.temperature_ratio * (T[-1] - T[-1, 0])
    melt_mass = np.minimum(mass @ fraction[1:-1], mass.sum())
    return Isentropes(S, T[0], melt_mass, heat, T[-1], *_unfrozen(S, S_sol, T, mass, core))


def _unfrozen(
    S: np.ndarray, S_sol: np.ndarray, T: np.ndarray, mass: np.ndarray, core: Core
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """frozen_mass, unfrozen_heat and unfrozen_core_temperature of Isentropes.

    S (n,); S_sol (levels,): at the surface, in the shells and at the core; T (levels, n); mass (shells,).
    A shell freezes between the solidi at its edges.
    """
    edges = 0.5 * (S_sol[1:] + S_sol[:-1])
    low, high = np.minimum(edges[1:], edges[:-1]), np.maximum(edges[1:], edges[:-1])
    width = np.maximum(high - low, 1e-9 * np.abs(high))[:, None]
    share = np.clip((S[None, :] - low[:, None]) / width, 0.0, 1.0)
    steps = np.diff(S)
    inside = np.clip((S[1:] - S_sol[-1]) / steps, 0.0, 1.0)  # of a step, above the solidus of the base
    cell = 0.5 * (share[:, 1:] + share[:, :-1]) * 0.5 * (T[1:-1, 1:] + T[1:-1, :-1]) * steps
    heat = np.concatenate([[0.0], np.cumsum(mass @ cell)])
    rise = np.concatenate([[0.0], np.cumsum(inside * np.diff(T[-1]))])
    base = T[-1, -1] - rise[-1] + rise
    heat += core.mass * core.heat_capacity * core.temperature_ratio * rise
    return np.minimum(mass @ (1 - share), mass.sum()), heat, base


def _temperature(
    phase: Phase,
    pressure: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    entropy: np.ndarray,
    nodes: int = 40,
) -> np.ndarray:
    """T (pressures, entropies) [K] of a single phase between the temperatures `low` and `high` (pressures,)
    [K].

    Entropies beyond that span give the bound: they belong to the two-phase region or to the other phase.
    """
    from scipy.interpolate import CubicSpline  # on use: it takes 0.4 s to import

    T = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, nodes)
    S = phase.state(pressure[:, None], T).entropy
    rows = (CubicSpline(s, t)(np.clip(entropy, s[0], s[-1])) for s, t in zip(S, T))
    return np.array(list(rows))
