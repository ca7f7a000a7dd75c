"""Properties of partly molten silicate along entropy at fixed pressures.

Melt, crystals, and both between the melting curves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
import sympy
from numpy.typing import ArrayLike

from ..closures.law_types import NumericLaw, SymbolicLaw
from ..stored_tables import key_of, table
from .silicate_eos import Phase, PhaseState

# in melt fraction: two-phase and single-phase properties are blended over it (Bower et al. 2022, SPIDER)
SOLIDUS_WIDTH = 0.01
MELT_SPAN = (-300.0, 1500.0)  # K about the liquidus
SOLID_SPAN = (0.35, 300.0)  # from this fraction of the solidus to K above it
MELT_NODES, SOLID_NODES = 37, 41


def two_phase_weight(
    untruncated: np.ndarray, solidus_width: float = SOLIDUS_WIDTH, liquidus_width: float = SOLIDUS_WIDTH
) -> np.ndarray:
    """1 inside the two-phase region, 0 outside, smooth over the widths.

    It is SPIDER's w: notes of Bower et al. 2022.

    untruncated: (S - S_sol)/(S_liq - S_sol), array; widths in the same unit.
    """
    low = 0.5 * (1 + np.tanh(untruncated / solidus_width))
    high = 0.5 * (1 + np.tanh((1.0 - untruncated) / liquidus_width))
    return np.where(untruncated <= 0.5, low, high)


@dataclass(frozen=True)
class MeltingRange:
    """Where the mantle is partly molten at some pressures; arrays (pressures,), SI.

    solidus, liquidus [K]; solid_entropy, melt_entropy: of the phases there [J/kg/K]; solid_slope, melt_slope:
    their change with pressure along the curves [J/kg/K/Pa]; solid_density, melt_density [kg/m3].
    """

    pressure: np.ndarray
    solidus: np.ndarray
    liquidus: np.ndarray
    solid_entropy: np.ndarray
    melt_entropy: np.ndarray
    solid_slope: np.ndarray
    melt_slope: np.ndarray
    solid_density: np.ndarray
    melt_density: np.ndarray

    @property
    def fusion_entropy(self) -> np.ndarray:
        """S_liq - S_sol [J/kg/K]."""
        return self.melt_entropy - self.solid_entropy

    @property
    def fusion_temperature(self) -> np.ndarray:
        """The temperature at half melt [K] (Bower et al. 2022, eq. B8)."""
        return 0.5 * (self.solidus + self.liquidus)

    def untruncated(self, entropy: ArrayLike) -> np.ndarray:
        """(S - S_sol)/(S_liq - S_sol) for entropies (m,) [J/kg/K], as (pressures, m).

        It is the melt fraction between 0 and 1, and continues outside.
        """
        return (np.asarray(entropy)[None, :] - self.solid_entropy[:, None]) / self.fusion_entropy[:, None]


def melting_range(
    pressure: ArrayLike, melt: Phase, solid: Phase, solidus: NumericLaw, liquidus: NumericLaw
) -> MeltingRange:
    """The melting range at pressures (n,) [Pa].

    dS/dP along a curve is c_p/T dT/dP - alpha/rho (Maxwell).
    Raises InputError outside the curves and the phases.
    """
    P = np.asarray(pressure, dtype=float)
    T_sol, T_liq = solidus(P=P), liquidus(P=P)
    at_solidus, at_liquidus = solid.state(P, T_sol), melt.state(P, T_liq)

    def slope(state: PhaseState, T: np.ndarray, law: NumericLaw) -> np.ndarray:
        return state.heat_capacity / T * law.derivative(P) - state.expansivity / state.density

    return MeltingRange(
        P,
        T_sol,
        T_liq,
        at_solidus.entropy,
        at_liquidus.entropy,
        slope(at_solidus, T_sol, solidus),
        slope(at_liquidus, T_liq, liquidus),
        at_solidus.density,
        at_liquidus.density,
    )


@dataclass(frozen=True)
class Properties:
    """Properties (pressures, entropies), SI.

    melt_fraction: by mass, between 0 and 1; untruncated: without that bound; porosity: by volume;
    adiabatic_gradient: dT/dP at constant entropy; log10_viscosity: of the viscosity in Pa s.
    """

    untruncated: np.ndarray
    melt_fraction: np.ndarray
    weight: np.ndarray
    temperature: np.ndarray
    density: np.ndarray
    heat_capacity: np.ndarray
    expansivity: np.ndarray
    adiabatic_gradient: np.ndarray
    porosity: np.ndarray
    log10_viscosity: np.ndarray


def properties(
    span: MeltingRange,
    entropy: ArrayLike,
    melt: Phase,
    solid: Phase,
    viscosity: SymbolicLaw,
    liquidus_width: float = SOLIDUS_WIDTH,
    hottest: np.ndarray | None = None,
) -> Properties:
    """Tabulate the mantle at the pressures of `span` and entropies (m,) [J/kg/K].

    Between the curves the phases have the properties they have on them (Bower et al. 2018, App.; notes E.4):
    T and k linear in the melt fraction, specific volume too, c_p = T_f dS/(T_liq - T_sol), expansivity from
    the volume change of melting. Outside, a single phase; across a curve the two are blended over the widths.

    hottest (pressures,) [K]: where the table of the melt ends; None: MELT_SPAN above the liquidus.
    """
    S = np.asarray(entropy, dtype=float)
    x = span.untruncated(S)
    phi = np.clip(x, 0.0, 1.0)
    weight = two_phase_weight(x, SOLIDUS_WIDTH, liquidus_width)
    rho_l, rho_s, T_l, T_s = (
        a[:, None] for a in (span.melt_density, span.solid_density, span.liquidus, span.solidus)
    )
    T = phi * T_l + (1 - phi) * T_s
    rho = 1.0 / (phi / rho_l + (1 - phi) / rho_s)
    c_p = np.broadcast_to((span.fusion_temperature * span.fusion_entropy)[:, None] / (T_l - T_s), T.shape)
    alpha = (rho_s - rho_l) / ((T_l - T_s) * rho)
    mixture = [T, rho, c_p, alpha, alpha * T / (rho * c_p), viscosity_of(viscosity)(phi)]
    high = span.liquidus[:, None] + np.linspace(*MELT_SPAN, MELT_NODES)
    if hottest is not None:
        high = np.linspace(span.liquidus + MELT_SPAN[0], hottest, 2 * MELT_NODES, axis=1)
    low = np.linspace(SOLID_SPAN[0] * span.solidus, span.solidus + SOLID_SPAN[1], SOLID_NODES, axis=1)
    molten = x > 0.5
    ends = [float(viscosity.function(melt_fraction=end)) for end in (sympy.oo, -sympy.oo)]
    single = [*_single((melt, high), (solid, low), molten, span.pressure, S), np.where(molten, *ends)]
    blended = [weight * mixed + (1 - weight) * alone for mixed, alone in zip(mixture, single)]
    porosity = np.clip((rho_s - rho) / (rho_s - rho_l), 0.0, 1.0)
    temperature, density, heat_capacity, expansivity, gradient, log10_viscosity = blended
    return Properties(
        x, phi, weight, temperature, density, heat_capacity, expansivity, gradient, porosity, log10_viscosity
    )


def _single(
    melt: tuple[Phase, np.ndarray],
    solid: tuple[Phase, np.ndarray],
    molten: np.ndarray,
    pressure: np.ndarray,
    entropy: np.ndarray,
) -> np.ndarray:
    """T, density, c_p, expansivity and dT/dP of the phase that is there alone (5, pressures, entropies).

    melt, solid: the phase, and the temperatures (pressures, nodes) between which it is interpolated; flat
    beyond them. molten (pressures, entropies): where it is the melt. Stored between processes.
    """
    (hot, high), (cold, low) = melt, solid

    def compute() -> np.ndarray:
        return np.where(
            molten, _along_entropy(hot, pressure, high, entropy), _along_entropy(cold, pressure, low, entropy)
        )

    if hot.text is None or cold.text is None:
        return compute()
    parts = (high, low, np.packbits(molten), pressure, entropy)
    return table(key_of(hot.text, cold.text, scipy.__version__, *parts), compute)


def _along_entropy(
    phase: Phase, pressure: np.ndarray, temperature: np.ndarray, entropy: np.ndarray
) -> np.ndarray:
    """T, density, c_p, expansivity, dT/dP of one phase (5, pressures, entropies), flat beyond the span of T.

    temperature (pressures, nodes) [K].
    """
    from scipy.interpolate import CubicSpline  # on use: it takes 0.4 s to import

    state = phase.state(pressure[:, None], temperature)
    columns = np.stack(
        [temperature, state.density, state.heat_capacity, state.expansivity, state.adiabatic_gradient],
        axis=-1,
    )
    rows = [CubicSpline(s, y)(np.clip(entropy, s[0], s[-1])) for s, y in zip(state.entropy, columns)]
    return np.moveaxis(np.array(rows), -1, 0)  # of (pressures, entropies, 5)


def viscosity_of(law: SymbolicLaw) -> Callable[[np.ndarray], np.ndarray]:
    """log10 of the viscosity [Pa s] as a numpy function of the melt fraction."""
    phi = sympy.Symbol("melt_fraction", real=True)
    return sympy.lambdify(phi, law(melt_fraction=phi), modules="numpy")
