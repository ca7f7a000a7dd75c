"""Known offsets between a table and our equilibria: data sets, buffers, standard pressure, rounding, ill-conditioned gases."""

from __future__ import annotations

import math

from ..chemistry.equilibrium_constants import calibration, ln_K_values, temperature_limits
from ..closures.redox import parse_oxygen_fugacity
from ..constants import BAR, GAS_CONSTANT
from ..equilibria.planet_problem import prepare
from ..errors import ConvergenceError, InputError
from .closed import solve
from .modelled import GRAPHITE

ATMOSPHERE_IN_DEX = math.log10(1.01325)  # per mole of gas: data for 1 atm taken for 1 bar
GRAPHITE_VOLUME = 5.56e-6  # m3/mol, 2.16 g/cm3
SENSITIVE = 0.01  # a species that 0.1 % of the oxygen moves by more than this is named
DIFFERENT = 1e-3  # relative; amounts of an element that differ by more are named


def known_offsets(record, state, entries, name, mechanism, answers):
    """Sentences on what is known to set the table and ours apart."""
    yield from _data_set(record, state)
    yield from _buffer(record, state)
    if not record.table.standard_pressure.startswith("1 bar"):
        said = record.table.standard_pressure
        reference = (
            "the table's data are for 1 atm"
            if said.startswith("1 atm")
            else f"the table's standard pressure is {said}"
        )
        moved = f"move log10 K by {ATMOSPHERE_IN_DEX:.4f} per mole of gas (H2O/H2 at a given fO2 by 0.7 %)"
        yield f"{reference}, ours 1 bar. Data for 1 atm taken for 1 bar {moved}."
    if record.pressure is not None and state.case is not None:
        yield f"total pressure: {state.pressure / BAR:.6g} bar of the planet here, {record.pressure / BAR:.6g} bar in the table."
    coarse = [
        (e.species, 100 * e.rounding / e.theirs)
        for e in entries
        if e.theirs > 0 and e.rounding > 0.01 * e.theirs
    ]
    if coarse:
        yield f"printed rounding: {', '.join(f'{s} ±{share:.2g} %' for s, share in coarse)}."
    yield from _oxygen_budget(record, state, name)
    yield from _other_species(record, state, answers["full"])
    strangers = [
        e.species
        for e in entries
        if e.theirs > 0 and e.species not in mechanism.species and e.species != "O2"
    ]
    if strangers:
        yield f"not in {mechanism.name}: {', '.join(strangers)}."
    if state.condensates.get(GRAPHITE, 0.0) > 1e-6 * state.moles.get("C", math.inf):
        shift = GRAPHITE_VOLUME * (state.pressure - BAR) / (GAS_CONSTANT * record.temperature)
        yield f"graphite has no volume here; V (p - 1 bar) would raise its ln a by {shift:.4f}."
    yield from _amounts(record, state)


def _amounts(record, state):
    """The elements of a planet's row that has their totals: oxygen always, the others where they differ."""
    if record.table.oxygen == "closed":
        return
    for element, theirs in record.moles.items():
        ours = state.moles.get(element, 0.0)
        name = "oxygen" if element == "O" else element
        if ours > 0 and theirs > 0 and (element == "O" or abs(ours / theirs - 1) > DIFFERENT):
            yield f"{name} in gas and graphite: {ours:.5g} mol here, {theirs:.5g} mol in the table ({math.log10(ours / theirs):+.4f} dex)."
        elif (ours > 0) != (theirs > 0):
            yield f"{name} in gas and graphite: {ours:.5g} mol here, {theirs:.5g} mol in the table."


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
        values = [
            float(ln_K_values(chemistry.mechanism, reaction, T, source)[0])
            for source in (chemistry.source, "nasa7")
        ]
        apart[reaction.text] = (values[0] - values[1]) / math.log(10), dict(reaction.stoichiometry)
        span = calibration(chemistry.mechanism, reaction, chemistry.source)
        outside |= span is not None and not span[0] <= T <= span[1]
    if not apart:
        return
    where = f"at {T:g} K, outside the range of its fits," if outside else f"at {T:g} K"
    listed = ", ".join(f"{value:+.3f} ({text})" for text, (value, _) in apart.items())
    sentence = f"data set: {where} log10 K of {chemistry.source} differs from nasa7 by {listed}"
    shift = _water_gas(apart.values())
    yield sentence + (
        "."
        if shift is None
        else f", and the water-gas constant p_CO2 p_H2 / (p_CO p_H2O) by {100 * (10**shift - 1):+.1f} %."
    )


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
        rows = [
            solve(record, moles, state.pressure, name, name, law=state.law).pressures
            for moles in (state.moles, more)
        ]
    except (InputError, ConvergenceError):
        return
    moved = {
        s: rows[1][s] / rows[0][s] - 1
        for s in record.pressures
        if s in rows[0] and s != "O2" and rows[0][s] > 0
    }
    listed = [
        f"{s} {100 * x:+.1f} %" for s, x in moved.items() if abs(x) > SENSITIVE and record.pressures[s] > 0
    ]
    if listed:
        yield f"ill-conditioned: in a closed system 0.1 % more oxygen moves {', '.join(listed)}."


def _other_species(record, state, full):
    if full.silent:
        return
    rest = {s: p for s, p in full.pressures.items() if s not in state.pressures and s != "O2"}
    if rest:
        most, total = max(rest, key=rest.get), math.fsum(rest.values())
        yield f"the other {len(rest)} of all gases hold {total / BAR:.2g} bar, most of it {most} ({rest[most] / BAR:.2g} bar)."
