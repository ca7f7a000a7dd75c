"""Another program's equilibria beside ours: the same problem computed in several ways, species by species, with reasons.

Of each record: "ours" (the gases of the paper and the planet's own laws, or the same gases in a closed system), "full"
(all shipped gases of the elements, by our kernel), "oracle" (the same by Cantera's minimiser) and "cea" (NASA's CEA,
where its package is installed). The last three take the elements of gas and condensates, the temperature and the total
pressure of "ours". What of a record cannot be computed is passed over by name (comparison/modelled.py).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from ..case import Case
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import shipped_mechanisms
from ..closures.fugacity import KIND as FUGACITY
from ..closures.law import find as find_law
from ..constants import BAR
from ..equilibria.mechanism_choice import choose_mechanism
from ..equilibria.planet_equilibrium import equilibrium
from ..equilibria.planet_problem import prepare
from ..errors import ConvergenceError, InputError
from ..planet.species_of_case import GRAPHITE
from ..provenance.calibration import CalibrationWarning
from ..provenance.omissions import OmissionWarning
from .answers import METHODS, Answer, Comparison, Entry, Quantity, State
from .cea import by_cea
from .closed import FEW, attempt, solve
from .dataset import dataset
from .factsage import Record, elements_of
from .modelled import modelled
from .quantities import printed_otherwise, quantities
from .reasons import known_offsets

__all__ = [
    "METHODS",
    "Answer",
    "Comparison",
    "Entry",
    "Quantity",
    "State",
    "compare",
    "dataset",
    "independent",
    "largest_mechanism",
    "problem",
]
largest_mechanism = choose_mechanism


def compare(
    records: Iterable[Record], *, mechanism: str | None = None, cea: bool = True, fugacity: str | None = None
) -> tuple[Comparison, ...]:
    """Each record computed by every method.

    mechanism: name or path for "full" and "oracle"; by default the smallest shipped one with all gases of the record's
    elements. cea: whether to ask NASA's program, where it is installed. fugacity: law for the records of a real gas;
    without it they are compared with an ideal gas, and their notes say so. InputError, with file and line, for a record
    that cannot be computed.
    """
    if fugacity is not None:
        find_law(FUGACITY, fugacity, f"fugacity = {fugacity!r}")
    return tuple(_compare(record, mechanism, cea, fugacity) for record in records)


def _compare(whole: Record, mechanism: str | None, cea: bool, fugacity: str | None) -> Comparison:
    record = modelled(whole, mechanism)
    law, notes = _law(record, fugacity)
    if not any(n > 0 for n in record.moles.values()) and not _planet_row(record):
        return _nothing(whole, record, notes)
    state = problem(record, law)
    name = mechanism or choose_mechanism([e for e, n in state.moles.items() if n > 0])
    answers = {
        "ours": state.answer
        or Answer(state.pressures, state.condensates, state.how, log10_fO2=state.log10_fO2),
        "full": attempt(record, state.moles, state.pressure, mechanism, name, law=law),
        "oracle": attempt(record, state.moles, state.pressure, mechanism, name, law=law, engine="cantera"),
    }
    if cea:
        answers["cea"] = independent(record, state)
    given = {m: a for m, a in answers.items() if not a.silent}
    entries = []
    for species, theirs in record.pressures.items():
        computed = {m: a.pressures[species] for m, a in given.items() if species in a.pressures}
        if species == "O2":
            computed.setdefault("ours", BAR * 10**state.log10_fO2)
        entries.append(Entry(species, theirs, record.rounding[species], computed))
    fugacities = {
        m: math.log10(a.pressures["O2"] / BAR) for m, a in given.items() if a.pressures.get("O2", 0.0) > 0
    }
    fugacities |= {m: a.log10_fO2 for m, a in given.items() if math.isfinite(a.log10_fO2)} | {
        "ours": state.log10_fO2
    }
    if record.log10_fO2 is not None:
        fugacities["table"] = record.log10_fO2
    return Comparison(
        record=record,
        state=state,
        entries=tuple(entries),
        methods={m: a.what for m, a in given.items()},
        silent={m: a.silent for m, a in answers.items() if a.silent},
        condensates={m: a.condensates for m, a in given.items()},
        log10_fO2=fugacities,
        reasons=tuple(known_offsets(record, state, entries, name, read_mechanism(name), answers)),
        quantities=tuple(quantities(record, state, given, fugacities)),
        notes=(*notes, *record.remarks, *printed_otherwise(record, state, answers["full"])),
        passed=record.passed,
    )


def _planet_row(record: Record) -> bool:
    return bool(record.case) or record.melt_fraction is not None


def _law(record: Record, fugacity: str | None) -> tuple[str, tuple[str, ...]]:
    """The law of fugacity coefficients for a record, and the sentence on it where one is due."""
    if record.table.gas != "real":
        return "ideal", () if fugacity in (None, "ideal") else (
            f"the table's gas is ideal, so that {fugacity} is not applied.",
        )
    if "chemistry.fugacity" in record.case:
        return record.case["chemistry.fugacity"], ()
    if fugacity in (None, "ideal"):
        return "ideal", (
            "the table's gas is REAL and ours is ideal: the differences hold the fugacity coefficients. Name a law of real gases: --fugacity PengRobinson1976.",
        )
    return fugacity, (f"a real gas in the table, and here fugacity coefficients by {fugacity}.",)


def _nothing(whole: Record, record: Record, notes) -> Comparison:
    """The comparison of a record in which nothing can be computed."""
    state = State(record.pressure, {}, {}, {}, math.nan, "")
    notes = (*notes, *record.remarks, "nothing of this row can be compared.")
    return Comparison(record, state, (), {}, {}, {}, {}, (), notes=notes, passed=record.passed)


# ---- the methods


def problem(record: Record, law: str = "ideal") -> State:
    """The record's problem and our answer: on its planet where it has one, else in a closed system of the few gases.

    law: of the fugacity coefficients.
    """
    return _on_planet(record, law) if _planet_row(record) else _closed(record, law)


def independent(record: Record, state: State | None = None) -> Answer:
    """NASA's CEA (package `cea`) on the record's problem: all its species of the elements, condensates included.

    An Answer whose `silent` says why there is none: not installed, an element it was not given, or no convergence.
    """
    state = state or problem(record)
    if state.law != "ideal":
        return Answer({}, {}, "", "not asked: its gases are ideal, and the table's are real")
    return by_cea(record.temperature, state.pressure, state.moles)


def _on_planet(record: Record, law: str) -> State:
    """Gas, melt and graphite at the record's temperature and melt fraction; oxygen as the table says."""
    changes = dict(record.case)
    if law != "ideal":
        changes.setdefault("chemistry.fugacity", law)
    if record.table.oxygen == "own":
        changes |= {"redox.oxygen_fugacity": f"log10 fO2 = {record.log10_fO2!r}", "redox.buffer": "none"}
    try:
        return _planet(tuple(sorted(changes.items())), record.temperature, record.melt_fraction, law)
    except InputError as error:
        raise InputError(f"{record.place}: {error.where}", error.problem, error.allowed, error.cure) from None
    except ConvergenceError as error:
        raise ConvergenceError(f"{record.place}: {error}") from None


