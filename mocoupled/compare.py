"""Another program's equilibria beside ours: the same problem computed in several ways, species by species, with reasons.

Of each record: "ours" (the gases of the paper and the planet's own laws, or the same gases in a closed system), "full"
(all gases of the largest mechanism, by our kernel), "oracle" (the same by Cantera's minimiser) and "cea" (NASA's CEA,
where its package is installed). The last three take the elements of gas and graphite, the temperature and the total
pressure of "ours".
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

from .case import Case
from .chemistry.chemistry import GRAPHITE
from .closures.redox import parse_oxygen_fugacity
from .constants import BAR, GAS_CONSTANT
from .equilibria.equilibrium import equilibrium, prepare
from .equilibria.gas import gas_equilibrium
from .errors import ConvergenceError, InputError
from .factsage import Record, composition, elements_of
from .results.calibration import CalibrationWarning
from .results.omissions import OmissionWarning
from .thermochemistry import (
    Mechanism, calibration, ln_K_values, minimise_free_energy, read_mechanism, shipped_mechanisms, temperature_limits,
)  # fmt: skip

if TYPE_CHECKING:
    import xarray

METHODS = ("ours", "full", "oracle", "cea")
FEW = ("H2", "H2O", "CO", "CO2", "CH4", "O2")  # the gases of Bower et al. 2022
ATMOSPHERE_IN_DEX = math.log10(1.01325)  # per mole of gas: data for 1 atm taken for 1 bar
GRAPHITE_VOLUME = 5.56e-6  # m3/mol, 2.16 g/cm3
SENSITIVE = 0.01  # a species that 0.1 % of the oxygen moves by more than this is named


@dataclass(frozen=True)
class Entry:
    """One species of a record: what the table prints, half of its last digit, and what each method gives [Pa]."""

    species: str
    theirs: float
    rounding: float
    computed: Mapping[str, float]

    def dex(self, method: str) -> float:
        """log10 of computed over printed; NaN where either is zero or missing."""
        value = self.computed.get(method, math.nan)
        return math.log10(value / self.theirs) if value > 0 and self.theirs > 0 else math.nan

    def percent(self, method: str) -> float:
        """Computed less printed, in per cent of the printed; NaN where that is zero."""
        return 100 * (self.computed.get(method, math.nan) / self.theirs - 1) if self.theirs > 0 else math.nan

    def rounds(self, method: str) -> bool:
        """Whether the computed value, rounded as the printed one, is the printed one."""
        return abs(self.computed.get(method, math.nan) - self.theirs) <= self.rounding * (1 + 1e-9)


@dataclass(frozen=True)
class State:
    """The problem that the methods share: total pressure [Pa], element -> mol in gas and graphite; and its answer."""

    pressure: float
    moles: Mapping[str, float]
    pressures: Mapping[str, float]
    condensates: Mapping[str, float]
    log10_fO2: float
    how: str
    case: Case | None = None


@dataclass(frozen=True)
class Comparison:
    """A record with what each method makes of it.

    methods: name -> what it is, of those that gave an answer; silent: name -> why it gave none. condensates: method ->
    condensate -> mol. log10_fO2: method -> bar; "table" is the record's own. reasons: sentences on known offsets.
    """

    record: Record
    state: State
    entries: tuple[Entry, ...]
    methods: Mapping[str, str]
    silent: Mapping[str, str]
    condensates: Mapping[str, Mapping[str, float]]
    log10_fO2: Mapping[str, float]
    reasons: tuple[str, ...]

    def farthest(self, method: str) -> Entry | None:
        """The entry on which the method and the table differ most, in dex; None if they share none."""
        return max(self.shared(method), key=lambda e: abs(e.dex(method)), default=None)

    def shared(self, method: str) -> tuple[Entry, ...]:
        """The entries that can be compared; without O2 where ours is the table's own."""
        given = "O2" if self.record.table.oxygen == "own" else ""
        return tuple(e for e in self.entries if math.isfinite(e.dex(method)) and e.species != given)

    def entry(self, species: str) -> Entry:
        """The entry of a species; KeyError if the table does not print it."""
        return {e.species: e for e in self.entries}[species]


