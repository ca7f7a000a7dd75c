"""Equilibrium of a closed system at temperature and pressure: gases and condensates that hold given elements."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..broadcasting import check_range
from ..chemistry.element_balance import made_of, why_not
from ..chemistry.mechanism_file import find_mechanism, versions
from ..chemistry.reactions import CHARGE, limiting, temperature_limits
from ..chemistry.thermochemistry import read_mechanism
from ..closures.fugacity import KIND as FUGACITY
from ..closures.fugacity import PRESSURES as TABLE_PRESSURES
from ..closures.fugacity import TEMPERATURES as TABLE_TEMPERATURES
from ..closures.law import find as find_law
from ..closures.saturation import CRITICAL_PRESSURE, CRITICAL_TEMPERATURE
from ..conditions import choice, whole
from ..errors import InputError, nearest, users_line
from ..floating import usual_floats
from ..planet.closed_system import assemble_closed_system
from ..planet.species_declarations import WATER
from ..provenance import omissions as left_out
from ..provenance.calibration import extrapolations, warn
from ..provenance.sources import gas_sources
from .amounts import present
from .condensate_ranges import NOTE, absent, in_range, parts, ranges, unnamed
from .gas_arguments import UNITS, chosen_names, closed_conditions
from .gas_engines import Problem, difference, with_cantera, with_kernel, with_liquid_water
from .mechanism_choice import choose_mechanism, outside, shipped_with
from .points import dataset, layout, nothing, spread

if TYPE_CHECKING:
    import xarray

ENGINES = ("kernel", "cantera", "both")
NEGLIGIBLE = 1e-6  # mole fraction of a gas that may be left out where its data end
PRESSURES = (1e-10, 1e11)  # Pa
EVERY = "all"  # the shipped mechanism whose species are known by name where none is chosen
ADDED = ("engine_difference", "water_state", "pressure")  # names in the result beside the kernel's outputs
WATER_TRACE = 1e-9  # of the steam; less liquid is the tail of the smooth switch


class AbsentCondensateWarning(UserWarning):
    """A condensate is left out outside the temperature range of its data."""


@usual_floats
def gas_equilibrium(
    temperature=None,
    pressure=None,
    moles: Mapping[str, object] | None = None,
    species: str | Sequence[str] = "all",
    condensates: Sequence[str] | None = None,
    *,
    mechanism: str | None = None,
    fugacity: str = "ideal",
    engine: str = "kernel",
    threads: int | None = None,
) -> xarray.Dataset:
    """Equilibrium of gases and pure condensates in a closed system; array arguments broadcast.

    temperature [K], pressure [Pa]; moles: element, species or formula -> mol ({"H2O": 1, "C": 0.1}), with E for the electrons
    that the system has too many (of either sign; 0 where it is not named: charged species balance each other); numbers in SI,
    text with units, quantities or arrays, as for `equilibrium` (docs/library.md). mechanism: name or path; by default the smallest
    shipped one that has all shipped gases of the elements present (H, C, O: `hco`; `volatiles` has five of them and O2, and is
    taken where it is named); a gas whose data do not reach the temperatures is then left out, if it is a trace at the end of
    its data, and named in `attrs["gases_left_out"]`. species: "all" gases of the mechanism that the elements make, or their
    names; condensates: those that may form, "all" of the mechanism, by default C(gr) where the mechanism has it (the ones the
    elements cannot make are left out; others of the mechanism are named in an OmissionWarning and in attrs["left_out"]): condensed species of the mechanism, each within the temperature range of its data, outside which it is absent (a
    warning and `attrs["absent_condensates"]` name those whose elements are present); and "H2O(l)", whose free energy is that of
    saturated vapour (Wagner & Pruss 1993) from the
    triple point to the critical temperature; above that it is absent. fugacity: law of the gases' fugacity coefficients,
    for those that it covers (as [chemistry] fugacity of a case). engine: "kernel" (ours), "cantera" (Cantera's own
    minimiser on the same free energies, point by point), or "both": the kernel's result with `engine_difference`, the
    largest |ln| difference of the mole fractions above 1e-9.

    Returns a Dataset: pressure(species), mixing_ratio, gas_moles [mol], condensate_moles(condensate) [mol],
    condensate_activity, log10_fO2 (bar), residual, converged; fugacity_coefficient(species) of a real gas; with H2O(l)
    water_state: "liquid" (some is there), "vapour", or "supercritical" above both critical values. Condensates have no
    volume, and their activity does not depend on pressure. Where everything condenses the gas's amounts and pressures
    are 0, and log10_fO2 is that of the condensates present (FeO beside Fe3O4), NaN where they do not determine it, as it is
    without oxygen. Points that did not converge are NaN and counted in a warning;
    InputError for what cannot be asked. Fugacity laws used outside their calibration are told in a CalibrationWarning.
    """
    engine = choice(engine, ENGINES, "engine =", "no such engine.")
    threads = None if threads is None else whole(threads, "threads", 1, 4096)
    conditions, moles = closed_conditions(mechanism or EVERY, temperature, pressure, moles)
    listed = condensates is not None
    chosen, condensates = chosen_names(species, condensates, fugacity, mechanism)
    masked = conditions.masked
    there = conditions if masked is None or not masked.any() else conditions.at(~masked)
    elements, missing, smallest = present(there), (), mechanism is None
    if mechanism is None:
        mechanism = choose_mechanism(elements)
    files = versions(find_mechanism(mechanism, "mechanism"))
    if smallest and chosen == "all":
        chosen, missing = _within_data(mechanism, elements, there, condensates, fugacity, files)

    def of_condensates(kept):
        return problem(mechanism, elements, chosen, kept, fugacity, files)

    found = of_condensates(condensates)
    _check(found, there.columns, moles, None if there is conditions else np.flatnonzero(~masked))
    if not there.size:
        points = nothing(len(found.model.outputs), 0)
    elif engine == "cantera":
        points = with_cantera(found, there)
    else:
        points = with_kernel(found, _shares(found, there, of_condensates), there, threads)
    forming = () if listed else unnamed(found, there)
    attributes = _attributes(found, there, points, engine, forming) | (
        {"gases_left_out": ", ".join(missing)} if missing else {}
    )
    reason = _why_not(found, there, points)
    if reason and not conditions.shape:
        raise InputError("moles", reason.strip(), cure="allow a condensate or another species")
    units = UNITS | {f"moles_{e}": "mol" for e in moles}
    shown = replace(
        conditions,
        columns={("total_pressure" if n == "pressure" else n): v for n, v in conditions.columns.items()},
    )
    result = dataset(
        found.layout,
        spread(points, masked),
        shown,
        units,
        attributes,
        reason,
        ADDED,
        {"pressure": "total_pressure"},
    )
    dimensions = result.converged.dims
    if engine == "both":
        apart = difference(found, points, with_cantera(found, there)) if there.size else np.empty(0)
        label = {
            "units": "1",
            "long_name": "largest |ln| difference of mole fractions above 1e-9 between kernel and Cantera",
        }
        result["engine_difference"] = (
            dimensions,
            _whole(apart, masked, np.nan).reshape(conditions.shape),
            label,
        )
    if WATER in condensates:
        label = {
            "units": "1",
            "long_name": "state of the water: liquid where some is, vapour, or supercritical",
        }
        result["water_state"] = (
            dimensions,
            _whole(_water(found, there, points), masked, "").reshape(conditions.shape),
            label,
        )
    return result


def _attributes(found, conditions, points, engine, forming) -> dict[str, str]:
    """Where the result is from, and what is stretched or left out; each is said in a warning too."""
    made = {
        "mechanism": found.mechanism.name,
        "mechanism_sha256": found.mechanism.checksum,
        "engine": engine,
        "thermochemistry": "nasa7",
        "fugacity": found.fugacity,
    }
    made["data"] = json.dumps(
        gas_sources(found.mechanism, found.names, found.fugacity, WATER in found.condensates)
    )
    stretched = (
        extrapolations(found.model.watches, found.watched.values(conditions.columns, points.values))
        if conditions.size
        else []
    )
    warn(stretched)
    omitted = [*_left_out(found, points, conditions), *left_out.condensates(forming)]
    left_out.warn(omitted)
    return (
        made
        | {"extrapolations": json.dumps(stretched), "left_out": json.dumps(omitted)}
        | _note_absent(found, conditions)
    )


def _left_out(found, points, conditions) -> list[dict]:
    """The gases that are taken as ideal, with their largest share of the gas."""
    shares = left_out.largest(
        points.values[[found.rows["mixing_ratio", s] for s in found.species]], found.species
    )
    return left_out.weighed(
        left_out.ideal_gases(found.species, found.fugacity, "fugacity="),
        shares,
        float(np.max(conditions.columns["pressure"], initial=0.0)),
    )


def _shares(found, conditions, of_condensates):
    """(problem with the condensates that exist there, or None where nothing can hold the elements; mask of the points)."""
    T = np.broadcast_to(conditions.columns["temperature"], conditions.size)
    shares = []
    for kept, where in parts(found.mechanism, found.condensates, T):
        try:
            shares.append((found if kept == found.condensates else of_condensates(kept), where))
        except InputError:
            shares.append((None, where))
    return shares


def _note_absent(found, conditions) -> dict[str, str]:
    """The condensates that are absent outside the range of their data though their elements are present: an attribute of
    the result, and a warning."""
    T = np.broadcast_to(conditions.columns["temperature"], conditions.size)
    amounts = found.amounts(conditions.columns, conditions.size)
    there = {e: row > NOTE * amounts[found.real].sum(axis=0) for e, row in zip(found.elements, amounts)}
    counts = absent(found.mechanism, found.condensates, T, there)
    if not counts:
        return {}
    text = f"absent outside the range of the data: {ranges(found.mechanism, list(counts))} (at up to {max(counts.values())} of {conditions.size} points)"
    warnings.warn(f"condensates {text}", AbsentCondensateWarning, stacklevel=users_line())
    return {"absent_condensates": text}


def _within_data(mechanism, elements, conditions, condensates, fugacity, files):
    """ "all", or the gases whose data reach the temperatures when the others are traces; and the others' names.

    The others' amounts are computed at the temperature of their data next to that of each point."""
    if not conditions.size or not elements:
        return "all", ()
    T = np.broadcast_to(conditions.columns["temperature"], conditions.size)
    lost = outside(mechanism, elements, float(T.min()), float(T.max()))
    if not lost:
        return "all", ()
    kept = [
        s.name
        for s in read_mechanism(mechanism).species.values()
        if s.phase == "gas" and set(s.composition) <= set(elements) and s.name not in lost
    ]
    low, high = max(span[0] for span in lost.values()), min(span[1] for span in lost.values())
    edge = replace(conditions, columns=conditions.columns | {"temperature": np.clip(T, low, high)})
    every = problem(mechanism, elements, "all", condensates, fugacity, files)
    points = with_kernel(
        every,
        _shares(every, edge, lambda pure: problem(mechanism, elements, "all", pure, fugacity, files)),
        edge,
        None,
    )
    shares = points.values[[every.rows["mixing_ratio", s] for s in lost]]
    return (tuple(kept), tuple(lost)) if np.nan_to_num(shares).max() < NEGLIGIBLE else ("all", ())


