"""The door to Cantera that reads mechanism files; the other, its minimisers, is chemistry/free_energy.py.

Temperatures in K, pressures in Pa, amounts in mol. What can be done with a mechanism without Cantera (reactions,
ln K) stands in chemistry/reactions.py and is handed on here under the same names; so is the finding of files (chemistry/mechanism_file.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from .chemistry.free_energy import minimise_free_energy  # noqa: F401 (only handed on)
from .chemistry.mechanism_file import (  # noqa: F401 (some are only handed on)
    MODELS, check_entry, check_melt, find_mechanism, in_equations, load, shipped_folder, shipped_mechanisms, tables, versions,
)  # fmt: skip
from .chemistry.reactions import (  # noqa: F401 (some are only handed on)
    BASIS_PRIORITY, CHARGE, POLYNOMIALS, DataSet, Fit, Mechanism, Reaction, Species, bad_temperature, calibration,
    formula_matrix, gibbs_RT, gibbs_value, is_finite, kilograms, known_species, limiting, ln_K, ln_K_values, molar_mass, nasa7,
    nasa9, reactions, read_data_sets, shomate, sources, temperature_limits,
)  # fmt: skip
from .closures.fugacity import Gas, cas_number
from .constants import BAR
from .errors import InputError, nearest

LARGEST_JUMP = 0.01  # of mu0/RT where two polynomials of a species meet


# ---- reading


def read_mechanism(name_or_path: str | Path, where: str = "") -> Mechanism:
    """The mechanism of a shipped name or a path, read once per version of the file and of those it imports.

    where: the place in the user's input, for errors. Raises InputError, with file, line and species where known, for
    a file that cannot be read, has no phase `gas`, or a species whose data are missing, ambiguous or not supported.
    """
    path = find_mechanism(name_or_path, where)
    try:
        return _read(versions(path))
    except InputError as error:
        if not where:
            raise
        raise InputError(f"{where}: {error.where}", error.problem, error.allowed, error.cure) from None


@lru_cache(maxsize=16)
def _read(files) -> Mechanism:
    """The mechanism of the first of these versions of files; the others are those it imports."""
    file = load(files[0][0])
    declared = _declared(file)
    weights = _weights(file)
    species, phases = {}, {}
    for phase in sorted(declared, key=lambda name: name != "gas"):
        solution = _solution(file, phase)
        weights |= {e: kilograms(w) for e, w in zip(solution.element_names, solution.atomic_weights) if e not in weights}
        phases[phase] = tuple(solution.species_names)
        for one in solution.species():
            check_entry(file, one.input_data)
            if one.name in species:
                problem = f"{one.name} stands in phase {phase!r} and in another one."
                raise InputError(file.of_species_in(phase, one.name), problem, cure="give it two names, or leave one out")
            species[one.name] = _species(file, one, "gas" if phase == "gas" else "condensed", weights)
    check_melt(file, species)
    freeze = MappingProxyType
    sets = read_data_sets(file.path, file.document.get("equilibrium-constants") or {}, species)
    for source in file.imports.values():  # of an imported file those data sets whose species are all here
        tables_of = source.document.get("equilibrium-constants") or {}
        known = {name: table for name, table in tables_of.items() if in_equations(table) <= set(species)}
        sets = read_data_sets(source.path, known, species) | sets
    path = file.path
    return Mechanism(path.stem, path, file.checksum, freeze(weights), freeze(species), freeze(phases), freeze(sets))


def _declared(file) -> dict[str, Mapping]:
    """The phases of the file by name, among them a gas; every entry of a species there is checked."""
    declared = {str(p["name"]): p for p in tables(file.document.get("phases"), "name")}
    if "gas" not in declared:
        found = f"phases found: {', '.join(declared) or 'none'}"
        cure = "add `phases: [{name: gas, thermo: ideal-gas, species: [...]}]`"
        raise InputError(file.path.name, "the file has no phase named 'gas'.", found, cure)
    if declared["gas"].get("thermo") != "ideal-gas":
        where = f"{file.place('phases', 'gas', 'thermo')} phase 'gas'"
        raise InputError(where, f"its thermo is {declared['gas'].get('thermo')!r}.", "allowed: ideal-gas")
    for entry in file.document.get("species") or ():
        check_entry(file, entry)
    return declared


def _weights(file) -> dict[str, float]:
    """Atomic weights [kg/mol] that the file gives, or else the files it imports from."""
    weights: dict[str, float] = {}
    for source in (*file.imports.values(), file):
        for element in tables(source.document.get("elements"), "symbol", "atomic-weight"):
            symbol, weight = str(element["symbol"]), element["atomic-weight"]
            if not is_finite(weight) or weight <= 0:
                where = f"{source.place('elements')} elements {symbol}"
                raise InputError(where, f"{weight!r} is not an atomic weight.", "allowed: g/mol")
            weights[symbol] = kilograms(weight)
    return weights


def _solution(file, phase):
    """Cantera's phase, or its complaint as ours."""
    import cantera as ct

    ct.add_directory(str(shipped_folder()))  # where a file may import shipped ones from; adding it twice does nothing
    try:
        return ct.Solution(str(file.path), phase)
    except (ct.CanteraError, ValueError) as error:
        raise _from_cantera(file, phase, error) from None


