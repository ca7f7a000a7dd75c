"""Hydrodynamic escape of all elements: the flow of hydrogen, and what it drags along, as one equation.

Energy limits the mass that leaves, phi. Hydrogen carries the others (Zahnle & Kasting 1986; Hunten et al.
1987). With X the mole fractions of the atoms, m their masses, b the binary diffusion coefficients in
hydrogen and w = F_H/X_H,

    F_j = X_j (w - w_j) above w_j, else 0,   w_j = b_j g (m_j - m_H)/(k T),   sum_j m_j F_j = phi.

That is F_j = F_H (X_j/X_H) (m_c - m_j)/(m_c - m_H) with the crossover mass m_c = m_H + k T w/(b_j g). The
unknown is ln w. The corner at m_c = m_j is rounded over SMOOTHING of the mass of hydrogen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import sympy

from ..closures.law_types import symbolic
from ..closures.registry import find, law
from ..constants import AVOGADRO_CONSTANT, BOLTZMANN_CONSTANT
from ..dae.declare.model import Constraint, Model, Unknown
from .binary_diffusion import CARRIER

# names of the laws of this file: escape of all elements, its energy
BY_ELEMENT = "ZahnleKasting1986"
ENERGY = "energy-limited"
# of the mass of hydrogen
SMOOTHING = 1e-6
FLOW = "ln_escape_flow"


@law(
    "escape",
    BY_ELEMENT,
    unit="1/m2/s",
    reference="Zahnle & Kasting 1986, Icarus 68, 462; Hunten, Pepin & Walker 1987, Icarus 69, 532",
    key="Zahnle1986",
    further_keys=("Hunten1987",),
    doi="10.1016/0019-1035(86)90051-5",
    attributes={
        "conditions": "trace elements in a hydrodynamic wind of atomic hydrogen; each element is dragged by "
        "hydrogen alone",
        "outside": "in a gas with less hydrogen, heavy atoms also drag each other and radiate: too much of "
        "them escapes here",
    },
    hydrogen_fraction=(0.5, 1.0),
)
def dragged(
    *,
    fraction: sympy.Expr,
    flow: sympy.Expr,
    diffusion: sympy.Expr,
    gravity: sympy.Expr,
    temperature: sympy.Expr,
    molar_mass: sympy.Expr,
    carrier_mass: sympy.Expr,
    **_: object,
) -> sympy.Expr:
    """Flux of an element per area of the planet [1/m2/s].

    fraction: of the atoms above the homopause; flow [1/m2/s]: flux of hydrogen over its fraction; diffusion
    [1/m/s]: b in hydrogen; gravity [m/s2]; temperature [K]; molar_mass, carrier_mass [kg/mol].
    """
    unit = diffusion * gravity * carrier_mass / (AVOGADRO_CONSTANT * BOLTZMANN_CONSTANT * temperature)
    above = flow / unit + 1 - molar_mass / carrier_mass  # (crossover mass - mass)/mass of hydrogen
    return fraction * unit * (above + sympy.sqrt(above**2 + 4 * SMOOTHING**2)) / 2


@law(
    "escape_energy",
    ENERGY,
    unit="kg/m2/s",
    reference="Watson, Donahue & Walker 1981, Icarus 48, 150; tides: Erkaev et al. 2007, A&A 472, 329; high "
    "fluxes: Murray-Clay, Chiang & Murray 2009, ApJ 693, 23",
    key="Watson1981",
    further_keys=("Erkaev2007", "MurrayClay2009"),
    doi="10.1016/0019-1035(81)90101-9",
    attributes={
        "conditions": "a wind driven by XUV; above recombination_flux it grows as the square root of the "
        "flux, as computed for hot Jupiters above 10 W/m2"
    },
)
def energy_limited(
    *,
    xuv_flux: sympy.Expr,
    efficiency: sympy.Expr,
    radius: sympy.Expr,
    gravity: sympy.Expr,
    xuv_radius: sympy.Expr | float = 1.0,
    inverse_hill_radius: sympy.Expr | float = 0.0,
    inverse_recombination_flux: sympy.Expr | float = 0.0,
    **_: object,
) -> sympy.Expr:
    """Mass that leaves per area of the surface [kg/m2/s], mean over the sphere.

    xuv_flux [W/m2]: at the planet's orbit; efficiency: share of it that lifts gas; radius [m], gravity
    [m/s2]: of the surface; xuv_radius: where XUV is absorbed, over radius; inverse_hill_radius: radius over
    that of the Hill sphere, 0 without tides; inverse_recombination_flux [m2/W]: 1 over the flux above which
    the gas radiates and recombines, 0 without it.
    """
    near = xuv_radius * inverse_hill_radius
    tides = 1 - 1.5 * near + 0.5 * near**3
    radiating = (1 + (xuv_flux * inverse_recombination_flux) ** 4) ** 0.125
    return efficiency * xuv_flux * xuv_radius**2 / (4 * gravity * radius * tides * radiating)


class Atom(NamedTuple):
    """An element that escapes.

    molar_mass [kg/mol]; diffusion [1/m/s]: b in hydrogen (of hydrogen itself: not used).
    """

    molar_mass: sympy.Expr
    diffusion: sympy.Expr


@dataclass(frozen=True)
class Top:
    """The top of the atmosphere in symbols: gravity [m/s2], temperature [K], mass_flux [kg/m2/s]."""

    gravity: sympy.Expr
    temperature: sympy.Expr
    mass_flux: sympy.Expr


@dataclass(frozen=True)
class Flow:
    """The flow that leaves a planet.

    model: its unknown and its constraint; fluxes [1/m2/s]: element -> expression.
    """

    model: Model
    atoms: Mapping[str, Atom]
    top: Top
    fluxes: Mapping[str, sympy.Expr]

    @property
    def symbol(self) -> sympy.Expr:
        """Flux of hydrogen over its fraction [1/m2/s]."""
        return sympy.exp(self.model.unknowns[0].symbol)

    def relative_flux(self, atom: Atom) -> sympy.Expr:
        """Flux of a trace element over its fraction [1/m2/s]."""
        return _flux(sympy.S.One, self.symbol, atom, self.atoms[CARRIER], self.top)

    def crossover_mass(self, name: str) -> sympy.Expr:
        """Crossover mass with the diffusion coefficient of an element [kg/mol]."""
        carrier = self.atoms[CARRIER].molar_mass
        thermal = BOLTZMANN_CONSTANT * self.top.temperature * AVOGADRO_CONSTANT
        return carrier + thermal * self.symbol / (self.atoms[name].diffusion * self.top.gravity)


def flow_of(
    atoms: Mapping[str, Atom],
    fractions: Mapping[str, sympy.Expr],
    top: Top,
    left: Mapping[str, sympy.Expr] | None = None,
    follows: bool = False,
    drag: bool = True,
) -> Flow:
    """The flow of elements, hydrogen among them.

    fractions: of the atoms above the homopause. left: element -> factor on its flux, which fades where little
    is left of it. follows: see Unknown. drag: whether hydrogen drags the others along; if not, they stay.
    """
    unknown = Unknown(
        FLOW,
        "1",
        guess=40.0,
        step=5.0,
        follows=follows,
        long_name="ln of the flux of hydrogen over its fraction in 1/m2/s",
    )
    flow, heavy = sympy.exp(unknown.symbol), [name for name in atoms if name != CARRIER]
    fluxes = {CARRIER: fractions[CARRIER] * flow} | dict.fromkeys(heavy, sympy.S.Zero)
    if drag:
        fluxes |= {
            name: _flux(fractions[name], flow, atoms[name], atoms[CARRIER], top)
            * (left or {}).get(name, sympy.S.One)
            for name in heavy
        }
    masses = (atoms[name].molar_mass * flux for name, flux in fluxes.items())
    # not its logarithm: this is convex in the unknown, so that Newton's method cannot cycle around a corner
    used = sympy.Add(*masses) / AVOGADRO_CONSTANT / top.mass_flux
    if not drag and heavy:
        used = sympy.sqrt(used**2 + (flow / _diffusion_limit(atoms, fractions, top)) ** 2)
    model = Model("escape", unknowns=(unknown,), constraints=(Constraint("mass that escapes", used - 1),))
    return Flow(model, atoms, top, fluxes)


def _diffusion_limit(atoms: Mapping[str, Atom], fractions: Mapping[str, sympy.Expr], top: Top) -> sympy.Expr:
    """Flux of hydrogen over its fraction that diffuses through the other elements at rest [1/m2/s].

    It is the mean of w_j of these elements, b g (m - m_H)/(k T) of one of them (Hunten 1973).
    """
    carrier = atoms[CARRIER].molar_mass
    per_atom = top.gravity / (AVOGADRO_CONSTANT * BOLTZMANN_CONSTANT * top.temperature)
    heavy = {name: atom for name, atom in atoms.items() if name != CARRIER}
    limits = (fractions[n] * a.diffusion * per_atom * (a.molar_mass - carrier) for n, a in heavy.items())
    return sympy.Add(*limits) / sympy.Add(*(fractions[name] for name in heavy))


def _flux(fraction: sympy.Expr, flow: sympy.Expr, atom: Atom, carrier: Atom, top: Top) -> sympy.Expr:
    """Flux of an element that is not the carrier [1/m2/s]."""
    return symbolic(find("escape", BY_ELEMENT))(
        fraction=fraction,
        flow=flow,
        diffusion=atom.diffusion,
        gravity=top.gravity,
        temperature=top.temperature,
        molar_mass=atom.molar_mass,
        carrier_mass=carrier.molar_mass,
    )


def hill_radius(orbit: float, mass: float, star_mass: float) -> float:
    """Radius of the Hill sphere [m]; orbit [m], masses [kg]."""
    return float(orbit * (mass / (3 * star_mass)) ** (1 / 3))