def _whole(values, masked, empty):
    """Values of the points that are not masked, among the masked ones."""
    if masked is None or not masked.any():
        return values
    found = np.full(masked.size, empty, dtype=values.dtype)
    found[~masked] = values
    return found


def _water(found, conditions, points) -> np.ndarray:
    """The state of the water at each point, in words; "" where there is none or the point did not converge."""
    n = conditions.size
    state = np.full(n, "", dtype="<U13")
    if WATER not in found.condensates:
        return state
    T = np.broadcast_to(conditions.columns["temperature"], n)
    steam, liquid = (
        points.values[found.rows["gas_moles", "H2O"]],
        points.values[found.rows["condensate_moles", WATER]],
    )
    there = points.converged & (steam + liquid > 0)
    dense = (T >= CRITICAL_TEMPERATURE) & (points.values[found.rows["pressure", "H2O"]] >= CRITICAL_PRESSURE)
    state[there] = "vapour"
    state[there & (liquid > WATER_TRACE * steam)] = "liquid"
    state[there & dense] = "supercritical"
    return state


@lru_cache(maxsize=32)
def problem(
    mechanism: str,
    elements: tuple[str, ...],
    species: str | tuple[str, ...],
    condensates: tuple[str, ...],
    fugacity: str = "ideal",
    files=(),
) -> Problem:
    """The compiled problem of these elements; InputError when it has no species or too few. files: versions of the
    mechanism's files, so that one that has changed is read anew."""
    held = read_mechanism(mechanism, where="mechanism")
    find_law(FUGACITY, fugacity, f"fugacity = {fugacity!r}")
    if WATER in condensates and WATER not in held.species:
        if "H2O" not in held.species or not (isinstance(species, str) or "H2O" in species):
            raise InputError(
                f"condensates {WATER!r}",
                "it condenses from the gas H2O, which is not among the species.",
                cure="add H2O to the species",
            )
        held = with_liquid_water(held)
    if not elements:
        raise InputError("moles", "every element's amount is zero.", "allowed: at least one above zero")
    for name in (*condensates, *(() if isinstance(species, str) else species)):
        if name not in held.species:
            raise InputError(
                f"species {name!r}",
                f"the mechanism {held.name} does not have it.",
                f"known: {', '.join(held.species)}",
                _cure(name, held),
            )
    if isinstance(species, str) and species != "all":
        raise InputError(
            f"species = {species!r}", "not a list of names.", "allowed: 'all', or a list of species"
        )
    gases = _gases(held, elements, species)
    for name in condensates:
        if held.species[name].phase == "gas":
            known = ", ".join(s.name for s in held.species.values() if s.phase != "gas")
            raise InputError(
                f"condensates {name!r}",
                "it is a gas.",
                f"known: {', '.join(dict.fromkeys([*known.split(', '), WATER]))}",
            )
    pure = [c for c in condensates if set(held.species[c].composition) <= set(elements)]
    for element in elements:
        if not any(element in held.species[s].composition for s in (*gases, *pure)):
            if element == CHARGE:
                raise InputError(
                    "moles of E",
                    f"the mechanism {held.name} has no charged gases of these elements, so that no charge can be held.",
                    cure="leave it out",
                )
            known = sorted({e for s in held.species.values() for e in s.composition})
            raise InputError(
                f"moles of {element}",
                f"no gas of the mechanism {held.name} holds it with the other elements.",
                f"elements of its species: {', '.join(known)}",
                shipped_with(element),
            )
    if not gases:
        raise InputError(
            "species", f"no gas holds {', '.join(elements)}, only condensates.", cure="add a gas"
        )
    if CHARGE not in elements and any(CHARGE in held.species[s].composition for s in gases):
        elements = (*elements, CHARGE)
    model = assemble_closed_system(held, (*gases, *pure), elements, "nasa7", fugacity)
    return Problem(held, tuple(gases), tuple(pure), elements, fugacity, model, layout(model))


