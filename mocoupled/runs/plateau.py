"""The plateau of a planet that absorbs as much as it emits: milestones, and the end of a run that stays."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..atmosphere.bands.emitter import Emitter
from ..constants import YEAR
from ..dae.solve.field_system import FieldSystem
from ..dae.solve.integrate import Event
from ..dae.solve.system import System
from ..planet.assembly import Planet
from ..planet.radiation_by_bands import emitter_of_planet, is_by_bands
from ..planet.radiation_limit import absorbed_until_end, emitted

BEGINS, ENDS, STEADY = "plateau begins", "plateau ends", "steady"
# net over absorbed flux: the plateau begins below the first, and ends above the second
BEGIN_SHARE, END_SHARE = 0.01, 0.02
# ... at which a planet that cools, or heats up, has come to rest: from then on nothing changes but the star
STEADY_SHARE = 1e-4
DARK = 1e-20  # W/m2, in place of an absorbed flux of 0
ABOVE = "absorbed flux above the radiation limit"
BOUND = "The planet is in radiative equilibrium, and its temperature is an upper bound."


@dataclass(frozen=True)
class Fluxes:
    """net (without heat made inside), absorbed: W/m2. surface: temperature [K]. pressures: gas -> [Pa]."""

    net: float
    absorbed: float
    surface: float
    pressures: dict[str, float]

    @property
    def share(self) -> float:
        """Net over absorbed flux; huge where nothing is absorbed (an albedo of 1)."""
        return self.net / max(self.absorbed, DARK)


class Plateau:
    """The fluxes of a planet that radiates by bands along its run, each state computed once."""

    def __init__(self, planet: Planet, system: System | FieldSystem) -> None:
        self.planet, self.system = planet, system
        self._known: tuple[float, bytes, Fluxes] | None = None
        outputs = list(enumerate(planet.model.outputs))
        self._plain = {o.name: k for k, o in outputs if not o.dimension}  # output -> its place
        self._gases = {o.label: k for k, o in outputs if o.name == "pressure"}

    @cached_property
    def _emitter(self) -> Emitter | None:
        return emitter_of_planet(self.planet.case, self.planet.structure, self.planet.chemistry)

    def fluxes(self, time: float, x: np.ndarray) -> Fluxes:
        """The fluxes at a time [s] and state."""
        state = x.tobytes()
        if self._known is not None and self._known[:2] == (time, state):
            return self._known[2]
        values, _ = self.system.show(x, time)
        plain, heated = self._plain, self._plain.get("internal_heating")
        area = 4 * math.pi * self.planet.structure.radius**2
        fluxes = Fluxes(
            net=values[plain["flux"]] - (0.0 if heated is None else values[heated] / area),
            absorbed=values[plain["absorbed_flux"]],
            surface=values[plain["surface_temperature"]],
            pressures={gas: values[k] for gas, k in self._gases.items()},
        )
        self._known = time, state, fluxes
        return fluxes

    def limit(self, fluxes: Fluxes) -> float:
        """What the planet would emit [W/m2] with this gas over a surface at the end temperature."""
        case = self.planet.case
        T = min(case.run.end_surface_temperature, fluxes.surface)
        return emitted(case, self._emitter, T, fluxes.pressures, fluxes.absorbed)

    def lasts(self, time: float, fluxes: Fluxes) -> bool:
        """Whether the planet will absorb more than this until the end of the run.

        Never with a gas that is lost to space: the march decides.
        """
        if self.planet.laws["escape"].name != "none":
            return False
        least, _ = absorbed_until_end(self.planet.case, time, fluxes.absorbed)
        return least > self.limit(fluxes)

    def stays(self, time: float, x: np.ndarray) -> bool:
        """Whether a planet that comes to rest in this state rests until the end of the run."""
        return self.lasts(time, self.fluxes(time, x))

    def steady(self, time: float, x: np.ndarray) -> float:
        """Positive until the run has become steady."""
        fluxes = self.fluxes(time, x)
        beyond = abs(fluxes.share) - STEADY_SHARE
        if beyond > 0.0 or self.lasts(time, fluxes):
            return beyond
        return STEADY_SHARE

    def sentence(self, time: float, x: np.ndarray) -> str:
        """The end of a run that has become steady, with its fluxes."""
        fluxes, end = self.fluxes(time, x), self.planet.case.run.end_time or time
        least, most = absorbed_until_end(self.planet.case, time, fluxes.absorbed)
        until = f"until {end / (1e6 * YEAR):.4g} Myr"
        return (
            f"Steady: {ABOVE}. {fluxes.absorbed:.4g} W/m2 are absorbed and "
            f"emitted at {fluxes.surface:.1f} K; {until} {least:.4g} to {most:.4g} W/m2 are absorbed, "
            f"and at {self.planet.case.run.end_surface_temperature:g} K this gas would emit "
            f"{self.limit(fluxes):.4g} W/m2. {BOUND}"
        )


def plateau_events(planet: Planet, system: System | FieldSystem) -> list[Event]:
    """Milestones of the plateau, and the end of a run that stays on it; none with another radiation law."""
    if not is_by_bands(planet.case):
        return []
    plateau = Plateau(planet, system)

    def share(sign: float, threshold: float) -> Callable[[float, np.ndarray], float]:
        return lambda t, x: sign * (abs(plateau.fluxes(t, x).share) - threshold)

    def unrest(sign: float) -> Callable[[float, np.ndarray], float]:
        return lambda t, x: sign * plateau.fluxes(t, x).share - STEADY_SHARE

    reached = f"{STEADY.capitalize()}: {ABOVE}."
    return [
        Event(BEGINS, "The planet emits about what it absorbs.", share(1.0, BEGIN_SHARE), ends=False),
        Event(ENDS, "The planet emits more than it absorbs again.", share(-1.0, END_SHARE), ends=False),
        Event(STEADY, reached, plateau.steady),
        # a star that brightens drags the net flux through zero, within one step of the integrator
        *(Event(STEADY, reached, unrest(s), from_above=True, counts=plateau.stays) for s in (1.0, -1.0)),
    ]
