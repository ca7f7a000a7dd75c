"""Known offsets between a table and our equilibria: data sets, buffers, standard pressure, rounding,
sensitivity."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ..chemistry.equilibrium_constants import calibration, ln_K_values, temperature_limits
from ..chemistry.mechanism import read_mechanism
from ..chemistry.records import Reaction
from ..closures.redox import parse_oxygen_fugacity
from ..constants import BAR, GAS_CONSTANT
from ..equilibria.planet_problem import prepare
from ..errors import ConvergenceError, InputError
from .answers import Answer, Entry, State
from .closed_system import solve
from .factsage import Record
from .modelled_parts import GRAPHITE

ATMOSPHERE_IN_DEX = math.log10(1.01325)  # per mole of gas: data for 1 atm taken for 1 bar
GRAPHITE_VOLUME = 5.56e-6  # m3/mol, 2.16 g/cm3
SENSITIVE = 0.01  # relative; a species that 0.1 % of the oxygen changes by more than this is named
DIFFERENT = 1e-3  # relative; amounts of an element that differ by more are named


def known_offsets(
    record: Record,
    state: State,
    entries: Sequence[Entry],
    name: str,
    full: Answer,
) -> Iterator[str]:
    """Sentences on known reasons why the table and ours differ. name: of the mechanism of `full`, with all
    gases."""
    mechanism = read_mechanism(name)
    yield from _data_set(record, state)
    yield from _buffer(record, state)
    yield from _standard_pressure(record.table.standard_pressure)
    if record.pressure is not None and state.case is not None:
        here, there = f"{state.pressure / BAR:.6g} bar", f"{record.pressure / BAR:.6g} bar"
        yield f"total pressure: {here} of the planet here, {there} in the table."
    coarse = [
        f"{e.species} ±{100 * e.rounding / e.theirs:.2g} %"
        for e in entries
        if e.theirs > 0 and e.rounding > 0.01 * e.theirs
    ]
    if coarse:
        yield f"printed rounding: {', '.join(coarse)}."
    yield from _oxygen_budget(record, state, name)
    yield from _other_species(state, full)
    unknown = [
        e.species
        for e in entries
        if e.theirs > 0 and e.species not in mechanism.species and e.species != "O2"
    ]
    if unknown:
        yield f"not in {mechanism.name}: {', '.join(unknown)}."
    if state.condensates.get(GRAPHITE, 0.0) > 1e-6 * state.moles.get("C", math.inf):
        shift = GRAPHITE_VOLUME * (state.pressure - BAR) / (GAS_CONSTANT * record.temperature)
        yield f"graphite has no volume here; V (p - 1 bar) would raise its ln a by {shift:.4f}."
    yield from _amounts(record, state)


def _standard_pressure(printed: str) -> Iterator[str]:
    """A standard pressure other than 1 bar. printed: as the table says it."""
    if printed.startswith("1 bar"):
        return
    reference = f"the table's standard pressure is {printed}"
    if printed.startswith("1 atm"):
        reference = "the table's data are for 1 atm"
    moved = f"move log10 K by {ATMOSPHERE_IN_DEX:.4f} per mole of gas (H2O/H2 at a given fO2 by 0.7 %)"
    yield f"{reference}, ours 1 bar. Data for 1 atm taken for 1 bar {moved}."


def _amounts(record: Record, state: State) -> Iterator[str]:
    """The elements of a planet's row with totals: oxygen always, the others where they differ."""
    if record.table.oxygen == "closed":
        return
    for element, theirs in record.moles.items():
        ours = state.moles.get(element, 0.0)
        name = "oxygen" if element == "O" else element
        both = f"{name} in gas and graphite: {ours:.5g} mol here, {theirs:.5g} mol in the table"
        if ours > 0 and theirs > 0:
            if element == "O" or abs(ours / theirs - 1) > DIFFERENT:
                yield f"{both} ({math.log10(ours / theirs):+.4f} dex)."
        elif ours > 0 or theirs > 0:
            yield f"{both}."