def _cure(name, held) -> str:
    """What an unknown species may be: the electron by its usual name, a condensate that the file does not take in, a slip."""
    electron = next((s.name for s in held.species.values() if dict(s.composition) == {CHARGE: 1}), None)
    if electron and name.casefold() in ("e", "e-", "electron"):
        return f"did you mean {electron!r}?"
    return nearest(name, held.species)


def _gases(held, elements, species) -> list[str]:
    """The gases that the elements make. Charged ones are left out where all have the same sign and the system is neutral."""
    inside = [
        s
        for s in held.species.values()
        if s.phase == "gas"
        and set(s.composition) <= {*elements, CHARGE}
        and (species == "all" or s.name in species)
    ]
    signs = {s.composition[CHARGE] > 0 for s in inside if CHARGE in s.composition}
    if len(signs) == 1 and CHARGE not in elements:
        if species != "all":
            names = ", ".join(s.name for s in inside if CHARGE in s.composition)
            raise InputError(
                "species",
                f"nothing balances the charge of {names}.",
                cure="add an ion of the other sign or the electron, or leave them out",
            )
        inside = [s for s in inside if CHARGE not in s.composition]
    return [s.name for s in inside]


def _check(found, columns, moles, places=None):
    names = [
        *found.species,
        *(c for c in found.condensates if c == WATER),
    ]  # below its triple point water is ice: no data
    low, high = temperature_limits(found.mechanism, names, "nasa7")
    pressures = PRESSURES
    if found.fugacity != "ideal":
        low, high, pressures = (
            max(low, TABLE_TEMPERATURES[0]),
            min(high, TABLE_TEMPERATURES[1]),
            (PRESSURES[0], TABLE_PRESSURES[1]),
        )
    check_range(
        "temperature",
        columns["temperature"],
        low,
        high,
        "K",
        limiting(found.mechanism, names, low, high),
        places,
    )
    check_range("pressure", columns["pressure"], *pressures, "Pa", "", places)
    for element in moles:
        check_range(
            f"moles_{element}",
            columns[f"moles_{element}"],
            -1e60 if element == CHARGE else 0.0,
            1e60,
            "mol",
            "",
            places,
        )


