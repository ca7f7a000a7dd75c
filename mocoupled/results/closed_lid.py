"""The Dataset of a run whose lid closed: the march before it and the march under it, along one time.

Each variable goes on at the lid, whose state is stored once. What accumulates (escaped and reaction masses)
goes on from its value there. Drifts are over the whole run: of the energy, because the second march begins
from what the first has stored and exchanged; of the elements, against the amounts at the start. What one of
the two models does not have is NaN there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import sympy

from ..dae.declare.model import Watch
from ..planet.lid_state import closed_moles
from ..planet.losses_to_space import ESCAPING
from ..planet.oxygen import above_iron_wustite
from ..provenance.calibration import Extrapolation, extrapolations, of_another_melt
from .drifts import Variable, sizes
from .integrity import MISSING
from .lid_text import EVENT, LID, lid_sentence
from .trajectories import Content, Phase, attributes, content_of, dataset_of

if TYPE_CHECKING:
    import xarray

    from ..chemistry.volatile_chemistry import Chemistry

# variables of which the second march counts what is new
COUNTED = ("escaped_mass", "reaction_mass")
CONDENSATES = {"graphite_mass": "C(gr)", "water_mass": "H2O(l)"}
REFERENCE = "Bower et al. 2022, PSJ 3, 93, sections 2.2, 4.2 and 4.4"
Variables = Mapping[str, Variable]


def dataset_of_phases(before: Phase, after: Phase) -> xarray.Dataset:
    """The Dataset of both marches, as `dataset` makes it of one.

    Added here: gas_element_moles (gas_element), of the gas and its condensates; and gas_element_drift, what
    they have changed by under the lid and not by escape, over the amount at the lid (0 before).
    """
    first, second = content_of(*before), content_of(*after)
    lid = len(first.time) - 1
    names = dict.fromkeys((*first.variables, *second.variables))
    variables = {n: _joined(n, first.variables.get(n), second.variables.get(n), first, second) for n in names}
    chemistry = before.planet.chemistry
    if "element_moles" in variables:
        variables["element_drift"] = _drift_of_elements(variables, first.variables, chemistry)
        variables |= _closed_gas(variables, chemistry, lid)
    variables["integrator_energy_drift"] = _drift_of_integrator(variables, first, second)
    if "log10_fO2" in variables:
        variables["delta_IW"] = _above_iron_wustite(variables)
    time = np.concatenate([first.time, second.time[1:]])
    result = dataset_of(before.planet, Content(time, variables, []))
    lids = {EVENT: float(first.time[-1])}
    temperature = float(first.variables["surface_temperature"].values[-1])
    result.attrs = attributes(before.planet, before.system, after.trajectory.end, result)
    result.attrs |= {
        "data": json.dumps(json.loads(result.attrs["data"]) | {"closed lid": REFERENCE}),
        "passed": json.dumps(before.trajectory.marks | lids | after.trajectory.marks),
        "statistics": json.dumps(_statistics(before, after)),
        "extrapolations": json.dumps(_extrapolations(before, after, first, second)),
        LID: lid_sentence(lids[EVENT], temperature),
        "equations_under_lid_sha256": hashlib.sha256(after.system.source.encode()).hexdigest(),
    }
    return result


def _joined(
    name: str, first: Variable | None, second: Variable | None, before: Content, after: Content
) -> Variable:
    """A variable along the whole time; NaN where a march does not have it."""
    some = first or second
    assert some is not None, "a variable is of one of the marches"
    shape = some.values.shape[1:]
    start = np.full((len(before.time), *shape), np.nan) if first is None else first.values
    rest = np.full((len(after.time), *shape), np.nan) if second is None else second.values
    if name in COUNTED:
        rest = rest + start[-1]
    about = dict(some.attributes)
    if first is None or second is None:
        about[MISSING] = f"not known {'before' if first is None else 'after'} the lid closed"
    return replace(some, values=np.concatenate([start, rest[1:]]), attributes=about)


def _drift_of_elements(variables: Variables, first: Variables, chemistry: Chemistry) -> Variable:
    """The drift of each element's budget over both marches. first: variables before the lid."""
    drift, moles = first["element_drift"], variables["element_moles"].values
    changed = np.abs(moles + _lost(variables, drift.labels, chemistry) - moles[0])
    whole = changed / sizes(variables, chemistry)
    known = len(drift.values)
    return replace(drift, values=np.concatenate([drift.values, whole[known:]]))


