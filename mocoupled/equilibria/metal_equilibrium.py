"""Metal, silicate melt and gas of a planet in one equilibrium, for arrays: mo.planet_equilibrium."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..broadcasting import Conditions, broadcast
from ..closures.registry import find
from ..conditions import choice, table, whole
from ..constants import EARTH_MASS
from ..dae.kernel.batch import Points
from ..errors import InputError, nearest, users_line
from ..floating import usual_floats
from ..metal.miscibility import BINODAL, MIXING
from ..metal.miscibility import KIND as MISCIBILITY
from ..metal.phase_species import ELEMENTS, GAS, PHASES, shipped
from ..metal.solution_laws import ACTIVITY, DISSOLUTION
from ..metal.surface_pressure import KIND as PRESSURE
from ..metal.three_phases import REQUIRED
from ..provenance.calibration import Extrapolation, extrapolations, warn
from ..provenance.omissions import OmissionWarning
from .metal_failures import reason_of_failure
from .metal_problem import CAUSES, CONVENTIONS, MetalProblem, compiled
from .points import Range, check_columns, dataset, layout, nothing, processors, spread

if TYPE_CHECKING:
    import xarray

EXAMPLE = "a table such as {'Si': 1.0, 'Mg': 1.0, 'Fe': 0.9, 'O': 3.1, 'H': 0.1} (mol)"
# K; from the melting point of iron to where liquid SiO2 has data.
TEMPERATURES = (1700.0, 4500.0)
# kg.
MASSES = (1e-3 * EARTH_MASS, 30 * EARTH_MASS)
# mol.
LARGEST = 1e60
# Of all atoms: less of an element is absent.
TRACE = 1e-12
ADDED = ("species", "element", "atoms", "outside_domain")
ATOMS = {"units": "1", "long_name": "atoms of a species, less those that it replaces in the phase"}


@usual_floats
def planet_equilibrium(
    elements: Mapping[str, object] | None = None,
    *,
    temperature: object = None,
    metal_temperature: object = None,
    planet_mass: object = None,
    model: str = "standard",
    threads: int | None = None,
) -> xarray.Dataset:
    """Core, silicate melt and envelope of a planet in one equilibrium; array arguments broadcast.

    elements: moles of H C N S O Si Fe Mg Na; O, Si, Fe and Mg must be there.
    temperature [K]: of silicate and gas, and of the metal unless metal_temperature [K] is another one. Then
    the metal exchanges with what is dissolved in the silicate at that temperature. Two temperatures are no
    equilibrium: they are for comparison with models that have them, and need hydrogen.
    planet_mass [kg]: sets the surface pressure by the weight of the gas; by default the mass of the elements.
    With another one the elements are a sample of the planet.
    model: "standard"; "Young2023": surface pressure, H2 and H2O in the melt as in Young et al. 2023, and no
    C, N and S in the metal; "Gilmore2026": H2 and silicate are one solution up to their miscibility.

    Returns a Dataset: mole_fraction(phase, species), phase_moles(phase) [mol], phase_mass(phase) [kg],
    pressure(species) and surface_pressure [Pa], core_mass_fraction, mass_below_gas [kg], log10_fO2 (bar),
    light_fraction (x_Si + x_O of the metal), silicate_water [kg/kg] with hydrogen, graphite_activity with
    carbon, mixing_temperature [K] of H2 and silicate, metal_affinity (above 0 where there is no metal),
    residuals(equation), residual, converged, outside_domain.
    atoms(phase, species, element): those of a species, less those that it replaces in the silicate (S takes
    the place of O, OH of half an O). A species that the model does not have in a phase has mole fraction 0
    and no atoms.
    Points with x_Si + x_O above 0.25 in the metal are outside the calibrated domain, where the activities
    have a second root that is not physical; by "Gilmore2026" points where H2 and silicate are one phase are
    outside too. These points, and those that did not converge, are NaN and are counted in a warning with the
    reason; outside_domain is true for the former.
    InputError for arguments without meaning; a CalibrationWarning names the laws outside their ranges, an
    OmissionWarning (attrs["left_out"]) elements of less than 1e-12 of all atoms, which are taken as absent.
    """
    convention = choice(model, tuple(CONVENTIONS), "model =", "no such model.")
    threads = processors() if threads is None else whole(threads, "threads", 1, 4096)
    conditions, apart = _conditions(elements, temperature, metal_temperature, planet_mass)
    masked = conditions.masked
    unmasked = conditions if masked is None or not masked.any() else conditions.at(~masked)
    if apart and CONVENTIONS[convention].mixing:
        raise InputError(
            "metal_temperature",
            f"model {convention!r} has one temperature.",
            cure="leave it out, or take model='standard'",
        )
    _check(unmasked, None if unmasked is conditions else np.flatnonzero(~np.array(masked)), apart)
    solution = _solved(unmasked, convention, apart, threads)
    reason = reason_of_failure(solution.points, solution.beyond, unmasked)
    units = UNITS | {f"moles_{element}": "mol" for element in ELEMENTS}
    result = dataset(
        layout(solution.whole.model),
        spread(solution.points, masked),
        conditions,
        units,
        _attributes(solution, convention),
        reason=reason,
        reserved=ADDED,
    )
    return _by_phase(result, solution, masked, conditions)


UNITS = {"temperature": "K", "metal_temperature": "K", "planet_mass": "kg"}


# ---- arguments


def _conditions(
    elements: object, temperature: object, metal_temperature: object, planet_mass: object
) -> tuple[Conditions, bool]:
    """The conditions with moles of every element, and whether the metal has its temperature apart."""
    if temperature is None:
        raise InputError("temperature=", "it is missing.", "for example: temperature=2500.0 (K)")
    amounts = table(elements, "elements", EXAMPLE)
    for name in amounts:
        if name not in ELEMENTS:
            cure = nearest(name, ELEMENTS)
            raise InputError(
                f"elements {name!r}", "the model does not have it.", f"known: {', '.join(ELEMENTS)}", cure
            )
    missing = [name for name in REQUIRED if name not in amounts]
    if missing:
        raise InputError(
            f"elements {', '.join(missing)}",
            "missing: a planet of silicate and metal needs them.",
            f"needed: {', '.join(REQUIRED)}; others: {', '.join(e for e in ELEMENTS if e not in REQUIRED)}",
        )
    arguments = {"temperature": temperature, **{f"moles_{name}": values for name, values in amounts.items()}}
    apart = metal_temperature is not None
    if apart:
        arguments["metal_temperature"] = metal_temperature
    if planet_mass is not None:
        arguments["planet_mass"] = planet_mass
    conditions = broadcast(
        arguments, UNITS | {name: "mol" for name in arguments if name.startswith("moles_")}
    )
    columns = dict(conditions.columns)
    if not apart:
        columns["metal_temperature"] = columns["temperature"]
    if planet_mass is None:
        weights = shipped().atomic_weights
        columns["planet_mass"] = sum(weights[name] * columns[f"moles_{name}"] for name in amounts)
    return replace(conditions, columns=columns), apart


def _check(conditions: Conditions, places: np.ndarray | None, apart: bool) -> None:
    """InputError for values out of range, and for a metal apart without hydrogen."""
    columns = conditions.columns
    amounts = [name for name in columns if name.startswith("moles_")]
    ranges = {name: Range(0.0, LARGEST, "mol") for name in amounts}
    ranges |= {
        f"moles_{e}": Range(1e-60, LARGEST, "mol", "a planet of silicate and metal has it") for e in REQUIRED
    }
    why = "the data of liquid iron and silicate"
    ranges |= {name: Range(*TEMPERATURES, "K", why) for name in ("temperature", "metal_temperature")}
    check_columns(columns, ranges, places, conditions.written)
    mass = Range(*MASSES, "kg", "planets; give planet_mass= where the elements are a sample of the planet")
    check_columns(columns, {"planet_mass": mass}, places, conditions.written)
    total = sum(columns[name] for name in amounts)
    for element in REQUIRED:
        share = np.min(columns[f"moles_{element}"] / total, initial=1.0)
        if share <= TRACE:
            raise InputError(
                element,
                f"its smallest share is {share:.1e} of all atoms, and a planet of silicate and metal has it.",
                f"allowed: above {TRACE:.0e}",
            )
    if apart and ("moles_H" not in columns or not np.all(columns["moles_H"] > TRACE * total)):
        raise InputError(
            "metal_temperature",
            "without hydrogen nothing sets the oxygen of a metal with another temperature.",
            cure="leave it out: the metal then has the temperature of the silicate; or add H",
        )


# ---- solving


@dataclass(frozen=True)
class _Solution:
    """Points in the rows of `whole`, the problem with all elements that are present anywhere."""

    whole: MetalProblem
    points: Points
    beyond: Mapping[str, np.ndarray]
    extrapolated: list[Extrapolation]
    left_out: str

    @property
    def outside(self) -> np.ndarray:
        """The points whose only root is beyond the domain of the laws."""
        return np.logical_or.reduce(list(self.beyond.values()))


def _solved(conditions: Conditions, convention: str, apart: bool, threads: int) -> _Solution:
    """The points, each with the equations of the elements that it has."""
    n = conditions.size
    columns = {name: np.broadcast_to(np.array(v, dtype=float), n) for name, v in conditions.columns.items()}
    amounts = {e: columns[f"moles_{e}"] for e in ELEMENTS if f"moles_{e}" in columns}
    total = np.sum(list(amounts.values()), axis=0)
    there = {e: values > TRACE * total for e, values in amounts.items()}
    left_out = _traces(amounts, there)
    present = tuple(e for e in amounts if not n or there[e].any() or e in REQUIRED)
    whole = compiled(present, convention, apart)
    points = nothing(len(whole.model.outputs), n)
    beyond = {cause: np.zeros(n, dtype=bool) for cause in CAUSES}
    patterns = np.array([there[e] for e in present]).T if n else np.zeros((0, len(present)), dtype=bool)
    extrapolated: list[Extrapolation] = []
    for pattern in np.unique(patterns, axis=0):
        where = (patterns == pattern).all(axis=1)
        elements = tuple(e for e, is_there in zip(present, pattern) if is_there)
        problem = compiled(elements, convention, apart)
        some = {name: values[where] for name, values in columns.items()}
        solved = problem.solve(some, int(where.sum()), threads)
        for record in extrapolations(
            problem.model.watches, problem.watched.values(some, solved.points.values)
        ):
            record["share"] *= int(where.sum()) / n
            extrapolated.append(record)
        for cause, which in solved.beyond.items():
            beyond[cause][where] = which
        _spread_rows(whole, points, where, problem, solved.points)
    return _Solution(whole, points, beyond, _joined(extrapolated), left_out)


def _traces(amounts: Mapping[str, np.ndarray], there: Mapping[str, np.ndarray]) -> str:
    """A sentence on traces that are taken as absent; "" for none."""
    dropped = {e: int(np.count_nonzero((values > 0) & ~there[e])) for e, values in amounts.items()}
    counts = ", ".join(f"{e} at {k} of {amounts[e].size} points" for e, k in dropped.items() if k)
    return f"less than {TRACE:.0e} of all atoms is taken as none: {counts}." if counts else ""


def _spread_rows(
    whole: MetalProblem, points: Points, where: np.ndarray, part: MetalProblem, solved: Points
) -> None:
    """Set the points `where`; species of absent elements are 0."""
    inside = np.full((len(whole.model.outputs), solved.converged.size), np.nan)
    inside[:, solved.converged] = 0.0
    for key, row in part.rows.items():
        inside[whole.rows[key]] = solved.values[row]
    points.values[:, where] = inside
    points.converged[where], points.residual[where] = solved.converged, solved.residual
    points.iterations[where] = solved.iterations


def _joined(records: list[Extrapolation]) -> list[Extrapolation]:
    """One record for each law and argument, of records whose shares are of all points."""
    joined: dict[tuple[str, str], Extrapolation] = {}
    for record in records:
        key = record["law"], record["argument"]
        if key in joined:
            low, high = joined[key]["reached"]
            joined[key]["reached"] = [min(low, record["reached"][0]), max(high, record["reached"][1])]
            joined[key]["share"] += record["share"]
        else:
            joined[key] = record
    return list(joined.values())


# ---- the result


def _attributes(solution: _Solution, convention: str) -> dict[str, str]:
    """Which laws and data were used, and which outside their ranges; a warning names the latter too."""
    warn(solution.extrapolated)
    if solution.left_out:
        warnings.warn(f"left out: {solution.left_out}", OmissionWarning, stacklevel=users_line())
    system = solution.whole.system
    laws = {f"{s.name} in {s.phase}": find(DISSOLUTION, s.law) for s in system.species if s.law}
    laws["surface pressure"] = find(PRESSURE, system.conventions.pressure)
    laws |= {f"activity of {e} in metal": find(ACTIVITY, f"{e}-Ma2001") for e in system.symbols.of_solute}
    laws["mixing temperature"] = find(MISCIBILITY, BINODAL)
    if system.mixing:
        laws["H2 and silicate"] = find(MIXING, system.mixing)
    data = {f"free energy of {s.name}": s.reference for s in system.mechanism.species.values()}
    return {
        "model": convention,
        "laws": json.dumps({what: f"{law.name}: {law.reference}" for what, law in laws.items()}),
        "data": json.dumps({what: reference for what, reference in data.items() if reference}),
        "extrapolations": json.dumps(solution.extrapolated),
        "left_out": solution.left_out,
    }


def _atoms(solution: _Solution, names: Sequence[str]) -> np.ndarray:
    """Atoms of each element in the species of each phase, (phase, species, element)."""
    elements = solution.whole.system.elements
    atoms = np.zeros((len(PHASES), len(names), len(elements)))
    for s in solution.whole.system.species:
        for element, count in s.composition.items():
            atoms[PHASES.index(s.phase), names.index(s.name), elements.index(element)] = float(count)
    return atoms


def _by_phase(
    result: xarray.Dataset, solution: _Solution, masked: np.ndarray | None, conditions: Conditions
) -> xarray.Dataset:
    """The Dataset with mole fractions by phase and species, pressures by species, and the domain."""
    species = solution.whole.system.species
    names = list(dict.fromkeys(s.name for s in species))
    fractions, pressures = result["mole_fraction"], result["pressure"]
    shape, along = fractions.shape[1:], fractions.dims[1:]
    missing = np.isnan(result["light_fraction"].values)
    by_phase = np.where(missing, np.nan, np.zeros((len(PHASES), len(names), *shape)))
    by_species = np.where(missing, np.nan, np.zeros((len(names), *shape)))
    for row, s in zip(fractions.values, species):
        by_phase[PHASES.index(s.phase), names.index(s.name)] = row
    for row, s in zip(pressures.values, (s for s in species if s.phase == GAS)):
        by_species[names.index(s.name)] = row
    outside = solution.outside
    if masked is not None and masked.any():
        outside = np.zeros(masked.size, dtype=bool)
        outside[~masked] = solution.outside
    result = result.drop_dims(["entry", "gas"]).assign_coords(species=names, phase=list(PHASES))
    result["mole_fraction"] = (("phase", "species", *along), by_phase, fractions.attrs)
    result["pressure"] = (("species", *along), by_species, pressures.attrs)
    result = result.assign_coords(element=list(solution.whole.system.elements))
    result["atoms"] = (("phase", "species", "element"), _atoms(solution, names), ATOMS)
    about = {"units": "1", "long_name": "whether the only root lies outside the domain of the laws"}
    result["outside_domain"] = (along, outside.reshape(conditions.shape), about)
    return result