@lru_cache(maxsize=64)
def _planet(changes, temperature, melt_fraction, law) -> State:
    case = Case.parse('title = "compared"').replace(dict(changes), origin="column")
    chemistry = prepare(case).planet.chemistry
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)  # the record's own case, which its reader knows
        warnings.simplefilter("ignore", OmissionWarning)
        found = equilibrium(case, temperature, melt_fraction)
    if not bool(found.converged):
        raise ConvergenceError("the equilibrium was not found.")
    pressures = {str(s): float(found.pressure.sel(species=s)) for s in found.species.values}
    total = float(found.surface_pressure)
    gas = float(found.gas_mass.sum()) / float(found.mean_molar_mass)  # mol
    amounts = {s: p / total * gas for s, p in pressures.items()}
    condensates = {}
    if "graphite_mass" in found:
        condensates[GRAPHITE] = float(found.graphite_mass) / chemistry.mechanism.species[GRAPHITE].molar_mass
    melt = " with melt" if melt_fraction else ""
    how = f"{len(pressures)} gases of {chemistry.mechanism.name} and graphite{melt} at a given fO2, ln K {chemistry.source}"
    activity = {GRAPHITE: float(found.graphite_activity)} if "graphite_activity" in found else {}
    answer = Answer(
        pressures, condensates, how, gas_moles=gas, activities=activity, log10_fO2=float(found.log10_fO2)
    )
    return State(
        total,
        elements_of(amounts | condensates),
        pressures,
        condensates,
        float(found.log10_fO2),
        how,
        case,
        law,
        answer,
    )


def _closed(record: Record, law: str) -> State:
    """The few gases (and graphite) with the record's elements, temperature and total pressure."""
    elements = {e for e, n in record.moles.items() if n > 0}
    few = (
        elements <= {"H", "C", "O"} and len(elements & {"H", "O"}) > 0 and "volatiles" in shipped_mechanisms()
    )  # carbon alone has no gas there
    name = "volatiles" if few else choose_mechanism(elements)
    species = [s for s in FEW if s in read_mechanism(name).species] if few else "all"
    found = solve(record, record.moles, record.pressure, name if few else None, name, species, law)
    how = found.what.replace(", by our kernel", ", ln K nasa7")
    return State(
        record.pressure,
        dict(record.moles),
        found.pressures,
        found.condensates,
        found.log10_fO2,
        how,
        None,
        law,
        replace(found, what=how),
    )