def _why_not(found, conditions, points) -> str:
    """Tells the points whose elements no amounts of the species can hold from those that failed."""
    missed = np.flatnonzero(~points.converged)
    if not len(missed):
        return ""
    T = np.broadcast_to(conditions.columns["temperature"], conditions.size)[missed]
    columns = found.amounts(conditions.columns, conditions.size)[:, missed]
    impossible = []
    for k, amounts in enumerate(columns.T):
        there = (amounts > 0) | ~found.real
        usable = ~(found.matrix[~there] > 0).any(axis=0)
        usable &= [s in found.species or in_range(found.mechanism, s, T[k]) for s in found.names]
        if (
            not (amounts[found.real] > 0).any()
            or made_of(found.matrix[there][:, usable], amounts[there]) is None
        ):
            impossible.append(k)
    if not impossible:
        return ""
    amounts = columns[:, impossible[0]]
    sample = ", ".join(f"{e} {v:.6g}" for e, v in zip(found.elements, amounts))
    cause = why_not(
        found.matrix[found.real],
        amounts[found.real],
        [e for e, real in zip(found.elements, found.real) if real],
    )
    some = found.condensates and " at these temperatures" or ""
    return (
        f" {len(impossible)} of {conditions.size} points have no solution at all: no amounts of {', '.join(found.names)} hold these elements{some}"
        f" (for instance {sample}{f'; {cause}' if cause else ''})."
    )