def _lost(variables: Variables, elements: Sequence[str], chemistry: Chemistry) -> np.ndarray:
    """Moles of each element that have escaped, (time, element)."""
    if "escaped_element_mass" in variables:
        escaped = variables["escaped_element_mass"]
        weights = chemistry.mechanism.atomic_weights
        return np.transpose([escaped.values[:, escaped.labels.index(e)] / weights[e] for e in elements])
    if "escaped_mass" not in variables:
        return np.zeros((len(variables["heat"].values), len(elements)))
    composition = chemistry.mechanism.species[ESCAPING].composition
    atoms = np.array([float(composition.get(e, 0)) for e in elements])
    return np.multiply.outer(variables["escaped_mass"].values / chemistry.molar_mass(ESCAPING), atoms)


def _closed_gas(variables: Variables, chemistry: Chemistry, lid: int) -> dict[str, Variable]:
    """The elements of the gas and its condensates, oxygen among them, and their drift since the lid.

    lid: number of its state.
    """
    masses = dict(zip(variables["gas_mass"].labels, variables["gas_mass"].values.T))
    masses |= {c: variables[name].values for name, c in CONDENSATES.items() if name in variables}
    if (further := variables.get("condensate_mass")) is not None:
        masses |= dict(zip(further.labels, further.values.T))
    present = (*chemistry.elements, "O")
    elements = tuple(e for e in chemistry.mechanism.atomic_weights if e in present)
    moles = np.transpose(
        [np.zeros(len(variables["heat"].values)) + closed_moles(e, chemistry, masses) for e in elements]
    )
    there = moles[lid] > 0
    moles, elements = moles[:, there], tuple(e for e, here in zip(elements, there) if here)
    lost = _lost(variables, elements, chemistry)
    drift = np.abs(moles + lost - (moles + lost)[lid]) / moles[lid]
    drift[:lid] = 0.0
    about = {"units": "mol", "long_name": "moles in the gas and its condensates"}
    title = (
        "drift of the element's budget in the closed gas (what escaped included) since the lid,"
        " over the amount at the lid"
    )
    return {
        "gas_element_moles": Variable(("time", "gas_element"), moles, about, elements),
        "gas_element_drift": Variable(
            ("time", "gas_element"), drift, {"units": "1", "long_name": title}, elements
        ),
    }


def _above_iron_wustite(variables: Variables) -> Variable:
    """How far the oxygen fugacity is above that of iron-wuestite, before the lid and under it."""
    T, ln_fO2 = sympy.symbols("temperature ln_fO2", real=True)
    output = above_iron_wustite(T, ln_fO2)
    values = sympy.lambdify([T, ln_fO2], output.expression, modules="numpy", cse=True)(
        variables["surface_temperature"].values, np.log(10.0) * variables["log10_fO2"].values
    )
    about = {"units": output.unit, "long_name": output.long_name}
    if MISSING in variables["log10_fO2"].attributes:
        about[MISSING] = variables["log10_fO2"].attributes[MISSING]
    return Variable(("time",), values, about)


def _drift_of_integrator(variables: Variables, first: Content, second: Content) -> Variable:
    """The drift of the integrator's energy, over the largest change of the heat in both marches."""
    name = "integrator_energy_drift"
    joined, heat = variables[name], variables["heat"].values

    def change(heat: np.ndarray) -> float:
        return float(max(np.abs(heat - heat[0]).max(), np.finfo(float).eps * abs(heat[0])))

    parts = [c.variables[name].values * change(c.variables["heat"].values) for c in (first, second)]
    return replace(joined, values=np.concatenate([parts[0], parts[1][1:]]) / change(heat))


def _statistics(before: Phase, after: Phase) -> dict[str, float]:
    """The work of both marches."""
    first, second = before.trajectory.statistics, after.trajectory.statistics
    return {name: first[name] + second[name] for name in first}


def _extrapolations(before: Phase, after: Phase, first: Content, second: Content) -> list[Extrapolation]:
    """The laws outside their calibration, over the states of both marches that use them."""
    watched: dict[tuple[object, ...], tuple[Watch, list[np.ndarray]]] = {}
    for phase, content, skipped in ((before, first, 0), (after, second, 1)):
        for watch, values in zip(phase.planet.model.watches, content.watched):
            key = (watch.law, watch.argument, watch.low, watch.high, watch.buffer)
            watched.setdefault(key, (watch, []))[1].append(values[skipped:])
    watches = [watch for watch, _ in watched.values()]
    stretched = extrapolations(watches, [np.concatenate(parts) for _, parts in watched.values()])
    return stretched + of_another_melt(before.planet.laws, before.planet.chemistry.melt)
