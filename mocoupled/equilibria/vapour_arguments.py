"""The arguments of the vapour of a melt, read and checked before anything is computed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..broadcasting import Conditions, broadcast
from ..case import Case
from ..closures.ferric_iron import OXIDES
from ..closures.redox import ABSOLUTE_RANGE, OxygenFugacity, parse_oxygen_fugacity
from ..conditions import table
from ..errors import InputError
from ..melt import activities as melt
from ..melt.composition import EXAMPLE, MeltComposition, check_oxides, named, normalised
from ..plain_values import plain
from ..planet.vapour_of_melt import VapourRequest
from ..schema.melt_overrides import oxides_of
from .points import Range, check_columns

CONGRUENT = "congruent"
OXYGEN = "log10_oxygen_fugacity"
UNITS = {"temperature": "K", OXYGEN: "1"}
# Pa; of a prescribed pressure. Beyond, a typing error.
PRESSURES = (1e-60, 1e11)
# of the melt, in place of an oxide that is absent at some points
TRACE = 1e-60
_COLUMN = "composition "  # as messages name it


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
    percent, left_out, name = _oxides(composition, activities, where)
    pressures = {} if pressure is None else table(pressure, "pressure=", "pressure={'H2': 1e7}, in Pa")
    congruent, fugacity, numbers = _oxygen(oxygen, buffer)
    arguments: dict[str, object] = {"temperature": temperature, **numbers}
    arguments |= {f"pressure_{gas}": value for gas, value in pressures.items()}
    arguments |= {_COLUMN + oxide: value for oxide, value in percent.items()}
    units = {key: UNITS.get(key, "Pa" if key.startswith("pressure_") else "%") for key in arguments}
    every = broadcast(arguments, units)
    melted = _composition(every, percent, left_out, name)
    kept = {key: values for key, values in every.columns.items() if not key.startswith(_COLUMN)}
    check_columns(kept, _ranges(kept))
    melt.check_melt(activities, melted.moles, "composition")
    gases = () if species == "all" else _names(species)
    law = "" if fugacity is None or fugacity.buffer is None else fugacity.buffer
    oxides = tuple(melted.mass_fractions)
    request = VapourRequest(oxides, activities, tuple(pressures), congruent, gases, law)
    conditions = Conditions(every.dimensions, every.shape, kept, every.coordinates, every.masked)
    return VapourConditions(conditions, melted, left_out, fugacity, request)


def _ranges(columns: Mapping[str, object]) -> dict[str, Range]:
    """The allowed ranges of prescribed pressures and of the oxygen fugacity."""
    ranges = {key: Range(*PRESSURES, "Pa") for key in columns if key.startswith("pressure_")}
    if OXYGEN in columns:
        ranges[OXYGEN] = Range(*ABSOLUTE_RANGE, "(log10 of bar)")
    return ranges


def _oxides(
    composition: object, activities: str, where: str
) -> tuple[dict[str, object], dict[str, float], str]:
    """The oxides of the law in wt%, those that are left out, and the name of the composition ("" for none).

    InputError for an oxide that the user states and the law does not have.
    """
    known = melt.oxides_in_law(activities, where)
    name = ""
    if isinstance(composition, Case):
        composition = _of_case(composition, known)
    if isinstance(composition, MeltComposition):
        stated: dict[str, object] = {o: 100 * share for o, share in composition.mass_fractions.items()}
        name = composition.name
    elif isinstance(composition, str):
        stated, name = dict(named(composition).weight_percent), composition
    else:
        stated = table(composition, "composition", EXAMPLE)
    check_oxides(stated, "composition")
    others = [oxide for oxide in stated if oxide not in known and oxide != "Fe2O3"]
    if others and not name:
        raise InputError(
            f"composition {', '.join(others)}",
            f"{activities} has no activity for it.",
            f"its oxides: {', '.join(known)}; Fe2O3 counts as FeO",
            "leave it out: the others are normalised to 100 wt%",
        )
    kept = {oxide: value for oxide, value in stated.items() if oxide not in others}
    return kept, {oxide: float(np.max(np.asarray(stated[oxide], dtype=float))) for oxide in others}, name


def _of_case(case: Case, known: Collection[str]) -> object:
    """The composition of a case; where keys override parts of it, the oxides of the law in wt%."""
    if case.redox.total_iron is None and not case.redox.melt_oxides:
        return case.melt.composition
    melt = oxides_of(case.melt, case.redox)
    return {oxide: 100 * share for oxide, share in melt.items() if oxide in known}


def _composition(
    conditions: Conditions, oxides: Mapping[str, object], left_out: Mapping[str, float], name: str
) -> MeltComposition:
    """The melt of these columns, without oxides that are absent everywhere."""
    columns = {oxide: conditions.columns[_COLUMN + oxide] for oxide in oxides}
    if conditions.masked is not None:
        columns = {oxide: np.where(conditions.masked, 1.0, values) for oxide, values in columns.items()}
        # any sum will do where nothing is solved
        columns = {
            oxide: np.where(conditions.masked, 100.0 / len(columns), v) for oxide, v in columns.items()
        }
    there = {oxide: values for oxide, values in columns.items() if np.any(np.asarray(values) != 0)}
    if conditions.size and not there:
        raise InputError("composition", "every oxide is zero.", f"for example {EXAMPLE}")
    whole = normalised((there or columns) | dict(left_out), "composition", name)
    kept = {oxide: share for oxide, share in whole.mass_fractions.items() if oxide not in left_out}
    total = sum(kept.values())
    shares = {oxide: share / total for oxide, share in kept.items()}
    return MeltComposition(shares, whole.total, whole.name, whole.reference)


def ln_moles(composition: MeltComposition) -> dict[str, float | np.ndarray]:
    """Oxide -> ln of its moles; a trace where it is absent."""
    scale = 1.0 / max(mass for mass, _ in OXIDES.values())
    result: dict[str, float | np.ndarray] = {}
    for oxide, moles in composition.moles.items():
        result[oxide] = np.log(np.maximum(moles, TRACE * scale))
    return result


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
