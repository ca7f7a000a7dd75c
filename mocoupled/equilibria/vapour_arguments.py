"""The arguments of the vapour of a melt, read and checked before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..broadcasting import Conditions, broadcast
from ..closures.redox import ABSOLUTE_RANGE, OxygenFugacity, parse_oxygen_fugacity
from ..conditions import table
from ..errors import InputError
from ..melt import activities as melt
from ..melt.composition import MeltComposition
from ..plain_values import plain
from ..planet.vapour_of_melt import VapourRequest
from .melt_arguments import stated_melt
from .points import Range, check_columns

CONGRUENT = "congruent"
OXYGEN = "log10_oxygen_fugacity"
UNITS = {"temperature": "K", OXYGEN: "1"}
# Pa; of a prescribed pressure. Beyond, a typing error.
PRESSURES = (1e-60, 1e11)


@dataclass(frozen=True)
class VapourConditions:
    """A request for the vapour of a melt.

    conditions: temperature, pressure_GAS, and log10_oxygen_fugacity where it is a number.
    composition: of the melt, oxide -> number or array over the points, with the oxides of the law alone.
    left_out: oxides of a named composition that the law does not have, with their wt%.
    oxygen: the buffer, or None.
    """

    conditions: Conditions
    composition: MeltComposition
    left_out: Mapping[str, float]
    oxygen: OxygenFugacity | None
    request: VapourRequest

    @property
    def units(self) -> dict[str, str]:
        """Condition -> SI unit."""
        return UNITS | {f"pressure_{gas}": "Pa" for gas in self.request.prescribed}

    @property
    def oxygen_label(self) -> str:
        """What sets the oxygen fugacity, in words."""
        if self.request.congruent:
            return "congruent: the vapour contains the oxygen of its oxides"
        return "log10 fO2 as given" if self.oxygen is None else self.oxygen.label


def vapour_conditions(
    composition: object,
    temperature: object,
    oxygen: object,
    buffer: str | None,
    activities: object,
    pressure: object,
    species: str | Sequence[str],
) -> VapourConditions:
    """The request of these arguments of `mocoupled.vapour`; InputError for what has no meaning."""
    if temperature is None:
        raise InputError("temperature=", "it is missing.", "for example: temperature=2500.0 (K)")
    if not isinstance(activities, str):
        raise InputError(
            f"activities = {activities!r}", "not the name of a law.", f"for example {melt.DEFAULT!r}"
        )
    where = f"activities = {activities!r}"
    stated = stated_melt(composition, activities, where)
    pressures = {} if pressure is None else table(pressure, "pressure=", "pressure={'H2': 1e7}, in Pa")
    congruent, fugacity, numbers = _oxygen(oxygen, buffer)
    arguments: dict[str, object] = {"temperature": temperature, **numbers}
    arguments |= {f"pressure_{gas}": value for gas, value in pressures.items()}
    arguments |= stated.arguments
    units = {key: UNITS.get(key, "Pa" if key.startswith("pressure_") else "%") for key in arguments}
    every = broadcast(arguments, units)
    kept, melted = stated.taken_from(every)
    check_columns(kept.columns, _ranges(kept.columns), written=every.written)
    melt.check_melt(activities, melted.moles, "composition")
    gases = () if species == "all" else _names(species)
    law = "" if fugacity is None or fugacity.buffer is None else fugacity.buffer
    oxides = tuple(melted.mass_fractions)
    request = VapourRequest(oxides, activities, tuple(pressures), congruent, gases, law)
    return VapourConditions(kept, melted, stated.left_out, fugacity, request)


def _ranges(columns: Mapping[str, object]) -> dict[str, Range]:
    """The allowed ranges of prescribed pressures and of the oxygen fugacity."""
    ranges = {key: Range(*PRESSURES, "Pa") for key in columns if key.startswith("pressure_")}
    if OXYGEN in columns:
        ranges[OXYGEN] = Range(*ABSOLUTE_RANGE, "(log10 of bar)")
    return ranges


def _oxygen(oxygen: object, buffer: str | None) -> tuple[bool, OxygenFugacity | None, dict[str, object]]:
    """Whether the vapour is congruent, the buffer or None, and the column of numbers, if there is one."""
    if isinstance(oxygen, str):
        if oxygen.strip().casefold() == CONGRUENT:
            if buffer is not None:
                raise InputError("buffer=", "a congruent vapour has no buffer.", cure="leave it out")
            return True, None, {}
        return False, parse_oxygen_fugacity(oxygen, buffer, f"oxygen = {oxygen!r}"), {}
    if oxygen is None:
        raise InputError(
            "oxygen=", "it is missing.", "allowed: 'congruent', 'IW+0.5', or log10 fO2 in bar as a number"
        )
    if buffer is not None:
        raise InputError("buffer=", "log10 fO2 as a number needs no buffer.", cure="leave it out")
    return False, None, {OXYGEN: oxygen}


def _names(species: object) -> tuple[str, ...]:
    """Names of gases from a list of text."""
    listed = plain(species, "species")
    if not isinstance(listed, list) or not listed or not all(isinstance(name, str) for name in listed):
        raise InputError(
            f"species = {species!r}",
            "not a list of names.",
            "allowed: 'all', or a list such as ['SiO', 'Na']",
        )
    return tuple(dict.fromkeys(listed))