@dataclass(frozen=True)
class Answer:
    """What one method gives: partial pressures [Pa], condensates [mol], what it is; or why it gives nothing."""

    pressures: Mapping[str, float]
    condensates: Mapping[str, float]
    what: str
    silent: str = ""


def compare(records: Iterable[Record], *, mechanism: str | None = None, cea: bool = True) -> tuple[Comparison, ...]:
    """Each record computed by every method.

    mechanism: name or path for "full" and "oracle"; by default the shipped one with most gases of the record's
    elements. cea: whether to ask NASA's program, where it is installed. InputError, with file and line, for a record
    that cannot be computed.
    """
    return tuple(_compare(record, mechanism, cea) for record in records)


def _compare(record: Record, mechanism: str | None, cea: bool) -> Comparison:
    state = problem(record)
    name = mechanism or largest_mechanism([e for e, n in state.moles.items() if n > 0])
    held = read_mechanism(name)
    answers = {
        "ours": Answer(state.pressures, state.condensates, state.how),
        "full": _full(record, state, name, held),
        "oracle": _oracle(record, state, held),
    }
    if cea:
        answers["cea"] = independent(record, state)
    told = {m: a for m, a in answers.items() if not a.silent}
    entries = []
    for species, theirs in record.pressures.items():
        computed = {m: a.pressures[species] for m, a in told.items() if species in a.pressures}
        if species == "O2":
            computed.setdefault("ours", BAR * 10**state.log10_fO2)
        entries.append(Entry(species, theirs, record.rounding[species], computed))
    fugacities = {m: math.log10(a.pressures["O2"] / BAR) for m, a in told.items() if a.pressures.get("O2", 0.0) > 0}
    fugacities = {"ours": state.log10_fO2} | fugacities
    if record.log10_fO2 is not None:
        fugacities["table"] = record.log10_fO2
    return Comparison(
        record=record,
        state=state,
        entries=tuple(entries),
        methods={m: a.what for m, a in told.items()},
        silent={m: a.silent for m, a in answers.items() if a.silent},
        condensates={m: a.condensates for m, a in told.items()},
        log10_fO2=fugacities,
        reasons=tuple(_reasons(record, state, entries, name, held, answers)),
    )


# ---- the methods


def problem(record: Record) -> State:
    """The record's problem and our answer: on its planet where it has one, else in a closed system of the few gases."""
    return _on_planet(record) if record.case or record.melt_fraction is not None else _closed(record)


def _on_planet(record: Record) -> State:
    """Gas, melt and graphite at the record's temperature and melt fraction; oxygen as the table says."""
    changes = dict(record.case)
    if record.table.oxygen == "own":
        changes |= {"redox.oxygen_fugacity": f"log10 fO2 = {record.log10_fO2!r}", "redox.buffer": "none"}
    try:
        return _planet(tuple(sorted(changes.items())), record.temperature, record.melt_fraction)
    except InputError as error:
        raise InputError(f"{record.place}: {error.where}", error.problem, error.allowed, error.cure) from None
    except ConvergenceError as error:
        raise ConvergenceError(f"{record.place}: {error}") from None


@lru_cache(maxsize=64)
def _planet(changes, temperature, melt_fraction) -> State:
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
    return State(total, elements_of(amounts | condensates), pressures, condensates, float(found.log10_fO2), how, case)


