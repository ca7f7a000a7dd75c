"""Whether a planet absorbs more starlight than it can emit when it solidifies: known before the run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy

from ..atmosphere.bands.emitter import Emitter
from ..case import Case
from ..chemistry.volatile_chemistry import Chemistry
from ..constants import STEFAN_BOLTZMANN_CONSTANT
from ..dae.declare.model import TIME
from ..dae.leaves.external import numeric
from ..interior.static_structure import Structure
from .light_of_star import absorbed_light, insolation_between, skin_temperature
from .radiation_by_bands import emitter_of_planet, is_by_bands

# gas of each element when it is oxidised, and its mass over that of the element
OXIDISED = {"H": ("H2O", 8.9365), "C": ("CO2", 3.6641), "N": ("N2", 1.0), "S": ("SO2", 1.9979)}
TRACE = 1e-6  # Pa, of every other gas
ATTRIBUTE = "plateau"  # of a result
# share by which the levels of a column may be wrong on the plateau: see docs/stars.md
UNRESOLVED = 0.04


@dataclass(frozen=True)
class SolidifyingPlanet:
    """A planet at its end temperature, all of whose volatiles are in the gas, under the star at the start.

    absorbed, emitted: W/m2. temperature: of the surface [K].
    """

    absorbed: float
    emitted: float
    temperature: float

    @property
    def stalls(self) -> bool:
        """Whether it absorbs more than it emits."""
        return self.absorbed > self.emitted

    @property
    def is_close(self) -> bool:
        """Whether both fluxes are so close that the levels of the column decide which is larger."""
        return abs(self.absorbed / self.emitted - 1.0) < UNRESOLVED

    @property
    def sentence(self) -> str:
        """Both fluxes, and what they mean."""
        fluxes = (
            f"The planet absorbs {self.absorbed:.4g} W/m2 of starlight at the start; with a surface at "
            f"{self.temperature:g} K below all of its hydrogen as steam and carbon as CO2 it emits "
            f"{self.emitted:.4g} W/m2"
        )
        if self.is_close:
            return f"{fluxes}: the levels of the atmosphere do not resolve whether it solidifies."
        if self.stalls:
            return (
                f"{fluxes}: while it absorbs that much, it does not solidify. (With water dissolved in its "
                "melt it emits more.)"
            )
        return f"{fluxes}."


def solidifying(case: Case, inside: Structure, chemistry: Chemistry) -> SolidifyingPlanet | None:
    """The fluxes of the planet when it solidifies; None with another radiation law and without any gas.

    The gas is oxidised; hydrogen that stays H2 lowers what is emitted by up to some ten per cent.
    """
    if not is_by_bands(case):
        return None
    emitter = emitter_of_planet(case, inside, chemistry)
    pressures = {} if emitter is None else _degassed(inside, chemistry, emitter)
    if not pressures:
        return None
    T = case.run.end_surface_temperature
    flux = absorbed_light(case, sympy.Float(T), {name: sympy.Float(p) for name, p in pressures.items()}).flux
    absorbed = float(numeric([TIME], flux)(0.0))
    return SolidifyingPlanet(absorbed, emitted(case, emitter, T, pressures, absorbed), T)


def emitted(
    case: Case, emitter: Emitter | None, T: float, pressures: Mapping[str, float], absorbed: float
) -> float:
    """Outgoing flux [W/m2] over a surface at T [K] below partial pressures [Pa], species -> pressure.

    absorbed [W/m2]: the flux that the stratosphere follows, where the case does not state it.
    emitter: None of a planet without gases.
    """
    if emitter is None:
        return STEFAN_BOLTZMANN_CONSTANT * T**4
    cold = case.atmosphere.stratosphere
    if cold is None:
        cold = float(skin_temperature(sympy.Float(absorbed)))
    p = np.array([max(pressures.get(name, 0.0), TRACE) for name in emitter.names])
    return emitter.emission(max(T, cold), p, cold).flux.total


def _degassed(inside: Structure, chemistry: Chemistry, emitter: Emitter) -> dict[str, float]:
    """Partial pressures [Pa] of all volatiles as oxidised gases, of those that the planet has."""
    masses = {}
    for element, (gas, ratio) in OXIDISED.items():
        if gas in emitter.names and chemistry.masses.get(element, 0.0) > 0.0:
            masses[gas] = chemistry.masses[element] * ratio
    moles = {gas: mass / chemistry.molar_mass(gas) for gas, mass in masses.items()}
    total = sum(masses.values()) * inside.gravity / (4 * math.pi * inside.radius**2)
    return {gas: total * n / sum(moles.values()) for gas, n in moles.items()}


def announcement(case: Case, inside: Structure, chemistry: Chemistry) -> str:
    """The sentence on a planet that absorbs more than it can emit, or nearly so; "" for any other."""
    planet = solidifying(case, inside, chemistry)
    return planet.sentence if planet is not None and (planet.stalls or planet.is_close) else ""


def least_absorbed(case: Case, time: float, absorbed: float) -> float:
    """The least flux [W/m2] absorbed from `time` [s] to the end of the run, along the star's track.

    absorbed [W/m2]: at that time; the albedo stays that of this time.
    """
    times, light = insolation_between(case)
    now = float(np.interp(time, times, light))
    return absorbed * min(1.0, float(light[times >= time].min(initial=now)) / now)
