"""What of a record can be computed: gases that a mechanism can have, condensates that are modelled; the rest passed over by name.

A gas beside slag, minerals or metal is in equilibrium by itself: its elements at the same temperature and pressure give
its species again. So where a phase that is not modelled takes part, the elements are those of the gas and of the modelled
condensates, not those of the input.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import shipped_mechanisms
from ..chemistry.records import CHARGE
from .factsage import Record, charge, composition, elements_of

GRAPHITE, WATER = "C(gr)", "H2O(l)"
LITTLE = 1e-6  # of the pressure; gases passed over that hold less do not change the problem


def modelled(record: Record, mechanism: str | None) -> Record:
    """The record with what can be computed of it; `passed` and `remarks` name the rest. A planet's row as it is."""
    if record.case or record.melt_fraction is not None:
        return record
    passed, remarks = dict(record.passed), list(record.remarks)
    names = _gases(record, mechanism, passed)
    gone = math.fsum(p for s, p in record.pressures.items() if s not in names and not charge(s))
    condensates, open_system = _condensates(record, mechanism, passed)
    foreign = sorted(set(record.moles) - _elements(mechanism))
    pressures = {names[s]: p for s, p in record.pressures.items() if s in names}
    moles, pressure = record.moles, record.pressure
    if open_system or foreign or gone > LITTLE * pressure:
        gas = record.gas_moles if record.gas_moles is not None else 1.0
        solid = {s: n for s, n in condensates.items() if n > 0} if record.gas_moles is not None else {}
        moles = elements_of({s: p / pressure * gas for s, p in pressures.items()} | solid)
        pressure -= gone
        among = " and the modelled condensates" if solid else ""
        why = ", ".join([*open_system, *foreign, *(["gases"] if gone > LITTLE * record.pressure else [])])
        remarks.append(
            f"elements and pressure are those of the compared gases{among}, not of the whole input, because of {why}."
        )
    kept = names.keys()
    return replace(
        record, pressures=pressures, rounding={names[s]: record.rounding[s] for s in kept}, fugacities={names[s]: f for s, f in record.fugacities.items() if s in kept},
        condensates=condensates, activities={s: a for s, a in record.activities.items() if s in condensates or s in _pure(mechanism)},
        moles=moles, pressure=pressure, passed=passed, remarks=tuple(remarks),
    )  # fmt: skip


def solids(record: Record, moles, mechanism: str) -> list[str]:
    """The condensates that our computation allows: graphite where there is carbon, and those that the record has."""
    present = {e for e, n in moles.items() if n > 0}
    known = read_mechanism(mechanism).species
    names = [GRAPHITE] if GRAPHITE in known else []
    names += [
        s
        for s in record.condensates
        if s not in names and (s == WATER and "H2O" in known or s in known and known[s].phase != "gas")
    ]
    return [s for s in names if set(composition(s) or known[s].composition) <= present]


def _gases(record, mechanism, passed) -> dict[str, str]:
    """Gases of the record -> their name in the mechanism; those it cannot have are put into `passed`."""
    elements = _elements(mechanism)
    what = f"the mechanism {mechanism}" if mechanism else "every shipped mechanism"
    names = {}
    for species in record.pressures:
        if charge(species):
            name = _ion(mechanism, species)
            if name:
                names[species] = name
            else:
                passed[species] = (
                    f"an ion, which {what.replace('every', 'no')} {'lacks' if mechanism else 'has'}"
                )
        elif lacking := sorted(set(composition(species) or {}) - elements):
            passed[species] = (
                f"a gas of {', '.join(lacking)}, which {what.replace('every', 'no')} {'lacks' if mechanism else 'has'}"
            )
        else:
            names[species] = species
    return names


def _ion(mechanism, species) -> str:
    """The mechanism's name of an ion with these atoms and this charge; "" where it has none."""
    if mechanism is None:
        return ""
    atoms = {e: n for e, n in (composition(species) or {}).items()} | {CHARGE: -charge(species)}
    found = [
        s.name
        for s in read_mechanism(mechanism).species.values()
        if s.phase == "gas" and {e: n for e, n in s.composition.items() if n} == atoms
    ]
    return found[0] if len(found) == 1 else species if species in found else ""


def _elements(mechanism) -> set[str]:
    """Elements of the gases of the mechanism, or of all shipped ones."""
    names = [mechanism] if mechanism else shipped_mechanisms()
    return {
        e
        for name in names
        for s in read_mechanism(name).species.values()
        if s.phase == "gas"
        for e in s.composition
    } - {CHARGE}


def _pure(mechanism) -> set[str]:
    """Condensates that are modelled."""
    names = [mechanism] if mechanism else shipped_mechanisms()
    return {s.name for name in names for s in read_mechanism(name).species.values() if s.phase != "gas"} | {
        WATER
    }


def _condensates(record, mechanism, passed) -> tuple[dict[str, float], list[str]]:
    """Modelled condensates -> mol, and the names of the phases that take part and are not modelled."""
    known = _pure(mechanism)
    kept, taking_part = {}, []
    for name, n in record.condensates.items():
        if name in known:
            kept[name] = n
            continue
        amount = "some" if math.isnan(n) else f"{n:.5g} mol"
        passed[name] = f"a pure condensate, {amount}" if n != 0 else "a pure condensate, not there"
        if n != 0:
            taking_part.append(name)
    for name in record.activities:
        if name not in known and name not in record.condensates:
            passed[name] = f"a pure condensate, activity {record.activities[name]:.5g}"
            if record.activities[name] >= 0.99999:
                taking_part.append(name)
    for name, amount in record.phases.items():
        passed[name] = f"a solution, {amount}" if amount else "a solution, not there"
        if amount:
            taking_part.append(name)
    return kept, taking_part