def _closed(record: Record) -> State:
    """The few gases (and graphite) with the record's elements, temperature and total pressure."""
    elements = {e for e, n in record.moles.items() if n > 0}
    name = "volatiles" if elements <= {"H", "C", "O"} and "volatiles" in shipped_mechanisms() else largest_mechanism(elements)
    held = read_mechanism(name)
    species = [s for s in FEW if s in held.species] if elements <= {"H", "C", "O"} else "all"
    found, (pressures, condensates) = _kernel(record, record.moles, record.pressure, species, name)
    how = f"{len(pressures)} gases of {name} and graphite in a closed system, ln K nasa7"
    fugacity = float(found.log10_fO2) if "log10_fO2" in found else math.nan
    return State(record.pressure, dict(record.moles), pressures, condensates, fugacity, how)


def _full(record, state, name, held) -> Answer:
    try:
        _, (pressures, condensates) = _kernel(record, state.moles, state.pressure, "all", name)
    except (InputError, ConvergenceError) as error:
        return Answer({}, {}, "", f"no result: {str(error).splitlines()[0]}")
    return Answer(pressures, condensates, f"{len(pressures)} gases of {held.name} and graphite in a closed system, by our kernel")


def _kernel(record, moles, pressure, species, mechanism):
    solids = [GRAPHITE] if moles.get("C") and GRAPHITE in read_mechanism(mechanism).species else []
    try:
        found = gas_equilibrium(record.temperature, pressure, dict(moles), species, solids, mechanism=mechanism)
    except InputError as error:
        raise InputError(f"{record.place}: {error.where}", error.problem, error.allowed, error.cure) from None
    if not bool(found.converged):
        raise ConvergenceError(f"{record.place}: our kernel did not converge.")
    gases = {str(s): float(found.pressure.sel(species=s)) for s in found.species.values}
    pure = {str(c): float(found.condensate_moles.sel(condensate=c)) for c in found.condensate.values} if solids else {}
    return found, (gases, pure)


def _oracle(record, state, held: Mechanism) -> Answer:
    """Cantera's own minimiser on the same elements."""
    present = {e for e, n in state.moles.items() if n > 0}
    gases = [s.name for s in held.species.values() if s.phase == "gas" and set(s.composition) <= present]
    solids = [GRAPHITE] if "C" in present and GRAPHITE in held.species else []
    try:
        found = minimise_free_energy(held, record.temperature, state.pressure, state.moles, gases, solids)
    except (InputError, ConvergenceError) as error:
        return Answer({}, {}, "", f"no result: {str(error).splitlines()[0]}")
    total = math.fsum(found[s] for s in gases)
    pressures = {s: found[s] / total * state.pressure for s in gases}
    what = f"{len(gases)} gases of {held.name} and graphite in a closed system, by Cantera {metadata.version('cantera')}"
    return Answer(pressures, {s: found[s] for s in solids}, what)


# what CEA takes the elements from; at given temperature their heat does not matter
_REACTANTS = {"H": ("H2", 2), "O": ("O2", 2), "C": (GRAPHITE, 1), "N": ("N2", 2), "S": ("S2", 2)}
_REACTANTS |= {gas: (gas, 1) for gas in ("He", "Ne", "Ar")}

_CEA_NAMES = {"HCHO,formaldehy": "CH2O", "C2H2,acetylene": "C2H2"}


