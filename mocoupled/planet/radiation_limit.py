"""Whether a planet absorbs more starlight than it can emit when it solidifies: known before the run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import sympy

from ..atmosphere.bands.emitter import Emitter
from ..case import Case
from ..chemistry.equilibrium_constants import ln_K
from ..chemistry.stoichiometry import reactions
from ..chemistry.volatile_chemistry import Chemistry
from ..constants import STEFAN_BOLTZMANN_CONSTANT
from ..dae.declare.model import TIME
from ..dae.leaves.external import numeric
from ..interior.static_structure import Structure
from .light_of_star import absorbed_light, insolation_between, skin_temperature
from .oxygen import ln_fugacity_of
from .radiation_by_bands import emitter_of_planet, is_by_bands
from .species_of_case import BUFFERED

# gas of each element when it is oxidised, and its atoms of the element in a molecule
OXIDISED = {"H": ("H2O", 2), "C": ("CO2", 1), "N": ("N2", 2), "S": ("SO2", 1)}
# ... and the gas that it becomes where it gives oxygen to the melt
REDUCED = {"H2O": "H2", "CO2": "CO"}
TRACE = 1e-6  # Pa, of every other gas
NAMED = 0.01  # mole fraction from which the sentence names a gas
ATTRIBUTE = "plateau"  # of a result
# share by which the levels of a column may be wrong on the plateau: see docs/stars.md
UNRESOLVED = 0.04


@dataclass(frozen=True)
class SolidifyingPlanet:
    """A planet at its end temperature, all of whose volatiles are in the gas, under the star at the start.

    absorbed, emitted: W/m2. temperature: of the surface [K]. gas: species -> mole fraction.
    """

    absorbed: float
    emitted: float
    temperature: float
    gas: Mapping[str, float] = field(default_factory=dict)

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
            f"{self.temperature:g} K below all of its volatiles ({self._gases}) it emits "
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

    @property
    def _gases(self) -> str:
        """The main gases with their mole fractions, in words."""
        most = sorted(self.gas.items(), key=lambda entry: -entry[1])
        return ", ".join(f"{name} {share:.2g}" for name, share in most if share >= NAMED)


def solidifying(case: Case, inside: Structure, chemistry: Chemistry) -> SolidifyingPlanet | None:
    """The fluxes of the planet when it solidifies; None with another radiation law and without any gas.

    H2O and H2, CO2 and CO are in equilibrium as ideal gases at the oxygen fugacity that the case prescribes;
    of a case with a budget of oxygen the gas is oxidised. Without CH4, graphite and metals of the melt.
    """
    if not is_by_bands(case):
        return None
    emitter = emitter_of_planet(case, inside, chemistry)
    T = case.run.end_surface_temperature
    pressures = {} if emitter is None else _degassed(inside, chemistry, emitter, T)
    if not pressures:
        return None
    flux = absorbed_light(case, sympy.Float(T), {name: sympy.Float(p) for name, p in pressures.items()}).flux
    absorbed = float(numeric([TIME], flux)(0.0))
    total = sum(pressures.values())
    gas = {name: p / total for name, p in pressures.items()}
    return SolidifyingPlanet(absorbed, emitted(case, emitter, T, pressures, absorbed), T, gas)


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


def _degassed(inside: Structure, chemistry: Chemistry, emitter: Emitter, T: float) -> dict[str, float]:
    """Partial pressures [Pa] of all volatiles as gases at T [K], of those that the planet has."""
    moles: dict[str, float] = {}
    for element, (gas, atoms) in OXIDISED.items():
        if gas not in emitter.names or not chemistry.masses.get(element, 0.0) > 0.0:
            continue
        whole = chemistry.masses[element] / (atoms * chemistry.mechanism.atomic_weights[element])
        share = _reduced_share(chemistry, gas, T) if REDUCED.get(gas) in emitter.names else 0.0
        moles[gas] = whole * (1.0 - share)
        if share > 0.0:
            moles[REDUCED[gas]] = whole * share
    mass = sum(n * chemistry.molar_mass(gas) for gas, n in moles.items())
    total = mass * inside.gravity / (4 * math.pi * inside.radius**2)
    return {gas: total * n / sum(moles.values()) for gas, n in moles.items()}


def _reduced_share(chemistry: Chemistry, gas: str, T: float) -> float:
    """The share of an oxidised gas that is reduced at T [K]; 0 where no oxygen fugacity is prescribed."""
    oxygen = chemistry.oxygen or (chemistry.iron and chemistry.iron.fugacity)
    if not oxygen:
        return 0.0
    ln_fO2 = ln_fugacity_of(oxygen, T)
    (reaction,) = reactions(chemistry.mechanism, [gas, REDUCED[gas]])
    counts = {name: float(count) for name, count in reaction.stoichiometry}
    formed = float(ln_K(chemistry.mechanism, reaction, sympy.Float(T), chemistry.source))
    # of the reaction gas = reduced + O2/2, in whichever direction it is written
    ln_ratio = (formed - counts[BUFFERED] * ln_fO2) / counts[REDUCED[gas]]
    return 1.0 / (1.0 + math.exp(-ln_ratio))


def announcement(case: Case, inside: Structure, chemistry: Chemistry) -> str:
    """The sentence on a planet that absorbs more than it can emit, or nearly so; "" for any other."""
    planet = solidifying(case, inside, chemistry)
    return planet.sentence if planet is not None and (planet.stalls or planet.is_close) else ""


def absorbed_until_end(case: Case, time: float, absorbed: float) -> tuple[float, float]:
    """The least and the largest flux [W/m2] absorbed from `time` [s] to the end of the run.

    absorbed [W/m2]: at that time; the albedo stays that of this time.
    """
    times, light = insolation_between(case)
    now = float(np.interp(time, times, light))
    ahead = light[times >= time]
    return absorbed * float(ahead.min(initial=now)) / now, absorbed * float(ahead.max(initial=now)) / now
