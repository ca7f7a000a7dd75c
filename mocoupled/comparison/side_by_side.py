"""Another program's equilibria beside ours: the same problem computed in several ways, species by species,
with reasons.

Of each record: "ours" (the gases of the paper and the laws of the planet, or the same gases in a closed
system), "full" (all shipped gases of the elements, by our kernel), "oracle" (the same by Cantera's minimiser)
and "cea" (NASA's CEA, where its package is installed). The last three take the elements of gas and
condensates, the temperature and the total pressure of "ours". What of a record cannot be computed is passed
over by name (modelled.py).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from ..case import Case
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import shipped_mechanisms
from ..closures.fugacity import KIND as FUGACITY
from ..closures.registry import find as find_law
from ..constants import BAR
from ..equilibria.mechanism_choice import choose_mechanism
from ..equilibria.planet_equilibrium import equilibrium
from ..equilibria.planet_problem import prepare
from ..errors import ConvergenceError, InputError
from ..planet.species_of_case import GRAPHITE
from ..provenance.calibration import CalibrationWarning
from ..provenance.omissions import OmissionWarning
from .answers import Answer, Comparison, Entry, State
from .cea import by_cea
from .closed_system import FEW, attempt, solve
from .factsage import Record, elements_of
from .modelled_parts import modelled
from .quantities import printed_otherwise, record_quantities
from .reasons import known_offsets


def compare(
    records: Iterable[Record], *, mechanism: str | None = None, cea: bool = True, fugacity: str | None = None
) -> tuple[Comparison, ...]:
    """Each record computed by every method.

    mechanism: name or path for "full" and "oracle"; by default the smallest shipped one with all gases of the
    elements of a record. cea: whether to use NASA's program, where it is installed. fugacity: law for the
    records of a real gas; without it they are compared with an ideal gas, and their notes say so. Raises
    InputError, with file and line, for a record that cannot be computed.
    """
    if fugacity is not None:
        find_law(FUGACITY, fugacity, f"fugacity = {fugacity!r}")
    return tuple(_compare(record, mechanism, cea, fugacity) for record in records)


def _compare(whole: Record, mechanism: str | None, cea: bool, fugacity: str | None) -> Comparison:
    record = modelled(whole, mechanism)
    law, notes = _law(record, fugacity)
    if not any(n > 0 for n in record.moles.values()) and not _planet_row(record):
        return _nothing(record, notes)
    state = problem(record, law)
    name = mechanism or choose_mechanism([e for e, n in state.moles.items() if n > 0])
    ours = state.answer
    if ours is None:
        ours = Answer(state.pressures, state.condensates, state.how, log10_fO2=state.log10_fO2)
    answers = {
        "ours": ours,
        "full": attempt(record, state.moles, state.pressure, mechanism, name, law),
        "oracle": attempt(record, state.moles, state.pressure, mechanism, name, law, engine="cantera"),
    }
    if cea:
        answers["cea"] = independent(record, state)
    answered = {m: a for m, a in answers.items() if not a.silent}
    entries = _entries(record, state, answered)
    fugacities = _fugacities(record, state, answered)
    return Comparison(
        record=record,
        state=state,
        entries=entries,
        methods={m: a.what for m, a in answered.items()},
        silent={m: a.silent for m, a in answers.items() if a.silent},
        condensates={m: a.condensates for m, a in answered.items()},
        log10_fO2=fugacities,
        reasons=tuple(known_offsets(record, state, entries, name, answers["full"])),
        quantities=tuple(record_quantities(record, state, answered, fugacities)),
        notes=(*notes, *record.remarks, *printed_otherwise(record, state, answers["full"])),
        passed=record.passed,
    )


def _entries(record: Record, state: State, answers: Mapping[str, Answer]) -> tuple[Entry, ...]:
    """Each printed species with the values of the methods."""
    entries = []
    for species, printed in record.pressures.items():
        computed = {m: a.pressures[species] for m, a in answers.items() if species in a.pressures}
        if species == "O2":
            computed.setdefault("ours", BAR * 10**state.log10_fO2)
        entries.append(Entry(species, printed, record.rounding[species], computed))
    return tuple(entries)


def _fugacities(record: Record, state: State, answers: Mapping[str, Answer]) -> dict[str, float]:
    """Method -> log10 fO2 [bar]; "table": that of the record itself."""
    fugacities = {}
    for method, answer in answers.items():
        if answer.pressures.get("O2", 0.0) > 0:
            fugacities[method] = math.log10(answer.pressures["O2"] / BAR)
    for method, answer in answers.items():
        if math.isfinite(answer.log10_fO2):
            fugacities[method] = answer.log10_fO2
    fugacities["ours"] = state.log10_fO2
    if record.log10_fO2 is not None:
        fugacities["table"] = record.log10_fO2
    return fugacities


def _planet_row(record: Record) -> bool:
    """Whether a record is of a planet, not of a closed system."""
    return bool(record.case) or record.melt_fraction is not None


def _law(record: Record, fugacity: str | None) -> tuple[str, tuple[str, ...]]:
    """The law of fugacity coefficients for a record, and the sentence on it where it needs one."""
    named = fugacity is not None and fugacity != "ideal"
    if record.table.gas != "real":
        if not named:
            return "ideal", ()
        return "ideal", (f"the table's gas is ideal, so that {fugacity} is not applied.",)
    if "chemistry.fugacity" in record.case:
        return record.case["chemistry.fugacity"], ()
    if fugacity is None or fugacity == "ideal":
        sentence = (
            "the table's gas is REAL and ours is ideal: the differences hold the fugacity coefficients. "
            "Name a law of real gases: --fugacity PengRobinson1976."
        )
        return "ideal", (sentence,)
    return fugacity, (f"a real gas in the table, and here fugacity coefficients by {fugacity}.",)


def _nothing(record: Record, notes: Sequence[str]) -> Comparison:
    """The comparison of a record in which nothing can be computed."""
    pressure = math.nan if record.pressure is None else record.pressure
    state = State(pressure, {}, {}, {}, math.nan, "")
    sentences = (*notes, *record.remarks, "nothing of this row can be compared.")
    return Comparison(record, state, (), {}, {}, {}, {}, (), notes=sentences, passed=record.passed)


# ---- the methods


def problem(record: Record, law: str = "ideal") -> State:
    """The problem of the record and our answer: on its planet where it has one, else in a closed system of
    few gases.

    law: of the fugacity coefficients.
    """
    return _on_planet(record, law) if _planet_row(record) else _closed(record, law)


def independent(record: Record, state: State | None = None) -> Answer:
    """NASA's CEA (package `cea`) on the problem of the record: all its species of the elements, with
    condensates.

    An Answer whose `silent` says why there is none: not installed, an element without a reactant, or no
    convergence.
    """
    state = state or problem(record)
    if state.law != "ideal":
        return Answer({}, {}, "", "not computed: its gases are ideal, and the table's are real")
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
def _planet(
    changes: tuple[tuple[str, str], ...], temperature: float, melt_fraction: float | None, law: str
) -> State:
    """Our equilibrium of a planet. changes: of a default case; law: of the fugacity coefficients."""
    case = Case.parse('title = "compared"').replace(dict(changes), origin="column")
    chemistry = prepare(case).planet.chemistry
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)  # the case of the record, which its reader knows
        warnings.simplefilter("ignore", OmissionWarning)
        result = equilibrium(case, temperature, melt_fraction)
    if not bool(result.converged):
        raise ConvergenceError("the equilibrium did not converge.")
    pressures = {str(s): float(result.pressure.sel(species=s)) for s in result.species.values}
    total = float(result.surface_pressure)
    gas = float(result.gas_mass.sum()) / float(result.mean_molar_mass)  # mol
    amounts = {s: p / total * gas for s, p in pressures.items()}
    condensates = {}
    if "graphite_mass" in result:
        molar_mass = chemistry.mechanism.species[GRAPHITE].molar_mass
        condensates[GRAPHITE] = float(result.graphite_mass) / molar_mass
    gases = f"{len(pressures)} gases of {chemistry.mechanism.name} and graphite"
    melt = " with melt" if melt_fraction else ""
    how = f"{gases}{melt} at a given fO2, ln K {chemistry.source}"
    fugacity = float(result.log10_fO2)
    answer = Answer(
        pressures,
        condensates,
        how,
        gas_moles=gas,
        activities={GRAPHITE: float(result.graphite_activity)} if "graphite_activity" in result else {},
        log10_fO2=fugacity,
    )
    moles = elements_of(amounts | condensates)
    return State(total, moles, pressures, condensates, fugacity, how, case, law, answer)


def _closed(record: Record, law: str) -> State:
    """The few gases (and graphite) with the elements, temperature and total pressure of the record."""
    if record.pressure is None:
        raise InputError(record.place, "the total pressure is missing.")
    elements = {e for e, n in record.moles.items() if n > 0}
    of_paper = elements <= {"H", "C", "O"} and "volatiles" in shipped_mechanisms()
    few = of_paper and bool(elements & {"H", "O"})  # carbon alone has no gas in that mechanism
    name = "volatiles" if few else choose_mechanism(elements)
    species: str | list[str] = "all"
    if few:
        species = [s for s in FEW if s in read_mechanism(name).species]
    answer = solve(record, record.moles, record.pressure, name if few else None, name, species, law)
    how = answer.what.replace(", by our kernel", ", ln K nasa7")
    return State(
        record.pressure,
        dict(record.moles),
        answer.pressures,
        answer.condensates,
        answer.log10_fO2,
        how,
        None,
        law,
        replace(answer, what=how),
    )