def independent(record: Record, state: State | None = None) -> Answer:
    """NASA's CEA (package `cea`) on the record's problem: all its species of the elements, condensates included.

    An Answer whose `silent` says why there is none: not installed, an element it was not given, or no convergence.
    """
    state = state or problem(record)
    try:
        import cea
    except ImportError:
        return Answer({}, {}, "", "not installed: pip install cea")
    amounts = {e: n for e, n in state.moles.items() if n > 0}
    lacking = [e for e in amounts if e not in _REACTANTS]
    if lacking:
        return Answer({}, {}, "", f"not asked: no reactant for {', '.join(lacking)}")
    given = [_REACTANTS[e][0] for e in amounts]
    total = math.fsum(amounts.values())
    try:
        reactants, products = cea.Mixture(given), cea.Mixture(given, products_from_reactants=True)
        solver = cea.EqSolver(products, reactants=reactants, trace=1e-25)
        solution = cea.EqSolution(solver)
        weights = reactants.moles_to_weights(np.array([n / _REACTANTS[e][1] / total for e, n in amounts.items()]))
        solver.solve(solution, cea.TP, record.temperature, state.pressure / BAR, weights)
        converged, held = bool(solution.converged), np.array(solution.nj, dtype=float)
        species, gases = list(products.species_names), int(solver.num_gas)
    except (ValueError, TypeError, RuntimeError, AttributeError) as error:  # of a package that is not ours
        return Answer({}, {}, "", f"no result: {type(error).__name__}: {error}".splitlines()[0])
    if not converged or not np.isfinite(held).all() or not held[:gases].sum() > 0:
        return Answer({}, {}, "", "it did not converge")
    share = held / held[:gases].sum()
    names = _cea_names(species[:gases])
    pressures = {names[s]: float(x) * state.pressure for s, x in zip(species[:gases], share)}
    atoms = math.fsum(n * math.fsum((composition(s) or {}).values()) for s, n in zip(species, held) if n > 1e-12 * held.sum())
    condensates = {s: float(n) / atoms * total for s, n in zip(species[gases:], held[gases:]) if n > 0 or s == GRAPHITE}
    return Answer(pressures, condensates, f"{gases} gases and the condensates of NASA CEA {metadata.version('cea')}")


def _cea_names(gases: Sequence[str]) -> dict[str, str]:
    """CEA's names of gases as ours: without the isomer ("CH3CHO,ethanal") where there is but one, and acetylene as C2H2."""
    found = {}
    for name in gases:
        formula = name.partition(",")[0]
        alone = [n for n in gases if n.partition(",")[0] == formula] == [name]
        found[name] = _CEA_NAMES.get(name, formula if alone else name)
    return found


def largest_mechanism(elements: Iterable[str]) -> str:
    """The shipped mechanism with the most gases made of these elements only; InputError if none holds them all."""
    wanted, best = set(elements), ("", 0)
    for name in shipped_mechanisms():
        species = [s for s in read_mechanism(name).species.values() if s.phase == "gas" and set(s.composition) <= wanted]
        if wanted <= {e for s in species for e in s.composition} and len(species) > best[1]:
            best = name, len(species)
    if not best[0]:
        where, shipped = f"elements {', '.join(sorted(wanted))}", f"shipped: {', '.join(shipped_mechanisms())}"
        raise InputError(where, "no shipped mechanism has gases of all of them.", shipped)
    return best[0]


# ---- known offsets


def _reasons(record, state, entries, name, held, answers):
    yield from _data_set(record, state)
    yield from _buffer(record, state)
    if not record.table.standard_pressure.startswith("1 bar"):
        said = record.table.standard_pressure
        held_at = "the table's data are for 1 atm" if said.startswith("1 atm") else f"the table's standard pressure is {said}"
        moved = f"move log10 K by {ATMOSPHERE_IN_DEX:.4f} per mole of gas (H2O/H2 at a given fO2 by 0.7 %)"
        yield f"{held_at}, ours 1 bar. Data for 1 atm taken for 1 bar {moved}."
    if record.pressure is not None and state.case is not None:
        yield f"total pressure: {state.pressure / BAR:.6g} bar of the planet here, {record.pressure / BAR:.6g} bar in the table."
    coarse = [(e.species, 100 * e.rounding / e.theirs) for e in entries if e.theirs > 0 and e.rounding > 0.01 * e.theirs]
    if coarse:
        yield f"printed rounding: {', '.join(f'{s} ±{share:.2g} %' for s, share in coarse)}."
    yield from _oxygen_budget(record, state, name)
    yield from _other_species(record, state, answers["full"])
    strangers = [e.species for e in entries if e.theirs > 0 and e.species not in held.species and e.species != "O2"]
    if strangers:
        yield f"not in {held.name}: {', '.join(strangers)}."
    if state.condensates.get(GRAPHITE, 0.0) > 1e-6 * state.moles.get("C", math.inf):
        shift = GRAPHITE_VOLUME * (state.pressure - BAR) / (GAS_CONSTANT * record.temperature)
        yield f"graphite has no volume here; V (p - 1 bar) would raise its ln a by {shift:.4f}."
    if "O" in record.moles and record.table.oxygen != "closed":
        apart = math.log10(state.moles["O"] / record.moles["O"])
        yield f"oxygen in gas and graphite: {state.moles['O']:.5g} mol here, {record.moles['O']:.5g} mol in the table ({apart:+.4f} dex)."


