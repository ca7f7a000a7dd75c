"""The Dataset of a run: the states of its trajectory along time, with units, origin and residuals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..closures.rheology import TRANSITION
from ..constants import YEAR
from ..dae.declare.model import Output
from ..dae.solve.field_system import FieldSystem
from ..planet.assembly import Planet
from ..planet.limits_of_mantle import largest_rayleigh_number, solidus_above_lid
from ..planet.mantle_of_case import has_molten_start, melt_sinks_from
from ..planet.radiation_limit import ATTRIBUTE as PLATEAU
from ..planet.radiation_limit import announcement
from ..provenance.calibration import extrapolations, of_another_melt
from ..provenance.omissions import (
    EARLY_LID,
    crystals_at_the_start,
    dense_melt,
    early_lid,
    frozen_surface,
    largest,
    omissions_of,
    stiff_pile,
    weighed,
)
from ..provenance.references import used_references
from ..provenance.weighed_omissions import WeighedOmission
from .conventions import annotated
from .drifts import Variable, drifts_of
from .fronts import melt_below, rheological_front
from .lid_text import EVENT as LID_FORMS
from .origin import provenance

if TYPE_CHECKING:
    import xarray

    from ..dae.solve.integrate import End, Trajectory
    from ..dae.solve.system import System


class Phase(NamedTuple):
    """One march of a run: the planet, its compiled equations and the trajectory."""

    planet: Planet
    system: System | FieldSystem
    trajectory: Trajectory


class Content(NamedTuple):
    """What a Dataset has of a trajectory.

    time (n,) [s]; variables: name -> variable along time; watched: of each watch of the model, (n,).
    """

    time: np.ndarray
    variables: Mapping[str, Variable]
    watched: Sequence[np.ndarray]


def dataset(planet: Planet, system: System | FieldSystem, trajectory: Trajectory) -> xarray.Dataset:
    """The trajectory as a Dataset along `time` [s], every variable with units and long_name (SI).

    Besides the model's outputs: element_drift (element) and energy_drift, |stored - (initial + exchanged)|
    over the initial amount; equilibrium_drift, largest |ln Q - ln K| of the stored state;
    integrator_equilibrium_drift, the same before the stored state was projected; escaped_mass where H2
    escapes.
    """
    content = content_of(planet, system, trajectory)
    result = dataset_of(planet, content)
    stretched = extrapolations(planet.model.watches, content.watched)
    stretched += of_another_melt(planet.laws, planet.chemistry.melt)
    result.attrs = attributes(planet, system, trajectory.end, result) | {
        "passed": json.dumps(trajectory.marks),
        "statistics": json.dumps(trajectory.statistics),
        "extrapolations": json.dumps(stretched),
    }
    return result


def content_of(planet: Planet, system: System | FieldSystem, trajectory: Trajectory) -> Content:
    """The variables of a trajectory, with the residuals of its states, and what the model watches."""
    reports = [
        system.report(x, trajectory.totals, q, t)
        for t, x, q in zip(trajectory.time, trajectory.states, trajectory.accumulated)
    ]
    rows, drifts = zip(*reports)
    outputs = planet.model.outputs
    values = np.array([row for row, _ in rows], dtype=float).reshape(len(rows), len(outputs))
    for column in (k for k, output in enumerate(outputs) if output.mean_rate):
        values[:, column] = mean_rates(trajectory.time, values[:, column])
    variables = _variables(outputs, values)
    variables |= drifts_of(planet, system, trajectory, variables, drifts)
    if planet.model.field is not None and isinstance(system, FieldSystem):
        profiles = _profiles(system, trajectory)
        variables |= profiles | _fronts(profiles["local_melt_fraction"].values, planet)
    watched = list(np.array([row for _, row in rows], dtype=float).T)
    return Content(trajectory.time, variables, watched)


def mean_rates(time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean rates of change (n,) since the previous time; the first entry is that until the next time.

    time (n,) [s]; values (n,). The rates times the steps of time add up to the whole change. NaN where there
    is one time only.
    """
    if len(time) < 2:
        return np.full(len(time), np.nan)
    rates = np.diff(values) / np.diff(time)
    return np.concatenate([rates[:1], rates])


def dataset_of(planet: Planet, content: Content) -> xarray.Dataset:
    """The content as a Dataset with its coordinates, without attributes of its own."""
    import xarray

    coordinates: dict[str, Any] = {
        "time": ("time", content.time, {"units": "s", "long_name": "time since the start"})
    }
    for variable in content.variables.values():
        if variable.labels:
            coordinates[variable.dimensions[1]] = list(variable.labels)
    if planet.model.field is not None:
        for name, (places, unit, title) in planet.model.field.coordinates.items():
            coordinates[name] = ("cell", places, {"units": unit, "long_name": title})
    data = {name: (v.dimensions, v.values, v.attributes) for name, v in content.variables.items()}
    return xarray.Dataset(data, coords=coordinates)


