"""Conduction in the column is Fourier's law: in a mantle of uniform entropy only conduction moves heat."""

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.dae.leaves.external import numeric
from mocoupled.runs.main_job import prepare

CELLS, CONDUCTIVITY = 40, 4.0
CASE = mo.Case.read("E1").replace(
    {"mantle.closure": "reference", "mantle.cells": CELLS, "mantle.conductivity": f"{CONDUCTIVITY} W/m/K"}
)
MOLTEN, FROZEN = 2800.0, 1000.0  # J/kg/K; above the liquidus and below the solidus at every pressure


@pytest.fixture(scope="module")
def prepared():
    return prepare(CASE)


def outputs(prepared, x):
    """Outputs without a label by name, and the temperatures [K] of the cells."""
    values = prepared.system.outputs(x)[0]
    named = {
        o.name: float(v) for o, v in zip(prepared.planet.model.outputs, values, strict=True) if not o.label
    }
    fields = [output.name for output in prepared.system.field.stored]
    return named, prepared.system.field_outputs(x)[fields.index("temperature")]


def state(prepared, entropy, at_the_core):
    """A state of uniform entropy [J/kg/K], with another entropy at the boundary of the core."""
    x = np.array(prepared.start)
    x[:CELLS] = entropy
    x[CELLS + prepared.system.names.index("core_mantle_entropy")] = at_the_core
    return x


def from_core(prepared, x):
    """Heat [W] that the core loses to the lowest cell at a state."""
    model, system = prepared.planet.model, prepared.system
    (inflow,) = (inflow for inflow in model.inflows if inflow.at == "last")
    values = dict(zip(system.names, x[CELLS:], strict=True))
    values |= dict(zip((link.name for link in model.links), system.link_values(x), strict=True))
    symbols = sorted(inflow.expression.free_symbols, key=str)
    return float(numeric(symbols, inflow.expression)(*(values[symbol.name] for symbol in symbols)))


@pytest.mark.parametrize("step", [0.0, 20.0, -20.0])
@pytest.mark.parametrize("entropy", [MOLTEN, FROZEN])
def test_heat_from_the_core(prepared, entropy, step):
    """k dT/dr between the boundary of the core and the centre of the lowest cell: 2 %.

    The tolerance is the curvature in half a cell.
    """
    x = state(prepared, entropy, entropy + step)
    named, temperature = outputs(prepared, x)
    radius = prepared.system.field.coordinates["cell_radius"][0]
    core_radius = prepared.planet.structure.core_radius
    height = radius[-1] - core_radius
    fourier = CONDUCTIVITY * (named["core_mantle_temperature"] - temperature[-1]) / height
    assert from_core(prepared, x) / (4 * np.pi * core_radius**2) == pytest.approx(fourier, rel=0.02)


def test_heat_between_the_cells(prepared):
    """In a molten mantle of uniform entropy, conduction goes down the adiabat through every inner face.

    Its flux is the heat from the core, less the heat that the cells below the face gain.
    """
    x = state(prepared, MOLTEN, MOLTEN)
    system = prepared.system
    _, temperature = outputs(prepared, x)
    y = np.concatenate([x, np.zeros(len(system.sourced))])
    rates = system.rate(0.0, y, system.totals(x), 0.0)[:CELLS]
    heat, nudge = system.state_value("mantle_heat"), np.eye(len(x))[:CELLS]
    capacity = np.array([heat(x + one_cell) - heat(x - one_cell) for one_cell in nudge]) / 2
    gained = rates * capacity
    radius = system.field.coordinates["cell_radius"][0]
    area = system.field.profiles["area"]
    flux = (from_core(prepared, x) - np.cumsum(gained[::-1])[::-1])[1:] / area
    fourier = CONDUCTIVITY * np.diff(temperature) / -np.diff(radius)
    np.testing.assert_allclose(flux, fourier, rtol=0.05)
