"""Equilibrium of a closed system at temperature and pressure: gas and condensates of prescribed elements."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..broadcasting import Conditions
from ..chemistry.gas_mixtures import is_mixture
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_file import versions
from ..chemistry.mechanism_paths import find_mechanism
from ..chemistry.real_mixtures import recorded_parameters
from ..closures.saturation import CRITICAL_PRESSURE, CRITICAL_TEMPERATURE
from ..conditions import choice, whole
from ..dae.kernel.batch import Points
from ..errors import InputError, users_line
from ..floating import usual_floats
from ..planet.species_declarations import WATER
from ..provenance import omissions as left_out
from ..provenance.calibration import extrapolations, warn
from ..provenance.sources import gas_sources
from ..provenance.weighed_omissions import WeighedOmission
from .amounts import present
from .cantera_engine import difference, with_cantera
from .closed_failures import check_conditions, reason_of_failure
from .closed_problem import Problem, Request, problem
from .closed_sensitivities import parameters_of, with_sensitivities
from .condensate_ranges import NOTE, absent, parts, ranges, unnamed
from .gas_arguments import UNITS, check_fugacity, chosen_names, closed_conditions
from .kernel_engine import Part, with_kernel
from .mechanism_choice import choose_mechanism, outside
from .points import dataset, nothing, spread
from .sensitivities import requested

if TYPE_CHECKING:
    import xarray

ENGINES = ("kernel", "cantera", "both")
# Mole fraction of a gas that may be left out where its data end.
NEGLIGIBLE = 1e-6
# The shipped mechanism whose species are known by name where none is chosen.
EVERY = "all"
# Names in the result beside the kernel's outputs.
ADDED = ("engine_difference", "water_state", "pressure")
# Of the steam; less liquid is the tail of the smooth switch.
WATER_TRACE = 1e-9


class AbsentCondensateWarning(UserWarning):
    """A condensate was left out at temperatures outside the range of its data."""


@dataclass(frozen=True)
class _Options:
    """The request, without the conditions.

    mechanism: None for the smallest shipped one. species: "all", or names of gases.
    named: whether the user names the condensates.
    """

    mechanism: str | None
    species: str | tuple[str, ...]
    condensates: tuple[str, ...]
    named: bool
    fugacity: str
    engine: str
    threads: int | None


@dataclass(frozen=True)
class _Solution:
    """The points of a problem.

    gases_left_out: names of the gases that are left out where their data end. parts: of the kernel, see
    `_parts`.
    """

    problem: Problem
    conditions: Conditions
    points: Points
    gases_left_out: tuple[str, ...]
    parts: list[Part]

    @property
    def temperatures(self) -> np.ndarray:
        """Temperature of each point [K]."""
        return np.broadcast_to(self.conditions.columns["temperature"], self.conditions.size)


@usual_floats
def gas_equilibrium(
    temperature: object = None,
    pressure: object = None,
    moles: Mapping[str, object] | None = None,
    species: str | Sequence[str] = "all",
    condensates: Sequence[str] | None = None,
    *,
    mechanism: str | None = None,
    fugacity: str = "ideal",
    engine: str = "kernel",
    sensitivities: Sequence[str] | None = None,
    threads: int | None = None,
) -> xarray.Dataset:
    """Equilibrium of gases and pure condensates in a closed system; array arguments broadcast.

    temperature [K], pressure [Pa]; moles: element, species or formula -> mol ({"H2O": 1, "C": 0.1}), with E
    for surplus electrons (of either sign; 0 by default: charged species balance each other). Numbers in SI,
    text with units, quantities or arrays, as for `equilibrium` (docs/library.md).
    mechanism: name or path; by default the smallest shipped one that has all shipped gases of the elements
    present (H, C, O: `hco`; `volatiles` has five of them and O2, and is taken where it is named). A gas whose
    data do not reach the temperatures is then left out, if it is a trace at the end of its data:
    `attrs["gases_left_out"]`.
    species: "all" gases of the mechanism that the elements make, or their names.
    condensates: those that may form, "all" of the mechanism; by default C(gr) where the mechanism has it
    (others of the mechanism are named in an OmissionWarning and in attrs["left_out"]). Those that the
    elements cannot make are left out. Each exists within the temperature range of its data; a warning and
    `attrs["absent_condensates"]` name those that are absent though their elements are present. "H2O(l)" has
    the free energy of saturated vapour (Wagner & Pruss 1993) from the triple point to the critical
    temperature; above, it is absent.
    fugacity: law of the fugacity coefficients, for the gases that it covers (as [chemistry] fugacity of a
    case).
    engine: "kernel" (ours), "cantera" (Cantera's minimiser on the same free energies, point by point), or
    "both": the kernel's result with `engine_difference`, the largest |ln| difference of the mole fractions
    above 1e-9.
    sensitivities: names of "temperature", "pressure" and elements, for which the result has
    sensitivity_VARIABLE(parameter, ...): d ln(variable)/d ln(parameter) (docs/sensitivities.md).

    Returns a Dataset: pressure(species), mixing_ratio, gas_moles [mol], condensate_moles(condensate) [mol],
    condensate_activity, log10_fO2 (bar), residual, converged; fugacity_coefficient(species) of a real gas;
    with H2O(l) water_state: "liquid" (some is there), "vapour", or "supercritical" above both critical
    values.
    Condensates have no volume, and their activity does not depend on pressure. Where everything condenses,
    the gas's amounts and pressures are 0 and log10_fO2 is that of the condensates present (FeO beside Fe3O4);
    it is NaN where they do not determine it, and without oxygen. Points that did not converge are NaN and
    counted in a warning.
    InputError for arguments without meaning. A CalibrationWarning names fugacity laws outside their
    calibration.
    """
    engine = choice(engine, ENGINES, "engine =", "no such engine.")
    threads = None if threads is None else whole(threads, "threads", 1, 4096)
    conditions, elements = closed_conditions(mechanism or EVERY, temperature, pressure, moles)
    law, named = check_fugacity(fugacity), condensates is not None
    if is_mixture(law) and engine != "kernel":
        problem = "Cantera's minimiser takes no free energies that depend on the composition."
        raise InputError(f"engine = {engine!r}", problem, "allowed with a mixture: 'kernel'")
    gases, solids = chosen_names(species, condensates, mechanism)
    options = _Options(mechanism, gases, solids, named, law, engine, threads)
    if sensitivities is not None:
        requested(parameters_of(present(conditions)), sensitivities, "closed system")
    return _equilibrium(conditions, elements, options, sensitivities)


def _equilibrium(
    conditions: Conditions,
    elements: tuple[str, ...],
    options: _Options,
    sensitivities: Sequence[str] | None,
) -> xarray.Dataset:
    """The Dataset of a request. elements: those of the conditions."""
    masked = conditions.masked
    places = None if masked is None or not masked.any() else np.flatnonzero(~masked)
    unmasked = conditions if masked is None or places is None else conditions.at(~masked)
    solution = _solved(unmasked, elements, options, places)
    attributes = _attributes(solution, options)
    reason = reason_of_failure(solution.problem, unmasked, solution.points)
    if reason and not conditions.shape:
        raise InputError("moles", reason.strip(), cure="allow a condensate or another species")
    renamed = {"pressure": "total_pressure"}
    columns = {renamed.get(name, name): values for name, values in conditions.columns.items()}
    result = dataset(
        solution.problem.layout,
        spread(solution.points, masked),
        replace(conditions, columns=columns),
        UNITS | {f"moles_{element}": "mol" for element in elements},
        attributes,
        reason=reason,
        reserved=ADDED,
        renamed=renamed,
    )
    result = _with_additions(result, solution, conditions, options)
    if sensitivities is None:
        return result
    parts = solution.parts if unmasked.size else []
    return with_sensitivities(
        result, solution.problem, parts, solution.conditions, solution.points, sensitivities
    )


# ---- solving


def _solved(
    conditions: Conditions, elements: tuple[str, ...], options: _Options, places: np.ndarray | None
) -> _Solution:
    """The points of a request without masked ones. InputError for conditions out of range."""
    without: tuple[str, ...] = ()
    species = options.species
    available = present(conditions)
    mechanism = choose_mechanism(available) if options.mechanism is None else options.mechanism
    files = versions(find_mechanism(mechanism, "mechanism"))
    request = Request(mechanism, available, species, options.condensates, options.fugacity, files)
    if options.mechanism is None and species == "all":
        species, without = _within_data(request, conditions)
        request = replace(request, species=species)
    whole_problem = problem(request)
    check_conditions(whole_problem, conditions, elements, places)
    pieces = _parts(request, whole_problem, conditions) if conditions.size else []
    if not conditions.size:
        points = nothing(len(whole_problem.model.outputs), 0)
    elif options.engine == "cantera":
        points = with_cantera(whole_problem, conditions)
    else:
        points = with_kernel(whole_problem, pieces, conditions, options.threads)
    return _Solution(whole_problem, conditions, points, without, pieces)


def _parts(request: Request, whole_problem: Problem, conditions: Conditions) -> list[Part]:
    """The problem for each set of condensates that exists at some points, and the mask of these points.

    The problem is None where nothing can hold the elements.
    """
    T = np.broadcast_to(conditions.columns["temperature"], conditions.size)
    problems: list[Part] = []
    for condensates, where in parts(whole_problem.mechanism, whole_problem.condensates, T):
        if condensates == whole_problem.condensates:
            problems.append((whole_problem, where))
            continue
        try:
            problems.append((problem(replace(request, condensates=condensates)), where))
        except InputError:
            problems.append((None, where))
    return problems


def _within_data(request: Request, conditions: Conditions) -> tuple[str | tuple[str, ...], tuple[str, ...]]:
    """The gases whose data reach the temperatures if the others are traces, else "all"; the others.

    The amounts of the others are computed at the temperature of their data that is next to that of each
    point.
    """
    if not conditions.size or not request.elements:
        return "all", ()
    T = np.broadcast_to(conditions.columns["temperature"], conditions.size)
    without = outside(request.mechanism, request.elements, float(T.min()), float(T.max()))
    if not without:
        return "all", ()
    inside = []
    for species in read_mechanism(request.mechanism).species.values():
        made = species.phase == "gas" and set(species.composition) <= set(request.elements)
        if made and species.name not in without:
            inside.append(species.name)
    low, high = max(span[0] for span in without.values()), min(span[1] for span in without.values())
    edge = replace(conditions, columns={**conditions.columns, "temperature": np.clip(T, low, high)})
    every = problem(request)
    points = with_kernel(every, _parts(request, every, edge), edge, None)
    shares = points.values[[every.rows["mixing_ratio", s] for s in without]]
    if np.nan_to_num(shares).max() < NEGLIGIBLE:
        return tuple(inside), tuple(without)
    return "all", ()


# ---- what the result says of itself


def _attributes(solution: _Solution, options: _Options) -> dict[str, str]:
    """Where the result is from, and what is extrapolated or left out; warnings name the latter too."""
    conditions, points = solution.conditions, solution.points
    mechanism, closed = solution.problem.mechanism, solution.problem
    water = WATER in closed.condensates
    stretched = []
    if conditions.size:
        watched = closed.watched.values(conditions.columns, points.values)
        stretched = extrapolations(closed.model.watches, watched)
    warn(stretched)
    forming = []
    if not options.named:
        forming = unnamed(mechanism, closed.condensates, closed.elements, solution.temperatures)
    omitted = [*_ideal_gases(solution), *left_out.condensates(forming)]
    left_out.warn(omitted)
    attributes = {
        "mechanism": mechanism.name,
        "mechanism_sha256": mechanism.checksum,
        "engine": options.engine,
        "thermochemistry": "nasa7",
        "fugacity": closed.fugacity,
        "data": json.dumps(gas_sources(mechanism, closed.names, closed.fugacity, water)),
        "extrapolations": json.dumps(stretched),
        "left_out": json.dumps(omitted),
        **_absent_condensates(solution),
    }
    if is_mixture(closed.fugacity):
        known = recorded_parameters(closed.fugacity, closed.species)
        attributes["interaction_parameters"] = json.dumps(dict(known))
    if solution.gases_left_out:
        attributes["gases_left_out"] = ", ".join(solution.gases_left_out)
    return attributes


def _ideal_gases(solution: _Solution) -> list[WeighedOmission]:
    """The gases that are taken as ideal, with their largest share of the gas."""
    closed, points = solution.problem, solution.points
    rows = [closed.rows["mixing_ratio", s] for s in closed.species]
    shares = left_out.largest(points.values[rows], closed.species)
    pressure = float(np.max(solution.conditions.columns["pressure"], initial=0.0))
    ideal = left_out.ideal_gases(closed.species, closed.fugacity, "fugacity=")
    return left_out.weighed(ideal, shares, pressure)


def _absent_condensates(solution: _Solution) -> dict[str, str]:
    """The attribute for condensates that are absent though their elements are present, with a warning.

    Or nothing.
    """
    closed, size = solution.problem, solution.conditions.size
    amounts = closed.amounts(solution.conditions.columns, size)
    there = {e: row > NOTE * amounts[closed.real].sum(axis=0) for e, row in zip(closed.elements, amounts)}
    counts = absent(closed.mechanism, closed.condensates, solution.temperatures, there)
    if not counts:
        return {}
    text = (
        f"absent outside the range of the data: {ranges(closed.mechanism, list(counts))} "
        f"(at up to {max(counts.values())} of {size} points)"
    )
    warnings.warn(f"condensates {text}", AbsentCondensateWarning, stacklevel=users_line())
    return {"absent_condensates": text}


# ---- variables beside the kernel's outputs


def _with_additions(
    result: xarray.Dataset, solution: _Solution, conditions: Conditions, options: _Options
) -> xarray.Dataset:
    """The Dataset with the difference of the engines and the state of the water, if requested."""
    dimensions, masked, shape = result.converged.dims, conditions.masked, conditions.shape
    if options.engine == "both":
        label = {
            "units": "1",
            "long_name": "largest |ln| difference of mole fractions above 1e-9 between kernel and Cantera",
        }
        apart = np.empty(0)
        if solution.conditions.size:
            theirs = with_cantera(solution.problem, solution.conditions)
            apart = difference(solution.problem, solution.points, theirs)
        result["engine_difference"] = (dimensions, _whole(apart, masked, np.nan).reshape(shape), label)
    if WATER in options.condensates:
        label = {
            "units": "1",
            "long_name": "state of the water: liquid where some is, vapour, or supercritical",
        }
        state = _water_state(solution)
        result["water_state"] = (dimensions, _whole(state, masked, "").reshape(shape), label)
    return result


def _whole(values: np.ndarray, masked: np.ndarray | None, empty: float | str) -> np.ndarray:
    """Values of the points that are not masked, with `empty` at the masked ones."""
    if masked is None or not masked.any():
        return values
    whole_values = np.full(masked.size, empty, dtype=values.dtype)
    whole_values[~masked] = values
    return whole_values


def _water_state(solution: _Solution) -> np.ndarray:
    """The state of the water at each point, in words.

    "" where there is none or the point did not converge.
    """
    closed, points = solution.problem, solution.points
    T = solution.temperatures
    state = np.full(len(T), "", dtype="<U13")
    if WATER not in closed.condensates:
        return state
    steam = points.values[closed.rows["gas_moles", "H2O"]]
    liquid = points.values[closed.rows["condensate_moles", WATER]]
    pressure = points.values[closed.rows["pressure", "H2O"]]
    there = points.converged & (steam + liquid > 0)
    dense = (T >= CRITICAL_TEMPERATURE) & (pressure >= CRITICAL_PRESSURE)
    state[there] = "vapour"
    state[there & (liquid > WATER_TRACE * steam)] = "liquid"
    state[there & dense] = "supercritical"
    return state