def attributes(
    planet: Planet, system: System | FieldSystem, end: End, result: xarray.Dataset
) -> dict[str, str]:
    """Where a result comes from, and why its run ended."""
    left_out = _left_out(planet, result)
    if end.name == LID_FORMS and planet.model.field is not None:
        left_out = early_lid(float(result.time[-1]) / YEAR) + left_out
    stalls = announcement(planet.case, planet.structure, planet.chemistry)
    about = provenance(planet, system) | ({PLATEAU: stalls} if stalls else {})
    return about | {
        "status": {"event": "complete", "time": "complete"}.get(end.kind, end.kind),
        "end_name": end.name,
        "end_reason": end.sentence,
        "left_out": json.dumps(left_out),
    }


def with_conventions(result: xarray.Dataset) -> xarray.Dataset:
    """The Dataset of a run with CF attributes and the references of all that it rests on."""
    about = result.attrs
    version = about["source"].split()[-1]
    history = f"mocoupled {version} evolved the case {about['case_name']}: {about['end_reason']}"
    return annotated(result, used_references(result), history)


def _left_out(planet: Planet, result: xarray.Dataset) -> list[WeighedOmission]:
    """What the run leaves out, with the largest share of the gas that it concerns."""
    solid_share = 1 - float(result["melt_fraction"][0])
    can_be_molten = solid_share > 0 and has_molten_start(planet.case, planet.structure, planet.laws)
    core = result["core_mantle_temperature"].values
    warming = float(core.max() - core[0])
    sinking = melt_sinks_from(planet.case, planet.structure, planet.laws)
    early = float(core[result.time.values <= EARLY_LID * YEAR].max() - core[0])
    of_mantle = crystals_at_the_start(solid_share, can_be_molten, early if sinking is None else 0.0)
    of_mantle += dense_melt(sinking, warming)
    lid = planet.case.run.end_surface_temperature
    of_mantle += frozen_surface(solidus_above_lid(planet.case, planet.laws), lid)
    of_mantle += stiff_pile(largest_rayleigh_number(planet, float(core.max())))
    if "mixing_ratio" not in result:
        return of_mantle
    names = [str(species) for species in result.species.values]
    shares = largest(result["mixing_ratio"].transpose("species", ...).values, names)
    omitted = omissions_of(planet.case, planet.chemistry, planet.laws)
    return of_mantle + weighed(omitted, shares, float(result["surface_pressure"].max()))


def _profiles(system: FieldSystem, trajectory: Trajectory) -> dict[str, Variable]:
    """Variables of every cell, along (time, cell), cells from the surface down."""
    rows = [system.field_outputs(x) for x in trajectory.states]
    profiles: dict[str, Variable] = {}
    for k, output in enumerate(system.field.stored if system.field is not None else ()):
        attributes = {"units": output.unit, "long_name": output.long_name}
        values = np.array([row[k] for row in rows])
        profiles[output.name] = Variable(("time", "cell"), values, attributes)
    return profiles


def _fronts(melt_fraction: np.ndarray, planet: Planet) -> dict[str, Variable]:
    """Pressure and depth of the rheological front, and melt below a mush in mid-mantle where there is any."""
    inside, field = planet.structure, planet.model.field
    assert field is not None
    pressure, radius = field.coordinates["cell_pressure"][0], field.coordinates["cell_radius"][0]
    deepest = inside.radius - inside.core_radius
    positions = {
        "rheological_front_pressure": (pressure, inside.core_mantle_pressure, "Pa", "pressure"),
        "rheological_front_depth": (inside.radius - radius, deepest, "m", "depth"),
    }
    fronts: dict[str, Variable] = {}
    for name, (position, bottom, unit, quantity) in positions.items():
        title = (
            f"{quantity} of the rheological front: top of what has frozen from the base"
            f" to a melt fraction below {TRANSITION:g}"
        )
        values = rheological_front(melt_fraction, position, bottom, 0.0)
        fronts[name] = Variable(("time",), values, {"units": unit, "long_name": title})
    basal = melt_below(melt_fraction, positions["rheological_front_depth"][0], deepest)
    if basal.any():
        title = "thickness of the melt at the base, below a mush that has formed in mid-mantle"
        fronts["basal_melt_thickness"] = Variable(("time",), basal, {"units": "m", "long_name": title})
    return fronts


def _variables(outputs: Sequence[Output], values: np.ndarray) -> dict[str, Variable]:
    """The variables along time, gathering the entries of labelled outputs. values: (time, outputs)."""
    columns: dict[str, list[int]] = {}
    for column, output in enumerate(outputs):
        columns.setdefault(output.name, []).append(column)
    variables = {}
    for name, chosen in columns.items():
        first = outputs[chosen[0]]
        attributes = {"units": first.unit, "long_name": first.long_name}
        if first.dimension:
            labels = tuple(outputs[column].label for column in chosen)
            variables[name] = Variable(("time", first.dimension), values[:, chosen], attributes, labels)
        else:
            variables[name] = Variable(("time",), values[:, chosen[0]], attributes)
    return variables