def _data_set(record, state):
    """How far the fits of ln K are from the species' own polynomials here, and whether they hold at this temperature."""
    if state.case is None:
        return
    chemistry, T = prepare(state.case).planet.chemistry, record.temperature
    apart, outside = {}, False
    for reaction in chemistry.reactions if chemistry.source != "nasa7" else ():
        names = [s for s, _ in reaction.stoichiometry]
        low, high = temperature_limits(chemistry.mechanism, names)
        if GRAPHITE in names or not low <= T <= high:
            continue
        values = [float(ln_K_values(chemistry.mechanism, reaction, T, source)[0]) for source in (chemistry.source, "nasa7")]
        apart[reaction.text] = (values[0] - values[1]) / math.log(10), dict(reaction.stoichiometry)
        span = calibration(chemistry.mechanism, reaction, chemistry.source)
        outside |= span is not None and not span[0] <= T <= span[1]
    if not apart:
        return
    where = f"at {T:g} K, outside the range of its fits," if outside else f"at {T:g} K"
    listed = ", ".join(f"{value:+.3f} ({text})" for text, (value, _) in apart.items())
    told = f"data set: {where} log10 K of {chemistry.source} differs from nasa7 by {listed}"
    shift = _water_gas(apart.values())
    yield told + ("." if shift is None else f", and the water-gas constant p_CO2 p_H2 / (p_CO p_H2O) by {100 * (10**shift - 1):+.1f} %.")


def _water_gas(apart) -> float | None:
    """dex of CO + H2O = CO2 + H2 from dex of reactions that make H2O of H2, and CO2 of CO, in either direction."""
    found = {}
    for value, stoichiometry in apart:
        names = set(stoichiometry) - {"O2"}
        for make, of in (("H2O", "H2"), ("CO2", "CO")):
            if names == {make, of}:
                found[make] = value / float(stoichiometry[make])
    return found["CO2"] - found["H2O"] if len(found) == 2 else None


def _buffer(record, state):
    """Both absolute fugacities where the row names a buffer and has its own oxygen."""
    setting = record.case.get("redox.oxygen_fugacity")
    if setting is None:
        return
    named = record.case.get("redox.buffer")
    oxygen = parse_oxygen_fugacity(setting, None if named in (None, "none") else named, record.place)
    value = float(oxygen.evaluate(record.temperature))
    if record.log10_fO2 is None:
        yield f"oxygen: log10 fO2 = {value:.4f} (bar) by {oxygen.label}."
    else:
        used = "the table's own is used" if record.table.oxygen == "own" else "the buffer is used"
        both = f"{oxygen.label} is log10 fO2 = {value:.4f} (bar), the table's own O2 {record.log10_fO2:.4f}"
        yield f"oxygen buffer: {both}: {record.log10_fO2 - value:+.4f} dex; {used}."