def _from_cantera(file, phase, error) -> InputError:
    """Cantera's complaint about a file as ours, with line and species where it tells them."""
    if missing := re.search(r"Input file (\S+) not found", str(error)):
        problem = f"it imports {missing[1]!r}, which stands neither beside it nor among the shipped mechanisms."
        return InputError(f"{file.place('phases')} phases", problem, f"shipped: {', '.join(shipped_mechanisms())} (.yaml)")
    lines = [line for line in str(error).strip().strip("*\n").splitlines() if not line.startswith("|")]
    lines = [line.strip() for line in lines if line.strip() and not line.startswith((">", "*")) and "thrown by" not in line]
    number = re.search(r"[Ee]rror on lines? (\d+)(?: of (\S+?):?(?= |$))?", " ".join(lines))
    problem = " ".join(line for line in lines if "rror on line" not in line and set(line) != {"^"})
    named = re.search(r"[Ss]pecies '([^']+)'", problem)
    place = file.of_species_in(phase, named[1]) if named else file.path.name
    if number and not named:
        place = f"{Path(number[2] or place).name} line {number[1]}"
    cure = ""
    if "element" in problem:
        cure = "give the element its atomic-weight under `elements`, and name it in the phase"
    elif "reference pressure" in problem:
        cure = "give every species of a phase the same reference-pressure"
    return InputError(place, f"Cantera cannot read it: {problem.rstrip('.')}.", cure=cure)


def _species(file, one, phase, weights) -> Species:
    """A Species from Cantera's."""
    entry = one.input_data

    def wrong(key, *message):
        return InputError(f"{file.of_species(one.name, key.split()[0])} {key}", *message)

    composition = {}
    for element, count in one.composition.items():
        if not math.isfinite(count) or (count < 0 and element != CHARGE):
            raise wrong("composition", f"{count:g} atoms of {element}.", "allowed: numbers > 0; E, the electrons, below 0 as well")
        if count:
            composition[element] = round(count) if count == round(count) else count
    melt, default = _melt(file, one, wrong)
    thermo = one.thermo
    if not 0 < thermo.reference_pressure < math.inf:
        raise wrong("thermo", f"its reference-pressure is {thermo.reference_pressure:g} Pa.", "allowed: above 0 Pa", "most data are for 1 bar")
    shift = math.log(BAR / thermo.reference_pressure) if phase == "gas" else 0.0  # a solid's V dp is 1e-6 RT
    return Species(
        name=one.name,
        phase=phase,
        composition=MappingProxyType(composition),
        molar_mass=math.fsum(n * weights[e] for e, n in composition.items()),
        temperature_range=(thermo.min_temp, thermo.max_temp),
        reference=str(entry["thermo"].get("reference", entry.get("reference", ""))),
        melt=MappingProxyType(melt),
        default_melt=default,
        radiation=entry.get("radiation"),
        gibbs=_zones(wrong, thermo, shift),
        thermo=entry["thermo"],
    )