def _data_set(record: Record, state: State) -> Iterator[str]:
    """Difference of the fits of ln K from the polynomials of the species, and whether they hold at this
    temperature."""
    if state.case is None:
        return
    chemistry, T = prepare(state.case).planet.chemistry, record.temperature
    if chemistry.source == "nasa7":
        return
    differences: dict[str, float] = {}
    reactions: list[Reaction] = []
    outside = False
    for reaction in chemistry.reactions:
        names = [s for s, _ in reaction.stoichiometry]
        low, high = temperature_limits(chemistry.mechanism, names)
        if GRAPHITE in names or not low <= T <= high:
            continue
        fit = float(ln_K_values(chemistry.mechanism, reaction, T, chemistry.source)[0])
        polynomial = float(ln_K_values(chemistry.mechanism, reaction, T, "nasa7")[0])
        differences[reaction.text] = (fit - polynomial) / math.log(10)
        reactions.append(reaction)
        span = calibration(chemistry.mechanism, reaction, chemistry.source)
        if span is not None and not span[0] <= T <= span[1]:
            outside = True
    if not differences:
        return
    where = f"at {T:g} K, outside the range of its fits," if outside else f"at {T:g} K"
    listed = ", ".join(f"{value:+.3f} ({text})" for text, value in differences.items())
    sentence = f"data set: {where} log10 K of {chemistry.source} differs from nasa7 by {listed}"
    shift = _water_gas(differences, reactions)
    if shift is None:
        yield f"{sentence}."
    else:
        constant = "the water-gas constant p_CO2 p_H2 / (p_CO p_H2O)"
        yield f"{sentence}, and {constant} by {100 * (10**shift - 1):+.1f} %."


def _water_gas(differences: Mapping[str, float], reactions: Sequence[Reaction]) -> float | None:
    """Difference [dex] of CO + H2O = CO2 + H2 from those of reactions of H2 to H2O and of CO to CO2.

    differences: text of a reaction -> dex; reactions: the same ones, in either direction.
    None where one of the two is not among them.
    """
    per_mole = {}
    for reaction in reactions:
        stoichiometry = dict(reaction.stoichiometry)
        for product, educt in (("H2O", "H2"), ("CO2", "CO")):
            if set(stoichiometry) - {"O2"} == {product, educt}:
                per_mole[product] = differences[reaction.text] / float(stoichiometry[product])
    return per_mole["CO2"] - per_mole["H2O"] if len(per_mole) == 2 else None


def _buffer(record: Record, state: State) -> Iterator[str]:
    """Both absolute fugacities where the row names a buffer and has an oxygen fugacity itself."""
    setting = record.case.get("redox.oxygen_fugacity")
    if setting is None:
        return
    buffer = record.case.get("redox.buffer")
    oxygen = parse_oxygen_fugacity(setting, None if buffer in (None, "none") else buffer, record.place)
    value = float(oxygen.evaluate(record.temperature))
    if record.log10_fO2 is None:
        yield f"oxygen: log10 fO2 = {value:.4f} (bar) by {oxygen.label}."
    else:
        used = "the table's own is used" if record.table.oxygen == "own" else "the buffer is used"
        both = f"{oxygen.label} is log10 fO2 = {value:.4f} (bar), the table's own O2 {record.log10_fO2:.4f}"
        yield f"oxygen buffer: {both}: {record.log10_fO2 - value:+.4f} dex; {used}."


def _oxygen_budget(record: Record, state: State, name: str) -> Iterator[str]:
    """Species that a thousandth of the oxygen changes much: there a closed system and a fixed fO2 differ.

    name: of the mechanism.
    """
    if not state.moles.get("O") or len([n for n in state.moles.values() if n > 0]) < 2:
        return
    more = {**state.moles, "O": state.moles["O"] * 1.001}
    try:
        before = solve(record, state.moles, state.pressure, name, name, law=state.law).pressures
        after = solve(record, more, state.pressure, name, name, law=state.law).pressures
    except (InputError, ConvergenceError):
        return
    listed = []
    for species, printed in record.pressures.items():
        if species == "O2" or not before.get(species, 0.0) > 0 or not printed > 0:
            continue
        change = after[species] / before[species] - 1
        if abs(change) > SENSITIVE:
            listed.append(f"{species} {100 * change:+.1f} %")
    if listed:
        yield f"ill-conditioned: in a closed system 0.1 % more oxygen moves {', '.join(listed)}."


def _other_species(state: State, full: Answer) -> Iterator[str]:
    """Pressure of the gases that the few gases of "ours" do not include."""
    if full.silent:
        return
    rest = {s: p for s, p in full.pressures.items() if s not in state.pressures and s != "O2"}
    if rest:
        most, total = max(rest, key=lambda s: rest[s]), math.fsum(rest.values())
        of_most = f"{most} ({rest[most] / BAR:.2g} bar)"
        yield f"the other {len(rest)} of all gases hold {total / BAR:.2g} bar, most of it {of_most}."
