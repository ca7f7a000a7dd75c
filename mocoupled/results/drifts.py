"""Residuals of the stored states, by law of nature: energy, equilibrium, iron, and each element's budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import sympy

from ..planet.assembly import Planet
from ..planet.losses_to_space import ESCAPING
from ..planet.metal_of_melt import METAL_MASS, iron_weight
from ..planet.pile_of_case import IRON

if TYPE_CHECKING:
    from ..chemistry.volatile_chemistry import Chemistry
    from ..dae.solve.field_system import FieldSystem
    from ..dae.solve.integrate import Trajectory
    from ..dae.solve.system import System


@dataclass(frozen=True)
class Variable:
    """A variable of a Dataset along time. labels: along its second dimension, where it has one."""

    dimensions: tuple[str, ...]
    values: np.ndarray
    attributes: Mapping[str, str]
    labels: tuple[str, ...] = ()


def drifts_of(
    planet: Planet,
    system: System | FieldSystem,
    trajectory: Trajectory,
    variables: Mapping[str, Variable],
    drifts: Sequence[tuple[np.ndarray, np.ndarray]],
) -> dict[str, Variable]:
    """The residuals, name -> variable.

    variables: the outputs of the model. drifts: of each stored state, those of the balances and of the
    constraints.
    """
    names = [balance.name for balance in planet.model.balances]
    energy = np.array([balances[names.index("energy")] for balances, _ in drifts])
    equilibrium = np.array([constraints.max(initial=0.0) for _, constraints in drifts])
    residuals = {
        "energy_drift": _drift(energy, "drift of the stored energy, over the initial heat"),
        "equilibrium_drift": _drift(equilibrium, "largest |ln Q - ln K| of the stored state"),
        "integrator_equilibrium_drift": _drift(
            trajectory.constraint_drift,
            "largest |ln Q - ln K| of the integrator's state before projection",
        ),
        "integrator_energy_drift": _energy_of_integrator(system, trajectory, variables["heat"].values, names),
    }
    if IRON in names:
        residuals["iron_drift"] = _drift(
            np.array([balances[names.index(IRON)] for balances, _ in drifts]),
            "drift of the iron's balance: of the logarithm of the melt left, at its composition",
        )
    if "mantle_iron" in variables:
        iron = variables["mantle_iron"].values
        residuals["iron_drift"] = _drift(
            np.abs(iron / iron[0] - 1), "drift of the iron of all cells, over that at the start"
        )
        residuals["integrator_iron_drift"] = _drift(
            trajectory.balance_drift[:, len(names)], "iron_drift of the integrator's state before projection"
        )
    if "element_moles" in variables:
        residuals |= _of_elements(planet, system, trajectory, variables, names)
    return residuals


def _energy_of_integrator(
    system: System | FieldSystem, trajectory: Trajectory, heat: np.ndarray, names: list[str]
) -> Variable:
    """The drift of the integrator's state, over the largest change of the heat."""
    # a run cut off at once has lost no heat
    changed = max(np.abs(heat - heat[0]).max(), np.finfo(float).eps * abs(heat[0]))
    k = names.index("energy")
    scale = scale_number(system.model.balances[k].scale, system)
    return _drift(
        trajectory.balance_drift[:, k] * scale / changed,
        "drift of the integrator's own state before projection,"
        " over the largest change of the heat in the whole run",
    )


def _of_elements(
    planet: Planet,
    system: System | FieldSystem,
    trajectory: Trajectory,
    variables: Mapping[str, Variable],
    names: list[str],
) -> dict[str, Variable]:
    """The drift of each element's budget, and the escaped mass where a species escapes."""
    moles, elements = variables["element_moles"].values, variables["element_moles"].labels
    gone: dict[str, np.ndarray] = {}  # mass of each species that has left the planet
    for k, name in enumerate(names[row] for row in system.sourced):
        if name in planet.chemistry.mechanism.species:
            scale = scale_number(system.model.balances[names.index(name)].scale, system)
            gone[name] = gone.get(name, 0.0) - trajectory.accumulated[:, k] * scale
    trapped = variables.get("trapped_mass")
    pile = {} if trapped is None else dict(zip(trapped.labels, trapped.values.T))
    lost = np.zeros_like(moles)
    for name, mass in (*gone.items(), *pile.items()):
        species = planet.chemistry.mechanism.species[name]
        for j, element in enumerate(elements):
            lost[:, j] += species.composition.get(element, 0) * mass / planet.chemistry.molar_mass(name)
    residuals = {}
    if "escape_rate" in variables:
        attributes = {"units": "kg", "long_name": f"mass of {ESCAPING} lost to space"}
        residuals["escaped_mass"] = Variable(("time",), gone[ESCAPING], attributes)
    parts = "gas, melt, graphite and what escaped"
    if trapped is not None:
        parts = "gas, melt, graphite, what escaped and what is trapped"
    title = f"drift of the element's budget ({parts}), over the initial amount"
    drift = np.abs(moles + lost - moles[0]) / sizes(variables, planet.chemistry)
    attributes = {"units": "1", "long_name": title}
    residuals["element_drift"] = Variable(("time", "element"), drift, attributes, elements)
    return residuals


def sizes(variables: Mapping[str, Variable], chemistry: Chemistry) -> np.ndarray:
    """Moles of each element at the start, against which its drift counts.

    Of oxygen those of gas, melt and ferric iron: what metal lacks of FeO counts negative in its budget. The
    oxygen of a congruent vapour is that in the gas.
    """
    moles = variables["element_moles"]
    size = moles.values[0].copy()
    if "O" not in moles.labels:
        return size
    oxygen = moles.labels.index("O")
    if METAL_MASS in variables:
        size[oxygen] += variables[METAL_MASS].values[0] / iron_weight(chemistry)
    if chemistry.rock is not None and chemistry.rock.congruent:
        gas, size[oxygen] = variables["gas_mass"], 0.0
        for name, mass in zip(gas.labels, gas.values[0]):
            count = chemistry.mechanism.species[name].composition.get("O", 0)
            size[oxygen] += count * mass / chemistry.molar_mass(name)
    return size


def _drift(values: np.ndarray, title: str) -> Variable:
    return Variable(("time",), values, {"units": "1", "long_name": title})


def scale_number(expression: sympy.Expr | float | None, system: System | FieldSystem) -> float:
    """The number that a scale is, with the parameters of the model; 1 where there is none."""
    if isinstance(expression, sympy.Basic):
        return float(expression.subs({p.symbol: p.value for p in system.model.parameters}))
    return float(expression or 1.0)