def _melt(file, one, wrong) -> tuple[dict, str]:
    """A species' solubility laws by name and the default's name: its entry's and those that the file adds."""
    laws, added = one.input_data.get("melt") or {}, file.table("melt").get(one.name) or {}
    here = f"melt {one.name}"
    if not isinstance(laws, Mapping):
        raise wrong("melt", "this is not a table of laws.", "allowed: {name of the law: {form: ...}}")
    if not isinstance(added, Mapping):
        place = file.place("melt", one.name)
        raise InputError(f"{place} {here}", "this is not a table of laws.", "allowed: {name of the law: {form: ...}}")
    for name in set(laws) & set(added):
        place = file.place("melt", one.name, name)
        raise InputError(f"{place} {here}", f"{one.name} has a law {name!r} already.", cure="give this one a name of its own")
    known = {str(name): law for name, law in {**laws, **added}.items()}
    changed = file.table("default-melt").get(one.name)
    default = str(changed or one.input_data.get("default-melt", "none"))
    if default != "none" and default not in known:
        problem = "no law has this name.", f"known: {', '.join(known)}", nearest(default, known)
        if changed is None:
            raise wrong(f"default-melt = {default!r}", *problem)
        raise InputError(f"{file.place('default-melt', one.name)} default-melt {one.name} = {default!r}", *problem)
    return known, default


# ---- polynomials


def _zones(wrong, thermo, shift) -> tuple[tuple[float, tuple[float, ...]], ...]:
    """Zones of mu0/RT from Cantera's coefficients; shift: mu0/RT at 1 bar less that at the data's own pressure."""
    kind, c, last = type(thermo).__name__, [float(x) for x in thermo.coeffs], thermo.max_temp
    if kind == "NasaPoly2":
        found = [(c[0], nasa7(c[8:15])), (last, nasa7(c[1:8]))]
    elif kind == "ShomatePoly2":
        found = [(c[0], shomate(c[1:8])), (last, shomate(c[8:15]))]
    elif kind == "Nasa9PolyMultiTempRegion":
        found = [(c[k + 1], nasa9(c[k + 2 : k + 11])) for k in range(1, len(c), 11)]
    else:
        raise wrong("thermo", f"Cantera's {kind} cannot be read.", f"allowed: {', '.join(MODELS)}")
    if len(found) == 2 and found[0] == found[1]:  # Cantera's way of writing a single zone
        del found[1]
    ends = [thermo.min_temp, *(high for high, _ in found)]
    numbers = [x for _, row in found for x in row]
    if not all(low < high for low, high in zip(ends, ends[1:])) or not all(map(math.isfinite, [*ends, *numbers])):
        raise wrong("thermo", f"its temperature-ranges {ends} do not ascend, or a number is not finite.")
    for (T, below), (_, above) in zip(found, found[1:]):
        if abs(jump := gibbs_value(above, T) - gibbs_value(below, T)) > LARGEST_JUMP:
            raise wrong("thermo", f"mu0/RT jumps by {jump:.3g} at {T:g} K.", f"allowed: {LARGEST_JUMP}", "a number is mistyped")
    return tuple((high, (*row[:3], row[3] + shift, *row[4:])) for high, row in found)


@lru_cache(maxsize=64)
def critical_point(species: str, where: str = "") -> Gas:
    """Critical temperature [K] and pressure [Pa] and acentric factor, from the tables behind `thermo`; InputError
    at `where` for a species without one."""
    import chemicals

    number = cas_number(species, where)
    return Gas(species, chemicals.Tc(number), chemicals.Pc(number), chemicals.omega(number))
