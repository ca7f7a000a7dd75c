"""Events of a run: its end conditions, the milestones it passes, and the limits of tables and data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..atmosphere.binary_diffusion import CARRIER
from ..atmosphere.escape_flow import BY_ELEMENT
from ..constants import YEAR
from ..dae.solve.field_system import FieldSystem
from ..dae.solve.integrate import End, Event, Trajectory
from ..dae.solve.system import System
from ..planet.assembly import Planet
from ..planet.escape_of_case import FADING
from ..planet.lid_state import closed_moles
from ..planet.losses_to_space import ESCAPING
from ..planet.metal_of_melt import METAL_MASS, iron_weight
from ..planet.radiation_by_bands import is_by_bands
from ..results.lid_text import EVENT as LID
from ..schema.element_names import ELEMENTS
from .condensate_marks import condensate_events
from .plateau import BEGIN_SHARE, BOUND, STEADY, Plateau, plateau_events

# melt fraction of a mantle that is taken as frozen: the core keeps some melt above it for long
FROZEN = 1e-3
# of the temperature of the lid: where a mantle that froze before it ends, so that the lid is noted first
JUST_PAST = 1 - 1e-9
# share of the hydrogen of a closed gas at which escape has used it up: its balance has no digits left below
USED_UP = 1e-5
NAMES = {symbol: name for name, symbol in ELEMENTS.items()} | {"O": "oxygen"}
# K below the highest temperature of tables and data: where a surface that heats up ends the run
BELOW_THE_END = 0.01


def events(planet: Planet, system: System | FieldSystem, under_lid: bool = False) -> list[Event]:
    """The events of a run of this planet: surface lid, melt fraction, and the limits of the data.

    under_lid: of the march under a lid that has closed.
    """
    options = planet.case.run
    temperature, melt_mass = system.state_value("surface_temperature"), system.state_value("melt_mass")
    mantle_mass = planet.structure.mantle_mass

    def surface(limit: float) -> Callable[[float, np.ndarray], float]:
        return lambda t, x: temperature(x) - limit

    limit, goes_on = options.end_surface_temperature, options.after_lid != "end"
    lid = f"A surface lid forms: the surface has cooled to {limit:g} K."
    forms = Event(LID, lid, surface(limit), options.after_lid != "open", quantity=_of_surface)
    listed = [] if under_lid else [forms]
    least = options.end_melt_fraction
    frozen = least is None and goes_on
    if frozen and options.after_lid == "closed" and not under_lid:
        frozen = False  # it ends the march under the lid
    if frozen or least is not None:
        threshold = max(FROZEN if least is None else least, 1e-9)

        def melt_left(t: float, x: np.ndarray) -> float:
            """The melt fraction above that which ends the run; by default, not before the lid."""
            left = melt_mass(x) / mantle_mass - threshold
            if frozen and not under_lid:
                return max(left, temperature(x) / limit - JUST_PAST)
            return left

        def melt_or_lid(t: float, x: np.ndarray) -> str:
            """The output that the value is of."""
            of_melt = melt_left(t, x) == melt_mass(x) / mantle_mass - threshold
            return "melt_mass" if of_melt else "surface_temperature"

        sentence = f"The melt fraction of the mantle has fallen to {least if least else FROZEN:g}."
        if least == 0:
            sentence = "No melt is left in the mantle."
        listed.append(Event("melt fraction", sentence, melt_left, quantity=melt_or_lid))
    law = planet.laws["escape"].name
    if under_lid and (law == BY_ELEMENT or (law != "none" and ESCAPING in planet.chemistry.species)):
        listed.append(_hydrogen_used_up(planet, system))
    elif law == BY_ELEMENT:
        listed += _elements_used_up(planet, system)
    if not under_lid:
        listed += plateau_events(planet, system)
    listed += condensate_events(system)
    if is_by_bands(planet.case):
        listed += _too_hot(planet, temperature)
    low = planet.temperature_range[0]
    whose = "the data of the species end"
    if low > planet.chemistry.temperature_limits[0]:
        whose = "the tables of the mantle end"
    edge = f"The surface has cooled to {low:.0f} K, where {whose}."
    listed.append(Event("edge of the data", edge, surface(low + 1e-6), quantity=_of_surface))
    return listed


def _of_surface(t: float, x: np.ndarray) -> str:
    """The output that an event of the surface is of."""
    return "surface_temperature"


def _too_hot(planet: Planet, temperature: Callable[[np.ndarray], float]) -> list[Event]:
    """The end of a run whose surface is heated by its star to where the tables or the data end."""
    high = planet.temperature_range[1]
    if planet.initial_temperature >= high - BELOW_THE_END:
        return []
    whose = "the data of the species" if high == planet.chemistry.temperature_limits[1] else "the tables"
    sentence = (
        f"The surface has heated to {high:.0f} K, where {whose} end:"
        " the planet absorbs more starlight than it emits, and its magma ocean stays."
    )
    return [Event("hot edge of the data", sentence, lambda t, x: high - BELOW_THE_END - temperature(x))]


def _hydrogen_used_up(planet: Planet, system: System | FieldSystem) -> Event:
    """The event at which a closed gas has lost its hydrogen to space."""
    outputs = system.model.outputs
    gases = [(k, o.label) for k, o in enumerate(outputs) if o.name == "gas_mass"]
    at_lid = next(p.value for p in system.model.parameters if p.name == "moles_H")

    def left(t: float, x: np.ndarray) -> float:
        """The share of the hydrogen that is left, above that which ends the run."""
        values, _ = system.outputs(x, time=t)
        masses = {name: values[k] for k, name in gases}
        return closed_moles("H", planet.chemistry, masses) / at_lid - USED_UP

    sentence = f"All but {USED_UP:g} of the hydrogen in the gas above the closed lid has escaped to space."
    return Event("hydrogen escaped", sentence, left)


def _elements_used_up(planet: Planet, system: System | FieldSystem) -> list[Event]:
    """The events at which escape has used up an element: without hydrogen the run ends."""
    outputs, inventories = system.model.outputs, {p.name: p.value for p in system.model.parameters}
    names = [(output.name, output.label) for output in outputs]
    metal = names.index((METAL_MASS, "")) if (METAL_MASS, "") in names else -1
    oxygen = names.index(("element_moles", "O")) if ("element_moles", "O") in names else -1
    listed = []
    for k, output in enumerate(outputs):
        if output.name != "element_moles":
            continue
        carrier = output.label == CARRIER
        least, whole = USED_UP if carrier else FADING, inventories[f"moles_{output.label}"]

        def left(t: float, x: np.ndarray, k: int = k, whole: float = whole, least: float = least) -> float:
            """The share of the element that is left, above the least one."""
            values = system.outputs(x, time=t)[0]
            # of oxygen, what is in gas, melt and ferric iron: metal counts negative
            lacking = values[metal] / iron_weight(planet.chemistry) if k == oxygen and metal >= 0 else 0.0
            return (values[k] + lacking) / whole - least

        sentence = f"All but {least:g} of the {NAMES.get(output.label, output.label)} has escaped to space."
        if carrier:
            sentence += " Hydrogen carried the other elements: nothing more escapes by this law."
        listed.append(Event(f"{NAMES.get(output.label, output.label)} escaped", sentence, left, carrier))
    return listed


def ended(planet: Planet, system: System | FieldSystem, trajectory: Trajectory) -> End:
    """The end of a march, whose sentence has the numbers of the last state where these matter."""
    end, last = trajectory.end, (trajectory.time[-1], trajectory.states[-1])
    if end.kind == "time":
        return replace(end, sentence=why_not_ended(planet, system, trajectory))
    if end.name == STEADY:
        return replace(end, sentence=Plateau(planet, system).sentence(*last))
    return end


def why_not_ended(planet: Planet, system: System | FieldSystem, trajectory: Trajectory) -> str:
    """The sentence for a run that stopped at its end time: its last state, and the heat made inside."""
    x = trajectory.states[-1]
    values = system.outputs(x, time=trajectory.time[-1])[0]
    outputs = {output.name: value for output, value in zip(planet.model.outputs, values) if not output.label}
    area = 4 * np.pi * planet.structure.radius**2
    inside = outputs.get("internal_heating", 0.0) / area
    sentence = (
        f"The end time of the case, {trajectory.time[-1] / YEAR:.4g} yr, was reached before any other end:"
        f" the surface is at {outputs['surface_temperature']:.1f} K,"
        f" {outputs['melt_fraction']:.2g} of the mantle is molten,"
        f" and {outputs['flux']:.4g} W/m2 are lost to space"
    )
    if inside > max(0.5 * outputs["flux"], 0.0):
        return f"{sentence}, of which {inside:.4g} are made inside: it may never cool further."
    absorbed = outputs.get("absorbed_flux", 0.0)
    if absorbed and abs(outputs["flux"] - inside) < BEGIN_SHARE * absorbed:
        return f"{sentence}, beside {absorbed:.4g} W/m2 that are absorbed and emitted again. {BOUND}"
    return f"{sentence}."
