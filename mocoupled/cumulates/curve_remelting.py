"""Melt that a pile with one temperature returns in a run: on the planet and on the curves that froze it.

A parcel of the pile rises along its adiabat, and melts as the mantle does: at a pressure with solidus T_sol
and liquidus T_liq of the bulk, its melt fraction is (T - T_sol + d (X - X_bulk))/(L/c_p + T_liq - T_sol), of
which the largest on the way counts. Convection, plume and quadrature are those of remelting.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import sympy

from ..closures import solid_convection as convection
from ..closures.distillation import melted
from ..closures.law_types import LawFunction
from ..interior.static_structure import Structure
from ..schema.buffering_case import BufferingCase
from .remelting import WIDTHS, Grid

# levels of the mantle between which its properties are interpolated
LEVELS = 1000
# melt fraction at which the composition of no melt, and of all, is taken
LEAST_MELT = 1e-9
STATE = ("base", "top", "thickness", "density")
NUMBERS = (
    "gravity",
    "expansivity",
    "viscosity",
    "diffusivity",
    "velocity_prefactor",
    "topography_prefactor",
    "density_contrast",
)


@lru_cache(maxsize=1)
def _laws() -> tuple[Callable[..., list[np.ndarray]], Callable[..., np.ndarray]]:
    """Functions: of STATE and NUMBERS the speed, topography, heat and start of the plume; its excess."""
    base, top, d, rho = symbols = sympy.symbols(STATE, positive=True)
    g, alpha, eta, kappa, v_factor, t_factor, contrast = numbers = sympy.symbols(NUMBERS, positive=True)
    interior = (base + top) / 2
    Ra = convection.rayleigh_number(base - top, d, rho, g, alpha, eta, kappa)
    speed = convection.velocity(Ra, d, kappa, v_factor)
    lift = convection.topography(Ra, d, eta, kappa, contrast, g, t_factor)
    heat = convection.plume_heat(base - interior, d / speed, kappa, 1)
    start = convection.plume_start(base - interior, heat, kappa)
    x, time = sympy.symbols("x time", real=True)
    H = sympy.Symbol("heat", positive=True)
    excess = convection.plume_excess(x, time, H, kappa)
    return (
        sympy.lambdify([*symbols, *numbers], [speed, lift, heat, start], modules="numpy", cse=True),
        sympy.lambdify([x, time, H, kappa], excess, modules="numpy"),
    )


@dataclass(frozen=True)
class PileOfPlanet:
    """A pile of some share of the mass of the mantle of a planet, and the melting curves of the run.

    values: material, SI. solidus, liquidus [K]: functions of P [Pa].
    """

    case: BufferingCase
    inside: Structure
    solidus: LawFunction
    liquidus: LawFunction

    @cached_property
    def _levels(self) -> tuple[np.ndarray, np.ndarray]:
        """Radii [m] from the core up, and share of the mass of the mantle below each."""
        r = np.linspace(self.inside.core_radius, self.inside.radius, LEVELS)
        return r, self.inside.mass_between(self.inside.core_radius, r) / self.inside.mantle_mass

    def radius(self, f: np.ndarray) -> np.ndarray:
        """Radius [m] of the top of a pile with a share f of the mass."""
        r, below = self._levels
        return np.interp(f, below, r)

    def pressure(self, r: np.ndarray) -> np.ndarray:
        """Pressure [Pa] at radii [m]; those beyond the mantle count as its ends."""
        return self.inside.pressure(np.clip(r, self.inside.core_radius, self.inside.radius))

    def depression(self, P: np.ndarray) -> np.ndarray:
        """Fall [K] of both melting curves for each unit of Fe/(Fe + Mg) at pressures [Pa]."""
        cold, slope = (
            self.case.values[f"magnesium_{part}"] - self.case.values[f"iron_{part}"]
            for part in ("temperature", "slope")
        )
        return cold + slope * np.asarray(P)

    def adiabat(self, depth: np.ndarray) -> np.ndarray:
        """Ratio of the temperature at a depth [m] below the top to that at the top."""
        v = self.case.values
        return np.exp(v["expansivity"] * v["gravity"] * depth / v["heat_capacity"])

    def top(self, f: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Temperature [K] of the solidus at the top, for a pile with Fe/(Fe + Mg) X."""
        P = self.pressure(self.radius(f))
        return self.solidus(P=P) - self.depression(P) * (X - self.case.values["bulk_iron"])

    def rates(
        self, f: np.ndarray, X: np.ndarray, warmth: float, grid: Grid | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Melt and its iron [1/s] as shares of the mass of the mantle, of piles (n,) of a warmth above 0."""
        grid, v = grid or Grid(), self.case.values
        top, radius = self.top(f, X), self.radius(f)
        thickness = radius - self.inside.core_radius
        mass = f * self.inside.mantle_mass
        density = mass / (4 / 3 * np.pi * (radius**3 - self.inside.core_radius**3))
        laws, plume_excess = _laws()
        numbers = [v[name] for name in NUMBERS]
        speed, lift, heat, start = laws(top * (1 + 2 * warmth), top, thickness, density, *numbers)
        height = np.append(np.linspace(0.0, 1.0, grid.heights + 1), 1.0)[None, :]
        depth = thickness[:, None] * (1 - height)
        depth[:, -1] = -lift
        time = start[:, None] + height * (thickness / speed)[:, None]
        width = 2 * np.sqrt(v["diffusivity"] * (start + thickness / speed))
        across = np.minimum(WIDTHS, 0.5 * thickness / width)
        nodes, weights = np.polynomial.legendre.leggauss(grid.widths)
        x = 0.5 * (nodes + 1)[None, :] * (across * width)[:, None]
        excess = plume_excess(x[:, :, None], time[:, None, :], heat[:, None, None], v["diffusivity"])
        excess = np.concatenate([np.zeros_like(excess[:, :1]), excess], axis=1)  # first the ambient pile
        P = self.pressure(radius[:, None] - depth)
        T_sol, T_liq = self.solidus(P=P), self.liquidus(P=P)
        shift = self.depression(P) * (X[:, None] - v["bulk_iron"])
        T = (top[:, None, None] * (1 + warmth) + excess) * self.adiabat(depth)[:, None, :]
        span = v["latent_heat"] / v["heat_capacity"] + T_liq - T_sol
        F = np.clip((T - (T_sol - shift)[:, None, :]) / span[:, None, :], 0.0, 1.0).max(axis=2)
        batch = self.case.readings["melting"] == "batch"
        melts = np.minimum(np.maximum(F, LEAST_MELT), 1 - LEAST_MELT)
        iron = F * melted(melts, X[:, None], v["exchange_coefficient"], batch)
        per_area = 4 * np.pi * radius**2 * density / self.inside.mantle_mass

        def across_cell(q: np.ndarray) -> np.ndarray:
            plume = (0.5 * across * width)[:, None] * weights * (q[:, 1:] - q[:, :1])
            melt_width = q[:, 0] * 0.5 * thickness + plume.sum(axis=1)
            return convection.melt_flux(speed, melt_width, thickness) * per_area

        return across_cell(F), across_cell(iron)