def _oxygen_budget(record, state, name):
    """Species that a thousandth of the oxygen moves a lot: there a closed system and a fixed fO2 part."""
    if not state.moles.get("O") or len([n for n in state.moles.values() if n > 0]) < 2:
        return
    more = dict(state.moles) | {"O": state.moles["O"] * 1.001}
    try:
        rows = [_kernel(record, moles, state.pressure, "all", name)[1][0] for moles in (state.moles, more)]
    except (InputError, ConvergenceError):
        return
    moved = {s: rows[1][s] / rows[0][s] - 1 for s in record.pressures if s in rows[0] and s != "O2" and rows[0][s] > 0}
    listed = [f"{s} {100 * x:+.1f} %" for s, x in moved.items() if abs(x) > SENSITIVE and record.pressures[s] > 0]
    if listed:
        yield f"ill-conditioned: in a closed system 0.1 % more oxygen moves {', '.join(listed)}."


def _other_species(record, state, full):
    if full.silent:
        return
    rest = {s: p for s, p in full.pressures.items() if s not in state.pressures and s != "O2"}
    if rest:
        most, total = max(rest, key=rest.get), math.fsum(rest.values())
        yield f"the {len(rest)} further gases of 'full' hold {total / BAR:.2g} bar, most of it {most} ({rest[most] / BAR:.2g} bar)."


# ---- as a Dataset


def dataset(comparisons: Sequence[Comparison]) -> xarray.Dataset:
    """Comparisons along `record`, `solver` (ours, full, oracle, cea) and `species`.

    Variables: theirs [Pa] and rounding [Pa] (record, species); pressure [Pa] and difference [dex] (record, solver,
    species), NaN where a solver or the table has none; temperature [K], surface_pressure [Pa], log10_fO2 (record,
    solver) and reasons (record). Coordinates: the records' names and programs, the solvers, the species.
    """
    import xarray

    species = list(dict.fromkeys(e.species for c in comparisons for e in c.entries))
    shape = (len(comparisons), len(METHODS), len(species))
    theirs, rounding = np.full((shape[0], shape[2]), np.nan), np.full((shape[0], shape[2]), np.nan)
    pressure, difference, fugacity = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape[:2], np.nan)
    for k, comparison in enumerate(comparisons):
        for entry in comparison.entries:
            j = species.index(entry.species)
            theirs[k, j], rounding[k, j] = entry.theirs, entry.rounding
            for m, method in enumerate(METHODS):
                pressure[k, m, j] = entry.computed.get(method, math.nan)
                difference[k, m, j] = entry.dex(method)
        fugacity[k] = [comparison.log10_fO2.get(m, math.nan) for m in METHODS]
    three = ("record", "solver", "species")
    variables = {
        "theirs": (("record", "species"), theirs, {"units": "Pa", "long_name": "partial pressure as printed"}),
        "rounding": (("record", "species"), rounding, {"units": "Pa", "long_name": "half of the last printed digit"}),
        "pressure": (three, pressure, {"units": "Pa", "long_name": "partial pressure as computed"}),
        "difference": (three, difference, {"units": "1", "long_name": "log10 of computed over printed"}),
        "log10_fO2": (three[:2], fugacity, {"units": "1", "long_name": "log10 of the oxygen fugacity in bar"}),
        "temperature": ("record", [c.record.temperature for c in comparisons], {"units": "K", "long_name": "temperature"}),
        "surface_pressure": ("record", [c.state.pressure for c in comparisons], {"units": "Pa", "long_name": "total pressure"}),
        "reasons": ("record", ["\n".join(c.reasons) for c in comparisons], {"units": "1", "long_name": "known offsets"}),
    }
    coordinates = {
        "record": [c.record.name for c in comparisons],
        "solver": list(METHODS),
        "species": species,
        "program": ("record", [c.record.program for c in comparisons]),
    }
    tables = dict.fromkeys(c.record.table.name for c in comparisons)
    sources = dict.fromkeys(c.record.table.source for c in comparisons if c.record.table.source)
    what = {m: next((c.methods[m] for c in comparisons if m in c.methods), "") for m in METHODS}
    attributes = {"title": "; ".join(tables), "source": "; ".join(sources)} | {f"method_{m}": text for m, text in what.items() if text}
    return xarray.Dataset(variables, coordinates, attributes)
