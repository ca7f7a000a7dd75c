"""What of a record can be computed: gases of a mechanism and modelled condensates; the rest is passed over by
name.

A gas beside slag, minerals or metal is in equilibrium by itself: its elements at the same temperature and
pressure give its species again. So where a phase that is not modelled is present, the elements are those of
the gas and of the modelled condensates, not those of the input.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import gas_mechanisms
from ..chemistry.records import CHARGE
from .factsage import Record, charge, composition, elements_of

if TYPE_CHECKING:
    from ..chemistry.records import Species

GRAPHITE, WATER = "C(gr)", "H2O(l)"
SATURATED = 0.99999  # activity from which a condensate counts as present
LITTLE = 1e-6  # of the pressure; gases passed over that are less than this do not change the problem


def modelled(record: Record, mechanism: str | None) -> Record:
    """The part of the record that can be computed; `passed` and `remarks` name the rest. A planet's row as it
    is."""
    if record.case or record.melt_fraction is not None or record.pressure is None:
        return record
    passed, remarks = dict(record.passed), list(record.remarks)
    names = _gases(record, mechanism, passed)
    gone = math.fsum(p for s, p in record.pressures.items() if s not in names and not charge(s))
    condensates, open_system = _condensates(record, mechanism, passed)
    foreign = sorted(set(record.moles) - _elements(mechanism))
    pressures = {names[s]: p for s, p in record.pressures.items() if s in names}
    moles, pressure = record.moles, record.pressure
    missing = ["gases"] if gone > LITTLE * pressure else []
    if open_system or foreign or missing:
        gas = 1.0 if record.gas_moles is None else record.gas_moles
        solid = {} if record.gas_moles is None else {s: n for s, n in condensates.items() if n > 0}
        moles = elements_of({s: p / pressure * gas for s, p in pressures.items()} | solid)
        pressure -= gone
        among = " and the modelled condensates" if solid else ""
        why = ", ".join([*open_system, *foreign, *missing])
        remarks.append(
            f"elements and pressure are those of the compared gases{among}, not of the whole input, because "
            f"of {why}."
        )
    with_activity = condensates.keys() | _pure(mechanism)
    return replace(
        record,
        pressures=pressures,
        rounding={name: record.rounding[s] for s, name in names.items()},
        fugacities={names[s]: f for s, f in record.fugacities.items() if s in names},
        condensates=condensates,
        activities={s: a for s, a in record.activities.items() if s in with_activity},
        moles=moles,
        pressure=pressure,
        passed=passed,
        remarks=tuple(remarks),
    )


def solids(record: Record, moles: Mapping[str, float], mechanism: str) -> list[str]:
    """The condensates that our computation allows: graphite where there is carbon, and those of the
    record."""
    present = {e for e, n in moles.items() if n > 0}
    known = read_mechanism(mechanism).species
    names = [GRAPHITE] if GRAPHITE in known else []
    for name in record.condensates:
        water = name == WATER and "H2O" in known
        if name not in names and (water or (name in known and known[name].phase != "gas")):
            names.append(name)
    return [s for s in names if set(composition(s) or known[s].composition) <= present]


def _gases(record: Record, mechanism: str | None, passed: dict[str, str]) -> dict[str, str]:
    """Gases of the record -> their name in the mechanism; those that it cannot have are put into `passed`."""
    elements = _elements(mechanism)
    lacks = f"the mechanism {mechanism} lacks" if mechanism else "no shipped mechanism has"
    names = {}
    for species in record.pressures:
        if charge(species):
            name = _ion(mechanism, species)
            if name:
                names[species] = name
            else:
                passed[species] = f"an ion, which {lacks}"
        elif lacking := sorted(set(composition(species) or {}) - elements):
            passed[species] = f"a gas of {', '.join(lacking)}, which {lacks}"
        else:
            names[species] = species
    return names


def _ion(mechanism: str | None, species: str) -> str:
    """The mechanism's name of an ion with these atoms and this charge; "" where it has none."""
    if mechanism is None:
        return ""
    atoms = {**(composition(species) or {}), CHARGE: -charge(species)}
    names = [
        s.name
        for s in read_mechanism(mechanism).species.values()
        if s.phase == "gas" and {e: n for e, n in s.composition.items() if n} == atoms
    ]
    if len(names) == 1:
        return names[0]
    return species if species in names else ""


def _species_of(mechanism: str | None) -> list[Species]:
    """Species of the mechanism, or of all shipped ones."""
    names = [mechanism] if mechanism else gas_mechanisms()
    return [species for name in names for species in read_mechanism(name).species.values()]


def _elements(mechanism: str | None) -> set[str]:
    """Elements of the gases of the mechanism, or of all shipped ones."""
    gases = [s for s in _species_of(mechanism) if s.phase == "gas"]
    return {element for s in gases for element in s.composition} - {CHARGE}


def _pure(mechanism: str | None) -> set[str]:
    """Condensates that are modelled."""
    return {s.name for s in _species_of(mechanism) if s.phase != "gas"} | {WATER}


def _condensates(
    record: Record, mechanism: str | None, passed: dict[str, str]
) -> tuple[dict[str, float], list[str]]:
    """Modelled condensates -> mol, and the names of the phases that take part and are not modelled.

    Phases that are not modelled are put into `passed`.
    """
    modelled_names = _pure(mechanism)
    amounts: dict[str, float] = {}
    taking_part = []
    for name, n in record.condensates.items():
        if name in modelled_names:
            amounts[name] = n
            continue
        amount = "some" if math.isnan(n) else f"{n:.5g} mol"
        passed[name] = f"a pure condensate, {amount}" if n != 0 else "a pure condensate, not there"
        if n != 0:
            taking_part.append(name)
    for name, activity in record.activities.items():
        if name not in modelled_names and name not in record.condensates:
            passed[name] = f"a pure condensate, activity {activity:.5g}"
            if activity >= SATURATED:
                taking_part.append(name)
    for name, printed in record.phases.items():
        passed[name] = f"a solution, {printed}" if printed else "a solution, not there"
        if printed:
            taking_part.append(name)
    return amounts, taking_part
